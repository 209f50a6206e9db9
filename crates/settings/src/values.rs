//! Reads typed values from layers, and collects all faults.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::PathBuf;

use doorward_ports::{Secret, SecretLines};
use serde_json::Value as Json;

use crate::define::{DefaultValue, Descriptor};
use crate::fault::{Fault, Source};
use crate::value::{Input, Refusal, SettingValue};

const LARGEST_SECRET: u64 = 64 * 1024;

/// A section and the name of one of its blocks.
pub(crate) type Block = (&'static str, String);

/// What one source has set.
#[derive(Debug, Default)]
pub(crate) struct Layer {
    /// The value of each key.
    pub(crate) written: BTreeMap<String, Written>,
    /// The blocks that it names, also without a key.
    pub(crate) blocks: BTreeSet<Block>,
}

/// The value of a key in one source.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub(crate) descriptor: &'static Descriptor,
    pub(crate) input: Input,
    /// Whether it is the path of a file with the value.
    pub(crate) names_file: bool,
    pub(crate) source: Source,
}

/// The effective value of a key; a secret is masked.
#[derive(Debug, Clone, PartialEq)]
pub struct Effective {
    /// The key.
    pub key: String,
    /// The value; `null` if nobody has set it and there is no default.
    pub value: Json,
    /// Where the value comes from.
    pub source: Source,
}

/// The values that were found, valid or not, and the faults so far.
pub struct Values {
    found: BTreeMap<String, (Input, Source)>,
    broken: Vec<String>,
    blocks: BTreeSet<Block>,
    without_effect: BTreeSet<String>,
    pub(crate) effective: Vec<Effective>,
    pub(crate) faults: Vec<Fault>,
}

impl Values {
    pub(crate) fn of(layer: Layer, faults: Vec<Fault>) -> Self {
        let Layer { written, blocks } = layer;
        let mut values = Self {
            found: BTreeMap::new(),
            broken: Vec::new(),
            blocks,
            without_effect: BTreeSet::new(),
            effective: Vec::new(),
            faults,
        };
        for (key, written) in written {
            values.take(key, written);
        }
        values
    }

    fn take(&mut self, key: String, written: Written) {
        let Written { descriptor, input, names_file, source } = written;
        if !names_file {
            self.found.insert(key, (input, source));
            return;
        }
        match secret_in(&input, descriptor.lines) {
            Ok((path, secret)) => {
                let source = Source::SecretFile { path, named_by: Box::new(source) };
                self.found.insert(key, (Input::Text(secret.expose().to_owned()), source));
            }
            Err((problem, cure)) => {
                self.faults.push(Fault::new(&key, source, problem, cure));
                self.broken.push(key);
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
        self.found.contains_key(key) || self.broken.iter().any(|broken| broken == key)
    }

    /// Where the value of the key comes from.
    pub fn source(&self, key: &str) -> Source {
        self.found.get(key).map_or(Source::Unset, |(_, source)| source.clone())
    }

    /// Where something of a block was set.
    pub(crate) fn source_of_block(&self, section: &str, name: &str) -> Source {
        let own = format!("{section}.{name}.");
        let mut written = self.found.iter().filter(|(key, _)| key.starts_with(&own)).map(|(_, (_, source))| source);
        let found = written.find(|source| !matches!(source, Source::Default | Source::Follows(_)));
        found.cloned().unwrap_or(Source::Unset)
    }

    /// A fault of a key, with the problem and what to do.
    pub fn fault(&self, key: &str, problem: impl Into<String>, cure: impl Into<String>) -> Fault {
        Fault::new(key, self.source(key), problem, cure)
    }

    /// The names of the blocks of a section, in their order.
    pub(crate) fn blocks_of(&self, section: &str) -> Vec<String> {
        let own = |(of, name): &Block| (*of == section).then(|| name.clone());
        self.blocks.iter().filter_map(own).collect()
    }

    /// Sets a key that nobody has set to a value that follows from another key.
    pub(crate) fn follow(&mut self, key: &str, from: &str, text: String) {
        self.found.insert(key.to_owned(), (Input::Text(text), Source::Follows(from.to_owned())));
    }

    /// Leaves a key out of the effective values, because it has no effect in its block.
    pub(crate) fn ignore(&mut self, key: String) {
        self.without_effect.insert(key);
    }

    /// The value of a key, of this block if it is in one. None if it is refused, or missing although it must be set; then
    /// the fault is recorded.
    pub(crate) fn read<T: SettingValue>(&mut self, descriptor: &Descriptor, block: Option<&str>) -> Option<T> {
        let key = descriptor.key_in(block);
        let value = match self.found.get(&key) {
            Some((input, _)) => match checked::<T>(descriptor, input) {
                Ok(value) => value,
                Err((problem, cure)) => {
                    self.faults.push(self.fault(&key, problem, cure));
                    return None;
                }
            },
            None => T::absent().or_else(|| self.missing(descriptor, &key))?,
        };
        if !self.without_effect.contains(&key) {
            self.effective.push(Effective { value: value.show(), source: self.source(&key), key });
        }
        Some(value)
    }

    /// Records that a required key is missing. Whatever lets another key follow from others has recorded it itself.
    fn missing<T>(&mut self, descriptor: &Descriptor, key: &str) -> Option<T> {
        if descriptor.default == DefaultValue::Required && !self.is_set(key) {
            self.faults.push(self.fault(key, "it must be set", format!("write {}", descriptor.format())));
        }
        None
    }

    /// All blocks of a section, in the order of their names, each with its keys. None if one of them is refused.
    pub(crate) fn read_blocks<N, E, T>(
        &mut self,
        section: &str,
        name: fn(&str) -> Result<N, E>,
        read: fn(&mut Self, Option<&str>) -> Option<T>,
    ) -> Option<Vec<(N, T)>> {
        let names = self.blocks_of(section);
        let mut block = |text: &String| read(self, Some(text)).and_then(|keys| Some((name(text).ok()?, keys)));
        // All blocks are read before the first refused one ends it.
        let blocks: Vec<_> = names.iter().map(&mut block).collect();
        blocks.into_iter().collect()
    }
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
