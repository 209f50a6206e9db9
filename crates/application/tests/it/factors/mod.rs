//! Second factors: enrolling them, signing in with them, and everything that must not work.
#[cfg(test)]
mod doors;
#[cfg(test)]
mod management;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod steps;

use crate::world::{HOME, PASSWORD, Person, World, from, secret, typed};
use doorward_domain::{FactorId, SecondFactor};
use doorward_ports::inbound::{FactorProof, MfaRequired, MfaVerification, Reauthentication, SecondFactors, TokenPair};
use doorward_ports::{ErrorCode, Result};
use doorward_testkit::authenticator::{Authenticator, STEP};

/// Somebody with an authenticator, and the recovery codes of their account.
#[derive(Clone)]
pub struct Owner {
    pub person: Person,
    pub name: String,
    pub id: FactorId,
    pub authenticator: Authenticator,
    pub recovery_codes: Vec<String>,
}

pub fn factors(world: &World) -> &dyn SecondFactors {
    &*world.services
}

impl World {
    /// A new account with a confirmed authenticator, signed in, a step ago.
    pub async fn owner(&self, name: &str) -> Owner {
        let person = self.person(name).await;
        self.owner_of(person, name).await
    }

    /// The same for somebody who is signed in.
    pub async fn owner_of(&self, person: Person, name: &str) -> Owner {
        let enrolled = factors(self).enrol_totp(&person.caller, None).await.unwrap();
        let authenticator = Authenticator::with(enrolled.secret.expose());
        let code = secret(&authenticator.code(self.now()));
        let confirmed = factors(self).confirm_totp(&person.caller, enrolled.factor.id, code).await.unwrap();
        let codes = confirmed.recovery_codes.unwrap();
        let recovery_codes = codes.iter().map(|code| code.expose().to_owned()).collect();
        self.advance(STEP);
        Owner { person, name: name.to_owned(), id: enrolled.factor.id, authenticator, recovery_codes }
    }

    /// The first step of a sign-in.
    pub async fn first_step(&self, name: &str) -> MfaRequired {
        let refused = self.auth().sign_in(&from(HOME), typed(name, PASSWORD)).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::MfaRequired);
        *refused.mfa.unwrap()
    }

    /// The second step with a code of an authenticator.
    pub async fn second_step(&self, first: &MfaRequired, code: &str) -> Result<TokenPair> {
        self.verify(first, totp(code)).await
    }

    pub async fn verify(&self, first: &MfaRequired, proof: FactorProof) -> Result<TokenPair> {
        let verification = MfaVerification { mfa_token: first.mfa_token.clone(), proof };
        factors(self).verify(&from(HOME), verification).await
    }

    /// Both steps.
    pub async fn sign_in_with(&self, owner: &Owner) -> Result<TokenPair> {
        let first = self.first_step(&owner.name).await;
        self.second_step(&first, &owner.code(self)).await
    }

    pub async fn step_up(&self, person: &Person, proof: FactorProof) -> Result<TokenPair> {
        self.auth().reauthenticate(&person.caller, Reauthentication::Factor(proof)).await
    }
}

impl Owner {
    /// What the authenticator shows now.
    pub fn code(&self, world: &World) -> String {
        self.authenticator.code(world.now())
    }

    pub fn wrong_code(&self, world: &World) -> String {
        self.authenticator.wrong_code(world.now())
    }
}

pub fn totp(code: &str) -> FactorProof {
    FactorProof { method: SecondFactor::Totp, factor: None, code: secret(code) }
}

pub fn recovery(code: &str) -> FactorProof {
    FactorProof { method: SecondFactor::RecoveryCode, factor: None, code: secret(code) }
}
