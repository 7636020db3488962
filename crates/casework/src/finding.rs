//! Findings: what the engine offers, page by page, and what people do with them. A finding stays in its run; the record begins
//! when somebody decides.
//!
//! A finding belongs to the desk and is shared with the task force of the office for its place.

use crate::office::{OfficeOf, office_id, office_in, task_force_of};
use crate::{Casework, Context, Done, Held, Listed, Page, Result, Revision, Trouble};
use homeward_access::{Act, Kind, Resource, Scope, authorize, scope};
use homeward_archive::{FindingHead, Findings};
use homeward_model::{
    Disposition, DispositionId, Finding, FindingKind, Grounds, Lead, LeadId, MissingReportId, PlaceMention,
    TaskForceId,
};
use homeward_store::disposition::OfferedFinding;
use std::collections::HashMap;

/// Findings looked at in one go while a page is filled.
const CHUNK: usize = 200;

/// Which findings to list; those on which nobody decided, best first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FindingFilter {
    /// Only of one kind.
    pub kind: Option<FindingKind>,
    /// Only of the field office of this name.
    pub office: Option<String>,
    /// Only those after this one: the last of the page before.
    pub after: Option<String>,
    /// At most so many; 0 means 25.
    pub limit: usize,
}

/// A finding in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct OfferedHead {
    /// What the list shows of it.
    pub head: FindingHead,
    /// Its place in the run, from 1.
    pub rank: usize,
}

/// A page of findings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FindingPage {
    /// The findings.
    pub findings: Vec<OfferedHead>,
    /// The last one, when there are more.
    pub next: Option<String>,
    /// The run, when there is one.
    pub run: Option<String>,
    /// Findings of the run that the reader may see and the filter lets through, decided ones too, on all pages.
    pub in_view: usize,
}

/// One finding as a person opens it.
#[derive(Clone, Debug)]
pub struct FindingView {
    /// The finding. Values of a report that the reader may not see are left out.
    pub finding: Finding,
    /// The run.
    pub run: String,
    /// Version of the rules that weighed it.
    pub rules: String,
    /// The office for its place.
    pub office: Option<OfficeOf>,
    /// What was done with it, when somebody decided.
    pub decided: Option<Held<Disposition>>,
    /// Acts that the reader may do.
    pub may: Vec<Act>,
    /// Whether the reader may see the missing report; without one, `true`.
    pub sees_report: bool,
}

