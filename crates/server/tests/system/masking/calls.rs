//! For each operation, requests that nothing is wrong with, with a mark in each place that takes a secret or personal data.
use std::time::{SystemTime, UNIX_EPOCH};

use doorward_domain::Timestamp;
use doorward_testkit::Marks;
use doorward_testkit::authenticator::{Authenticator, STEP};
use serde_json::{Value, json};

use super::request::Call;
use crate::client::{Client, access};
use crate::generator::document::Operation;
use crate::identity_provider::{IdentityProvider, parameter};
use crate::place::Place;
use crate::providers;
use std::path::PathBuf;

/// What calls are about. Everything is made anew for each call, so that no call depends on another.
pub struct World {
    pub client: Client,
    pub marks: Marks,
    admin: String,
    provider: IdentityProvider,
    mails: PathBuf,
    made: usize,
}

/// An account, signed in.
struct Person {
    id: String,
    email: String,
    username: String,
    password: String,
    access: String,
    refresh: String,
    session: String,
}

/// A second factor.
struct Enrolled {
    id: String,
    authenticator: Authenticator,
}

impl Enrolled {
    fn code(&self) -> String {
        self.authenticator.code(now())
    }

    /// What is accepted after that.
    fn next_code(&self) -> String {
        self.authenticator.code(now().plus(STEP))
    }
}

#[expect(clippy::disallowed_methods, reason = "another process has no virtual clock")]
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later than 1970");
    Timestamp::EPOCH.plus(since)
}

/// A confidential client app.
struct App {
    id: String,
    secret: String,
}

impl World {
    /// With the administrator of the settings.
    pub fn of(place: &Place, client: Client, provider: IdentityProvider, marks: Marks) -> Self {
        let [email, password] = ["EMAIL", "PASSWORD"].map(|name| format!("DOORWARD_BOOTSTRAP__ADMIN_{name}"));
        let tokens = client.sign_in(place.setting(&email), place.setting(&password));
        let mut world =
            Self { client, marks, admin: access(&tokens).to_owned(), provider, mails: place.mails(), made: 0 };
        world.note_issued(&tokens);
        world
    }

    /// The tokens and secrets in an answer must not be found anywhere either.
    pub fn note_issued(&mut self, body: &Value) {
        for name in ["access_token", "refresh_token", "client_secret", "link_token", "mfa_token", "secret"] {
            if let Some(secret) = body[name].as_str() {
                self.marks.add_issued(secret);
            }
        }
        // The URI of an authenticator contains its secret; of a QR code, the drawing is secret.
        let drawing = body["qr_svg"].as_str().and_then(|svg| svg.split('"').max_by_key(|part| part.len()));
        drawing.into_iter().for_each(|drawing| self.marks.add_issued(drawing));
        for code in body["recovery_codes"].as_array().into_iter().flatten() {
            self.marks.add_issued(of_text(code));
        }
    }

    fn name(&mut self, kind: &str) -> String {
        self.made += 1;
        format!("{kind}-{}", self.made)
    }

    fn person(&mut self) -> Person {
        let (email, username, password) = (self.marks.email(), self.marks.mark(), self.marks.password());
        let account = json!({"email": email, "username": username, "password": password});
        let account = self.client.post("/api/v1/auth/register", &account).send().expect_status(201).json();
        let tokens = self.client.sign_in(&email, &password);
        self.note_issued(&tokens);
        let (access, refresh) = (of(&tokens, "access_token"), of(&tokens, "refresh_token"));
        let (id, session) = (of(&account, "id"), of(&tokens, "session_id"));
        Person { id, email, username, password, access, refresh, session }
    }

    fn app(&mut self) -> App {
        let id = self.name("app");
        let app = json!({"id": id, "name": "Billing", "kind": "confidential"});
        let made = self.made_by_admin("/api/v1/client-apps", &app);
        self.note_issued(&made);
        App { id, secret: of(&made, "client_secret") }
    }

    fn role(&mut self) -> String {
        let name = self.name("role");
        self.made_by_admin("/api/v1/roles", &json!({"name": name}));
        name
    }

