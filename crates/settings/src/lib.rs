//! The settings, which are checked as a whole before anything starts.
//!
//! Defaults < `doorward.toml` (or `--config FILE`) < `DATABASE_URL`, `REDIS_URL` < `DOORWARD_SECTION__KEY`. All faults are
//! reported at once, each with key, source and cure; nothing is guessed, and nothing unknown is ignored.
//!
//! This crate knows no adapter: rules that only an adapter knows are passed in as a [`Check`].
//!
//! To add a key, see `keys.rs`; to add a type of value, implement [`SettingValue`].
#![warn(missing_docs)]

mod byte_size;
mod checks;
mod define;
mod fault;
mod keys;
mod layers;
mod mail;
mod providers;
mod redis_url;
mod render;
mod ship_to;
mod traces;
mod types;
mod value;
mod values;

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

pub use self::byte_size::ByteSize;
pub use self::define::{DefaultValue, Descriptor, Section};
pub use self::fault::{Fault, Faults, Source};
pub use self::keys::{
    Bootstrap, Cache, Database, Http, Mail, Metrics, Mfa, Oauth, Passwords, RateLimit, Redis, Registration, Secrets,
    Sessions, Settings, Storage, Telemetry, Tokens, describe, sections,
};
pub use self::mail::{MailTransport, SmtpSecurity};
pub use self::redis_url::RedisUrl;
pub use self::render::{render_docs, render_docs_json};
pub use self::ship_to::{ShipTo, SyslogTransport};
pub use self::traces::{OtlpProtocol, ResourceAttribute, SecretHeaders, Share};
pub use self::types::{ClientAddressHeader, DatabaseUrl, HttpUrl, KeyPem, LogFilter, LogFormat};
pub use self::value::{Input, ListItem, Refusal, SettingValue};
pub use self::values::{Effective, Values};

/// The prefix of all environment variables of the service.
const PREFIX: &str = "DOORWARD_";
const DEFAULT_FILE: &str = "doorward.toml";

/// The sources of settings. The environment contains secrets, so its `Debug` shows no value.
#[derive(Clone, Default)]
pub struct Sources {
    /// The file of `--config`; it must exist.
    pub config_file: Option<PathBuf>,
    /// The file that is read otherwise; it may be missing.
    pub default_file: Option<PathBuf>,
    /// The environment.
    pub env: Vec<(OsString, OsString)>,
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { config_file, default_file, env } = self;
        let names: Vec<_> = env.iter().map(|(name, _)| name).collect();
        f.debug_struct("Sources")
            .field("config_file", config_file)
            .field("default_file", default_file)
            .field("env", &names)
            .finish()
    }
}

impl Sources {
    /// The sources of this process: the file of `--config`, or else `doorward.toml` in the working directory, and the environment.
    pub fn of_process(config_file: Option<PathBuf>) -> Self {
        Self { config_file, default_file: Some(DEFAULT_FILE.into()), env: std::env::vars_os().collect() }
    }
}

/// A check of values that are valid by themselves: in combination, or with an adapter.
pub type Check = fn(&Values) -> Option<Fault>;

impl Settings {
    /// Reads and checks all settings. `checks` are further checks from outside this crate, such as the parser of an adapter, so
    /// that no value is accepted here and refused later.
    ///
    /// # Errors
    /// All faults, not only the first.
    pub fn load(sources: &Sources, checks: &[Check]) -> Result<Self, Faults> {
        let mut faults = Vec::new();
        let file = layers::file(sources, &mut faults);
        let [shared, own] = layers::environment(&sources.env, &mut faults);
        let mut values = Values::of(layers::merged([file, shared, own]), faults);
        checks::follow(&mut values);
        providers::follow(&mut values);
        let settings = keys::read(&mut values);
        let mut found: Vec<Fault> = checks::CHECKS.iter().chain(checks).filter_map(|check| check(&values)).collect();
        found.extend(providers::faults(&values));
        values.faults.extend(found);
        match settings {
            Some(settings) if values.faults.is_empty() => Ok(settings),
            _ => Err(Faults(values.faults)),
        }
    }
}
