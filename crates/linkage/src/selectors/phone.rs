//! Telephone numbers: which groups of a run belong together. Every window of groups that has the length of a number is
//! scored by how it is grouped, how its groups are joined and what is left over beside it; the best set of windows that
//! do not overlap is taken.

use super::groups::{Group, Joint, Run};

/// A number found in a folded text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// E.164.
    pub value: String,
    /// First byte.
    pub start: usize,
    /// Just past the last byte.
    pub end: usize,
    /// Grouped in no usual way, or with letters for digits: a reading that may be wrong.
    pub unusual: bool,
}

/// Numbers of the North American plan in one run, by position.
pub fn national(text: &str, run: &Run) -> Vec<Number> {
    let mut run = run.clone();
    mask(text, &mut run);
    let context = Context::before(text, run.word_before);
    let first = &mut run.groups[0];
    match context {
        Context::Hours => mask_hours(&mut run.groups),
        Context::Age => first.masked |= first.digits.len() == 2,
        Context::Hour => first.masked |= first.digits.len() <= 2 && value(first) <= 12,
        Context::Height => first.masked |= first.digits.len() <= 2 && value(first) < 12,
        Context::Since => first.masked |= is_year(first),
        Context::Reference | Context::Other => {}
    }
    let mut found = Vec::new();
    for part in run.groups.split(|group| group.masked) {
        if !part.is_empty() {
            let first = part[0].start == run.groups[0].start;
            read(text, part, first && context == Context::Reference, &mut found);
        }
    }
    found
}

/// What the word before a run makes of its first group.
#[derive(PartialEq)]
enum Context {
    Hours,
    Hour,
    Reference,
    Age,
    Height,
    Since,
    Other,
}

fn is_year(group: &Group) -> bool {
    group.digits.len() == 4 && (1900..=2099).contains(&value(group))
}

/// Words before the number of something else than a telephone.
const REFERENCES: [&str; 34] = [
    "order",
    "id",
    "uid",
    "ref",
    "reference",
    "invoice",
    "tracking",
    "confirmation",
    "serial",
    "item",
    "part",
    "sku",
    "lic",
    "license",
    "licence",
    "permit",
    "account",
    "acct",
    "case",
    "ticket",
    "receipt",
    "model",
    "isbn",
    "upc",
    "vin",
    "imei",
    "zip",
    "batch",
    "policy",
    "firmware",
    "version",
    "ver",
    "build",
    "release",
];

impl Context {
    fn before(text: &str, (start, end): (usize, usize)) -> Context {
        const HOURS: [&str; 18] = [
            "open", "hours", "hrs", "from", "daily", "everyday", "weekdays", "weekends", "between", "mon",
            "tue", "wed", "thu", "fri", "sat", "sun", "sunday", "saturday",
        ];
        // "order no. 2019010100"
        const NUMBER: [&str; 6] = ["no", "number", "num", "nr", "nro", "numero"];
        let word = &text[start..end];
        if NUMBER.contains(&word) {
            let before = text[..start].trim_end_matches([' ', '.', ':', '-']);
            let word = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
            return if REFERENCES.contains(&word) { Context::Reference } else { Context::Other };
        }
        if HOURS.contains(&word) {
            Context::Hours
        } else if REFERENCES.contains(&word) {
            Context::Reference
        } else if ["age", "aged", "m", "im"].contains(&word) {
            // "i'm" is read as two words.
            Context::Age
        } else if ["ft", "foot", "feet"].contains(&word) {
            Context::Height
        } else if ["after", "before", "by", "till", "til"].contains(&word) {
            Context::Hour
        } else if ["since", "in", "year", "until", "est", "established", "desde"].contains(&word) {
            Context::Since
        } else {
            Context::Other
        }
    }
}

fn value(group: &Group) -> u32 {
    group.digits.parse().unwrap_or(u32::MAX)
}

