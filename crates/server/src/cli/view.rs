//! The columns in which people see accounts, roles, client apps, sessions and keys. Programs read the views whole, as JSON.

use doorward_domain::Timestamp;
use doorward_views::{
    AuditEvent, ClaimMap, ClientApp, ClientAppWithSecret, Factor, Permission, Provider, ProviderTestStep, Role,
    SealedValues, SealingKey, Session, SigningKey, User,
};

use super::table::Column;

/// What a list shows of each.
pub(super) trait Listed: Sized + 'static {
    const LISTED: &'static [Column<Self>];
}

/// What is shown of one alone.
pub(super) trait Shown: Sized + 'static {
    const SHOWN: &'static [Column<Self>];
}

impl Listed for User {
    const LISTED: &'static [Column<Self>] = &[
        ("email", |account| account.email.to_string()),
        ("username", |account| text(account.username.as_ref())),
        ("roles", |account| joined(&account.roles, ",")),
        ("active", |account| yes_or_no(account.is_active)),
        ("created", |account| moment(account.created_at)),
        ("last sign-in", |account| account.last_sign_in_at.map(moment).unwrap_or_default()),
        ("id", |account| account.id.to_string()),
    ];
}

impl Shown for User {
    const SHOWN: &'static [Column<Self>] = &[
        ("id", |account| account.id.to_string()),
        ("email", |account| account.email.to_string()),
        ("email verified", |account| yes_or_no(account.email_verified)),
        ("username", |account| text(account.username.as_ref())),
        ("full name", |account| text(account.full_name.as_ref())),
        ("locale", |account| text(account.locale.as_ref())),
        ("active", |account| yes_or_no(account.is_active)),
        ("password", |account| (if account.must_change_password { "must be changed" } else { "-" }).to_owned()),
        ("roles", |account| joined(&account.roles, ", ")),
        ("created", |account| moment(account.created_at)),
        ("updated", |account| moment(account.updated_at)),
        ("last sign-in", |account| account.last_sign_in_at.map(moment).unwrap_or_default()),
        ("external id", |account| text(account.external_id.as_ref())),
    ];
}

impl Listed for Factor {
    const LISTED: &'static [Column<Self>] = &[
        ("kind", |factor| factor.kind.to_owned()),
        ("name", |factor| factor.name.to_string()),
        ("created", |factor| moment(factor.created_at)),
        ("last used", |factor| factor.last_used_at.map(moment).unwrap_or_default()),
        ("id", |factor| factor.id.to_string()),
    ];
}

impl Listed for Role {
    const LISTED: &'static [Column<Self>] = &[
        ("name", |role| role.name.to_string()),
        ("system", |role| yes_or_no(role.is_system)),
        ("permissions", |role| role.permissions.len().to_string()),
        ("description", |role| text(role.description.as_ref())),
    ];
}

impl Shown for Role {
    const SHOWN: &'static [Column<Self>] = &[
        ("name", |role| role.name.to_string()),
        ("description", |role| text(role.description.as_ref())),
        ("system", |role| yes_or_no(role.is_system)),
        ("permissions", |role| joined(role.permissions.iter(), ", ")),
        ("created", |role| moment(role.created_at)),
        ("updated", |role| moment(role.updated_at)),
    ];
}

impl Listed for Permission {
    const LISTED: &'static [Column<Self>] = &[
        ("name", |permission| permission.name.to_string()),
        ("system", |permission| yes_or_no(permission.is_system)),
        ("description", |permission| text(permission.description.as_ref())),
    ];
}

impl Listed for ClientApp {
    const LISTED: &'static [Column<Self>] = &[
        ("id", |app| app.id.to_string()),
        ("kind", |app| app.kind.to_owned()),
        ("roles", |app| joined(&app.roles, ",")),
        ("active", |app| yes_or_no(app.is_active)),
        ("created", |app| moment(app.created_at)),
        ("name", |app| app.name.to_string()),
    ];
}

impl Shown for ClientApp {
    const SHOWN: &'static [Column<Self>] = &[
        ("id", |app| app.id.to_string()),
        ("name", |app| app.name.to_string()),
        ("kind", |app| app.kind.to_owned()),
        ("active", |app| yes_or_no(app.is_active)),
        ("roles", |app| joined(&app.roles, ", ")),
        ("redirect URIs", |app| joined(&app.redirect_uris, ", ")),
        ("origins", |app| joined(&app.origins, ", ")),
        ("created", |app| moment(app.created_at)),
        ("updated", |app| moment(app.updated_at)),
    ];
}

impl Shown for ClientAppWithSecret {
    const SHOWN: &'static [Column<Self>] = &[
        ("client id", |made| made.app.id.to_string()),
        ("client secret", |made| made.client_secret.clone().unwrap_or_else(|| "(a public app has none)".to_owned())),
    ];
}

impl Listed for Provider {
    const LISTED: &'static [Column<Self>] = &[
        ("name", |provider| provider.name.to_string()),
        ("kind", |provider| provider.kind.to_owned()),
        ("source", |provider| provider.source.to_owned()),
        ("enabled", |provider| yes_or_no(provider.enabled)),
        ("position", |provider| provider.position.to_string()),
        ("issuer", |provider| provider.issuer.to_string()),
        ("display name", |provider| provider.display_name.to_string()),
    ];
}

