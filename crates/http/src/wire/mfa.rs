use doorward_domain::{FactorId, IdError, SecondFactor};
use doorward_ports::inbound::{self, ConfirmedFactor, EnrolledTotp, FactorList, FactorProof, MfaVerification, given};
use doorward_ports::{Error, FieldError, Secret};
use doorward_views::Factor;
use qrcode::QrCode;
use qrcode::render::svg;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The second step of a sign-in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Verification {
    /// The `mfa_token` of the first step.
    #[schema(value_type = String, max_length = 1024, write_only)]
    mfa_token: Secret,
    /// The factor. Without it, the code may be of any factor of the account.
    #[serde(default, deserialize_with = "given")]
    #[schema(format = Uuid, nullable = false)]
    factor_id: Option<String>,
    /// `totp` for a code of an authenticator, or `recovery_code`.
    #[schema(pattern = "^(totp|recovery_code)$")]
    method: String,
    /// The code.
    #[schema(value_type = String, max_length = 1024, write_only)]
    code: Secret,
}

impl TryFrom<Verification> for MfaVerification {
    type Error = Error;

    fn try_from(body: Verification) -> Result<Self, Error> {
        let proof = proof(&body.method, body.factor_id.as_deref(), body.code)?;
        Ok(Self { mfa_token: body.mfa_token, proof })
    }
}

/// The input of an authentication within a session: `password`, or `method` and `code`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reauthentication {
    /// The password of the account.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Password, max_length = 1024, write_only, nullable = false)]
    password: Option<Secret>,
    /// How the second factor is proved.
    #[serde(default, deserialize_with = "given")]
    #[schema(pattern = "^(totp|recovery_code)$", nullable = false)]
    method: Option<String>,
    /// The factor. Without it, the code may be of any factor of the account.
    #[serde(default, deserialize_with = "given")]
    #[schema(format = Uuid, nullable = false)]
    factor_id: Option<String>,
    /// The code of the second factor.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 1024, write_only, nullable = false)]
    code: Option<Secret>,
}

impl TryFrom<Reauthentication> for inbound::Reauthentication {
    type Error = Error;

    fn try_from(body: Reauthentication) -> Result<Self, Error> {
        match (body.password, body.method, body.code) {
            (Some(password), None, None) if body.factor_id.is_none() => Ok(Self::Password(password)),
            (None, Some(method), Some(code)) => proof(&method, body.factor_id.as_deref(), code).map(Self::Factor),
            (None, None, None) => Err(wrong("/password", "required", "is required, or method and code.")),
            _ => Err(wrong("", "required", "Send password alone, or method and code of a second factor.")),
        }
    }
}

fn proof(method: &str, factor: Option<&str>, code: Secret) -> Result<FactorProof, Error> {
    let unknown = || wrong("/method", "invalid_method", "must be totp or recovery_code.");
    let method = SecondFactor::from_name(method).ok_or_else(unknown)?;
    let no_id = |error: IdError| wrong("/factor_id", "invalid_id", &error.to_string());
    Ok(FactorProof { method, factor: factor.map(str::parse::<FactorId>).transpose().map_err(no_id)?, code })
}

fn wrong(pointer: &str, code: &'static str, message: &str) -> Error {
    Error::invalid(vec![FieldError { pointer: pointer.to_owned(), code, message: message.to_owned() }])
}

/// The second factors of an account.
#[derive(Serialize, ToSchema)]
pub(crate) struct Factors {
    /// The factors that a sign-in asks for, oldest first.
    factors: Vec<Factor>,
    /// The number of recovery codes that are not used.
    recovery_codes_left: usize,
}

impl From<FactorList> for Factors {
    fn from(list: FactorList) -> Self {
        let factors = list.factors.into_iter().map(Factor::from).collect();
        Self { factors, recovery_codes_left: list.recovery_codes_left }
    }
}

/// The input of an enrolment.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTotp {
    /// The name of the factor, for its owner.
    #[serde(default, deserialize_with = "given")]
    #[schema(min_length = 1, max_length = 64, nullable = false)]
    pub(crate) name: Option<String>,
}

/// An authenticator whose enrolment has begun. The secret is shown only in this answer.
#[derive(Serialize, ToSchema)]
pub(crate) struct TotpEnrolment {
    /// The id of the factor.
    #[schema(format = Uuid)]
    id: String,
    /// The secret in base32, for people who type it into their authenticator.
    secret: String,
    /// The same as a URI, which authenticators on the same device open.
    otpauth_uri: String,
    /// The URI as a QR code: an SVG image.
    qr_svg: String,
}

impl TryFrom<EnrolledTotp> for TotpEnrolment {
    type Error = Error;

    fn try_from(enrolled: EnrolledTotp) -> Result<Self, Error> {
        let uri = enrolled.otpauth_uri.expose();
        let code = QrCode::new(uri).map_err(Error::internal)?;
        Ok(Self {
            id: enrolled.factor.id.to_string(),
            secret: enrolled.secret.expose().to_owned(),
            otpauth_uri: uri.to_owned(),
            qr_svg: code.render::<svg::Color<'_>>().build(),
        })
    }
}

/// The first code of an authenticator.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TotpConfirmation {
    /// The code.
    #[schema(value_type = String, max_length = 1024, write_only)]
    pub(crate) code: Secret,
}

/// A confirmed factor.
#[derive(Serialize, ToSchema)]
pub(crate) struct Confirmed {
    factor: Factor,
    /// With the first factor of an account: its recovery codes, each of which signs in once. They are shown only in this
    /// answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    recovery_codes: Option<Vec<String>>,
}

impl From<ConfirmedFactor> for Confirmed {
    fn from(confirmed: ConfirmedFactor) -> Self {
        let recovery_codes = confirmed.recovery_codes.map(texts);
        Self { factor: confirmed.factor.into(), recovery_codes }
    }
}

/// The new recovery codes of an account, which replace all earlier ones. They are shown only in this answer.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryCodes {
    recovery_codes: Vec<String>,
}

impl From<Vec<Secret>> for RecoveryCodes {
    fn from(codes: Vec<Secret>) -> Self {
        Self { recovery_codes: texts(codes) }
    }
}

fn texts(codes: Vec<Secret>) -> Vec<String> {
    codes.into_iter().map(|code| code.expose().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_domain::TotpSeed;

    /// RFC 5321 §4.5.3.1: no address is longer.
    #[test]
    fn the_longest_address_fits_into_a_qr_code() {
        let uri = TotpSeed::new([7; 20]).otpauth_uri(&"ß".repeat(64), &"+".repeat(254));
        let svg = QrCode::new(uri.as_str()).unwrap().render::<svg::Color<'_>>().build();
        assert!(svg.starts_with("<?xml") && svg.ends_with("</svg>"));
    }
}
