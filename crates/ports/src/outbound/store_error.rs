type Source = Box<dyn std::error::Error + Send + Sync>;

/// Something of which there may be only one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unique {
    /// An account's e-mail address.
    UserEmail,
    /// An account's username.
    Username,
    /// A role's name.
    Role,
    /// A permission's name.
    Permission,
    /// A client app's id.
    ClientApp,
}

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be reached, is full, read-only or overloaded: later it may answer.
    #[error("the database is unavailable")]
    Unavailable(#[source] Source),
    /// The row would be the second of something unique. The unit of work is void: drop it.
    #[error("a second {0:?}")]
    Duplicate(Unique),
    /// It holds something that the types forbid: a bug, or somebody's hand.
    #[error("the database holds what it must not: {table} {row}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// Which row.
        row: String,
        /// What is wrong with it.
        #[source]
        source: Source,
    },
    /// Anything else.
    #[error("the database refused")]
    Failed(#[source] Source),
}
