//! `doorward serve`: the default command.

use crate::failure::Failure;
use crate::{serve, wiring};
use doorward_settings::Sources;

pub fn run(sources: &Sources) -> Result<(), Failure> {
    serve::run(&wiring::prepare(sources)?)
}
