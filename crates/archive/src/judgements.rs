//! What people decided about the engine's links, as lines that are only ever appended: a value that must not link, two
//! postings that are one owner's or never are, a match that was rejected or confirmed. Taking one back is a line too.
//!
//! Postings stand by the key of their identity, so that a purge leaves nothing to be read here.

use crate::Archive;
use crate::error::{ArchiveError, damaged, io};
use crate::files::append_line;
use homeward_model::{Instant, SelectorKind};
use serde_json::{Value, json};
use std::fs;

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// A value that must not link postings.
    Veto {
        /// Kind of value.
        kind: SelectorKind,
        /// The value as the engine writes it.
        value: String,
    },
    /// Two postings are one owner's.
    Same {
        /// Keys of the postings.
        postings: (u64, u64),
    },
    /// Two postings are never one owner's.
    Apart {
        /// Keys of the postings.
        postings: (u64, u64),
    },
    /// A report does not belong to these postings, whatever network they come to stand in.
    Reject {
        /// Id of the report.
        report: String,
        /// Keys of the postings.
        postings: Vec<u64>,
        /// The run in which it was offered; a later run is compared with it.
        run: Option<String>,
    },
    /// A report belongs to these postings: the child is the person whom they advertise. It changes no link; it teaches.
    Confirm {
        /// Id of the report.
        report: String,
        /// Keys of the postings.
        postings: Vec<u64>,
        /// Id of the finding.
        finding: Option<String>,
        /// The child was recovered there.
        recovered: bool,
    },
    /// Two reports are of one child, or are not.
    OneChild {
        /// Ids of the reports.
        reports: (String, String),
        /// They are.
        same: bool,
    },
    /// A finding is not wanted again; where it is known what it matched, nor the same match under another id.
    Dismiss {
        /// Id of the finding.
        finding: String,
        /// Id of the report that it matched.
        report: Option<String>,
        /// Keys of its postings.
        postings: Vec<u64>,
        /// The run in which it was offered.
        run: Option<String>,
        /// The record's judgement from which it follows, where it is no dismissal.
        judgement: Option<String>,
    },
}

impl Decision {
    /// The name by which the record knows what was decided: of the judgement, else of the dismissed finding.
    pub fn in_record(&self) -> Option<&str> {
        match self {
            Decision::Dismiss { finding, judgement, .. } => Some(judgement.as_ref().unwrap_or(finding)),
            _ => None,
        }
    }
}

/// One judgement as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Its name: `j1`, `j2`, in the order of deciding.
    pub id: String,
    /// What was decided.
    pub decision: Decision,
    /// Why, in the words of who decided.
    pub why: String,
    /// Who decided.
    pub by: String,
    /// When.
    pub at: String,
    /// Taken back since.
    pub undone: bool,
}

fn keys(postings: &[u64]) -> Vec<String> {
    postings.iter().map(|key| format!("{key:016x}")).collect()
}

fn decision_json(decision: &Decision) -> Value {
    match decision {
        Decision::Veto { kind, value } => json!({"decision": "veto", "kind": kind.word(), "value": value}),
        Decision::Same { postings } => {
            json!({"decision": "same", "postings": keys(&[postings.0, postings.1])})
        }
        Decision::Apart { postings } => {
            json!({"decision": "apart", "postings": keys(&[postings.0, postings.1])})
        }
        Decision::Reject { report, postings, run } => {
            json!({"decision": "reject", "report": report, "postings": keys(postings), "run": run})
        }
        Decision::OneChild { reports, same } => {
            json!({"decision": "one child", "reports": [reports.0, reports.1], "same": same})
        }
        Decision::Confirm { report, postings, finding, recovered } => {
            json!({"decision": "confirm", "report": report, "postings": keys(postings), "finding": finding,
                "recovered": recovered})
        }
        Decision::Dismiss { finding, report, postings, run, judgement } => {
            json!({"decision": "dismiss", "finding": finding, "report": report, "postings": keys(postings),
                "run": run, "judgement": judgement})
        }
    }
}

fn decision_of(line: &Value) -> Option<Decision> {
    let postings: Vec<u64> = line["postings"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|key| u64::from_str_radix(key.as_str()?, 16).ok())
        .collect();
    let pair = || Some((*postings.first()?, *postings.get(1)?));
    let text = |name: &str| line[name].as_str().map(str::to_owned);
    match line["decision"].as_str()? {
        "veto" => Some(Decision::Veto {
            kind: SelectorKind::parse(line["kind"].as_str()?)?,
            value: line["value"].as_str()?.to_owned(),
        }),
        "same" => Some(Decision::Same { postings: pair()? }),
        "apart" => Some(Decision::Apart { postings: pair()? }),
        "dismiss" => Some(Decision::Dismiss {
            finding: text("finding")?,
            report: text("report"),
            postings,
            run: text("run"),
            judgement: text("judgement"),
        }),
        "reject" => Some(Decision::Reject { report: text("report")?, postings, run: text("run") }),
        "one child" => Some(Decision::OneChild {
            reports: (line["reports"][0].as_str()?.to_owned(), line["reports"][1].as_str()?.to_owned()),
            same: line["same"].as_bool()?,
        }),
        "confirm" => Some(Decision::Confirm {
            report: text("report")?,
            postings,
            finding: text("finding"),
            recovered: line["recovered"].as_bool().unwrap_or(false),
        }),
        _ => None,
    }
}

