//! Initiatives: planned, joined by agencies until a date, opened, ended. Access given for one ends with it: each agency that
//! joined reads the initiative and its operations within its window, and no event of anybody else; whoever runs it counts the
//! results that name it.

use crate::audit::tail;
use crate::body::{Body, Read, enums, object, part, structs};
use crate::record::{self, Held, Noun, Revision};
use crate::result::counted_by;
use crate::schema::record as row;
use crate::write::Write;
use crate::{Context, Count, Listed, Page, Result, Store};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{
    AccessEnd, AgencyId, Change, CountedResult, DateWindow, Grounds, Initiative, InitiativeChange,
    InitiativeId, InitiativeState, Instant, Joined, Member, MemberId, MemberScope, Operation, Stamp,
    following,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;

structs! { Joined { agency, since, until } }
enums! {
    InitiativeState { Planned, Open { opened }, Ended { ended } }
    InitiativeChange { Planned, Joined(joined), Left(agency, grounds), Opened, Ended(grounds) }
}

impl Noun for Initiative {
    const KIND: Kind = Kind::Initiative;
    const NOUN: &'static str = "initiative";

    fn bits(&self) -> u128 {
        self.id.bits()
    }

    fn place(&self, resource: &mut Resource) {
        self.state().word().clone_into(&mut resource.state);
        resource.releases = self.access();
        resource.releases.retain(|(agency, _)| *agency != resource.owner);
    }

    fn write(&self) -> Value {
        object([
            ("name", self.name.write()),
            ("window", self.window.write()),
            ("joined", self.joined().to_vec().write()),
            ("state", self.state().write()),
        ])
    }

    fn read(bits: u128, _: &Resource, body: &Value) -> Read<Initiative> {
        let nobody = Stamp { by: MemberId::from_bits(0), at: Instant(0) };
        let (id, name, window) = (InitiativeId::from_bits(bits), part(body, "name")?, part(body, "window")?);
        let (initiative, _) = Initiative::plan(id, name, window, nobody);
        Ok(initiative.stored(part(body, "joined")?, part(body, "state")?))
    }
}

/// Windows in which others than its own agency read an operation of an initiative: whoever runs the initiative, and each
/// agency that joined.
pub(crate) fn sight_of(held: &Held<Initiative>, own: AgencyId) -> Vec<(AgencyId, DateWindow)> {
    let whole = DateWindow::new(Instant(0), held.noun.access_ends()).ok();
    let runs = whole.map(|whole| (held.resource.owner, whole));
    let joined = held.noun.access().into_iter().filter(|(agency, _)| *agency != held.resource.owner);
    runs.into_iter().chain(joined).filter(|(agency, _)| *agency != own).collect()
}

impl Store {
    /// A coordinator plans an initiative. The id comes from the client: sent again it is one.
    pub async fn plan_initiative(
        &self,
        context: &Context<'_>,
        id: InitiativeId,
        name: String,
        window: DateWindow,
    ) -> Result<Held<Initiative>> {
        let mut write = self.write(context).await?;
        let done = async {
            let what =
                object([("is", Value::from("Planned")), ("name", name.write()), ("window", window.write())]);
            let (initiative, _) = Initiative::plan(id, name, window, write.stamp()?);
            let resource = Resource::owned(Kind::Initiative, context.actor.organisation);
            write.create(Act::PlanInitiative, initiative, resource, &what).await
        };
        let done = done.await;
        write.finish(done).await
    }

    /// One initiative.
    pub async fn initiative(&self, context: &Context<'_>, id: InitiativeId) -> Result<Held<Initiative>> {
        self.view(context, Act::View, id.bits()).await
    }

    /// Initiatives that the actor may see, newest first.
    pub async fn initiatives(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Initiative>> {
        self.list(context, listed).await
    }

    /// How many initiatives the actor may see, by state.
    pub async fn count_initiatives(&self, context: &Context<'_>, listed: &Listed) -> Result<Vec<Count>> {
        self.counts::<Initiative>(context, listed).await
    }

    /// An agency joins until a moment, or gets another end.
    pub async fn join_initiative(
        &self,
        context: &Context<'_>,
        id: InitiativeId,
        revision: Revision,
        agency: AgencyId,
        until: Instant,
    ) -> Result<Held<Initiative>> {
        let step = |initiative: Initiative, stamp| Ok(initiative.join(agency, until, stamp)?);
        self.reach(context, id, revision, step).await
    }

    /// An agency leaves; what it read through the initiative is closed to it at once.
    pub async fn leave_initiative(
        &self,
        context: &Context<'_>,
        id: InitiativeId,
        revision: Revision,
        agency: AgencyId,
        grounds: Grounds,
    ) -> Result<Held<Initiative>> {
        let step = |initiative: Initiative, stamp| Ok(initiative.leave(agency, grounds, stamp)?);
        self.reach(context, id, revision, step).await
    }

    /// Opens an initiative.
    pub async fn open_initiative(
        &self,
        context: &Context<'_>,
        id: InitiativeId,
        revision: Revision,
    ) -> Result<Held<Initiative>> {
        let step = |initiative: Initiative, stamp| Ok(initiative.open(stamp)?);
        self.change(context, Act::RunInitiative, id.bits(), revision, step).await
    }

    /// Ends an initiative, and with it all access that was given for it: of agencies that joined, and of members whose
    /// accounts were made for it.
    pub async fn end_initiative(
        &self,
        context: &Context<'_>,
        id: InitiativeId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Initiative>> {
        let step = |initiative: Initiative, stamp| Ok(initiative.end(grounds, stamp)?);
        self.reach(context, id, revision, step).await
    }

    /// A move that changes who reads through an initiative; its operations follow in the same transaction.
    async fn reach(
        &self,
        context: &Context<'_>,
        id: InitiativeId,
        revision: Revision,
        step: impl FnOnce(Initiative, Stamp) -> Result<(Initiative, Change<InitiativeChange>)>,
    ) -> Result<Held<Initiative>> {
        let mut write = self.write(context).await?;
        let done = async {
            // Whoever holds the tail is alone: an operation that is proposed meanwhile would miss the change.
            tail(write.connection()).await?;
            let held = write.alter(Act::RunInitiative, id.bits(), revision, step).await?;
            follow(&mut write, &held).await?;
            if matches!(held.noun.state(), InitiativeState::Ended { .. }) {
                end_accounts(&mut write, &held.noun, context.now).await?;
            }
            Ok(held)
        };
        let done = done.await;
        write.finish(done).await
    }
}

/// Ties the operations of an initiative to those who may read them now, and the results that name it to whoever counts them.
async fn follow(write: &mut Write<'_>, initiative: &Held<Initiative>) -> Result<()> {
    for mut held in write.belonging::<CountedResult>(initiative.noun.id.bits()).await? {
        let counted = counted_by(initiative, &held.noun);
        if held.resource.releases != counted {
            held.resource.releases = counted;
            record::tie_anew(write.connection(), &held.noun, &held.resource).await?;
            let ends =
                held.resource.releases.first().map_or(String::new(), |(_, window)| window.end().to_string());
            write.say(
                Act::RunInitiative,
                Kind::Result,
                Some(held.noun.bits()),
                &[("counted with the initiative until", ends)],
            );
        }
    }
    for mut held in write.belonging::<Operation>(initiative.noun.id.bits()).await? {
        let sight = sight_of(initiative, held.resource.owner);
        if held.resource.releases == sight {
            continue;
        }
        held.resource.releases = sight;
        record::tie_anew(write.connection(), &held.noun, &held.resource).await?;
        let readers = held.resource.releases.len().to_string();
        write.say(
            Act::RunInitiative,
            Kind::Operation,
            Some(held.noun.bits()),
            &[("others who read it", readers)],
        );
    }
    Ok(())
}

/// Ends the accounts that were made for an initiative when it ends before its time.
async fn end_accounts(write: &mut Write<'_>, initiative: &Initiative, now: Instant) -> Result<()> {
    let ends = initiative.access_ends();
    let accounts = row::Entity::find()
        .filter(row::Column::Kind.eq(Member::KIND.word()))
        .filter(row::Column::Body.ne(Vec::<u8>::new()))
        .all(write.connection())
        .await?;
    for account in accounts {
        // Access to an account turns on nothing but its owner and its member.
        let held: Held<Member> = record::hold(write.keys(), &account, &[])?;
        let scope = held.noun.scope().clone();
        let given = scope.ends.initiative.filter(|(of, until)| *of == initiative.id && *until > ends);
        if given.is_none() || held.noun.allowed().is_empty() {
            continue;
        }
        let access = AccessEnd { initiative: Some((initiative.id, ends)), ..scope.ends };
        let scope = MemberScope { ends: access, ..scope };
        let request = following(initiative.id.bits(), held.noun.bits(), "ended");
        let revision = Revision { seen: held.version, request };
        // The system does it: whoever ends the initiative may be among those whose access ends.
        let stamp = Stamp { by: MemberId::from_bits(0), at: now };
        let step = |member: Member, _| Ok(member.change_scope(scope, stamp)?);
        write.alter_held(Act::RunInitiative, held, revision, step).await?;
    }
    Ok(())
}
