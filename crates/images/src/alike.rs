//! Whether two images show the same picture although one was cropped, framed, captioned, turned, tilted or mirrored.
//!
//! Plain PDQ stands for the whole image, so that a crop of a twentieth already looks strange to it. Here coarse hashes of
//! a few windows only propose how one image may lie over the other; the map is then improved until they differ least, and
//! PDQ judges the part that both show: the same measure, laid over the right place, and asked to be nearer than plain PDQ
//! is, since the place was chosen to fit.

use crate::align::{CLOSE, FROM_AFAR, align, moments};
use crate::pdq::{Frequencies, LEAST_QUALITY, TURNS, Turn, quality};
use crate::sketch::{Affine, Sketch, Window};
use crate::{SIDE, Small};

/// Proposals whose coarse hashes differ in more of their 64 bits are strangers.
const PROPOSED: u32 = 18;
/// Proposals that are tried.
const TRIED: usize = 8;
/// Correlation of what both show, without which they are not one picture.
const ALIKE: f32 = 0.95;
/// Images laid over each other must be so many times nearer than plain PDQ asks: nearly all pairs of an image and its edit
/// then differ by 10 bits or fewer, while a free map may lead one long edge onto any other within 31, and one shape on a
/// plain ground onto another within 12.
const LAID: u32 = 3;
/// How far a map may tilt (a side moves by so much of the other's length) and stretch one side against the other.
const TILTED: f32 = 0.2;
const STRETCHED: f32 = 1.5;
/// A value that differs from the mean of its neighbours by half so many levels lies on something that can be seen.
const BEND: f32 = 4.0;
/// Values of a quarter of a picture that do, of 961, where there is something to see.
const BENDS: usize = 100;
/// The share of one picture that both must show: all but a bar or the corners of a tilt.
const SHARED: f32 = 0.8;
/// The least share of the other: what a crop by a tenth on every side leaves, and a little less.
const LEFT: f32 = 0.6;

/// The PDQ distance of two images, over the part that both show; `None` when it is beyond `max_distance`, when either
/// has too little in it to tell, or when they are strangers.
pub fn distance(one: &Sketch, other: &Sketch, max_distance: u32) -> Option<u32> {
    if one.hashed.quality >= LEAST_QUALITY && other.hashed.quality >= LEAST_QUALITY {
        let plain = other.turned.iter().map(|turned| turned.distance(&one.turned[0])).min();
        if let Some(plain) = plain.filter(|plain| *plain <= max_distance) {
            return Some(plain);
        }
    }
    let mut proposals: Vec<(u32, usize, usize, usize)> = Vec::new();
    for (ours, view) in one.views.iter().enumerate() {
        // A crop lies within the other's frame, and bars and tilts spoil the same part of both.
        let paired = |theirs: &usize| ours == 0 || *theirs == 0 || ours == *theirs;
        for (theirs, seen) in other.views.iter().enumerate().filter(|(theirs, _)| paired(theirs)) {
            for (turn, coarse) in seen.coarse.iter().enumerate() {
                let distance = (view.coarse[0] ^ coarse).count_ones();
                if distance <= PROPOSED {
                    proposals.push((distance, ours, theirs, turn));
                }
            }
        }
    }
    proposals.sort_unstable();
    proposals.into_iter().take(TRIED).find_map(|(_, ours, theirs, turn)| {
        let (ours, theirs) = (Affine::of(&one.views[ours].window), Affine::of(&other.views[theirs].window));
        let turn = laid(TURNS[turn]);
        let map = align(one, &ours, other, theirs.after(&turn), &FROM_AFAR)?;
        let map =
            upright(&map.after(&turn.inverse()?)).then(|| ours.inverse().map(|back| map.after(&back)))??;
        judged(one, other, &map).filter(|distance| *distance <= max_distance / LAID)
    })
}

/// Whether a map only crops, frames and tilts a little.
fn upright(map: &Affine) -> bool {
    let ([width, tilt, _], [other_tilt, height, _]) = (map.x, map.y);
    let even = (1.0 / STRETCHED..STRETCHED).contains(&(width / height));
    even && tilt.abs() <= TILTED * height.abs() && other_tilt.abs() <= TILTED * width.abs()
}

/// Where in a picture the points of the same picture laid another way stand.
fn laid(turn: Turn) -> Affine {
    let (x, y) = match turn {
        Turn::Original => ([1.0, 0.0], [0.0, 1.0]),
        Turn::Quarter => ([0.0, -1.0], [1.0, 0.0]),
        Turn::Half => ([-1.0, 0.0], [0.0, -1.0]),
        Turn::ThreeQuarters => ([0.0, 1.0], [-1.0, 0.0]),
        Turn::Upended => ([1.0, 0.0], [0.0, -1.0]),
        Turn::Mirrored => ([-1.0, 0.0], [0.0, 1.0]),
        Turn::FallingDiagonal => ([0.0, 1.0], [1.0, 0.0]),
        Turn::RisingDiagonal => ([0.0, -1.0], [-1.0, 0.0]),
    };
    Affine { x: [x[0], x[1], 0.0], y: [y[0], y[1], 0.0] }
}

