//! Checks the input for a provider, field by field. A new member of [`Provider`] is one line in [`apply`].
use crate::fields::Fields;
use doorward_domain::{
    ClaimMap, ClaimName, ConsoleId, Description, EmailDomain, GivenSecrets, GroupRole, Issuer, LinkingPolicy, Preset,
    Provider, ProviderClientId, ProviderIcon, ProviderKind, ProviderName, RoleMap, Scope, Tenant, TenantId,
    begins_like_a_private_key,
};
use doorward_ports::inbound::{Change, ProviderChange, UnchangingProperties};
use doorward_ports::{Result, Secret};
use std::collections::BTreeMap;
use std::fmt::Display;

const MOST_ITEMS: usize = 50;
const LONGEST_SECRET: usize = 4096;
/// In place of what is missing or wrong, so that the other faults are found too.
const STAND_IN: &str = "https://provider.invalid";

/// A provider with the defaults of its preset or its kind. Each fault has been recorded.
pub(super) fn new(fields: &mut Fields, unchanging: &UnchangingProperties, sent: &ProviderChange) -> Provider {
    let name = fields.take("/name", "invalid_name", ProviderName::parse(&unchanging.name));
    let preset = unchanging.preset.as_deref().and_then(|name| known_preset(fields, name));
    let kind = known_kind(fields, unchanging);
    let issuer = kind.and_then(|kind| usual_issuer(fields, (kind, preset), sent)).unwrap_or(STAND_IN);
    if sent.client_id.is_none() {
        fields.refuse("/client_id", "required", &"must be set: the provider's console shows it.");
    }
    let stand_in = "a value of its own is accepted by its parser";
    let kind = kind.unwrap_or(ProviderKind::Oidc);
    let name = name.unwrap_or_else(|| ProviderName::parse("x").expect(stand_in));
    let display_name = Description::parse(kind.usual_name().unwrap_or(name.as_str())).expect(stand_in);
    let issuer = Issuer::parse(issuer).expect(stand_in);
    let client_id = ProviderClientId::parse("x").expect(stand_in);
    let provider = Provider::new(name, kind, display_name, (issuer, client_id));
    preset.map_or(provider.clone(), |preset| provider.with_preset(preset))
}

fn known_preset(fields: &mut Fields, name: &str) -> Option<&'static Preset> {
    let known = Preset::named(name);
    if known.is_none() {
        fields.refuse("/preset", "invalid_preset", &format!("must be one of {}.", Preset::NAMES.join(", ")));
    }
    known
}

fn known_kind(fields: &mut Fields, unchanging: &UnchangingProperties) -> Option<ProviderKind> {
    let Some(kind) = &unchanging.kind else {
        if unchanging.preset.is_none() {
            fields.refuse("/kind", "required", &"must be set, unless there is a preset.");
        }
        return Some(ProviderKind::Oidc).filter(|_| unchanging.preset.is_some());
    };
    let known = ProviderKind::from_name(kind);
    if known.is_none() {
        let kinds = ProviderKind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
        fields.refuse("/kind", "invalid_kind", &format!("must be one of {kinds}."));
    }
    known
}

/// The issuer if none was sent, and no tenant from which it follows.
fn usual_issuer(
    fields: &mut Fields,
    (kind, preset): (ProviderKind, Option<&Preset>),
    sent: &ProviderChange,
) -> Option<&'static str> {
    let usual = preset.and_then(|preset| preset.issuer).or(kind.usual_issuer());
    if sent.issuer.is_none() && sent.tenant.is_none() && usual.is_none() {
        let member = if kind.has_tenants() { "/tenant" } else { "/issuer" };
        fields.refuse(member, "required", &"must be set, because it is another one for each customer.");
    }
    usual
}

