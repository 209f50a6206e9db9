use super::fault::Fault;
use actix_web::http::StatusCode;
use doorward_ports::{ErrorCode, ErrorKind};

/// Why a request is refused: by a use case, or by HTTP itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    UseCase(ErrorCode),
    Http(Fault),
}

impl Code {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::UseCase(code) => code.as_str(),
            Self::Http(fault) => fault.as_str(),
        }
    }

    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::UseCase(
                ErrorCode::InvalidCursor | ErrorCode::UnauthorizedClient | ErrorCode::UnsupportedTokenType,
            ) => StatusCode::BAD_REQUEST,
            Self::UseCase(code) => status_of(code.kind()),
            Self::Http(fault) => fault.status(),
        }
    }

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::UseCase(code) => title_of(code),
            Self::Http(fault) => fault.title(),
        }
    }
}

const fn status_of(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorKind::Forbidden => StatusCode::FORBIDDEN,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::Stale => StatusCode::PRECONDITION_FAILED,
        ErrorKind::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

const fn title_of(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::ValidationFailed => "Validation failed",
        ErrorCode::InvalidCursor => "Invalid cursor",
        ErrorCode::InvalidCredentials => "Invalid credentials",
        ErrorCode::AuthenticationRequired => "Authentication required",
        ErrorCode::InvalidToken => "Invalid token",
        ErrorCode::RefreshTokenReused => "Refresh token reused",
        ErrorCode::InvalidClient => "Invalid client",
        ErrorCode::UnauthorizedClient => "Client not allowed to do this",
        ErrorCode::UnsupportedTokenType => "Unsupported token type",
        ErrorCode::ClientAppNotFound => "No such client app",
        ErrorCode::ClientAppExists => "Client app exists already",
        ErrorCode::PublicClientApp => "Public client app",
        ErrorCode::WrongPassword => "Wrong password",
        ErrorCode::PermissionDenied => "Permission denied",
        ErrorCode::ReauthenticationRequired => "Fresh sign-in required",
        ErrorCode::ExceedsOwnPermissions => "Beyond one's own permissions",
        ErrorCode::AccountDisabled => "Account disabled",
        ErrorCode::EmailUnverified => "E-mail address not verified",
        ErrorCode::RegistrationDisabled => "Registration disabled",
        ErrorCode::UserNotFound => "No such user",
        ErrorCode::SessionNotFound => "No such session",
        ErrorCode::RoleNotFound => "No such role",
        ErrorCode::PermissionNotFound => "No such permission",
        ErrorCode::KeyNotFound => "No such signing key",
        ErrorCode::EmailTaken => "E-mail address taken",
        ErrorCode::UsernameTaken => "Username taken",
        ErrorCode::RoleExists => "Role exists already",
        ErrorCode::PermissionExists => "Permission exists already",
        ErrorCode::LastAdmin => "Last administrator",
        ErrorCode::SystemRole => "System role",
        ErrorCode::SystemPermission => "System permission",
        ErrorCode::OnlySigningKey => "Only signing key",
        ErrorCode::SigningKeyGiven => "Signing key given by a setting",
        ErrorCode::SealingKeyMismatch => "Another sealing key",
        ErrorCode::VersionMismatch => "Changed meanwhile",
        ErrorCode::RateLimited => "Too many attempts",
        ErrorCode::StoreUnavailable => "Database unavailable",
        ErrorCode::HashingOverloaded => "Too many sign-ins at once",
        ErrorCode::Internal => "Internal error",
    }
}
