//! Providers in the database, beside those of the settings.
use crate::providers::{At, STATE, example};
use crate::world::{HOME, MICROSECOND, SECOND, World, code, faults, fields, from, operator, refusal, secret};
use doorward_application::SignInProviders;
use doorward_domain::LinkingPolicy;
use doorward_memory::{CachedLookup, Caching, Freshness, Invalidations, RevocationWatch};
use doorward_ports::inbound::{
    Binding, Change, NewProvider, ProviderChange, ProviderRegistry, ProviderSource, Providers, RegisteredProvider,
};
use doorward_ports::outbound::{ProviderStep, StepResult};
use doorward_ports::{Caller, Cursor, ErrorCode, Limit, Versions};
use doorward_testkit::scripted_provider::{ISSUER, a_proven_identity};
use std::collections::BTreeMap;
use std::sync::Arc;

pub fn new_provider(name: &str) -> NewProvider {
    NewProvider {
        name: name.to_owned(),
        kind: Some("oidc".to_owned()),
        display_name: Some("Work".to_owned()),
        issuer: Some(ISSUER.to_owned()),
        client_id: Some("doorward".to_owned()),
        client_secret: Change::Set(secret("known to both")),
        ..NewProvider::default()
    }
}

/// With the secret that this issuer has given.
fn another_issuer() -> ProviderChange {
    ProviderChange {
        issuer: Some("https://id.example.org".to_owned()),
        client_secret: Change::Set(secret("of the other one")),
        ..ProviderChange::default()
    }
}

fn claims(names: &[(&str, &str)]) -> BTreeMap<String, String> {
    names.iter().map(|&(member, claim)| (member.to_owned(), claim.to_owned())).collect()
}

fn registry(world: &World) -> &dyn ProviderRegistry {
    &*world.services
}

async fn added(world: &World, name: &str) -> RegisteredProvider {
    registry(world).create(&operator(), new_provider(name)).await.unwrap()
}

async fn changed(world: &World, name: &str, change: ProviderChange) -> RegisteredProvider {
    registry(world).change(&operator(), name, change, None).await.unwrap()
}

async fn set_enabled(world: &World, name: &str, enabled: bool) -> RegisteredProvider {
    changed(world, name, ProviderChange { enabled: Some(enabled), ..ProviderChange::default() }).await
}

fn version(registered: &RegisteredProvider) -> i64 {
    registered.source.version().unwrap()
}

async fn offered(world: &World) -> Vec<String> {
    let offered = Providers::offered(&*world.services, &from(HOME)).await.unwrap();
    offered.into_iter().map(|offered| offered.name).collect()
}

/// What comes of beginning a sign-in.
async fn begins(world: &World, name: &str) -> Result<(), ErrorCode> {
    let mut asked = At::asked(&crate::providers::verifier(9));
    name.clone_into(&mut asked.provider);
    let begun = Providers::begin(&*world.services, &from(HOME), asked, Binding::Unbound).await;
    begun.map(drop).map_err(|error| error.code)
}

/// Somebody signs in with a provider of this name for the first time.
async fn signed_in_with(at: &At, name: &str, person: &str) -> Result<(), ErrorCode> {
    let verifier = crate::providers::verifier(7);
    let mut asked = At::asked(&verifier);
    name.clone_into(&mut asked.provider);
    let begun = at.providers().begin(&from(HOME), asked, Binding::Unbound).await.map_err(|error| error.code)?;
    let (_, rest) = begun.url.split_once("state=").unwrap();
    let state = rest.split('&').next().unwrap().to_owned();
    let email = format!("{person}@example.com");
    at.provider.answer(&state, Ok(a_proven_identity(person, Some((&email, true)))));
    let begun = crate::providers::Begun { verifier, state: state.clone(), browser: None };
    let finished = at.answer_at(name, &begun, &state).await.map_err(|error| error.code)?;
    assert_eq!(finished.state.as_deref(), Some(STATE));
    at.redeem(&begun, &finished.outcome.unwrap()).await.map(drop).map_err(|error| error.code)
}

