use doorward_application::Services;
use doorward_ports::inbound::System;
use doorward_ports::{Actor, Caller, Origin};

/// The operator at the command line.
#[must_use]
pub fn operator(services: &Services) -> Caller {
    Caller {
        actor: Actor::Operator,
        origin: Origin { address: None, user_agent: None, correlation_id: services.correlation_id(), language: None },
    }
}
