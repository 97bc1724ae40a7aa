//! A closed-loop load: so many callers, each sending its next request when the last one is answered.

use crate::domain::suite::Suite;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The public-key operations that one request contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inside {
    /// Of which suite.
    pub suite: Suite,
    /// Signatures made.
    pub signs: u32,
    /// Signatures verified; those of a chain that was seen before are remembered and not among them.
    pub verifies: u32,
}

/// What one load measured.
#[derive(Clone, Debug)]
pub struct Measured {
    /// What was done.
    pub what: &'static str,
    /// What each request cannot do without.
    pub inside: Vec<Inside>,
    /// Requests that succeeded.
    pub done: u64,
    /// Requests that failed; any makes the rate worthless.
    pub failed: u64,
    /// How long it ran.
    pub took: Duration,
    /// Latencies in microseconds: median, 90th, 99th percentile, greatest.
    pub latency: [u64; 4],
}

impl Measured {
    /// Successful requests per second.
    pub fn rate(&self) -> f64 {
        self.done as f64 / self.took.as_secs_f64().max(1e-6)
    }
}

/// Runs `request(n)` with ever new `n` from `callers` tasks for `span`, after a warm-up of a tenth of it that is
/// not counted. A request answers whether it succeeded, or `None` if there is nothing left to ask for: then the load
/// ends early.
#[allow(clippy::disallowed_methods, reason = "measuring is what a benchmark does")]
pub async fn run<F, R>(
    what: &'static str,
    inside: Vec<Inside>,
    callers: usize,
    span: Duration,
    request: F,
) -> Measured
where
    F: Fn(u64) -> R + Send + Sync + 'static,
    R: Future<Output = Option<bool>> + Send,
{
    let request = Arc::new(request);
    let next = Arc::new(AtomicU64::new(0));
    let start = Instant::now() + span / 10;
    let end = start + span;
    let tasks: Vec<_> = (0..callers)
        .map(|_| {
            let (request, next) = (request.clone(), next.clone());
            tokio::spawn(async move {
                let mut latencies = Vec::new();
                let (mut failed, mut last) = (0, start);
                loop {
                    let sent = Instant::now();
                    if sent >= end {
                        return (latencies, failed, end);
                    }
                    let Some(fine) = request(next.fetch_add(1, Ordering::Relaxed)).await else {
                        return (latencies, failed, last);
                    };
                    let answered = Instant::now();
                    last = answered.clamp(start, end);
                    // Counted when it was answered inside the span; what runs over the end would flatter the rate.
                    if answered >= start && answered <= end {
                        if fine {
                            latencies.push(answered.duration_since(sent).as_micros() as u64);
                        } else {
                            failed += 1;
                        }
                    }
                }
            })
        })
        .collect();
    let mut latencies = Vec::new();
    let (mut failed, mut last) = (0, start);
    for task in tasks {
        match task.await {
            Ok((more, faults, ended)) => {
                latencies.extend(more);
                failed += faults;
                last = last.max(ended);
            }
            Err(_) => failed += 1,
        }
    }
    latencies.sort_unstable();
    let at = |share: f64| {
        let index = (latencies.len() as f64 * share).ceil() as usize;
        latencies.get(index.saturating_sub(1)).copied().unwrap_or_default()
    };
    Measured {
        what,
        inside,
        done: latencies.len() as u64,
        failed,
        took: last.duration_since(start),
        latency: [at(0.5), at(0.9), at(0.99), at(1.0)],
    }
}
