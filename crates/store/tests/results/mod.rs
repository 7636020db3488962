//! Results: one child counts once whoever claims it, and what was frozen regenerates whatever is recorded later.

use crate::leads::seen;
use crate::support::{EAST, Fresh, Person, WEST, grounds, outside, second_of_day};
use homeward_access::PurposeKind;
use homeward_model::{
    AgeAt, AgencyId, By, CaseId, Counted, CountedResult, DateWindow, Digest, InitiativeId, Judged,
    JudgedKind, JudgementId, Met, MissingReportId, Pairing, PeriodId, PersonId, Place, RecoveryFactId,
    RecoveryKind, ResultId, ResultKind, Role, Verdict, VictimId,
};
use homeward_store::period::counts;
use homeward_store::recovery::NewFact;
use homeward_store::result::{Claim, Counting};
use homeward_store::services::{Listing, Taken};
use homeward_store::victim::NewVictim;
use homeward_store::{Held, Listed, Store, StoreError};

/// The organisation that runs the system.
const DESK: AgencyId = AgencyId::from_bits(0xde5c);

fn officer(member: u128, agency: AgencyId) -> Person {
    Person::new(member, agency, &[Role::Records]).for_purpose(PurposeKind::Results)
}

fn supervisor(member: u128, agency: AgencyId) -> Person {
    Person::new(member, agency, &[Role::Supervisor]).for_purpose(PurposeKind::Results)
}

fn claim(number: u128, kind: ResultKind, of: u128) -> Claim {
    let of = match kind {
        ResultKind::CaseOpened => Counted::Case(CaseId::from_bits(of)),
        _ => Counted::Person(PersonId::from_bits(of)),
    };
    let place = Place { state: Some("NC".to_owned()), ..Place::default() };
    Claim { id: ResultId::from_bits(number), kind, of, happened: second_of_day(0), place }
}

/// An agency claims that a child was recovered, and its supervisor confirms.
async fn recovered(store: &Store, number: u128, child: u128, agency: AgencyId, second: i64) {
    let (officer, supervisor) = (officer(agency.bits() + 1, agency), supervisor(agency.bits() + 2, agency));
    let claims = vec![claim(number, ResultKind::ChildRecovered, child)];
    store.claim_results(&officer.at(second), claims).await.unwrap();
    let id = ResultId::from_bits(number);
    store.confirm_result(&supervisor.at(second + 1), id, seen(1, number)).await.unwrap();
}

/// The store, told who counts for all.
fn counting(fresh: &Fresh) -> &Store {
    fresh.store.count_for(Counting { desk: DESK, place: |_| Place::default() });
    &fresh.store
}

fn day() -> DateWindow {
    DateWindow::new(second_of_day(-86_400), second_of_day(86_400)).unwrap()
}

const PERIOD: PeriodId = PeriodId::from_bits(0x9e);

/// Children recovered in the desk's period, as it was known at a second.
async fn children(store: &Store, second: i64) -> u64 {
    let desk = officer(0xd1, DESK);
    let (held, countable) = store.counted_period(&desk.at(100_000), PERIOD).await.unwrap();
    let ledger = countable.ledger(&counts(&held.noun, second_of_day(second)));
    ledger.figures(By::Agency).total.of(ResultKind::ChildRecovered).counted
}

