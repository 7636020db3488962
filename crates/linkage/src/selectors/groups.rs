//! Groups of digits in a folded text: figures, number words of English and Spanish, letters that stand for digits, and
//! mixtures inside one word. Which groups make a telephone number is decided in `phone`.

use super::international;
use crate::normalise::is_unspaced;

/// How far apart two groups stand, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Joint {
    /// Marks without a space, or nothing.
    Tight,
    /// A space, alone or among marks.
    Space,
    /// One line end.
    Line,
    /// The end of a sentence or clause, or an empty line.
    Break,
}

/// Digits written as one word or figure.
#[expect(clippy::struct_excessive_bools, reason = "independent observations, each read on its own")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The digits it stands for.
    pub digits: String,
    /// First byte in the folded text.
    pub start: usize,
    /// Just past the last byte.
    pub end: usize,
    /// How many of the digits are read from letters (`o` for 0).
    pub guessed: usize,
    /// Whether a figure or number word is in it, not letters alone.
    pub sure: bool,
    /// Whether it is written in words alone.
    pub words: bool,
    /// What stands between the group before and this one.
    pub joint: Joint,
    /// A `+` stands directly before it.
    pub plus: bool,
    /// A price, measure, share or the like: no part of a number.
    pub masked: bool,
    /// A word follows that may make it a measure (`in`, `am`).
    pub doubtful: bool,
}

/// Groups with nothing but marks and joining words between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// In order of position.
    pub groups: Vec<Group>,
    /// The word before the first group, as a byte range, empty at the start of the text.
    pub word_before: (usize, usize),
}

const UNITS: [(&str, &str); 49] = [
    ("zero", "0"),
    ("one", "1"),
    ("two", "2"),
    ("three", "3"),
    ("four", "4"),
    ("five", "5"),
    ("six", "6"),
    ("seven", "7"),
    ("eight", "8"),
    ("nine", "9"),
    ("cero", "0"),
    ("uno", "1"),
    ("dos", "2"),
    ("tres", "3"),
    ("cuatro", "4"),
    ("cinco", "5"),
    ("seis", "6"),
    ("siete", "7"),
    ("ocho", "8"),
    ("nueve", "9"),
    ("ten", "10"),
    ("eleven", "11"),
    ("twelve", "12"),
    ("thirteen", "13"),
    ("fourteen", "14"),
    ("fifteen", "15"),
    ("sixteen", "16"),
    ("seventeen", "17"),
    ("eighteen", "18"),
    ("nineteen", "19"),
    ("oh", "0"),
    // `once`, eleven, is left out: it is an English word.
    ("diez", "10"),
    ("doce", "12"),
    ("trece", "13"),
    ("catorce", "14"),
    ("quince", "15"),
    ("dieciseis", "16"),
    ("diecisiete", "17"),
    ("dieciocho", "18"),
    ("diecinueve", "19"),
    ("veintiuno", "21"),
    ("veintidos", "22"),
    ("veintitres", "23"),
    ("veinticuatro", "24"),
    ("veinticinco", "25"),
    ("veintiseis", "26"),
    ("veintisiete", "27"),
    ("veintiocho", "28"),
    ("veintinueve", "29"),
];
const TENS: [(&str, u8); 16] = [
    ("twenty", b'2'),
    ("thirty", b'3'),
    ("forty", b'4'),
    ("fifty", b'5'),
    ("sixty", b'6'),
    ("seventy", b'7'),
    ("eighty", b'8'),
    ("ninety", b'9'),
    ("veinte", b'2'),
    ("treinta", b'3'),
    ("cuarenta", b'4'),
    ("cincuenta", b'5'),
    ("sesenta", b'6'),
    ("setenta", b'7'),
    ("ochenta", b'8'),
    ("noventa", b'9'),
];
/// Words that stand between the groups of one number.
const BETWEEN: [&str; 10] =
    ["dash", "dot", "hyphen", "then", "space", "period", "guion", "punto", "luego", "espacio"];
