//! The text index must answer as a plain scan of the postings does: a generated nation, two hundred queries made from its
//! own words, numbers, places and dates.

use homeward_archive::{Archive, Clause, Condition, Purge};
use homeward_engine::extract::Reader;
use homeward_engine::{index, query};
use homeward_intake::{Item, Options, read_postings};
use homeward_linkage::normalise::fold_text;
use homeward_model::{Instant, Posting, Selector, SelectorKind, mix64};
use homeward_places::Places;
use homeward_rules::Rules;
use homeward_world::{World, WorldOptions};
use std::path::Path;

const TAG: &str = "test";

fn nation(folder: &Path) -> Vec<Posting> {
    let file = folder.join("postings.jsonl");
    let mut text = Vec::new();
    World::generate(WorldOptions { postings: 900, reports: Some(5), seed: 5 })
        .write_postings(&mut text)
        .unwrap();
    std::fs::write(&file, text).unwrap();
    let mut postings = Vec::new();
    let mut keep = |item| {
        if let Item::Good(posting) = item {
            postings.push(posting);
        }
        true
    };
    read_postings(&file, &Options::default(), &mut keep).unwrap();
    // What the nation does not hold: other sources, no date, an account, a page, free words of place.
    for (at, posting) in postings.iter_mut().enumerate() {
        match at % 10 {
            0 => posting.source = "board-b".into(),
            1 => posting.posted_at = None,
            2 => posting.url = Some(format!("https://www.example.org/page/{}", at / 100)),
            3 => posting.place.text = Some("near the Old Mill".into()),
            _ => {}
        }
        if at % 10 == 1 {
            posting.collected_at = None;
        }
    }
    postings
}

fn archive(folder: &Path, reader: &Reader, postings: &[Posting]) -> Archive {
    let mut archive = Archive::open(folder).unwrap();
    let (first, second) = postings.split_at(postings.len() / 3);
    for part in [first, second] {
        let mut writer = archive.writer().unwrap();
        for posting in part {
            writer.add(posting.clone()).unwrap();
        }
        writer.commit().unwrap();
    }
    assert_eq!(index::build_missing(&archive, reader, TAG, &|_| ()).unwrap(), 2);
    archive
}

/// A posting with what the scan compares.
struct Scanned<'a> {
    posting: &'a Posting,
    words: Vec<String>,
    selectors: Vec<Selector>,
    places: Vec<String>,
}

fn split(text: &str) -> Vec<String> {
    let parts = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    parts.map(str::to_lowercase).collect()
}

fn scanned<'a>(reader: &Reader, posting: &'a Posting) -> Scanned<'a> {
    let own = Posting { contacts: posting.url.iter().cloned().collect(), ..Posting::default() };
    let mut selectors = reader.selectors(posting);
    selectors.extend(reader.selectors(&own));
    let mut places = Vec::new();
    if let Some(id) = reader.facts(posting).facts.city {
        let city = Places::embedded().city(id);
        let state = &Places::embedded().state(&city.state).unwrap().name;
        for state in [&city.state, state] {
            places.extend([city.name.clone(), state.clone(), format!("{} {state}", city.name)]);
        }
    }
    if let (Some(city), Some(state)) = (&posting.place.city, &posting.place.state) {
        places.extend([city.clone(), state.clone(), format!("{city} {state}")]);
    }
    let places = places.iter().map(|place| split(&fold_text(place).text).join(" ")).collect();
    Scanned { posting, words: split(&fold_text(&posting.full_text()).text), selectors, places }
}

fn side_by_side(words: &[String], wanted: &str) -> bool {
    let wanted = split(wanted);
    words.windows(wanted.len()).any(|window| window == wanted)
}

