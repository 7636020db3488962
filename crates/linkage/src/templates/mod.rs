//! Template families: near-duplicate texts, found by shared rare phrases and scored by how much of each covers the other.
//!
//! ```text
//! tokens -> unique documents -> word weights -> trigram index -> links -> stop phrases -> links again -> families
//! ```
//!
//! Everything is a function of the *set* of texts. A later batch hands in what an earlier one remembered ([`Memory`]) and
//! gets the same answer as a computation from nothing, for a fraction of the comparisons.

mod consensus;
mod coverage;
mod documents;
mod explain;
mod families;
mod frequent;
mod grams;
mod links;
mod nearly;
mod passages;
mod quotations;
mod signed;
mod spaced;
mod stops;
mod tokens;

pub use consensus::consensus;
pub use documents::{Documents, NONE};
pub use explain::{Apart, Likeness, Placement, explain};
pub use families::Agglomerated;
pub use links::Link;
pub use passages::{Passage, Run};
pub use tokens::{Token, spanned_tokens, tokens};

use coverage::Weighted;
use frequent::Frequent;
use grams::Grams;
use homeward_rules::templates::Templates;
use passages::Windows;
use rayon::prelude::*;

/// What a later batch needs in order to compare only what is new. Flat arrays, so that they can be stored as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Content keys of the documents, ascending; elsewhere a document is its place here.
    pub keys: Vec<u64>,
    /// How each document was read, 0 when as it stands: its spaced-out words, and frequent words that weigh otherwise.
    pub readings: Vec<u32>,
    /// Hash of the stop phrases masked in each document, 0 for none.
    pub masks: Vec<u32>,
    /// Their families before what selectors join.
    pub agglomerated: Agglomerated,
    /// The two ends of each link, ascending.
    pub links: Vec<(u32, u32)>,
    /// Coverage of each link before stop phrases, in ten thousandths.
    pub scores: Vec<u16>,
    /// Coverage of each link once stop phrases weigh nothing, in ten thousandths; 0 below the cut.
    pub rescored: Vec<u16>,
    /// Hash and level of the words that are not saturated.
    pub levels: Vec<(u32, u8)>,
}

/// The families of a set of texts.
#[derive(Debug)]
pub struct Clustering {
    /// For each document, the smallest document of its family; its own index when it stands alone.
    pub family: Vec<u32>,
    /// Links that survived stop phrases and the cut.
    pub links: Vec<Link>,
    /// Passages that different families share.
    pub passages: Vec<Passage>,
    /// Texts that quote several others, and belong to no family.
    pub digests: Vec<bool>,
    /// Frequent words that weigh otherwise than their frequency says.
    frequent: Frequent,
    /// Words that strangers share and that weigh nothing, by document and place.
    pub masked: Vec<Run>,
    /// For the next batch.
    pub memory: Memory,
    /// Documents whose links were computed in this call.
    pub examined: usize,
}

impl Clustering {
    /// Whether each document holds a passage, or nearly: the selectors of the others say nothing.
    pub fn holders(&self) -> Vec<bool> {
        let mut holders = vec![false; self.family.len()];
        for holder in self.passages.iter().flat_map(|passage| passage.holders.iter().chain(&passage.nearly)) {
            holders[*holder as usize] = true;
        }
        holders
    }

    /// Joins texts that share a signature sentence alone, where selectors corroborate that it is one owner's. `selectors`
    /// holds the identifying values of each document, ascending, see [`Documents::gather`].
    pub fn join_signed(&mut self, selectors: &[Vec<u64>], rules: &Templates) {
        signed::join(&mut self.passages, &mut self.family, &self.digests, selectors, rules);
    }
}

