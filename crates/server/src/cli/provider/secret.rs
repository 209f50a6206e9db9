//! Where the client secret of a provider comes from: a variable, a file, a prompt or standard input. Never an argument,
//! which other users of the machine can see in the list of processes.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use doorward_ports::inbound::Change;
use doorward_ports::{NoSecret, Secret, SecretLines};
use zeroize::Zeroizing;

use crate::failure::Failure;

const LONGEST: u64 = 4096;

/// The options that name a source.
#[derive(Debug, Args)]
pub(super) struct ForNew {
    /// The name of an environment variable that contains the client secret
    #[arg(long, value_name = "VARIABLE", group = "client_secret")]
    client_secret_env: Option<OsString>,
    /// A file that contains the client secret
    #[arg(long, value_name = "FILE", group = "client_secret")]
    client_secret_file: Option<PathBuf>,
    /// Apple, in place of a client secret: a file that contains the key that signs one, as PKCS#8 PEM (.p8)
    #[arg(long, value_name = "FILE", group = "client_secret")]
    client_key_file: Option<PathBuf>,
    /// The client is public: it has no secret
    #[arg(long, group = "client_secret")]
    no_client_secret: bool,
}

/// A source of a client secret.
#[derive(Debug)]
pub(super) enum Source {
    Variable(OsString),
    File(PathBuf),
    KeyFile(PathBuf),
    Asked { optional: bool },
    Nowhere,
}

/// What becomes of the secrets of a provider.
#[derive(Debug, Default)]
pub(super) struct SecretChange {
    pub client_secret: Change<Secret>,
    pub client_key: Change<Secret>,
}

impl ForNew {
    pub(super) fn source(self) -> Option<Source> {
        let Self { client_secret_env, client_secret_file, client_key_file, no_client_secret } = self;
        let variable = client_secret_env.map(Source::Variable);
        variable
            .or_else(|| client_secret_file.map(Source::File))
            .or_else(|| client_key_file.map(Source::KeyFile))
            .or_else(|| no_client_secret.then_some(Source::Nowhere))
    }
}

impl Source {
    /// What becomes of the client secret of this provider, or of the key that signs one.
    ///
    /// # Errors
    /// If the source contains none, or can't be read.
    pub(super) fn read(self, provider: &str) -> Result<SecretChange, Failure> {
        let secret = match self {
            Self::KeyFile(path) => return of_key_file(&path).map(SecretChange::of_key),
            Self::Nowhere => None,
            Self::Variable(name) => Some(of_variable(&name)?),
            Self::File(path) => Some(of_file(&path)?),
            Self::Asked { optional } if io::stdin().is_terminal() => asked(provider, optional)?,
            Self::Asked { optional } => piped(io::stdin().lock(), optional)?,
        };
        Ok(SecretChange { client_secret: secret.map_or(Change::Clear, Change::Set), ..SecretChange::default() })
    }
}

impl SecretChange {
    fn of_key(key: Secret) -> Self {
        Self { client_key: Change::Set(key), ..Self::default() }
    }
}

fn of_file(path: &Path) -> Result<Secret, Failure> {
    let file = File::open(path).map_err(NoSecret::from);
    let secret = file.and_then(|file| Secret::read(file, LONGEST, SecretLines::One));
    secret.map_err(|reason| refused(&format!("the file {}", path.display()), &reason))
}

fn of_key_file(path: &Path) -> Result<Secret, Failure> {
    let file = File::open(path).map_err(NoSecret::from);
    file.and_then(|file| Secret::read(file, LONGEST, SecretLines::Many)).map_err(|reason| {
        let cure = "give the .p8 file as the provider's console lets you download it";
        Failure::failed(format!("the key in the file {} {reason}", path.display()), cure)
    })
}

fn of_variable(name: &OsString) -> Result<Secret, Failure> {
    let source = format!("the environment variable {}", name.display());
    let value = std::env::var_os(name)
        .ok_or_else(|| Failure::failed(format!("{source} is not set"), "set it, or use --client-secret-file"))?;
    let value = Zeroizing::new(value.into_encoded_bytes());
    Secret::read(&**value, LONGEST, SecretLines::One).map_err(|reason| refused(&source, &reason))
}

fn asked(provider: &str, optional: bool) -> Result<Option<Secret>, Failure> {
    let hint = if optional { " (empty for a public client)" } else { "" };
    let typed = rpassword::prompt_password(format!("Client secret of {provider}{hint}: ")).map(Zeroizing::new);
    let typed = typed.map_err(|error| refused("the terminal", &error.into()))?;
    if !typed.is_empty() {
        return Ok(Some(Secret::from(typed)));
    }
    if optional { Ok(None) } else { Err(missing()) }
}

fn piped(input: impl Read, optional: bool) -> Result<Option<Secret>, Failure> {
    match Secret::read(input, LONGEST, SecretLines::One) {
        Ok(secret) => Ok(Some(secret)),
        Err(NoSecret::Empty) if optional => Ok(None),
        Err(NoSecret::Empty) => Err(missing()),
        Err(reason) => Err(refused("standard input", &reason)),
    }
}

fn missing() -> Failure {
    Failure::failed("no client secret was given", "type it at the prompt, or remove it with --no-client-secret")
}

fn refused(source: &str, reason: &NoSecret) -> Failure {
    Failure::failed(
        format!("the client secret in {source} {reason}"),
        "let it contain the client secret alone, in one line",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_one_line_of_a_pipe_and_may_be_missing_for_a_new_provider_alone() {
        let text = |secret: Option<Secret>| secret.map(|secret| secret.expose().to_owned());
        assert_eq!(text(piped(&b"s3cret\r\n"[..], false).unwrap()).as_deref(), Some("s3cret"));
        assert_eq!(text(piped(&b"\n"[..], true).unwrap()), None);
        assert!(piped(&b""[..], false).unwrap_err().to_string().contains("no client secret was given"));
        assert!(piped(&b"a\nb\n"[..], true).unwrap_err().to_string().contains("more than one line"));
    }

    #[test]
    fn a_file_that_is_not_there_is_named_and_no_secret_is_shown() {
        let error = Source::File("/nowhere/secret".into()).read("work").unwrap_err().to_string();
        assert!(error.contains("/nowhere/secret"), "{error}");
        let error = Source::Variable("NOT_SET_IN_ANY_TEST".into()).read("work").unwrap_err().to_string();
        assert!(error.contains("NOT_SET_IN_ANY_TEST is not set"), "{error}");
    }
}
