use crate::Client;
use uuid::Uuid;

const LONGEST: usize = 63;
/// Letters and digits that can't be confused with others.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Why a text is not the id of a client app, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClientIdError {
    /// It is empty.
    #[error("The client id is empty; enter one such as billing or reports.api, or omit it to get a generated id.")]
    Empty,
    /// It has more than 63 characters.
    #[error("The client id is too long; it may have up to 63 characters.")]
    TooLong,
    /// It begins with a dot, dash or underscore.
    #[error("The client id must begin with a lower-case letter a-z or a digit.")]
    Start,
    /// It has a character other than lower-case letters, digits and `. _ -`.
    #[error(
        "The client id has a character that is not allowed; use a-z in lower case, digits, dots, dashes and underscores."
    )]
    Character,
    /// It could be confused with the id of an account.
    #[error("The client id looks like the id of an account, and could be confused with it; choose a word.")]
    LooksLikeAccount,
}

/// The id of a client app: the `client_id` of its tokens, and the `sub` of its own tokens. It matches
/// `^[a-z0-9][a-z0-9._-]{0,62}$` and is not a UUID.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(String);

value!(ClientId, ClientIdError);

impl ClientId {
    /// Checks an id. It has only one spelling, so nothing is folded.
    ///
    /// # Errors
    /// [`ClientIdError`], whose text says what to do.
    pub fn parse(text: &str) -> Result<Self, ClientIdError> {
        if text.is_empty() {
            return Err(ClientIdError::Empty);
        }
        if text.len() > LONGEST {
            return Err(ClientIdError::TooLong);
        }
        if !text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b)) {
            return Err(ClientIdError::Character);
        }
        if text.starts_with(['.', '_', '-']) {
            return Err(ClientIdError::Start);
        }
        // RFC 9700 §4.15: if the id of a client were the id of a user, a reader of `sub` alone would take the client
        // for the user.
        if Uuid::try_parse(text).is_ok() {
            return Err(ClientIdError::LooksLikeAccount);
        }
        Ok(Self(text.to_owned()))
    }

    /// Creates an id from fresh randomness, such as `app-k7wq2m4xj9pz3rhn`: 80 bits.
    #[must_use]
    pub fn mint(randomness: [u8; 16]) -> Self {
        let letters = randomness.map(|byte| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
        Self(format!("app-{}", String::from_iter(letters)))
    }

    /// Whether it is the id of Doorward's own client, which nobody can create.
    #[must_use]
    pub fn is_built_in(&self) -> bool {
        *self == Client::doorward()
    }
}

impl From<&ClientId> for Client {
    fn from(id: &ClientId) -> Self {
        Self::from_id(id.0.clone())
    }
}

impl PartialEq<Client> for ClientId {
    fn eq(&self, client: &Client) -> bool {
        self.0 == client.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::laws;
    use proptest::prelude::*;

    #[test]
    fn rfc_9700_4_15_a_client_id_that_could_be_an_accounts_is_refused() {
        for text in ["0190a5c4-7e1b-7c3d-8f00-1234567890ab", "0190a5c47e1b7c3d8f001234567890ab"] {
            assert_eq!(ClientId::parse(text), Err(ClientIdError::LooksLikeAccount), "{text}");
        }
    }

    #[test]
    fn an_id_is_written_in_one_way_only() {
        for text in ["Billing", " billing", "bill ing", "billing\0", "bil/ing", "b:c", "bílling"] {
            assert_eq!(ClientId::parse(text), Err(ClientIdError::Character), "{text:?}");
        }
        assert_eq!(ClientId::parse("-a"), Err(ClientIdError::Start));
        assert_eq!(ClientId::parse(""), Err(ClientIdError::Empty));
        assert_eq!(ClientId::parse(&"a".repeat(64)), Err(ClientIdError::TooLong));
        assert!(ClientId::parse(&"a".repeat(63)).is_ok());
    }

    #[test]
    fn the_sign_in_of_doorward_itself_is_known_by_its_id() {
        assert!(ClientId::parse("doorward").unwrap().is_built_in());
        assert!(!ClientId::parse("doorward2").unwrap().is_built_in());
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_what_was_written(text in laws::texts("[a-zA-Z0-9._-]{0,65}")) {
            if let Some(id) = laws::parsing_settles::<ClientId>(&text)? {
                prop_assert_eq!(id.as_str(), &text);
            }
        }

        #[test]
        fn a_made_up_id_is_an_id(randomness: [u8; 16]) {
            let id = ClientId::mint(randomness);
            prop_assert_eq!(ClientId::parse(id.as_str()), Ok(id));
        }
    }
}
