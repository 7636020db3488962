//! Skeleton tokens: the words of a text as they are compared, numbers and disguises taken out.

use crate::normalise::{fold_text, is_unspaced, is_unspaced_letter};
use homeward_model::{key64, mix64};

/// A token with the bytes of the original text it was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Stable 32-bit hash of the skeleton.
    pub hash: u32,
    /// First byte in the original text.
    pub start: usize,
    /// Just past the last byte.
    pub end: usize,
}

/// Single letters in a row from which a spaced-out word is read as one.
const SPACED: usize = 4;
/// Number words or digit groups in a row from which they are a number and not wording.
const NUMBER_RUN: usize = 3;

const NUMBER_WORDS: [&str; 21] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "oh", "cero", "uno",
    "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve",
];

/// Token hashes of a text, in order. The letters of spaced-out words are tokens of their own: which words they are, the
/// corpus tells, see [`super::Documents`].
pub fn tokens(text: &str) -> Vec<u32> {
    read_folded(&fold_text(text).text, false, |from, to| (from, to))
        .into_iter()
        .map(|token| token.hash)
        .collect()
}

/// Tokens with their places in the original text; letters spaced out are one word.
pub fn spanned_tokens(text: &str) -> Vec<Token> {
    spanned(text, true)
}

/// The same, one for each of [`tokens`].
pub fn letters_apart(text: &str) -> Vec<Token> {
    spanned(text, false)
}

fn spanned(text: &str, join: bool) -> Vec<Token> {
    let folded = fold_text(text);
    read_folded(&folded.text, join, |from, to| {
        let range = folded.original(from..to);
        (range.start, range.end)
    })
}

/// How a character beyond ASCII makes words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    /// Words stand between spaces.
    Words,
    /// Each character is as good as a word.
    Characters,
    /// No spaces, and a few letters: words lie somewhere in a run of them.
    Run,
    /// No part of a word.
    Sign,
}

impl Script {
    fn of(character: char) -> Script {
        match character as u32 {
            // Korean is written with spaces.
            0x1100..=0x11FF | 0xA960..=0xA97F | 0xAC00..=0xD7FF if character.is_alphanumeric() => {
                Script::Words
            }
            _ if is_unspaced_letter(character) => Script::Run,
            _ if !character.is_alphanumeric() => Script::Sign,
            _ if is_unspaced(character) => Script::Characters,
            _ => Script::Words,
        }
    }
}

fn is_picture(character: char) -> bool {
    character as u32 >= 0x1_F300
}

/// Letters that a piece of a run has at least, and it ends before every second pair of letters that may follow: three or four
/// letters, as words have (our choice).
const LEAST_PIECE: usize = 2;

/// Bytes of the first piece of a run without spaces, about as long as a word. Where it is cut, the two letters at the cut alone
/// decide: an edit changes the pieces around it, and no others.
fn piece_of_run(text: &str) -> usize {
    let mut before = None;
    for (count, (at, letter)) in text.char_indices().enumerate() {
        if Script::of(letter) != Script::Run {
            return at;
        }
        let cut = before.is_some_and(|before| {
            (mix64(u64::from(u32::from(before)) << 32 | u64::from(u32::from(letter))) & 1) == 0
        });
        if cut && count >= LEAST_PIECE {
            return at;
        }
        before = Some(letter);
    }
    text.len()
}

/// One word of the folded text.
enum Part {
    Word,
    Letter,
    Number,
    NumberWord,
}

