//! A picture shrunk to 64 by 64 luma values: Jarosz's tent filter, made of two passes of a box filter in each direction,
//! and then every 64th part sampled.
//!
//! The order of additions within a row and within a column is that of the reference, so that the sums are the same to
//! the last bit. What differs is the traversal: a few rows are filtered side by side, and rows flow through all four
//! passes while they are in the cache, so that a picture of any size needs memory for a hundredth of its rows.

use crate::Picture;

/// Rows and columns of what PDQ looks at.
pub const SIDE: usize = 64;

/// A shrunk picture: luma 0 to 255, row by row.
pub type Small = [[f32; SIDE]; SIDE];

/// Rows that are filtered side by side.
const LANES: usize = 8;
/// One column of such rows.
type Lanes = [f32; LANES];

/// Shrinks; a picture of exactly 64 by 64 is taken as it is.
pub fn shrink(picture: &Picture) -> Box<Small> {
    let (width, height) = (picture.width(), picture.height());
    let mut small = Box::new([[0.0; SIDE]; SIDE]);
    if (width, height) == (SIDE, SIDE) {
        small.iter_mut().enumerate().for_each(|(row, out)| luma(picture, row, out));
        return small;
    }
    let (across, down) = (Mean::of(width), Mean::of(height));
    let columns = samples(width);
    // Rows as they come, rows after the first pass (as many as a column's window reaches back, and a strip more), and
    // rows after the second.
    let mut fresh = vec![0.0; LANES * width];
    let mut held = vec![0.0; (down.full + LANES).next_multiple_of(LANES) * width];
    let slots = held.len();
    let slot = |row: usize| (row * width) % slots;
    let mut blurred = vec![0.0; LANES * width];
    let mut strip = vec![[0.0; LANES]; width];
    let mut means = strip.clone();
    let mut sums = vec![0.0; width];
    let mut sampled = vec![[0.0; SIDE]; height];
    for first in (0..height + down.lead).step_by(LANES) {
        if first < height {
            let rows = LANES.min(height - first);
            (0..rows).for_each(|lane| luma(picture, first + lane, &mut fresh[lane * width..][..width]));
            to_lanes(&fresh, &mut strip);
            across.all(&strip, &mut means);
            to_rows(&means, &mut held[slot(first)..][..LANES * width]);
        }
        for step in first..(first + LANES).min(height + down.lead) {
            if let Some(row) = down.enters(step) {
                sums.iter_mut().zip(&held[slot(row)..]).for_each(|(sum, value)| *sum += value);
            }
            if let Some(row) = down.leaves(step) {
                sums.iter_mut().zip(&held[slot(row)..]).for_each(|(sum, value)| *sum -= value);
            }
            let Some((row, count)) = down.gives(step) else { continue };
            let lane = row % LANES;
            blurred[lane * width..].iter_mut().zip(&sums).for_each(|(mean, sum)| *mean = sum / count);
            if lane == LANES - 1 || row == height - 1 {
                to_lanes(&blurred, &mut strip);
                let means = across.sampled(&strip, &columns);
                for (lane, sampled) in sampled[row - lane..=row].iter_mut().enumerate() {
                    sampled.iter_mut().zip(&means).for_each(|(out, lanes)| *out = lanes[lane]);
                }
            }
        }
    }
    let mut sums = [0.0; SIDE];
    let rows = samples(height);
    let mut next = rows.iter().zip(small.iter_mut()).peekable();
    for step in 0..height + down.lead {
        if let Some(row) = down.enters(step) {
            sums.iter_mut().zip(sampled[row]).for_each(|(sum, value)| *sum += value);
        }
        if let Some(row) = down.leaves(step) {
            sums.iter_mut().zip(sampled[row]).for_each(|(sum, value)| *sum -= value);
        }
        let Some((row, count)) = down.gives(step) else { continue };
        while let Some((_, out)) = next.next_if(|(wanted, _)| **wanted == row) {
            out.iter_mut().zip(sums).for_each(|(out, sum)| *out = sum / count);
        }
    }
    small
}

/// Where the centres of 64 equal parts of a length lie.
fn samples(length: usize) -> [usize; SIDE] {
    std::array::from_fn(|part| ((part as f64 + 0.5) * length as f64 / SIDE as f64) as usize)
}

/// Luma of one row. In whole thousandths until the last step: one division rounds as the reference's double precision.
fn luma(picture: &Picture, row: usize, out: &mut [f32]) {
    let samples = picture.row(row);
    if picture.channels() == 1 {
        out.iter_mut().zip(samples).for_each(|(out, grey)| *out = f32::from(*grey));
    } else {
        for (out, pixel) in out.iter_mut().zip(samples.as_chunks::<3>().0) {
            let [r, g, b] = *pixel;
            *out = (299 * i32::from(r) + 587 * i32::from(g) + 114 * i32::from(b)) as f32;
        }
        for value in out {
            *value /= 1000.0;
        }
    }
}

