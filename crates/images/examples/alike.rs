//! `alike QUERIES INDEX [FARTHEST]`: distances of all pairs of two folders, as `query,match,plain,robust`.

use homeward_images::{Sketch, decode, distance};
use std::time::Instant;

fn main() {
    let folders: Vec<Vec<(String, Sketch)>> =
        std::env::args().skip(1).take(2).map(|folder| read(&folder)).collect();
    let farthest = std::env::args().nth(3).and_then(|text| text.parse().ok()).unwrap_or(31);
    let start = Instant::now();
    for (query, sketch) in &folders[0] {
        for (found, other) in &folders[1] {
            let plain = sketch.hashed.pdq.distance(&other.hashed.pdq);
            let robust = distance(sketch, other, farthest);
            if plain <= 31 || robust.is_some() {
                println!(
                    "{query},{found},{plain},{}",
                    robust.map_or(String::new(), |distance| distance.to_string())
                );
            }
        }
    }
    let pairs = folders[0].len() * folders[1].len();
    eprintln!("{:.1} us a pair", start.elapsed().as_secs_f64() * 1e6 / pairs as f64);
}

fn read(folder: &str) -> Vec<(String, Sketch)> {
    let start = Instant::now();
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let sketches: Vec<_> = names
        .iter()
        .map(|path| {
            let picture = decode(&std::fs::read(path).unwrap()).unwrap();
            (path.file_name().unwrap().to_string_lossy().into_owned(), Sketch::of(&picture))
        })
        .collect();
    eprintln!("{:.2} ms a sketch", start.elapsed().as_secs_f64() * 1e3 / sketches.len() as f64);
    sketches
}
