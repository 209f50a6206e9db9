//! Reads the log page by page, each page from one snapshot, and has the rules of the domain judge it.
use super::keys;
use super::walk::{Guide, Stop, Walk};
use crate::services::Act;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_domain::{AuditHead, AuditSeal, Verified};
use doorward_ports::inbound::{AuditVerdict, SignedHead, VerifiedTo};
use doorward_ports::{Error, ErrorCode, FieldError, Result};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How many seals are read at once.
const SEALS: usize = 1_000;
/// How many lines one snapshot serves, so that the database can soon forget it.
const LINES_OF_A_SNAPSHOT: i64 = 100_000;
/// How many lines without a seal are counted.
const UNSEALED: usize = 1_000;

/// The verification that a process is doing: one at a time.
pub(super) struct Running<'a>(&'a AtomicBool);

impl<'a> Running<'a> {
    pub(super) fn begin(verifying: &'a AtomicBool) -> Result<Self> {
        if verifying.swap(true, Ordering::Acquire) {
            return Err(Error::new(
                ErrorCode::VerificationRunning,
                "This node is verifying the audit log already. Try again when that has ended.",
            )
            .retry_after(Duration::from_secs(5)));
        }
        Ok(Self(verifying))
    }
}

/// Also if the caller stops waiting.
impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

pub(super) async fn verify(act: Act<'_>, saved: Option<SignedHead>, to: VerifiedTo<'_>) -> Result<AuditVerdict> {
    let saved = saved.map(|saved| genuine(&act, saved)).transpose()?;
    let keys = keys::all(&act).await?;
    let guide = Guide { act: &act, keys: &keys, to };
    let result = loop {
        match whole(&guide, saved.clone()).await {
            Ok(verified) => break Ok(verified),
            Err(Stop::Bad(bad)) => break Err(bad),
            Err(Stop::Pruned) => {}
            Err(Stop::Failed(error)) => return Err(error.into()),
        }
    };
    let unsealed = act.read().await?.audit_chain().unsealed(UNSEALED).await?.len();
    Ok(AuditVerdict { result, unsealed })
}

/// A saved head must be whole. Whether its key is one of this service shows at the seal that it comes from.
fn genuine(act: &Act<'_>, saved: SignedHead) -> Result<AuditHead> {
    let decoded = URL_SAFE_NO_PAD.decode(&saved.public_key).ok().zip(URL_SAFE_NO_PAD.decode(&saved.signature).ok());
    let signer = &act.tools().audit_signer;
    match decoded {
        Some((public, signature)) if signer.has_signed(&public, &saved.head.statement(), &signature) => Ok(saved.head),
        _ => Err(Error::invalid(vec![FieldError {
            pointer: "/head".to_owned(),
            code: "invalid_head",
            message: "The saved head is not signed by the key in it: it was changed after it was saved.".to_owned(),
        }])),
    }
}

async fn whole(guide: &Guide<'_>, saved: Option<AuditHead>) -> std::result::Result<Verified, Stop> {
    let store = &guide.act.tools().store;
    let mut page = store.snapshot().await?;
    let anchor = page.audit_chain().anchor().await?;
    let mut walk = Walk::begin(guide, &mut *page, anchor.as_ref(), saved).await?;
    loop {
        let seals = page.audit_chain().seals(walk.sealed_to(), SEALS).await?;
        if seals.is_empty() {
            return walk.end(&mut *page).await;
        }
        let seals = few(seals, walk.sealed_to());
        walk.check(&mut *page, seals).await?;
        drop(page);
        page = store.snapshot().await?;
        if page.audit_chain().anchor().await? != anchor {
            return Err(Stop::Pruned);
        }
    }
}

/// At least one.
fn few(mut seals: Vec<AuditSeal>, after: i64) -> Vec<AuditSeal> {
    let end = after.saturating_add(LINES_OF_A_SNAPSHOT);
    let within = seals.iter().take_while(|seal| seal.head.seq <= end).count();
    seals.truncate(within.max(1));
    seals
}
