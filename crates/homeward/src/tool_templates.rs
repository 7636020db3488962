//! `homeward tool templates`: the families of a table of texts, their slots, their passages, and why a text is where it is.

use crate::Global;
use crate::archive::spinner;
use crate::lines::Lines;
use crate::outputs;
use crate::rows::Rows;
use crate::table::Table;
use crate::tools::TableArguments;
use anyhow::{Context, Result};
use clap::Args;
use homeward_engine::extract::Reader;
use homeward_linkage::templates::{self, Clustering, Documents, Likeness, Placement};
use homeward_model::TemplatePart;
use homeward_rules::Rules;
use rayon::prelude::*;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// See [`TableArguments`].
#[derive(Args)]
pub struct TemplatesArguments {
    #[command(flatten)]
    table: TableArguments,
    /// Write each template with its slots, JSON Lines
    #[arg(long)]
    slots: Option<PathBuf>,
    /// Write each passage that different templates share, JSON Lines
    #[arg(long)]
    passages: Option<PathBuf>,
    /// Say why this text is in its family, and why not in the nearest other one; repeatable
    #[arg(long, value_name = "ID")]
    explain: Vec<String>,
    /// By the wording alone: texts that share one sentence are no template, whatever selectors they share
    #[arg(long)]
    text_only: bool,
}

/// Finds the templates of a table.
pub fn find(global: &Global, arguments: &TemplatesArguments) -> Result<()> {
    let mut written = vec![arguments.table.output.as_path()];
    written.extend([&arguments.slots, &arguments.passages].into_iter().flatten().map(PathBuf::as_path));
    outputs::check(&written, &[&arguments.table.input])?;
    let bar = spinner(global);
    bar.set_message("read");
    let rules = Rules::embedded();
    let shown = arguments.slots.is_some() || arguments.passages.is_some() || !arguments.explain.is_empty();
    let mut rows = Rows::read(&arguments.table, shown)?;
    bar.set_message("templates");
    let documents = rows.documents();
    let mut clustering = templates::cluster(&documents, &rules.templates, None);
    if !arguments.text_only {
        bar.set_message("selectors");
        // The selectors of texts that hold no passage say nothing.
        let holders = clustering.holders();
        let holds = |document: &u32| *document != templates::NONE && holders[*document as usize];
        let wanted: Vec<bool> = documents.of_row.iter().map(holds).collect();
        let signed = rows.selectors(&wanted, &arguments.table, rules)?;
        clustering.join_signed(&documents.gather(signed.iter().map(Vec::as_slice)), &rules.templates);
    }
    let (cluster, families) = numbered(&documents.of_row, &clustering.family);
    let mut out = Table::create(&arguments.table.output, &["id", "cluster"])?;
    for (row, cluster) in cluster.iter().enumerate().filter(|(_, cluster)| **cluster != u32::MAX) {
        out.row(&[rows.ids.get(row), &cluster.to_string()])?;
    }
    out.finish()?;
    if let Some(path) = &arguments.passages {
        write_passages(path, &rows, &documents, &clustering)?;
    }
    if let Some(path) = &arguments.slots {
        let mut members: Vec<Vec<u32>> = vec![Vec::new(); families as usize];
        for (row, cluster) in cluster.iter().enumerate().filter(|(_, cluster)| **cluster != u32::MAX) {
            members[*cluster as usize].push(row as u32);
        }
        write_slots(path, &rows, &members, rules)?;
    }
    bar.finish_and_clear();
    if !global.quiet {
        println!("{} postings, {families} templates", rows.ids.len());
    }
    if arguments.explain.is_empty() {
        return Ok(());
    }
    let shown = Shown { rows: &rows, documents: &documents, cluster: &cluster };
    shown.explain(global, &arguments.explain, &clustering, &rules.templates)
}

/// The template of each row, `u32::MAX` for a row that is alone, numbered as their first rows come; and how many there are.
fn numbered(of_row: &[u32], family: &[u32]) -> (Vec<u32>, u32) {
    let of = |document: u32| (document != templates::NONE).then(|| family[document as usize] as usize);
    let mut rows = vec![0u32; family.len()];
    for family in of_row.iter().filter_map(|document| of(*document)) {
        rows[family] += 1;
    }
    let mut number = vec![u32::MAX; family.len()];
    let mut families = 0;
    let numbers = of_row.iter().map(|document| match of(*document) {
        Some(family) if rows[family] > 1 => {
            if number[family] == u32::MAX {
                number[family] = families;
                families += 1;
            }
            number[family]
        }
        _ => u32::MAX,
    });
    (numbers.collect(), families)
}

/// One template a line, with its slots.
fn write_slots(path: &Path, rows: &Rows, families: &[Vec<u32>], rules: &Rules) -> Result<()> {
    let (most, reader) = (rules.templates.consensus_members, Reader::new(rules, "US"));
    let lines: Vec<Value> = families
        .par_iter()
        .enumerate()
        .map(|(number, members)| {
            let texts: Vec<&str> = members.iter().take(most).map(|row| rows.text(*row)).collect();
            let parts: Vec<Value> = reader
                .consensus(&texts)
                .into_iter()
                .map(|part| match part {
                    TemplatePart::Text(text) => json!({"text": text}),
                    TemplatePart::Slot { number, kind, examples } => {
                        json!({"slot": number, "kind": kind.word(), "examples": examples})
                    }
                })
                .collect();
            json!({"cluster": number.to_string(), "size": members.len(), "parts": parts})
        })
        .collect();
    let mut out = Lines::create(path)?;
    out.write(&lines)?;
    out.finish()
}

