//! The targets of commands, by name; and the confirmation of what can't be undone.

use clap::Args;
use doorward_ports::Personal;

macro_rules! named {
    ($($Name:ident($type:ty), $placeholder:literal, $help:literal $(, $begins:ident)?;)+) => {$(
        #[doc = $help]
        #[derive(Debug, Args)]
        pub(super) struct $Name {
            #[doc = $help]
            #[arg(value_name = $placeholder $(, $begins = true)?)]
            pub(super) named: $type,
        }
    )+};
}

named! {
    App(String), "ID", "The id of the client app";
    // One in 64 begins with a hyphen, which is a character of base64url.
    Key(String), "KID", "The kid of the key, as `keys list` shows it", allow_hyphen_values;
    SealingKeyName(String), "ID", "The id of the sealing key, as `secrets status` shows it";
    Permission(String), "NAME", "The name of the permission, such as reports:read";
    Provider(String), "NAME", "The name of the provider";
    Role(String), "NAME", "The name of the role";
    Who(Personal), "WHO", "The id, e-mail address or username of the account";
}

/// A target that is deleted or revoked for good.
#[derive(Debug, Args)]
pub(super) struct Doomed<T: Args> {
    #[command(flatten)]
    pub(super) it: T,
    /// Don't ask for confirmation
    #[arg(long)]
    pub(super) yes: bool,
}

/// The largest number of items to list.
pub(super) fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|limit| *limit > 0).ok_or_else(|| "it must be a number of 1 or more".to_owned())
}
