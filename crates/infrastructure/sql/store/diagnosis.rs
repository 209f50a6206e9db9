use doorward_ports::outbound::Unique;

/// The meaning of a database error for the caller.
#[derive(Debug, PartialEq, Eq)]
pub enum Diagnosis {
    /// It may work later; with what the operator should do.
    Unavailable(&'static str),
    /// A unique value already exists.
    Duplicate(Unique),
    /// An error in Doorward, or in a change of the schema.
    Failed,
}
