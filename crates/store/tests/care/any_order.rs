//! Whatever is done, and in whatever order: the wall opens by a standing release alone.

use super::recovery::{met, specialist, victim};
use super::wall::{
    HARBOUR, HAVEN, asks, client, note, partner, plan, record, referral, release, safety, terms,
};
use crate::leads::seen;
use crate::support::{EAST, Fresh, Person, WEST, administrator, auditor, grounds, investigator, supervisor};
use homeward_model::{AgencyId, MemberId, Pairing, Role, Walled};
use homeward_store::{Listed, Store};
use std::collections::BTreeMap;

/// A walk of so many acts.
const ACTS: i64 = 100;

/// Numbers that look thrown, the same for one seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// What a test knows of a record behind the wall.
struct Walling {
    kind: Walled,
    id: u128,
    owner: AgencyId,
    /// Its author or the specialist to whom it passed; any partner of its owner reads it besides.
    of: MemberId,
}

/// A release as it was said.
struct Said {
    provider: AgencyId,
    receiver: AgencyId,
    kind: Walled,
    window: (i64, i64),
    revoked: Option<i64>,
}

#[derive(Default)]
struct Known {
    records: Vec<Walling>,
    releases: BTreeMap<u128, Said>,
    referrals: u128,
    version: i64,
}

impl Known {
    /// Whether the wall lets somebody read a record at a second.
    fn lets_in(&self, person: &Person, record: &Walling, second: i64) -> bool {
        let actor = &person.actor;
        let is = |role| actor.roles.list().contains(&role);
        if is(Role::VictimSpecialist) && record.of == actor.member && record.kind != Walled::ProviderRecord {
            return true;
        }
        if is(Role::ServicePartner) && record.owner == actor.organisation {
            return true;
        }
        let released = self.releases.values().any(|said| {
            let Said { provider, receiver, kind, window, revoked } = said;
            let standing = window.0 <= second && second < window.1 && revoked.is_none_or(|at| second < at);
            standing && (*provider, *receiver, *kind) == (record.owner, actor.organisation, record.kind)
        });
        released && !is(Role::Administrator) && !is(Role::Auditor)
    }
}

/// Whether somebody opens a record, which their list must agree with.
async fn reads(store: &Store, person: &Person, record: &Walling, second: i64) -> bool {
    let (at, all) = (person.at(second), Listed { limit: 500, ..Listed::default() });
    let (opened, listed) = match record.kind {
        Walled::ServiceNote => (
            store.service_note(&at, homeward_model::NoteId::from_bits(record.id)).await.is_ok(),
            store
                .service_notes(&at, &all)
                .await
                .unwrap()
                .records
                .iter()
                .any(|held| held.noun.id.bits() == record.id),
        ),
        Walled::ServicePlan => (
            store.service_plan(&at, homeward_model::ServicePlanId::from_bits(record.id)).await.is_ok(),
            store
                .service_plans(&at, &all)
                .await
                .unwrap()
                .records
                .iter()
                .any(|held| held.noun.id.bits() == record.id),
        ),
        Walled::ProviderRecord => (
            store.provider_record(&at, homeward_model::ProviderRecordId::from_bits(record.id)).await.is_ok(),
            store
                .provider_records(&at, &all)
                .await
                .unwrap()
                .records
                .iter()
                .any(|held| held.noun.id.bits() == record.id),
        ),
    };
    assert_eq!(opened, listed);
    opened
}

