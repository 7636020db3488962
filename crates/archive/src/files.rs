//! Files that are there whole or not at all, and that only their owner can read: they tell of children.

use crate::error::{ArchiveError, io};
use serde_json::Value;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Makes a folder that only its owner can read, unless it is there; folders above it are made as usual.
pub fn private_folder(path: &Path) -> io::Result<()> {
    if path.as_os_str().is_empty() {
        return Ok(());
    }
    if let Some(above) = path.parent() {
        fs::create_dir_all(above)?;
    }
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        made => made,
    }
}

/// How a file is opened that, where it is made, only its owner can read.
pub fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Begins a file that only its owner can read, or begins it anew.
pub fn private_file(path: &Path) -> io::Result<File> {
    private().write(true).create(true).truncate(true).open(path)
}

/// Writes under a draft name, makes it durable, renames: the file is there whole or not at all.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), ArchiveError> {
    let draft = path.with_extension("draft");
    let mut file = private_file(&draft).map_err(io("write", &draft))?;
    file.write_all(bytes).map_err(io("write", &draft))?;
    file.sync_all().map_err(io("write", &draft))?;
    into_place(&draft, path)
}

/// The text of a file; `None` when there is none.
pub fn read_if_there(path: &Path) -> Result<Option<String>, ArchiveError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io("read", path)(error)),
    }
}

/// Appends a line to a file that is small; the file is there with the line or without it.
pub fn append_line(path: &Path, line: &Value) -> Result<(), ArchiveError> {
    let before = read_if_there(path)?.unwrap_or_default();
    write_whole(path, format!("{before}{line}\n").as_bytes())
}

/// Gives a finished draft, a file or a folder, its name and makes the name durable.
pub fn into_place(draft: &Path, path: &Path) -> Result<(), ArchiveError> {
    fs::rename(draft, path).map_err(io("rename", draft))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(io("write", folder))
}

/// Removes a file or a folder with all that is in it; no error when there is none.
pub fn remove(path: &Path) -> Result<(), ArchiveError> {
    let removed = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(io("remove", path)(error)),
        _ => Ok(()),
    }
}
