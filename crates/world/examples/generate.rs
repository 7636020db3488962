//! Writes a nation into a folder: `cargo run --release -p homeward-world --example generate -- POSTINGS SEED FOLDER`.

use homeward_world::{World, WorldOptions};
use std::error::Error;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, postings, seed, folder] = &arguments[..] else {
        return Err("usage: generate POSTINGS SEED FOLDER".into());
    };
    let world =
        World::generate(WorldOptions { postings: postings.parse()?, reports: None, seed: seed.parse()? });
    let folder = Path::new(folder);
    std::fs::create_dir_all(folder)?;
    world.write_postings(&mut BufWriter::new(File::create(folder.join("postings.jsonl"))?))?;
    world.write_missing(&mut BufWriter::new(File::create(folder.join("missing.jsonl"))?))?;
    world.write_truth(&mut BufWriter::new(File::create(folder.join("truth.jsonl"))?))?;
    Ok(())
}
