//! From merged layers to typed values, collecting every fault on the way.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use figment::value::{Dict, Num, Value};
use figment::{Figment, Profile, Provider};
use serde_json::Value as Json;

use super::define::Descriptor;
use super::describe;
use super::fault::{Fault, Source};
use super::layers::DEFAULTS;
use super::value::{Input, Refusal, SettingValue};

const LARGEST_SECRET: u64 = 64 * 1024;

/// A key's value as it holds, a secret masked.
#[derive(Debug, Clone, PartialEq)]
pub struct Effective {
    /// The key.
    pub key: &'static str,
    /// The value; `null` when nobody set it and there is no default.
    pub value: Json,
    /// Where the value comes from.
    pub source: Source,
}

/// The values found, not yet typed, and what was wrong so far.
pub(super) struct Reader {
    found: BTreeMap<&'static str, (Input, Source)>,
    broken: Vec<&'static str>,
    pub(super) effective: Vec<Effective>,
    pub(super) faults: Vec<Fault>,
}

impl Reader {
    pub(super) fn new(layers: &Figment, faults: Vec<Fault>) -> Self {
        let mut reader = Self { found: BTreeMap::new(), broken: Vec::new(), effective: Vec::new(), faults };
        let data = layers.data().expect("layers are made of values already parsed");
        let values = data.get(&Profile::Default).cloned().unwrap_or_default();
        for key in describe() {
            if let Some(value) = value_at(&values, key) {
                reader.take(key, value, layers);
            }
        }
        reader
    }

    fn take(&mut self, key: &'static Descriptor, value: &Value, layers: &Figment) {
        match value {
            Value::Dict(_, named) if key.secret && named.len() == 1 && named.contains_key("file") => {
                let named_by = source(key, &named["file"], &["file"], layers);
                match secret_file(&named["file"], named_by.clone()) {
                    Ok(found) => drop(self.found.insert(key.key, found)),
                    Err((problem, cure)) => {
                        self.broken.push(key.key);
                        self.faults.push(Fault::new(key.key, named_by, problem, cure));
                    }
                }
            }
            plain => drop(self.found.insert(key.key, (input(plain), source(key, plain, &[], layers)))),
        }
    }

    /// The value of a key if it is set and good; says nothing when it isn't.
    pub(super) fn peek<T: SettingValue>(&self, key: &str) -> Option<T> {
        let (input, _) = self.found.get(key)?;
        T::parse(input).ok()
    }

    pub(super) fn is_set(&self, key: &str) -> bool {
        self.found.contains_key(key) || self.broken.contains(&key)
    }

    pub(super) fn source(&self, key: &str) -> Source {
        self.found.get(key).map_or(Source::Unset, |(_, source)| source.clone())
    }

    /// Sets a key that nobody set to what follows from another one.
    pub(super) fn follow(&mut self, key: &'static str, from: &'static str, text: String) {
        self.found.insert(key, (Input::Text(text), Source::Follows(from)));
    }

    /// The value of a key; None when it is refused, or missing although it must be set, and the fault is noted.
    pub(super) fn read<T: SettingValue>(&mut self, name: &'static str) -> Option<T> {
        let key = describe().iter().find(|key| key.key == name).expect("every key that is read is described");
        let value = match self.found.get(name) {
            Some((input, source)) => match checked::<T>(key, input) {
                Ok(value) => value,
                Err((problem, cure)) => {
                    self.faults.push(Fault::new(name, source.clone(), problem, cure));
                    return None;
                }
            },
            None => T::absent()?,
        };
        self.effective.push(Effective { key: name, value: value.show(), source: self.source(name) });
        Some(value)
    }
}

fn value_at<'v>(values: &'v Dict, key: &Descriptor) -> Option<&'v Value> {
    values.get(key.section)?.as_dict()?.get(key.name)
}

fn source(key: &Descriptor, value: &Value, below: &[&str], layers: &Figment) -> Source {
    let Some(metadata) = layers.get_metadata(value.tag()) else {
        return Source::Default;
    };
    match &metadata.source {
        Some(figment::Source::File(path)) => Source::File(path.clone()),
        _ if metadata.name == DEFAULTS => Source::Default,
        _ => {
            let path = [&[key.section, key.name], below].concat();
            Source::Environment(metadata.interpolate(&Profile::Default, &path))
        }
    }
}

fn input(value: &Value) -> Input {
    match value {
        Value::String(_, text) => Input::Text(text.clone()),
        Value::Char(_, character) => Input::Text(character.to_string()),
        Value::Bool(_, truth) => Input::Bool(*truth),
        Value::Num(_, Num::F32(_) | Num::F64(_)) => Input::Other("a number with a point"),
        Value::Num(_, number) => whole(*number),
        Value::Array(_, items) => Input::List(items.iter().map(input).collect()),
        Value::Dict(..) => Input::Other("a table or date"),
        Value::Empty(..) => Input::Other("nothing"),
    }
}

fn whole(number: Num) -> Input {
    let signed = number.to_i128().or_else(|| number.to_u128().and_then(|number| i128::try_from(number).ok()));
    signed.map_or(Input::Other("a number out of range"), Input::Integer)
}

type ProblemAndCure = (String, String);

/// The file's text without its last line's end, as editors and `echo` leave one.
fn secret_file(path: &Value, named_by: Source) -> Result<(Input, Source), ProblemAndCure> {
    let Some(path) = path.as_str().filter(|path| !path.is_empty()).map(PathBuf::from) else {
        return Err(("its file is not named by a path".to_owned(), "write the path of a file as text".to_owned()));
    };
    let refuse = |reason: String| {
        let cure = "name a file that holds the secret alone and that the user running doorward may read";
        (format!("its file {} {reason}", path.display()), cure.to_owned())
    };
    let mut text = String::new();
    File::open(&path)
        .and_then(|file| file.take(LARGEST_SECRET + 1).read_to_string(&mut text))
        .map_err(|error| refuse(format!("can't be read: {error}")))?;
    let secret = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    if secret.is_empty() {
        return Err(refuse("is empty".to_owned()));
    }
    if text.len() as u64 > LARGEST_SECRET {
        return Err(refuse("is larger than 64 KiB".to_owned()));
    }
    let input = Input::Text(secret.to_owned());
    Ok((input, Source::SecretFile { path, named_by: Box::new(named_by) }))
}

fn checked<T: SettingValue>(key: &Descriptor, input: &Input) -> Result<T, ProblemAndCure> {
    let cure = || format!("write {}", key.format());
    let value = T::parse(input).map_err(|refusal| match refusal {
        Refusal::Format if key.secret => ("its value is not valid".to_owned(), cure()),
        Refusal::Format => (format!("{input} is not valid"), cure()),
        Refusal::Because { problem, cure } => (problem, cure),
    })?;
    match key.range {
        Some(range) if !within(&value, range) => Err((format!("{input} is out of range"), cure())),
        _ => Ok(value),
    }
}

fn within<T: SettingValue>(value: &T, (least, greatest): (&str, &str)) -> bool {
    let bound = |text: &str| T::parse(&Input::Text(text.to_owned())).ok().and_then(|bound| bound.rank());
    let bounds =
        bound(least).zip(bound(greatest)).expect("both ends of a range are values of its type, which is ordered");
    value.rank().is_some_and(|rank| (bounds.0..=bounds.1).contains(&rank))
}
