//! Laying one sketch over another: the map under which they differ least.
//!
//! Inverse compositional alignment (Baker and Matthews 2004), from coarse to fine: what the coarse levels find wrong by a
//! tenth of a side, the fine ones find wrong by a pixel. Light and contrast are taken out at every step.

use crate::sketch::{Affine, FINE, Sketch};

/// A level, the steps taken there, and the correlation without which nothing is to be hoped from the next.
type Course = (usize, usize, f32);
/// From a proposal on.
pub(crate) const FROM_AFAR: [Course; 3] = [(3, 12, 0.5), (2, 10, 0.6), (1, 8, 0.7)];
/// Once it is known what both show.
pub(crate) const CLOSE: [Course; 2] = [(1, 6, 0.8), (0, 4, 0.8)];
/// The correlation that a proposal must start from.
const HOPE: f32 = 0.35;
/// A step that moves no corner by more, in halves of a side, ends a level.
const STILL: f32 = 0.002;

/// Improves a map from the square of -1 to 1, which `ours` lays over one sketch, to another sketch. `None` when the two
/// stay different.
pub(crate) fn align(
    one: &Sketch,
    ours: &Affine,
    other: &Sketch,
    first: Affine,
    course: &[Course],
) -> Option<Affine> {
    let mut map = first;
    let mut hope = HOPE;
    for &(level, steps, enough) in course {
        let template = Template::new(one, ours, level)?;
        let mut correlation = 0.0;
        for _ in 0..steps {
            let (step, found) = template.step(other, &map)?;
            if found < hope {
                return None;
            }
            (correlation, hope) = (found, -1.0);
            map = map.after(&step.inverse()?);
            let moved = [step.x[0] - 1.0, step.x[1], step.x[2], step.y[0], step.y[1] - 1.0, step.y[2]];
            if moved.iter().all(|value| value.abs() < STILL) {
                break;
            }
        }
        let growth = (map.area() / first.area()).abs();
        if correlation < enough || !(0.4..2.5).contains(&growth) {
            return None;
        }
    }
    Some(map)
}

/// One sketch at one level, with how each value changes when the map does.
struct Template {
    level: usize,
    side: usize,
    values: Vec<f32>,
    /// For each value the six slopes: of `x`, `y` and 1, in either direction.
    slopes: Vec<[f32; 6]>,
}

impl Template {
    fn new(sketch: &Sketch, map: &Affine, level: usize) -> Option<Template> {
        let side = FINE >> level;
        let pitch = 2.0 / side as f32;
        let place = |index: usize| (index as f32 + 0.5) * pitch - 1.0;
        let at = |x: f32, y: f32| {
            let (x, y) = map.apply(x, y);
            sketch.at(level, x, y)
        };
        let mut values = Vec::with_capacity(side * side);
        for row in 0..side {
            values.extend((0..side).map(|column| at(place(column), place(row))));
        }
        let (mean, spread) = moments(values.iter().copied())?;
        for value in &mut values {
            *value = (*value - mean) / spread;
        }
        let mut slopes = Vec::with_capacity(values.len());
        for row in 0..side {
            for column in 0..side {
                let (x, y) = (place(column), place(row));
                let near = |index: usize| (index.saturating_sub(1), (index + 1).min(side - 1));
                let ((left, right), (above, below)) = (near(column), near(row));
                let across = (values[row * side + right] - values[row * side + left])
                    / ((right - left) as f32 * pitch);
                let down = (values[below * side + column] - values[above * side + column])
                    / ((below - above) as f32 * pitch);
                slopes.push([across * x, across * y, across, down * x, down * y, down]);
            }
        }
        Some(Template { level, side, values, slopes })
    }

    /// The change of the template's place that explains most of the difference, and the correlation before it.
    fn step(&self, other: &Sketch, map: &Affine) -> Option<(Affine, f32)> {
        let pitch = 2.0 / self.side as f32;
        let place = |index: usize| (index as f32 + 0.5) * pitch - 1.0;
        let mut seen: Vec<Option<f32>> = Vec::with_capacity(self.values.len());
        for row in 0..self.side {
            seen.extend((0..self.side).map(|column| {
                let (x, y) = map.apply(place(column), place(row));
                let within = (0.0..=1.0).contains(&x) && (0.0..=1.0).contains(&y);
                within.then(|| other.at(self.level, x, y))
            }));
        }
        let (mean, spread) = moments(seen.iter().flatten().copied())?;
        let both =
            || self.values.iter().zip(&seen).filter_map(|(value, seen)| seen.map(|seen| (*value, seen)));
        let (own_mean, own_spread) = moments(both().map(|(value, _)| value))?;
        let mut normal = [[0.0f32; 7]; 6];
        let (mut product, mut count) = (0.0, 0);
        for ((value, seen), slopes) in self.values.iter().zip(&seen).zip(&self.slopes) {
            let Some(seen) = seen else { continue };
            let (value, seen) = ((value - own_mean) / own_spread, (seen - mean) / spread);
            product += value * seen;
            count += 1;
            let difference = seen - value;
            for (row, slope) in normal.iter_mut().zip(slopes) {
                row[..6].iter_mut().zip(slopes).for_each(|(sum, other)| *sum += slope * other);
                row[6] += slope * difference;
            }
        }
        if count * 2 < self.values.len() {
            return None;
        }
        let [a, b, c, d, e, f] = solved(normal)?;
        let step = Affine { x: [1.0 + a, b, c], y: [d, 1.0 + e, f] };
        Some((step, product / count as f32))
    }
}

/// Mean and standard deviation; `None` when there is nothing to tell values apart by.
pub(crate) fn moments(values: impl Iterator<Item = f32>) -> Option<(f32, f32)> {
    let (mut count, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for value in values {
        count += 1.0;
        sum += value;
        squares += value * value;
    }
    let mean = sum / count;
    let spread = (squares / count - mean * mean).max(0.0).sqrt();
    (spread > 1e-3).then_some((mean, spread))
}

/// Six equations in six unknowns, by elimination.
fn solved(mut rows: [[f32; 7]; 6]) -> Option<[f32; 6]> {
    for column in 0..6 {
        let pivot = (column..6).max_by(|a, b| rows[*a][column].abs().total_cmp(&rows[*b][column].abs()))?;
        rows.swap(column, pivot);
        let lead = rows[column];
        if lead[column].abs() < 1e-6 {
            return None;
        }
        for (_, row) in rows.iter_mut().enumerate().filter(|(at, _)| *at != column) {
            let factor = row[column] / lead[column];
            row.iter_mut().zip(lead).for_each(|(value, lead)| *value -= factor * lead);
        }
    }
    Some(std::array::from_fn(|at| rows[at][6] / rows[at][at]))
}
