//! Who may do what, written down a second time: a changed requirement shows as a changed line here.
use crate::world::{HOME, MICROSECOND, World, from, operator};
use doorward_domain::{
    AssuranceLevel, Client, Permission, PermissionSet, RoleName, SYSTEM_PERMISSIONS, SessionId, Timestamp, UserId,
};
use doorward_ports::access::{FRESH_FOR, Operation, authorize, authorize_own};
use doorward_ports::{Actor, Caller, ErrorCode, Rights, ServiceAccount, SignedIn};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Who may: `anybody`, `somebody` signed in, somebody who has signed in `of late`, whoever is `known` (a client app too), the
/// `operator` alone, or who holds the permission (and the operator), perhaps of late too.
const TABLE: &[(&str, &str)] = &[
    ("register", "anybody"),
    ("sign_in", "anybody"),
    ("verify_second_factor", "anybody"),
    ("resend_verification", "anybody"),
    ("verify_email", "anybody"),
    ("forgot_password", "anybody"),
    ("reset_password", "anybody"),
    ("report_takeover", "anybody"),
    ("reauthenticate", "somebody"),
    ("refresh", "anybody"),
    ("list_sign_in_providers", "anybody"),
    ("begin_authorization", "anybody"),
    ("open_authorization", "anybody"),
    ("finish_authorization", "anybody"),
    ("forward_authorization", "anybody"),
    ("end_provider_sessions", "anybody"),
    ("sign_out", "anybody"),
    ("check_access", "known"),
    ("issue_tokens", "anybody"),
    ("introspect_token", "tokens:introspect or a client"),
    ("revoke_token", "anybody"),
    ("read_own_account", "somebody"),
    ("change_own_account", "somebody"),
    ("delete_own_account", "somebody of late"),
    ("change_own_password", "somebody of late"),
    ("change_own_email", "somebody of late"),
    ("list_own_sessions", "somebody"),
    ("end_own_session", "somebody"),
    ("end_own_other_sessions", "somebody"),
    ("list_own_identities", "somebody"),
    ("begin_link", "somebody of late"),
    ("link_identity", "somebody of late"),
    ("unlink_identity", "somebody of late"),
    ("list_own_factors", "somebody"),
    ("enrol_totp", "somebody of late"),
    ("confirm_totp", "somebody of late"),
    ("delete_factor", "somebody of late"),
    ("replace_recovery_codes", "somebody of late"),
    ("list_own_activity", "somebody"),
    ("export_own_data", "somebody of late"),
    ("list_users", "users:read"),
    ("read_user", "users:read"),
    ("create_user", "users:write"),
    ("change_user", "users:write"),
    ("delete_user", "users:write"),
    ("set_user_password", "users:write"),
    ("unlock_user", "users:write"),
    ("invite_user", "users:write"),
    ("reset_user_factors", "users:write of late"),
    ("grant_role", "users:write"),
    ("revoke_role", "users:write"),
    ("list_user_sessions", "sessions:read"),
    ("end_user_sessions", "sessions:revoke"),
    ("list_roles", "roles:read"),
    ("read_role", "roles:read"),
    ("create_role", "roles:write"),
    ("change_role", "roles:write"),
    ("delete_role", "roles:write"),
    ("grant_permission", "roles:write"),
    ("revoke_permission", "roles:write"),
    ("list_permissions", "roles:read"),
    ("create_permission", "roles:write"),
    ("delete_permission", "roles:write"),
    ("list_client_apps", "client_apps:read"),
    ("read_client_app", "client_apps:read"),
    ("create_client_app", "client_apps:write"),
    ("change_client_app", "client_apps:write"),
    ("delete_client_app", "client_apps:write"),
    ("rotate_client_secret", "client_apps:write"),
    ("list_providers", "providers:read"),
    ("read_provider", "providers:read"),
    ("create_provider", "providers:write"),
    ("change_provider", "providers:write"),
    ("delete_provider", "providers:write"),
    ("test_provider", "providers:write"),
    ("list_audit_events", "audit:read"),
    ("export_audit_events", "audit:read"),
    ("read_audit_head", "audit:read"),
    ("verify_audit_log", "audit:read"),
    ("read_public_keys", "anybody"),
    ("read_server_metadata", "anybody"),
    ("read_openapi", "anybody"),
    ("read_docs", "anybody"),
    ("read_mail_page", "anybody"),
    ("read_health", "system:read"),
    ("read_metrics", "system:read"),
    ("bootstrap", "operator"),
    ("record_sightings", "operator"),
    ("check_providers", "operator"),
    ("tidy", "operator"),
    ("list_user_factors", "operator"),
    ("seal_audit_log", "operator"),
    ("deliver_mails", "operator"),
    ("list_mails", "operator"),
    ("send_test_mail", "operator"),
    ("ship_audit_log", "operator"),
    ("prune_audit_log", "operator"),
    ("list_keys", "operator"),
    ("rotate_keys", "operator"),
    ("retire_key", "operator"),
    ("revoke_key", "operator"),
    ("list_sealing_keys", "operator"),
    ("rotate_sealing_key", "operator"),
    ("retire_sealing_key", "operator"),
];

