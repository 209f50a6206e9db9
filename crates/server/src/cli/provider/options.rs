//! The options of `provider add` and `provider update`: one for each property of a provider.

use clap::Args;
use doorward_domain::ClaimMap;
use doorward_ports::inbound::{Change, NewProvider, ProviderChange};

/// What is not given has the default of the preset or the kind, or stays as it is.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The name of the provider for people
    #[arg(long, value_name = "TEXT")]
    display_name: Option<String>,
    /// The issuer of the provider, byte for byte as its discovery document names it
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// Entra ID, in place of the issuer: the id of a tenant, or organizations, consumers or common
    #[arg(long, value_name = "TENANT", conflicts_with = "issuer")]
    tenant: Option<String>,
    /// The client id that the provider has issued for Doorward
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// Apple: the id of the team, as the console shows it
    #[arg(long, value_name = "ID")]
    team_id: Option<String>,
    /// Apple: the id of the key that signs client secrets
    #[arg(long, value_name = "ID")]
    key_id: Option<String>,
    /// The name or the URL of an icon; an empty text removes it
    #[arg(long, value_name = "ICON")]
    icon: Option<String>,
    /// A scope to ask for; can be repeated, and replaces all scopes
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// The claim of a property, such as `username=nickname`; can be repeated, and replaces all claims
    #[arg(long = "claim", value_name = "PROPERTY=CLAIM", value_parser = claim)]
    claims: Vec<(String, String)>,
    /// Whether people without an account get one by signing in
    #[arg(long, value_name = "BOOL")]
    registration: Option<bool>,
    /// Whether people can be connected with an account that exists: `ask`, `verified_email` or `never`
    #[arg(long, value_name = "POLICY")]
    linking: Option<String>,
    /// A domain whose e-mail addresses may register; can be repeated, and replaces all domains; an empty text allows all
    #[arg(long = "email-domain", value_name = "DOMAIN")]
    domains: Vec<String>,
    /// Entra ID: the id of a tenant that may sign in; can be repeated, and replaces all; an empty text allows all
    #[arg(long = "allowed-tenant", value_name = "ID")]
    tenants: Vec<String>,
    /// Google: the Workspace domain whose people may sign in; an empty text allows all
    #[arg(long, value_name = "DOMAIN")]
    hosted_domain: Option<String>,
    /// A role that a group gives, such as `staff=support`; can be repeated, and replaces all; an empty text removes all
    #[arg(long = "group-role", value_name = "GROUP=ROLE")]
    roles: Vec<String>,
    /// Whether a group may give the role admin: whoever manages it at the provider then controls Doorward
    #[arg(long, value_name = "BOOL")]
    roles_may_give_admin: Option<bool>,
    /// The position on sign-in pages
    #[arg(long, value_name = "NUMBER")]
    position: Option<u16>,
    /// Whether each sign-in updates the full name and the locale of the account
    #[arg(long, value_name = "BOOL")]
    sync_profile: Option<bool>,
}

fn claim(text: &str) -> Result<(String, String), String> {
    let known = text.split_once('=').filter(|(property, _)| ClaimMap::MEMBERS.contains(property));
    let claim = known.map(|(property, claim)| (property.to_owned(), claim.to_owned()));
    claim.ok_or_else(|| format!("it must be PROPERTY=CLAIM, and the properties are {}", ClaimMap::MEMBERS.join(", ")))
}

impl Options {
    pub(super) fn new_provider(self, name: String, (kind, preset): (Option<String>, Option<String>)) -> NewProvider {
        let change = self.change();
        NewProvider {
            name,
            kind,
            preset,
            display_name: change.display_name,
            issuer: change.issuer,
            tenant: change.tenant,
            client_id: change.client_id,
            team_id: change.team_id,
            key_id: change.key_id,
            icon: change.icon,
            scopes: change.scopes,
            claim_map: change.claim_map,
            registration: change.registration,
            linking: change.linking,
            email_domains: change.email_domains,
            tenants: change.tenants,
            hosted_domain: change.hosted_domain,
            roles: change.roles,
            roles_may_give_admin: change.roles_may_give_admin,
            position: change.position,
            sync_profile: change.sync_profile,
            ..NewProvider::default()
        }
    }

    pub(super) fn change(self) -> ProviderChange {
        ProviderChange {
            display_name: self.display_name,
            issuer: self.issuer,
            tenant: self.tenant,
            client_id: self.client_id,
            team_id: removable(self.team_id),
            key_id: removable(self.key_id),
            icon: removable(self.icon),
            scopes: listed(self.scopes),
            claim_map: (!self.claims.is_empty()).then(|| self.claims.into_iter().collect()),
            registration: self.registration,
            linking: self.linking,
            email_domains: listed(self.domains),
            tenants: listed(self.tenants),
            hosted_domain: removable(self.hosted_domain),
            roles: listed(self.roles),
            roles_may_give_admin: self.roles_may_give_admin,
            position: self.position,
            sync_profile: self.sync_profile,
            ..ProviderChange::default()
        }
    }
}

fn removable(text: Option<String>) -> Change<String> {
    match text {
        None => Change::Keep,
        Some(text) if text.is_empty() => Change::Clear,
        Some(text) => Change::Set(text),
    }
}

/// An empty text makes the list empty.
fn listed(mut texts: Vec<String>) -> Option<Vec<String>> {
    if texts.is_empty() {
        return None;
    }
    texts.retain(|text| !text.is_empty());
    Some(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_given_by_the_property_that_it_states() {
        assert_eq!(claim("username=nickname"), Ok(("username".to_owned(), "nickname".to_owned())));
        for text in ["username", "nickname=username", "=x"] {
            assert!(claim(text).unwrap_err().contains("email_verified"), "{text}");
        }
    }

    #[test]
    fn an_empty_text_removes_and_nothing_keeps() {
        assert_eq!(listed(Vec::new()), None);
        assert_eq!(listed(vec![String::new()]), Some(Vec::new()));
        assert_eq!(listed(vec!["a".to_owned()]), Some(vec!["a".to_owned()]));
        assert!(matches!(removable(Some(String::new())), Change::Clear));
        assert!(matches!(removable(None), Change::Keep));
    }
}