/// The least distance over the whole of what both show, its middle, and what is left without a bar above or below.
fn judged(one: &Sketch, other: &Sketch, map: &Affine) -> Option<u32> {
    let shared = shared(one, other, map)?;
    let parts = [
        shared,
        shared.less(0.06, 0.06, 0.06, 0.06),
        shared.less(0.0, 0.0, 0.0, 0.2),
        shared.less(0.0, 0.2, 0.0, 0.0),
    ];
    let judge = |part: &Window| {
        let over = Affine::of(part);
        let map = align(one, &over, other, map.after(&over), &CLOSE)?;
        let (ours, theirs) = (one.seen(&over), other.seen(&map));
        let telling = quality(&ours) >= LEAST_QUALITY && quality(&theirs) >= LEAST_QUALITY && detailed(&ours);
        (telling && correlation(&ours, &theirs) >= ALIKE)
            .then(|| Frequencies::of(&ours).hash().distance(&Frequencies::of(&theirs).hash()))
    };
    parts.iter().filter_map(judge).min()
}

/// The part of our frame that lies within theirs.
fn shared(one: &Sketch, other: &Sketch, map: &Affine) -> Option<Window> {
    let inside = |x: f32, y: f32| {
        let (x, y) = map.apply(x, y);
        let frame = &other.frame;
        (frame.left - 0.01..=frame.right + 0.01).contains(&x)
            && (frame.top - 0.01..=frame.bottom + 0.01).contains(&y)
    };
    let mut window = one.frame;
    let least = LEFT * area(&one.frame);
    while area(&window) >= least {
        let Window { left, top, right, bottom } = window;
        let (middle, centre) = (left.midpoint(right), top.midpoint(bottom));
        let mut fits = true;
        for (x, y, side) in [
            (left, centre, &mut window.left),
            (right, centre, &mut window.right),
            (middle, top, &mut window.top),
            (middle, bottom, &mut window.bottom),
        ] {
            if !inside(x, y) {
                *side += if x < middle || y < centre { 0.01 } else { -0.01 };
                fits = false;
            }
        }
        if fits {
            let ours = area(&window) / area(&one.frame);
            let theirs = area(&window) * map.area().abs() / area(&other.frame);
            return (ours.max(theirs) >= SHARED && theirs >= LEFT).then_some(window);
        }
    }
    None
}

/// Whether there is something to see in three quarters at least. One shape before a plain ground is not enough: laid over
/// each other, any two such pictures are alike.
fn detailed(small: &Small) -> bool {
    let mut bends = [0; 4];
    for row in 1..SIDE - 1 {
        for column in 1..SIDE - 1 {
            let around = |before: f32, after: f32| (before + after - 2.0 * small[row][column]).abs() >= BEND;
            if around(small[row - 1][column], small[row + 1][column])
                || around(small[row][column - 1], small[row][column + 1])
            {
                bends[row / (SIDE / 2) * 2 + column / (SIDE / 2)] += 1;
            }
        }
    }
    bends.iter().filter(|bends| **bends >= BENDS).count() >= 3
}

fn area(window: &Window) -> f32 {
    (window.right - window.left).max(0.0) * (window.bottom - window.top).max(0.0)
}

fn correlation(one: &Small, other: &Small) -> f32 {
    let (one, other) = (one.as_flattened(), other.as_flattened());
    let (Some((mean, spread)), Some((their_mean, their_spread))) =
        (moments(one.iter().copied()), moments(other.iter().copied()))
    else {
        return 0.0;
    };
    let sum: f32 = one.iter().zip(other).map(|(a, b)| (a - mean) * (b - their_mean)).sum();
    sum / (spread * their_spread * (SIDE * SIDE) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Picture, hash};

    #[test]
    fn a_map_lays_a_picture_as_its_frequencies_say() {
        let value = |x: i32, y: i32| match (x, y) {
            _ if (x - 60) * (x - 60) + (y - 50) * (y - 50) < 900 => 220,
            _ if x > 120 && y > 90 => 30 + y / 3,
            _ if (x - 2 * y).abs() < 25 => 160,
            _ => 90 + x / 4,
        };
        let samples = (0..200 * 150).map(|at| value(at % 200, at / 200) as u8).collect();
        let sketch = Sketch::of(&Picture::grey(200, 150, samples).unwrap());
        for (turn, expected) in TURNS.into_iter().zip(sketch.turned) {
            let seen = sketch.seen(&Affine::of(&Window::WHOLE).after(&laid(turn)));
            let distance = Frequencies::of(&seen).hash().distance(&expected);
            // Laid wrongly it would be some 128.
            assert!(distance <= 40, "{turn:?}: {distance}");
        }
    }

    #[test]
    fn a_sketch_holds_the_plain_hash() {
        let picture = Picture::grey(3, 9, vec![5; 27]).unwrap();
        assert_eq!(Sketch::of(&picture).hashed, hash(&picture));
    }
}
