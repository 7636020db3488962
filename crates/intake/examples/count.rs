//! Reads files and prints what is in them: `cargo run -p homeward-intake --example count -- FILE...`

use homeward_intake::{Item, Options, read_postings};
use std::path::Path;

fn main() {
    for file in std::env::args().skip(1) {
        let (mut good, mut rejected, mut text) = (0u64, 0u64, 0usize);
        let read = read_postings(Path::new(&file), &Options::default(), &mut |item| {
            match item {
                Item::Good(posting) => {
                    good += 1;
                    text += posting.body.len();
                }
                Item::Rejected(_) => rejected += 1,
                Item::Media(_) => {}
            }
            true
        });
        match read {
            Ok(tally) => {
                println!("{file}: {good} postings with {text} bytes of text, {rejected} rejected, {tally:?}");
            }
            Err(error) => println!("{file}: {error}"),
        }
    }
}
