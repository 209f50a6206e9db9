use crate::context::{Context, Noted, Visitor};
use crate::fault::Fault;
use crate::limits::{self, Counted};
use crate::ports::Ports;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::schema::{self, Schema};
use doorward_domain::UserId;
use doorward_ports::access::Operation;
use doorward_ports::inbound::{RateLimitState, TokenPair};
use doorward_ports::{Actor, Error, ErrorCode};
use juniper::parser::{ParseError, parse_document_source};
use juniper::{DefaultScalarValue, ExecutionError, GraphQLError, OperationType, ValidatedOperation, Value, Variables};
use serde::Serialize;
use std::sync::OnceLock;

/// How many faults of a document are named; the others are usually their consequences.
const MOST_FAULTS: usize = 10;

/// What the operator decides.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Whether clients may read the schema.
    pub introspection: bool,
}

/// What a request may do, by how it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Only read.
    Reads,
    /// Everything.
    Writes,
}

/// The answer to a request, and what belongs around it.
#[derive(Debug, Default)]
pub struct Answered {
    /// The answer, in JSON.
    pub body: Vec<u8>,
    /// Why nothing was executed.
    pub fault: Option<Fault>,
    /// The strictest rate-limit state of its operations.
    pub rate_limit: Option<RateLimitState>,
    /// The caller of the access token.
    pub actor: Option<Actor>,
    /// The operations that were admitted, in order.
    pub checked: Vec<Operation>,
    /// All refusals, also those that are no errors of the answer. For the log.
    pub refusals: Vec<Error>,
    /// The last new tokens.
    pub issued: Option<TokenPair>,
    /// Whether the session of the request has ended.
    pub signed_out: bool,
    /// Whether it was a query.
    pub only_reads: bool,
    /// The code of the refusal, if the whole operation was refused.
    pub refused_with: Option<ErrorCode>,
}

impl Answered {
    /// The account that the request comes from, or has authenticated.
    #[must_use]
    pub fn user(&self) -> Option<UserId> {
        let of_the_token = match &self.actor {
            Some(Actor::User(signed_in)) => Some(signed_in.user),
            _ => None,
        };
        self.issued.as_ref().map(|pair| pair.user).or(of_the_token)
    }

    /// The answer to a request that was refused before anything was executed.
    #[must_use]
    pub fn refused(fault: Fault, detail: &str) -> Self {
        Self::of_errors(fault, serde_json::json!([{ "message": detail }]))
    }

    fn of_errors(fault: Fault, mut errors: serde_json::Value) -> Self {
        for error in errors.as_array_mut().into_iter().flatten() {
            error["extensions"] = serde_json::json!({ "code": fault.as_str() });
        }
        Self { body: json(&serde_json::json!({ "errors": errors })), fault: Some(fault), ..Self::default() }
    }

    fn with(self, noted: Noted) -> Self {
        Self {
            rate_limit: noted.rate_limit,
            actor: noted.actor,
            checked: noted.checked,
            refusals: noted.refusals,
            issued: noted.issued,
            signed_out: noted.signed_out,
            ..self
        }
    }
}

/// The whole GraphQL front end. The schema is made when it is first needed.
pub struct Graphql {
    ports: Ports,
    options: Options,
    schema: OnceLock<Schema>,
}

impl Graphql {
    /// GraphQL over these ports.
    #[must_use]
    pub fn new(ports: Ports, options: Options) -> Self {
        Self { ports, options, schema: OnceLock::new() }
    }

    /// Executes a request.
    pub async fn answer(&self, request: &Request, visitor: Visitor, method: Method) -> Answered {
        let schema = self.schema.get_or_init(|| schema::schema(self.options.introspection));
        let variables = request.variables.clone().unwrap_or_default();
        let checked = checked(schema, request, &variables, method);
        let is_mutation = checked.as_ref().is_ok_and(|(of, _)| of.operation_type() == OperationType::Mutation);
        let context = Context::new(self.ports.clone(), visitor, is_mutation);
        let answered = match checked {
            Ok((operation, counted)) => execute(&operation, counted, &variables, &context).await,
            Err(refused) => Ok(*refused),
        };
        match counted(answered, &context).await {
            Ok(answered) => answered.with(context.into_noted()),
            Err(refusal) => refused(refusal).with(context.into_noted()),
        }
    }
}

