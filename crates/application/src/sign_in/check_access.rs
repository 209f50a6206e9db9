use crate::fields::Fields;
use crate::services::Act;
use doorward_domain::Permission;
use doorward_ports::access;
use doorward_ports::inbound::CheckedCaller;
use doorward_ports::{Actor, Result};

/// Answers from what is already known of the caller, because a proxy asks before every request of its app.
pub(super) fn check_access(act: &Act<'_>, permissions: &[String]) -> Result<CheckedCaller> {
    for permission in parsed(permissions)? {
        access::holds(&act.caller.actor, permission.as_str())?;
    }
    match &act.caller.actor {
        Actor::User(user) => Ok(CheckedCaller {
            who: user.user.to_string(),
            roles: user.rights.roles.clone(),
            session: Some(user.session),
        }),
        Actor::Client(app) => {
            Ok(CheckedCaller { who: app.id.to_string(), roles: app.rights.roles.clone(), session: None })
        }
        Actor::Anonymous | Actor::Operator => Err(access::authentication_required()),
    }
}

/// A name that is not possible is an error in the configuration of the proxy, and is reported as one.
fn parsed(permissions: &[String]) -> Result<Vec<Permission>> {
    let mut fields = Fields::default();
    let read = |text: &String| fields.take("/permission", "invalid_permission", Permission::parse(text));
    let parsed = permissions.iter().filter_map(read).collect();
    fields.finish().map(|()| parsed)
}
