//! What commands are told to act on: one thing, by its name; and whether to ask before what can't be undone.

use clap::Args;

macro_rules! named {
    ($($Name:ident, $placeholder:literal, $help:literal $(, $begins:ident)?;)+) => {$(
        #[doc = $help]
        #[derive(Debug, Args)]
        pub(super) struct $Name {
            #[doc = $help]
            #[arg(value_name = $placeholder $(, $begins = true)?)]
            pub(super) named: String,
        }
    )+};
}

named! {
    App, "ID", "The client app's id";
    // One in 64 begins with a hyphen, which base64url has among its letters.
    Key, "KID", "The key's kid, as the list shows it", allow_hyphen_values;
    Permission, "NAME", "The permission, such as reports:read";
    Role, "NAME", "The role";
    Who, "WHO", "The account, by its id, e-mail address or username";
}

/// What is deleted or revoked for good.
#[derive(Debug, Args)]
pub(super) struct Doomed<T: Args> {
    #[command(flatten)]
    pub(super) it: T,
    /// Don't ask whether it is meant
    #[arg(long)]
    pub(super) yes: bool,
}