pub async fn one_child_counts_once_though_three_agencies_claim(fresh: Fresh) {
    let store = counting(&fresh);
    let desk = officer(0xd1, DESK);
    let third = AgencyId::from_bits(0x7d);
    for (number, agency) in (1..).zip([EAST, WEST, third]) {
        recovered(store, number, 0xc1, agency, number as i64 * 10).await;
    }
    let opened = store.open_period(&desk.at(50), PERIOD, "one day".to_owned(), day(), None).await.unwrap();
    assert_eq!(opened.noun.state().word(), "open");
    assert_eq!((children(store, 9).await, children(store, 11).await, children(store, 50).await), (0, 1, 1));
    // Another record of the same child: two, until somebody judges them one, and two again when that is undone.
    recovered(store, 4, 0xc2, WEST, 60).await;
    assert_eq!(children(store, 69).await, 2);
    let analyst = Person::new(0xa1, DESK, &[Role::Analyst]);
    let judged = |id| Judged { kind: JudgedKind::Person, id: PersonId::from_bits(id).to_string() };
    let judgement = JudgementId::from_bits(0x1d);
    let pair = (judged(0xc1), judged(0xc2));
    store.judge(&analyst.at(70), judgement, pair, Verdict::Same, grounds("the same mother")).await.unwrap();
    store.undo_judgement(&analyst.at(80), judgement, seen(1, 81), grounds("two sisters")).await.unwrap();
    let mut known = Vec::new();
    for second in [69, 70, 79, 80] {
        known.push(children(store, second).await);
    }
    assert_eq!(known, [2, 1, 1, 2]);
}

/// An agency meets the child of a report and records that they were recovered.
async fn met_and_recovered(store: &Store, agency: AgencyId, second: i64) -> RecoveryFactId {
    let finder = Person::new(agency.bits() + 7, agency, &[Role::Investigator]);
    let victim = VictimId::from_bits(agency.bits() << 8);
    let new = NewVictim {
        id: victim,
        person: PersonId::of_report(REPORT),
        called: "Rowan Exampleton".into(),
        report: None,
        met: Met { at: second_of_day(second), event: None, lead: None },
        age: AgeAt::Known(15),
        pairing: Pairing::With(finder.actor.member),
    };
    store.record_victim(&finder.at(second), new).await.unwrap();
    let id = RecoveryFactId::from_bits(agency.bits() << 16);
    let (kind, happened) = (RecoveryKind::Recovered, second_of_day(second));
    let fact = NewFact { id, victim, kind, happened, evidence: grounds("seen by two members") };
    for _ in 0..3 {
        store.record_recovery(&finder.at(second + 1), fact.clone()).await.unwrap();
    }
    let supervisor = supervisor(agency.bits() + 2, agency);
    store.confirm_recovery(&supervisor.at(second + 2), id, seen(1, second as u128)).await.unwrap();
    id
}

pub async fn a_recovery_fact_is_claimed_with_it_and_goes_with_it(fresh: Fresh) {
    let store = counting(&fresh);
    let desk = officer(0xd1, DESK);
    store.open_period(&desk.at(1), PERIOD, "one day".to_owned(), day(), None).await.unwrap();
    let mut facts = Vec::new();
    for (second, agency) in [(10, EAST), (20, WEST), (30, AgencyId::from_bits(0x7d))] {
        facts.push(met_and_recovered(store, agency, second).await);
    }
    assert_eq!((children(store, 11).await, children(store, 12).await, children(store, 40).await), (0, 1, 1));
    let claims = store.results(&desk.at(41), &Listed::default()).await.unwrap().records;
    assert_eq!(claims.len(), 3);
    assert!(facts.iter().all(|fact| claims.iter().any(|claim| claim.noun.fact == Some(*fact))));
    // A claim goes with its fact, and not alone.
    let refusal = store
        .withdraw_result(&supervisor(3, EAST).at(42), claim_of(&claims, EAST), seen(2, 9), grounds("no"))
        .await
        .unwrap_err()
        .to_string();
    assert!(refusal.contains("withdraw that, and it goes with it"), "{refusal}");
    for (fact, agency) in facts.into_iter().zip([EAST, WEST, AgencyId::from_bits(0x7d)]) {
        let supervisor = supervisor(agency.bits() + 2, agency);
        let why = grounds("another child");
        store.withdraw_recovery(&supervisor.at(50), fact, seen(2, 7), why).await.unwrap();
    }
    assert_eq!((children(store, 49).await, children(store, 50).await), (1, 0));
}

