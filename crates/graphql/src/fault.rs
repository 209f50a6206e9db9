//! The refusals of this front end itself: a table like that of the use cases.

/// The kind of such a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// The request is no GraphQL request.
    Request,
    /// The document, or its variables.
    Document,
    /// The operation, as it was sent.
    Method,
}

doorward_ports::codes! {
    /// The reason of a refusal before anything was executed, as a name that never changes. Each has a page in
    /// `docs/problems/`.
    pub enum Fault: FaultKind {
        /// The parameters of the request are missing, or have another type.
        InvalidRequest = "graphql_invalid_request", Request, "Invalid GraphQL request";
        /// The request is a list of requests.
        Batch = "graphql_batch", Request, "Batch of GraphQL requests";
        /// The document can't be parsed.
        Syntax = "graphql_syntax", Document, "GraphQL syntax error";
        /// The document or its variables do not fit the schema, or no operation is selected.
        Invalid = "graphql_invalid", Document, "Invalid GraphQL document";
        /// The document has too many tokens.
        TooLong = "graphql_too_long", Document, "GraphQL document too long";
        /// The document nests too deep.
        TooDeep = "graphql_too_deep", Document, "GraphQL document too deep";
        /// The operation has too many aliases.
        TooManyAliases = "graphql_too_many_aliases", Document, "Too many GraphQL aliases";
        /// The operation has too many fields, fragments included.
        TooManyFields = "graphql_too_many_fields", Document, "Too many GraphQL fields";
        /// The lists of the operation multiply to too many values.
        TooCostly = "graphql_too_costly", Document, "GraphQL operation too costly";
        /// The request may only read, and the operation is no query.
        QueriesOnly = "graphql_queries_only", Method, "Only GraphQL queries";
    }
}
