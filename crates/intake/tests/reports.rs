//! Missing reports from PFIF: the public fixtures of `personfinder`, and small ones made here.

mod common;

use common::{fixture, gzip, reports, reports_of};
use homeward_model::{MissingReport, ReportStatus};

fn one(name: &str) -> MissingReport {
    let read = reports_of(&fixture("pfif", name));
    assert_eq!((read.good.len(), read.rejected.len()), (1, 0), "{name}: {:?}", read.rejected);
    assert_eq!(read.tally.unwrap().records, 1);
    read.good.into_iter().next().unwrap()
}

#[test]
fn every_version_gives_the_person() {
    for (name, given, located) in [
        ("test.pfif-1.1.xml", "_test_first_name", "2000-01-16T01:02:03Z"),
        ("test.pfif-1.2.xml", "_test_first_name", "2000-01-18T20:21:22Z"),
        ("test.pfif-1.4.xml", "_test_given_name", "2000-01-18T20:21:22Z"),
    ] {
        let report = one(name);
        assert_eq!(report.id, "test.google.com/person.21009", "{name}");
        assert_eq!(report.given_name, given, "{name}");
        assert_eq!(report.missing_from.city.as_deref(), Some("_test_home_city"), "{name}");
        assert!(report.missing_from.point.is_some(), "{name}");
        assert!(report.circumstances.contains("_test_description"), "{name}");
        assert_eq!(report.photos[0].url.as_deref(), Some("_test_photo_url"), "{name}");
        assert_eq!(report.status, ReportStatus::Located, "{name}");
        assert_eq!(report.located_at.map(|at| at.to_string()).as_deref(), Some(located), "{name}");
        assert_eq!(report.extra["source_name"], "_test_source_name", "{name}");
    }
    let report = one("test.pfif-1.4.xml");
    assert_eq!((report.sex.as_deref(), report.age_when_missing), (Some("female"), Some(35)));
    assert_eq!((report.date_of_birth, report.extra["date_of_birth"].as_str()), (None, "1970-01"));
    assert_eq!(
        report.aliases,
        ["_test_full_name1", "_test_full_name2", "_test_alternate_name1", "_test_alternate_name2"]
    );
    assert_eq!(report.handles, ["_test_profile_url1", "_test_profile_url2"]);
    assert_eq!(one("global-test.pfif-1.2-source.xml").status, ReportStatus::Missing);
}

#[test]
fn notes_without_their_person_come_back() {
    let read = reports_of(&fixture("pfif", "test.pfif-1.2-note.xml"));
    assert_eq!((read.good.len(), read.rejected.len()), (0, 2));
    assert_eq!(read.rejected[0].reason, "a note on `test.google.com/person.21009`, who is not in this file");
}

fn document(version: &str, inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><pfif:pfif xmlns:pfif=\"http://zesty.ca/pfif/{version}\">{inside}</pfif:pfif>"
    )
    .replace("<p:", "<pfif:")
    .replace("</p:", "</pfif:")
}

#[test]
fn notes_find_their_person_and_the_newest_status_counts() {
    let person = |id: u8| {
        format!(
            "<p:person><p:person_record_id>example.org/{id}</p:person_record_id><p:full_name>Mia &amp; Lee Doe</p:full_name></p:person>"
        )
    };
    let note = |id: u8, date: &str, status: &str| {
        format!(
            "<p:note><p:person_record_id>example.org/{id}</p:person_record_id><p:source_date>{date}</p:source_date><p:status>{status}</p:status></p:note>"
        )
    };
    let inside = [
        note(1, "2019-07-02T00:00:00Z", "believed_alive"),
        person(1),
        person(2),
        person(3),
        note(1, "2019-07-03T00:00:00Z", "believed_missing"),
        note(2, "2019-07-03T00:00:00Z", "believed_dead"),
        note(3, "2019-07-03T00:00:00Z", "never_heard_of"),
    ]
    .concat();
    for version in ["1.2", "1.3", "1.4"] {
        for bytes in [document(version, &inside).into_bytes(), gzip(document(version, &inside).as_bytes())] {
            let read = reports("a", &bytes);
            assert!(read.rejected.is_empty(), "{:?}", read.rejected);
            let statuses: Vec<ReportStatus> = read.good.iter().map(|report| report.status).collect();
            assert_eq!(statuses, [ReportStatus::Missing, ReportStatus::Closed, ReportStatus::Missing]);
            assert_eq!(
                (read.good[0].given_name.as_str(), read.good[0].family_name.as_str()),
                ("Mia & Lee", "Doe")
            );
        }
    }
}

#[test]
fn hostile_documents_are_refused() {
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE lol [<!ENTITY a \"x\"><!ENTITY b \"&a;&a;\">]><pfif><person><person_record_id>&b;</person_record_id></person></pfif>";
    let check = |text: &str, reason: &str, good: usize| {
        let read = reports("a.xml", text.as_bytes());
        assert_eq!(read.good.len(), good, "{reason}");
        assert!(read.rejected.iter().any(|row| row.reason.contains(reason)), "{:?}", read.rejected);
    };
    check(bomb, "a document type is not read", 0);
    let fine =
        "<p:person><p:person_record_id>e/1</p:person_record_id><p:last_name>Doe</p:last_name></p:person>";
    check(
        &document("1.2", &format!("{fine}<p:person><p:last_name>&xxe;</p:last_name></p:person>{fine}")),
        "the entity `&xxe;`",
        2,
    );
    check(
        &document("1.2", &format!("{fine}<p:person><p:last_name>Doe</p:last_name>{fine}")),
        "the person is not closed",
        2,
    );
    check(&document("1.2", &format!("{fine}<p:person>{}", "<a>".repeat(100))), "nested deeper", 1);
    let long = "x".repeat(17 << 20);
    check(
        &document("1.2", &format!("{fine}<p:person><p:last_name>{long}</p:last_name></p:person>")),
        "longer than 16 MiB",
        1,
    );
    check(&document("1.2", &format!("{fine}<p:person><p:last_name>D")), "the file ends inside the person", 1);
    let error = reports("a.xml", b"<?xml version=\"1.0\"?><alert/>").tally.unwrap_err();
    assert!(error.to_string().contains("an XML document that is not PFIF"), "{error}");
}
