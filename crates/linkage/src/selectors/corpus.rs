//! A seeded corpus of obfuscated telephone numbers and of decoys, to measure precision as hard as recall. For tests only;
//! its writers share no code with the reader.

use super::Extractor;
use homeward_model::{SelectorKind, mix64};
use homeward_places::Places;
use homeward_rules::Rules;

struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        (mix64(self.0) % bound as u64) as usize
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }

    fn coin(&mut self) -> bool {
        self.below(2) == 0
    }
}

const ENGLISH: [&str; 10] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
const SPANISH: [&str; 10] =
    ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"];
const LEET: [&str; 10] = ["z3r0", "0ne", "tw0", "thr33", "f0ur", "f1ve", "s1x", "s3ven", "e1ght", "n1ne"];
const TENS: [&str; 10] =
    ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
/// What follows the calls for contact; nothing here is a number.
const BEFORE: [&str; 31] = [
    "call ",
    "text me at ",
    "my number is ",
    "",
    "reach me: ",
    "open 24/7 ",
    "open 10-6 ",
    "open 10-6, call ",
    "$80 ",
    "$80 special, ",
    "120 lbs ",
    "5'4 120 lbs. ",
    "only 5 left call ",
    "only one left, ",
    "i'm 22 years old, ",
    "age 22. ",
    "until 12/05/2019 ",
    "since 2016. ",
    "room 12, ",
    "mon-fri 9am to 5pm ",
    "$100/hr ",
    "from 9 to 5, ",
    "moving sale, 3 chairs and 2 tables. ",
    "order 2019070412345. ",
    "☎ ",
    "whatsapp ",
    "34-26-36 ",
    "60/80/120 ",
    "call after 5 ",
    "ages 18+ ",
    "exit 33 off I-85, ",
];
const AFTER: [&str; 18] = [
    "",
    " now",
    ".",
    "!!",
    ", ask for lee",
    " $80",
    " 24/7",
    " any day from 10am",
    " - open 9-5",
    "\n5 miles from town",
    "\nprices from $40 to $200",
    ". 2 rooms left",
    " until 07/12/2019",
    " 😀",
    " or stop by",
    " please no calls after 10pm",
    " 18+ only",
    "!!! 2 for 1",
];

fn digits(dice: &mut Dice) -> String {
    format!("{}5550{}", 201 + dice.below(789), 100 + dice.below(100))
}

fn parts(digits: &str) -> [&str; 3] {
    [&digits[..3], &digits[3..6], &digits[6..]]
}

fn each(digits: &str, separator: &str, mut write: impl FnMut(usize) -> String) -> String {
    let words: Vec<String> = digits.bytes().map(|byte| write(usize::from(byte - b'0'))).collect();
    words.join(separator)
}

fn letters(digits: &str, dice: &mut Dice) -> String {
    let mut left = 4;
    let swap = |digit: char| match digit {
        '0' => Some('O'),
        '1' => Some('l'),
        '2' => Some('Z'),
        '5' => Some('S'),
        '8' => Some('B'),
        _ => None,
    };
    let mut text = String::new();
    for digit in digits.chars() {
        match swap(digit).filter(|_| left > 0 && dice.below(3) > 0) {
            Some(letter) => {
                left -= 1;
                text.push(letter);
            }
            None => text.push(digit),
        }
    }
    text
}

/// The tricks by name.
const TRICKS: [&str; 22] = [
    "plain",
    "leading one",
    "english words",
    "spanish words",
    "words and figures",
    "inside one token",
    "leet words",
    "letters for digits",
    "keycaps",
    "fullwidth",
    "homoglyphs",
    "small groups one mark",
    "small groups any mark",
    "emoji between",
    "split over lines",
    "single digits",
    "extension",
    "connecting words",
    "tens",
    "spelled",
    "pairs",
    "zero width",
];