fn who_may(operation: Operation) -> &'static str {
    let row = TABLE.iter().find(|(name, _)| *name == operation.as_str());
    row.unwrap_or_else(|| panic!("{} has no row in the table", operation.as_str())).1
}

fn signed_in(permissions: PermissionSet) -> Caller {
    let now = Timestamp::from_seconds(1_800_000_000);
    let signed_in = SignedIn {
        user: UserId::mint(now, [1; 10]),
        session: SessionId::mint(now, [2; 10]),
        client: Client::doorward(),
        authenticated_at: now,
        authenticated_ago: FRESH_FOR - MICROSECOND,
        level: AssuranceLevel::One,
        must_enrol: false,
        must_change_password: false,
        rights: Arc::new(Rights { roles: BTreeSet::from([RoleName::user()]), permissions }),
    };
    Caller { actor: Actor::User(signed_in), ..from(HOME) }
}

fn service(permissions: PermissionSet) -> Caller {
    let rights = Arc::new(Rights { roles: BTreeSet::new(), permissions });
    let service = ServiceAccount { id: "billing".parse().unwrap(), rights };
    Caller { actor: Actor::Client(service), ..from(HOME) }
}

/// Like a user, but for what is an account's own; and it may ask about tokens as the resource server that it is.
#[test]
fn a_client_app_may_what_its_permissions_allow_and_has_no_account_of_its_own() {
    let (plain, admin) = (service(PermissionSet::new()), service(PermissionSet::system()));
    for &operation in Operation::ALL {
        let (expected, as_admin) = match who_may(operation) {
            "anybody" | "known" | "tokens:introspect or a client" => (Ok(()), Ok(())),
            "somebody" | "somebody of late" | "operator" => {
                (Err(ErrorCode::PermissionDenied), Err(ErrorCode::PermissionDenied))
            }
            _ => (Err(ErrorCode::PermissionDenied), Ok(())),
        };
        assert_eq!(answer(&plain, operation), expected, "{operation:?}");
        assert_eq!(answer(&admin, operation), as_admin, "{operation:?}");
    }
    assert_eq!(
        authorize_own(&admin, Operation::Register).map(drop).unwrap_err().code,
        ErrorCode::AuthenticationRequired
    );
}

fn with(permission: &str) -> Caller {
    signed_in(PermissionSet::from_iter([Permission::parse(permission).unwrap()]))
}

fn answer(caller: &Caller, operation: Operation) -> Result<(), ErrorCode> {
    authorize(caller, operation).map_err(|error| error.code)
}

#[test]
fn every_operation_has_one_row_and_every_row_an_operation() {
    let operations: Vec<_> = Operation::ALL.iter().map(|operation| operation.as_str()).collect();
    assert_eq!(TABLE.iter().map(|(name, _)| *name).collect::<Vec<_>>(), operations);
}

#[test]
fn whoever_is_not_signed_in_may_what_anybody_may() {
    for &operation in Operation::ALL {
        let expected = match who_may(operation) {
            "anybody" => Ok(()),
            "operator" => Err(ErrorCode::PermissionDenied),
            _ => Err(ErrorCode::AuthenticationRequired),
        };
        assert_eq!(answer(&from(HOME), operation), expected, "{operation:?}");
    }
}

