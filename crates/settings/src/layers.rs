//! The sources of values: defaults, a file, the environment. Each becomes a layer with known keys only; anything else is a
//! fault.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;

use toml::{Table, Value};

use crate::define::{DefaultValue, Descriptor, PLACEHOLDER, Section};
use crate::fault::{Fault, Source};
use crate::keys::{describe, sections};
use crate::value::Input;
use crate::values::{Layer, Written};
use crate::{PREFIX, Sources};

const FARTHEST_TYPO: usize = 3;
const LONGEST_NAME: usize = 100;

/// How one kind of source writes keys, for messages.
struct Spelling {
    around: fn(&Descriptor) -> (String, String),
    /// What is between the name of a block and a key.
    separator: &'static str,
    block: fn(&str) -> String,
    name: fn(&str) -> Option<String>,
    file: &'static str,
    set: &'static str,
    unset: &'static str,
}

const TOML: Spelling = Spelling {
    around: Descriptor::key_around,
    separator: ".",
    block: str::to_owned,
    name: |written| Some(written.to_owned()),
    file: "_file",
    set: "write",
    unset: "remove",
};

const ENVIRONMENT: Spelling = Spelling {
    around: Descriptor::variable_around,
    separator: "__",
    block: in_capitals,
    name: from_capitals,
    file: "_FILE",
    set: "set",
    unset: "unset",
};

const DASH: &str = "___";

/// The name of a block, as a variable contains it. A name that has a dash beside an underscore, or three underscores,
/// can't be written in this way.
fn in_capitals(name: &str) -> String {
    name.replace('-', DASH).to_uppercase()
}

fn from_capitals(written: &str) -> Option<String> {
    let allowed = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    written.bytes().all(allowed).then(|| written.replace(DASH, "-").to_lowercase())
}

/// A key as somebody has written it.
struct Found<'a> {
    key: &'static Descriptor,
    block: Option<&'a str>,
    names_file: bool,
}

impl Spelling {
    /// Takes a value into a layer.
    fn put(&self, layer: &mut Layer, name: &str, input: Input, source: Source) -> Result<(), Fault> {
        let refuse =
            |name: &str, problem: &str, cure: String| Err(Fault::new(escaped(name), source.clone(), problem, cure));
        let Some(Found { key: descriptor, block, names_file }) = self.find(name) else {
            return refuse(name, "there is no such setting", self.no_such(name));
        };
        let own = self.spelled(descriptor, block);
        if names_file && !descriptor.secret {
            return refuse(name, "only a secret can be given in a file", format!("{} {own} itself", self.set));
        }
        let block = match block.map(|written| self.named(descriptor, written)).transpose() {
            Ok(block) => block,
            Err((problem, cure)) => return refuse(name, &problem, cure),
        };
        let key = descriptor.key_in(block.as_deref());
        if layer.written.contains_key(&key) {
            let cure = format!("{} one of {own} and {own}{}", self.unset, self.file);
            return refuse(&own, "it is set twice, as a value and as a file", cure);
        }
        layer.blocks.extend(block.map(|name| (descriptor.section, name)));
        layer.written.insert(key, Written { descriptor, input, names_file, source });
        Ok(())
    }

    /// The key of this name, and whether the name is that of its file.
    fn find<'a>(&self, name: &'a str) -> Option<Found<'a>> {
        describe().find_map(|key| {
            let (before, after) = (self.around)(key);
            let rest = name.strip_prefix(&before)?;
            let (rest, names_file) = rest.strip_suffix(self.file).map_or((rest, false), |rest| (rest, true));
            let block = rest.strip_suffix(&after)?;
            let found = Found { key, block: key.in_block().then_some(block), names_file };
            (key.in_block() != block.is_empty()).then_some(found)
        })
    }

    /// A key in this source; without a block, one in a block gets the placeholder.
    fn spelled(&self, key: &Descriptor, block: Option<&str>) -> String {
        let (before, after) = (self.around)(key);
        if key.in_block() { format!("{before}{}{after}", block.unwrap_or(PLACEHOLDER)) } else { before }
    }

    /// The name of the block that was written so, or why there can be no such block.
    fn named(&self, key: &Descriptor, written: &str) -> Result<String, (String, String)> {
        let problem = || format!("{written:?} is not the name of a block of {}", key.section);
        let name = (self.name)(written).ok_or_else(|| {
            let cure = format!("{} {}", self.set, self.spelled(key, Some(&(self.block)(written))));
            (problem(), cure)
        })?;
        match refused(key.section, &name) {
            Some(reason) => Err((problem(), reason)),
            None => Ok(name),
        }
    }

    fn no_such(&self, name: &str) -> String {
        if name.starts_with("DOORWARD_PORT") || name.starts_with("DOORWARD_SERVICE_") {
            // Kubernetes sets these for a Service named `doorward`, unless told otherwise.
            return "if Kubernetes has set it, set enableServiceLinks: false in the pod; otherwise unset it".to_owned();
        }
        // The block is what was meant, even if the key is not.
        let block = |key: &Descriptor| {
            let rest = name.strip_prefix(&(self.around)(key).0).filter(|_| key.in_block())?;
            rest.rsplit_once(self.separator).map(|(block, _)| block)
        };
        suggestion(name, describe().map(|key| self.spelled(key, block(key))))
    }
}

