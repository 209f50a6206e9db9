use doorward_ports::outbound::SealingNode;
use std::sync::{Mutex, PoisonError};

/// What this server has last said.
#[derive(Default)]
pub(crate) struct Announced(Mutex<Option<SealingNode>>);

impl Announced {
    pub(super) fn last(&self) -> Option<SealingNode> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set(&self, said: Option<SealingNode>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = said;
    }
}
