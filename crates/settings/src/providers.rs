//! The blocks of identity providers: the types of their keys, what follows from the kind, and what a kind refuses.

use doorward_domain::{
    ClaimMap, ClaimName, ConsoleId, Description, EmailDomain, GivenSecrets, GroupRole, Issuer, LinkingPolicy, Preset,
    Provider, ProviderClientId, ProviderIcon, ProviderKind, ProviderName, RedirectUri, RoleName, Scope, Tenant,
    TenantId, begins_like_a_private_key,
};
use doorward_ports::outbound::ConfiguredProvider;
use doorward_ports::{Secret, SecretLines};
use serde_json::Value as Json;

use crate::fault::{Fault, Source};
use crate::keys::ProviderKeys;
use crate::types::{HttpUrl, secret};
use crate::value::{Input, ListItem, Refusal, SettingValue, text};
use crate::values::Values;

const SECTION: &str = "providers";

/// Whether a kind has certain keys.
type Has = fn(ProviderKind) -> bool;

/// The keys that some kinds have, and the rule that says which.
const KNOWN_BY: &[(&[&str], Has)] = &[
    (&["tenant", "tenants"], ProviderKind::has_tenants),
    (&["hosted_domain"], ProviderKind::has_hosted_domains),
    (
        &["claim_email", "claim_email_verified", "claim_name", "claim_username", "claim_locale"],
        ProviderKind::has_claims,
    ),
    (&["claim_groups", "roles", "roles_may_give_admin"], ProviderKind::has_claims),
];

/// The keys of presets that expect a signed client secret.
const OF_SIGNED_SECRETS: [&str; 3] = ["team_id", "key_id", "client_key"];

/// The keys that this kind does not have, and the rule by which others have them.
fn foreign_to(kind: ProviderKind) -> impl Iterator<Item = (&'static str, Has)> {
    let others = KNOWN_BY.iter().filter(move |(_, has)| !has(kind));
    others.flat_map(|(keys, has)| keys.iter().map(|key| (*key, *has)))
}

/// The providers, in the order in which they are offered.
pub(crate) fn configured(blocks: Vec<(ProviderName, ProviderKeys)>) -> Vec<ConfiguredProvider> {
    let mut providers: Vec<_> = blocks.into_iter().map(|(name, keys)| keys.configure(name)).collect();
    providers.sort_by(|a, b| (a.provider.position, &a.provider.name).cmp(&(b.provider.position, &b.provider.name)));
    providers
}

impl ProviderKeys {
    fn configure(self, name: ProviderName) -> ConfiguredProvider {
        // The issuer has followed from it.
        let _ = self.tenant;
        let client_key = self.client_key.map(|key| key.0);
        let provider = Provider {
            name,
            kind: self.kind,
            preset: self.preset,
            display_name: self.display_name,
            icon: self.icon,
            issuer: self.issuer,
            client_id: self.client_id,
            team_id: self.team_id,
            key_id: self.key_id,
            scopes: self.scopes,
            claim_map: ClaimMap {
                email: self.claim_email,
                email_verified: self.claim_email_verified,
                full_name: self.claim_name,
                username: self.claim_username,
                locale: self.claim_locale,
                groups: self.claim_groups,
            },
            registration: self.registration,
            linking: self.linking,
            email_domains: self.email_domains,
            tenants: self.tenants,
            hosted_domain: self.hosted_domain,
            roles: self.roles.into_iter().collect(),
            roles_may_give_admin: self.roles_may_give_admin,
            enabled: self.enabled,
            position: self.position,
            sync_profile: self.sync_profile,
        };
        ConfiguredProvider { provider, client_secret: self.client_secret.or(client_key) }
    }
}

/// Fills in the keys of each block whose default follows from its kind.
pub(crate) fn follow(values: &mut Values) {
    for name in values.blocks_of(SECTION) {
        let preset = Block { values, name: &name }.peek::<&'static Preset>("preset");
        if let Some(preset) = preset {
            follow_preset(values, &name, preset);
        }
        if !preset.is_some_and(|preset| preset.quirks.signed_secret) {
            for key in OF_SIGNED_SECRETS {
                values.ignore(in_block(&name, key));
            }
        }
        if let Some(kind) = kind_of(values, &name) {
            follow_kind(values, &name, kind);
        }
    }
}

fn kind_of(values: &mut Values, name: &str) -> Option<ProviderKind> {
    let block = Block { values, name };
    if !block.is_set("kind") && !block.is_set("preset") {
        let fault = block.fault("kind", "it must be set", format!("write {}", ProviderKind::FORMAT));
        values.faults.push(fault);
        return None;
    }
    block.peek("kind")
}

