use super::bench::{Bench, basic, example_in, login, right};
use crate::actors::{ANONYMOUS, Actor};
use crate::service::matrix::callers::ENROLLING;
use crate::service::matrix::examples::Example;
use crate::service::matrix::routes::Route;
use crate::service::providers::{asked, asked_by_query, redeeming};
use crate::service::world::{OTHER_PASSWORD, PASSWORD, WRONG_PASSWORD, World};
use crate::world::World as Http;
use actix_web::test::TestRequest;
use doorward_domain::{MOST_FACTORS, MOST_OWN_PERMISSIONS};
use doorward_ports::access::{Operation, Who};
use doorward_ports::outbound::{Outage, ProviderFault};
use serde_json::{Value, json};

const NOBODY: &str = "018f0000-0000-7000-8000-000000000000";

/// What comes of a request by this route that must be refused by this code.
pub async fn provoke(bench: &Bench, route: &Route, code: &str) -> String {
    match code {
        "rate_limited" => return too_often(bench, route).await,
        "csrf_refused" => return forged(route).await,
        "authentication_required" if route.operation == Some(Operation::Refresh) => {
            return without_a_cookie(route).await;
        }
        _ if is_of_a_factor(route, code) => return of_a_factor(bench, route, code).await,
        _ if is_of_a_provider(route, code) => return of_a_provider(bench, route, code).await,
        "registration_disabled" | "email_unverified" => return in_a_closed_world(route, code).await,
        "mail_disabled" => return without_mails(route).await,
        "invalid_mail_token" => return with_a_wrong_token(bench, route).await,
        "email_taken" if route.operation == Some(Operation::VerifyEmail) => return taken_meanwhile(bench, route).await,
        "last_admin" => return by_the_last_admin(route).await,
        "too_many_permissions" => return beyond_the_last_permission(route).await,
        "refresh_token_reused" => return shown_again(bench, route).await,
        "account_disabled" => return disabled(bench, route).await,
        "audit_log_unsealed" | "audit_log_damaged" | "sealing_key_mismatch" => return of_the_log(route, code).await,
        "verification_running" => return while_verifying(bench, route).await,
        _ => {}
    }
    let request = match code {
        "authentication_required"
        | "invalid_token"
        | "invalid_client"
        | "permission_denied"
        | "reauthentication_required"
        | "mfa_enrolment_required"
        | "password_change_required" => by_somebody_else(bench, route, code).await,
        "exceeds_own_permissions" => beyond_ones_own(bench, route).await,
        "malformed_json" | "malformed_request" | "payload_too_large" | "unsupported_media_type" => {
            unreadable(bench, route, code).await
        }
        "validation_failed" | "invalid_cursor" | "version_mismatch" => with_more(bench, route, code).await,
        code if code.ends_with("_not_found") => {
            bench.changed(route, |example| example.about(named(route, code), NOBODY)).await
        }
        code => at_odds(bench, route, code).await,
    };
    bench.world.outcome(request).await
}

/// The parameter of the path that names what is not found.
fn named(route: &Route, code: &str) -> &'static str {
    match code {
        "role_not_found" if route.path.contains("{role}") => "role",
        "permission_not_found" if route.path.contains("{permission}") => "permission",
        _ if route.path.contains("{name}") => "name",
        _ => "id",
    }
}

fn is_of_a_provider(route: &Route, code: &str) -> bool {
    let redeemed = [
        "invalid_grant",
        "link_required",
        "email_required",
        "email_domain_not_allowed",
        "registration_disabled",
        "email_taken",
        "account_disabled",
        "email_unverified",
    ];
    let begins = [Operation::BeginAuthorization, Operation::OpenAuthorization];
    let operation = route.operation.unwrap();
    match operation {
        Operation::IssueTokens => redeemed.contains(&code),
        Operation::LinkIdentity => ["invalid_grant", "identity_in_use"].contains(&code),
        Operation::UnlinkIdentity => code == "last_credential",
        Operation::FinishAuthorization => code == "invalid_state",
        Operation::EndProviderSessions => code.starts_with("invalid_") || code == "provider_unavailable",
        Operation::OpenAuthorization if code == "validation_failed" => true,
        _ => begins.contains(&operation) && code == "provider_not_found",
    }
}

