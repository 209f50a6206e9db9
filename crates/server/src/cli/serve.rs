//! `doorward serve`: what `doorward` does when nothing else is asked for.

use super::{Failure, prepare};
use crate::settings::Sources;

pub fn run(sources: &Sources) -> Result<(), Failure> {
    crate::serve::run(&prepare(sources)?)
}
