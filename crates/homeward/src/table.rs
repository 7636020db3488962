//! Tables that the tools write: CSV, or Parquet when the name ends in `.parquet`. Every column is text but the figures.

use anyhow::{Context, Result};
use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use homeward_engine::tables::cell;
use parquet::arrow::ArrowWriter;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

/// Columns that hold figures.
const FIGURES: [&str; 2] = ["confidence", "probability"];
/// Rows of a Parquet file that are held before they are written.
const HELD: usize = 65_536;

/// A table that is being written.
pub struct Table {
    columns: &'static [&'static str],
    /// What is written, for an error.
    name: String,
    out: Out,
}

enum Out {
    Csv(BufWriter<Box<dyn Write>>),
    Parquet { schema: Arc<Schema>, writer: Box<ArrowWriter<File>>, held: Vec<Vec<String>> },
}

impl Table {
    /// Makes a file with these columns.
    pub fn create(path: &Path, columns: &'static [&'static str]) -> Result<Table> {
        let name = format!("`{}`", path.display());
        let file = File::create(path).with_context(|| format!("failed to write {name}"))?;
        let is_parquet = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("parquet"));
        if is_parquet {
            let kind = |name: &str| if FIGURES.contains(&name) { DataType::Float64 } else { DataType::Utf8 };
            let fields: Vec<Field> = columns.iter().map(|name| Field::new(*name, kind(name), true)).collect();
            let schema = Arc::new(Schema::new(fields));
            let writer = ArrowWriter::try_new(file, schema.clone(), None);
            let writer = Box::new(writer.with_context(|| format!("failed to write {name}"))?);
            let held = vec![Vec::new(); columns.len()];
            return Ok(Table { columns, name, out: Out::Parquet { schema, writer, held } });
        }
        Table::csv(name, Box::new(file), columns)
    }

    /// A table that is printed, as CSV.
    pub fn print(columns: &'static [&'static str]) -> Result<Table> {
        Table::csv("to standard output".to_owned(), Box::new(std::io::stdout()), columns)
    }

    fn csv(name: String, out: Box<dyn Write>, columns: &'static [&'static str]) -> Result<Table> {
        let mut out = BufWriter::new(out);
        writeln!(out, "{}", columns.join(",")).with_context(|| format!("failed to write {name}"))?;
        Ok(Table { columns, name, out: Out::Csv(out) })
    }

    /// Writes one row.
    pub fn row(&mut self, cells: &[&str]) -> Result<()> {
        let written = self.put(cells);
        written.with_context(|| format!("failed to write {}", self.name))
    }

    fn put(&mut self, cells: &[&str]) -> Result<()> {
        match &mut self.out {
            Out::Csv(out) => {
                let cells = self.columns.iter().zip(cells).map(|(column, text)| {
                    // Phone values begin like a formula, and E.164 is what readers expect of them.
                    let is_phone = *column == "value" && text.starts_with('+');
                    if is_phone { (*text).to_owned() } else { cell(text) }
                });
                writeln!(out, "{}", cells.collect::<Vec<_>>().join(","))?;
            }
            Out::Parquet { held, .. } => {
                held.iter_mut().zip(cells).for_each(|(column, text)| column.push((*text).to_owned()));
                if held[0].len() >= HELD {
                    self.write_held()?;
                }
            }
        }
        Ok(())
    }

    /// Writes what is left.
    pub fn finish(mut self) -> Result<()> {
        let name = std::mem::take(&mut self.name);
        self.end().with_context(|| format!("failed to write {name}"))
    }

    fn end(mut self) -> Result<()> {
        self.write_held()?;
        match self.out {
            Out::Csv(mut out) => out.flush()?,
            Out::Parquet { writer, .. } => {
                writer.close()?;
            }
        }
        Ok(())
    }

    fn write_held(&mut self) -> Result<()> {
        let Out::Parquet { schema, writer, held } = &mut self.out else { return Ok(()) };
        let arrays = self.columns.iter().zip(held.iter_mut()).map(|(name, cells)| -> ArrayRef {
            let cells = std::mem::take(cells);
            if FIGURES.contains(name) {
                Arc::new(cells.iter().map(|text| text.parse::<f64>().ok()).collect::<Float64Array>())
            } else {
                Arc::new(StringArray::from(cells))
            }
        });
        writer.write(&RecordBatch::try_new(schema.clone(), arrays.collect())?)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeward_intake::{Item, Options, read_table};

    #[test]
    fn a_table_reads_back_from_either_format() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.csv", "a.parquet"] {
            let path = folder.path().join(name);
            let mut table = Table::create(&path, &["id", "value", "confidence"]).unwrap();
            table.row(&["007", "+17045550142", "0.50"]).unwrap();
            table.row(&["8", "a, \"b\"", "1.00"]).unwrap();
            table.finish().unwrap();
            let mut rows = Vec::new();
            read_table(&path, &Options::default(), &mut |item| {
                if let Item::Good(mut row) = item {
                    let mut cell = |name: &str| row.take(name).unwrap();
                    rows.push((cell("id"), cell("value"), cell("confidence").parse::<f64>().unwrap()));
                }
                true
            })
            .unwrap();
            let row = |id: &str, value: &str, figure: f64| (id.to_owned(), value.to_owned(), figure);
            assert_eq!(rows, [row("007", "+17045550142", 0.5), row("8", "a, \"b\"", 1.0)], "{name}");
        }
        if cfg!(target_os = "linux") {
            let mut full = Table::create(Path::new("/dev/full"), &["id"]).unwrap();
            full.row(&["007"]).unwrap();
            assert_eq!(full.finish().unwrap_err().to_string(), "failed to write `/dev/full`");
        }
        let empty = folder.path().join("empty.parquet");
        Table::create(&empty, &["id"]).unwrap().finish().unwrap();
        read_table(&empty, &Options::default(), &mut |_| panic!("no rows")).unwrap();
    }
}
