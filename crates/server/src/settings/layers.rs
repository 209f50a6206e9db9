//! Where values come from: defaults, a file, the environment. Each becomes one figment layer that holds
//! known keys only; whatever else is written there is a fault.
//!
//! Inside a layer a secret named by a file stands as `{ file = "PATH" }` in the place of the secret, so that
//! a stronger layer overrides it, however either of them gives it.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use figment::providers::{Format, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Metadata, Profile, Provider};

use super::define::{DefaultValue, Descriptor};
use super::fault::{Fault, Source};
use super::{PREFIX, Sources, describe, sections};

pub(super) const DEFAULTS: &str = "defaults";
const FARTHEST_TYPO: usize = 3;
const LONGEST_NAME: usize = 100;

/// One source of values.
pub(super) struct Layer {
    metadata: Metadata,
    values: Dict,
}

impl Layer {
    fn new(metadata: Metadata) -> Self {
        Self { metadata, values: Dict::new() }
    }

    /// Takes a value in; false when this layer has the key already.
    fn insert(&mut self, key: &Descriptor, value: Value) -> bool {
        let section = self.values.entry(key.section.to_owned()).or_insert_with(|| Value::from(Dict::new()));
        match section {
            Value::Dict(_, values) => values.insert(key.name.to_owned(), value).is_none(),
            _ => false,
        }
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        self.metadata.clone()
    }

    fn data(&self) -> figment::Result<Map<Profile, Dict>> {
        Ok(Profile::Default.collect(self.values.clone()))
    }
}

fn named_file(path: Value) -> Value {
    Value::from(Dict::from([("file".to_owned(), path)]))
}

/// What holds when nobody sets anything.
pub(super) fn defaults() -> Layer {
    let mut layer = Layer::new(Metadata::named(DEFAULTS));
    for key in describe() {
        if let DefaultValue::Text(text) = key.default {
            layer.insert(key, Value::from(text));
        }
    }
    layer
}

/// The configuration file, if there is one. A file that was asked for must exist.
pub(super) fn file(sources: &Sources, faults: &mut Vec<Fault>) -> Option<Layer> {
    let (path, asked_for) = match (&sources.config_file, &sources.default_file) {
        (Some(path), _) => (path, true),
        (None, Some(path)) => (path, false),
        (None, None) => return None,
    };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound && !asked_for => return None,
        Err(error) => {
            let cure = "give the path of a readable TOML file";
            let problem = format!("it can't be read: {error}");
            faults.push(Fault::new(named(path, asked_for), Source::File(path.clone()), problem, cure));
            return None;
        }
    };
    match Toml::from_str::<Dict>(&text) {
        Ok(values) => Some(FileReader { path, faults }.layer(values)),
        Err(error) => {
            let problem = syntax_problem(&error.to_string());
            let cure = "mend the line; a value that is text stands in quotes";
            faults.push(Fault::new(named(path, asked_for), Source::File(path.clone()), problem, cure));
            None
        }
    }
}

fn named(path: &Path, asked_for: bool) -> String {
    if asked_for { "--config".to_owned() } else { path.display().to_string() }
}

/// The place and the reason of a TOML error, without the quoted line between them: it may hold a secret.
fn syntax_problem(error: &str) -> String {
    let place = error.lines().next().and_then(|line| line.strip_prefix("TOML parse error "));
    let reason = error.rsplit_once("^\n").map(|(_, reason)| reason.trim_end().replace('\n', "; "));
    let reason = reason.filter(|reason| !reason.is_empty()).unwrap_or_else(|| "not understood".to_owned());
    format!("it is not TOML {}: {reason}", place.unwrap_or("somewhere"))
}

struct FileReader<'a> {
    path: &'a PathBuf,
    faults: &'a mut Vec<Fault>,
}

impl FileReader<'_> {
    fn layer(mut self, values: Dict) -> Layer {
        let mut layer = Layer::new(Metadata::from("file", self.path.as_path()));
        for (section, content) in values {
            match content {
                _ if !sections().iter().any(|known| known.name == section) => self.unknown_section(&section),
                Value::Dict(_, keys) => {
                    for (name, value) in keys {
                        self.key(&mut layer, &section, &name, value);
                    }
                }
                _ => self.fault(
                    &section,
                    "it is a section, not a value",
                    format!("write [{section}], and its keys below"),
                ),
            }
        }
        layer
    }

    fn key(&mut self, layer: &mut Layer, section: &str, name: &str, value: Value) {
        let written = format!("{section}.{name}");
        let (key, value) = match find(&written, |key| key.key.to_owned()) {
            Some((key, false)) => (key, value),
            Some((key, true)) if key.secret => (key, named_file(value)),
            Some((key, true)) => return self.fault(&written, NOT_SECRET, format!("write {} itself", key.key)),
            None => {
                let known = describe().iter().map(|key| key.key.to_owned());
                return self.fault(&written, "there is no such setting", suggestion(&written, known));
            }
        };
        if !layer.insert(key, value) {
            self.fault(key.key, BOTH_SET, format!("remove one of {0} and {0}_file", key.key));
        }
    }

    fn unknown_section(&mut self, section: &str) {
        let cure = suggestion(section, sections().iter().map(|known| known.name.to_owned()));
        self.fault(section, "there is no such section", cure);
    }

    fn fault(&mut self, key: &str, problem: &str, cure: String) {
        self.faults.push(Fault::new(key.escape_debug().to_string(), Source::File(self.path.clone()), problem, cure));
    }
}

