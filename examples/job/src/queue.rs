//! [`Queue`]: the view of the jobs, and the worker of its node.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::time::Duration;

use lanai::prelude::*;
use lanai::replicated::CommandError;
use tokio::time::Instant;

use crate::jobs::{Event, JOBS, Job, Jobs};

/// The number of integers that a step checks.
const STEP: u64 = 10_000;

/// How long a job pauses after each step, so that other jobs can run, and so that its progress is visible.
const REST: Duration = Duration::from_millis(100);

/// After how long without progress another node goes on with a job.
const STALE: Duration = Duration::from_secs(3);

/// The list of jobs, shared by all visitors of a node. It is a daemon, so it does not depend on how many pages show it.
pub(crate) struct Queue {
    cx: Cx<Self>,
    jobs: Replicated<Jobs>,
    /// Its name as a worker.
    me: String,
    /// The jobs with a step that runs here.
    counting: HashSet<u32>,
    /// How far the other jobs are, and since when.
    seen: HashMap<u32, (u64, Instant)>,
    /// Why the last change was not made.
    trouble: Option<String>,
}

/// What a step has found.
struct Step {
    number: u32,
    numbers: Range<u64>,
    primes: u64,
}

impl Queue {
    pub(crate) async fn mount(cx: Cx<Self>) -> Result<Self> {
        let jobs = cx.replicated("jobs").await?;
        cx.every(Duration::from_secs(1), Self::look_after);
        let (counting, seen) = Default::default();
        let me = cx.address().to_string();
        Ok(Self { cx, jobs, me, counting, seen, trouble: None })
    }

    pub(crate) async fn start(&mut self, limit: u64) {
        if self.change(Event::Started { limit, worker: self.me.clone() }).await {
            self.go_on();
        }
    }

    /// Makes a change on all nodes. Returns whether it was made.
    async fn change(&mut self, event: Event) -> bool {
        let made = self.jobs.command(|jobs| jobs.check(&event)).await;
        self.trouble = match &made {
            // What everyone sees anyway.
            Ok(_) | Err(CommandError::Refused(_)) => None,
            Err(error) => Some(format!("That was not kept: {error}.")),
        };
        made.is_ok()
    }

    /// Starts a step of each job of this node that has none.
    fn go_on(&mut self) {
        for (&number, job) in &self.jobs.read().jobs {
            if job.is_running() && job.worker == self.me && self.counting.insert(number) {
                let numbers = job.done..(job.done + STEP).min(job.limit);
                // It runs concurrently with the view, which can be shown and changed meanwhile.
                self.cx.spawn(step(number, numbers), Self::counted);
            }
        }
    }

    async fn counted(&mut self, Step { number, numbers, primes }: Step) {
        self.counting.remove(&number);
        let worker = self.me.clone();
        // If that cannot be kept now, the numbers are counted again.
        self.change(Event::Counted { number, worker, from: numbers.start, to: numbers.end, primes }).await;
        self.go_on();
    }

    /// Takes over the jobs of nodes that have ended.
    async fn look_after(&mut self) {
        let now = Instant::now();
        let others: Vec<(u32, u64)> = {
            let jobs = self.jobs.read();
            let others = jobs.jobs.iter().filter(|(_, job)| job.is_running() && job.worker != self.me);
            others.map(|(number, job)| (*number, job.done)).collect()
        };
        self.seen.retain(|number, _| others.iter().any(|(other, _)| other == number));
        for (number, done) in others {
            let seen = self.seen.entry(number).or_insert((done, now));
            if seen.0 != done {
                *seen = (done, now);
            } else if now - seen.1 >= STALE {
                self.seen.remove(&number);
                self.change(Event::TakenOver { number, worker: self.me.clone() }).await;
            }
        }
        self.go_on();
    }

    async fn cancel(&mut self, number: u32) {
        self.change(Event::Cancelled { number }).await;
    }

    async fn remove(&mut self, number: u32) {
        self.change(Event::Removed { number }).await;
    }
}

/// Counts the primes among some numbers.
async fn step(number: u32, numbers: Range<u64>) -> Step {
    let range = numbers.clone();
    let primes = tokio::task::spawn_blocking(|| range.filter(|number| is_prime(*number)).count() as u64).await;
    tokio::time::sleep(REST).await;
    Step { number, numbers, primes: primes.expect("counting does not panic") }
}

fn is_prime(number: u64) -> bool {
    number >= 2 && (2..).take_while(|factor| factor * factor <= number).all(|factor| !number.is_multiple_of(factor))
}

impl View for Queue {
    fn render(&self) -> Html<Self> {
        let jobs = &self.jobs.read().jobs;
        html! {
            @if jobs.is_empty() { p.empty-jobs { "There are no jobs. Start one, close this tab, and come back." } }
            @if jobs.len() == JOBS { p role="alert" { "That is enough work for one server. Remove a job to start another." } }
            @if let Some(trouble) = &self.trouble { p role="alert" { (trouble) } }
            div.jobs { @for (number, job) in jobs { div key=(number) { (card(*number, job)) } } }
        }
    }
}

/// Renders a job.
fn card(number: u32, job: &Job) -> Html<Queue> {
    let percent = job.done * 100 / job.limit;
    html! {
        article.job aria-label={ "Job " (number) } {
            header {
                strong { "Job " (number) ": primes below " (grouped(job.limit)) }
                @if job.is_running() {
                    button.outline onclick=(async move |queue: &mut Queue| queue.cancel(number).await) { "Cancel" }
                } @else {
                    button.outline.secondary onclick=(async move |queue: &mut Queue| queue.remove(number).await) { "Remove" }
                }
            }
            progress value=(percent) max="100" aria-label="Progress" {}
            p {
                span.percent { (percent) " %" } " "
                span.result {
                    @if job.is_running() { (grouped(job.primes)) " found so far" }
                    @else if job.is_done() { "Done: there are " strong { (grouped(job.primes)) } "." }
                    @else { "Cancelled after " (grouped(job.done)) " numbers." }
                }
            }
        }
    }
}

/// Formats a number with commas: `1,000,000`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primes_are_counted_correctly() {
        assert_eq!((0..10_000).filter(|number| is_prime(*number)).count(), 1_229);
    }

    #[test]
    fn digits_are_grouped_from_the_right() {
        assert_eq!([0, 999, 1_000, 12_345_678].map(grouped), ["0", "999", "1,000", "12,345,678"]);
    }
}
