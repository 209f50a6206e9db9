//! Statements that change something are kept prepared, as diesel does for statements that read.
use crate::backend::Backend;
use diesel::QueryResult;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};

/// A statement whose text is always the same, or one of a few.
///
/// Diesel prepares every UPDATE again, and many an INSERT, because it can't know this. Preparing one takes SQLite longer
/// than running it, and costs PostgreSQL another round trip.
pub struct Kept<Statement>(Statement);

pub trait Keep: Sized {
    fn kept(self) -> Kept<Self> {
        Kept(self)
    }
}

impl<Statement: QueryFragment<Backend>> Keep for Statement {}

impl<Statement: QueryFragment<Backend>> QueryFragment<Backend> for Kept<Statement> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, _: &Backend) -> QueryResult<bool> {
        Ok(true)
    }
}

/// Its text identifies it.
impl<Statement> QueryId for Kept<Statement> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Statement: Query> Query for Kept<Statement> {
    type SqlType = Statement::SqlType;
}
