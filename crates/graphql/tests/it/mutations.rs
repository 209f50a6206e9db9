use crate::world::{OTHER_PASSWORD, PASSWORD, Person, WRONG_PASSWORD, World, code, read, visitor};
use doorward_application::RateLimits;
use doorward_domain::{MailTokenPurpose, Quota};
use doorward_graphql::{Shown, Visitor};
use doorward_ports::Secret;
use doorward_ports::access::Operation;
use doorward_testkit::authenticator::Authenticator;
use serde_json::{Value, json};
use std::num::NonZeroU32;
use std::time::Duration;

const SIGN_IN: &str = "mutation($identifier: String!, $password: String!) {
    signIn(input: {identifier: $identifier, password: $password}) {
        tokens { accessToken refreshToken tokenType expiresIn sessionId userId isNewUser }
        mfa { mfaToken expiresIn factors { id kind name } } userErrors { code message fields { pointer code } retryAfter } } }";

/// The payload of a mutation, which must be no error of the answer.
async fn payload(world: &World, person: Option<&Person>, mutation: &str) -> Value {
    let mut data = world.data(person, &format!("mutation {{ it: {mutation} }}")).await;
    data["it"].take()
}

async fn sign_in(world: &World, identifier: &str, password: &str) -> Value {
    let answered = world.answer(None, SIGN_IN, json!({"identifier": identifier, "password": password})).await;
    read(&answered)["data"]["signIn"].take()
}

#[tokio::test]
async fn a_sign_in_returns_tokens_that_work() {
    let world = World::new().await;
    let ann = world.person("ann", &[]).await;
    let payload = sign_in(&world, "ann", PASSWORD).await;
    assert_eq!(payload["userErrors"], json!([]));
    assert_eq!((&payload["tokens"]["userId"], &payload["mfa"]), (&json!(ann.id), &Value::Null));
    let token = payload["tokens"]["accessToken"].as_str().unwrap();
    let me = world.answer(Some(token), "{ me { id } }", json!({})).await;
    assert_eq!(read(&me)["data"]["me"]["id"], ann.id.as_str());
}

#[tokio::test]
async fn a_refused_sign_in_is_a_user_error_with_the_code_of_rest() {
    let world = World::new().await;
    world.person("ann", &[]).await;
    for (identifier, password) in [("ann", WRONG_PASSWORD), ("nobody", PASSWORD)] {
        let payload = sign_in(&world, identifier, password).await;
        assert_eq!(
            (&payload["tokens"], &payload["userErrors"][0]["code"]),
            (&Value::Null, &json!("invalid_credentials"))
        );
    }
}

#[tokio::test]
async fn tokens_that_the_front_end_hands_over_are_not_in_the_answer() {
    let world = World::new().await;
    let ann = world.person("ann", &[]).await;
    let hiding = Visitor { hides_tokens: true, ..visitor() };
    let answered = world.answer_to(SIGN_IN, json!({"identifier": "ann", "password": PASSWORD}), hiding).await;
    let tokens = read(&answered)["data"]["signIn"]["tokens"].take();
    assert_eq!((&tokens["accessToken"], &tokens["refreshToken"]), (&Value::Null, &Value::Null));
    assert_eq!(answered.issued.unwrap().user.to_string(), ann.id);
}

#[tokio::test]
async fn three_sign_ins_in_one_document_count_as_three() {
    let quota = |limit| Quota { limit: NonZeroU32::new(limit).unwrap(), per: Duration::from_hours(24) };
    let two = RateLimits { login: quota(2), auth: quota(99), api: quota(99), admin: quota(99), public: quota(99) };
    let world = World::by(|policies| policies.limits = Some(two)).await;
    let one =
        |name| format!("{name}: signIn(input: {{identifier: \"ann\", password: \"x\"}}) {{ userErrors {{ code }} }}");
    let document = format!("mutation {{ {} {} {} }}", one("a"), one("b"), one("c"));
    let answered = world.answer(None, &document, json!({})).await;
    let answer = read(&answered);
    let wrong = json!({"userErrors": [{"code": "invalid_credentials"}]});
    assert_eq!(answer["data"], json!({"a": wrong, "b": wrong, "c": null}));
    assert_eq!(code(&answer), "rate_limited");
    assert!(answer["errors"][0]["extensions"]["retryAfter"].as_i64().unwrap() > 0);
    assert!(answered.rate_limit.unwrap().judge().is_err());
    assert_eq!(world.asked(), [Operation::SignIn; 3]);
}

