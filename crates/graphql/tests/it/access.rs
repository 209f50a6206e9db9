//! Every field with an operation, asked as everybody: what must come of it follows from the table of access.
use crate::world::{Person, World, code, read};
use doorward_domain::FactorRequirement;
use doorward_graphql::{Field, fields};
use doorward_ports::access::{FRESH_FOR, Operation, Who};
use serde_json::json;
use std::collections::BTreeSet;

const ID: &str = "0190a5c4-7e1b-7c3d-8f00-1234567890ab";
const ENROLLING: &str = "enrolling";

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Anonymous,
    Refused,
    User,
    /// One with the permissions that the field needs alone.
    WithItAlone,
    /// One with all other permissions.
    WithAllOthers,
    Admin,
    /// An administrator who has signed in longer ago than a fresh sign-in may be.
    Stale,
    /// An administrator who must enrol a second factor first.
    Enrolling,
}

const KINDS: [Kind; 8] = [
    Kind::Anonymous,
    Kind::Refused,
    Kind::User,
    Kind::WithItAlone,
    Kind::WithAllOthers,
    Kind::Admin,
    Kind::Stale,
    Kind::Enrolling,
];

/// A use of each field. It need not succeed: nobody is let in by what they ask for.
fn example(field: &Field) -> String {
    let done = "{ userErrors { code } }";
    let text = |name: &str| format!("{}({name}: \"x\") {done}", field.name);
    let input = |members: &str| format!("{}(input: {{{members}}}) {done}", field.name);
    match (field.on, field.name.as_str()) {
        ("User", "roles") => "me { roles { name } }".to_owned(),
        ("Query", "me") => "me { id }".to_owned(),
        ("Query", "user") => format!("user(id: \"{ID}\") {{ id }}"),
        ("Query", "node") => format!("node(id: \"{ID}\") {{ id }} other: node(id: \"role:user\") {{ id }}"),
        ("Query", "users" | "sessions" | "auditEvents") => format!("{} {{ edges {{ node {{ id }} }} }}", field.name),
        ("Query", "roles" | "permissions") => format!("{} {{ edges {{ node {{ name }} }} }}", field.name),
        ("Query", "userSessions") => format!("userSessions(userId: \"{ID}\") {{ edges {{ node {{ id }} }} }}"),
        ("Query", "identities") => "identities { id }".to_owned(),
        ("Query", "providers") => "providers { name }".to_owned(),
        ("Query", "factors") => "factors { recoveryCodesLeft }".to_owned(),
        (_, "register") => input(r#"email: "x", password: "x""#),
        (_, "signIn") => input(r#"identifier: "x", password: "x""#),
        (_, "verifySecondFactor") => input(r#"mfaToken: "x", method: TOTP, code: "x""#),
        (_, "resetPassword") => input(r#"token: "x", password: "x""#),
        (_, "changeOwnPassword") => input(r#"currentPassword: "x", newPassword: "x""#),
        (_, "beginLink") => {
            input(r#"provider: "x", redirectUri: "x", codeChallenge: "x", codeChallengeMethod: "S256""#)
        }
        (_, "createUser") => input(r#"email: "x""#),
        (_, "createRole" | "createPermission") => input(r#"name: "X X""#),
        (_, "reauthenticate" | "changeOwnAccount" | "linkIdentity") => input(""),
        (_, "refresh") => text("refreshToken"),
        (_, "resendVerification" | "forgotPassword" | "changeOwnEmail") => text("email"),
        (_, "verifyEmail" | "reportTakeover") => text("token"),
        (_, "enrolTotp" | "changeRole" | "deleteRole" | "deletePermission") => text("name"),
        (_, "confirmTotp") => format!("confirmTotp(id: \"{ID}\", code: \"x\") {done}"),
        (_, "changeUser") => format!("changeUser(id: \"{ID}\", input: {{}}) {done}"),
        (_, "grantRole" | "revokeRole") => format!("{}(id: \"{ID}\", role: \"x\") {done}", field.name),
        (_, "grantPermission" | "revokePermission") => {
            format!("{}(role: \"x\", permission: \"x\") {done}", field.name)
        }
        (_, "signOut" | "deleteOwnAccount" | "endOwnOtherSessions" | "replaceRecoveryCodes") => {
            format!("{} {done}", field.name)
        }
        (_, with_id) => format!("{with_id}(id: \"{ID}\") {done}"),
    }
}

fn document(field: &Field) -> String {
    let kind = if field.on == "Mutation" { "mutation" } else { "query" };
    format!("{kind} {{ {} }}", example(field))
}

fn permissions(field: &Field) -> BTreeSet<&'static str> {
    let needed = field.operations.iter().filter_map(|operation| match operation.requirement().who {
        Who::Permission(permission) => Some(permission),
        _ => None,
    });
    needed.collect()
}

struct Callers {
    stale: Vec<Person>,
    made: usize,
}

impl Callers {
    async fn gather(world: &World) -> Self {
        world.role(ENROLLING, &doorward_domain::SYSTEM_PERMISSIONS).await;
        let mut stale = Vec::new();
        for place in 0..fields().len() {
            stale.push(world.person(&format!("stale{place}"), &["admin"]).await);
        }
        world.advance(FRESH_FOR);
        Self { stale, made: 0 }
    }

    /// The token of one of this kind, made for one document.
    async fn token(&mut self, world: &World, field: &Field, kind: Kind) -> Option<String> {
        self.made += 1;
        let name = format!("n{}", self.made);
        let needed = permissions(field);
        let with: Vec<&str> = match kind {
            Kind::WithItAlone => needed.into_iter().collect(),
            _ => doorward_domain::SYSTEM_PERMISSIONS.into_iter().filter(|it| !needed.contains(it)).collect(),
        };
        let role = match kind {
            Kind::Anonymous => return None,
            Kind::Refused => return Some("garbage".to_owned()),
            Kind::Stale => return Some(self.stale.pop().unwrap().access_token),
            Kind::User => return Some(world.person(&name, &[]).await.access_token),
            Kind::Admin => "admin",
            Kind::Enrolling => ENROLLING,
            Kind::WithItAlone | Kind::WithAllOthers => {
                world.role(&name, &with).await;
                &name
            }
        };
        Some(world.person(&name, &[role]).await.access_token)
    }
}

/// The refusals of admission that the table of access leads to, by the operations that were asked for.
fn expected(operation: Operation, kind: Kind) -> &'static str {
    let requirement = operation.requirement();
    match (requirement.who, kind) {
        (Who::Anybody, Kind::Refused) if requirement.token_optional => "invalid_token",
        (Who::Anybody, _) => "",
        (_, Kind::Anonymous) => "authentication_required",
        (_, Kind::Refused) => "invalid_token",
        (_, Kind::Enrolling) if requirement.while_enrolling => "",
        (_, Kind::Enrolling) => "mfa_enrolment_required",
        (_, Kind::Stale) if requirement.fresh.is_some() => "reauthentication_required",
        (Who::Permission(_), Kind::User | Kind::WithAllOthers) => "permission_denied",
        _ => "",
    }
}

#[tokio::test]
async fn every_field_lets_in_whom_the_table_of_access_names_and_nobody_else() {
    let world = World::by(|policies| {
        policies.mfa.required = FactorRequirement::ForRoles([ENROLLING.parse().unwrap()].into());
    })
    .await;
    let mut callers = Callers::gather(&world).await;
    let mut faults = Vec::new();
    for field in fields() {
        for kind in KINDS {
            let token = callers.token(&world, &field, kind).await;
            world.asked();
            let answered = world.answer(token.as_deref(), &document(&field), json!({})).await;
            assert_eq!(answered.fault, None, "{}: {}", document(&field), read(&answered));
            // The roles of an account are asked for after the account.
            let own = if field.on == "User" { Operation::ReadOwnAccount } else { field.operations[0] };
            let first = expected(own, kind);
            let expected = if first.is_empty() { expected(field.operations[0], kind) } else { first };
            let found = read(&answered);
            let refusals = [
                "authentication_required",
                "invalid_token",
                "permission_denied",
                "reauthentication_required",
                "mfa_enrolment_required",
            ];
            let refused = Some(code(&found)).filter(|code| refusals.contains(code)).unwrap_or_default();
            if refused != expected {
                faults.push(format!("{}.{} as {kind:?}: {found}", field.on, field.name));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn every_field_asks_for_its_own_operations_and_no_others() {
    let world = World::new().await;
    for field in fields() {
        let admin =
            world.person(&format!("a-{}-{}", field.on.to_lowercase(), field.name.to_lowercase()), &["admin"]).await;
        world.asked();
        world.answer(Some(&admin.access_token), &document(&field), json!({})).await;
        let asked: Vec<Operation> = world.asked();
        let expected: Vec<Operation> = match field.on {
            "User" => [&[Operation::ReadOwnAccount][..], &field.operations].concat(),
            _ => field.operations.clone(),
        };
        assert_eq!(asked, expected, "{}.{}", field.on, field.name);
    }
}