/// What is known of the preset. Whatever is written in the block overrides it.
fn follow_preset(values: &mut Values, name: &str, preset: &Preset) {
    let known = [
        ("kind", ProviderKind::Oidc.as_str().to_owned()),
        ("display_name", preset.display_name.to_owned()),
        ("icon", preset.name.to_owned()),
        ("scopes", preset.scopes.join(",")),
    ];
    let issuer = preset.issuer.map(|issuer| ("issuer", issuer.to_owned()));
    let claims = preset.claims.iter().map(|(member, claim)| (key_of_claim(member), (*claim).to_owned()));
    for (key, text) in known.into_iter().chain(issuer).chain(claims) {
        if !(Block { values, name }).is_written(key) {
            values.follow(&in_block(name, key), &in_block(name, "preset"), text);
        }
    }
}

/// The key of a member of the claim map.
fn key_of_claim(member: &str) -> &'static str {
    match member {
        "email" => "claim_email",
        "email_verified" => "claim_email_verified",
        "full_name" => "claim_name",
        "username" => "claim_username",
        "locale" => "claim_locale",
        _ => "claim_groups",
    }
}

fn follow_kind(values: &mut Values, name: &str, kind: ProviderKind) {
    let issuer = Block { values, name }.issuer(kind);
    for (key, _) in foreign_to(kind) {
        values.ignore(in_block(name, key));
    }
    follow_unless_set(values, name, "scopes", ("kind", kind.usual_scopes().join(",")));
    follow_unless_set(values, name, "display_name", ("kind", kind.usual_name().unwrap_or(name).to_owned()));
    match issuer {
        Ok(Some(issuer)) => follow_unless_set(values, name, "issuer", issuer),
        Ok(None) => {}
        Err(fault) => values.faults.push(fault),
    }
}

fn follow_unless_set(values: &mut Values, block: &str, key: &str, (from, text): (&str, String)) {
    let key = in_block(block, key);
    if !values.is_set(&key) {
        values.follow(&key, &in_block(block, from), text);
    }
}

fn in_block(block: &str, key: &str) -> String {
    format!("{SECTION}.{block}.{key}")
}

/// The combinations of a block that its kind refuses.
pub(crate) fn faults(values: &Values) -> Vec<Fault> {
    let mut faults = Vec::new();
    for name in values.blocks_of(SECTION) {
        let block = Block { values, name: &name };
        faults.extend(block.meant_for_another());
        faults.extend(block.issuer_beyond_reach());
        if let Some(kind) = block.peek("kind") {
            faults.extend(block.unknown_to(kind));
            faults.extend(block.two_issuers(kind));
            faults.extend(block.against_the_rules(kind));
        }
    }
    faults
}

/// One block, for its checks.
struct Block<'a> {
    values: &'a Values,
    name: &'a str,
}

