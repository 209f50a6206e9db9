//! Reads typed values from layers, and collects all faults.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;

use doorward_ports::{Secret, SecretLines};
use serde_json::Value as Json;

use crate::define::Descriptor;
use crate::fault::{Fault, Source};
use crate::keys::describe;
use crate::layers::{Layer, Written};
use crate::value::{Input, Refusal, SettingValue};

const LARGEST_SECRET: u64 = 64 * 1024;

/// The effective value of a key; a secret is masked.
#[derive(Debug, Clone, PartialEq)]
pub struct Effective {
    /// The key.
    pub key: &'static str,
    /// The value; `null` if nobody has set it and there is no default.
    pub value: Json,
    /// Where the value comes from.
    pub source: Source,
}

/// The values that were found, valid or not, and the faults so far.
pub struct Values {
    found: BTreeMap<&'static str, (Input, Source)>,
    broken: Vec<&'static str>,
    pub(crate) effective: Vec<Effective>,
    pub(crate) faults: Vec<Fault>,
}

impl Values {
    /// The stronger layers come later.
    pub(crate) fn of(layers: impl IntoIterator<Item = Layer>, faults: Vec<Fault>) -> Self {
        let mut values = Self { found: BTreeMap::new(), broken: Vec::new(), effective: Vec::new(), faults };
        let layers: Layer = layers.into_iter().flatten().collect();
        for (key, written) in layers {
            values.take(descriptor(key), written);
        }
        values
    }

    fn take(&mut self, key: &'static Descriptor, written: Written) {
        let Written { input, names_file, source } = written;
        if !names_file {
            self.found.insert(key.key, (input, source));
            return;
        }
        match secret_in(&input, key.lines) {
            Ok((path, secret)) => {
                let source = Source::SecretFile { path, named_by: Box::new(source) };
                self.found.insert(key.key, (Input::Text(secret.expose().to_owned()), source));
            }
            Err((problem, cure)) => {
                self.broken.push(key.key);
                self.faults.push(Fault::new(key.key, source, problem, cure));
            }
        }
    }

    /// The value of a key, if it is set and valid; reports no fault.
    pub fn peek<T: SettingValue>(&self, key: &str) -> Option<T> {
        let (input, _) = self.found.get(key)?;
        T::parse(input).ok()
    }

    /// Whether somebody has set the key, to a valid value or not.
    pub fn is_set(&self, key: &str) -> bool {
        self.found.contains_key(key) || self.broken.contains(&key)
    }

    /// Where the value of the key comes from.
    pub fn source(&self, key: &str) -> Source {
        self.found.get(key).map_or(Source::Unset, |(_, source)| source.clone())
    }

    /// A fault of a key, with the problem and what to do.
    pub fn fault(&self, key: &str, problem: impl Into<String>, cure: impl Into<String>) -> Fault {
        Fault::new(key, self.source(key), problem, cure)
    }

    /// Sets a key that nobody has set to a value that follows from another key.
    pub(crate) fn follow(&mut self, key: &'static str, from: &'static str, text: String) {
        self.found.insert(key, (Input::Text(text), Source::Follows(from)));
    }

    /// The value of a key. None if it is refused, or missing although it must be set; then the fault is recorded.
    pub(crate) fn read<T: SettingValue>(&mut self, name: &'static str) -> Option<T> {
        let value = match self.found.get(name) {
            Some((input, _)) => match checked::<T>(descriptor(name), input) {
                Ok(value) => value,
                Err((problem, cure)) => {
                    self.faults.push(self.fault(name, problem, cure));
                    return None;
                }
            },
            None => T::absent()?,
        };
        self.effective.push(Effective { key: name, value: value.show(), source: self.source(name) });
        Some(value)
    }
}

fn descriptor(name: &str) -> &'static Descriptor {
    describe().iter().find(|key| key.key == name).expect("every key that is read is described")
}

type ProblemAndCure = (String, String);

fn secret_in(path: &Input, lines: SecretLines) -> Result<(PathBuf, Secret), ProblemAndCure> {
    let Input::Text(path) = path else {
        return Err(("its file is not given as a path".to_owned(), "write the path of a file as text".to_owned()));
    };
    let path = PathBuf::from(path);
    let secret = File::open(&path).map_err(Into::into).and_then(|file| Secret::read(file, LARGEST_SECRET, lines));
    let secret = secret.map_err(|reason| {
        let cure = "use a file that contains only the secret and that the user of the process may read";
        (format!("its file {} {reason}", path.display()), cure.to_owned())
    })?;
    Ok((path, secret))
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
