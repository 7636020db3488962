//! What `homeward tool resolve` writes: pairs, persons, reasons, and what is kept for later records.

use crate::lines::Lines;
use crate::table::Table;
use anyhow::{Context, Result};
use homeward_persons::explain::{Explainer, Proof};
use homeward_persons::{Answer, Pair, Ready, Resolution, State};
use homeward_rules::Rules;
use rayon::prelude::*;
use serde_json::{Value, json};
use std::fs::OpenOptions;
use std::io::BufWriter;
use std::path::Path;

/// Pairs, from an order that is theirs.
pub fn write_pairs(path: &Path, ids: &[String], pairs: &[Pair]) -> Result<()> {
    let mut out = Table::create(path, &["id_a", "id_b", "probability"])?;
    for pair in pairs {
        out.row(&[&ids[pair.a as usize], &ids[pair.b as usize], &format!("{:.6}", pair.probability)])?;
    }
    out.finish()
}

/// The person of each record.
pub fn write_clusters(path: &Path, persons: impl Iterator<Item = (String, u32)>) -> Result<()> {
    let mut out = Table::create(path, &["id", "cluster"])?;
    for (id, person) in persons {
        out.row(&[&id, &person.to_string()])?;
    }
    out.finish()
}

/// One pair or person a line: the pairs that were written, and the persons of two records or more.
pub fn write_reasons(path: &Path, found: &Resolution) -> Result<()> {
    const HELD: usize = 4096;
    let mut out = Lines::create(path)?;
    let explainer = Explainer::new(found, &Rules::embedded().persons);
    let ids = &found.table.ids;
    for pairs in found.pairs.chunks(HELD) {
        let line = |pair: &Pair| pair_line(&explainer, ids, pair);
        let lines: Vec<Value> = pairs.par_iter().map(line).collect();
        out.write(&lines)?;
    }
    let mut members: Vec<Vec<u32>> =
        vec![Vec::new(); found.person.iter().max().map_or(0, |last| *last as usize + 1)];
    found
        .person
        .iter()
        .enumerate()
        .for_each(|(record, person)| members[*person as usize].push(record as u32));
    for (person, members) in members.iter().enumerate().filter(|(_, members)| members.len() > 1) {
        let proofs: Vec<Value> =
            explainer.person(members).iter().map(|proof| proof_json(ids, proof)).collect();
        let all: Vec<&String> = members.iter().map(|record| &ids[*record as usize]).collect();
        let line = json!({"kind": "person", "cluster": person.to_string(), "members": all, "proofs": proofs});
        out.write(&[line])?;
    }
    out.finish()
}

fn pair_line(explainer: &Explainer, ids: &[String], pair: &Pair) -> Value {
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
}

fn proof_json(ids: &[String], proof: &Proof) -> Value {
    let name = |record: u32| &ids[record as usize];
    json!({"of": name(proof.of), "field": proof.field, "value": proof.value, "by": name(proof.by),
           "value_there": proof.value_there, "bits": rounded(proof.bits)})
}

/// What is said of a later record, with what proves it, and the reasons of its pairs.
pub fn answer_lines(ready: &Ready, answer: &Answer) -> Vec<Value> {
    let (ids, explainer) = (&ready.table().ids, ready.explainer());
    let members = ready.members(answer.person);
    let proofs = explainer.record(answer.record, members);
    let proofs: Vec<Value> = proofs.iter().map(|proof| proof_json(ids, proof)).collect();
    let others: Vec<Value> = answer
        .others
        .iter()
        .map(|(person, probability)| {
            json!({"cluster": person.to_string(), "probability": rounded(f64::from(*probability))})
        })
        .collect();
    let members: Vec<&String> = members.iter().map(|record| &ids[*record as usize]).collect();
    let line = json!({"kind": "answer", "id": ids[answer.record as usize], "answer": answer.found.word(),
                      "cluster": answer.person.to_string(), "probability": rounded(f64::from(answer.probability)),
                      "members": members, "others": others, "proofs": proofs});
    let pairs = answer.pairs.iter().map(|pair| pair_line(&explainer, ids, pair));
    std::iter::once(line).chain(pairs).collect()
}

/// Keeps a state for later records, in a file that only its owner can read: it holds the records. What stood there stays until
/// all is written.
pub fn write_state(path: &Path, state: &State) -> Result<()> {
    let failed = || format!("failed to write `{}`", path.display());
    let mut draft = path.as_os_str().to_owned();
    draft.push(".draft");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = BufWriter::new(options.open(&draft).with_context(failed)?);
    serde_json::to_writer(&mut out, state).with_context(failed)?;
    let file = out.into_inner().map_err(std::io::IntoInnerError::into_error).with_context(failed)?;
    file.sync_all().and_then(|()| std::fs::rename(&draft, path)).with_context(failed)
}

/// To four digits after the point.
fn rounded(figure: f64) -> f64 {
    (figure * 1e4).round() / 1e4
}
