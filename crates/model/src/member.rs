//! Members: people who sign in, with their organisation, roles, and the end of their access.

use crate::moves::machine;
use crate::words::words;
use crate::{
    AgencyId, AgencyKind, Change, CompartmentId, EmailAddress, Grounds, InitiativeId, Instant, MemberId,
    Moved, PhoneNumber, Refused, Stamp, TaskForceId,
};

words! {
    /// Jobs. A member's rights come from the job, the relation to the record and nothing else.
    Role {
        /// Reads findings and admits leads.
        Analyst = "analyst",
        /// Works leads and cases.
        Investigator = "investigator",
        /// Approves and assigns.
        Supervisor = "supervisor",
        /// Plans operations and events.
        Coordinator = "operation coordinator",
        /// Stays with victims.
        VictimSpecialist = "victim specialist",
        /// Works for a provider of services.
        ServicePartner = "service partner",
        /// Charges and disposes.
        Prosecutor = "prosecutor",
        /// Keeps missing reports.
        Clearinghouse = "clearinghouse analyst",
        /// Keeps results.
        Records = "records and results officer",
        /// Reads the audit trail, and nothing else.
        Auditor = "auditor",
        /// Manages accounts and agencies, and reads no records.
        Administrator = "administrator",
    }
}

impl Role {
    /// Whether the job belongs to a provider of services or stays with victims: the inner side of the wall.
    pub const fn is_of_service(self) -> bool {
        matches!(self, Role::VictimSpecialist | Role::ServicePartner)
    }

    /// Whether an organisation of a kind has this job. A provider has jobs of service and those that run accounts and audits;
    /// its partners are nobody else's, for whoever holds the job reads what lies behind the wall.
    pub const fn is_of(self, kind: AgencyKind) -> bool {
        match kind {
            AgencyKind::Provider => {
                self.is_of_service() || matches!(self, Role::Administrator | Role::Auditor)
            }
            _ => !matches!(self, Role::ServicePartner),
        }
    }
}

/// The roles of one member: at least one, and none that must stay apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roles(Vec<Role>);

impl Roles {
    /// A set of roles. Who manages access does not audit it (CJIS AU-9(4)), nor work on records; a member on the inner
    /// side of the wall has no role on the outer one.
    pub fn new(mut roles: Vec<Role>) -> Result<Roles, Refused> {
        roles.sort_unstable();
        roles.dedup();
        let refuse = |because: &str| Err(Refused::new("set of roles", because));
        if roles.is_empty() {
            return refuse("it is empty");
        }
        if roles.len() > 1 {
            for alone in [Role::Auditor, Role::Administrator] {
                if roles.contains(&alone) {
                    return refuse(&format!("`{alone}` goes with no other role"));
                }
            }
            if roles.iter().any(|role| role.is_of_service() != roles[0].is_of_service()) {
                return refuse("roles of victim service do not go with others");
            }
        }
        Ok(Roles(roles))
    }

    /// The same roles, when an organisation of this kind has all of them.
    pub fn at(self, kind: AgencyKind) -> Result<Roles, Refused> {
        match self.0.iter().find(|role| !role.is_of(kind)) {
            Some(role) => Err(Refused::new("set of roles", format!("`{role}` is no job of a {kind} agency"))),
            None => Ok(self),
        }
    }

    /// The roles, in order.
    pub fn list(&self) -> &[Role] {
        &self.0
    }

    /// Whether a role is among them.
    pub fn has(&self, role: Role) -> bool {
        self.0.contains(&role)
    }
}

/// Until when a member has access; whichever comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccessEnd {
    /// A date set at the start.
    pub date: Option<Instant>,
    /// When the training runs out (CJIS AT-2).
    pub training: Option<Instant>,
    /// The initiative for which access was given, with its end.
    pub initiative: Option<(InitiativeId, Instant)>,
}

impl AccessEnd {
    /// The moment access ends, if it does.
    pub fn moment(&self) -> Option<Instant> {
        [self.date, self.training, self.initiative.map(|(_, end)| end)].into_iter().flatten().min()
    }
}