impl Shown for Provider {
    const SHOWN: &'static [Column<Self>] = &[
        ("name", |provider| provider.name.to_string()),
        ("display name", |provider| provider.display_name.to_string()),
        ("kind", |provider| provider.kind.to_owned()),
        ("preset", |provider| provider.preset.unwrap_or_default().to_owned()),
        ("source", |provider| provider.source.to_owned()),
        ("enabled", |provider| yes_or_no(provider.enabled)),
        ("position", |provider| provider.position.to_string()),
        ("icon", |provider| text(provider.icon.as_ref())),
        ("issuer", |provider| provider.issuer.to_string()),
        ("client id", |provider| provider.client_id.to_string()),
        ("client secret", |provider| (if provider.has_client_secret { "(hidden)" } else { "" }).to_owned()),
        ("team id", |provider| text(provider.team_id.as_ref())),
        ("key id", |provider| text(provider.key_id.as_ref())),
        ("redirect URI", |provider| provider.redirect_uri.clone()),
        ("scopes", |provider| joined(&provider.scopes, ", ")),
        ("claims", |provider| claims(&provider.claim_map)),
        ("registration", |provider| yes_or_no(provider.registration)),
        ("linking", |provider| provider.linking.to_owned()),
        ("e-mail domains", |provider| joined(&provider.email_domains, ", ")),
        ("tenants", |provider| joined(&provider.tenants, ", ")),
        ("hosted domain", |provider| text(provider.hosted_domain.as_ref())),
        ("roles", |provider| joined(provider.roles.entries(), ", ")),
        ("roles may give admin", |provider| yes_or_no(provider.roles_may_give_admin)),
        ("sync profile", |provider| yes_or_no(provider.sync_profile)),
        ("created", |provider| provider.created_at.map(moment).unwrap_or_default()),
        ("updated", |provider| provider.updated_at.map(moment).unwrap_or_default()),
    ];
}

/// The claims that are not the standard ones.
fn claims(map: &ClaimMap) -> String {
    let standard = ClaimMap::from(doorward_domain::ClaimMap::default());
    let both = [
        ("email", &map.email, &standard.email),
        ("email_verified", &map.email_verified, &standard.email_verified),
        ("full_name", &map.full_name, &standard.full_name),
        ("username", &map.username, &standard.username),
        ("locale", &map.locale, &standard.locale),
        ("groups", &map.groups, &standard.groups),
    ];
    let other = both.into_iter().filter(|(_, claim, standard)| claim != standard);
    joined(&other.map(|(member, claim, _)| format!("{member}={claim}")).collect::<Vec<_>>(), ", ")
}

impl Listed for ProviderTestStep {
    const LISTED: &'static [Column<Self>] = &[
        ("step", |step| step.step.to_owned()),
        ("result", |step| step.result.to_owned()),
        ("detail", |step| step.detail.clone()),
    ];
}

impl Listed for Session {
    const LISTED: &'static [Column<Self>] = &[
        ("id", |session| session.id.to_string()),
        ("device", |session| session.device.to_string()),
        ("address", |session| text(session.address.as_ref())),
        ("created", |session| moment(session.created_at)),
        ("last seen", |session| moment(session.last_seen_at)),
        ("expires", |session| moment(session.expires_at)),
    ];
}

impl Listed for AuditEvent {
    const LISTED: &'static [Column<Self>] = &[
        ("time", |line| moment(line.occurred_at)),
        ("action", |line| line.action.to_owned()),
        ("outcome", |line| line.outcome.to_owned()),
        ("actor", |line| line.actor.clone()),
        ("subject", |line| text(line.subject.as_ref())),
        ("address", |line| text(line.address.as_ref())),
        ("details", |line| line.details.to_string()),
    ];
}

impl Listed for SigningKey {
    const LISTED: &'static [Column<Self>] = &[
        ("kid", |key| key.kid.to_string()),
        ("algorithm", |key| key.algorithm.to_string()),
        ("state", |key| key.state.to_owned()),
        ("created", |key| moment(key.created_at)),
        ("signs from", |key| moment(key.signs_from)),
        ("retired", |key| key.retired_at.map(moment).unwrap_or_default()),
        ("accepted until", |key| key.accepted_until.map(moment).unwrap_or_default()),
    ];
}

impl Listed for SealingKey {
    const LISTED: &'static [Column<Self>] = &[
        ("id", |key| key.id.to_string()),
        ("state", |key| key.state.to_owned()),
        ("known here", |key| yes_or_no(key.known)),
        ("values", |key| key.values.to_string()),
        ("created", |key| moment(key.created_at)),
        ("seals from", |key| key.seals_from.map(moment).unwrap_or_default()),
        ("retired", |key| key.retired_at.map(moment).unwrap_or_default()),
    ];
}

impl Listed for SealedValues {
    const LISTED: &'static [Column<Self>] = &[
        ("table", |values| values.table.to_owned()),
        ("column", |values| values.column.to_owned()),
        ("key", |values| text(values.key.as_ref())),
        ("current format", |values| yes_or_no(values.current_format)),
        ("values", |values| values.values.to_string()),
    ];
}

fn text(value: Option<&impl ToString>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

fn yes_or_no(value: bool) -> String {
    (if value { "yes" } else { "no" }).to_owned()
}

/// In a list without blanks, so that a column stays one to `awk`.
fn joined<'a, T: ToString + 'a>(values: impl IntoIterator<Item = &'a T>, separator: &str) -> String {
    values.into_iter().map(ToString::to_string).collect::<Vec<_>>().join(separator)
}

/// To the second: more only widens the table.
pub(super) fn moment(at: Timestamp) -> String {
    let exact = at.to_string();
    exact.split_once('.').map_or_else(|| exact.clone(), |(second, _)| format!("{second}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_domain::RoleName;
    use std::collections::BTreeSet;

    #[test]
    fn moments_are_shown_to_the_second() {
        assert_eq!(moment(Timestamp::from_micros(1_700_000_000_000_001)), "2023-11-14T22:13:20Z");
    }

    #[test]
    fn values_are_joined_in_their_order() {
        assert_eq!(joined(&BTreeSet::from([RoleName::user(), RoleName::admin()]), ","), "admin,user");
    }
}
