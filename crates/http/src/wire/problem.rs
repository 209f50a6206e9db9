use doorward_ports::FieldError;
use serde::Serialize;
use utoipa::ToSchema;

/// Why a request was refused (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemDocument {
    /// A URI that names the problem; its last part is the code.
    #[schema(format = "uri", examples("https://doorward.dev/problems/validation_failed"))]
    pub(crate) r#type: String,
    /// The problem in a few words.
    #[schema(examples("Validation failed"))]
    pub(crate) title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599, examples(422))]
    pub(crate) status: u16,
    /// Why, and what to do, for people.
    pub(crate) detail: String,
    /// The path that was asked for.
    #[schema(examples("/api/v1/auth/register"))]
    pub(crate) instance: String,
    /// Why, in a word that never changes.
    #[schema(pattern = "^[a-z0-9_]+$", examples("validation_failed"))]
    pub(crate) code: String,
    /// Names this request in the logs.
    pub(crate) correlation_id: String,
    /// The faulty fields, when the input is at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub(crate) errors: Vec<FieldProblem>,
}

/// What is wrong with one field.
#[derive(Serialize, ToSchema)]
pub(crate) struct FieldProblem {
    /// Where: a JSON pointer into the body, or `/` and the name of a query parameter.
    #[schema(examples("/email"))]
    pub(crate) pointer: String,
    /// Why, in a word that never changes.
    #[schema(pattern = "^[a-z0-9_]+$", examples("invalid_email"))]
    pub(crate) code: String,
    /// Why and what to do, for people.
    pub(crate) message: String,
}

impl From<&FieldError> for FieldProblem {
    fn from(fault: &FieldError) -> Self {
        Self { pointer: fault.pointer.clone(), code: fault.code.to_owned(), message: fault.message.clone() }
    }
}
