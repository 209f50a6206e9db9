//! Checks the input for a provider, field by field. A new member of [`Provider`] is one line in [`apply`].
use crate::fields::Fields;
use doorward_domain::{
    ClaimMap, ClaimName, Description, EmailDomain, Issuer, LinkingPolicy, Provider, ProviderClientId, ProviderIcon,
    ProviderKind, ProviderName, Scope, Tenant, TenantId,
};
use doorward_ports::inbound::{Change, ProviderChange};
use doorward_ports::{Result, Secret};
use std::collections::BTreeMap;
use std::fmt::Display;

const MOST_ITEMS: usize = 50;
const LONGEST_SECRET: usize = 4096;
/// In place of what is missing or wrong, so that the other faults are found too.
const STAND_IN: &str = "https://provider.invalid";

/// A provider with the defaults of its kind. Each fault has been recorded.
pub(super) fn new(fields: &mut Fields, (name, kind): (&str, &str), sent: &ProviderChange) -> Provider {
    let name = fields.take("/name", "invalid_name", ProviderName::parse(name));
    let kind = known_kind(fields, kind);
    let issuer = kind.and_then(|kind| usual_issuer(fields, kind, sent)).unwrap_or_else(|| STAND_IN.to_owned());
    if sent.client_id.is_none() {
        fields.refuse("/client_id", "required", &"must be set: the provider's console shows it.");
    }
    let stand_in = "a value of its own is accepted by its parser";
    let kind = kind.unwrap_or(ProviderKind::Oidc);
    let name = name.unwrap_or_else(|| ProviderName::parse("x").expect(stand_in));
    let display_name = Description::parse(kind.usual_name().unwrap_or(name.as_str())).expect(stand_in);
    let issuer = Issuer::parse(&issuer).expect(stand_in);
    let client_id = ProviderClientId::parse("x").expect(stand_in);
    Provider::new(name, kind, display_name, (issuer, client_id))
}

fn known_kind(fields: &mut Fields, kind: &str) -> Option<ProviderKind> {
    let known = ProviderKind::from_name(kind);
    if known.is_none() {
        let kinds = ProviderKind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
        fields.refuse("/kind", "invalid_kind", &format!("must be one of {kinds}."));
    }
    known
}

/// The issuer if none was sent, and no tenant from which it follows.
fn usual_issuer(fields: &mut Fields, kind: ProviderKind, sent: &ProviderChange) -> Option<String> {
    if sent.issuer.is_none() && sent.tenant.is_none() && kind.usual_issuer().is_none() {
        let member = if kind.has_tenants() { "/tenant" } else { "/issuer" };
        fields.refuse(member, "required", &format!("must be set for the kind {kind}."));
    }
    kind.usual_issuer().map(str::to_owned)
}

/// Applies what was sent; after a fault, a property does not change, and the fault has been recorded.
pub(super) fn apply(fields: &mut Fields, provider: &mut Provider, sent: &ProviderChange) {
    set(&mut provider.display_name, parsed(fields, "/display_name", sent.display_name.as_ref(), Description::parse));
    set(&mut provider.issuer, issuer(fields, provider.kind, sent));
    set(&mut provider.client_id, parsed(fields, "/client_id", sent.client_id.as_ref(), ProviderClientId::parse));
    set(&mut provider.icon, nullable(fields, "/icon", &sent.icon, ProviderIcon::parse));
    set(&mut provider.scopes, several(fields, "/scopes", sent.scopes.as_deref(), Scope::parse));
    set(&mut provider.claim_map, sent.claim_map.as_ref().map(|names| claim_map(fields, names)));
    set(&mut provider.registration, sent.registration);
    set(&mut provider.linking, sent.linking.as_deref().and_then(|name| linking(fields, name)));
    set(
        &mut provider.email_domains,
        several(fields, "/email_domains", sent.email_domains.as_deref(), EmailDomain::parse),
    );
    set(&mut provider.tenants, several(fields, "/tenants", sent.tenants.as_deref(), TenantId::parse));
    set(&mut provider.hosted_domain, nullable(fields, "/hosted_domain", &sent.hosted_domain, EmailDomain::parse));
    set(&mut provider.enabled, sent.enabled);
    set(&mut provider.position, sent.position);
    set(&mut provider.sync_profile, sent.sync_profile);
}

fn set<T>(property: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *property = value;
    }
}

