//! Accounts, sessions, drafts, the queue, and a database from the future.

use crate::leads::seen;
use crate::support::{
    EAST, Fresh, Person, administrator, analyst, grounds, options, outside, second_of_day, stranger,
    supervisor,
};
use homeward_access::{Basis, Purpose, PurposeKind};
use homeward_model::{
    Agency, AgencyKind, Digest, DraftId, EmailAddress, LeadId, MemberId, NoticeKind, Ori, PeriodId, Role,
    Roles, Span,
};
use homeward_store::credential::SignIn;
use homeward_store::job::Job;
use homeward_store::member::Invitation;
use homeward_store::notification::Notice;
use homeward_store::session::Seat;
use homeward_store::{Listed, Store, StoreError};

fn invitation(number: u128, email: &str) -> Invitation {
    Invitation {
        id: MemberId::from_bits(number),
        name: "A. Reyes".into(),
        email: EmailAddress::new(email).unwrap(),
        agency: EAST,
        roles: Roles::new(vec![Role::Analyst]).unwrap(),
    }
}

pub async fn five_wrong_passwords_lock_the_account(fresh: Fresh) {
    let store = &fresh.store;
    let admin = administrator();
    fresh.with_east().await;
    store.invite_member(&admin.at(1), invitation(1, "a.reyes@example.org")).await.unwrap();
    let same = store.invite_member(&admin.at(1), invitation(2, "A.Reyes@example.org")).await.unwrap_err();
    assert_eq!(same.to_string(), "there is another member with the same name");
    let member = MemberId::from_bits(1);
    store.set_credential(outside(2), member, "correct horse", Some(b"secret of codes")).await.unwrap();
    let attempt = async |second: i64, password: &str| {
        store.try_password(outside(second), "A.Reyes@Example.org", password).await.unwrap()
    };
    assert_eq!(attempt(3, "correct horse").await, SignIn::Wrong, "invited, not active");
    store.activate_member(&admin.at(4), member, seen(1, 1)).await.unwrap();
    assert_eq!(attempt(5, "correct horse").await, SignIn::Known(member));
    for second in 6..10 {
        assert_eq!(attempt(second, "battery").await, SignIn::Wrong);
    }
    assert_eq!(attempt(10, "battery").await, SignIn::Locked);
    assert_eq!(attempt(100_000, "correct horse").await, SignIn::Locked, "no timed unlock");
    store.unlock_member(&admin.at(100_001), member, seen(3, 2), grounds("called in person")).await.unwrap();
    assert_eq!(attempt(100_002, "correct horse").await, SignIn::Known(member));
    assert_eq!(store.try_password(outside(11), "nobody@example.org", "x").await.unwrap(), SignIn::Wrong);
    assert_eq!(store.totp_secret(member).await.unwrap().as_deref(), Some(&b"secret of codes"[..]));
    assert!(store.take_code(outside(12), member, 77).await.unwrap());
    assert!(!store.take_code(outside(13), member, 77).await.unwrap(), "a code is good once");
}

pub async fn a_lock_keeps_out_and_does_not_throw_out(fresh: Fresh) {
    let (store, member) = (&fresh.store, employed(&fresh).await);
    store.set_credential(outside(1), member, "correct horse", None).await.unwrap();
    store.open_session(outside(2), member, b"secret").await.unwrap();
    let seat = async |second: i64| store.session(outside(second), b"secret").await.unwrap();
    let attempt = async |second: i64, password: &str| {
        store.try_password(outside(second), "a.reyes@example.org", password).await.unwrap()
    };
    for second in 3..7 {
        assert_eq!(attempt(second, "battery").await, SignIn::Wrong);
    }
    assert_eq!(attempt(7, "battery").await, SignIn::Locked);
    assert!(matches!(seat(8).await, Seat::Open(_)), "who tried must not end the member's work");
    assert_eq!(attempt(9, "correct horse").await, SignIn::Locked);
    let another = store.open_session(outside(9), member, b"another").await;
    assert!(matches!(another, Err(StoreError::NotFound { .. })), "{another:?}");
    // The operator releases it, and one more wrong attempt does not lock it again.
    let why = || grounds("called back at the desk");
    assert!(store.release_account(outside(10), "nobody@example.org", why()).await.unwrap().is_none());
    let held = store.release_account(outside(10), " A.Reyes@example.org", why()).await.unwrap().unwrap();
    assert_eq!(held.noun.state().word(), "active");
    let again = store.release_account(outside(10), "a.reyes@example.org", why()).await;
    assert!(matches!(again, Err(StoreError::Illegal(_))), "{again:?}");
    assert_eq!(attempt(11, "battery").await, SignIn::Wrong);
    assert_eq!(attempt(12, "correct horse").await, SignIn::Known(member));
    // Whoever locks by hand ends the sessions too.
    let admin = administrator();
    store.lock_member(&admin.at(13), member, seen(held.version, 3), why()).await.unwrap();
    assert_eq!(seat(14).await, Seat::Ended(member));
}

