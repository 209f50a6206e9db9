//! Callers can't grant a permission that they lack, or edit a role or an account that has it; nobody extends their own.
use crate::world::{OTHER_PASSWORD, Person, World, account, code, operator, permission, role, secret};
use doorward_domain::UserId;
use doorward_ports::access::FRESH_FOR;
use doorward_ports::inbound::{AccountChange, Change, NewAccount, RoleChange};
use doorward_ports::{Caller, ErrorCode, Result};

/// OWASP ASVS 7.5.1: the operations of administrators are no way around what the owner's own operations require.
#[tokio::test]
async fn asvs_7_5_1_administrators_sign_in_again_before_they_touch_their_own_way_in() {
    let world = World::new().await;
    let admin = world.admin("ann").await;
    world.admin("bob").await;
    world.advance(FRESH_FOR);
    let later = world.identify(&admin.tokens).await.unwrap();
    for touch in [Touch::ChangeEmail, Touch::SetPassword, Touch::Delete] {
        let refused = on_account(&world, &later, admin.id(), touch).await;
        assert_eq!(code(refused), ErrorCode::ReauthenticationRequired, "{touch:?}");
    }
    on_account(&world, &later, admin.id(), Touch::ChangeName).await.unwrap();
    for touch in [Touch::ChangeEmail, Touch::SetPassword, Touch::Delete] {
        let account = world.account(&format!("{touch:?}").to_lowercase()).await;
        on_account(&world, &later, account.id, touch).await.unwrap();
    }
}

/// Every operation that touches an account or a role: on an account (`whom`), or on a role (`ROLE`, which holds as much
/// as the account does).
#[derive(Debug, Clone, Copy)]
enum Touch {
    ChangeEmail,
    ChangeName,
    Disable,
    SetPassword,
    Unlock,
    EndSessions,
    GrantRoleTo,
    RevokeRoleFrom,
    Delete,
    GrantTheRole,
    RevokeTheRole,
    CreateAccountWithTheRole,
    CreateRoleAlike,
    ChangeRole,
    AllowTheRoleMore,
    AllowWhatIsLacked,
    DisallowTheRole,
    DeletePermission,
    DeleteRole,
}

const EVERY: [Touch; 19] = [
    Touch::ChangeEmail,
    Touch::ChangeName,
    Touch::Disable,
    Touch::SetPassword,
    Touch::Unlock,
    Touch::EndSessions,
    Touch::GrantRoleTo,
    Touch::RevokeRoleFrom,
    Touch::GrantTheRole,
    Touch::RevokeTheRole,
    Touch::CreateAccountWithTheRole,
    Touch::CreateRoleAlike,
    Touch::ChangeRole,
    Touch::AllowTheRoleMore,
    Touch::AllowWhatIsLacked,
    Touch::DisallowTheRole,
    Touch::DeletePermission,
    Touch::DeleteRole,
    Touch::Delete,
];

const ROLE: &str = "auditor";
const LACKED: &str = "reports:read";

async fn on_account(world: &World, by: &Caller, whom: UserId, touch: Touch) -> Result<()> {
    let accounts = world.accounts();
    let change = match touch {
        Touch::ChangeEmail => AccountChange { email: Some("mallory@example.com".into()), ..Default::default() },
        Touch::Disable => AccountChange { is_active: Some(false), ..Default::default() },
        _ => AccountChange { external_id: Change::Set("x".into()), ..Default::default() },
    };
    match touch {
        Touch::SetPassword => accounts.set_password(by, whom, secret(OTHER_PASSWORD)).await,
        Touch::Unlock => accounts.unlock(by, whom).await,
        Touch::EndSessions => world.sessions().end_of_user(by, whom).await,
        Touch::GrantRoleTo => accounts.grant_role(by, whom, "plain").await.map(drop),
        Touch::RevokeRoleFrom => accounts.revoke_role(by, whom, "plain").await.map(drop),
        Touch::Delete => accounts.delete(by, whom).await,
        _ => accounts.change(by, whom, change, None).await.map(drop),
    }
}

async fn on_role(world: &World, by: &Caller, nobody: UserId, touch: Touch) -> Result<()> {
    let (accounts, roles) = (world.accounts(), world.roles());
    let described = RoleChange { description: Change::Set("Mine now.".to_owned()) };
    match touch {
        Touch::GrantTheRole => accounts.grant_role(by, nobody, ROLE).await.map(drop),
        Touch::RevokeTheRole => accounts.revoke_role(by, nobody, ROLE).await.map(drop),
        Touch::CreateAccountWithTheRole => {
            let new = NewAccount { roles: vec![ROLE.to_owned()], ..account("puppet") };
            accounts.create(by, new).await.map(drop)
        }
        Touch::CreateRoleAlike => roles.create(by, role("alike", &[LACKED])).await.map(drop),
        Touch::ChangeRole => roles.change(by, ROLE, described, None).await.map(drop),
        Touch::AllowTheRoleMore => roles.grant_permission(by, ROLE, "users:read").await.map(drop),
        Touch::AllowWhatIsLacked => roles.grant_permission(by, "plain", LACKED).await.map(drop),
        Touch::DisallowTheRole => roles.revoke_permission(by, ROLE, LACKED).await.map(drop),
        Touch::DeletePermission => roles.delete_permission(by, LACKED).await,
        _ => roles.delete(by, ROLE).await,
    }
}

