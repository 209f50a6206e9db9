use doorward_ports::outbound::Unique;

/// What an error of a database means to whoever asked.
#[derive(Debug, PartialEq, Eq)]
pub enum Diagnosis {
    /// It may answer later; what an operator should do.
    Unavailable(&'static str),
    /// The row would be the second of something unique.
    Duplicate(Unique),
    /// A bug of ours, or of whoever changed the schema.
    Failed,
}
