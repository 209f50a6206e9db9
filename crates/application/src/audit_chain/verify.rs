//! Reads the log page by page, each page from one snapshot, and has the rules of the domain judge it.
use super::keys::{self, AuditKeys};
use crate::services::Act;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_domain::{AuditAnchor, AuditHead, AuditSeal, BadLine, Verification, Verified};
use doorward_ports::inbound::{AuditVerdict, SignedHead, VerifiedTo};
use doorward_ports::outbound::{ReadWork, StoreError};
use doorward_ports::{Error, ErrorCode, Result};

/// How many lines are read at once.
const LINES: i64 = 1_000;
/// How many seals are read at once.
const SEALS: usize = 64;
/// How many lines without a seal are counted.
const UNSEALED: usize = 1_000;

pub(super) async fn verify(act: Act<'_>, saved: Option<SignedHead>, to: VerifiedTo<'_>) -> Result<AuditVerdict> {
    let saved = saved.map(|saved| genuine(&act, saved)).transpose()?;
    let walk = Walk { keys: keys::all(&act).await?, act: &act, saved, to };
    let result = loop {
        match walk.whole().await {
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
        _ => Err(Error::new(
            ErrorCode::ValidationFailed,
            "The saved head is not signed by the key in it: it was changed after it was saved.",
        )),
    }
}

/// Why a walk ends early.
enum Stop {
    Bad(BadLine),
    Failed(StoreError),
    /// Lines were pruned meanwhile: the walk begins again.
    Pruned,
}

impl From<BadLine> for Stop {
    fn from(bad: BadLine) -> Self {
        Self::Bad(bad)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

struct Walk<'a> {
    act: &'a Act<'a>,
    keys: AuditKeys,
    saved: Option<AuditHead>,
    to: VerifiedTo<'a>,
}

impl Walk<'_> {
    async fn whole(&self) -> std::result::Result<Verified, Stop> {
        let mut page = self.act.tools().store.snapshot().await?;
        let anchor = page.audit_chain().anchor().await?;
        let signed = anchor.as_ref().map(|anchor| (anchor, self.has_signed_anchor(anchor)));
        let mut verification = Verification::begin(signed, self.saved.clone())?;
        if let Some((seq, id)) = page.audit_chain().outside(verification.next_seq()..=i64::MAX).await? {
            return Err(verification.outside(seq, id).into());
        }
        loop {
            let seals = page.audit_chain().seals(verification.sealed_to(), SEALS).await?;
            if seals.is_empty() {
                break;
            }
            for seal in seals {
                let genuine = self.has_signed_seal(&seal);
                verification.seal(seal, genuine)?;
                lines(&mut *page, &mut verification).await?;
                (self.to)(verification.intact_to());
            }
            drop(page);
            page = self.act.tools().store.snapshot().await?;
            if page.audit_chain().anchor().await? != anchor {
                return Err(Stop::Pruned);
            }
        }
        match page.audit_chain().outside(i64::MIN..=verification.sealed_to()).await? {
            Some((seq, id)) if verification.next_seq() > verification.sealed_to() => {
                Err(verification.outside(seq, id).into())
            }
            _ => Ok(verification.end()?),
        }
    }

    fn has_signed_seal(&self, seal: &AuditSeal) -> bool {
        self.keys.have_signed(self.act, &seal.head.key_id, &seal.head.statement(), &seal.signature)
    }

    fn has_signed_anchor(&self, anchor: &AuditAnchor) -> bool {
        self.keys.have_signed(self.act, &anchor.key_id, &anchor.statement(), &anchor.signature)
    }
}

/// The lines of the last seal.
async fn lines(page: &mut dyn ReadWork, verification: &mut Verification) -> std::result::Result<(), Stop> {
    let end = verification.sealed_to();
    let mut first = verification.next_seq();
    while first <= end {
        let last = end.min(first.saturating_add(LINES - 1));
        for line in page.audit_chain().lines(first..=last).await? {
            verification.line(&line)?;
        }
        first = last + 1;
    }
    Ok(())
}
