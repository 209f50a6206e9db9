use doorward_domain::{AuditHash, Timestamp};
use doorward_ports::inbound;
use serde::{Deserialize, Serialize};

/// The signed end of the audit log, to be saved outside the database.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditHead {
    /// The number of the last line.
    pub seq: i64,
    /// The link of the last line to all lines before it, in base 16.
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[0-9a-f]{64}$"))]
    pub link: AuditHash,
    /// When the line was sealed.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub sealed_at: Timestamp,
    /// The name of the audit key that has signed the head.
    pub key_id: String,
    /// The public key of Ed25519, in base64url without padding.
    pub public_key: String,
    /// The signature, in base64url without padding.
    pub signature: String,
}

impl From<inbound::SignedHead> for AuditHead {
    fn from(inbound::SignedHead { head, public_key, signature }: inbound::SignedHead) -> Self {
        let doorward_domain::AuditHead { seq, link, sealed_at, key_id } = head;
        Self { seq, link, sealed_at, key_id, public_key, signature }
    }
}

impl From<AuditHead> for inbound::SignedHead {
    fn from(AuditHead { seq, link, sealed_at, key_id, public_key, signature }: AuditHead) -> Self {
        Self { head: doorward_domain::AuditHead { seq, link, sealed_at, key_id }, public_key, signature }
    }
}

/// The result of a verification of the audit log.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditVerdict {
    /// `intact` or `bad`.
    #[cfg_attr(feature = "openapi", schema(pattern = "^(intact|bad)$"))]
    pub status: &'static str,
    /// The number of the last line that a genuine seal confirms, with all lines before it that were not pruned.
    pub intact_to: i64,
    /// The number of the last pruned line; 0 if none was pruned, none if the log is bad.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub pruned_to: Option<i64>,
    /// How many lines have no seal yet; at most 1,000 are counted.
    pub unsealed: usize,
    /// The first bad line.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub first_bad: Option<BadLine>,
}

/// The first line of the audit log where something is wrong.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BadLine {
    /// The number of the line.
    pub seq: i64,
    /// The id of the line, if there is such a line.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub id: Option<String>,
    /// What is wrong, as a name that never changes.
    #[cfg_attr(feature = "openapi", schema(examples("changed")))]
    pub fault: &'static str,
    /// What is wrong, for people.
    pub detail: String,
}

impl From<inbound::AuditVerdict> for AuditVerdict {
    fn from(inbound::AuditVerdict { result, unsealed }: inbound::AuditVerdict) -> Self {
        match result {
            Ok(verified) => Self {
                status: "intact",
                intact_to: verified.last_seq,
                pruned_to: Some(verified.pruned_to),
                unsealed,
                first_bad: None,
            },
            Err(bad) => Self {
                status: "bad",
                intact_to: bad.intact_to,
                pruned_to: None,
                unsealed,
                first_bad: Some(BadLine {
                    seq: bad.seq,
                    id: bad.id,
                    fault: bad.fault.as_str(),
                    detail: bad.fault.to_string(),
                }),
            },
        }
    }
}