/// Words that make the number before them a measure, whatever else stands there.
const MEASURES: [&str; 44] = [
    "lbs", "lb", "pounds", "kg", "kgs", "kilos", "cm", "ft", "foot", "feet", "oz", "inch", "inches", "yrs",
    "yr", "years", "year", "yo", "mins", "minutes", "hr", "hrs", "hour", "hours", "miles", "mi", "km",
    "dollars", "usd", "bucks", "percent", "pct", "mm", "ml", "mg", "gb", "mph", "days", "weeks", "months",
    "anos", "horas", "dolares", "euros",
];
/// Words that may follow a number without being its unit.
const DOUBTFUL_MEASURES: [&str; 8] = ["in", "am", "pm", "min", "m", "h", "people", "day"];
/// Words that are cut with a stop and belong to the number after it.
const ABBREVIATED: [&str; 8] = ["no", "nr", "nro", "num", "lic", "ref", "acct", "ver"];
const ORDINALS: [&str; 4] = ["st", "nd", "rd", "th"];

/// Every run of a folded text. `taken` are byte ranges, ascending, that are something else (addresses, handles): groups
/// inside them are left out.
pub fn runs(text: &str, taken: &[(usize, usize)]) -> Vec<Run> {
    let mut reader = Reader { text, taken, gap_from: 0, ..Reader::default() };
    let bytes = text.as_bytes();
    let mut at = 0;
    // Just past the last spelled word; nothing can begin one byte past the whole text.
    let mut spelled_to = bytes.len();
    while at < bytes.len() {
        let Some(after) = alphanumeric_at(text, at) else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
            continue;
        };
        let start = at;
        at = after;
        let unspaced = unspaced_at(text, start);
        while let Some(after) = alphanumeric_at(text, at).filter(|_| unspaced_at(text, at) == unspaced) {
            at = after;
        }
        if let Some((digits, end)) = spelled(text, start, at, spelled_to + 1 == start) {
            reader.number(start, end, Reading { digits, guessed: 0, sure: true, words: true });
            (at, spelled_to) = (end, end);
        } else {
            reader.chunk(start, at);
        }
    }
    reader.close();
    reader.runs
}

/// The byte after the alphanumeric character at `at`, if there is one.
fn alphanumeric_at(text: &str, at: usize) -> Option<usize> {
    let byte = *text.as_bytes().get(at)?;
    if byte < 128 {
        return byte.is_ascii_alphanumeric().then_some(at + 1);
    }
    let c = text[at..].chars().next()?;
    c.is_alphanumeric().then_some(at + c.len_utf8())
}

/// Whether the character at `at` is of a script without spaces: a number beside it is a word of its own.
fn unspaced_at(text: &str, at: usize) -> bool {
    text.as_bytes()[at] >= 128 && text[at..].chars().next().is_some_and(is_unspaced)
}

#[derive(Default)]
struct Reader<'a> {
    text: &'a str,
    taken: &'a [(usize, usize)],
    runs: Vec<Run>,
    run: Run,
    last_word: (usize, usize),
    gap_from: usize,
    /// `double` or `triple` was said.
    repeat: usize,
    /// The last group is a ten in words, to which a unit may be added.
    open_ten: bool,
}

struct Reading {
    digits: String,
    guessed: usize,
    sure: bool,
    words: bool,
}

