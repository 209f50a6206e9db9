use super::Metrics;
use super::families::{Families, whole};
use doorward_ports::outbound::ConnectionPools;
use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{IntGaugeVec, Opts};
use std::sync::Arc;

const WELL_FORMED: &str = "the names below are";

/// The pools of connections, which are read on request.
#[derive(Clone)]
struct Pools {
    of: Vec<Arc<dyn ConnectionPools>>,
    connections: IntGaugeVec,
    max: IntGaugeVec,
    waiting: IntGaugeVec,
}

impl Metrics {
    /// Shows these pools of connections from now on. It is called once.
    pub fn watch_pools(&self, pools: Vec<Arc<dyn ConnectionPools>>) {
        Families(&self.registry).register(Pools::of(pools));
    }
}

impl Pools {
    fn of(pools: Vec<Arc<dyn ConnectionPools>>) -> Self {
        let gauges = |name, help, labels: &[&str]| IntGaugeVec::new(Opts::new(name, help), labels).expect(WELL_FORMED);
        Self {
            of: pools,
            connections: gauges(
                "doorward_pool_connections",
                "Connections of a pool, by whether they are in use or idle.",
                &["pool", "state"],
            ),
            max: gauges("doorward_pool_max_connections", "The largest number of connections of a pool.", &["pool"]),
            waiting: gauges("doorward_pool_waiting", "Callers that wait for a connection of a pool.", &["pool"]),
        }
    }

    fn read(&self) {
        for state in self.of.iter().flat_map(|pools| pools.pools()) {
            self.connections.with_label_values(&[state.pool, "in_use"]).set(whole(state.in_use));
            self.connections.with_label_values(&[state.pool, "idle"]).set(whole(state.idle));
            self.max.with_label_values(&[state.pool]).set(whole(state.max));
            self.waiting.with_label_values(&[state.pool]).set(whole(state.waiting));
        }
    }

    const fn all(&self) -> [&IntGaugeVec; 3] {
        [&self.connections, &self.max, &self.waiting]
    }
}

impl Collector for Pools {
    fn desc(&self) -> Vec<&Desc> {
        self.all().into_iter().flat_map(Collector::desc).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        self.read();
        self.all().into_iter().flat_map(Collector::collect).collect()
    }
}
