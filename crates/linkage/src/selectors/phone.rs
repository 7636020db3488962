//! Telephone numbers: runs of digit groups, where a group may be digits, number words, letters that stand for digits, or
//! a mixture; then the windows of a run that have the length of a number.

/// A number found in a folded text.
#[derive(Debug, PartialEq, Eq)]
pub struct Number {
    /// E.164.
    pub value: String,
    /// First byte.
    pub start: usize,
    /// Just past the last byte.
    pub end: usize,
}

#[derive(Debug)]
struct Group {
    digits: String,
    start: usize,
    end: usize,
    /// A line end, a full stop with a space or a wide gap stands before it.
    apart: bool,
    /// A `+` stands directly before it.
    plus: bool,
    /// Nothing but a full stop stands before it.
    dotted: bool,
}

const WORDS: [(&str, char); 21] = [
    ("zero", '0'),
    ("one", '1'),
    ("two", '2'),
    ("three", '3'),
    ("four", '4'),
    ("five", '5'),
    ("six", '6'),
    ("seven", '7'),
    ("eight", '8'),
    ("nine", '9'),
    ("oh", '0'),
    ("cero", '0'),
    ("uno", '1'),
    ("dos", '2'),
    ("tres", '3'),
    ("cuatro", '4'),
    ("cinco", '5'),
    ("seis", '6'),
    ("siete", '7'),
    ("ocho", '8'),
    ("nueve", '9'),
];
/// Words that stand between the groups of one number.
const BETWEEN: [&str; 6] = ["dash", "dot", "hyphen", "then", "space", "period"];
/// Words that make the number before them a measure.
const UNITS: [&str; 32] = [
    "lbs", "lb", "pounds", "kg", "cm", "ft", "foot", "feet", "oz", "in", "inch", "inches", "yrs", "yr",
    "years", "year", "yo", "min", "mins", "minutes", "hr", "hrs", "hour", "hours", "miles", "am", "pm",
    "dollars", "usd", "percent", "mm", "ml",
];

/// Every number, by position. Without `national`, only numbers that begin with `+`.
pub fn find(text: &str, national: bool) -> Vec<Number> {
    let mut found = Vec::new();
    for run in runs(text) {
        read_run(&run, national, &mut found);
    }
    found
}

/// Maximal sequences of groups with nothing but separators between them.
fn runs(text: &str) -> Vec<Vec<Group>> {
    let bytes = text.as_bytes();
    let (mut all, mut run): (Vec<Vec<Group>>, Vec<Group>) = (Vec::new(), Vec::new());
    let mut at = 0;
    let mut gap_from = 0;
    while at < bytes.len() {
        if !(bytes[at].is_ascii_alphanumeric() || bytes[at] >= 128) {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || bytes[at] >= 128) {
            at += 1;
        }
        let (chunk, gap) = (&text[start..at], &text[gap_from..start]);
        if BETWEEN.contains(&chunk) && !run.is_empty() {
            continue;
        }
        gap_from = at;
        let alone = chunk.len() == 1 && matches!(chunk, "o" | "l" | "i") && !run.is_empty();
        let digits = if alone { letter(chunk.as_bytes()[0]).map(String::from) } else { digits_of(chunk) };
        let Some(digits) = digits else {
            // A unit takes the measure before it out of the run.
            if UNITS.contains(&chunk)
                && gap.len() <= 1
                && run.last().is_some_and(|group| group.digits.len() < 4)
            {
                run.pop();
            }
            close(&mut all, &mut run);
            continue;
        };
        let money = gap.ends_with('$') || gap.ends_with("$ ") || text[at..].starts_with('%');
        let slash = gap == "/" || text[at..].starts_with('/');
        if money || (slash && digits.len() <= 2) || digits.len() > 15 || gap.contains("://") {
            // A price, a share, a date or hours such as 24/7; or far too long to be a number.
            close(&mut all, &mut run);
            continue;
        }
        if gap.contains('$') || gap.len() > 8 {
            close(&mut all, &mut run);
        }
        let apart = run.is_empty()
            || gap.contains('\n')
            || gap.contains(". ")
            || gap.contains(", ")
            || gap.contains(" - ")
            || gap.contains(';')
            || gap.contains("  ")
            || gap.contains('(');
        run.push(Group { digits, start, end: at, apart, plus: gap.ends_with('+'), dotted: gap == "." });
    }
    close(&mut all, &mut run);
    all
}

fn close(all: &mut Vec<Vec<Group>>, run: &mut Vec<Group>) {
    if !run.is_empty() {
        all.push(std::mem::take(run));
    }
}

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