fn is_of_a_factor(route: &Route, code: &str) -> bool {
    let without_an_id = code == "factor_not_found" && !route.path.contains("{id}");
    without_an_id
        || ["last_factor", "mfa_required", "mfa_token_invalid", "invalid_code", "too_many_factors"].contains(&code)
}

async fn of_a_factor(bench: &Bench, route: &Route, code: &str) -> String {
    let (world, name) = (&bench.world, bench.name());
    let request = match (route.operation.unwrap(), code) {
        (Operation::SignIn, _) => {
            let person = world.person(&name, &[]).await;
            world.factor_of(&person, true).await;
            ANONYMOUS.post(&route.path, &right(&name))
        }
        (Operation::IssueTokens, _) => {
            let person = world.person(&name, &[]).await;
            world.identity_of(&person, &name).await;
            world.factor_of(&person, true).await;
            ANONYMOUS.post(&route.path, &redeeming(&world.code("example", &name, None).await))
        }
        (Operation::Reauthenticate, _) => {
            world.person(&name, &[]).await.post(&route.path, &json!({"method": "totp", "code": "123456"}))
        }
        (Operation::EnrolTotp, _) => {
            let person = world.person(&name, &[]).await;
            for _ in 0..MOST_FACTORS {
                world.factor_of(&person, true).await;
            }
            person.asks(route.method.clone(), &route.path)
        }
        (Operation::DeleteFactor, _) => {
            let person = world.person(&name, &[ENROLLING]).await;
            let factor = world.factor_of(&person, true).await;
            person.delete(&route.path.replace("{id}", &factor.id))
        }
        (_, "factor_not_found") => world.person(&name, &[]).await.asks(route.method.clone(), &route.path),
        (_, "mfa_token_invalid") => bench.changed(route, |it| it.sent_with("mfa_token", json!("garbage"))).await,
        _ => bench.changed(route, |example| example.sent_with("code", json!("no code"))).await,
    };
    world.outcome(request).await
}

async fn of_a_provider(bench: &Bench, route: &Route, code: &str) -> String {
    let (world, name) = (&bench.world, bench.name());
    let address = format!("{}@example.com", bench.admin.name);
    let request = match (route.operation.unwrap(), code) {
        (Operation::BeginAuthorization, _) => ANONYMOUS.post(&route.path, &asked("nobody")),
        (Operation::OpenAuthorization, "validation_failed") => {
            ANONYMOUS.get(&format!("{}?provider=example", route.path))
        }
        (Operation::OpenAuthorization, _) => ANONYMOUS.get(&(route.path.clone() + &asked_by_query("nobody"))),
        (Operation::FinishAuthorization, _) => {
            ANONYMOUS.get(&format!("{}?state=garbage", route.path.replace("{name}", "example")))
        }
        (Operation::EndProviderSessions, _) => {
            let timeout = ProviderFault::Unavailable(Outage::Timeout);
            world.provider.tell("late", Err(timeout));
            let token = if code == "provider_unavailable" { "late" } else { "garbage" };
            let request = ANONYMOUS.asks(route.method.clone(), &route.path.replace("{name}", "example"));
            request
                .insert_header(("content-type", "application/x-www-form-urlencoded"))
                .set_payload(format!("logout_token={token}"))
        }
        (Operation::LinkIdentity, "invalid_grant") => {
            bench.changed(route, |example| example.sent_with("link_token", json!("garbage"))).await
        }
        (Operation::LinkIdentity, _) => {
            let (example, person) = bench.example(route).await;
            world.identity_of(&bench.admin, &format!("{}-thing-there", person.name)).await;
            example.request(route, *person)
        }
        (Operation::UnlinkIdentity, _) => return the_last_way_in(world, route, &name).await,
        (_, "invalid_grant") => ANONYMOUS.post(&route.path, &redeeming("garbage")),
        (_, "account_disabled") => {
            let (person, email) = (world.person(&name, &[]).await, format!("{name}@example.com"));
            world.identity_of(&person, &name).await;
            world.json(bench.admin.patch(&person.account.path, &json!({"is_active": false}))).await;
            ANONYMOUS.post(&route.path, &redeeming(&world.code("example", &name, Some((&email, true))).await))
        }
        (_, "email_unverified") => {
            let world = World::by(|policies| policies.registration.require_verified_email = true).await;
            let code = world.code("example", &name, Some(("ann@example.com", false))).await;
            return world.outcome(ANONYMOUS.post(&route.path, &redeeming(&code))).await;
        }
        (_, refused) => {
            let new = format!("{name}@example.com");
            let (provider, email) = match refused {
                "link_required" => ("example", Some((address.as_str(), true))),
                "email_taken" => ("never", Some((address.as_str(), true))),
                "email_required" => ("example", None),
                "email_domain_not_allowed" => ("ours", Some((new.as_str(), true))),
                "registration_disabled" => ("closed", Some((new.as_str(), true))),
                other => panic!("{other}: give it an example"),
            };
            ANONYMOUS.post(&route.path, &redeeming(&world.code(provider, &name, email).await))
        }
    };
    world.outcome(request).await
}

