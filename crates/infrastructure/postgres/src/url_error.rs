/// Why a URL names no server of PostgreSQL.
#[derive(Debug, thiserror::Error)]
pub enum UrlError {
    /// It can't be read. The text names no password.
    #[error("the database URL is not one of PostgreSQL's, as in postgres://USER:PASSWORD@HOST/DATABASE: {0}")]
    Unreadable(String),
    /// A character that ends a part of the URL stands where a password would have it: the rest of the password would be
    /// taken for a host, a database or a parameter, and be told as such.
    #[error(
        "the database URL has a character that is not escaped, in its user or password most likely: write @ as %40, # as %23, \
         / as %2F and ? as %3F"
    )]
    Unescaped,
    /// A value of `sslmode` that can't be read.
    #[error("the database URL's parameter sslmode must be disable, prefer, require or verify-full")]
    SslMode,
    /// The file of `sslrootcert` holds no certificate that can be read.
    #[error("the file {path}, named by sslrootcert in the database URL, holds no certificate: {problem}")]
    RootCertificate {
        /// The file.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
}
