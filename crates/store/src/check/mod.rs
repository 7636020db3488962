//! Deconfliction: whether somebody else is at the same time and place, or after the same subject or selector. Pointers only:
//! what the two sides learn of each other is that there is a check, whose it is, and whom to call.

mod replan;
mod search;
mod sides;

pub(crate) use replan::{Course, moved, replan};
pub use sides::{AskedAbout, OtherSide};

use crate::audit::tail;
use crate::body::{Body, Read, enums, object, part, structs};
use crate::connection::bytes;
use crate::event::attach;
use crate::notification::{Notice, tell};
use crate::record::{Held, Noun, Revision};
use crate::schema::check_mark;
use crate::write::Write;
use crate::{Context, Count, Listed, Page, Restriction, Result, Store};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{
    Area, Asked, AskedSystems, Check, CheckChange, CheckId, CheckOutcome, CheckState, CheckTarget,
    DateWindow, Grounds, Hit, Instant, MemberId, NoticeKind, PersonId, Pointer, Selector, following,
};
use homeward_rules::record::RecordRules;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use search::search;
use serde_json::Value;

pub(crate) use search::marks;

structs! {
    Pointer { check, agency, contact }
    Hit { pointers, found, raised_to }
}
enums! {
    CheckTarget { Event(event), Subject(person), Selector(selector) }
    CheckOutcome { Proceed, Joint, Delay { until }, Cancel, Waiver { supervisor } }
    CheckState {
        Open,
        NoHitSoFar { asked },
        Hit(hit),
        BothTold(hit),
        Acknowledged(hit),
        ContactMade(hit),
        Settled { hit, outcome, settled },
    }
    CheckChange {
        Asked(target),
        NoHitSoFar(asked),
        Hit(pointers),
        BothTold,
        Acknowledged,
        ContactMade,
        Raised(supervisor),
        Settled(outcome, grounds),
        Lapsed(asked),
        Parted(pointers),
        Moved(window),
    }
}

impl Noun for Check {
    const KIND: Kind = Kind::Check;
    const NOUN: &'static str = "check";

    fn bits(&self) -> u128 {
        self.id.bits()
    }

    fn place(&self, resource: &mut Resource) {
        self.state().word().clone_into(&mut resource.state);
        resource.assigned = vec![self.asked.by];
        let others = self.state().hit().map(|hit| hit.pointers.as_slice()).unwrap_or_default();
        resource.referred_to = others.iter().map(|pointer| pointer.agency).collect();
        resource.referred_to.retain(|agency| *agency != self.agency);
        resource.referred_to.sort_unstable();
        resource.referred_to.dedup();
    }

    fn write(&self) -> Value {
        object([
            ("target", self.target.write()),
            ("window", self.window.write()),
            ("asked", self.asked.write()),
            ("state", self.state().write()),
        ])
    }

    fn read(id: u128, resource: &Resource, body: &Value) -> Read<Check> {
        let (target, window, asked) = (part(body, "target")?, part(body, "window")?, part(body, "asked")?);
        let (check, _) = Check::ask(CheckId::from_bits(id), target, window, resource.owner, asked);
        Ok(check.stored(part(body, "state")?))
    }
}

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Inquiry {
    /// The id of the check.
    pub id: CheckId,
    /// What it is of.
    pub target: CheckTarget,
    /// When the target is worked, padded by policy.
    pub window: Option<DateWindow>,
    /// Where, with the radius of policy.
    pub area: Option<Area>,
    /// Selectors that the plan turns on.
    pub selectors: Vec<Selector>,
    /// Subjects that it turns on.
    pub subjects: Vec<PersonId>,
    /// Systems beside this one that were asked, and when they answered.
    pub asked_elsewhere: Vec<Asked>,
    /// Whether the check is closed to others of the own organisation from the beginning. Whoever plans the same is told all the
    /// same whom to call.
    pub restriction: Restriction,
}

/// The name of this record among the systems that were asked.
const OWN: &str = "own record";

impl Store {
    /// A member asks. Everybody else's standing checks are searched in the same transaction, so that of two that are asked at
    /// once the later finds the earlier; on a hit both sides are told.
    pub async fn ask_check(&self, context: &Context<'_>, inquiry: Inquiry) -> Result<Held<Check>> {
        let mut write = self.write(context).await?;
        let done = ask(&mut write, context, inquiry).await;
        write.finish(done).await
    }

    /// One check.
    pub async fn check(&self, context: &Context<'_>, id: CheckId) -> Result<Held<Check>> {
        self.view(context, Act::View, id.bits()).await
    }

