//! `doorward keys …`: the signing keys. Changes take effect within one second on a server with the same database.

use clap::{Args, Subcommand};
use doorward_ports::inbound::{Begins, KeyRevoked};
use doorward_views::SigningKey;
use serde::Serialize;

use super::named::{Doomed, Key};
use super::operator_context::{OperatorContext, with_context};
use super::print::Output;
use super::table;
use super::view::{Listed, moment};
use crate::failure::Failure;
use doorward_settings::Sources;

/// Arguments of `keys`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorward keys rotate                  create the next key, which is published before it signs
  doorward keys revoke KID              refuse all tokens of a stolen key at once
  doorward keys list --output json      list the keys for programs")]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List all signing keys and their states
    List,
    /// Create the next signing key; tokens of earlier keys stay valid until they expire
    Rotate(Next),
    /// Stop signing with a key; its tokens stay valid until they expire
    Retire(Key),
    /// Refuse all tokens that a key has signed, on every node within one second
    Revoke(Doomed<Key>),
}

#[derive(Debug, Args)]
struct Next {
    /// Sign after two seconds, without waiting until applications have fetched the key set again
    #[arg(long)]
    now: bool,
}

/// The result of a revocation, for programs.
#[derive(Serialize)]
struct Revoked {
    key: SigningKey,
    successor: Option<SigningKey>,
}

pub(super) fn run(arguments: Arguments, sources: &Sources, output: Output) -> Result<(), Failure> {
    let doomed = if let Verb::Revoke(doomed) = &arguments.verb { Some(doomed.yes) } else { None };
    with_context(sources, output, doomed, async |context| act(context, arguments.verb).await)
}

async fn act(context: &OperatorContext, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::List => {
            let keys = context.keys().list(&context.caller).await?;
            let rows: Vec<SigningKey> = keys.into_iter().map(SigningKey::from).collect();
            table::list(&rows, SigningKey::LISTED, context.output)
        }
        Verb::Rotate(Next { now }) => {
            let begins = if now { Begins::AtOnce } else { Begins::Published };
            let key = SigningKey::from(context.keys().rotate(&context.caller, begins).await?);
            let sentence =
                format!("created the key {} ({}); it signs from {}", key.kid, key.algorithm, moment(key.signs_from));
            context.answer(&key, &sentence)
        }
        Verb::Retire(Key { named: kid }) => {
            let key = SigningKey::from(context.keys().retire(&context.caller, &kid).await?);
            let ends = key.accepted_until.map(moment).unwrap_or_default();
            let sentence = format!("retired the key {}; its tokens are accepted until {ends}", key.kid);
            context.answer(&key, &sentence)
        }
        Verb::Revoke(Doomed { it: Key { named: kid }, .. }) => revoke(context, &kid).await,
    }
}

async fn revoke(context: &OperatorContext, kid: &str) -> Result<(), Failure> {
    context.ask(&format!("Revoke the key {kid}? All users whose tokens it has signed must sign in again."))?;
    let KeyRevoked { key, successor } = context.keys().revoke(&context.caller, kid).await?;
    let revoked = Revoked { key: key.into(), successor: successor.map(SigningKey::from) };
    let mut sentence = format!("revoked the key {kid}; all nodes refuse its tokens within one second");
    if let Some(successor) = &revoked.successor {
        sentence.push_str(&format!("\ncreated the key {} in its place, which signs now", successor.kid));
    }
    context.answer(&revoked, &sentence)
}
