//! From a finding to a lead and its end.

use crate::care::{REPORT, met, specialist, victim, with};
use crate::support::{
    EAST, Fresh, Person, WEST, analyst, grounds, investigator, outside, second_of_day, stranger, supervisor,
};
use homeward_model::{
    DispositionId, LeadId, LeadOutcome, MissingReport, OfficeId, Priority, Route, TaskForceId,
};
use homeward_store::disposition::OfferedFinding;
use homeward_store::outcomes::Found;
use homeward_store::{Listed, Revision, StoreError};

pub fn offered(number: u128) -> OfferedFinding {
    OfferedFinding {
        id: DispositionId::from_bits(number),
        finding: format!("finding-{number}"),
        run: "run-1".into(),
        owner: EAST,
        task_forces: Vec::new(),
    }
}

pub fn lead(number: u128) -> LeadId {
    LeadId::from_bits(0x1ead_0000 + number)
}

pub fn seen(seen: i64, request: u128) -> Revision {
    // A request has an id of its own, apart from those of records.
    Revision { seen, request: 0x5ee_0000 + request }
}

pub const ROUTE: Route =
    Route { office: OfficeId::from_bits(4), agency: EAST, task_force: None, by_distance: false };

pub async fn a_finding_becomes_a_lead_and_is_closed(fresh: Fresh) {
    let (analyst, supervisor, investigator) = (analyst(), supervisor(), investigator());
    let store = &fresh.store;
    let why = grounds("two numbers and one wording");
    let (finding, made) = store.admit_finding(&analyst.at(1), offered(1), lead(1), why).await.unwrap();
    assert_eq!((finding.noun.state().word(), made.noun.state().word()), ("admitted", "admitted"));
    let triaged =
        store.triage_lead(&supervisor.at(2), lead(1), seen(1, 21), Priority::Soon, ROUTE).await.unwrap();
    let assigned =
        store.assign_lead(&supervisor.at(3), lead(1), seen(2, 22), investigator.actor.member).await.unwrap();
    assert_eq!((triaged.version, assigned.noun.assignee()), (2, Some(investigator.actor.member)));
    let store = fresh.again().await;
    store.start_lead(&investigator.at(4), lead(1), seen(3, 23)).await.unwrap();
    let why = grounds("nothing in it");
    store.close_lead(&investigator.at(5), lead(1), seen(4, 24), LeadOutcome::Unfounded, why).await.unwrap();
    let refusal = store.start_lead(&investigator.at(6), lead(1), seen(5, 25)).await.unwrap_err().to_string();
    // Closed, it is nobody's work: only a supervisor takes it up again.
    assert_eq!(refusal, "there is no such lead, or you may not do this to it");
    let why = grounds("seen again");
    let lead = store.reopen_lead(&supervisor.at(7), lead(1), seen(5, 26), why).await.unwrap();
    assert_eq!((lead.noun.state().word(), lead.version), ("reopened", 6));
    let refusal =
        store.reopen_lead(&supervisor.at(8), lead.noun.id, seen(6, 27), grounds("x")).await.unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "a lead that is reopened cannot be reopened; allowed: triage, close, note"
    );
}

pub async fn the_same_request_five_times_is_one_record(fresh: Fresh) {
    let (analyst, supervisor) = (analyst(), supervisor());
    for second in 0..5 {
        let why = grounds("two numbers");
        let (_, made) =
            fresh.store.admit_finding(&analyst.at(second), offered(1), lead(1), why).await.unwrap();
        assert_eq!(made.version, 1);
        assert_eq!(made.noun.admitted.at, analyst.at(0).now);
    }
    for second in 5..10 {
        let done = fresh
            .store
            .triage_lead(&supervisor.at(second), lead(1), seen(1, 21), Priority::Soon, ROUTE)
            .await;
        assert_eq!(done.unwrap().version, 2);
    }
    assert_eq!(fresh.store.leads(&analyst.at(11), &Listed::default()).await.unwrap().records.len(), 1);
    // Another lead from the same finding, and another finding's lead under the same id, are refused.
    let again =
        fresh.store.admit_finding(&analyst.at(12), offered(1), lead(2), grounds("x")).await.unwrap_err();
    assert!(matches!(again, StoreError::Illegal(_)), "{again}");
    let other =
        fresh.store.admit_finding(&analyst.at(13), offered(2), lead(1), grounds("x")).await.unwrap_err();
    assert_eq!(other.to_string(), "there is another lead with the same id");
    // The second finding was not left behind half admitted.
    let findings = fresh.store.dispositions(&analyst.at(14), &Listed::default()).await.unwrap();
    assert_eq!(findings.records.len(), 1);
}

