//! Distances of short texts, counted in characters: edits, Jaro-Winkler, Soundex, and bounds that spare computing them.

/// Longest text that is compared whole, in characters; longer ones count as far apart when their middles differ.
const LONGEST: usize = 63;

/// Runs a comparison on bytes where one byte is one character, else on characters.
macro_rules! on_characters {
    ($function:ident, $a:expr, $b:expr, $ascii:expr $(, $more:expr)*) => {
        if $ascii {
            $function($a.as_bytes(), $b.as_bytes() $(, $more)*)
        } else {
            let (a, b): (Vec<char>, Vec<char>) = ($a.chars().collect(), $b.chars().collect());
            $function(&a, &b $(, $more)*)
        }
    };
}

/// Insertions, deletions, replacements and swaps of neighbours that make one text of the other (optimal string
/// alignment; Damerau 1964), or `most + 1` when more are needed.
/// `ascii` says that both texts are.
#[inline]
pub fn edits(a: &str, b: &str, ascii: bool, most: usize) -> usize {
    on_characters!(edits_of, a, b, ascii, most)
}

/// Likeness from 0 to 1 after Winkler (1990): characters in common within half the length, in order, with a bonus for the
/// first four. `ascii` says that both texts are.
#[inline]
pub fn jaro_winkler(a: &str, b: &str, ascii: bool) -> f32 {
    on_characters!(jaro_winkler_of, a, b, ascii)
}

fn edits_of<T: Copy + PartialEq>(a: &[T], b: &[T], most: usize) -> usize {
    if a.len().abs_diff(b.len()) > most {
        return most + 1;
    }
    let front = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[front..], &b[front..]);
    let back = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - back], &b[..b.len() - back]);
    if a.is_empty() || b.is_empty() {
        return a.len().max(b.len()).min(most + 1);
    }
    if a.len().max(b.len()) > LONGEST {
        return most + 1;
    }
    // Cells further than `most` from the diagonal cannot lead to so few edits; those just beside them count as too many.
    let far = most as u8 + 1;
    let (mut before, mut last, mut row) = ([far; LONGEST + 2], [far; LONGEST + 2], [far; LONGEST + 2]);
    for (at, cell) in last.iter_mut().enumerate().take(most + 1) {
        *cell = at as u8;
    }
    for i in 1..=a.len() {
        let (low, high) = (i.saturating_sub(most).max(1), (i + most).min(b.len()));
        row[low - 1] = if low == 1 { (i as u8).min(far) } else { far };
        let mut least = row[low - 1];
        for j in low..=high {
            let replaced = last[j - 1] + u8::from(a[i - 1] != b[j - 1]);
            let mut cost = (last[j] + 1).min(row[j - 1] + 1).min(replaced);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cost = cost.min(before[j - 2] + 1);
            }
            row[j] = cost;
            least = least.min(cost);
        }
        row[high + 1] = far;
        if least as usize > most {
            return most + 1;
        }
        before = last;
        last = row;
    }
    (last[b.len()] as usize).min(most + 1)
}

fn jaro_winkler_of<T: Copy + PartialEq>(a: &[T], b: &[T]) -> f32 {
    if a == b {
        return 1.0;
    }
    let (a, b) = (&a[..a.len().min(LONGEST)], &b[..b.len().min(LONGEST)]);
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let reach = (a.len().max(b.len()) / 2).saturating_sub(1);
    let (mut used, mut matched, mut count) = (0u64, [0u8; LONGEST], 0);
    for (i, x) in a.iter().enumerate() {
        let found = (i.saturating_sub(reach)..(i + reach + 1).min(b.len()))
            .find(|j| used >> j & 1 == 0 && b[*j] == *x);
        if let Some(j) = found {
            used |= 1 << j;
            matched[count] = i as u8;
            count += 1;
        }
    }
    if count == 0 {
        return 0.0;
    }
    let in_b = (0..b.len()).filter(|j| used >> j & 1 == 1);
    let crossed = in_b.zip(&matched).filter(|(j, i)| b[*j] != a[**i as usize]).count();
    let common = count as f32;
    let jaro =
        (common / a.len() as f32 + common / b.len() as f32 + (common - crossed as f32 / 2.0) / common) / 3.0;
    let prefix = a.iter().zip(b).take(4).take_while(|(x, y)| x == y).count();
    jaro + prefix as f32 * 0.1 * (1.0 - jaro)
}