/// Why a section can have no block of this name.
fn refused(section: &str, name: &str) -> Option<String> {
    let known = sections().iter().find(|known| known.name == section)?;
    known.blocks.and_then(|refused| refused(name))
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

/// The defaults, and above them the layers, of which the stronger ones come later. A later layer overrides an earlier one,
/// however each gives a value.
pub(crate) fn merged(layers: impl IntoIterator<Item = Layer>) -> Layer {
    let mut merged = Layer::default();
    for Layer { written, blocks } in layers {
        merged.written.extend(written);
        merged.blocks.extend(blocks);
    }
    let names = |key: &Descriptor| {
        let blocks = merged.blocks.iter().filter(|(section, _)| *section == key.section);
        let names: Vec<_> = blocks.map(|(_, name)| Some(name.clone())).collect();
        if key.in_block() { names } else { vec![None] }
    };
    let keys: Vec<_> = describe().flat_map(|key| names(key).into_iter().map(move |block| (key, block))).collect();
    for (descriptor, block) in keys {
        if let DefaultValue::Text(text) = descriptor.default {
            let input = Input::Text(text.to_owned());
            let default = Written { descriptor, input, names_file: false, source: Source::Default };
            merged.written.entry(descriptor.key_in(block.as_deref())).or_insert(default);
        }
    }
    merged
}

/// The configuration file, if there is one. A file that was asked for must exist.
pub(crate) fn file(sources: &Sources, faults: &mut Vec<Fault>) -> Layer {
    let (path, asked_for) = match (&sources.config_file, &sources.default_file) {
        (Some(path), _) => (path, true),
        (None, Some(path)) => (path, false),
        (None, None) => return Layer::default(),
    };
    let named = if asked_for { "--config".to_owned() } else { path.display().to_string() };
    let refuse = |problem: String, cure: &str| Fault::new(named, Source::File(path.clone()), problem, cure);
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound && !asked_for => return Layer::default(),
        Err(error) => {
            faults.push(refuse(format!("it can't be read: {error}"), "give the path of a readable TOML file"));
            return Layer::default();
        }
    };
    match text.parse::<Table>() {
        Ok(table) => written_in(&table, &Source::File(path.clone()), faults),
        Err(error) => {
            let cure = "correct the line; a text value needs quotes";
            faults.push(refuse(syntax_problem(&text, &error), cure));
            Layer::default()
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
    let mut layer = Layer::default();
    for (name, content) in table {
        let refuse = |problem: &str, cure: String| Fault::new(escaped(name), source.clone(), problem, cure);
        let Some(section) = sections().iter().find(|known| known.name == name) else {
            let cure = suggestion(name, sections().iter().map(|known| known.name.to_owned()));
            faults.push(refuse("there is no such section", cure));
            continue;
        };
        match (content, section.blocks) {
            (Value::Table(keys), None) => put_keys(&mut layer, name, keys, source, faults),
            (Value::Table(blocks), Some(_)) => put_blocks(&mut layer, section, blocks, source, faults),
            (_, None) => {
                let cure = format!("write [{name}], and its keys below it");
                faults.push(refuse("it is a section, not a value", cure));
            }
            (_, Some(_)) => {
                let cure = format!("write [{name}.{PLACEHOLDER}], and the keys of this block below it");
                faults.push(refuse("it is a section, not a value", cure));
            }
        }
    }
    layer
}

fn put_blocks(layer: &mut Layer, section: &'static Section, blocks: &Table, source: &Source, faults: &mut Vec<Fault>) {
    for (name, content) in blocks {
        let key = format!("{}.{name}", section.name);
        let refuse = |problem: &str, cure: String| Fault::new(escaped(&key), source.clone(), problem, cure);
        match (content, refused(section.name, name)) {
            (Value::Table(keys), None) => {
                layer.blocks.insert((section.name, name.clone()));
                put_keys(layer, &key, keys, source, faults);
            }
            (Value::Table(_), Some(reason)) => {
                let problem = format!("{name:?} is not the name of a block of {}", section.name);
                faults.push(refuse(&problem, reason));
            }
            _ => {
                let cure = format!("write [{}.{PLACEHOLDER}], and the keys of this block below it", section.name);
                faults.push(refuse("it belongs to no block", cure));
            }
        }
    }
}

fn put_keys(layer: &mut Layer, of: &str, keys: &Table, source: &Source, faults: &mut Vec<Fault>) {
    for (name, value) in keys {
        let own = format!("{of}.{name}");
        // Some keys have a dot in their name.
        if let Value::Table(more) = value
            && describe().any(|key| key.key.starts_with(&format!("{own}.")))
        {
            put_keys(layer, &own, more, source, faults);
            continue;
        }
        faults.extend(TOML.put(layer, &format!("{of}.{name}"), input(value), source.clone()).err());
    }
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
    let (mut shared, mut own) = (Layer::default(), Layer::default());
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
