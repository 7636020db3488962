//! The acts of the system, the right each one uses, and the kinds of record it is done to.

use std::fmt;

/// Declares an enum whose every value has a word and a name in the policies.
macro_rules! named {
    ($($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $value:ident = $word:literal,)+ })+) => {$(
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$doc])* $value,)+ }

        impl $name {
            /// Every value, in the order of this list.
            pub const ALL: &'static [$name] = &[$($name::$value),+];

            /// The word for this value.
            pub const fn word(self) -> &'static str {
                match self { $($name::$value => $word,)+ }
            }

            /// Its name as an identifier.
            pub const fn name(self) -> &'static str {
                match self { $($name::$value => stringify!($value),)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }
    )+};
}

named! {
    /// Kinds of record that acts are done to.
    Kind {
        /// A finding of the engine, with its disposition.
        Finding = "finding",
        /// The archive of postings, as an organisation searches it.
        Archive = "archive",
        /// A judgement.
        Judgement = "judgement",
        /// A tip.
        Tip = "tip",
        /// A missing report.
        MissingReport = "missing report",
        /// A lead.
        Lead = "lead",
        /// A deconfliction check.
        Check = "check",
        /// An initiative.
        Initiative = "initiative",
        /// An operation.
        Operation = "operation",
        /// An event.
        Event = "event",
        /// A case.
        Case = "case",
        /// A victim.
        Victim = "victim",
        /// A recovery fact.
        RecoveryFact = "recovery fact",
        /// A note of victim service.
        ServiceNote = "service note",
        /// A service plan.
        ServicePlan = "service plan",
        /// A provider's own record of a person.
        ProviderRecord = "provider record",
        /// A referral.
        Referral = "referral",
        /// A release.
        Release = "release",
        /// What had to be given away without a release.
        Disclosure = "disclosure",
        /// A counted result.
        Result = "result",
        /// A result period.
        Period = "result period",
        /// A drafted announcement.
        Draft = "draft",
        /// A member's account.
        Account = "account",
        /// An agency.
        Agency = "agency",
        /// A task force.
        TaskForce = "task force",
        /// One use of break-glass.
        Emergency = "emergency access",
        /// The audit trail of an organisation.
        AuditTrail = "audit trail",
        /// A notification.
        Notification = "notification",
    }
    /// Rights. Few: every act uses one.
    Right {
        /// See it, or see that it exists.
        Read = "read",
        /// Search.
        Search = "search",
        /// Make a new one.
        Create = "create",
        /// Change what it says.
        Edit = "edit",
        /// Decide on it.
        Decide = "decide",
        /// Approve it.
        Approve = "approve",
        /// Give it to somebody.
        Assign = "assign",
        /// Make it a lead.
        Admit = "admit",
        /// Give it out of the agency, or open a wall by consent.
        Release = "release",
        /// Fix or publish figures.
        Publish = "publish",
        /// Close it to most.
        Restrict = "restrict",
        /// See what is otherwise never shown.
        Unmask = "unmask",
        /// Open it in an emergency.
        Emergency = "emergency",
        /// Read the trail.
        Audit = "audit",
        /// Manage accounts.
        Administer = "administer",
    }
}

/// Kinds that can be sealed, and opened by break-glass. None that lies behind the wall.
const GRAVE: &[Kind] = &[Kind::MissingReport, Kind::Lead, Kind::Check, Kind::Event, Kind::Case, Kind::Victim];

/// Kinds that an agency gives to another. A check is not: it tells the other side whom to call, and nothing else.
const DISCLOSED: &[Kind] = &[Kind::MissingReport, Kind::Lead, Kind::Tip, Kind::Case];

/// Kinds whose narrative is purged when its time has come.
const PURGED: &[Kind] = &[Kind::MissingReport, Kind::Lead, Kind::Tip, Kind::Check];

/// Kinds that are read one by one or in lists: all but the archive, which is searched, and the audit trail.
const READABLE: &[Kind] = &[
    Kind::Finding,
    Kind::Judgement,
    Kind::Tip,
    Kind::MissingReport,
    Kind::Lead,
    Kind::Check,
    Kind::Initiative,
    Kind::Operation,
    Kind::Event,
    Kind::Case,
    Kind::Victim,
    Kind::RecoveryFact,
    Kind::ServiceNote,
    Kind::ServicePlan,
    Kind::ProviderRecord,
    Kind::Referral,
    Kind::Release,
    Kind::Disclosure,
    Kind::Result,
    Kind::Period,
    Kind::Draft,
    Kind::Account,
    Kind::Agency,
    Kind::TaskForce,
    Kind::Emergency,
    Kind::Notification,
];

