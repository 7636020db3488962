//! Missing reports taken over from other systems, by the operator's command line or a feed: many at a time, each sealed and
//! each in the trail. A report is known by the text that its system gave it.

use crate::body::{Body, Broken, object};
use crate::connection::bytes;
use crate::record::{self, Held, Noun};
use crate::schema::{record as row, tie};
use crate::write::Write;
use crate::{Outside, Result, Store, StoreError};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{
    Agency, AgencyId, AgencyKind, MemberId, MissingReport, MissingReportId, MissingReportRecord, Ori,
    Provenance, Stamp, TaskForceId,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// Reports in one transaction. A row of the record has eleven columns, and SQLite takes 32,766 values in a statement.
const MOST: usize = 1000;

/// The ORI of the standing agency of unlisted agencies; no state has these letters.
const UNLISTED: &str = "ZZ0000000";

/// Which agency keeps reports that are taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeper {
    /// The listed agency with the ORI that the report names, else the standing agency of unlisted agencies.
    Named,
    /// This one.
    Agency(AgencyId),
}

/// What became of reports that were taken over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// New ones.
    pub accepted: usize,
    /// Ones that say something else than before, or that an agency listed since now keeps.
    pub changed: usize,
    /// Ones that say what they said.
    pub repeated: usize,
    /// Ones that were purged or withdrawn here and are not taken again.
    pub barred: usize,
    /// The ids of the new and the changed ones.
    pub touched: Vec<MissingReportId>,
}

/// A stamp of nobody who signed in.
pub(crate) const fn nobody(outside: Outside<'_>) -> Stamp {
    Stamp { by: MemberId::from_bits(0), at: outside.now }
}

/// A report as it reads back, without where in which file it stood: what decides whether it changed.
fn plain(report: &MissingReport) -> Result<MissingReport> {
    let authority = report.provenance.authority;
    let said =
        MissingReport { provenance: Provenance { authority, ..Provenance::default() }, ..report.clone() };
    let broken = |because: String| StoreError::Inconsistent {
        table: "record",
        row: MissingReportId::of_text(&report.id).to_string(),
        because,
    };
    let value = serde_json::from_str(&said.write().to_string()).map_err(|error| broken(error.to_string()))?;
    <MissingReport as Body>::read(&value).map_err(|Broken(because)| broken(because))
}

impl Store {
    /// Takes reports over from another system. A new one is received as its status says, one that says something else is
    /// edited, one that says the same changes nothing. Of several with one id the last counts. Each thousand is one
    /// transaction: what was taken before a failure stays taken, and the same call again goes on from there.
    pub async fn receive_reports(
        &self,
        outside: Outside<'_>,
        keeper: Keeper,
        reports: Vec<MissingReport>,
    ) -> Result<Received> {
        self.receive_shared_reports(outside, keeper, reports, |_| None).await
    }

    /// The same; `shared` says which task force shares a new report.
    pub async fn receive_shared_reports(
        &self,
        outside: Outside<'_>,
        keeper: Keeper,
        reports: Vec<MissingReport>,
        shared: impl Fn(&MissingReport) -> Option<TaskForceId>,
    ) -> Result<Received> {
        let mut received = Received::default();
        let mut wanted: BTreeMap<u128, MissingReport> = BTreeMap::new();
        for report in reports {
            let id = MissingReportId::of_text(&report.id).bits();
            if let Some(before) = wanted.get(&id) {
                let same = plain(before)? == plain(&report)?;
                *if same { &mut received.repeated } else { &mut received.changed } += 1;
            }
            wanted.insert(id, report);
        }
        let mut wanted = wanted.into_iter().peekable();
        while wanted.peek().is_some() {
            let part: Vec<(u128, MissingReport)> = wanted.by_ref().take(MOST).collect();
            let mut write = self.write_outside(outside).await?;
            let done = take(self, &mut write, outside, (keeper, &shared), part, &mut received).await;
            write.finish(done).await?;
        }
        Ok(received)
    }
}

