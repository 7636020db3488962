//! Texts that hold a passage but for a word: a signature sentence of which one word was misspelt or spaced out.

use super::documents::Documents;
use super::families;
use super::grams::{self, Sieve};
use super::passages::Passage;
use homeward_rules::templates::Templates;
use rayon::prelude::*;

/// Words of the pieces in which a passage is looked for.
const PIECE: usize = 4;
/// Documents that hold a passage word by word for it to be looked for in others.
const LEAST: usize = 3;
/// Passages that one piece may be of: more is no wording of anybody.
const MOST: usize = 64;
/// Words that may stand in the place of one: its letters, or what was put in.
const GAP: u32 = 12;

/// A piece of a passage.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Piece {
    hash: u64,
    passage: u32,
    place: u32,
}

/// A piece that a document holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Held {
    passage: u32,
    /// Where in the document.
    at: u32,
    /// Where in the passage.
    place: u32,
}

/// Finds for each passage the documents without a wording of their own that hold all but one of `signature_words` words in
/// its order. A passage that more hold nearly than word by word has none: it is something that many vary.
pub fn find(documents: &Documents, family: &[u32], passages: &mut [Passage], rules: &Templates) {
    let size = families::sizes(family);
    let mut pieces: Vec<Piece> = passages
        .par_iter()
        .enumerate()
        .filter(|(_, passage)| passage.holders.len() >= LEAST)
        .flat_map_iter(|(at, passage)| {
            let piece = move |(place, hash)| Piece { hash, passage: at as u32, place: place as u32 };
            grams::hashes(documents.words_of(passage.run()), PIECE).enumerate().map(piece)
        })
        .collect();
    pieces.par_sort_unstable();
    let sieve = Sieve::of(pieces.iter().map(|piece| piece.hash), 16 * pieces.len());
    // Where the pieces begin whose hashes begin alike: some few of them for each beginning.
    let shift = 64 - pieces.len().max(2).ilog2();
    let mut starts = vec![0u32; (1 << (64 - shift)) + 1];
    for piece in &pieces {
        starts[(piece.hash >> shift) as usize + 1] += 1;
    }
    for at in 1..starts.len() {
        starts[at] += starts[at - 1];
    }
    let of = |hash: u64| {
        let beginning = (hash >> shift) as usize;
        let near = &pieces[starts[beginning] as usize..starts[beginning + 1] as usize];
        let same = &near[near.partition_point(|piece| piece.hash < hash)..];
        let count = same.iter().take_while(|piece| piece.hash == hash).count();
        &same[..if count > MOST { 0 } else { count }]
    };
    let least = rules.signature_words as u32 - 1;
    let mut found: Vec<(u32, u32)> = (0..documents.len() as u32)
        .into_par_iter()
        .filter(|document| size[family[*document as usize] as usize] < 3)
        .map_init(Vec::new, |held: &mut Vec<Held>, document| {
            held.clear();
            for (at, hash) in grams::hashes(documents.words(document as usize), PIECE).enumerate() {
                if sieve.passes(hash) {
                    held.extend(of(hash).iter().map(|piece| Held {
                        passage: piece.passage,
                        at: at as u32,
                        place: piece.place,
                    }));
                }
            }
            held.sort_unstable();
            let near = held.chunk_by(|a, b| a.passage == b.passage).filter(|held| in_order(held) >= least);
            let near = near.map(|held| (held[0].passage, document));
            near.filter(|(passage, document)| {
                passages[*passage as usize].holders.binary_search(document).is_err()
            })
            .collect::<Vec<_>>()
        })
        .flatten_iter()
        .collect();
    found.par_sort_unstable();
    for same in found.chunk_by(|a, b| a.0 == b.0) {
        let passage = &mut passages[same[0].0 as usize];
        if same.len() <= passage.holders.len() {
            passage.nearly = same.iter().map(|(_, document)| *document).collect();
        }
    }
}

/// How many words of a passage a document holds in its order, in pieces that lie near one another.
fn in_order(held: &[Held]) -> u32 {
    let (mut best, mut words, mut last) = (0, 0, None::<Held>);
    for piece in held {
        let follows = last.filter(|last| {
            let (ahead, on) = (piece.at - last.at, piece.place.wrapping_sub(last.place));
            ahead > 0 && (1..=PIECE as u32 + 1).contains(&on) && ahead <= on + GAP
        });
        match follows {
            Some(last) => words += (piece.place - last.place).min(piece.at - last.at).min(PIECE as u32),
            None if last.is_some_and(|last| piece.at == last.at) => continue,
            None => words = PIECE as u32,
        }
        last = Some(*piece);
        best = best.max(words);
    }
    best
}