pub async fn a_dismissed_finding_can_be_offered_again(fresh: Fresh) {
    let analyst = analyst();
    let store = &fresh.store;
    let dismissed =
        store.dismiss_finding(&analyst.at(1), offered(1), 31, grounds("a business")).await.unwrap();
    assert_eq!(dismissed.noun.state().word(), "dismissed");
    let refusal = store.admit_finding(&analyst.at(2), offered(1), lead(1), grounds("x")).await.unwrap_err();
    assert_eq!(refusal.to_string(), "a finding that is dismissed cannot be admitted; allowed: undo");
    let id = dismissed.noun.id;
    let undone =
        store.undo_dismissal(&analyst.at(3), id, seen(dismissed.version, 32), grounds("mistaken")).await;
    assert_eq!(undone.unwrap().noun.state().word(), "offered");
    assert!(store.admit_finding(&analyst.at(4), offered(1), lead(1), grounds("x")).await.is_ok());
}

pub async fn two_people_who_decide_at_once_see_the_conflict(fresh: Fresh) {
    let (analyst, supervisor) = (analyst(), supervisor());
    fresh.store.admit_finding(&analyst.at(1), offered(1), lead(1), grounds("x")).await.unwrap();
    let (one, two) = (analyst.at(2), supervisor.at(2));
    let (one, two) = tokio::join!(
        fresh.store.triage_lead(&one, lead(1), seen(1, 41), Priority::Urgent, ROUTE),
        fresh.store.triage_lead(&two, lead(1), seen(1, 42), Priority::Routine, ROUTE),
    );
    let late = [&one, &two].into_iter().filter_map(|done| done.as_ref().err()).collect::<Vec<_>>();
    let [StoreError::Conflict { seen: 1, now: 2, by: Some(_), .. }] = late[..] else { panic!("{late:?}") };
    assert!(late[0].hint().is_some());
}

pub async fn missing_and_forbidden_look_alike(fresh: Fresh) {
    let (analyst, stranger) = (analyst(), stranger());
    fresh.store.admit_finding(&analyst.at(1), offered(1), lead(1), grounds("x")).await.unwrap();
    let forbidden = fresh.store.lead(&stranger.at(2), lead(1)).await.unwrap_err();
    let missing = fresh.store.lead(&stranger.at(2), lead(9)).await.unwrap_err();
    assert_eq!(forbidden.to_string(), missing.to_string());
    let why = || grounds("x");
    let forbidden = fresh.store.reopen_lead(&stranger.at(3), lead(1), seen(1, 1), why()).await.unwrap_err();
    let missing = fresh.store.reopen_lead(&stranger.at(3), lead(9), seen(1, 1), why()).await.unwrap_err();
    assert_eq!(forbidden.to_string(), missing.to_string());
}

pub async fn a_list_shows_what_single_decisions_allow(fresh: Fresh) {
    let force = TaskForceId::from_bits(0xf0);
    let (analyst, stranger) = (analyst(), stranger());
    for number in 1..=5 {
        let shared = if number % 2 == 0 { vec![force] } else { Vec::new() };
        let offered = OfferedFinding { task_forces: shared, ..offered(number) };
        fresh.store.admit_finding(&analyst.at(1), offered, lead(number), grounds("x")).await.unwrap();
    }
    assert_eq!(fresh.store.leads(&stranger.at(2), &Listed::default()).await.unwrap().records, []);
    let partner = stranger.in_task_force(force);
    let shown = fresh.store.leads(&partner.at(3), &Listed::default()).await.unwrap();
    let ids: Vec<LeadId> = shown.records.iter().map(|held| held.noun.id).collect();
    assert_eq!(ids, [lead(4), lead(2)]);
    for number in 1..=5 {
        let alone = fresh.store.lead(&partner.at(4), lead(number)).await.is_ok();
        assert_eq!(alone, ids.contains(&lead(number)), "{number}");
    }
    let first = Listed { limit: 2, ..Listed::default() };
    let page = fresh.store.leads(&analyst.at(5), &first).await.unwrap();
    let second = Listed { after: page.next, ..first };
    let page = fresh.store.leads(&analyst.at(6), &second).await.unwrap();
    assert_eq!(page.records.iter().map(|held| held.noun.id).collect::<Vec<_>>(), [lead(3), lead(2)]);
}

