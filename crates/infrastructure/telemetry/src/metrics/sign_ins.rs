use super::Metrics;
use super::families::Families;
use async_trait::async_trait;
use doorward_domain::{Client, LOCAL_PROVIDER};
use doorward_ports::access::Operation;
use doorward_ports::inbound::{
    Authentication, CheckedCaller, ClientTokens, CodeGrant, Introspection, PasswordSignIn, ProvenClient,
    Reauthentication, RefreshGrant, ServiceToken, TokenPair,
};
use doorward_ports::{Caller, Error, ErrorCode, Result, Secret};
use prometheus::IntCounterVec;
use std::sync::Arc;

const SUCCESS: &str = "success";
const FAILURE: &str = "failure";
/// A lockout is answered like a wrong password, with a time to wait.
const LOCKED: &str = "locked";

/// The outcomes of sign-ins and refreshes.
pub struct SignIns {
    logins: IntCounterVec,
    failures: IntCounterVec,
    refreshes: IntCounterVec,
}

impl SignIns {
    pub fn new(families: &Families<'_>) -> Self {
        let logins = families.counters(
            "doorward_logins_total",
            "Sign-ins, by provider (local is the password) and outcome.",
            &["provider", "outcome"],
        );
        let failures = families.counters(
            "doorward_login_failures_total",
            "Failed sign-ins, by error code; locked means any password after too many wrong ones.",
            &["reason"],
        );
        let refreshes = families.counters(
            "doorward_token_refreshes_total",
            "Exchanges of refresh tokens: success, or the error code.",
            &["outcome"],
        );
        for outcome in [SUCCESS, FAILURE] {
            logins.with_label_values(&[LOCAL_PROVIDER, outcome]);
        }
        // Any other code would be counted under its name as well.
        let refusals = Operation::SignIn.refusals().filter(|code| *code != ErrorCode::MfaRequired);
        for reason in refusals.map(ErrorCode::as_str).chain([LOCKED]) {
            failures.with_label_values(&[reason]);
        }
        // The token endpoint checks the client and the scope before it does the same.
        let of_refreshes = Operation::Refresh.refusals().chain([ErrorCode::InvalidClient, ErrorCode::InvalidScope]);
        for outcome in of_refreshes.map(ErrorCode::as_str).chain([SUCCESS]) {
            refreshes.with_label_values(&[outcome]);
        }
        Self { logins, failures, refreshes }
    }

    fn signed_in<T>(&self, provider: &str, answer: &Result<T>) {
        // The first of two steps is no outcome yet.
        if answer.as_ref().is_err_and(|refusal| refusal.code == ErrorCode::MfaRequired) {
            return;
        }
        let outcome = if answer.is_ok() { SUCCESS } else { FAILURE };
        self.logins.with_label_values(&[provider, outcome]).inc();
        if let Err(refusal) = answer {
            self.failures.with_label_values(&[reason(refusal)]).inc();
        }
    }

    /// Sign-ins with this provider are there from the start.
    pub fn begin_with(&self, provider: &str) {
        for outcome in [SUCCESS, FAILURE] {
            self.logins.with_label_values(&[provider, outcome]);
        }
    }

    /// A sign-in with a provider.
    pub fn signed_in_with(&self, provider: &str, succeeded: bool) {
        let outcome = if succeeded { SUCCESS } else { FAILURE };
        self.logins.with_label_values(&[provider, outcome]).inc();
    }

    fn refreshed<T>(&self, answer: &Result<T>) {
        let outcome = answer.as_ref().map_or_else(|refusal| refusal.code.as_str(), |_| SUCCESS);
        self.refreshes.with_label_values(&[outcome]).inc();
    }
}

const fn reason(refusal: &Error) -> &'static str {
    match (refusal.code, refusal.retry_after) {
        (ErrorCode::InvalidCredentials, Some(_)) => LOCKED,
        (code, _) => code.as_str(),
    }
}

/// The port of signing in and out, with counters.
pub struct CountedAuthentication {
    inner: Arc<dyn Authentication>,
    sign_ins: Arc<SignIns>,
}

impl CountedAuthentication {
    /// Counts the outcome of this call.
    pub fn new(inner: Arc<dyn Authentication>, metrics: &Metrics) -> Self {
        Self { inner, sign_ins: metrics.sign_ins.clone() }
    }
}

#[async_trait]
impl Authentication for CountedAuthentication {
    async fn sign_in(&self, caller: &Caller, sign_in: PasswordSignIn) -> Result<TokenPair> {
        let answer = self.inner.sign_in(caller, sign_in).await;
        self.sign_ins.signed_in(LOCAL_PROVIDER, &answer);
        answer
    }

    async fn reauthenticate(&self, caller: &Caller, proof: Reauthentication) -> Result<TokenPair> {
        self.inner.reauthenticate(caller, proof).await
    }

    async fn refresh(&self, caller: &Caller, refresh_token: Secret) -> Result<TokenPair> {
        let answer = self.inner.refresh(caller, refresh_token).await;
        self.sign_ins.refreshed(&answer);
        answer
    }

    async fn check_access(&self, caller: &Caller, permissions: &[String]) -> Result<CheckedCaller> {
        self.inner.check_access(caller, permissions).await
    }

    async fn sign_out(&self, caller: &Caller, refresh_token: Option<Secret>) -> Result<()> {
        self.inner.sign_out(caller, refresh_token).await
    }

    async fn sign_out_at_provider(
        &self,
        caller: &Caller,
        refresh_token: Option<Secret>,
        return_to: Option<String>,
    ) -> Result<Option<String>> {
        self.inner.sign_out_at_provider(caller, refresh_token, return_to).await
    }
}

/// The port of tokens for OAuth clients, with counters.
pub struct CountedClientTokens {
    inner: Arc<dyn ClientTokens>,
    sign_ins: Arc<SignIns>,
}

impl CountedClientTokens {
    /// Counts the outcome of this call.
    pub fn new(inner: Arc<dyn ClientTokens>, metrics: &Metrics) -> Self {
        Self { inner, sign_ins: metrics.sign_ins.clone() }
    }
}

#[async_trait]
impl ClientTokens for CountedClientTokens {
    async fn refresh_as(&self, caller: &Caller, client: &Client, grant: RefreshGrant) -> Result<TokenPair> {
        let answer = self.inner.refresh_as(caller, client, grant).await;
        self.sign_ins.refreshed(&answer);
        answer
    }

    async fn redeem_code(
        &self,
        caller: &Caller,
        client: &Client,
        grant: CodeGrant,
        scope: Option<String>,
    ) -> Result<TokenPair> {
        self.inner.redeem_code(caller, client, grant, scope).await
    }

    async fn issue_to_client(
        &self,
        caller: &Caller,
        client: ProvenClient,
        scope: Option<String>,
    ) -> Result<ServiceToken> {
        self.inner.issue_to_client(caller, client, scope).await
    }

    async fn introspect(&self, caller: &Caller, token: Secret) -> Result<Option<Introspection>> {
        self.inner.introspect(caller, token).await
    }

    async fn revoke(&self, caller: &Caller, client: &Client, token: Secret) -> Result<()> {
        self.inner.revoke(caller, client, token).await
    }
}
