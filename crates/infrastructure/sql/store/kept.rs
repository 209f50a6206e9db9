//! Statements that are kept prepared though diesel would prepare them again.
use crate::backend::Backend;
use diesel::QueryResult;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};

/// A statement whose text is always the same, or one of a few.
///
/// Diesel prepares every UPDATE again, and many an INSERT, because it can't know this. Preparing one takes SQLite longer
/// than running it, and costs PostgreSQL another round trip.
pub struct Kept<Statement> {
    statement: Statement,
    limit: Option<usize>,
}

pub trait Keep: Sized {
    fn kept(self) -> Kept<Self> {
        Kept { statement: self, limit: None }
    }

    /// With a limit of rows in its text. If the limit is an argument, SQLite prepares the statement again each time
    /// (`sqlite3ExprIsInteger`), and PostgreSQL takes a plan for any limit for dear and makes a new one each time.
    ///
    /// Each limit is one more text that is kept: there must be few.
    fn kept_with_limit(self, limit: usize) -> Kept<Self> {
        Kept { statement: self, limit: Some(limit) }
    }
}

impl<Statement: QueryFragment<Backend>> Keep for Statement {}

impl<Statement: QueryFragment<Backend>> QueryFragment<Backend> for Kept<Statement> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        self.statement.walk_ast(out.reborrow())?;
        if let Some(limit) = self.limit {
            out.push_sql(&format!(" LIMIT {limit}"));
        }
        Ok(())
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
