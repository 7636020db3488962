//! Resolves a CSV of persons with a truth column `cluster` and prints how well: for measuring and tuning. `LATE=50` keeps every
//! fiftieth record back, takes it in afterwards, and tells how that differs from resolving all anew.

use homeward_persons::explain::Explainer;
use homeward_persons::kind::{Heading, Kind, heading};
use homeward_persons::{Answer, Found, Input, InputColumn, Ready, Resolution, State, blocking, resolve};
use homeward_rules::Rules;
use homeward_rules::persons::Persons;
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

/// Records with their columns, and the truth by id.
struct Records {
    names: Vec<(String, Kind)>,
    rows: Vec<(String, Vec<String>)>,
    truth: HashMap<String, String>,
}

impl Records {
    fn read(path: &str) -> Records {
        let text = std::fs::read_to_string(path).expect("the file can be read");
        let mut lines = text.lines();
        let (mut names, mut of_column, mut id, mut cluster) = (Vec::new(), Vec::new(), 0, None);
        for (at, name) in cells(lines.next().unwrap_or_default()).iter().enumerate() {
            match heading(name) {
                Heading::Id => id = at,
                Heading::Never => cluster = Some(at),
                Heading::Person(kind) => {
                    of_column.push(at);
                    names.push((name.trim().to_owned(), kind));
                }
                Heading::Unknown => {}
            }
        }
        let (mut rows, mut truth) = (Vec::new(), HashMap::new());
        for line in lines {
            let cells = cells(line);
            let name = cells[id].trim().to_owned();
            let known = match cluster {
                Some(at) => cells[at].clone(),
                None => name.split('-').nth(1).unwrap_or_default().to_owned(),
            };
            truth.insert(name.clone(), known);
            let cell = |at: &usize| cells.get(*at).map_or("", |cell| cell.trim()).to_owned();
            rows.push((name, of_column.iter().map(cell).collect()));
        }
        Records { names, rows, truth }
    }

    fn input(&self, kept: impl Fn(usize) -> bool) -> Input {
        let columns = self.names.iter().map(|(name, kind)| InputColumn::new(name, *kind)).collect();
        let mut input = Input { ids: Vec::new(), columns };
        for (_, (id, row)) in self.rows.iter().enumerate().filter(|(at, _)| kept(*at)) {
            input.ids.push(id.clone());
            input.columns.iter_mut().zip(row).for_each(|(column, cell)| column.push(cell));
        }
        input
    }
}

fn measure(path: &str) {
    let records = Records::read(path);
    let truth = &records.truth;
    if let Some(every) = std::env::var("LATE").ok().and_then(|every| every.parse::<usize>().ok()) {
        return later(path, &records, every);
    }
    let began = Instant::now();
    let input = records.input(|_| true);
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
    if let (Some(recall), true) = (found.reach.recall(), std::env::var("REACH").is_ok()) {
        println!(
            "  reach said {recall:.4} true {:.4} {:?}",
            reached(&found, &rules, &label, all),
            found.reach
        );
    }
}

/// Share of the pairs of one person that were compared.
fn reached(found: &Resolution, rules: &Persons, label: &[&String], all: u64) -> f64 {
    let pairs = blocking::candidates(&found.table, &rules.blocking).pairs;
    let is_true = |pair: &&u64| {
        let (a, b) = blocking::unpack(**pair);
        label[a as usize] == label[b as usize]
    };
    pairs.iter().filter(is_true).count() as f64 / all as f64
}

/// Processor time of this thread, milliseconds, to some four: what records take however busy the machine is (Linux).
fn busy() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|time| time.parse::<f64>().ok()).unwrap_or_default() / 1e6
}

/// Keeps some records back, takes them in afterwards, and sets that beside resolving all anew.
fn later(path: &str, records: &Records, every: usize) {
    let rules = &Rules::embedded().persons;
    let is_late = |at: usize| at % every == every - 1;
    let began = Instant::now();
    let early =
        resolve(records.input(|at| !is_late(at)), &[], 0.01, rules, &mut |_| {}).expect("it resolves");
    let resolved = began.elapsed().as_secs_f64();
    let began = busy();
    let text = serde_json::to_string(&State::of(&early, &[], rules)).expect("a state is text");
    let written = busy() - began;
    let state: State = serde_json::from_str(&text).expect("and is read");
    let read = busy() - began - written;
    let mut ready = Ready::new(state).expect("and opened");
    let opened = busy() - began - written - read;
    let (mut pairs, mut undecided) = (Vec::new(), 0);
    let mut times: Vec<f64> = Vec::new();
    let (began, mut asked) = (busy(), Instant::now());
    let told = &mut |ready: &Ready, answer: Answer| {
        times.push(asked.elapsed().as_secs_f64() * 1e3);
        let id = |record: u32| ready.table().ids[record as usize].clone();
        let mine: Vec<String> = ready.members(answer.person).iter().map(|record| id(*record)).collect();
        pairs.push((id(answer.record), mine));
        undecided += usize::from(answer.found == Found::Undecided);
        asked = Instant::now();
    };
    ready.take_in(&records.input(is_late), 0.01, told).expect("ids are new");
    let mean = (busy() - began) / times.len() as f64;
    times.sort_by(f64::total_cmp);
    let whole = resolve(records.input(|_| true), &[], 0.01, rules, &mut |_| {}).expect("it resolves");
    let mut of_person: HashMap<u32, Vec<&String>> = HashMap::new();
    for (id, person) in whole.table.ids.iter().zip(&whole.person) {
        of_person.entry(*person).or_default().push(id);
    }
    let mut by_truth: HashMap<&String, Vec<&String>> = HashMap::new();
    records.truth.iter().for_each(|(id, truth)| by_truth.entry(truth).or_default().push(id));
    // Of those who came later too, only those before it are known to a record.
    let (mut same, mut alike, mut right, mut right_whole) = (0, 0, 0, 0);
    let early_or_before = |id: &String, than: &String| early.table.find(id).is_some() || id < than;
    for (id, mine) in &pairs {
        let person = whole.person[whole.table.find(id).expect("it is there") as usize];
        let mut other: Vec<&String> =
            of_person[&person].iter().copied().filter(|other| early_or_before(other, id)).collect();
        let mut mine: Vec<&String> = mine.iter().filter(|other| *other != id).collect();
        other.retain(|other| *other != id);
        other.sort_unstable();
        mine.sort_unstable();
        same += usize::from(mine == other);
        alike += usize::from(mine == other || mine.iter().any(|mine| other.contains(mine)));
        let truth = |others: &[&String]| {
            let own = &records.truth[id];
            if others.is_empty() {
                return usize::from(
                    !by_truth[own].iter().any(|other| *other != id && early_or_before(other, id)),
                );
            }
            usize::from(
                others.iter().filter(|other| records.truth[**other] == *own).count() * 2 > others.len(),
            )
        };
        right += truth(&mine);
        right_whole += truth(&other);
    }
    let share = |count: usize| count as f64 / pairs.len().max(1) as f64;
    println!(
        "{path}: {} later of {}; resolve {resolved:.1} s, state {} MB written {written:.0} ms read {read:.0} ms opened {opened:.0} ms; a record {mean:.2} ms of processor, by the clock median {:.2}, 99 % {:.2}; as the whole run: same records {:.4}, same person {:.4}; right {:.4}, whole run {:.4}; undecided {:.4}",
        pairs.len(),
        records.rows.len(),
        text.len() >> 20,
        times[times.len() / 2],
        times[times.len() * 99 / 100],
        share(same),
        share(alike),
        share(right),
        share(right_whole),
        share(undecided)
    );
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
