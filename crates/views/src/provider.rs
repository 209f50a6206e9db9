use doorward_domain::{
    self as domain, ClaimName, ConsoleId, Description, EmailDomain, IdentityId, Issuer, ProviderClientId, ProviderIcon,
    ProviderName, RoleMap, Scope, TenantId, Timestamp,
};
use doorward_ports::inbound::{OfferedProvider, ProviderSource, RegisteredProvider};
use doorward_ports::outbound::{CheckedStep, StepResult};
use serde::Serialize;

/// A way to sign in.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignInProvider {
    /// The name of the provider in requests; `local` is the password.
    #[cfg_attr(feature = "openapi", schema(examples("google")))]
    pub name: String,
    /// The name of the provider for people.
    #[cfg_attr(feature = "openapi", schema(examples("Google")))]
    pub display_name: String,
    /// The kind of the provider.
    #[cfg_attr(feature = "openapi", schema(pattern = "^(local|oidc|entra|okta|google|github)$"))]
    pub kind: &'static str,
    /// The icon of the provider, if it has one.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub icon: Option<String>,
    /// Whether the provider could be used at the last check.
    pub available: bool,
    /// Since when that is so; `null` if it was never checked.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required = true))]
    pub since: Option<Timestamp>,
}

impl From<OfferedProvider> for SignInProvider {
    fn from(offered: OfferedProvider) -> Self {
        let OfferedProvider { name, display_name, kind, icon, available, since } = offered;
        Self { name, display_name, kind, icon, available, since }
    }
}

/// A person at a provider who signs in to the account.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Identity {
    /// The id of the identity.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Uuid))]
    pub id: IdentityId,
    /// The name of the provider.
    #[cfg_attr(feature = "openapi", schema(value_type = String, examples("google")))]
    pub provider: ProviderName,
    /// The issuer of the provider.
    pub issuer: String,
    /// The subject that the provider gives to this person only.
    pub subject: String,
    /// When the identity was linked to the account.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub linked_at: Timestamp,
    /// When somebody last signed in with it.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required = true))]
    pub last_used_at: Option<Timestamp>,
}

impl From<domain::Identity> for Identity {
    fn from(identity: domain::Identity) -> Self {
        Self {
            id: identity.id,
            provider: identity.provider,
            issuer: identity.key.issuer().to_owned(),
            subject: identity.key.subject().to_owned(),
            linked_at: identity.linked_at,
            last_used_at: identity.last_used_at,
        }
    }
}

/// A provider, as it is configured. Its client secret is not included.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Provider {
    /// The name of the provider in URLs.
    #[cfg_attr(feature = "openapi", schema(value_type = String, examples("work")))]
    pub name: ProviderName,
    /// The kind of the provider.
    #[cfg_attr(feature = "openapi", schema(examples("oidc")))]
    pub kind: &'static str,
    /// What is known of this provider, if it is one that many people use.
    #[cfg_attr(feature = "openapi", schema(required = true, examples("gitlab")))]
    pub preset: Option<&'static str>,
    /// Where the provider is configured. One of the `settings` can't be changed by the API.
    #[cfg_attr(feature = "openapi", schema(pattern = "^(settings|database)$"))]
    pub source: &'static str,
    /// Whether the provider can be used.
    pub enabled: bool,
    /// The position on sign-in pages.
    pub position: u16,
    /// The name of the provider for people.
    #[cfg_attr(feature = "openapi", schema(value_type = String, examples("Work")))]
    pub display_name: Description,
    /// The name or the URL of the icon, if there is one.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = true))]
    pub icon: Option<ProviderIcon>,
    /// The issuer of the provider.
    #[cfg_attr(feature = "openapi", schema(value_type = String, examples("https://id.example.com")))]
    pub issuer: Issuer,
    /// The client id that the provider has issued.
    #[cfg_attr(feature = "openapi", schema(value_type = String, examples("doorward")))]
    pub client_id: ProviderClientId,
    /// Whether there is a client secret, or the key that signs one.
    pub has_client_secret: bool,
    /// Apple: the id of the team.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = true))]
    pub team_id: Option<ConsoleId>,
    /// Apple: the id of the key that signs client secrets.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = true))]
    pub key_id: Option<ConsoleId>,
    /// The redirect URI to register at the provider.
    #[cfg_attr(feature = "openapi", schema(examples("https://accounts.example.com/api/v1/auth/callback/work")))]
    pub redirect_uri: String,
    /// The scopes that the provider is asked for.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub scopes: Vec<Scope>,
    /// The claims in which the provider states what Doorward keeps of a person.
    pub claim_map: ClaimMap,
    /// Whether people without an account get one by signing in.
    pub registration: bool,
    /// Whether people can be connected with an account that exists.
    #[cfg_attr(feature = "openapi", schema(pattern = "^(ask|verified_email|never)$"))]
    pub linking: &'static str,
    /// The domains whose e-mail addresses may register or be linked; if there are none, all may.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub email_domains: Vec<EmailDomain>,
    /// Entra ID: the tenants whose people may sign in; if there are none, those of all tenants.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub tenants: Vec<TenantId>,
    /// Google: the Workspace domain whose people may sign in.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = true))]
    pub hosted_domain: Option<EmailDomain>,
    /// Which roles the groups at the provider give, as `GROUP=ROLE`.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, examples(json!(["staff=support"]))))]
    pub roles: RoleMap,
    /// Whether they may give the role `admin`.
    pub roles_may_give_admin: bool,
    /// Whether each sign-in updates the full name and the locale of the account.
    pub sync_profile: bool,
    /// When the provider was added; `null` if it is in the settings.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required = true))]
    pub created_at: Option<Timestamp>,
    /// When the provider was last changed; `null` if it is in the settings.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required = true))]
    pub updated_at: Option<Timestamp>,
}