pub async fn a_list_is_narrowed_and_counted_by_state(fresh: Fresh) {
    let force = TaskForceId::from_bits(0xf0);
    let (analyst, supervisor, investigator) = (analyst(), supervisor().in_task_force(force), investigator());
    let store = &fresh.store;
    for number in 1..=6 {
        let task_forces = if number % 2 == 0 { vec![force] } else { Vec::new() };
        let offered = OfferedFinding { task_forces, ..offered(number) };
        store.admit_finding(&analyst.at(1), offered, lead(number), grounds("x")).await.unwrap();
    }
    for number in 1..=3 {
        let request = |step: u128| step * 100 + number;
        let at = supervisor.at(2);
        store.triage_lead(&at, lead(number), seen(1, request(1)), Priority::Soon, ROUTE).await.unwrap();
        let to = investigator.actor.member;
        store.assign_lead(&at, lead(number), seen(2, request(2)), to).await.unwrap();
    }
    store.start_lead(&investigator.at(3), lead(3), seen(3, 9)).await.unwrap();
    let ids = async |person: &Person, listed: Listed| -> Vec<LeadId> {
        let page = store.leads(&person.at(4), &listed).await.unwrap();
        page.records.iter().map(|held| held.noun.id).collect()
    };
    let counts = async |person: &Person, listed: Listed| -> Vec<(String, u64)> {
        let counts = store.count_leads(&person.at(5), &listed).await.unwrap();
        counts.into_iter().map(|counted| (counted.state, counted.count)).collect()
    };
    let several = Listed { states: vec!["working".into(), "admitted".into()], ..Listed::default() };
    assert_eq!(ids(&supervisor, several.clone()).await, [lead(6), lead(5), lead(4), lead(3)]);
    let all = |states: &[(&str, u64)]| {
        states.iter().map(|(state, n)| ((*state).to_owned(), *n)).collect::<Vec<_>>()
    };
    // Owned and shared by a task force, a lead counts once.
    let by_state = all(&[("admitted", 3), ("assigned", 2), ("working", 1)]);
    assert_eq!(counts(&supervisor, Listed::default()).await, by_state);
    assert_eq!(counts(&supervisor, several).await, all(&[("admitted", 3), ("working", 1)]));
    let mine = Listed { assigned: Some(investigator.actor.member), ..Listed::default() };
    assert_eq!(ids(&investigator, mine.clone()).await, [lead(3), lead(2), lead(1)]);
    assert_eq!(counts(&investigator, mine.clone()).await, all(&[("assigned", 2), ("working", 1)]));
    // The partner sees what the task force shares, and of that what is assigned to the investigator.
    let partner = stranger().in_task_force(force);
    assert_eq!(counts(&partner, Listed::default()).await, all(&[("admitted", 2), ("assigned", 1)]));
    assert_eq!(ids(&partner, mine).await, [lead(2)]);
    assert_eq!(counts(&stranger(), Listed::default()).await, []);
}

pub async fn notes_and_grounds_are_read_in_the_history(fresh: Fresh) {
    let (analyst, supervisor) = (analyst(), supervisor());
    let store = &fresh.store;
    store.admit_finding(&analyst.at(1), offered(1), lead(1), grounds("two numbers")).await.unwrap();
    store.triage_lead(&supervisor.at(2), lead(1), seen(1, 1), Priority::Soon, ROUTE).await.unwrap();
    for second in 3..5 {
        let text = grounds("called back at noon");
        let noted = store.note_lead(&analyst.at(second), lead(1), seen(2, 2), text).await.unwrap();
        assert_eq!((noted.version, noted.noun.state().word()), (3, "triaged"));
    }
    let why = grounds("nothing in it");
    store.close_lead(&supervisor.at(5), lead(1), seen(3, 3), LeadOutcome::Unfounded, why).await.unwrap();
    let steps = store.lead_history(&analyst.at(6), lead(1)).await.unwrap();
    let told: Vec<_> = steps.iter().map(|step| (step.what.as_str(), step.said.as_deref())).collect();
    let expected = [
        ("admitted", Some("two numbers")),
        ("triaged", None),
        ("noted", Some("called back at noon")),
        ("closed", Some("nothing in it")),
    ];
    assert_eq!(told, expected);
    assert_eq!((steps[2].version, steps[2].by), (3, Some(analyst.actor.member)));
    assert_eq!(steps[2].at, analyst.at(3).now);
    let forbidden = store.lead_history(&stranger().at(7), lead(1)).await.unwrap_err();
    assert!(matches!(forbidden, StoreError::NotFound { .. }));
    let late = store.note_lead(&analyst.at(8), lead(1), seen(4, 4), grounds("x")).await.unwrap_err();
    assert_eq!(late.to_string(), "a lead that is closed cannot be noted on; allowed: reopen");
}