fn read_folded(text: &str, join: bool, place: impl Fn(usize, usize) -> (usize, usize)) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(text.len() / 6);
    let mut skeleton: Vec<u8> = Vec::with_capacity(32);
    // Single letters, and numbers in words, wait here until the run they belong to ends.
    let mut letters = Letters::default();
    let mut numbers: Vec<Token> = Vec::new();
    let mut number_parts = 0;
    // The same picture again is decoration: between all words it would make strangers alike.
    let mut pictures: Vec<char> = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let c = bytes[at];
        if c < 128 && !word_byte(c) {
            at += 1;
            continue;
        }
        if c >= 128 {
            let character = text[at..].chars().next().unwrap_or(' ');
            let piece = match Script::of(character) {
                Script::Sign if !is_picture(character) || pictures.contains(&character) => {
                    at += character.len_utf8();
                    continue;
                }
                Script::Words => None,
                Script::Sign => {
                    pictures.push(character);
                    Some(character.len_utf8())
                }
                Script::Characters => Some(character.len_utf8()),
                Script::Run => Some(piece_of_run(&text[at..])),
            };
            if let Some(length) = piece {
                at += length;
                flush_letters(&mut letters, join, &mut out, &place);
                flush_numbers(&mut numbers, &mut number_parts, &mut out);
                out.push(token(&text.as_bytes()[start..at], start, at, &place));
                continue;
            }
        }
        skeleton.clear();
        let (mut letter_count, mut digit_count) = (0, 0);
        while at < bytes.len() {
            let c = bytes[at];
            if c < 128 {
                if c == b'\'' {
                    at += 1;
                    continue;
                }
                if !word_byte(c) {
                    break;
                }
                letter_count += usize::from(c.is_ascii_alphabetic());
                digit_count += usize::from(c.is_ascii_digit());
                skeleton.push(c.to_ascii_lowercase());
                at += 1;
            } else {
                let character = text[at..].chars().next().unwrap_or(' ');
                if Script::of(character) != Script::Words {
                    break;
                }
                let next = at + character.len_utf8();
                letter_count += 1;
                skeleton.extend_from_slice(&bytes[at..next]);
                at = next;
            }
        }
        let part = classify(&skeleton, letter_count, digit_count);
        match part {
            Part::Number => {
                flush_letters(&mut letters, join, &mut out, &place);
                number_parts += 1;
            }
            Part::NumberWord => {
                flush_letters(&mut letters, join, &mut out, &place);
                number_parts += 1;
                leet(&mut skeleton);
                numbers.push(token(&skeleton, start, at, &place));
            }
            Part::Letter => {
                flush_numbers(&mut numbers, &mut number_parts, &mut out);
                leet(&mut skeleton);
                letters.push(&skeleton, start, at);
            }
            Part::Word => {
                flush_letters(&mut letters, join, &mut out, &place);
                flush_numbers(&mut numbers, &mut number_parts, &mut out);
                leet(&mut skeleton);
                out.push(token(&skeleton, start, at, &place));
            }
        }
    }
    flush_letters(&mut letters, join, &mut out, &place);
    flush_numbers(&mut numbers, &mut number_parts, &mut out);
    out
}

/// `$` and `@` stand for letters inside disguised words.
fn word_byte(c: u8) -> bool {
    c.is_ascii_alphanumeric() || c == b'$' || c == b'@'
}

fn classify(skeleton: &[u8], letters: usize, digits: usize) -> Part {
    // Prices and bare symbols (`$80`, `@`) hold no letter; identifiers such as `a1b2c3` are no wording either.
    // A word of which most letters are written as digits (`511v3r`, `u5u411y`) is one.
    let identifier = digits >= 3
        && digits > letters
        && (digits > 4 * letters || !skeleton.iter().all(|byte| is_disguise(*byte)));
    if letters == 0 || identifier || (digits > 0 && is_hexadecimal(skeleton)) {
        return Part::Number;
    }
    if letters == 1
        && digits == 0
        && std::str::from_utf8(skeleton).is_ok_and(|text| text.chars().count() == 1)
    {
        return Part::Letter;
    }
    if skeleton.len() <= 6 && NUMBER_WORDS.iter().any(|word| word.as_bytes() == skeleton) {
        return Part::NumberWord;
    }
    Part::Word
}

/// No digit, or one that is written for a letter.
fn is_disguise(byte: u8) -> bool {
    !matches!(byte, b'2' | b'6' | b'8' | b'9')
}

/// Four digits to the base of sixteen or more: parts of keys and addresses of machines.
fn is_hexadecimal(word: &[u8]) -> bool {
    let digits = word.strip_prefix(b"0x").unwrap_or(word);
    digits.len() >= 4 && digits.iter().all(u8::is_ascii_hexdigit)
}

