use std::time::Duration;

/// What a provider was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProviderCall {
    /// For its discovery document.
    Discovery,
    /// For its keys.
    Keys,
    /// To exchange a code.
    Token,
    /// For the user info, or the API in its place.
    UserInfo,
}

impl ProviderCall {
    /// Every call.
    pub const ALL: [Self; 4] = [Self::Discovery, Self::Keys, Self::Token, Self::UserInfo];

    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Keys => "keys",
            Self::Token => "token",
            Self::UserInfo => "userinfo",
        }
    }
}

/// Is told of each call to a provider. It returns at once.
pub trait ProviderObserver: Send + Sync {
    /// A provider was called, and has answered within `took`, or not.
    fn called(&self, call: ProviderCall, answered: bool, took: Duration);
}

/// Nobody is told.
impl ProviderObserver for () {
    fn called(&self, _: ProviderCall, _: bool, _: Duration) {}
}
