//! Folding of look-alike characters for matching. Stored text is never changed.
//!
//! [`fold_char`] answers for one character: which Latin letter, digit or symbol does it imitate? [`fold_text`] decides
//! for a whole text whether the imitation is meant: Cyrillic in a Cyrillic text stays what it is. Leet (`3` for `e`) is
//! not undone here, because it is a matter of words and not of characters: see `templates` and `selectors`.

use std::ops::Range;
use unicode_normalization::UnicodeNormalization;

/// The Latin letter, digit or symbol that a character imitates, lower case; the character itself, lower case, when it
/// imitates none. Looks at nothing around it: use [`fold_text`] where the text may really be Cyrillic or Greek.
pub fn fold_char(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    let code = c as u32;
    // Ideographs, kana, Hangul and private use imitate nothing.
    if (0x3040..0xA640).contains(&code) || (0xAC00..0xF900).contains(&code) {
        return c;
    }
    if let Some(symbol) = symbol(c) {
        return symbol;
    }
    if let Some(letter) = other_script(c).or_else(|| latin_variant(c)) {
        return letter;
    }
    // Compatibility decomposition covers accents, fullwidth, mathematical, circled, squared and superscript forms.
    let mut parts = std::iter::once(c).nfkd();
    let lower = |c: char| c.to_lowercase().next().unwrap_or(c);
    match (parts.next(), parts.next()) {
        (Some(base), rest) if base != c && rest.is_none_or(is_combining) && parts.all(is_combining) => {
            if base.is_ascii() {
                base.to_ascii_lowercase()
            } else {
                other_script(base).or_else(|| latin_variant(base)).unwrap_or_else(|| lower(c))
            }
        }
        _ => lower(c),
    }
}

/// Whether a character shows nothing of its own: zero-width, direction marks, variation selectors, the keycap frame,
/// combining accents, tags. Words are often split by these to escape a search.
pub fn is_invisible(c: char) -> bool {
    is_combining(c)
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e01ef}'
        )
}

fn is_combining(c: char) -> bool {
    matches!(
        c,
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}'
    )
}

/// A text with look-alikes folded and invisible characters dropped, and the way back to the original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folded {
    /// The folded text, lower case.
    pub text: String,
    /// For each byte of `text` the byte offset in the original of the character it came from, then the original's
    /// length; `None` when the original was ASCII and offsets agree.
    offsets: Option<Vec<u32>>,
}

impl Folded {
    /// The byte range of the original that a byte range of `text` came from. Dropped characters belong to the one
    /// before them.
    pub fn original(&self, folded: Range<usize>) -> Range<usize> {
        match &self.offsets {
            None => folded,
            Some(offsets) => offsets[folded.start] as usize..offsets[folded.end] as usize,
        }
    }
}

/// Folds a text. Characters of Cyrillic, Greek, Armenian and Cherokee are folded only where they disguise Latin: in a
/// word that also holds Latin letters, or, where Latin letters outnumber them in the whole text, in a word made of
/// nothing but look-alikes and digits.
pub fn fold_text(text: &str) -> Folded {
    if text.is_ascii() {
        return Folded { text: text.to_ascii_lowercase(), offsets: None };
    }
    let (mut latin, mut other) = (0usize, 0usize);
    for c in text.chars() {
        match script(c) {
            Script::Latin => latin += 1,
            Script::Other => other += 1,
            Script::None => {}
        }
    }
    let mut folder = Folder {
        out: String::with_capacity(text.len()),
        offsets: Vec::with_capacity(text.len() + 1),
        latin_text: latin > other,
    };
    if other == 0 {
        text.char_indices().for_each(|(at, c)| folder.push(at, c, true));
    } else {
        let mut word_start = 0;
        for (at, c) in text.char_indices() {
            if !c.is_alphanumeric() && !is_invisible(c) {
                folder.word(word_start, &text[word_start..at]);
                folder.push(at, c, true);
                word_start = at + c.len_utf8();
            }
        }
        folder.word(word_start, &text[word_start..]);
    }
    folder.offsets.push(text.len() as u32);
    Folded { text: folder.out, offsets: Some(folder.offsets) }
}