/// Clusters documents into families, by their texts alone.
pub fn cluster(documents: &Documents, rules: &Templates, memory: Option<&Memory>) -> Clustering {
    let levels = documents.levels(rules.few);
    let mut weighted = Weighted::new(documents, &levels);
    let grams = Grams::new(documents);
    let frequent = frequent::find(documents, &levels, rules);
    weighted.reweigh(&frequent);
    let readings = stops::hashes(documents.readings.clone(), &[&frequent.mass, &frequent.frame]);
    let Recalled { known, reread, masks: masks_before, kept, changed, agglomerated } =
        recall(documents, &readings, &levels, memory);
    let dirty = links::dirty(documents, &known, &reread, &changed);
    let weakened = links::weakened(&grams, rules, &known);
    let holds = |link: Link| {
        !dirty[link.a as usize]
            && !dirty[link.b as usize]
            && (!(weakened[link.a as usize] || weakened[link.b as usize])
                || links::still_held(&grams, rules, link, documents.len()))
    };
    let mut raw: Vec<(Link, Known)> = kept.into_par_iter().filter(|(link, _)| holds(*link)).collect();
    raw.extend(links::compute(&weighted, &grams, rules, &dirty).into_iter().map(|link| (link, None)));
    raw.par_sort_unstable_by_key(|(link, _)| (link.a, link.b));
    let (raw, mut known_of): (Vec<Link>, Vec<Known>) = raw.into_iter().unzip();

    let group = families::groups(documents.len(), raw.iter().copied(), links::ten_thousandths(rules.strict));
    let stops = stops::find(documents, &grams, &group, rules);
    drop(grams);
    let masks = stops.masks(documents.len());
    weighted.mask(&stops.masked);
    let windows = Windows::new(documents, &stops.shared, rules);
    let mut digests = windows.quoting(&group);
    for (link, known) in raw.iter().zip(&mut known_of) {
        let same = |document: u32| masks[document as usize] == masks_before[document as usize];
        *known = known.filter(|_| same(link.a) && same(link.b));
    }
    let rescored = families::rescore(&weighted, &raw, &known_of, rules);
    let above = raw
        .iter()
        .zip(&rescored)
        .filter(|(link, after)| **after > 0 && !digests[link.a as usize] && !digests[link.b as usize]);
    let links: Vec<Link> = above.map(|(link, after)| Link { score: *after, ..*link }).collect();
    let agglomerated = families::agglomerate(&weighted, &links, &stops, &dirty, &agglomerated, rules);
    let family = agglomerated.families(&mut digests);
    let mut passages = windows.passages(&family);
    nearly::find(documents, &family, &mut passages, rules);
    let memory = Memory {
        keys: documents.keys.clone(),
        scores: raw.iter().map(|link| link.score).collect(),
        links: raw.into_iter().map(|link| (link.a, link.b)).collect(),
        rescored,
        masks,
        agglomerated,
        readings,
        levels: documents.table(&levels),
    };
    let examined = dirty.iter().filter(|dirty| **dirty).count();
    Clustering { family, links, passages, digests, frequent, masked: stops.masked, memory, examined }
}

/// Coverage of a link once stop phrases weigh nothing, where an earlier batch found it.
type Known = Option<u16>;

/// What is known of today's documents from an earlier batch.
struct Recalled {
    /// Documents that were there.
    known: Vec<bool>,
    /// Documents of which spaced-out words are read otherwise now.
    reread: Vec<bool>,
    /// Their links by today's numbers, each with what is known of it.
    kept: Vec<(Link, Known)>,
    /// Words that weigh differently now.
    changed: Vec<bool>,
    /// Their families.
    agglomerated: Agglomerated,
    /// Hash of the stop phrases that were masked in each document, 0 for none.
    masks: Vec<u32>,
}