async fn execute(
    operation: &Operations<'_>,
    counted: Counted,
    variables: &Variables,
    context: &Context,
) -> Result<Answered, Refusal> {
    // The schema is documentation, and is counted like it.
    if counted.introspects {
        context.admit(Operation::ReadDocs).await?;
    }
    Ok(match operation.execute(variables, context).await {
        Ok((data, errors)) => {
            let only_reads = operation.operation_type() == OperationType::Query;
            Answered { body: body(&data, &errors), only_reads, ..Answered::default() }
        }
        Err(refused) => *of_document(&refused),
    })
}

/// A document that has asked for no operation is counted too, because to read it costs something.
async fn counted(answered: Result<Answered, Refusal>, context: &Context) -> Result<Answered, Refusal> {
    if answered.is_ok() && !context.has_asked() {
        context.admit(Operation::ReadDocs).await?;
    }
    answered
}

/// The refusal of the whole operation.
fn refused(refusal: Refusal) -> Answered {
    let code = refusal.code();
    let error = ExecutionError::at_origin(juniper::IntoFieldError::into_field_error(refusal));
    Answered { refused_with: Some(code), body: body(&Value::null(), &[error]), ..Answered::default() }
}

type Operations<'a> = ValidatedOperation<'a, schema::Query, schema::Mutation, schema::Subscription, DefaultScalarValue>;

/// The operation, if it keeps the limits and fits the schema. The limits come first: to validate a document can cost more.
fn checked<'a>(
    schema: &'a Schema,
    request: &'a Request,
    variables: &Variables,
    method: Method,
) -> Result<(Operations<'a>, Counted), Box<Answered>> {
    let document = parse_document_source(&request.query, &schema.schema)
        .map_err(|error| of_document(&GraphQLError::ParseError(error)))?;
    let name = request.operation_name.as_deref();
    let counted = limits::count(&document, name, schema, variables)
        .map_err(|(fault, detail)| Box::new(Answered::refused(fault, &detail)))?;
    let operation = ValidatedOperation::new(&request.query, name, schema).map_err(|error| of_document(&error))?;
    match operation.operation_type() {
        OperationType::Query => Ok((operation, counted)),
        OperationType::Mutation if method == Method::Writes => Ok((operation, counted)),
        OperationType::Mutation => {
            Err(Box::new(Answered::refused(Fault::QueriesOnly, "Send a mutation by POST. GET is for queries only.")))
        }
        OperationType::Subscription => Err(of_document(&GraphQLError::IsSubscription)),
    }
}

/// An error of a document or its variables, with its code.
fn of_document(error: &GraphQLError) -> Box<Answered> {
    let fault = match error {
        GraphQLError::ParseError(error) => match &error.item {
            ParseError::DepthLimitExceeded(_) => Fault::TooDeep,
            ParseError::TokenLimitExceeded(_) => Fault::TooLong,
            ParseError::FieldLimitExceeded(_) => Fault::TooManyFields,
            _ => Fault::Syntax,
        },
        _ => Fault::Invalid,
    };
    let mut errors = serde_json::to_value(error).unwrap_or_default();
    if let Some(errors) = errors.as_array_mut() {
        errors.truncate(MOST_FAULTS);
    }
    Box::new(Answered::of_errors(fault, errors))
}

#[derive(Serialize)]
struct Body<'a> {
    data: &'a Value,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ExecutionError<DefaultScalarValue>],
}

fn body(data: &Value, errors: &[ExecutionError<DefaultScalarValue>]) -> Vec<u8> {
    json(&Body { data, errors })
}

fn json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).expect("texts, numbers and lists of them are JSON")
}