#[tokio::test]
async fn a_sign_in_with_a_second_factor_goes_on_with_its_code() {
    let world = World::new().await;
    let ann = world.person("ann", &[]).await;
    let document = "enrolTotp(name: \"Phone\") { enrolment { id secret otpauthUri } userErrors { code } }";
    let enrolment = payload(&world, Some(&ann), document).await["enrolment"].take();
    let authenticator = Authenticator::with(enrolment["secret"].as_str().unwrap());
    let confirm = |code: &str| {
        format!(
            "confirmTotp(id: {}, code: \"{code}\") {{ factor {{ name }} recoveryCodes userErrors {{ code }} }}",
            enrolment["id"]
        )
    };
    let wrong = payload(&world, Some(&ann), &confirm("000000")).await;
    assert_eq!((&wrong["factor"], &wrong["userErrors"][0]["code"]), (&Value::Null, &json!("invalid_code")));
    let confirmed = payload(&world, Some(&ann), &confirm(&authenticator.code(world.bed.tools.clock.now()))).await;
    assert_eq!(confirmed["recoveryCodes"].as_array().unwrap().len(), 10);
    world.advance(Duration::from_secs(30));

    let first = sign_in(&world, "ann", PASSWORD).await;
    assert_eq!((&first["tokens"], &first["userErrors"][0]["code"]), (&Value::Null, &json!("mfa_required")));
    let factor = json!({"id": enrolment["id"], "kind": "totp", "name": "Phone"});
    assert_eq!(first["mfa"]["factors"], json!([factor]));
    let verify = |code: String| {
        format!(
            "verifySecondFactor(input: {{mfaToken: {}, factorId: {}, method: TOTP, code: \"{code}\"}}) {{
                tokens {{ userId }} userErrors {{ code }} }}",
            first["mfa"]["mfaToken"], enrolment["id"]
        )
    };
    let wrong = payload(&world, None, &verify("000000".to_owned())).await;
    assert_eq!(wrong["userErrors"][0]["code"], "invalid_code");
    let done = payload(&world, None, &verify(authenticator.code(world.bed.tools.clock.now()))).await;
    assert_eq!(done["tokens"]["userId"], ann.id.as_str(), "{done}");
    let factors = world.data(Some(&ann), "{ factors { recoveryCodesLeft factors { name } } }").await;
    assert_eq!(factors["factors"], json!({"recoveryCodesLeft": 10, "factors": [{"name": "Phone"}]}));
}

#[tokio::test]
async fn a_refresh_token_is_exchanged_once_and_its_reuse_ends_the_session() {
    let world = World::new().await;
    let ann = world.person("ann", &[]).await;
    let refresh = |token: &str| {
        format!("refresh(refreshToken: \"{token}\") {{ tokens {{ refreshToken }} userErrors {{ code }} }}")
    };
    let next = payload(&world, None, &refresh(&ann.refresh_token)).await;
    let second = next["tokens"]["refreshToken"].as_str().unwrap();
    payload(&world, None, &refresh(second)).await;
    world.advance(Duration::from_secs(60));
    let reused = payload(&world, None, &refresh(&ann.refresh_token)).await;
    assert_eq!(reused["userErrors"][0]["code"], "refresh_token_reused");
    assert_eq!(code(&world.ask(Some(&ann), "{ me { id } }").await), "invalid_token");
}

#[tokio::test]
async fn a_refresh_without_a_token_takes_that_of_the_request_and_forgets_it_when_it_is_refused() {
    let world = World::new().await;
    let ann = world.person("ann", &[]).await;
    let document = "mutation { refresh { tokens { userId } userErrors { code } } }";
    let by_cookie = |token: &str| Visitor { refresh_token: Some(Secret::new(token.to_owned())), ..visitor() };
    let answered = world.answer_to(document, json!({}), by_cookie(&ann.refresh_token)).await;
    assert_eq!(read(&answered)["data"]["refresh"]["tokens"]["userId"], ann.id.as_str());
    assert!(!answered.signed_out);
    let answered = world.answer_to(document, json!({}), by_cookie("garbage")).await;
    assert_eq!(read(&answered)["data"]["refresh"]["userErrors"][0]["code"], "invalid_token");
    assert!(answered.signed_out);
    let answered = world.answer_to(document, json!({}), visitor()).await;
    assert_eq!(read(&answered)["data"]["refresh"]["userErrors"][0]["code"], "authentication_required");
}

#[tokio::test]
async fn a_sign_out_ends_the_session_of_either_token() {
    let world = World::new().await;
    world.person("ann", &[]).await;
    let (by_refresh, by_access) = (world.session_of("ann").await, world.session_of("ann").await);
    let document =
        format!("mutation {{ signOut(refreshToken: \"{}\") {{ done providerSignOutUrl }} }}", by_refresh.refresh_token);
    // An access token that is no good does not prevent it.
    let shown = Shown::Token(Secret::new("garbage".to_owned()));
    let answered = world.answer_to(&document, json!({}), Visitor { shown, ..visitor() }).await;
    assert_eq!(read(&answered)["data"]["signOut"], json!({"done": true, "providerSignOutUrl": null}));
    assert!(!answered.signed_out, "the token was in no cookie");
    payload(&world, Some(&by_access), "signOut { done }").await;
    for ended in [&by_refresh, &by_access] {
        assert_eq!(code(&world.ask(Some(ended), "{ me { id } }").await), "invalid_token");
    }
    let nobody = payload(&world, None, "signOut { done userErrors { code } }").await;
    assert_eq!(nobody, json!({"done": null, "userErrors": [{"code": "authentication_required"}]}));
}

