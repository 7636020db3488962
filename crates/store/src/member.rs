//! Members: their accounts. How they prove who they are lies in `credential`, that they did in `session`.

use crate::body::{Body, Read, enums, object, part, structs};
use crate::record::{self, Held, Noun, Revision};
use crate::write::Write;
use crate::{Context, Listed, Outside, Page, Result, Store, StoreError, credential, session};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{
    AccessEnd, Agency, AgencyId, Change, EmailAddress, Grounds, Instant, Member, MemberChange, MemberId,
    MemberScope, MemberState, PhoneNumber, Roles, Stamp,
};
use serde_json::Value;

structs! {
    AccessEnd { date, training, initiative }
    MemberScope { task_forces, compartments, ends }
}
enums! {
    MemberState { Invited, Active, Locked { since }, Left { left } }
    MemberChange {
        Invited(roles),
        Activated,
        CredentialGiven,
        PhoneChanged,
        RolesChanged(roles),
        ScopeChanged(scope),
        Locked(grounds),
        Unlocked(grounds),
        Left(grounds),
    }
}

impl Noun for Member {
    const KIND: Kind = Kind::Account;
    const NOUN: &'static str = "member";

    fn bits(&self) -> u128 {
        self.id.bits()
    }

    fn place(&self, resource: &mut Resource) {
        self.state().word().clone_into(&mut resource.state);
        resource.assigned = vec![self.id];
    }

    fn write(&self) -> Value {
        object([
            ("name", self.name.write()),
            ("email", self.email.write()),
            ("phone", self.phone().cloned().write()),
            ("roles", self.roles().write()),
            ("scope", self.scope().write()),
            ("state", self.state().write()),
        ])
    }

    fn read(bits: u128, resource: &Resource, body: &Value) -> Read<Member> {
        let nobody = Stamp { by: MemberId::from_bits(0), at: Instant(0) };
        let (id, name, email) = (MemberId::from_bits(bits), part(body, "name")?, part(body, "email")?);
        let (member, _) = Member::invite(id, name, email, resource.owner, part(body, "roles")?, nobody);
        Ok(member.stored(part(body, "phone")?, part(body, "scope")?, part(body, "state")?))
    }

    fn names(&self) -> Vec<String> {
        vec![self.email.as_str().to_lowercase()]
    }
}

/// A person to invite.
#[derive(Clone, Debug, PartialEq)]
pub struct Invitation {
    /// The id of the member.
    pub id: MemberId,
    /// The name, as shown.
    pub name: String,
    /// The address for sign-in; no two members share one.
    pub email: EmailAddress,
    /// The organisation.
    pub agency: AgencyId,
    /// The jobs.
    pub roles: Roles,
}

/// Roles that an organisation of its kind has.
async fn of_agency(write: &Write<'_>, agency: AgencyId, roles: Roles) -> Result<Roles> {
    let held = record::there(write.find::<Agency>(agency.bits()).await)?;
    let held = held.ok_or(StoreError::NotFound { noun: Agency::NOUN })?;
    Ok(roles.at(held.noun.kind)?)
}

impl Store {
    /// An administrator invites a person.
    pub async fn invite_member(&self, context: &Context<'_>, invitation: Invitation) -> Result<Held<Member>> {
        let mut write = self.write(context).await?;
        let done = async {
            let Invitation { id, name, email, agency, roles } = invitation;
            let roles = of_agency(&write, agency, roles).await?;
            let (member, change) = Member::invite(id, name, email, agency, roles, write.stamp()?);
            write
                .create(
                    Act::InviteMember,
                    member,
                    Resource::owned(Kind::Account, agency),
                    &change.what.write(),
                )
                .await
        };
        let done = done.await;
        write.finish(done).await
    }

    /// The operator installs a member, active at once: the first administrator of an organisation, or people of the demo.
    pub async fn install_member(
        &self,
        outside: Outside<'_>,
        invitation: Invitation,
        scope: MemberScope,
    ) -> Result<Held<Member>> {
        let Invitation { id, name, email, agency, roles } = invitation;
        let stamp = crate::import::nobody(outside);
        let mut write = self.write_outside(outside).await?;
        let done = async {
            let roles = of_agency(&write, agency, roles).await?;
            let (member, change) = Member::invite(id, name, email, agency, roles, stamp);
            let (member, _) = member.change_scope(scope, stamp)?;
            let (member, _) = member.activate(stamp)?;
            let what = change.what.write();
            write.create(Act::InviteMember, member, Resource::owned(Kind::Account, agency), &what).await
        };
        let done = done.await;
        write.finish(done).await
    }

    /// One member.
    pub async fn member(&self, context: &Context<'_>, id: MemberId) -> Result<Held<Member>> {
        self.view(context, Act::View, id.bits()).await
    }

