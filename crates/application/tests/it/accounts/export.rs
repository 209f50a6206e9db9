use crate::providers::At;
use crate::world::{HOME, SECOND, World, operator};
use doorward_domain::{AuditAction, Network};
use doorward_ports::inbound::{ActedBy, OwnData};
use doorward_testkit::scripted_provider::a_proven_identity;

async fn activity(mut data: OwnData) -> Vec<(AuditAction, ActedBy)> {
    let mut all = Vec::new();
    loop {
        let part = data.activity.next().await.unwrap();
        if part.is_empty() {
            return all;
        }
        all.extend(part.into_iter().map(|line| (line.action, line.by)));
    }
}

#[tokio::test]
async fn an_owner_gets_all_that_is_known_of_them_and_nothing_of_others() {
    let At { world, provider } = At::new().await;
    let (owner, bob) = (world.owner("ann").await, world.person("bob").await);
    let ann = &owner.person;
    let at = At { world: world.clone(), provider };
    let proof = at.walked(&ann.caller, 1, a_proven_identity("ann-there", None)).await;
    at.identities().link(&ann.caller, proof).await.unwrap();
    world.accounts().unlock(&operator(), bob.id()).await.unwrap();
    world.advance(SECOND);
    let data = world.accounts().export_own(&ann.caller).await.unwrap();
    assert_eq!((data.user.id, data.has_password, data.exported_at), (ann.id(), true, world.now()));
    assert_eq!(data.identities.iter().map(|it| it.key.subject()).collect::<Vec<_>>(), ["ann-there"]);
    assert_eq!((data.factors.len(), data.recovery_codes_left), (1, 10));
    assert!(data.sessions.iter().all(|it| it.session.user == ann.id()) && data.sessions.iter().any(|it| it.current));
    let networks: Vec<_> = data.networks.iter().map(|(network, _)| *network).collect();
    assert_eq!(networks, [Network::of(HOME.parse().unwrap())]);
    let activity = activity(data).await;
    for expected in [
        (AuditAction::DataExported, ActedBy::Owner),
        (AuditAction::SignIn, ActedBy::Anonymous),
        (AuditAction::UserCreated, ActedBy::Operator),
    ] {
        assert!(activity.contains(&expected), "{expected:?} is not in {activity:?}");
    }
    assert_eq!(activity[0].0, AuditAction::DataExported, "the newest comes first");
}

/// More lines than one part has.
#[tokio::test]
async fn the_activity_of_an_export_is_whole_and_in_order() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    for _ in 0..600 {
        drop(world.accounts().export_own(&ann.caller).await.unwrap());
    }
    let mut data = world.accounts().export_own(&ann.caller).await.unwrap();
    let mut ids = Vec::new();
    while let part = data.activity.next().await.unwrap()
        && !part.is_empty()
    {
        assert!(part.len() <= 500);
        ids.extend(part.into_iter().map(|line| line.id));
    }
    assert!(ids.len() > 601 && ids.is_sorted_by(|newer, older| newer > older), "{}", ids.len());
}

#[tokio::test]
async fn sessions_of_an_export_are_those_that_are_live() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let other = world.session_of("ann").await;
    world.sessions().end_own(&ann.caller, other.tokens.session).await.unwrap();
    let data = world.accounts().export_own(&ann.caller).await.unwrap();
    let sessions: Vec<_> = data.sessions.iter().map(|it| (it.session.id, it.current)).collect();
    assert_eq!(sessions, [(ann.tokens.session, true)]);
}
