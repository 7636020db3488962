//! What is kept in memory of a picture while it is compared with others under edits: 128 by 128 luma values, where its
//! border ends, and coarse hashes of a few windows.

use crate::pdq::{Frequencies, Hashed, TURNS, hash_of};
use crate::{Picture, SIDE, Small};
use homeward_model::Pdq;

/// Luma values along each side of a sketch.
pub(crate) const FINE: usize = 2 * SIDE;
/// Sizes in which a sketch is kept, each half of the one before.
const LEVELS: usize = 4;
/// Parts of a level of luma that are kept.
const SCALE: f32 = 256.0;
/// A line of pixels within so many levels of luma belongs to a border.
const EVEN: i32 = 16;
/// Lines of one border differ from its first by no more.
const SAME: i32 = 4;
/// The widest border, as a share of a side.
const WIDEST: usize = FINE * 35 / 100;

/// What the windows leave out of the frame, left, top, right and below: a crop or a tilt all around, a corner or a side
/// cut off, a bar above or below.
const VIEWS: [[f32; 4]; 12] = [
    [0.05, 0.05, 0.05, 0.05],
    [0.1, 0.1, 0.1, 0.1],
    [0.1, 0.1, 0.0, 0.0],
    [0.0, 0.1, 0.1, 0.0],
    [0.1, 0.0, 0.0, 0.1],
    [0.0, 0.0, 0.1, 0.1],
    [0.1, 0.0, 0.0, 0.0],
    [0.0, 0.0, 0.1, 0.0],
    [0.0, 0.07, 0.0, 0.0],
    [0.0, 0.0, 0.0, 0.07],
    [0.0, 0.14, 0.0, 0.0],
    [0.0, 0.0, 0.0, 0.14],
];

/// A part of a picture, both sides from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Window {
    pub left: f32,
    pub top: f32,
    pub right: f32,
    pub bottom: f32,
}

impl Window {
    pub const WHOLE: Window = Window { left: 0.0, top: 0.0, right: 1.0, bottom: 1.0 };

    /// The window less shares of its own width and height.
    pub fn less(&self, left: f32, top: f32, right: f32, bottom: f32) -> Window {
        let (width, height) = (self.right - self.left, self.bottom - self.top);
        Window {
            left: self.left + left * width,
            top: self.top + top * height,
            right: self.right - right * width,
            bottom: self.bottom - bottom * height,
        }
    }
}

/// A window with the signs of its lowest frequencies, laid in all eight ways.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub window: Window,
    pub coarse: [u64; 8],
}

/// See the head of this file. About 45 KiB.
#[derive(Clone, Debug)]
pub struct Sketch {
    /// The hash of the whole picture, as plain PDQ gives it.
    pub hashed: Hashed,
    /// The hash laid in all eight ways.
    pub(crate) turned: [Pdq; 8],
    /// Means over squares, by side: 128, 64, 32 and 16, row by row, in 256ths.
    levels: [Vec<u16>; LEVELS],
    /// What is left without even borders.
    pub(crate) frame: Window,
    pub(crate) views: Vec<View>,
}

impl Sketch {
    /// Sketches a picture.
    pub fn of(picture: &Picture) -> Sketch {
        let mut levels = vec![means(picture)];
        for level in 1..LEVELS {
            levels.push(halved(&levels[level - 1], FINE >> (level - 1)));
        }
        let frame = frame(&levels[0]);
        let kept = |values: &Vec<f32>| values.iter().map(|value| (value * SCALE).round() as u16).collect();
        let small = crate::shrink(picture);
        let frequencies = Frequencies::of(&small);
        let mut sketch = Sketch {
            hashed: hash_of(picture, &small),
            turned: TURNS.map(|turn| frequencies.turned(turn).hash()),
            levels: std::array::from_fn(|level| kept(&levels[level])),
            frame,
            views: Vec::new(),
        };
        let mut windows = vec![frame];
        windows.extend(VIEWS.map(|[left, top, right, bottom]| frame.less(left, top, right, bottom)));
        if frame != Window::WHOLE {
            windows.push(Window::WHOLE);
        }
        sketch.views = windows
            .into_iter()
            .map(|window| {
                let frequencies = Frequencies::of(&sketch.seen(&Affine::of(&window)));
                View { window, coarse: TURNS.map(|turn| frequencies.turned(turn).coarse()) }
            })
            .collect();
        sketch
    }

    /// The value of a level at a point of the unit square, between its four neighbours; the nearest one outside.
    pub(crate) fn at(&self, level: usize, x: f32, y: f32) -> f32 {
        let side = FINE >> level;
        let last = (side - 1) as f32;
        let (x, y) = ((x * side as f32 - 0.5).clamp(0.0, last), (y * side as f32 - 0.5).clamp(0.0, last));
        let (column, row) = (x as usize, y as usize);
        let (right, below) = ((column + 1).min(side - 1), (row + 1).min(side - 1));
        let (across, down) = (x - column as f32, y - row as f32);
        let value = |row: usize, column: usize| f32::from(self.levels[level][row * side + column]);
        let upper = value(row, column) * (1.0 - across) + value(row, right) * across;
        let lower = value(below, column) * (1.0 - across) + value(below, right) * across;
        (upper * (1.0 - down) + lower * down) / SCALE
    }

    /// What PDQ would look at if the square from -1 to 1 were laid over this picture by a map.
    pub(crate) fn seen(&self, map: &Affine) -> Box<Small> {
        let mut small = Box::new([[0.0; SIDE]; SIDE]);
        let place = |index: usize| (index as f32 + 0.5) / SIDE as f32 - 1.0;
        for (row, out) in small.iter_mut().enumerate() {
            for (column, out) in out.iter_mut().enumerate() {
                for (down, across) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                    let (x, y) = map.apply(place(2 * column + across), place(2 * row + down));
                    *out += 0.25 * self.at(0, x, y);
                }
            }
        }
        small
    }
}

