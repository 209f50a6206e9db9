use super::{HOME, PASSWORD, World, account, from, operator, origin, role, typed};
use doorward_domain::{Session, User, UserId};
use doorward_ports::access::Operation;
use doorward_ports::inbound::{AccountChange, Admission, Admitted, Identification, NewAccount, Presented, TokenPair};
use doorward_ports::{Actor, Caller, Result};
use std::sync::Arc;
use std::time::Duration;

/// Somebody signed in.
#[derive(Clone)]
pub struct Person {
    pub user: User,
    pub tokens: TokenPair,
    pub caller: Caller,
}

impl Person {
    pub fn id(&self) -> UserId {
        self.user.id
    }
}

impl World {
    /// An account. Ids sort by the millisecond, so each comes a millisecond after the one before.
    pub async fn add(&self, account: NewAccount) -> User {
        self.advance(Duration::from_millis(1));
        self.accounts().create(&operator(), account).await.unwrap()
    }

    pub async fn account(&self, name: &str) -> User {
        self.add(account(name)).await
    }

    pub async fn sign_in(&self, address: &str, identifier: &str, password: &str) -> Result<TokenPair> {
        self.auth().sign_in(&from(address), typed(identifier, password)).await
    }

    pub async fn identify(&self, tokens: &TokenPair) -> Result<Caller> {
        self.identify_by(tokens.access_token.expose()).await
    }

    /// Whose access token this is, asked for an operation that anybody known may do.
    pub async fn identify_by(&self, access_token: &str) -> Result<Caller> {
        self.admit(HOME, Identification::token(access_token), Operation::CheckAccess)
            .await
            .map(|admitted| admitted.caller)
    }

    pub async fn admit(
        &self,
        address: &str,
        identification: Identification<'_>,
        operation: Operation,
    ) -> Result<Admitted> {
        let presented = Presented { origin: origin(address), identification };
        Admission::admit(&*self.services, presented, operation).await.result
    }

    pub async fn refresh(&self, tokens: &TokenPair) -> Result<TokenPair> {
        self.auth().refresh(&from(HOME), tokens.refresh_token.clone()).await
    }

    /// One more session of an account that is there.
    pub async fn session_of(&self, name: &str) -> Person {
        self.session_from(HOME, name).await
    }

    pub async fn session_from(&self, address: &str, name: &str) -> Person {
        self.advance(Duration::from_millis(1));
        let tokens = self.sign_in(address, name, PASSWORD).await.unwrap();
        let caller = Caller { origin: origin(address), ..self.identify(&tokens).await.unwrap() };
        Person { user: self.user(tokens.user).await, tokens, caller }
    }

    /// A new account, signed in.
    pub async fn person(&self, name: &str) -> Person {
        self.account(name).await;
        self.session_of(name).await
    }

    pub async fn person_with_roles(&self, name: &str, roles: &[&str]) -> Person {
        let roles = roles.iter().map(|&role| role.to_owned()).collect();
        self.add(NewAccount { roles, ..account(name) }).await;
        self.session_of(name).await
    }

    pub async fn admin(&self, name: &str) -> Person {
        self.person_with_roles(name, &["admin"]).await
    }

    /// A new account with a role of its own name that holds these permissions, signed in.
    pub async fn person_who_may(&self, name: &str, permissions: &[&str]) -> Person {
        self.roles().create(&operator(), role(name, permissions)).await.unwrap();
        self.person_with_roles(name, &[name]).await
    }

    pub async fn user(&self, id: UserId) -> User {
        Arc::unwrap_or_clone(self.accounts().get(&operator(), id).await.unwrap())
    }

    pub async fn set_active(&self, id: UserId, is_active: bool) {
        let change = AccountChange { is_active: Some(is_active), ..AccountChange::default() };
        self.accounts().change(&operator(), id, change, None).await.unwrap();
    }

    /// The live sessions of an account, newest first.
    pub async fn live(&self, id: UserId) -> Vec<Session> {
        let page = self.sessions().of_user(&operator(), id, None, doorward_ports::Limit::new(100).unwrap()).await;
        page.unwrap().items.into_iter().map(|view| view.session).collect()
    }

    /// So many wrong passwords, one after the other.
    pub async fn fail(&self, times: usize, address: &str, identifier: &str) {
        for _ in 0..times {
            self.sign_in(address, identifier, super::WRONG).await.unwrap_err();
        }
    }
}

/// What a caller may do, as they were identified.
pub fn permissions(caller: &Caller) -> Vec<String> {
    match &caller.actor {
        Actor::User(signed_in) => signed_in.rights.permissions.iter().map(ToString::to_string).collect(),
        Actor::Anonymous | Actor::Client(_) | Actor::Operator => panic!("not signed in"),
    }
}