fn write(trick: &str, digits: &str, dice: &mut Dice) -> String {
    let [area, exchange, line] = parts(digits);
    let mark =
        dice.pick(&["-", ".", " ", " - ", "/", "_", "~", "*", "•", " . ", "–", "..", " .. ", "--", "="]);
    let space = dice.pick(&[" ", "-", ".", "  ", " . ", "*"]);
    match trick {
        "plain" => match dice.below(4) {
            0 => format!("({area}) {exchange}-{line}"),
            1 => digits.to_owned(),
            2 => format!("({area}){exchange}{line}"),
            _ => format!("{area}{mark}{exchange}{mark}{line}"),
        },
        "leading one" => {
            let lead = dice.pick(&["+1 ", "1-", "1", "+1", "1 ", "+1-", "1."]);
            if dice.coin() { format!("{lead}{digits}") } else { format!("{lead}{area}-{exchange}-{line}") }
        }
        "english words" => each(digits, space, |digit| ENGLISH[digit].to_owned()),
        "spanish words" => each(digits, space, |digit| SPANISH[digit].to_owned()),
        "words and figures" => {
            each(
                digits,
                space,
                |digit| if dice.coin() { ENGLISH[digit].to_owned() } else { digit.to_string() },
            )
        }
        "inside one token" => each(digits, "", |digit| match dice.below(4) {
            0 => ENGLISH[digit].to_owned(),
            1 => ENGLISH[digit].to_uppercase(),
            _ => digit.to_string(),
        }),
        "leet words" => {
            each(digits, space, |digit| if dice.coin() { LEET[digit].to_owned() } else { digit.to_string() })
        }
        "letters for digits" => {
            let text = letters(digits, dice);
            let [area, exchange, line] = parts(&text);
            if dice.coin() { text } else { format!("{area}-{exchange}-{line}") }
        }
        "keycaps" => each(digits, "", |digit| format!("{digit}\u{fe0f}\u{20e3}")),
        "fullwidth" => {
            let zero = [0xFF10, 0x1D7D8, 0x1D7EC, 0x1D7F6, 0x660][dice.below(5)];
            each(digits, "", |digit| {
                char::from_u32(zero + digit as u32).map(String::from).unwrap_or_default()
            })
        }
        "homoglyphs" => each(digits, "", |digit| match digit {
            0 => dice.pick(&["О", "0", "о", "O", "Ο"]).to_owned(),
            1 => dice.pick(&["①", "1", "➀", "1"]).to_owned(),
            3 => dice.pick(&["З", "3", "③"]).to_owned(),
            5 => dice.pick(&["⑤", "5", "⁵", "5"]).to_owned(),
            7 => dice.pick(&["⑦", "7", "❼"]).to_owned(),
            _ => digit.to_string(),
        }),
        "small groups one mark" | "small groups any mark" => {
            let one = dice.pick(&["!", "*", "_", "~", "=", "|", "-", ".", "/"]);
            let mut text = String::new();
            let mut at = 0;
            while at < digits.len() {
                let take = (1 + dice.below(2)).min(digits.len() - at);
                text.push_str(&digits[at..at + take]);
                at += take;
                if at < digits.len() {
                    let any = dice.pick(&["!", "*", "_", "~", "=", "|", "-", ".", "#", "^", "+"]);
                    text.push_str(if trick == "small groups one mark" { one } else { any });
                }
            }
            text
        }
        "emoji between" => {
            let emoji = dice.pick(&["📞", "❤️", "⭐", " 🌸 ", "🔥🔥", "✨"]);
            format!("{area}{emoji}{exchange}{emoji}{line}")
        }
        "split over lines" => match dice.below(3) {
            0 => format!("{area}\n{exchange}\n{line}"),
            1 => format!("{area} {exchange}\n{line}"),
            _ => format!(
                "{} {} {}\n{} {}",
                &area[..2],
                &digits[2..4],
                &digits[4..6],
                &digits[6..8],
                &digits[8..]
            ),
        },
        "single digits" => each(digits, space, |digit| digit.to_string()),
        "extension" => {
            let extension = dice.pick(&[" x12", " ext 12", "x12", " ext. 4", " extension 123"]);
            format!("{area}-{exchange}-{line}{extension}")
        }
        "connecting words" => {
            let word = dice.pick(&["dash", "dot", "then", "punto"]);
            format!("{area} {word} {exchange} {word} {line}")
        }
        "tens" => {
            let pair = |text: &str| {
                let value: usize = text.parse().unwrap_or(0);
                if value >= 20 && value.is_multiple_of(10) {
                    TENS[value / 10].to_owned()
                } else if value > 20 {
                    format!("{} {}", TENS[value / 10], ENGLISH[value % 10])
                } else {
                    text.to_owned()
                }
            };
            format!("{area} {exchange} {} {}", pair(&line[..2]), pair(&line[2..]))
        }
        "spelled" => {
            let at = dice.below(10);
            digits
                .bytes()
                .enumerate()
                .map(|(place, byte)| {
                    let word = ENGLISH[usize::from(byte - b'0')];
                    if place == at {
                        word.chars().map(String::from).collect::<Vec<_>>().join(" ")
                    } else {
                        word.to_owned()
                    }
                })
                .collect::<Vec<_>>()
                .join(" ")
        }
        "pairs" => {
            let pairs: Vec<&str> = (0..5).map(|at| &digits[2 * at..2 * at + 2]).collect();
            pairs.join(dice.pick(&[" ", "-", ".", " - ", ", ", "  ", "/"]))
        }
        _ => digits.chars().flat_map(|digit| [digit, '\u{200b}']).collect(),
    }
}

