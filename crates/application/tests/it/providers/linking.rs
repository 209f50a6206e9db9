//! Linking an identity to an account that is there, and unlinking it.
use super::At;
use crate::world::{World, code, secret};
use doorward_domain::{IdentityId, Timestamp};
use doorward_ports::ErrorCode;
use doorward_ports::inbound::LinkProof;
use doorward_testkit::scripted_provider::a_proven_identity;
use std::sync::Arc;

#[tokio::test]
async fn the_owner_links_an_identity_and_signs_in_with_it() {
    let at = At::new().await;
    let ann = at.world.person("ann").await;
    let proof = at.walked(&ann.caller, 1, a_proven_identity("ann-there", None)).await;
    let identity = at.identities().link(&ann.caller, proof).await.unwrap();
    assert_eq!((identity.user, identity.last_used_at), (ann.id(), None));
    let tokens = at.sign_in(2, a_proven_identity("ann-there", None)).await.unwrap();
    assert_eq!(tokens.user, ann.id());
    let own = at.identities().own(&ann.caller).await.unwrap();
    assert_eq!(own.len(), 1);
    assert_eq!(own[0].last_used_at, Some(at.world.now()));
}

#[tokio::test]
async fn a_link_that_an_attacker_began_links_nothing_when_a_victim_walks_through_it() {
    let at = At::new().await;
    let (eve, victim) = (at.world.person("eve").await, at.world.person("ann").await);
    // The victim's browser walks through it, and the code comes to the app of the victim.
    let proof = at.walked(&eve.caller, 1, a_proven_identity("ann-there", None)).await;
    assert!(at.identities().own(&eve.caller).await.unwrap().is_empty(), "walking alone links nothing");
    assert_eq!(code(at.identities().link(&victim.caller, proof).await), ErrorCode::InvalidGrant);
    assert!(at.identities().own(&victim.caller).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_code_to_link_signs_nobody_in_and_a_code_to_sign_in_links_nothing() {
    let at = At::new().await;
    let ann = at.world.person("ann").await;
    let LinkProof::Code(grant) = at.walked(&ann.caller, 1, a_proven_identity("x", None)).await else { panic!() };
    let begun = super::Begun { verifier: super::verifier(1), state: String::new(), browser: None };
    assert_eq!(code(at.redeem(&begun, &grant.code).await), ErrorCode::InvalidGrant);
    let (begun, issued) = at.proved(2, a_proven_identity("y", Some(("y@example.com", true)))).await;
    let proof = LinkProof::Code(super::grant(&begun.verifier, &issued));
    assert_eq!(code(at.identities().link(&ann.caller, proof).await), ErrorCode::InvalidGrant);
}

#[tokio::test]
async fn an_identity_signs_in_to_one_account_only() {
    let at = At::new().await;
    let (ann, bob) = (at.world.person("ann").await, at.world.person("bob").await);
    let proof = at.walked(&ann.caller, 1, a_proven_identity("x", None)).await;
    let linked = at.identities().link(&ann.caller, proof).await.unwrap();
    let again = at.walked(&ann.caller, 2, a_proven_identity("x", None)).await;
    assert_eq!(at.identities().link(&ann.caller, again).await.unwrap().id, linked.id);
    let proof = at.walked(&bob.caller, 3, a_proven_identity("x", None)).await;
    assert_eq!(code(at.identities().link(&bob.caller, proof).await), ErrorCode::IdentityInUse);
}

#[tokio::test]
async fn who_is_asked_to_link_signs_in_and_posts_the_token_once_and_in_time() {
    let at = Arc::new(At::new().await);
    let ann = at.world.person("ann").await;
    let there = a_proven_identity("ann-there", Some((ann.user.email.as_str(), true)));
    let refused = at.sign_in(1, there.clone()).await.unwrap_err();
    let offer = refused.link.unwrap();
    assert_eq!(refused.code, ErrorCode::LinkRequired);
    let all = (0..32).map(|_| {
        let (at, caller, token) = (at.clone(), ann.caller.clone(), offer.link_token.clone());
        tokio::spawn(async move { at.identities().link(&caller, LinkProof::Token(token)).await.is_ok() })
    });
    let mut linked = 0;
    for one in all.collect::<Vec<_>>() {
        linked += usize::from(one.await.unwrap());
    }
    assert_eq!(linked, 1);
    assert_eq!(at.sign_in(2, there).await.unwrap().user, ann.id());

    let bob = at.world.person("bob").await;
    let there = a_proven_identity("bob-there", Some((bob.user.email.as_str(), true)));
    let offer = at.sign_in(3, there).await.unwrap_err().link.unwrap();
    at.world.advance(offer.expires_in);
    let bob = at.world.session_of("bob").await;
    let late = at.identities().link(&bob.caller, LinkProof::Token(offer.link_token)).await;
    assert_eq!(code(late), ErrorCode::InvalidGrant);
    let made_up = at.identities().link(&bob.caller, LinkProof::Token(secret("made up"))).await;
    assert_eq!(code(made_up), ErrorCode::InvalidGrant);
}

/// The app that redeemed the code has the token: it must not link the identity to an account of its own.
#[tokio::test]
async fn a_link_is_offered_to_the_account_with_the_address_and_to_no_other() {
    let at = At::new().await;
    let (ann, eve) = (at.world.person("ann").await, at.world.person("eve").await);
    let there = a_proven_identity("ann-there", Some((ann.user.email.as_str(), true)));
    let offer = at.sign_in(1, there.clone()).await.unwrap_err().link.unwrap();
    let by_another = at.identities().link(&eve.caller, LinkProof::Token(offer.link_token.clone())).await;
    assert_eq!(code(by_another), ErrorCode::InvalidGrant);
    assert!(at.identities().own(&eve.caller).await.unwrap().is_empty());
    let offer = at.sign_in(2, there).await.unwrap_err().link.unwrap();
    at.identities().link(&ann.caller, LinkProof::Token(offer.link_token)).await.unwrap();
}

#[tokio::test]
async fn unlinking_ends_the_sessions_that_it_made_and_never_takes_the_last_way_in() {
    let at = At::new().await;
    let ann = at.world.person("ann").await;
    let proof = at.walked(&ann.caller, 1, a_proven_identity("x", None)).await;
    let identity = at.identities().link(&ann.caller, proof).await.unwrap();
    let there = at.sign_in(2, a_proven_identity("x", None)).await.unwrap();
    at.identities().unlink(&ann.caller, identity.id).await.unwrap();
    assert_eq!(code(at.world.identify(&there).await), ErrorCode::InvalidToken);
    assert!(at.world.identify(&ann.tokens).await.is_ok());
    assert_eq!(code(at.identities().unlink(&ann.caller, identity.id).await), ErrorCode::IdentityNotFound);

    let tokens = at.sign_in(3, a_proven_identity("new", Some(("new@example.com", true)))).await.unwrap();
    let new = at.person_of(&tokens).await;
    let own = at.identities().own(&new.caller).await.unwrap();
    assert_eq!(code(at.identities().unlink(&new.caller, own[0].id).await), ErrorCode::LastCredential);
    assert_eq!(at.identities().own(&new.caller).await.unwrap().len(), 1);
}

#[tokio::test]
async fn of_two_requests_at_once_one_keeps_the_last_way_in() {
    let at = Arc::new(At::with(&World::on_postgres(|_| {}).await, |_| {}));
    let tokens = at.sign_in(1, a_proven_identity("one", Some(("one@example.com", true)))).await.unwrap();
    let owner = at.person_of(&tokens).await;
    let proof = at.walked(&owner.caller, 2, a_proven_identity("two", None)).await;
    at.identities().link(&owner.caller, proof).await.unwrap();
    let ids: Vec<IdentityId> = at.identities().own(&owner.caller).await.unwrap().iter().map(|it| it.id).collect();
    let both = ids.into_iter().map(|id| {
        let (at, caller) = (at.clone(), owner.caller.clone());
        tokio::spawn(async move { at.identities().unlink(&caller, id).await })
    });
    let mut unlinked = 0;
    for one in both.collect::<Vec<_>>() {
        match one.await.unwrap() {
            Ok(()) => unlinked += 1,
            Err(error) => assert_eq!(error.code, ErrorCode::LastCredential),
        }
    }
    assert_eq!(unlinked, 1);
}

#[tokio::test]
async fn nobody_unlinks_what_is_anothers() {
    let at = At::new().await;
    let (ann, bob) = (at.world.person("ann").await, at.world.person("bob").await);
    let proof = at.walked(&ann.caller, 1, a_proven_identity("x", None)).await;
    let identity = at.identities().link(&ann.caller, proof).await.unwrap();
    assert_eq!(code(at.identities().unlink(&bob.caller, identity.id).await), ErrorCode::IdentityNotFound);
    let nothing = IdentityId::mint(Timestamp::from_seconds(1), [0; 10]);
    assert_eq!(code(at.identities().unlink(&ann.caller, nothing).await), ErrorCode::IdentityNotFound);
}
