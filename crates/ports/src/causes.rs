use std::error::Error;
use std::fmt;

/// An error with all its causes, each once: `it can't be opened: no connection: it was refused`. For operators and the
/// log, never for a caller.
pub struct Causes<'a>(pub &'a (dyn Error + 'static));

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = self.0.to_string();
        for cause in std::iter::successors(self.0.source(), |error| (**error).source()) {
            let cause = cause.to_string();
            // Some errors include their source in their own text.
            if !told.contains(&cause) {
                told = format!("{told}: {cause}");
            }
        }
        f.write_str(&told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    enum Trouble {
        #[error("the database can't be opened")]
        Silent(#[source] Box<Trouble>),
        #[error("no connection: {0}")]
        Telling(#[source] Box<Trouble>),
        #[error("refused")]
        Refused,
    }

    #[test]
    fn each_cause_is_told_once_whoever_tells_it() {
        let trouble = Trouble::Silent(Box::new(Trouble::Telling(Box::new(Trouble::Refused))));
        assert_eq!(Causes(&trouble).to_string(), "the database can't be opened: no connection: refused");
        let trouble = Trouble::Telling(Box::new(Trouble::Silent(Box::new(Trouble::Refused))));
        assert_eq!(Causes(&trouble).to_string(), "no connection: the database can't be opened: refused");
        assert_eq!(Causes(&Trouble::Refused).to_string(), "refused");
    }
}