fn decoy(dice: &mut Dice) -> String {
    let mut number = |low: usize, high: usize| low + dice.below(high - low + 1);
    match number(0, 27) {
        0 => format!("open {}-{}", number(8, 11), number(5, 9)),
        1 => "here 24/7 all week".to_owned(),
        2 => format!("${} or ${}, {} for both", number(40, 90), number(100, 150), number(160, 300)),
        3 => format!(
            "{:02}/{:02}/2019 to {:02}/{:02}/2019",
            number(1, 12),
            number(1, 28),
            number(1, 12),
            number(1, 28)
        ),
        4 => format!("{} lbs, 5'{}, {} cm", number(90, 190), number(0, 9), number(150, 190)),
        5 => format!("zip {}-{}", number(10000, 99999), number(1000, 9999)),
        6 => format!("nc {}-{}", number(10000, 99999), number(1000, 9999)),
        7 => format!("order {}", 201_901_010_000_000 + number(0, 999_999)),
        8 => format!("order id {}", number(1_000_000_000, 9_999_999_999)),
        9 => format!("{}.{}.{}.{}", number(100, 255), number(100, 255), number(10, 99), number(100, 255)),
        10 => {
            format!("{}.{}, -{}.{}", number(25, 48), number(1000, 9999), number(70, 120), number(1000, 9999))
        }
        11 => format!("{}.{}, -{}.{}", number(25, 48), number(100, 999), number(70, 99), number(100, 999)),
        12 => format!(
            "{} oz {} oz {} oz {} oz {} oz",
            number(10, 99),
            number(10, 99),
            number(10, 99),
            number(10, 99),
            number(10, 99)
        ),
        13 => format!("{} people came on {} {} 2019", number(100, 999), number(1, 12), number(1, 28)),
        14 => format!("since {} or {}", number(1990, 2016), number(1990, 2016)),
        15 => format!(
            "{} {} {} {}",
            number(4000, 4999),
            number(1000, 9999),
            number(1000, 9999),
            number(1000, 9999)
        ),
        16 => format!("{}", 1_000_000_000_000_usize + number(0, 99_999_999)),
        17 => format!("{}-{}-{}", number(30, 40), number(22, 30), number(30, 40)),
        18 => format!(
            "2019-{:02}-{:02} {:02}:{:02}",
            number(1, 12),
            number(1, 28),
            number(10, 23),
            number(10, 59)
        ),
        19 => format!("{}:{:02} to {}:{:02}", number(10, 12), number(10, 59), number(10, 12), number(10, 59)),
        20 => "1 2 3 4 5 6 7 8 9 10 11 12".to_owned(),
        21 => format!("invoice 2019-{}-{}", number(1000, 9999), number(10, 99)),
        22 => format!("{} main street, unit {}, floor {}", number(100, 9999), number(10, 99), number(1, 30)),
        23 => format!(
            "sizes {} x {} x {} and {}x{}",
            number(10, 99),
            number(10, 99),
            number(10, 99),
            number(10, 99),
            number(10, 99)
        ),
        24 => format!(
            "{}% off {} items, {} sold, {} left",
            number(10, 90),
            number(100, 999),
            number(100, 999),
            number(10, 99)
        ),
        25 => "one or two or three of us, so call on one of ten days".to_owned(),
        26 => format!(
            "{} {} {} {} {} {} {}",
            number(10, 99),
            number(10, 99),
            number(10, 99),
            number(10, 99),
            number(10, 99),
            number(10, 99),
            number(10, 99)
        ),
        _ => format!(
            "$1,{} and ${},{} and 0.{}",
            number(100, 999),
            number(10, 99),
            number(100, 999),
            number(100, 999)
        ),
    }
}

