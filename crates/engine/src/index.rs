//! What the text index holds of a posting, read as the rest of the engine reads it, so that a search finds what linking
//! compares.

use crate::extract::{Extracted, Reader};
use homeward_archive::{Archive, ArchiveError, Entry, SegmentInfo, words};
use homeward_linkage::normalise::fold_text;
use homeward_model::{Posting, Selector, SelectorKind};
use homeward_places::Places;
use homeward_rules::Rules;
use rayon::prelude::*;
use std::sync::{Mutex, PoisonError};

/// Names everything that decides how postings are read: an index of another name is made anew.
pub fn tag(rules: &Rules, region: &str) -> String {
    format!("{}-{region}", rules.version)
}

/// What the index holds of some postings, on all cores, in their order.
pub fn entries(reader: &Reader, postings: &[Posting]) -> Vec<Entry> {
    postings.par_iter().map(|posting| entry(reader, posting, reader.selectors(posting))).collect()
}

/// Builds the index of a segment and reads its facts: both begin with the selectors of each posting, which are most of the work.
pub fn build_with_facts(
    archive: &Archive,
    reader: &Reader,
    segment: &SegmentInfo,
    tag: &str,
) -> Result<Vec<Extracted>, ArchiveError> {
    let all = Mutex::new(Vec::with_capacity(segment.postings));
    archive.build_index(segment, tag, &|postings| {
        let read = postings.par_iter().map(|posting| {
            let found = reader.selectors(posting);
            (reader.facts_by(posting, &found), entry(reader, posting, found))
        });
        let (mut facts, entries): (Vec<Extracted>, Vec<Entry>) = read.unzip();
        all.lock().unwrap_or_else(PoisonError::into_inner).append(&mut facts);
        entries
    })?;
    Ok(all.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Builds the index of every segment that has none. `step` is told how many postings are done after each segment.
pub fn build_missing(
    archive: &Archive,
    reader: &Reader,
    tag: &str,
    step: &(dyn Fn(usize) + Sync),
) -> Result<usize, ArchiveError> {
    let missing = archive.without_index(tag);
    missing.par_iter().try_for_each(|segment| {
        archive.build_index(segment, tag, &|postings| entries(reader, postings))?;
        step(segment.postings);
        Ok(())
    })?;
    Ok(missing.len())
}

fn entry(reader: &Reader, posting: &Posting, mut found: Vec<Selector>) -> Entry {
    // The page's own address and account are ways to ask for it, though they link nothing here.
    if let Some(url) = &posting.url {
        found.extend(reader.selectors(&Posting { contacts: vec![url.clone()], ..Posting::default() }));
    }
    let mut selectors: Vec<(SelectorKind, String)> = found
        .iter()
        .filter(|selector| selector.kind.identifies())
        .map(|selector| (selector.kind, selector.value.clone()))
        .collect();
    if let Some(account) = &posting.account {
        let account = account.trim().trim_start_matches('@').to_lowercase();
        let site = posting.site.as_deref().unwrap_or(&posting.source).to_lowercase();
        selectors.push((SelectorKind::Handle, format!("{site}:{account}")));
    }
    selectors.sort_unstable();
    selectors.dedup();
    Entry {
        text: fold_text(&posting.full_text()).text,
        selectors,
        places: places(posting, &found),
        place_text: posting.place.text.as_deref().map(|text| fold_text(text).text).unwrap_or_default(),
    }
}

/// The names by which a posting's place may be asked for: its own words, and those of the city that it means, else of the
/// city that its text names most surely.
fn places(posting: &Posting, found: &[Selector]) -> Vec<String> {
    let table = Places::embedded();
    let city = table.resolve(&posting.place).map(|id| table.label(id)).or_else(|| {
        let named = found.iter().filter(|selector| selector.kind == SelectorKind::Place);
        named
            .max_by(|a, b| a.confidence.total_cmp(&b.confidence).then(b.start.cmp(&a.start)))
            .map(|selector| selector.value.clone())
    });
    let own = (posting.place.city.clone(), posting.place.state.clone());
    let known = match city.as_deref().and_then(|label| label.rsplit_once(", ")) {
        Some((city, state)) => (Some(city.to_owned()), Some(state.to_owned())),
        None => (None, own.1.as_deref().and_then(|state| table.state(state)).map(|state| state.code.clone())),
    };
    let full = known.1.as_deref().and_then(|state| table.state(state)).map(|state| state.name.clone());
    let mut names = Vec::new();
    for (city, state) in [own, known.clone(), (known.0, full)] {
        let joined = city.iter().chain(&state).cloned().collect::<Vec<_>>().join(" ");
        names.extend([city, state, Some(joined)].into_iter().flatten().map(|name| place_words(&name)));
    }
    names.retain(|name| !name.is_empty());
    names.sort_unstable();
    names.dedup();
    names
}

/// A place as the index knows it.
fn place_words(name: &str) -> String {
    words(&fold_text(name).text).join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract;

    #[test]
    fn facts_read_with_the_index_are_those_read_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (postings, _) = crate::run::tests::nation(folder.path(), 300);
        let mut archive = Archive::open(&folder.path().join("data")).unwrap();
        let mut writer = archive.writer().unwrap();
        for posting in postings {
            writer.add(posting).unwrap();
        }
        writer.commit().unwrap();
        let (rules, segment) = (Rules::embedded(), archive.segments()[0].clone());
        let (reader, tag) = (Reader::new(rules, "US"), tag(rules, "US"));
        let together = build_with_facts(&archive, &reader, &segment, &tag).unwrap();
        assert_eq!(together, extract::of_segment(&reader, &archive, &segment).unwrap());
        assert!(archive.without_index(&tag).is_empty());
    }
}