#[tokio::test]
async fn a_provider_has_the_defaults_of_its_kind_and_its_secret_never_comes_out() {
    let world = World::new().await;
    let new = NewProvider { display_name: None, ..new_provider("work") };
    let added = registry(&world).create(&operator(), new).await.unwrap();
    assert_eq!(added.provider, doorward_domain::Provider { display_name: "work".parse().unwrap(), ..example("work") });
    assert!(added.has_secret && added.provider.enabled);
    assert_eq!(added.redirect_uri, "https://id.example.com/api/v1/auth/callback/work");
    assert_eq!(registry(&world).get(&operator(), "work").await.unwrap(), added);
    let google = NewProvider {
        name: "google".to_owned(),
        kind: Some("google".to_owned()),
        client_id: Some("1".to_owned()),
        client_secret: Change::Set(secret("x")),
        ..NewProvider::default()
    };
    let google = registry(&world).create(&operator(), google).await.unwrap();
    assert_eq!(google.provider.issuer.as_str(), "https://accounts.google.com");
    assert_eq!(google.provider.display_name.as_str(), "Google");
    let told = format!("{:?} {:?} {google:?}", world.journal.lines(), added);
    assert!(!told.contains("known to both"), "{told}");
}

#[tokio::test]
async fn the_secret_is_sealed_for_its_row_and_is_what_the_provider_is_called_with() {
    let world = At::new().await.world;
    added(&world, "work").await;
    added(&world, "home").await;
    let mut read = world.store().read().await.unwrap();
    let mut sealed = async |name: &str| read.providers().by_name(&name.parse().unwrap()).await.unwrap().unwrap();
    let (work, other) = (sealed("work").await, sealed("home").await);
    let bytes = work.sealed.clone().unwrap();
    assert!(!bytes.windows(13).any(|window| window == b"known to both"));
    drop(read);
    // Moved to another row, it does not open.
    let mut moving = world.store().write().await.unwrap();
    let moved = doorward_ports::outbound::StoredProvider { sealed: Some(bytes), ..other };
    moving.providers().update(&moved).await.unwrap();
    moving.commit().await.unwrap();
    assert_eq!(begins(&world, "work").await, Ok(()));
    assert_eq!(begins(&world, "home").await, Err(ErrorCode::Internal));
    let steps = registry(&world).test(&operator(), "home").await.unwrap();
    let of_client = steps.iter().find(|step| step.step == ProviderStep::ClientCredentials).unwrap();
    let StepResult::Failed(why) = &of_client.result else { panic!("{of_client:?}") };
    assert!(why.contains("can't be opened"), "{why}");
}

#[tokio::test]
async fn every_fault_of_a_new_provider_is_named_by_its_place() {
    let world = World::new().await;
    let bad = NewProvider {
        name: "Local!".to_owned(),
        kind: Some("saml".to_owned()),
        display_name: Some(" ".to_owned()),
        issuer: Some("id.example.com".to_owned()),
        client_secret: Change::Set(secret("")),
        icon: Change::Set("javascript:alert(1)".to_owned()),
        scopes: Some(vec!["openid".to_owned(), "a b".to_owned()]),
        claim_map: Some(claims(&[("groups", "a b"), ("nonsense", "x")])),
        linking: Some("always".to_owned()),
        email_domains: Some(vec!["@".to_owned()]),
        tenants: Some(vec!["example".to_owned()]),
        hosted_domain: Change::Set("*".to_owned()),
        ..NewProvider::default()
    };
    let refused = faults(registry(&world).create(&operator(), bad).await);
    let invalid = "invalid_value";
    let expected = [
        ("/name", "invalid_name"),
        ("/kind", "invalid_kind"),
        ("/client_id", "required"),
        ("/display_name", invalid),
        ("/issuer", invalid),
        ("/icon", invalid),
        ("/scopes/1", invalid),
        ("/claim_map/groups", invalid),
        ("/claim_map", "unknown_field"),
        ("/linking", invalid),
        ("/email_domains/0", invalid),
        ("/tenants/0", invalid),
        ("/hosted_domain", invalid),
        ("/client_secret", invalid),
    ];
    assert_eq!(refused, fields(&expected));
}