pub async fn an_organisation_has_the_jobs_of_its_kind(fresh: Fresh) {
    let (store, member) = (&fresh.store, employed(&fresh).await);
    let admin = administrator();
    let partner = || Roles::new(vec![Role::ServicePartner]).unwrap();
    let refused = |found: Result<homeward_store::Held<homeward_model::Member>, StoreError>| {
        let said = found.unwrap_err().to_string();
        assert_eq!(said, "no set of roles: `service partner` is no job of a police agency");
    };
    refused(store.change_roles(&admin.at(1), member, seen(1, 1), partner()).await);
    let invited = || Invitation { roles: partner(), ..invitation(2, "b.reyes@example.org") };
    refused(store.invite_member(&admin.at(2), invited()).await);
    let scope = homeward_model::MemberScope::default();
    refused(store.install_member(outside(3), invited(), scope).await);
    // Who may not change roles is told nothing of them.
    let other = stranger();
    let found = store.change_roles(&other.at(4), member, seen(1, 2), partner()).await;
    assert!(matches!(found, Err(StoreError::NotFound { .. })), "{found:?}");
    let specialist = Roles::new(vec![Role::VictimSpecialist]).unwrap();
    store.change_roles(&admin.at(5), member, seen(1, 3), specialist).await.unwrap();
}

/// East takes part, and A. Reyes of East has an account.
async fn employed(fresh: &Fresh) -> MemberId {
    fresh.with_east().await;
    let terms = Digest::of(b"terms");
    fresh.store.join_agency(&administrator().at(0), EAST, seen(1, 91), terms).await.unwrap();
    fresh
        .store
        .install_member(
            outside(0),
            invitation(1, "a.reyes@example.org"),
            homeward_model::MemberScope::default(),
        )
        .await
        .unwrap();
    MemberId::from_bits(1)
}

pub async fn a_member_keeps_their_number(fresh: Fresh) {
    let (store, member) = (&fresh.store, employed(&fresh).await);
    let number = |text: &str| homeward_model::PhoneNumber::new(text).ok();
    let admin = administrator();
    let held = store.change_phone(&admin.at(1), member, seen(1, 1), number("+17045550142")).await.unwrap();
    assert_eq!(held.noun.phone().unwrap().as_str(), "+17045550142");
    let known = async || store.directory().await.unwrap().members[&member].phone.clone();
    assert_eq!(known().await.as_deref(), Some("+17045550142"));
    // Everybody changes their own, and nobody another's; what it was is in no history.
    let own = Person::new(1, EAST, &[Role::Analyst]);
    for _ in 0..2 {
        store.keep_own_number(&own.at(2), 7, number("+17045550143")).await.unwrap();
    }
    assert_eq!(known().await.as_deref(), Some("+17045550143"));
    let others = store.change_phone(&own.at(3), member, seen(3, 2), None).await;
    assert!(matches!(others, Err(StoreError::NotFound { .. })), "{others:?}");
    store.keep_own_number(&own.at(4), 8, None).await.unwrap();
    assert_eq!((known().await, store.member(&admin.at(5), member).await.unwrap().version), (None, 4));
}

pub async fn a_session_ends_when_it_idles_or_lasts_too_long(fresh: Fresh) {
    let (store, member) = (&fresh.store, employed(&fresh).await);
    let seat = async |second: i64, secret: &[u8]| store.session(outside(second), secret).await.unwrap();
    store.open_session(outside(0), member, b"secret").await.unwrap();
    let Seat::Open(sitting) = seat(1799, b"secret").await else { panic!("it is open") };
    assert_eq!((sitting.actor.organisation, sitting.name.as_str()), (EAST, "A. Reyes"));
    assert_eq!((sitting.opened, sitting.purpose), (second_of_day(0), None));
    assert_eq!(seat(1800, b"other").await, Seat::None);
    // Within half a minute of the last note nothing is written, so idling is counted from that note.
    assert!(matches!(seat(1820, b"secret").await, Seat::Open(_)));
    assert_eq!(seat(1799 + 1800, b"secret").await, Seat::Ended(member));
    assert_eq!(seat(1799 + 1801, b"secret").await, Seat::Ended(member), "whose it was stays known");
    store.open_session(outside(4000), member, b"again").await.unwrap();
    assert_eq!(seat(4000, b"secret").await, Seat::None, "signing in again clears what is over");
    for call in 1..30 {
        assert!(matches!(seat(4000 + call * 1440, b"again").await, Seat::Open(_)), "{call}");
    }
    assert_eq!(seat(4000 + 30 * 1440, b"again").await, Seat::Ended(member), "twelve hours are the most");
    assert_eq!(store.sweep_sessions(outside(4000 + 30 * 1440)).await.unwrap(), 0);
    assert_eq!(store.sweep_sessions(outside(4000 + 60 * 1440)).await.unwrap(), 1);
    assert_eq!(seat(4000 + 60 * 1440, b"again").await, Seat::None);
}