fn claim_of(claims: &[Held<CountedResult>], agency: AgencyId) -> ResultId {
    claims.iter().find(|held| held.noun.agency == agency).unwrap().noun.id
}

/// The report that all of them found the child by.
const REPORT: MissingReportId = MissingReportId::from_bits(0x4e9);

pub async fn who_claims_does_not_confirm_and_no_other_agency_reads_it(fresh: Fresh) {
    let store = counting(&fresh);
    let (east, west) = (officer(1, EAST), officer(2, WEST));
    let id = ResultId::from_bits(7);
    for _ in 0..5 {
        let claims = vec![claim(7, ResultKind::CaseOpened, 0xca5e)];
        let held = store.claim_results(&east.at(1), claims).await.unwrap();
        assert_eq!((held.len(), held[0].version), (1, 1));
    }
    let refusal = store.confirm_result(&east.at(2), id, seen(1, 1)).await.unwrap_err().to_string();
    assert!(refusal.contains("who claimed it cannot confirm it"), "{refusal}");
    assert!(matches!(store.result(&west.at(3), id).await, Err(StoreError::NotFound { .. })));
    assert!(store.results(&west.at(3), &Listed::default()).await.unwrap().records.is_empty());
    assert!(store.countable(&west.at(3), false).await.unwrap().results.is_empty());
    // The desk reads it, and changes nothing of it.
    let desk = officer(0xd1, DESK);
    assert_eq!(store.result(&desk.at(4), id).await.unwrap().noun.agency, EAST);
    assert!(matches!(
        store.confirm_result(&desk.at(4), id, seen(1, 2)).await,
        Err(StoreError::NotFound { .. })
    ));
    assert_eq!(store.countable(&desk.at(4), false).await.unwrap().results.len(), 1);
    let supervisor = supervisor(3, EAST);
    store.confirm_result(&supervisor.at(5), id, seen(1, 3)).await.unwrap();
    let held = store.withdraw_result(&east.at(6), id, seen(2, 4), grounds("opened twice")).await.unwrap();
    assert_eq!(held.noun.state().word(), "withdrawn");
    let early = claim(8, ResultKind::Arrest, 1);
    let early = vec![Claim { happened: second_of_day(100), ..early }];
    let refusal = store.claim_results(&east.at(7), early).await.unwrap_err().to_string();
    assert!(refusal.contains("has not come yet"), "{refusal}");
}

pub async fn whoever_runs_an_initiative_counts_the_results_of_agencies_in_it(fresh: Fresh) {
    let store = counting(&fresh);
    let month = InitiativeId::from_bits(0x1111);
    let lead = Person::new(0xc0, EAST, &[Role::Coordinator]).for_purpose(PurposeKind::Investigation);
    let window = DateWindow::new(second_of_day(-100), second_of_day(1000)).unwrap();
    store.plan_initiative(&lead.at(1), month, "one month".into(), window).await.unwrap();
    let third = AgencyId::from_bits(0x7d);
    let naming = |number, second, initiative| {
        let place = Place { initiative, ..Place::default() };
        let claim = claim(number, ResultKind::Arrest, 0xa00 + number);
        vec![Claim { happened: second_of_day(second), place, ..claim }]
    };
    // Named before the agency joined, while it is in, before the initiative began; by an agency that never joined; and of none.
    store.claim_results(&officer(2, WEST).at(2), naming(1, 0, Some(month))).await.unwrap();
    store.join_initiative(&lead.at(3), month, seen(1, 1), WEST, second_of_day(900)).await.unwrap();
    store.claim_results(&officer(2, WEST).at(4), naming(2, 4, Some(month))).await.unwrap();
    store.claim_results(&officer(2, WEST).at(4), naming(3, -200, Some(month))).await.unwrap();
    store.claim_results(&officer(3, third).at(4), naming(4, 4, Some(month))).await.unwrap();
    store.claim_results(&officer(2, WEST).at(4), naming(5, 4, None)).await.unwrap();
    store.claim_results(&officer(1, EAST).at(4), naming(6, 4, Some(month))).await.unwrap();
    let counter = Person::new(0xc0, EAST, &[Role::Coordinator]).for_purpose(PurposeKind::Results);
    let counted = async |second, initiative| {
        let countable = store.countable(&counter.at(second), initiative).await.unwrap();
        let mut ids: Vec<u128> = countable.results.iter().map(|result| result.id.bits()).collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!((counted(5, true).await, counted(5, false).await), (vec![1, 2, 6], vec![6]));
    // It reads them, and changes none.
    let id = ResultId::from_bits(2);
    assert_eq!(store.result(&counter.at(6), id).await.unwrap().noun.agency, WEST);
    let refused = store.confirm_result(&supervisor(4, EAST).at(6), id, seen(1, 2)).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })));
    // A period counts what is its agency's own: what is lent would be gone from it later.
    let east = officer(1, EAST);
    store.open_period(&east.at(7), PERIOD, "one day".into(), day(), Some(month)).await.unwrap();
    assert_eq!(store.counted_period(&east.at(8), PERIOD).await.unwrap().1.results.len(), 1);
    // The access ends: with its date, with the agency's leaving.
    assert_eq!(counted(900, true).await, [6]);
    store.leave_initiative(&lead.at(9), month, seen(2, 3), WEST, grounds("done")).await.unwrap();
    assert_eq!(counted(10, true).await, [6]);
    assert!(store.result(&counter.at(11), id).await.is_err());
}