#[tokio::test]
async fn what_the_kind_refuses_is_named_and_nothing_is_called_that_is_out_of_reach() {
    let world = World::new().await;
    let create = async |new| faults(registry(&world).create(&operator(), new).await);
    let base = || new_provider("work");
    let google = NewProvider { kind: Some("google".to_owned()), client_secret: Change::Keep, ..base() };
    assert_eq!(create(google).await, fields(&[("/client_secret", "unsuitable")]));
    let unscoped =
        NewProvider { scopes: Some(Vec::new()), hosted_domain: Change::Set("a.example".to_owned()), ..base() };
    assert_eq!(create(unscoped).await, fields(&[("/hosted_domain", "unsuitable"), ("/scopes", "unsuitable")]));
    for issuer in ["http://id.example.com", "https://127.0.0.1:8443"] {
        let new = NewProvider { issuer: Some(issuer.to_owned()), ..base() };
        assert_eq!(create(new).await, fields(&[("/issuer", "out_of_reach")]), "{issuer}");
    }
    let none = NewProvider { issuer: None, ..base() };
    assert_eq!(create(none).await, fields(&[("/issuer", "required")]));
    let entra = |tenant: Option<&str>| NewProvider {
        kind: Some("entra".to_owned()),
        issuer: None,
        tenant: tenant.map(str::to_owned),
        ..base()
    };
    assert_eq!(create(entra(None)).await, fields(&[("/tenant", "required")]));
    assert_eq!(create(NewProvider { kind: Some("oidc".to_owned()), ..entra(Some("common")) }).await[0].0, "/tenant");
    let many = NewProvider { email_domains: Some(vec!["a.example".to_owned(); 51]), ..base() };
    assert_eq!(create(many).await, fields(&[("/email_domains", "too_many")]));
    let added = registry(&world).create(&operator(), entra(Some("common"))).await.unwrap();
    assert_eq!(added.provider.issuer.as_str(), "https://login.microsoftonline.com/common/v2.0");
}

#[tokio::test]
async fn a_provider_can_be_used_as_long_as_it_is_enabled_and_there() {
    let at = At::new().await;
    let world = &at.world;
    assert_eq!(begins(world, "work").await, Err(ErrorCode::ProviderNotFound));
    added(world, "work").await;
    assert_eq!(offered(world).await, ["local", "example", "other", "work"]);
    assert_eq!(signed_in_with(&at, "work", "ann").await, Ok(()));
    set_enabled(world, "work", false).await;
    assert_eq!(offered(world).await, ["local", "example", "other"]);
    assert_eq!(begins(world, "work").await, Err(ErrorCode::ProviderNotFound));
    set_enabled(world, "work", true).await;
    assert_eq!(begins(world, "work").await, Ok(()));
    registry(world).delete(&operator(), "work", true).await.unwrap();
    assert_eq!(begins(world, "work").await, Err(ErrorCode::ProviderNotFound));
    assert_eq!(code(registry(world).get(&operator(), "work").await), ErrorCode::ProviderNotFound);
}

/// Whatever has begun is worth nothing any more, at each step.
#[tokio::test]
async fn a_provider_that_is_disabled_meanwhile_ends_what_has_begun() {
    let at = At::new().await;
    let world = &at.world;
    added(world, "work").await;
    let verifier = crate::providers::verifier(1);
    let begin = async || {
        let mut asked = At::asked(&verifier);
        "work".clone_into(&mut asked.provider);
        let url = at.providers().begin(&from(HOME), asked, Binding::Unbound).await.unwrap().url;
        let (_, rest) = url.split_once("state=").unwrap();
        let state = rest.split('&').next().unwrap().to_owned();
        at.provider.answer(&state, Ok(a_proven_identity("ann", Some(("ann@example.com", true)))));
        crate::providers::Begun { verifier: crate::providers::verifier(1), state, browser: None }
    };
    let (unanswered, answered) = (begin().await, begin().await);
    let finished = at.answer_at("work", &answered, &answered.state).await.unwrap();
    set_enabled(world, "work", false).await;
    assert_eq!(code(at.answer_at("work", &unanswered, &unanswered.state).await), ErrorCode::InvalidState);
    assert_eq!(code(at.redeem(&answered, &finished.outcome.unwrap()).await), ErrorCode::InvalidGrant);
}

#[tokio::test]
async fn providers_of_the_settings_are_listed_and_can_not_be_changed_and_their_names_are_taken() {
    let at = At::new().await;
    let (world, registry) = (&at.world, registry(&at.world));
    added(world, "work").await;
    added(world, "back").await;
    let page = registry.list(&operator(), None, Limit::default()).await.unwrap();
    let listed: Vec<_> = page.items.iter().map(|it| (it.provider.name.as_str(), it.source.as_str())).collect();
    let expected = [("back", "database"), ("example", "settings"), ("other", "settings"), ("work", "database")];
    assert_eq!((listed, page.next), (expected.to_vec(), None));
    let configured = registry.get(&operator(), "example").await.unwrap();
    assert_eq!((configured.source, configured.has_secret), (ProviderSource::Settings, true));
    let change = ProviderChange { enabled: Some(false), ..ProviderChange::default() };
    assert_eq!(code(registry.change(&operator(), "example", change, None).await), ErrorCode::ProviderInSettings);
    assert_eq!(code(registry.delete(&operator(), "example", true).await), ErrorCode::ProviderInSettings);
    assert_eq!(code(registry.create(&operator(), new_provider("example")).await), ErrorCode::ProviderExists);
    assert_eq!(code(registry.create(&operator(), new_provider("work")).await), ErrorCode::ProviderExists);
}