pub async fn who_is_removed_is_out_at_once(fresh: Fresh) {
    let (store, member, admin) = (&fresh.store, employed(&fresh).await, administrator());
    let seat = async |second: i64| store.session(outside(second), b"secret").await.unwrap();
    store.open_session(outside(0), member, b"secret").await.unwrap();
    let why = || grounds("terms ran out");
    store.suspend_agency(&admin.at(1), EAST, seen(2, 1), why()).await.unwrap();
    assert_eq!(seat(2).await, Seat::Ended(member), "the agency is suspended");
}

pub async fn a_locked_member_stays_out_after_the_release(fresh: Fresh) {
    let (store, member, admin) = (&fresh.store, employed(&fresh).await, administrator());
    let seat = async |second: i64| store.session(outside(second), b"secret").await.unwrap();
    store.open_session(outside(0), member, b"secret").await.unwrap();
    store.lock_member(&admin.at(1), member, seen(1, 1), grounds("lost device")).await.unwrap();
    assert_eq!(seat(2).await, Seat::Ended(member));
    store.unlock_member(&admin.at(3), member, seen(2, 2), grounds("called in person")).await.unwrap();
    assert_eq!(seat(4).await, Seat::Ended(member), "the lost device is not let in again");
}

pub async fn a_session_keeps_its_purpose(fresh: Fresh) {
    let (store, member) = (&fresh.store, employed(&fresh).await);
    let purpose = Purpose {
        kind: PurposeKind::Investigation,
        basis: Some(Basis::Lead(LeadId::from_bits(7))),
        reason: Some(grounds("the Exampleton call")),
    };
    store.open_session(outside(0), member, b"secret").await.unwrap();
    store.set_purpose(outside(1), b"secret", &purpose).await.unwrap();
    let Seat::Open(sitting) = store.session(outside(2), b"secret").await.unwrap() else {
        panic!("it is open")
    };
    assert_eq!(sitting.purpose, Some(purpose.clone()));
    assert!(store.set_purpose(outside(3), b"other", &purpose).await.is_err());
    assert!(store.set_purpose(outside(9_999), b"secret", &purpose).await.is_err(), "it is over");
}

pub async fn a_half_filled_form_waits_for_its_member(fresh: Fresh) {
    let (store, member, other) = (&fresh.store, MemberId::from_bits(1), MemberId::from_bits(2));
    let day = |days: i64| outside(days * 86_400);
    store.keep_form(outside(0), member, "/leads/7/close", b"grounds=seen").await.unwrap();
    store.keep_form(outside(1), member, "/leads/7/close", b"grounds=seen+in+Exampleton").await.unwrap();
    let kept = store.form(outside(2), member).await.unwrap().unwrap();
    assert_eq!((kept.path.as_str(), kept.at), ("/leads/7/close", second_of_day(1)));
    assert_eq!(kept.body, b"grounds=seen+in+Exampleton");
    assert_eq!(store.form(outside(2), other).await.unwrap(), None);
    store.drop_form(outside(3), member, "/leads/7/close").await.unwrap();
    assert_eq!(store.form(outside(4), member).await.unwrap(), None);
    for number in 0..25 {
        store.keep_form(outside(10 + number), member, &format!("/leads/{number}"), b"x").await.unwrap();
    }
    assert_eq!(store.form(outside(50), member).await.unwrap().unwrap().path, "/leads/24");
    let large = store.keep_form(outside(51), member, "/tips", &vec![b'x'; 128 * 1024 + 1]).await.unwrap_err();
    assert_eq!(large.to_string(), "no form to keep: it has more than 128 KiB");
    assert!(store.form(day(8), member).await.unwrap().is_none(), "a week is over");
    assert_eq!(store.sweep_forms(day(8)).await.unwrap(), 20, "the oldest five had made room");
}

pub async fn an_agency_joins_on_terms(fresh: Fresh) {
    let agency =
        Agency::list(EAST, Some(Ori::new("NC0000000").unwrap()), "Example Police".into(), AgencyKind::Police)
            .unwrap();
    for second in 0..3 {
        fresh.store.list_agency(outside(second), agency.clone()).await.unwrap();
    }
    let admin = administrator();
    let terms = Digest::of(b"terms");
    assert!(fresh.store.join_agency(&admin.at(4), EAST, seen(1, 1), terms).await.unwrap().noun.takes_part());
    let why = grounds("terms ran out");
    let held = fresh.store.suspend_agency(&admin.at(5), EAST, seen(2, 2), why).await.unwrap();
    assert_eq!(held.noun.state().word(), "suspended");
    let held =
        fresh.store.resume_agency(&admin.at(6), EAST, seen(3, 3), grounds("signed anew")).await.unwrap();
    assert!(held.noun.takes_part());
    let held = fresh.store.end_agency(&admin.at(7), EAST, seen(4, 4), grounds("it left")).await.unwrap();
    assert_eq!(held.noun.state().word(), "ended");
    let late = fresh.store.resume_agency(&admin.at(8), EAST, seen(5, 5), grounds("x")).await.unwrap_err();
    assert_eq!(late.to_string(), "an agency that is ended cannot be resumed; allowed: join");
}

