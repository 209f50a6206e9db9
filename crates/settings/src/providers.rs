//! The blocks of identity providers: the types of their keys, what follows from the kind, and what a kind refuses.

use doorward_domain::{
    ClaimMap, ClaimName, Description, EmailDomain, Issuer, LinkingPolicy, Provider, ProviderClientId, ProviderIcon,
    ProviderKind, ProviderName, RedirectUri, RoleName, Scope, Tenant, TenantId,
};
use doorward_ports::outbound::ConfiguredProvider;
use serde_json::Value as Json;

use crate::fault::{Fault, Source};
use crate::keys::ProviderKeys;
use crate::types::HttpUrl;
use crate::value::{Input, ListItem, Refusal, SettingValue, text};
use crate::values::Values;

const SECTION: &str = "providers";

/// The keys that some kinds know, and these kinds.
const KNOWN_BY: &[(&[&str], &[ProviderKind])] = &[
    (&["tenant", "tenants"], &[ProviderKind::Entra]),
    (&["hosted_domain"], &[ProviderKind::Google]),
    (
        &["claim_email", "claim_email_verified", "claim_name", "claim_username", "claim_locale"],
        &[ProviderKind::Oidc, ProviderKind::Entra, ProviderKind::Okta, ProviderKind::Google],
    ),
];

/// The keys that this kind does not know, and the kinds that do.
fn foreign_to(kind: ProviderKind) -> impl Iterator<Item = (&'static str, &'static [ProviderKind])> {
    let others = KNOWN_BY.iter().filter(move |(_, kinds)| !kinds.contains(&kind));
    others.flat_map(|(keys, kinds)| keys.iter().map(|key| (*key, *kinds)))
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
        let provider = Provider {
            name,
            kind: self.kind,
            display_name: self.display_name,
            icon: self.icon,
            issuer: self.issuer,
            client_id: self.client_id,
            scopes: self.scopes,
            claim_map: ClaimMap {
                email: self.claim_email,
                email_verified: self.claim_email_verified,
                full_name: self.claim_name,
                username: self.claim_username,
                locale: self.claim_locale,
                ..ClaimMap::default()
            },
            registration: self.registration,
            linking: self.linking,
            email_domains: self.email_domains,
            tenants: self.tenants,
            hosted_domain: self.hosted_domain,
            enabled: self.enabled,
            position: self.position,
            sync_profile: self.sync_profile,
        };
        ConfiguredProvider { provider, client_secret: self.client_secret }
    }
}

/// Fills in the keys of each block whose default follows from its kind.
pub(crate) fn follow(values: &mut Values) {
    for name in values.blocks_of(SECTION) {
        let block = Block { values, name: &name };
        let Some(kind) = block.peek::<ProviderKind>("kind") else {
            continue;
        };
        let issuer = block.issuer(kind);
        let scopes = ("kind", kind.usual_scopes().join(","));
        let display_name = ("kind", usual_name(kind).unwrap_or(&name).to_owned());
        for (key, _) in foreign_to(kind) {
            values.ignore(in_block(&name, key));
        }
        follow_unless_set(values, &name, "scopes", scopes);
        follow_unless_set(values, &name, "display_name", display_name);
        match issuer {
            Ok(Some(issuer)) => follow_unless_set(values, &name, "issuer", issuer),
            Ok(None) => {}
            Err(fault) => values.faults.push(fault),
        }
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

const fn usual_name(kind: ProviderKind) -> Option<&'static str> {
    match kind {
        ProviderKind::Entra => Some("Microsoft"),
        ProviderKind::Okta => Some("Okta"),
        ProviderKind::Google => Some("Google"),
        ProviderKind::Github => Some("GitHub"),
        ProviderKind::Oidc => None,
    }
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
            faults.extend(block.without_secret(kind));
            faults.extend(block.without_openid(kind));
            faults.extend(block.two_tenants(kind));
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
        if kind != ProviderKind::Entra {
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
        let fault = |(key, kinds): (&str, &[ProviderKind])| {
            let kinds = kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
            let cure = format!("remove it; only these kinds have it: {kinds}");
            self.fault(key, format!("the kind {kind} has no such key"), cure)
        };
        foreign_to(kind).filter(|(key, _)| self.is_written(key)).map(fault).collect()
    }

    /// Whether it is set to something other than its default.
    fn is_written(&self, key: &str) -> bool {
        self.is_set(key) && self.values.source(&in_block(self.name, key)) != Source::Default
    }

    fn without_secret(&self, kind: ProviderKind) -> Option<Fault> {
        let needed = matches!(kind, ProviderKind::Google | ProviderKind::Github) && !self.is_set("client_secret");
        needed.then(|| {
            let cure = "create one in the provider's console, and write the path of its file into client_secret_file";
            self.fault("client_secret", format!("it must be set for the kind {kind}"), cure)
        })
    }

    /// OpenID Connect Core §3.1.2.1: without it, the provider sends no ID token.
    fn without_openid(&self, kind: ProviderKind) -> Option<Fault> {
        let scopes = self.peek::<Vec<Scope>>("scopes").filter(|_| kind.is_openid())?;
        let openid = scopes.iter().any(|scope| scope.as_str() == "openid");
        (!openid).then(|| self.fault("scopes", format!("the kind {kind} requires the scope openid"), "add openid"))
    }

    fn two_tenants(&self, kind: ProviderKind) -> Option<Fault> {
        if kind != ProviderKind::Entra {
            return None;
        }
        let tenant = self.peek::<Tenant>("tenant")?;
        if let Some(issuer) = self.peek::<Issuer>("issuer").filter(|issuer| issuer.as_str() != tenant.issuer()) {
            let problem = format!("it is {tenant}, but the issuer is set too, to {issuer}");
            return Some(self.fault(
                "tenant",
                problem,
                "remove tenant, or remove issuer unless it is a national cloud",
            ));
        }
        let single = Some(tenant).filter(Tenant::is_single)?;
        self.peek::<Vec<TenantId>>("tenants").filter(|tenants| !tenants.is_empty())?;
        Some(self.fault(
            "tenants",
            format!("tenant is {single}, which is one tenant already, so this list has no effect"),
            "remove it, or set tenant to organizations or common",
        ))
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
    Scope: "a list of scopes, such as `openid`, separated by commas in an environment variable";
    EmailDomain: "a list of domains, such as `example.com`, separated by commas in an environment variable";
    RoleName: "a list of roles, such as `admin`, separated by commas in an environment variable";
    TenantId: "a list of ids of tenants, separated by commas in an environment variable";
    RedirectUri: "a list of redirect URIs, such as `https://app.example.com/callback` or `com.example.app:/callback`, \
        separated by commas in an environment variable";
}
