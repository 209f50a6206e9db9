//! The faults of settings, written so that an operator can fix them without reading code.

use std::fmt;
use std::path::PathBuf;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Nobody set it: the built-in default.
    Default,
    /// Nobody set it: it follows from this other key.
    Follows(String),
    /// Nobody set it, and there is no default.
    Unset,
    /// A configuration file.
    File(PathBuf),
    /// An environment variable.
    Environment(String),
    /// A file that holds one secret, and where its path was set.
    SecretFile {
        /// The file that was read.
        path: PathBuf,
        /// Where its path was set.
        named_by: Box<Source>,
    },
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Follows(key) => write!(f, "default, from {key}"),
            Self::Unset => f.write_str("not set"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Environment(variable) => write!(f, "environment variable {variable}"),
            Self::SecretFile { path, named_by } => write!(f, "file {}, named by {named_by}", path.display()),
        }
    }
}

/// One fault: the key, its source, the problem, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The key, or the text that was written in place of a key.
    pub key: String,
    /// Where it was set.
    pub source: Source,
    /// What is wrong; never contains a secret.
    pub problem: String,
    /// What to do.
    pub cure: String,
}

impl Fault {
    pub(crate) fn new(
        key: impl Into<String>,
        source: Source,
        problem: impl Into<String>,
        cure: impl Into<String>,
    ) -> Self {
        Self { key: key.into(), source, problem: problem.into(), cure: cure.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, source, problem, cure } = self;
        write!(f, "{key} ({source}): {problem}\n    {cure}")
    }
}

/// All faults of the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(pub(crate) Vec<Fault>);

impl Faults {
    /// The faults in the order in which they were found: files and variables first, then keys.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => f.write_str("one setting can't be used:")?,
            n => write!(f, "{n} settings can't be used:")?,
        }
        self.0.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl std::error::Error for Faults {}