/// Of an account that was registered with a provider.
async fn the_last_way_in(world: &World, route: &Route, name: &str) -> String {
    let email = format!("{name}@example.com");
    let code = world.code("example", name, Some((&email, true))).await;
    let tokens = world.json(ANONYMOUS.post("/api/v1/auth/token", &redeeming(&code))).await;
    let owner = Actor::with(tokens["access_token"].as_str().unwrap());
    let own = world.json(owner.get("/api/v1/users/me/identities")).await;
    let id = own["items"][0]["id"].as_str().unwrap();
    world.outcome(owner.asks(route.method.clone(), &route.path.replace("{id}", id))).await
}

async fn by_somebody_else(bench: &Bench, route: &Route, code: &str) -> TestRequest {
    let operation = route.operation.unwrap();
    match (code, operation) {
        ("authentication_required", Operation::SignOut) => ANONYMOUS.asks(route.method.clone(), &route.path),
        ("authentication_required", _) => bench.of(route, ANONYMOUS).await,
        ("invalid_token", Operation::Refresh) => ANONYMOUS.post(&route.path, &json!({"refresh_token": "garbage"})),
        ("invalid_token", Operation::IssueTokens) => {
            ANONYMOUS.post(&route.path, &json!({"grant_type": "refresh_token", "refresh_token": "garbage"}))
        }
        ("invalid_token", Operation::SignOut) => Actor::with("garbage").asks(route.method.clone(), &route.path),
        ("invalid_token", _) => bench.of(route, Actor::with("garbage")).await,
        ("invalid_client", _) => basic(bench.of(route, ANONYMOUS).await, &bench.app.id, "garbage"),
        ("permission_denied", Operation::CheckAccess) => {
            bench.apps_own.get(&format!("{}?permission=no:body", route.path))
        }
        ("permission_denied", _) if operation.requirement().who == Who::Account => {
            bench.of(route, bench.apps_own).await
        }
        ("permission_denied", _) => bench.of(route, *bench.world.person(&bench.name(), &[]).await).await,
        ("password_change_required", _) => bench.of(route, bench.changing()).await,
        ("mfa_enrolment_required", _) => bench.of(route, bench.enrolling()).await,
        (_, Operation::ChangeUser | Operation::DeleteUser) => about_oneself(bench, route).await,
        _ => bench.of(route, *bench.stale).await,
    }
}

/// By somebody whose sign-in is not fresh: administrators must not get around what the owner's own operations require.
async fn about_oneself(bench: &Bench, route: &Route) -> TestRequest {
    let example = bench.example(route).await.0.about("id", &bench.stale.account.id);
    let changed = if example.has_a_body() { example.sent_with("email", json!("another@example.com")) } else { example };
    changed.request(route, *bench.stale)
}