/// Takes dates, times, hours, heights, postal codes, coordinates, machine addresses, large amounts and sums out of a run.
fn mask(text: &str, run: &mut Run) {
    let groups = &mut run.groups;
    for group in groups.iter_mut() {
        group.masked |= group.digits.len() > 11;
    }
    let gap = |groups: &[Group], at: usize| &text[groups[at - 1].end..groups[at].start];
    for at in 2..groups.len() {
        // "525 + 430 = 955"
        if gap(groups, at) == " = " && [" + ", " - ", " * ", " x "].contains(&gap(groups, at - 1)) {
            groups[at - 2..=at].iter_mut().for_each(|group| group.masked = true);
        }
    }
    let mut from = 0;
    while from < groups.len() {
        // A chain is joined by one and the same mark.
        let mut to = from + 1;
        while to < groups.len()
            && gap(groups, to).len() == 1
            && groups[to].joint == Joint::Tight
            && gap(groups, to) == gap(groups, from + 1)
        {
            to += 1;
        }
        let tight_after = to < groups.len() && groups[to].joint == Joint::Tight;
        if to > from + 1 && !tight_after {
            let mark = gap(groups, from + 1).as_bytes()[0];
            let word_before = if from == 0 { &text[run.word_before.0..run.word_before.1] } else { "" };
            if is_no_number(&groups[from..to], mark, word_before) {
                groups[from..to].iter_mut().for_each(|group| group.masked = true);
            }
            // Latitude and longitude: two decimals one after the other.
            let decimal = |pair: &[Group]| {
                pair.len() == 2
                    && pair[0].digits.len() <= 3
                    && value(&pair[0]) <= 180
                    && pair[1].digits.len() >= 3
            };
            if mark == b'.'
                && to - from == 2
                && from >= 2
                && decimal(&groups[from..to])
                && decimal(&groups[from - 2..from])
            {
                let comma = gap(groups, from).contains(',') || gap(groups, from).contains('-');
                if gap(groups, from - 1) == "." && comma {
                    groups[from - 2..to].iter_mut().for_each(|group| group.masked = true);
                }
            }
        } else if to == from + 1 && groups[from].digits.len() == 5 && from == 0 {
            let word = &text[run.word_before.0..run.word_before.1];
            groups[from].masked |= word == "zip" || STATES.contains(&word);
        }
        from = to.max(from + 1);
    }
}

const STATES: [&str; 51] = [
    "al", "ak", "az", "ar", "ca", "co", "ct", "de", "fl", "ga", "hi", "id", "il", "in", "ia", "ks", "ky",
    "la", "me", "md", "ma", "mi", "mn", "ms", "mo", "mt", "ne", "nv", "nh", "nj", "nm", "ny", "nc", "nd",
    "oh", "ok", "or", "pa", "ri", "sc", "sd", "tn", "tx", "ut", "vt", "va", "wa", "wv", "wi", "wy", "dc",
];

/// Whether a whole chain of groups joined by one mark is a date, a time, a share, a height, a postal code, the
/// address of a machine or a large amount in thousands.
fn is_no_number(chain: &[Group], mark: u8, word_before: &str) -> bool {
    let lengths: Vec<usize> = chain.iter().map(|group| group.digits.len()).collect();
    let values: Vec<u32> = chain.iter().map(value).collect();
    let short = lengths.iter().all(|length| *length <= 2);
    match (mark, chain.len()) {
        (b'/', 2) => short,
        (b':', 2) => short && values[0] <= 24 && values[1] < 60,
        (b'\'', 2) => lengths[0] == 1 && values[1] < 12,
        (b'-', 2) => {
            (lengths[0] == 5 && lengths[1] == 4 && (word_before == "zip" || STATES.contains(&word_before)))
                || (values[0] == 24 && values[1] == 7)
        }
        (b'-', 3) if is_sizes(&values) => true,
        (b'/', 3) if is_tariff(&values) => true,
        (b'/' | b'-' | b'.', 3) => {
            let month_and_day = |a: u32, b: u32| {
                (1..=12).contains(&a) && (1..=31).contains(&b)
                    || (1..=12).contains(&b) && (1..=31).contains(&a)
            };
            let year = |at: usize| lengths[at] == 4 && (1900..=2099).contains(&values[at]);
            let ends_in_year = lengths[0] <= 2 && lengths[1] <= 2 && (year(2) || lengths[2] == 2);
            ends_in_year && month_and_day(values[0], values[1])
                || year(0) && lengths[1] <= 2 && lengths[2] <= 2 && month_and_day(values[1], values[2])
        }
        (b',' | b'.', 3..) if lengths[0] <= 3 && lengths[1..].iter().all(|length| *length == 3) => true,
        (b'.', 4) => values.iter().all(|value| *value < 256),
        _ => false,
    }
}

/// Three sizes in inches, as tailors write them: the ranges hold those of any adult (our choice).
fn is_sizes(values: &[u32]) -> bool {
    matches!(values, [28..=54, 18..=44, 28..=59])
}