    fn permission(&mut self) -> String {
        let name = self.name("reports");
        self.made_by_admin("/api/v1/permissions", &json!({"name": name}));
        name
    }

    fn made_by_admin(&self, path: &str, body: &Value) -> Value {
        self.client.post(path, body).bearer(&self.admin).send().expect_status(201).json()
    }

    /// The calls of an operation. An operation that is not here fails the test.
    pub fn calls(&mut self, operation: &Operation) -> Vec<Call> {
        let call = Call::new(&operation.method, &operation.path);
        match operation.id.as_str() {
            "read_public_keys"
            | "read_server_metadata"
            | "live"
            | "ready"
            | "read_openapi"
            | "list_sign_in_providers" => {
                vec![call]
            }
            "list_providers" => vec![call.bearer(&self.admin)],
            id if id.ends_with("_provider") => self.of_registry(id, call),
            id if id.contains("authorization") || id.contains("link") || id == "end_provider_sessions" => {
                self.of_providers(id, &call)
            }
            "resend_verification" | "verify_email" | "forgot_password" | "reset_password" | "report_takeover" => {
                self.of_mails(&operation.id, &call)
            }
            id if id.contains("own") => self.of_owner(id, call),
            id if id.contains("user") || id.ends_with("_role") => self.of_people_and_roles(id, call),
            id if ["totp", "factor", "recovery"].iter().any(|part| id.contains(part)) => self.of_factors(id, call),
            id if id.contains("client") => self.of_client_apps(id, call),
            id if id.contains("permission") => self.of_permissions(id, call),
            "list_roles"
            | "list_audit_events"
            | "export_audit_events"
            | "read_audit_head"
            | "verify_audit_log"
            | "read_health"
            | "read_metrics" => vec![call.bearer(&self.admin)],
            id => self.of_sign_in(id, call),
        }
    }

    fn of_sign_in(&mut self, id: &str, call: Call) -> Vec<Call> {
        if id == "register" {
            return vec![call.json(&self.newcomer())];
        }
        let it = self.person();
        let Person { email, username, password, access, refresh, .. } = &it;
        let token = json!({"refresh_token": refresh});
        match id {
            "sign_in" => vec![
                call.clone().json(&json!({"identifier": email, "password": password})),
                call.clone().json(&json!({"username": username, "password": password})),
                call.clone().json(&json!({"email": email, "password": password})),
                call.json(&json!({"identifier": email, "password": self.marks.password()})),
            ],
            "reauthenticate" => {
                let factor = self.factor(&it);
                let proof = json!({"method": "totp", "factor_id": factor.id, "code": factor.next_code()});
                let call = call.bearer(access);
                vec![call.clone().json(&json!({"password": password})), call.json(&proof)]
            }
            "refresh" => vec![call.clone().json(&token), by_cookie(call, "refresh", refresh)],
            "sign_out" => {
                let to = format!("https://{}.example.com/", self.marks.mark());
                let there =
                    json!({"refresh_token": refresh, "provider_sign_out": true, "post_logout_redirect_uri": to});
                vec![call.clone().json(&there), call.clone().json(&token), by_cookie(call, "access", access)]
            }
            "check_access" => vec![call.clone().bearer(access), by_cookie(call, "access", access)],
            "issue_tokens" | "introspect_token" | "revoke_token" => self.of_oauth(id, &call, &it),
            id => panic!(
                "the operation {id} has no marked request: add one to masking/calls.rs, with a mark in each place that \
                 takes a secret or personal data"
            ),
        }
    }