/// By somebody who may do this and nothing else, about something that may more.
async fn beyond_ones_own(bench: &Bench, route: &Route) -> TestRequest {
    let caller = bench.who_may(route).await;
    let (name, admin) = (bench.name(), &bench.admin.account.id);
    let (example, _) = bench.example(route).await;
    let example = match route.operation.unwrap() {
        Operation::CreateUser => example.sent_with("roles", json!(["admin"])),
        Operation::CreateRole => example.sent_with("permissions", json!(["audit:read"])),
        Operation::CreateClientApp => example.sent_with("roles", json!(["admin"])),
        Operation::CreateProvider | Operation::ChangeProvider => example.sent_with("linking", json!("verified_email")),
        Operation::ChangeUser
        | Operation::ResetUserFactors
        | Operation::DeleteUser
        | Operation::UnlockUser
        | Operation::InviteUser
        | Operation::EndUserSessions
        | Operation::GrantRole
        | Operation::RevokeRole => example.about("id", admin),
        Operation::ChangeRole | Operation::DeleteRole | Operation::GrantPermission | Operation::RevokePermission => {
            bench.world.role(&name, &["audit:read"]).await;
            example.about("name", &name)
        }
        Operation::ChangeClientApp | Operation::DeleteClientApp | Operation::RotateClientSecret => {
            example.about("id", &bench.world.client_app(&name, &["admin"]).await.id)
        }
        // The permission of the example is one that was just made, and that nobody but an administrator holds.
        Operation::DeletePermission => example,
        other => panic!("{other:?} may touch more than its caller may: give it an example"),
    };
    example.request(route, *caller)
}

async fn unreadable(bench: &Bench, route: &Route, code: &str) -> TestRequest {
    let request = bench.changed(route, |example| example).await;
    match code {
        "malformed_json" => request.set_payload("{"),
        "unsupported_media_type" => request.insert_header(("content-type", "text/plain")).set_payload("text"),
        "payload_too_large" => request.set_payload("x".repeat(65 * 1024)),
        _ if matches!(route.operation, Some(Operation::ForwardAuthorization | Operation::EndProviderSessions)) => {
            request.set_payload("a=b&a=c")
        }
        _ if route.path.starts_with("/api/v1/auth/") => request.uri(&format!("{}?a=b&a=c", route.path)),
        _ => request.insert_header(("if-match", "no tag")),
    }
}

async fn with_more(bench: &Bench, route: &Route, code: &str) -> TestRequest {
    let (example, person) = bench.example(route).await;
    if code == "version_mismatch" {
        return example.request(route, *person).insert_header(("if-match", "\"99\""));
    }
    if code == "validation_failed" && example.has_a_body() {
        return example.sent_with("nonsense", json!(1)).request(route, *person);
    }
    let query = if code == "invalid_cursor" { "?cursor=nonsense" } else { "?nonsense=1" };
    example.asked_with(query).request(route, *person)
}

