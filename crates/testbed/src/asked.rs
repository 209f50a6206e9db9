//! What tests ask of the use cases, and what they read of the answers.
use crate::PASSWORD;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use doorward_ports::Secret;
use doorward_ports::inbound::{NewAccount, NewPermission, NewRole, PasswordSignIn, Registration};

/// A secret text.
#[must_use]
pub fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

/// An account that the operator creates: `NAME@example.com`, username NAME, without further roles.
#[must_use]
pub fn account(name: &str) -> NewAccount {
    NewAccount {
        email: format!("{name}@example.com").into(),
        email_verified: true,
        password: Some(secret(PASSWORD)),
        username: Some(name.into()),
        full_name: None,
        locale: None,
        roles: Vec::new(),
        is_active: true,
        must_change_password: false,
        invite: true,
        external_id: None,
    }
}

/// The input of a registration.
#[must_use]
pub fn registration(name: &str) -> Registration {
    Registration {
        email: format!("{name}@example.com").into(),
        password: secret(PASSWORD),
        username: None,
        full_name: None,
        locale: None,
    }
}

/// The input of a sign-in.
#[must_use]
pub fn typed(identifier: &str, password: &str) -> PasswordSignIn {
    PasswordSignIn { identifier: identifier.into(), password: secret(password) }
}

/// A role with this permission.
#[must_use]
pub fn role(name: &str, permissions: &[&str]) -> NewRole {
    let permissions = permissions.iter().map(|&name| name.to_owned()).collect();
    NewRole { name: name.to_owned(), description: None, permissions }
}

/// A permission.
#[must_use]
pub fn permission(name: &str) -> NewPermission {
    NewPermission { name: name.to_owned(), description: None }
}

/// The claims of a token.
#[must_use]
pub fn claims(token: &str) -> serde_json::Value {
    part(token, 1)
}

/// The header of a token.
#[must_use]
pub fn header(token: &str) -> serde_json::Value {
    part(token, 0)
}

fn part(token: &str, index: usize) -> serde_json::Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
