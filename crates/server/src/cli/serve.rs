//! `doorward serve`: what `doorward` does when nothing else is asked for.

use crate::failure::Failure;
use crate::settings::Sources;
use crate::{serve, wiring};

pub fn run(sources: &Sources) -> Result<(), Failure> {
    serve::run(&wiring::prepare(sources)?)
}
