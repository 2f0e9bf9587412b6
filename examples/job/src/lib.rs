//! Jobs that keep running after their tab was closed, and show their progress when it is opened again.
//!
//! [`Queue`] and [`Job`] are daemons: they keep running when no page shows them. [`Page`] is the private view that
//! shows them to one visitor.

mod job;

use axum::Router;
use lanai::prelude::*;

use job::Job;

/// The numbers that the jobs count to.
const SIZES: [u64; 3] = [100_000, 1_000_000, 10_000_000];

/// The maximum number of jobs.
const JOBS: usize = 12;

/// The list of jobs, shared by all visitors.
pub struct Queue {
    cx: Cx<Self>,
    jobs: Vec<(u32, Shared<Job>)>,
    last: u32,
}

impl Queue {
    fn new(cx: Cx<Self>) -> Self {
        Self { cx, jobs: Vec::new(), last: 0 }
    }

    fn start(&mut self, limit: u64) {
        if self.jobs.len() < JOBS {
            self.last += 1;
            let (number, queue) = (self.last, self.cx.clone());
            let job = self.cx.daemon(number, move |cx| Job::start(cx, number, limit, queue));
            self.jobs.push((number, job));
        }
    }

    /// Removes a job from the list, and ends its view: a daemon runs until it is closed.
    fn remove(&mut self, number: u32) {
        if let Some(index) = self.jobs.iter().position(|(job, _)| *job == number) {
            self.jobs.remove(index).1.close();
        }
    }
}

impl View for Queue {
    fn render(&self) -> Html<Self> {
        html! {
            @if self.jobs.is_empty() { p.empty-jobs { "There are no jobs. Start one, close this tab, and come back." } }
            @if self.jobs.len() == JOBS { p role="alert" { "That is enough work for one server. Remove a job to start another." } }
            div.jobs { @for (number, job) in &self.jobs { div key=(number) { (job) } } }
        }
    }
}

/// The page of one visitor.
pub struct Page {
    queue: Shared<Queue>,
}

impl Page {
    async fn mount(cx: Cx<Self>) -> Self {
        cx.title("Jobs");
        // The first visitor starts the queue. All others find it by its type and key.
        Self { queue: cx.daemon("jobs", Queue::new) }
    }

    fn start(&mut self, limit: u64) {
        self.queue.update(move |queue| queue.start(limit));
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! {
            h1 { "Jobs" }
            p.lead { "Count the primes. The server keeps counting when you close the tab, and everyone sees the same." }
            div.rows-buttons {
                @for limit in SIZES {
                    button key=(limit) onclick=(move |page: &mut Self| page.start(limit)) { "Below " (job::grouped(limit)) }
                }
            }
            (self.queue)
        }
    }
}

/// Returns the route `/jobs`.
pub fn routes() -> Router {
    Router::new().route("/jobs", live(Page::mount))
}
