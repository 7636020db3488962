//! `homeward report fairness`: how well matching does for whom, against a world's truth or against what people found out.

use crate::record::RecordOptions;
use crate::taught::{self, Everything};
use crate::{Global, learn, missing, now};
use anyhow::{Context, Result, bail};
use clap::Args;
use homeward_archive::{Archive, Compared, FairnessReport, Figure, Grouped, GroupedBy};
use homeward_casework::fairness::{
    Comparison, Dimension, Group, Measure, Rate, Row, Subject, Table, groups_of, measure,
};
use homeward_intake::{Item, Options, Record};
use homeward_model::{MissingReport, ReportStatus};
use homeward_places::Places;
use homeward_rules::fairness::Fairness;
use homeward_world::score::Candidate;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Examples of the command.
pub const HELP: &str = "\
Race is read here after the fact: no probability and no rank knows it.

Examples:
  homeward world --postings 200000 --seed 90 -o world
  homeward tool match --postings world/postings.jsonl --missing world/missing.jsonl -o matches.csv
  homeward report fairness --missing world/missing.jsonl --truth world/truth.jsonl --matches matches.csv
  homeward report fairness --keep  # on the record's own judgements, when there are enough";

/// What to measure on; without anything, the record's own judgements.
#[derive(Args)]
pub struct FairnessArguments {
    /// Missing reports, as `tool match` read them
    #[arg(long, value_name = "FILE", requires = "truth", requires = "matches")]
    missing: Option<PathBuf>,
    /// Truth of a world: truth.jsonl
    #[arg(long, value_name = "FILE", requires = "missing")]
    truth: Option<PathBuf>,
    /// What `tool match` wrote
    #[arg(long, value_name = "FILE", requires = "missing")]
    matches: Option<PathBuf>,
    /// Keep it in the data folder, for the page of supervisors, results officers and auditors
    #[arg(long)]
    keep: bool,
    #[command(flatten)]
    record: RecordOptions,
}

/// `homeward report fairness`.
pub fn fairness(global: &Global, arguments: &FairnessArguments) -> Result<()> {
    if let (Some(missing), Some(truth), Some(matches)) =
        (&arguments.missing, &arguments.truth, &arguments.matches)
    {
        let (subjects, rows) = on_truth(missing, truth, matches)?;
        let table = measure(&subjects, &rows, Fairness::embedded());
        return show(global, arguments.keep, &table, "the truth of a world", true);
    }
    let archive = Archive::open_read(&global.data)?;
    let everything = taught::everything(global, &arguments.record, &archive)?;
    let least = Fairness::embedded().least_judged;
    let judged = everything.matches.len();
    if judged < least {
        nothing(global, &everything, least);
        return Ok(());
    }
    let (subjects, rows) = on_judgements(&everything);
    if !global.json {
        println!("{}", learn::counted(&everything));
    }
    let table = measure(&subjects, &rows, Fairness::embedded());
    show(global, arguments.keep, &table, "what people found out", false)
}

/// The record has too little to say anything.
fn nothing(global: &Global, everything: &Everything, least: usize) {
    let judged = everything.matches.len();
    if global.json {
        println!(
            "{}",
            json!({"on": "what people found out", "judged": judged, "least_judged": least, "groups": null})
        );
        return;
    }
    println!("{}", learn::counted(everything));
    println!(
        "No rate is stated: {judged} judged matches are there, {least} are needed (rules/fairness.toml), {} are missing. Out of \
         a handful every rate is chance.",
        least - judged
    );
    println!("On a world's truth: `homeward report fairness --help`.");
}

/// Judged matches by their report. Nobody judges what was not shown, so whose child was missed is not known.
fn on_judgements(everything: &Everything) -> (Vec<Subject>, Vec<Row>) {
    let (places, rules) = (Places::embedded(), Fairness::embedded());
    let known: HashMap<&str, &MissingReport> =
        everything.reports.iter().map(|report| (report.id.as_str(), report)).collect();
    let unknown = MissingReport::default();
    let mut subjects: Vec<Subject> = Vec::new();
    let mut positions: HashMap<&str, usize> = HashMap::new();
    let mut rows = Vec::new();
    for one in &everything.matches {
        let report = one.finding.missing_report.as_deref().unwrap_or_default();
        let subject = *positions.entry(report).or_insert_with(|| {
            let groups = groups_of(known.get(report).copied().unwrap_or(&unknown), places, rules);
            subjects.push(Subject { groups, present: false, found: false });
            subjects.len() - 1
        });
        rows.push(Row { subject, probability: one.finding.probability, right: one.right });
    }
    (subjects, rows)
}

