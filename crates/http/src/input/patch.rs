use doorward_ports::inbound::Change;
use serde::de::{Deserialize, Deserializer};

/// A property that may be empty, in a body that changes things: absent keeps it, `null` empties it. Needs
/// `#[serde(default)]`.
#[derive(Debug, Clone)]
pub(crate) struct Patch<T>(pub(crate) Change<T>);

impl<T> Default for Patch<T> {
    fn default() -> Self {
        Self(Change::Keep)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Option::deserialize(deserializer)?.map_or(Change::Clear, Change::Set)))
    }
}

/// For a property that may be absent and not `null`: `#[serde(default, deserialize_with = "given")]`.
pub(crate) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
