use doorward_ports::FieldError;
use doorward_views::OfferedFactor;
use serde::Serialize;
use utoipa::ToSchema;

/// A problem document: the reason of a refusal (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemDocument {
    /// A URI for the kind of problem. Its last part is the code.
    #[schema(format = "uri", examples("https://doorward.dev/problems/validation_failed"))]
    pub(crate) r#type: String,
    /// The kind of problem in a few words.
    #[schema(examples("Validation failed"))]
    pub(crate) title: String,
    /// The HTTP status of the answer.
    #[schema(minimum = 400, maximum = 599, examples(422))]
    pub(crate) status: u16,
    /// The reason of the refusal and what to do, for people.
    pub(crate) detail: String,
    /// The path of the request.
    #[schema(examples("/api/v1/auth/register"))]
    pub(crate) instance: String,
    /// The error code: the kind of problem as a name that never changes.
    #[schema(pattern = "^[a-z0-9_]+$", examples("validation_failed"))]
    pub(crate) code: String,
    /// The correlation id of the request, which its log lines contain.
    pub(crate) correlation_id: String,
    /// The faulty fields of the input, for the code `validation_failed`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub(crate) errors: Vec<FieldProblem>,
    /// With `mfa_required`, the token with which the sign-in continues: `POST /api/v1/auth/mfa/verify`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) mfa_token: Option<String>,
    /// With `mfa_required`, the second factors of the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) factors: Option<Vec<OfferedFactor>>,
    /// With `mfa_required`, the number of seconds for which `mfa_token` can be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) expires_in: Option<u64>,
}

/// A fault in one field of the input.
#[derive(Serialize, ToSchema)]
pub(crate) struct FieldProblem {
    /// The field: a JSON pointer into the body, or `/` and the name of a query parameter.
    #[schema(examples("/email"))]
    pub(crate) pointer: String,
    /// The error code: the kind of problem as a name that never changes.
    #[schema(pattern = "^[a-z0-9_]+$", examples("invalid_email"))]
    pub(crate) code: String,
    /// The reason and what to do, for people.
    pub(crate) message: String,
}

impl From<&FieldError> for FieldProblem {
    fn from(fault: &FieldError) -> Self {
        Self { pointer: fault.pointer.clone(), code: fault.code.to_owned(), message: fault.message.clone() }
    }
}
