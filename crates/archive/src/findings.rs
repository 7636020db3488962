//! The findings of a run as a reader pages through them: heads in memory, the whole of one finding read when it is opened.

use crate::Archive;
use crate::error::{ArchiveError, damaged, io};
use homeward_model::{Finding, FindingKind, Instant, PlaceMention, Point, Reason};
use serde_json::Value;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;

/// What a list shows of a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct FindingHead {
    /// Its id, the same in every run.
    pub id: String,
    /// Kind of proposal.
    pub kind: FindingKind,
    /// Calibrated probability, 0 to 1.
    pub probability: f64,
    /// Chance of reaching a child, by which findings are ordered.
    pub rank_score: f64,
    /// Missing report concerned.
    pub missing_report: Option<String>,
    /// The other report, where two may be of one child.
    pub other_report: Option<String>,
    /// Network concerned.
    pub network: Option<String>,
    /// City and state where the child may be reached, `Charlotte, NC`.
    pub place: Option<String>,
    /// Field office for that place, as the engine wrote it.
    pub office: Option<String>,
    /// When the last posting was seen.
    pub last_seen: Option<Instant>,
    /// How many postings are behind it.
    pub postings: usize,
    line: Line,
}

/// Where the whole of a finding is read.
#[derive(Clone, Debug, PartialEq)]
enum Line {
    /// In the file of the run.
    OfRun { from: u64, length: usize },
    /// Its own text, of a report that was matched after the run.
    Newer(String),
}

/// The findings of one run, best first.
#[derive(Debug)]
pub struct Findings {
    /// The run.
    pub run: String,
    /// Heads, best first.
    pub heads: Vec<FindingHead>,
    by_id: HashMap<String, usize>,
    path: PathBuf,
}

impl Archive {
    /// The findings of a run to page through; those of reports that were matched since in the place of what the run found for
    /// them.
    pub fn open_findings(&self, run: &str) -> Result<Findings, ArchiveError> {
        let path = self.root().join("runs").join(run).join("findings.jsonl");
        let newer = self.supplement_lines(run)?;
        let mut lines = BufReader::with_capacity(1 << 20, File::open(&path).map_err(io("read", &path))?);
        let (mut heads, mut line, mut from) = (Vec::new(), String::new(), 0);
        loop {
            line.clear();
            let length = lines.read_line(&mut line).map_err(io("read", &path))?;
            if length == 0 {
                break;
            }
            let head = head_of(&line, Line::OfRun { from, length });
            let head: FindingHead = head.ok_or_else(|| damaged(&path, "a line is no finding"))?;
            let replaced = matches!(head.kind, FindingKind::Match | FindingKind::Contradiction)
                && head.missing_report.as_ref().is_some_and(|report| newer.contains_key(report));
            if !replaced {
                heads.push(head);
            }
            from += length as u64;
        }
        for line in newer.values().flat_map(|lines| lines.lines()) {
            let head = head_of(line, Line::Newer(line.to_owned()));
            heads.push(head.ok_or_else(|| damaged(&path, "a line of a supplement is no finding"))?);
        }
        if !newer.is_empty() {
            heads.sort_by(|a, b| b.rank_score.total_cmp(&a.rank_score).then_with(|| a.id.cmp(&b.id)));
        }
        let by_id = heads.iter().enumerate().map(|(at, head)| (head.id.clone(), at)).collect();
        Ok(Findings { run: run.to_owned(), heads, by_id, path })
    }
}

impl Findings {
    /// The place of a finding in the list.
    pub fn position(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// All of them, a line each; `of_run` is the text of the run's own file.
    pub(crate) fn text(&self, of_run: &str) -> String {
        let line = |head: &FindingHead| match &head.line {
            Line::OfRun { from, length } => of_run[*from as usize..*from as usize + length].to_owned(),
            Line::Newer(text) => format!("{text}\n"),
        };
        self.heads.iter().map(line).collect()
    }

    /// A finding with its reasons, and the version of the rules that made it.
    pub fn read(&self, id: &str) -> Result<Option<(Finding, String)>, ArchiveError> {
        let Some(head) = self.position(id).map(|at| &self.heads[at]) else { return Ok(None) };
        let value = match &head.line {
            Line::Newer(text) => serde_json::from_str::<Value>(text).ok(),
            Line::OfRun { from, length } => {
                let mut file = File::open(&self.path).map_err(io("read", &self.path))?;
                file.seek(SeekFrom::Start(*from)).map_err(io("read", &self.path))?;
                let mut bytes = vec![0; *length];
                file.read_exact(&mut bytes).map_err(io("read", &self.path))?;
                serde_json::from_slice::<Value>(&bytes).ok()
            }
        };
        let found = value.as_ref().and_then(finding);
        found.map(Some).ok_or_else(|| damaged(&self.path, "a line is no finding"))
    }
}

fn text(value: &Value, name: &str) -> Option<String> {
    value[name].as_str().map(str::to_owned)
}

fn moment(value: &Value, name: &str) -> Option<Instant> {
    value[name].as_str().and_then(Instant::parse)
}

fn head_of(written: &str, line: Line) -> Option<FindingHead> {
    let value = &serde_json::from_str::<Value>(written).ok()?;
    let place = &value["place"];
    let place = match (place["city"].as_str(), place["state"].as_str()) {
        (Some(city), Some(state)) => Some(format!("{city}, {state}")),
        (None, Some(state)) => Some(state.to_owned()),
        _ => None,
    };
    Some(FindingHead {
        id: text(value, "id")?,
        kind: FindingKind::parse(value["kind"].as_str()?)?,
        probability: value["probability"].as_f64()?,
        rank_score: value["rank_score"].as_f64()?,
        missing_report: text(value, "missing_report"),
        other_report: text(value, "other_report"),
        network: text(value, "network"),
        place,
        office: text(value, "office"),
        last_seen: moment(value, "last_seen"),
        postings: value["postings"].as_array().map_or(0, Vec::len),
        line,
    })
}

/// Reads a finding as a run wrote it, with the version of the rules.
pub fn finding(value: &Value) -> Option<(Finding, String)> {
    let place = &value["place"];
    let point = place["lat"].as_f64().zip(place["lon"].as_f64());
    let reason = |reason: &Value| {
        let measures = reason["measures"].as_object().into_iter().flatten();
        Some(Reason {
            factor: text(reason, "factor")?,
            left: text(reason, "left")?,
            right: text(reason, "right")?,
            weight_bits: reason["weight_bits"].as_f64()?,
            support: text(reason, "support")?,
            measures: measures.filter_map(|(name, number)| Some((name.clone(), number.as_f64()?))).collect(),
        })
    };
    let found = Finding {
        id: text(value, "id")?,
        kind: FindingKind::parse(value["kind"].as_str()?)?,
        probability: value["probability"].as_f64()?,
        weight_bits: value["weight_bits"].as_f64()?,
        rank_score: value["rank_score"].as_f64()?,
        network: text(value, "network"),
        missing_report: text(value, "missing_report"),
        other_report: text(value, "other_report"),
        postings: value["postings"]
            .as_array()?
            .iter()
            .filter_map(|id| Some(id.as_str()?.to_owned()))
            .collect(),
        place: PlaceMention {
            text: None,
            city: text(place, "city"),
            state: text(place, "state"),
            point: point.and_then(|(lat, lon)| Point::new(lat, lon)),
        },
        office: text(value, "office"),
        first_seen: moment(value, "first_seen"),
        last_seen: moment(value, "last_seen"),
        reasons: value["reasons"].as_array()?.iter().map(reason).collect::<Option<_>>()?,
    };
    Some((found, text(value, "rules")?))
}
