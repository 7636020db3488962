//! Tests of the archive as a whole.

use super::*;
use homeward_model::{Instant, PlaceMention, Point};

fn posting(id: &str, body: &str) -> Posting {
    Posting {
        id: id.into(),
        source: "board".into(),
        body: body.into(),
        posted_at: Instant::parse("2019-07-01"),
        place: PlaceMention {
            city: Some("Charlotte".into()),
            point: Point::new(35.0, -80.0),
            ..PlaceMention::default()
        },
        contacts: vec!["704-555-0142".into()],
        extra: [("x".to_owned(), "1".to_owned())].into(),
        ..Posting::default()
    }
}

fn add(archive: &mut Archive, postings: &[Posting]) -> Receipt {
    let mut writer = archive.writer().unwrap();
    for posting in postings {
        writer.add(posting.clone()).unwrap();
    }
    writer.commit().unwrap()
}

#[test]
fn the_same_posting_twice_adds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut archive = Archive::open(folder.path()).unwrap();
    let postings = [posting("1", "a"), posting("2", "b"), posting("1", "a")];
    assert_eq!(add(&mut archive, &postings), Receipt { accepted: 2, repeated: 1, ..Receipt::default() });
    assert_eq!(add(&mut archive, &postings), Receipt { repeated: 3, ..Receipt::default() });
    assert_eq!(add(&mut archive, &[posting("1", "c")]), Receipt { changed: 1, ..Receipt::default() });
    let read: Vec<Posting> =
        archive.segments().to_vec().iter().flat_map(|segment| archive.postings(segment).unwrap()).collect();
    assert_eq!(read, [posting("1", "a"), posting("2", "b"), posting("1", "c")]);
}

fn ids(archive: &Archive) -> Vec<String> {
    let segments = archive.segments().to_vec();
    segments.iter().flat_map(|segment| archive.postings(segment).unwrap()).map(|posting| posting.id).collect()
}

#[test]
fn purged_postings_do_not_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut archive = Archive::open(folder.path()).unwrap();
    let first = posting("4417", "a");
    add(&mut archive, &[first.clone(), posting("2", "b")]);
    let what = Purge::Id("4417".into());
    assert_eq!(archive.count(&what).unwrap(), 1);
    assert_eq!(archive.purge(&what, "order of the court", Instant(7)).unwrap(), 1);
    assert_eq!(archive.purge(&what, "order of the court", Instant(8)).unwrap(), 0);
    // The same row, the same row under another id, the same text another day.
    let renamed = Posting { id: "9".into(), ..first.clone() };
    let repost = Posting { id: "10".into(), posted_at: Instant::parse("2019-07-09"), ..first.clone() };
    let receipt = add(&mut archive, &[first, renamed, repost]);
    assert_eq!(receipt, Receipt { accepted: 1, rejected: 2, ..Receipt::default() });
    assert_eq!(ids(&archive), ["2", "10"]);
    let manifest = fs::read_to_string(folder.path().join("manifest.json")).unwrap();
    assert!(manifest.contains("order of the court") && !manifest.contains("4417"), "{manifest}");
}

#[test]
fn text_without_date_and_address_may_be_a_repost() {
    let folder = tempfile::tempdir().unwrap();
    let mut archive = Archive::open(folder.path()).unwrap();
    let undated = |id: &str| Posting { id: id.into(), body: "in town".into(), ..Posting::default() };
    add(&mut archive, &[undated("1")]);
    archive.purge(&Purge::Id("1".into()), "why", Instant(0)).unwrap();
    add(&mut archive, &[undated("1"), undated("2")]);
    assert_eq!(ids(&archive), ["2"]);
}

