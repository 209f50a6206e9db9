use crate::postgres::Server;
use crate::sqlite::File;

/// Why a URL names no database, and what to write instead.
#[derive(Debug, thiserror::Error)]
pub enum UrlError {
    /// Neither of the two schemes.
    #[error("the database URL must begin with sqlite:// (a file, as in sqlite://data/doorward.db) or postgres://")]
    Scheme,
    /// `sqlite://` without a path, or in memory, where the connections would not see each other.
    #[error("the database URL must name a file, as in sqlite://data/doorward.db")]
    NoFile,
    /// A parameter that is not known, or a value that can't be read.
    #[error("the database URL's parameter {name} {problem}")]
    Parameter {
        /// Its name.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
    /// PostgreSQL's part of the URL can't be read. The text names no password.
    #[error("the database URL is not one of PostgreSQL's, as in postgres://USER:PASSWORD@HOST/DATABASE: {0}")]
    Postgres(String),
    /// The file of `sslrootcert` holds no certificate that can be read.
    #[error("the file {path}, named by sslrootcert in the database URL, holds no certificate: {problem}")]
    RootCertificate {
        /// The file.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// Where the database is.
pub enum Location {
    Sqlite(File),
    Postgres(Box<Server>),
}

impl Location {
    pub fn parse(url: &str) -> Result<Self, UrlError> {
        if let Some(rest) = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")) {
            return File::parse(rest).map(Self::Sqlite);
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Server::parse(url).map(|server| Self::Postgres(Box::new(server)));
        }
        Err(UrlError::Scheme)
    }
}

/// Cuts `?a=1&b=2` off a URL.
pub fn split_parameters(url: &str) -> (&str, Vec<(&str, &str)>) {
    let Some((base, query)) = url.split_once('?') else { return (url, Vec::new()) };
    let pair = |parameter| str::split_once(parameter, '=').unwrap_or((parameter, ""));
    (base, query.split('&').filter(|p| !p.is_empty()).map(pair).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_of_another_database_is_refused_with_the_cure() {
        for url in ["", "mysql://x", "data/doorward.db", "redis://127.0.0.1"] {
            let Err(refusal) = Location::parse(url) else { panic!("{url} is taken") };
            assert!(refusal.to_string().contains("sqlite://data/doorward.db"), "{refusal}");
        }
    }

    #[test]
    fn a_database_in_memory_is_refused() {
        for url in ["sqlite://", "sqlite://:memory:", "sqlite::memory:"] {
            assert!(matches!(Location::parse(url), Err(UrlError::NoFile)), "{url}");
        }
    }

    #[test]
    fn a_refusal_tells_no_password() {
        let Err(refusal) = Location::parse("postgres://ann:s3cret@host:port/db") else {
            panic!("the port is no number")
        };
        assert!(!refusal.to_string().contains("s3cret"), "{refusal}");
    }
}