#[test]
fn whoever_holds_one_permission_may_what_that_one_allows_and_nothing_else() {
    for held in SYSTEM_PERMISSIONS.into_iter().chain(["reports:read", "users", "users:write:all", "operator"]) {
        for &operation in Operation::ALL {
            let expected = match who_may(operation) {
                "anybody" | "somebody" | "somebody of late" | "known" => Ok(()),
                "operator" => Err(ErrorCode::PermissionDenied),
                needed if needed.split(" or ").any(|needed| needed.trim_end_matches(" of late") == held) => Ok(()),
                _ => Err(ErrorCode::PermissionDenied),
            };
            assert_eq!(answer(&with(held), operation), expected, "{held}: {operation:?}");
        }
    }
}

#[test]
fn whoever_holds_no_permission_may_what_is_his_own() {
    for &operation in Operation::ALL {
        let expected = match who_may(operation) {
            "anybody" | "somebody" | "somebody of late" | "known" => Ok(()),
            _ => Err(ErrorCode::PermissionDenied),
        };
        assert_eq!(answer(&signed_in(PermissionSet::new()), operation), expected, "{operation:?}");
    }
}

/// RFC 9700 §2.3: a token lets its client do no more than it needs. Until tokens have scopes, an app that the owner has
/// signed in to may see whose account it is, and manages nothing.
#[test]
fn a_token_that_was_issued_to_another_app_manages_nothing() {
    let mut elsewhere = signed_in(PermissionSet::system());
    let Actor::User(signed_in) = &mut elsewhere.actor else { unreachable!() };
    signed_in.client = Client::from_id("calendar".to_owned());
    for &operation in Operation::ALL {
        let expected = match (who_may(operation), operation) {
            ("anybody" | "known" | "tokens:introspect or a client", _) | (_, Operation::ReadOwnAccount) => Ok(()),
            _ => Err(ErrorCode::PermissionDenied),
        };
        assert_eq!(answer(&elsewhere, operation), expected, "{operation:?}");
    }
}

/// OWASP ASVS 7.5.1: full re-authentication before what could lock the owner out. RFC 9470.
#[test]
fn asvs_7_5_1_whoever_has_signed_in_long_ago_may_all_the_same_but_what_asks_for_more() {
    let mut stale = signed_in(PermissionSet::system());
    let Actor::User(signed_in) = &mut stale.actor else { unreachable!() };
    signed_in.authenticated_ago = FRESH_FOR;
    for &operation in Operation::ALL {
        let expected = match who_may(operation) {
            "operator" => Err(ErrorCode::PermissionDenied),
            needed if needed.ends_with(" of late") => Err(ErrorCode::ReauthenticationRequired),
            _ => Ok(()),
        };
        assert_eq!(answer(&stale, operation), expected, "{operation:?}");
    }
}

/// A session that has to enrol a second factor may do that, show one, and what anybody may.
#[test]
fn whoever_must_enrol_a_factor_may_do_nothing_else() {
    let mut enrolling = signed_in(PermissionSet::system());
    let Actor::User(signed_in) = &mut enrolling.actor else { unreachable!() };
    signed_in.must_enrol = true;
    let part_of_it = ["reauthenticate", "list_own_factors", "enrol_totp", "confirm_totp"];
    for &operation in Operation::ALL {
        let expected = match who_may(operation) {
            "anybody" => Ok(()),
            "operator" => Err(ErrorCode::PermissionDenied),
            _ if part_of_it.contains(&operation.as_str()) => Ok(()),
            _ => Err(ErrorCode::MfaEnrolmentRequired),
        };
        assert_eq!(answer(&enrolling, operation), expected, "{operation:?}");
    }
}

