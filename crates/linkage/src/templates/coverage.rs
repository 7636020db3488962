//! How much of each of two texts the other covers.
//!
//! A word counts as covered when the other text has it and another shared word stands within three places on the same
//! side in both. Unlike overlap of n-grams this estimates how many *words* survived editing (about .54 between two copies
//! that each lost a third, against .10 of trigrams), and unlike alignment it does not mind moved sentences.

use super::documents::{Documents, SATURATED, weight};
use super::frequent::Frequent;
use super::passages::Run;
use rayon::prelude::*;

/// Words beyond this place of a text are not compared.
const MOST_WORDS: usize = 256;
const LANES: usize = MOST_WORDS / 64;
type Mask = [u64; LANES];

/// When a pair is a quotation and no copy, in ten thousandths: see [`Comparer::family_score`].
#[derive(Clone, Copy, Debug)]
pub struct Cold {
    /// Coverage of the worst covered third, as a share of that of the whole, below which a text is covered in part only.
    pub share: u32,
    /// Score from which that does not matter.
    pub least: u32,
}

/// How far on the same side a second shared word may stand.
const REACH: usize = 3;

/// Documents with the weight of every word in its place; a stop phrase has weight 0.
#[derive(Debug)]
pub struct Weighted<'a> {
    documents: &'a Documents,
    /// Highest level that each word of the vocabulary has in any text, no more than saturated.
    of_word: Vec<u8>,
    /// Level of each word in its place: a byte, because there is one for each word of every text.
    levels: Vec<u8>,
    totals: Vec<u32>,
}

impl<'a> Weighted<'a> {
    /// Gives every word the weight of its level.
    pub fn new(documents: &'a Documents, levels: &[u8]) -> Weighted<'a> {
        let of_word: Vec<u8> = levels.iter().map(|level| (*level).min(SATURATED)).collect();
        let mut levels = vec![0; documents.total_words()];
        documents.par_words().zip(levels.par_iter_mut()).for_each(|(word, level)| {
            *level = of_word[*word as usize];
        });
        let mut weighted = Weighted { documents, of_word, levels, totals: Vec::new() };
        weighted.totals =
            (0..documents.len()).into_par_iter().map(|document| weighted.total_of(document)).collect();
        weighted
    }

    /// Sets words to weight 0.
    pub fn mask(&mut self, masked: &[Run]) {
        self.set(masked, 0);
    }

    /// Lets the words of a mass weigh as much as any, and those of a frame nothing.
    pub fn reweigh(&mut self, frequent: &Frequent) {
        let documents = self.documents;
        for word in frequent.mass.iter().flat_map(|run| documents.words_of(*run)) {
            self.of_word[*word as usize] = SATURATED;
        }
        self.set(&frequent.mass, SATURATED);
        self.set(&frequent.frame, 0);
    }

    /// Sets words to one level; runs of one document stand together.
    fn set(&mut self, runs: &[Run], level: u8) {
        for run in runs {
            let start = self.documents.span(run.document as usize).start;
            self.levels[start + run.start as usize..start + run.end as usize].fill(level);
        }
        for runs in runs.chunk_by(|a, b| a.document == b.document) {
            self.totals[runs[0].document as usize] = self.total_of(runs[0].document as usize);
        }
    }

    /// Level of each word of a document, 0 in a stop phrase.
    #[inline]
    pub fn levels(&self, document: usize) -> &[u8] {
        &self.levels[self.documents.span(document)]
    }

    /// Weight of a whole document.
    #[inline]
    pub fn total(&self, document: usize) -> u32 {
        self.totals[document]
    }

    fn total_of(&self, document: usize) -> u32 {
        self.levels(document).iter().take(MOST_WORDS).map(|level| weight(*level)).sum()
    }

    /// Content key of a document.
    pub fn key(&self, document: u32) -> u64 {
        self.documents.keys[document as usize]
    }

    /// Number of documents.
    pub fn len(&self) -> usize {
        self.documents.len()
    }

    /// Reads the words of documents that are about to be compared, see [`ahead`].
    pub fn ahead(&self, documents: impl Iterator<Item = u32>) {
        ahead(
            documents
                .flat_map(|document| self.documents.words(document as usize).iter().step_by(LINE).copied()),
        );
    }
}

/// Words in one line of the processor's nearest memory.
const LINE: usize = 16;

/// Reads what is about to be used, scattered over memory, without waiting for one before asking for the next: several are then
/// on their way at the same time. Nothing follows from what is read.
pub fn ahead(values: impl Iterator<Item = u32>) {
    std::hint::black_box(values.fold(0, |sum, value| sum ^ value));
}

/// Memory of one thread for comparing one document with many.
#[derive(Debug, Default)]
pub struct Comparer {
    /// For each word of the vocabulary its weight, and one more than its row in `places`; 0 when the first document lacks
    /// it. Weight and row stand side by side: most comparisons end after one look at each word.
    row: Vec<(u16, u16)>,
    used: Vec<u32>,
    /// Places of each word of the first document.
    places: Vec<Mask>,
    /// Places in the first document of each word of the second, padded on both ends, as many lanes each as the first needs.
    lined: Vec<u64>,
    /// Covered places of the second.
    covered: Vec<bool>,
    /// Covered places of the first.
    first_covered: Mask,
    first: usize,
}

impl Comparer {
    /// Makes a document the first of the comparisons that follow.
    pub fn set(&mut self, weighted: &Weighted, document: usize) {
        self.row.resize(weighted.documents.vocabulary(), (0, 0));
        for word in self.used.drain(..) {
            self.row[word as usize] = (0, 0);
        }
        self.places.clear();
        for (place, word) in weighted.documents.words(document).iter().take(MOST_WORDS).enumerate() {
            let (heavy, row) = &mut self.row[*word as usize];
            if *row == 0 {
                self.places.push([0; LANES]);
                *row = self.places.len() as u16;
                *heavy = weight(weighted.of_word[*word as usize]) as u16;
                self.used.push(*word);
            }
            self.places[*row as usize - 1][place / 64] |= 1 << (place % 64);
        }
        self.first = document;
    }

