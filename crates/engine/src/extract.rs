//! The extraction kernel: a posting becomes [`Facts`]. It needs nothing but the posting and the rules, so it is done once
//! per posting and kept.

use homeward_archive::{Archive, ArchiveError, SegmentInfo};
use homeward_linkage::describe;
use homeward_linkage::facts::{Facts, SelectorFact};
use homeward_linkage::selectors::Extractor;
use homeward_linkage::templates;
use homeward_model::{Posting, Selector, SelectorKind, TemplatePart, key64};
use homeward_places::Places;
use homeward_rules::Rules;
use rayon::prelude::*;

/// PDQ's own rule: a hash of quality 49 or less is no evidence.
const LEAST_IMAGE_QUALITY: u8 = 50;

/// A posting's facts with what the engine needs to name and order it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extracted {
    /// The source's id, echoed in every output.
    pub id: String,
    /// Key of this version's content, to choose between versions of one posting.
    pub content: u64,
    /// Collection time in microseconds, `i64::MIN` when unknown.
    pub collected: i64,
    /// What linkage compares.
    pub facts: Facts,
}

/// The compiled tables that extraction uses; build once, share between threads.
pub struct Reader {
    extractor: Extractor,
    places: &'static Places,
}

impl Reader {
    /// Compiles the tables for numbers of one region.
    pub fn new(rules: &Rules, region: &str) -> Reader {
        let places = Places::embedded();
        Reader { extractor: Extractor::new(rules, places, region), places }
    }

    /// The selectors of a posting: those in its text and those the site shows as contacts.
    pub fn selectors(&self, posting: &Posting) -> Vec<Selector> {
        let mut found = self.extractor.extract(&posting.full_text());
        for contact in &posting.contacts {
            found.extend(self.extractor.contact(contact));
        }
        found
    }

    /// The selectors of a posting that may identify, places left out: cheaper.
    pub fn identifiers(&self, posting: &Posting) -> Vec<Selector> {
        let mut found = self.extractor.contact(&posting.full_text());
        for contact in &posting.contacts {
            found.extend(self.extractor.contact(contact));
        }
        found
    }

    /// The selectors of one text, by position.
    pub fn selectors_in(&self, text: &str) -> Vec<Selector> {
        self.extractor.extract(text)
    }

    /// The text that a family shares, with what fills its slots.
    pub fn consensus(&self, texts: &[&str]) -> Vec<TemplatePart> {
        templates::consensus(texts, &self.extractor)
    }

    /// Everything that later steps compare.
    pub fn facts(&self, posting: &Posting) -> Extracted {
        self.facts_by(posting, &self.selectors(posting))
    }

    /// The same, when the posting's [`Reader::selectors`] are at hand.
    pub(crate) fn facts_by(&self, posting: &Posting, found: &[Selector]) -> Extracted {
        let text = posting.full_text();
        let mut person = describe::describe(&text);
        if let Some(age) = posting.stated_age {
            person.age = Some(age);
        } else if person.age.is_none() {
            let stated = found.iter().find(|selector| selector.kind == SelectorKind::Age);
            person.age = stated.and_then(|selector| selector.value.parse().ok());
        }
        let city = self.places.resolve(&posting.place).or_else(|| {
            let mut named = self.places.find(&text);
            named.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then(a.start.cmp(&b.start)));
            named.first().map(|hit| hit.city)
        });
        let account = posting.account.as_ref().map(|account| {
            key64(format!("{}\u{1f}{account}", posting.site.as_deref().unwrap_or(&posting.source)).as_bytes())
        });
        let images =
            posting.images.iter().filter(|image| image.pdq_quality.unwrap_or(100) >= LEAST_IMAGE_QUALITY);
        Extracted {
            id: posting.id.clone(),
            content: posting.content_digest().key(),
            collected: posting.collected_at.map_or(i64::MIN, |at| at.0),
            facts: Facts {
                key: posting.identity().key(),
                tokens: templates::tokens(&text),
                selectors: identifying(found),
                account,
                images: images.filter_map(|image| image.pdq).collect(),
                seen_at: posting.seen_at(),
                city,
                person,
            },
        }
    }

    /// Facts of many postings, on all cores, in their order.
    pub fn facts_of_all(&self, postings: &[Posting]) -> Vec<Extracted> {
        postings.par_iter().map(|posting| self.facts(posting)).collect()
    }
}

/// Facts of all postings of a segment, read some thousands at a time.
pub fn of_segment(
    reader: &Reader,
    archive: &Archive,
    segment: &SegmentInfo,
) -> Result<Vec<Extracted>, ArchiveError> {
    let mut made = Vec::with_capacity(segment.postings);
    for batch in archive.batches(segment)? {
        made.append(&mut reader.facts_of_all(&batch?));
    }
    Ok(made)
}

/// The selectors that identify, by kind and value.
pub fn identifying(found: &[Selector]) -> Vec<SelectorFact> {
    let mut kept: Vec<SelectorFact> = found
        .iter()
        .filter(|selector| selector.kind.identifies())
        .map(|selector| SelectorFact {
            kind: selector.kind,
            value: selector.value.clone(),
            confidence: selector.confidence,
            common: selector.common.is_some(),
        })
        .collect();
    // The surest reading of a value first, so that it is the one kept.
    kept.sort_by(|a, b| {
        (a.kind, &a.value).cmp(&(b.kind, &b.value)).then(b.confidence.total_cmp(&a.confidence))
    });
    kept.dedup_by(|next, first| (next.kind, &next.value) == (first.kind, &first.value));
    kept
}
