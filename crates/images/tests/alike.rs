//! Edits under which plain PDQ loses an image, on made-up scenes; and strangers, which stay strangers.

use homeward_images::{Picture, Sketch, distance};

const WIDTH: usize = 300;
const HEIGHT: usize = 220;

/// A scene of twenty ellipses before a slope, by number.
fn scene(number: u64) -> Picture {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut samples: Vec<u8> =
        (0..WIDTH * HEIGHT).map(|at| (60 + at / WIDTH / 3 + at % WIDTH / 5) as u8).collect();
    for _ in 0..20 {
        let (x, y) = (next(WIDTH as u64) as f32, next(HEIGHT as u64) as f32);
        let (wide, high, level) = (10.0 + next(50) as f32, 10.0 + next(50) as f32, next(256) as u8);
        for (at, sample) in samples.iter_mut().enumerate() {
            let (across, down) = (((at % WIDTH) as f32 - x) / wide, ((at / WIDTH) as f32 - y) / high);
            if across * across + down * down < 1.0 {
                *sample = level;
            }
        }
    }
    Picture::grey(WIDTH, HEIGHT, samples).unwrap()
}

/// A picture whose pixels are looked up in a scene; what lies outside it has one level.
fn edited(
    scene: &Picture,
    width: usize,
    height: usize,
    level: u8,
    from: impl Fn(f32, f32) -> (f32, f32),
) -> Picture {
    let mut samples = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let (x, y) = from(x as f32, y as f32);
            let inside = (0.0..WIDTH as f32).contains(&x) && (0.0..HEIGHT as f32).contains(&y);
            samples.push(if inside { scene.row(y as usize)[x as usize] } else { level });
        }
    }
    Picture::grey(width, height, samples).unwrap()
}

#[track_caller]
fn check(edit: impl Fn(&Picture) -> Picture) {
    let found = (0..12).filter(|number| {
        let scene = scene(*number);
        distance(&Sketch::of(&edit(&scene)), &Sketch::of(&scene), 31).is_some()
    });
    assert!(found.count() >= 11);
}

#[test]
fn a_crop_is_found() {
    check(|scene| edited(scene, 270, 198, 0, |x, y| (x + 15.0, y + 11.0)));
    check(|scene| edited(scene, 240, 176, 0, |x, y| (x + 30.0, y + 22.0)));
    check(|scene| edited(scene, 270, 198, 0, |x, y| (x + 30.0, y)));
}

#[test]
fn borders_and_bars_are_seen_through() {
    check(|scene| edited(scene, 300, 280, 0, |x, y| (x, y - 30.0)));
    check(|scene| edited(scene, 400, 220, 0, |x, y| (x - 50.0, y)));
    check(|scene| edited(scene, 320, 240, 200, |x, y| (x - 10.0, y - 10.0)));
    check(|scene| edited(scene, 300, 250, 255, |x, y| (x, y)));
    check(|scene| edited(scene, 300, 220, 255, |x, y| (x, if y > 193.0 { -1.0 } else { y })));
}

#[test]
fn a_tilt_is_found() {
    let tilted = |degrees: f32| {
        let (sine, cosine) = degrees.to_radians().sin_cos();
        move |x: f32, y: f32| {
            let (x, y) = (x - 150.0, y - 110.0);
            (150.0 + cosine * x - sine * y, 110.0 + sine * x + cosine * y)
        }
    };
    check(|scene| edited(scene, 300, 220, 0, tilted(2.0)));
    check(|scene| edited(scene, 300, 220, 255, tilted(-2.0)));
}

#[test]
fn a_mirror_is_found_and_a_crop_of_it() {
    check(|scene| edited(scene, 300, 220, 0, |x, y| (299.0 - x, y)));
    check(|scene| edited(scene, 220, 300, 0, |x, y| (y, x)));
    check(|scene| edited(scene, 280, 205, 0, |x, y| (289.0 - x, y + 8.0)));
}

#[test]
fn strangers_stay_strangers() {
    let sketches: Vec<Sketch> = (100..160).map(|number| Sketch::of(&scene(number))).collect();
    for (at, one) in sketches.iter().enumerate() {
        for other in &sketches[..at] {
            assert_eq!(distance(one, other, 31), None);
        }
    }
}

#[test]
fn what_tells_nothing_links_nothing() {
    let even = Picture::grey(200, 200, (0..40_000).map(|at| 100 + (at / 2000) as u8).collect()).unwrap();
    let (one, other) = (Sketch::of(&even), Sketch::of(&even));
    assert!(one.hashed.quality < 50);
    assert_eq!(distance(&one, &other, 256), None);
}
