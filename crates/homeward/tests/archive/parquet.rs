//! Segments are plain Parquet: another program reads them, and the document names every column.

use crate::Place;
use serde_json::Value;
use std::process::Command;

const LAYOUT: &str = include_str!("../../../../docs/archive-layout.md");

/// Prints rows, columns and two sums over all segments with whichever reader the interpreter has.
const SCRIPT: &str = r"
import glob, json, sys
files = sorted(glob.glob(sys.argv[1] + '/segments/*.parquet'))
def with_duckdb():
    import duckdb
    rows = duckdb.sql('select count(*), count(distinct identity), sum(length(body)), sum(posted_at_us) from read_parquet(%r)' % files).fetchall()[0]
    columns = [row[0] for row in duckdb.sql('describe select * from read_parquet(%r)' % files).fetchall()]
    return 'duckdb', [int(value) for value in rows], columns
def with_polars():
    import polars
    frame = polars.read_parquet(files)
    rows = [frame.height, frame['identity'].n_unique(), frame['body'].str.len_chars().sum(), frame['posted_at_us'].sum()]
    return 'polars', rows, frame.columns
def with_pandas():
    import pandas
    frame = pandas.concat([pandas.read_parquet(file) for file in files])
    rows = [len(frame), frame['identity'].nunique(), frame['body'].str.len().sum(), frame['posted_at_us'].sum()]
    return 'pandas', [int(value) for value in rows], list(frame.columns)
for read in [with_duckdb, with_polars, with_pandas]:
    try:
        print(json.dumps(read()))
        sys.exit(0)
    except ImportError:
        pass
sys.exit(3)
";

#[test]
fn another_program_reads_the_segments() {
    let place = Place::with_world(300);
    place.ok("data", &["ingest", &place.text("world/postings.jsonl")]);
    let python = std::env::var("HOMEWARD_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = Command::new(&python).args(["-c", SCRIPT]).arg(place.path("data")).output();
    let read = output.ok().filter(|output| output.status.code() != Some(3));
    let Some(output) = read else {
        let how = "no reader of Parquet: `pip install duckdb`, or name an interpreter that has one in HOMEWARD_PYTHON";
        assert!(std::env::var_os("REQUIRE_ALL").is_none(), "{how}");
        eprintln!("skipped: {how}");
        return;
    };
    assert!(output.status.success(), "{output:?}");
    let read: Value = serde_json::from_slice(&output.stdout).unwrap();
    let postings = place.postings("data");
    let letters: usize = postings.iter().map(|posting| posting.body.chars().count()).sum();
    let moments: i64 = postings.iter().filter_map(|posting| posting.posted_at).map(|at| at.0).sum();
    assert_eq!(read[1], serde_json::json!([300, 300, letters, moments]), "{}", read[0]);
    let columns: Vec<&str> = read[2].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(columns.len(), 26);
    for column in columns {
        assert!(LAYOUT.contains(&format!("`{column}`")), "docs/archive-layout.md does not name `{column}`");
    }
}

#[test]
fn the_document_names_every_file() {
    let place = Place::with_world(300);
    place.ok("data", &["ingest", &place.text("world/postings.jsonl")]);
    place.ok("data", &["missing", "import", &place.text("world/missing.jsonl")]);
    place.ok("data", &["run"]);
    place.ok("data", &["search", "town"]);
    for folder in ["data", "data/runs"] {
        let entries = std::fs::read_dir(place.path(folder)).unwrap().map(Result::unwrap);
        for entry in entries {
            let name = entry.file_name().into_string().unwrap();
            let inside = if folder == "data" { vec![name] } else { names(&entry.path()) };
            for name in inside {
                assert!(LAYOUT.contains(&name), "docs/archive-layout.md does not name `{name}`");
            }
        }
    }
}

fn names(folder: &std::path::Path) -> Vec<String> {
    crate::files(folder).iter().map(|file| file.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}
