use super::callers::Caller;
use super::routes::Route;
use crate::actors::Actor;
use crate::service::providers::{asked, asked_by_query, ended_there};
use crate::service::world::{OTHER_PASSWORD, PASSWORD, World};
use actix_web::test::TestRequest;
use doorward_ports::access::Operation;
use doorward_testkit::scripted_provider::ISSUER;
use serde_json::{Value, json};

/// A request that nothing is wrong with: about things that are there, or that can still be made.
#[derive(Clone, Default)]
pub struct Example {
    path: Vec<(&'static str, String)>,
    query: String,
    body: Option<Value>,
    form: Option<&'static str>,
}

impl Example {
    /// For this route, by this caller. An operation without an example does not compile.
    pub async fn of(world: &World, route: &Route, caller: &Caller) -> Self {
        use Operation::*;
        let Some(operation) = route.operation else { return Self::default() };
        let (name, person) = (&caller.name, &caller.person);
        let refresh_token = json!({"refresh_token": person.refresh_token});
        match operation {
            CheckAccess | ReadOwnAccount | DeleteOwnAccount | ListOwnSessions | EndOwnOtherSessions | ListUsers
            | ListRoles | ListPermissions | ExportOwnData | ListClientApps | ListOwnActivity | ListAuditEvents
            | ExportAuditEvents | VerifyAuditLog | ReadHealth | ReadMetrics | ReadPublicKeys | ReadServerMetadata
            | ReadOpenapi | ReadDocs | ListSignInProviders | ListOwnIdentities | ListOwnFactors | ListProviders => {
                Self::default()
            }

            ReadAuditHead => {
                world.seal_audit_log().await;
                Self::default()
            }

            BeginAuthorization => Self::sent(asked("example")),
            OpenAuthorization => Self::default().asked_with(&asked_by_query("example")),
            FinishAuthorization => {
                let state = world.sent_to("example", name, None).await;
                Self::default().at("name", "example").asked_with(&format!("?state={state}&code={state}"))
            }
            ForwardAuthorization => Self { form: Some("state=a&code=b"), ..Self::default() }.at("name", "example"),
            EndProviderSessions => {
                world.provider.tell("token", Ok(ended_there(name)));
                Self { form: Some("logout_token=token"), ..Self::default() }.at("name", "example")
            }
            BeginLink => {
                let mut body = asked("example");
                body.as_object_mut().unwrap().remove("provider");
                Self::sent(body).at("id", "example")
            }
            LinkIdentity => {
                let address = format!("{}@example.com", person.name);
                Self::sent(json!({"link_token": world.link_token(&format!("{name}-there"), &address).await}))
            }
            UnlinkIdentity => Self::default().at("id", &world.identity_of(person, &format!("{name}-linked")).await),

            VerifySecondFactor => {
                let factor = world.factor_of(person, true).await;
                let mfa_token = world.mfa_token(person).await;
                Self::sent(json!({"mfa_token": mfa_token, "method": "totp", "code": factor.code}))
            }
            EnrolTotp => Self::sent(json!({"name": "Phone"})),
            ConfirmTotp => {
                let factor = world.factor_of(person, false).await;
                Self::sent(json!({"code": factor.code})).at("id", &factor.id)
            }
            DeleteFactor => Self::default().at("id", &world.factor_of(person, true).await.id),
            ReplaceRecoveryCodes => {
                world.factor_of(person, true).await;
                Self::default()
            }
            ResetUserFactors => Self::default().at("id", &account(world, name).await),

            Register => Self::sent(json!({"email": format!("{name}-new@example.com"), "password": PASSWORD})),
            ResendVerification | ForgotPassword => Self::sent(json!({"email": format!("{}@example.com", person.name)})),
            VerifyEmail => Self::sent(json!({"token": world.verification_token(&person.name).await})),
            ResetPassword => {
                Self::sent(json!({"token": world.reset_token(&person.name).await, "password": OTHER_PASSWORD}))
            }
            ReportTakeover => {
                world.account(&format!("{name}-other")).await;
                Self::sent(json!({"token": world.report_token(&format!("{name}-other")).await}))
            }
            ChangeOwnEmail => Self::sent(json!({"email": format!("{name}-new@example.com")})),
            SignIn => Self::sent(json!({"identifier": person.name, "password": PASSWORD})),
            Reauthenticate => Self::sent(json!({"password": PASSWORD})),
            Refresh | SignOut => Self::sent(refresh_token),
            IssueTokens => Self::sent(json!({"grant_type": "refresh_token", "refresh_token": person.refresh_token})),
            IntrospectToken | RevokeToken => Self::sent(json!({"token": person.access_token})),
            ChangeOwnAccount => Self::sent(json!({"full_name": "Ann Lee"})),
            ChangeOwnPassword => Self::sent(json!({"current_password": PASSWORD, "new_password": OTHER_PASSWORD})),
            EndOwnSession => Self::default().at("id", &person.session),

            CreateUser => Self::sent(json!({"email": format!("{name}-new@example.com")})),
            ChangeUser => Self::sent(json!({"full_name": "Bob"})).at("id", &account(world, name).await),
            ReadUser | DeleteUser | UnlockUser | InviteUser | ListUserSessions | EndUserSessions => {
                Self::default().at("id", &account(world, name).await)
            }
            GrantRole | RevokeRole => {
                Self::default().at("id", &account(world, name).await).at("role", &role(world, name).await)
            }

            CreateRole => Self::sent(json!({"name": name, "description": "Answers mail."})),
            ChangeRole => Self::sent(json!({"description": null})).at("name", &role(world, name).await),
            ReadRole | DeleteRole => Self::default().at("name", &role(world, name).await),
            GrantPermission | RevokePermission => {
                Self::default().at("name", &role(world, name).await).at("permission", "roles:write")
            }
            CreatePermission => Self::sent(json!({"name": format!("reports:{name}")})),
            DeletePermission => Self::default().at("name", &permission(world, name).await),

            CreateClientApp => Self::sent(json!({"id": name, "name": "Billing", "kind": "confidential"})),
            ChangeClientApp => {
                let app = client_app(world, name).await;
                Self::sent(json!({"name": "Accounting"})).at("id", &app)
            }
            ReadClientApp | DeleteClientApp | RotateClientSecret => {
                Self::default().at("id", &client_app(world, name).await)
            }

            CreateProvider => Self::sent(new_provider(name)),
            ChangeProvider => Self::sent(json!({"display_name": "Work"})).at("name", &provider(world, name).await),
            ReadProvider | DeleteProvider | TestProvider => Self::default().at("name", &provider(world, name).await),

            SetUserPassword | Bootstrap | RecordSightings | Tidy | CheckProviders | ListKeys | RotateKeys
            | RetireKey | RevokeKey | SealAuditLog | ShipAuditLog | PruneAuditLog | ListUserFactors
            | ListSealingKeys | RotateSealingKey | RetireSealingKey | DeliverMails | ListMails | SendTestMail
            | ReadMailPage => {
                panic!("{operation:?} has a route now: give it an example")
            }
        }
    }

