//! `homeward tool resolve`: which records of plain files are of one person.

use crate::Global;
use crate::archive::{mapping, spinner};
use crate::table::Table;
use anyhow::{Context, Result, bail};
use clap::Args;
use homeward_intake::{Item, Options, Record, text_of};
use homeward_model::Verdict;
use homeward_persons::explain::{Explainer, Proof};
use homeward_persons::kind::{self, Heading};
use homeward_persons::{Contradiction, Input, InputColumn, Judgement, Kind, Resolution, resolve};
use homeward_rules::Rules;
use rayon::prelude::*;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// How to call it.
pub const EXAMPLES: &str = "\
Examples:
  homeward tool resolve persons.csv -o pairs.csv --clusters persons-of.csv
  homeward tool resolve county.csv --with state.parquet -o pairs.csv --explain why.jsonl
  homeward tool resolve persons.csv -o pairs.csv --judgements decided.csv --also tattoos --kind x7=date

Columns are known by their headings: id (unique_id, rec_id), given_name (first_name), family_name (surname, last_name),
full_name, date_of_birth (dob), sex (gender), street_number, address_1, address_2, city (suburb), postcode (zip, postcode_*),
state, ssn (soc_sec_id), phone, email, birth_place, occupation. `cluster` and `label` are never looked at.
When no heading is known, what each column holds is guessed from its values and said.";

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
    id: Option<String>,
    /// Compare a further column, as text unless --kind says otherwise
    #[arg(long, value_name = "COLUMN")]
    also: Vec<String>,
    /// Say what a column holds: given, family, full-name, date, identity, phone, number, code, email, category or text
    #[arg(long = "kind", value_name = "COLUMN=KIND", value_parser = column_kind)]
    kinds: Vec<(String, Kind)>,
    /// Rename a column: theirs=ours
    #[arg(long = "map", value_name = "THEIRS=OURS", value_parser = mapping)]
    mappings: Vec<(String, String)>,
    /// What people decided: `id_a,id_b,judgement`, one of `same`, `not the same` and `unsure`; the last on a pair holds
    #[arg(long)]
    judgements: Option<PathBuf>,
    /// Write the reasons of every pair and person, JSON Lines
    #[arg(long, value_name = "FILE.jsonl")]
    explain: Option<PathBuf>,
}

fn column_kind(text: &str) -> Result<(String, Kind), String> {
    let (column, word) = text.split_once('=').ok_or_else(|| format!("`{text}` is not column=kind"))?;
    let kinds = || Kind::words().collect::<Vec<_>>().join(", ");
    let kind = Kind::parse(word.trim()).ok_or_else(|| format!("`{word}` is none of {}", kinds()))?;
    Ok((column.trim().to_lowercase(), kind))
}

/// Resolves the records of one file or two.
pub fn run(global: &Global, arguments: &ResolveArguments) -> Result<()> {
    if !(0.0..=1.0).contains(&arguments.threshold) {
        bail!("`--threshold` must lie between 0 and 1");
    }
    let bar = spinner(global);
    bar.set_message("read");
    let mut reader = Reader::new(arguments);
    reader.file(&arguments.input)?;
    if let Some(second) = &arguments.with {
        reader.file(second)?;
    }
    let input = reader.finish(arguments)?;
    let judgements = arguments.judgements.as_deref().map(read_judgements).transpose()?.unwrap_or_default();
    let rules = &Rules::embedded().persons;
    let found = resolve(input, &judgements, arguments.threshold, rules, &mut |step| {
        bar.set_message(step.to_owned())
    })?;
    bar.set_message("write");
    warn(&found);
    write_pairs(&arguments.output, &found)?;
    if let Some(path) = &arguments.clusters {
        write_clusters(path, &found)?;
    }
    if let Some(path) = &arguments.explain {
        write_reasons(path, &found)?;
    }
    bar.finish_and_clear();
    if !global.quiet {
        let persons = found.person.iter().max().map_or(0, |last| last + 1);
        println!("{} records, {persons} persons, {} pairs", found.table.len(), found.pairs.len());
    }
    Ok(())
}

/// Records as they are read.
struct Reader<'a> {
    arguments: &'a ResolveArguments,
    options: Options,
    input: Input,
    /// Unknown columns are kept because no heading of the first record is known.
    guesses: Option<bool>,
    /// Ids of this file.
    ids: HashSet<String>,
    /// The column that a field at each place was last.
    places: Vec<usize>,
}

