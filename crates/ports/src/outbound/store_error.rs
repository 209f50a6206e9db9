type Source = Box<dyn std::error::Error + Send + Sync>;

/// A value that must be unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unique {
    /// The e-mail address of an account.
    UserEmail,
    /// The username of an account.
    Username,
    /// The name of a role.
    Role,
    /// The name of a permission.
    Permission,
    /// The id of a client app.
    ClientApp,
    /// The name of a provider.
    Provider,
    /// The key of an identity at a provider.
    Identity,
}

/// Why an operation of the store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It can't be reached, or is full, read-only or overloaded; it may work later.
    #[error("the database is unavailable")]
    Unavailable(#[source] Source),
    /// A unique value already exists. The unit of work can't be used any more: drop it.
    #[error("a second {0:?}")]
    Duplicate(Unique),
    /// It contains a value that the types forbid, by an error or by a manual change.
    #[error("the database contains an invalid row: {table} {row}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The row.
        row: String,
        /// The problem.
        #[source]
        source: Source,
    },
    /// Any other reason.
    #[error("the database refused")]
    Failed(#[source] Source),
}