/// A map of the plane: `x' = a x + b y + c`, `y' = d x + e y + f`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Affine {
    pub x: [f32; 3],
    pub y: [f32; 3],
}

impl Affine {
    /// From the square of -1 to 1 to a window.
    pub fn of(window: &Window) -> Affine {
        let half = |from: f32, to: f32| ((to - from) / 2.0, from.midpoint(to));
        let ((width, x), (height, y)) = (half(window.left, window.right), half(window.top, window.bottom));
        Affine { x: [width, 0.0, x], y: [0.0, height, y] }
    }

    pub fn apply(&self, x: f32, y: f32) -> (f32, f32) {
        let of = |row: &[f32; 3]| row[0] * x + row[1] * y + row[2];
        (of(&self.x), of(&self.y))
    }

    /// This map after another.
    pub fn after(&self, first: &Affine) -> Affine {
        let row = |row: &[f32; 3]| {
            let of = |column: usize| row[0] * first.x[column] + row[1] * first.y[column];
            [of(0), of(1), of(2) + row[2]]
        };
        Affine { x: row(&self.x), y: row(&self.y) }
    }

    /// The way back; `None` when everything falls on a line.
    pub fn inverse(&self) -> Option<Affine> {
        let ([a, b, c], [d, e, f]) = (self.x, self.y);
        let area = self.area();
        (area.abs() > 1e-6).then(|| Affine {
            x: [e / area, -b / area, (b * f - c * e) / area],
            y: [-d / area, a / area, (c * d - a * f) / area],
        })
    }

    /// How much larger an area becomes; below zero when the map mirrors.
    pub fn area(&self) -> f32 {
        self.x[0] * self.y[1] - self.x[1] * self.y[0]
    }
}

/// Mean luma over 128 by 128 equal parts.
fn means(picture: &Picture) -> Vec<f32> {
    let edges = |length: usize| move |part: usize| part * length / FINE;
    let (across, down) = (edges(picture.width()), edges(picture.height()));
    let mut luma = vec![0u32; picture.width()];
    let mut fine = Vec::with_capacity(FINE * FINE);
    for part in 0..FINE {
        luma.fill(0);
        let rows = down(part)..down(part + 1).max(down(part) + 1);
        for row in rows.clone() {
            let samples = picture.row(row);
            if picture.channels() == 1 {
                luma.iter_mut().zip(samples).for_each(|(sum, grey)| *sum += u32::from(*grey) << 8);
            } else {
                for (sum, [r, g, b]) in luma.iter_mut().zip(samples.as_chunks::<3>().0) {
                    *sum += 77 * u32::from(*r) + 150 * u32::from(*g) + 29 * u32::from(*b);
                }
            }
        }
        for part in 0..FINE {
            let columns = across(part)..across(part + 1).max(across(part) + 1);
            let count = (rows.len() * columns.len()) as f32;
            let sum: u64 = luma[columns].iter().map(|value| u64::from(*value)).sum();
            fine.push(sum as f32 / 256.0 / count);
        }
    }
    fine
}

fn halved(values: &[f32], side: usize) -> Vec<f32> {
    let mean = |row: usize, column: usize| {
        let at = |row: usize, column: usize| values[row * side + column];
        (at(row, column) + at(row, column + 1) + at(row + 1, column) + at(row + 1, column + 1)) / 4.0
    };
    (0..side / 2).flat_map(|row| (0..side / 2).map(move |column| mean(2 * row, 2 * column))).collect()
}

/// Where a picture begins within even borders: letterboxes, frames, bars.
fn frame(fine: &[f32]) -> Window {
    let (mut rows, mut columns) = (0..FINE, 0..FINE);
    for _ in 0..2 {
        let across = |row: usize| columns.clone().map(move |column| fine[row * FINE + column] as i32);
        let (top, bottom) = borders(&rows, |row| line(across(row)));
        rows = top..bottom;
        let down = |column: usize| rows.clone().map(move |row| fine[row * FINE + column] as i32);
        let (left, right) = borders(&columns, |column| line(down(column)));
        columns = left..right;
    }
    let share = |at: usize| at as f32 / FINE as f32;
    Window {
        left: share(columns.start),
        top: share(rows.start),
        right: share(columns.end),
        bottom: share(rows.end),
    }
}

/// The level of an even line of pixels.
fn line(values: impl Iterator<Item = i32> + Clone) -> Option<i32> {
    let (least, most) = (values.clone().min()?, values.max()?);
    (most - least <= EVEN).then_some(i32::midpoint(least, most))
}

/// The lines between which a picture lies; all of them when it is even throughout.
fn borders(lines: &std::ops::Range<usize>, level: impl Fn(usize) -> Option<i32>) -> (usize, usize) {
    let of_border = |first: usize| {
        let wanted = level(first);
        move |at: usize, level: &dyn Fn(usize) -> Option<i32>| {
            wanted.zip(level(at)).is_some_and(|(wanted, level)| (wanted - level).abs() <= SAME)
        }
    };
    let (from_start, from_end) = (of_border(lines.start), of_border(lines.end - 1));
    let start = lines.clone().take_while(|at| from_start(*at, &level)).count().min(WIDEST);
    let end = lines.clone().rev().take_while(|at| from_end(*at, &level)).count().min(WIDEST);
    if start + end + SIDE / 2 > lines.len() {
        (lines.start, lines.end)
    } else {
        (lines.start + start, lines.end - end)
    }
}