/// Prices for longer and longer, in fives (our choice: so are those of the corpora).
fn is_tariff(values: &[u32]) -> bool {
    values.iter().all(|value| value % 5 == 0 && (20..1000).contains(value)) && values.is_sorted()
}

/// `10-6` or `10 6` after `open`, unless more follows in the same manner.
fn mask_hours(groups: &mut [Group]) {
    let continues = groups.len() > 2 && groups[2].joint <= groups[1].joint;
    if let [first, second, ..] = groups
        && !continues
        && [&first, &second].iter().all(|group| group.digits.len() <= 2 && value(group) <= 24)
        && second.joint <= Joint::Line
    {
        (first.masked, second.masked) = (true, true);
    }
}

/// A window of groups with its worth.
#[derive(Clone, Copy)]
struct Window {
    from: usize,
    to: usize,
    score: f64,
    usual: bool,
    widest: Joint,
}

/// The best reading of the groups up to some point.
#[derive(Clone, Copy)]
struct Best {
    score: f64,
    /// The window that ends here, none when the group before this point is left over.
    window: Option<Window>,
    /// Index of the point before and whether that one ended in a window.
    back: (usize, bool),
}

/// What a reading must be worth, its edges counted.
const LEAST: f64 = 0.3;

fn read(text: &str, groups: &[Group], reference: bool, found: &mut Vec<Number>) {
    let nothing = Best { score: f64::NEG_INFINITY, window: None, back: (0, false) };
    // For each point the best reading that leaves the last group over, and the best that ends in a window.
    let mut best = vec![[nothing; 2]; groups.len() + 1];
    best[0][0].score = 0.0;
    for at in 0..groups.len() {
        let [left, taken] = best[at];
        // Leave this group over.
        let after_window =
            taken.window.map_or(f64::NEG_INFINITY, |window| taken.score - edge(text, groups, &window, at));
        let next = if after_window > left.score {
            Best { score: after_window, window: None, back: (at, true) }
        } else {
            Best { score: left.score, window: None, back: (at, false) }
        };
        if next.score > best[at + 1][0].score {
            best[at + 1][0] = next;
        }
        // Begin a window here.
        let mut digits = 0;
        for to in at..groups.len() {
            digits += groups[to].digits.len();
            if digits > 11 {
                break;
            }
            if digits < 10 {
                continue;
            }
            let Some(window) = score(text, groups, at, to + 1, reference) else { continue };
            let before = if at == 0 { 0.0 } else { edge(text, groups, &window, at - 1) };
            let after_left = left.score - before;
            let after_taken = taken.window.map_or(f64::NEG_INFINITY, |earlier| {
                let wide = groups[at].joint > earlier.widest.max(window.widest);
                taken.score - if wide || (earlier.usual && window.usual) { 0.0 } else { 4.0 }
            });
            let (base, from_window) =
                if after_taken > after_left { (after_taken, true) } else { (after_left, false) };
            let total = base + window.score;
            if total > best[to + 1][1].score {
                best[to + 1][1] = Best { score: total, window: Some(window), back: (at, from_window) };
            }
        }
    }
    let mut state = (groups.len(), best[groups.len()][1].score > best[groups.len()][0].score);
    let before = found.len();
    while state.0 > 0 {
        let here = best[state.0][usize::from(state.1)];
        if let Some(window) = here.window {
            found.push(number(groups, &window));
        }
        state = here.back;
    }
    found[before..].reverse();
}

/// What it costs that a group beside a window is left over.
fn edge(text: &str, groups: &[Group], window: &Window, beside: usize) -> f64 {
    let (neighbour, members) = (&groups[beside], &groups[window.from..window.to]);
    // The later one of the two groups that meet.
    let outer = beside.max(window.from);
    let joint = groups[outer].joint;
    if !neighbour.sure {
        0.0
    } else if joint > window.widest || is_foreign(text, groups, members, outer, neighbour) {
        0.5
    } else if window.usual {
        1.0
    } else {
        3.0
    }
}

/// Whether a group beside a number is written in another way than all of that: figures beside words, or behind another mark
/// than the one that joins the rest.
fn is_foreign(text: &str, groups: &[Group], members: &[Group], outer: usize, neighbour: &Group) -> bool {
    let words = members[0].words;
    if members.iter().all(|group| group.words == words) && neighbour.words != words {
        return true;
    }
    let gap = |left: &Group, right: &Group| &text[left.end..right.start];
    let mark = members.get(1).map(|second| gap(&members[0], second));
    let uniform = members.len() > 3 && members.windows(2).all(|pair| Some(gap(&pair[0], &pair[1])) == mark);
    uniform && mark != Some(gap(&groups[outer - 1], &groups[outer]))
}

