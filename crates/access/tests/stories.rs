//! Single decisions that people will ask about, with the words they are answered in.

use homeward_access::{
    Act, Actor, Basis, Decision, Kind, Purpose, PurposeKind, Relation, Resource, authorize, explain,
    who_can_see,
};
use homeward_model::{
    AgencyId, CompartmentId, DateWindow, Grounds, Instant, LeadId, MemberId, Role, Roles, TaskForceId,
};

const NOW: Instant = Instant(50);
const POLICE: AgencyId = AgencyId::from_bits(1);
const PROVIDER: AgencyId = AgencyId::from_bits(2);
const ANN: MemberId = MemberId::from_bits(1);
const BEN: MemberId = MemberId::from_bits(2);

fn actor(role: Role, member: MemberId, organisation: AgencyId) -> Actor {
    Actor {
        member,
        roles: Roles::new(vec![role]).unwrap(),
        organisation,
        provider: organisation == PROVIDER,
        task_forces: Vec::new(),
        compartments: Vec::new(),
        access_ends: None,
    }
}

fn window(start: i64, end: i64) -> DateWindow {
    DateWindow::new(Instant(start), Instant(end)).unwrap()
}

fn ask(actor: &Actor, act: Act, resource: &Resource) -> Decision {
    authorize(actor, act, &Purpose::of(PurposeKind::Investigation), resource, NOW)
}

fn refused(decision: &Decision, policy: &str) {
    assert!(!decision.allow && decision.policies.iter().any(|decided| decided.id == policy), "{decision:?}");
}

#[test]
fn a_release_opens_a_note_while_it_stands() {
    let mut note = Resource::owned(Kind::ServiceNote, PROVIDER);
    note.assigned = vec![BEN];
    let police = [Role::Investigator, Role::Supervisor, Role::Coordinator, Role::Prosecutor];
    let may = |note: &Resource, role| ask(&actor(role, ANN, POLICE), Act::View, note).allow;
    assert!(!police.iter().any(|role| may(&note, *role)));
    note.releases = vec![(POLICE, window(40, 60))];
    assert!(police.iter().all(|role| may(&note, *role)) && !may(&note, Role::Administrator));
    assert!(!ask(&actor(Role::Investigator, ANN, POLICE), Act::WriteServiceNote, &note).allow);
    note.releases = vec![(POLICE, window(40, 50))];
    refused(&ask(&actor(Role::Supervisor, ANN, POLICE), Act::View, &note), "wall");
}

#[test]
fn a_partner_is_a_providers_alone() {
    for kind in [Kind::ServiceNote, Kind::ServicePlan, Kind::ProviderRecord, Kind::Disclosure] {
        let at = |agency| {
            ask(&actor(Role::ServicePartner, ANN, agency), Act::View, &Resource::owned(kind, agency))
        };
        assert!(at(PROVIDER).allow, "{kind}");
        refused(&at(POLICE), "wall");
    }
    let mut released = Resource::owned(Kind::ServiceNote, PROVIDER);
    released.releases = vec![(POLICE, window(40, 60))];
    assert!(!ask(&actor(Role::ServicePartner, ANN, POLICE), Act::View, &released).allow);
    for kind in [Kind::Victim, Kind::Referral, Kind::Release] {
        let own = Resource::owned(kind, POLICE);
        assert!(!ask(&actor(Role::ServicePartner, ANN, POLICE), Act::View, &own).allow, "{kind}");
    }
}

#[test]
fn a_specialists_note_is_closed_to_their_own_commander() {
    let mut note = Resource::owned(Kind::ServiceNote, POLICE);
    note.assigned = vec![BEN];
    assert!(ask(&actor(Role::VictimSpecialist, BEN, POLICE), Act::View, &note).allow);
    assert!(!ask(&actor(Role::VictimSpecialist, ANN, POLICE), Act::View, &note).allow);
    let decision = ask(&actor(Role::Supervisor, ANN, POLICE), Act::View, &note);
    assert_eq!(
        decision.to_string(),
        "refused: victim-service records are behind the wall: only a standing release opens them"
    );
}

#[test]
fn break_glass_takes_a_reason_opens_for_a_while_and_is_reviewed_by_another() {
    let supervisor = actor(Role::Supervisor, ANN, POLICE);
    let mut lead = Resource::owned(Kind::Lead, POLICE);
    lead.sealed = true;
    lead.compartment = Some(CompartmentId::from_bits(1));
    refused(&ask(&supervisor, Act::View, &lead), "sealed");
    refused(&ask(&supervisor, Act::BreakGlass, &lead), "break-glass-needs-a-reason");
    let reason = Some(Grounds::new("a child may be reached tonight").unwrap());
    let purpose = Purpose { reason, ..Purpose::of(PurposeKind::Investigation) };
    assert!(authorize(&supervisor, Act::BreakGlass, &purpose, &lead, NOW).allow);
    lead.opened = vec![(ANN, window(50, 60))];
    assert!(ask(&supervisor, Act::View, &lead).allow && !ask(&supervisor, Act::CloseLead, &lead).allow);
    assert!(!authorize(&supervisor, Act::View, &purpose, &lead, Instant(60)).allow);
    let mut emergency = Resource::owned(Kind::Emergency, POLICE);
    emergency.assigned = vec![ANN];
    refused(&ask(&supervisor, Act::ReviewBreakGlass, &emergency), "not-on-oneself");
    assert!(ask(&actor(Role::Supervisor, BEN, POLICE), Act::ReviewBreakGlass, &emergency).allow);
}

