use super::page::{cursor, limit};
use crate::problem::Problem;
use doorward_ports::inbound::{AuditQuery, SignedHead};
use doorward_ports::{Cursor, Error, FieldError, Limit};
use doorward_views::{AuditHead, ExportFormat};
use serde::Deserialize;
use utoipa::IntoParams;

/// The filters of the audit log, and what a route takes besides.
macro_rules! filters {
    ($(#[$doc:meta])* $Name:ident { $($(#[$more:meta])* $field:ident: $Type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Deserialize, IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub(crate) struct $Name {
            /// Only lines of this actor: `anonymous`, `operator`, `user:ID` or `client:ID`.
            actor: Option<String>,
            /// Only lines with this target: `user:ID`, `session:ID`, `role:NAME`, `permission:NAME`, `client_app:ID`,
            /// `provider:NAME`, `key:ID` or `audit_log`.
            subject: Option<String>,
            /// Only lines of this action, such as `session.sign_in`.
            action: Option<String>,
            /// Only lines with this outcome.
            #[param(pattern = "^(success|failure)$")]
            outcome: Option<String>,
            /// Only lines that concern the account with this id.
            #[param(format = Uuid)]
            account: Option<String>,
            /// Only lines of this time or later.
            #[param(format = DateTime)]
            from: Option<String>,
            /// Only lines before this time.
            #[param(format = DateTime)]
            to: Option<String>,
            $($(#[$more])* $field: $Type,)*
        }

        impl $Name {
            fn take_query(&mut self) -> AuditQuery {
                AuditQuery {
                    actor: self.actor.take(),
                    subject: self.subject.take(),
                    action: self.action.take(),
                    outcome: self.outcome.take(),
                    account: self.account.take(),
                    from: self.from.take(),
                    to: self.to.take(),
                }
            }
        }
    };
}

filters! {
    /// The filters and the page of a list of audit lines. A line is listed if it matches all filters.
    AuditFilter {
        /// The largest number of items on the page.
        #[param(minimum = 1, maximum = 100, default = 20)]
        limit: Option<i64>,
        /// Where the page begins: the `next_cursor` of the previous page.
        #[param(min_length = 1)]
        cursor: Option<String>,
    }
}

filters! {
    /// The filters and the format of an export. A line is exported if it matches all filters.
    AuditExportQuery {
        /// The format of the export.
        #[param(pattern = "^(ndjson|csv)$", default = "ndjson")]
        format: Option<String>,
    }
}

impl AuditFilter {
    pub(crate) fn read(mut self) -> Result<(AuditQuery, Option<Cursor>, Limit), Problem> {
        Ok((self.take_query(), cursor(self.cursor)?, limit(self.limit)?))
    }
}

impl AuditExportQuery {
    pub(crate) fn read(mut self) -> Result<(AuditQuery, ExportFormat), Problem> {
        let format = self.format.as_deref().map_or(Ok(ExportFormat::Ndjson), str::parse);
        let format = format.map_err(|error: doorward_views::ExportFormatError| {
            invalid("/format", "invalid_format", format!("{error}."))
        })?;
        Ok((self.take_query(), format))
    }
}

/// What a verification is compared with.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct VerificationQuery {
    /// A head that was saved earlier, as `GET /audit/head` has answered it. Only so a cut-off end shows.
    head: Option<String>,
}

impl VerificationQuery {
    pub(crate) fn read(self) -> Result<Option<SignedHead>, Problem> {
        let head = self.head.as_deref().map(serde_json::from_str::<AuditHead>).transpose();
        // The text of the parser would repeat what was sent.
        let message = "It is not a saved head. Send it as GET /audit/head has answered it.";
        let head = head.map_err(|_| invalid("/head", "invalid_head", message.to_owned()))?;
        Ok(head.map(Into::into))
    }
}

fn invalid(pointer: &str, code: &'static str, message: String) -> Error {
    Error::invalid(vec![FieldError { pointer: pointer.to_owned(), code, message }])
}