struct Folder {
    out: String,
    offsets: Vec<u32>,
    latin_text: bool,
}

impl Folder {
    fn word(&mut self, start: usize, word: &str) {
        let (mut latin, mut other, mut imitating) = (false, false, true);
        for c in word.chars() {
            match script(c) {
                Script::Latin => latin = true,
                Script::Other => {
                    other = true;
                    imitating &= fold_char(c).is_ascii();
                }
                Script::None => {}
            }
        }
        let fold = !other || latin || (self.latin_text && imitating);
        word.char_indices().for_each(|(at, c)| self.push(start + at, c, fold));
    }

    fn push(&mut self, at: usize, c: char, fold: bool) {
        // A combining mark on a letter that stays foreign is part of that letter.
        let bare = self.out.chars().next_back().is_none_or(|last| last.is_ascii());
        if is_invisible(c) && (bare || !is_combining(c)) {
            return;
        }
        let lower = if fold { fold_char(c) } else { c.to_lowercase().next().unwrap_or(c) };
        self.out.push(lower);
        self.offsets.resize(self.out.len(), at as u32);
    }
}

enum Script {
    /// Latin letters in any dress.
    Latin,
    /// Letters of a script that has Latin look-alikes.
    Other,
    /// Anything else.
    None,
}

fn script(c: char) -> Script {
    match c {
        'a'..='z' | 'A'..='Z' => Script::Latin,
        '\0'..='\u{7f}' => Script::None,
        '\u{370}'..='\u{58f}'
        | '\u{13a0}'..='\u{13ff}'
        | '\u{1c80}'..='\u{1c8f}'
        | '\u{1f00}'..='\u{1fff}' => Script::Other,
        _ if fold_char(c).is_ascii_alphabetic() => Script::Latin,
        _ => Script::None,
    }
}

/// Spaces, quotation marks, dashes, and digits or letters in frames that have no compatibility decomposition.
fn symbol(c: char) -> Option<char> {
    let code = c as u32;
    let digit = |zero: u32| char::from_digit(code - zero, 10);
    let letter = |a: u32| char::from_u32(code - a + u32::from('a'));
    match code {
        0xA0 | 0x1680 | 0x2000..=0x200A | 0x202F | 0x205F | 0x3000 => Some(' '),
        0x2028 | 0x2029 | 0x85 => Some('\n'),
        0x2018..=0x201B | 0x2032 | 0xB4 | 0x2BC => Some('\''),
        0x201C..=0x201F | 0x2033 => Some('"'),
        0x2010..=0x2015 | 0x2043 | 0x2212 | 0x2796 | 0x30FC | 0xFE58 => Some('-'),
        0x2024 | 0x3002 | 0xB7 | 0x2022 | 0x2219 | 0x22C5 | 0xFF61 => Some('.'),
        0x2044 | 0x2215 => Some('/'),
        0x2795 => Some('+'),
        0xB2 => Some('2'),
        0xB3 => Some('3'),
        0xB9 => Some('1'),
        0x2474..=0x247C => digit(0x2473),
        0x2488..=0x2490 => digit(0x2487),
        0x24F5..=0x24FD => digit(0x24F4),
        0x24FF | 0x1F10B | 0x1F10C | 0x1F100 => Some('0'),
        0x2776..=0x277E => digit(0x2775),
        0x2780..=0x2788 => digit(0x277F),
        0x278A..=0x2792 => digit(0x2789),
        0x1F101..=0x1F10A => digit(0x1F101),
        0x249C..=0x24B5 => letter(0x249C),
        0x1F110..=0x1F129 => letter(0x1F110),
        0x1F150..=0x1F169 => letter(0x1F150),
        0x1F170..=0x1F189 => letter(0x1F170),
        0x660..=0xFFF | 0x1040..=0x1819 | 0xA620..=0xABF9 => script_digit(code),
        _ => None,
    }
}