impl Block<'_> {
    fn peek<T: SettingValue>(&self, key: &str) -> Option<T> {
        self.values.peek(&in_block(self.name, key))
    }

    fn is_set(&self, key: &str) -> bool {
        self.values.is_set(&in_block(self.name, key))
    }

    fn fault(&self, key: &str, problem: impl Into<String>, cure: impl Into<String>) -> Fault {
        self.values.fault(&in_block(self.name, key), problem, cure)
    }

    /// The issuer if nobody has set it, and the key that it follows from.
    fn issuer(&self, kind: ProviderKind) -> Result<Option<(&'static str, String)>, Fault> {
        if self.is_set("issuer") {
            return Ok(None);
        }
        if let Some(issuer) = kind.usual_issuer() {
            return Ok(Some(("kind", issuer.to_owned())));
        }
        if !kind.has_tenants() {
            let cure = "copy it from the discovery document of the provider, such as https://id.example.com";
            return Err(self.fault("issuer", format!("it must be set for the kind {kind}"), cure));
        }
        match self.peek::<Tenant>("tenant") {
            Some(tenant) => Ok(Some(("tenant", tenant.issuer()))),
            None if self.is_set("tenant") => Ok(None),
            None => Err(self.fault("tenant", "it must be set for the kind entra", format!("write {}", Tenant::FORMAT))),
        }
    }

    /// A variable with underscores where the name of another block has dashes.
    fn meant_for_another(&self) -> Option<Fault> {
        if self.is_set("kind") {
            return None;
        }
        let blocks = self.values.blocks_of(SECTION);
        let other = blocks.iter().find(|other| *other != self.name && other.replace('-', "_") == self.name)?;
        let written = other.replace('-', "___").to_uppercase();
        Some(Fault::new(
            format!("{SECTION}.{}", self.name),
            self.values.source_of_block(SECTION, self.name),
            format!("there is also a block {other}, and in a variable each dash of a name is three underscores"),
            format!("if {other} is meant, set DOORWARD_PROVIDERS__{written}__…"),
        ))
    }

    /// The client that calls providers refuses these addresses, unless Doorward itself is for this machine only.
    fn issuer_beyond_reach(&self) -> Option<Fault> {
        let issuer = self.peek::<Issuer>("issuer").filter(|issuer| issuer.is_plain_http() || issuer.is_loopback())?;
        let public_url = self.values.peek::<HttpUrl>("http.public_url").filter(|url| !url.is_loopback())?;
        let why = if issuer.is_plain_http() { "is not encrypted" } else { "is on this machine" };
        Some(self.fault(
            "issuer",
            format!("{issuer} {why}, which is allowed only while http.public_url is loopback, and it is {public_url}"),
            "use the https:// issuer of a provider that others can reach too",
        ))
    }

    fn unknown_to(&self, kind: ProviderKind) -> Vec<Fault> {
        let fault = |(key, has): (&str, Has)| {
            let kinds = ProviderKind::ALL.iter().filter(|kind| has(**kind)).map(|kind| kind.as_str());
            let kinds = kinds.collect::<Vec<_>>().join(", ");
            let cure = format!("remove it; only these kinds have it: {kinds}");
            self.fault(key, format!("the kind {kind} has no such key"), cure)
        };
        foreign_to(kind).filter(|(key, _)| self.is_written(key)).map(fault).collect()
    }

    /// Whether somebody has set it, and it does not follow from another key.
    fn is_written(&self, key: &str) -> bool {
        let source = self.values.source(&in_block(self.name, key));
        self.is_set(key) && !matches!(source, Source::Default | Source::Follows(_))
    }

    /// What every configuration of a provider obeys, wherever it comes from.
    fn against_the_rules(&self, kind: ProviderKind) -> Vec<Fault> {
        let given = GivenSecrets { secret: self.is_set("client_secret"), key: self.is_set("client_key") };
        let mismatches = self.draft(kind).map(|provider| provider.mismatches(given)).unwrap_or_default();
        mismatches.into_iter().map(|it| self.fault(it.member(), it.problem(), it.cure())).collect()
    }

    /// The provider as far as these rules look at it. What is missing or can't be read has a fault already, and is left as
    /// it usually is; so are the keys that only other kinds have.
    fn draft(&self, kind: ProviderKind) -> Option<Provider> {
        let issuer = self.peek("issuer").or_else(|| Issuer::parse("https://provider.invalid").ok())?;
        let client_id = ProviderClientId::parse("x").ok()?;
        let (name, display_name) = (ProviderName::parse(self.name).ok()?, Description::parse(self.name).ok()?);
        let usual = Provider::new(name, kind, display_name, (issuer, client_id));
        let roles: Vec<GroupRole> = self.known("roles", kind).unwrap_or_default();
        Some(Provider {
            preset: self.peek("preset"),
            team_id: self.stated("team_id"),
            key_id: self.stated("key_id"),
            scopes: self.peek("scopes").unwrap_or(usual.scopes),
            tenants: self.known("tenants", kind).unwrap_or_default(),
            roles: roles.into_iter().collect(),
            roles_may_give_admin: self.known("roles_may_give_admin", kind).unwrap_or_default(),
            ..usual
        })
    }

    fn known<T: SettingValue>(&self, key: &str, kind: ProviderKind) -> Option<T> {
        let is_foreign = foreign_to(kind).any(|(foreign, _)| foreign == key);
        self.peek(key).filter(|_| !is_foreign)
    }

    /// An id that is set, or one in its place if it can't be read, which is a fault of its own.
    fn stated(&self, key: &str) -> Option<ConsoleId> {
        self.is_set(key).then(|| self.peek(key).or_else(|| ConsoleId::parse("x").ok())).flatten()
    }

    fn two_issuers(&self, kind: ProviderKind) -> Option<Fault> {
        let tenant = self.peek::<Tenant>("tenant").filter(|_| kind.has_tenants())?;
        let issuer = self.peek::<Issuer>("issuer").filter(|issuer| issuer.as_str() != tenant.issuer())?;
        let problem = format!("it is {tenant}, but the issuer is set too, to {issuer}");
        Some(self.fault("tenant", problem, "remove tenant, or remove issuer unless it is a national cloud"))
    }
}

impl SettingValue for Tenant {
    const FORMAT: &'static str = "the id of a tenant, such as `72f988bf-86f1-41af-91ab-2d7cd011db47`, or `organizations`, \
        `consumers` or `common`";

