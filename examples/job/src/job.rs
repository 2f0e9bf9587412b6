//! [`Job`]: a long computation in steps, which can be cancelled.

use std::ops::Range;
use std::time::Duration;

use lanai::prelude::*;
use lanai::task::Task;

use crate::Queue;

/// The number of integers that a step checks.
const STEP: u64 = 10_000;

/// How long a job pauses after each step, so that other jobs can run, and so that its progress is visible.
const REST: Duration = Duration::from_millis(100);

/// A job. It is a daemon, so it does not depend on how many pages show it.
pub(crate) struct Job {
    number: u32,
    limit: u64,
    /// All numbers below this have been checked.
    done: u64,
    primes: u64,
    state: State,
    queue: Cx<Queue>,
}

enum State {
    /// Contains the running step.
    Running(Task),
    Done,
    Cancelled,
}

impl Job {
    pub(crate) fn start(cx: Cx<Self>, number: u32, limit: u64, queue: Cx<Queue>) -> Self {
        Self { number, limit, done: 0, primes: 0, state: State::Running(step(&cx, 0..STEP.min(limit))), queue }
    }

    fn counted(&mut self, (done, primes): (u64, u64), cx: &Cx<Self>) {
        self.done = done;
        self.primes += primes;
        self.state = match done < self.limit {
            true => State::Running(step(cx, done..(done + STEP).min(self.limit))),
            false => State::Done,
        };
    }

    fn cancel(&mut self) {
        if let State::Running(step) = &self.state {
            step.cancel();
            self.state = State::Cancelled;
        }
    }

    fn remove(&mut self) {
        let number = self.number;
        self.queue.update(move |queue| queue.remove(number));
    }
}

/// Starts a step that runs concurrently with the view, so that the view can be shown and cancelled meanwhile.
fn step(cx: &Cx<Job>, numbers: Range<u64>) -> Task {
    let end = numbers.end;
    let work = async move {
        let primes = tokio::task::spawn_blocking(|| numbers.filter(|number| is_prime(*number)).count() as u64).await;
        tokio::time::sleep(REST).await;
        (end, primes.expect("counting does not panic"))
    };
    cx.spawn(work, Job::counted)
}

fn is_prime(number: u64) -> bool {
    number >= 2 && (2..).take_while(|factor| factor * factor <= number).all(|factor| !number.is_multiple_of(factor))
}

impl View for Job {
    fn render(&self) -> Html<Self> {
        let percent = self.done * 100 / self.limit;
        html! {
            article.job aria-label={ "Job " (self.number) } {
                header {
                    strong { "Job " (self.number) ": primes below " (grouped(self.limit)) }
                    @match &self.state {
                        State::Running(_) => button.outline onclick=(Self::cancel) { "Cancel" },
                        State::Done | State::Cancelled => button.outline.secondary onclick=(Self::remove) { "Remove" }
                    }
                }
                progress value=(percent) max="100" aria-label="Progress" {}
                p {
                    span.percent { (percent) " %" } " "
                    span.result {
                        @match &self.state {
                            State::Running(_) => { (grouped(self.primes)) " found so far" }
                            State::Done => { "Done: there are " strong { (grouped(self.primes)) } "." }
                            State::Cancelled => { "Cancelled after " (grouped(self.done)) " numbers." }
                        }
                    }
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
