//! Exact search of PDQ hashes within a Hamming distance, by multi-index hashing, and groups of near-identical images.
//!
//! A hash is cut into 8 pairs of 16-bit chunks. Two hashes that differ in at most `d` bits differ in at most `d / 8` bits
//! of some pair, and there in at most `d / 16` bits of one chunk (pigeonhole, twice). So looking up every such variant of
//! every chunk finds all of them; the other chunk of the pair lies beside each entry of a table and turns away all but
//! one in four hundred of the strangers without a look at their hashes. Hashing of images is not here, and neither is
//! quality: callers pass only hashes good enough to be evidence.

use crate::forest::{root, unite};
use homeward_model::Pdq;
use rayon::prelude::*;
use std::sync::LazyLock;

const CHUNKS: usize = 16;
const BUCKETS: usize = 1 << 16;

/// Below this many hashes a plain scan is faster than building tables.
const SCAN_BELOW: usize = 512;

/// From this many hashes in one bucket on, grouping compares with the bucket's leaders only, so that a stock image with
/// thousands of copies costs no square of their number.
const CROWDED: usize = 256;

/// Entries of a bucket that are looked at together. The last look reads on into the next bucket, which does no harm: what
/// it finds there is within the distance too.
const TOGETHER: usize = 16;

/// Queries that one core answers together.
const BLOCK: usize = 4096;

/// Hashes prepared for search.
#[derive(Clone, Debug)]
pub struct PdqIndex {
    hashes: Vec<Pdq>,
    /// One table per chunk; none when the set is small enough to scan.
    tables: Vec<Table>,
}

/// Indices of hashes by the value of one chunk: those with value `v` are `members[starts[v]..starts[v + 1]]`, ascending.
#[derive(Clone, Debug)]
struct Table {
    starts: Vec<u32>,
    members: Vec<u32>,
    /// The other chunk of the pair, for each member, and some zeros at the end.
    others: Vec<u16>,
}

fn chunk(hash: &Pdq, number: usize) -> u16 {
    (hash.0[number / 4] >> (16 * (number % 4))) as u16
}

impl Table {
    fn new(hashes: &[Pdq], number: usize) -> Table {
        let mut starts = vec![0u32; BUCKETS + 1];
        for hash in hashes {
            starts[chunk(hash, number) as usize + 1] += 1;
        }
        for value in 0..BUCKETS {
            starts[value + 1] += starts[value];
        }
        let mut next = starts.clone();
        let mut members = vec![0u32; hashes.len()];
        let mut others = vec![0u16; hashes.len() + TOGETHER];
        for (index, hash) in hashes.iter().enumerate() {
            let slot = &mut next[chunk(hash, number) as usize];
            members[*slot as usize] = index as u32;
            others[*slot as usize] = chunk(hash, number ^ 1);
            *slot += 1;
        }
        Table { starts, members, others }
    }

    fn bucket(&self, value: u16) -> std::ops::Range<usize> {
        self.starts[value as usize] as usize..self.starts[value as usize + 1] as usize
    }

    /// Adds the members of a bucket, and perhaps some of the next, whose other chunk is within `most` bits.
    #[inline]
    fn gather(&self, value: u16, other: u16, most: u32, found: &mut Vec<u32>) {
        let bucket = self.bucket(value);
        for start in bucket.clone().step_by(TOGETHER) {
            let together = &self.others[start..start + TOGETHER];
            if together.iter().fold(false, |any, theirs| any | ((theirs ^ other).count_ones() <= most)) {
                let members = self.members[start..].iter().zip(together);
                let near = members.filter(|(_, theirs)| (**theirs ^ other).count_ones() <= most);
                found.extend(near.map(|(member, _)| *member));
            }
        }
    }
}

/// Beyond this many bits per chunk the variants outnumber any bucket, and a scan is both exact and faster.
const WIDEST: u32 = 3;

/// Every 16-bit value within 0, 1, 2 or 3 bits of zero, each list in ascending order.
static MASKS: LazyLock<[Vec<u16>; WIDEST as usize + 1]> = LazyLock::new(|| {
    [0, 1, 2, 3].map(|radius| (0..=u16::MAX).filter(|mask| mask.count_ones() <= radius).collect())
});

impl PdqIndex {
    /// Prepares hashes for search; results name them by their position here.
    pub fn new(hashes: impl Into<Vec<Pdq>>) -> PdqIndex {
        let hashes = hashes.into();
        let tables = if hashes.len() < SCAN_BELOW {
            Vec::new()
        } else {
            (0..CHUNKS).into_par_iter().map(|number| Table::new(&hashes, number)).collect()
        };
        PdqIndex { hashes, tables }
    }

    /// Number of hashes held.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether no hash is held.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// All hashes within `max_distance` bits of `query`, as (position, distance), by distance and then position. Exact.
    pub fn search(&self, query: &Pdq, max_distance: u32) -> Vec<(u32, u32)> {
        self.search_block(std::slice::from_ref(query), max_distance).pop().unwrap_or_default()
    }

