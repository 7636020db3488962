//! The text that a family shares, with numbered slots where its members differ.

use super::tokens::{Token, spanned_tokens};
use crate::names::is_given_name;
use crate::selectors::Extractor;
use homeward_model::{SelectorKind, SlotKind, TemplatePart};
use rustc_hash::FxHashMap;

/// Examples shown for a slot.
const EXAMPLES: usize = 5;
/// Longest text aligned, in tokens: the table of an alignment grows with the square.
const LONGEST: usize = 400;

/// Aligns every member to the first and votes on each of its words. The first member should be the one that covers the
/// others best; callers pass the smallest content key. `extractor` tells what fills the slots.
pub fn consensus(texts: &[&str], extractor: &Extractor) -> Vec<TemplatePart> {
    let Some((first, _)) = texts.split_first() else { return Vec::new() };
    let words = limited(first);
    let mut votes = vec![0usize; words.len()];
    // Between word i-1 and word j of the first text: what the members have there that no word of it is.
    let mut fillings: FxHashMap<(usize, usize), Vec<&str>> = FxHashMap::default();
    for text in texts {
        let theirs = limited(text);
        let pairs = align(&words, &theirs);
        let (mut from, mut at) = (0, 0);
        for (mine, their) in pairs.iter().copied().chain([(words.len(), theirs.len())]) {
            if let Some(vote) = votes.get_mut(mine) {
                *vote += 1;
            }
            let filling = between(text, &theirs, at, their);
            if !filling.is_empty() || from < mine {
                fillings.entry((from, mine)).or_default().push(filling);
            }
            (from, at) = (mine + 1, their + 1);
        }
    }
    let fixed: Vec<bool> = votes.iter().map(|votes| 2 * votes > texts.len()).collect();
    let mut parts: Vec<TemplatePart> = Vec::new();
    let (mut number, mut from) = (0, 0);
    for at in (0..=words.len()).filter(|at| fixed.get(*at).copied().unwrap_or(true)) {
        let inside = |place: &(usize, usize)| from <= place.0 && place.1 <= at;
        let mut examples: FxHashMap<&str, usize> = FxHashMap::default();
        // The first text's own words there, when the vote went against them.
        let own = between(first, &words, from, at);
        if from < at && !own.is_empty() {
            examples.insert(own, 1);
        }
        let found = fillings.iter().filter(|(place, _)| inside(place)).flat_map(|(_, found)| found);
        found
            .filter(|filling| !filling.is_empty())
            .for_each(|filling| *examples.entry(filling).or_default() += 1);
        // What less than a third of the members have where the others have nothing is no slot.
        if from < at || 3 * examples.values().sum::<usize>() >= texts.len() {
            let mut examples: Vec<(&str, usize)> = examples.into_iter().collect();
            examples.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
            if !examples.is_empty() {
                number += 1;
                let kind = kind(&examples, extractor);
                let examples =
                    examples.into_iter().take(EXAMPLES).map(|(example, _)| example.to_owned()).collect();
                parts.push(TemplatePart::Slot { number, kind, examples });
            }
        }
        if let Some(word) = words.get(at) {
            let piece = &first[word.start..word.end];
            match parts.last_mut() {
                Some(TemplatePart::Text(text)) => {
                    text.push(' ');
                    text.push_str(piece);
                }
                _ => parts.push(TemplatePart::Text(piece.to_owned())),
            }
        }
        from = at + 1;
    }
    parts
}

/// The text before word `to` and after word `from - 1`, numbers included, without the marks around it.
fn between<'a>(text: &'a str, words: &[Token], from: usize, to: usize) -> &'a str {
    let start = if from == 0 { 0 } else { words[from - 1].end };
    let end = words.get(to).map_or(text.len(), |word| word.start);
    let inside = text.get(start..end.max(start)).unwrap_or_default();
    let own = |c: char| c.is_alphanumeric() || matches!(c, '$' | '€' | '£' | '+' | '(');
    let inside = inside.trim_start_matches(|c| !own(c)).trim_end_matches(|c: char| !c.is_alphanumeric());
    if inside.chars().any(char::is_alphanumeric) { inside } else { "" }
}

/// What half of the fillings or more are.
fn kind(examples: &[(&str, usize)], extractor: &Extractor) -> SlotKind {
    let mut counts = [(SlotKind::Phone, 0), (SlotKind::Price, 0), (SlotKind::Place, 0), (SlotKind::Name, 0)];
    let mut all = 0;
    for (example, count) in examples {
        all += count;
        let found = extractor.extract(example);
        let covers = |kind| {
            let inside = found.iter().filter(|selector| selector.kind == kind);
            2 * inside.map(|selector| selector.end - selector.start).sum::<usize>() >= example.len()
        };
        let is = [
            covers(SelectorKind::Phone),
            covers(SelectorKind::Price),
            covers(SelectorKind::Place),
            is_given_name(&example.to_lowercase()),
        ];
        // A town may be named like a person; the first kind that fits is taken.
        if let Some(at) = is.iter().position(|is| *is) {
            counts[at].1 += count;
        }
    }
    counts.into_iter().find(|(_, count)| 2 * count >= all && all > 0).map_or(SlotKind::Free, |(kind, _)| kind)
}

fn limited(text: &str) -> Vec<Token> {
    let mut words = spanned_tokens(text);
    words.truncate(LONGEST);
    words
}

/// Longest common subsequence of two token lists, as pairs of places.
fn align(a: &[Token], b: &[Token]) -> Vec<(usize, usize)> {
    let width = b.len() + 1;
    let mut longest = vec![0u16; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            longest[i * width + j] = if a[i].hash == b[j].hash {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < a.len() && j < b.len() {
        if a[i].hash == b[j].hash {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeward_places::Places;
    use homeward_rules::Rules;

    fn check(texts: &[&str], expected: &str) {
        let extractor = Extractor::new(Rules::embedded(), Places::embedded(), "US");
        let shown: Vec<String> = consensus(texts, &extractor)
            .into_iter()
            .map(|part| match part {
                TemplatePart::Text(text) => text,
                TemplatePart::Slot { kind, examples, .. } => {
                    format!("[{} {}]", kind.word(), examples.join("|"))
                }
            })
            .collect();
        assert_eq!(shown.join(" "), expected);
    }

    #[test]
    fn fixed_words_stay_and_differences_become_slots() {
        check(&["fresh bread in Charlotte today"], "fresh bread in Charlotte today");
        check(
            &[
                "fresh bread in Charlotte today",
                "fresh bread in Raleigh today",
                "fresh bread in Durham today",
            ],
            "fresh bread in [place Charlotte|Durham|Raleigh] today",
        );
        check(
            &[
                "it is Anna, fresh bread for $80, call 704-555-0142",
                "it is Maria, fresh bread for $120, call (919) 555-0143",
                "it is Rosa, warm fresh bread for $90, call 704-555-0144 or later",
            ],
            "it is [name Anna|Maria|Rosa, warm] fresh bread for [price $120|$80|$90] call \
             [phone (919) 555-0143|704-555-0142|704-555-0144 or later]",
        );
        check(&[], "");
    }
}