    /// Checks that the actor may see, newest first.
    pub async fn checks(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Check>> {
        self.list(context, listed).await
    }

    /// How many checks the actor may see, by state.
    pub async fn count_checks(&self, context: &Context<'_>, listed: &Listed) -> Result<Vec<Count>> {
        self.counts::<Check>(context, listed).await
    }

    /// Records that the other side saw a hit.
    pub async fn acknowledge_check(
        &self,
        context: &Context<'_>,
        id: CheckId,
        revision: Revision,
    ) -> Result<Held<Check>> {
        let step = |check: Check, stamp| Ok(check.acknowledge(stamp)?);
        self.change(context, Act::AnswerCheck, id.bits(), revision, step).await
    }

    /// Records that both sides talked.
    pub async fn contact_check(
        &self,
        context: &Context<'_>,
        id: CheckId,
        revision: Revision,
    ) -> Result<Held<Check>> {
        let step = |check: Check, stamp| Ok(check.contact(stamp)?);
        self.change(context, Act::AnswerCheck, id.bits(), revision, step).await
    }

    /// Records how the agencies settled a hit.
    pub async fn settle_check(
        &self,
        context: &Context<'_>,
        id: CheckId,
        revision: Revision,
        outcome: CheckOutcome,
        grounds: Grounds,
    ) -> Result<Held<Check>> {
        let given_up = outcome == CheckOutcome::Cancel;
        let mut write = self.write(context).await?;
        let done = async {
            let step = |check: Check, stamp| Ok(check.settle(outcome, grounds, stamp)?);
            let held = write.alter(Act::AnswerCheck, id.bits(), revision, step).await?;
            if given_up {
                // A plan that was given up stands in nobody's way.
                forget(&write, id).await?;
            }
            attach(&mut write, Act::AnswerCheck, &held).await?;
            Ok(held)
        };
        let done = done.await;
        write.finish(done).await
    }

    /// Raises a hit to a supervisor because time runs out.
    pub async fn raise_check(
        &self,
        context: &Context<'_>,
        id: CheckId,
        revision: Revision,
        supervisor: MemberId,
    ) -> Result<Held<Check>> {
        let step = |check: Check, stamp| Ok(check.raise(supervisor, stamp)?);
        self.change(context, Act::AnswerCheck, id.bits(), revision, step).await
    }

    /// A named supervisor lets it go on without contact.
    pub async fn waive_check(
        &self,
        context: &Context<'_>,
        id: CheckId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Check>> {
        let mut write = self.write(context).await?;
        let done = async {
            let step = |check: Check, stamp| Ok(check.waive(grounds, stamp)?);
            let held = write.alter(Act::WaiveCheck, id.bits(), revision, step).await?;
            attach(&mut write, Act::WaiveCheck, &held).await?;
            Ok(held)
        };
        let done = done.await;
        write.finish(done).await
    }
}

/// Takes away what a later inquiry would find of a check.
pub(crate) async fn forget(write: &Write<'_>, id: CheckId) -> Result<()> {
    let own = check_mark::Column::CheckId.eq(bytes(id.bits()));
    check_mark::Entity::delete_many().filter(own).exec(write.connection()).await?;
    Ok(())
}

/// Asks as a part of another act.
pub(crate) async fn ask(
    write: &mut Write<'_>,
    context: &Context<'_>,
    inquiry: Inquiry,
) -> Result<Held<Check>> {
    // Whoever holds the tail of the trail is alone: on PostgreSQL two inquiries would not see each other's marks otherwise.
    tail(write.connection()).await?;
    let (id, owner, now) = (inquiry.id, context.actor.organisation, context.now);
    let (check, change) = Check::ask(id, inquiry.target.clone(), inquiry.window, owner, write.stamp()?);
    let mut resource = Resource::owned(Kind::Check, owner);
    inquiry.restriction.close(&mut resource, context.actor.member);
    let held = write.create(Act::AskCheck, check, resource, &change.what.write()).await?;
    if held.version > 1 {
        return Ok(held);
    }
    let kept = RecordRules::embedded().clocks.check_target_kept.span;
    let marks = marks(&inquiry, &held.noun, kept);
    let others = search(write, &inquiry, &marks).await?;
    let once = OnConflict::column(check_mark::Column::Id).do_nothing().to_owned();
    check_mark::Entity::insert_many(marks)
        .on_conflict(once)
        .exec_without_returning(write.connection())
        .await?;
    if others.is_empty() {
        let mut asked = inquiry.asked_elsewhere;
        asked.push(Asked { system: OWN.to_owned(), at: now });
        let asked = AskedSystems::new(asked)?;
        let revision = Revision { seen: held.version, request: following(id.bits(), 0, "answer") };
        let step = |check: Check, stamp| Ok(check.answer_none(asked, stamp)?);
        let held = write.alter_held(Act::AskCheck, held, revision, step).await?;
        attach(write, Act::AskCheck, &held).await?;
        return Ok(held);
    }
    let own = Pointer { check: id, agency: owner, contact: context.actor.member };
    for other in &others {
        if let Some(theirs) = write.find::<Check>(other.check.bits()).await? {
            point(write, theirs, vec![own], id.bits()).await?;
        }
    }
    let held = point(write, held, others.clone(), id.bits()).await?;
    tell_all(write, others.iter().chain([&own]), NoticeKind::CheckHit, id.bits(), now).await?;
    Ok(held)
}

/// Tells those to whom pointers point, each of their own check.
async fn tell_all(
    write: &mut Write<'_>,
    pointers: impl Iterator<Item = &Pointer>,
    kind: NoticeKind,
    cause: u128,
    now: Instant,
) -> Result<()> {
    for pointer in pointers {
        let notice = Notice {
            cause,
            to: pointer.contact,
            agency: pointer.agency,
            kind,
            noun: Check::NOUN,
            about: pointer.check.to_string(),
        };
        tell(write, Act::AskCheck, notice, now).await?;
    }
    Ok(())
}

/// Records a hit on a check and that both sides were told. The right to ask is the right to make that known on either side.
async fn point(
    write: &mut Write<'_>,
    held: Held<Check>,
    others: Vec<Pointer>,
    cause: u128,
) -> Result<Held<Check>> {
    let id = held.noun.bits();
    let revision = Revision { seen: held.version, request: following(cause, id, "hit") };
    let hit = |check: Check, stamp| Ok(check.answer_hit(others, stamp)?);
    let held = write.alter_held(Act::AskCheck, held, revision, hit).await?;
    let revision = Revision { seen: held.version, request: following(cause, id, "both told") };
    write.alter_held(Act::AskCheck, held, revision, |check, stamp| Ok(check.tell_both(stamp)?)).await
}