/// Recalls an earlier batch. Nothing is known when a document has vanished or the corpus has passed a power of two.
fn recall(documents: &Documents, readings: &[u32], levels: &[u8], memory: Option<&Memory>) -> Recalled {
    let nothing = || Recalled {
        known: vec![false; documents.len()],
        reread: vec![false; documents.len()],
        kept: Vec::new(),
        changed: vec![false; levels.len()],
        agglomerated: Agglomerated::default(),
        masks: vec![0; documents.len()],
    };
    let Some(memory) = memory.filter(|memory| !memory.keys.is_empty() && !documents.is_empty()) else {
        return nothing();
    };
    if memory.keys.len().ilog2() != documents.len().ilog2() {
        return nothing();
    }
    let Recalled { mut known, mut reread, mut masks, .. } = nothing();
    let mut places = Vec::with_capacity(memory.keys.len());
    let mut at = 0;
    let earlier = memory.keys.iter().zip(&memory.masks).zip(&memory.readings);
    for ((key, mask), reading) in earlier {
        while documents.keys.get(at).is_some_and(|here| here < key) {
            at += 1;
        }
        if documents.keys.get(at) != Some(key) {
            return nothing();
        }
        known[at] = true;
        masks[at] = *mask;
        reread[at] = *reading != readings[at];
        places.push(at as u32);
    }
    let links = memory.links.par_iter().zip(&memory.scores);
    let kept = links.zip(&memory.rescored).map(|(((a, b), score), rescored)| {
        let link = Link { a: places[*a as usize], b: places[*b as usize], score: *score };
        (link, Some(*rescored))
    });
    let mut family: Vec<u32> = (0..documents.len() as u32).collect();
    for (place, name) in places.iter().zip(&memory.agglomerated.family) {
        family[*place as usize] = if *name == NONE { NONE } else { places[*name as usize] };
    }
    let components = memory.agglomerated.components.iter();
    let components = components.map(|(smallest, hash)| (places[*smallest as usize], *hash)).collect();
    Recalled {
        known,
        reread,
        agglomerated: Agglomerated { family, components },
        kept: kept.collect(),
        changed: documents.changed_levels(levels, &memory.levels),
        masks,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeward_rules::Rules;
    use proptest::prelude::*;

    fn families(texts: &[String]) -> Vec<u32> {
        let rows: Vec<Vec<u32>> = texts.iter().map(|text| tokens(text)).collect();
        let rows: Vec<&[u32]> = rows.iter().map(Vec::as_slice).collect();
        let documents = Documents::new(&rows);
        let clustering = cluster(&documents, &Rules::embedded().templates, None);
        documents.of_row.iter().map(|document| clustering.family[*document as usize]).collect()
    }

    /// A sentence of invented words that only this number gives.
    fn sentence(number: u64, words: u64) -> String {
        let letter = |number: u64| char::from(b'a' + (number % 26) as u8);
        let word = |at: u64| {
            let number = homeward_model::mix64(number * 1000 + at) % 5000;
            String::from_iter([
                "w".to_owned(),
                letter(number).into(),
                letter(number / 26).into(),
                letter(number / 676).into(),
            ])
        };
        (0..words).map(word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn edited_copies_are_one_family_and_strangers_are_not() {
        let mut texts: Vec<String> = (0..60).map(|number| sentence(number, 40)).collect();
        let original = sentence(7, 40);
        texts.push(original.replacen(' ', " new ", 3));
        texts.push(original.to_uppercase());
        let found = families(&texts);
        assert_eq!(found[7], found[60]);
        assert_eq!(found[7], found[61]);
        let strangers: std::collections::BTreeSet<u32> = found[..60].iter().copied().collect();
        assert_eq!(strangers.len(), 60);
    }

    #[test]
    fn a_snippet_that_strangers_copy_joins_nobody() {
        let snippet = sentence(999, 24);
        let texts: Vec<String> =
            (0..80).map(|number| format!("{} {snippet}", sentence(number, 20))).collect();
        let found = families(&texts);
        assert_eq!(found.iter().collect::<std::collections::BTreeSet<_>>().len(), 80);
    }

    #[test]
    fn a_signature_is_known_again_though_a_word_of_it_differs() {
        let signature = sentence(999, 12);
        let with = |number: u64, signature: &str| format!("{} {signature}", sentence(number, 30));
        let altered = |place: usize, word: &str| {
            let mut words: Vec<&str> = signature.split(' ').collect();
            words[place] = word;
            words.join(" ")
        };
        let check = |held: &str, selectors: &[u64], together: bool| {
            let mut texts: Vec<String> = (0..60).map(|number| sentence(number, 40)).collect();
            texts.extend((500..504).map(|number| with(number, &signature)));
            texts.push(with(504, held));
            let rows: Vec<Vec<u32>> = texts.iter().map(|text| tokens(text)).collect();
            let rows: Vec<&[u32]> = rows.iter().map(Vec::as_slice).collect();
            let documents = Documents::new(&rows);
            let rules = &Rules::embedded().templates;
            let mut clustering = cluster(&documents, rules, None);
            let none: &[u64] = &[];
            let rows = (0..60).map(|_| none).chain([&[7][..], &[7, 8], &[8], &[], selectors]);
            clustering.join_signed(&documents.gather(rows), rules);
            let family = |row: usize| clustering.family[documents.of_row[row] as usize];
            assert_eq!(family(64) == family(60), together, "{held}, {selectors:?}");
        };
        check(&altered(5, "misspelt"), &[], true);
        check(&altered(5, "misspelt"), &[8], true);
        check(&altered(4, "s p a c e d o u t"), &[8], true);
        // A number of its own speaks against it, and two words of twelve that differ are wording of somebody's own.
        check(&altered(5, "misspelt"), &[9], false);
        check(&altered(3, "misspelt").replace(&signature[signature.len() - 9..], "too again"), &[8], false);
        check(&sentence(998, 12), &[8], false);
    }

    #[test]
    fn a_signature_sentence_joins_only_with_selectors() {
        let signature = sentence(999, 12);
        let mut texts: Vec<String> = (0..60).map(|number| sentence(number, 40)).collect();
        texts.extend((0..4).map(|number| format!("{} {signature}", sentence(number + 500, 30))));
        let rows: Vec<Vec<u32>> = texts.iter().map(|text| tokens(text)).collect();
        let rows: Vec<&[u32]> = rows.iter().map(Vec::as_slice).collect();
        let documents = Documents::new(&rows);
        let rules = &Rules::embedded().templates;
        let check = |selectors: [&[u64]; 4], together: bool| {
            let mut clustering = cluster(&documents, rules, None);
            let none: &[u64] = &[];
            let rows = (0..60).map(|_| none).chain(selectors);
            clustering.join_signed(&documents.gather(rows), rules);
            let family = |row: usize| clustering.family[documents.of_row[row] as usize];
            assert!((61..64).all(|row| (family(row) == family(60)) == together), "{selectors:?}");
            let passage = clustering.passages.iter().find(|passage| passage.holders.len() == 4).unwrap();
            assert_eq!(passage.joins, together);
            let row = documents.of_row.iter().position(|document| *document == passage.document).unwrap();
            assert_eq!(
                documents.passage(&texts[row], passage.document as usize, passage.start..passage.end),
                signature
            );
        };
        check([&[7], &[7, 8], &[8], &[]], true);
        check([&[1], &[2], &[3], &[4]], false);
        check([&[], &[], &[], &[]], false);
    }

    #[test]
    fn a_digest_does_not_bridge_two_families() {
        let mut texts: Vec<String> = (0..50).map(|number| sentence(number + 100, 40)).collect();
        let (one, two) = (sentence(1, 40), sentence(2, 40));
        for copy in 0..6 {
            texts.push(format!("{one} {}", sentence(5000 + copy, 4)));
            texts.push(format!("{two} {}", sentence(6000 + copy, 4)));
        }
        texts.push(format!("{one} {two}"));
        let found = families(&texts);
        assert_ne!(found[50], found[51]);
    }

    #[test]
    fn copies_are_known_among_a_few_texts() {
        let copy = |end: &str| format!("{} {end}", sentence(1, 20));
        let alike = |texts: &[String]| {
            let found = families(texts);
            (found[0] == found[1], found[0] == found[texts.len() - 1])
        };
        assert_eq!(alike(&[copy("one"), copy("two"), sentence(2, 20)]), (true, false));
        assert_eq!(alike(&[copy("one"), copy("two"), copy("three"), copy("four")]), (true, true));
        assert_eq!(alike(&[sentence(1, 20), sentence(2, 20)]), (false, false));
    }

    #[test]
    fn what_half_of_all_texts_hold_is_a_template_or_stands_around_them() {
        let template = sentence(1, 30);
        let slots = |number: u64| template.replacen(' ', &format!(" {} ", sentence(number, 2)), 2);
        let around = sentence(2, 60);
        let check = |texts: Vec<String>, of_one: usize| {
            let found = families(&texts);
            assert_eq!(found.iter().filter(|family| **family == found[0]).count(), of_one);
        };
        let strangers = |count: u64| (0..count).map(|number| sentence(number + 5000, 30));
        check((0..1200).map(slots).chain(strangers(900)).collect(), 1200);
        // What stands around every text is no template, among many and among a few: each has a text of its own.
        let framed =
            |count: u64| (0..count).map(|number| format!("{} {around}", sentence(number + 5000, 20)));
        check(framed(1200).collect(), 1);
        check(framed(6).collect(), 1);
        check(framed(3).chain(framed(1).map(|text| format!("{text} too"))).collect(), 2);
    }

    #[test]
    fn a_text_that_goes_on_as_anothers_is_no_copy() {
        let (one, two) = (sentence(1, 90), sentence(2, 35));
        let check = |end: &str, of_family: bool| {
            let mut texts: Vec<String> = (0..50).map(|number| sentence(number + 100, 40)).collect();
            texts.extend((0..4).map(|copy| format!("{one} {}", sentence(5000 + copy, 4))));
            // The other has been edited since, and nobody else holds it.
            let mut edited: Vec<&str> = two.split(' ').collect();
            (edited[3], edited[20]) = ("misspelt", "too");
            texts.push(edited.join(" "));
            texts.push(format!("{one} {end}"));
            let found = families(&texts);
            assert_eq!(found[50], found[53]);
            assert_eq!(found[55] == found[50], of_family, "{end}");
        };
        check(&two, false);
        check(&two.split(' ').take(24).collect::<Vec<_>>().join(" "), true);
        // What nobody else has is an addition.
        check(&sentence(3, 35), true);
    }

    #[test]
    fn a_placement_names_phrases_and_the_nearest_stranger() {
        let (one, two) = (sentence(1, 30), sentence(2, 30));
        let mut texts: Vec<String> = (0..60).map(|number| sentence(number + 100, 30)).collect();
        texts.extend([
            one.clone(),
            format!("{one} {}", sentence(3, 4)),
            two.clone(),
            two.replacen(' ', " new ", 1),
        ]);
        // A stranger that quotes one sentence of the first family.
        let quoted: String = one.split(' ').take(10).collect::<Vec<_>>().join(" ");
        texts.push(format!("{quoted} {}", sentence(4, 30)));
        let rows: Vec<Vec<u32>> = texts.iter().map(|text| tokens(text)).collect();
        let rows: Vec<&[u32]> = rows.iter().map(Vec::as_slice).collect();
        let documents = Documents::new(&rows);
        let rules = &Rules::embedded().templates;
        let clustering = cluster(&documents, rules, None);
        let placements =
            explain(&documents, rules, &clustering, &[documents.of_row[60], documents.of_row[64]]);
        let [family, stranger] = &placements[..] else { panic!("two are explained") };
        assert_eq!(family.family[0].document, documents.of_row[61]);
        assert_eq!(family.family[0].phrases[0].0, 0..30);
        assert!(family.family[0].coverage > family.family[0].needed);
        assert!(stranger.family.is_empty());
        let (near, apart) = stranger.nearest.as_ref().unwrap();
        assert!([documents.of_row[60], documents.of_row[61]].contains(&near.document));
        assert!(matches!(apart, Apart::Little | Apart::Quotation), "{apart:?}");
    }

    /// A little corpus with families, edits and repeats.
    fn corpus() -> impl Strategy<Value = Vec<String>> {
        let text = (0u64..12, 0u64..4, proptest::collection::vec(0usize..30, 0..6), any::<bool>());
        let text = text.prop_map(|(family, extra, edits, spaced)| {
            let mut words: Vec<String> = sentence(family, 30).split(' ').map(str::to_owned).collect();
            for edit in edits {
                words[edit] = format!("e{edit}");
            }
            if spaced {
                // Two words with their letters apart: which words they are, the other texts tell.
                for word in &mut words[3..5] {
                    let letters = word.chars().filter(char::is_ascii_alphabetic).cycle().take(4);
                    *word = letters.flat_map(|letter| [letter, ' ']).collect();
                }
            }
            words.push(sentence(50 + extra, 5));
            words.join(" ")
        });
        proptest::collection::vec(text, 2..90)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
        #[test]
        fn batches_equal_the_whole_in_any_order(
            texts in corpus(), cuts in proptest::collection::vec(0usize..90, 0..4), turn in 0usize..90, tight in any::<bool>()
        ) {
            let mut rules = Rules::embedded().templates.clone();
            if tight {
                // Limits so low that a small corpus crosses them: leaders are pushed out, texts become a mass.
                (rules.leaders, rules.few, rules.mass_share) = (2, 16, 4);
            }
            let rules = &rules;
            let whole: Vec<Vec<u32>> = texts.iter().map(|text| tokens(text)).collect();
            let mut turned = whole.clone();
            turned.rotate_left(turn % whole.len());
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(turned.len())).chain([turned.len()]).collect();
            cuts.sort_unstable();
            let mut memory = None;
            let mut last = None;
            for cut in cuts {
                let rows: Vec<&[u32]> = turned[..cut].iter().map(Vec::as_slice).collect();
                let documents = Documents::new(&rows);
                let clustering = cluster(&documents, rules, memory.as_ref());
                memory = Some(clustering.memory.clone());
                last = Some((documents.keys, clustering));
            }
            let rows: Vec<&[u32]> = whole.iter().map(Vec::as_slice).collect();
            let documents = Documents::new(&rows);
            let full = cluster(&documents, rules, None);
            let (keys, batched) = last.unwrap();
            prop_assert_eq!(&documents.keys, &keys);
            prop_assert_eq!(&full.memory, &batched.memory);
            prop_assert_eq!(&full.links, &batched.links);
            prop_assert_eq!(&full.passages, &batched.passages);
            prop_assert_eq!(&full.family, &batched.family);
        }
    }
}