    fn parse(input: &Input) -> Result<Self, Refusal> {
        Self::parse(text(input)?).map_err(|_| Refusal::Format)
    }

    fn show(&self) -> Json {
        Json::from(self.to_string())
    }
}

impl SettingValue for &'static Preset {
    const FORMAT: &'static str = "`apple`, `auth0`, `discord`, `facebook`, `gitlab`, `keycloak`, `linkedin` or `slack`";

    fn parse(input: &Input) -> Result<Self, Refusal> {
        Preset::named(text(input)?).ok_or(Refusal::Format)
    }

    fn show(&self) -> Json {
        Json::from(self.name)
    }
}

/// The private key that signs a client secret, as PKCS#8 PEM; only its first line is checked here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientKeyPem(Secret);

impl SettingValue for ClientKeyPem {
    const FORMAT: &'static str = Secret::FORMAT;
    const SECRET: bool = true;
    const LINES: SecretLines = SecretLines::Many;

    fn parse(input: &Input) -> Result<Self, Refusal> {
        let pem = secret(input, Self::LINES)?;
        if begins_like_a_private_key(pem.expose()) {
            return Ok(Self(pem));
        }
        Err(Refusal::because(
            "it is not a private key as PKCS#8 PEM, which begins with -----BEGIN PRIVATE KEY-----",
            "set client_key_file to the path of the .p8 file as it was downloaded",
        ))
    }

    fn show(&self) -> Json {
        self.0.show()
    }
}

impl SettingValue for ProviderKind {
    const FORMAT: &'static str = "`oidc`, `entra`, `okta`, `google` or `github`";

    fn parse(input: &Input) -> Result<Self, Refusal> {
        Self::from_name(text(input)?).ok_or(Refusal::Format)
    }

    fn show(&self) -> Json {
        Json::from(self.as_str())
    }
}

impl SettingValue for LinkingPolicy {
    const FORMAT: &'static str = "`ask`, `verified_email` or `never`";

    fn parse(input: &Input) -> Result<Self, Refusal> {
        Self::from_name(text(input)?).ok_or(Refusal::Format)
    }

    fn show(&self) -> Json {
        Json::from(self.as_str())
    }
}

impl SettingValue for GroupRole {
    const FORMAT: &'static str = "`GROUP=ROLE`, such as `staff=support`";

    fn parse(input: &Input) -> Result<Self, Refusal> {
        Self::parse(text(input)?).map_err(|why| Refusal::because(format!("{input} is not valid"), why.to_string()))
    }

    fn show(&self) -> Json {
        Json::from(self.to_string())
    }
}

/// A type of the domain, whose refusals say what to do.
macro_rules! from_domain {
    ($($type:ty: $format:literal;)+) => {$(
        impl SettingValue for $type {
            const FORMAT: &'static str = $format;

            fn parse(input: &Input) -> Result<Self, Refusal> {
                <$type>::parse(text(input)?)
                    .map_err(|reason| Refusal::because(format!("{input} is not valid"), reason.to_string()))
            }

            fn show(&self) -> Json {
                Json::from(self.as_str())
            }
        }
    )+};
}
from_domain! {
    Description: "a text in one line";
    Issuer: "an https URL without query and fragment, such as `https://id.example.com`";
    ProviderClientId: "the id as the provider's console shows it";
    ConsoleId: "the id as the provider's console shows it";
    Scope: "a scope, such as `email`";
    ClaimName: "the name of a claim, such as `email`";
    EmailDomain: "the domain of e-mail addresses, such as `example.com`";
    TenantId: "the id of a tenant, such as `72f988bf-86f1-41af-91ab-2d7cd011db47`";
    ProviderIcon: "the name of an icon, such as `google`, or an https URL";
    RedirectUri: "a redirect URI, such as `https://app.example.com/callback`";
    RoleName: "the name of a role, such as `admin`";
}

macro_rules! listed {
    ($($type:ty: $format:literal;)+) => {$(
        impl ListItem for $type {
            const LIST_FORMAT: &'static str = $format;
        }
    )+};
}
listed! {
    GroupRole: "a list of `GROUP=ROLE`, such as `staff=support`, separated by commas in an environment variable";
    Scope: "a list of scopes, such as `openid`, separated by commas in an environment variable";
    EmailDomain: "a list of domains, such as `example.com`, separated by commas in an environment variable";
    RoleName: "a list of roles, such as `admin`, separated by commas in an environment variable";
    TenantId: "a list of ids of tenants, separated by commas in an environment variable";
    RedirectUri: "a list of redirect URIs, such as `https://app.example.com/callback` or `com.example.app:/callback`, \
        separated by commas in an environment variable";
}
