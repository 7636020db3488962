//! Acts in any order, by anybody: whatever is tried, no event is under way that lacks something.

use super::{chief, coordinator, plan, planned, running, specialist};
use crate::leads::seen;
use crate::support::{EAST, Fresh, Person, WEST, grounds, second_of_day};
use homeward_model::{CheckOutcome, Event, EventKind, EventState, Role};
use homeward_store::Held;
use homeward_store::event::PlannedEvent;

const DAY: i64 = 86_400;

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// What must be true of an event whatever was done before.
fn holds(event: &Held<Event>, tried: &[String]) {
    if let EventState::UnderWay { approved, .. } = event.noun.state() {
        let noun = &event.noun;
        assert!(approved.by != noun.planned.by && approved.by != noun.changed().by, "{tried:?}");
        assert!(approved.at > noun.changed().at, "{tried:?}");
        let on_site = noun.specialist().is_some_and(|hour| hour.on_site.is_some());
        assert!(!noun.may_meet_child() || on_site, "{tried:?}");
    }
}

pub async fn whatever_is_tried_nothing_goes_on_that_lacks_something(fresh: Fresh) {
    let store = &fresh.store;
    let (east, west) = (coordinator(1, EAST), coordinator(2, WEST));
    let ours = running(&fresh, &east, 1).await;
    let theirs = running(&fresh, &west, 2).await;
    let chief = chief(0x50, EAST);
    let agent = Person::new(0x17, EAST, &[Role::Investigator]);
    let people = [&east, &chief, &agent, &specialist(), &west];
    let mut dice = Dice(7);
    let (mut second, mut started) = (10, 0);
    for sequence in 0..6u128 {
        let kind = if sequence % 2 == 0 { EventKind::Recovery } else { EventKind::SearchWarrant };
        let mut wanted = PlannedEvent { kind, ..planned(0x100 + sequence, ours, plan(DAY, 40.0)) };
        wanted.team.staff = vec![agent.actor.member];
        wanted.specialist = Some(people[3].actor.member);
        let mut event = store.plan_event(&east.at(second), wanted).await.unwrap();
        let id = event.noun.id;
        let mut tried = Vec::new();
        for step in 0..40u128 {
            second += 1;
            let act = dice.below(14);
            // Mostly whoever may do it, so that some sequences get far.
            let fitting = [1, 1, 3, 3, 2, 2, 0, 0, 2, 0, 4, 0, 1, 0][act as usize];
            let by = if dice.below(4) == 0 { people[dice.below(5) as usize] } else { people[fitting] };
            let now = by.at(second);
            let request = seen(event.version, 0x10_000 + sequence * 0x100 + step);
            tried.push(format!("{act} by {}", by.actor.member));
            let check = event.noun.check_id();
            let version = store.check(&east.at(second), check).await.map_or(1, |held| held.version);
            let of_check = seen(version, 0x20_000 + sequence * 0x100 + step);
            let lat = 40.0 + dice.below(2) as f64;
            let done = match act {
                0 | 1 => store.approve_event(&now, id, request).await.map(|_| ()),
                2 => store.confirm_specialist(&now, id, request, second_of_day(1000)).await.map(|_| ()),
                3 => store.specialist_arrives(&now, id, request).await.map(|_| ()),
                4 | 5 => store.start_event(&now, id, request).await.map(|_| ()),
                6 => store.replan_event(&now, id, request, plan(DAY, lat)).await.map(|_| ()),
                7 => store.ask_specialist(&now, id, request, people[3].actor.member).await.map(|_| ()),
                8 if step > 30 => store.finish_event(&now, id, request).await.map(|_| ()),
                9 if step > 36 => store.call_off_event(&now, id, request, grounds("x")).await.map(|_| ()),
                10 => {
                    let other = planned(0x1_0000 + sequence * 0x100 + step, theirs, plan(DAY, lat));
                    store.plan_event(&now, other).await.map(|_| ())
                }
                11 => store.contact_check(&now, check, of_check).await.map(|_| ()),
                12 => store.waive_check(&now, check, of_check, grounds("x")).await.map(|_| ()),
                _ => {
                    let joint = CheckOutcome::Joint;
                    store.settle_check(&now, check, of_check, joint, grounds("x")).await.map(|_| ())
                }
            };
            let goes = matches!(event.noun.state(), EventState::UnderWay { .. });
            event = store.event(&east.at(second), id).await.unwrap();
            holds(&event, &tried);
            if !goes && matches!(event.noun.state(), EventState::UnderWay { .. }) {
                started += 1;
                assert!(done.is_ok());
                let ready = store.readiness(std::slice::from_ref(&event)).await.unwrap();
                assert!(ready[0].lacks.is_empty(), "{tried:?} {ready:?}");
            }
        }
    }
    assert!(started > 0, "no sequence got that far: the dice say nothing");
}
