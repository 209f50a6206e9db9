//! What an operator may rely on, by area.

mod combinations;
mod documentation;
mod no_panic;
mod precedence;
mod providers;
mod secrets;
mod unknown;
mod values;

use std::path::PathBuf;

use tempfile::TempDir;

use crate::{Faults, Settings, Sources};

/// A configuration file's text and an environment, loaded as the program would.
struct Given {
    folder: TempDir,
    sources: Sources,
}

impl Given {
    fn nothing() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sources = Sources { default_file: Some(folder.path().join("doorward.toml")), ..Sources::default() };
        Self { folder, sources }
    }

    fn file(self, toml: &str) -> Self {
        std::fs::write(self.path("doorward.toml"), toml).unwrap();
        self
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.sources.env.push((name.into(), value.into()));
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file beside the configuration, and its path as text.
    fn beside(&self, name: &str, content: &str) -> String {
        std::fs::write(self.path(name), content).unwrap();
        self.path(name).to_str().unwrap().to_owned()
    }

    fn load(&self) -> Result<Settings, Faults> {
        Settings::load(&self.sources, &[])
    }

    /// The faults as text, the temporary folder left out.
    fn refusal(&self) -> String {
        let faults = self.load().expect_err("the settings should be refused").to_string();
        faults.replace(&format!("{}/", self.folder.path().display()), "")
    }
}