const NOT_SECRET: &str = "only a secret can be named by a file";
const BOTH_SET: &str = "it is set twice, as a value and by a file";

/// Variables that other programs know too, and the keys that they set.
const SHARED: &[(&str, &str)] = &[("DATABASE_URL", "database.url"), ("REDIS_URL", "redis.url")];

fn shared_variable(path: &[&str]) -> String {
    let key = path[..path.len().min(2)].join(".");
    SHARED.iter().find(|(_, shared)| *shared == key).map_or(key.clone(), |(variable, _)| (*variable).to_owned())
}

/// The variables of [`SHARED`] and, stronger, `DOORWARD_…`.
pub(super) fn environment(variables: &[(OsString, OsString)], faults: &mut Vec<Fault>) -> [Layer; 2] {
    let mut shared = Layer::new(Metadata::named("environment").interpolater(|_, path| shared_variable(path)));
    let mut own = Layer::new(Metadata::named("environment").interpolater(|_, path| {
        format!("{PREFIX}{}{}", path[..path.len().min(2)].join("__"), if path.len() > 2 { "_FILE" } else { "" })
            .to_uppercase()
    }));
    for (name, value) in variables {
        let name = name.to_string_lossy();
        let read = match name.as_ref() {
            own_name if own_name.starts_with(PREFIX) => {
                unicode(value).and_then(|text| variable(&mut own, own_name, text))
            }
            other => match SHARED.iter().find(|(variable, _)| *variable == other) {
                Some((_, written)) => unicode(value).map(|text| {
                    let (key, _) = find(written, |key| key.key.to_owned()).expect("SHARED names keys");
                    shared.insert(key, Value::from(text));
                }),
                None => Ok(()),
            },
        };
        if let Err((problem, cure)) = read {
            let name = name.escape_debug().to_string();
            faults.push(Fault::new(name.clone(), Source::Environment(name), problem, cure));
        }
    }
    [shared, own]
}

type ProblemAndCure = (&'static str, String);

fn unicode(value: &OsStr) -> Result<&str, ProblemAndCure> {
    value.to_str().ok_or(("it is not UTF-8", "write it in UTF-8".to_owned()))
}

/// Always text: a value such as `0123` must not become a number on the way.
fn variable(layer: &mut Layer, name: &str, value: &str) -> Result<(), ProblemAndCure> {
    let (key, value) = match find(name, Descriptor::variable) {
        Some((key, false)) => (key, Value::from(value)),
        Some((key, true)) if key.secret => (key, named_file(Value::from(value))),
        Some((key, true)) => return Err((NOT_SECRET, format!("set {} itself", key.variable()))),
        None => return Err(("there is no such setting", unknown_variable(name))),
    };
    match layer.insert(key, value) {
        true => Ok(()),
        false => Err((BOTH_SET, format!("unset one of {0} and {0}_FILE", key.variable()))),
    }
}

fn unknown_variable(name: &str) -> String {
    if name.starts_with("DOORWARD_PORT") || name.starts_with("DOORWARD_SERVICE_") {
        // Kubernetes sets these for a Service named `doorward`, unless told otherwise.
        return "if Kubernetes set it, put enableServiceLinks: false into the pod; else unset it".to_owned();
    }
    suggestion(name, describe().iter().map(Descriptor::variable))
}

/// The key of this name, and whether the name is that of its file.
fn find(written: &str, name_of: impl Fn(&Descriptor) -> String) -> Option<(&'static Descriptor, bool)> {
    describe().iter().find_map(|key| {
        let rest = written.strip_prefix(&name_of(key))?;
        match rest {
            "" => Some((key, false)),
            "_file" | "_FILE" => Some((key, true)),
            _ => None,
        }
    })
}

fn suggestion(written: &str, known: impl Iterator<Item = String>) -> String {
    let near = (written.len() <= LONGEST_NAME)
        .then(|| known.map(|name| (strsim::damerau_levenshtein(written, &name), name)).min())
        .flatten()
        .filter(|(distance, _)| *distance <= FARTHEST_TYPO);
    match near {
        Some((_, name)) => format!("did you mean {name}?"),
        None => "remove it; `doorward config docs` lists the settings there are".to_owned(),
    }
}
