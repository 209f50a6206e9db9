use doorward_ports::{Error, ErrorCode};
use juniper::ID;
use std::fmt::Display;
use std::str::FromStr;

/// What stands before the name of a role in its id, so that no two nodes have the same one.
const ROLE: &str = "role:";

pub(super) fn id(id: impl Display) -> ID {
    ID::new(id.to_string())
}

pub(super) fn role_id(name: impl Display) -> ID {
    ID::new(format!("{ROLE}{name}"))
}

/// The name of a role, from the id of its node.
pub(super) fn role_name(id: &str) -> Option<&str> {
    id.strip_prefix(ROLE)
}

/// Reads an id. A text that is none belongs to nothing, so it gets the answer of one that nothing has.
pub(super) fn parse<T: FromStr>(id: &ID, not_found: ErrorCode) -> Result<T, Error> {
    id.parse().map_err(|_| Error::new(not_found, format!("{}.", not_found.title())))
}
