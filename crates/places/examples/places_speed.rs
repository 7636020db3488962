//! Measures what the hot paths cost on this machine: the first load, `find` on a text of about 570 characters, `resolve`.
//! Prints the best of several rounds, which is the figure least disturbed by other work; it asserts nothing.

use homeward_model::PlaceMention;
use homeward_places::{CityId, Places};
use std::hint::black_box;
use std::time::Instant;

const ROUNDS: usize = 20;
const CALLS: u32 = 2_000;

fn main() {
    let start = Instant::now();
    let places = Places::embedded();
    println!("load {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    let start = Instant::now();
    let metro = places.metro(CityId(500));
    println!("first metro {:.1} ms ({})", start.elapsed().as_secs_f64() * 1e3, places.label(metro));
    for (name, work) in [("zip", 0), ("agency", 1)] {
        let start = Instant::now();
        let found =
            if work == 0 { places.zip("28202").is_some() } else { places.agency("NC0600100").is_some() };
        println!("first {name} {:.1} ms ({found})", start.elapsed().as_secs_f64() * 1e3);
    }
    let sentence = "new in town this week only, the best time of the day is late, call or text 704-555-0142 and ask for \
                    the old number. i love a long talk and a good walk by the lake. ";
    let plain: String = sentence.repeat(4).chars().take(570).collect();
    let named = format!("{}now in Charlotte, NC and then las vegas", &plain[..530]);
    for (name, text) in [("no city", &plain), ("two cities", &named)] {
        println!(
            "find, {} characters, {name}: {:.2} us",
            text.len(),
            best(|| places.find(black_box(text)).len())
        );
    }
    let mention = PlaceMention {
        city: Some("St. Louis".into()),
        state: Some("Missouri".into()),
        ..PlaceMention::default()
    };
    println!("resolve: {:.2} us", best(|| places.resolve(black_box(&mention)).map_or(0, |id| id.0 as usize)));
}

/// Microseconds per call in the best round.
fn best(work: impl Fn() -> usize) -> f64 {
    let round = |_| {
        let start = Instant::now();
        for _ in 0..CALLS {
            black_box(work());
        }
        start.elapsed().as_secs_f64() * 1e6 / f64::from(CALLS)
    };
    (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min)
}
