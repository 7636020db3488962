//! A record in which every endpoint has something to answer: for EAST and for WEST a tip, leads in each state, a check with
//! a hit, an invited member; and a request for each endpoint that is right in all but who asks.

use super::world_operations::{operations, request_of_operations};
use crate::testing::{Recorded, files_of, now, recorded_from};
use homeward_access::{Kind, Purpose, PurposeKind};
use homeward_casework::rehearsal::{
    EAST, EAST_REPORT, HARBOUR, HAVEN, PASSWORD, WEST, WEST_REPORT, actor, email, member, outside,
};
use homeward_casework::{Context, Listed, Revision, Triage, WrittenCheck, WrittenCount, WrittenResult};
use homeward_model::{
    AgeAt, AgencyId, CheckId, DateWindow, Digest, DisclosureTerms, EmailAddress, EmergencyId, Grounds,
    Instant, JudgementId, LeadId, LeadOutcome, MemberId, MemberScope, Met, Need, Pairing, PeriodId,
    PlanTerms, Priority, ProviderTerms, RecoveryKind, RecoveryStep, ReferralAsks, ReleaseTerms, ResultId,
    Role, Roles, Signature, Tip, TipId, TipSender, Verdict, Walled,
};
use homeward_store::member::Invitation;
use homeward_store::recovery::NewFact;
use homeward_store::victim::NewVictim;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::OnceLock;

/// The notification of each side's investigator, once the world is made.
static NOTICES: OnceLock<[String; 2]> = OnceLock::new();

/// Letters for what tells records of one kind apart.
pub(super) fn bits(agency: AgencyId, number: u128) -> u128 {
    agency.bits() << 16 | number
}

fn grounds() -> Grounds {
    Grounds::new("as the story needs it").unwrap()
}

/// A fresh copy of the world, behind the door of a demo: its accounts have no second factor.
pub(super) async fn world() -> Recorded {
    static MADE: OnceLock<Vec<(PathBuf, Vec<u8>)>> = OnceLock::new();
    let mut site = recorded_from(MADE.get_or_init(|| files_of(fill))).await;
    site.app = site.app_with(true);
    site
}

async fn fill(site: Recorded) {
    for agency in [EAST, WEST] {
        leads(&site, agency).await;
        let analyst = actor(agency, Role::Analyst);
        let purpose = Purpose::of(PurposeKind::Investigation);
        let context = Context { actor: &analyst, purpose: &purpose, from: "worker", now: now() };
        let finding = finding(agency, 1);
        site.record.casework.dismiss_finding(&context, finding, bits(agency, 90), grounds()).await.unwrap();
        members(&site, agency).await;
        check(&site, agency).await;
        results(&site, agency).await;
        care(&site, agency).await;
        operations(&site, agency).await;
        Box::pin(super::world_cases::fill(&site, agency)).await;
        let supervisor = actor(agency, Role::Supervisor);
        let opening = Context { actor: &supervisor, ..context };
        let (emergency, opened) = (EmergencyId::from_bits(bits(agency, 62)), bits(agency, 21));
        site.record.casework.break_glass(&opening, emergency, Kind::Lead, opened, grounds()).await.unwrap();
        let judgement = JudgementId::from_bits(bits(agency, 61));
        let judged = self::finding(agency, 0);
        site.record
            .casework
            .judge_finding(&context, judged, judgement, Verdict::Unsure, grounds())
            .await
            .unwrap();
    }
    let notices = [notice(&site, EAST).await, notice(&site, WEST).await];
    NOTICES.get_or_init(|| notices);
}

/// A check of each agency; the second meets the first, and both sides are told.
async fn check(site: &Recorded, agency: AgencyId) {
    let investigator = actor(agency, Role::Investigator);
    let purpose = Purpose::of(PurposeKind::Deconfliction);
    let context = Context { actor: &investigator, purpose: &purpose, from: "worker", now: now() };
    let asked = WrittenCheck { selectors: "phone: 919-555-0171".to_owned(), ..WrittenCheck::default() };
    site.record.casework.ask_check(&context, CheckId::from_bits(bits(agency, 60)), &asked).await.unwrap();
}