async fn take(
    store: &Store,
    write: &mut Write<'_>,
    outside: Outside<'_>,
    (keeper, shared): (Keeper, &impl Fn(&MissingReport) -> Option<TaskForceId>),
    part: Vec<(u128, MissingReport)>,
    received: &mut Received,
) -> Result<()> {
    let mut known = known(store, write, &part).await?;
    let mut keepers: HashMap<Option<String>, AgencyId> = HashMap::new();
    let mut new: Vec<(Held<MissingReportRecord>, Value)> = Vec::new();
    for (id, report) in part {
        let owner = match keeper {
            Keeper::Agency(id) => id,
            Keeper::Named => {
                if !keepers.contains_key(&report.agency) {
                    let found = keeper_of(write, report.agency.as_deref()).await?;
                    keepers.insert(report.agency.clone(), found);
                }
                keepers[&report.agency]
            }
        };
        match known.remove(&id) {
            None => {
                let what = object([("is", Value::from("Received")), ("report", report.write())]);
                let force = shared(&report);
                let (record, _) = MissingReportRecord::import(
                    MissingReportId::from_bits(id),
                    owner,
                    outside.now,
                    report,
                    nobody(outside),
                );
                let mut resource = Resource::owned(Kind::MissingReport, owner);
                resource.task_forces.extend(force);
                record.place(&mut resource);
                new.push((Held { noun: record, version: 1, resource }, what));
                received.accepted += 1;
                received.touched.push(MissingReportId::from_bits(id));
            }
            Some(None) => received.barred += 1,
            Some(Some(held)) => {
                let moves = held.resource.owner == AgencyId::unlisted() && held.resource.owner != owner;
                if !moves && plain(held.noun.report())? == plain(&report)? {
                    received.repeated += 1;
                } else if held.noun.state().word() == "withdrawn" {
                    received.barred += 1;
                } else {
                    let owner = if moves { owner } else { held.resource.owner };
                    update(write, outside, *held, report, owner).await?;
                    received.changed += 1;
                    received.touched.push(MissingReportId::from_bits(id));
                }
            }
        }
    }
    write.keep_new(Act::ReceiveReport, &new).await
}

async fn update(
    write: &mut Write<'_>,
    outside: Outside<'_>,
    held: Held<MissingReportRecord>,
    report: MissingReport,
    owner: AgencyId,
) -> Result<()> {
    let Held { noun, version, mut resource } = held;
    let (mut noun, change) = noun.update(report, nobody(outside))?;
    (noun.agency, resource.owner) = (owner, owner);
    noun.place(&mut resource);
    let held = Held { noun, version: version + 1, resource };
    // Nobody sends this request again: the next one finds nothing to change.
    let request = held.noun.id.bits().rotate_left(64) ^ held.version as u128;
    write.keep(Act::EditReport, &held, &change.what.write(), request).await
}

/// Those of the reports that are there; `None` for one that was purged.
async fn known(
    store: &Store,
    write: &Write<'_>,
    part: &[(u128, MissingReport)],
) -> Result<HashMap<u128, Option<Box<Held<MissingReportRecord>>>>> {
    let ids = || part.iter().map(|(id, _)| bytes(*id));
    let connection = write.connection();
    let rows = row::Entity::find().filter(row::Column::Id.is_in(ids())).all(connection).await?;
    let mut ties: HashMap<Vec<u8>, Vec<tie::Model>> = HashMap::new();
    for tie in tie::Entity::find().filter(tie::Column::Record.is_in(ids())).all(connection).await? {
        ties.entry(tie.record.clone()).or_default().push(tie);
    }
    let mut known = HashMap::new();
    for row in rows {
        let Some(id) = crate::connection::bits(&row.id) else { continue };
        if row.kind != MissingReportRecord::KIND.word() {
            return Err(StoreError::Exists { noun: MissingReportRecord::NOUN, what: "id" });
        }
        let own = ties.remove(&row.id).unwrap_or_default();
        let held = match record::hold(store.keys(), &row, &own) {
            Err(StoreError::Purged { .. }) => None,
            held => Some(Box::new(held?)),
        };
        known.insert(id, held);
    }
    Ok(known)
}

/// Who keeps the reports of an agency: itself where it is listed, else the standing agency, made on first need.
async fn keeper_of(write: &mut Write<'_>, ori: Option<&str>) -> Result<AgencyId> {
    if let Some(ori) = ori.and_then(|ori| Ori::new(ori).ok())
        && let Some(held) = write.find_named::<Agency>(ori.as_str()).await?
    {
        return Ok(held.noun.id);
    }
    let id = AgencyId::unlisted();
    if write.find::<Agency>(id.bits()).await?.is_none() {
        let name = "Unlisted agencies".to_owned();
        let agency = Agency::list(id, Some(Ori::new(UNLISTED)?), name, AgencyKind::Clearinghouse)?;
        let what = object([("is", Value::from("Listed")), ("agency", Noun::write(&agency))]);
        write.create(Act::ManageAgency, agency, Resource::owned(Kind::Agency, id), &what).await?;
    }
    Ok(id)
}
