//! Records which sessions were used, a little after they were, so that no request waits for it.
use crate::wiring;
use doorward_application::Services;
use doorward_ports::inbound::System;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::MissedTickBehavior;

const EVERY: Duration = Duration::from_secs(5);

/// Records every few seconds what was seen since, and once more when `stopped` says so, or its sender is gone.
pub async fn record(services: Arc<Services>, stopped: oneshot::Receiver<()>) {
    let operator = wiring::operator(&services);
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut stopped = pin!(stopped);
    let mut troubled = false;
    loop {
        let last = tokio::select! {
            _ = ticks.tick() => false,
            _ = &mut stopped => true,
        };
        match services.record_sightings(&operator).await {
            Ok(_) if std::mem::take(&mut troubled) => tracing::info!("the use of sessions is recorded again"),
            Ok(_) => {}
            Err(error) if !troubled => {
                troubled = true;
                tracing::warn!(%error, "the use of sessions can't be recorded: until it can, they may end as idle");
            }
            Err(_) => {}
        }
        if last {
            return;
        }
    }
}