pub async fn the_ends_of_leads_say_what_was_found(fresh: Fresh) {
    let (analyst, supervisor, finder, store) = (analyst(), supervisor(), investigator(), &fresh.store);
    let specialist = specialist();
    store.receive_report(&finder.at(1), REPORT, second_of_day(1), MissingReport::default()).await.unwrap();
    store.record_victim(&finder.at(10), met(1, Some(REPORT), with(&specialist))).await.unwrap();
    store.record_victim(&finder.at(11), met(2, None, with(&specialist))).await.unwrap();
    let ends = [
        LeadOutcome::Unfounded,
        LeadOutcome::Recovered(victim(1)),
        LeadOutcome::Identified(victim(2)),
        LeadOutcome::Expired,
        LeadOutcome::Unfounded,
    ];
    for (number, end) in (1..).zip(ends) {
        let why = || grounds("two numbers");
        store.admit_finding(&analyst.at(20), offered(number), lead(number), why()).await.unwrap();
        store.close_lead(&supervisor.at(30), lead(number), seen(1, number), end, why()).await.unwrap();
    }
    store.reopen_lead(&supervisor.at(40), lead(5), seen(2, 50), grounds("seen again")).await.unwrap();
    store.admit_finding(&analyst.at(41), offered(6), lead(6), grounds("open")).await.unwrap();
    let worked = store.worked_leads(outside(50)).await.unwrap();
    let found: Vec<_> = worked.iter().map(|one| (one.finding.as_str(), one.found)).collect();
    let expected = [
        ("finding-1", Found::Nothing),
        ("finding-2", Found::Child(Some(REPORT))),
        ("finding-3", Found::Child(None)),
    ];
    assert_eq!(found, expected);
    let why = grounds("better on what we saw");
    store.note_weights(outside(51), "accept weights", "w-1", "b.kim", &why).await.unwrap();
    store.verify(None).await.unwrap().unwrap();
}

pub async fn a_lead_goes_to_the_agency_that_is_to_work_it(fresh: Fresh) {
    let (analyst, supervisor, theirs) = (analyst(), supervisor(), stranger());
    let store = &fresh.store;
    store.admit_finding(&analyst.at(1), offered(1), lead(1), grounds("two numbers")).await.unwrap();
    let route = Route { agency: WEST, by_distance: true, ..ROUTE };
    for second in 2..4 {
        // Sent twice, it is answered twice, though it is no longer theirs to triage.
        let done =
            store.triage_lead(&supervisor.at(second), lead(1), seen(1, 1), Priority::Urgent, route).await;
        let held = done.unwrap();
        assert_eq!((held.version, held.noun.owner, held.noun.admitted_by), (2, WEST, EAST));
    }
    let store = fresh.again().await;
    assert_eq!(store.lead(&analyst.at(4), lead(1)).await.unwrap().noun.admitted_by, EAST);
    let away = store.triage_lead(&supervisor.at(5), lead(1), seen(2, 2), Priority::Soon, ROUTE).await;
    assert!(matches!(away, Err(StoreError::NotFound { .. })), "it is theirs now");
    let referred = Listed { referred: Some(EAST), ..Listed::default() };
    assert_eq!(store.leads(&analyst.at(6), &referred).await.unwrap().records.len(), 1);
    let own = Listed { owner: Some(EAST), ..Listed::default() };
    assert_eq!(store.leads(&analyst.at(6), &own).await.unwrap().records, []);
    let to = theirs.actor.member;
    let held = store.assign_lead(&theirs.at(7), lead(1), seen(2, 3), to).await.unwrap();
    assert_eq!(held.resource.referred_to, [EAST]);
    let back = Route { agency: EAST, ..ROUTE };
    let held = store.hand_back_lead(&theirs.at(8), lead(1), seen(3, 4), grounds("not ours")).await;
    assert!(held.is_err(), "a supervisor does not work leads");
    let other =
        Person::new(0x51, WEST, &[homeward_model::Role::Investigator, homeward_model::Role::Supervisor]);
    let held = store.assign_lead(&theirs.at(9), lead(1), seen(3, 5), other.actor.member).await.unwrap();
    store.hand_back_lead(&other.at(10), lead(1), seen(held.version, 6), grounds("not ours")).await.unwrap();
    let held = store.triage_lead(&other.at(11), lead(1), seen(5, 7), Priority::Soon, back).await.unwrap();
    assert_eq!((held.noun.owner, held.resource.referred_to.len()), (EAST, 0));
}