/// One letter for each group that disguises mix up.
fn leet(skeleton: &mut [u8]) {
    for byte in skeleton {
        *byte = match *byte {
            b'0' => b'o',
            b'1' | b'l' => b'i',
            b'3' => b'e',
            b'4' | b'@' => b'a',
            b'5' | b'$' => b's',
            b'7' => b't',
            other => other,
        };
    }
}

fn token(bytes: &[u8], from: usize, to: usize, place: &impl Fn(usize, usize) -> (usize, usize)) -> Token {
    let (start, end) = place(from, to);
    Token { hash: (key64(bytes) >> 32) as u32, start, end }
}

/// Single letters in a row.
#[derive(Default)]
struct Letters {
    joined: Vec<u8>,
    /// Where each letter ends in `joined`, and its place in the folded text.
    places: Vec<(usize, usize, usize)>,
}

impl Letters {
    fn push(&mut self, letter: &[u8], from: usize, to: usize) {
        self.joined.extend_from_slice(letter);
        self.places.push((self.joined.len(), from, to));
    }
}

fn flush_letters(
    letters: &mut Letters,
    join: bool,
    out: &mut Vec<Token>,
    place: &impl Fn(usize, usize) -> (usize, usize),
) {
    let spaced = join && letters.places.len() >= SPACED;
    if let ([(_, from, _), .., (_, _, to)], true) = (&letters.places[..], spaced) {
        out.push(token(&letters.joined, *from, *to, place));
    } else {
        let mut start = 0;
        for (end, from, to) in &letters.places {
            out.push(token(&letters.joined[start..*end], *from, *to, place));
            start = *end;
        }
    }
    letters.joined.clear();
    letters.places.clear();
}

fn flush_numbers(numbers: &mut Vec<Token>, parts: &mut usize, out: &mut Vec<Token>) {
    if *parts < NUMBER_RUN {
        out.append(numbers);
    }
    numbers.clear();
    *parts = 0;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check_same(a: &str, b: &str) {
        assert_eq!(tokens(a), tokens(b), "{a} / {b}");
    }

    #[test]
    fn disguises_leave_the_same_skeleton() {
        check_same("sofa for sale", "S0FA for s4le");
        check_same("call now", "cаll now");
        check_same("usually the silver one", "u5u411y th3 511v3r 0n3");
        check_same("don't wait", "dont wait");
        check_same("call me today", "call 704-555-0142 me $80 today");
        check_same("block of the disk", "block 3ea4052c-895d-4b64 of the 0xcaf79a37 disk");
        check_same("call me today", "call seven zero four 555 01 42 me today");
    }

    #[test]
    fn wording_is_kept() {
        assert_ne!(tokens("one table"), tokens("table"));
        assert_ne!(tokens("зелёный дом"), tokens("синий дом"));
        assert_eq!(tokens("東京の家").len(), 4);
        assert_eq!(tokens("hello 🙂").len(), 2);
        assert_eq!(tokens("hello 🙂 there 🙂 you 🙂"), tokens("hello 🙂 there you"));
        assert_eq!(tokens("나무 책상을 팝니다").len(), 3);
        assert!(tokens("").is_empty());
    }

    #[test]
    fn a_run_without_spaces_is_cut_alike_on_both_sides_of_an_edit() {
        let (one, two) = ("ขายโต๊ะไม้เก่าสภาพดีมาก", "หลังคาโรงรถรั่วต้องซ่อมก่อนฤดูฝน");
        let (all, edited) = (tokens(&format!("{one}{two}")), tokens(&format!("{one}ใหม่{two}")));
        assert!((8..=20).contains(&all.len()), "{}", all.len());
        let kept = all.iter().filter(|token| edited.contains(token)).count();
        assert!(kept + 2 >= all.len(), "{kept} of {}", all.len());
        assert!(!tokens(one).iter().any(|token| tokens(two).contains(token)));
    }

    proptest! {
        #[test]
        fn places_lie_in_the_text(text in "\\PC{0,60}") {
            let apart = letters_apart(&text);
            prop_assert_eq!(apart.iter().map(|token| token.hash).collect::<Vec<_>>(), tokens(&text));
            for token in apart.into_iter().chain(spanned_tokens(&text)) {
                prop_assert!(text.get(token.start..token.end).is_some());
            }
        }
    }
}