    fn of_oauth(&mut self, id: &str, call: &Call, it: &Person) -> Vec<Call> {
        let (app, hint) = (self.app(), self.marks.mark());
        let by_body = |mut body: Value| {
            body["client_id"] = json!(app.id);
            body["client_secret"] = json!(app.secret);
            [call.clone().form(&body), call.clone().json(&body)]
        };
        let by_basic = |body: Value| call.clone().header("Authorization", &basic(&app.id, &app.secret)).form(&body);
        let question = json!({"token": it.access, "token_type_hint": hint});
        if id == "issue_tokens" {
            let exchange = json!({"grant_type": "refresh_token", "refresh_token": it.refresh});
            let grant = json!({"grant_type": "client_credentials"});
            let redeeming = self.redeeming();
            let [form, json] = by_body(grant.clone());
            return vec![call.clone().form(&exchange), form, json, by_basic(grant), call.clone().form(&redeeming)];
        }
        let [form, json] = by_body(question.clone());
        let own = call.clone().form(&json!({"token": it.refresh, "token_type_hint": hint}));
        vec![form, json, by_basic(question), own]
    }

    /// What a client sends to begin.
    fn asked(&mut self) -> Value {
        json!({
            "redirect_uri": providers::APP, "state": self.marks.mark(), "code_challenge": providers::CHALLENGE,
            "code_challenge_method": "S256",
        })
    }

    fn begun(&mut self) -> Value {
        with(self.asked(), &json!({"provider": "here", "client_id": "doorward", "login_hint": self.marks.mark()}))
    }

    /// The query with which the provider sends the browser back, from this URL of it.
    fn returned(&mut self, url: &str) -> String {
        let (code, subject, email) = (self.marks.mark(), self.marks.mark(), self.marks.email());
        self.provider.signed_in(&code, url, &subject, &email);
        let state = parameter(url, "state").expect("a state was sent");
        self.marks.add_issued(state);
        format!("state={state}&code={code}")
    }

    /// The code at the end of what begins with this URL.
    fn code(&mut self, url: &str) -> String {
        let back = format!("/api/v1/auth/callback/here?{}", self.returned(url));
        let back = self.client.get(&back).send().expect_status(302);
        let location = back.header("location").expect("it leads to the app").to_owned();
        let code = parameter(&location, "code").expect("it has a code").to_owned();
        self.marks.add_issued(&code);
        code
    }

    fn url(&mut self) -> String {
        let body = self.begun();
        let begun = self.client.post("/api/v1/auth/authorize", &body).send().expect_status(200).json();
        of(&begun, "authorization_url")
    }

    fn redeeming(&mut self) -> Value {
        let url = self.url();
        let code = self.code(&url);
        json!({
            "grant_type": "authorization_code", "code": code, "code_verifier": providers::VERIFIER,
            "redirect_uri": providers::APP,
        })
    }

    fn of_providers(&mut self, id: &str, call: &Call) -> Vec<Call> {
        let call = call.clone();
        match id {
            "begin_authorization" => vec![call.json(&self.begun())],
            "open_authorization" => {
                let asked = self.begun();
                let pairs: Vec<_> = asked.as_object().expect("it has members").iter().collect();
                let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={}", of_text(value))).collect();
                vec![call.query(&pairs.join("&"))]
            }
            "finish_authorization" => {
                let (first, second) = (self.url(), self.url());
                let (good, state) = (self.returned(&first), parameter(&second, "state").expect("one was sent"));
                let call = call.at("name", "here");
                vec![call.clone().query(&good), call.query(&format!("state={state}&error={}", self.marks.mark()))]
            }
            "forward_authorization" => {
                let [state, code, iss, error] = [(); 4].map(|()| self.marks.mark());
                let call = call.at("name", "here");
                vec![call.form(&json!({"state": state, "code": code, "iss": iss, "error": error}))]
            }
            "end_provider_sessions" => {
                let tokens = [self.provider.signed_out(&self.marks.mark()), self.marks.mark()];
                let call = call.at("name", "here");
                tokens.into_iter().map(|token| call.clone().form(&json!({"logout_token": token}))).collect()
            }
            _ => self.of_links(id, call),
        }
    }

    fn of_links(&mut self, id: &str, call: Call) -> Vec<Call> {
        let it = self.person();
        let call = call.bearer(&it.access);
        match id {
            "begin_link" => vec![call.at("id", "here").json(&self.asked())],
            "link_identity" => {
                let proof = self.proof(&it);
                vec![call.clone().json(&proof), call.json(&json!({"link_token": self.marks.mark()}))]
            }
            "unlink_identity" => {
                let proof = self.proof(&it);
                let linked = self.client.post("/api/v1/users/me/identities", &proof).bearer(&it.access).send();
                vec![call.at("id", &of(&linked.expect_status(201).json(), "id"))]
            }
            id => panic!("the operation {id} has no marked request: add one to masking/calls.rs"),
        }
    }