/// What does not fit what is there already.
async fn at_odds(bench: &Bench, route: &Route, code: &str) -> TestRequest {
    let (taken, world) = (&bench.admin, &bench.world);
    let sent = |name: &'static str, value: Value| bench.changed(route, move |example| example.sent_with(name, value));
    match code {
        "invalid_credentials" => ANONYMOUS.post(&route.path, &login(&taken.name, WRONG_PASSWORD)),
        "wrong_password" if route.operation == Some(Operation::Reauthenticate) => {
            sent("password", json!(WRONG_PASSWORD)).await
        }
        "wrong_password" => sent("current_password", json!(WRONG_PASSWORD)).await,
        "email_taken" => sent("email", json!(format!("{}@example.com", taken.name))).await,
        "username_taken" => sent("username", json!(taken.name)).await,
        "user_not_invitable" => bench.changed(route, |example| example.about("id", &taken.account.id)).await,
        "role_exists" => sent("name", json!("admin")).await,
        "permission_exists" => sent("name", json!("users:read")).await,
        "client_app_exists" => sent("id", json!(bench.app.id)).await,
        "provider_exists" => sent("name", json!("example")).await,
        "provider_in_settings" => bench.changed(route, |example| example.about("name", "example")).await,
        "provider_in_use" => {
            let name = bench.name();
            world.provider(&name).await;
            let code = world.code(&name, &name, Some((&format!("{name}@example.com"), true))).await;
            world.json(ANONYMOUS.post("/api/v1/auth/token", &redeeming(&code))).await;
            let example = bench.changed(route, |example| {
                let example = example.about("name", &name);
                if route.operation == Some(Operation::DeleteProvider) {
                    example
                } else {
                    example.sent_with("issuer", json!("https://other.example.net"))
                }
            });
            example.await
        }
        "too_many_roles" if route.operation == Some(Operation::GrantRole) => {
            let account = bench.who_holds_all_they_can().await;
            bench.changed(route, |example| example.about("id", &account)).await
        }
        "too_many_roles" => sent("roles", json!((0..32).map(|n| format!("{n:063}")).collect::<Vec<_>>())).await,
        "system_role" => bench.changed(route, |example| example.about("name", "admin")).await,
        "system_permission" => bench.changed(route, |example| example.about("name", "users:read")).await,
        "public_client_app" => {
            let id = bench.name();
            let app = json!({"id": id, "name": "Shop", "kind": "public"});
            world.json(taken.post("/api/v1/client-apps", &app)).await;
            bench.changed(route, |example| example.about("id", &id)).await
        }
        "unauthorized_client" => ANONYMOUS.post(&route.path, &json!({"grant_type": "client_credentials"})),
        "invalid_scope" => {
            let grant = json!({"grant_type": "client_credentials", "scope": "users:read"});
            basic(ANONYMOUS.post(&route.path, &grant), &bench.app.id, &bench.app.secret)
        }
        "unsupported_grant_type" => ANONYMOUS.post(&route.path, &json!({"grant_type": "password"})),
        "unsupported_token_type" => basic(
            ANONYMOUS.post(&route.path, &json!({"token": bench.apps_own.token()})),
            &bench.app.id,
            &bench.app.secret,
        ),
        code => panic!("{} may be refused by {code}: give it an example", route.name()),
    }
}

/// Each class is allowed once, so that the second is refused whatever the first was; but a right password costs nothing.
async fn too_often(bench: &Bench, route: &Route) -> String {
    let (example, person) = example_in(&bench.strict, route, &bench.name()).await;
    let first = match route.operation {
        Some(Operation::SignIn | Operation::Reauthenticate) => {
            example.clone().sent_with("password", json!(WRONG_PASSWORD))
        }
        Some(Operation::VerifySecondFactor | Operation::ConfirmTotp) => {
            example.clone().sent_with("code", json!("no code"))
        }
        Some(Operation::ChangeOwnPassword) => example.clone().sent_with("current_password", json!(WRONG_PASSWORD)),
        // About a thing that is not there: the first must not end the session that the second is made with.
        _ => example.clone().about("id", NOBODY),
    };
    bench.strict.send(first.request(route, *person)).await;
    bench.strict.outcome(example.request(route, *person)).await
}

/// Known by a cookie, without the header that a page of another origin can't set.
async fn forged(route: &Route) -> String {
    let path = route.path.replace(['{', '}'], "");
    let pair = "__Host-doorward-access=ann-token; __Host-doorward-refresh=theirs";
    let request = ANONYMOUS.asks(route.method.clone(), &path).insert_header(("cookie", pair));
    let request = if route.operation == Some(Operation::IntrospectToken) {
        request.insert_header(("content-type", "application/x-www-form-urlencoded")).set_payload("token=a")
    } else {
        request
    };
    Http::with(|options| options.session_cookie = true).outcome(request).await
}

async fn without_a_cookie(route: &Route) -> String {
    let world = Http::with(|options| options.session_cookie = true);
    world.outcome(ANONYMOUS.asks(route.method.clone(), &route.path)).await
}

