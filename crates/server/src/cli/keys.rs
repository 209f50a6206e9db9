//! `doorward keys …`: the keys that tokens are signed with. A server that runs on the same database feels every change
//! within a second.

use clap::{Args, Subcommand};
use doorward_ports::inbound::{Begins, KeyRevoked};
use doorward_views::SigningKey;
use serde::Serialize;

use super::desk::{Desk, with_desk};
use super::named::{Doomed, Key};
use super::print::Output;
use super::table;
use super::view::{Listed, moment};
use crate::failure::Failure;
use doorward_settings::Sources;

/// What can be said to `keys`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorward keys rotate                  the next key, published before it signs
  doorward keys revoke KID              a key was stolen: refuse all that it has signed, at once
  doorward keys list --output json      for programs")]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List every key, and what it is good for
    List,
    /// Make the next key; what earlier ones signed stays valid until it expires
    Rotate(Next),
    /// Have a key sign no longer, or never; what it signed stays valid until it expires
    Retire(Key),
    /// Refuse everything that a key has signed: its tokens die on every node within a second
    Revoke(Doomed<Key>),
}

#[derive(Debug, Args)]
struct Next {
    /// Have it sign in two seconds, without waiting until applications have fetched the key set anew
    #[arg(long)]
    now: bool,
}

/// What came of a revocation, for programs.
#[derive(Serialize)]
struct Revoked {
    key: SigningKey,
    successor: Option<SigningKey>,
}

pub(super) fn run(arguments: Arguments, sources: &Sources, output: Output) -> Result<(), Failure> {
    let doomed = if let Verb::Revoke(doomed) = &arguments.verb { Some(doomed.yes) } else { None };
    with_desk(sources, output, doomed, async |desk| act(desk, arguments.verb).await)
}

async fn act(desk: &Desk, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::List => {
            let keys = desk.keys().list(&desk.caller).await?;
            let rows: Vec<SigningKey> = keys.into_iter().map(SigningKey::from).collect();
            table::list(&rows, SigningKey::LISTED, desk.output)
        }
        Verb::Rotate(Next { now }) => {
            let begins = if now { Begins::AtOnce } else { Begins::Published };
            let key = SigningKey::from(desk.keys().rotate(&desk.caller, begins).await?);
            let sentence =
                format!("made the key {} ({}); it signs from {}", key.kid, key.algorithm, moment(key.signs_from));
            desk.answer(&key, &sentence)
        }
        Verb::Retire(Key { named: kid }) => {
            let key = SigningKey::from(desk.keys().retire(&desk.caller, &kid).await?);
            let ends = key.accepted_until.map(moment).unwrap_or_default();
            let sentence = format!("retired the key {}; what it has signed is accepted until {ends}", key.kid);
            desk.answer(&key, &sentence)
        }
        Verb::Revoke(Doomed { it: Key { named: kid }, .. }) => revoke(desk, &kid).await,
    }
}

async fn revoke(desk: &Desk, kid: &str) -> Result<(), Failure> {
    desk.ask(&format!("Revoke the key {kid}? Everybody whose tokens it has signed must sign in again."))?;
    let KeyRevoked { key, successor } = desk.keys().revoke(&desk.caller, kid).await?;
    let revoked = Revoked { key: key.into(), successor: successor.map(SigningKey::from) };
    let mut sentence = format!("revoked the key {kid}; everything it has signed is refused within a second");
    if let Some(successor) = &revoked.successor {
        sentence.push_str(&format!("\nmade the key {} in its place, which signs now", successor.kid));
    }
    desk.answer(&revoked, &sentence)
}
