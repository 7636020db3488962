//! What `homeward tool resolve` reads: records, judgements, and what was kept of an earlier resolution.

use crate::resolve::ResolveArguments;
use anyhow::{Context, Result, anyhow, bail};
use homeward_intake::{Item, Options, Record, text_of};
use homeward_model::Verdict;
use homeward_persons::kind::{self, Heading};
use homeward_persons::{BETWEEN, Input, InputColumn, Judgement, Kind, Ready, State};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// Records as they are read.
pub struct Reader<'a> {
    arguments: &'a ResolveArguments,
    options: Options,
    input: Input,
    /// Unknown columns are kept because no heading of the first record is known.
    guesses: Option<bool>,
    /// Ids of this file.
    ids: HashSet<String>,
    /// The column that a field at each place was last.
    places: Vec<usize>,
    /// The columns of a resolution that was kept: no others are read.
    known: Option<&'a [(String, Kind)]>,
    /// Columns that say something of a person and are not among them.
    passed: BTreeSet<String>,
}

impl<'a> Reader<'a> {
    /// A reader of the columns of a resolution that was kept, or else of all that say something of a person.
    pub fn new(arguments: &'a ResolveArguments, known: Option<&'a [(String, Kind)]>) -> Reader<'a> {
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
            known,
            passed: BTreeSet::new(),
        }
    }

    /// Reads a file. A row without an id, or with one that stood before, is left out with a warning.
    pub fn file(&mut self, path: &Path) -> Result<()> {
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
                        self.record(id, &row);
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

    fn record(&mut self, id: String, row: &Record) {
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
            self.input.columns[column].push(cell(value).trim());
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
    fn wanted(&mut self, name: &str, guesses: bool) -> Option<Kind> {
        if let Some(known) = self.known {
            let kind = known.iter().find(|(column, _)| column == name).map(|(_, kind)| *kind);
            if kind.is_none() && matches!(kind::heading(name), Heading::Person(_)) {
                self.passed.insert(name.to_owned());
            }
            return kind;
        }
        let said = self.arguments.kinds.iter().find(|(column, _)| column == name).map(|(_, kind)| *kind);
        let also = self.arguments.also.iter().any(|column| column.trim().eq_ignore_ascii_case(name));
        match kind::heading(name) {
            Heading::Never => None,
            Heading::Person(kind) => Some(said.unwrap_or(kind)),
            Heading::Id | Heading::Unknown => said.or((also || guesses).then_some(Kind::Text)),
        }
    }

    /// Says what is passed over, and refuses a file of which nothing can be compared.
    fn finish_known(&self, known: &[(String, Kind)]) -> Result<()> {
        let names = || known.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
        if self.input.columns.is_empty() && !self.input.ids.is_empty() {
            bail!(
                "no column is among those that were compared: {}\nhint: rename with `--map THEIRS=OURS`",
                names()
            );
        }
        if !self.passed.is_empty() {
            let passed: Vec<&str> = self.passed.iter().map(String::as_str).collect();
            eprintln!(
                "note: not among the columns that were compared ({}), so passed over: {}",
                names(),
                passed.join(", ")
            );
        }
        Ok(())
    }

    /// The records, kinds guessed where headings said nothing, and every column said that was asked for in vain.
    pub fn finish(mut self, arguments: &ResolveArguments) -> Result<Input> {
        if let Some(known) = self.known {
            self.finish_known(known)?;
            return Ok(self.input);
        }
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

/// A cell as text: a list, of JSON or in text that looks like it, with a mark between what it lists.
fn cell(value: &Value) -> Cow<'_, str> {
    let list = |values: &[Value]| {
        let texts: Vec<String> = values.iter().filter_map(text_of).collect();
        Cow::Owned(texts.join(&BETWEEN.to_string()))
    };
    match value {
        Value::String(text) if text.starts_with('[') => match serde_json::from_str(text) {
            Ok(Value::Array(values)) => list(&values),
            _ => Cow::Borrowed(text),
        },
        Value::String(text) => Cow::Borrowed(text),
        Value::Array(values) => list(values),
        value => Cow::Owned(text_of(value).unwrap_or_default()),
    }
}

fn id_of(row: &mut Record) -> Option<String> {
    ["id", "unique_id", "rec_id"].iter().find_map(|name| row.take(name)).map(|id| id.trim().to_owned())
}

/// Decisions in the order of the file.
pub fn read_judgements(path: &Path) -> Result<Vec<Judgement>> {
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

/// Persons that were kept, ready for later records.
pub fn read_state(path: &Path) -> Result<Ready> {
    let failed = || format!("failed to read `{}`", path.display());
    let file = BufReader::with_capacity(1 << 20, File::open(path).with_context(failed)?);
    let hint = "write it anew with `homeward tool resolve ... --keep`";
    let read = serde_json::from_reader::<_, State>(file).map_err(|error| anyhow!("it is damaged: {error}"));
    read.and_then(|state| Ok(Ready::new(state)?))
        .map_err(|error| anyhow!("{error}\nhint: {hint}"))
        .with_context(failed)
}
