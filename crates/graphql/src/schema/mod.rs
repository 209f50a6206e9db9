//! The schema: its types, its queries and its mutations.
mod connection;
mod ids;
mod inputs;
mod mutation;
mod payloads;
mod query;
mod roles_of_page;
mod scalars;
mod types;

use crate::context::Context;
use crate::limits::{DEEPEST, MOST_FIELDS, MOST_TOKENS};
use juniper::{EmptySubscription, RootNode};

pub(crate) use mutation::Mutation;
pub(crate) use query::Query;

pub(crate) type Subscription = EmptySubscription<Context>;
pub(crate) type Schema = RootNode<Query, Mutation, Subscription>;

/// The whole schema, with its bounds.
pub(crate) fn schema(introspection: bool) -> Schema {
    let schema = Schema::new(Query, Mutation, EmptySubscription::new())
        .limit_depth(DEEPEST)
        .limit_tokens(MOST_TOKENS)
        .limit_fields(MOST_FIELDS);
    if introspection { schema } else { schema.disable_introspection() }
}