    /// Share of weight covered, the lesser of both sides, in ten thousandths; 0 when less than `least` weight is covered
    /// on either side or the share is below `keep`.
    pub fn score(&mut self, weighted: &Weighted, other: usize, least: u32, keep: u32) -> u32 {
        let (total_a, total_b) = (weighted.total(self.first), weighted.total(other));
        let words = weighted.documents.words(other);
        let words = &words[..words.len().min(MOST_WORDS)];
        // What all shared words would give, stop phrases and all, bounds what supported ones can.
        let shared: u32 = words.iter().map(|word| u32::from(self.row[*word as usize].0)).sum();
        self.first_covered = [0; LANES];
        if shared < least || u64::from(shared) * 10_000 < u64::from(keep) * u64::from(total_b) {
            return 0;
        }
        let levels = weighted.levels(other);
        let lanes = self.words(weighted).div_ceil(64);
        let (covered_a, covered_b) = match lanes {
            0 | 1 => self.cover::<1>(words, levels),
            2 => self.cover::<2>(words, levels),
            3 => self.cover::<3>(words, levels),
            _ => self.cover::<4>(words, levels),
        };
        self.first_covered = covered_a;
        let levels_a = weighted.levels(self.first);
        let mut weight_a = 0;
        for (lane, mut bits) in covered_a.into_iter().enumerate() {
            while bits != 0 {
                weight_a += weight(levels_a[lane * 64 + bits.trailing_zeros() as usize]);
                bits &= bits - 1;
            }
        }
        if weight_a.min(covered_b) < least.max(1) {
            return 0;
        }
        let share = |covered: u32, total: u32| (u64::from(covered) * 10_000 / u64::from(total.max(1))) as u32;
        let score = share(weight_a, total_a).min(share(covered_b, total_b));
        if score < keep { 0 } else { score }
    }

    /// Words of the first document that are compared.
    pub fn words(&self, weighted: &Weighted) -> usize {
        weighted.documents.words(self.first).len().min(MOST_WORDS)
    }

    /// Whether the word at this place of the first document is covered, after a [`Comparer::score`] above 0 or with nothing asked.
    pub fn is_covered(&self, place: usize) -> bool {
        place < MOST_WORDS && self.first_covered[place / 64] >> (place % 64) & 1 != 0
    }

    /// The same for a pair that is to be one family. A copy is edited all over; where the shared words stand in one part only,
    /// one text quotes the other or both quote a third. So a pair that scores less than `cold.least` scores 0 when some
    /// third of either text is covered less than `cold.share` times as well as the whole.
    pub fn family_score(
        &mut self,
        weighted: &Weighted,
        other: usize,
        least: u32,
        keep: u32,
        cold: Cold,
    ) -> u32 {
        let score = self.score(weighted, other, least, keep);
        let quoted = score > 0 && score < cold.least && self.coldest(weighted, other) < cold.share;
        if quoted { 0 } else { score }
    }

    /// Coverage of the worst covered third of either text as a share of the coverage of the whole, after [`Comparer::score`].
    fn coldest(&self, weighted: &Weighted, other: usize) -> u32 {
        let first = |place: usize| self.is_covered(place);
        let a = coldest_third(weighted.levels(self.first), weighted.total(self.first), first);
        let b = coldest_third(weighted.levels(other), weighted.total(other), |place| self.covered[place]);
        a.min(b)
    }

