//! Two missing reports that may be of one child: proposed with reasons, for a person to judge.
//!
//! Siblings share a household (family name, place, day, a companion's number), so what speaks for one household is held to
//! even odds; what is the child's own (given name, birth date, sex, looks, photographs, own numbers) decides. A twin shares
//! the birth date: it counts only where the given names may be one. Race and ethnicity are not read.

use crate::describe;
use crate::matching::factors::{Likeness, likeness, quantise};
use crate::matching::known_values;
use crate::pdq_index::PdqIndex;
use homeward_model::{Instant, MissingReport, Pdq, Reason};
use homeward_places::{CityId, Places};
use homeward_rules::same_child::SameChild as Rules;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// Two reports and why they may be of one child.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// Index of the earlier report in the list.
    pub left: u32,
    /// Index of the later.
    pub right: u32,
    /// Probability that they are of one child.
    pub probability: f64,
    /// Sum of the weights, bits.
    pub weight_bits: f64,
    /// Why, the prior first.
    pub reasons: Vec<Reason>,
}

/// A report with its words decoded.
struct View<'a> {
    report: &'a MissingReport,
    given: String,
    family: String,
    metro: Option<CityId>,
    eyes: Option<String>,
    hair: Option<String>,
    sex: Option<char>,
    values: Vec<String>,
}

/// How often a value stands among the reports.
type Counts = FxHashMap<(u8, String), f64>;
const GIVEN: u8 = 0;
const FAMILY: u8 = 1;
const METRO: u8 = 2;
const EYES: u8 = 3;
const HAIR: u8 = 4;
const SEX: u8 = 5;
const VALUE: u8 = 6;

/// All pairs that are likely enough, by probability. The answer does not depend on the order of the reports but for the
/// indices.
pub fn pairs(reports: &[MissingReport], places: &Places, rules: &Rules) -> Vec<Pair> {
    let views: Vec<View> = reports.par_iter().map(|report| view(report, places)).collect();
    let mut counts = Counts::default();
    for view in &views {
        for key in keys(view) {
            *counts.entry(key).or_default() += 1.0;
        }
    }
    let mut starts: Vec<Instant> = reports.iter().filter_map(|report| report.missing_since).collect();
    starts.sort_unstable();
    let scale = Scale { total: reports.len().max(1) as f64, counts, starts };
    let photos = photos(reports, rules);
    let mut found: Vec<Pair> = candidates(&views, &photos, rules)
        .into_par_iter()
        .filter_map(|(left, right)| {
            let distance = photos.get(&(left, right)).copied();
            compare(&views, left, right, distance, &scale, places, rules)
        })
        .collect();
    found.sort_by(|a, b| {
        b.weight_bits.total_cmp(&a.weight_bits).then((a.left, a.right).cmp(&(b.left, b.right)))
    });
    found
}

/// Counts that base rates come from.
struct Scale {
    total: f64,
    counts: Counts,
    /// Days of disappearance, ascending.
    starts: Vec<Instant>,
}

impl Scale {
    /// Share of the other reports with a value.
    fn rate(&self, kind: u8, value: &str, rules: &Rules) -> f64 {
        let count = self.counts.get(&(kind, value.to_owned())).copied().unwrap_or(1.0);
        quantise((count - 1.0).max(0.0) / self.total, rules.least_rate)
    }

    /// Share of reports within some days of a moment.
    fn near(&self, at: Instant, rules: &Rules) -> f64 {
        let upto = |at: Instant| self.starts.partition_point(|start| *start <= at) as f64;
        let count = upto(at.plus_days(rules.near_days)) - upto(at.plus_days(-rules.near_days));
        quantise(count / self.total, rules.least_rate)
    }
}

fn view<'a>(report: &'a MissingReport, places: &Places) -> View<'a> {
    let word = |text: &Option<String>| text.as_deref().map(describe::colour).filter(|word| !word.is_empty());
    View {
        report,
        given: report.given_name.split_whitespace().next().unwrap_or_default().to_lowercase(),
        family: report.family_name.trim().to_lowercase(),
        metro: places.resolve(&report.missing_from).map(|city| places.metro(city)),
        eyes: word(&report.eyes),
        hair: word(&report.hair),
        sex: report.sex.as_deref().and_then(|sex| sex.trim().to_lowercase().chars().next()),
        values: known_values(report)
            .into_iter()
            .map(|(_, _, (kind, value))| format!("{kind}:{value}"))
            .collect(),
    }
}

fn keys(view: &View) -> Vec<(u8, String)> {
    let mut keys = vec![(GIVEN, view.given.clone()), (FAMILY, view.family.clone())];
    keys.extend(view.metro.map(|metro| (METRO, metro.0.to_string())));
    keys.extend(view.eyes.iter().map(|word| (EYES, word.clone())));
    keys.extend(view.hair.iter().map(|word| (HAIR, word.clone())));
    keys.extend(view.sex.map(|sex| (SEX, sex.to_string())));
    keys.extend(view.values.iter().map(|value| (VALUE, value.clone())));
    keys
}

