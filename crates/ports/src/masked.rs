//! No `Debug` shows a secret or personal data, however deep it is in a command or an answer.
use crate::inbound::{
    AccountChange, Change, ClientCredentials, ConfirmedFactor, EnrolledTotp, FactorProof, FirstAdmin, Identification,
    MailRequest, MfaRequired, MfaVerification, NewAccount, NewProvider, PasswordChange, PasswordReset, PasswordSignIn,
    Presented, ProfileChange, ProviderChange, Reauthentication, RefreshGrant, Registration, ServiceToken,
    ShownMailToken, TokenHolder, TokenPair, UserQuery,
};
use crate::outbound::{
    AccountKey, Credentials, KeyPair, Mail, MailFacts, MailLink, PasswordHash, PrivateKey, PublicJwk, UserFilter,
    UserOrder, UserSort,
};
use crate::{Cursor, Direction, Origin, Personal, Secret, SecretDigest};
use doorward_domain::{
    CorrelationId, Email, Factor, FactorId, FactorKind, FactorName, KeyAlgorithm, KeyId, Language, MailId, MailKind,
    MailTokenPurpose, SearchKey, SecondFactor, SessionId, Timestamp, UserId, Username,
};
use proptest::prelude::*;
use std::fmt::Debug;
use std::time::Duration;

const ORIGIN_ID: &str = "the-correlation-id";

fn secret(mark: &str) -> Secret {
    Secret::new(mark.to_owned())
}

fn some(mark: &str) -> Option<Personal> {
    Some(mark.into())
}

fn user() -> UserId {
    UserId::mint(Timestamp::from_seconds(1), [1; 10])
}

fn session() -> SessionId {
    SessionId::mint(Timestamp::from_seconds(1), [2; 10])
}

fn of_accounts(mark: &str) -> Vec<Box<dyn Debug>> {
    let profile =
        ProfileChange { username: Change::Set(mark.into()), full_name: Change::Set(mark.into()), locale: Change::Keep };
    vec![
        Box::new(Registration {
            email: mark.into(),
            password: secret(mark),
            username: some(mark),
            full_name: some(mark),
            locale: None,
        }),
        Box::new(NewAccount {
            email: mark.into(),
            email_verified: false,
            password: Some(secret(mark)),
            username: some(mark),
            full_name: some(mark),
            locale: None,
            roles: Vec::new(),
            is_active: true,
            must_change_password: false,
            invite: true,
            external_id: some(mark),
        }),
        Box::new(AccountChange {
            email: some(mark),
            email_verified: None,
            is_active: None,
            must_change_password: None,
            external_id: Change::Set(mark.into()),
            profile,
        }),
        Box::new(UserQuery {
            email: some(mark),
            username: some(mark),
            search: some(mark),
            cursor: Some(Cursor::after("email", mark)),
            ..UserQuery::default()
        }),
        Box::new(PasswordChange { current: secret(mark), new: secret(mark) }),
        Box::new(FirstAdmin { email: email(mark), password: Some(secret(mark)) }),
        Box::new(NewProvider {
            client_secret: Change::Set(secret(mark)),
            client_key: Change::Set(secret(mark)),
            ..NewProvider::default()
        }),
        Box::new(ProviderChange {
            client_secret: Change::Set(secret(mark)),
            client_key: Change::Set(secret(mark)),
            ..ProviderChange::default()
        }),
    ]
}

fn email(mark: &str) -> Email {
    Email::parse(&format!("{mark}@{mark}.com")).expect("it is an address")
}

fn of_tokens(mark: &str) -> Vec<Box<dyn Debug>> {
    let (expires_in, refresh_expires_in) = (Duration::from_secs(1), Duration::from_secs(2));
    vec![
        Box::new(PasswordSignIn { identifier: mark.into(), password: secret(mark) }),
        Box::new(TokenPair {
            access_token: secret(mark),
            expires_in,
            refresh_token: secret(mark),
            refresh_expires_in,
            session: session(),
            user: user(),
            is_new_user: false,
        }),
        Box::new(RefreshGrant::from(secret(mark))),
        Box::new(ServiceToken { access_token: secret(mark), expires_in }),
        Box::new(TokenHolder::User { user: user(), username: mark.into(), session: session() }),
        Box::new(credentials(mark)),
        Box::new(MailRequest { email: mark.into() }),
        Box::new(ShownMailToken { token: secret(mark) }),
        Box::new(PasswordReset { token: secret(mark), password: secret(mark) }),
        Box::new(mail(mark)),
    ]
}

