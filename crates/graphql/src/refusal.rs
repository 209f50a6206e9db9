//! Refusals in their final form: errors of the answer, or user errors of a payload. Nothing else decides this.
use crate::context::Context;
use doorward_ports::limits::seconds_rounded_up;
use doorward_ports::{Error, ErrorCode, ErrorKind};
use juniper::{DefaultScalarValue, FieldError, GraphQLObject, IntoFieldError, ScalarValue, Value};

/// A refusal as an error of the answer: what the caller may know of it.
#[derive(Clone)]
pub(crate) struct Refusal {
    code: ErrorCode,
    message: String,
    extensions: Value,
}

impl Refusal {
    pub(crate) fn of(error: &Error) -> Self {
        let mut members = vec![("code", text(error.code.as_str())), ("status", number(error.code.status().into()))];
        if let Some(wait) = error.retry_after {
            members.push(("retryAfter", number(seconds_rounded_up(wait))));
        }
        if !error.fields.is_empty() {
            members.push(("fields", Value::list(error.fields.iter().map(field).collect())));
        }
        Self {
            code: error.code,
            message: error.detail.clone(),
            extensions: Value::object(members.into_iter().collect()),
        }
    }

    pub(crate) const fn code(&self) -> ErrorCode {
        self.code
    }
}

impl<S: ScalarValue> IntoFieldError<S> for Refusal {
    fn into_field_error(self) -> FieldError<S> {
        FieldError::new(self.message, self.extensions.map_scalar_value())
    }
}

fn field(fault: &doorward_ports::FieldError) -> Value {
    let pointer = text(&camel_case(&fault.pointer));
    let members = [("pointer", pointer), ("code", text(fault.code)), ("message", text(&fault.message))];
    Value::object(members.into_iter().collect())
}

fn text(text: &str) -> Value {
    Value::scalar(text.to_owned())
}

fn number(number: u64) -> Value {
    Value::Scalar(DefaultScalarValue::Int(i32::try_from(number).unwrap_or(i32::MAX)))
}

/// A refusal that the user of a client can do something about.
#[derive(GraphQLObject)]
#[graphql(context = Context)]
pub(crate) struct UserError {
    /// The error code, which never changes. It is that of REST.
    code: String,
    /// The reason of the refusal and what to do, for people.
    message: String,
    /// The faulty fields of the input, for the code `validation_failed`.
    fields: Vec<FieldProblem>,
    /// The number of seconds after which to try again, if that helps.
    retry_after: Option<i32>,
}

/// A fault in one field of the input.
#[derive(GraphQLObject)]
#[graphql(context = Context)]
pub(crate) struct FieldProblem {
    /// The field: a JSON pointer (RFC 6901) into the input.
    pointer: String,
    /// The error code of the fault, which never changes.
    code: String,
    /// The reason and what to do, for people.
    message: String,
}

impl From<&Error> for UserError {
    fn from(error: &Error) -> Self {
        let wait = error.retry_after.map(|wait| i32::try_from(seconds_rounded_up(wait)).unwrap_or(i32::MAX));
        let fields = error.fields.iter().map(|fault| FieldProblem {
            pointer: camel_case(&fault.pointer),
            code: fault.code.to_owned(),
            message: fault.message.clone(),
        });
        let (code, message) = (error.code.as_str().to_owned(), error.detail.clone());
        Self { code, message, fields: fields.collect(), retry_after: wait }
    }
}

/// The payload of a mutation.
pub(crate) trait Payload {
    /// With these user errors, and nothing else.
    fn refused(errors: Vec<UserError>) -> Self;
}

impl Context {
    /// The payload of a mutation: its value, or its user errors. What the user can do nothing about is an error of the answer.
    pub(crate) fn payload<T, P: Payload>(
        &self,
        result: doorward_ports::Result<T>,
        done: impl FnOnce(T) -> P,
    ) -> Result<Option<P>, Refusal> {
        match result {
            Ok(value) => Ok(Some(done(value))),
            Err(error) if is_for_users(&error) => {
                let payload = P::refused(vec![UserError::from(&error)]);
                self.refused(error);
                Ok(Some(payload))
            }
            Err(error) => Err(self.refused(error)),
        }
    }
}

const fn is_for_users(error: &Error) -> bool {
    !matches!(error.kind(), ErrorKind::RateLimited | ErrorKind::Unavailable | ErrorKind::Internal)
}

/// Ports name fields as REST does: `/full_name` is `/fullName` here.
pub(crate) fn camel_case(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |mut name, part| {
        let mut letters = part.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name + letters.as_str()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_have_the_names_of_the_schema() {
        for (rest, here) in [("/full_name", "/fullName"), ("/email", "/email"), ("", ""), ("/a_b/c_d", "/aB/cD")] {
            assert_eq!(camel_case(rest), here);
        }
    }

    #[test]
    fn what_users_can_do_nothing_about_is_no_user_error() {
        for code in ErrorCode::ALL {
            let status = code.status();
            assert_eq!(is_for_users(&Error::new(*code, "")), status != 429 && status < 500, "{code:?}");
        }
    }
}