/// Pairs of reports that show one photograph, with the least distance in bits.
fn photos(reports: &[MissingReport], rules: &Rules) -> FxHashMap<(u32, u32), u32> {
    let usable = |quality: Option<u8>| quality.unwrap_or(100) >= crate::matching::LEAST_IMAGE_QUALITY;
    let shown: Vec<(u32, Pdq)> = reports
        .iter()
        .enumerate()
        .flat_map(|(at, report)| {
            let usable = report.photos.iter().filter(|photo| usable(photo.pdq_quality));
            usable.filter_map(move |photo| Some((at as u32, photo.pdq?)))
        })
        .collect();
    let hashes: Vec<Pdq> = shown.iter().map(|(_, hash)| *hash).collect();
    let index = PdqIndex::new(hashes);
    let near: Vec<(u32, u32, u32)> = shown
        .par_iter()
        .flat_map_iter(|(report, hash)| {
            let near = index.search(hash, rules.photo_distance).into_iter().take(rules.crowd);
            near.map(|(other, distance)| (*report, shown[other as usize].0, distance))
        })
        .collect();
    let mut found: FxHashMap<(u32, u32), u32> = FxHashMap::default();
    for (report, other, distance) in near.into_iter().filter(|(report, other, _)| report != other) {
        let least = found.entry((other.min(report), other.max(report))).or_insert(distance);
        *least = distance.min(*least);
    }
    found
}

