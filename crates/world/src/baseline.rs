//! Two simple peers shown beside our results: word trigrams with Jaccard 0.5 for templates, a digit search for phones.
//! Kept plain on purpose; nothing in the product uses them.

use crate::posts::Post;
use crate::score::{self, Counts};
use homeward_model::{key64, mix64};
use rustc_hash::{FxHashMap, FxHashSet};

/// Least Jaccard similarity of word trigram sets for a link.
const LEAST: f64 = 0.5;
/// Bands of two rows: a pair at similarity 0.5 meets in one of 24 bands with probability 0.999.
const BANDS: usize = 24;

/// Connected components of pairs whose word trigrams have Jaccard similarity 0.5 or more, candidates by `MinHash`.
pub fn templates(posts: &[Post]) -> Vec<u32> {
    let shingles: Vec<FxHashSet<u64>> = posts.iter().map(|post| trigrams(&post.body)).collect();
    let mut root: Vec<u32> = (0..posts.len() as u32).collect();
    for band in 0..BANDS {
        let mut buckets: FxHashMap<(u64, u64), Vec<u32>> = FxHashMap::default();
        for (at, set) in shingles.iter().enumerate().filter(|(_, set)| !set.is_empty()) {
            let least = |salt: u64| set.iter().map(|gram| mix64(gram ^ mix64(salt))).min().unwrap_or(0);
            buckets.entry((least(2 * band as u64), least(2 * band as u64 + 1))).or_default().push(at as u32);
        }
        for members in buckets.values() {
            for pair in members.windows(2) {
                let (a, b) = (find(&mut root, pair[0]), find(&mut root, pair[1]));
                if a != b && jaccard(&shingles[pair[0] as usize], &shingles[pair[1] as usize]) >= LEAST {
                    root[a.max(b) as usize] = a.min(b);
                }
            }
        }
    }
    (0..posts.len() as u32).map(|at| find(&mut root, at)).collect()
}

fn trigrams(text: &str) -> FxHashSet<u64> {
    let words: Vec<u64> = text.split_whitespace().map(|word| key64(word.to_lowercase().as_bytes())).collect();
    words.windows(3).map(|gram| mix64(gram[0] ^ mix64(gram[1] ^ mix64(gram[2])))).collect()
}

fn jaccard(a: &FxHashSet<u64>, b: &FxHashSet<u64>) -> f64 {
    let shared = a.intersection(b).count();
    shared as f64 / (a.len() + b.len() - shared).max(1) as f64
}

fn find(root: &mut [u32], mut at: u32) -> u32 {
    while root[at as usize] != at {
        root[at as usize] = root[root[at as usize] as usize];
        at = root[at as usize];
    }
    at
}

/// Ten digits with at most one space, dot, hyphen or bracket between groups of three, three and four.
pub fn phones(posts: &[Post]) -> Counts {
    let found: Vec<Vec<String>> = posts.iter().map(|post| digit_search(&post.body)).collect();
    score::sets(found.iter().zip(posts).map(|(found, post)| (found.as_slice(), post.truth.phones.as_slice())))
}

fn digit_search(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let mut digits = String::new();
        let mut next = at;
        let mut gap = 0;
        while next < bytes.len() && digits.len() < 10 && gap <= 2 {
            if bytes[next].is_ascii_digit() {
                digits.push(bytes[next] as char);
                gap = 0;
            } else if matches!(bytes[next], b' ' | b'-' | b'.' | b'(' | b')')
                && matches!(digits.len(), 0 | 3 | 6)
            {
                gap += 1;
            } else {
                break;
            }
            next += 1;
        }
        let before = at > 0 && bytes[at - 1].is_ascii_digit();
        if digits.len() == 10 && bytes[at].is_ascii_digit() && !before {
            let value = format!("+1{digits}");
            if !found.contains(&value) {
                found.push(value);
            }
            at = next;
        } else {
            at += 1;
        }
    }
    found
}
