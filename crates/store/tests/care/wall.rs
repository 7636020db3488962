//! What lies behind the wall, and the one door in it.

use super::recovery::{REPORT, met, specialist, victim, with};
use crate::leads::seen;
use crate::support::{
    EAST, Fresh, Person, WEST, administrator, auditor, grounds, investigator, outside, second_of_day,
    supervisor,
};
use homeward_access::PurposeKind;
use homeward_model::{
    AgencyId, DateWindow, Digest, DisclosureId, DisclosureTerms, MissingReport, Need, NoteId, PlanTerms,
    ProviderRecordId, ProviderTerms, ReferralAsks, ReferralId, ReleaseId, ReleaseTerms, Role, ServicePlanId,
    Signature, Walled,
};
use homeward_store::{Listed, Store, StoreError};

/// Two providers.
pub const HAVEN: AgencyId = AgencyId::from_bits(0x4a5e);
pub const HARBOUR: AgencyId = AgencyId::from_bits(0x4a4b);

pub fn partner(of: AgencyId) -> Person {
    Person::new(0x9a47 ^ of.bits(), of, &[Role::ServicePartner]).for_purpose(PurposeKind::VictimService)
}

pub fn note(number: u128) -> NoteId {
    NoteId::from_bits(0x407e_0000 + number)
}

pub fn plan(number: u128) -> ServicePlanId {
    ServicePlanId::from_bits(0x91a4_0000 + number)
}

pub fn record(number: u128) -> ProviderRecordId {
    ProviderRecordId::from_bits(0x9ec0_0000 + number)
}

pub fn referral(number: u128) -> ReferralId {
    ReferralId::from_bits(0x4ef_0000 + number)
}

pub fn release(number: u128) -> ReleaseId {
    ReleaseId::from_bits(0x4e1_0000 + number)
}

pub fn asks() -> ReferralAsks {
    ReferralAsks { need: Need::Shelter, called: "Rowan".into(), says: grounds("a bed from tonight") }
}

pub fn client() -> ProviderTerms {
    ProviderTerms { client: "Rowan of the lake".into(), text: grounds("sleeps better with a light on") }
}

pub fn safety() -> PlanTerms {
    PlanTerms { needs: vec![Need::Shelter, Need::Legal], safety: "the aunt in the next town is safe".into() }
}

/// A minor's release with a guardian, from second `start` to second `end`.
pub fn terms(receivers: Vec<AgencyId>, covers: Vec<Walled>, (start, end): (i64, i64)) -> ReleaseTerms {
    ReleaseTerms {
        victim: victim(1),
        provider: AgencyId::from_bits(0),
        receivers,
        covers,
        purpose: grounds("so that the interview is not repeated"),
        window: DateWindow::new(second_of_day(start), second_of_day(end)).unwrap(),
        kept: None,
        document: Some(Digest::of(b"signed")),
        informed: true,
        signature: Signature::MinorAndGuardian { guardian: "A. Exampleton".into(), not_the_abuser: true },
    }
}

/// A child with a specialist, a note and a plan at second 11.
async fn in_care(store: &Store) -> Person {
    let specialist = specialist();
    store.record_victim(&investigator().at(10), met(1, None, with(&specialist))).await.unwrap();
    let at = specialist.at(11);
    store.write_service_note(&at, note(1), victim(1), grounds("afraid of the dark"), None).await.unwrap();
    store.draft_service_plan(&at, plan(1), victim(1), safety()).await.unwrap();
    specialist
}

fn of_victim() -> Listed {
    Listed { of: Some(victim(1).bits()), ..Listed::default() }
}

/// Whether somebody can open the note, and sees it in a list: the two always agree.
async fn reads_note(store: &Store, person: &Person, number: u128, second: i64) -> bool {
    let opened = store.service_note(&person.at(second), note(number)).await;
    assert!(matches!(opened, Ok(_) | Err(StoreError::NotFound { .. })), "{opened:?}");
    let listed = store.service_notes(&person.at(second), &of_victim()).await.unwrap();
    let shown = listed.records.iter().any(|held| held.noun.id == note(number));
    assert_eq!(opened.is_ok(), shown, "{:?}", person.actor.roles);
    shown
}

