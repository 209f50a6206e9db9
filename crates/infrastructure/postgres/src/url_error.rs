/// Why a URL is not a PostgreSQL URL.
#[derive(Debug, thiserror::Error)]
pub enum UrlError {
    /// It can't be parsed. The text contains no password.
    #[error("the database URL is not a PostgreSQL URL such as postgres://USER:PASSWORD@HOST/DATABASE: {0}")]
    Unreadable(String),
    /// A password contains a character that ends a part of the URL: the rest of the password would become a host, a
    /// database or a parameter, and would be shown as such.
    #[error(
        "the database URL has a character that is not escaped, in its user or password most likely: write @ as %40, # as %23, \
         / as %2F and ? as %3F"
    )]
    Unescaped,
    /// A value of `sslmode` that is not known.
    #[error("in the database URL, sslmode must be disable, prefer, require or verify-full")]
    SslMode,
    /// The file of `sslrootcert` can't be used.
    #[error("the file {path} of sslrootcert in the database URL can't be used: {problem}")]
    RootCertificate {
        /// The file.
        path: String,
        /// The problem.
        problem: String,
    },
}