impl Reader<'_> {
    fn new(arguments: &ResolveArguments) -> Reader<'_> {
        let mut mappings = arguments.mappings.clone();
        if let Some(id) = arguments.id.as_ref().filter(|id| *id != "id") {
            mappings.push((id.clone(), "id".to_owned()));
        }
        let options = Options { mappings, ..Options::default() };
        Reader {
            arguments,
            options,
            input: Input::default(),
            guesses: None,
            ids: HashSet::new(),
            places: Vec::new(),
        }
    }

    /// Reads a file. A row without an id, or with one that stood before, is left out with a warning.
    fn file(&mut self, path: &Path) -> Result<()> {
        let (before, mut rejected, mut reason) = (self.input.ids.len(), 0, String::new());
        let first = std::mem::take(&mut self.ids);
        let mut both = 0;
        let options = self.options.clone();
        homeward_intake::read_table(path, &options, &mut |item| {
            let fault = match item {
                Item::Good(mut row) => match id_of(&mut row) {
                    Some(id) if self.ids.contains(&id) => Some(format!("the id `{id}` stands there twice")),
                    Some(id) if first.contains(&id) => {
                        both += 1;
                        Some(format!("the id `{id}` stands in both files"))
                    }
                    Some(id) => {
                        self.record(id, row);
                        None
                    }
                    None => Some("it has no id".to_owned()),
                },
                Item::Rejected(row) => Some(row.reason),
                Item::Media(_) => None,
            };
            if let Some(fault) = fault {
                rejected += 1;
                reason = fault;
            }
            both == 0
        })?;
        if both > 0 {
            bail!(
                "{reason}\nhint: make the ids of the two files differ, for instance by a letter before them"
            );
        }
        if rejected > 0 {
            eprintln!(
                "warning: {rejected} rows of `{}` were left out, the last because: {reason}",
                path.display()
            );
            if self.input.ids.len() == before {
                bail!(
                    "all rows of `{}` were left out\nhint: name the column of ids with `--id`",
                    path.display()
                );
            }
        }
        Ok(())
    }

    fn record(&mut self, id: String, row: Record) {
        let known = |name: &String| matches!(kind::heading(name), Heading::Person(_));
        let guesses = *self.guesses.get_or_insert_with(|| !row.fields.keys().any(known));
        let at = self.input.ids.len();
        for (place, (name, value)) in row.fields.iter().enumerate() {
            let column = match self.column(place, name) {
                Some(column) => column,
                None => match self.wanted(name, guesses) {
                    Some(kind) => {
                        let mut column = InputColumn::new(name, kind);
                        (0..at).for_each(|_| column.push(""));
                        self.input.columns.push(column);
                        self.input.columns.len() - 1
                    }
                    None => continue,
                },
            };
            let text = match value {
                Value::String(text) => text.trim(),
                value => &text_of(value).unwrap_or_default(),
            };
            self.input.columns[column].push(text);
        }
        for column in self.input.columns.iter_mut().filter(|column| column.len() == at) {
            column.push("");
        }
        self.ids.insert(id.clone());
        self.input.ids.push(id);
    }

    /// The column of a field; rows mostly have theirs at the same places.
    fn column(&mut self, place: usize, name: &str) -> Option<usize> {
        let columns = &self.input.columns;
        let before =
            self.places.get(place).copied().filter(|at| columns.get(*at).is_some_and(|c| c.name == name));
        let column = before.or_else(|| columns.iter().position(|column| column.name == name))?;
        if self.places.len() <= place {
            self.places.resize(place + 1, usize::MAX);
        }
        self.places[place] = column;
        Some(column)
    }

    /// What a column is compared as, none when it is not.
    fn wanted(&self, name: &str, guesses: bool) -> Option<Kind> {
        let said = self.arguments.kinds.iter().find(|(column, _)| column == name).map(|(_, kind)| *kind);
        let also = self.arguments.also.iter().any(|column| column.trim().eq_ignore_ascii_case(name));
        match kind::heading(name) {
            Heading::Never => None,
            Heading::Person(kind) => Some(said.unwrap_or(kind)),
            Heading::Id | Heading::Unknown => said.or((also || guesses).then_some(Kind::Text)),
        }
    }

    /// The records, kinds guessed where headings said nothing, and every column said that was asked for in vain.
    fn finish(mut self, arguments: &ResolveArguments) -> Result<Input> {
        let asked = arguments.also.iter().map(|name| name.trim().to_lowercase());
        let mut asked = asked.chain(arguments.kinds.iter().map(|(name, _)| name.clone()));
        if let Some(missing) =
            asked.find(|name| !self.input.columns.iter().any(|column| column.name == *name))
        {
            bail!("there is no column `{missing}`");
        }
        if self.guesses == Some(true) {
            let mut said = Vec::new();
            for column in &mut self.input.columns {
                let is_said = arguments.kinds.iter().any(|(name, _)| *name == column.name);
                if !is_said && kind::heading(&column.name) == Heading::Unknown {
                    let values = column.values().iter().map(String::as_str);
                    column.kind = kind::guess(values, column.len(), homeward_persons::is_given_name);
                }
                said.push(format!("{} as {}", column.name, column.kind.word()));
            }
            eprintln!("note: no heading is known, so columns are guessed: {}", said.join(", "));
            eprintln!(
                "hint: say otherwise with `--kind {}=text`",
                self.input.columns.first().map_or("x", |c| &c.name)
            );
        }
        Ok(self.input)
    }
}

fn id_of(row: &mut Record) -> Option<String> {
    ["id", "unique_id", "rec_id"].iter().find_map(|name| row.take(name)).map(|id| id.trim().to_owned())
}

