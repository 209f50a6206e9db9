//! Keeps the signing keys at hand what the database says they are.
use crate::wiring;
use doorward_application::Services;
use doorward_memory::KeyNews;
use doorward_ports::inbound::Keys;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::MissedTickBehavior;

/// How often keys are read whether there is news or not: they begin and end by time alone, and no news is that a key was
/// revoked while nothing could be read.
const EVERY: Duration = Duration::from_millis(500);

/// Takes the keys into use again at all news of them, and at least twice a second. While they can't be read those at hand
/// stay: nobody is signed out by a fault of the database, and nobody gets in, for every request needs the database too.
pub async fn watch(services: Arc<Services>, news: Arc<KeyNews>) {
    let operator = wiring::operator(&services);
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut troubled = false;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = news.heard() => {}
        }
        match services.load(&operator).await {
            Ok(()) if std::mem::take(&mut troubled) => tracing::info!("signing keys are read again"),
            Ok(()) => {}
            Err(error) if !troubled => {
                troubled = true;
                tracing::warn!(%error, "signing keys can't be read: those at hand stay in use");
            }
            Err(_) => {}
        }
    }
}