fn of_factors(mark: &str) -> Vec<Box<dyn Debug>> {
    let now = Timestamp::from_seconds(1);
    let factor = Factor {
        id: FactorId::mint(now, [3; 10]),
        user: user(),
        kind: FactorKind::Totp,
        name: FactorName::authenticator(),
        created_at: now,
        confirmed_at: None,
        last_used_at: None,
    };
    let proof = || FactorProof { method: SecondFactor::Totp, factor: None, code: secret(mark) };
    vec![
        Box::new(MfaVerification { mfa_token: secret(mark), proof: proof() }),
        Box::new(Reauthentication::Factor(proof())),
        Box::new(Reauthentication::Password(secret(mark))),
        Box::new(MfaRequired { mfa_token: secret(mark), expires_in: Duration::from_secs(1), factors: Vec::new() }),
        Box::new(EnrolledTotp { factor: factor.clone(), secret: secret(mark), otpauth_uri: secret(mark) }),
        Box::new(ConfirmedFactor { factor: factor.clone(), recovery_codes: Some(vec![secret(mark)]) }),
    ]
}

fn mail(mark: &str) -> Mail {
    let purpose = MailTokenPurpose::ReportTakeover;
    let link = Some(MailLink { purpose, token: secret(mark), lasts: Duration::from_secs(1) });
    Mail {
        id: MailId::mint(Timestamp::from_seconds(1), [3; 10]),
        kind: MailKind::NewSignIn,
        to: email(mark),
        language: Language::En,
        link: link.clone(),
        report: link,
        facts: MailFacts { device: Some(mark.to_owned()), other_email: Some(email(mark)), ..MailFacts::default() },
    }
}

fn credentials(mark: &str) -> ClientCredentials {
    ClientCredentials { id: mark.into(), secret: Some(secret(mark)) }
}

fn of_the_outside(mark: &str) -> Vec<Box<dyn Debug>> {
    let hash = || PasswordHash::from_stored(mark.to_owned());
    let searched = SearchKey::searched(mark).expect("it is not empty");
    let private = PrivateKey(zeroize::Zeroizing::new(mark.as_bytes().to_vec()));
    vec![
        Box::new(Credentials { user: user(), password: Some(hash()) }),
        Box::new(UserFilter {
            email: Some(email(mark)),
            username: Username::parse(mark).ok(),
            ..UserFilter::default()
        }),
        Box::new(UserOrder {
            sort: UserSort::Found(searched),
            direction: Direction::Ascending,
            after: Some(mark.into()),
        }),
        Box::new(KeyPair {
            id: KeyId::parse("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs").expect("it is a thumbprint"),
            algorithm: KeyAlgorithm::EdDsa,
            public: PublicJwk(serde_json::Value::Null),
            private,
        }),
    ]
}

/// The texts in which bytes are written.
fn writings(mark: &str) -> [String; 3] {
    let bytes = format!("{:?}", mark.as_bytes());
    let pretty = mark.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(",");
    [mark.to_owned(), bytes.trim_matches(['[', ']']).to_owned(), pretty]
}

proptest! {
    #[test]
    fn no_command_and_no_answer_shows_what_it_contains(mark in "zq[a-z]{8}") {
        let all = [of_accounts(&mark), of_tokens(&mark), of_factors(&mark), of_the_outside(&mark)];
        for it in all.iter().flatten() {
            let shown = format!("{it:?}");
            prop_assert!(shown.contains('…'), "it hides nothing: {shown}");
            prop_assert!(!writings(&mark).iter().any(|writing| shown.contains(writing)), "{shown}");
            let pretty: String = format!("{it:#?}").split_whitespace().collect();
            prop_assert!(!writings(&mark).iter().any(|writing| pretty.contains(writing)), "{pretty}");
        }
    }

    #[test]
    fn credentials_are_hidden_and_the_origin_beside_them_is_not(mark in "zq[a-z]{8}") {
        let client = credentials(&mark);
        for identification in [Identification::token(&mark), Identification::Client(&client)] {
            let correlation_id = CorrelationId::parse(ORIGIN_ID).expect("it is well-formed");
            let origin = Origin { address: None, user_agent: None, correlation_id, language: None };
            let shown = format!("{:?}", Presented { origin, identification });
            prop_assert!(shown.contains(ORIGIN_ID) && !shown.contains(&mark), "{shown}");
        }
    }

    #[test]
    fn a_digest_from_which_something_could_be_guessed_is_hidden(mark in "zq[a-z]{8}") {
        let (key, digest) = (AccountKey::of_name(&mark), SecretDigest::of(&secret(&mark)));
        prop_assert_eq!(format!("{key:?} {digest:?}"), "AccountKey(…) SecretDigest(…)");
    }
}
