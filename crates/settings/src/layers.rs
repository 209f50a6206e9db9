//! The sources of values: defaults, a file, the environment. Each becomes a layer with known keys only; anything else is a
//! fault.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;

use toml::{Table, Value};

use crate::define::{DefaultValue, Descriptor};
use crate::fault::{Fault, Source};
use crate::keys::{describe, sections};
use crate::value::Input;
use crate::{PREFIX, Sources};

const FARTHEST_TYPO: usize = 3;
const LONGEST_NAME: usize = 100;

/// The value of each key and its source. A later layer overrides an earlier one, however each gives the value.
pub(crate) type Layer = BTreeMap<&'static str, Written>;

/// The value of a key in one source.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub(crate) input: Input,
    /// Whether it is the path of a file with the value.
    pub(crate) names_file: bool,
    pub(crate) source: Source,
}

/// How one kind of source writes keys, for messages.
struct Spelling {
    key: fn(&Descriptor) -> String,
    file: &'static str,
    set: &'static str,
    unset: &'static str,
}

const TOML: Spelling = Spelling { key: |key| key.key.to_owned(), file: "_file", set: "write", unset: "remove" };
const ENVIRONMENT: Spelling = Spelling { key: Descriptor::variable, file: "_FILE", set: "set", unset: "unset" };

impl Spelling {
    /// Takes a value into a layer.
    fn put(&self, layer: &mut Layer, name: &str, input: Input, source: Source) -> Result<(), Fault> {
        let refuse =
            |name: &str, problem: &str, cure: String| Err(Fault::new(escaped(name), source.clone(), problem, cure));
        let Some((key, names_file)) = self.find(name) else {
            return refuse(name, "there is no such setting", self.no_such(name));
        };
        let own = (self.key)(key);
        if names_file && !key.secret {
            return refuse(name, "only a secret can be given in a file", format!("{} {own} itself", self.set));
        }
        if layer.contains_key(key.key) {
            let cure = format!("{} one of {own} and {own}{}", self.unset, self.file);
            return refuse(&own, "it is set twice, as a value and as a file", cure);
        }
        layer.insert(key.key, Written { input, names_file, source });
        Ok(())
    }

    /// The key of this name, and whether the name is that of its file.
    fn find(&self, name: &str) -> Option<(&'static Descriptor, bool)> {
        describe().iter().find_map(|key| match name.strip_prefix(&(self.key)(key))? {
            "" => Some((key, false)),
            rest => (rest == self.file).then_some((key, true)),
        })
    }

    fn no_such(&self, name: &str) -> String {
        if name.starts_with("DOORWARD_PORT") || name.starts_with("DOORWARD_SERVICE_") {
            // Kubernetes sets these for a Service named `doorward`, unless told otherwise.
            return "if Kubernetes has set it, set enableServiceLinks: false in the pod; otherwise unset it".to_owned();
        }
        suggestion(name, describe().iter().map(self.key))
    }
}

fn escaped(name: &str) -> String {
    name.escape_debug().to_string()
}

fn suggestion(written: &str, known: impl Iterator<Item = String>) -> String {
    let near = (written.len() <= LONGEST_NAME)
        .then(|| known.map(|name| (strsim::damerau_levenshtein(written, &name), name)).min())
        .flatten()
        .filter(|(distance, _)| *distance <= FARTHEST_TYPO);
    match near {
        Some((_, name)) => format!("did you mean {name}?"),
        None => "remove it; `doorward config docs` lists all settings".to_owned(),
    }
}

/// The values that apply if nobody sets anything.
pub(crate) fn defaults() -> Layer {
    let default = |key: &'static Descriptor| match key.default {
        DefaultValue::Text(text) => {
            let written = Written { input: Input::Text(text.to_owned()), names_file: false, source: Source::Default };
            Some((key.key, written))
        }
        DefaultValue::From(_) | DefaultValue::Unset => None,
    };
    describe().iter().filter_map(default).collect()
}