#[tokio::test]
async fn a_registration_names_what_is_wrong_by_the_names_of_its_input() {
    let world = World::new().await;
    let register = |input: &str| {
        format!(
            "register(input: {{{input}}}) {{ accepted user {{ email fullName }} userErrors {{ code fields {{ pointer code }} }} }}"
        )
    };
    let bad = payload(&world, None, &register(r#"email: "x", password: "copper-violin-marsh-42", fullName: """#)).await;
    let error = &bad["userErrors"][0];
    assert_eq!((&bad["user"], &error["code"]), (&Value::Null, &json!("validation_failed")));
    let pointers: Vec<_> = error["fields"].as_array().unwrap().iter().map(|field| &field["pointer"]).collect();
    assert_eq!(pointers, ["/email", "/fullName"]);
    let good = register(r#"email: "ann@example.com", password: "copper-violin-marsh-42", fullName: "Ann""#);
    let done = payload(&world, None, &good).await;
    let user = json!({"email": "ann@example.com", "fullName": "Ann"});
    assert_eq!(done, json!({"accepted": true, "user": user, "userErrors": []}));
    assert_eq!(payload(&world, None, &good).await["userErrors"][0]["code"], "email_taken");
}

#[tokio::test]
async fn what_is_absent_stays_and_what_is_null_is_removed() {
    let world = World::new().await;
    let ann = world.person("ann", &[]).await;
    let change = |input: &str| {
        format!("changeOwnAccount(input: {{{input}}}) {{ user {{ username fullName locale }} userErrors {{ code }} }}")
    };
    let both = payload(&world, Some(&ann), &change(r#"fullName: "Ann A.", locale: "en-GB""#)).await;
    assert_eq!(both["user"], json!({"username": "ann", "fullName": "Ann A.", "locale": "en-GB"}));
    let one = payload(&world, Some(&ann), &change("fullName: null")).await;
    assert_eq!(one["user"], json!({"username": "ann", "fullName": null, "locale": "en-GB"}));
}

#[tokio::test]
async fn rights_end_and_begin_within_a_document() {
    let world = World::new().await;
    let ann = world.person("ann", &[]).await;
    let answer = world.ask(Some(&ann), "mutation { signOut { done } endOwnOtherSessions { done } }").await;
    assert_eq!(answer["data"], json!({"signOut": {"done": true}, "endOwnOtherSessions": null}));
    assert_eq!(code(&answer), "invalid_token");
    let admin = world.admin().await;
    let document = format!(
        "mutation {{ revokeRole(id: \"{}\", role: \"admin\") {{ userErrors {{ code }} }}
        createRole(input: {{name: \"support\"}}) {{ role {{ name }} }} }}",
        admin.id
    );
    world.person("other", &["admin"]).await;
    let answer = world.ask(Some(&admin), &document).await;
    assert_eq!(answer["data"], json!({"revokeRole": {"userErrors": []}, "createRole": null}));
    assert_eq!(code(&answer), "permission_denied");
}

#[tokio::test]
async fn what_must_be_done_first_can_be_done_in_the_same_document() {
    let world = World::new().await;
    let admin = world.admin().await;
    let bob = world.person("bob", &[]).await;
    let must =
        format!("changeUser(id: \"{}\", input: {{mustChangePassword: true}}) {{ userErrors {{ code }} }}", bob.id);
    payload(&world, Some(&admin), &must).await;
    let bob = world.session_of("bob").await;
    let document = format!(
        "mutation {{ before: endOwnOtherSessions {{ done }}
        changeOwnPassword(input: {{currentPassword: \"{PASSWORD}\", newPassword: \"{OTHER_PASSWORD}\"}}) {{ done }}
        after: endOwnOtherSessions {{ done }} }}"
    );
    let done = json!({"done": true});
    let answer = world.ask(Some(&bob), &document).await;
    assert_eq!(answer["data"], json!({"before": null, "changeOwnPassword": done, "after": done}));
}

#[tokio::test]
async fn the_description_of_a_role_stays_unless_it_is_named() {
    let world = World::new().await;
    let admin = world.admin().await;
    world.role("support", &[]).await;
    let change = |description: &str| format!("changeRole(name: \"support\"{description}) {{ role {{ description }} }}");
    for (sent, description) in
        [(", description: \"Helps\"", json!("Helps")), ("", json!("Helps")), (", description: null", Value::Null)]
    {
        let changed = payload(&world, Some(&admin), &change(sent)).await;
        assert_eq!(changed["role"]["description"], description, "{sent}");
    }
}

#[tokio::test]
async fn a_stale_sign_in_is_fresh_again_after_a_step_up() {
    let world = World::new().await;
    let ann = world.person("ann", &[]).await;
    world.advance(Duration::from_mins(11));
    let change = format!(
        "mutation {{ changeOwnPassword(input: {{currentPassword: \"{PASSWORD}\", newPassword: \"{OTHER_PASSWORD}\"}}) {{ done userErrors {{ code }} }} }}"
    );
    assert_eq!(code(&world.ask(Some(&ann), &change).await), "reauthentication_required");
    let step_up = format!(
        "reauthenticate(input: {{password: \"{PASSWORD}\"}}) {{ tokens {{ accessToken sessionId }} userErrors {{ code }} }}"
    );
    let tokens = payload(&world, Some(&ann), &step_up).await["tokens"].take();
    assert_eq!(tokens["sessionId"], ann.session.as_str());
    let answered = world.answer(tokens["accessToken"].as_str(), &change, json!({})).await;
    assert_eq!(read(&answered)["data"]["changeOwnPassword"], json!({"done": true, "userErrors": []}));
    let neither = payload(&world, Some(&ann), "reauthenticate(input: {}) { userErrors { code } }").await;
    assert_eq!(neither["userErrors"][0]["code"], "validation_failed");
}

#[tokio::test]
async fn a_password_is_set_anew_by_mail() {
    let world = World::new().await;
    world.person("ann", &[]).await;
    let asked = payload(&world, None, r#"forgotPassword(email: "ann@example.com") { done userErrors { code } }"#).await;
    assert_eq!(asked, json!({"done": true, "userErrors": []}));
    let token = world.mail_token("ann", MailTokenPurpose::ResetPassword).await;
    let reset = format!(
        "resetPassword(input: {{token: \"{token}\", password: \"{OTHER_PASSWORD}\"}}) {{ done userErrors {{ code }} }}"
    );
    assert_eq!(payload(&world, None, &reset).await["done"], true);
    assert_eq!(payload(&world, None, &reset).await["userErrors"][0]["code"], "invalid_mail_token");
    assert_eq!(sign_in(&world, "ann", OTHER_PASSWORD).await["userErrors"], json!([]));
}

#[tokio::test]
async fn accounts_roles_and_permissions_are_administered() {
    let world = World::new().await;
    let admin = world.admin().await;
    let admin = Some(&admin);
    let user = payload(
        &world,
        admin,
        r#"createUser(input: {email: "bob@example.com"}) { user { id isActive emailVerified } }"#,
    )
    .await;
    let id = user["user"]["id"].clone();
    assert_eq!((&user["user"]["isActive"], &user["user"]["emailVerified"]), (&json!(true), &json!(false)));
    payload(&world, admin, r#"createPermission(input: {name: "reports:read"}) { permission { name } }"#).await;
    payload(&world, admin, r#"createRole(input: {name: "support"}) { role { id } }"#).await;
    let role = payload(
        &world,
        admin,
        r#"grantPermission(role: "support", permission: "reports:read") { role { permissions } }"#,
    )
    .await;
    assert_eq!(role["role"]["permissions"], json!(["reports:read"]));
    let granted = payload(
        &world,
        admin,
        &format!("grantRole(id: {id}, role: \"support\") {{ user {{ roleNames roles {{ name }} }} }}"),
    )
    .await;
    assert_eq!(
        granted["user"],
        json!({"roleNames": ["support", "user"], "roles": [{"name": "support"}, {"name": "user"}]})
    );
    let changed = payload(
        &world,
        admin,
        &format!(
            "changeUser(id: {id}, input: {{isActive: false, fullName: \"Bob\"}}) {{ user {{ isActive fullName }} }}"
        ),
    )
    .await;
    assert_eq!(changed["user"], json!({"isActive": false, "fullName": "Bob"}));
    for (mutation, refusal) in [
        (r#"createRole(input: {name: "support"}) { userErrors { code } }"#.to_owned(), "role_exists"),
        (r#"deleteRole(name: "admin") { userErrors { code } }"#.to_owned(), "system_role"),
        (r#"deleteUser(id: "x") { userErrors { code } }"#.to_owned(), "user_not_found"),
        (r#"grantRole(id: "x", role: "support") { userErrors { code } }"#.to_owned(), "user_not_found"),
    ] {
        assert_eq!(payload(&world, admin, &mutation).await["userErrors"][0]["code"], refusal, "{mutation}");
    }
    assert_eq!(payload(&world, admin, &format!("deleteUser(id: {id}) {{ done }}")).await["done"], true);
}
