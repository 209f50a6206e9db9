use crate::claims::Claims;
use crate::kinds::Kind;
use doorward_domain::{Email, Provider, Timestamp};
use doorward_ports::outbound::{ProvenEmail, ProvenIdentity, Untrusted};

/// What is known of a person: the claims of the ID token, and those of the user info where it was read.
pub struct Known {
    pub token: Claims,
    pub user_info: Option<Claims>,
}

impl Known {
    /// The claims of the first source that has this one.
    fn source(&self, name: &str) -> &Claims {
        self.user_info.as_ref().filter(|further| !self.token.has(name) && further.has(name)).unwrap_or(&self.token)
    }

    fn text(&self, name: &str) -> Option<String> {
        self.source(name).text(name).map(str::to_owned)
    }

    /// The identity of the person, by the claim map of the provider.
    pub fn identity(&self, kind: &dyn Kind, provider: &Provider, issuer: String) -> Result<ProvenIdentity, Untrusted> {
        Ok(self.of_subject(kind, provider, (issuer, kind.subject(&self.token)?)))
    }

    /// The identity with this key.
    pub fn of_subject(
        &self,
        kind: &dyn Kind,
        provider: &Provider,
        (issuer, subject): (String, String),
    ) -> ProvenIdentity {
        let map = &provider.claim_map;
        ProvenIdentity {
            issuer,
            subject,
            email: self.email(kind, provider),
            full_name: self.text(map.full_name.as_str()),
            username: self.text(map.username.as_str()),
            locale: self.text(map.locale.as_str()),
            groups: self.groups(kind, map.groups.as_str()),
            session: self.token.text("sid").map(str::to_owned),
            authenticated_at: self.token.seconds("auth_time").map(Timestamp::from_seconds),
            amr: self.token.texts("amr"),
            refresh_token: None,
        }
    }

    /// A provider that leaves them out must not take roles away. Without the claim, there are none: this is how most
    /// providers say that somebody has no group.
    fn groups(&self, kind: &dyn Kind, claim: &str) -> Option<Vec<String>> {
        let source = self.source(claim);
        let elsewhere = self.token.refers_to(claim) || self.user_info.as_ref().is_some_and(|it| it.refers_to(claim));
        let withheld = !source.has(claim) && (kind.withholds_groups(claim, &self.token) || elsewhere);
        if withheld { None } else { source.all_texts(claim) }
    }

    /// The address and whether it is verified come from the same source: else one source could verify the address of the
    /// other.
    fn email(&self, kind: &dyn Kind, provider: &Provider) -> Option<ProvenEmail> {
        let source = self.source(provider.claim_map.email.as_str());
        let address = source.text(provider.claim_map.email.as_str())?;
        proven_email(address, kind.is_email_verified(provider, source))
    }
}

/// Which claims are wanted of a user info, because the ID token lacks them.
pub fn needs_user_info(provider: &Provider, token: &Claims) -> bool {
    let map = &provider.claim_map;
    let standard = doorward_domain::ClaimMap::default();
    let wanted = map.groups != standard.groups || !provider.roles.is_empty();
    let groups = wanted.then_some(&map.groups);
    [&map.email, &map.full_name].into_iter().chain(groups).any(|claim| !token.has(claim.as_str()))
}

/// An address, if it is one.
pub fn proven_email(address: &str, verified: bool) -> Option<ProvenEmail> {
    Email::parse(address).ok().map(|address| ProvenEmail { address, verified })
}