/// Decisions as lines.
pub fn lines(decisions: &[Decision]) -> String {
    decisions.iter().map(|decision| decision_json(decision).to_string() + "\n").collect()
}

impl Archive {
    /// Every decision that stands, with the name by which it is known where it has one: those made here, then those taken over
    /// from the record.
    pub fn standing(&self) -> Result<Vec<(Option<String>, Decision)>, ArchiveError> {
        let own = self.judgements()?.into_iter().filter(|judged| !judged.undone);
        let mut standing: Vec<_> = own.map(|judged| (Some(judged.id), judged.decision)).collect();
        let named = |decision: Decision| (decision.in_record().map(str::to_owned), decision);
        standing.extend(self.record_decisions()?.into_iter().map(named));
        Ok(standing)
    }

    /// The decisions that were taken over from the record with its reports.
    pub fn record_decisions(&self) -> Result<Vec<Decision>, ArchiveError> {
        let Some(name) = &self.manifest.decisions else { return Ok(Vec::new()) };
        let path = self.root.join("decisions").join(name);
        let text = fs::read_to_string(&path).map_err(io("read", &path))?;
        let read = |line| serde_json::from_str(line).ok().as_ref().and_then(decision_of);
        text.lines().map(|line| read(line).ok_or_else(|| damaged(&path, "a line is no decision"))).collect()
    }

    /// Every judgement in the order of deciding, those taken back included.
    pub fn judgements(&self) -> Result<Vec<Judged>, ArchiveError> {
        let path = self.root.join("judgements.jsonl");
        let mut list: Vec<Judged> = Vec::new();
        for line in fs::read_to_string(&path).unwrap_or_default().lines() {
            let line: Value = serde_json::from_str(line).map_err(|error| damaged(&path, error))?;
            let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
            if let Some(undone) = line["undo"].as_str() {
                list.iter_mut().filter(|judged| judged.id == undone).for_each(|judged| judged.undone = true);
                continue;
            }
            let decision = decision_of(&line).ok_or_else(|| damaged(&path, "a line is no judgement"))?;
            let (id, why, by, at) = (text("id"), text("why"), text("by"), text("at"));
            list.push(Judged { id, decision, why, by, at, undone: false });
        }
        Ok(list)
    }

    /// Appends a judgement and returns its name.
    pub fn judge(
        &mut self,
        decision: &Decision,
        why: &str,
        by: &str,
        at: Instant,
    ) -> Result<String, ArchiveError> {
        let id = format!("j{}", self.judgements()?.len() + 1);
        let mut line = json!({"id": id, "at": at.to_string(), "by": by, "why": why});
        if let (Some(line), Value::Object(decision)) = (line.as_object_mut(), decision_json(decision)) {
            line.extend(decision);
        }
        append_line(&self.root.join("judgements.jsonl"), &line)?;
        Ok(id)
    }

    /// Takes a judgement back. False when there is none of this name that stands.
    pub fn undo_judgement(
        &mut self,
        id: &str,
        why: &str,
        by: &str,
        at: Instant,
    ) -> Result<bool, ArchiveError> {
        let stands = self.judgements()?.iter().any(|judged| judged.id == id && !judged.undone);
        if stands {
            append_line(
                &self.root.join("judgements.jsonl"),
                &json!({"undo": id, "at": at.to_string(), "by": by, "why": why}),
            )?;
        }
        Ok(stands)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judgements_are_kept_and_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut archive = Archive::open(folder.path()).unwrap();
        let decisions = [
            Decision::Veto { kind: SelectorKind::Phone, value: "+17045550142".into() },
            Decision::Same { postings: (1, u64::MAX) },
            Decision::Apart { postings: (2, 3) },
            Decision::Reject { report: "M1".into(), postings: vec![4, 5], run: Some("r-1".into()) },
            Decision::Confirm { report: "M2".into(), postings: vec![6], finding: None, recovered: true },
            Decision::OneChild { reports: ("M1".into(), "M2".into()), same: true },
            Decision::Dismiss {
                finding: "f-1".into(),
                report: None,
                postings: vec![],
                run: None,
                judgement: None,
            },
        ];
        for decision in &decisions {
            archive.judge(decision, "seen on the ground", "a.lee", Instant(0)).unwrap();
        }
        assert!(archive.undo_judgement("j2", "a mistake", "a.lee", Instant(1)).unwrap());
        assert!(!archive.undo_judgement("j2", "again", "a.lee", Instant(2)).unwrap());
        assert!(!archive.undo_judgement("j9", "no such", "a.lee", Instant(2)).unwrap());
        let kept = archive.judgements().unwrap();
        assert_eq!(kept.iter().map(|judged| judged.decision.clone()).collect::<Vec<_>>(), decisions);
        assert_eq!(
            kept.iter().map(|judged| judged.undone).collect::<Vec<_>>(),
            [false, true, false, false, false, false, false]
        );
        let named: Vec<_> = archive.standing().unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(named, ["j1", "j3", "j4", "j5", "j6", "j7"].map(|name| Some(name.to_owned())));
    }
}