/// A claim, an open period and a frozen one. What is frozen was frozen before the clock of the tests begins.
async fn results(site: &Recorded, agency: AgencyId) {
    let officer = actor(agency, Role::Records);
    let purpose = Purpose::of(PurposeKind::Results);
    let now = Instant(now().0 - 1_000_000);
    let context = Context { actor: &officer, purpose: &purpose, from: "worker", now };
    let casework = &site.record.casework;
    for number in [320, 321] {
        let window =
            WrittenCount { from: "2019-07-01".into(), until: "2019-08-01".into(), ..Default::default() };
        let period = PeriodId::from_bits(bits(agency, number));
        casework.open_period(&context, period, "July".to_owned(), &window).await.unwrap();
    }
    let revision = Revision { seen: 1, request: bits(agency, 322) };
    casework.freeze_period(&context, PeriodId::from_bits(bits(agency, 321)), revision).await.unwrap();
    let claim = WrittenResult { kind: "arrest".into(), happened: "2019-07-12".into(), ..Default::default() };
    let claim = claim.read(ResultId::from_bits(bits(agency, 323))).unwrap();
    let context = Context { now: self::now(), ..context };
    casework.claim_results(&context, vec![claim]).await.unwrap();
}

/// The provider to which an agency of this world refers.
pub(super) fn provider_of(agency: AgencyId) -> AgencyId {
    if agency == EAST { HAVEN } else { HARBOUR }
}

/// Ids of the records of care, by their numbers.
fn cared<T: std::str::FromStr>(agency: AgencyId, number: u128) -> T {
    let text = LeadId::from_bits(bits(agency, number)).to_string();
    text.parse().unwrap_or_else(|_| panic!("it is an id"))
}

/// Three victims with a specialist: one recovered, with a note, a plan, referrals, a release and a provider's record; one with
/// a closed plan; one with nothing.
async fn care(site: &Recorded, agency: AgencyId) {
    let store = &site.record.store;
    let provider = provider_of(agency);
    let [finder, specialist] = [Role::Investigator, Role::VictimSpecialist].map(|role| actor(agency, role));
    let partner = actor(provider, Role::ServicePartner);
    let purpose = Purpose::of(PurposeKind::VictimService);
    let by = |actor| Context { actor, purpose: &purpose, from: "worker", now: now() };
    for number in [400, 401, 402] {
        let new = NewVictim {
            id: cared(agency, number),
            person: cared(agency, number),
            called: format!("somebody of {agency}"),
            report: None,
            met: Met { at: now(), event: None, lead: None },
            age: AgeAt::Known(15),
            pairing: Pairing::With(specialist.member),
        };
        store.record_victim(&by(&finder), new).await.unwrap();
    }
    let (id, victim, happened) = (cared(agency, 403), cared(agency, 400), now());
    let fact = NewFact { id, victim, kind: RecoveryKind::Recovered, happened, evidence: grounds() };
    store.record_recovery(&by(&finder), fact).await.unwrap();
    let (by_specialist, by_partner) = (by(&specialist), by(&partner));
    let revision = |seen, number| Revision { seen, request: bits(agency, number) };
    store
        .recovery_step(&by_specialist, victim, revision(2, 420), RecoveryStep::Medical, now())
        .await
        .unwrap();
    store.write_service_note(&by_specialist, cared(agency, 404), victim, grounds(), None).await.unwrap();
    let terms = || PlanTerms { needs: vec![Need::Legal], safety: "an aunt".to_owned() };
    store.draft_service_plan(&by_specialist, cared(agency, 405), victim, terms()).await.unwrap();
    let closed = cared(agency, 406);
    store.draft_service_plan(&by_specialist, closed, cared(agency, 401), terms()).await.unwrap();
    store.close_service_plan(&by_specialist, closed, revision(1, 421), grounds()).await.unwrap();
    for number in [407, 408] {
        let asks = ReferralAsks { need: Need::Legal, called: "somebody".to_owned(), says: grounds() };
        store.make_referral(&by_specialist, cared(agency, number), victim, provider, asks).await.unwrap();
    }
    store.accept_referral(&by_partner, cared(agency, 408), revision(1, 422)).await.unwrap();
    let release = ReleaseTerms {
        victim,
        provider: agency,
        receivers: vec![provider],
        covers: vec![Walled::ServiceNote],
        purpose: grounds(),
        window: DateWindow::new(now(), now().plus_days(30.0)).unwrap(),
        kept: None,
        document: Some(Digest::of(b"signed")),
        informed: true,
        signature: Signature::MinorAlone { law: "a law of the tests".to_owned() },
    };
    store.record_release(&by_specialist, cared(agency, 409), release).await.unwrap();
    let order = DisclosureTerms::Compelled {
        order: "26 CR 104".to_owned(),
        court: "a court of the tests".to_owned(),
        issued: now(),
        given: grounds(),
        safety: grounds(),
    };
    let whom = (Some(victim), "somebody");
    store.record_disclosure(&by_specialist, cared(agency, 411), whom, now(), order).await.unwrap();
    let kept = ProviderTerms { client: "somebody".to_owned(), text: grounds() };
    store.begin_provider_record(&by_partner, cared(agency, 410), None, kept).await.unwrap();
}

