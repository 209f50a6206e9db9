//! Lists: a table for people, or a JSON array for programs.

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use super::print::{self, Output};
use crate::failure::Failure;

/// A column: its heading, and the text of a cell.
pub type Column<T> = (&'static str, fn(&T) -> String);

/// Prints rows; JSON contains the whole of each row, not only the columns.
///
/// # Errors
/// If standard output can't be written, or its reader is gone.
pub fn list<T: Serialize>(rows: &[T], columns: &[Column<T>], output: Output) -> Result<(), Failure> {
    match output {
        Output::Json => print::json(&rows),
        Output::Text => print::text(&table(rows, columns)),
    }
}

/// Prints one object: one line for each property, or the whole object as JSON.
///
/// # Errors
/// As [`list`].
pub fn record<T: Serialize>(row: &T, properties: &[Column<T>], output: Output) -> Result<(), Failure> {
    match output {
        Output::Json => print::json(row),
        Output::Text => print::text(&lines(row, properties)),
    }
}

fn lines<T>(row: &T, properties: &[Column<T>]) -> String {
    let mut table = plain();
    for (heading, cell) in properties {
        table.add_row([format!("{heading}:"), harmless(&cell(row))]);
    }
    rendered(table)
}

/// A heading and one line for each row, with aligned columns and no frames, so that `awk` and `grep` can read it.
fn table<T>(rows: &[T], columns: &[Column<T>]) -> String {
    if rows.is_empty() {
        return "none\n".to_owned();
    }
    let mut table = plain();
    table.set_header(columns.iter().map(|(heading, _)| heading.to_uppercase()));
    for row in rows {
        table.add_row(columns.iter().map(|(_, cell)| harmless(&cell(row))));
    }
    rendered(table)
}

fn plain() -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table
}

fn rendered(mut table: Table) -> String {
    table.column_iter_mut().for_each(|column| {
        column.set_padding((0, 2));
    });
    let lines = table.lines().map(|line| line.trim_end().to_owned() + "\n");
    lines.collect()
}

/// Escapes control characters, which could move the cursor of a terminal or break the line.
fn harmless(cell: &str) -> String {
    if cell.is_empty() {
        return "-".to_owned();
    }
    cell.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column<(&str, u32)>; 2] = [("name", |row| row.0.to_owned()), ("sessions", |row| row.1.to_string())];

    #[test]
    fn rows_stand_aligned_below_their_headings() {
        let text = table(&[("ann", 2), ("bartholomew", 10)], &COLUMNS);
        assert_eq!(text, "NAME         SESSIONS\nann          2\nbartholomew  10\n");
    }

    #[test]
    fn the_properties_of_one_thing_stand_below_each_other() {
        assert_eq!(lines(&("ann", 2), &COLUMNS), "name:      ann\nsessions:  2\n");
    }

    #[test]
    fn an_empty_list_says_so() {
        assert_eq!(table(&[], &COLUMNS), "none\n");
    }

    #[test]
    fn control_characters_reach_no_terminal() {
        let text = table(&[("a\u{1b}[2Jb\nc", 1), ("", 2)], &COLUMNS);
        assert_eq!(text, "NAME            SESSIONS\na\\u{1b}[2Jb\\nc  1\n-               2\n");
    }
}
