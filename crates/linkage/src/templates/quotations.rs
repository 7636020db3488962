//! Texts that quote a family, told from its copies by where it covers them.
//!
//! The edits of a copy are spread over the whole of it. A digest has what it quotes nearly as it stands, and beside it a stretch
//! that no other of the family has and that stands in others' texts. That stretch is the part of a text of which it is
//! likeliest, against an edited part of a copy, that the family covers it by chance only: the largest sum of its words'
//! logarithms of likelihood ratios (E. S. Page, Continuous inspection schemes, Biometrika 41, 1954).

use super::coverage::{Comparer, Weighted};
use super::stops::{Stops, of_document};
use homeward_rules::templates::Templates;
use std::ops::Range;

/// Share of a copy's words that a family is taken to cover at most: any word may differ.
const MOST_COVERED: f64 = 0.95;

/// The members of a family that quote it. Each is compared with the first few others.
pub fn quoting(
    comparer: &mut Comparer,
    weighted: &Weighted,
    stops: &Stops,
    members: &[u32],
    rules: &Templates,
) -> Vec<u32> {
    let covered: Vec<Vec<f64>> =
        members.iter().map(|member| covered(comparer, weighted, *member, members, rules)).collect();
    let mut shares: Vec<f64> =
        covered.iter().map(|words| words.iter().sum::<f64>() / words.len().max(1) as f64).collect();
    shares.sort_unstable_by(f64::total_cmp);
    let usual = shares[shares.len() / 2].clamp(rules.cut, MOST_COVERED);
    let quotes =
        |(member, covered): &(&u32, &Vec<f64>)| has_foreign_stretch(**member, covered, usual, stops, rules);
    members.iter().zip(&covered).filter(quotes).map(|(member, _)| *member).collect()
}

/// For each word of a member, the share of the first few others that cover it.
fn covered(
    comparer: &mut Comparer,
    weighted: &Weighted,
    member: u32,
    members: &[u32],
    rules: &Templates,
) -> Vec<f64> {
    comparer.set(weighted, member as usize);
    let mut counts = vec![0u32; comparer.words(weighted)];
    let others: Vec<u32> =
        members.iter().copied().filter(|other| *other != member).take(rules.representatives).collect();
    for other in &others {
        comparer.score(weighted, *other as usize, 0, 0);
        for (place, count) in counts.iter_mut().enumerate() {
            *count += u32::from(comparer.is_covered(place));
        }
    }
    counts.into_iter().map(|count| f64::from(count) / others.len() as f64).collect()
}

/// Whether a long stretch of a text is foreign to its family, of which the others cover `usual` of their words, and stands in
/// others' texts. A stop phrase tells nothing of whose the stretch is, and half as much of how long.
fn has_foreign_stretch(member: u32, covered: &[f64], usual: f64, stops: &Stops, rules: &Templates) -> bool {
    let common = of_document(&stops.common, member);
    let is_common = |place: &usize| common.iter().any(|run| run.words().contains(place));
    let chance = rules.chance;
    let (has, lacks) = ((chance / usual).ln(), ((1.0 - chance) / (1.0 - usual)).ln());
    let ratio = |(place, covered): (usize, &f64)| {
        if is_common(&place) { 0.0 } else { covered * has + (1.0 - covered) * lacks }
    };
    let (stretch, evidence) = likeliest(covered.iter().enumerate().map(ratio));
    let halves = 2 * stretch.len() - stretch.clone().filter(is_common).count();
    let shared =
        |words: Range<usize>| words.end.min(stretch.end).saturating_sub(words.start.max(stretch.start));
    evidence >= rules.foreign_evidence
        && halves > 2 * rules.snippet_most
        && stretch.len() as f64 >= rules.foreign_share * covered.len() as f64
        && of_document(&stops.shared, member).iter().any(|run| shared(run.words()) >= rules.signature_words)
}

/// The consecutive items of the largest sum, and the sum.
fn likeliest(items: impl Iterator<Item = f64>) -> (Range<usize>, f64) {
    let (mut best, mut most) = (0..0, 0.0);
    let (mut start, mut sum) = (0, 0.0);
    for (at, item) in items.enumerate() {
        sum += item;
        if sum <= 0.0 {
            (start, sum) = (at + 1, 0.0);
        } else if sum > most {
            (best, most) = (start..at + 1, sum);
        }
    }
    (best, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_sum_is_found() {
        let check = |items: &[f64], range: Range<usize>, sum: f64| {
            assert_eq!(likeliest(items.iter().copied()), (range, sum), "{items:?}");
        };
        check(&[], 0..0, 0.0);
        check(&[-1.0, -2.0], 0..0, 0.0);
        check(&[1.0, -2.0, 3.0, -1.0, 2.0, -5.0, 3.0], 2..5, 4.0);
        check(&[2.0, 0.0, 2.0, -1.0], 0..3, 4.0);
    }
}
