use super::fault::Fault;
use actix_web::http::StatusCode;
use doorward_ports::ErrorCode;

/// The error code of a refusal: of a use case, or of HTTP itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    UseCase(ErrorCode),
    Http(Fault),
}

impl Code {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let of_use_cases = ErrorCode::ALL.iter().copied().map(Self::UseCase);
        of_use_cases.chain(Fault::ALL.iter().copied().map(Self::Http))
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::UseCase(code) => code.as_str(),
            Self::Http(fault) => fault.as_str(),
        }
    }

    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::UseCase(code) => StatusCode::from_u16(code.status()).expect("the table of kinds has statuses only"),
            Self::Http(fault) => fault.kind(),
        }
    }

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::UseCase(code) => code.title(),
            Self::Http(fault) => fault.title(),
        }
    }
}
