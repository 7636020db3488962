//! A plan that is moved: its mark is written anew and the search runs again in the same transaction, so that a hit appears or
//! lapses on both sides without anybody asking anew.

use super::{Check, Inquiry, OWN, marks, point, search, tell_all};
use crate::audit::tail;
use crate::connection::bytes;
use crate::event::attach;
use crate::record::{self, Held, Noun, Revision};
use crate::schema::check_mark;
use crate::write::Write;
use crate::{Context, Restriction, Result, Store};
use homeward_access::Act;
use homeward_model::{
    Area, Asked, AskedSystems, CheckId, CheckMove, DateWindow, Instant, NoticeKind, Pointer, following,
};
use homeward_rules::record::RecordRules;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

impl Store {
    /// Moves a plan to another window and place. Whoever is concerned now is told, and so is whoever is not any more. A
    /// settled check cannot be moved: it is asked anew.
    pub async fn move_check(
        &self,
        context: &Context<'_>,
        id: CheckId,
        revision: Revision,
        window: Option<DateWindow>,
        area: Option<Area>,
    ) -> Result<Held<Check>> {
        let mut write = self.write(context).await?;
        let done = replan(&mut write, context, id, revision, window, area).await;
        write.finish(done).await
    }
}

/// The same as a part of another act.
pub(crate) async fn replan(
    write: &mut Write<'_>,
    context: &Context<'_>,
    id: CheckId,
    revision: Revision,
    window: Option<DateWindow>,
    area: Option<Area>,
) -> Result<Held<Check>> {
    // As when it was asked: of two plans that move at once the later one sees the earlier.
    tail(write.connection()).await?;
    let held = write.get::<Check>(Act::AskCheck, id.bits()).await?;
    moved(write, held, revision, (window, area), context.now).await
}

/// Moves the plan of a check; to nowhere when it does not take place. Who may do that was decided before.
pub(crate) async fn moved(
    write: &mut Write<'_>,
    held: Held<Check>,
    revision: Revision,
    (window, area): (Option<DateWindow>, Option<Area>),
    now: Instant,
) -> Result<Held<Check>> {
    let id = held.noun.id;
    let again = record::repeated(write.connection(), id.bits(), revision.request, None).await?;
    let step = |check: Check, stamp| Ok(check.replan(window, stamp)?);
    let held = write.alter_held(Act::AskCheck, held, revision, step).await?;
    if again {
        return Ok(held);
    }
    let others = found(write, &held.noun, window, area).await?;
    let before = held.noun.state().hit().map(|hit| hit.pointers.clone()).unwrap_or_default();
    let gone: Vec<Pointer> = before.iter().filter(|other| !others.contains(other)).copied().collect();
    let new: Vec<Pointer> = others.iter().filter(|other| !before.contains(other)).copied().collect();
    let cause = revision.request;
    let own = Pointer { check: id, agency: held.noun.agency, contact: held.noun.asked.by };
    let asked = AskedSystems::new(vec![Asked { system: OWN.to_owned(), at: now }])?;
    for other in &gone {
        if let Some(theirs) = record::there(write.find::<Check>(other.check.bits()).await)? {
            part(write, theirs, &[own], &asked, cause).await?;
        }
    }
    for other in &new {
        if let Some(theirs) = record::there(write.find::<Check>(other.check.bits()).await)? {
            point(write, theirs, vec![own], cause).await?;
        }
    }
    let mut held = held;
    if !gone.is_empty() {
        held = part(write, held, &gone, &asked, cause).await?;
        tell_all(write, gone.iter().chain([&own]), NoticeKind::CheckLapsed, cause, now).await?;
    }
    if !new.is_empty() {
        held = point(write, held, new.clone(), cause).await?;
        tell_all(write, new.iter().chain([&own]), NoticeKind::CheckHit, cause, now).await?;
    }
    if gone.is_empty() && others.is_empty() {
        // Nobody before and nobody now: what was asked, and when, is told anew.
        let revision = Revision { seen: held.version, request: following(cause, id.bits(), "answer") };
        let step = |check: Check, stamp| Ok(check.answer_none(asked, stamp)?);
        held = write.alter_held(Act::AskCheck, held, revision, step).await?;
    }
    attach(write, Act::AskCheck, &held).await?;
    Ok(held)
}

/// Writes the mark of time and place anew, and searches with all marks of the check.
async fn found(
    write: &Write<'_>,
    check: &Check,
    window: Option<DateWindow>,
    area: Option<Area>,
) -> Result<Vec<Pointer>> {
    let inquiry = Inquiry {
        id: check.id,
        target: check.target.clone(),
        window,
        area,
        selectors: Vec::new(),
        subjects: Vec::new(),
        asked_elsewhere: Vec::new(),
        restriction: Restriction::default(),
    };
    let own = check_mark::Column::CheckId.eq(bytes(check.id.bits()));
    let kept = check_mark::Entity::find().filter(own.clone()).all(write.connection()).await?;
    let placed = own.and(check_mark::Column::Latitude.is_not_null());
    check_mark::Entity::delete_many().filter(placed).exec(write.connection()).await?;
    let span = RecordRules::embedded().clocks.check_target_kept.span;
    let place: Vec<_> =
        marks(&inquiry, check, span).into_iter().filter(|mark| mark.latitude.as_ref().is_some()).collect();
    if !place.is_empty() {
        check_mark::Entity::insert_many(place.clone()).exec_without_returning(write.connection()).await?;
    }
    let rest =
        kept.into_iter().filter(|mark| mark.latitude.is_none()).map(IntoActiveModel::into_active_model);
    // A mark that was read is as good as one that is about to be written: the search only looks at its values.
    let all: Vec<_> = place.into_iter().chain(rest).collect();
    search(write, &inquiry, &all).await
}

/// Lets a check go of others. One that was settled meanwhile stays settled.
async fn part(
    write: &mut Write<'_>,
    held: Held<Check>,
    gone: &[Pointer],
    asked: &AskedSystems,
    cause: u128,
) -> Result<Held<Check>> {
    if !held.noun.allowed().contains(&CheckMove::Lapse) {
        return Ok(held);
    }
    let id = held.noun.bits();
    let revision = Revision { seen: held.version, request: following(cause, id, "lapsed") };
    let step = |check: Check, stamp| Ok(check.part(gone, asked.clone(), stamp)?);
    let held = write.alter_held(Act::AskCheck, held, revision, step).await?;
    attach(write, Act::AskCheck, &held).await?;
    Ok(held)
}