    /// What [`PdqIndex::search`] finds for each of many hashes, on all cores and several times faster.
    pub fn search_all(&self, queries: &[Pdq], max_distance: u32) -> Vec<Vec<(u32, u32)>> {
        queries.par_chunks(BLOCK).flat_map_iter(|block| self.search_block(block, max_distance)).collect()
    }

    /// Each table is walked in the order of its buckets, so that memory is read forwards.
    fn search_block(&self, queries: &[Pdq], max_distance: u32) -> Vec<Vec<(u32, u32)>> {
        let mut found: Vec<Vec<(u32, u32)>> = vec![Vec::new(); queries.len()];
        let radius = max_distance / CHUNKS as u32;
        if self.tables.is_empty() || radius > WIDEST {
            for (query, found) in queries.iter().zip(&mut found) {
                let all = 0..self.hashes.len() as u32;
                found.extend(all.filter_map(|index| self.near(query, index, max_distance)));
            }
        } else {
            let mut order: Vec<u32> = (0..queries.len() as u32).collect();
            let mut candidates = Vec::new();
            for (number, table) in self.tables.iter().enumerate() {
                order.sort_unstable_by_key(|query| chunk(&queries[*query as usize], number));
                for &at in &order {
                    let query = &queries[at as usize];
                    let (value, other) = (chunk(query, number), chunk(query, number ^ 1));
                    for mask in &MASKS[radius as usize] {
                        let most = max_distance / (CHUNKS as u32 / 2) - mask.count_ones();
                        table.gather(value ^ mask, other, most, &mut candidates);
                    }
                    let near = candidates.drain(..).filter_map(|index| self.near(query, index, max_distance));
                    found[at as usize].extend(near);
                }
            }
        }
        for found in &mut found {
            found.sort_unstable_by_key(|&(index, distance)| (distance, index));
            found.dedup();
        }
        found
    }

    fn near(&self, query: &Pdq, index: u32, max_distance: u32) -> Option<(u32, u32)> {
        let distance = self.hashes[index as usize].distance(query);
        (distance <= max_distance).then_some((index, distance))
    }
}

/// Groups of near-identical images: for each hash the smallest position in its group. Two hashes are in one group when a
/// chain of hashes, each within `max_distance` bits of the next, leads from one to the other; where more than 256 hashes
/// agree in a chunk, each is compared with the representatives found there so far instead of with all.
pub fn clusters_within(hashes: &[Pdq], max_distance: u32) -> Vec<u32> {
    // Exact copies first: they are the common case and need no search.
    let mut order: Vec<u32> = (0..hashes.len() as u32).collect();
    order.par_sort_unstable_by_key(|&index| (hashes[index as usize], index));
    let mut distinct: Vec<Pdq> = Vec::new();
    let mut number_of = vec![0u32; hashes.len()];
    for &index in &order {
        let hash = hashes[index as usize];
        if distinct.last() != Some(&hash) {
            distinct.push(hash);
        }
        number_of[index as usize] = distinct.len() as u32 - 1;
    }
    let index = PdqIndex::new(distinct);
    let pairs = near_pairs(&index, max_distance);
    let mut parent: Vec<u32> = (0..index.len() as u32).collect();
    for (a, b) in pairs {
        unite(&mut parent, a, b);
    }
    let mut smallest = vec![u32::MAX; index.len()];
    let mut labels = vec![0u32; hashes.len()];
    for (position, &number) in number_of.iter().enumerate() {
        let group = root(&mut parent, number) as usize;
        smallest[group] = smallest[group].min(position as u32);
        labels[position] = smallest[group];
    }
    labels
}

/// Pairs within the distance, enough to connect every group.
fn near_pairs(index: &PdqIndex, max_distance: u32) -> Vec<(u32, u32)> {
    let count = index.len() as u32;
    let radius = max_distance / CHUNKS as u32;
    if index.tables.is_empty() || radius > WIDEST {
        let near = |a: u32| {
            let query = index.hashes[a as usize];
            (0..a).filter(move |&b| index.near(&query, b, max_distance).is_some()).map(move |b| (a, b))
        };
        return (0..count).into_par_iter().flat_map_iter(near).collect();
    }
    // Each unordered pair of buckets once: masks are applied from the smaller value to the larger.
    let masks = &MASKS[radius as usize];
    let per_value = |(number, value): (usize, usize)| {
        let table = &index.tables[number];
        let here = table.bucket(value as u16);
        let mut pairs = Vec::new();
        if here.is_empty() {
            return pairs;
        }
        for &mask in masks {
            let other = value as u16 ^ mask;
            let there = table.bucket(other);
            if (other as usize) < value || there.is_empty() {
                continue;
            }
            if mask == 0 && here.len() > CROWDED {
                pairs_with_leaders(index, &table.members[here.clone()], max_distance, &mut pairs);
                continue;
            }
            let most = max_distance / (CHUNKS as u32 / 2) - mask.count_ones();
            let few = |range: &std::ops::Range<usize>, crowd: usize| {
                if crowd > CROWDED {
                    range.start..range.end.min(range.start + CROWDED)
                } else {
                    range.clone()
                }
            };
            for b in few(&there, here.len()) {
                let candidates = if mask == 0 { here.start..b } else { few(&here, there.len()) };
                let query = index.hashes[table.members[b] as usize];
                for a in candidates {
                    let alike = (table.others[a] ^ table.others[b]).count_ones() <= most;
                    if alike && index.near(&query, table.members[a], max_distance).is_some() {
                        pairs.push((table.members[a], table.members[b]));
                    }
                }
            }
        }
        pairs
    };
    (0..CHUNKS * BUCKETS)
        .into_par_iter()
        .with_min_len(1024)
        .flat_map_iter(|task| per_value((task / BUCKETS, task % BUCKETS)))
        .collect()
}