/// The worth of reading `groups[from..to]`, which hold ten or eleven digits, as one number; none when it cannot be.
fn score(text: &str, groups: &[Group], from: usize, to: usize, reference: bool) -> Option<Window> {
    let window = &groups[from..to];
    let total: usize = window.iter().map(|group| group.digits.len()).sum();
    let country = total == 11;
    if country && !(window[0].digits.starts_with('1') && window[0].sure) {
        return None;
    }
    let guessed: usize = window.iter().map(|group| group.guessed).sum();
    let gap = |at: usize| &text[groups[at - 1].end..groups[at].start];
    let widest = window[1..].iter().map(|group| group.joint).max().unwrap_or(Joint::Tight);
    let lengths: Vec<usize> = match (country, window[0].digits.len()) {
        (true, 1) => window[1..].iter().map(|group| group.digits.len()).collect(),
        (true, _) => {
            let lengths = window.iter().map(|group| group.digits.len());
            lengths.enumerate().map(|(at, length)| if at == 0 { length - 1 } else { length }).collect()
        }
        _ => window.iter().map(|group| group.digits.len()).collect(),
    };
    let usual = matches!(lengths[..], [3, 3, 4] | [10]);
    // Letters may stand for some digits, and for whole groups only where the shape or the joints are plain.
    let only_letters = window.iter().any(|group| !group.sure && group.digits.len() > 1);
    if guessed > 5 || (only_letters && !usual && widest > Joint::Tight) || !window[0].sure && country {
        return None;
    }
    let single = lengths.iter().all(|length| *length == 1);
    let longest = lengths.iter().max().copied().unwrap_or(0);
    let last_longest = lengths.last() == Some(&longest);
    let mut score: f64 = match lengths[..] {
        [3, 3, 4] | [10] => 6.0,
        [3, 7] | [6, 4] | [3, 3, 2, 2] => 5.0,
        _ if single => 3.2,
        _ if longest > 4 => 1.6,
        _ if longest == 4 && !last_longest => 2.0,
        _ => 3.0,
    };
    // "order 2019010100": the first figure after such a word is the order's.
    if reference && from == 0 && (!usual || lengths.len() == 1) {
        return None;
    }
    // One and the same separator throughout is a pattern, however wide it is.
    let uniform = (from + 2..to).all(|at| gap(at) == gap(from + 1));
    if !uniform {
        for group in &window[1..] {
            score -= match group.joint {
                Joint::Tight | Joint::Space => 0.0,
                Joint::Line => 0.4,
                Joint::Break => {
                    if usual {
                        1.4
                    } else {
                        2.8
                    }
                }
            };
        }
    }
    let digits: Vec<u8> =
        window.iter().flat_map(|group| group.digits.bytes()).skip(usize::from(country)).collect();
    // The plan has no area code or exchange that begins with 0 or 1 (NANPA).
    let planned = digits[0] >= b'2' && digits[3] >= b'2';
    if !planned {
        score -= if usual { 0.5 } else { 1.5 };
    }
    if !usual && !single {
        let spaced = widest >= Joint::Space;
        let round =
            window.iter().filter(|group| group.digits.len() > 1 && group.digits.ends_with('0')).count();
        let years = window[..window.len() - 1].iter().filter(|group| is_year(group)).count();
        if spaced && round == window.len() {
            score -= 3.0;
        }
        score -= 2.0 * years as f64;
    }
    if window.last().is_some_and(|group| group.doubtful) && !usual {
        score -= 1.5;
    }
    // A reading must be worth something.
    score -= LEAST;
    (score > 0.0).then_some(Window { from, to, score, usual, widest })
}

fn number(groups: &[Group], window: &Window) -> Number {
    let mut groups = &groups[window.from..window.to];
    let digits: String = groups.iter().map(|group| group.digits.as_str()).collect();
    let national = if digits.len() == 11 { &digits[1..] } else { &digits[..] };
    // "this one 704 555 0142": the word is not the country code.
    if digits.len() == 11
        && groups[0].words
        && groups[0].digits == "1"
        && groups.get(1).is_some_and(|group| !group.words)
    {
        groups = &groups[1..];
    }
    let guessed = groups.iter().any(|group| group.guessed > 0);
    Number {
        value: format!("+1{national}"),
        start: groups[0].start,
        end: groups[groups.len() - 1].end,
        unusual: !window.usual || guessed,
    }
}
