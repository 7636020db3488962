//! The wall around victim service: who may write behind it, who passes a record on, and which windows releases open in it.
//! Access itself is decided by the policies (`wall.cedar`); here the ties are kept on which they turn.

use crate::connection::{bits, bytes};
use crate::record::Held;
use crate::schema::{record, tie};
use crate::scope_sql::{ASSIGNED, OF, RELEASED};
use crate::write::Write;
use crate::{Context, Result, Store};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{AgencyId, DateWindow, MemberId, Referral, Release, Victim, VictimId, Walled, opened};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// The kind of record behind each name that a release may bear.
fn kind_of(walled: Walled) -> Kind {
    match walled {
        Walled::ServiceNote => Kind::ServiceNote,
        Walled::ServicePlan => Kind::ServicePlan,
        Walled::ProviderRecord => Kind::ProviderRecord,
    }
}

/// What passes from one victim specialist to the next.
const HANDED_OVER: [Kind; 5] =
    [Kind::ServiceNote, Kind::ServicePlan, Kind::Referral, Kind::Release, Kind::Disclosure];

/// Goes on when the actor serves this victim: as the specialist who stays with them, or in an organisation to which a standing
/// referral sent them. Anybody else finds no such victim.
pub(crate) async fn serves(
    write: &mut Write<'_>,
    context: &Context<'_>,
    act: Act,
    victim: VictimId,
) -> Result<Held<Victim>> {
    if let Some(held) = write.find::<Victim>(victim.bits()).await? {
        if held.noun.specialist() == Some(context.actor.member) {
            return Ok(held);
        }
        let referrals = write.belonging::<Referral>(victim.bits()).await?;
        let own = |referral: &Referral| referral.provider == context.actor.organisation && referral.is_live();
        if referrals.iter().any(|referral| own(&referral.noun)) {
            return Ok(held);
        }
    }
    Err(write.refuse(act, Kind::Victim, victim.bits()))
}

/// What access to a new record behind the wall of the actor's organisation turns on: its author, and who was let in before it
/// was written.
pub(crate) async fn behind(
    write: &Write<'_>,
    context: &Context<'_>,
    walled: Walled,
    victim: Option<VictimId>,
) -> Result<Resource> {
    let owner = context.actor.organisation;
    let mut resource = Resource::owned(kind_of(walled), owner);
    resource.assigned = vec![context.actor.member];
    if let Some(victim) = victim {
        resource.releases = opened(&releases(write, victim).await?, owner, walled);
    }
    Ok(resource)
}

async fn releases(write: &Write<'_>, victim: VictimId) -> Result<Vec<Release>> {
    let releases = write.belonging::<Release>(victim.bits()).await?;
    Ok(releases.into_iter().map(|held| held.noun).collect())
}

/// Opens and closes what a provider keeps of a victim as the releases say now. No record is read for it: it works where the
/// provider holds the keys.
pub(crate) async fn let_in(write: &Write<'_>, victim: VictimId, provider: AgencyId) -> Result<()> {
    let releases = releases(write, victim).await?;
    for walled in Walled::ALL {
        let windows = opened(&releases, provider, *walled);
        for row in rows(write, victim, kind_of(*walled), provider).await? {
            untie(write, &row, RELEASED).await?;
            for (receiver, window) in &windows {
                tie_one(write, &row, RELEASED, receiver.bits(), Some(*window)).await?;
            }
        }
    }
    Ok(())
}

/// What the specialist's own organisation keeps of a victim goes to the specialist who stays with them now. Records of another
/// organisation stay where they are: between organisations only a release opens anything.
pub(crate) async fn hand_over(
    write: &Write<'_>,
    victim: VictimId,
    (specialist, organisation): (MemberId, AgencyId),
) -> Result<()> {
    for kind in HANDED_OVER {
        for row in rows(write, victim, kind, organisation).await? {
            untie(write, &row, ASSIGNED).await?;
            tie_one(write, &row, ASSIGNED, specialist.bits(), None).await?;
        }
    }
    Ok(())
}

impl Store {
    /// The organisation behind whose wall a record lies: whom to tell when somebody tried to open it. It opens nothing.
    pub async fn behind_wall_of(&self, kind: Kind, id: u128) -> Result<Option<AgencyId>> {
        let row = record::Entity::find_by_id(bytes(id)).one(self.connection()).await?;
        let walled = kind == Kind::Disclosure || Walled::ALL.iter().any(|walled| kind_of(*walled) == kind);
        let row = row.filter(|row| walled && row.kind == kind.word());
        Ok(row.and_then(|row| bits(&row.owner)).map(AgencyId::from_bits))
    }
}

/// Records of a kind that an organisation keeps of a victim.
async fn rows(
    write: &Write<'_>,
    victim: VictimId,
    kind: Kind,
    owner: AgencyId,
) -> Result<Vec<record::Model>> {
    let ties = tie::Entity::find()
        .filter(tie::Column::Relation.eq(OF))
        .filter(tie::Column::Party.eq(bytes(victim.bits())))
        .filter(tie::Column::Kind.eq(kind.word()))
        .all(write.connection())
        .await?;
    let ids = ties.into_iter().map(|tie| tie.record);
    let found = record::Entity::find()
        .filter(record::Column::Id.is_in(ids))
        .filter(record::Column::Owner.eq(bytes(owner.bits())))
        .all(write.connection())
        .await?;
    Ok(found)
}

async fn untie(write: &Write<'_>, row: &record::Model, relation: &str) -> Result<()> {
    tie::Entity::delete_many()
        .filter(tie::Column::Record.eq(row.id.clone()))
        .filter(tie::Column::Relation.eq(relation))
        .exec(write.connection())
        .await?;
    Ok(())
}

async fn tie_one(
    write: &Write<'_>,
    row: &record::Model,
    relation: &str,
    party: u128,
    window: Option<DateWindow>,
) -> Result<()> {
    let row = tie::ActiveModel {
        record: Set(row.id.clone()),
        relation: Set(relation.to_owned()),
        party: Set(bytes(party)),
        starts_at: Set(window.map_or(0, |window| window.start().0)),
        ends_at: Set(window.map_or(i64::MAX, |window| window.end().0)),
        kind: Set(row.kind.clone()),
        state: Set(row.state.clone()),
    };
    tie::Entity::insert(row).exec_without_returning(write.connection()).await?;
    Ok(())
}
