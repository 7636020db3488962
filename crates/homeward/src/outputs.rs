//! Files that a command will write, looked at before its work begins: minutes of it are not lost to a folder that is not there,
//! and nothing that is read is written over.

use anyhow::{Result, bail};
use std::path::Path;

/// Refuses an output without a folder, one that is also read, and one that is named twice.
pub fn check(outputs: &[&Path], inputs: &[&Path]) -> Result<()> {
    for (at, output) in outputs.iter().enumerate() {
        let name = output.display();
        let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
            bail!("failed to write `{name}`: there is no folder `{}`", folder.display());
        }
        if output.is_dir() {
            bail!("failed to write `{name}`: it is a folder");
        }
        let there = output.canonicalize().ok().filter(|file| file.is_file());
        let same = |other: &&Path| {
            other == output
                || there.as_ref().is_some_and(|there| other.canonicalize().is_ok_and(|other| other == *there))
        };
        if inputs.iter().any(same) {
            bail!("`{name}` is read, and would be written over\nhint: name another file for what is written");
        }
        if output.as_os_str() != "/dev/null" && outputs[..at].iter().any(same) {
            bail!("`{name}` is named for two outputs");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(outputs: &[&Path], inputs: &[&Path], refused: &str) {
        match super::check(outputs, inputs) {
            Ok(()) => assert_eq!(refused, ""),
            Err(error) => assert!(!refused.is_empty() && error.to_string().contains(refused), "{error}"),
        }
    }

    #[test]
    fn what_is_read_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("ads.csv"), "id,text\n").unwrap();
        std::os::unix::fs::symlink(path("ads.csv"), path("link.csv")).unwrap();
        let (ads, link, new, other) = (path("ads.csv"), path("link.csv"), path("new.csv"), path("other.csv"));
        check(&[&new, &other], &[&ads], "");
        check(&[Path::new("/dev/null"), Path::new("/dev/null")], &[&ads], "");
        check(&[Path::new("new.csv")], &[&ads], "");
        check(&[&ads], &[&ads], "is read");
        check(&[&link], &[&ads], "is read");
        check(&[&path("./ads.csv")], &[&ads], "is read");
        check(&[&new, &new], &[&ads], "for two outputs");
        check(&[folder.path()], &[&ads], "it is a folder");
        check(&[&path("none/new.csv")], &[&ads], "there is no folder");
    }
}
