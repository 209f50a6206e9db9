//! Single values of a provider's configuration.
use super::name::ProviderName;
use crate::Email;
use std::fmt;
use uuid::Uuid;

/// Why a text is not the client id that a provider has issued, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProviderClientIdError {
    /// It is empty.
    #[error("The client id is empty; copy it from the provider's console.")]
    Empty,
    /// It has more than 255 characters.
    #[error("The client id is too long; it may have up to 255 characters.")]
    TooLong,
    /// It has white space, or a character beyond ASCII.
    #[error("The client id has a space or a character beyond ASCII in it; copy it from the provider's console.")]
    Character,
}

/// The client id that a provider has issued for Doorward (RFC 6749 §2.2): printable ASCII without blanks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderClientId(String);

value!(ProviderClientId, ProviderClientIdError);

impl ProviderClientId {
    /// Checks an id; it is kept as it is written.
    ///
    /// # Errors
    /// [`ProviderClientIdError`], whose text says what to do.
    pub fn parse(text: &str) -> Result<Self, ProviderClientIdError> {
        if text.is_empty() {
            return Err(ProviderClientIdError::Empty);
        }
        if !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(ProviderClientIdError::Character);
        }
        if text.len() > 255 {
            return Err(ProviderClientIdError::TooLong);
        }
        Ok(Self(text.to_owned()))
    }
}

/// Why a text is not an id of a provider's console, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("This is not such an id; copy it from the provider's console: up to 64 letters and digits.")]
pub struct ConsoleIdError;

/// An id that the console of a provider shows, such as that of a team or of a key: ASCII letters and digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConsoleId(String);

value!(ConsoleId, ConsoleIdError);

impl ConsoleId {
    /// Checks an id; it is kept as it is written.
    ///
    /// # Errors
    /// [`ConsoleIdError`], whose text says what to do.
    pub fn parse(text: &str) -> Result<Self, ConsoleIdError> {
        let formed = (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
        if formed { Ok(Self(text.to_owned())) } else { Err(ConsoleIdError) }
    }
}

/// Whether a text begins like a private key as PKCS#8 PEM (RFC 7468 §10), as consoles let one download it.
#[must_use]
pub fn begins_like_a_private_key(pem: &str) -> bool {
    pem.trim_start().starts_with("-----BEGIN PRIVATE KEY-----")
}

/// Why a text is not a scope, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// It is empty.
    #[error("The scope is empty; enter one such as email, or omit it.")]
    Empty,
    /// It has more than 200 characters.
    #[error("The scope is too long; it may have up to 200 characters.")]
    TooLong,
    /// It has a blank, a quote, a backslash, or a character beyond ASCII.
    #[error("The scope has a blank or another character that is not allowed; write each scope by itself.")]
    Character,
}

/// One scope that a provider is asked for (RFC 6749 §3.3).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(String);

value!(Scope, ScopeError);

impl Scope {
    /// Checks a scope; it is kept as it is written.
    ///
    /// # Errors
    /// [`ScopeError`], whose text says what to do.
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        if text.is_empty() {
            return Err(ScopeError::Empty);
        }
        if !text.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\') {
            return Err(ScopeError::Character);
        }
        if text.len() > 200 {
            return Err(ScopeError::TooLong);
        }
        Ok(Self(text.to_owned()))
    }
}

/// Why a text is not the domain of e-mail addresses, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("This is not the domain of e-mail addresses; write it as in example.com, without @ and *.")]
pub struct EmailDomainError;

/// The domain of e-mail addresses, in the normal form of [`Email`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailDomain(String);

value!(EmailDomain, EmailDomainError);

/// It is part of a configuration, and says nothing of a person.
impl fmt::Debug for EmailDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmailDomain({})", self.0)
    }
}

impl EmailDomain {
    /// Normalises a domain as that of an e-mail address.
    ///
    /// # Errors
    /// [`EmailDomainError`], if no address can have this domain.
    pub fn parse(text: &str) -> Result<Self, EmailDomainError> {
        if text.contains('@') {
            return Err(EmailDomainError);
        }
        let address = Email::parse(&format!("a@{text}")).map_err(|_| EmailDomainError)?;
        Ok(Self(address.domain().to_owned()))
    }

    /// Whether an address has this domain; a subdomain is another domain.
    #[must_use]
    pub fn has(&self, address: &Email) -> bool {
        address.domain() == self.0
    }
}

/// Why a text is not the id of a tenant, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("This is not the id of a tenant; copy the directory (tenant) id, as in 72f988bf-86f1-41af-91ab-2d7cd011db47.")]
pub struct TenantIdError;

/// The id of a tenant of Microsoft Entra ID: a UUID in lower case, as `tid` of its tokens contains it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId(String);

value!(TenantId, TenantIdError);

