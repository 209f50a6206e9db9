use super::keys::{self, TrustedKey};
use crate::services::Act;
use doorward_domain::{AuditChain, AuditHash, AuditHead, AuditLine, AuditSeal, ChainedLine};
use doorward_ports::Result;

/// How many lines one seal covers at most, so that no lock is held for long.
const AT_ONCE: usize = 1_000;

pub(super) async fn seal(mut act: Act<'_>) -> Result<usize> {
    let mut sealed = 0;
    loop {
        // The head first: if another process seals in between, it has given the next numbers, and this seal is refused.
        let mut read = act.read().await?;
        let head = read.audit_chain().head().await?;
        let lines = read.audit_chain().unsealed(AT_ONCE).await?;
        drop(read);
        if lines.is_empty() {
            return Ok(sealed);
        }
        let key = keys::signing(&mut act).await?;
        let (seal, places) = next(&act, &key, head.map(|seal| seal.head), lines);
        let mut work = act.begin().await?;
        if !work.audit_chain().seal(&seal, &places).await? {
            return Ok(sealed);
        }
        work.commit().await?;
        sealed += places.len();
        if places.len() < AT_ONCE {
            return Ok(sealed);
        }
    }
}

fn next(
    act: &Act<'_>,
    key: &TrustedKey,
    head: Option<AuditHead>,
    lines: Vec<AuditLine>,
) -> (AuditSeal, Vec<ChainedLine>) {
    let now = act.now();
    let (last, link, at) = head.map_or((0, AuditHash::ORIGIN, now), |head| (head.seq, head.link, head.sealed_at));
    let mut chain = AuditChain::ending(last, link);
    let places = lines.into_iter().map(|line| chain.append(line)).collect();
    // The clocks of nodes differ, but no seal is younger than the next: verification relies on it.
    let sealed_at = now.max(at);
    let head = AuditHead { seq: chain.last_seq(), link: chain.link(), sealed_at, key_id: key.id.clone() };
    let signature = act.tools().audit_signer.sign(&key.private, &head.statement());
    let signature = signature.expect("the key was opened, and matches its public half");
    (AuditSeal { first_seq: last + 1, head, signature }, places)
}
