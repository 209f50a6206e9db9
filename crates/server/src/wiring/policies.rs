//! The policies by the settings.
use doorward_application::{KeyPolicy, MailPolicy, MfaPolicy, Policies, RateLimits, RegistrationPolicy};
use doorward_domain::{FactorRequirement, LockoutPolicy, MailTokenLifetimes, PasswordPolicy, SessionLifetimes};
use doorward_settings::{Mfa, RateLimit, Settings};
use std::num::NonZeroUsize;

pub(super) fn policies(settings: &Settings) -> Policies {
    let limit = settings.rate_limit.account;
    let lockout = LockoutPolicy { limit: limit.limit.get(), window: limit.per, ..LockoutPolicy::default() };
    Policies {
        lifetimes: SessionLifetimes {
            access_ttl: settings.tokens.access_ttl,
            refresh_ttl: settings.tokens.refresh_ttl,
            refresh_grace: settings.tokens.refresh_grace,
            idle_ttl: settings.sessions.idle_ttl,
            absolute_ttl: settings.sessions.absolute_ttl,
        },
        session_limit: settings.sessions.limit.and_then(NonZeroUsize::new),
        passwords: PasswordPolicy { min_length: settings.passwords.min_length },
        registration: RegistrationPolicy {
            enabled: settings.registration.enabled,
            hide_existing: settings.registration.hide_existing,
            require_verified_email: settings.registration.require_verified_email,
        },
        mfa: MfaPolicy { issuer: settings.mfa.issuer.to_string(), required: required(&settings.mfa) },
        lockout: settings.rate_limit.enabled.then_some(lockout),
        limits: settings.rate_limit.enabled.then(|| limits(&settings.rate_limit)),
        keys: KeyPolicy {
            algorithm: settings.tokens.algorithm,
            rotate_every: settings.tokens.rotate_every,
            publish_ahead: settings.tokens.publish_ahead,
        },
        audit_retention: settings.audit.retention,
        mail: MailPolicy {
            lifetimes: MailTokenLifetimes {
                verify: settings.mail.verify_ttl,
                reset: settings.mail.reset_ttl,
                invite: settings.mail.invite_ttl,
                change: settings.mail.change_ttl,
                report: settings.mail.report_ttl,
            },
            give_up_after: settings.mail.give_up_after,
            requests: settings.rate_limit.enabled.then_some(settings.rate_limit.mail),
        },
    }
}

fn required(settings: &Mfa) -> FactorRequirement {
    if settings.required {
        FactorRequirement::ForAll
    } else if settings.required_roles.is_empty() {
        FactorRequirement::Optional
    } else {
        FactorRequirement::ForRoles(settings.required_roles.iter().cloned().collect())
    }
}

fn limits(settings: &RateLimit) -> RateLimits {
    RateLimits {
        login: settings.login,
        auth: settings.auth,
        api: settings.api,
        admin: settings.admin,
        public: settings.public,
    }
}