impl Reader<'_> {
    fn close(&mut self) {
        if !self.run.groups.is_empty() {
            self.runs.push(std::mem::take(&mut self.run));
        }
        (self.repeat, self.open_ten) = (0, false);
    }

    fn word(&mut self, start: usize, end: usize) {
        self.close();
        self.last_word = (start, end);
        self.gap_from = end;
    }

    fn chunk(&mut self, start: usize, end: usize) {
        while self.taken.first().is_some_and(|taken| taken.1 <= start) {
            self.taken = &self.taken[1..];
        }
        if self.taken.first().is_some_and(|taken| taken.0 < end) {
            return self.word(start, end);
        }
        let chunk = &self.text[start..end];
        if !may_be_number(chunk.as_bytes()) {
            return self.plain_word(start, end);
        }
        if let Some(reading) = read(chunk).filter(|_| !has_extension(chunk)) {
            let lone = chunk.len() == 1 && !reading.sure;
            if !(lone && self.run.groups.is_empty()) {
                return self.number(start, end, reading);
            }
        }
        self.pieces(start, end);
    }

    /// A word that is no number: a joining word, a unit of the number before it, or the end of the run.
    fn plain_word(&mut self, start: usize, end: usize) {
        let chunk = &self.text[start..end];
        match chunk {
            "double" | "doble" => self.repeat = 2,
            "triple" => self.repeat = 3,
            "y" if self.open_ten => {}
            _ if BETWEEN.contains(&chunk) && !self.run.groups.is_empty() => {}
            _ => {
                let near = start - self.gap_from <= 2;
                if let Some(last) = self.run.groups.last_mut().filter(|_| near) {
                    last.masked |= MEASURES.contains(&chunk);
                    last.doubtful |= DOUBTFUL_MEASURES.contains(&chunk);
                }
                self.word(start, end);
            }
        }
    }

    /// A word that begins or ends in figures without being a number as a whole: `0142x12`, `call704`, `120lbs`.
    fn pieces(&mut self, start: usize, end: usize) {
        let chunk = &self.text[start..end];
        if !chunk.bytes().any(|byte| byte.is_ascii_digit()) {
            return self.plain_word(start, end);
        }
        let figures = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let head = figures(chunk);
        let tail = &chunk[head..];
        let extension = has_extension(chunk);
        let measure =
            MEASURES.contains(&tail) || DOUBTFUL_MEASURES.contains(&tail) || ORDINALS.contains(&tail);
        let plain =
            |digits: &str| Reading { digits: digits.to_owned(), guessed: 0, sure: true, words: false };
        if head == 0 {
            let letters = chunk.bytes().take_while(|byte| !byte.is_ascii_digit()).count();
            let digits = figures(&chunk[letters..]);
            let whole = letters + digits == chunk.len();
            self.word(start, start + letters);
            if letters >= 2 && ((whole && digits >= 3) || (7..=11).contains(&digits)) {
                self.number(
                    start + letters,
                    start + letters + digits,
                    plain(&chunk[letters..letters + digits]),
                );
                if !whole {
                    self.word(start + letters + digits, end);
                }
            } else {
                self.word(start, end);
            }
            return;
        }
        if extension || (head >= 2 && !measure && tail.len() >= 3) {
            self.number(start, start + head, plain(&chunk[..head]));
        }
        self.word(start + head, end);
    }

    fn number(&mut self, start: usize, end: usize, mut reading: Reading) {
        let gap = &self.text[self.gap_from..start];
        if self.open_ten
            && reading.words
            && reading.digits.len() == 1
            && reading.digits != "0"
            && gap.len() <= 3
        {
            self.open_ten = false;
            if let Some(last) = self.run.groups.last_mut() {
                last.digits.pop();
                last.digits.push_str(&reading.digits);
                last.end = end;
                self.gap_from = end;
                return;
            }
        }
        if self.repeat > 0 && reading.digits.len() == 1 {
            reading.digits = reading.digits.repeat(self.repeat);
        }
        self.repeat = 0;
        let (after, before) = (&self.text[end..], gap.trim_end_matches(' '));
        let price = before.ends_with(['$', '£', '€'])
            || after.trim_start_matches(' ').starts_with(['%', '€', '£'])
            || after.starts_with(['$', '°'])
            || (after.starts_with('/') && after[1..].starts_with(|c: char| c.is_ascii_alphabetic()));
        let age = reading.digits.len() == 2
            && after.starts_with('+')
            && !after[1..].starts_with(|c: char| c.is_alphanumeric());
        if gap.len() > 24 || gap.contains("://") {
            self.close();
        }
        if self.run.groups.is_empty() {
            // Only a word in the same clause says anything of a number.
            let between = &self.text[self.last_word.1..start];
            let word = &self.text[self.last_word.0..self.last_word.1];
            let near = between.len() <= 4 && joint(between) <= Joint::Space
                || between.trim() == ":"
                || between.trim() == "." && ABBREVIATED.contains(&word);
            self.run.word_before = if near { self.last_word } else { (0, 0) };
        }
        let joint = if self.run.groups.is_empty() { Joint::Break } else { joint(gap) };
        // `0012125550142`: the zeros that many countries dial before a country code, when what follows is a number there.
        let dialled = reading.digits.strip_prefix("00").is_some_and(|rest| {
            (9..=15).contains(&rest.len())
                && reading.guessed == 0
                && international::is_valid(&format!("+{rest}"))
        });
        if dialled {
            reading.digits.drain(..2);
        }
        self.open_ten = reading.words
            && reading.digits.len() == 2
            && reading.digits.ends_with('0')
            && reading.digits != "10";
        self.run.groups.push(Group {
            masked: price || age || reading.digits.len() > 15,
            digits: reading.digits,
            start,
            end,
            guessed: reading.guessed,
            sure: reading.sure,
            words: reading.words,
            joint,
            // Between figures and nothing else it is a mark like another.
            plus: dialled || gap.ends_with('+') && (gap.len() > 1 || self.run.groups.is_empty()),
            doubtful: false,
        });
        self.gap_from = end;
    }
}

