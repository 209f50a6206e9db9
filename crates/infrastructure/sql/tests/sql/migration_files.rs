//! A migration that was ever applied somewhere can't be changed: no database that has it would notice. So they only grow,
//! and `migrations/SHA256SUMS` holds what each of them was when it was written.
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../migrations")
}

/// What is in a folder, by name.
fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = entries.collect();
    names.sort();
    names
}

fn sum_of(file: &Path) -> String {
    Sha256::digest(fs::read(file).unwrap()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Path below the folder → the sum of the file that is there.
fn found() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for database in ["postgres", "sqlite"] {
        for migration in names_in(&folder().join(database)) {
            for file in names_in(&folder().join(database).join(&migration)) {
                let path = format!("{database}/{migration}/{file}");
                found.insert(path.clone(), sum_of(&folder().join(path)));
            }
        }
    }
    found
}

/// As `sha256sum` writes them.
fn written() -> BTreeMap<String, String> {
    let text = fs::read_to_string(folder().join("SHA256SUMS")).unwrap();
    let line = |line: &str| line.split_once("  ").map(|(sum, path)| (path.to_owned(), sum.to_owned()));
    text.lines().map(|text| line(text).unwrap_or_else(|| panic!("no sum and path: {text}"))).collect()
}

#[test]
fn no_migration_has_changed_since_it_was_written() {
    let (found, written) = (found(), written());
    for (path, sum) in &written {
        let there = found.get(path).unwrap_or_else(|| panic!("migrations/{path} is gone: put it back"));
        assert_eq!(there, sum, "migrations/{path} was changed: put it back, and write a new migration instead");
    }
    for (path, sum) in found {
        assert!(written.contains_key(&path), "a new migration: add this line to migrations/SHA256SUMS\n{sum}  {path}");
    }
}

#[test]
fn both_databases_have_the_same_migrations_numbered_without_a_gap() {
    let names = names_in(&folder().join("postgres"));
    assert_eq!(names, names_in(&folder().join("sqlite")));
    for (n, name) in names.iter().enumerate() {
        assert!(name.starts_with(&format!("{:04}_", n + 1)), "{name} is number {}", n + 1);
    }
}
