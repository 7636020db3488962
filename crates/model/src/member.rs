//! Members: people who sign in, with their organisation, roles, and the end of their access.

use crate::moves::machine;
use crate::words::words;
use crate::{
    AgencyId, Change, CompartmentId, EmailAddress, Grounds, InitiativeId, Instant, MemberId, Moved,
    PhoneNumber, Refused, Stamp, TaskForceId,
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
        use MemberMove::{Activate, ChangePhone, ChangeRoles, ChangeScope, Leave, Lock, Unlock};
        match self {
            MemberState::Invited => &[Activate, ChangePhone, ChangeRoles, ChangeScope, Leave],
            MemberState::Active => &[ChangePhone, ChangeRoles, ChangeScope, Lock, Leave],
            MemberState::Locked { .. } => &[Unlock, ChangePhone, ChangeRoles, ChangeScope, Leave],
            MemberState::Left { .. } => &[],
        }
    }
}

machine! {
    /// Moves of a member.
    MemberMove of "a member": Member, MemberState, MemberChange {
        /// Let the member sign in for the first time.
        Activate = "activate" / "be activated",
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
    }

    proptest::proptest! {
        #[test]
        fn only_moves_that_the_state_allows_succeed(steps: Vec<u8>) {
            let attempt = |member: Member, wanted, at| match wanted {
                MemberMove::Activate => member.activate(stamp(at)),
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