/// Decimal digits of other scripts (Unicode category Nd in the basic plane). Zeros of the blocks, ascending.
fn script_digit(code: u32) -> Option<char> {
    const ZEROS: [u32; 29] = [
        0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50,
        0xED0, 0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0xA620, 0xA8D0, 0xA900, 0xA9D0,
        0xAA50, 0xABF0,
    ];
    let zero = ZEROS[..ZEROS.partition_point(|&zero| zero <= code)].last()?;
    char::from_digit(code - zero, 36).filter(char::is_ascii_digit)
}

/// Latin letters with strokes and hooks, small capitals and phonetic letters, which do not decompose. After the Unicode
/// confusables table (UTS 39), reduced to what still reads as the letter.
fn latin_variant(c: char) -> Option<char> {
    Some(match c {
        'ᴀ' | 'ɑ' | 'ɐ' | 'ⱥ' | 'Ⱥ' | 'æ' | 'Æ' | '∀' => 'a',
        'ʙ' | 'ɓ' | 'Ɓ' | 'ƀ' | 'Ƀ' | 'ƃ' | 'ƅ' | 'ß' | 'ẞ' | 'ᛒ' => 'b',
        'ᴄ' | 'ƈ' | 'Ƈ' | 'ȼ' | 'Ȼ' | 'ɕ' | '¢' | 'ⅽ' => 'c',
        'ᴅ' | 'ɖ' | 'ɗ' | 'Ɗ' | 'đ' | 'Đ' | 'ð' | 'Ð' | 'ƌ' => 'd',
        'ᴇ' | 'ɇ' | 'Ɇ' | 'ə' | 'ɘ' | 'ɛ' | 'ɜ' | 'ǝ' | 'Ǝ' | 'Ɛ' | '€' | '℮' => 'e',
        'ꜰ' | 'ƒ' | 'Ƒ' => 'f',
        'ɢ' | 'ɡ' | 'ɠ' | 'Ɠ' | 'ǥ' | 'Ǥ' => 'g',
        'ʜ' | 'ɦ' | 'ħ' | 'Ħ' | 'ɥ' => 'h',
        'ɪ' | 'ı' | 'ɨ' | 'Ɨ' | 'ɩ' | 'Ɩ' => 'i',
        'ᴊ' | 'ɉ' | 'Ɉ' | 'ʝ' | 'ȷ' => 'j',
        'ᴋ' | 'ƙ' | 'Ƙ' | 'ʞ' => 'k',
        'ʟ' | 'ł' | 'Ł' | 'ƚ' | 'Ƚ' | 'ɫ' | 'ɬ' | 'ɭ' => 'l',
        'ᴍ' | 'ɱ' | 'ɯ' => 'm',
        'ɴ' | 'ɲ' | 'Ɲ' | 'ŋ' | 'Ŋ' | 'ƞ' | 'ɳ' => 'n',
        'ᴏ' | 'ø' | 'Ø' | 'ɵ' | 'Ɵ' | 'ɔ' | 'œ' | 'Œ' => 'o',
        'ᴘ' | 'ƥ' | 'Ƥ' | 'ᵽ' | 'Ᵽ' | 'þ' | 'Þ' => 'p',
        'ꞯ' | 'ʠ' | 'ɋ' | 'Ɋ' => 'q',
        'ʀ' | 'ɍ' | 'Ɍ' | 'ɽ' | 'ɾ' | 'ɼ' | 'ɹ' | 'ʁ' => 'r',
        'ꜱ' | 'ʂ' | 'ȿ' | '§' => 's',
        'ᴛ' | 'ƭ' | 'Ƭ' | 'ŧ' | 'Ŧ' | 'ʈ' | 'Ʈ' | 'ț' | '†' => 't',
        'ᴜ' | 'ʉ' | 'Ʉ' | 'ʊ' => 'u',
        'ᴠ' | 'ʋ' | 'Ʋ' | 'ʌ' => 'v',
        'ᴡ' | 'ʍ' => 'w',
        '×' => 'x',
        'ʏ' | 'ɏ' | 'Ɏ' | 'ƴ' | 'Ƴ' | '¥' => 'y',
        'ᴢ' | 'ƶ' | 'Ƶ' | 'ʐ' | 'ʑ' | 'ȥ' => 'z',
        'Ƨ' | 'ƨ' => '2',
        'Ʒ' | 'ʒ' | 'Ȝ' | 'ȝ' => '3',
        'Ƽ' | 'ƽ' => '5',
        _ => return None,
    })
}

