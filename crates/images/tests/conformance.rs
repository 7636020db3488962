//! Hashes equal to the reference's: bit by bit on the same pixels, and within 10 bits from a file that another decoder
//! may read a little differently.
//!
//! `reference.csv` and the images beside it come from `ThreatExchange`'s `pdq/data` (see `LICENSE-ThreatExchange`; PNG
//! files are the same images as the reference saw them). `invented.csv` holds what the reference says of pictures made
//! by arithmetic, over sizes that reach every corner of the filter; `formats/` one made-up scene in many formats.

use homeward_images::{Frequencies, Picture, TURNS, decode, hash, shrink};
use homeward_model::Pdq;
use std::path::{Path, PathBuf};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn lines(name: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(data(name)).unwrap();
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn hashes(text: &str) -> Vec<Pdq> {
    text.split('|').map(|hash| Pdq::parse(hash).unwrap()).collect()
}

/// The hash, quality and eight turned hashes of a picture are at most this far from the reference's.
#[track_caller]
fn check(picture: &Picture, name: &str, quality: &str, expected: &[Pdq], farthest: u32) {
    let found = hash(picture);
    assert!(found.pdq.distance(&expected[0]) <= farthest, "{name}: {} {}", found.pdq, expected[0]);
    assert_eq!(found.quality.to_string(), quality, "{name}");
    // The reference filters a picture of 64 by 64 only when it makes all eight.
    if (picture.width(), picture.height()) != (64, 64) {
        let frequencies = Frequencies::of(&shrink(picture));
        for (turn, expected) in TURNS.into_iter().zip(expected) {
            let turned = frequencies.turned(turn).hash();
            assert!(turned.distance(expected) <= farthest, "{name} {turn:?}: {turned} {expected}");
        }
    }
}

#[test]
fn published_images_hash_as_published() {
    for row in lines("reference.csv") {
        let picture = decode(&std::fs::read(data(&row[0])).unwrap()).unwrap();
        let lossless = Path::new(&row[0]).extension().is_some_and(|end| end == "png");
        let farthest = if lossless { 0 } else { 10 };
        check(&picture, &row[0], &row[1], &hashes(&row[2]), farthest);
    }
}

#[test]
fn invented_pictures_hash_bit_by_bit() {
    for row in lines("invented.csv") {
        let [seed, width, height] = [0, 1, 2].map(|at| row[at].parse::<usize>().unwrap());
        let mut samples = Vec::with_capacity(3 * width * height);
        for y in 0..height {
            for x in 0..width {
                samples.extend((0..3).map(|channel| {
                    let product = (x * y * (seed % 11 + channel)) >> 6;
                    let value = (x * (seed % 7 + 1) + y * (seed % 5 + 2) + product + 97 * channel) % 512;
                    value.min(511 - value) as u8
                }));
            }
        }
        let picture = Picture::rgb(width, height, samples).unwrap();
        check(&picture, &format!("{width} x {height}"), &row[3], &hashes(&row[4]), 0);
    }
}

#[test]
fn every_format_shows_the_same_scene() {
    let scene = Pdq::parse("6d2f9bce0d8f3e769c790cf2f271e071e27113890395138c8c05dc8fdc4ea371").unwrap();
    let mut seen = 0;
    for entry in std::fs::read_dir(data("formats")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let picture = decode(&std::fs::read(&path).unwrap()).unwrap();
        let lossless = ["rgb.png", "rgb16.png", "alpha.png", "mirrored.png", "lossless.webp"];
        let farthest = if lossless.contains(&name.as_str()) { 0 } else { 16 };
        let distance = hash(&picture).pdq.distance(&scene);
        assert!(distance <= farthest, "{name}: {distance}");
        assert_eq!((picture.width(), picture.height()), (120, 90), "{name}");
        seen += 1;
    }
    assert_eq!(seen, 16);
}

#[test]
fn a_picture_too_small_to_tell_has_no_quality() {
    let found = hash(&Picture::grey(4, 900, vec![7; 3600]).unwrap());
    assert_eq!((found.pdq, found.quality), (Pdq([0; 4]), 0));
}