/// Somebody does something; it may be refused, and then nothing has changed.
async fn act(store: &Store, dice: &mut Dice, known: &mut Known, second: i64) {
    let specialists = [specialist(), Person::new(0x5bed, EAST, &[Role::VictimSpecialist])];
    let helpers = [
        specialist(),
        Person::new(0x5bed, EAST, &[Role::VictimSpecialist]),
        partner(HAVEN),
        partner(HARBOUR),
    ];
    let helper = &helpers[dice.below(4) as usize];
    let (at, number, request) = (helper.at(second), second as u128, seen(1, second as u128));
    let (owner, of) = (helper.actor.organisation, helper.actor.member);
    let mut keep = |kind, id| known.records.push(Walling { kind, id, owner, of });
    match dice.below(9) {
        0 | 1 => {
            let text = grounds("afraid of the dark");
            if store.write_service_note(&at, note(number), victim(1), text, None).await.is_ok() {
                keep(Walled::ServiceNote, note(number).bits());
            }
        }
        2 => {
            if store.draft_service_plan(&at, plan(number), victim(1), safety()).await.is_ok() {
                keep(Walled::ServicePlan, plan(number).bits());
            }
        }
        3 => {
            let about = (dice.below(2) == 0).then(|| victim(1));
            if store.begin_provider_record(&at, record(number), about, client()).await.is_ok()
                && about.is_some()
            {
                keep(Walled::ProviderRecord, record(number).bits());
            }
        }
        4 | 5 => {
            let receiver = [EAST, WEST, HAVEN][dice.below(3) as usize];
            let kind = Walled::ALL[dice.below(3) as usize];
            let start = second + dice.below(3) as i64;
            let window = (start, start + 1 + dice.below(20) as i64);
            let said = terms(vec![receiver], vec![kind], window);
            if store.record_release(&at, release(number), said).await.is_ok() {
                let said = Said { provider: owner, receiver, kind, window, revoked: None };
                known.releases.insert(number, said);
            }
        }
        6 => {
            let which = known.releases.keys().nth(dice.below(8) as usize).copied();
            if let Some(which) = which
                && store.revoke_release(&at, release(which), request).await.is_ok()
                && let Some(said) = known.releases.get_mut(&which)
            {
                said.revoked = Some(second);
            }
        }
        7 => {
            let to = [HAVEN, HARBOUR][dice.below(2) as usize];
            if store.make_referral(&at, referral(number), victim(1), to, asks()).await.is_ok() {
                known.referrals = number;
            } else {
                let which = referral(known.referrals);
                let _ = store.decline_referral(&at, which, request, grounds("no bed tonight")).await;
            }
        }
        _ => {
            let to = &specialists[dice.below(2) as usize].actor;
            let to = (to.member, to.organisation);
            let (chief, revision) = (supervisor(), seen(known.version, number));
            if store.pair_specialist(&chief.at(second), victim(1), revision, to).await.is_ok() {
                known.version += 1;
                let passes =
                    |record: &&mut Walling| record.owner == to.1 && record.kind != Walled::ProviderRecord;
                known.records.iter_mut().filter(passes).for_each(|record| record.of = to.0);
            }
        }
    }
}

pub async fn any_sequence_of_acts_keeps_the_wall(fresh: Fresh) {
    let store = &fresh.store;
    let nobody = Pairing::Nobody(grounds("on the way"));
    store.record_victim(&investigator().at(10), met(1, None, nobody)).await.unwrap();
    let mut known = Known { version: 1, ..Known::default() };
    let mut dice = Dice(7);
    let west = Person::new(0x51, WEST, &[Role::Supervisor]);
    let watching = [
        supervisor(),
        investigator(),
        Person::new(0xc0, EAST, &[Role::Coordinator]),
        administrator(),
        auditor(),
        west,
        specialist(),
        Person::new(0x5bed, EAST, &[Role::VictimSpecialist]),
        partner(HAVEN),
        partner(HARBOUR),
    ];
    let (mut opened, mut closed) = (0, 0);
    for second in 11..11 + ACTS {
        act(store, &mut dice, &mut known, second).await;
        for _ in 0..3 {
            let person = &watching[dice.below(watching.len() as u64) as usize];
            let which = dice.below(known.records.len().max(1) as u64) as usize;
            let Some(record) = known.records.get(which) else { continue };
            let expected = known.lets_in(person, record, second);
            let found = reads(store, person, record, second).await;
            assert_eq!(found, expected, "{:?} at {second}: {:?}", person.actor.roles, record.kind);
            *(if found { &mut opened } else { &mut closed }) += 1;
        }
    }
    // At last everybody, at a moment at which every release has ended.
    let end = 11 + ACTS + 100;
    for person in &watching {
        for record in &known.records {
            assert_eq!(reads(store, person, record, end).await, known.lets_in(person, record, end));
        }
    }
    assert!(opened > 20 && closed > 20 && !known.releases.is_empty(), "{opened} {closed}");
    assert!(store.verify(Some(&fresh.witness())).await.unwrap().is_ok());
}