#[test]
fn terms_count_from_collection_else_from_taking_in() {
    let folder = tempfile::tempdir().unwrap();
    let mut archive = Archive::open(folder.path()).unwrap();
    let day = |text: &str| Instant::parse(text).unwrap();
    let early = Posting { collected_at: Some(day("2019-07-01")), ..posting("early", "a") };
    let late = Posting { collected_at: Some(day("2019-08-01")), ..posting("late", "b") };
    let mut tip = posting("tip", "d");
    tip.provenance.authority = homeward_model::Authority::Tip;
    let mut writer = archive.writer().unwrap().at(day("2019-07-10"));
    for posting in [early, late, posting("undated", "c"), tip] {
        writer.add(posting).unwrap();
    }
    writer.commit().unwrap();
    let past = |moment: &str| Purge::Expired(vec![(homeward_model::Authority::OpenSource, day(moment))]);
    let count = |moment: &str| archive.count(&past(moment)).unwrap();
    let counts = ["2019-07-01", "2019-07-02", "2019-07-11", "2019-08-02"].map(count);
    assert_eq!(counts, [0, 1, 2, 3]);
    assert_eq!(archive.purge(&past("2019-07-11"), "term", Instant(0)).unwrap(), 2);
    assert_eq!(ids(&archive), ["late", "tip"]);
    // The rest keeps the day on which it was taken in.
    assert_eq!(archive.segments()[0].taken_in_us, Some(day("2019-07-10").0));
}

#[test]
fn a_purge_that_dies_is_ended_by_the_next_opening() {
    let folder = tempfile::tempdir().unwrap();
    let mut archive = Archive::open(folder.path()).unwrap();
    add(&mut archive, &[posting("1", "a"), posting("2", "b")]);
    archive.write_run("r-1", &[("findings.jsonl", "1\n".to_owned())]).unwrap();
    let old = archive.segment_path(&archive.segments()[0].id);
    // As if the process had died right after the swap of the manifest.
    let bytes = fs::read(&old).unwrap();
    archive.purge(&Purge::Id("1".into()), "why", Instant(0)).unwrap();
    archive.manifest.clearing = true;
    archive.commit().unwrap();
    fs::write(&old, bytes).unwrap();
    fs::create_dir_all(folder.path().join("runs/r-1")).unwrap();
    fs::write(folder.path().join("rejected/x.jsonl"), "1").unwrap();
    drop(archive);
    let archive = Archive::open_read(folder.path()).unwrap();
    assert!(!old.exists() && !folder.path().join("runs/r-1").exists());
    assert!(!folder.path().join("rejected/x.jsonl").exists());
    assert_eq!(ids(&archive), ["2"]);
    assert!(!Archive::open(folder.path()).unwrap().manifest.clearing);
}

#[test]
fn a_purged_report_does_not_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut archive = Archive::open(folder.path()).unwrap();
    let report =
        |id: &str| MissingReport { id: id.into(), given_name: "Mia".into(), ..MissingReport::default() };
    archive.add_reports(vec![report("M-1"), report("M-2")]).unwrap();
    assert!(archive.purge_report("M-1", "entered in error", Instant(0)).unwrap());
    assert!(!archive.purge_report("M-1", "entered in error", Instant(0)).unwrap());
    let receipt = archive.add_reports(vec![report("M-1"), report("M-3")]).unwrap();
    assert_eq!(receipt, ReportReceipt { accepted: 1, barred: 1, ..ReportReceipt::default() });
    assert_eq!(archive.reports().unwrap(), [report("M-2"), report("M-3")]);
    assert_eq!(
        fs::read_dir(folder.path().join("reports")).unwrap().count(),
        2,
        "one is swept at the next opening"
    );
    drop(archive);
    Archive::open(folder.path()).unwrap();
    assert_eq!(fs::read_dir(folder.path().join("reports")).unwrap().count(), 1);
}

#[test]
fn a_run_with_the_same_files_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut archive = Archive::open(folder.path()).unwrap();
    let write = |archive: &mut Archive, text: &str| {
        archive.write_run("r-1", &[("findings.jsonl", text.to_owned())]).unwrap();
        archive.run_file(archive.latest_run().unwrap(), "findings.jsonl").unwrap()
    };
    assert_eq!(write(&mut archive, "1"), "1");
    fs::write(folder.path().join("runs/r-1/untouched"), "").unwrap();
    assert_eq!(write(&mut archive, "1"), "1");
    assert!(folder.path().join("runs/r-1/untouched").exists());
    assert_eq!(write(&mut archive, "2"), "2");
    assert!(!folder.path().join("runs/r-1/untouched").exists());
}