fn has_selector(scanned: &Scanned, kind: SelectorKind, wanted: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let of_kind = scanned.selectors.iter().filter(|selector| selector.kind == kind);
    of_kind.map(|selector| selector.value.as_str()).any(|value| match kind {
        SelectorKind::Phone => digits(value).ends_with(&digits(wanted)),
        SelectorKind::Email => value == wanted || (wanted.starts_with('@') && value.ends_with(wanted)),
        SelectorKind::Url => {
            let rest = value.trim_end_matches('/').strip_prefix(wanted.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
        }
        _ => {
            let bare = value.rsplit(':').next().unwrap().trim_start_matches(['@', '$']);
            value == wanted || bare == wanted.trim_start_matches(['@', '$'])
        }
    })
}

fn holds(scanned: &Scanned, condition: &Condition) -> bool {
    let seen = scanned.posting.seen_at();
    match condition {
        Condition::Text(text) => side_by_side(&scanned.words, text),
        Condition::Selector(kind, value) => has_selector(scanned, *kind, value),
        Condition::Place(place) => {
            let own = split(scanned.posting.place.text.as_deref().unwrap_or_default());
            scanned.places.contains(&split(place).join(" ")) || side_by_side(&own, place)
        }
        Condition::Source(source) => scanned.posting.source == *source,
        Condition::Id(id) => scanned.posting.id == *id,
        Condition::After(at) => seen.is_some_and(|seen| seen >= *at),
        Condition::Before(at) => seen.is_some_and(|seen| seen < *at),
    }
}

fn scan(all: &[Scanned], clauses: &[Clause]) -> Vec<Posting> {
    let every =
        |scanned: &&Scanned| clauses.iter().all(|clause| holds(scanned, &clause.condition) != clause.not);
    let mut found: Vec<&Posting> = all.iter().filter(every).map(|scanned| scanned.posting).collect();
    let key = |posting: &Posting| {
        (std::cmp::Reverse(posting.seen_at().map_or(i64::MIN, |at| at.0)), posting.identity().key())
    };
    found.sort_by_key(|posting| key(posting));
    found.into_iter().cloned().collect()
}

/// One clause made from a posting of the nation, so that most queries find something.
fn clause(scanned: &Scanned, mut dice: u64) -> String {
    let mut roll = |sides: usize| {
        dice = mix64(dice);
        (dice % sides.max(1) as u64) as usize
    };
    let posting = scanned.posting;
    let words = &scanned.words;
    let not = if roll(5) == 0 { "-" } else { "" };
    let at = roll(words.len());
    let day = posting.seen_at().unwrap_or(Instant(0)).plus_days(roll(9) as f64 - 4.0).date();
    let selectors: Vec<&Selector> =
        scanned.selectors.iter().filter(|selector| selector.kind.identifies()).collect();
    let value = match roll(10) {
        0 | 1 => words[at].clone(),
        2 => format!("\"{}\"", words[at..(at + 2 + roll(3)).min(words.len())].join(" ")),
        3 => format!("after:{day}"),
        4 => format!("before:{day}"),
        5 => format!("source:{}", posting.source),
        6 if !scanned.places.is_empty() => {
            format!("place:\"{}\"", scanned.places[roll(scanned.places.len())])
        }
        7 if posting.place.text.is_some() => "place:\"old mill\"".to_owned(),
        8 => format!("id:{}", posting.id),
        _ if selectors.is_empty() => words[at].to_uppercase(),
        _ => {
            let Selector { kind, value, .. } = selectors[roll(selectors.len())];
            let value = match kind {
                SelectorKind::Phone => &value[value.len() - 4 - roll(5)..],
                SelectorKind::Email if roll(2) == 0 => &value[value.find('@').unwrap()..],
                SelectorKind::Url if roll(2) == 0 => value.split('/').next().unwrap(),
                _ => value,
            };
            format!("{}:\"{value}\"", kind.word())
        }
    };
    format!("{not}{value}")
}

#[test]
fn the_index_answers_as_a_scan_does() {
    let folder = tempfile::tempdir().unwrap();
    let reader = Reader::new(Rules::embedded(), "US");
    let postings = nation(folder.path());
    let archive = archive(&folder.path().join("data"), &reader, &postings);
    let all: Vec<Scanned> = postings.iter().map(|posting| scanned(&reader, posting)).collect();
    let read = |postings: &[Posting]| index::entries(&reader, postings);
    let (mut some, mut several) = (0, 0);
    for seed in 0..200u64 {
        let from = &all[(mix64(seed) % all.len() as u64) as usize];
        let parts: Vec<String> = (0..=seed % 3).map(|part| clause(from, seed * 7 + part)).collect();
        let typed = parts.join(" ");
        let clauses = query::parse(&reader, &typed).unwrap();
        let expected = scan(&all, &clauses);
        let found = archive.search(&clauses, 1_000_000, TAG, &read).unwrap();
        let ids =
            |postings: &[Posting]| postings.iter().map(|posting| posting.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&found.postings), ids(&expected), "{typed}");
        assert_eq!(found.postings, expected, "{typed}");
        let first = archive.search(&clauses, 3, TAG, &read).unwrap();
        assert_eq!((first.total, &first.postings[..]), (expected.len(), &expected[..expected.len().min(3)]));
        some += usize::from(!expected.is_empty());
        several += usize::from(expected.len() > 3);
    }
    assert!(some > 100 && several > 50, "{some} of 200 queries found something, {several} several postings");
}

#[test]
fn a_damaged_or_missing_index_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let reader = Reader::new(Rules::embedded(), "US");
    let postings = nation(folder.path());
    let archive = archive(&folder.path().join("data"), &reader, &postings);
    let read = |postings: &[Posting]| index::entries(&reader, postings);
    let clauses = query::parse(&reader, "-nowhere").unwrap();
    let total = || archive.search(&clauses, 1, TAG, &read).unwrap().total;
    let folders = || {
        let entries = std::fs::read_dir(archive.root().join("index")).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
    };
    assert_eq!((archive.without_index(TAG).len(), total()), (0, postings.len()));
    let file = std::fs::read_dir(&folders()[0]).unwrap().map(|entry| entry.unwrap().path());
    let file = file.filter(|path| path.extension().is_some_and(|kind| kind == "idx")).max().unwrap();
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    std::fs::remove_dir_all(&folders()[1]).unwrap();
    // The answer is right before the index is.
    assert_eq!((archive.without_index(TAG).len(), total()), (2, postings.len()));
    assert_eq!(index::build_missing(&archive, &reader, TAG, &|_| ()).unwrap(), 2);
    assert_eq!((archive.without_index(TAG).len(), total()), (0, postings.len()));
    // Another way of reading replaces the first.
    assert_eq!(index::build_missing(&archive, &reader, "other", &|_| ()).unwrap(), 2);
    assert_eq!(folders().len(), 2);
    // A bit that turned is seen by a check.
    let file = file_of(&folders()[0]);
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    assert_eq!(archive.check(&Purge::Expired(Vec::new())).unwrap().problems.len(), 1);
}

/// The longest file of an index.
fn file_of(folder: &Path) -> std::path::PathBuf {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.max_by_key(|path| path.metadata().unwrap().len()).unwrap()
}