impl TenantId {
    /// Reads a UUID.
    ///
    /// # Errors
    /// [`TenantIdError`], whose text shows an example.
    pub fn parse(text: &str) -> Result<Self, TenantIdError> {
        Uuid::try_parse(text).map(|id| Self(id.hyphenated().to_string())).map_err(|_| TenantIdError)
    }
}

/// Why a text is not the icon of a provider, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("This is not an icon; write the name of one, such as google, or an https:// URL of up to 2048 characters.")]
pub struct ProviderIconError;

/// The icon of a provider, for sign-in pages: the name of a known one, or an `https` URL.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderIcon(String);

value!(ProviderIcon, ProviderIconError);

impl ProviderIcon {
    /// Checks an icon; it is kept as it is written.
    ///
    /// # Errors
    /// [`ProviderIconError`], whose text says what to do.
    pub fn parse(text: &str) -> Result<Self, ProviderIconError> {
        // A page would show it: no quote, no angle bracket, no script.
        let in_url = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/?@!$&()+,;=%".contains(&b);
        let is_url = text.len() <= 2048
            && text.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(in_url));
        if is_url || ProviderName::parse(text).is_ok() { Ok(Self(text.to_owned())) } else { Err(ProviderIconError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::laws;
    use proptest::prelude::*;

    #[test]
    fn client_ids_are_as_providers_write_them() {
        for text in ["1234-ab.apps.googleusercontent.com", "0oa1", "Iv1.8a61f9b3a7aba766"] {
            assert_eq!(ProviderClientId::parse(text).unwrap().as_str(), text);
        }
        assert_eq!(ProviderClientId::parse(""), Err(ProviderClientIdError::Empty));
        assert_eq!(ProviderClientId::parse("a b"), Err(ProviderClientIdError::Character));
        assert_eq!(ProviderClientId::parse(&"a".repeat(256)), Err(ProviderClientIdError::TooLong));
    }

    #[test]
    fn rfc_6749_3_3_a_scope_has_no_blank_quote_or_backslash() {
        for text in ["openid", "user:email", "https://graph.example.com/.default", "api://x/y"] {
            assert_eq!(Scope::parse(text).unwrap().as_str(), text);
        }
        for text in ["openid email", "a\"", "a\\", "é"] {
            assert_eq!(Scope::parse(text), Err(ScopeError::Character), "{text}");
        }
        assert_eq!(Scope::parse(""), Err(ScopeError::Empty));
        assert_eq!(Scope::parse(&"a".repeat(201)), Err(ScopeError::TooLong));
    }

    #[test]
    fn a_domain_is_compared_in_the_normal_form_and_without_subdomains() {
        let domain = EmailDomain::parse("BÜCHER.example").unwrap();
        assert_eq!(domain.as_str(), "xn--bcher-kva.example");
        assert!(domain.has(&Email::parse("Ann@bücher.example").unwrap()));
        assert!(!domain.has(&Email::parse("ann@mail.bücher.example").unwrap()));
        assert!(!domain.has(&Email::parse("ann@evilxn--bcher-kva.example").unwrap()));
        for text in ["", "example", "*.example.com", "a@example.com", "@example.com", "127.0.0.1"] {
            assert_eq!(EmailDomain::parse(text), Err(EmailDomainError), "{text}");
        }
    }

    #[test]
    fn a_tenant_is_a_uuid_in_lower_case() {
        let tenant = TenantId::parse("72F988BF-86F1-41AF-91AB-2D7CD011DB47").unwrap();
        assert_eq!(tenant.as_str(), "72f988bf-86f1-41af-91ab-2d7cd011db47");
        for text in ["", "common", "contoso.onmicrosoft.com"] {
            assert_eq!(TenantId::parse(text), Err(TenantIdError), "{text}");
        }
    }

    #[test]
    fn an_icon_can_be_put_on_a_page() {
        for text in ["google", "https://cdn.example.com/a.svg?v=1"] {
            assert_eq!(ProviderIcon::parse(text).unwrap().as_str(), text);
        }
        for text in ["", "http://a.example/a.svg", "javascript:alert(1)", "https://a/\"><script>", "https://", "a b"] {
            assert_eq!(ProviderIcon::parse(text), Err(ProviderIconError), "{text}");
        }
    }

    proptest! {
        #[test]
        fn parsers_settle(text in laws::texts("(https://)?[a-zA-Z0-9.:@/%-]{0,40}")) {
            laws::parsing_settles::<ProviderClientId>(&text)?;
            laws::parsing_settles::<Scope>(&text)?;
            laws::parsing_settles::<EmailDomain>(&text)?;
            laws::parsing_settles::<TenantId>(&text)?;
            laws::parsing_settles::<ProviderIcon>(&text)?;
        }

        #[test]
        fn every_uuid_is_a_tenant(bytes: [u8; 16]) {
            let id = Uuid::from_bytes(bytes).to_string();
            prop_assert_eq!(TenantId::parse(&id).map(|tenant| tenant.as_str().to_owned()), Ok(id));
        }
    }
}
