//! `docs/benchmarks.md`, one section of which each benchmark writes.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

const FILE: &str = "docs/benchmarks.md";
/// Sections in their order: the name that marks it, its title, and the command that writes it.
const SECTIONS: [(&str, &str, &str); 5] = [
    ("texts", "Near-duplicate texts", "cargo xtask bench peers --only texts --write"),
    ("images", "Images", "cargo xtask bench peers --only images --write"),
    ("sizes", "Sizes", "cargo xtask bench size --write"),
    ("matching", "Matching missing reports", "cargo xtask bench matching --write"),
    ("persons", "Person resolution", "cargo xtask bench peers --only persons --write"),
];

/// Runs a command that prints Markdown; shows it as it comes and returns it.
pub fn printed(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("failed to start `{program}`"))?;
    let mut markdown = String::new();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            let line = line?;
            println!("{line}");
            markdown.push_str(&line);
            markdown.push('\n');
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("`{command:?}` failed with {status}");
    }
    Ok(markdown)
}

/// Puts Markdown into a section of the document; the others stay as they are.
pub fn put(root: &Path, section: &str, markdown: &str) -> Result<()> {
    if !SECTIONS.iter().any(|(name, _, _)| *name == section) {
        bail!("`{FILE}` has no section `{section}`");
    }
    let path = root.join(FILE);
    let old = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).with_context(|| format!("failed to read `{FILE}`")),
    };
    std::fs::write(&path, with_section(&old, section, markdown))
        .with_context(|| format!("failed to write `{FILE}`"))
}

fn with_section(old: &str, section: &str, markdown: &str) -> String {
    let mut document = String::from(
        "# Benchmarks\n\nGenerated: each section is written by the command that it names, and holds what that command \
         measured. Ratios count, since\nall tools of a table ran in turn on the same files on the same machine; seconds \
         differ from machine to machine.\n",
    );
    for (name, title, command) in SECTIONS {
        let held = if name == section { Some(markdown) } else { held(old, name) };
        let held = held.map_or("Not measured yet.", str::trim);
        let (begin, end) = (mark("begin", name), mark("end", name));
        document.extend(["\n## ", title, "\n\n`", command, "`\n\n", &begin, "\n", held, "\n", &end, "\n"]);
    }
    document
}

fn held<'a>(document: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = document.split_once(&mark("begin", name))?;
    after.split_once(&mark("end", name)).map(|(held, _)| held)
}

fn mark(what: &str, name: &str) -> String {
    format!("<!-- {what} {name} -->")
}

#[cfg(test)]
mod tests {
    use super::with_section;

    #[test]
    fn a_section_is_replaced_and_the_others_stay() {
        let first = with_section("", "images", "a table");
        let second = with_section(&first, "texts", "another");
        assert!(second.contains("<!-- begin images -->\na table\n<!-- end images -->"));
        assert!(second.contains("<!-- begin texts -->\nanother\n<!-- end texts -->"));
        assert_eq!(with_section(&second, "texts", "another"), second);
        assert!(second.contains("Not measured yet."));
    }
}
