//! Break-glass: a member opens one closed record for a limited time, with a written reason. The supervisors of its owner are
//! told, and one of them reviews it. What lies behind the wall of victim service cannot be opened so: no policy lets it.

use crate::body::{Body, Read, enums, object, part, words};
use crate::connection::bytes;
use crate::notification::{Notice, tell};
use crate::record::{self, Held, Noun, Revision};
use crate::schema::{record as row, tie};
use crate::scope_sql::OPENED;
use crate::write::Write;
use crate::{Context, Listed, Page, Result, Store, StoreError};
use homeward_access::{Act, Kind, Purpose, Resource};
use homeward_model::{
    AgencyId, Check, DateWindow, Emergency, EmergencyChange, EmergencyId, EmergencyState, EmergencyVerdict,
    Event, Grounds, Instant, Lead, Member, MemberId, MissingReportRecord, NoticeKind, Role, Stamp, Victim,
};
use homeward_rules::record::RecordRules;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;

words! { EmergencyVerdict }
enums! {
    EmergencyState { Opened, Reviewed { verdict, grounds, reviewed } }
    EmergencyChange { Opened(grounds), Reviewed(verdict, grounds) }
}

impl Noun for Emergency {
    const KIND: Kind = Kind::Emergency;
    const NOUN: &'static str = "emergency access";
    const SEALED: bool = true;

    fn bits(&self) -> u128 {
        self.id.bits()
    }

    fn place(&self, resource: &mut Resource) {
        self.state().word().clone_into(&mut resource.state);
        resource.assigned = vec![self.by];
    }

    fn write(&self) -> Value {
        object([
            ("noun", self.noun.write()),
            ("about", self.about.write()),
            ("window", self.window.write()),
            ("grounds", self.grounds.write()),
            ("by", self.by.write()),
            ("state", self.state().write()),
        ])
    }

    fn read(bits: u128, _: &Resource, body: &Value) -> Read<Emergency> {
        let (noun, about): (String, String) = (part(body, "noun")?, part(body, "about")?);
        let window: DateWindow = part(body, "window")?;
        let stamp = Stamp { by: part(body, "by")?, at: window.start() };
        let id = EmergencyId::from_bits(bits);
        let (emergency, _) = Emergency::open(id, (&noun, about), window, part(body, "grounds")?, stamp);
        Ok(emergency.stored(part(body, "state")?))
    }
}

impl Store {
    /// Opens one closed record for the acting member, as long as policy says. The id of the use comes from the client: the same
    /// request again opens nothing for longer.
    pub async fn break_glass(
        &self,
        context: &Context<'_>,
        emergency: EmergencyId,
        kind: Kind,
        id: u128,
        grounds: Grounds,
    ) -> Result<Held<Emergency>> {
        let purpose = Purpose { reason: Some(grounds.clone()), ..context.purpose.clone() };
        let context = Context { purpose: &purpose, ..*context };
        let mut write = self.write(&context).await?;
        let done = match kind {
            Kind::MissingReport => {
                open::<MissingReportRecord>(&mut write, &context, emergency, id, grounds).await
            }
            Kind::Lead => open::<Lead>(&mut write, &context, emergency, id, grounds).await,
            Kind::Check => open::<Check>(&mut write, &context, emergency, id, grounds).await,
            Kind::Event => open::<Event>(&mut write, &context, emergency, id, grounds).await,
            Kind::Victim => open::<Victim>(&mut write, &context, emergency, id, grounds).await,
            // Of any other kind there is nothing that could be opened; the attempt stays in the trail.
            other => Err(write.refuse(Act::BreakGlass, other, id)),
        };
        write.finish(done).await
    }

    /// Reviews a use of break-glass. Nobody reviews their own.
    pub async fn review_break_glass(
        &self,
        context: &Context<'_>,
        id: EmergencyId,
        revision: Revision,
        verdict: EmergencyVerdict,
        grounds: Grounds,
    ) -> Result<Held<Emergency>> {
        let step = |emergency: Emergency, stamp| Ok(emergency.review(verdict, grounds, stamp)?);
        self.change(context, Act::ReviewBreakGlass, id.bits(), revision, step).await
    }