pub async fn a_release_opens_what_it_names_until_it_is_revoked(fresh: Fresh) {
    let store = &fresh.store;
    let specialist = in_care(store).await;
    let others = [&supervisor(), &investigator(), &administrator(), &auditor()];
    for person in others {
        assert!(!reads_note(store, person, 1, 12).await);
        assert!(store.service_plan(&person.at(12), plan(1)).await.is_err());
    }
    assert!(reads_note(store, &specialist, 1, 12).await);
    // For the own organisation's notes from second 20 to 40.
    let only_notes = terms(vec![EAST], vec![Walled::ServiceNote], (20, 40));
    store.record_release(&specialist.at(13), release(1), only_notes.clone()).await.unwrap();
    assert!(!reads_note(store, &supervisor(), 1, 19).await, "it has not begun");
    assert!(reads_note(store, &supervisor(), 1, 20).await && !reads_note(store, &supervisor(), 1, 40).await);
    assert!(store.service_plan(&supervisor().at(21), plan(1)).await.is_err(), "a plan is not named");
    for person in [&administrator(), &auditor(), &Person::new(0x51, WEST, &[Role::Supervisor])] {
        assert!(!reads_note(store, person, 1, 21).await);
    }
    // A note written later is let out too, and the receivers see the limits.
    let (at, text) = (specialist.at(22), grounds("slept"));
    store.write_service_note(&at, note(2), victim(1), text, Some(note(1))).await.unwrap();
    assert!(reads_note(store, &investigator(), 2, 23).await);
    assert_eq!(
        store.release(&investigator().at(23), release(1)).await.unwrap().noun.terms().window,
        only_notes.window
    );
    store.revoke_release(&specialist.at(25), release(1), seen(1, 1)).await.unwrap();
    for (person, number) in [(&supervisor(), 1), (&investigator(), 2)] {
        assert!(!reads_note(store, person, number, 25).await);
    }
    assert!(store.release(&investigator().at(25), release(1)).await.is_err());
    assert!(store.verify(Some(&fresh.witness())).await.unwrap().is_ok());
}

pub async fn no_release_is_a_blanket_or_signed_by_the_abuser(fresh: Fresh) {
    let store = &fresh.store;
    let specialist = in_care(store).await;
    let good = || terms(vec![EAST], vec![Walled::ServiceNote], (20, 40));
    let bad = [
        ReleaseTerms { signature: Signature::Adult, ..good() },
        ReleaseTerms {
            signature: Signature::MinorAndGuardian { guardian: "A.".into(), not_the_abuser: false },
            ..good()
        },
        ReleaseTerms { receivers: Vec::new(), ..good() },
        ReleaseTerms { informed: false, ..good() },
        ReleaseTerms { document: Some(Digest::default()), ..good() },
        ReleaseTerms { document: None, ..good() },
    ];
    for terms in bad {
        let refused = store.record_release(&specialist.at(13), release(1), terms).await;
        assert!(matches!(refused, Err(StoreError::Refused(_))));
    }
    // Help goes on without one.
    store.make_referral(&specialist.at(14), referral(1), victim(1), HAVEN, asks()).await.unwrap();
    store.agree_service_plan(&specialist.at(15), plan(1), seen(1, 1)).await.unwrap();
    // And nobody but those who serve the child records one.
    for person in [&supervisor(), &investigator(), &partner(HARBOUR)] {
        assert!(store.record_release(&person.at(16), release(1), good()).await.is_err());
    }
}