pub async fn a_draft_is_approved_by_another(fresh: Fresh) {
    let officer = |member| Person::new(member, EAST, &[Role::Records]).for_purpose(PurposeKind::Results);
    let (author, other) = (officer(1), officer(2));
    let (id, store) = (DraftId::from_bits(1), &fresh.store);
    store.write_draft(&author.at(1), id, PeriodId::from_bits(2), "in July".into()).await.unwrap();
    let own = store.approve_draft(&author.at(2), id, seen(1, 1)).await.unwrap_err().to_string();
    assert!(own.contains("who wrote it cannot approve it"), "{own}");
    store.approve_draft(&other.at(3), id, seen(1, 2)).await.unwrap();
    let held = store.publish_draft(&author.at(4), id, seen(2, 3)).await.unwrap();
    assert_eq!((held.noun.text(), held.noun.state().word()), ("in July", "published"));
}

pub async fn a_job_is_held_by_one_worker_at_a_time(fresh: Fresh) {
    let store = &fresh.store;
    for number in [1, 2, 2, 2] {
        let due = second_of_day(number as i64);
        let job = Job { id: number, kind: "match".into(), body: "17".into(), due, tries: 0 };
        store.queue_job(outside(0), &job).await.unwrap();
    }
    let claim = |second: i64| store.claim_job(outside(second), &["match"], Span::minutes(1));
    assert_eq!(claim(0).await.unwrap(), None, "nothing is due");
    let (one, two) = tokio::join!(claim(5), claim(5));
    let (one, two) = (one.unwrap().unwrap(), two.unwrap().unwrap());
    assert_ne!(one.id, two.id);
    assert_eq!(claim(6).await.unwrap(), None);
    assert!(store.finish_job(&two).await.unwrap());
    // The lease of the other runs out: somebody else takes it over, and the first may not finish it any more.
    let taken = claim(66).await.unwrap().unwrap();
    assert_eq!((taken.id, taken.tries), (one.id, 2));
    assert!(!store.finish_job(&one).await.unwrap());
    assert!(store.retry_job(&taken, second_of_day(100)).await.unwrap());
    assert_eq!(claim(99).await.unwrap(), None);
    assert_eq!(claim(100).await.unwrap().unwrap().tries, 3);
}

pub async fn a_database_from_the_future_is_refused(fresh: Fresh) {
    fresh.tamper(&["INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_later', 0)"]).await;
    let Err(refused) = Store::open(&fresh.url, options(&fresh.folder)).await else { panic!("it was opened") };
    assert!(matches!(refused, StoreError::Newer { .. }));
    assert_eq!(refused.to_string(), "the database was written by a newer version: it knows `m9999_later`");
}

pub async fn a_member_is_told_once_and_reads_what_is_new_first(fresh: Fresh) {
    let (store, person, boss) = (&fresh.store, analyst(), supervisor());
    let notice = |cause: u128| Notice {
        cause,
        to: person.actor.member,
        agency: EAST,
        kind: NoticeKind::LeadRouted,
        noun: LeadId::NOUN,
        about: LeadId::from_bits(7).to_string(),
    };
    let mut ids = Vec::new();
    for second in 1..=3 {
        for _ in 0..2 {
            ids.push(store.notify(&boss.at(second), notice(second as u128)).await.unwrap());
        }
    }
    ids.dedup();
    assert_eq!(ids.len(), 3);
    assert_eq!(store.remind(outside(4), notice(3)).await.unwrap(), ids[2], "told before");
    assert_eq!(store.unread_count(&person.at(5)).await.unwrap(), 3);
    store.mark_read(&person.at(6), ids[2]).await.unwrap();
    assert!(store.mark_read(&boss.at(6), ids[1]).await.is_err(), "it is not theirs");
    assert_eq!(store.unread_count(&person.at(7)).await.unwrap(), 2);
    let first = store.notifications(&person.at(8), &Listed::default()).await.unwrap();
    let order: Vec<_> = first.records.iter().map(|held| held.noun.id).collect();
    assert_eq!((order, first.next), (vec![ids[1], ids[0], ids[2]], None));
    assert_eq!(store.notifications(&boss.at(9), &Listed::default()).await.unwrap().records, []);
}
