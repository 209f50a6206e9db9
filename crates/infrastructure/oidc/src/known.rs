use crate::calls::CallsTo;
use crate::circuit::Circuit;
use crate::keys::Keys;
use crate::kinds::{self, github, oauth};
use crate::published::{self, Published};
use doorward_domain::{Issuer, Preset, Provider, ProviderKind};
use doorward_ports::outbound::{ProviderFault, ProviderStatus};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Mutex as AsyncMutex;
use tokio::time::Instant;

/// How long what a provider publishes is used before it is read again.
const FRESH: Duration = Duration::from_secs(3600);
/// How long it is used while reading it again fails.
const STALE: Duration = Duration::from_secs(24 * 3600);
/// When it is read again after that has failed.
const AGAIN: Duration = Duration::from_secs(60);
/// How often the keys are read because a token names an unknown one, for each asker.
const UNKNOWN_KEY_PAUSE: Duration = Duration::from_secs(30);

/// Who asks for keys that are not known. Everybody can send logout tokens: they must not use up what sign-ins need.
#[derive(Debug, Clone, Copy)]
pub enum Asker {
    SignIn,
    Logout,
}

/// What is known of one provider.
pub struct Slot {
    /// A provider that was configured differently has another slot.
    kind: ProviderKind,
    preset: Option<&'static Preset>,
    issuer: Issuer,
    pub circuit: Circuit,
    /// One reads, all others wait for what it has read.
    published: AsyncMutex<Option<Kept<Published>>>,
    keys: AsyncMutex<Option<Kept<Keys>>>,
    /// When the keys were last read for each [`Asker`].
    asked: Mutex<[Option<Instant>; 2]>,
    status: Mutex<Option<ProviderStatus>>,
}

struct Kept<T> {
    value: Arc<T>,
    read_at: Instant,
    /// From when on it is read again.
    due_at: Instant,
}

impl<T> Kept<T> {
    fn new(value: T) -> Self {
        let now = Instant::now();
        Self { value: Arc::new(value), read_at: now, due_at: now + FRESH }
    }

    /// It, unless it should be read again.
    fn fresh(&self) -> Option<Arc<T>> {
        (Instant::now() < self.due_at).then(|| self.value.clone())
    }

    /// It, after reading it again has failed.
    fn stale(&mut self) -> Option<Arc<T>> {
        let usable = self.read_at.elapsed() < STALE;
        if usable {
            self.due_at = Instant::now() + AGAIN;
        }
        usable.then(|| self.value.clone())
    }
}

impl Slot {
    pub fn of(provider: &Provider) -> Self {
        Self {
            kind: provider.kind,
            preset: provider.preset,
            issuer: provider.issuer.clone(),
            circuit: Circuit::default(),
            published: AsyncMutex::default(),
            keys: AsyncMutex::default(),
            asked: Mutex::default(),
            status: Mutex::default(),
        }
    }

    /// Whether it belongs to a provider that is configured like this.
    pub fn is_of(&self, provider: &Provider) -> bool {
        (self.kind, self.preset, &self.issuer) == (provider.kind, provider.preset, &provider.issuer)
    }

    /// What the provider publishes, not older than an hour; or a day while it can't be read.
    pub async fn published(&self, calls: CallsTo<'_>, provider: &Provider) -> Result<Arc<Published>, ProviderFault> {
        kinds::check_restrictions(provider)?;
        let mut kept = self.published.lock().await;
        if let Some(fresh) = kept.as_ref().and_then(Kept::fresh) {
            return Ok(fresh);
        }
        renewed(&mut kept, read(calls, provider).await)
    }

    /// The keys, in the same way.
    pub async fn keys(&self, calls: CallsTo<'_>, published: &Published) -> Result<Arc<Keys>, ProviderFault> {
        let mut kept = self.keys.lock().await;
        if let Some(fresh) = kept.as_ref().and_then(Kept::fresh) {
            return Ok(fresh);
        }
        renewed(&mut kept, published::read_keys(calls, published).await)
    }

    /// The keys, read just now; nothing if they were read for this asker a short time ago.
    pub async fn fresh_keys(
        &self,
        calls: CallsTo<'_>,
        published: &Published,
        asker: Asker,
    ) -> Result<Option<Arc<Keys>>, ProviderFault> {
        let began = Instant::now();
        let mut kept = self.keys.lock().await;
        // Somebody else has read them while this one waited.
        if let Some(fresh) = kept.as_ref().filter(|kept| kept.read_at > began) {
            return Ok(Some(fresh.value.clone()));
        }
        if !self.may_ask(asker) {
            return Ok(None);
        }
        let keys = Kept::new(published::read_keys(calls, published).await?);
        Ok(Some(kept.insert(keys).value.clone()))
    }

    fn may_ask(&self, asker: Asker) -> bool {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let last = &mut asked[asker as usize];
        let may = last.is_none_or(|last| last.elapsed() >= UNKNOWN_KEY_PAUSE);
        if may {
            *last = Some(Instant::now());
        }
        may
    }

    /// Reads everything again. What was known stays in use if that fails.
    pub async fn refresh(&self, calls: CallsTo<'_>, provider: &Provider) -> Result<(), ProviderFault> {
        let published = read(calls, provider).await?;
        if published.keys.is_some() {
            let keys = published::read_keys(calls, &published).await?;
            *self.keys.lock().await = Some(Kept::new(keys));
        } else {
            calls.reached(&published.authorization).await?;
        }
        *self.published.lock().await = Some(Kept::new(published));
        Ok(())
    }

    pub fn status(&self) -> Option<ProviderStatus> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Records what a refresh has found. While it stays available, or not, the time stays.
    pub fn record(&self, found: ProviderStatus) {
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        let since = match &*status {
            Some(before) if before.is_available() == found.is_available() => before.since,
            _ => found.since,
        };
        *status = Some(ProviderStatus { since, ..found });
    }
}

fn renewed<T>(kept: &mut Option<Kept<T>>, read: Result<T, ProviderFault>) -> Result<Arc<T>, ProviderFault> {
    match read {
        Ok(value) => Ok(kept.insert(Kept::new(value)).value.clone()),
        Err(fault @ ProviderFault::Unavailable(_)) => kept.as_mut().and_then(Kept::stale).ok_or(fault),
        Err(fault) => Err(fault),
    }
}

/// Reads what a provider publishes, or knows it.
pub async fn read(calls: CallsTo<'_>, provider: &Provider) -> Result<Published, ProviderFault> {
    kinds::check_restrictions(provider)?;
    let published = match &provider.quirks().oauth {
        Some(endpoints) => oauth::published(&provider.issuer, endpoints),
        None if provider.is_openid() => return published::read(calls, kinds::of(provider.kind), provider).await,
        None => github::published(&provider.issuer),
    };
    calls.url(&published.authorization)?;
    Ok(published)
}