/// Of a crowded bucket: each hash with the first leader that is near, or as a leader itself.
fn pairs_with_leaders(index: &PdqIndex, here: &[u32], max_distance: u32, pairs: &mut Vec<(u32, u32)>) {
    let mut leaders: Vec<u32> = Vec::new();
    for &b in here {
        let query = index.hashes[b as usize];
        if let Some(&leader) = leaders.iter().find(|&&a| index.near(&query, a, max_distance).is_some()) {
            pairs.push((leader, b));
        } else if leaders.len() < CROWDED {
            leaders.push(b);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeward_model::mix64;
    use proptest::prelude::*;

    fn invented(seed: u64) -> Pdq {
        Pdq([0, 1, 2, 3].map(|word| mix64(seed.wrapping_mul(4).wrapping_add(word).wrapping_add(1))))
    }

    /// The hash with up to `bits` bits turned, as an edit of the image would.
    fn flipped(mut hash: Pdq, bits: u32, seed: u64) -> Pdq {
        for step in 0..u64::from(bits) {
            let bit = (mix64(seed.wrapping_mul(0x9e37_79b9).wrapping_add(step + 1)) % 256) as usize;
            hash.0[bit / 64] ^= 1 << (bit % 64);
        }
        hash
    }

    fn sample(count: u64, families: u64, seed: u64) -> Vec<Pdq> {
        (0..count)
            .map(|number| {
                let of = mix64(number ^ seed) % families.max(1);
                flipped(invented(of ^ (seed << 20)), (mix64(number) % 24) as u32, number ^ seed)
            })
            .collect()
    }

    fn scan(hashes: &[Pdq], query: &Pdq, max_distance: u32) -> Vec<(u32, u32)> {
        let mut all: Vec<(u32, u32)> = hashes
            .iter()
            .enumerate()
            .map(|(index, hash)| (index as u32, hash.distance(query)))
            .filter(|&(_, distance)| distance <= max_distance)
            .collect();
        all.sort_unstable_by_key(|&(index, distance)| (distance, index));
        all
    }

    fn groups_by_scan(hashes: &[Pdq], max_distance: u32) -> Vec<u32> {
        let mut parent: Vec<u32> = (0..hashes.len() as u32).collect();
        for a in 0..hashes.len() {
            for b in 0..a {
                if hashes[a].distance(&hashes[b]) <= max_distance {
                    unite(&mut parent, a as u32, b as u32);
                }
            }
        }
        (0..hashes.len() as u32).map(|index| root(&mut parent, index)).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]

        #[test]
        fn search_equals_a_scan(seed in any::<u64>(), families in 1u64..200, max_distance in 0u32..80) {
            let hashes = sample(900, families, seed >> 8);
            let index = PdqIndex::new(hashes.as_slice());
            for number in 0..10 {
                let query = flipped(hashes[number * 7], 9, seed);
                prop_assert_eq!(index.search(&query, max_distance), scan(&hashes, &query, max_distance));
            }
            let queries: Vec<Pdq> = (0..20).map(|number| flipped(hashes[number * 40], 12, seed)).collect();
            let one_by_one: Vec<_> = queries.iter().map(|query| index.search(query, max_distance)).collect();
            prop_assert_eq!(index.search_all(&queries, max_distance), one_by_one);
        }

        #[test]
        fn groups_equal_a_scan(seed in any::<u64>(), count in 0u64..900, families in 20u64..300) {
            let hashes = sample(count, families, seed >> 8);
            prop_assert_eq!(clusters_within(&hashes, 31), groups_by_scan(&hashes, 31));
        }
    }

    #[test]
    fn a_stock_image_is_one_group_without_all_pairs() {
        let stock = invented(5);
        let hashes: Vec<Pdq> =
            (0..20_000).map(|number| flipped(stock, (number % 4) as u32, number)).collect();
        assert!(clusters_within(&hashes, 31).iter().all(|&label| label == 0));
    }

    #[test]
    fn no_hash_no_group() {
        assert!(clusters_within(&[], 31).is_empty());
        assert!(PdqIndex::new([]).search(&invented(1), 31).is_empty());
    }
}