async fn touch(world: &World, by: &Caller, auditor: UserId, nobody: UserId, touch: Touch) -> Result<()> {
    match touch {
        Touch::ChangeEmail
        | Touch::ChangeName
        | Touch::Disable
        | Touch::SetPassword
        | Touch::Unlock
        | Touch::EndSessions
        | Touch::GrantRoleTo
        | Touch::RevokeRoleFrom
        | Touch::Delete => on_account(world, by, auditor, touch).await,
        _ => on_role(world, by, nobody, touch).await,
    }
}

struct Cast {
    world: World,
    support: Person,
    auditor: Person,
    nobody: UserId,
}

/// Somebody who may touch accounts, sessions and roles at all, and an account and a role that hold one permission more.
async fn cast() -> Cast {
    let world = World::new().await;
    world.roles().create_permission(&operator(), permission(LACKED)).await.unwrap();
    world.roles().create(&operator(), role("plain", &[])).await.unwrap();
    let may = ["users:read", "users:write", "roles:read", "roles:write", "sessions:read", "sessions:revoke"];
    let support = world.person_who_may("support", &may).await;
    let auditor = world.person_who_may(ROLE, &[LACKED]).await;
    let nobody = world.account("nobody").await.id;
    Cast { world, support, auditor, nobody }
}

#[tokio::test]
async fn nobody_touches_what_holds_more_than_he_does() {
    let Cast { world, support, auditor, nobody } = cast().await;
    world.journal.take();
    for each in EVERY {
        let answer = touch(&world, &support.caller, auditor.id(), nobody, each).await;
        assert_eq!(code(answer), ErrorCode::ExceedsOwnPermissions, "{each:?}");
    }
    let lines = world.journal.lines();
    assert!(lines.iter().all(|line| line.action == "access.denied"), "something was done: {lines:?}");
    assert_eq!(world.user(auditor.id()).await, auditor.user);
    world.identify(&auditor.tokens).await.unwrap();
}

/// The same calls succeed once the caller has it: the table above is refused for this reason and no other.
#[tokio::test]
async fn whoever_holds_as_much_may_touch_it() {
    for each in EVERY {
        let Cast { world, support, auditor, nobody } = cast().await;
        world.roles().grant_permission(&operator(), "support", LACKED).await.unwrap();
        let caller = world.identify(&support.tokens).await.unwrap();
        touch(&world, &caller, auditor.id(), nobody, each).await.unwrap_or_else(|error| panic!("{each:?}: {error}"));
    }
}

#[tokio::test]
async fn a_helper_with_users_write_alone_can_do_nothing_to_an_administrator_nor_make_one() {
    let world = World::new().await;
    let admin = world.admin("eve").await;
    let helper = world.person_who_may("support", &["users:write", "sessions:revoke"]).await;
    let accounts = [
        Touch::ChangeEmail,
        Touch::ChangeName,
        Touch::Disable,
        Touch::SetPassword,
        Touch::Unlock,
        Touch::EndSessions,
        Touch::Delete,
    ];
    for each in accounts {
        let answer = on_account(&world, &helper.caller, admin.id(), each).await;
        assert_eq!(code(answer), ErrorCode::ExceedsOwnPermissions, "{each:?}");
    }
    let puppet = NewAccount { roles: vec!["admin".to_owned()], ..account("puppet") };
    assert_eq!(code(world.accounts().create(&helper.caller, puppet).await), ErrorCode::ExceedsOwnPermissions);
    for whom in [helper.id(), world.account("ann").await.id, admin.id()] {
        let answer = world.accounts().grant_role(&helper.caller, whom, "admin").await;
        assert_eq!(code(answer), ErrorCode::ExceedsOwnPermissions);
    }
    assert_eq!(world.user(admin.id()).await, admin.user);
}

#[tokio::test]
async fn nobody_widens_his_own_permissions() {
    let Cast { world, support, .. } = cast().await;
    let (accounts, roles) = (world.accounts(), world.roles());
    let tries = [
        code(accounts.grant_role(&support.caller, support.id(), ROLE).await),
        code(accounts.grant_role(&support.caller, support.id(), "admin").await),
        code(roles.grant_permission(&support.caller, "support", LACKED).await),
        code(roles.create(&support.caller, role("more", &["users:read", LACKED])).await),
    ];
    assert_eq!(tries, [ErrorCode::ExceedsOwnPermissions; 4]);
    roles.create_permission(&support.caller, permission("mine:all")).await.unwrap();
    let answer = roles.grant_permission(&support.caller, "support", "mine:all").await;
    assert_eq!(code(answer), ErrorCode::ExceedsOwnPermissions);
}

#[tokio::test]
async fn whoever_may_touch_accounts_may_touch_those_that_hold_no_more() {
    let Cast { world, support, nobody, .. } = cast().await;
    world.accounts().grant_role(&support.caller, nobody, "support").await.unwrap();
    on_account(&world, &support.caller, nobody, Touch::ChangeEmail).await.unwrap();
    world.accounts().revoke_role(&support.caller, nobody, "support").await.unwrap();
    on_account(&world, &support.caller, nobody, Touch::Delete).await.unwrap();
}

#[tokio::test]
async fn the_operator_may_touch_everything() {
    let Cast { world, auditor, nobody, .. } = cast().await;
    for each in EVERY {
        if matches!(each, Touch::CreateRoleAlike | Touch::AllowWhatIsLacked | Touch::DisallowTheRole) {
            continue;
        }
        touch(&world, &operator(), auditor.id(), nobody, each)
            .await
            .unwrap_or_else(|error| panic!("{each:?}: {error}"));
    }
}