fn numbers(extractor: &Extractor, text: &str) -> Vec<String> {
    let found =
        extractor.identifiers(text).into_iter().filter(|selector| selector.kind == SelectorKind::Phone);
    found.map(|selector| selector.value).collect()
}

#[test]
fn obfuscated_numbers_are_read_and_decoys_are_not() {
    let extractor = Extractor::new(Rules::embedded(), Places::embedded(), "US");
    let mut dice = Dice(11);
    let (mut right, mut wrong, mut missed) = (0, 0, 0);
    let mut weak = Vec::new();
    for trick in TRICKS {
        let (mut trick_right, mut examples) = (0, Vec::new());
        let rounds = 400;
        for _ in 0..rounds {
            let truth = digits(&mut dice);
            let written = write(trick, &truth, &mut dice);
            let text = format!("{}{written}{}", dice.pick(&BEFORE), dice.pick(&AFTER));
            let mut found = numbers(&extractor, &text);
            found.dedup();
            let hit = found.contains(&format!("+1{truth}"));
            trick_right += usize::from(hit);
            wrong += found.len() - usize::from(hit);
            missed += usize::from(!hit);
            if (!hit || found.len() > 1) && examples.len() < 4 {
                examples.push(format!("{truth} {text:?} {found:?}"));
            }
        }
        right += trick_right;
        weak.push((trick_right, trick, examples));
    }
    weak.sort();
    let (right, wrong, missed) = (f64::from(right as u32), f64::from(wrong as u32), f64::from(missed as u32));
    let f1 = 2.0 * right / (2.0 * right + wrong + missed);
    println!("obfuscated numbers: F1 {f1:.4}, {wrong} wrong, {missed} missed of {}", right + missed);
    for (hits, trick, examples) in &weak {
        println!("{hits} {trick}");
        for example in examples {
            println!("    {example}");
        }
    }
    let mut false_numbers = Vec::new();
    for _ in 0..4000 {
        let text = format!("{}, {}. {}", decoy(&mut dice), decoy(&mut dice), decoy(&mut dice));
        let found = numbers(&extractor, &text);
        if !found.is_empty() {
            false_numbers.push(format!("{text:?} {found:?}"));
        }
    }
    for example in false_numbers.iter().take(12) {
        println!("decoy {example}");
    }
    println!("decoys read as numbers: {} of 4000 texts", false_numbers.len());
    assert!(f1 >= 0.98, "F1 {f1}");
    assert!(false_numbers.is_empty(), "{} decoys", false_numbers.len());
}