    /// Covered places of the first document, and covered weight of the second.
    fn cover<const K: usize>(&mut self, words: &[u32], levels: &[u8]) -> (Mask, u32) {
        self.lined.clear();
        self.lined.resize((words.len() + 2 * REACH) * K, 0);
        let (lined, _) = self.lined.as_chunks_mut::<K>();
        for (line, word) in lined[REACH..].iter_mut().zip(words) {
            let (_, row) = self.row[*word as usize];
            if row != 0 {
                line.copy_from_slice(&self.places[row as usize - 1][..K]);
            }
        }
        self.covered.clear();
        self.covered.resize(words.len(), false);
        let (mut covered, mut total) = ([0; LANES], 0);
        for at in REACH..words.len() + REACH {
            let here = lined[at];
            if here == [0; K] {
                continue;
            }
            let (mut after, mut before) = ([0u64; K], [0u64; K]);
            for step in 1..=REACH {
                for lane in 0..K {
                    after[lane] |= lined[at + step][lane];
                    before[lane] |= lined[at - step][lane];
                }
            }
            let mut any = 0;
            for lane in 0..K {
                let above = if lane + 1 < K { after[lane + 1] } else { 0 };
                let below = if lane > 0 { before[lane - 1] } else { 0 };
                let mut supported = 0;
                for step in 1..=REACH {
                    supported |= after[lane] >> step | above << (64 - step);
                    supported |= before[lane] << step | below >> (64 - step);
                }
                let hit = here[lane] & supported;
                covered[lane] |= hit;
                any |= hit;
            }
            if any != 0 {
                total += weight(levels[at - REACH]);
                self.covered[at - REACH] = true;
            }
        }
        (covered, total)
    }
}

/// The least covered weight in a window of a third of the weight, over a third of all covered weight, in ten thousandths.
fn coldest_third(levels: &[u8], total: u32, covered: impl Fn(usize) -> bool) -> u32 {
    let levels = &levels[..levels.len().min(MOST_WORDS)];
    let weight_at = |place: usize| weight(levels[place]);
    let (mut start, mut window, mut in_window, mut least, mut all) = (0, 0, 0, u32::MAX, 0);
    for place in 0..levels.len() {
        let weight = weight_at(place);
        window += weight;
        if covered(place) {
            in_window += weight;
            all += weight;
        }
        while start <= place && 3 * (window - weight_at(start)) >= total {
            window -= weight_at(start);
            in_window -= if covered(start) { weight_at(start) } else { 0 };
            start += 1;
        }
        if 3 * window >= total {
            least = least.min(in_window);
        }
    }
    (u64::from(least.min(all)) * 30_000 / u64::from(all.max(1))) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Coverage by its definition, for comparison.
    fn plain(a: &[u32], b: &[u32]) -> usize {
        let near = |i: usize, j: usize| {
            (1..=REACH as i64).any(|d| {
                (1..=REACH as i64).any(|e| {
                    [1, -1].iter().any(|side| {
                        let (x, y) = (i as i64 + side * d, j as i64 + side * e);
                        x >= 0
                            && y >= 0
                            && a.get(x as usize).is_some_and(|word| b.get(y as usize) == Some(word))
                    })
                })
            })
        };
        (0..a.len()).filter(|i| (0..b.len()).any(|j| a[*i] == b[j] && near(*i, j))).count()
    }

    #[test]
    fn coverage_is_as_defined() {
        let mut state = 7u64;
        let mut random = |below: u64| {
            state = homeward_model::mix64(state.wrapping_add(0x9e37_79b9));
            (state % below) as u32
        };
        for _ in 0..200 {
            let (n, m) = (1 + random(180) as usize, 1 + random(180) as usize);
            let a: Vec<u32> = (0..n).map(|_| random(60)).collect();
            let b: Vec<u32> =
                (0..m).map(|at| if random(3) > 0 && at < a.len() { a[at] } else { random(60) }).collect();
            let documents = Documents::new(&[&a, &b]);
            if documents.len() < 2 {
                continue;
            }
            // All words alike, so that weight counts words.
            let weighted = Weighted::new(&documents, &vec![9; documents.vocabulary()]);
            let (first, second) = (documents.words(0).to_vec(), documents.words(1).to_vec());
            let mut comparer = Comparer::default();
            comparer.set(&weighted, 0);
            let expected = (plain(&first, &second) * 10_000 / first.len())
                .min(plain(&second, &first) * 10_000 / second.len());
            assert_eq!(comparer.score(&weighted, 1, 1, 0), expected as u32);
        }
    }
}
