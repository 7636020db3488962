//! Hashes of image files, and how long decoding and hashing took: `hash [--repeat N] FILE...`.

use std::time::Instant;

fn main() {
    let mut repeat = 1;
    let mut arguments = std::env::args().skip(1).peekable();
    if arguments.next_if_eq("--repeat").is_some() {
        repeat = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(1);
    }
    for file in arguments {
        let bytes = std::fs::read(&file).unwrap_or_default();
        for _ in 0..repeat {
            let start = Instant::now();
            match homeward_images::decode(&bytes) {
                Ok(picture) => {
                    let decoded = start.elapsed();
                    let hashed = homeward_images::hash(&picture);
                    let all = start.elapsed();
                    println!(
                        "{},{},{},{}x{}x{},{:.2},{:.2}",
                        file,
                        hashed.pdq,
                        hashed.quality,
                        picture.width(),
                        picture.height(),
                        picture.channels(),
                        decoded.as_secs_f64() * 1e3,
                        (all - decoded).as_secs_f64() * 1e3
                    );
                }
                Err(error) => println!("{file}: {error}"),
            }
        }
    }
}