/// Reports and candidates of a world whose truth is known.
fn on_truth(missing: &Path, truth: &Path, matches: &Path) -> Result<(Vec<Subject>, Vec<Row>)> {
    let (places, rules) = (Places::embedded(), Fairness::embedded());
    let (reports, _) = missing::read(&[missing.to_path_buf()], &Options::default())?;
    let truth = Truth::read(truth)?;
    let mut positions: HashMap<&str, usize> = HashMap::new();
    let mut subjects: Vec<Subject> = Vec::new();
    for report in &reports {
        let Some(network) = truth.network.get(&report.id) else {
            bail!("the truth says nothing of report `{}`; is it of the same world?", report.id);
        };
        positions.insert(&report.id, subjects.len());
        let present = network.is_some() && report.status == ReportStatus::Missing;
        subjects.push(Subject { groups: groups_of(report, places, rules), present, found: false });
    }
    let mut rows = Vec::new();
    for candidate in candidates(matches, &truth)? {
        let Some(subject) = positions.get(candidate.report.as_str()).copied() else {
            bail!(
                "`{}` matches report `{}`, which `{}` has not",
                matches.display(),
                candidate.report,
                missing.display()
            );
        };
        let right = candidate.is_right(truth.network[&candidate.report].as_deref());
        subjects[subject].found |= right && candidate.rank <= rules.first;
        rows.push(Row { subject, probability: candidate.probability, right });
    }
    Ok((subjects, rows))
}

/// What a world knows.
#[derive(Default)]
struct Truth {
    /// Owner of each posting.
    owner: HashMap<String, String>,
    /// Owner who advertises the child of each report.
    network: HashMap<String, Option<String>>,
}

impl Truth {
    fn read(path: &Path) -> Result<Truth> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("failed to read `{}`", path.display()))?;
        let mut truth = Truth::default();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let broken = || format!("`{}` line {}: no line of a world's truth", path.display(), number + 1);
            let line: Value = serde_json::from_str(line).with_context(broken)?;
            let word = |name: &str| line[name].as_str().map(str::to_owned);
            if let Some(report) = word("report") {
                truth.network.insert(report, word("network"));
            } else {
                let (id, owner) = word("id").zip(word("owner")).with_context(broken)?;
                truth.owner.insert(id, owner);
            }
        }
        Ok(truth)
    }
}

fn candidate(mut row: Record, truth: &Truth) -> Option<Candidate> {
    let owners = row.take_list("postings");
    let probability = row.take("probability")?.parse().ok();
    Some(Candidate {
        report: row.take("id")?,
        rank: row.take("rank")?.parse().ok()?,
        probability: probability.filter(|probability| (0.0..=1.0).contains(probability))?,
        owners: owners.iter().filter_map(|id| truth.owner.get(id)).cloned().collect(),
    })
}

/// The rows that `tool match` wrote, with the owners of their postings.
fn candidates(path: &Path, truth: &Truth) -> Result<Vec<Candidate>> {
    let mut candidates = Vec::new();
    let mut broken = None;
    let mappings = vec![("missing_id".to_owned(), "id".to_owned())];
    homeward_intake::read_table(path, &Options { mappings, ..Options::default() }, &mut |item| {
        let Item::Good(row) = item else { return true };
        let read = candidate(row, truth);
        match read {
            Some(candidate) => candidates.push(candidate),
            None => broken = Some(candidates.len() + 1),
        }
        broken.is_none()
    })?;
    match broken {
        Some(row) => bail!(
            "row {row} of `{}` has no report, rank and probability; `homeward tool match -o {0}` writes them",
            path.display()
        ),
        None => Ok(candidates),
    }
}

const MEASURES: [Measure; 4] =
    [Measure::Recall, Measure::AboveHalf, Measure::AboveNine, Measure::Calibration];

fn show(global: &Global, keep: bool, table: &Table, on: &str, recall: bool) -> Result<()> {
    let report = as_report(table, on, recall);
    if keep {
        Archive::open_for(&global.data, "homeward report")?.keep_fairness(&report)?;
    }
    if global.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        print(table, on, recall);
    }
    Ok(())
}

/// A figure with its interval and number, or the number alone where it is too small to state one.
fn cell(group: &Group, measure: Measure) -> String {
    let of = group.rate(measure).of;
    let Some((figure, (low, high))) = figure(group, measure) else { return format!("- of {of}") };
    let three = |share: f64| format!("{share:.3}").trim_start_matches('0').to_owned();
    format!("{} ({}-{}) {of}", three(figure), three(low), three(high))
}

fn figure(group: &Group, measure: Measure) -> Option<(f64, (f64, f64))> {
    let rate: Rate = group.rate(measure);
    (rate.of >= Fairness::embedded().least).then(|| match measure {
        Measure::Calibration => (group.calibration.error(), group.calibration.interval()),
        _ => (rate.share(), rate.interval()),
    })
}