/// The state of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberState {
    /// Invited; cannot sign in.
    Invited,
    /// Can sign in.
    Active,
    /// Cannot sign in; only an administrator releases it.
    Locked {
        /// When.
        since: Instant,
    },
    /// Left. The id is not given to anybody else.
    Left {
        /// Who recorded it, and when.
        left: Stamp,
    },
}

impl MemberState {
    /// The word for this state.
    pub const fn word(&self) -> &'static str {
        match self {
            MemberState::Invited => "invited",
            MemberState::Active => "active",
            MemberState::Locked { .. } => "locked",
            MemberState::Left { .. } => "left",
        }
    }

    /// Moves that this state allows.
    pub const fn allowed(&self) -> &'static [MemberMove] {
        use MemberMove::{
            Activate, ChangePhone, ChangeRoles, ChangeScope, GiveCredential, Leave, Lock, Unlock,
        };
        match self {
            MemberState::Invited => &[Activate, ChangePhone, ChangeRoles, ChangeScope, Leave],
            MemberState::Active => &[GiveCredential, ChangePhone, ChangeRoles, ChangeScope, Lock, Leave],
            MemberState::Locked { .. } => {
                &[Unlock, GiveCredential, ChangePhone, ChangeRoles, ChangeScope, Leave]
            }
            MemberState::Left { .. } => &[],
        }
    }
}

machine! {
    /// Moves of a member.
    MemberMove of "a member": Member, MemberState, MemberChange {
        /// Let the member sign in for the first time.
        Activate = "activate" / "be activated",
        /// Give a new password and new one-time codes.
        GiveCredential = "give a new password" / "be given a new password",
        /// Change the telephone number.
        ChangePhone = "change the telephone number" / "have another telephone number",
        /// Change the roles.
        ChangeRoles = "change roles" / "have other roles",
        /// Change task forces, compartments or the end of access.
        ChangeScope = "change scope" / "have another scope",
        /// Lock the account.
        Lock = "lock" / "be locked",
        /// Release a locked account.
        Unlock = "unlock" / "be unlocked",
        /// Record that the member left.
        Leave = "leave" / "leave",
    }
}

/// What a member reaches beyond the own organisation, and until when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberScope {
    /// Task forces.
    pub task_forces: Vec<TaskForceId>,
    /// Compartments the member was read into.
    pub compartments: Vec<CompartmentId>,
    /// The end of access.
    pub ends: AccessEnd,
}

/// What a move changed.
#[derive(Clone, Debug, PartialEq)]
pub enum MemberChange {
    /// The member was invited.
    Invited(Roles),
    /// The member signed in for the first time.
    Activated,
    /// Another gave the member a new password and new one-time codes.
    CredentialGiven,
    /// The telephone number changed, or was taken away; which it was is nobody's history.
    PhoneChanged,
    /// The roles changed.
    RolesChanged(Roles),
    /// Task forces, compartments or the end of access changed.
    ScopeChanged(MemberScope),
    /// The account was locked.
    Locked(Grounds),
    /// The account was released.
    Unlocked(Grounds),
    /// The member left.
    Left(Grounds),
}

/// A person who signs in.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Its id.
    pub id: MemberId,
    /// The name, as shown.
    pub name: String,
    /// The address for sign-in and notices.
    pub email: EmailAddress,
    /// The organisation.
    pub agency: AgencyId,
    phone: Option<PhoneNumber>,
    roles: Roles,
    scope: MemberScope,
    state: MemberState,
}

impl Member {
    /// An administrator invites a person.
    pub fn invite(
        id: MemberId,
        name: String,
        email: EmailAddress,
        agency: AgencyId,
        roles: Roles,
        stamp: Stamp,
    ) -> (Member, Change<MemberChange>) {
        let change = Change { stamp, what: MemberChange::Invited(roles.clone()) };
        let (scope, state) = (MemberScope::default(), MemberState::Invited);
        (Member { id, name, email, agency, phone: None, roles, scope, state }, change)
    }

    /// The member as the store kept them.
    #[must_use]
    pub fn stored(self, phone: Option<PhoneNumber>, scope: MemberScope, state: MemberState) -> Member {
        Member { phone, scope, state, ..self }
    }

    /// The number at which the member is called.
    pub const fn phone(&self) -> Option<&PhoneNumber> {
        self.phone.as_ref()
    }

    /// The roles.
    pub const fn roles(&self) -> &Roles {
        &self.roles
    }