macro_rules! acts {
    ($($(#[$doc:meta])* $act:ident = $word:literal: $right:ident, $kinds:expr;)+) => {
        named! {
            /// Every act of the system.
            Act { $($(#[$doc])* $act = $word,)+ }
        }

        impl Act {
            /// The right it uses.
            pub const fn right(self) -> Right {
                match self { $(Act::$act => Right::$right,)+ }
            }

            /// Kinds of record it is done to.
            pub const fn kinds(self) -> &'static [Kind] {
                match self { $(Act::$act => $kinds,)+ }
            }
        }
    };
}

acts! {
    /// Open one record.
    View = "view": Read, READABLE;
    /// See it in a list.
    List = "list": Read, READABLE;
    /// Search postings by text, selector, place or date.
    SearchPostings = "search postings": Search, &[Kind::Archive];
    /// Look up an adult by name or image.
    LookUpAdult = "look up adult": Search, &[Kind::Archive];
    /// Make a finding a lead.
    AdmitFinding = "admit finding": Admit, &[Kind::Finding];
    /// Dismiss a finding.
    DismissFinding = "dismiss finding": Decide, &[Kind::Finding];
    /// Undo a dismissal.
    UndoDismissal = "undo dismissal": Decide, &[Kind::Finding];
    /// Decide whether two records are one.
    Judge = "judge": Decide, &[Kind::Judgement];
    /// Undo a judgement.
    UndoJudgement = "undo judgement": Decide, &[Kind::Judgement];
    /// Make a tip a lead.
    AdmitTip = "admit tip": Admit, &[Kind::Tip];
    /// Give a tip to the agency it concerns.
    ForwardTip = "forward tip": Decide, &[Kind::Tip];
    /// Find nothing in a tip.
    DeclineTip = "decline tip": Decide, &[Kind::Tip];
    /// Enter a missing report.
    ReceiveReport = "receive report": Create, &[Kind::MissingReport];
    /// Change, enter in systems, or verify a missing report.
    EditReport = "edit report": Edit, &[Kind::MissingReport];
    /// Record that a child was located, or is missing again.
    LocateReport = "locate report": Decide, &[Kind::MissingReport];
    /// Withdraw a missing report.
    WithdrawReport = "withdraw report": Decide, &[Kind::MissingReport];
    /// Switch race on in one report's detail view.
    ViewRace = "view race": Unmask, &[Kind::MissingReport];
    /// Give a lead a priority and a route.
    TriageLead = "triage lead": Decide, &[Kind::Lead];
    /// Give a lead to a member.
    AssignLead = "assign lead": Assign, &[Kind::Lead];
    /// Start a lead, or hand it back.
    WorkLead = "work lead": Edit, &[Kind::Lead];
    /// Write a note on a lead.
    NoteLead = "note lead": Edit, &[Kind::Lead];
    /// Close a lead.
    CloseLead = "close lead": Decide, &[Kind::Lead];
    /// Reopen a lead.
    ReopenLead = "reopen lead": Decide, &[Kind::Lead];
    /// Open a case from a lead, on a predicate of its own.
    PromoteLead = "promote lead": Admit, &[Kind::Lead];
    /// Ask a check.
    AskCheck = "ask check": Create, &[Kind::Check];
    /// Acknowledge, record contact, or settle a check.
    AnswerCheck = "answer check": Decide, &[Kind::Check];
    /// Waive a check.
    WaiveCheck = "waive check": Approve, &[Kind::Check];
    /// Plan an initiative.
    PlanInitiative = "plan initiative": Create, &[Kind::Initiative];
    /// Open or end an initiative.
    RunInitiative = "run initiative": Decide, &[Kind::Initiative];
    /// Propose an operation.
    ProposeOperation = "propose operation": Create, &[Kind::Operation];
    /// Approve an operation.
    ApproveOperation = "approve operation": Approve, &[Kind::Operation];
    /// Start, end or call off an operation.
    RunOperation = "run operation": Decide, &[Kind::Operation];
    /// Plan an event.
    PlanEvent = "plan event": Create, &[Kind::Event];
    /// Change time or place of an event, its brief or team, ask a specialist, or add a subject.
    ReplanEvent = "replan event": Edit, &[Kind::Event];
    /// Confirm or decline the hour of a victim specialist, or record that they are on site.
    ConfirmSpecialist = "confirm specialist": Edit, &[Kind::Event];
    /// Log a contact of an event, or a screening for trafficking.
    NoteEvent = "note event": Edit, &[Kind::Event];
    /// Approve an event.
    ApproveEvent = "approve event": Approve, &[Kind::Event];
    /// Start, finish or call off an event, or record an arrest.
    RunEvent = "run event": Decide, &[Kind::Event];
    /// Open a case.
    OpenCase = "open case": Create, &[Kind::Case];
    /// Accept the predicate of a case.
    AcceptPredicate = "accept predicate": Approve, &[Kind::Case];
    /// Take up a case; add subjects, ages, counts, exhibits and custody.
    WorkCase = "work case": Edit, &[Kind::Case];
    /// Link evidence to elements, set tasks and write notes: who works a case and who will charge it.
    PrepareCase = "prepare case": Edit, &[Kind::Case];
    /// Give a case to a member.
    AssignCase = "assign case": Assign, &[Kind::Case];
    /// Record charges and dispositions.
    ChargeCase = "charge case": Decide, &[Kind::Case];
    /// Close or decline a case.
    CloseCase = "close case": Decide, &[Kind::Case];
    /// Record a victim.
    RecordVictim = "record victim": Create, &[Kind::Victim];
    /// Pair a victim with a specialist.
    PairSpecialist = "pair specialist": Assign, &[Kind::Victim];
    /// Record or take back steps after a recovery, and that a victim is missing again.
    KeepVictim = "keep victim": Edit, &[Kind::Victim];
    /// Append a recovery fact.
    RecordRecovery = "record recovery": Create, &[Kind::RecoveryFact];
    /// Confirm a recovery fact that somebody else wrote down.
    ConfirmRecovery = "confirm recovery": Approve, &[Kind::RecoveryFact];
    /// Withdraw a mistaken recovery fact.
    WithdrawRecovery = "withdraw recovery": Decide, &[Kind::RecoveryFact];
    /// Write a note of victim service.
    WriteServiceNote = "write service note": Create, &[Kind::ServiceNote];
    /// Write or change a service plan.
    WriteServicePlan = "write service plan": Edit, &[Kind::ServicePlan];
    /// Write a provider's own record.
    WriteProviderRecord = "write provider record": Edit, &[Kind::ProviderRecord];
    /// Refer a victim to a provider.
    MakeReferral = "make referral": Create, &[Kind::Referral];
    /// Accept, decline or finish a referral.
    AnswerReferral = "answer referral": Decide, &[Kind::Referral];
    /// Take a referral back.
    RevokeReferral = "revoke referral": Decide, &[Kind::Referral];
    /// Record a release.
    RecordRelease = "record release": Release, &[Kind::Release];
    /// Revoke a release for the victim.
    RevokeRelease = "revoke release": Release, &[Kind::Release];
    /// Write down, tell the person of, or withdraw what had to be given away without a release.
    KeepDisclosure = "keep disclosure": Edit, &[Kind::Disclosure];
    /// Claim a result.
    ClaimResult = "claim result": Create, &[Kind::Result];
    /// Confirm a result.
    ConfirmResult = "confirm result": Approve, &[Kind::Result];
    /// Withdraw a mistaken result.
    WithdrawResult = "withdraw result": Decide, &[Kind::Result];
    /// Open a result period.
    OpenPeriod = "open period": Create, &[Kind::Period];
    /// Freeze a result period.
    FreezePeriod = "freeze period": Publish, &[Kind::Period];
    /// Amend a frozen period.
    AmendPeriod = "amend period": Publish, &[Kind::Period];
    /// Write or change a draft.
    WriteDraft = "write draft": Edit, &[Kind::Draft];
    /// Approve a draft.
    ApproveDraft = "approve draft": Approve, &[Kind::Draft];
    /// Publish a draft.
    PublishDraft = "publish draft": Publish, &[Kind::Draft];
    /// Give a record out of the agency.
    DiscloseRecord = "disclose record": Release, DISCLOSED;
    /// Destroy what a record says.
    PurgeRecord = "purge record": Decide, PURGED;
    /// Seal a record, lift the seal, or put it into a compartment.
    SealRecord = "seal record": Restrict, GRAVE;
    /// Open a closed record in an emergency.
    BreakGlass = "break glass": Emergency, GRAVE;
    /// Review a use of break-glass.
    ReviewBreakGlass = "review break-glass": Approve, &[Kind::Emergency];
    /// Read who changed what.
    ReadAudit = "read audit": Audit, &[Kind::AuditTrail];
    /// Read who looked at what.
    ReadAccessLog = "read access log": Audit, &[Kind::AuditTrail];
    /// Read how well matching does for whom.
    ReadFairness = "read fairness": Audit, &[Kind::AuditTrail];
    /// Invite a member.
    InviteMember = "invite member": Administer, &[Kind::Account];
    /// Change roles, scope, telephone number or the end of access.
    ChangeMember = "change member": Administer, &[Kind::Account];
    /// Change the number at which one is called.
    KeepOwnNumber = "keep own number": Edit, &[Kind::Account];
    /// Lock, release or end an account.
    LockMember = "lock member": Administer, &[Kind::Account];
    /// Record terms of an agency, suspend or end it.
    ManageAgency = "manage agency": Administer, &[Kind::Agency];
    /// Form a task force, change its agencies, retire it.
    ManageTaskForce = "manage task force": Administer, &[Kind::TaskForce];
    /// Mark a notification as read.
    MarkRead = "mark read": Edit, &[Kind::Notification];
}
