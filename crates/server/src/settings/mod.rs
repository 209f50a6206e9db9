//! The settings: what an operator may choose, checked as a whole before anything starts.
//!
//! Defaults < `doorward.toml` (or `--config FILE`) < `DATABASE_URL`, `REDIS_URL` < `DOORWARD_SECTION__KEY`. Every fault is
//! told at once, with key, source and cure; nothing is guessed and nothing unknown is passed over.
//! To add a key, see `keys.rs`; to add a type of value, implement [`SettingValue`].

mod checks;
mod define;
mod fault;
mod keys;
mod layers;
mod reader;
mod redis_url;
mod render;
mod types;
mod value;

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::PathBuf;

use figment::Figment;

pub use self::define::{DefaultValue, Descriptor, Section};
pub use self::fault::{Fault, Faults, Source};
pub use self::keys::{
    Bootstrap, Cache, Database, Http, Metrics, Passwords, RateLimit, Redis, Registration, Secrets, Sessions, Settings,
    Storage, Telemetry, Tokens, describe, sections,
};
pub use self::reader::Effective;
pub use self::redis_url::RedisUrl;
pub use self::render::{render_docs, render_docs_json};
pub use self::types::{DatabaseUrl, HttpUrl, LogFilter, Origin, Rate, Secret};
pub use self::value::{Input, ListItem, Refusal, SettingValue};

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

impl Settings {
    /// Reads and checks everything.
    ///
    /// # Errors
    /// Tells every fault there is, never only the first.
    pub fn load(sources: &Sources) -> Result<Self, Faults> {
        let mut faults = Vec::new();
        let file = layers::file(sources, &mut faults);
        let [shared, own] = layers::environment(&sources.env, &mut faults);
        let mut layers = Figment::from(layers::defaults());
        for layer in file.into_iter().chain([shared, own]) {
            layers = layers.merge(layer);
        }
        let mut reader = reader::Reader::new(&layers, faults);
        checks::follow(&mut reader);
        let settings = keys::read(&mut reader);
        checks::check(&mut reader);
        match settings {
            Some(settings) if reader.faults.is_empty() => Ok(settings),
            _ => Err(Faults(reader.faults)),
        }
    }
}