/// Latin look-alikes among Greek, Cyrillic, Armenian and Cherokee letters. After the Unicode confusables table (UTS 39),
/// with the cruder imitations seen in decorated text (`я` for `r`).
fn other_script(c: char) -> Option<char> {
    if !matches!(c, '\u{370}'..='\u{58f}' | '\u{13a0}'..='\u{13ff}') {
        return None;
    }
    Some(match c {
        'α' | 'Α' | 'ά' | 'Λ' | 'Δ' | 'а' | 'А' | 'Ꭺ' => 'a',
        'β' | 'Β' | 'ϐ' | 'в' | 'В' | 'ь' | 'Ь' | 'ъ' | 'Ᏼ' => 'b',
        'ϲ' | 'Ϲ' | 'ς' | 'с' | 'С' | 'ҫ' | 'Ꮯ' => 'c',
        'δ' | 'ԁ' | 'Ԁ' | 'Ꭰ' | 'ժ' => 'd',
        'ε' | 'Ε' | 'έ' | 'ξ' | 'Σ' | 'ϵ' | 'е' | 'Е' | 'ё' | 'Ё' | 'є' | 'Є' | 'ҽ' | 'э' | 'Э' | 'Ꭼ' => {
            'e'
        }
        'Ϝ' | 'ϝ' | 'ғ' | 'Ғ' => 'f',
        'ԍ' | 'Ꮐ' | 'ց' => 'g',
        'Η' | 'Н' | 'н' | 'һ' | 'Һ' | 'ђ' | 'Ꮋ' | 'հ' => 'h',
        'ι' | 'Ι' | 'ί' | 'і' | 'І' | 'ї' | 'Ї' | 'Ꭵ' => 'i',
        'ϳ' | 'Ϳ' | 'ј' | 'Ј' | 'Ꭻ' | 'յ' => 'j',
        'κ' | 'Κ' | 'ϰ' | 'к' | 'К' | 'қ' | 'Ꮶ' => 'k',
        'ӏ' | 'Ӏ' | 'Ꮮ' | 'ւ' => 'l',
        'Μ' | 'м' | 'М' | 'Ꮇ' => 'm',
        'η' | 'Ν' | 'π' | 'Π' | 'п' | 'П' | 'и' | 'И' | 'й' | 'Й' | 'ո' | 'ռ' => 'n',
        'ο' | 'Ο' | 'ό' | 'σ' | 'о' | 'О' | 'ө' | 'օ' | 'Օ' => 'o',
        'ρ' | 'Ρ' | 'р' | 'Р' | 'Ꮲ' | 'ք' => 'p',
        'ԛ' | 'Ԛ' | 'զ' | 'գ' => 'q',
        'г' | 'Г' | 'ґ' | 'я' | 'Я' | 'Ꮢ' => 'r',
        'ѕ' | 'Ѕ' | 'Ꮪ' => 's',
        'τ' | 'Τ' | 'т' | 'Т' | 'Ꭲ' => 't',
        'υ' | 'ύ' | 'μ' | 'ц' | 'Ц' | 'ս' => 'u',
        'ν' | 'ѵ' | 'Ѵ' | 'Ꮩ' => 'v',
        'ω' | 'ώ' | 'ш' | 'Ш' | 'щ' | 'ԝ' | 'Ԝ' | 'ѡ' | 'Ꮃ' => 'w',
        'χ' | 'Χ' | 'х' | 'Х' | 'ж' | 'Ж' => 'x',
        'γ' | 'Υ' | 'у' | 'У' | 'ү' | 'Ү' | 'ч' | 'Ꮍ' => 'y',
        'Ζ' | 'ζ' | 'Ꮓ' => 'z',
        'з' | 'З' => '3',
        'Ꮞ' => '4',
        'б' | 'Ꮾ' => '6',
        _ => return None,
    })
}

