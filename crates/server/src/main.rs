//! The binary `doorward`; its code is in the library.

use std::process::ExitCode;

use clap::Parser;
use doorward::cli::{self, Cli};

#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .expect("nothing chose a TLS provider before the first line of main");
    cli::run(Cli::parse())
}
