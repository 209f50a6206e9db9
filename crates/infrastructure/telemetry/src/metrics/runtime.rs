use super::Metrics;
use super::families::{Families, whole};
use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{Counter, IntGauge};
use std::time::Duration;
use tokio::runtime::Handle;

const WELL_FORMED: &str = "the names below are";

/// The figures of a runtime that tokio keeps without `tokio_unstable`. They are read on request.
#[derive(Clone)]
struct Runtime {
    of: Handle,
    workers: IntGauge,
    tasks: IntGauge,
    queue: IntGauge,
    busy: Counter,
}

impl Metrics {
    /// Shows the figures of this runtime from now on. It is called once.
    pub fn watch_runtime(&self, runtime: &Handle) {
        Families(&self.registry).register(Runtime::of(runtime.clone()));
    }
}

impl Runtime {
    fn of(runtime: Handle) -> Self {
        let gauge = |name, help| IntGauge::new(name, help).expect(WELL_FORMED);
        Self {
            of: runtime,
            workers: gauge("doorward_runtime_workers", "Threads of the runtime for connections, commits and jobs."),
            tasks: gauge("doorward_runtime_alive_tasks", "Tasks of the runtime that have not ended."),
            queue: gauge(
                "doorward_runtime_global_queue_depth",
                "Tasks of the runtime that are ready and that no thread has taken yet.",
            ),
            busy: Counter::new("doorward_runtime_busy_seconds_total", "Time that the threads of the runtime worked.")
                .expect(WELL_FORMED),
        }
    }

    fn read(&self) {
        let figures = self.of.metrics();
        self.workers.set(whole(figures.num_workers()));
        self.tasks.set(whole(figures.num_alive_tasks()));
        self.queue.set(whole(figures.global_queue_depth()));
        let busy: Duration = (0..figures.num_workers()).map(|worker| figures.worker_total_busy_duration(worker)).sum();
        self.busy.inc_by((busy.as_secs_f64() - self.busy.get()).max(0.0));
    }

    fn all(&self) -> [&dyn Collector; 4] {
        [&self.workers, &self.tasks, &self.queue, &self.busy]
    }
}

impl Collector for Runtime {
    fn desc(&self) -> Vec<&Desc> {
        self.all().into_iter().flat_map(|metric| metric.desc()).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        self.read();
        self.all().into_iter().flat_map(Collector::collect).collect()
    }
}