fn print(table: &Table, on: &str, recall: bool) {
    let rules = Fairness::embedded();
    println!("Matching by group, measured on {on}. Each figure with its 95 % interval and its number.\n");
    let row = |name: &str, group: &Group| {
        let cells: Vec<String> =
            MEASURES.iter().map(|measure| format!("{:<23}", cell(group, *measure))).collect();
        println!("{}", format!("{name:<22} {:>8}  {}", group.reports, cells.join(" ")).trim_end());
    };
    println!(
        "{:<22} {:>8}  {:<23} {:<23} {:<23} calibration error",
        "", "reports", "recall@5", "right of rows above .5", "right of rows above .9"
    );
    row("all", &table.all);
    for (dimension, groups) in &table.groups {
        println!("{}", dimension.word());
        for group in groups {
            row(&format!("  {}", group.name), group);
        }
    }
    println!(
        "\nA number below {} states no rate. Calibration error: mean distance of the probability",
        rules.least
    );
    println!("stated from the share right over ten bins, within the intervals of all bins at once.");
    if !recall {
        println!(
            "Recall is not known here: nobody judges what was not shown. Figures are of matches that people"
        );
        println!("chose to judge, mostly the likely ones.");
    }
    println!();
    for sentence in sentences(table) {
        println!("{sentence}");
    }
    println!(
        "\nTested: each group against all others, rates by Fisher's exact test, calibration by a normal test of the number"
    );
    println!(
        "right less the sum of probabilities stated, two-sided, Holm's correction over all {} comparisons at level {}.",
        table.compared.len(),
        rules.level
    );
    if table.too_few > 0 {
        println!("{} comparisons were not made: one side is too small to say anything.", table.too_few);
    }
    println!(
        "A difference that is not larger than chance may still be there, and too small for these numbers."
    );
    println!("Race entered no probability and no rank: the matcher has no place to hold it.");
}

/// For each dimension, which differences are larger than chance and that the others are not.
fn sentences(table: &Table) -> Vec<String> {
    let level = Fairness::embedded().level;
    let mut sentences = Vec::new();
    for dimension in Dimension::ALL {
        let compared: Vec<&Comparison> =
            table.compared.iter().filter(|one| one.dimension == dimension).collect();
        let word = dimension.word();
        let Some(nearest) = compared.first() else {
            sentences.push(format!("By {word} nothing could be compared."));
            continue;
        };
        let larger: Vec<&&Comparison> = compared.iter().filter(|one| one.corrected < level).collect();
        if larger.is_empty() {
            sentences.push(format!(
                "By {word} no difference is larger than chance ({} compared; nearest to one: {}).",
                compared.len(),
                told(nearest)
            ));
            continue;
        }
        for one in &larger {
            sentences.push(format!("By {word} a difference is larger than chance: {}.", told(one)));
        }
        if compared.len() > larger.len() {
            sentences.push(format!(
                "The other {} differences by {word} are not larger than chance.",
                compared.len() - larger.len()
            ));
        }
    }
    sentences
}

fn told(one: &Comparison) -> String {
    let (words, group) = (one.measure.word(), &one.group);
    let p = if one.corrected < 0.001 { "below .001".to_owned() } else { format!("{:.3}", one.corrected) };
    if one.measure == Measure::Calibration {
        return format!(
            "{words}, {group}, {:+.4} against {:+.4} of all others, corrected p {p}",
            one.here, one.rest
        );
    }
    format!("{words}, {group}, {:.3} against {:.3} of all others, corrected p {p}", one.here, one.rest)
}

/// The report in its published shape.
fn as_report(table: &Table, on: &str, recall: bool) -> FairnessReport {
    let rules = Fairness::embedded();
    let figure = |group: &Group, measure: Measure| {
        let (of, stated) = (group.rate(measure).of, figure(group, measure));
        let (value, interval) = stated.unzip();
        let (low, high) = interval.unzip();
        Figure { of, value, low, high }
    };
    let group = |group: &Group| Grouped {
        group: group.name.clone(),
        reports: group.reports,
        recall_at_5: figure(group, Measure::Recall),
        precision_above_half: figure(group, Measure::AboveHalf),
        precision_above_nine_tenths: figure(group, Measure::AboveNine),
        calibration_error: figure(group, Measure::Calibration),
    };
    let compared = |one: &Comparison| Compared {
        by: one.dimension.word().to_owned(),
        group: one.group.clone(),
        measure: one.measure.word().to_owned(),
        here: one.here,
        all_others: one.rest,
        corrected_p: one.corrected,
        larger_than_chance: one.corrected < rules.level,
    };
    let by = |(dimension, groups): (&Dimension, &Vec<Group>)| GroupedBy {
        by: dimension.word().to_owned(),
        groups: groups.iter().map(group).collect(),
    };
    FairnessReport {
        at: now().to_string(),
        on: on.to_owned(),
        recall_known: recall,
        least: rules.least,
        level: rules.level,
        all: group(&table.all),
        groups: table.groups.iter().map(by).collect(),
        compared: table.compared.iter().map(compared).collect(),
        not_compared: table.too_few,
        said: sentences(table),
    }
}
