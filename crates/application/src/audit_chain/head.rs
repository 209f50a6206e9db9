use super::keys;
use crate::services::Act;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_ports::inbound::SignedHead;
use doorward_ports::{Error, ErrorCode, Result};

pub(super) async fn head(act: Act<'_>) -> Result<SignedHead> {
    let seal = act.read().await?.audit_chain().head().await?.ok_or_else(unsealed)?;
    let keys = keys::all(&act).await?;
    let public = keys.signer_of(&act, &seal)?;
    let (public_key, signature) = (URL_SAFE_NO_PAD.encode(public), URL_SAFE_NO_PAD.encode(&seal.signature));
    Ok(SignedHead { head: seal.head, public_key, signature })
}

fn unsealed() -> Error {
    Error::new(
        ErrorCode::AuditLogUnsealed,
        "No line of the audit log is sealed yet. A running server seals lines within a second.",
    )
}