    /// What links an identity to this account.
    fn proof(&mut self, it: &Person) -> Value {
        let asked = self.asked();
        let begun = self.client.post("/api/v1/users/me/identities/here", &asked).bearer(&it.access).send();
        let url = of(&begun.expect_status(200).json(), "authorization_url");
        json!({"code": self.code(&url), "code_verifier": providers::VERIFIER, "redirect_uri": providers::APP})
    }

    fn of_factors(&mut self, id: &str, call: Call) -> Vec<Call> {
        let it = self.person();
        let own = call.clone().bearer(&it.access);
        match id {
            "enrol_totp" => vec![own.clone().json(&json!({"name": self.marks.mark()})), own],
            "confirm_totp" => {
                let begun = self.enrolment(&it);
                let call = own.at("id", &begun.id);
                let wrong = call.clone().json(&json!({"code": self.marks.mark()}));
                vec![wrong, call.json(&json!({"code": begun.code()}))]
            }
            "delete_factor" => vec![own.at("id", &self.factor(&it).id)],
            "replace_recovery_codes" => {
                self.factor(&it);
                vec![own]
            }
            "verify_second_factor" => {
                let factor = self.factor(&it);
                let first = json!({"identifier": it.email, "password": it.password});
                let refused = self.client.post("/api/v1/auth/login", &first).send().expect_status(403).json();
                self.note_issued(&refused);
                let proof = |method: &str, code: &str| json!({"mfa_token": refused["mfa_token"], "factor_id": factor.id, "method": method, "code": code});
                let [totp, recovery] = ["totp", "recovery_code"].map(|method| proof(method, &self.marks.mark()));
                let stolen = json!({"mfa_token": self.marks.mark(), "method": "totp", "code": "123456"});
                let right = proof("totp", &factor.next_code());
                vec![
                    call.clone().json(&totp),
                    call.clone().json(&recovery),
                    call.clone().json(&stolen),
                    call.json(&right),
                ]
            }
            id => panic!("the operation {id} has no marked request: add one to masking/calls.rs"),
        }
    }

    /// An enrolment that waits for its first code.
    fn enrolment(&mut self, it: &Person) -> Enrolled {
        let begun = self.client.request("POST", "/api/v1/users/me/mfa/totp").bearer(&it.access).send();
        let begun = begun.expect_status(201).json();
        self.note_issued(&begun);
        Enrolled { id: of(&begun, "id"), authenticator: Authenticator::with(&of(&begun, "secret")) }
    }

    /// A factor that is asked for.
    fn factor(&mut self, it: &Person) -> Enrolled {
        let begun = self.enrolment(it);
        let path = format!("/api/v1/users/me/mfa/totp/{}/confirm", begun.id);
        let confirmed = self.client.post(&path, &json!({"code": begun.code()})).bearer(&it.access).send();
        self.note_issued(&confirmed.expect_status(200).json());
        begun
    }

    fn of_owner(&mut self, id: &str, call: Call) -> Vec<Call> {
        let it = self.person();
        let call = call.bearer(&it.access);
        vec![match id {
            "change_own_account" => call.json(&self.profile()),
            "change_own_password" => {
                call.json(&json!({"current_password": it.password, "new_password": self.marks.password()}))
            }
            "change_own_email" => call.json(&json!({"email": self.marks.email()})),
            "end_own_session" => call.at("id", &it.session),
            _ => call,
        }]
    }