pub async fn a_referral_opens_itself_and_nothing_else(fresh: Fresh) {
    let store = &fresh.store;
    let specialist = in_care(store).await;
    let (haven, harbour) = (partner(HAVEN), partner(HARBOUR));
    store.make_referral(&specialist.at(12), referral(1), victim(1), HAVEN, asks()).await.unwrap();
    assert_eq!(store.referral(&haven.at(13), referral(1)).await.unwrap().noun.asks, asks());
    assert!(store.referral(&harbour.at(13), referral(1)).await.is_err());
    assert!(store.victim(&haven.at(13), victim(1)).await.is_err() && !reads_note(store, &haven, 1, 13).await);
    for person in [&supervisor(), &investigator()] {
        assert!(store.referral(&person.at(13), referral(1)).await.is_err());
    }
    let why = || grounds("no bed tonight");
    store.decline_referral(&haven.at(14), referral(1), seen(1, 1), why()).await.unwrap();
    assert!(store.referral(&haven.at(15), referral(1)).await.is_err());
    let held = store.referral(&specialist.at(15), referral(1)).await.unwrap();
    assert_eq!(held.noun.state().word(), "declined");
    // The same request again is done already; another is told by whom and when; nobody else learns anything.
    let again = store.decline_referral(&haven.at(15), referral(1), seen(1, 1), why()).await.unwrap();
    assert_eq!((again.version, again.noun), (held.version, held.noun));
    let told = store.accept_referral(&haven.at(15), referral(1), seen(2, 9)).await.unwrap_err();
    let expected = (haven.actor.member, second_of_day(14));
    assert!(matches!(told, StoreError::Answered { by, at, .. } if (by, at) == expected), "{told}");
    for person in [&harbour, &supervisor()] {
        let hidden = store.accept_referral(&person.at(15), referral(1), seen(2, 9)).await.unwrap_err();
        assert!(matches!(hidden, StoreError::NotFound { .. }), "{hidden}");
    }
    let from_haven = store.write_service_note(&haven.at(16), note(5), victim(1), why(), None).await;
    assert!(from_haven.is_err(), "nobody sent them the child");
    store.make_referral(&specialist.at(17), referral(2), victim(1), HARBOUR, asks()).await.unwrap();
    store.accept_referral(&harbour.at(18), referral(2), seen(1, 2)).await.unwrap();
    for second in [19, 20] {
        store.finish_referral(&harbour.at(second), referral(2), seen(2, 3)).await.unwrap();
    }
    let held = store.service_plan(&specialist.at(21), plan(1)).await.unwrap();
    assert_eq!((held.version, held.noun.delivered().len()), (2, 1));
    assert_eq!(held.noun.open_needs().collect::<Vec<_>>(), [Need::Legal]);
    assert!(store.service_plan(&harbour.at(22), plan(1)).await.is_err());
    // One that was taken back while a form of the provider was open says no more than that.
    store.make_referral(&specialist.at(22), referral(3), victim(1), HAVEN, asks()).await.unwrap();
    store.accept_referral(&haven.at(22), referral(3), seen(1, 31)).await.unwrap();
    store.revoke_referral(&specialist.at(23), referral(3), seen(2, 32), why()).await.unwrap();
    for request in [31, 33] {
        let told = store.accept_referral(&haven.at(24), referral(3), seen(1, request)).await.unwrap_err();
        assert!(matches!(told, StoreError::Answered { word: "revoked", .. }), "{told}");
    }
    // Accepted, and not possible after all.
    store.make_referral(&specialist.at(24), referral(4), victim(1), HAVEN, asks()).await.unwrap();
    store.accept_referral(&haven.at(25), referral(4), seen(1, 41)).await.unwrap();
    store.decline_referral(&haven.at(26), referral(4), seen(2, 42), why()).await.unwrap();
    assert!(store.referral(&haven.at(27), referral(4)).await.is_err());
    // What the provider writes is its own.
    store.write_service_note(&harbour.at(23), note(6), victim(1), why(), None).await.unwrap();
    assert!(!reads_note(store, &specialist, 6, 24).await && !reads_note(store, &supervisor(), 6, 24).await);
}

pub async fn what_was_compelled_is_behind_the_wall_and_no_release_opens_it(fresh: Fresh) {
    let store = &fresh.store;
    let specialist = in_care(store).await;
    let order = || DisclosureTerms::Compelled {
        order: "26 JV 0193".into(),
        court: "Family Court, Example County".into(),
        issued: second_of_day(5),
        given: grounds("the dates of two visits"),
        safety: grounds("the school was told whom not to let in"),
    };
    let (made, whom) = (DisclosureId::from_bits(0xd15c), (Some(victim(1)), "Rowan"));
    for _ in 0..2 {
        let held = store.record_disclosure(&specialist.at(12), made, whom, second_of_day(11), order()).await;
        assert_eq!(held.unwrap().noun.word(), "not told");
    }
    let haven = partner(HAVEN);
    let (other, at) = (DisclosureId::from_bits(0xd15d), haven.at(12));
    let stranger = store.record_disclosure(&at, other, whom, second_of_day(11), order()).await;
    assert!(stranger.is_err(), "nobody sent them the child");
    let all = terms(vec![EAST, HAVEN], Walled::ALL.to_vec(), (13, 90));
    store.record_release(&specialist.at(13), release(1), all).await.unwrap();
    for person in [&supervisor(), &investigator(), &administrator(), &auditor(), &haven] {
        assert!(store.disclosure(&person.at(14), made).await.is_err(), "{:?}", person.actor.roles);
        let listed = store.disclosures(&person.at(14), &of_victim()).await;
        assert!(listed.is_err() || listed.is_ok_and(|page| page.records.is_empty()));
    }
    let (at, told) = (specialist.at(15), (true, grounds("in person")));
    let held = store.tell_of_disclosure(&at, made, seen(1, 51), told).await.unwrap();
    assert_eq!(held.noun.word(), "told");
    // Whoever stays with the child after her keeps it on.
    let next = Person::new(0x5ec0, EAST, &[Role::VictimSpecialist]).for_purpose(PurposeKind::VictimService);
    let to = (next.actor.member, next.actor.organisation);
    store.pair_specialist(&supervisor().at(16), victim(1), seen(1, 52), to).await.unwrap();
    assert!(store.disclosure(&specialist.at(17), made).await.is_err());
    let held = store.withdraw_disclosure(&next.at(17), made, seen(2, 53), grounds("another child")).await;
    assert_eq!(held.unwrap().noun.word(), "withdrawn");
}