fn parsed<T, E: Display>(
    fields: &mut Fields,
    pointer: &str,
    text: Option<&String>,
    parse: impl FnOnce(&str) -> std::result::Result<T, E>,
) -> Option<T> {
    fields.take_optional(pointer, "invalid_value", text.map(|text| parse(text)))
}

/// The new value, which may be none.
fn nullable<T, E: Display>(
    fields: &mut Fields,
    pointer: &str,
    change: &Change<String>,
    parse: impl FnOnce(&str) -> std::result::Result<T, E>,
) -> Option<Option<T>> {
    match change {
        Change::Keep => None,
        Change::Clear => Some(None),
        Change::Set(text) => fields.take(pointer, "invalid_value", parse(text)).map(Some),
    }
}

/// Each value once, in the order in which they were sent.
fn several<T: PartialEq, E: Display>(
    fields: &mut Fields,
    pointer: &str,
    texts: Option<&[String]>,
    parse: impl Fn(&str) -> std::result::Result<T, E>,
) -> Option<Vec<T>> {
    let texts = texts?;
    if texts.len() > MOST_ITEMS {
        fields.refuse(pointer, "too_many", &format!("may have up to {MOST_ITEMS} items."));
        return None;
    }
    let mut values = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let value = fields.take(&format!("{pointer}/{index}"), "invalid_value", parse(text));
        values.extend(value.filter(|value| !values.contains(value)));
    }
    Some(values)
}

fn issuer(fields: &mut Fields, kind: ProviderKind, sent: &ProviderChange) -> Option<Issuer> {
    let Some(tenant) = &sent.tenant else {
        return parsed(fields, "/issuer", sent.issuer.as_ref(), Issuer::parse);
    };
    if !kind.has_tenants() || sent.issuer.is_some() {
        fields.refuse("/tenant", "unsuitable", &"is only for the kind entra, and takes the place of an issuer.");
        return None;
    }
    let tenant = fields.take("/tenant", "invalid_value", Tenant::parse(tenant))?;
    fields.take("/tenant", "invalid_value", Issuer::parse(&tenant.issuer()))
}

fn linking(fields: &mut Fields, name: &str) -> Option<LinkingPolicy> {
    let known = LinkingPolicy::from_name(name);
    if known.is_none() {
        fields.refuse("/linking", "invalid_value", &"must be ask, verified_email or never.");
    }
    known
}

/// An absent name is the standard one. What is not known is not repeated: it may have been pasted by mistake.
fn claim_map(fields: &mut Fields, names: &BTreeMap<String, String>) -> ClaimMap {
    let mut map = ClaimMap::default();
    for (member, name) in names {
        let property = match member.as_str() {
            "email" => &mut map.email,
            "email_verified" => &mut map.email_verified,
            "full_name" => &mut map.full_name,
            "username" => &mut map.username,
            "locale" => &mut map.locale,
            "groups" => &mut map.groups,
            _ => {
                let known =
                    "has an unknown name; known names are: email, email_verified, full_name, username, locale, groups.";
                fields.refuse("/claim_map", "unknown_field", &known);
                continue;
            }
        };
        set(property, parsed(fields, &format!("/claim_map/{member}"), Some(name), ClaimName::parse));
    }
    map
}

/// The new client secret, if one was sent.
pub(super) fn secret(fields: &mut Fields, sent: Change<Secret>) -> Option<Secret> {
    let Change::Set(secret) = sent else { return None };
    let text = secret.expose();
    if text.is_empty() || text.len() > LONGEST_SECRET || text.contains(char::is_control) {
        let why = format!("must have 1 to {LONGEST_SECRET} bytes, and no control characters.");
        fields.refuse("/client_secret", "invalid_value", &why);
    }
    Some(secret)
}

/// Refuses what the kind refuses, and an issuer that is never called.
pub(super) fn suits_its_kind(provider: &Provider, has_secret: bool, loopback: bool) -> Result<()> {
    let mut fields = Fields::default();
    for mismatch in provider.mismatches(has_secret) {
        fields.refuse(&format!("/{}", mismatch.member()), "unsuitable", &mismatch);
    }
    let issuer = &provider.issuer;
    if !loopback && (issuer.is_plain_http() || issuer.is_loopback()) {
        let why = "must be the https URL of a provider that others can reach too: plain HTTP and this machine are allowed only \
                   while http.public_url is loopback.";
        fields.refuse("/issuer", "out_of_reach", &why);
    }
    fields.finish()
}
