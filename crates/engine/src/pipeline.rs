//! One set of postings and reports, all the way to findings. Pure: files and clocks are elsewhere.

use crate::contradiction;
use crate::extract::Extracted;
use homeward_linkage::facts::{Facts, SelectorFact};
use homeward_linkage::matching::{self, Match, MatchOptions, Matches, Told};
use homeward_linkage::owners::{self, Judgements, Owners};
use homeward_linkage::ranking::{self, Organised};
use homeward_linkage::templates::{self, Clustering, Documents, Memory};
use homeward_linkage::{changes, same_child};
use homeward_model::{Digest, Finding, FindingKind, Instant, MissingReport, PlaceMention, Reason};
use homeward_places::Places;
use homeward_rules::Rules;

/// What is known of a set of postings.
#[derive(Debug)]
pub struct Analysis {
    /// Ids, in the order of the keys.
    pub ids: Vec<String>,
    /// Facts, in the same order.
    pub facts: Vec<Facts>,
    /// Template family of each posting: its smallest posting, `u32::MAX` when alone.
    pub family: Vec<u32>,
    /// Owners.
    pub owners: Owners,
    /// For the next batch.
    pub memory: Memory,
}

/// One version of each posting, in the order of the keys: the latest collected, ties by content.
pub fn latest_versions(mut rows: Vec<Extracted>) -> Vec<Extracted> {
    rows.sort_by_key(|row| (row.facts.key, std::cmp::Reverse((row.collected, row.content))));
    rows.dedup_by_key(|row| row.facts.key);
    rows
}

/// Finds families and owners. `step` is told the name of each step as it begins.
pub fn analyse(
    rows: Vec<Extracted>,
    memory: Option<&Memory>,
    judgements: &Judgements,
    rules: &Rules,
    step: &mut dyn FnMut(&'static str),
) -> Analysis {
    step("templates");
    let rows = latest_versions(rows);
    let (ids, facts): (Vec<String>, Vec<Facts>) = rows.into_iter().map(|row| (row.id, row.facts)).unzip();
    let (family, memory) = families(&facts, memory, rules);
    step("owners");
    let owners = owners::link(&facts, &family, judgements, &rules.owners);
    Analysis { ids, facts, family, owners, memory }
}

/// Template family of each row, and what the next batch needs.
pub fn families(facts: &[Facts], memory: Option<&Memory>, rules: &Rules) -> (Vec<u32>, Memory) {
    let tokens: Vec<&[u32]> = facts.iter().map(|facts| facts.tokens.as_slice()).collect();
    let documents = Documents::new(&tokens);
    let mut clustering = templates::cluster(&documents, &rules.templates, memory);
    let signed: Vec<Vec<u64>> = facts.iter().map(|facts| selector_keys(&facts.selectors)).collect();
    clustering.join_signed(&documents.gather(signed.iter().map(Vec::as_slice)), &rules.templates);
    let Clustering { family, memory, .. } = clustering;
    let mut first = vec![u32::MAX; documents.len()];
    let mut size = vec![0u32; documents.len()];
    let name = |document: u32| (document != templates::NONE).then(|| family[document as usize] as usize);
    for (row, document) in documents.of_row.iter().enumerate() {
        if let Some(name) = name(*document) {
            first[name] = first[name].min(row as u32);
            size[name] += 1;
        }
    }
    let label =
        |document: &u32| name(*document).filter(|name| size[*name] > 1).map_or(u32::MAX, |name| first[name]);
    (documents.of_row.iter().map(label).collect(), memory)
}

/// Keys of the selectors that may tell one owner from another.
pub fn selector_keys(selectors: &[SelectorFact]) -> Vec<u64> {
    selectors.iter().filter(|selector| !selector.common).map(SelectorFact::key).collect()
}

/// The newest moment in the data that is not after what the clock says: "now", when nobody says. One posting dated a thousand
/// years ahead would make all others old.
pub fn newest<'a>(
    facts: impl Iterator<Item = &'a Facts>,
    reports: &[MissingReport],
    clock: Instant,
) -> Instant {
    let seen = facts.filter_map(|facts| facts.seen_at);
    let moments = seen.chain(reports.iter().filter_map(|report| report.missing_since));
    moments.filter(|moment| *moment <= clock).max().unwrap_or_default()
}

