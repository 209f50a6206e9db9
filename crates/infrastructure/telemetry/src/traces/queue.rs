use doorward_ports::trace::{self, EndedTrace};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The largest number of spans that wait, with those that are being sent.
const MOST_WAITING: usize = 8192;

/// The traces that wait to be sent. Nobody waits for it longer than for a few instructions.
#[derive(Default)]
pub struct Queue {
    traces: Mutex<VecDeque<EndedTrace>>,
    /// The number of their spans, with those of the batch.
    spans: AtomicUsize,
}

/// Traces that are being sent. They return to their place when this is dropped before they are done with.
pub struct Batch<'a> {
    queue: &'a Queue,
    traces: Vec<EndedTrace>,
}

impl Queue {
    /// Whether a long trace would find no room.
    pub fn is_full(&self) -> bool {
        self.spans.load(Ordering::Relaxed) + trace::MOST_SPANS > MOST_WAITING
    }

    /// Adds a trace. Returns how many spans wait now; none if there was no room.
    pub fn push(&self, trace: EndedTrace) -> Option<usize> {
        let more = trace.spans.len();
        let mut traces = self.traces();
        if self.spans.load(Ordering::Relaxed) + more > MOST_WAITING {
            return None;
        }
        traces.push_back(trace);
        Some(self.spans.fetch_add(more, Ordering::Relaxed) + more)
    }

    /// Takes the oldest traces, with this many spans or a few more.
    pub fn take(&self, spans: usize) -> Option<Batch<'_>> {
        let (mut waiting, mut taken, mut count) = (self.traces(), Vec::new(), 0);
        while count < spans
            && let Some(trace) = waiting.pop_front()
        {
            count += trace.spans.len();
            taken.push(trace);
        }
        drop(waiting);
        // Not by `then_some`: a batch that is made and dropped locks the queue.
        if taken.is_empty() { None } else { Some(Batch { queue: self, traces: taken }) }
    }

    fn traces(&self) -> MutexGuard<'_, VecDeque<EndedTrace>> {
        self.traces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Batch<'_> {
    pub fn traces(&self) -> &[EndedTrace] {
        &self.traces
    }

    pub fn spans(&self) -> usize {
        self.traces.iter().map(|trace| trace.spans.len()).sum()
    }

    /// They need not be sent again.
    pub fn done(mut self) {
        self.queue.spans.fetch_sub(self.spans(), Ordering::Relaxed);
        self.traces.clear();
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        let mut waiting = self.queue.traces();
        for trace in self.traces.drain(..).rev() {
            waiting.push_front(trace);
        }
    }
}
