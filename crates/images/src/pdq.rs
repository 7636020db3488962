//! PDQ: the signs of the lowest 256 frequencies of a shrunk picture, against their median.
//!
//! The algorithm is Facebook's (`ThreatExchange`, `pdq/`; the constants below are that document's). Frequencies also give
//! the hashes of the picture turned and mirrored, for nothing.

use crate::Picture;
use crate::shrink::{SIDE, Small, shrink};
use homeward_model::Pdq;
use std::sync::LazyLock;

/// Frequencies along each side that are kept: 1 to 16 half waves, the even light left out.
const KEPT: usize = 16;
/// Pictures with a shorter side hash to nothing, with quality 0.
const SMALLEST: usize = 5;
/// From this quality on a hash is evidence; below it, flat pictures share hashes with strangers.
pub const LEAST_QUALITY: u8 = 50;

/// A hash and how much there is in the picture to tell it from others, 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hashed {
    /// The hash.
    pub pdq: Pdq,
    /// Quality, 0 to 100.
    pub quality: u8,
}

/// Hashes a picture.
pub fn hash(picture: &Picture) -> Hashed {
    hash_of(picture, &shrink(picture))
}

/// Hashes a picture that has been shrunk.
pub(crate) fn hash_of(picture: &Picture, small: &Small) -> Hashed {
    if picture.width() < SMALLEST || picture.height() < SMALLEST {
        return Hashed { pdq: Pdq([0; 4]), quality: 0 };
    }
    Hashed { pdq: Frequencies::of(small).hash(), quality: quality(small) }
}

/// How much changes from one of the 64 by 64 values to the next: whole hundredths of the range, summed and scaled.
pub fn quality(small: &Small) -> u8 {
    let steps = |a: f32, b: f32| (((a - b) * 100.0) / 255.0) as i32;
    let down = small.iter().zip(&small[1..]).flat_map(|(row, next)| row.iter().zip(next));
    let across = small.iter().flat_map(|row| row.iter().zip(&row[1..]));
    let sum: u32 = down.chain(across).map(|(a, b)| steps(*a, *b).unsigned_abs()).sum();
    (sum / 90).min(100) as u8
}

/// The lowest frequencies of a shrunk picture, by half waves down and across.
#[derive(Clone, Debug, PartialEq)]
pub struct Frequencies([[f32; KEPT]; KEPT]);

/// `[wave][position]`, and the same by position.
struct Cosines {
    by_wave: [[f32; SIDE]; KEPT],
    by_position: [[f32; KEPT]; SIDE],
}

static COSINES: LazyLock<Cosines> = LazyLock::new(|| {
    let scale = f64::from((2.0 / SIDE as f64).sqrt() as f32);
    let value = |wave: usize, position: usize| {
        let step = std::f64::consts::PI / 2.0 / SIDE as f64;
        (scale * (step * (wave + 1) as f64 * (2 * position + 1) as f64).cos()) as f32
    };
    Cosines {
        by_wave: std::array::from_fn(|wave| std::array::from_fn(|position| value(wave, position))),
        by_position: std::array::from_fn(|position| std::array::from_fn(|wave| value(wave, position))),
    }
});

/// The eight ways to lay a square: turned by quarters against the clock, and mirrored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// As it is.
    Original,
    /// By 90 degrees.
    Quarter,
    /// By 180 degrees.
    Half,
    /// By 270 degrees.
    ThreeQuarters,
    /// Top and bottom changed.
    Upended,
    /// Left and right changed.
    Mirrored,
    /// Mirrored along the falling diagonal.
    FallingDiagonal,
    /// Mirrored along the rising diagonal.
    RisingDiagonal,
}

/// All eight, in the order in which the reference lists their hashes.
pub const TURNS: [Turn; 8] = [
    Turn::Original,
    Turn::Quarter,
    Turn::Half,
    Turn::ThreeQuarters,
    Turn::Upended,
    Turn::Mirrored,
    Turn::FallingDiagonal,
    Turn::RisingDiagonal,
];

impl Frequencies {
    /// The discrete cosine transform, as far as it is kept.
    pub fn of(small: &Small) -> Frequencies {
        let mut kept = [[0.0; KEPT]; KEPT];
        for (cosines, kept) in COSINES.by_wave.iter().zip(&mut kept) {
            let mut down = [0.0; SIDE];
            for (cosine, row) in cosines.iter().zip(small) {
                down.iter_mut().zip(row).for_each(|(sum, value)| *sum += cosine * value);
            }
            for (value, cosines) in down.iter().zip(&COSINES.by_position) {
                kept.iter_mut().zip(cosines).for_each(|(sum, cosine)| *sum += value * cosine);
            }
        }
        Frequencies(kept)
    }

    /// The frequencies of the picture laid another way: half waves change their sign with their direction.
    #[must_use]
    pub fn turned(&self, turn: Turn) -> Frequencies {
        let odd = |wave: usize| if wave.is_multiple_of(2) { -1.0 } else { 1.0 };
        let sign = |down: usize, across: usize| match turn {
            Turn::Original | Turn::FallingDiagonal => 1.0,
            Turn::Quarter | Turn::Mirrored => odd(across),
            Turn::Half | Turn::RisingDiagonal => odd(down) * odd(across),
            Turn::ThreeQuarters | Turn::Upended => odd(down),
        };
        let crossed = matches!(
            turn,
            Turn::Quarter | Turn::ThreeQuarters | Turn::FallingDiagonal | Turn::RisingDiagonal
        );
        Frequencies(std::array::from_fn(|row| {
            std::array::from_fn(|column| {
                let (down, across) = if crossed { (column, row) } else { (row, column) };
                sign(down, across) * self.0[down][across]
            })
        }))
    }

    /// The same of the lowest 64 frequencies, which change little when a picture is cropped by a tenth.
    pub(crate) fn coarse(&self) -> u64 {
        let lowest: Vec<f32> =
            self.0[..KEPT / 2].iter().flat_map(|row| row[..KEPT / 2].iter().copied()).collect();
        let mut sorted = lowest.clone();
        let (_, median, _) = sorted.select_nth_unstable_by(lowest.len() / 2 - 1, f32::total_cmp);
        lowest.iter().enumerate().fold(0, |word, (bit, value)| word | u64::from(*value > *median) << bit)
    }

    /// One bit for each frequency: whether it lies above the median of all.
    pub fn hash(&self) -> Pdq {
        let mut sorted = self.0.as_flattened().to_vec();
        let (_, median, _) = sorted.select_nth_unstable_by(KEPT * KEPT / 2 - 1, f32::total_cmp);
        let mut words = [0; 4];
        for (bit, value) in self.0.as_flattened().iter().enumerate() {
            if *value > *median {
                words[3 - bit / 64] |= 1 << (bit % 64);
            }
        }
        Pdq(words)
    }
}