/// `0142x12`, `0142ext12`: figures with an extension.
fn has_extension(chunk: &str) -> bool {
    let tail = chunk.trim_start_matches(|c: char| c.is_ascii_digit());
    let head = chunk.len() - tail.len();
    let extension = tail.strip_prefix("ext").or_else(|| tail.strip_prefix('x'));
    head >= 2
        && extension
            .is_some_and(|digits| digits.len() <= 6 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

fn joint(gap: &str) -> Joint {
    let lines = gap.bytes().filter(|byte| *byte == b'\n').count();
    let clause = gap.trim_start_matches(')');
    if lines > 1 || clause.starts_with(['.', ',', ';', ':', '!', '?']) && clause.contains(' ') {
        Joint::Break
    } else if lines == 1 || [" | ", " / ", " - ", "; ", ", "].iter().any(|mark| gap.contains(mark)) {
        Joint::Line
    } else if gap.contains(' ') {
        Joint::Space
    } else {
        Joint::Tight
    }
}

/// Whether a name is made of figures, number words and letters for digits alone, enough of them for a telephone number.
pub fn reads_as_number(name: &str) -> bool {
    let parts: Option<Vec<Reading>> =
        name.split(['.', '_', '-']).filter(|part| !part.is_empty()).map(read).collect();
    parts.is_some_and(|parts| parts.iter().map(|part| part.digits.len()).sum::<usize>() >= 7)
}

/// A cheap look, so that most words cost next to nothing: figures in it, a beginning that a number word has, or nothing
/// but letters that may stand for digits.
fn may_be_number(chunk: &[u8]) -> bool {
    const BEGINNINGS: [&[u8; 2]; 26] = [
        b"ze", b"on", b"oh", b"tw", b"th", b"fo", b"fi", b"si", b"se", b"ei", b"ni", b"ce", b"un", b"do",
        b"tr", b"cu", b"ci", b"oc", b"nu", b"te", b"el", b"no", b"di", b"ca", b"qu", b"ve",
    ];
    chunk.iter().any(|byte| byte.is_ascii_digit() || *byte >= 128)
        || chunk.get(..2).is_some_and(|two| BEGINNINGS.iter().any(|beginning| *beginning == two))
        || chunk.iter().all(|byte| letter(*byte).is_some())
}

/// A letter that may stand for a digit inside a number.
fn letter(byte: u8) -> Option<char> {
    Some(match byte {
        b'o' => '0',
        b'i' | b'l' => '1',
        b'z' => '2',
        b's' => '5',
        b'b' => '8',
        _ => return None,
    })
}

/// Reads a word as digits, if all of it stands for digits.
fn read(chunk: &str) -> Option<Reading> {
    let bytes = chunk.as_bytes();
    if bytes.iter().all(u8::is_ascii_digit) {
        return Some(Reading { digits: chunk.to_owned(), guessed: 0, sure: true, words: false });
    }
    if chunk.len() > 64 {
        return None;
    }
    let folded: String;
    let bytes = if chunk.is_ascii() {
        bytes
    } else {
        // A Cyrillic letter between figures, in a text that is Cyrillic otherwise.
        folded = chunk.chars().map(crate::normalise::fold_char).collect();
        folded.as_bytes()
    };
    let mut reading = Reading { digits: String::new(), guessed: 0, sure: false, words: true };
    let (mut at, mut figures, mut ten) = (0, 0, None);
    while at < bytes.len() {
        let rest = &bytes[at..];
        if let Some((length, digit)) =
            TENS.iter().find_map(|(word, digit)| leet(word, rest).map(|n| (n, *digit)))
        {
            reading.digits.push(digit as char);
            reading.digits.push('0');
            (reading.sure, at, ten) = (true, at + length, Some(reading.digits.len()));
        } else if let Some((length, digits)) = UNITS
            .iter()
            .filter_map(|(word, digits)| leet(word, rest).map(|n| (n, *digits)))
            .max_by_key(|(n, _)| *n)
        {
            if ten == Some(reading.digits.len()) && digits.len() == 1 && digits != "0" {
                reading.digits.pop();
            }
            reading.digits.push_str(digits);
            (reading.sure, at) = (true, at + length);
        } else if rest[0].is_ascii_digit() {
            reading.digits.push(rest[0] as char);
            (reading.sure, reading.words, figures, at) = (true, false, figures + 1, at + 1);
        } else {
            reading.digits.push(letter(rest[0])?);
            (reading.guessed, reading.words, at) = (reading.guessed + 1, false, at + 1);
        }
    }
    // Letters alone must look like a part of a number; a single figure among letters is part of a name.
    let plausible = if reading.sure {
        figures == 0 && reading.guessed == 0 || reading.guessed <= 2 * figures + 1 && reading.digits.len() > 1
    } else {
        reading.digits.len() <= 4 && !COMMON_WORDS.contains(&chunk)
    };
    plausible.then_some(reading)
}

/// Words made of nothing but letters that could stand for digits.
const COMMON_WORDS: [&str; 22] = [
    "so", "is", "oil", "soil", "boss", "loss", "bill", "ill", "los", "sol", "solo", "si", "lo", "bio", "oz",
    "biz", "zoo", "sis", "boil", "bliz", "bob", "lol",
];

/// Whether the text begins with the word, letters replaced by figures or not (`f1ve`), at least one letter being itself;
/// how many bytes.
fn leet(word: &str, text: &[u8]) -> Option<usize> {
    if text.len() < word.len() {
        return None;
    }
    let mut letters = 0;
    for (expected, got) in word.bytes().zip(text) {
        if expected == *got {
            letters += 1;
        } else {
            let stands_for = match got {
                b'0' => b'o',
                b'1' | b'!' => b'i',
                b'3' => b'e',
                b'4' => b'a',
                b'5' => b's',
                b'7' => b't',
                _ => return None,
            };
            if stands_for != expected {
                return None;
            }
        }
    }
    (letters > 0 && (word != "oh" || letters == 2)).then_some(word.len())
}

/// Number words spelled with single letters (`f i v e`, `f.i.v.e`), the first of them: its digits and its end. The whole
/// sequence of single letters must be number words: `o f t e n` is none. `end` is the end of the first letter.
fn spelled(text: &str, start: usize, end: usize, spelled_before: bool) -> Option<(String, usize)> {
    let bytes = text.as_bytes();
    if end - start != 1 || !bytes[start].is_ascii_alphabetic() {
        return None;
    }
    let mark = *bytes.get(end).filter(|mark| mark.is_ascii() && !mark.is_ascii_alphanumeric())?;
    let lone = |at: usize| at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
    let follows_letter = start >= 2 && bytes[start - 1] == mark && bytes[start - 2].is_ascii_alphabetic();
    if follows_letter && lone(start - 2) && !spelled_before {
        return None;
    }
    let mut joined = vec![bytes[start]];
    let mut at = end;
    while bytes.get(at) == Some(&mark)
        && bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic)
        && bytes.get(at + 2).is_none_or(|next| next.is_ascii() && !next.is_ascii_alphanumeric())
        && joined.len() < 64
    {
        joined.push(bytes[at + 1]);
        at += 2;
    }
    let word = |letters: &[u8]| {
        let fits = UNITS.iter().filter(|(word, _)| word.len() >= 3 && letters.starts_with(word.as_bytes()));
        fits.map(|(word, digits)| (word.len(), *digits)).max_by_key(|(length, _)| *length)
    };
    let (length, digits) = word(&joined)?;
    let mut rest = &joined[length..];
    while !rest.is_empty() {
        rest = &rest[word(rest)?.0..];
    }
    Some((digits.to_owned(), start + 2 * length - 1))
}
