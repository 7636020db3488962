//! Words of a text with the hash of their folded form, read without allocation: every posting passes here.
//!
//! Folding is case, Latin accents and apostrophes, and `st`, `ft`, `mt` read as `saint`, `fort`, `mount`. Look-alike letters
//! are not folded here: spans must lie in the text as it was written.

/// One word of a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word {
    /// Byte offset of its first letter or digit.
    pub start: usize,
    /// Byte offset just past its last letter or digit.
    pub end: usize,
    /// Hash of the folded word.
    pub hash: u64,
    /// Written with capital letters only, as a state code is.
    pub capitals: bool,
}

/// Reads a text word by word; a copy of it looks ahead.
#[derive(Clone, Debug)]
pub(crate) struct Words<'text> {
    text: &'text str,
    at: usize,
}

const SAINT: u64 = hash_ascii(b"saint");
const FORT: u64 = hash_ascii(b"fort");
const MOUNT: u64 = hash_ascii(b"mount");
const ST: u64 = hash_ascii(b"st");
const FT: u64 = hash_ascii(b"ft");
const MT: u64 = hash_ascii(b"mt");

const START: u64 = 0x243f_6a88_85a3_08d3;

const fn step(state: u64, byte: u8) -> u64 {
    (state.rotate_left(5) ^ byte as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

const fn finish(state: u64) -> u64 {
    state ^ (state >> 32)
}

/// Hash of a word already in small ASCII letters.
pub(crate) const fn hash_ascii(word: &[u8]) -> u64 {
    let (mut state, mut at) = (START, 0);
    while at < word.len() {
        state = step(state, word[at]);
        at += 1;
    }
    finish(state)
}

/// Hash of a name from the hash of its first words and that of the next.
pub(crate) const fn join(left: u64, right: u64) -> u64 {
    let mixed = (left.rotate_left(17) ^ right).wrapping_mul(0xd6e8_feb8_6659_fd93);
    mixed ^ (mixed >> 32)
}

/// Hash of a whole name and the number of its words; no words hash to nothing.
pub(crate) fn hash_name(name: &str) -> Option<(u64, usize)> {
    let mut words = Words::new(name);
    let mut hash = words.next()?.hash;
    let mut count = 1;
    for word in words {
        hash = join(hash, word.hash);
        count += 1;
    }
    Some((hash, count))
}

impl<'text> Words<'text> {
    pub(crate) fn new(text: &'text str) -> Words<'text> {
        Words { text, at: 0 }
    }
}

impl Iterator for Words<'_> {
    type Item = Word;

    fn next(&mut self) -> Option<Word> {
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        while !starts_word(self.text, at, *bytes.get(at)?) {
            at += width(bytes[at]);
        }
        let start = at;
        let (mut end, mut state, mut capitals) = (at, START, true);
        while let Some(&byte) = bytes.get(at) {
            if byte.is_ascii_alphanumeric() {
                capitals &= byte.is_ascii_uppercase();
                state = step(state, byte.to_ascii_lowercase());
                at += 1;
                end = at;
            } else if byte == b'\'' {
                at += 1;
            } else if byte < 0x80 {
                break;
            } else {
                let Some(letter) = self.text.get(at..).and_then(|rest| rest.chars().next()) else { break };
                if !is_silent(letter) {
                    if !letter.is_alphanumeric() {
                        break;
                    }
                    capitals &= letter.is_uppercase();
                    for small in letter.to_lowercase().filter(|small| !is_silent(*small)) {
                        for byte in without_accent(small).encode_utf8(&mut [0; 4]).bytes() {
                            state = step(state, byte);
                        }
                    }
                    end = at + letter.len_utf8();
                }
                at += letter.len_utf8();
            }
        }
        self.at = at;
        let hash = match finish(state) {
            ST => SAINT,
            FT => FORT,
            MT => MOUNT,
            hash => hash,
        };
        Some(Word { start, end, hash, capitals })
    }
}

fn starts_word(text: &str, at: usize, byte: u8) -> bool {
    if byte < 0x80 {
        return byte.is_ascii_alphanumeric();
    }
    text.get(at..).and_then(|rest| rest.chars().next()).is_some_and(|c| c.is_alphanumeric() && !is_silent(c))
}

/// Bytes of the character that begins with this byte.
fn width(first: u8) -> usize {
    match first {
        0..0xc0 => 1,
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    }
}

/// Apostrophes, the Hawaiian okina and accents that follow their letter neither end a word nor belong to it.
fn is_silent(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{2bb}' | '\u{2bc}' | '\u{300}'..='\u{36f}')
}

/// The plain letter of the accented ones that American place names use.
fn without_accent(small: char) -> char {
    match small {
        'à'..='å' | 'ā' => 'a',
        'è'..='ë' | 'ē' => 'e',
        'ì'..='ï' | 'ī' => 'i',
        'ò'..='ö' | 'ō' => 'o',
        'ù'..='ü' | 'ū' => 'u',
        'ñ' => 'n',
        'ç' => 'c',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(left: &str, right: &str) {
        assert_eq!(hash_name(left), hash_name(right), "{left} / {right}");
    }

    #[test]
    fn names_fold_alike() {
        check("St. Louis", "SAINT LOUIS");
        check("Ft Worth", "fort-worth");
        check("Mt. Vernon", "Mount Vernon");
        check("Coeur d'Alene", "coeur d\u{2019}alene");
        check("Española", "espanola");
        check("Espan\u{303}ola", "Española");
        check("ʻEwa Beach", "Ewa Beach");
        check(" ... ", "");
        assert_ne!(hash_name("Charlotte"), hash_name("Charlottes"));
        assert_ne!(hash_name("Lake Park"), hash_name("Park Lake"));
    }

    proptest! {
        #[test]
        fn words_lie_in_any_text(text in any::<String>()) {
            let mut past = 0;
            for word in Words::new(&text) {
                prop_assert!(word.start >= past && word.end > word.start);
                prop_assert!(text.get(word.start..word.end).is_some());
                past = word.end;
            }
        }
    }
}