/// Rows laid side by side, column by column.
fn to_lanes(rows: &[f32], strip: &mut [Lanes]) {
    let width = strip.len();
    let (blocks, rest) = strip.as_chunks_mut::<LANES>();
    for (number, block) in blocks.iter_mut().enumerate() {
        let mut tile = [[0.0; LANES]; LANES];
        for (lane, row) in tile.iter_mut().enumerate() {
            row.copy_from_slice(&rows[lane * width + number * LANES..][..LANES]);
        }
        *block = transposed(&tile);
    }
    let done = width - rest.len();
    for (column, lanes) in rest.iter_mut().enumerate() {
        *lanes = std::array::from_fn(|lane| rows[lane * width + done + column]);
    }
}

/// The way back.
fn to_rows(strip: &[Lanes], rows: &mut [f32]) {
    let width = strip.len();
    let (blocks, rest) = strip.as_chunks::<LANES>();
    for (number, block) in blocks.iter().enumerate() {
        for (lane, row) in transposed(block).iter().enumerate() {
            rows[lane * width + number * LANES..][..LANES].copy_from_slice(row);
        }
    }
    let done = width - rest.len();
    for (column, lanes) in rest.iter().enumerate() {
        lanes.iter().enumerate().for_each(|(lane, value)| rows[lane * width + done + column] = *value);
    }
}

#[inline]
fn divided(sums: &Lanes, count: f32) -> Lanes {
    let mut means = *sums;
    for mean in &mut means {
        *mean /= count;
    }
    means
}

#[inline]
fn transposed(tile: &[Lanes; LANES]) -> [Lanes; LANES] {
    let mut turned = [[0.0; LANES]; LANES];
    for (row, values) in tile.iter().enumerate() {
        for (column, value) in values.iter().enumerate() {
            turned[column][row] = *value;
        }
    }
    turned
}

/// A running mean over a window, which is shorter at both ends of a line. In step `s` the value `s` enters, the value
/// `s - full` leaves, and the mean around `s - lead` is ready; there are `length + lead` steps.
struct Mean {
    length: usize,
    /// Values in a whole window.
    full: usize,
    /// How far a window reaches beyond the value it is the mean of.
    lead: usize,
}

impl Mean {
    /// The window for a line of this length: half of one of 64 parts, rounded up, since two passes make a whole one.
    fn of(length: usize) -> Mean {
        let full = length.div_ceil(2 * SIDE);
        Mean { length, full, lead: full / 2 }
    }

    fn enters(&self, step: usize) -> Option<usize> {
        (step < self.length).then_some(step)
    }

    fn leaves(&self, step: usize) -> Option<usize> {
        step.checked_sub(self.full)
    }

    /// The position whose mean is ready, and how many values are in it.
    fn gives(&self, step: usize) -> Option<(usize, f32)> {
        let beyond = (step + 1).saturating_sub(self.length);
        step.checked_sub(self.lead).map(|at| (at, ((step + 1).min(self.full) - beyond) as f32))
    }

    /// Runs along a line of lanes, from its values to their sums.
    #[inline]
    fn run(&self, line: &[Lanes], mut ready: impl FnMut(usize, &Lanes, f32)) {
        let mut sums = [0.0; LANES];
        for step in 0..self.length + self.lead {
            if let Some(at) = self.enters(step) {
                (0..LANES).for_each(|lane| sums[lane] += line[at][lane]);
            }
            if let Some(at) = self.leaves(step) {
                (0..LANES).for_each(|lane| sums[lane] -= line[at][lane]);
            }
            if let Some((at, count)) = self.gives(step) {
                ready(at, &sums, count);
            }
        }
    }

    /// The means of a whole line.
    fn all(&self, line: &[Lanes], means: &mut [Lanes]) {
        self.run(line, |at, sums, count| means[at] = divided(sums, count));
    }

    /// The means at some positions, in ascending order.
    fn sampled(&self, line: &[Lanes], wanted: &[usize; SIDE]) -> [Lanes; SIDE] {
        let mut means = [[0.0; LANES]; SIDE];
        let mut next = wanted.iter().zip(&mut means).peekable();
        self.run(line, |at, sums, count| {
            while let Some((_, mean)) = next.next_if(|(wanted, _)| **wanted == at) {
                *mean = divided(sums, count);
            }
        });
        means
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_those_of_the_window() {
        for length in 5..300 {
            let mean = Mean::of(length);
            let line: Vec<Lanes> = (0..length).map(|at| [(at * at % 97) as f32; LANES]).collect();
            let mut expected = 0;
            mean.run(&line, |at, sums, count| {
                assert_eq!(at, expected);
                let from = (at + mean.lead + 1).saturating_sub(mean.full);
                let window = &line[from..(at + mean.lead + 1).min(length)];
                let sum: f32 = window.iter().map(|lanes| lanes[0]).sum();
                assert_eq!(sums[0] / count, sum / window.len() as f32, "{length} {at}");
                expected += 1;
            });
            assert_eq!(expected, length);
        }
    }

    #[test]
    fn an_even_picture_stays_even() {
        for (width, height) in [(5, 5), (64, 64), (63, 65), (128, 5), (700, 301)] {
            let small = shrink(&Picture::grey(width, height, vec![131; width * height]).unwrap());
            assert!(small.iter().flatten().all(|value| *value == 131.0), "{width} {height}");
        }
    }
}
