//! `homeward tool resolve`: which records of plain files are of one person.

use crate::Global;
use crate::archive::{mapping, spinner};
use crate::lines::Lines;
use crate::outputs;
use crate::resolve_read::{Reader, read_judgements, read_state};
use crate::resolve_write::{answer_lines, write_clusters, write_pairs, write_reasons, write_state};
use crate::table::Table;
use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use homeward_persons::{Answer, Contradiction, Found, Kind, Ready, Resolution, State, TableError, resolve};
use homeward_rules::Rules;
use serde_json::json;
use std::path::{Path, PathBuf};

/// How to call it.
pub const EXAMPLES: &str = "\
Examples:
  homeward tool resolve persons.csv -o pairs.csv --clusters persons-of.csv
  homeward tool resolve county.csv --with state.parquet -o pairs.csv --explain why.jsonl
  homeward tool resolve persons.csv -o pairs.csv --judgements decided.csv --also tattoos --kind x7=date
  homeward tool resolve county.csv -o pairs.csv --clusters persons-of.csv --keep county.persons
  homeward tool resolve today.csv --against county.persons -o pairs.csv --answers today-is.csv --keep county.persons

`--keep` keeps the records, what was learned from them and the persons found, in a file for its owner alone. With `--against`
each new record is weighed against the persons kept there, by the weights learned then, in milliseconds: it is of a known
person, of a new person, or undecided (below .95). Judgements hold. What new records tell about known ones, and about how often
values are wrong, is learned when all are resolved anew: do that from time to time, at the latest when a tenth is new.

Columns are known by their headings: id (unique_id, rec_id), given_name (first_name), family_name (surname, last_name),
full_name, date_of_birth (dob), sex (gender), street_number, address_1, address_2, city (suburb), postcode (zip, postcode_*),
state, ssn (soc_sec_id), phone, email, birth_place, occupation. `cluster` and `label` are never looked at.
When no heading is known, what each column holds is guessed from its values and said.
A cell may list several values, as aliases or telephones: `Ann; Annie`, `a|b` or a JSON array. The best pair of them counts,
less what more values agree by chance.";

/// Files and what to do with them.
#[derive(Args)]
pub struct ResolveArguments {
    /// CSV, TSV, JSON Lines or Parquet
    input: PathBuf,
    /// A second list, resolved together with the first
    #[arg(long)]
    with: Option<PathBuf>,
    /// Where to write pairs, CSV, or Parquet when the name ends in .parquet
    #[arg(short, long)]
    output: PathBuf,
    /// Write the person of every record: id,cluster
    #[arg(long)]
    clusters: Option<PathBuf>,
    /// Least probability of pairs that are written
    #[arg(long, default_value_t = 0.01)]
    threshold: f32,
    /// Column of ids
    #[arg(long)]
    pub id: Option<String>,
    /// Compare a further column, as text unless --kind says otherwise
    #[arg(long, value_name = "COLUMN")]
    pub also: Vec<String>,
    /// Say what a column holds: given, family, full-name, date, identity, phone, number, code, email, category or text
    #[arg(long = "kind", value_name = "COLUMN=KIND", value_parser = column_kind)]
    pub kinds: Vec<(String, Kind)>,
    /// Rename a column: theirs=ours
    #[arg(long = "map", value_name = "THEIRS=OURS", value_parser = mapping)]
    pub mappings: Vec<(String, String)>,
    /// What people decided: `id_a,id_b,judgement`, one of `same`, `not the same` and `unsure`; the last on a pair holds
    #[arg(long)]
    judgements: Option<PathBuf>,
    /// Write the reasons of every pair and person, JSON Lines
    #[arg(long, value_name = "FILE.jsonl")]
    explain: Option<PathBuf>,
    /// Keep what was learned and found, for later records
    #[arg(long, value_name = "FILE")]
    keep: Option<PathBuf>,
    /// Take these records in among those that were kept there, instead of resolving all anew
    #[arg(long, value_name = "FILE", conflicts_with_all = ["with", "also", "kinds"])]
    against: Option<PathBuf>,
    /// With --against: write what is said of each record: id,answer,cluster,probability
    #[arg(long, value_name = "FILE", requires = "against")]
    answers: Option<PathBuf>,
}