/// Decisions in the order of the file.
fn read_judgements(path: &Path) -> Result<Vec<Judgement>> {
    let mut judgements = Vec::new();
    let mut fault = None;
    homeward_intake::read_table(path, &Options::default(), &mut |item| {
        let read = match item {
            Item::Good(mut row) => judgement(&mut row),
            Item::Rejected(row) => Err(row.reason),
            Item::Media(_) => return true,
        };
        match read {
            Ok(judgement) => judgements.push(judgement),
            Err(reason) => fault = Some(reason),
        }
        fault.is_none()
    })?;
    // A decision that cannot be read must not be passed over: it may be the one that keeps two people apart.
    if let Some(fault) = fault {
        bail!("judgement {} of `{}` cannot be read: {fault}", judgements.len() + 1, path.display());
    }
    Ok(judgements)
}

fn judgement(row: &mut Record) -> Result<Judgement, String> {
    let mut field = |name: &str| row.take(name).ok_or_else(|| format!("it has no `{name}`"));
    let (id_a, id_b, word) = (field("id_a")?, field("id_b")?, field("judgement")?);
    let word = word.trim().to_lowercase().replace('_', " ");
    let verdict = Verdict::parse(&word)
        .ok_or_else(|| format!("`{word}` is none of `same`, `not the same`, `unsure`"))?;
    Ok(Judgement { id_a: id_a.trim().to_owned(), id_b: id_b.trim().to_owned(), verdict })
}

/// Says which judgements contradict each other or the records, and how many are about records that are not here.
fn warn(found: &Resolution) {
    for contradiction in &found.contradictions {
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
    if found.absent > 0 {
        eprintln!("warning: {} judgements are about records that are not here", found.absent);
    }
}

fn write_pairs(path: &Path, found: &Resolution) -> Result<()> {
    let mut out = Table::create(path, &["id_a", "id_b", "probability"])?;
    let ids = &found.table.ids;
    for pair in &found.pairs {
        out.row(&[&ids[pair.a as usize], &ids[pair.b as usize], &format!("{:.6}", pair.probability)])?;
    }
    out.finish()
}

fn write_clusters(path: &Path, found: &Resolution) -> Result<()> {
    let mut out = Table::create(path, &["id", "cluster"])?;
    for (id, person) in found.table.ids.iter().zip(&found.person) {
        out.row(&[id, &person.to_string()])?;
    }
    out.finish()
}

/// One pair or person a line: the pairs that were written, and the persons of two records or more.
fn write_reasons(path: &Path, found: &Resolution) -> Result<()> {
    const HELD: usize = 4096;
    let failed = || format!("failed to write `{}`", path.display());
    let mut out = BufWriter::new(File::create(path).with_context(failed)?);
    let explainer = Explainer::new(found, &Rules::embedded().persons);
    let ids = &found.table.ids;
    for pairs in found.pairs.chunks(HELD) {
        let line = |pair: &homeward_persons::Pair| {
            let reasons = explainer.pair(pair.a, pair.b);
            let each: Vec<Value> = reasons
                .reasons
                .iter()
                .map(|reason| {
                    json!({"field": reason.field, "left": reason.left, "right": reason.right,
                           "likeness": reason.likeness, "bits": rounded(reason.bits)})
                })
                .collect();
            json!({"kind": "pair", "id_a": ids[pair.a as usize], "id_b": ids[pair.b as usize],
                   "probability": rounded(f64::from(pair.probability)),
                   "probability_by_this_pair_alone": rounded(reasons.probability()),
                   "prior_bits": rounded(reasons.prior_bits), "reasons": each})
        };
        let lines: Vec<Value> = pairs.par_iter().map(line).collect();
        lines.iter().try_for_each(|line| writeln!(out, "{line}")).with_context(failed)?;
    }
    let mut members: Vec<Vec<u32>> =
        vec![Vec::new(); found.person.iter().max().map_or(0, |last| *last as usize + 1)];
    found
        .person
        .iter()
        .enumerate()
        .for_each(|(record, person)| members[*person as usize].push(record as u32));
    for (person, members) in members.iter().enumerate().filter(|(_, members)| members.len() > 1) {
        let name = |record: u32| &ids[record as usize];
        let proof = |proof: Proof| {
            json!({"of": name(proof.of), "field": proof.field, "value": proof.value, "by": name(proof.by),
                   "value_there": proof.value_there, "bits": rounded(proof.bits)})
        };
        let proofs: Vec<Value> = explainer.person(members).into_iter().map(proof).collect();
        let all: Vec<&String> = members.iter().map(|record| name(*record)).collect();
        let line = json!({"kind": "person", "cluster": person.to_string(), "members": all, "proofs": proofs});
        writeln!(out, "{line}").with_context(failed)?;
    }
    out.flush().with_context(failed)
}

/// To four digits after the point.
fn rounded(figure: f64) -> f64 {
    (figure * 1e4).round() / 1e4
}
