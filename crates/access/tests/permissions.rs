//! The table of permissions is a reviewed file; and statements that must stay true of it whatever else changes.

use homeward_access::{Act, permissions};
use std::path::Path;

/// Set `HOMEWARD_UPDATE=1` to write the file anew after a change of a policy, and read the difference.
#[test]
fn the_table_is_the_reviewed_one() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/permissions.md");
    let table = permissions();
    if std::env::var_os("HOMEWARD_UPDATE").is_some() {
        std::fs::write(&file, table).unwrap();
    }
    let reviewed = std::fs::read_to_string(&file).unwrap();
    for (line, (ours, theirs)) in (1..).zip(table.lines().zip(reviewed.lines())) {
        assert_eq!(ours, theirs, "line {line} of docs/reference/permissions.md; hint: HOMEWARD_UPDATE=1");
    }
    assert_eq!(
        table.lines().count(),
        reviewed.lines().count(),
        "docs/reference/permissions.md; hint: HOMEWARD_UPDATE=1"
    );
}

/// One row of the table.
struct Row {
    kind: String,
    act: String,
    /// Each role with its cell.
    cells: Vec<(String, String)>,
}

fn rows() -> Vec<Row> {
    let (mut rows, mut kind, mut roles) = (Vec::new(), String::new(), Vec::new());
    for line in permissions().lines() {
        if let Some(name) = line.strip_prefix("## ") {
            name.clone_into(&mut kind);
        }
        let cells: Vec<String> =
            line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
        if cells.len() < 2 || cells[0].starts_with("---") {
            continue;
        }
        if cells[0] == "act" {
            roles = cells[1..].to_vec();
        } else {
            let marks = roles.iter().cloned().zip(cells[1..].iter().cloned()).collect();
            rows.push(Row { kind: kind.clone(), act: cells[0].clone(), cells: marks });
        }
    }
    rows
}

fn letters(cell: &str) -> &str {
    cell.strip_prefix("✓ ").unwrap_or_default()
}

#[test]
fn every_act_on_every_kind_has_a_row_and_somebody_may_do_it() {
    let rows = rows();
    for act in Act::ALL {
        for kind in act.kinds() {
            let row = rows.iter().find(|row| row.kind == kind.word() && row.act == act.word());
            let row = row.unwrap_or_else(|| panic!("`{act}` on `{kind}` is missing"));
            assert!(row.cells.iter().any(|(_, cell)| cell != "✗"), "nobody may `{act}` on `{kind}`");
        }
    }
}

#[test]
fn nothing_opens_for_a_stranger_or_after_the_end_of_access() {
    for Row { kind, act, cells } in rows() {
        for (role, cell) in cells {
            assert!(!letters(&cell).contains(['n', 'e']), "{role} may `{act}` on `{kind}`");
        }
    }
}

#[test]
fn what_only_reads_never_changes() {
    for Row { kind, act, cells } in rows() {
        for (role, cell) in cells {
            let reads = act == "view" || act == "list";
            assert!(reads || !letters(&cell).contains(['l', 'g']), "{role} may `{act}` on `{kind}`");
        }
    }
}

#[test]
fn nobody_opens_victim_service_from_the_police_side_without_a_release() {
    let inside = ["victim specialist", "service partner"];
    for Row { kind, act, cells } in rows() {
        if !["service note", "service plan", "provider record", "disclosure"].contains(&kind.as_str()) {
            continue;
        }
        for (role, cell) in cells.into_iter().filter(|(role, _)| !inside.contains(&role.as_str())) {
            assert!(["", "l"].contains(&letters(&cell)), "{role} may `{act}` on `{kind}`: {cell}");
        }
    }
}

#[test]
fn who_manages_access_reads_no_records_and_no_trail() {
    for Row { kind, act, cells } in rows() {
        for (role, cell) in cells {
            let own = match role.as_str() {
                "administrator" => ["account", "agency", "task force", "notification"].as_slice(),
                "auditor" => ["audit trail", "emergency access", "notification"].as_slice(),
                _ => continue,
            };
            // Everybody keeps the number at which they are called.
            let may = own.contains(&kind.as_str()) || act == "keep own number";
            assert!(cell == "✗" || may, "{role} may `{act}` on `{kind}`");
        }
    }
}