pub async fn what_is_lent_in_turn_is_counted_in_turn(fresh: Fresh) {
    let store = counting(&fresh);
    let month = InitiativeId::from_bits(0x1111);
    let lead = Person::new(0xc0, EAST, &[Role::Coordinator]).for_purpose(PurposeKind::Investigation);
    let counter = Person::new(0xc0, EAST, &[Role::Coordinator]).for_purpose(PurposeKind::Results);
    let window = DateWindow::new(second_of_day(-100), second_of_day(1000)).unwrap();
    store.plan_initiative(&lead.at(1), month, "one month".into(), window).await.unwrap();
    let counted = async |second| {
        let countable = store.countable(&counter.at(second), true).await.unwrap();
        countable.results.iter().map(|result| result.id.bits()).collect::<Vec<u128>>()
    };
    // The access of one agency ends before that of the next begins; each has claimed one result.
    for (number, agency, joins, ends) in [(1, WEST, 10, 50), (2, AgencyId::from_bits(0x7d), 60, 900)] {
        let place = Place { initiative: Some(month), ..Place::default() };
        let claims = vec![Claim { place, ..claim(number, ResultKind::Arrest, 0xa00 + number) }];
        let version = store.initiative(&lead.at(joins), month).await.unwrap().version;
        let revision = seen(version, number);
        store.join_initiative(&lead.at(joins), month, revision, agency, second_of_day(ends)).await.unwrap();
        store.claim_results(&officer(agency.bits() + 1, agency).at(joins + 1), claims).await.unwrap();
        assert_eq!(counted(joins + 2).await, [number]);
    }
}

pub async fn a_claim_beside_a_freeze_is_in_it_or_refused(fresh: Fresh) {
    let store = counting(&fresh);
    let desk = officer(0xd1, DESK);
    store.open_period(&desk.at(1), PERIOD, "one day".to_owned(), day(), None).await.unwrap();
    let beside = fresh.again().await;
    beside.count_for(Counting { desk: DESK, place: |_| Place::default() });
    // Another server claims, for moments before and after the one that is fixed.
    let claims = tokio::spawn(async move {
        let mut refused = 0;
        for number in 1..=40 {
            let claims = vec![claim(number, ResultKind::Arrest, 0xa00 + number)];
            let second = 40 + number as i64;
            let done = beside.claim_results(&officer(1, EAST).at(second), claims).await;
            refused += usize::from(done.is_err());
            let supervisor = supervisor(3, EAST);
            let id = ResultId::from_bits(number);
            let _ = beside.confirm_result(&supervisor.at(second), id, seen(1, number)).await;
        }
        refused
    });
    let frozen = store.freeze_period(&desk.at(60), PERIOD, seen(1, 1)).await.unwrap();
    assert!(claims.await.unwrap() <= 20);
    let fixed = frozen.noun.current().unwrap();
    let (held, countable) = store.counted_period(&desk.at(100), PERIOD).await.unwrap();
    let ledger = countable.ledger(&counts(&held.noun, fixed.as_of));
    assert_eq!((ledger.digest(), ledger.totals()), (fixed.counted, fixed.figures.clone()));
}

