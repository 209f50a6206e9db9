//! Fields that would be shown by a derived `Debug` although their names say that they are secret or personal. Their types
//! should hide them: `Secret`, `Personal`, or a value of `domain` with `hidden!`. Read from lines, which is enough for code
//! that `rustfmt` has seen.

use std::fs;
use std::path::{Path, PathBuf};

/// Parts of the names of what nobody may read in a log.
const NAMES: [&str; 13] = [
    "password",
    "secret",
    "token",
    "email",
    "username",
    "identifier",
    "full_name",
    "cursor",
    "credential",
    "authorization",
    "private",
    "recovery_code",
    "verifier",
];

/// Types that show all of what they contain.
const OPEN: [&str; 6] = ["String", "str", "u8", "Cow", "Zeroizing", "Json"];

/// All such fields in the sources of a workspace, but for those of tests, as `file: field`.
pub fn open_fields(root: &Path) -> Vec<String> {
    let mut files = Vec::new();
    sources(&root.join("crates"), &mut files);
    files.sort();
    let of_file = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = path.strip_prefix(root).unwrap_or(path).display().to_string();
        open_in(&text).into_iter().map(move |field| format!("{name}: {field}")).collect::<Vec<_>>()
    };
    files.iter().flat_map(of_file).collect()
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for path in entries.map(|entry| entry.expect("the folder is ours").path()) {
        let named = |name: &str| path.file_name().is_some_and(|file| file == name);
        if path.is_dir() && !named("tests") && !named("testkit") && !named("testbed") {
            sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !named("tests.rs") {
            files.push(path);
        }
    }
}

/// The fields of types with a derived `Debug`, up to the tests of the file.
fn open_in(text: &str) -> Vec<&str> {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let (mut derives, mut inside, mut found) = (false, false, Vec::new());
    for line in code.lines() {
        let begins = ["struct ", "enum "].iter().any(|word| line.contains(word)) && !line.trim().starts_with("//");
        if line.trim_start().starts_with("#[derive(") {
            derives = line.contains("Debug");
        } else if begins {
            inside = derives && line.ends_with('{');
            found.extend(Some(line.trim()).filter(|line| derives && is_open(line)));
            derives = false;
        } else if inside && matches!(line.trim(), "}" | "},") && !line.starts_with("    ") {
            inside = false;
        } else if inside {
            found.extend(Some(line.trim()).filter(|line| is_open(line)));
        }
    }
    found
}

/// Whether a line is a field, or a variant with fields, of a telling name and of an open type.
fn is_open(line: &str) -> bool {
    if line.starts_with(['#', '/']) || line.ends_with('{') {
        return false;
    }
    let Some(end) = line.find([':', '(']) else { return false };
    let (name, types) = line.split_at(end);
    let name = name.to_lowercase();
    let types = types.replace("&'static str", "");
    let mut words = types.split(|c: char| !c.is_alphanumeric());
    NAMES.iter().any(|part| name.contains(part)) && words.any(|word| OPEN.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_with_a_telling_name_and_an_open_type_is_found() {
        for field in ["pub email: String,", "new_password: Option<String>,", "Token(&'a str),", "tokens: Vec<Vec<u8>>,"]
        {
            for text in [
                format!("#[derive(Debug, Clone)]\npub struct A {{\n    a: u8,\n    {field}\n}}\n"),
                format!(
                    "#[derive(Clone, Debug)]\n#[serde(x)]\nenum A {{\n    /// It is one.\n    {field}\n    B,\n}}\n"
                ),
            ] {
                assert_eq!(open_in(&text), [field], "{text}");
            }
        }
        assert_eq!(open_in("#[derive(Debug)]\npub struct Password(String);\n"), ["pub struct Password(String);"]);
    }

    #[test]
    fn what_is_hidden_by_its_type_or_has_no_derived_debug_is_not() {
        for text in [
            "#[derive(Debug)]\nstruct A {\n    email: Personal,\n    token: TokenId,\n    code: String,\n}\n",
            "#[derive(Clone)]\nstruct A {\n    email: String,\n}\n",
            "#[derive(Debug)]\nstruct A {\n    token_type: &'static str,\n}\n",
            "#[derive(Debug)]\nstruct A;\n\nfn f(email: String) {}\nstruct B {\n    email: String,\n}\n",
            "#[derive(Debug)]\nstruct A {\n    name: String,\n}\n\nfn f() {\n    let email: String = g();\n}\n",
            "#[cfg(test)]\nmod tests {\n    #[derive(Debug)]\n    struct A {\n        email: String,\n    }\n}\n",
        ] {
            assert_eq!(open_in(text), [""; 0], "{text}");
        }
    }
}