    /// Members that the actor may see, newest first.
    pub async fn members(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Member>> {
        self.list(context, listed).await
    }

    /// Lets a member sign in.
    pub async fn activate_member(
        &self,
        context: &Context<'_>,
        id: MemberId,
        revision: Revision,
    ) -> Result<Held<Member>> {
        let step = |member: Member, stamp| Ok(member.activate(stamp)?);
        self.change(context, Act::ChangeMember, id.bits(), revision, step).await
    }

    /// Changes the number at which a member is called.
    pub async fn change_phone(
        &self,
        context: &Context<'_>,
        id: MemberId,
        revision: Revision,
        phone: Option<PhoneNumber>,
    ) -> Result<Held<Member>> {
        let step = |member: Member, stamp| Ok(member.change_phone(phone, stamp)?);
        self.change(context, Act::ChangeMember, id.bits(), revision, step).await
    }

    /// Changes the number at which the actor is called, whatever else their account says by now.
    pub async fn keep_own_number(
        &self,
        context: &Context<'_>,
        request: u128,
        phone: Option<PhoneNumber>,
    ) -> Result<Held<Member>> {
        let own = context.actor.member.bits();
        let mut write = self.write(context).await?;
        let done = async {
            let seen = record::there(write.find::<Member>(own).await)?.map_or(0, |held| held.version);
            let step = |member: Member, stamp| Ok(member.change_phone(phone, stamp)?);
            write.alter(Act::KeepOwnNumber, own, Revision { seen, request }, step).await
        };
        let done = done.await;
        write.finish(done).await
    }

    /// Changes the roles of a member, to others that their organisation has.
    pub async fn change_roles(
        &self,
        context: &Context<'_>,
        id: MemberId,
        revision: Revision,
        roles: Roles,
    ) -> Result<Held<Member>> {
        let mut write = self.write(context).await?;
        let done = async {
            // Before whether there is such a member was decided nothing is said of the roles.
            let known = record::there(write.find::<Member>(id.bits()).await)?;
            let kind = match known {
                Some(held) => write.find::<Agency>(held.noun.agency.bits()).await?.map(|held| held.noun.kind),
                None => None,
            };
            let step = |member: Member, stamp| {
                let kind = kind.ok_or(StoreError::NotFound { noun: Agency::NOUN })?;
                Ok(member.change_roles(roles.at(kind)?, stamp)?)
            };
            write.alter(Act::ChangeMember, id.bits(), revision, step).await
        };
        let done = done.await;
        write.finish(done).await
    }

    /// Changes task forces, compartments or the end of access of a member.
    pub async fn change_scope(
        &self,
        context: &Context<'_>,
        id: MemberId,
        revision: Revision,
        scope: MemberScope,
    ) -> Result<Held<Member>> {
        let step = |member: Member, stamp| Ok(member.change_scope(scope, stamp)?);
        self.change(context, Act::ChangeMember, id.bits(), revision, step).await
    }

    /// Releases a locked account; what was tried before counts no more.
    pub async fn unlock_member(
        &self,
        context: &Context<'_>,
        id: MemberId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Member>> {
        let mut write = self.write(context).await?;
        let done = async {
            let step = |member: Member, stamp| Ok(member.unlock(grounds, stamp)?);
            let held = write.alter(Act::LockMember, id.bits(), revision, step).await?;
            credential::forgive(write.connection(), id).await?;
            Ok(held)
        };
        let done = done.await;
        write.finish(done).await
    }

    /// Locks an account.
    pub async fn lock_member(
        &self,
        context: &Context<'_>,
        id: MemberId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Member>> {
        let step = |member: Member, stamp| Ok(member.lock(grounds, stamp)?);
        self.shut_out(context, id, revision, step).await
    }

    /// Records that a member left.
    pub async fn member_left(
        &self,
        context: &Context<'_>,
        id: MemberId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Member>> {
        let step = |member: Member, stamp| Ok(member.leave(grounds, stamp)?);
        self.shut_out(context, id, revision, step).await
    }

    /// A move after which the member's open sessions are over, also when the account is released again.
    async fn shut_out(
        &self,
        context: &Context<'_>,
        id: MemberId,
        revision: Revision,
        step: impl FnOnce(Member, Stamp) -> Result<(Member, Change<MemberChange>)>,
    ) -> Result<Held<Member>> {
        let mut write = self.write(context).await?;
        let done = async {
            let held = write.alter(Act::LockMember, id.bits(), revision, step).await?;
            session::shut(write.connection(), id).await?;
            Ok(held)
        };
        let done = done.await;
        write.finish(done).await
    }
}
