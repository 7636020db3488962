//! Whether two images show the same picture although one was cropped, framed, captioned, turned, tilted or mirrored.
//!
//! Plain PDQ stands for the whole image, so that a crop of a twentieth already looks strange to it. Here coarse hashes of
//! a few windows only propose how one image may lie over the other; the map is then improved until they differ least, and
//! PDQ judges the part that both show. A pair is found when its hashes are as near as plain PDQ asks: the same measure,
//! laid over the right place.

use crate::align::{align, moments};
use crate::pdq::{Frequencies, LEAST_QUALITY, TURNS, Turn, quality};
use crate::sketch::{Affine, Sketch, Window};
use crate::{SIDE, Small};

/// Proposals whose coarse hashes differ in more of their 64 bits are strangers.
const PROPOSED: u32 = 18;
/// Proposals that are tried.
const TRIED: usize = 3;
/// Correlation of what both show, without which they are not one picture.
const ALIKE: f32 = 0.9;
/// The least share of either picture that both must show.
const SHARED: f32 = 0.5;

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
        for (theirs, seen) in other.views.iter().enumerate() {
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
        let (ours, theirs) = (&one.views[ours].window, &other.views[theirs].window);
        // From our unit square to theirs, as the proposal has it; then from our frame.
        let back = Affine::of(ours).inverse()?;
        let proposal = Affine::of(theirs).after(&laid(TURNS[turn])).after(&back);
        let frame = Affine::of(&one.frame);
        let map = align(one, &frame, other, proposal.after(&frame))?.after(&frame.inverse()?);
        judged(one, other, &map).filter(|distance| *distance <= max_distance)
    })
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
        let ours = Affine::of(part);
        let (ours, theirs) = (one.seen(&ours), other.seen(&map.after(&ours)));
        let telling = quality(&ours) >= LEAST_QUALITY && quality(&theirs) >= LEAST_QUALITY;
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
        (frame.left - 0.01..=frame.right + 0.01).contains(&x) && (frame.top - 0.01..=frame.bottom + 0.01).contains(&y)
    };
    let mut window = one.frame;
    let least = SHARED * area(&one.frame);
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
            let theirs = area(&window) * map.area().abs();
            return (theirs >= SHARED * area(&other.frame)).then_some(window);
        }
    }
    None
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