/// Matches reports against the networks: all that is worth keeping, or the best `top` of each report.
pub fn match_reports(
    analysis: &Analysis,
    reports: &[MissingReport],
    as_of: Instant,
    prior: Option<f64>,
    top: usize,
    rules: &Rules,
) -> Vec<Match> {
    match_with_share(analysis, reports, Told::default(), MatchOptions { as_of, prior, top }, rules).list
}

/// The same, with the share of reported children present that was used.
pub fn match_with_share(
    analysis: &Analysis,
    reports: &[MissingReport],
    told: Told,
    options: MatchOptions,
    rules: &Rules,
) -> Matches {
    let (facts, owner) = (&analysis.facts, &analysis.owners.owner);
    matching::match_reports(facts, owner, reports, Places::embedded(), told, rules, options)
}

/// A network's name: the id of its smallest posting's key.
pub fn network_name(facts: &[Facts], owner: u32) -> String {
    format!("n-{:016x}", facts[owner as usize].key)
}

/// Findings of all kinds, best first.
pub fn findings(
    analysis: &Analysis,
    reports: &[MissingReport],
    matches: Vec<Match>,
    as_of: Instant,
    rules: &Rules,
) -> Vec<Finding> {
    let facts = &analysis.facts;
    let mut findings = match_findings(analysis, reports, matches, as_of, rules);
    for Organised { owner, postings, share, reasons } in
        ranking::organised(facts, &analysis.owners.owner, &rules.ranking)
    {
        let base = Finding { probability: rules.ranking.network_right, ..blank() };
        let changes = changes::changes(facts, &postings, as_of, Places::embedded(), &rules.ranking);
        let kinds = [(FindingKind::Network, reasons), (FindingKind::Change, changes)];
        for (kind, reasons) in kinds.into_iter().filter(|(_, reasons)| !reasons.is_empty()) {
            let base = Finding { kind, reasons, ..base.clone() };
            let mut finding = complete(base, analysis, owner, &postings, as_of, rules);
            finding.rank_score *= rules.ranking.network_share * share;
            findings.push(finding);
        }
    }
    findings.extend(same_child::pairs(reports, Places::embedded(), &rules.same_child).into_iter().map(
        |pair| {
            let (first, second) = (&reports[pair.left as usize], &reports[pair.right as usize]);
            Finding {
                id: person_finding(&first.id, &second.id),
                kind: FindingKind::Person,
                missing_report: Some(first.id.clone()),
                other_report: Some(second.id.clone()),
                probability: pair.probability,
                weight_bits: pair.weight_bits,
                rank_score: pair.probability * rules.ranking.person_share,
                reasons: pair.reasons,
                first_seen: first.missing_since.min(second.missing_since),
                last_seen: first.missing_since.max(second.missing_since),
                place: second.missing_from.clone(),
                ..blank()
            }
        },
    ));
    best_first(&mut findings);
    findings
}

/// Matches as findings, in their order.
pub fn match_findings(
    analysis: &Analysis,
    reports: &[MissingReport],
    matches: Vec<Match>,
    as_of: Instant,
    rules: &Rules,
) -> Vec<Finding> {
    let finding = |found: Match| {
        let base = Finding {
            kind: FindingKind::Match,
            missing_report: Some(reports[found.report as usize].id.clone()),
            probability: found.probability,
            weight_bits: found.weight_bits,
            reasons: found.reasons,
            ..blank()
        };
        complete(base, analysis, found.owner, &found.postings, as_of, rules)
    };
    matches.into_iter().map(finding).collect()
}

