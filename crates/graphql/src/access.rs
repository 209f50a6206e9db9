//! Which field asks for which operation. The operations themselves, and who may do them, stand in the access table of the
//! ports.
use crate::refusal::camel_case;
use doorward_ports::access::Operation;

/// A field that asks admission for an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The type that has the field.
    pub on: &'static str,
    /// The name of the field.
    pub name: String,
    /// The operations that it can ask for: the first, or another one by its argument.
    pub operations: Vec<Operation>,
}

/// The fields that read.
const READING: &[(&str, &str, &[Operation])] = &[
    ("Query", "me", &[Operation::ReadOwnAccount]),
    ("Query", "user", &[Operation::ReadUser]),
    ("Query", "users", &[Operation::ListUsers]),
    ("Query", "roles", &[Operation::ListRoles]),
    ("Query", "permissions", &[Operation::ListPermissions]),
    ("Query", "sessions", &[Operation::ListOwnSessions]),
    ("Query", "userSessions", &[Operation::ListUserSessions]),
    ("Query", "identities", &[Operation::ListOwnIdentities]),
    ("Query", "providers", &[Operation::ListSignInProviders]),
    ("Query", "factors", &[Operation::ListOwnFactors]),
    ("Query", "auditEvents", &[Operation::ListAuditEvents]),
    ("Query", "node", &[Operation::ReadUser, Operation::ReadRole]),
    ("User", "roles", &[Operation::ReadRole]),
];

/// The operations that mutations do. Each mutation has the name of its operation.
const CHANGING: &[Operation] = &[
    Operation::Register,
    Operation::SignIn,
    Operation::VerifySecondFactor,
    Operation::Reauthenticate,
    Operation::Refresh,
    Operation::SignOut,
    Operation::ResendVerification,
    Operation::VerifyEmail,
    Operation::ForgotPassword,
    Operation::ResetPassword,
    Operation::ReportTakeover,
    Operation::ChangeOwnAccount,
    Operation::DeleteOwnAccount,
    Operation::ChangeOwnPassword,
    Operation::ChangeOwnEmail,
    Operation::EndOwnSession,
    Operation::EndOwnOtherSessions,
    Operation::BeginLink,
    Operation::LinkIdentity,
    Operation::UnlinkIdentity,
    Operation::EnrolTotp,
    Operation::ConfirmTotp,
    Operation::DeleteFactor,
    Operation::ReplaceRecoveryCodes,
    Operation::CreateUser,
    Operation::ChangeUser,
    Operation::DeleteUser,
    Operation::UnlockUser,
    Operation::ResetUserFactors,
    Operation::GrantRole,
    Operation::RevokeRole,
    Operation::EndUserSessions,
    Operation::CreateRole,
    Operation::ChangeRole,
    Operation::DeleteRole,
    Operation::GrantPermission,
    Operation::RevokePermission,
    Operation::CreatePermission,
    Operation::DeletePermission,
];

/// All fields with an operation. The other fields only show what these have read.
#[must_use]
pub fn fields() -> Vec<Field> {
    let reading = READING.iter().map(|&(on, name, operations)| Field {
        on,
        name: name.to_owned(),
        operations: operations.to_vec(),
    });
    let changing = CHANGING.iter().map(|&operation| Field {
        on: "Mutation",
        name: camel_case(operation.as_str()),
        operations: vec![operation],
    });
    reading.chain(changing).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;
    use std::collections::BTreeSet;

    /// A field of the roots that is in no row would be shown without directives, and no test would ask for it.
    #[test]
    fn the_rows_are_the_fields_of_the_roots() {
        let schema = schema::schema(true);
        let roots = [Some(schema.schema.concrete_query_type()), schema.schema.concrete_mutation_type()];
        let mut in_schema = BTreeSet::new();
        for root in roots.into_iter().flatten() {
            let juniper::meta::MetaType::Object(object) = root else { panic!("a root is an object") };
            let names = object.fields.iter().filter(|field| !field.is_builtin()).map(|field| field.name.to_string());
            in_schema.extend(names.map(|name| (object.name.to_string(), name)));
        }
        let rows =
            fields().into_iter().filter(|field| field.on != "User").map(|field| (field.on.to_owned(), field.name));
        assert_eq!(rows.collect::<BTreeSet<_>>(), in_schema);
    }
}
