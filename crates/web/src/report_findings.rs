//! What the newest run says of a missing report: alarms, matches, and other reports that may be of the same child, each beside
//! this one.

use crate::desk::{Desk, at, purpose_for};
use crate::report::{ReportHead, head, said};
use homeward_access::Kind;
use homeward_casework::{Context, FindingHead, Held, Trouble, WrittenReport, if_any};
use homeward_model::{FindingKind, MissingReportId, MissingReportRecord};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// A finding on a report.
#[derive(Serialize, ToSchema)]
pub(crate) struct FindingLine {
    /// Its id.
    pub(crate) id: String,
    /// Probability that it is right, 0 to 1.
    pub(crate) probability: f64,
    /// City and state.
    pub(crate) place: Option<String>,
    /// When its last posting was seen.
    pub(crate) last_seen: Option<String>,
}

/// Another report that may be of the same child.
#[derive(Serialize, ToSchema)]
pub(crate) struct OtherReport {
    /// The finding that says so, where it is judged.
    pub(crate) finding: String,
    /// Probability that the two are of one child, 0 to 1.
    pub(crate) probability: f64,
    /// The other report, when you may see it; else its owner is to be asked.
    pub(crate) report: Option<ReportHead>,
    /// What either says, by field: this one, then the other.
    pub(crate) beside: Vec<(&'static str, String, String)>,
    /// Matches of the other.
    pub(crate) matches: Vec<FindingLine>,
}

/// What the newest run says of a report.
#[derive(Default, Serialize, ToSchema)]
pub(crate) struct ReportFindings {
    /// Rejected matches that rest on more since.
    pub(crate) alarms: Vec<FindingLine>,
    /// Matches, best first.
    pub(crate) matches: Vec<FindingLine>,
    /// Other reports that may be of the same child.
    pub(crate) others: Vec<OtherReport>,
}

impl ReportFindings {
    /// Reads them; every other report is opened like any record.
    pub(crate) async fn read(
        desk: &Desk,
        context: &Context<'_>,
        held: &Held<MissingReportRecord>,
    ) -> Result<ReportFindings, Trouble> {
        let heads = desk.casework.findings_of(context, &held.noun).await?;
        let mut others = Vec::new();
        for one in heads.iter().filter(|head| head.kind == FindingKind::Person) {
            others.push(other(desk, context, held, one).await?);
        }
        let [alarms, matches] =
            [FindingKind::Contradiction, FindingKind::Match].map(|kind| lines(&heads, kind));
        Ok(ReportFindings { alarms, matches, others })
    }

    /// Ids of all.
    pub(crate) fn ids(&self) -> Vec<String> {
        let own = self.alarms.iter().chain(&self.matches).map(|line| line.id.clone());
        own.chain(self.others.iter().map(|other| other.finding.clone())).collect()
    }
}

fn lines(heads: &[FindingHead], kind: FindingKind) -> Vec<FindingLine> {
    let line = |head: &FindingHead| FindingLine {
        id: head.id.clone(),
        probability: head.probability,
        place: head.place.clone(),
        last_seen: head.last_seen.map(at),
    };
    heads.iter().filter(|head| head.kind == kind).map(line).collect()
}

async fn other(
    desk: &Desk,
    context: &Context<'_>,
    held: &Held<MissingReportRecord>,
    pair: &FindingHead,
) -> Result<OtherReport, Trouble> {
    let own = held.noun.for_matching().id;
    let ids = [&pair.missing_report, &pair.other_report].into_iter().flatten();
    let id =
        ids.filter(|id| **id != own).map(|id| id.parse().unwrap_or_else(|_| MissingReportId::of_text(id)));
    let purpose = purpose_for(Kind::MissingReport);
    let opening = Context { purpose: &purpose, ..*context };
    let mut found = OtherReport {
        finding: pair.id.clone(),
        probability: pair.probability,
        report: None,
        beside: Vec::new(),
        matches: Vec::new(),
    };
    let Some(id) = id.into_iter().next() else { return Ok(found) };
    let Some(theirs) = if_any(desk.casework.report(&opening, id).await)? else { return Ok(found) };
    found.beside = beside(&held.noun, &theirs.noun);
    found.matches = lines(&desk.casework.findings_of(context, &theirs.noun).await?, FindingKind::Match);
    found.report = Some(head(desk, &theirs));
    Ok(found)
}

/// What two reports say, by field; race is in neither.
fn beside(ours: &MissingReportRecord, theirs: &MissingReportRecord) -> Vec<(&'static str, String, String)> {
    let told = |record: &MissingReportRecord| {
        let report = record.present();
        let mut told = said(&WrittenReport::of(&report));
        told.insert("name", format!("{} {}", report.given_name, report.family_name).trim().to_owned());
        let place = [report.missing_from.city.as_deref(), report.missing_from.state.as_deref()];
        told.insert("missing from", place.into_iter().flatten().collect::<Vec<_>>().join(", "));
        told.insert("missing since", report.missing_since.map(at).unwrap_or_default());
        told
    };
    let (ours, theirs) = (told(ours), told(theirs));
    let fields: BTreeSet<&'static str> = ours.keys().chain(theirs.keys()).copied().collect();
    let say = |told: &BTreeMap<&'static str, String>, field| told.get(field).cloned().unwrap_or_default();
    let rows = fields.into_iter().map(|field| (field, say(&ours, field), say(&theirs, field)));
    rows.filter(|(_, ours, theirs)| !ours.is_empty() || !theirs.is_empty()).collect()
}
