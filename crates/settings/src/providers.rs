//! The blocks of identity providers: the types of their keys, what follows from the kind, and what a kind refuses.

use doorward_domain::{
    ClaimMap, ClaimName, ConsoleId, Description, EmailDomain, GroupRole, Issuer, LinkingPolicy, Preset, Provider,
    ProviderClientId, ProviderIcon, ProviderKind, ProviderName, RedirectUri, RoleName, Scope, SignedSecret, Tenant,
    TenantId,
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

/// The keys that some kinds know, and these kinds.
const KNOWN_BY: &[(&[&str], &[ProviderKind])] = &[
    (&["tenant", "tenants"], &[ProviderKind::Entra]),
    (&["hosted_domain"], &[ProviderKind::Google]),
    (
        &[
            "claim_email",
            "claim_email_verified",
            "claim_name",
            "claim_username",
            "claim_locale",
            "claim_groups",
            "roles",
            "roles_may_give_admin",
        ],
        &[ProviderKind::Oidc, ProviderKind::Entra, ProviderKind::Okta, ProviderKind::Google],
    ),
];

/// The keys of presets that expect a signed client secret.
const OF_SIGNED_SECRETS: [&str; 3] = ["team_id", "key_id", "client_key"];

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
        let signed_secret = self.team_id.zip(self.key_id).map(|(team, key)| SignedSecret { team, key });
        let client_key = self.client_key.map(|key| key.0);
        // The roles were checked with it.
        let _ = self.roles_may_give_admin;
        let provider = Provider {
            name,
            kind: self.kind,
            preset: self.preset,
            display_name: self.display_name,
            icon: self.icon,
            issuer: self.issuer,
            client_id: self.client_id,
            signed_secret,
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
    let claims = preset.claims.iter().map(|(key, claim)| (*key, (*claim).to_owned()));
    for (key, text) in known.into_iter().chain(issuer).chain(claims) {
        if !(Block { values, name }).is_written(key) {
            values.follow(&in_block(name, key), &in_block(name, "preset"), text);
        }
    }
}

fn follow_kind(values: &mut Values, name: &str, kind: ProviderKind) {
    let issuer = Block { values, name }.issuer(kind);
    for (key, _) in foreign_to(kind) {
        values.ignore(in_block(name, key));
    }
    follow_unless_set(values, name, "scopes", ("kind", kind.usual_scopes().join(",")));
    follow_unless_set(values, name, "display_name", ("kind", usual_name(kind).unwrap_or(name).to_owned()));
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
        faults.extend(block.gives_admin());
        let preset = block.peek::<&'static Preset>("preset");
        faults.extend(block.client_key(preset));
        faults.extend(preset.and_then(|preset| block.another_kind(preset)));
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

    /// Whether somebody has set it, and it does not follow from another key.
    fn is_written(&self, key: &str) -> bool {
        let source = self.values.source(&in_block(self.name, key));
        self.is_set(key) && !matches!(source, Source::Default | Source::Follows(_))
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
        let preset = self.peek::<&'static Preset>("preset");
        let is_openid = kind.is_openid() && preset.is_none_or(Preset::is_openid);
        let scopes = self.peek::<Vec<Scope>>("scopes").filter(|_| is_openid)?;
        let openid = scopes.iter().any(|scope| scope.as_str() == "openid");
        (!openid).then(|| self.fault("scopes", format!("the kind {kind} requires the scope openid"), "add openid"))
    }

    /// A group that somebody has named `admin` elsewhere must not become the way to Doorward by mistake.
    fn gives_admin(&self) -> Option<Fault> {
        let roles = self.peek::<Vec<GroupRole>>("roles")?;
        let entry = roles.into_iter().find(|entry| entry.role == RoleName::admin())?;
        let may = self.peek::<bool>("roles_may_give_admin").unwrap_or_default();
        (!may).then(|| {
            let cure = "remove it, or set roles_may_give_admin if whoever manages this group may control Doorward";
            self.fault("roles", format!("{entry} gives the role admin"), cure)
        })
    }

    /// A preset that expects a signed client secret needs what signs it, and nothing else does.
    fn client_key(&self, preset: Option<&Preset>) -> Vec<Fault> {
        let Some(preset) = preset.filter(|preset| preset.quirks.signed_secret) else {
            let of_others = OF_SIGNED_SECRETS.iter().filter(|key| self.is_set(key));
            let cure = "remove it; only the preset apple has it";
            return of_others.map(|key| self.fault(key, "no client secret is signed here", cure)).collect();
        };
        let missing = OF_SIGNED_SECRETS.iter().filter(|key| !self.is_set(key)).map(|key| {
            let cure = "copy it from the provider's console; client_key_file is the path of the .p8 file";
            self.fault(key, format!("it must be set for the preset {}", preset.name), cure)
        });
        let secret = self.is_set("client_secret").then(|| {
            let problem = format!("for the preset {}, it is signed with client_key", preset.name);
            self.fault("client_secret", problem, "remove it, and set client_key_file")
        });
        missing.chain(secret).collect()
    }

    fn another_kind(&self, preset: &Preset) -> Option<Fault> {
        let kind = self.peek::<ProviderKind>("kind").filter(|kind| *kind != ProviderKind::Oidc)?;
        let problem = format!("the preset {} is of the kind oidc, and not {kind}", preset.name);
        Some(self.fault("kind", problem, "remove kind, or remove preset"))
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
        if pem.expose().trim_start().starts_with("-----BEGIN PRIVATE KEY-----") {
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