#[test]
fn a_hit_lets_the_other_side_answer_and_not_read() {
    let mut check = Resource::owned(Kind::Check, POLICE);
    check.referred_to = vec![PROVIDER];
    let other = actor(Role::Investigator, BEN, PROVIDER);
    assert!(ask(&other, Act::AnswerCheck, &check).allow);
    refused(&ask(&other, Act::View, &check), "pointer-only");
    refused(&ask(&actor(Role::Supervisor, BEN, PROVIDER), Act::WaiveCheck, &check), "change-needs-a-hold");
}

#[test]
fn an_adult_is_looked_up_for_a_lead_only() {
    let archive = Resource::owned(Kind::Archive, POLICE);
    let analyst = actor(Role::Analyst, ANN, POLICE);
    refused(&ask(&analyst, Act::LookUpAdult, &archive), "look-up-needs-a-basis");
    let basis = Some(Basis::Lead(LeadId::from_bits(1)));
    let purpose = Purpose { basis, ..Purpose::of(PurposeKind::Investigation) };
    assert!(authorize(&analyst, Act::LookUpAdult, &purpose, &archive, NOW).allow);
}

#[test]
fn nothing_is_allowed_that_no_policy_allows() {
    let decision = ask(&actor(Role::Auditor, ANN, POLICE), Act::View, &Resource::owned(Kind::Lead, POLICE));
    assert_eq!(decision.to_string(), "refused: no role of yours may do this");
    let mismatch =
        ask(&actor(Role::Supervisor, ANN, POLICE), Act::TriageLead, &Resource::owned(Kind::Case, POLICE));
    assert!(!mismatch.allow);
}

#[test]
fn an_empty_task_force_reaches_nobody() {
    let lead = Resource::owned(Kind::Lead, PROVIDER);
    refused(&ask(&actor(Role::Supervisor, ANN, POLICE), Act::View, &lead), "need-to-know");
    let shared = Resource { task_forces: vec![TaskForceId::from_bits(1)], ..lead };
    refused(&ask(&actor(Role::Supervisor, ANN, POLICE), Act::View, &shared), "need-to-know");
}

#[test]
fn the_page_says_who_can_see_and_why() {
    let mut victim = Resource::owned(Kind::Victim, POLICE);
    victim.referred_to = vec![PROVIDER];
    victim.task_forces = vec![TaskForceId::from_bits(1)];
    let ways = who_can_see(&victim, NOW);
    let of = |role| ways.iter().filter(move |way| way.role == role);
    assert_eq!(
        of(Role::ServicePartner).map(|way| way.relation).collect::<Vec<_>>().last(),
        Some(&Relation::Referred(PROVIDER))
    );
    assert!(ways.iter().all(|way| !matches!(way.relation, Relation::TaskForce(_) | Relation::Stranger)));
    let why: Vec<&str> =
        of(Role::Supervisor).flat_map(|way| &way.why).map(|policy| policy.id.as_str()).collect();
    assert!(!why.is_empty() && why.iter().all(|id| *id == "supervisor-reads"), "{why:?}");
    assert!(of(Role::Analyst).next().is_none() && of(Role::Administrator).next().is_none());
}

#[test]
fn a_sealed_report_says_what_stands_against_its_reader_and_what_speaks_for_them() {
    let mut report = Resource::owned(Kind::MissingReport, POLICE);
    let supervisor = actor(Role::Supervisor, ANN, POLICE);
    let why = |report: &Resource, actor: &Actor, act| {
        explain(actor, act, &Purpose::of(PurposeKind::Investigation), report, NOW)
    };
    assert_eq!(
        why(&report, &supervisor, Act::View).to_string(),
        "allowed: a supervisor reads the work of the police side"
    );
    report.sealed = true;
    let sealed = why(&report, &supervisor, Act::View);
    assert!(!sealed.allow && sealed.permits.len() == 1 && sealed.forbids.len() == 1, "{sealed:?}");
    assert!(
        sealed.to_string().starts_with("refused: the record is sealed")
            && sealed.to_string().contains("otherwise")
    );
    // The seal is lifted in the open, by a supervisor of the owner.
    assert!(why(&report, &supervisor, Act::SealRecord).allow);
    assert!(!why(&report, &actor(Role::Supervisor, ANN, PROVIDER), Act::SealRecord).allow);
    let administrator = why(&report, &actor(Role::Administrator, BEN, POLICE), Act::View);
    assert!(!administrator.allow && administrator.permits.is_empty());
    // An act that is not done to this kind.
    assert_eq!(
        why(&report, &supervisor, Act::AskCheck).to_string(),
        "refused: no role of theirs may do this"
    );
}

#[test]
fn only_the_owner_gives_a_record_out_or_purges_it() {
    let lead =
        Resource { task_forces: vec![TaskForceId::from_bits(3)], ..Resource::owned(Kind::Lead, POLICE) };
    let mut partner = actor(Role::Supervisor, ANN, PROVIDER);
    partner.task_forces = vec![TaskForceId::from_bits(3)];
    for act in [Act::DiscloseRecord, Act::SealRecord, Act::PurgeRecord] {
        assert!(ask(&actor(Role::Supervisor, BEN, POLICE), act, &lead).allow);
        refused(&ask(&partner, act, &lead), "only-the-owner");
    }
    let officer = actor(Role::Records, BEN, POLICE);
    assert!(ask(&officer, Act::PurgeRecord, &lead).allow && !ask(&officer, Act::View, &lead).allow);
}