/// The digits that a chunk of letters and digits stands for, if all of it stands for digits.
fn digits_of(chunk: &str) -> Option<String> {
    let bytes = chunk.as_bytes();
    if bytes.iter().all(u8::is_ascii_digit) {
        return Some(chunk.to_owned());
    }
    let (mut digits, mut letters, mut sure, mut at) = (String::new(), 0, 0, 0);
    while at < bytes.len() {
        if bytes[at].is_ascii_digit() {
            digits.push(bytes[at] as char);
            (sure, at) = (sure + 1, at + 1);
        } else if let Some((word, digit)) =
            WORDS.iter().find(|(word, _)| bytes[at..].starts_with(word.as_bytes()))
        {
            digits.push(*digit);
            (sure, at) = (sure + 1, at + word.len());
        } else {
            digits.push(letter(bytes[at])?);
            (letters, at) = (letters + 1, at + 1);
        }
    }
    // A few letters among digits are digits; a few digits among letters are a name.
    (sure > letters).then_some(digits)
}

fn read_run(run: &[Group], national: bool, found: &mut Vec<Number>) {
    if let Some(at) = run.iter().position(|group| group.plus) {
        let (before, rest) = run.split_at(at);
        if !before.is_empty() {
            read_run(before, national, found);
        }
        let used = international(rest, found);
        if used < rest.len() {
            let mut left = rest[used..].iter();
            if used > 0 || left.next().is_some() {
                read_plain(&rest[used.max(1)..], national, found);
            }
        }
        return;
    }
    read_plain(run, national, found);
}

/// A number with its country code: as many groups as fit 8 to 15 digits. Returns how many were used.
fn international(run: &[Group], found: &mut Vec<Number>) -> usize {
    let mut digits = String::new();
    let mut used = 0;
    for (at, group) in run.iter().enumerate() {
        let full = if digits.starts_with('1') { 11 } else { 15 };
        if digits.len() + group.digits.len() > full || (at > 0 && group.plus) {
            break;
        }
        digits.push_str(&group.digits);
        used = at + 1;
    }
    let right = if digits.starts_with('1') { digits.len() == 11 } else { (8..=15).contains(&digits.len()) };
    if !right {
        return 0;
    }
    found.push(Number { value: format!("+{digits}"), start: run[0].start, end: run[used - 1].end });
    used
}

/// National numbers: first the windows in the usual grouping, then those that fill a stretch between breaks.
fn read_plain(run: &[Group], national: bool, found: &mut Vec<Number>) {
    if !national {
        return;
    }
    let mut at = 0;
    let mut rest_from = 0;
    while at < run.len() {
        if let Some(used) = usual(&run[at..]) {
            stretches(&run[rest_from..at], found);
            push(&run[at..at + used], found);
            at += used;
            rest_from = at;
        } else {
            at += 1;
        }
    }
    stretches(&run[rest_from..], found);
}

fn usual(run: &[Group]) -> Option<usize> {
    const FORMS: [&[usize]; 8] =
        [&[1, 3, 3, 4], &[3, 3, 4], &[1, 10], &[10], &[11], &[3, 7], &[6, 4], &[3, 3, 2, 2]];
    let fits = |form: &&&[usize]| {
        run.len() >= form.len() && form.iter().zip(run).all(|(length, group)| group.digits.len() == *length)
    };
    let form = FORMS.iter().find(fits)?;
    let leads = form[0] != 1 && form[0] != 11 || run[0].digits.starts_with('1');
    leads.then_some(form.len())
}

/// Windows of ten digits (or eleven with a leading 1) that begin and end at a break; the fewest breaks inside first.
fn stretches(run: &[Group], found: &mut Vec<Number>) {
    let mut best: Option<(usize, usize, usize)> = None;
    for from in 0..run.len() {
        if from > 0 && !run[from].apart {
            continue;
        }
        let mut digits = 0;
        let mut breaks = 0;
        for to in from..run.len() {
            digits += run[to].digits.len();
            breaks += usize::from(to > from && run[to].apart);
            let ends = to + 1 == run.len() || run[to + 1].apart;
            let long = digits == 11 && run[from].digits.starts_with('1');
            if ends && (digits == 10 || long) && best.is_none_or(|(fewest, _, _)| breaks < fewest) {
                best = Some((breaks, from, to));
            }
            if digits > 11 {
                break;
            }
        }
    }
    // Four short groups between full stops are an address of a machine.
    let machine = |groups: &[Group]| {
        groups.len() == 4
            && groups[1..].iter().all(|group| group.dotted)
            && groups.iter().all(|group| group.digits.len() <= 3)
    };
    if let Some((_, from, to)) = best.filter(|(_, from, to)| !machine(&run[*from..=*to])) {
        push(&run[from..=to], found);
    }
}

fn push(groups: &[Group], found: &mut Vec<Number>) {
    let digits: String = groups.iter().map(|group| group.digits.as_str()).collect();
    let national = if digits.len() == 11 { &digits[1..] } else { &digits[..] };
    let (start, end) = (groups[0].start, groups[groups.len() - 1].end);
    found.push(Number { value: format!("+1{national}"), start, end });
}
