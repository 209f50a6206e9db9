//! What `docs/deploy/` gives to operators: the dashboard, the rules, and the compose file. Prometheus itself checks them where it
//! is installed, as `tests/run` does; without it, those tests are skipped.
mod compose;
mod dashboard;
mod expressions;
mod live;
mod promtool;
mod rules;

use std::path::{Path, PathBuf};

use yaml_rust2::{Yaml, YamlLoader};

fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

#[track_caller]
fn text(path: &str) -> String {
    std::fs::read_to_string(in_repository(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[track_caller]
fn yaml(path: &str) -> Yaml {
    let documents = YamlLoader::load_from_str(&text(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    documents.into_iter().next().unwrap_or_else(|| panic!("{path} is empty"))
}

/// The text, in which this must occur, with something else in its place.
#[track_caller]
fn with(text: &str, old: &str, new: &str) -> String {
    assert!(text.contains(old), "{old} does not occur in\n{text}");
    text.replace(old, new)
}

/// A program of Prometheus. None where it is not installed: then what needs it is skipped.
fn program(name: &str) -> Option<PathBuf> {
    let handed = std::env::var_os(format!("DOORWARD_TEST_{}", name.to_uppercase())).map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found =
        handed.or_else(|| std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file()));
    if found.is_none() {
        println!("skipped: {name} is not installed");
    }
    found
}
