use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{Counter, Gauge, Opts};
use rustix::process::{Resource, getrlimit};
use std::fs;

const WELL_FORMED: &str = "the names below are";

/// The figures of this process from the kernel, under the names that the client libraries of Prometheus use. They are
/// read on request.
#[derive(Clone)]
pub struct Process {
    cpu: Counter,
    resident: Gauge,
    virtual_memory: Gauge,
    threads: Gauge,
    started: Gauge,
    open_files: Gauge,
    most_files: Gauge,
}

impl Default for Process {
    fn default() -> Self {
        Self {
            cpu: Counter::new("process_cpu_seconds_total", "Processor time spent, in user and system mode.")
                .expect(WELL_FORMED),
            resident: gauge("process_resident_memory_bytes", "Resident memory."),
            virtual_memory: gauge("process_virtual_memory_bytes", "Virtual memory."),
            threads: gauge("process_threads", "Threads of the operating system."),
            started: gauge("process_start_time_seconds", "Start time of the process, since 1970."),
            open_files: gauge("process_open_fds", "Open files and connections."),
            most_files: gauge("process_max_fds", "The largest number of open files and connections."),
        }
    }
}

fn gauge(name: &str, help: &str) -> Gauge {
    Gauge::with_opts(Opts::new(name, help)).expect(WELL_FORMED)
}

impl Process {
    fn all(&self) -> [&dyn Collector; 7] {
        [
            &self.cpu,
            &self.resident,
            &self.virtual_memory,
            &self.threads,
            &self.started,
            &self.open_files,
            &self.most_files,
        ]
    }

    /// A figure that can't be read keeps its value.
    fn read(&self) {
        if let Some(state) = fs::read_to_string("/proc/self/stat").ok().as_deref().and_then(State::parse) {
            let ticks = as_float(rustix::param::clock_ticks_per_second());
            self.cpu.inc_by((as_float(state.ticks) / ticks - self.cpu.get()).max(0.0));
            self.resident.set(as_float(state.resident_pages) * as_float(rustix::param::page_size() as u64));
            self.virtual_memory.set(as_float(state.virtual_bytes));
            self.threads.set(as_float(state.threads));
            if let Some(booted) = booted() {
                self.started.set(as_float(booted) + as_float(state.started_ticks) / ticks);
            }
        }
        if let Ok(open) = fs::read_dir("/proc/self/fd") {
            // Without the one that reads them.
            self.open_files.set(as_float(open.count().saturating_sub(1) as u64));
        }
        if let Some(most) = getrlimit(Resource::Nofile).current {
            self.most_files.set(as_float(most));
        }
    }
}

/// Prometheus has only floating-point numbers.
const fn as_float(count: u64) -> f64 {
    count as f64
}

fn booted() -> Option<u64> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

impl Collector for Process {
    fn desc(&self) -> Vec<&Desc> {
        self.all().into_iter().flat_map(|metric| metric.desc()).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        self.read();
        self.all().into_iter().flat_map(Collector::collect).collect()
    }
}

/// `/proc/self/stat` (`proc_pid_stat(5)`).
#[derive(Debug, PartialEq, Eq)]
struct State {
    ticks: u64,
    threads: u64,
    started_ticks: u64,
    virtual_bytes: u64,
    resident_pages: u64,
}

impl State {
    fn parse(text: &str) -> Option<Self> {
        // The second field is the name of the program in parentheses, and may contain anything.
        let (_, after_name) = text.rsplit_once(')')?;
        let fields: Vec<&str> = after_name.split_ascii_whitespace().collect();
        // They are numbered from 1 as in the manual; the first two are already removed.
        let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
        Some(Self {
            ticks: field(14)? + field(15)?,
            threads: field(20)?,
            started_ticks: field(22)?,
            virtual_bytes: field(23)?,
            resident_pages: field(24)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_line_is_read_whatever_the_program_is_called() {
        let line =
            "7 (a) b (c) S 1 7 7 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 9 0 12345 1000000 250 18446744073709551615";
        let expected =
            State { ticks: 200, threads: 9, started_ticks: 12345, virtual_bytes: 1_000_000, resident_pages: 250 };
        assert_eq!(State::parse(line), Some(expected));
        for bad in ["", "7 (a", "7 (a) S 1", "7 (a) S x"] {
            assert_eq!(State::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn this_process_has_used_memory_and_files() {
        let process = Process::default();
        process.read();
        let read = [&process.resident, &process.virtual_memory, &process.threads, &process.open_files];
        assert!(read.iter().all(|gauge| gauge.get() >= 1.0), "{:?}", read.map(Gauge::get));
        // Later than the year in which this was written, and earlier than the year 2100.
        assert!((1.75e9..4.1e9).contains(&process.started.get()), "{}", process.started.get());
        assert!(process.open_files.get() <= process.most_files.get());
    }
}
