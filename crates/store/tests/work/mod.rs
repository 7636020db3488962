//! Accounts, sessions, drafts, the queue, and a database from the future.

use crate::leads::seen;
use crate::support::{EAST, Fresh, Person, administrator, grounds, options, outside, second_of_day};
use homeward_access::PurposeKind;
use homeward_model::{
    Agency, AgencyKind, Digest, DraftId, EmailAddress, MemberId, Ori, PeriodId, Role, Roles, Span,
};
use homeward_store::credential::SignIn;
use homeward_store::job::Job;
use homeward_store::member::Invitation;
use homeward_store::{Store, StoreError};

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

pub async fn a_session_ends_when_it_idles_or_the_member_is_locked(fresh: Fresh) {
    let store = &fresh.store;
    store.install_member(outside(0), invitation(1, "a.reyes@example.org")).await.unwrap();
    let member = MemberId::from_bits(1);
    store.open_session(outside(0), member, b"secret").await.unwrap();
    assert_eq!(store.session(outside(1799), b"secret").await.unwrap().unwrap().organisation, EAST);
    assert!(store.session(outside(1800), b"other").await.unwrap().is_none());
    assert!(store.session(outside(3598), b"secret").await.unwrap().is_some());
    assert!(store.session(outside(3598 + 1800), b"secret").await.unwrap().is_none());
    assert!(store.session(outside(3599), b"secret").await.unwrap().is_none(), "ended is ended");
    store.open_session(outside(0), member, b"again").await.unwrap();
    store.lock_member(&administrator().at(1), member, seen(1, 1), grounds("lost device")).await.unwrap();
    assert!(store.session(outside(2), b"again").await.unwrap().is_none());
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
