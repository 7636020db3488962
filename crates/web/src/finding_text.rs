//! The text that postings share, with what stands in its gaps. Words that every posting has in the same order are the text;
//! between them are slots, each with the values that were filled in. A reading for people: the engine's own comparison of
//! texts decided which postings belong together.

use serde::Serialize;
use utoipa::ToSchema;

/// Words of a text that are compared.
const WORDS: usize = 300;

/// Values of a slot that are shown.
const VALUES: usize = 4;

/// A piece of the shared text.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Piece {
    /// The words that all share; empty for a slot.
    pub(crate) words: String,
    /// The slot, when it is one.
    pub(crate) slot: Option<Slot>,
}

/// A gap of the shared text.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Slot {
    /// Its number, from 1.
    pub(crate) number: usize,
    /// `number`, `address`, `figure` or `words`.
    pub(crate) kind: &'static str,
    /// Different values, at most four.
    pub(crate) values: Vec<String>,
    /// How many different values there are.
    pub(crate) different: usize,
}

/// The shared text of some texts; none when they share no word or there are fewer than two.
pub(crate) fn shared(texts: &[String]) -> Option<Vec<Piece>> {
    let texts: Vec<Vec<&str>> =
        texts.iter().map(|text| text.split_whitespace().take(WORDS).collect()).collect();
    let (first, others) = texts.split_first().filter(|(_, others)| !others.is_empty())?;
    let ways: Vec<Vec<Option<usize>>> = others.iter().map(|other| common(first, other)).collect();
    let fixed: Vec<usize> =
        (0..first.len()).filter(|word| ways.iter().all(|way| way[*word].is_some())).collect();
    if fixed.is_empty() {
        return None;
    }
    // Where each shared word stands in each text; the end of the text stands after the last one.
    let places = |text: usize, word: usize| if text == 0 { Some(word) } else { ways[text - 1][word] };
    let mut pieces: Vec<Piece> = Vec::new();
    let mut numbers = 0;
    let mut from = vec![0; texts.len()];
    for word in fixed.iter().copied().map(Some).chain([None]) {
        let until: Vec<usize> = (0..texts.len())
            .map(|text| word.and_then(|word| places(text, word)).unwrap_or(texts[text].len()))
            .collect();
        let filled: Vec<String> = texts
            .iter()
            .zip(from.iter().zip(&until))
            .map(|(text, (from, until))| text[*from..*until].join(" "))
            .collect();
        if filled.iter().any(|value| !value.is_empty()) {
            numbers += 1;
            pieces.push(Piece { words: String::new(), slot: Some(slot(numbers, &filled)) });
        }
        if let Some(word) = word {
            match pieces.last_mut().filter(|piece| piece.slot.is_none()) {
                Some(piece) => piece.words = format!("{} {}", piece.words, first[word]),
                None => pieces.push(Piece { words: first[word].to_owned(), slot: None }),
            }
        }
        from = until.iter().map(|until| until + 1).collect();
    }
    Some(pieces)
}

fn slot(number: usize, filled: &[String]) -> Slot {
    let mut values: Vec<String> = Vec::new();
    for value in filled {
        let value = if value.is_empty() { "(nothing)" } else { value };
        if !values.iter().any(|known| known == value) {
            values.push(value.to_owned());
        }
    }
    let different = values.len();
    let said: Vec<&String> = filled.iter().filter(|value| !value.is_empty()).collect();
    let digits = |value: &str| value.chars().filter(char::is_ascii_digit).count();
    let kind = if said.iter().all(|value| digits(value) >= 7) {
        "number"
    } else if said.iter().any(|value| value.contains('@') || value.contains("://")) {
        "address"
    } else if said.iter().all(|value| digits(value) > 0) {
        "figure"
    } else {
        "words"
    };
    values.truncate(VALUES);
    Slot { number, kind, values, different }
}

/// For each word of one text, where the longest common run of words, with gaps, has it in the other.
fn common(one: &[&str], other: &[&str]) -> Vec<Option<usize>> {
    let (rows, columns) = (one.len(), other.len());
    let mut longest = vec![vec![0_u16; columns + 1]; rows + 1];
    for row in (0..rows).rev() {
        for column in (0..columns).rev() {
            longest[row][column] = if one[row] == other[column] {
                longest[row + 1][column + 1] + 1
            } else {
                longest[row + 1][column].max(longest[row][column + 1])
            };
        }
    }
    let mut way = vec![None; rows];
    let (mut row, mut column) = (0, 0);
    while row < rows && column < columns {
        if one[row] == other[column] {
            way[row] = Some(column);
            (row, column) = (row + 1, column + 1);
        } else if longest[row + 1][column] >= longest[row][column + 1] {
            row += 1;
        } else {
            column += 1;
        }
    }
    way
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_a_slot() {
        let check = |texts: &[&str], expected: &str| {
            let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
            let write = |piece: &Piece| match &piece.slot {
                Some(slot) => format!("[{} {}: {}]", slot.number, slot.kind, slot.values.join("|")),
                None => piece.words.clone(),
            };
            let written = shared(&texts).map(|pieces| pieces.iter().map(write).collect::<Vec<_>>().join(" "));
            assert_eq!(written.unwrap_or_default(), expected);
        };
        check(
            &["new in Eastfield call 704-555-0142 now", "new in Westhaven call 704-555-0143 now"],
            "new in [1 words: Eastfield|Westhaven] call [2 number: 704-555-0142|704-555-0143] now",
        );
        check(&["open until 9", "open until 10", "open until 9"], "open until [1 figure: 9|10]");
        check(&["open late", "open"], "open [1 words: late|(nothing)]");
        check(
            &["write a@example.org", "write b@example.org"],
            "write [1 address: a@example.org|b@example.org]",
        );
        check(&["the same text", "the same text"], "the same text");
        check(&["one", "two"], "");
        check(&["alone"], "");
    }
}