/// A member who was invited, and one who is locked out.
async fn members(site: &Recorded, agency: AgencyId) {
    let administrator = actor(agency, Role::Administrator);
    let purpose = Purpose::of(PurposeKind::Administration);
    let context = Context { actor: &administrator, purpose: &purpose, from: "worker", now: now() };
    let invitation = |number| Invitation {
        id: MemberId::from_bits(bits(agency, number)),
        name: format!("Newcomer {number}"),
        email: EmailAddress::new(&format!("newcomer-{number}-{agency}@example.org")).unwrap(),
        agency,
        roles: Roles::new(vec![Role::Analyst]).unwrap(),
    };
    site.record.store.invite_member(&context, invitation(80)).await.unwrap();
    let scope = MemberScope::default();
    site.record.store.install_member(outside(now()), invitation(81), scope).await.unwrap();
    let (id, revision) = (invitation(81).id, Revision { seen: 1, request: bits(agency, 82) });
    site.record.store.lock_member(&context, id, revision, grounds()).await.unwrap();
}

/// The notification of an assignment.
async fn notice(site: &Recorded, agency: AgencyId) -> String {
    let investigator = actor(agency, Role::Investigator);
    let purpose = Purpose::of(PurposeKind::Investigation);
    let context = Context { actor: &investigator, purpose: &purpose, from: "worker", now: now() };
    let found = site.record.store.notifications(&context, &Listed::default()).await.unwrap();
    found.records[0].noun.id.to_string()
}

/// A tip that waits, and a lead in each state: admitted, triaged, assigned, at work, closed.
async fn leads(site: &Recorded, agency: AgencyId) {
    let casework = &site.record.casework;
    let purpose = Purpose::of(PurposeKind::Investigation);
    let [analyst, supervisor, investigator] =
        [Role::Analyst, Role::Supervisor, Role::Investigator].map(|role| actor(agency, role));
    let context = |actor| Context { actor, purpose: &purpose, from: "worker", now: now() };
    for state in 0..=5 {
        let text = format!("tip {state} of {agency}");
        let tip = Tip::receive(
            TipId::from_bits(bits(agency, 10 + state)),
            now(),
            text,
            TipSender { contact: None },
        );
        let tip = site.record.store.receive_tip(outside(now()), tip, agency).await.unwrap();
        if state == 0 {
            continue;
        }
        let lead = LeadId::from_bits(bits(agency, 20 + state));
        casework.admit_tip(&context(&analyst), tip, 1, lead, grounds()).await.unwrap();
        let revision = |seen: i64| Revision { seen, request: bits(agency, 100 + state * 10 + seen as u128) };
        if state == 5 {
            let outcome = LeadOutcome::Unfounded;
            casework.close_lead(&context(&supervisor), lead, revision(1), outcome, grounds()).await.unwrap();
            continue;
        }
        if state >= 2 {
            let office = if agency == EAST { "Charlotte" } else { "Houston" }.to_owned();
            let triage = Triage { priority: Priority::Soon, office, agency: Some(agency) };
            casework.triage_lead(&context(&supervisor), lead, revision(1), triage).await.unwrap();
        }
        if state >= 3 {
            let to = member(agency, Role::Investigator);
            casework.assign_lead(&context(&supervisor), lead, revision(2), to).await.unwrap();
        }
        if state == 4 {
            casework.start_lead(&context(&investigator), lead, revision(3)).await.unwrap();
        }
    }
}

/// A finding for the place of an agency: the first is open, the second was dismissed.
fn finding(agency: AgencyId, number: usize) -> &'static str {
    let first = if agency == EAST { 0 } else { 2 };
    homeward_casework::rehearsal::FINDINGS[first + number]
}

