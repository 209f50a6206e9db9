//! Tries what a sign-in needs, one step after the other, and says what to do.
use crate::calls::{Calls, CallsTo, fault_of};
use crate::circuit::Circuit;
use crate::exchange::{self, Code};
use crate::known;
use crate::published::{self, Published};
use doorward_domain::Timestamp;
use doorward_outgoing::{OutgoingError, Request};
use doorward_ports::Secret;
use doorward_ports::outbound::{
    AuthorizationRequest, CheckedStep, ConfiguredProvider, Misconfiguration, ProviderFault, ProviderStep, StepResult,
};

/// How much the clocks may differ: the leeway for the times of tokens.
const CLOCK_SECONDS: u64 = 60;

struct Check<'a> {
    calls: CallsTo<'a>,
    configured: &'a ConfiguredProvider,
    redirect_uri: &'a str,
    now: Timestamp,
    steps: Vec<CheckedStep>,
}

/// Every step, with nothing from memory.
pub async fn check(
    calls: &Calls,
    configured: &ConfiguredProvider,
    redirect_uri: &str,
    now: Timestamp,
) -> Vec<CheckedStep> {
    let circuit = Circuit::default();
    let calls = CallsTo { calls, circuit: &circuit };
    let mut check = Check { calls, configured, redirect_uri, now, steps: Vec::new() };
    if check.is_reached().await
        && let Some(published) = check.discovery().await
    {
        check.keys(&published).await;
        check.client_credentials(&published).await;
        check.redirect_uri(&published).await;
        check.clock(&published);
    }
    check.complete()
}

impl Check<'_> {
    fn add(&mut self, step: ProviderStep, result: StepResult) {
        self.steps.push(CheckedStep { step, result });
    }

    /// All steps that were not reached.
    fn complete(mut self) -> Vec<CheckedStep> {
        for step in ProviderStep::ALL.into_iter().skip(self.steps.len()) {
            self.add(step, StepResult::Skipped("An earlier step has failed.".to_owned()));
        }
        self.steps
    }

    async fn is_reached(&mut self) -> bool {
        let client = &self.calls.calls.client;
        let issuer = self.configured.provider.issuer.as_str();
        let Ok(url) = self.calls.url(issuer) else {
            self.add(
                ProviderStep::Dns,
                StepResult::Failed(advice(&ProviderFault::Misconfigured(Misconfiguration::Url))),
            );
            return false;
        };
        match client.locate(&url).await {
            Ok(found) => self.add(ProviderStep::Dns, StepResult::Ok(format!("Addresses: {}.", found.len()))),
            Err(error) => return self.failed(ProviderStep::Dns, &fault_of(&error)),
        }
        match client.greet(&url).await {
            Ok(()) if url.scheme_str() == Some("http") => {
                self.add(ProviderStep::Tls, StepResult::Skipped("The issuer is called over plain HTTP.".to_owned()));
            }
            Ok(()) => self.add(ProviderStep::Tls, StepResult::Ok("The certificate is valid.".to_owned())),
            Err(error) => return self.failed(ProviderStep::Tls, &fault_of(&error)),
        }
        true
    }

    fn failed(&mut self, step: ProviderStep, fault: &ProviderFault) -> bool {
        self.add(step, StepResult::Failed(advice(fault)));
        false
    }

    async fn discovery(&mut self) -> Option<Published> {
        match known::read(self.calls, &self.configured.provider).await {
            Ok(published) => {
                let found = if published.keys.is_some() {
                    StepResult::Ok(format!("The issuer is {}.", published.issuer))
                } else {
                    StepResult::Skipped("This kind of provider has no discovery document.".to_owned())
                };
                self.add(ProviderStep::Discovery, found);
                Some(published)
            }
            Err(fault) => {
                self.failed(ProviderStep::Discovery, &fault);
                None
            }
        }
    }

    async fn keys(&mut self, published: &Published) {
        let result = if published.keys.is_none() {
            StepResult::Skipped("This kind of provider signs no tokens.".to_owned())
        } else {
            match published::read_keys(self.calls, published).await {
                Ok(_) => StepResult::Ok("There is a key for its ID tokens.".to_owned()),
                Err(fault) => StepResult::Failed(advice(&fault)),
            }
        };
        self.add(ProviderStep::Keys, result);
    }

    /// A code that never was: a provider authenticates the client before it looks for the code (RFC 6749 §4.1.3).
    async fn client_credentials(&mut self, published: &Published) {
        let secret = Secret::new("doorward-provider-test-doorward-provider-test".to_owned());
        let code = Code { code: &secret, verifier: &secret, redirect_uri: self.redirect_uri, now: self.now };
        let result = match exchange::exchange(self.calls, self.configured, published, code).await {
            Err(ProviderFault::Refused { error })
                if matches!(&*error, "invalid_grant" | "bad_verification_code" | "invalid_code") =>
            {
                StepResult::Ok("The client id and the secret are accepted.".to_owned())
            }
            Err(ProviderFault::Refused { error }) => StepResult::Skipped(format!(
                "The provider answers {error} to a test without a code, which does not show whether it accepts the client."
            )),
            Err(ProviderFault::Misconfigured(Misconfiguration::RedirectUri)) => {
                StepResult::Ok("The client id and the secret are accepted.".to_owned())
            }
            Err(fault) => StepResult::Failed(advice(&fault)),
            Ok(_) => StepResult::Failed("The provider accepts a code that it never issued. Do not use it.".to_owned()),
        };
        self.add(ProviderStep::ClientCredentials, result);
    }

    /// A request that needs no person (`prompt=none`): if the redirect URI is known, the provider answers to it.
    async fn redirect_uri(&mut self, published: &Published) {
        let text = |text: &str| text.to_owned();
        let request = AuthorizationRequest {
            state: text("doorward-provider-test"),
            nonce: text("doorward-provider-test"),
            code_challenge: text("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            redirect_uri: text(self.redirect_uri),
            login_hint: None,
        };
        let silent = vec![("prompt", text("none"))];
        let result = match exchange::authorization_url(self.configured, published, &request, silent) {
            Ok(url) => self.shown(&url).await,
            Err(fault) => StepResult::Failed(advice(&fault)),
        };
        self.add(ProviderStep::RedirectUri, result);
    }

    async fn shown(&self, url: &str) -> StepResult {
        let unknown = || {
            let redirect_uri = self.redirect_uri;
            StepResult::Skipped(format!(
                "The provider does not show without a person whether {redirect_uri} is registered there; compare it."
            ))
        };
        let Some(request) = self.calls.url(url).ok().and_then(|url| Request::get(url).body(Vec::new()).ok()) else {
            return StepResult::Failed(advice(&ProviderFault::Misconfigured(Misconfiguration::Url)));
        };
        match self.calls.calls.client.send(request).await {
            Err(OutgoingError::Redirect { location: Some(to), .. }) if to.starts_with(self.redirect_uri) => {
                StepResult::Ok("The provider answers to it.".to_owned())
            }
            Ok(answer) if answer.status().is_client_error() => {
                StepResult::Failed(advice(&ProviderFault::Misconfigured(Misconfiguration::RedirectUri)))
            }
            Ok(_) | Err(OutgoingError::Redirect { .. }) => unknown(),
            Err(error) => StepResult::Failed(advice(&fault_of(&error))),
        }
    }

    fn clock(&mut self, published: &Published) {
        let result = match published.date {
            None => StepResult::Skipped("The provider does not show its time.".to_owned()),
            Some(theirs) => match theirs.abs_diff(self.now.as_seconds()) {
                small if small <= CLOCK_SECONDS => StepResult::Ok(format!("The difference is {small} s.")),
                large => StepResult::Failed(format!(
                    "The clocks differ by {large} s, so tokens would be refused; set the clock of this machine by NTP."
                )),
            },
        };
        self.add(ProviderStep::Clock, result);
    }
}