    /// With tokens that were sent, and with marks in their place.
    fn of_mails(&mut self, id: &str, call: &Call) -> Vec<Call> {
        let it = self.person();
        let call = call.clone();
        match id {
            "resend_verification" | "forgot_password" => {
                vec![call.clone().json(&json!({"email": it.email})), call.json(&json!({"email": self.marks.email()}))]
            }
            "reset_password" => {
                self.client.post("/api/v1/auth/password/forgot", &json!({"email": it.email})).send().expect_status(202);
                let (token, password) = (self.token(&it.email, "reset_password"), self.marks.password());
                let mark = self.marks.mark();
                vec![
                    call.clone().json(&json!({"token": mark, "password": password})),
                    call.json(&json!({"token": token, "password": password})),
                ]
            }
            "report_takeover" => {
                let change = json!({"current_password": it.password, "new_password": self.marks.password()});
                let changed = self.client.post("/api/v1/users/me/password", &change).bearer(&it.access);
                changed.send().expect_status(204);
                let token = self.token(&it.email, "password_changed");
                vec![call.clone().json(&json!({"token": self.marks.mark()})), call.json(&json!({"token": token}))]
            }
            _ => {
                let token = self.token(&it.email, "verify_email");
                vec![call.clone().json(&json!({"token": self.marks.mark()})), call.json(&json!({"token": token}))]
            }
        }
    }

    /// The token in the last mail of this kind to this address, once it is there.
    fn token(&mut self, email: &str, kind: &str) -> String {
        let token = crate::mails::token(&self.mails, email, kind);
        self.marks.add_issued(&token);
        token
    }

    fn of_people_and_roles(&mut self, id: &str, call: Call) -> Vec<Call> {
        let it = self.person();
        let role = self.role();
        let call = call.bearer(&self.admin);
        match id {
            "list_users" => vec![
                call.clone().query(&format!("email={}", it.email)),
                call.clone().query(&format!("username={}", it.username)),
                call.clone().query(&format!("q={}&limit=1", it.username)),
                call.query("sort=email&limit=1"),
            ],
            "create_user" => vec![call.json(&with(self.newcomer(), &self.of_account(&[&role])))],
            "change_user" => vec![call.at("id", &it.id).json(&with(self.profile(), &self.of_address()))],
            "invite_user" => {
                let body = with(self.newcomer(), &json!({"invite": false}));
                let mut body = with(body, &self.of_address());
                body.as_object_mut().expect("it has members").remove("password");
                let invited = self.made_by_admin("/api/v1/users", &body);
                vec![call.at("id", &of(&invited, "id"))]
            }
            "create_role" => vec![call.json(&json!({
                "name": self.name("role"), "description": self.marks.mark(), "permissions": ["users:read"],
            }))],
            "change_role" => vec![call.at("name", &role).json(&json!({"description": self.marks.mark()}))],
            _ => vec![call.at("id", &it.id).at("role", &role).at("name", &role)],
        }
    }

    /// One of each kind that has a member of its own. None is enabled, so that none is called.
    fn of_registry(&mut self, id: &str, call: Call) -> Vec<Call> {
        let names = ["work", "tenants", "hosted", "apple"].map(|name| self.name(name));
        let origins = [
            json!({"kind": "oidc"}),
            json!({"kind": "entra"}),
            json!({"kind": "google"}),
            json!({"kind": "oidc", "preset": "apple"}),
        ];
        let any = json!({
            "display_name": "Work", "icon": "work", "scopes": ["openid"], "claim_map": {"email": "email"},
            "registration": true, "linking": "ask", "email_domains": ["example.com"], "tenants": [], "position": 1,
            "sync_profile": true, "roles": [format!("staff={}", self.role())], "roles_may_give_admin": false,
        });
        let call = call.bearer(&self.admin);
        let named = |n: usize, body: &Value| with(with(body.clone(), &origins[n]), &json!({"name": names[n]}));
        let new: Vec<_> = self.clients_of_providers().iter().enumerate().map(|(n, own)| named(n, own)).collect();
        if id == "create_provider" {
            return new.iter().map(|new| call.clone().json(&with(new.clone(), &any))).collect();
        }
        new.iter().for_each(|new| drop(self.made_by_admin("/api/v1/providers", new)));
        if id != "change_provider" {
            return vec![call.at("name", &names[0])];
        }
        let changes = self.clients_of_providers().map(|own| with(any.clone(), &own));
        changes.iter().zip(&names).map(|(change, name)| call.clone().at("name", name).json(change)).collect()
    }