    fn sent(body: Value) -> Self {
        Self { body: Some(body), ..Self::default() }
    }

    fn at(mut self, parameter: &'static str, value: &str) -> Self {
        self.path.push((parameter, value.to_owned()));
        self
    }

    /// The same, about another thing.
    pub fn about(mut self, parameter: &'static str, value: &str) -> Self {
        self.path.retain(|(known, _)| *known != parameter);
        self.at(parameter, value)
    }

    /// The same, with another value of this field in its body.
    pub fn sent_with(mut self, field: &str, value: Value) -> Self {
        self.body.get_or_insert_with(|| json!({}))[field] = value;
        self
    }

    pub fn has_a_body(&self) -> bool {
        self.body.is_some()
    }

    /// The same, with this query.
    pub fn asked_with(mut self, query: &str) -> Self {
        query.clone_into(&mut self.query);
        self
    }

    pub fn request(self, route: &Route, actor: Actor) -> TestRequest {
        let filled = self
            .path
            .iter()
            .fold(route.path.clone(), |path, (parameter, value)| path.replace(&format!("{{{parameter}}}"), value));
        let filled = filled + &self.query;
        assert!(!filled.contains('{'), "the example for {} lacks a parameter", route.name());
        let request = actor.asks(route.method.clone(), &filled);
        match self.body {
            Some(body) => request.set_json(body),
            None => match self.form {
                Some(form) => {
                    request.insert_header(("content-type", "application/x-www-form-urlencoded")).set_payload(form)
                }
                None => request,
            },
        }
    }
}

/// An account without any permission.
async fn account(world: &World, name: &str) -> String {
    world.passwordless(&format!("{name}-other")).await.id
}

/// A role without any permission.
async fn role(world: &World, name: &str) -> String {
    world.role(name, &[]).await;
    name.to_owned()
}

/// A client app without any permission.
async fn client_app(world: &World, name: &str) -> String {
    world.client_app(name, &[]).await.id
}

/// The body of a request to add a provider.
pub fn new_provider(name: &str) -> Value {
    json!({"name": name, "kind": "oidc", "issuer": ISSUER, "client_id": "doorward"})
}

/// A provider in the database.
async fn provider(world: &World, name: &str) -> String {
    world.provider(name).await;
    name.to_owned()
}

async fn permission(world: &World, name: &str) -> String {
    let name = format!("reports:{name}");
    world.permission(&name).await;
    name
}