pub async fn reading_on_counts_what_a_fresh_start_counts(fresh: Fresh) {
    let store = counting(&fresh);
    let desk = officer(0xd1, DESK);
    let analyst = Person::new(0xa1, DESK, &[Role::Analyst]);
    let judged = |id| Judged { kind: JudgedKind::Person, id: PersonId::from_bits(id).to_string() };
    let judgement = JudgementId::from_bits(0x1d);
    for round in 0..6 {
        // One server's clock is hours behind: what it records is not the newest.
        let second = if round % 2 == 0 { 10_000 + round } else { 100 + round };
        let number = 2 * round as u128;
        match round {
            2 => {
                let pair = (judged(0xc0), judged(0xc1));
                let why = grounds("the same mother");
                store.judge(&analyst.at(second), judgement, pair, Verdict::Same, why).await.unwrap();
            }
            4 => {
                let revision = seen(1, 81);
                store.undo_judgement(&analyst.at(second), judgement, revision, grounds("two")).await.unwrap();
                let claim = ResultId::from_bits(1);
                let supervisor = supervisor(3, EAST);
                store
                    .withdraw_result(&supervisor.at(second), claim, seen(2, 82), grounds("no"))
                    .await
                    .unwrap();
            }
            _ => {}
        }
        recovered(store, number + 1, 0xc0 + number, if round < 3 { EAST } else { DESK }, second).await;
        let read_on = store.countable(&desk.at(20_000), false).await.unwrap();
        let whole = fresh.again().await;
        let whole = whole.countable(&desk.at(20_000), false).await.unwrap();
        let sorted = |mut results: Vec<CountedResult>| {
            results.sort_by_key(|result| result.id);
            results
        };
        assert_eq!(sorted(read_on.results.clone()), sorted(whole.results.clone()));
        assert_eq!(read_on.judgements, whole.judgements);
    }
}

