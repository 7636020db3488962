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
    Area, Asked, AskedSystems, CheckId, CheckMove, DateWindow, Instant, NoticeKind, Pointer, Selector,
    following,
};
use homeward_rules::record::RecordRules;
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

/// Where a plan goes.
pub(crate) struct Course {
    /// When; nothing when it does not take place.
    pub(crate) window: Option<DateWindow>,
    /// Where, likewise.
    pub(crate) area: Option<Area>,
    /// What it turns on from now on; nothing when that stays as it is.
    pub(crate) selectors: Option<Vec<Selector>>,
}

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
        let to = Course { window, area, selectors: None };
        let done = Box::pin(replan(&mut write, context, id, revision, to)).await;
        write.finish(done).await
    }
}

/// The same as a part of another act.
pub(crate) async fn replan(
    write: &mut Write<'_>,
    context: &Context<'_>,
    id: CheckId,
    revision: Revision,
    to: Course,
) -> Result<Held<Check>> {
    // As when it was asked: of two plans that move at once the later one sees the earlier.
    tail(write.connection()).await?;
    let held = write.get::<Check>(Act::AskCheck, id.bits()).await?;
    moved(write, held, revision, to, context.now).await
}

/// Moves the plan of a check; to nowhere when it does not take place. Who may do that was decided before.
pub(crate) async fn moved(
    write: &mut Write<'_>,
    held: Held<Check>,
    revision: Revision,
    to: Course,
    now: Instant,
) -> Result<Held<Check>> {
    let id = held.noun.id;
    let again = record::repeated(write.connection(), id.bits(), revision.request, None).await?;
    let window = to.window;
    let step = |check: Check, stamp| Ok(check.replan(window, stamp)?);
    let held = write.alter_held(Act::AskCheck, held, revision, step).await?;
    if again {
        return Ok(held);
    }
    let others = found(write, &held.noun, to).await?;
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

/// Writes the mark of time and place anew, and those of selectors when they changed; searches with all marks of the check.
async fn found(write: &Write<'_>, check: &Check, to: Course) -> Result<Vec<Pointer>> {
    let turns = to.selectors.is_some();
    let inquiry = Inquiry {
        id: check.id,
        target: check.target.clone(),
        window: to.window,
        area: to.area,
        selectors: to.selectors.unwrap_or_default(),
        subjects: Vec::new(),
        asked_elsewhere: Vec::new(),
        restriction: Restriction::default(),
    };
    let own = check_mark::Column::CheckId.eq(bytes(check.id.bits()));
    let kept = check_mark::Entity::find().filter(own.clone()).all(write.connection()).await?;
    let changes = |placed: bool, selector: bool| placed || (turns && selector);
    let old = Condition::any()
        .add(check_mark::Column::Latitude.is_not_null())
        .add_option(turns.then(|| check_mark::Column::Selector.is_not_null()));
    check_mark::Entity::delete_many().filter(own).filter(old).exec(write.connection()).await?;
    let span = RecordRules::embedded().clocks.check_target_kept.span;
    let anew = marks(&inquiry, check, span).into_iter();
    let anew: Vec<_> = anew
        .filter(|mark| changes(mark.latitude.as_ref().is_some(), mark.selector.as_ref().is_some()))
        .collect();
    if !anew.is_empty() {
        check_mark::Entity::insert_many(anew.clone()).exec_without_returning(write.connection()).await?;
    }
    let rest = kept.into_iter().filter(|mark| !changes(mark.latitude.is_some(), mark.selector.is_some()));
    // A mark that was read is as good as one that is about to be written: the search only looks at its values.
    let all: Vec<_> = anew.into_iter().chain(rest.map(IntoActiveModel::into_active_model)).collect();
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