/// What is wrong, and what to do.
fn advice(fault: &ProviderFault) -> String {
    let what = match fault {
        ProviderFault::Unavailable(outage) => unavailable(outage),
        ProviderFault::Misconfigured(misconfiguration) => misconfigured(misconfiguration),
        ProviderFault::Refused { .. } | ProviderFault::Untrusted(_) => "Look at the log of the provider.",
    };
    let fault = fault.to_string();
    let (first, rest) = fault.split_at(1);
    format!("{}{rest}. {what}", first.to_uppercase())
}

const fn unavailable(outage: &doorward_ports::outbound::Outage) -> &'static str {
    use doorward_ports::outbound::Outage;
    match outage {
        Outage::Dns => "Compare the host of the issuer, and look up its name on this machine.",
        Outage::Connection => "Look whether a firewall lets this machine connect to it.",
        Outage::Tls => "Look at the certificate of the host: its name, its authority, and its end.",
        Outage::Timeout | Outage::ServerError | Outage::Busy | Outage::CircuitOpen => {
            "Look at the status page of the provider, and try again later."
        }
    }
}

const fn misconfigured(misconfiguration: &Misconfiguration) -> &'static str {
    match misconfiguration {
        Misconfiguration::Url => "Write an https URL; http is only for a provider on this machine, during development.",
        Misconfiguration::Address => "A provider in a private network must be allowed explicitly.",
        Misconfiguration::Redirect => "Use the URL to which it redirects as the issuer, if it is the provider's own.",
        Misconfiguration::AnswerTooLong | Misconfiguration::MalformedAnswer => {
            "Look whether the issuer is the one of a provider, and not of a web page."
        }
        Misconfiguration::NoDiscovery => "Compare the issuer with the provider's console, byte for byte.",
        Misconfiguration::DiscoveryIssuer => {
            "Copy the issuer from the field issuer of /.well-known/openid-configuration, byte for byte."
        }
        Misconfiguration::MissingEndpoint | Misconfiguration::Unsupported => {
            "The provider must support authorization codes with PKCE (S256)."
        }
        Misconfiguration::Algorithms => "Choose RS256, ES256 or EdDSA for the ID tokens of this client.",
        Misconfiguration::NoKeys => "Look whether the provider has a signing key for the algorithm of its ID tokens.",
        Misconfiguration::InvalidClient => {
            "Compare the client id, and copy the client secret again; it may have expired."
        }
        Misconfiguration::ClientKey => "Download the key in the provider's console again: PKCS#8 PEM, for ES256.",
        Misconfiguration::UnauthorizedClient => "Allow authorization codes for this client in the provider's console.",
        Misconfiguration::RedirectUri => "Register the redirect URI in the provider's console, byte for byte.",
        Misconfiguration::Scope => "Compare the scopes with those that the provider knows.",
        Misconfiguration::Settings => {
            "Tenants are for Entra ID alone, and a hosted domain is for Google alone: remove what is for another kind."
        }
    }
}
