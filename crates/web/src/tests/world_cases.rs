//! Cases of the world: for each side one in every state that an act begins with, and a request for each endpoint on cases. WEST
//! has no prosecutor, so its cases are charged by nobody.

use crate::testing::{Recorded, now};
use homeward_access::{Purpose, PurposeKind};
use homeward_casework::rehearsal::{EAST, WEST, actor, member};
use homeward_casework::{
    Context, Released, Revision, WrittenCase, WrittenCaseCount, WrittenCaseVictim, WrittenCharge,
    WrittenExhibit, WrittenLink, WrittenSubject, WrittenTask,
};
use homeward_model::{AgencyId, Case, CaseDisposition, CaseEntry, CaseId, Grounds, LeadId, PersonId, Role};
use homeward_store::Held;
use serde_json::{Value, json};

/// States in which the world has a case.
const OPENED: u128 = 0;
const ACCEPTED: u128 = 1;
const ACTIVE: u128 = 2;
const CHARGED: u128 = 3;
const DISPOSED: u128 = 4;

/// The hash of the exhibit.
const HASH: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn case(agency: AgencyId, state: u128) -> CaseId {
    CaseId::from_bits(agency.bits() << 16 | 0x700 | state)
}

fn subject(agency: AgencyId) -> PersonId {
    PersonId::from_bits(agency.bits() << 16 | 0x7f0)
}

fn grounds() -> Grounds {
    Grounds::new("as the story needs it").unwrap()
}

fn of(text: &str) -> String {
    text.to_owned()
}

/// Makes the cases of one side.
pub(super) async fn fill(site: &Recorded, agency: AgencyId) {
    for state in [OPENED, ACCEPTED, ACTIVE, CHARGED, DISPOSED] {
        Box::pin(make(site, agency, state)).await;
    }
}

async fn make(site: &Recorded, agency: AgencyId, state: u128) {
    let casework = &site.record.casework;
    let purpose = Purpose::of(PurposeKind::Investigation);
    let [investigator, supervisor, prosecutor] =
        [Role::Investigator, Role::Supervisor, Role::Prosecutor].map(|role| actor(agency, role));
    let context = |actor| Context { actor, purpose: &purpose, from: "worker", now: now() };
    let id = case(agency, state);
    let next =
        |held: &Held<Case>| Revision { seen: held.version, request: id.bits() << 16 | held.version as u128 };
    let (crime, facts) = (of("18 U.S.C. 1591(a)(1)"), of("bookings under one name on nine nights"));
    let written = WrittenCase { crime, facts, ..WrittenCase::default() };
    let held = casework.open_case(&context(&investigator), id, &written).await.unwrap().record;
    if state == OPENED {
        return;
    }
    let held =
        casework.accept_predicate(&context(&supervisor), id, next(&held), "2019-03-01").await.unwrap().record;
    if state == ACCEPTED {
        return;
    }
    let working = context(&investigator);
    let held = casework.take_up_case(&working, id, next(&held)).await.unwrap();
    let written = WrittenSubject {
        person: subject(agency).to_string(),
        name: of("J. Sample"),
        age: of("41"),
        ..WrittenSubject::default()
    };
    let held = casework.add_case_subject(&working, id, next(&held), &written).await.unwrap();
    let victim = WrittenCaseVictim { born: of("2004-01-02"), ..WrittenCaseVictim::default() };
    let held = casework.add_case_victim(&working, id, next(&held), &victim).await.unwrap();
    let count = WrittenCaseCount {
        offence: of("1591-a1"),
        verb: of("recruits"),
        from: of("2019-07-01"),
        victim: of("1"),
        subjects: vec![subject(agency).to_string()],
        ..WrittenCaseCount::default()
    };
    let held = casework.allege_count(&working, id, next(&held), &count).await.unwrap();
    let exhibit = WrittenExhibit {
        description: of("captured page"),
        sha256: of(HASH),
        bytes: of("4"),
        start: of("2019-07-02 10:00"),
        end: of("2019-07-02 10:05"),
        performer: of("Ines Moreau"),
        authority: of("legal-process"),
        basis: of("warrant 19-MJ-1"),
        ..WrittenExhibit::default()
    };
    let held = casework.enter_exhibit(&working, id, next(&held), &exhibit).await.unwrap();
    let noted = CaseEntry::Noted(grounds());
    let held = casework.enter_case(&working, id, next(&held), noted).await.unwrap();
    let link =
        WrittenLink { count: 1, element: of("act"), evidence: of("exhibit 1"), ..WrittenLink::default() };
    let held = casework.link_evidence(&working, id, next(&held), &link).await.unwrap();
    let task = WrittenTask {
        what: of("ask the motel for its bookings"),
        to: member(agency, Role::Investigator).to_string(),
        due: String::new(),
    };
    let held = casework.set_task(&working, id, next(&held), &task).await.unwrap().record;
    if state == ACTIVE {
        let released = Released {
            id: id.bits() << 16,
            receiver: if agency == EAST { WEST } else { EAST },
            reason: grounds(),
            need_to_know: grounds(),
            right_to_know: grounds(),
        };
        casework.release_case(&context(&supervisor), id, held.version, released).await.unwrap();
    }
    if agency != EAST {
        return;
    }
    let to = member(agency, Role::Prosecutor);
    if state == ACTIVE {
        return;
    }
    let held = casework.assign_case(&context(&supervisor), id, next(&held), to).await.unwrap().record;
    let charging = context(&prosecutor);
    let charged =
        WrittenCharge { person: subject(agency).to_string(), section: String::new(), count: Some(1) };
    let held = casework.charge_case(&charging, id, next(&held), &charged).await.unwrap().record;
    if state == DISPOSED {
        let pleaded = CaseDisposition::Pleaded;
        casework.dispose_charge(&charging, id, next(&held), 1, pleaded).await.unwrap();
    }
}

