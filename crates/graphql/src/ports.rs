use doorward_ports::inbound::{
    Accounts, Admission, AuditTrail, Authentication, Identities, OwnerMails, Providers, Roles, SecondFactors, Sessions,
};
use std::sync::Arc;

/// The inbound ports that resolvers call.
#[derive(Clone)]
pub struct Ports {
    /// Accounts: the caller's own and all others.
    pub accounts: Arc<dyn Accounts>,
    /// Signing in and out.
    pub authentication: Arc<dyn Authentication>,
    /// The sessions of accounts.
    pub sessions: Arc<dyn Sessions>,
    /// Roles and permissions.
    pub roles: Arc<dyn Roles>,
    /// Signing in with providers.
    pub providers: Arc<dyn Providers>,
    /// The identities at providers of accounts.
    pub identities: Arc<dyn Identities>,
    /// Second factors.
    pub second_factors: Arc<dyn SecondFactors>,
    /// The audit log.
    pub audit_trail: Arc<dyn AuditTrail>,
    /// What owners do by mail.
    pub owner_mails: Arc<dyn OwnerMails>,
    /// Admission and rate limits.
    pub admission: Arc<dyn Admission>,
}