impl Casework {
    /// A page of findings on which nobody decided yet, best first.
    pub async fn findings(&self, context: &Context<'_>, filter: &FindingFilter) -> Result<FindingPage> {
        let allowed = match scope(context.actor, Act::List, Kind::Finding, context.purpose, context.now) {
            Ok(Scope::None) | Err(_) => return Err(Trouble::Missing { noun: "finding" }),
            Ok(allowed) => allowed,
        };
        let Some(run) = self.newest_run().await? else {
            self.note_list(context, &[]).await?;
            return Ok(FindingPage::default());
        };
        let limit = if filter.limit == 0 { 25 } else { filter.limit.min(500) };
        let begin = match &filter.after {
            Some(after) => run.position(after).map_or(run.heads.len(), |at| at + 1),
            None => 0,
        };
        // Offices are few: each is asked about once.
        let mut seen_by_office: HashMap<Option<&str>, bool> = HashMap::new();
        let mut sees = |office| {
            *seen_by_office.entry(office).or_insert_with(|| allowed.matches(&self.offered_resource(office)))
        };
        let (mut in_view, mut further) = (0, Vec::new());
        for (at, head) in run.heads.iter().enumerate() {
            if fits(head, filter) && sees(head.office.as_deref()) {
                in_view += 1;
                if at >= begin {
                    further.push(at);
                }
            }
        }
        let mut page = FindingPage { run: Some(run.run.clone()), in_view, ..FindingPage::default() };
        'page: for chunk in further.chunks(CHUNK) {
            let ids: Vec<String> = chunk.iter().map(|at| run.heads[*at].id.clone()).collect();
            let decided = self.store().decided(&ids).await?;
            let open = |at: &&usize| {
                let held = decided.get(&run.heads[**at].id);
                held.is_none_or(|held| held.noun.state().word() == "offered")
            };
            for at in chunk.iter().filter(open) {
                if page.findings.len() == limit {
                    page.next = page.findings.last().map(|last: &OfferedHead| last.head.id.clone());
                    break 'page;
                }
                page.findings.push(OfferedHead { head: run.heads[*at].clone(), rank: at + 1 });
            }
        }
        let shown: Vec<&str> = page.findings.iter().map(|one| one.head.id.as_str()).collect();
        self.note_list(context, &shown).await?;
        Ok(page)
    }

    /// Findings that somebody dismissed and the actor may see, newest first, those after `after`.
    pub async fn dismissed_findings(
        &self,
        context: &Context<'_>,
        after: Option<DispositionId>,
    ) -> Result<Page<Disposition>> {
        let states = vec!["dismissed".to_owned()];
        let listed = Listed { states, after: after.map(DispositionId::bits), ..Listed::default() };
        Ok(self.store().dispositions(context, &listed).await?)
    }

    /// One finding of the newest run, with its reasons.
    pub async fn finding(&self, context: &Context<'_>, id: &str) -> Result<FindingView> {
        let run = self.run_with(id).await?;
        let (mut finding, rules) = run.read(id)?.ok_or(Trouble::Missing { noun: "finding" })?;
        let decided = self.store().decided(&[id.to_owned()]).await?.remove(id);
        let resource = self.resource_as_decided(decided.as_ref(), finding.office.as_deref());
        let object = disposition_id(id).bits();
        self.store()
            .permit(context, Act::View, &resource, Some(object), &[("finding", id.to_owned())])
            .await?;
        let sees_report = self.sees_reports_of(context, &finding).await?;
        if !sees_report {
            hide_report(&mut finding);
        }
        let acts = [Act::AdmitFinding, Act::DismissFinding, Act::UndoDismissal];
        Ok(FindingView {
            office: finding.office.as_deref().and_then(office_in),
            may: self.may(context, &resource, &acts),
            run: run.run.clone(),
            finding,
            rules,
            decided,
            sees_report,
        })
    }

    /// A person makes a finding a lead. The lead's id is made by the client: admitted again it is the same lead.
    pub async fn admit_finding(
        &self,
        context: &Context<'_>,
        id: &str,
        lead: LeadId,
        grounds: Grounds,
    ) -> Result<Done<Held<Lead>>> {
        let offered = self.offered(id).await?;
        if self.finding(context, id).await?.finding.kind == FindingKind::Contradiction {
            return Err(Trouble::Illegal(
                "an alarm is no lead: undo the decision that it contradicts, and the next run offers the match again"
                    .to_owned(),
            ));
        }
        let (_, lead) = self.store().admit_finding(context, offered, lead, grounds).await?;
        Ok(Done { record: lead, told: Vec::new() })
    }

    /// A person dismisses a finding; it is not offered again.
    pub async fn dismiss_finding(
        &self,
        context: &Context<'_>,
        id: &str,
        request: u128,
        grounds: Grounds,
    ) -> Result<Done<Held<Disposition>>> {
        let offered = self.offered(id).await?;
        let record = self.store().dismiss_finding(context, offered, request, grounds).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// A person undoes a dismissal; the finding is offered again.
    pub async fn undo_dismissal(
        &self,
        context: &Context<'_>,
        id: &str,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Done<Held<Disposition>>> {
        let held = self.store().decided(&[id.to_owned()]).await?.remove(id);
        let held = held.ok_or(Trouble::Missing { noun: "finding" })?;
        let record = self.store().undo_dismissal(context, held.noun.id, revision, grounds).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// Which of some acts the actor may do to a record. A hint for pages: every act decides for itself.
    pub fn may(&self, context: &Context<'_>, resource: &Resource, acts: &[Act]) -> Vec<Act> {
        let allowed =
            |act: &Act| authorize(context.actor, *act, context.purpose, resource, context.now).allow;
        acts.iter().copied().filter(allowed).collect()
    }

    /// What access to an opened finding turns on.
    pub(crate) fn resource_of_finding(&self, view: &FindingView) -> Resource {
        self.resource_as_decided(view.decided.as_ref(), view.finding.office.as_deref())
    }

    fn resource_as_decided(&self, decided: Option<&Held<Disposition>>, office: Option<&str>) -> Resource {
        decided.map_or_else(|| self.offered_resource(office), |held| held.resource.clone())
    }

    async fn run_with(&self, id: &str) -> Result<std::sync::Arc<Findings>> {
        let run = self.newest_run().await?.ok_or(Trouble::Missing { noun: "finding" })?;
        if run.position(id).is_none() {
            return Err(Trouble::Missing { noun: "finding" });
        }
        Ok(run)
    }

    async fn offered(&self, id: &str) -> Result<OfferedFinding> {
        let run = self.run_with(id).await?;
        let office = run.position(id).and_then(|at| run.heads[at].office.as_deref());
        Ok(OfferedFinding {
            id: disposition_id(id),
            finding: id.to_owned(),
            run: run.run.clone(),
            owner: self.desk(),
            task_forces: sharing(office),
        })
    }

    /// What access to a finding turns on, for somebody who may open it. The opening is in the trail.
    pub(crate) async fn finding_resource(&self, context: &Context<'_>, id: &str) -> Result<Resource> {
        Ok(self.resource_of_finding(&self.finding(context, id).await?))
    }

    pub(crate) fn offered_resource(&self, office: Option<&str>) -> Resource {
        let mut resource = Resource::owned(Kind::Finding, self.desk());
        resource.task_forces = sharing(office);
        "offered".clone_into(&mut resource.state);
        resource
    }

    async fn note_list(&self, context: &Context<'_>, shown: &[&str]) -> Result<()> {
        let own = Resource {
            assigned: vec![context.actor.member],
            ..Resource::owned(Kind::Finding, context.actor.organisation)
        };
        let more = [("shown", shown.join(" "))];
        Ok(self.store().permit(context, Act::List, &own, None, &more).await?)
    }

    /// Whether the reader may see every report that a finding speaks of.
    async fn sees_reports_of(&self, context: &Context<'_>, finding: &Finding) -> Result<bool> {
        for report in [&finding.missing_report, &finding.other_report].into_iter().flatten() {
            let resource = self.store().report_resource(MissingReportId::of_text(report)).await?;
            let sees = resource.is_none_or(|resource| {
                authorize(context.actor, Act::View, context.purpose, &resource, context.now).allow
            });
            if !sees {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn fits(head: &FindingHead, filter: &FindingFilter) -> bool {
    let of_office = |name: &String| {
        head.office.as_deref().is_some_and(|office| office.split(" (").next() == Some(name.as_str()))
    };
    filter.kind.is_none_or(|kind| head.kind == kind) && filter.office.as_ref().is_none_or(of_office)
}

/// Takes from a finding what another agency's report says: the two owners are to talk, no name moves by itself.
fn hide_report(finding: &mut Finding) {
    if finding.kind == FindingKind::Person {
        // Place and days of two reports are what the reports say.
        (finding.place, finding.first_seen, finding.last_seen) = (PlaceMention::default(), None, None);
    }
    for reason in &mut finding.reasons {
        if !reason.left.is_empty() {
            "(in a report of another agency)".clone_into(&mut reason.left);
        }
        if finding.kind == FindingKind::Person && !reason.right.is_empty() {
            "(in a report of another agency)".clone_into(&mut reason.right);
        }
    }
}

fn sharing(office: Option<&str>) -> Vec<TaskForceId> {
    let office = office.and_then(office_in);
    office.map(|of| task_force_of(office_id(&of.office.name))).into_iter().collect()
}

/// The id of the disposition of a finding.
fn disposition_id(finding: &str) -> DispositionId {
    DispositionId::of_text(finding)
}
