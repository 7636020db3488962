//! Reasons, slots and passages that the tools write, as JSON Lines.

use anyhow::{Context, Result};
use serde_json::Value;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// A file of JSON Lines that is being written.
pub struct Lines {
    path: PathBuf,
    out: BufWriter<File>,
}

impl Lines {
    /// An empty file.
    pub fn create(path: &Path) -> Result<Lines> {
        let file = File::create(path).with_context(|| format!("failed to write `{}`", path.display()))?;
        Ok(Lines { path: path.to_owned(), out: BufWriter::new(file) })
    }

    /// Writes lines.
    pub fn write(&mut self, lines: &[Value]) -> Result<()> {
        let written = lines.iter().try_for_each(|line| writeln!(self.out, "{line}"));
        written.with_context(|| format!("failed to write `{}`", self.path.display()))
    }

    /// Ends it.
    pub fn finish(mut self) -> Result<()> {
        self.out.flush().with_context(|| format!("failed to write `{}`", self.path.display()))
    }
}