    /// What the member reaches beyond the own organisation, and until when.
    pub const fn scope(&self) -> &MemberScope {
        &self.scope
    }

    /// Whether the member has access at a moment.
    pub fn has_access(&self, now: Instant) -> bool {
        self.state == MemberState::Active && self.scope.ends.moment().is_none_or(|end| now < end)
    }

    /// Lets the member sign in for the first time.
    pub fn activate(self, stamp: Stamp) -> Moved<Member, MemberChange> {
        self.legal(MemberMove::Activate)?;
        self.becomes(MemberState::Active, MemberChange::Activated, stamp)
    }

    /// Whether a session that was opened before goes on: too many wrong attempts of somebody else keep the member from signing in
    /// again, and not from what they are at. Whoever locks an account by hand ends its sessions.
    pub fn keeps_session(&self, opened: Instant, now: Instant) -> bool {
        match self.state {
            MemberState::Locked { since } => {
                opened <= since && self.scope.ends.moment().is_none_or(|end| now < end)
            }
            _ => self.has_access(now),
        }
    }

    /// Gives a new password and new one-time codes; nobody gives them to themselves.
    pub fn give_credential(self, stamp: Stamp) -> Moved<Member, MemberChange> {
        self.legal(MemberMove::GiveCredential)?;
        self.rule(
            MemberMove::GiveCredential,
            stamp.by != self.id,
            "nobody gives themselves new one-time codes",
        )?;
        let state = self.state.clone();
        self.becomes(state, MemberChange::CredentialGiven, stamp)
    }

    /// Changes the number at which the member is called, or takes it away.
    pub fn change_phone(mut self, phone: Option<PhoneNumber>, stamp: Stamp) -> Moved<Member, MemberChange> {
        self.legal(MemberMove::ChangePhone)?;
        self.phone = phone;
        let state = self.state.clone();
        self.becomes(state, MemberChange::PhoneChanged, stamp)
    }

    /// Changes the roles; nobody changes their own.
    pub fn change_roles(mut self, roles: Roles, stamp: Stamp) -> Moved<Member, MemberChange> {
        self.legal(MemberMove::ChangeRoles)?;
        self.rule(MemberMove::ChangeRoles, stamp.by != self.id, "nobody changes their own roles")?;
        self.roles = roles.clone();
        let state = self.state.clone();
        self.becomes(state, MemberChange::RolesChanged(roles), stamp)
    }

    /// Changes task forces, compartments or the end of access; nobody changes their own.
    pub fn change_scope(mut self, scope: MemberScope, stamp: Stamp) -> Moved<Member, MemberChange> {
        self.legal(MemberMove::ChangeScope)?;
        self.rule(MemberMove::ChangeScope, stamp.by != self.id, "nobody changes their own scope")?;
        self.scope = scope.clone();
        let state = self.state.clone();
        self.becomes(state, MemberChange::ScopeChanged(scope), stamp)
    }

    /// Locks the account.
    pub fn lock(self, grounds: Grounds, stamp: Stamp) -> Moved<Member, MemberChange> {
        self.legal(MemberMove::Lock)?;
        self.becomes(MemberState::Locked { since: stamp.at }, MemberChange::Locked(grounds), stamp)
    }

    /// Releases a locked account; nobody releases their own.
    pub fn unlock(self, grounds: Grounds, stamp: Stamp) -> Moved<Member, MemberChange> {
        self.legal(MemberMove::Unlock)?;
        self.rule(MemberMove::Unlock, stamp.by != self.id, "nobody releases their own account")?;
        self.becomes(MemberState::Active, MemberChange::Unlocked(grounds), stamp)
    }