/// The names of claims.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClaimMap {
    /// The e-mail address.
    #[cfg_attr(feature = "openapi", schema(value_type = String, examples("email")))]
    pub email: ClaimName,
    /// Whether the provider has verified the e-mail address.
    #[cfg_attr(feature = "openapi", schema(value_type = String, examples("email_verified")))]
    pub email_verified: ClaimName,
    /// The full name.
    #[cfg_attr(feature = "openapi", schema(value_type = String, examples("name")))]
    pub full_name: ClaimName,
    /// The username that a new account would have.
    #[cfg_attr(feature = "openapi", schema(value_type = String, examples("preferred_username")))]
    pub username: ClaimName,
    /// The language tag.
    #[cfg_attr(feature = "openapi", schema(value_type = String, examples("locale")))]
    pub locale: ClaimName,
    /// The groups of the person at the provider.
    #[cfg_attr(feature = "openapi", schema(value_type = String, examples("groups")))]
    pub groups: ClaimName,
}

impl From<domain::ClaimMap> for ClaimMap {
    fn from(map: domain::ClaimMap) -> Self {
        let domain::ClaimMap { email, email_verified, full_name, username, locale, groups } = map;
        Self { email, email_verified, full_name, username, locale, groups }
    }
}

impl From<RegisteredProvider> for Provider {
    fn from(registered: RegisteredProvider) -> Self {
        let RegisteredProvider { provider, source, has_secret, redirect_uri } = registered;
        let times = match source {
            ProviderSource::Settings => None,
            ProviderSource::Database { created_at, updated_at, .. } => Some((created_at, updated_at)),
        };
        Self {
            name: provider.name,
            kind: provider.kind.as_str(),
            preset: provider.preset.map(|preset| preset.name),
            source: source.as_str(),
            enabled: provider.enabled,
            position: provider.position,
            display_name: provider.display_name,
            icon: provider.icon,
            issuer: provider.issuer,
            client_id: provider.client_id,
            has_client_secret: has_secret,
            team_id: provider.team_id,
            key_id: provider.key_id,
            redirect_uri,
            scopes: provider.scopes,
            claim_map: provider.claim_map.into(),
            registration: provider.registration,
            linking: provider.linking.as_str(),
            email_domains: provider.email_domains,
            tenants: provider.tenants,
            hosted_domain: provider.hosted_domain,
            roles: provider.roles,
            roles_may_give_admin: provider.roles_may_give_admin,
            sync_profile: provider.sync_profile,
            created_at: times.map(|(created_at, _)| created_at),
            updated_at: times.map(|(_, updated_at)| updated_at),
        }
    }
}

/// The test of a provider: what a sign-in needs, step by step.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProviderTest {
    /// Whether no step has failed.
    pub ok: bool,
    /// Every step, in the order in which a sign-in needs them.
    pub steps: Vec<ProviderTestStep>,
}

/// One step of the test of a provider.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProviderTestStep {
    /// The name of the step.
    #[cfg_attr(
        feature = "openapi",
        schema(pattern = "^(dns|tls|discovery|keys|client_credentials|redirect_uri|clock)$")
    )]
    pub step: &'static str,
    /// Its meaning.
    pub meaning: &'static str,
    /// Its result; a step is skipped if an earlier one has failed, or if only a person could try it.
    #[cfg_attr(feature = "openapi", schema(pattern = "^(ok|failed|skipped)$"))]
    pub result: &'static str,
    /// What was found and, if the step has failed, what to do.
    pub detail: String,
}

impl From<CheckedStep> for ProviderTestStep {
    fn from(CheckedStep { step, result }: CheckedStep) -> Self {
        let (result, detail) = match result {
            StepResult::Ok(detail) => ("ok", detail),
            StepResult::Failed(detail) => ("failed", detail),
            StepResult::Skipped(detail) => ("skipped", detail),
        };
        Self { step: step.as_str(), meaning: step.meaning(), result, detail }
    }
}

impl From<Vec<CheckedStep>> for ProviderTest {
    fn from(steps: Vec<CheckedStep>) -> Self {
        let ok = !steps.iter().any(|step| matches!(step.result, StepResult::Failed(_)));
        Self { ok, steps: steps.into_iter().map(Into::into).collect() }
    }
}