/// One passage a line: its words as the first text has them, who holds it, and whether selectors made it a template.
fn write_passages(path: &Path, rows: &Rows, documents: &Documents, clustering: &Clustering) -> Result<()> {
    let mut held: Vec<Vec<u32>> = vec![Vec::new(); documents.len()];
    for (row, document) in documents.of_row.iter().enumerate().filter(|(_, at)| **at != templates::NONE) {
        held[*document as usize].push(row as u32);
    }
    let mut out = Lines::create(path)?;
    for passage in &clustering.passages {
        let text = held[passage.document as usize].first().map_or("", |row| rows.text(*row));
        let ids: Vec<&str> = passage
            .holders
            .iter()
            .flat_map(|holder| &held[*holder as usize])
            .map(|row| rows.ids.get(*row as usize))
            .collect();
        let words = documents.passage(text, passage.document as usize, passage.start..passage.end);
        out.write(&[json!({"text": words, "template": passage.joins, "ids": ids})])?;
    }
    out.finish()
}

/// A clustered table, for explaining it.
struct Shown<'a> {
    rows: &'a Rows,
    documents: &'a Documents,
    cluster: &'a [u32],
}

impl Shown<'_> {
    fn explain(
        &self,
        global: &Global,
        ids: &[String],
        clustering: &Clustering,
        rules: &homeward_rules::templates::Templates,
    ) -> Result<()> {
        let row = |id: &String| (0..self.rows.ids.len()).find(|row| self.rows.ids.get(*row) == id);
        let rows = ids.iter().map(|id| row(id).with_context(|| format!("no text has the id `{id}`")));
        let rows: Vec<usize> = rows.collect::<Result<_>>()?;
        let documents: Vec<u32> = rows.iter().map(|row| self.documents.of_row[*row]).collect();
        let mut wanted = documents.clone();
        wanted.retain(|document| *document != templates::NONE);
        let mut placements = templates::explain(self.documents, rules, clustering, &wanted).into_iter();
        for (row, document) in rows.into_iter().zip(documents) {
            let placement =
                if document == templates::NONE { None } else { placements.next() }.unwrap_or_default();
            if global.json {
                println!("{}", self.placement(row, &placement));
            } else {
                self.tell(row, &placement);
            }
        }
        Ok(())
    }

    /// The first row of a document.
    fn row_of(&self, document: u32) -> usize {
        self.documents.of_row.iter().position(|of_row| *of_row == document).unwrap_or_default()
    }

    fn phrases(&self, row: usize, likeness: &Likeness) -> Vec<(&str, f64)> {
        let document = self.documents.of_row[row] as usize;
        let text = |words: &std::ops::Range<u32>| {
            self.documents.passage(self.rows.text(row as u32), document, words.clone())
        };
        likeness.phrases.iter().map(|(words, weight)| (text(words), *weight)).collect()
    }

    fn placement(&self, row: usize, placement: &Placement) -> Value {
        let name = |row: usize| Some(self.cluster[row]).filter(|cluster| *cluster != u32::MAX);
        let likeness = |likeness: &Likeness| {
            let phrases = self.phrases(row, likeness);
            let phrases: Vec<Value> =
                phrases.iter().map(|(text, weight)| json!({"text": text, "weight": weight})).collect();
            let other = self.row_of(likeness.document);
            json!({"id": self.rows.ids.get(other), "cluster": name(other), "coverage": likeness.coverage,
                "needed": likeness.needed, "phrases": phrases})
        };
        let family: Vec<Value> = placement.family.iter().map(likeness).collect();
        let nearest = placement.nearest.as_ref().map(|(near, apart)| {
            let mut near = likeness(near);
            near["why_not"] = json!(apart.words());
            near
        });
        json!({"id": self.rows.ids.get(row), "cluster": name(row), "family": family, "nearest": nearest})
    }

    fn tell(&self, row: usize, placement: &Placement) {
        match self.cluster[row] {
            u32::MAX => println!("\n{}: in no template", self.rows.ids.get(row)),
            cluster => println!("\n{}: template {cluster}", self.rows.ids.get(row)),
        }
        let tell = |what: &str, likeness: &Likeness, why: &str| {
            let other = self.rows.ids.get(self.row_of(likeness.document));
            let (coverage, needed) = (100.0 * likeness.coverage, 100.0 * likeness.needed);
            println!(
                "  {what} {other}: each covers {coverage:.0} % of the other, {needed:.0} % makes one template{why}"
            );
            for (text, weight) in self.phrases(row, likeness).into_iter().take(8) {
                println!("    {weight:5.1}  {}", text.split_whitespace().collect::<Vec<_>>().join(" "));
            }
        };
        placement.family.iter().for_each(|likeness| tell("like", likeness, ""));
        match &placement.nearest {
            Some((likeness, apart)) => {
                tell("not with", likeness, &format!("; apart because {}", apart.words()));
            }
            None => println!("  no text of another template shares enough to be compared"),
        }
    }
}
