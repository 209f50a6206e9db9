//! Checks the input for a client app, field by field.
use crate::fields::Fields;
use doorward_domain::{ClientKind, MOST_URIS, RedirectUri, RoleName, WebOrigin};
use std::collections::BTreeSet;
use std::fmt::Display;

pub(super) fn redirect_uris(fields: &mut Fields, texts: &[String]) -> BTreeSet<RedirectUri> {
    several(fields, "/redirect_uris", "invalid_redirect_uri", texts.iter().map(|text| RedirectUri::parse(text)))
}

pub(super) fn origins(fields: &mut Fields, texts: &[String]) -> BTreeSet<WebOrigin> {
    several(fields, "/origins", "invalid_origin", texts.iter().map(|text| WebOrigin::parse(text)))
}

/// A public app can't authenticate, so it has no tokens of its own and no roles.
pub(super) fn roles(fields: &mut Fields, texts: &[String], kind: Option<ClientKind>) -> BTreeSet<RoleName> {
    if kind == Some(ClientKind::Public) && !texts.is_empty() {
        fields.refuse("/roles", "roles_need_a_secret", &"must be empty: a public app can't authenticate.");
    }
    several(fields, "/roles", "invalid_role_name", texts.iter().map(|text| RoleName::parse(text)))
}

fn several<T: Ord, E: Display>(
    fields: &mut Fields,
    pointer: &str,
    code: &'static str,
    parsed: impl ExactSizeIterator<Item = Result<T, E>>,
) -> BTreeSet<T> {
    if parsed.len() > MOST_URIS {
        fields.refuse(pointer, "too_many", &format!("may have up to {MOST_URIS} items."));
        return BTreeSet::new();
    }
    parsed.enumerate().filter_map(|(index, item)| fields.take(&format!("{pointer}/{index}"), code, item)).collect()
}