/// Scripts written without spaces: where a word ends, only the script of the next character tells.
pub fn is_unspaced(c: char) -> bool {
    is_unspaced_letter(c)
        || matches!(c as u32, 0x2E80..=0x9FFF | 0xAC00..=0xD7AF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

/// Those of them that have a few letters for all words: Thai, Lao, Burmese and Khmer, with their marks.
pub fn is_unspaced_letter(c: char) -> bool {
    matches!(c as u32, 0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(fold_text(text).text, expected, "{text}");
    }

    #[test]
    fn disguised_latin_is_folded() {
        check("Call NOW", "call now");
        check("саll nоw", "call now");
        check("ｃａｌｌ 𝐧𝐨𝐰 Ⓒⓐⓛⓛ 𝓃𝑜𝓌", "call now call now");
        check("ᴄᴀʟʟ ɴᴏᴡ 🅲🅰🅻🅻", "call now call");
        check("José Müller façade", "jose muller facade");
        check("caf\u{e9} cafe\u{301}", "cafe cafe");
        check("c\u{200b}a\u{fe0f}ll", "call");
        check("call me соосо now", "call me cooco now");
    }

    #[test]
    fn digits_in_any_dress_are_digits() {
        check("7\u{fe0f}\u{20e3}0\u{fe0f}\u{20e3}4\u{fe0f}\u{20e3}", "704");
        check("⑦⓪④ ❼⓿❹ ➆➃ ７０４ ⁷⁰⁴ ₇₀₄ 𝟟𝟘𝟜 ٧٠٤ ७०४", "704 704 74 704 704 704 704 704 704");
        check("555–0142 555—0142", "555-0142 555-0142");
    }

    #[test]
    fn real_foreign_text_keeps_its_letters() {
        check("Привет, как дела", "привет, как дела");
        check("Καλημέρα σας", "καλημέρα σας");
        check("東京で会いましょう カタカナ", "東京で会いましょう カタカナ");
        check("мир peace мир мир", "мир peace мир мир");
        check("안녕 ☎️ 😀", "안녕 ☎ 😀");
        check("и\u{306}од", "и\u{306}од");
    }

    #[test]
    fn ranges_lead_back_to_the_original() {
        let text = "☎ call 7\u{fe0f}\u{20e3}О4!";
        let folded = fold_text(text);
        let at = folded.text.find("7o4").unwrap();
        assert_eq!(&text[folded.original(at..at + 3)], "7\u{fe0f}\u{20e3}О4");
    }

    proptest! {
        #[test]
        fn every_folded_range_is_a_range_of_the_original(text in "\\PC{0,60}") {
            let folded = fold_text(&text);
            let bounds: Vec<usize> =
                folded.text.char_indices().map(|(at, _)| at).chain([folded.text.len()]).collect();
            for pair in bounds.windows(2) {
                prop_assert!(text.get(folded.original(pair[0]..pair[1])).is_some_and(|raw| !raw.is_empty()));
            }
        }

        #[test]
        fn folding_one_character_twice_changes_nothing(c in any::<char>()) {
            prop_assert_eq!(fold_char(fold_char(c)), fold_char(c));
        }
    }
}