pub async fn a_frozen_figure_regenerates_after_ten_thousand_later_facts(fresh: Fresh) {
    let store = counting(&fresh);
    let desk = officer(0xd1, DESK);
    for number in 1..=20 {
        recovered(store, number, 0xc00 + number / 2, EAST, number as i64 * 2).await;
    }
    store.open_period(&desk.at(50), PERIOD, "one day".to_owned(), day(), None).await.unwrap();
    let frozen = store.freeze_period(&desk.at(51), PERIOD, seen(1, 1)).await.unwrap();
    let fixed = frozen.noun.current().unwrap().clone();
    let children = fixed.figures.iter().find(|(kind, _)| *kind == ResultKind::ChildRecovered).unwrap().1;
    assert_eq!(children, 11);
    // Nothing slips in beside it.
    let late = vec![claim(0x51, ResultKind::Arrest, 0x51)];
    let refusal = store.claim_results(&officer(1, EAST).at(51), late).await.unwrap_err().to_string();
    assert!(refusal.contains("send it again"), "{refusal}");
    let judged = |id| Judged { kind: JudgedKind::Person, id: PersonId::from_bits(id).to_string() };
    let analyst = Person::new(0xa1, DESK, &[Role::Analyst]);
    let (judgement, pair) = (JudgementId::from_bits(0x1c), (judged(0xc02), judged(0xc06)));
    let (then, why) = (analyst.at(51), grounds("one birthday"));
    let refusal = store.judge(&then, judgement, pair, Verdict::Same, why).await.unwrap_err().to_string();
    assert!(refusal.contains("send it again"), "{refusal}");
    // Later: ten thousand claims, a confirmation, a withdrawal, a judgement.
    for (second, part) in (60..).zip(0..20) {
        let numbers = (0..500).map(|number| 0x10_0000 + part * 500 + number);
        let claims = numbers.map(|number| claim(number, ResultKind::ChildRecovered, number)).collect();
        store.claim_results(&officer(1, EAST).at(second), claims).await.unwrap();
    }
    let supervisor = supervisor(3, EAST);
    store.confirm_result(&supervisor.at(90), ResultId::from_bits(0x10_0000), seen(1, 5)).await.unwrap();
    let withdrawn = ResultId::from_bits(3);
    store.withdraw_result(&supervisor.at(91), withdrawn, seen(2, 6), grounds("another child")).await.unwrap();
    let pair = (judged(0xc02), judged(0xc04));
    let judgement = JudgementId::from_bits(0x1d);
    store.judge(&analyst.at(92), judgement, pair, Verdict::Same, grounds("one birthday")).await.unwrap();
    let again = |at| {
        let store = store.clone();
        async move {
            let (held, countable) = store.counted_period(&officer(0xd1, DESK).at(100), PERIOD).await.unwrap();
            let ledger = countable.ledger(&counts(&held.noun, at));
            (ledger.digest(), ledger.totals())
        }
    };
    assert_eq!(again(fixed.as_of).await, (fixed.counted, fixed.figures.clone()));
    // Amended, it says what is known now, and what was published stays.
    let why = grounds("one more was confirmed, and two were one");
    let amended = store.amend_period(&desk.at(101), PERIOD, seen(2, 2), why).await.unwrap().noun;
    let now = amended.current().unwrap().clone();
    assert_eq!(again(now.as_of).await, (now.counted, now.figures));
    assert_eq!(amended.fixings()[0].0, &fixed);
    assert_ne!(now.counted, fixed.counted);
    let refusal = store.freeze_period(&desk.at(102), PERIOD, seen(3, 3)).await.unwrap_err().to_string();
    assert_eq!(refusal, "a result period that is amended cannot be frozen; allowed: amend");
}

fn listing(id: &str, body: &str) -> Listing {
    Listing { id: id.into(), kind: "service".into(), source: "sample".into(), body: body.into() }
}

pub async fn the_provider_directory_is_taken_in_once(fresh: Fresh) {
    let store = &fresh.store;
    let listings = vec![listing("a", "{}"), listing("b", "{}")];
    let taken = store.take_listings(outside(1), listings.clone()).await.unwrap();
    assert_eq!(taken, Taken { accepted: 2, ..Taken::default() });
    let taken = store.take_listings(outside(2), listings).await.unwrap();
    assert_eq!(taken, Taken { repeated: 2, ..Taken::default() });
    let taken =
        store.take_listings(outside(3), vec![listing("b", "{\"status\":\"defunct\"}")]).await.unwrap();
    assert_eq!(taken, Taken { changed: 1, ..Taken::default() });
    let bodies: Vec<String> = store.listings().await.unwrap().into_iter().map(|one| one.body).collect();
    assert_eq!(bodies, ["{}", "{\"status\":\"defunct\"}"]);
    let paper = Digest::of(b"a signed letter");
    store.permit_address(outside(4), "l-1", "the director", paper).await.unwrap();
    assert_eq!(store.permitted_addresses().await.unwrap().len(), 1);
    assert!(store.withdraw_address(outside(5), "l-1").await.unwrap());
    assert!(!store.withdraw_address(outside(6), "l-1").await.unwrap());
    assert!(store.permitted_addresses().await.unwrap().is_empty());
    assert!(store.verify(Some(&fresh.witness())).await.unwrap().is_ok());
}