async fn in_a_closed_world(route: &Route, code: &str) -> String {
    let world = World::by(|policies| {
        policies.registration.enabled = code != "registration_disabled";
        policies.registration.require_verified_email = true;
    })
    .await;
    let registration = json!({"email": "ann@example.com", "password": PASSWORD});
    let registered = world.outcome(ANONYMOUS.post("/api/v1/auth/register", &registration)).await;
    if route.operation == Some(Operation::Register) {
        return registered;
    }
    world.outcome(ANONYMOUS.post(&route.path, &right("ann@example.com"))).await
}

async fn by_the_last_admin(route: &Route) -> String {
    let world = World::new().await;
    let admin = world.admin().await;
    let example = Example::default().about("id", &admin.account.id).about("role", "admin");
    let example = if route.operation == Some(Operation::ChangeUser) {
        example.sent_with("is_active", json!(false))
    } else {
        example
    };
    world.outcome(example.request(route, *admin)).await
}

async fn without_mails(route: &Route) -> String {
    let world = World::new().await.without_mails();
    let ann = world.ann().await;
    let body = match route.operation.unwrap() {
        Operation::ResetPassword => json!({"token": "garbage", "password": OTHER_PASSWORD}),
        Operation::VerifyEmail | Operation::ReportTakeover => json!({"token": "garbage"}),
        Operation::InviteUser => {
            let admin = world.admin().await;
            let path = route.path.replace("{id}", &admin.account.id);
            return world.outcome(admin.asks(route.method.clone(), &path)).await;
        }
        _ => json!({"email": "bob@example.com"}),
    };
    world.outcome(ann.post(&route.path, &body)).await
}

async fn with_a_wrong_token(bench: &Bench, route: &Route) -> String {
    let body = match route.operation.unwrap() {
        Operation::ResetPassword => json!({"token": "garbage", "password": OTHER_PASSWORD}),
        _ => json!({"token": "garbage"}),
    };
    bench.world.outcome(ANONYMOUS.post(&route.path, &body)).await
}

/// Somebody else registers with the address before it is confirmed.
async fn taken_meanwhile(bench: &Bench, route: &Route) -> String {
    let (world, name) = (&bench.world, bench.name());
    let person = world.person(&name, &[]).await;
    let new = format!("{name}-new");
    let token = world.change_token(&person, &new).await;
    world.account(&new).await;
    world.outcome(ANONYMOUS.post(&route.path, &json!({"token": token}))).await
}

async fn beyond_the_last_permission(route: &Route) -> String {
    let world = World::new().await;
    let admin = world.admin().await;
    for n in 0..MOST_OWN_PERMISSIONS {
        world.permission(&format!("reports:{n}")).await;
    }
    world.outcome(admin.post(&route.path, &json!({"name": "one:more"}))).await
}

async fn shown_again(bench: &Bench, route: &Route) -> String {
    let (example, person) = bench.example(route).await;
    let mut token = person.refresh_token.clone();
    for _ in 0..2 {
        let next = bench.world.json(ANONYMOUS.post("/api/v1/auth/refresh", &json!({"refresh_token": token}))).await;
        token = next["refresh_token"].as_str().unwrap().to_owned();
    }
    bench.world.outcome(example.request(route, ANONYMOUS)).await
}

/// In a world whose log has no seal, or none that it trusts.
async fn of_the_log(route: &Route, code: &str) -> String {
    let world = World::new().await;
    let admin = world.admin().await;
    let other = match code {
        "audit_log_unsealed" => world,
        "audit_log_damaged" => world.sealed().await.suspicious(),
        _ => world.sealed().await.with_another_sealing_key(),
    };
    other.outcome(admin.get(&route.path)).await
}

async fn while_verifying(bench: &Bench, route: &Route) -> String {
    let request = bench.of(route, *bench.admin).await;
    bench.world.while_verifying(bench.world.outcome(request)).await
}

async fn disabled(bench: &Bench, route: &Route) -> String {
    let person = bench.world.person(&bench.name(), &[]).await;
    bench.world.json(bench.admin.patch(&person.account.path, &json!({"is_active": false}))).await;
    bench.world.outcome(ANONYMOUS.post(&route.path, &right(&person.name))).await
}
