//! The whole program: the real binary as a process, over its front door, on SQLite and on PostgreSQL.
//!
//! Each test has a [`place::Place`] of its own and starts [`server::Server`]s in it. PostgreSQL is the one that `tests/run`
//! starts: `tests/run system`, or `tests/run --with-servers cargo nextest run -p doorward --test system NAME`.

/// Makes of each function that takes a [`place::Kind`] two tests, one on each database.
macro_rules! on_both_databases {
    ($($(#[$attribute:meta])* $name:ident;)+) => {
        mod on_sqlite {
            $($(#[$attribute])* #[test] fn $name() { super::$name($crate::place::Kind::Sqlite); })+
        }
        mod on_postgres {
            $($(#[$attribute])* #[test] fn $name() { super::$name($crate::place::Kind::Postgres); })+
        }
    };
}

mod abuse;
mod addresses;
mod alike;
mod audit;
mod certified;
mod cli_beside;
mod client;
mod compressing_proxy;
mod concurrency;
mod connection;
mod crash;
mod database;
mod faults;
mod first_start;
mod forward_auth;
mod generated_pages;
mod generator;
mod identity_provider;
mod idle;
mod keys;
mod logs;
mod mails;
mod masking;
mod memory;
mod metrics;
mod monitoring;
mod nginx;
mod nodes;
mod place;
mod pooler;
mod provider_rows;
mod providers;
mod readers;
mod second_factors;
mod secrets;
mod server;
mod shipping;
mod sightings;
mod stopping;
mod storm;
mod strangers;
mod tour;
mod traces;
mod unread;
mod upstream;