/// Applies what was sent; after a fault, a property does not change, and the fault has been recorded.
pub(super) fn apply(fields: &mut Fields, provider: &mut Provider, sent: &ProviderChange) {
    set(&mut provider.display_name, parsed(fields, "/display_name", sent.display_name.as_ref(), Description::parse));
    set(&mut provider.issuer, issuer(fields, provider.kind, sent));
    set(&mut provider.client_id, parsed(fields, "/client_id", sent.client_id.as_ref(), ProviderClientId::parse));
    set(&mut provider.team_id, nullable(fields, "/team_id", &sent.team_id, ConsoleId::parse));
    set(&mut provider.key_id, nullable(fields, "/key_id", &sent.key_id, ConsoleId::parse));
    set(&mut provider.icon, nullable(fields, "/icon", &sent.icon, ProviderIcon::parse));
    set(&mut provider.scopes, several(fields, "/scopes", sent.scopes.as_deref(), Scope::parse));
    let usual = provider.preset.map(Preset::claim_map).unwrap_or_default();
    set(&mut provider.claim_map, sent.claim_map.as_ref().map(|names| claim_map(fields, usual, names)));
    set(&mut provider.registration, sent.registration);
    set(&mut provider.linking, sent.linking.as_deref().and_then(|name| linking(fields, name)));
    set(
        &mut provider.email_domains,
        several(fields, "/email_domains", sent.email_domains.as_deref(), EmailDomain::parse),
    );
    set(&mut provider.tenants, several(fields, "/tenants", sent.tenants.as_deref(), TenantId::parse));
    set(&mut provider.hosted_domain, nullable(fields, "/hosted_domain", &sent.hosted_domain, EmailDomain::parse));
    let roles = several(fields, "/roles", sent.roles.as_deref(), GroupRole::parse);
    set(&mut provider.roles, roles.map(RoleMap::from_iter));
    set(&mut provider.roles_may_give_admin, sent.roles_may_give_admin);
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

/// An absent name is the usual one. What is not known is not repeated: it may have been pasted by mistake.
fn claim_map(fields: &mut Fields, mut map: ClaimMap, names: &BTreeMap<String, String>) -> ClaimMap {
    for (member, name) in names {
        let Some(property) = map.member(member) else {
            let known = ClaimMap::MEMBERS.join(", ");
            fields.refuse("/claim_map", "unknown_field", &format!("has an unknown name; known names are: {known}."));
            continue;
        };
        set(property, parsed(fields, &format!("/claim_map/{member}"), Some(name), ClaimName::parse));
    }
    map
}

/// The new client secret, and the new key that signs one, if they were sent.
#[derive(Default)]
pub(super) struct SentSecrets {
    secret: Option<Secret>,
    key: Option<Secret>,
    /// Whether one of them is to be removed.
    pub is_cleared: bool,
}

impl SentSecrets {
    pub fn read(fields: &mut Fields, sent: (Change<Secret>, Change<Secret>)) -> Self {
        let is_cleared = matches!(sent.0, Change::Clear) || matches!(sent.1, Change::Clear);
        let [secret, key] = [sent.0, sent.1].map(|change| if let Change::Set(it) = change { Some(it) } else { None });
        if secret.as_ref().is_some_and(|secret| !is_secret(secret.expose())) {
            let why = format!("must have 1 to {LONGEST_SECRET} bytes, and no control characters.");
            fields.refuse("/client_secret", "invalid_value", &why);
        }
        if key.as_ref().is_some_and(|key| !is_key(key.expose())) {
            let why = "must be a private key as PKCS#8 PEM, which begins with -----BEGIN PRIVATE KEY-----: send the .p8 file as it \
                       was downloaded.";
            fields.refuse("/client_key", "invalid_value", &why);
        }
        Self { secret, key, is_cleared }
    }

    /// What the provider has been given with this, and with what was there already.
    pub fn given(&self, provider: &Provider, is_kept: bool) -> GivenSecrets {
        let signed = provider.has_signed_secret();
        GivenSecrets {
            secret: self.secret.is_some() || is_kept && !signed,
            key: self.key.is_some() || is_kept && signed,
        }
    }

    /// Whether nothing was sent that replaces or removes the stored one.
    pub const fn keep_the_stored_one(&self) -> bool {
        self.secret.is_none() && self.key.is_none() && !self.is_cleared
    }

    /// The one of them that is kept, sealed.
    pub fn new_value(self) -> Option<Secret> {
        self.secret.or(self.key)
    }
}

fn is_secret(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST_SECRET && !text.contains(char::is_control)
}

fn is_key(pem: &str) -> bool {
    begins_like_a_private_key(pem) && pem.len() <= LONGEST_SECRET
}

/// Refuses what the kind or the preset refuses, and an issuer that is never called.
pub(super) fn suits_its_kind(provider: &Provider, given: GivenSecrets, loopback: bool) -> Result<()> {
    let mut fields = Fields::default();
    for mismatch in provider.mismatches(given) {
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