    /// One use of break-glass.
    pub async fn emergency(&self, context: &Context<'_>, id: EmergencyId) -> Result<Held<Emergency>> {
        self.view(context, Act::View, id.bits()).await
    }

    /// Uses of break-glass that the actor may see, newest first; `opened` is the state of those that wait for review.
    pub async fn emergencies(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Emergency>> {
        self.list(context, listed).await
    }
}

async fn open<N: Noun>(
    write: &mut Write<'_>,
    context: &Context<'_>,
    emergency: EmergencyId,
    id: u128,
    grounds: Grounds,
) -> Result<Held<Emergency>> {
    let held = write.get::<N>(Act::BreakGlass, id).await?;
    let about = crate::audit::entry::uuid(id);
    let (owner, member, now) = (held.resource.owner, context.actor.member, context.now);
    if let Some(there) = write.find::<Emergency>(emergency.bits()).await? {
        if there.noun.about == about && there.noun.by == member {
            write.say(Act::BreakGlass, N::KIND, Some(id), &[("repeated", "true".to_owned())]);
            return Ok(there);
        }
        return Err(StoreError::Exists { noun: Emergency::NOUN, what: "id" });
    }
    let window = DateWindow::new(now, now.plus(RecordRules::embedded().clocks.break_glass_open.span))?;
    let opened = tie::ActiveModel {
        record: Set(bytes(id)),
        relation: Set(OPENED.to_owned()),
        party: Set(bytes(member.bits())),
        starts_at: Set(window.start().0),
        ends_at: Set(window.end().0),
        kind: Set(N::KIND.word().to_owned()),
        state: Set(held.resource.state.clone()),
    };
    // Opened twice at one moment it is open once.
    let keys = [tie::Column::Record, tie::Column::Relation, tie::Column::Party, tie::Column::StartsAt];
    let once = OnConflict::columns(keys).do_nothing().to_owned();
    tie::Entity::insert(opened).on_conflict(once).exec_without_returning(write.connection()).await?;
    let until = window.end().to_string();
    write.say(Act::BreakGlass, N::KIND, Some(id), &[("emergency", emergency.to_string()), ("until", until)]);
    let (noun, change) = Emergency::open(emergency, (N::NOUN, about), window, grounds, write.stamp()?);
    let mut resource = Resource::owned(Kind::Emergency, owner);
    noun.place(&mut resource);
    let made = Held { noun, version: 1, resource };
    write.keep(Act::BreakGlass, &made, &change.what.write(), emergency.bits()).await?;
    for supervisor in supervisors(write, owner, now).await?.into_iter().filter(|other| *other != member) {
        let notice = Notice {
            cause: emergency.bits(),
            to: supervisor,
            agency: owner,
            kind: NoticeKind::BreakGlass,
            noun: Emergency::NOUN,
            about: emergency.to_string(),
        };
        tell(write, Act::BreakGlass, notice, now).await?;
    }
    Ok(made)
}

/// Supervisors of an agency who have access.
pub(crate) async fn supervisors(write: &Write<'_>, agency: AgencyId, now: Instant) -> Result<Vec<MemberId>> {
    in_jobs(write, agency, |role| role == Role::Supervisor, now).await
}

/// Members of an agency who have access and hold one of some jobs.
pub(crate) async fn in_jobs(
    write: &Write<'_>,
    agency: AgencyId,
    job: impl Fn(Role) -> bool,
    now: Instant,
) -> Result<Vec<MemberId>> {
    let rows = row::Entity::find()
        .filter(row::Column::Kind.eq(Member::KIND.word()))
        .filter(row::Column::Owner.eq(bytes(agency.bits())))
        .filter(row::Column::Body.ne(Vec::<u8>::new()))
        .all(write.connection())
        .await?;
    let mut found = Vec::new();
    for row in rows {
        let held: Held<Member> = record::hold(write.keys(), &row, &[])?;
        if held.noun.roles().list().iter().any(|role| job(*role)) && held.noun.has_access(now) {
            found.push(held.noun.id);
        }
    }
    Ok(found)
}