    /// Records that the member left.
    pub fn leave(self, grounds: Grounds, stamp: Stamp) -> Moved<Member, MemberChange> {
        self.legal(MemberMove::Leave)?;
        self.becomes(MemberState::Left { left: stamp }, MemberChange::Left(grounds), stamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{grounds, id, stamp, stamp_of, walk};

    fn member() -> Member {
        let roles = Roles::new(vec![Role::Analyst]).unwrap();
        let email = EmailAddress::new("a@example.org").unwrap();
        Member::invite(id(1), "A. Reyes".into(), email, id(2), roles, stamp(0)).0
    }

    #[test]
    fn roles_that_must_stay_apart_do() {
        let error = |roles: Vec<Role>| Roles::new(roles).unwrap_err().to_string();
        assert_eq!(error(vec![]), "no set of roles: it is empty");
        let audit = error(vec![Role::Administrator, Role::Auditor]);
        assert_eq!(audit, "no set of roles: `auditor` goes with no other role");
        let wall = error(vec![Role::Investigator, Role::VictimSpecialist]);
        assert_eq!(wall, "no set of roles: roles of victim service do not go with others");
        assert!(Roles::new(vec![Role::Analyst, Role::Investigator]).is_ok());
    }

    #[test]
    fn an_organisation_has_the_jobs_of_its_kind() {
        let check = |role: Role, kind: AgencyKind, said: &str| {
            let found = Roles::new(vec![role]).unwrap().at(kind).err().map(|refused| refused.to_string());
            assert_eq!(found.unwrap_or_default(), said, "{role}, {kind}");
        };
        check(Role::ServicePartner, AgencyKind::Provider, "");
        check(Role::Administrator, AgencyKind::Provider, "");
        check(Role::VictimSpecialist, AgencyKind::Police, "");
        let partner = "no set of roles: `service partner` is no job of a police agency";
        check(Role::ServicePartner, AgencyKind::Police, partner);
        let supervisor = "no set of roles: `supervisor` is no job of a provider agency";
        check(Role::Supervisor, AgencyKind::Provider, supervisor);
    }

    #[test]
    fn access_ends_at_the_first_end() {
        let member = member().activate(stamp(1)).unwrap().0;
        assert!(member.has_access(Instant(i64::MAX)));
        let initiative = Some((id(5), stamp(20).at));
        let ends = AccessEnd { date: Some(stamp(30).at), training: None, initiative };
        let member = member.change_scope(MemberScope { ends, ..MemberScope::default() }, stamp(2)).unwrap().0;
        assert!(member.has_access(stamp(19).at) && !member.has_access(stamp(20).at));
    }

    #[test]
    fn nobody_raises_themselves() {
        let own = stamp_of(1, 3);
        assert!(member().change_roles(Roles::new(vec![Role::Supervisor]).unwrap(), own).is_err());
        assert!(member().change_scope(MemberScope::default(), own).is_err());
        let locked = member().activate(stamp(1)).unwrap().0.lock(grounds(), stamp(2)).unwrap().0;
        assert!(!locked.has_access(stamp(3).at) && locked.unlock(grounds(), own).is_err());
        assert!(member().activate(stamp(1)).unwrap().0.give_credential(own).is_err());
    }

    #[test]
    fn a_lock_keeps_out_and_does_not_throw_out() {
        let locked = member().activate(stamp(1)).unwrap().0.lock(grounds(), stamp(3)).unwrap().0;
        let now = stamp(4).at;
        assert!(locked.keeps_session(stamp(3).at, now) && !locked.keeps_session(now, now));
        let left = locked.leave(grounds(), stamp(5)).unwrap().0;
        assert!(!left.keeps_session(stamp(2).at, stamp(6).at));
    }

    proptest::proptest! {
        #[test]
        fn only_moves_that_the_state_allows_succeed(steps: Vec<u8>) {
            let attempt = |member: Member, wanted, at| match wanted {
                MemberMove::Activate => member.activate(stamp(at)),
                MemberMove::GiveCredential => member.give_credential(stamp(at)),
                MemberMove::ChangePhone => member.change_phone(PhoneNumber::new("+17045550142").ok(), stamp(at)),
                MemberMove::ChangeRoles => {
                    member.change_roles(Roles::new(vec![Role::Investigator]).unwrap(), stamp(at))
                }
                MemberMove::ChangeScope => member.change_scope(MemberScope::default(), stamp(at)),
                MemberMove::Lock => member.lock(grounds(), stamp(at)),
                MemberMove::Unlock => member.unlock(grounds(), stamp(at)),
                MemberMove::Leave => member.leave(grounds(), stamp(at)),
            };
            walk(member(), MemberMove::ALL, &steps, Member::allowed, attempt, |member| {
                assert_eq!(member.has_access(Instant(0)), member.state() == &MemberState::Active);
            });
        }
    }
}
