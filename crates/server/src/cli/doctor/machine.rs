use std::io::ErrorKind;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use doorward_domain::Password;
use doorward_ports::outbound::{AccountKey, PasswordHasher};
use rlimit::Resource;

use super::Finding;
use super::server::is_doorward;
use crate::failure::Failure;
use crate::wiring;
use doorward_settings::Settings;

const ADDRESS: &str = "address";
const OPEN_FILES: &str = "open files";
const HASHING: &str = "password hashing";
/// Each connection is an open file, also each connection to the database.
const FEW_FILES: u64 = 4096;
/// After this time, people think that a click did nothing.
const SLOW_HASH: Duration = Duration::from_secs(1);

/// Checks that the server can listen, or already does.
pub(super) fn address(settings: &Settings) -> Finding {
    let bind = settings.http.bind;
    match TcpListener::bind(bind) {
        Ok(_) => Finding::ok(ADDRESS, format!("{bind} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse && is_doorward(bind) => {
            Finding::ok(ADDRESS, format!("a Doorward server answers at {bind}"))
        }
        Err(error) if error.kind() == ErrorKind::AddrInUse => Finding::warn(
            ADDRESS,
            format!("another program uses {bind}"),
            "stop that program, or set http.bind to another address",
        ),
        Err(error) => Finding::fail(
            ADDRESS,
            format!("the server can't listen on {bind}: {error}"),
            "set http.bind to another address; ports below 1024 need a privilege",
        ),
    }
}

/// Checks the hard limit, to which the server raises the soft limit at its start.
pub(super) fn open_files(_: &Settings) -> Finding {
    match Resource::NOFILE.get() {
        Ok((_, most)) if most < FEW_FILES => Finding::warn(
            OPEN_FILES,
            format!("this process may have {most} open files, and each connection needs one"),
            "raise the limit: `ulimit -Hn`, or LimitNOFILE= of a systemd unit",
        ),
        Ok((_, most)) => Finding::ok(OPEN_FILES, format!("this process may have {most} open files")),
        Err(error) => Finding::warn(
            OPEN_FILES,
            format!("the system does not report the limit: {error}"),
            "check it with `ulimit -n`",
        ),
    }
}

/// Measures how long one sign-in uses a core.
pub(super) fn hashing(settings: &Settings) -> Finding {
    let cost = settings.passwords.bcrypt_cost;
    match time_of_a_hash(settings) {
        Ok(took) if took > SLOW_HASH => Finding::warn(
            HASHING,
            format!("a hash with cost {cost} takes {} ms on this machine", took.as_millis()),
            "lower passwords.bcrypt_cost, or use faster cores",
        ),
        Ok(took) => {
            Finding::ok(HASHING, format!("a hash with cost {cost} takes {} ms on this machine", took.as_millis()))
        }
        Err(failure) => Finding::of(HASHING, &failure),
    }
}

fn time_of_a_hash(settings: &Settings) -> Result<Duration, Failure> {
    let hasher = wiring::hasher(settings, std::sync::Arc::new(()))?;
    let password = Password::new("a password of nobody".to_owned()).expect("it is neither empty nor too long");
    let backend = wiring::backend()?;
    let begun = Instant::now();
    backend.block_on(hasher.hash(AccountKey::from_bytes([0; 16]), &password)).map_err(doorward_ports::Error::from)?;
    Ok(begun.elapsed())
}
