//! `doorward serve`: what `doorward` does when nothing else is asked for.

use crate::failure::Failure;
use crate::{serve, wiring};
use doorward_settings::Sources;

pub fn run(sources: &Sources) -> Result<(), Failure> {
    serve::run(&wiring::prepare(sources)?)
}
