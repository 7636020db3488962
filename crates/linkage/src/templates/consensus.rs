//! The text that a family shares, with numbered slots where its members differ.

use super::tokens::{Token, spanned_tokens};
use homeward_model::TemplatePart;
use rustc_hash::FxHashMap;

/// Examples shown for a slot.
const EXAMPLES: usize = 5;
/// Longest text aligned, in tokens: the table of an alignment grows with the square.
const LONGEST: usize = 400;

/// Aligns every member to the first and votes on each of its words. The first member should be the one that covers the
/// others best; callers pass the smallest content key.
pub fn consensus(texts: &[&str]) -> Vec<TemplatePart> {
    let Some((first, others)) = texts.split_first() else { return Vec::new() };
    let words = limited(first);
    let mut votes = vec![1usize; words.len()];
    // Between word i-1 and i of the first text, what a member has instead.
    let mut instead: Vec<Vec<(usize, String)>> = vec![Vec::new(); words.len() + 1];
    for other in others {
        let theirs = limited(other);
        let pairs = align(&words, &theirs);
        let (mut from, mut at) = (0, 0);
        for (mine, their) in pairs.iter().copied().chain([(words.len(), theirs.len())]) {
            if let Some(vote) = votes.get_mut(mine) {
                *vote += 1;
            }
            if at < their || from < mine {
                let text = if at < their { &other[theirs[at].start..theirs[their - 1].end] } else { "" };
                instead[from].push((mine, text.to_owned()));
            }
            (from, at) = (mine + 1, their + 1);
        }
    }
    let fixed: Vec<bool> = votes.iter().map(|votes| 2 * votes > texts.len()).collect();
    parts(first, &words, &fixed, &instead)
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

fn parts(text: &str, words: &[Token], fixed: &[bool], instead: &[Vec<(usize, String)>]) -> Vec<TemplatePart> {
    let mut parts: Vec<TemplatePart> = Vec::new();
    let mut number = 0;
    let mut at = 0;
    let mut open: Option<usize> = None;
    while at <= words.len() {
        let is_fixed = fixed.get(at).copied().unwrap_or(true);
        // Something that at least a third of the members insert here is a slot although no word is missing.
        let inserted = instead[at].len() * 3 >= fixed.len().min(9) && !instead[at].is_empty();
        if (!is_fixed || inserted) && open.is_none() {
            open = Some(at);
        }
        if is_fixed {
            if let Some(from) = open.take() {
                let mut examples: FxHashMap<String, usize> = FxHashMap::default();
                if from < at {
                    *examples.entry(text[words[from].start..words[at - 1].end].to_owned()).or_default() += 1;
                }
                for (_, example) in
                    instead[from..=at].iter().flatten().filter(|(_, example)| !example.is_empty())
                {
                    *examples.entry(example.clone()).or_default() += 1;
                }
                let mut examples: Vec<(String, usize)> = examples.into_iter().collect();
                examples.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
                if !examples.is_empty() {
                    number += 1;
                    let examples = examples.into_iter().take(EXAMPLES).map(|(example, _)| example).collect();
                    parts.push(TemplatePart::Slot { number, examples });
                }
            }
            if let Some(word) = words.get(at) {
                let piece = &text[word.start..word.end];
                match parts.last_mut() {
                    Some(TemplatePart::Text(text)) => {
                        text.push(' ');
                        text.push_str(piece);
                    }
                    _ => parts.push(TemplatePart::Text(piece.to_owned())),
                }
            }
        }
        at += 1;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(texts: &[&str], expected: &str) {
        let shown: Vec<String> = consensus(texts)
            .into_iter()
            .map(|part| match part {
                TemplatePart::Text(text) => text,
                TemplatePart::Slot { examples, .. } => format!("[{}]", examples.join("|")),
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
            "fresh bread in [Charlotte|Durham|Raleigh] today",
        );
        check(&[], "");
    }
}