/// A session that has to change the password may do that, authenticate again, and what anybody may. That comes first, also if it
/// has to enrol a factor.
#[test]
fn asvs_6_4_1_whoever_must_change_the_password_may_do_nothing_else() {
    for must_enrol in [false, true] {
        let mut changing = signed_in(PermissionSet::system());
        let Actor::User(signed_in) = &mut changing.actor else { unreachable!() };
        (signed_in.must_change_password, signed_in.must_enrol) = (true, must_enrol);
        let part_of_it = ["reauthenticate", "change_own_password"];
        for &operation in Operation::ALL {
            let expected = match who_may(operation) {
                "anybody" => Ok(()),
                "operator" => Err(ErrorCode::PermissionDenied),
                _ if part_of_it.contains(&operation.as_str()) => Ok(()),
                _ => Err(ErrorCode::PasswordChangeRequired),
            };
            assert_eq!(answer(&changing, operation), expected, "{operation:?}");
        }
    }
}

#[test]
fn an_administrator_may_everything_but_what_is_the_operators() {
    for &operation in Operation::ALL {
        let expected = if who_may(operation) == "operator" { Err(ErrorCode::PermissionDenied) } else { Ok(()) };
        assert_eq!(answer(&signed_in(PermissionSet::system()), operation), expected, "{operation:?}");
    }
}

#[test]
fn the_operator_may_everything_but_what_needs_an_account_of_his_own() {
    for &operation in Operation::ALL {
        let own = matches!(who_may(operation), "somebody" | "somebody of late" | "known");
        let expected = if own { Err(ErrorCode::AuthenticationRequired) } else { Ok(()) };
        assert_eq!(answer(&operator(), operation), expected, "{operation:?}");
    }
}

#[test]
fn what_is_ones_own_is_answered_with_who_one_is() {
    let caller = signed_in(PermissionSet::new());
    let own = authorize_own(&caller, Operation::ReadOwnAccount).unwrap();
    assert_eq!(Some(own.user), caller.user());
    for nobody in [from(HOME), operator()] {
        let answer = authorize_own(&nobody, Operation::Register).map(drop);
        assert_eq!(answer.unwrap_err().code, ErrorCode::AuthenticationRequired);
    }
}

/// The table above says what `authorize` answers; this, that each use case asks it before anything else.
#[tokio::test]
async fn every_use_case_asks_before_it_does_or_tells_anything() {
    use crate::world::{account, permission, role, secret};
    use doorward_ports::Limit;
    use doorward_ports::inbound::{AccountChange, RoleChange, UserQuery};
    let world = World::new().await;
    let (accounts, roles, sessions, system) = (world.accounts(), world.roles(), world.sessions(), world.system());
    let nobody = UserId::mint(world.now(), [9; 10]);
    let plain = world.person("ann").await.caller;
    world.journal.take();
    for (caller, expected) in [(&from(HOME), ErrorCode::AuthenticationRequired), (&plain, ErrorCode::PermissionDenied)]
    {
        let answers = [
            accounts.list(caller, UserQuery::default()).await.map(drop),
            accounts.create(caller, account("bob")).await.map(drop),
            accounts.get(caller, nobody).await.map(drop),
            accounts.find(caller, "nobody").await.map(drop),
            accounts.change(caller, nobody, AccountChange::default(), None).await.map(drop),
            accounts.delete(caller, nobody).await,
            accounts.set_password(caller, nobody, secret("")).await,
            accounts.unlock(caller, nobody).await,
            accounts.grant_role(caller, nobody, "").await.map(drop),
            accounts.revoke_role(caller, nobody, "").await.map(drop),
            sessions.of_user(caller, nobody, None, Limit::default()).await.map(drop),
            sessions.end_of_user(caller, nobody).await,
            roles.list(caller, None, Limit::default()).await.map(drop),
            roles.get(caller, "").await.map(drop),
            roles.create(caller, role("", &[])).await.map(drop),
            roles.change(caller, "", RoleChange::default(), None).await.map(drop),
            roles.delete(caller, "").await,
            roles.grant_permission(caller, "", "").await.map(drop),
            roles.revoke_permission(caller, "", "").await.map(drop),
            roles.list_permissions(caller, None, Limit::default()).await.map(drop),
            roles.create_permission(caller, permission("")).await.map(drop),
            roles.delete_permission(caller, "").await,
            system.health(caller).await.map(drop),
        ];
        let codes: Vec<_> = answers.into_iter().map(|answer| answer.map_err(|error| error.code)).collect();
        assert_eq!(codes, vec![Err(expected); 23]);
    }
    assert_eq!(world.journal.lines(), []);
}