pub async fn a_provider_holds_its_own_keys(fresh: Fresh) {
    let store = &fresh.store;
    let haven = partner(HAVEN);
    store.begin_provider_record(&haven.at(11), record(1), None, client()).await.unwrap();
    let before = ProviderTerms { text: grounds("sleeps well"), ..client() };
    store.write_provider_record(&haven.at(12), record(1), seen(1, 1), before).await.unwrap();
    let folder = fresh.folder.path();
    let (keys, ring) = (folder.join("keys"), folder.join("keys.d").join(HAVEN.to_string()));
    assert!(!std::fs::read_to_string(keys).unwrap().contains(&format!("{:032x}", record(1).bits())));
    let copy = folder.join("copied keys");
    store.back_up_keys(outside(13), &copy, None).await.unwrap();
    assert!(!std::fs::read_to_string(copy).unwrap().contains(&format!("{:032x}", record(1).bits())));
    // Nobody on the police side opens it, in no list and by no release of somebody else.
    for person in [&supervisor(), &specialist(), &administrator(), &partner(HARBOUR)] {
        assert!(store.provider_record(&person.at(14), record(1)).await.is_err());
        assert_eq!(store.provider_records(&person.at(14), &Listed::default()).await.unwrap().records, []);
    }
    // And with the provider's file away, not even the provider does here.
    let away = folder.join("away");
    std::fs::rename(&ring, &away).unwrap();
    for store in [store.clone(), fresh.again().await] {
        let closed = store.provider_record(&haven.at(15), record(1)).await.unwrap_err();
        assert!(closed.to_string().contains("the organisation holds it itself"), "{closed}");
    }
    std::fs::rename(&away, &ring).unwrap();
    let held = fresh.again().await.provider_record(&haven.at(16), record(1)).await.unwrap();
    assert_eq!((held.version, held.noun.terms().client.as_str()), (2, "Rowan of the lake"));
}

pub async fn the_next_specialist_of_the_same_organisation_takes_over(fresh: Fresh) {
    let store = &fresh.store;
    let first = in_care(store).await;
    let next = Person::new(0x5bed, EAST, &[Role::VictimSpecialist]);
    let outside = Person::new(0x5bee, WEST, &[Role::VictimSpecialist]);
    assert!(!reads_note(store, &next, 1, 12).await);
    let to = (outside.actor.member, WEST);
    store.pair_specialist(&supervisor().at(13), victim(1), seen(1, 1), to).await.unwrap();
    assert!(!reads_note(store, &outside, 1, 14).await, "another organisation's notes take a release");
    assert!(store.victim(&outside.at(14), victim(1)).await.is_ok());
    let to = (next.actor.member, EAST);
    store.pair_specialist(&supervisor().at(15), victim(1), seen(2, 2), to).await.unwrap();
    assert!(reads_note(store, &next, 1, 16).await && !reads_note(store, &first, 1, 16).await);
    let terms = safety();
    store.write_service_plan(&next.at(17), plan(1), seen(1, 3), terms).await.unwrap();
}

pub async fn a_plan_is_reopened_when_the_child_is_missing_again(fresh: Fresh) {
    let (finder, specialist, store) = (investigator(), specialist(), &fresh.store);
    store.receive_report(&finder.at(1), REPORT, second_of_day(1), MissingReport::default()).await.unwrap();
    store.locate_report(&finder.at(2), REPORT, seen(1, 1), second_of_day(2), grounds("found")).await.unwrap();
    store.record_victim(&finder.at(10), met(1, Some(REPORT), with(&specialist))).await.unwrap();
    store.draft_service_plan(&specialist.at(11), plan(1), victim(1), safety()).await.unwrap();
    let second_plan = store.draft_service_plan(&specialist.at(12), plan(2), victim(1), safety()).await;
    assert!(matches!(second_plan, Err(StoreError::Exists { .. })), "an organisation has one");
    store.close_service_plan(&specialist.at(13), plan(1), seen(1, 2), grounds("at home")).await.unwrap();
    store.report_missing_again(&finder.at(21), REPORT, seen(2, 3), second_of_day(20)).await.unwrap();
    let held = store.service_plan(&specialist.at(22), plan(1)).await.unwrap();
    assert_eq!((held.version, held.noun.state().word()), (3, "drafted"));
    assert!(store.service_plan(&finder.at(22), plan(1)).await.is_err());
}