/// The report of an agency.
fn report(agency: AgencyId) -> &'static str {
    if agency == EAST { EAST_REPORT } else { WEST_REPORT }
}

/// Path and body of a request that would succeed for whoever may send it, on a record of `agency`. `None` when nobody wrote
/// one for this endpoint yet.
pub(super) fn request(method: &str, path: &str, agency: AgencyId) -> Option<(String, Value)> {
    let lead = |state: u128| LeadId::from_bits(bits(agency, 20 + state)).to_string();
    let tip = TipId::from_bits(bits(agency, 10)).to_string();
    let colleague = member(agency, Role::Investigator).to_string();
    let other = if agency == EAST { WEST } else { EAST };
    let invited = |number: u128| MemberId::from_bits(bits(agency, number)).to_string();
    let why = |seen: i64| json!({"seen": seen, "grounds": "looked at again"});
    let check = CheckId::from_bits(bits(agency, 60)).to_string();
    let result = ResultId::from_bits(bits(agency, 323)).to_string();
    let period = |number: u128| PeriodId::from_bits(bits(agency, number)).to_string();
    let kept = |number: u128| LeadId::from_bits(bits(agency, number)).to_string();
    let specialist = member(EAST, Role::VictimSpecialist).to_string();
    // Of the two checks that met, the first was answered before.
    let told = if agency == EAST { 4 } else { 3 };
    let bare = path.strip_prefix("/api/v1").unwrap_or(path);
    if let Some((id, body)) = request_of_operations(method, bare, agency) {
        return Some((path.replace("{id}", &id), body));
    }
    let (id, body) = match (method, bare) {
        (_, path) if path.starts_with("/cases") && (method, path) != ("GET", "/cases") => {
            super::world_cases::request(method, path, agency)?
        }
        ("GET", "/help/{zip}") => ("28202".to_owned(), Value::Null),
        ("GET", "/findings/{id}") => (finding(agency, 0).to_owned(), Value::Null),
        (
            "GET",
            "/leads/{id}" | "/leads/{id}/history" | "/who-can-see/{noun}/{id}" | "/audit/{noun}/{id}",
        ) => (lead(1), Value::Null),
        ("GET", "/tips/{id}") => (tip, Value::Null),
        ("GET", "/missing/{id}" | "/missing/{id}/history") => (report(agency).to_owned(), Value::Null),
        ("GET", "/people/agencies/{id}") => (agency.to_string(), Value::Null),
        ("GET", "/people/members/{id}") => (colleague, Value::Null),
        ("GET", "/checks/{id}") => (check, Value::Null),
        ("GET", "/results/claims/{id}") => (result, Value::Null),
        ("GET", "/results/periods/{id}") => (period(320), Value::Null),
        ("GET", "/victims/{id}" | "/victims/{id}/care") => (kept(400), Value::Null),
        ("GET", "/notes/{id}") => (kept(404), Value::Null),
        ("GET", "/plans/{id}") => (kept(405), Value::Null),
        ("GET", "/referrals/{id}") => (kept(407), Value::Null),
        ("GET", "/releases/{id}") => (kept(409), Value::Null),
        ("GET", "/provider-records/{id}") => (kept(410), Value::Null),
        ("GET", "/disclosures/{id}") => (kept(411), Value::Null),
        ("POST", "/victims") => {
            (String::new(), json!({"called": "Avery", "age": "15", "specialist": specialist}))
        }
        ("POST", "/victims/{id}/pair") => (kept(400), json!({"seen": 3, "specialist": specialist})),
        ("POST", "/victims/{id}/step") => (kept(400), json!({"seen": 3, "step": "safe place"})),
        ("POST", "/victims/{id}/take-back") => {
            (kept(400), json!({"seen": 3, "step": "medical", "grounds": "another child"}))
        }
        ("POST", "/victims/{id}/missing-again") => (kept(400), json!({"seen": 3})),
        ("POST", "/victims/{id}/fact") => (kept(400), json!({"kind": "located", "grounds": "called home"})),
        ("POST", "/victims/{id}/note") => (kept(400), json!({"grounds": "slept well"})),
        ("POST", "/victims/{id}/plan") => (kept(402), json!({"needs": ["legal help"], "safety": "an aunt"})),
        ("POST", "/victims/{id}/refer") => (
            kept(400),
            json!({"provider": HAVEN.to_string(), "need": "legal help", "called": "A.", "grounds": "a lawyer"}),
        ),
        ("POST", "/victims/{id}/release") => (
            kept(400),
            json!({"receivers": [HAVEN.to_string()], "covers": ["service plan"], "purpose": "one interview",
                "ends": "2019-08-30", "document": "ab".repeat(32), "informed": "yes",
                "signature": "minor and guardian", "guardian": "A. Sampleton", "not_the_abuser": "yes"}),
        ),
        ("POST", path) if path.starts_with("/recovery/{id}/") => (kept(403), why(1)),
        ("POST", "/plans/{id}/write") => {
            (kept(405), json!({"seen": 1, "needs": ["legal help"], "safety": "an aunt"}))
        }
        ("POST", "/plans/{id}/deliver") => (kept(405), json!({"seen": 1, "need": "legal help"})),
        ("POST", "/plans/{id}/agree" | "/plans/{id}/close") => (kept(405), why(1)),
        ("POST", "/plans/{id}/reopen") => (kept(406), why(2)),
        ("POST", "/referrals/{id}/finish") => (kept(408), why(2)),
        ("POST", path) if path.starts_with("/referrals/{id}/") => (kept(407), why(1)),
        ("POST", "/releases/{id}/revoke") => (kept(409), why(1)),
        ("POST", "/disclosures") => (
            String::new(),
            json!({"kind": "mandatory report", "called": "A.", "to": "the county", "by": "A. Sampleton"}),
        ),
        ("POST", path) if path.starts_with("/disclosures/{id}/") => (kept(411), why(1)),
        ("POST", "/provider-records") => (String::new(), json!({"client": "A.", "grounds": "slept well"})),
        ("POST", "/provider-records/{id}/write") => {
            (kept(410), json!({"seen": 1, "client": "A.", "grounds": "slept well"}))
        }
        ("GET", path) if !path.contains('{') => (String::new(), Value::Null),
        ("POST", "/findings/{id}/judge") => {
            (finding(agency, 0).to_owned(), json!({"verdict": "unsure", "grounds": "looked at"}))
        }
        ("POST", "/judgements/{id}/undo") => (JudgementId::from_bits(bits(agency, 61)).to_string(), why(1)),
        ("POST", "/search/purpose") => {
            (String::new(), json!({"kind": "investigation", "lead": lead(1), "grounds": "the lead says so"}))
        }
        ("POST", "/results") => {
            (String::new(), json!({"kind": "arrest", "happened": "2019-07-12", "office": "Charlotte"}))
        }
        ("POST", "/results/periods") => {
            (String::new(), json!({"name": "July", "from": "2019-07-01", "until": "2019-08-01"}))
        }
        ("POST", "/results/persons/judge") => (
            String::new(),
            json!({"left": lead(1), "right": lead(2), "verdict": "same", "grounds": "one birthday"}),
        ),
        ("POST", "/results/claims/{id}/withdraw") => (result, why(1)),
        ("POST", "/results/claims/{id}/confirm") => (result, json!({"seen": 1})),
        ("POST", "/results/periods/{id}/freeze") => (period(320), json!({"seen": 1})),
        ("POST", "/results/periods/{id}/amend") => (period(321), why(2)),
        ("POST", "/checks") => (String::new(), json!({"selectors": "phone: 919-555-0172"})),
        ("POST", "/checks/{id}/settle") => {
            (check, json!({"seen": told, "outcome": "proceed", "grounds": "we talked"}))
        }
        ("POST", "/checks/{id}/raise") => {
            (check, json!({"seen": told, "to": member(agency, Role::Supervisor).to_string()}))
        }
        ("POST", "/checks/{id}/move") => (
            check,
            json!({"seen": told, "starts": "2030-01-01 10:00", "ends": "2030-01-01 12:00",
                "city": "Raleigh", "state": "NC"}),
        ),
        ("POST", path) if path.starts_with("/checks/{id}/") => (check, why(told)),
        ("POST", "/missing") => (
            String::new(),
            json!({"given_name": "Avery", "family_name": "Sampleton", "age": "15", "missing_since": "2019-07-30",
                "city": "Charlotte", "state": "NC", "category": "endangered runaway"}),
        ),
        ("POST", "/missing/{id}/edit") => (
            report(agency).to_owned(),
            json!({"seen": 1, "given_name": "Avery", "family_name": "Sampleton", "age": "15"}),
        ),
        ("POST", "/missing/{id}/enter") => {
            (report(agency).to_owned(), json!({"seen": 1, "system": "NCIC", "at": "2019-07-31"}))
        }
        ("POST", path) if path.starts_with("/missing/{id}/") => {
            (report(agency).to_owned(), json!({"seen": 1, "at": "2019-07-31", "grounds": "called home"}))
        }
        ("POST", "/break-glass/open") => (
            String::new(),
            json!({"noun": "lead", "record": lead(1), "grounds": "a child may be there tonight"}),
        ),
        // The one supervisor of each side broke the glass; nobody reviews themselves.
        ("POST", "/break-glass/{id}/review") => (
            EmergencyId::from_bits(bits(agency, 62)).to_string(),
            json!({"seen": 1, "verdict": "justified", "grounds": "a child was there"}),
        ),
        ("POST", "/tips") => (String::new(), json!({"text": "two vans by the bridge"})),
        ("POST", "/session") => {
            (String::new(), json!({"account": email(EAST, Role::Analyst), "password": PASSWORD}))
        }
        ("DELETE", "/session") | ("POST", "/account/sign-out" | "/audit/verify") => {
            (String::new(), json!({}))
        }
        ("POST", "/forms/discard") => (String::new(), json!({"path": "/leads"})),
        ("POST", "/account/phone") => (String::new(), json!({"phone": "704-555-0142"})),
        ("POST", "/account/password") => {
            (String::new(), json!({"old_password": PASSWORD, "new_password": "a-green-kettle-by-the-stove"}))
        }
        ("POST", "/findings/{id}/admit" | "/findings/{id}/dismiss") => {
            (finding(agency, 0).to_owned(), json!({"grounds": "looked at"}))
        }
        ("POST", "/findings/{id}/undo") => (finding(agency, 1).to_owned(), why(2)),
        ("POST", "/leads/{id}/triage") => (
            lead(1),
            json!({"seen": 1, "priority": "soon", "office": "Charlotte", "agency": agency.to_string()}),
        ),
        ("POST", "/leads/{id}/assign") => (lead(2), json!({"seen": 2, "to": colleague})),
        ("POST", "/leads/{id}/start") => (lead(3), json!({"seen": 3})),
        ("POST", "/leads/{id}/hand-back" | "/leads/{id}/note") => (lead(4), why(4)),
        ("POST", "/leads/{id}/close") => {
            (lead(4), json!({"seen": 4, "outcome": "unfounded", "grounds": "nothing was there"}))
        }
        ("POST", "/leads/{id}/reopen") => (lead(5), why(2)),
        ("POST", "/tips/{id}/admit" | "/tips/{id}/decline") => (tip, why(1)),
        ("POST", "/tips/{id}/forward") => (tip, json!({"seen": 1, "to": other.to_string()})),
        ("POST", "/notices/{id}/read") => (NOTICES.get()?[usize::from(agency == WEST)].clone(), json!({})),
        ("POST", "/people/agencies/{id}/join") => {
            (agency.to_string(), json!({"seen": 2, "terms": "0".repeat(64)}))
        }
        ("POST", "/people/agencies/{id}/invite") => (
            agency.to_string(),
            json!({"name": "Nora Newcomb", "email": "nora@example.org", "roles": ["analyst"]}),
        ),
        ("POST", path) if path.starts_with("/people/agencies/{id}/") => (agency.to_string(), why(2)),
        ("POST", "/people/members/{id}/activate") => {
            (invited(80), json!({"seen": 1, "password": "a-green-kettle-by-the-stove"}))
        }
        ("POST", "/people/members/{id}/credential") => {
            (colleague, json!({"seen": 1, "password": "a-green-kettle-by-the-stove"}))
        }
        ("POST", "/people/members/{id}/unlock") => (invited(81), why(2)),
        ("POST", "/people/members/{id}/phone") => (colleague, json!({"seen": 1, "phone": "704-555-0142"})),
        ("POST", "/people/members/{id}/roles") => (colleague, json!({"seen": 1, "roles": ["analyst"]})),
        ("POST", path) if path.starts_with("/people/members/{id}/") => (colleague, why(1)),
        _ => return None,
    };
    Some((path.replace("{noun}", "lead").replace("{id}", &id).replace("{zip}", &id), body))
}