/// Puts findings in their order: by falling chance of reaching a child, then by id.
pub fn best_first(findings: &mut [Finding]) {
    findings.sort_by(|a, b| b.rank_score.total_cmp(&a.rank_score).then_with(|| a.id.cmp(&b.id)));
}

/// The id of the finding that two reports, the first by id first, are of one child.
pub fn person_finding(first: &str, second: &str) -> String {
    finding_id([FindingKind::Person.word().as_bytes(), first.as_bytes(), second.as_bytes()])
}

/// The id of the finding that a report matches a network, by the network's name.
pub fn match_finding(report: &str, network: &str) -> String {
    finding_id([FindingKind::Match.word().as_bytes(), report.as_bytes(), network.as_bytes()])
}

/// The id of a finding, by what it is about.
pub(crate) fn finding_id<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    format!("f-{}", &Digest::of_parts(parts).hex()[..16])
}

fn blank() -> Finding {
    Finding {
        id: String::new(),
        kind: FindingKind::Match,
        probability: 0.0,
        weight_bits: 0.0,
        rank_score: 0.0,
        network: None,
        missing_report: None,
        other_report: None,
        postings: Vec::new(),
        place: PlaceMention::default(),
        office: None,
        first_seen: None,
        last_seen: None,
        reasons: Vec::new(),
    }
}

/// The weight of a stored reason of a finding, again from its two values, its measures and the rules; `None` when the
/// factor is unknown to findings of this kind or a part is missing.
pub fn recompute(kind: FindingKind, reason: &Reason, rules: &Rules) -> Option<f64> {
    match kind {
        FindingKind::Contradiction if contradiction::is_news(&reason.factor) => Some(0.0),
        FindingKind::Match | FindingKind::Contradiction => matching::recompute(reason, rules),
        FindingKind::Person => same_child::recompute(reason, &rules.same_child),
        // These describe activity and weigh nothing.
        FindingKind::Network => ranking::is_organised(&reason.factor).then_some(0.0),
        FindingKind::Change => changes::is_change(&reason.factor).then_some(0.0),
    }
}

/// Fills in what follows from the postings.
fn complete(
    mut finding: Finding,
    analysis: &Analysis,
    owner: u32,
    postings: &[u32],
    as_of: Instant,
    rules: &Rules,
) -> Finding {
    let places = Places::embedded();
    let facts = &analysis.facts;
    let seen = || postings.iter().filter_map(|at| facts[*at as usize].seen_at);
    let last_place =
        postings.iter().filter_map(|at| Some((facts[*at as usize].seen_at, facts[*at as usize].city?))).max();
    if let Some((_, city)) = last_place {
        let known = places.city(city);
        finding.place = PlaceMention {
            text: None,
            city: Some(known.name.clone()),
            state: Some(known.state.clone()),
            point: Some(known.point),
        };
        let office = places.office_for(city);
        let doubt = if office.by_distance { " (by distance, confirm)" } else { "" };
        finding.office = Some(format!("{}{doubt}", office.office.name));
    }
    (finding.first_seen, finding.last_seen) = (seen().min(), seen().max());
    finding.postings = postings.iter().map(|at| analysis.ids[*at as usize].clone()).collect();
    let network = network_name(facts, owner);
    let report = finding.missing_report.clone().unwrap_or_default();
    // Another change of the same network is another finding.
    let mut parts = vec![finding.kind.word().as_bytes(), report.as_bytes(), network.as_bytes()];
    if finding.kind == FindingKind::Change {
        parts.extend(finding.reasons.iter().map(|reason| reason.right.as_bytes()));
    }
    finding.id = finding_id(parts);
    finding.network = Some(network);
    finding.rank_score = ranking::chance(
        finding.probability,
        finding.last_seen,
        last_place.is_some(),
        postings.len(),
        as_of,
        &rules.ranking,
    );
    finding
}