/// Path and body of a request on a case of `agency` that would succeed for whoever may send it.
pub(super) fn request(method: &str, path: &str, agency: AgencyId) -> Option<(String, Value)> {
    let at = |state: u128| case(agency, state).to_string();
    let (active, charged) = (10, 12);
    let why = |seen: i64| json!({"seen": seen, "grounds": "looked at again"});
    let person = subject(agency).to_string();
    let entry = |more: Value| {
        let mut body = json!({"seen": active});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        (at(ACTIVE), body)
    };
    Some(match (method, path) {
        ("GET", path) if path.starts_with("/cases/{id}") => (at(ACTIVE), Value::Null),
        ("POST", "/cases") => (
            String::new(),
            json!({"crime": "18 U.S.C. 1591(a)(1)", "facts": "bookings under one name",
                "lead": LeadId::from_bits(agency.bits() << 16 | 0x18).to_string()}),
        ),
        ("POST", "/cases/{id}/accept") => (at(OPENED), json!({"seen": 1, "certified": "2019-03-01"})),
        ("POST", "/cases/{id}/decline") => (at(OPENED), why(1)),
        ("POST", "/cases/{id}/take-up") => (at(ACCEPTED), json!({"seen": 2})),
        ("POST", "/cases/{id}/assign") => {
            (at(ACTIVE), json!({"seen": active, "to": member(EAST, Role::Prosecutor).to_string()}))
        }
        ("POST", "/cases/{id}/unassign") => (
            at(CHARGED),
            json!({"seen": charged, "from": member(agency, Role::Investigator).to_string(), "grounds": "on leave"}),
        ),
        ("POST", "/cases/{id}/subject") => entry(json!({"name": "K. Sample", "age": "38"})),
        ("POST", "/cases/{id}/age") => entry(json!({"person": person, "name": "", "age": "40"})),
        ("POST", "/cases/{id}/victim") => entry(json!({"age": "15"})),
        ("POST", "/cases/{id}/victim-age") => entry(json!({"number": 1, "age": "15"})),
        ("POST", "/cases/{id}/count") => {
            entry(json!({"offence": "1594-c", "from": "2019-07-01", "victim": "1", "subjects": [person]}))
        }
        ("POST", "/cases/{id}/drop" | "/cases/{id}/unlink") => {
            entry(json!({"number": 1, "grounds": "a mistake"}))
        }
        ("POST", "/cases/{id}/exhibit") => entry(
            json!({"description": "a telephone", "seal": "S-1", "start": "2019-07-02", "performer": "Ines Moreau",
                "authority": "consent", "basis": "written consent of its owner"}),
        ),
        ("POST", "/cases/{id}/custody") => entry(
            json!({"exhibit": 1, "from": "Ines Moreau", "to": "evidence room", "given": "2019-07-02 12:00",
                "purpose": "storage", "sha256": HASH}),
        ),
        ("POST", "/cases/{id}/link") => {
            entry(json!({"count": 1, "element": "age_known", "way": "knew", "evidence": "note 1"}))
        }
        ("POST", "/cases/{id}/task") => {
            entry(json!({"what": "ask again", "to": member(agency, Role::Investigator).to_string()}))
        }
        ("POST", "/cases/{id}/task-done") => entry(json!({"number": 1})),
        ("POST", "/cases/{id}/note") => entry(json!({"grounds": "called back at noon"})),
        ("POST", "/cases/{id}/charge") => {
            (at(CHARGED), json!({"seen": charged, "person": person, "section": "18 U.S.C. 1594(c)"}))
        }
        ("POST", "/cases/{id}/dispose") => {
            (at(CHARGED), json!({"seen": charged, "charge": 1, "disposition": "pleaded"}))
        }
        ("POST", "/cases/{id}/close") => (at(DISPOSED), why(13)),
        ("POST", "/cases/{id}/release") => entry(
            json!({"receiver": if agency == EAST { WEST } else { EAST }.to_string(), "reason": "for indictment",
                "need_to_know": "assigned prosecutor", "right_to_know": "prosecuting office"}),
        ),
        _ => return None,
    })
}
