//! The settings: what an operator may choose, checked as a whole before anything starts.
//!
//! Defaults < `doorward.toml` (or `--config FILE`) < `DATABASE_URL`, `REDIS_URL` < `DOORWARD_SECTION__KEY`. Every fault is
//! told at once, with key, source and cure; nothing is guessed and nothing unknown is passed over.
//!
//! It refuses to know any adapter: what only an adapter can judge comes in as a [`Check`].
//!
//! To add a key, see `keys.rs`; to add a type of value, implement [`SettingValue`].
#![warn(missing_docs)]

mod checks;
mod define;
mod fault;
mod keys;
mod layers;
mod redis_url;
mod render;
mod types;
mod value;
mod values;

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::PathBuf;

pub use self::define::{DefaultValue, Descriptor, Section};
pub use self::fault::{Fault, Faults, Source};
pub use self::keys::{
    Bootstrap, Cache, Database, Http, Metrics, Passwords, RateLimit, Redis, Registration, Secrets, Sessions, Settings,
    Storage, Telemetry, Tokens, describe, sections,
};
pub use self::redis_url::RedisUrl;
pub use self::render::{render_docs, render_docs_json};
pub use self::types::{ClientAddressHeader, DatabaseUrl, HttpUrl, KeyPem, LogFilter, LogFormat};
pub use self::value::{Input, ListItem, Refusal, SettingValue};
pub use self::values::{Effective, Values};

/// What the names of all environment variables of the service begin with.
const PREFIX: &str = "DOORWARD_";
const DEFAULT_FILE: &str = "doorward.toml";

/// Where settings are looked for.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The file that was asked for; it must exist.
    pub config_file: Option<PathBuf>,
    /// The file that is read when none was asked for; it may be missing.
    pub default_file: Option<PathBuf>,
    /// The environment.
    pub env: Vec<(OsString, OsString)>,
}

impl Sources {
    /// Those of this process: `--config` if given, else `doorward.toml` in the working directory, and the environment.
    pub fn of_process(config_file: Option<PathBuf>) -> Self {
        Self { config_file, default_file: Some(DEFAULT_FILE.into()), env: std::env::vars_os().collect() }
    }
}

/// A look at values that are good by themselves: what is wrong between them, or with one of them elsewhere.
pub type Check = fn(&Values) -> Option<Fault>;

impl Settings {
    /// Reads and checks everything. `checks` are those that need what stands outside of the settings, such as the parser of
    /// an adapter, so that nothing is taken here and refused by it later.
    ///
    /// # Errors
    /// Tells every fault there is, never only the first.
    pub fn load(sources: &Sources, checks: &[Check]) -> Result<Self, Faults> {
        let mut faults = Vec::new();
        let file = layers::file(sources, &mut faults);
        let [shared, own] = layers::environment(&sources.env, &mut faults);
        let mut values = Values::of([layers::defaults(), file, shared, own], faults);
        checks::follow(&mut values);
        let settings = keys::read(&mut values);
        let found: Vec<Fault> = checks::CHECKS.iter().chain(checks).filter_map(|check| check(&values)).collect();
        values.faults.extend(found);
        match settings {
            Some(settings) if values.faults.is_empty() => Ok(settings),
            _ => Err(Faults(values.faults)),
        }
    }
}