#[tokio::test]
async fn pages_go_through_both_sources_without_a_gap() {
    let at = At::new().await;
    for name in ["a", "f", "p", "z"] {
        added(&at.world, name).await;
    }
    let mut names = Vec::new();
    let mut cursor: Option<Cursor> = None;
    loop {
        let page = registry(&at.world).list(&operator(), cursor, Limit::new(2).unwrap()).await.unwrap();
        assert!(page.items.len() <= 2);
        names.extend(page.items.into_iter().map(|it| it.provider.name.to_string()));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(names, ["a", "example", "f", "other", "p", "z"]);
}

/// Somebody adds a block with the name of a row, and restarts.
#[tokio::test]
async fn a_block_of_the_settings_hides_a_row_of_the_same_name() {
    let world = World::new().await;
    let work = added(&world, "example").await;
    assert_eq!(work.provider.display_name.as_str(), "Work");
    let at = At::with(&world, |provider| provider.enabled = false);
    assert_eq!(offered(&at.world).await, ["local", "other"]);
    let page = registry(&at.world).list(&operator(), None, Limit::default()).await.unwrap();
    let names: Vec<_> = page.items.iter().map(|it| (it.provider.name.as_str(), it.source.as_str())).collect();
    assert_eq!(names, [("example", "settings"), ("other", "settings")]);
    assert_eq!(begins(&at.world, "example").await, Err(ErrorCode::ProviderNotFound));
}

#[tokio::test]
async fn a_change_touches_what_is_sent_and_null_removes() {
    let world = World::new().await;
    let before = added(&world, "work").await;
    world.advance(SECOND);
    let change = ProviderChange {
        icon: Change::Set("work".to_owned()),
        linking: Some("never".to_owned()),
        email_domains: Some(vec!["example.com".to_owned(), "example.com".to_owned()]),
        claim_map: Some(claims(&[("username", "nickname")])),
        ..ProviderChange::default()
    };
    let after = changed(&world, "work", change).await;
    assert_eq!(after.provider.icon.as_ref().unwrap().as_str(), "work");
    assert_eq!((after.provider.linking, after.provider.email_domains.len()), (LinkingPolicy::Never, 1));
    assert_eq!(after.provider.claim_map.username.as_str(), "nickname");
    assert_eq!(after.provider.claim_map.email.as_str(), "email");
    assert_eq!((after.provider.display_name.clone(), version(&after)), (before.provider.display_name, 2));
    let removed = ProviderChange { icon: Change::Clear, client_secret: Change::Clear, ..ProviderChange::default() };
    let removed = changed(&world, "work", removed).await;
    assert_eq!((removed.provider.icon, removed.has_secret), (None, false));
    let same =
        changed(&world, "work", ProviderChange { linking: Some("never".to_owned()), ..ProviderChange::default() });
    assert_eq!(same.await.source.version(), Some(3), "a change of nothing is none");
}

#[tokio::test]
async fn a_change_of_another_version_is_refused() {
    let world = World::new().await;
    added(&world, "work").await;
    let change = || ProviderChange { position: Some(3), ..ProviderChange::default() };
    let old = registry(&world).change(&operator(), "work", change(), Some(Versions::from(2))).await;
    assert_eq!(code(old), ErrorCode::VersionMismatch);
    registry(&world).change(&operator(), "work", change(), Some(Versions::from(1))).await.unwrap();
}

#[tokio::test]
async fn what_is_done_to_a_provider_is_told_with_before_and_after_and_without_its_secret() {
    let at = At::new().await;
    let world = &at.world;
    added(world, "work").await;
    signed_in_with(&at, "work", "ann").await.unwrap();
    world.journal.take();
    let change = ProviderChange {
        display_name: Some("Office".to_owned()),
        client_secret: Change::Set(secret("another")),
        ..ProviderChange::default()
    };
    changed(world, "work", change).await;
    for enabled in [false, true] {
        set_enabled(world, "work", enabled).await;
        set_enabled(world, "work", enabled).await;
    }
    registry(world).delete(&operator(), "work", true).await.unwrap();
    let lines = world.journal.lines();
    let actions: Vec<_> = lines.iter().map(|line| line.action).collect();
    assert_eq!(actions, ["provider.updated", "provider.disabled", "provider.enabled", "provider.deleted"]);
    assert!(lines.iter().all(|line| line.subject.as_deref() == Some("provider:work")));
    let changes = &lines[0].details["changes"];
    assert_eq!(changes["display_name"], serde_json::json!({ "before": "Work", "after": "Office" }));
    assert_eq!(changes["client_secret"], "changed");
    assert_eq!((&lines[1].details["identities"], &lines[1].details["only_way"]), (&1.into(), &1.into()));
    assert_eq!((&lines[3].details["identities"], &lines[3].details["issuer"]), (&1.into(), &ISSUER.into()));
    assert!(!format!("{lines:?}").contains("another"));
}

#[tokio::test]
async fn nobodys_way_in_is_removed_unless_it_is_forced_and_comes_back_with_the_issuer() {
    let at = At::new().await;
    let world = &at.world;
    added(world, "work").await;
    signed_in_with(&at, "work", "ann").await.unwrap();
    let refused = refusal(registry(world).delete(&operator(), "work", false).await);
    assert_eq!(refused.code, ErrorCode::ProviderInUse);
    assert!(refused.detail.starts_with("1 identities are linked with this provider, and 1 accounts"), "{refused:?}");
    let another = another_issuer();
    assert_eq!(code(registry(world).change(&operator(), "work", another, None).await), ErrorCode::ProviderInUse);
    registry(world).delete(&operator(), "work", true).await.unwrap();
    added(world, "again").await;
    let before = world.journal.take().len();
    assert!(before > 0);
    signed_in_with(&at, "again", "ann").await.unwrap();
    let actions: Vec<_> = world.journal.lines().iter().map(|line| line.action).collect();
    assert_eq!(actions, ["session.sign_in"], "it is the account of before");
}

#[tokio::test]
async fn the_issuer_of_a_provider_that_nobody_uses_can_be_mended() {
    let world = World::new().await;
    added(&world, "work").await;
    assert_eq!(changed(&world, "work", another_issuer()).await.provider.issuer.as_str(), "https://id.example.org");
}

/// A test of the provider would send it to its token endpoint.
#[tokio::test]
async fn a_stored_secret_is_not_sent_to_another_issuer() {
    let world = World::new().await;
    added(&world, "work").await;
    let kept = ProviderChange { client_secret: Change::Keep, ..another_issuer() };
    let refused = registry(&world).change(&operator(), "work", kept, None).await;
    assert_eq!(faults(refused), fields(&[("/client_secret", "required")]));
    let cleared = ProviderChange { client_secret: Change::Clear, ..another_issuer() };
    assert_eq!(changed(&world, "work", cleared).await.provider.issuer.as_str(), "https://id.example.org");
    let sealed = world
        .store()
        .read()
        .await
        .unwrap()
        .providers()
        .by_name(&"work".parse().unwrap())
        .await
        .unwrap()
        .unwrap()
        .sealed;
    assert_eq!(sealed, None);
}

/// With an identity at a provider that is disabled or gone, nobody signs in.
#[tokio::test]
async fn an_identity_that_can_not_be_used_is_no_other_way_in() {
    let at = At::new().await;
    let world = &at.world;
    added(world, "work").await;
    let tokens = at.sign_in(1, a_proven_identity("ann", Some(("ann@example.com", true)))).await.unwrap();
    let ann = at.person_of(&tokens).await;
    let mut work = world.store().write().await.unwrap();
    let second =
        doorward_domain::Identity { provider: "work".parse().unwrap(), ..doorward_testkit::an_identity(&ann.user) };
    work.identities().insert(&second).await.unwrap();
    work.commit().await.unwrap();
    let own = at.identities().own(&ann.caller).await.unwrap();
    let first = own.iter().find(|identity| identity.provider.as_str() == "example").unwrap().id;
    set_enabled(world, "work", false).await;
    assert_eq!(code(at.identities().unlink(&ann.caller, first).await), ErrorCode::LastCredential);
    set_enabled(world, "work", true).await;
    at.identities().unlink(&ann.caller, first).await.unwrap();
}

/// Who configures a provider that is trusted so could sign in to an administrator's account.
#[tokio::test]
async fn only_who_has_every_permission_trusts_a_provider_to_link_verified_addresses() {
    let world = World::new().await;
    let clerk = world.person_who_may("clerk", &["providers:read", "providers:write"]).await.caller;
    let trusted = |name: &str| NewProvider { linking: Some("verified_email".to_owned()), ..new_provider(name) };
    let refused = |answer| assert_eq!(answer, ErrorCode::ExceedsOwnPermissions);
    refused(code(registry(&world).create(&clerk, trusted("mine")).await));
    registry(&world).create(&clerk, new_provider("mine")).await.unwrap();
    let change = |caller: Caller, change| {
        let world = world.clone();
        async move { registry(&world).change(&caller, "mine", change, None).await }
    };
    let linking = |name: &str| ProviderChange { linking: Some(name.to_owned()), ..ProviderChange::default() };
    refused(code(change(clerk.clone(), linking("verified_email")).await));
    change(world.admin("eve").await.caller, linking("verified_email")).await.unwrap();
    let issuer = another_issuer();
    refused(code(change(clerk.clone(), issuer).await));
    let enabled = |enabled| ProviderChange { enabled: Some(enabled), ..ProviderChange::default() };
    change(clerk.clone(), enabled(false)).await.unwrap();
    refused(code(change(clerk.clone(), enabled(true)).await));
    change(clerk, linking("ask")).await.unwrap();
}

fn mapping(entries: &[&str]) -> ProviderChange {
    let roles = Some(entries.iter().map(|entry| (*entry).to_owned()).collect());
    ProviderChange { roles, ..ProviderChange::default() }
}

fn mapped(name: &str, entries: &[&str]) -> NewProvider {
    NewProvider { roles: mapping(entries).roles, ..new_provider(name) }
}

/// Otherwise, everybody who may configure providers could give themselves each role, by a group at a provider of their own.
#[tokio::test]
async fn only_who_has_the_permissions_of_each_role_lets_groups_give_it_or_changes_who_states_them() {
    let world = World::new().await;
    let clerk = world.person_who_may("clerk", &["providers:read", "providers:write"]).await.caller;
    let lead = world.person_who_may("lead", &["providers:read", "providers:write", "users:read"]).await.caller;
    let support = crate::world::role("support", &["users:read"]);
    world.roles().create(&operator(), support).await.unwrap();
    let refused = |answer| assert_eq!(answer, ErrorCode::ExceedsOwnPermissions);
    refused(code(registry(&world).create(&clerk, mapped("mine", &["staff=support"])).await));
    registry(&world).create(&clerk, mapped("own", &["staff=clerk", "all=user"])).await.unwrap();
    registry(&world).create(&clerk, new_provider("work")).await.unwrap();
    let change = async |caller: &Caller, change| registry(&world).change(caller, "work", change, None).await;
    refused(code(change(&clerk, mapping(&["staff=support"])).await));
    change(&lead, mapping(&["staff=support"])).await.unwrap();

    let nothing = ProviderChange::default;
    let issuer = another_issuer;
    let groups = || ProviderChange { claim_map: Some(claims(&[("groups", "nickname")])), ..nothing() };
    let client = || ProviderChange { client_id: Some("another".to_owned()), ..nothing() };
    let enabled = |enabled| ProviderChange { enabled: Some(enabled), ..nothing() };
    for of_clerk in [issuer(), groups(), client(), mapping(&[]), mapping(&["others=support"])] {
        refused(code(change(&clerk, of_clerk).await));
    }
    let both = ProviderChange { enabled: Some(false), ..issuer() };
    refused(code(change(&clerk, both).await));
    change(&clerk, enabled(false)).await.unwrap();
    refused(code(change(&clerk, issuer()).await));
    refused(code(change(&clerk, enabled(true)).await));
    for of_lead in [issuer(), groups(), enabled(true), mapping(&[])] {
        change(&lead, of_lead).await.unwrap();
    }
    change(&clerk, client()).await.unwrap();
    let lines = world.journal.lines();
    let denied = lines.iter().filter(|line| line.action == "access.denied");
    let subjects: Vec<_> = denied.map(|line| line.subject.as_deref().unwrap_or_default()).collect();
    assert_eq!(subjects, ["provider:mine", "provider:work"], "repeated ones are one line");
}

#[tokio::test]
async fn a_group_gives_admin_only_if_that_is_said_and_only_by_who_is_one() {
    let world = World::new().await;
    let almost = world.person_who_may("almost", &["providers:write", "users:write", "roles:write"]).await.caller;
    let admin = world.admin("eve").await.caller;
    let create = async |caller: &Caller, may| {
        let new = NewProvider { roles_may_give_admin: may, ..mapped("work", &["bosses=admin"]) };
        registry(&world).create(caller, new).await
    };
    let unsaid = fields(&[("/roles", "unsuitable")]);
    assert_eq!(faults(create(&admin, None).await), unsaid);
    assert_eq!(faults(create(&operator(), Some(false)).await), unsaid);
    assert_eq!(code(create(&almost, Some(true)).await), ErrorCode::ExceedsOwnPermissions);
    create(&admin, Some(true)).await.unwrap();
    let unsay = ProviderChange { roles_may_give_admin: Some(false), ..ProviderChange::default() };
    assert_eq!(faults(registry(&world).change(&admin, "work", unsay, None).await), unsaid);
}

#[tokio::test]
async fn a_group_gives_a_role_that_exists_and_github_has_none() {
    let world = World::new().await;
    let create = async |new| faults(registry(&world).create(&operator(), new).await);
    assert_eq!(create(mapped("work", &["staff=gone"])).await, fields(&[("/roles", "role_not_found")]));
    assert_eq!(create(mapped("work", &["staff=user", "staff"])).await, fields(&[("/roles/1", "invalid_value")]));
    let github = NewProvider { kind: Some("github".to_owned()), ..mapped("git", &["staff=user"]) };
    assert_eq!(create(github).await, fields(&[("/roles", "unsuitable")]));
    let role = crate::world::role("support", &[]);
    world.roles().create(&operator(), role).await.unwrap();
    registry(&world).create(&operator(), mapped("work", &["staff=support"])).await.unwrap();
    world.roles().delete(&operator(), "support").await.unwrap();
    let renamed = ProviderChange { display_name: Some("Office".to_owned()), ..ProviderChange::default() };
    assert_eq!(changed(&world, "work", renamed).await.provider.roles.entries().len(), 1, "it does no harm");
    // Whoever makes the role again would give it to another group, or to those of another issuer.
    for other in [mapping(&["others=support"]), another_issuer()] {
        let refused = registry(&world).change(&operator(), "work", other, None).await;
        assert_eq!(faults(refused), fields(&[("/roles", "role_not_found")]));
    }
    changed(&world, "work", mapping(&[])).await;
}

fn of_preset(name: &str) -> NewProvider {
    NewProvider { kind: None, preset: Some(name.to_owned()), display_name: None, issuer: None, ..new_provider(name) }
}

#[tokio::test]
async fn a_preset_sets_what_is_known_of_it_and_what_is_sent_overrides_it() {
    let world = World::new().await;
    let discord = registry(&world).create(&operator(), of_preset("discord")).await.unwrap().provider;
    assert_eq!((discord.kind.as_str(), discord.preset.unwrap().name), ("oidc", "discord"));
    assert_eq!((discord.display_name.as_str(), discord.issuer.as_str()), ("Discord", "https://discord.com"));
    assert_eq!((discord.icon.unwrap().as_str(), discord.scopes.len()), ("discord", 2));
    assert_eq!(discord.claim_map.full_name.as_str(), "global_name");
    let own = NewProvider {
        issuer: Some("https://git.example.com".to_owned()),
        display_name: Some("Code".to_owned()),
        ..of_preset("gitlab")
    };
    let own = registry(&world).create(&operator(), own).await.unwrap().provider;
    assert_eq!((own.display_name.as_str(), own.issuer.as_str()), ("Code", "https://git.example.com"));
    let claim = ProviderChange { claim_map: Some(claims(&[("username", "id")])), ..ProviderChange::default() };
    let map = changed(&world, "discord", claim).await.provider.claim_map;
    assert_eq!((map.username.as_str(), map.full_name.as_str()), ("id", "global_name"));

    let create = async |new| faults(registry(&world).create(&operator(), new).await);
    assert_eq!(create(of_preset("keycloak")).await, fields(&[("/issuer", "required")]));
    assert_eq!(create(of_preset("myspace")).await[0], fields(&[("/preset", "invalid_preset")])[0]);
    assert_eq!(create(NewProvider { kind: None, ..new_provider("work") }).await, fields(&[("/kind", "required")]));
    let okta = NewProvider { kind: Some("okta".to_owned()), ..of_preset("slack") };
    assert_eq!(create(okta).await, fields(&[("/kind", "unsuitable")]));
}

const PEM: &str = "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n";

#[tokio::test]
async fn the_key_of_apple_is_sealed_in_place_of_a_secret_and_never_comes_out() {
    let world = World::new().await;
    let apple = || NewProvider {
        client_secret: Change::Keep,
        client_key: Change::Set(secret(PEM)),
        team_id: Change::Set("DEF123GHIJ".to_owned()),
        key_id: Change::Set("ABC123DEFG".to_owned()),
        ..of_preset("apple")
    };
    let create = async |new| faults(registry(&world).create(&operator(), new).await);
    let unsuitable = |member: &'static str| fields(&[(member, "unsuitable")]);
    assert_eq!(create(NewProvider { client_key: Change::Keep, ..apple() }).await, unsuitable("/client_key"));
    assert_eq!(create(NewProvider { key_id: Change::Keep, ..apple() }).await, unsuitable("/key_id"));
    let both = NewProvider { client_secret: Change::Set(secret("x")), ..apple() };
    assert_eq!(create(both).await, unsuitable("/client_secret"));
    let public = NewProvider { client_key: Change::Set(secret("-----BEGIN PUBLIC KEY-----")), ..apple() };
    assert_eq!(create(public).await, fields(&[("/client_key", "invalid_value")]));
    let other = NewProvider { client_key: Change::Set(secret(PEM)), ..of_preset("slack") };
    assert_eq!(create(other).await, unsuitable("/client_key"));

    let added = registry(&world).create(&operator(), apple()).await.unwrap();
    assert!(added.has_secret);
    let mut read = world.store().read().await.unwrap();
    let stored = read.providers().by_name(&"apple".parse().unwrap()).await.unwrap().unwrap();
    drop(read);
    let opened = world.tools.sealer.open(
        &doorward_ports::outbound::SealedPlace { table: "providers", row: "apple", column: "sealed_secret" },
        &stored.sealed.unwrap(),
    );
    assert_eq!(opened.unwrap().as_slice(), PEM.as_bytes());
    let cleared = ProviderChange { client_key: Change::Clear, ..ProviderChange::default() };
    let change = async |sent| registry(&world).change(&operator(), "apple", sent, None).await;
    assert_eq!(faults(change(cleared).await), unsuitable("/client_key"));
    let anew = ProviderChange { client_key: Change::Set(secret(PEM)), ..ProviderChange::default() };
    change(anew).await.unwrap();
    let lines = world.journal.lines();
    assert_eq!(lines.last().unwrap().details["changes"]["client_key"], "changed");
    assert!(!format!("{lines:?} {added:?}").contains("hunter2"));
}

#[tokio::test]
async fn of_32_who_add_a_provider_of_one_name_one_does() {
    let world = World::new().await;
    let one = |_| {
        let world = world.clone();
        tokio::spawn(async move { registry(&world).create(&operator(), new_provider("work")).await.map(drop) })
    };
    let crowd: Vec<_> = (0..32).map(one).collect();
    let mut won = 0;
    for member in crowd {
        match member.await.unwrap() {
            Ok(()) => won += 1,
            Err(error) => assert_eq!(error.code, ErrorCode::ProviderExists),
        }
    }
    assert_eq!(won, 1);
}

/// A node that remembers the providers, and reads the sequence of revocations as a server does.
async fn remembering(world: &World) -> World {
    let (freshness, invalidations) = (Freshness::stale(), Arc::new(Invalidations::default()));
    let caching = Caching {
        invalidations: invalidations.clone(),
        freshness: freshness.clone(),
        shared: None,
        rights: Arc::default(),
        clock: world.tools.clock.clone(),
        observer: Arc::new(()),
    };
    let memory = Arc::new(CachedLookup::new(world.tools.stored_providers.clone(), caching, 1));
    let watch = RevocationWatch::new(world.revocations.clone(), invalidations, freshness.clone(), crate::world::MINUTE);
    crate::world::keep_reading(watch);
    while !freshness.lasts() {
        tokio::task::yield_now().await;
    }
    world.changed(|tools, _| tools.stored_providers = memory)
}

#[tokio::test]
async fn another_node_that_remembers_sees_a_change_within_a_second() {
    let world = World::new().await;
    let node = remembering(&world).await;
    assert_eq!(offered(&node).await, ["local"]);
    added(&world, "work").await;
    let begun = std::time::Instant::now();
    while offered(&node).await != ["local", "work"] {
        assert!(begun.elapsed() < SECOND, "it is not offered");
        tokio::time::sleep(10_000 * MICROSECOND).await;
    }
    set_enabled(&world, "work", false).await;
    let begun = std::time::Instant::now();
    while begins(&node, "work").await.is_ok() {
        assert!(begun.elapsed() < SECOND, "it can still be used");
        tokio::time::sleep(10_000 * MICROSECOND).await;
    }
}

#[tokio::test]
async fn where_doorward_is_for_this_machine_only_a_provider_may_be_on_it_too() {
    let world = World::new().await;
    let world = world.changed(|tools, _| {
        let before = &tools.providers;
        tools.providers = Arc::new(SignInProviders {
            configured: Vec::new(),
            protocol: before.protocol.clone(),
            callback: before.callback.clone(),
            redirect_uris: before.redirect_uris.clone(),
            loopback: true,
        });
    });
    let new = NewProvider { issuer: Some("http://127.0.0.1:4711".to_owned()), ..new_provider("work") };
    registry(&world).create(&operator(), new).await.unwrap();
}
