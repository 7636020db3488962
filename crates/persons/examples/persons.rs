//! Resolves a CSV of persons with a truth column `cluster` and prints how well: for measuring and tuning.

use homeward_persons::explain::Explainer;
use homeward_persons::kind::{Heading, heading};
use homeward_persons::{Input, InputColumn, resolve};
use homeward_rules::Rules;
use std::collections::HashMap;
use std::time::Instant;

fn main() {
    for path in std::env::args().skip(1) {
        measure(&path);
    }
}

/// Cells of a line of CSV without line breaks in cells.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            c => cells.last_mut().expect("a line has a cell").push(c),
        }
    }
    cells
}

fn measure(path: &str) {
    let text = std::fs::read_to_string(path).expect("the file can be read");
    let mut lines = text.lines();
    let names = cells(lines.next().unwrap_or_default());
    let mut input = Input::default();
    let mut truth: HashMap<String, String> = HashMap::new();
    let mut of_column = Vec::new();
    let (mut id, mut cluster) = (0, None);
    for (at, name) in names.iter().enumerate() {
        match heading(name) {
            Heading::Id => id = at,
            Heading::Never => cluster = Some(at),
            Heading::Person(kind) => {
                of_column.push(at);
                input.columns.push(InputColumn::new(name.trim(), kind));
            }
            Heading::Unknown => {}
        }
    }
    let began = Instant::now();
    for line in lines {
        let cells = cells(line);
        let name = cells[id].trim().to_owned();
        let known = match cluster {
            Some(at) => cells[at].clone(),
            None => name.split('-').nth(1).unwrap_or_default().to_owned(),
        };
        truth.insert(name.clone(), known);
        input.ids.push(name);
        for (column, at) in input.columns.iter_mut().zip(&of_column) {
            column.push(cells.get(*at).map_or("", |cell| cell.trim()));
        }
    }
    let mut last = (began, "read".to_owned());
    let verbose = std::env::var("STEPS").is_ok();
    let mut step = |name: &str| {
        if verbose {
            println!("  {:>6.2} {}", last.0.elapsed().as_secs_f64(), last.1);
        }
        last = (Instant::now(), name.to_owned());
    };
    let mut rules = Rules::embedded().persons.clone();
    if let Ok(path) = std::env::var("RULES") {
        let text = std::fs::read_to_string(path).expect("the rules can be read");
        rules = toml::from_str(&text).expect("the rules are rules");
    }
    let found = resolve(input, &[], 0.01, &rules, &mut step).expect("the records can be compared");
    step("");
    let seconds = began.elapsed().as_secs_f64();
    let label: Vec<&String> = found.table.ids.iter().map(|id| &truth[id]).collect();
    let mut sizes: HashMap<&String, u64> = HashMap::new();
    for label in &label {
        *sizes.entry(label).or_default() += 1;
    }
    let all: u64 = sizes.values().map(|size| size * (size - 1) / 2).sum();
    let mut pairs: Vec<(f32, bool)> = found
        .pairs
        .iter()
        .map(|pair| (pair.probability, label[pair.a as usize] == label[pair.b as usize]))
        .collect();
    if let Some(shown) = std::env::var("FALSE").ok().and_then(|shown| shown.parse::<usize>().ok()) {
        let explainer = Explainer::new(&found, &rules);
        let mut wrong: Vec<_> =
            found.pairs.iter().filter(|pair| label[pair.a as usize] != label[pair.b as usize]).collect();
        wrong.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        for pair in wrong.into_iter().take(shown) {
            let reasons = explainer.pair(pair.a, pair.b);
            let each = reasons.reasons.iter();
            let each: Vec<_> =
                each.map(|why| format!("{} {}|{} {:.1}", why.field, why.left, why.right, why.bits)).collect();
            println!(
                "  {:.3} alone {:.3} prior {:.1} {}",
                pair.probability,
                reasons.probability(),
                reasons.prior_bits,
                each.join("; ")
            );
        }
    }
    report(path, seconds, &mut pairs, all);
}

/// Prints best F1, F1 at .5, precision and false pairs from .95, and the mean distance of probability and truth by tenths.
fn report(path: &str, seconds: f64, pairs: &mut [(f32, bool)], all: u64) {
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let f1 = |right: f64, said: f64| if right > 0.0 { 2.0 * right / (said + all as f64) } else { 0.0 };
    let (mut right, mut best) = (0.0, (0.0, 0.0, 0.0, 0.0));
    let at = |least: f32| {
        let said: Vec<_> = pairs.iter().take_while(|(probability, _)| *probability >= least).collect();
        let right = said.iter().filter(|(_, truth)| *truth).count() as f64;
        (f1(right, said.len() as f64), right / said.len().max(1) as f64, said.len() as f64 - right)
    };
    let (half, sure) = (at(0.5), at(0.95));
    for (nth, (probability, truth)) in pairs.iter().enumerate() {
        right += f64::from(u8::from(*truth));
        let said = nth as f64 + 1.0;
        let last = pairs.get(nth + 1).is_none_or(|(next, _)| next != probability);
        if last && f1(right, said) > best.0 {
            best = (f1(right, said), right / said, right / all as f64, *probability);
        }
    }
    let mut tenths = [(0.0, 0.0, 0.0); 10];
    for (probability, truth) in pairs.iter() {
        let tenth = &mut tenths[((probability * 10.0) as usize).min(9)];
        *tenth = (tenth.0 + 1.0, tenth.1 + f64::from(*probability), tenth.2 + f64::from(u8::from(*truth)));
    }
    let error: f64 =
        tenths.iter().map(|(_, said, right)| (said - right).abs()).sum::<f64>() / pairs.len().max(1) as f64;
    let name = path.rsplit('/').next().unwrap_or(path);
    println!(
        "{name:24} best {:.4} (P {:.4} R {:.4} @{:.2}) .5 {:.4} P.95 {:.4} false.95 {:.0} false.5 {:.0} calib {:.4} pairs {} of {all} {seconds:.2} s",
        best.0,
        best.1,
        best.2,
        best.3,
        half.0,
        sure.1,
        sure.2,
        half.2,
        error,
        pairs.len()
    );
    if std::env::var("STEPS").is_ok() {
        let shown: Vec<String> = tenths
            .iter()
            .map(|(all, said, right)| format!("{:.2}/{:.2} ({all})", said / all, right / all))
            .collect();
        println!("  {}", shown.join(" "));
    }
}