    /// What is Doorward's own at each of them, with new secrets.
    fn clients_of_providers(&mut self) -> [Value; 4] {
        let own = [
            json!({"issuer": self.provider.issuer}),
            json!({"tenant": "common"}),
            json!({"hosted_domain": "example.com"}),
            json!({"team_id": "DEF123GHIJ", "key_id": "ABC123DEFG"}),
        ];
        own.map(|own| {
            let mark = self.marks.mark();
            let secret = match own.get("team_id") {
                Some(_) => json!({"client_key": format!("-----BEGIN PRIVATE KEY-----\n{mark}\n")}),
                None => json!({"client_secret": mark}),
            };
            with(with(own, &secret), &json!({"client_id": "doorward", "enabled": false}))
        })
    }

    fn of_client_apps(&mut self, id: &str, call: Call) -> Vec<Call> {
        let app = self.app();
        let call = call.bearer(&self.admin);
        let mark = self.marks.mark();
        let uris = json!({
            "name": mark, "redirect_uris": [format!("https://{mark}.example.com/{mark}")],
            "origins": [format!("https://{mark}.example.com")], "roles": [self.role()],
        });
        vec![match id {
            "create_client_app" => call.json(&with(json!({"id": self.name("app"), "kind": "confidential"}), &uris)),
            "change_client_app" => call.at("id", &app.id).json(&with(json!({"is_active": true}), &uris)),
            _ => call.at("id", &app.id),
        }]
    }

    fn of_permissions(&mut self, id: &str, call: Call) -> Vec<Call> {
        let (name, role) = (self.permission(), self.role());
        let call = call.bearer(&self.admin);
        vec![match id {
            "create_permission" => call.json(&json!({"name": self.name("reports"), "description": self.marks.mark()})),
            "delete_permission" => call.at("name", &name),
            _ => call.at("name", &role).at("permission", &name),
        }]
    }

    fn newcomer(&mut self) -> Value {
        json!({
            "email": self.marks.email(), "password": self.marks.password(), "username": self.marks.mark(),
            "full_name": self.marks.mark(), "locale": "en-GB",
        })
    }

    fn profile(&mut self) -> Value {
        json!({"username": self.marks.mark(), "full_name": self.marks.mark(), "locale": "de"})
    }

    fn of_account(&mut self, roles: &[&str]) -> Value {
        json!({
            "email_verified": true, "roles": roles, "is_active": true, "external_id": self.marks.mark(), "invite": true,
            "must_change_password": false,
        })
    }

    fn of_address(&mut self) -> Value {
        let email = self.marks.email();
        json!({
            "email": email, "email_verified": true, "is_active": true, "external_id": self.marks.mark(),
            "must_change_password": false,
        })
    }
}

fn of(body: &Value, name: &str) -> String {
    body[name].as_str().unwrap_or_else(|| panic!("{body} has no {name}")).to_owned()
}

fn of_text(value: &Value) -> &str {
    value.as_str().expect("it is a text")
}

fn with(mut body: Value, more: &Value) -> Value {
    let members = more.as_object().expect("it has members").clone();
    body.as_object_mut().expect("it has members").extend(members);
    body
}

/// As a page of our own sends it.
fn by_cookie(call: Call, kind: &str, token: &str) -> Call {
    call.header("Cookie", &format!("a=b; __Host-doorward-{kind}={token}")).header("X-CSRF-Token", "1")
}

/// RFC 7617 §2.
pub fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", base64(&format!("{id}:{secret}")))
}

/// RFC 4648 §4.
pub fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let three = |bytes: &[u8]| {
        let bits = (0..3).fold(0, |bits, at| bits << 8 | usize::from(bytes.get(at).copied().unwrap_or_default()));
        let digit = |at: usize| if at > bytes.len() { '=' } else { char::from(DIGITS[bits >> (18 - 6 * at) & 63]) };
        [0, 1, 2, 3].map(digit)
    };
    text.as_bytes().chunks(3).flat_map(three).collect()
}