/// The configuration file, if there is one. A file that was asked for must exist.
pub(crate) fn file(sources: &Sources, faults: &mut Vec<Fault>) -> Layer {
    let (path, asked_for) = match (&sources.config_file, &sources.default_file) {
        (Some(path), _) => (path, true),
        (None, Some(path)) => (path, false),
        (None, None) => return Layer::new(),
    };
    let named = if asked_for { "--config".to_owned() } else { path.display().to_string() };
    let refuse = |problem: String, cure: &str| Fault::new(named, Source::File(path.clone()), problem, cure);
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound && !asked_for => return Layer::new(),
        Err(error) => {
            faults.push(refuse(format!("it can't be read: {error}"), "give the path of a readable TOML file"));
            return Layer::new();
        }
    };
    match text.parse::<Table>() {
        Ok(table) => written_in(&table, &Source::File(path.clone()), faults),
        Err(error) => {
            let cure = "correct the line; a text value needs quotes";
            faults.push(refuse(syntax_problem(&text, &error), cure));
            Layer::new()
        }
    }
}

/// The position and the reason of a TOML error, without the line itself, which may contain a secret.
fn syntax_problem(text: &str, error: &toml::de::Error) -> String {
    let before = &text[..error.span().map_or(0, |span| span.start)];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let reason = error.message().replace('\n', "; ");
    format!("it is not TOML at line {line}, column {column}: {reason}")
}

fn written_in(table: &Table, source: &Source, faults: &mut Vec<Fault>) -> Layer {
    let mut layer = Layer::new();
    for (section, content) in table {
        if !sections().iter().any(|known| known.name == section) {
            let cure = suggestion(section, sections().iter().map(|known| known.name.to_owned()));
            faults.push(Fault::new(escaped(section), source.clone(), "there is no such section", cure));
        } else if let Value::Table(keys) = content {
            for (name, value) in keys {
                let put = TOML.put(&mut layer, &format!("{section}.{name}"), input(value), source.clone());
                faults.extend(put.err());
            }
        } else {
            let cure = format!("write [{section}], and its keys below it");
            faults.push(Fault::new(escaped(section), source.clone(), "it is a section, not a value", cure));
        }
    }
    layer
}

fn input(value: &Value) -> Input {
    match value {
        Value::String(text) => Input::Text(text.clone()),
        Value::Boolean(truth) => Input::Bool(*truth),
        Value::Integer(number) => Input::Integer(*number),
        Value::Array(items) => Input::List(items.iter().map(input).collect()),
        Value::Float(number) => Input::Float(*number),
        Value::Table(_) | Value::Datetime(_) => Input::Other("a table or date"),
    }
}

/// Variables that other programs know too, and the keys that they set.
const SHARED: &[(&str, &str)] = &[("DATABASE_URL", "database.url"), ("REDIS_URL", "redis.url")];

/// The variables of [`SHARED`] and, stronger, `DOORWARD_…`. Always text: a value such as `0123` must not become a number.
pub(crate) fn environment(variables: &[(OsString, OsString)], faults: &mut Vec<Fault>) -> [Layer; 2] {
    let (mut shared, mut own) = (Layer::new(), Layer::new());
    for (name, value) in variables {
        let name = name.to_string_lossy();
        let source = Source::Environment(escaped(&name));
        let put = if name.starts_with(PREFIX) {
            text(value, &name, &source).and_then(|text| ENVIRONMENT.put(&mut own, &name, text, source.clone()))
        } else if let Some((_, key)) = SHARED.iter().find(|(shared, _)| *shared == name) {
            text(value, &name, &source).and_then(|text| TOML.put(&mut shared, key, text, source.clone()))
        } else {
            Ok(())
        };
        faults.extend(put.err());
    }
    [shared, own]
}

fn text(value: &OsStr, name: &str, source: &Source) -> Result<Input, Fault> {
    let text = value.to_str().map(|text| Input::Text(text.to_owned()));
    text.ok_or_else(|| Fault::new(escaped(name), source.clone(), "it is not UTF-8", "write it in UTF-8"))
}