#[test]
fn segments_are_read_and_written_in_batches() {
    let folder = tempfile::tempdir().unwrap();
    let mut archive = Archive::open(folder.path()).unwrap();
    let postings: Vec<Posting> = (0..20_000).map(|at| posting(&at.to_string(), "a")).collect();
    add(&mut archive, &postings);
    let segment = archive.segments()[0].clone();
    let sizes: Vec<usize> = archive.batches(&segment).unwrap().map(|batch| batch.unwrap().len()).collect();
    assert!(sizes.len() > 1 && sizes.iter().all(|size| *size < 10_000), "{sizes:?}");
    assert_eq!(archive.postings(&segment).unwrap(), postings);
    let path = archive.segment_path(&segment.id);
    let some: Vec<Vec<Posting>> =
        Batches::of_rows(&path, &[0, 8_191, 8_192, 19_999]).unwrap().map(Result::unwrap).collect();
    let some: Vec<String> = some.concat().into_iter().map(|posting| posting.id).collect();
    assert_eq!(some, ["0", "8191", "8192", "19999"]);
}

#[test]
fn a_check_finds_what_was_changed() {
    let folder = tempfile::tempdir().unwrap();
    let mut archive = Archive::open(folder.path()).unwrap();
    add(&mut archive, &[posting("1", "a")]);
    add(&mut archive, &[posting("2", "b")]);
    archive.add_reports(vec![MissingReport { id: "1".into(), ..MissingReport::default() }]).unwrap();
    let none = Purge::Expired(Vec::new());
    let checked = archive.check(&none).unwrap();
    assert_eq!((checked.postings, checked.reports, checked.problems.len()), (2, 1, 0));
    let (first, second) = (archive.segments()[0].clone(), archive.segments()[1].clone());
    fs::copy(archive.segment_path(&second.id), archive.segment_path(&first.id)).unwrap();
    assert_eq!(archive.check(&none).unwrap().problems, [Problem::Segment(first.id)]);
}

#[test]
fn a_second_process_is_refused_and_a_newer_folder_too() {
    let folder = tempfile::tempdir().unwrap();
    let first = Archive::open(folder.path()).unwrap();
    assert!(matches!(Archive::open(folder.path()), Err(ArchiveError::Held { .. })));
    drop(first);
    fs::write(folder.path().join("manifest.json"), r#"{"format": 99}"#).unwrap();
    assert!(matches!(Archive::open(folder.path()), Err(ArchiveError::Newer { found: 99, .. })));
}

#[test]
fn an_ingest_that_dies_leaves_the_old_manifest() {
    let folder = tempfile::tempdir().unwrap();
    let mut archive = Archive::open(folder.path()).unwrap();
    add(&mut archive, &[posting("1", "a")]);
    // Files are written, the manifest is not: as if the process died before the swap.
    let mut stray = segment::SegmentWriter::new(&folder.path().join("segments")).unwrap();
    stray.push(posting("2", "b")).unwrap();
    let stray = stray.finish(None).unwrap();
    drop(archive);
    let archive = Archive::open(folder.path()).unwrap();
    assert_eq!(archive.segments().len(), 1);
    assert!(!archive.segment_path(&stray.id).exists());
}

#[test]
fn reports_merge_by_id() {
    let folder = tempfile::tempdir().unwrap();
    let mut archive = Archive::open(folder.path()).unwrap();
    let report = |id: &str, name: &str| MissingReport {
        id: id.into(),
        given_name: name.into(),
        ..MissingReport::default()
    };
    assert_eq!(archive.add_reports(vec![report("1", "Mia"), report("2", "Zoe")]).unwrap().accepted, 2);
    assert_eq!(archive.add_reports(vec![report("1", "Mia"), report("2", "Zoey")]).unwrap().changed, 1);
    assert_eq!(archive.reports().unwrap(), [report("1", "Mia"), report("2", "Zoey")]);
}