fn column_kind(text: &str) -> Result<(String, Kind), String> {
    let (column, word) = text.split_once('=').ok_or_else(|| format!("`{text}` is not column=kind"))?;
    let kinds = || Kind::words().collect::<Vec<_>>().join(", ");
    let kind = Kind::parse(word.trim()).ok_or_else(|| format!("`{word}` is none of {}", kinds()))?;
    Ok((column.trim().to_lowercase(), kind))
}

fn paths<'a>(some: &[Option<&'a PathBuf>]) -> Vec<&'a Path> {
    some.iter().flatten().map(|path| path.as_path()).collect()
}

/// Resolves the records of one file or two, or takes records in among those that are known.
pub fn run(global: &Global, arguments: &ResolveArguments) -> Result<()> {
    if !(0.0..=1.0).contains(&arguments.threshold) {
        bail!("`--threshold` must lie between 0 and 1");
    }
    let ResolveArguments {
        input, output, with, clusters, judgements, explain, keep, against, answers, ..
    } = arguments;
    let written = [Some(output), clusters.as_ref(), explain.as_ref(), answers.as_ref(), keep.as_ref()];
    outputs::check(&paths(&written), &paths(&[Some(input), with.as_ref(), judgements.as_ref()]))?;
    // What was kept may be kept anew in its place.
    outputs::check(&paths(&written[..4]), &paths(&[against.as_ref()]))?;
    match against {
        Some(state) => run_against(global, arguments, state),
        None => run_anew(global, arguments),
    }
}

fn run_anew(global: &Global, arguments: &ResolveArguments) -> Result<()> {
    let bar = spinner(global);
    bar.set_message("read");
    let mut reader = Reader::new(arguments, None);
    reader.file(&arguments.input)?;
    if let Some(second) = &arguments.with {
        reader.file(second)?;
    }
    let input = reader.finish(arguments)?;
    let judgements = arguments.judgements.as_deref().map(read_judgements).transpose()?.unwrap_or_default();
    let rules = &Rules::embedded().persons;
    let mut step = |step: &str| bar.set_message(step.to_owned());
    let found = resolve(input, &judgements, arguments.threshold, rules, &mut step).map_err(|error| {
        let hint = "name what is evidence with `--also COLUMN` or `--kind COLUMN=KIND`";
        if error == TableError::Nothing { anyhow!("{error}\nhint: {hint}") } else { error.into() }
    })?;
    bar.set_message("write");
    warn(&found.contradictions, found.absent);
    write_pairs(&arguments.output, &found.table.ids, &found.pairs)?;
    if let Some(path) = &arguments.clusters {
        write_clusters(path, found.table.ids.iter().cloned().zip(found.person.iter().copied()))?;
    }
    if let Some(path) = &arguments.explain {
        write_reasons(path, &found)?;
    }
    if let Some(path) = &arguments.keep {
        write_state(path, &State::of(&found, &judgements, rules))?;
    }
    bar.finish_and_clear();
    summary(global, &found);
    Ok(())
}

/// Says what was found, and how many of the pairs of one person were compared at all.
fn summary(global: &Global, found: &Resolution) {
    let persons = found.person.iter().max().map_or(0, |last| last + 1);
    let (records, pairs, reach) = (found.table.len(), found.pairs.len(), found.reach);
    if global.json {
        println!(
            "{}",
            json!({"records": records, "persons": persons, "pairs": pairs, "compared": reach.candidates,
                   "estimated_recall_of_blocking": reach.recall()})
        );
    } else if !global.quiet {
        println!("{records} records, {persons} persons, {pairs} pairs");
        if let Some(recall) = reach.recall() {
            println!(
                "{} pairs compared, an estimated {:.1} % of the pairs of one person",
                reach.candidates,
                100.0 * recall
            );
        }
    }
}

