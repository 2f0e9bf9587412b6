//! [`Jobs`]: the jobs and how far they are, the same on all nodes.

use std::collections::BTreeMap;

use lanai::prelude::*;

/// The maximum number of jobs.
pub(crate) const JOBS: usize = 12;

/// A job: counting the primes below a limit.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) limit: u64,
    /// All numbers below this have been checked.
    pub(crate) done: u64,
    /// How many primes there are among them.
    pub(crate) primes: u64,
    /// The queue that counts.
    pub(crate) worker: String,
    pub(crate) is_cancelled: bool,
}

impl Job {
    pub(crate) fn is_done(&self) -> bool {
        self.done == self.limit
    }

    pub(crate) fn is_running(&self) -> bool {
        !self.is_done() && !self.is_cancelled
    }
}

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Jobs {
    /// By number.
    pub(crate) jobs: BTreeMap<u32, Job>,
    /// The number of the last job.
    last: u32,
}

/// What has happened to the jobs.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Event {
    Started {
        limit: u64,
        worker: String,
    },
    /// A queue goes on with a job whose worker does not move any more.
    TakenOver {
        number: u32,
        worker: String,
    },
    /// The numbers from `from` to before `to` were checked.
    Counted {
        number: u32,
        worker: String,
        from: u64,
        to: u64,
        primes: u64,
    },
    Cancelled {
        number: u32,
    },
    Removed {
        number: u32,
    },
}

impl Replicate for Jobs {
    type Event = Event;

    fn apply(&mut self, event: &Event) {
        match event.clone() {
            Event::Started { limit, worker } => {
                self.last += 1;
                let job = Job { limit, done: 0, primes: 0, worker, is_cancelled: false };
                self.jobs.insert(self.last, job);
            }
            Event::TakenOver { number, worker } => self.change(number, |job| job.worker = worker),
            Event::Counted { number, to, primes, .. } => self.change(number, |job| {
                job.done = to;
                job.primes += primes;
            }),
            Event::Cancelled { number } => self.change(number, |job| job.is_cancelled = true),
            Event::Removed { number } => drop(self.jobs.remove(&number)),
        }
    }
}

impl Jobs {
    fn change(&mut self, number: u32, change: impl FnOnce(&mut Job)) {
        if let Some(job) = self.jobs.get_mut(&number) {
            change(job);
        }
    }

    /// Checks whether an event fits the jobs as they are now. So each number is counted once, whatever happens to the
    /// workers: what was counted after a job was taken over or cancelled is refused.
    pub(crate) fn check(&self, event: &Event) -> Result<Event, &'static str> {
        let job = |number: &u32| self.jobs.get(number).ok_or("Somebody has removed the job meanwhile.");
        let fits = match event {
            Event::Started { .. } => self.jobs.len() < JOBS,
            Event::TakenOver { number, worker } => {
                let job = job(number)?;
                job.is_running() && job.worker != *worker
            }
            Event::Counted { number, worker, from, .. } => {
                let job = job(number)?;
                job.is_running() && job.worker == *worker && job.done == *from
            }
            Event::Cancelled { number } => job(number)?.is_running(),
            Event::Removed { number } => !job(number)?.is_running(),
        };
        if fits { Ok(event.clone()) } else { Err("The job has changed meanwhile.") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(worker: &str, from: u64) -> Event {
        Event::Counted { number: 1, worker: worker.into(), from, to: from + 10, primes: 4 }
    }

    #[test]
    fn each_number_is_counted_once_whoever_counts() {
        let mut jobs = Jobs::default();
        for event in [
            Event::Started { limit: 30, worker: "a".into() },
            counted("a", 0),
            Event::TakenOver { number: 1, worker: "b".into() },
            counted("b", 10),
        ] {
            jobs.apply(&jobs.check(&event).ok().unwrap());
        }
        // The first worker was only slow. The second has sent the same again.
        for late in [counted("a", 10), counted("a", 20), counted("b", 10)] {
            assert!(jobs.check(&late).is_err());
        }
        jobs.apply(&jobs.check(&Event::Cancelled { number: 1 }).ok().unwrap());
        assert!(jobs.check(&counted("b", 20)).is_err());
        assert_eq!((jobs.jobs[&1].done, jobs.jobs[&1].primes), (20, 8));
    }

    #[test]
    fn only_what_does_not_run_is_removed() {
        let mut jobs = Jobs::default();
        jobs.apply(&Event::Started { limit: 10, worker: "a".into() });
        assert!(jobs.check(&Event::Removed { number: 1 }).is_err());
        jobs.apply(&counted("a", 0));
        assert!(jobs.check(&Event::Cancelled { number: 1 }).is_err());
        jobs.apply(&jobs.check(&Event::Removed { number: 1 }).ok().unwrap());
        assert!(jobs.check(&Event::Removed { number: 1 }).is_err());
    }
}