/// The American Soundex code of the Latin letters of a name, `None` without any.
pub fn soundex(name: &str) -> Option<String> {
    let code = |letter: u8| match letter {
        b'b' | b'f' | b'p' | b'v' => 1,
        b'c' | b'g' | b'j' | b'k' | b'q' | b's' | b'x' | b'z' => 2,
        b'd' | b't' => 3,
        b'l' => 4,
        b'm' | b'n' => 5,
        b'r' => 6,
        b'h' | b'w' => 7,
        _ => 0u8,
    };
    let mut letters = name.bytes().filter(u8::is_ascii_lowercase);
    let first = letters.next()?;
    let mut out = String::from(first as char);
    let mut last = code(first);
    for letter in letters {
        let here = code(letter);
        if here == 7 {
            continue;
        }
        if here != 0 && here != last {
            out.push((b'0' + here) as char);
        }
        last = here;
        if out.len() == 4 {
            break;
        }
    }
    Some(out)
}

/// Which characters a text has, one bit each: letters once, letters twice, digits, anything else.
pub fn letters(text: &str) -> u64 {
    let mut bits = 0u64;
    for c in text.chars() {
        let bit = match c {
            'a'..='z' => c as u32 - u32::from(b'a'),
            '0'..='9' => 52 + c as u32 - u32::from(b'0'),
            _ => 62 + (c as u32 & 1),
        };
        if bit < 26 && bits >> bit & 1 == 1 {
            bits |= 1 << (26 + bit);
        }
        bits |= 1 << bit;
    }
    bits
}

/// Whether two texts with these [`letters`] are surely more than some edits apart.
#[inline]
pub fn surely_apart(a: u64, b: u64, edits: u32) -> bool {
    (a & !b).count_ones().max((b & !a).count_ones()) > edits
}

/// Whether two texts with these letters and lengths in characters may be as alike as `least` by [`jaro_winkler`].
#[inline]
pub fn maybe_alike(a: u64, b: u64, long_a: usize, long_b: usize, least: f32) -> bool {
    let common = (long_a as i32 - (a & !b).count_ones() as i32)
        .min(long_b as i32 - (b & !a).count_ones() as i32)
        .max(0) as f32;
    let jaro = (common / long_a as f32 + common / long_b as f32 + 1.0) / 3.0;
    jaro + 0.4 * (1.0 - jaro) >= least
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn edits_count_characters() {
        let check = |a: &str, b: &str, expected: usize| {
            assert_eq!(edits(a, b, a.is_ascii() && b.is_ascii(), 3), expected, "{a} {b}");
        };
        check("smith", "smyth", 1);
        check("smith", "simth", 1);
        check("smith", "smit", 1);
        check("иванов", "иваноф", 1);
        check("王小明", "王明", 1);
        check("anna", "robert", 4);
    }

    #[test]
    fn published_values_of_jaro_winkler() {
        let check = |a: &str, b: &str, expected: f32| {
            assert!(
                (jaro_winkler(a, b, true) - expected).abs() < 0.001,
                "{a} {b} {}",
                jaro_winkler(a, b, true)
            );
        };
        check("martha", "marhta", 0.961);
        check("dixon", "dicksonx", 0.813);
        check("dwayne", "duane", 0.840);
        check("abc", "", 0.0);
    }

    #[test]
    fn soundex_codes() {
        let check = |name: &str, code: Option<&str>| assert_eq!(soundex(name).as_deref(), code, "{name}");
        check("robert", Some("r163"));
        check("rupert", Some("r163"));
        check("ashcraft", Some("a261"));
        check("王", None);
    }

    /// Optimal string alignment as it is defined.
    fn defined(a: &[char], b: &[char]) -> usize {
        if a.is_empty() || b.is_empty() {
            return a.len() + b.len();
        }
        let (x, y) = (&a[..a.len() - 1], &b[..b.len() - 1]);
        let replaced = defined(x, y) + usize::from(a[x.len()] != b[y.len()]);
        let mut least = replaced.min(defined(x, b) + 1).min(defined(a, y) + 1);
        if !x.is_empty() && !y.is_empty() && a[x.len()] == y[y.len() - 1] && b[y.len()] == x[x.len() - 1] {
            least = least.min(defined(&x[..x.len() - 1], &y[..y.len() - 1]) + 1);
        }
        least
    }

    proptest! {
        #[test]
        fn edits_are_those_of_the_definition(a in "[a-c]{0,6}", b in "[a-c]{0,6}", most in 0..4usize) {
            let (x, y): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
            prop_assert_eq!(edits(&a, &b, true, most), defined(&x, &y).min(most + 1));
        }

        #[test]
        fn bounds_never_lie(a in "[a-e0-2é王]{1,9}", b in "[a-e0-2é王]{1,9}") {
            let (x, y) = (letters(&a), letters(&b));
            for most in 0..4 {
                prop_assert!(!surely_apart(x, y, most) || edits(&a, &b, false, 3) > most as usize);
            }
            let alike = jaro_winkler(&a, &b, false);
            prop_assert!(maybe_alike(x, y, a.chars().count(), b.chars().count(), alike - 0.0001));
            prop_assert!((alike - jaro_winkler(&b, &a, false)).abs() < 0.2);
            prop_assert_eq!(edits(&a, &b, false, 3), edits(&b, &a, false, 3));
        }
    }
}
