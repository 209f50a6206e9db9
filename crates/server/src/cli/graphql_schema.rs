//! `doorward graphql-schema`: the schema of the GraphQL API, with who may use each field.

use super::print;
use crate::failure::Failure;

pub fn run() -> Result<(), Failure> {
    print::text(&doorward_http::graphql_schema())
}