/// Takes the records of a file in among those that were kept.
fn run_against(global: &Global, arguments: &ResolveArguments, state: &Path) -> Result<()> {
    let bar = spinner(global);
    bar.set_message("read");
    let mut ready = read_state(state)?;
    let mut reader = Reader::new(arguments, Some(ready.columns()));
    reader.file(&arguments.input)?;
    let input = reader.finish(arguments)?;
    if let Some(path) = &arguments.judgements {
        ready.judge(&read_judgements(path)?);
    }
    bar.set_message("find");
    let mut explained = arguments.explain.as_deref().map(Lines::create).transpose()?;
    let (mut answers, mut failed): (Vec<Answer>, Result<()>) = (Vec::new(), Ok(()));
    let told = &mut |ready: &Ready, answer: Answer| {
        if let (Some(lines), Ok(())) = (&mut explained, &failed) {
            failed = lines.write(&answer_lines(ready, &answer));
        }
        answers.push(answer);
    };
    ready.take_in(&input, arguments.threshold, told).with_context(|| {
        format!(
            "`{}` cannot be taken in among the records of `{}`",
            arguments.input.display(),
            state.display()
        )
    })?;
    failed?;
    explained.map_or(Ok(()), Lines::finish)?;
    bar.set_message("write");
    warn(ready.contradictions(), ready.absent());
    let ids = &ready.table().ids;
    let id = |record: u32| &ids[record as usize];
    let mut pairs: Vec<_> = answers.iter().flat_map(|answer| answer.pairs.iter().copied()).collect();
    pairs.sort_by(|x, y| (id(x.a), id(x.b)).cmp(&(id(y.a), id(y.b))));
    write_pairs(&arguments.output, ids, &pairs)?;
    if let Some(path) = &arguments.clusters {
        // Where a judgement moved a record after it was answered, its person is that of the end.
        write_clusters(
            path,
            answers.iter().map(|answer| (id(answer.record).clone(), ready.person(answer.record))),
        )?;
    }
    if let Some(path) = &arguments.answers {
        let mut out = Table::create(path, &["id", "answer", "cluster", "probability"])?;
        for answer in &answers {
            let (person, probability) = (answer.person.to_string(), format!("{:.6}", answer.probability));
            out.row(&[id(answer.record), answer.found.word(), &person, &probability])?;
        }
        out.finish()?;
    }
    if let Some(path) = &arguments.keep {
        write_state(path, &ready.state())?;
    }
    bar.finish_and_clear();
    let count = |found| answers.iter().filter(|answer| answer.found == found).count();
    let (known, new, undecided) = (count(Found::Person), count(Found::New), count(Found::Undecided));
    if global.json {
        let counts = json!({"records": answers.len(), "of_known_persons": known, "of_new_persons": new,
                            "undecided": undecided, "pairs": pairs.len()});
        println!("{counts}");
    } else if !global.quiet {
        println!(
            "{} records: {known} of known persons, {new} of new persons, {undecided} undecided; {} pairs",
            answers.len(),
            pairs.len()
        );
    }
    Ok(())
}

/// Says which judgements contradict each other or the records, and how many are about records that are not here.
fn warn(contradictions: &[Contradiction], absent: usize) {
    for contradiction in contradictions {
        match contradiction {
            Contradiction::Chain { same, parted } => eprintln!(
                "warning: `{}` and `{}` are judged the same, which would join `{}` and `{}`, judged not the same; they stay apart",
                same.0, same.1, parted.0, parted.1
            ),
            Contradiction::Evidence { parted, probability } => eprintln!(
                "warning: `{}` and `{}` are judged not the same, the records say the same person with {probability:.2}",
                parted.0, parted.1
            ),
        }
    }
    if absent > 0 {
        eprintln!("warning: {absent} judgements are about records that are not here");
    }
}