/// Pairs worth comparing: they share a birth date, both names by sound of their beginnings, a known value or a photograph.
fn candidates(views: &[View], photos: &FxHashMap<(u32, u32), u32>, rules: &Rules) -> Vec<(u32, u32)> {
    let mut blocks: FxHashMap<String, Vec<u32>> = FxHashMap::default();
    for (at, view) in views.iter().enumerate() {
        let start = |name: &str| name.chars().take(2).collect::<String>();
        let mut keys: Vec<String> = view.values.iter().map(|value| format!("v {value}")).collect();
        keys.extend(view.report.date_of_birth.map(|birth| format!("b {}", birth.date())));
        if !view.family.is_empty() {
            keys.push(format!("f {} {}", view.family, start(&view.given)));
            keys.push(format!("g {} {}", view.given, start(&view.family)));
        }
        for key in keys {
            blocks.entry(key).or_default().push(at as u32);
        }
    }
    let mut pairs: Vec<(u32, u32)> = photos.keys().copied().collect();
    for block in blocks.values().filter(|block| block.len() < rules.crowd) {
        for (at, left) in block.iter().enumerate() {
            pairs.extend(block[at + 1..].iter().filter(|right| *right != left).map(|right| (*left, *right)));
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// Reasons as they are gathered.
struct Reasons(Vec<Reason>);

impl Reasons {
    fn add(&mut self, factor: &str, left: String, right: String, weight_bits: f64, measures: &[(&str, f64)]) {
        self.0.push(Reason::new(factor, left, right, weight_bits, support(factor), measures));
    }

    fn sum(&self) -> f64 {
        self.0.iter().map(|reason| reason.weight_bits).sum()
    }
}

fn compare(
    views: &[View],
    left: u32,
    right: u32,
    photo: Option<u32>,
    scale: &Scale,
    places: &Places,
    rules: &Rules,
) -> Option<Pair> {
    let (a, b) = (&views[left as usize], &views[right as usize]);
    let mut reasons = Reasons(Vec::new());
    reasons.add(
        "prior",
        String::new(),
        String::new(),
        prior(scale.total, rules),
        &[("reports", scale.total)],
    );
    // Of one household.
    if !a.family.is_empty() && !b.family.is_empty() {
        let like = family_likeness(&a.family, &b.family);
        let rate = scale.rate(FAMILY, &b.family, rules);
        let weight = family(like, rate, rules);
        reasons.add("family name", a.family.clone(), b.family.clone(), weight, &[("base_rate", rate)]);
    }
    if let (Some(here), Some(there)) = (a.metro, b.metro) {
        let rate = scale.rate(METRO, &there.0.to_string(), rules);
        let weight = agree(here == there, rules.place, rate);
        reasons.add("last seen in", places.label(here), places.label(there), weight, &[("base_rate", rate)]);
    }
    if let (Some(here), Some(there)) = (a.report.missing_since, b.report.missing_since) {
        let days = here.days_since(there).abs();
        let rate = scale.near(there, rules);
        let weight = agree(days <= rules.near_days, rules.time, rate);
        reasons.add(
            "last seen on",
            here.date(),
            there.date(),
            weight,
            &[("base_rate", rate), ("days", days)],
        );
    }
    for value in a.values.iter().filter(|value| b.values.contains(value)) {
        let holders = scale.counts.get(&(VALUE, value.clone())).copied().unwrap_or(2.0);
        let weight = shared(rules.selector, scale.total, holders);
        reasons.add(
            "same contact",
            value.clone(),
            value.clone(),
            weight,
            &[("reports", scale.total), ("holders", holders)],
        );
    }
    let sum = reasons.sum();
    reasons.add("household", String::new(), String::new(), household(sum), &[("sum", sum)]);
    own(a, b, photo, scale, rules, &mut reasons);
    let weight_bits = reasons.sum();
    let probability = probability(weight_bits, rules);
    (probability >= rules.least_probability).then_some(Pair {
        left,
        right,
        probability,
        weight_bits,
        reasons: reasons.0,
    })
}

/// What is the child's own.
fn own(a: &View, b: &View, photo: Option<u32>, scale: &Scale, rules: &Rules, reasons: &mut Reasons) {
    let mut may_be_one = true;
    if !a.given.is_empty() && !b.given.is_empty() {
        let like = likeness(&a.given, &b.given);
        may_be_one = like != Likeness::Different;
        let rate = scale.rate(GIVEN, &b.given, rules);
        reasons.add(
            "given name",
            a.given.clone(),
            b.given.clone(),
            given(like, rate, rules),
            &[("base_rate", rate)],
        );
    }
    if let (Some(here), Some(there)) = (a.report.date_of_birth, b.report.date_of_birth) {
        let weight = birth(&here.date(), &there.date(), may_be_one, rules);
        let measures = [("given_may_be_one", f64::from(u8::from(may_be_one)))];
        reasons.add("birth date", here.date(), there.date(), weight, &measures);
    }
    let words = [
        ("sex", SEX, a.sex.map(String::from), b.sex.map(String::from), rules.sex),
        ("eyes", EYES, a.eyes.clone(), b.eyes.clone(), rules.eyes),
        ("hair", HAIR, a.hair.clone(), b.hair.clone(), rules.hair),
    ];
    for (factor, kind, here, there, share) in words {
        if let (Some(here), Some(there)) = (here, there) {
            let rate = scale.rate(kind, &there, rules);
            let weight = agree(here == there, share, rate);
            reasons.add(factor, here, there, weight, &[("base_rate", rate)]);
        }
    }
    if let (Some(here), Some(there)) = (a.report.height_cm, b.report.height_cm) {
        let weight = height(f64::from((here - there).abs()), rules);
        reasons.add("height", format!("{here:.0} cm"), format!("{there:.0} cm"), weight, &[]);
    }
    if let Some(distance) = photo {
        let weight = shared(rules.photo, scale.total, 2.0);
        let measures = [("reports", scale.total), ("holders", 2.0), ("distance_bits", f64::from(distance))];
        reasons.add("same photograph", String::new(), String::new(), weight, &measures);
    }
}

fn prior(reports: f64, rules: &Rules) -> f64 {
    (rules.prior / (1.0 - rules.prior) / reports.max(1.0)).log2()
}

/// A value that agrees or not: `share` of pairs of one child agree, `rate` of the others.
fn agree(same: bool, share: f64, rate: f64) -> f64 {
    if same { (share / rate).log2() } else { ((1.0 - share) / (1.0 - rate).max(1.0 - share)).log2() }
}

fn shared(share: f64, reports: f64, holders: f64) -> f64 {
    (share * reports / (holders - 1.0).max(1.0)).log2().max(0.0)
}

/// Takes from the evidence of one household what is more than even odds.
fn household(sum: f64) -> f64 {
    -sum.max(0.0)
}

fn family_likeness(a: &str, b: &str) -> Likeness {
    match likeness(a, b) {
        Likeness::Nickname => Likeness::Different,
        other => other,
    }
}

fn family(like: Likeness, rate: f64, rules: &Rules) -> f64 {
    match like {
        Likeness::Equal => (rules.family.equal / rate).log2(),
        Likeness::Edit => (rules.family.edit / rate).log2(),
        _ => rules.family.different.log2(),
    }
}

fn given(like: Likeness, rate: f64, rules: &Rules) -> f64 {
    match like {
        Likeness::Equal => (rules.given.equal / rate).log2(),
        Likeness::Nickname => (rules.given.nickname / rate).log2(),
        Likeness::Edit => (rules.given.edit / rate).log2(),
        Likeness::Different => rules.given.different.log2(),
    }
}

fn birth(a: &str, b: &str, given_may_be_one: bool, rules: &Rules) -> f64 {
    let differ = a.split('-').zip(b.split('-')).filter(|(a, b)| a != b).count();
    let rules = &rules.birth;
    match differ {
        0 | 1 if !given_may_be_one => 0.0,
        0 => (rules.equal * rules.days).log2(),
        1 => (rules.slip * rules.part).log2(),
        _ => rules.different.log2(),
    }
}

fn height(centimetres: f64, rules: &Rules) -> f64 {
    // Of two children of an age about half lie as near.
    agree(centimetres <= rules.height.within, rules.height.share, 0.5)
}

fn probability(weight_bits: f64, rules: &Rules) -> f64 {
    (1.0 / (1.0 + (-weight_bits).exp2())).min(rules.most)
}

/// The weight of a stored reason, again from its values, its measures and the rules.
pub fn recompute(reason: &Reason, rules: &Rules) -> Option<f64> {
    let measure = |name: &str| reason.measure(name);
    let (left, right) = (reason.left.as_str(), reason.right.as_str());
    Some(match reason.factor.as_str() {
        "prior" => prior(measure("reports")?, rules),
        "family name" => family(family_likeness(left, right), measure("base_rate")?, rules),
        "given name" => given(likeness(left, right), measure("base_rate")?, rules),
        "last seen in" => agree(left == right, rules.place, measure("base_rate")?),
        "last seen on" => agree(measure("days")? <= rules.near_days, rules.time, measure("base_rate")?),
        "same contact" => shared(rules.selector, measure("reports")?, measure("holders")?),
        "household" => household(measure("sum")?),
        "birth date" => birth(left, right, measure("given_may_be_one")? > 0.0, rules),
        "sex" => agree(left == right, rules.sex, measure("base_rate")?),
        "eyes" => agree(left == right, rules.eyes, measure("base_rate")?),
        "hair" => agree(left == right, rules.hair, measure("base_rate")?),
        "height" => {
            let (ours, theirs) = reason.numbers()?;
            height((ours - theirs).abs(), rules)
        }
        "same photograph" => shared(rules.photo, measure("reports")?, measure("holders")?),
        _ => return None,
    })
}

fn support(factor: &str) -> &'static str {
    match factor {
        "prior" => "share of reports that repeat an earlier one, over all pairs",
        "family name" | "last seen in" | "last seen on" => {
            "siblings share it; counts by its rarity among the reports"
        }
        "same contact" => "a household shares it; counts by how few reports name it",
        "household" => "what siblings share is held to even odds",
        "given name" => "the child's own; counts by its rarity among the reports",
        "birth date" => "the child's own; a twin shares it, so it counts where the given names may be one",
        "same photograph" => "PDQ distance within the published threshold of 31 bits",
        _ => "counts by its rarity among the reports",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeward_rules::Rules as AllRules;

    fn report(given: &str, family: &str, birth: &str) -> MissingReport {
        MissingReport {
            id: format!("{given} {family} {birth}"),
            given_name: given.into(),
            family_name: family.into(),
            date_of_birth: Instant::parse(birth),
            missing_since: Instant::parse("2019-06-02"),
            sex: Some("F".into()),
            phones: vec!["704-555-0142".into()],
            ..MissingReport::default()
        }
    }

    /// The probability that two reports are of one child, among a hundred reports of others.
    fn check(a: MissingReport, b: MissingReport) -> f64 {
        let mut reports = vec![a, b];
        for number in 0..100u64 {
            let name = |salt: u64| format!("n{:x}", homeward_model::mix64(number * 7 + salt));
            let mut other = report(&name(1), &name(2), "2001-01-01");
            other.date_of_birth = Instant::parse("2003-01-01").map(|day| day.plus_days(number as f64 * 11.0));
            other.missing_since = Instant::parse("2019-01-01").map(|day| day.plus_days(number as f64));
            other.phones = vec![format!("919555{number:04}")];
            reports.push(other);
        }
        let rules = &AllRules::embedded().same_child;
        let found = pairs(&reports, Places::embedded(), rules);
        for reason in found.iter().flat_map(|pair| &pair.reasons) {
            assert_eq!(recompute(reason, rules), Some(reason.weight_bits), "{reason:?}");
        }
        found.iter().find(|pair| (pair.left, pair.right) == (0, 1)).map_or(0.0, |pair| pair.probability)
    }

    #[test]
    fn one_child_reported_twice_is_proposed() {
        assert!(check(report("Abigail", "Stone", "2004-05-06"), report("Abby", "Stone", "2004-05-06")) > 0.9);
        assert!(
            check(report("Abigail", "Stone", "2004-05-06"), report("Abigail", "Stone", "2004-06-06")) > 0.9
        );
    }

    #[test]
    fn siblings_and_twins_are_two_children() {
        assert!(check(report("Abigail", "Stone", "2004-05-06"), report("Zoe", "Stone", "2006-08-09")) < 0.1);
        assert!(check(report("Abigail", "Stone", "2004-05-06"), report("Zoe", "Stone", "2004-05-06")) < 0.1);
    }
}
