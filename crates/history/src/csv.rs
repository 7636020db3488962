//! The embedded tables, cut into rows by the names of their columns.

/// One row: its values by the header of their column.
pub struct Row<'a> {
    names: &'a [String],
    cells: Vec<String>,
}

impl Row<'_> {
    /// A value; empty when there is none.
    pub fn text(&self, name: &str) -> String {
        let at = self.names.iter().position(|known| known == name);
        at.and_then(|at| self.cells.get(at)).cloned().unwrap_or_default()
    }

    /// A value that may be missing.
    pub fn some(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// A whole number; none where the cell holds anything else.
    pub fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.text(name).parse().ok()
    }
}

/// Reads a table, row by row.
pub fn rows<T>(text: &str, mut each: impl FnMut(&Row<'_>) -> T) -> Vec<T> {
    let mut lines = text.lines().filter(|line| !line.is_empty());
    let names = lines.next().map(cells).unwrap_or_default();
    lines.map(|line| each(&Row { names: &names, cells: cells(line) })).collect()
}

/// The cells of a line; `"` may stand around one, and twice for itself.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                cell.push('"');
                letters.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(std::mem::take(&mut cell)),
            _ => cell.push(letter),
        }
    }
    cells.push(cell);
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_commas_and_themselves() {
        assert_eq!(cells(r#"a,"b, ""c""",,d"#), ["a", r#"b, "c""#, "", "d"]);
    }
}
