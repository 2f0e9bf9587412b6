//! Jobs whose progress is still right after the tab was closed and opened again.
//!
//! [`Queue`] and [`Job`] are daemon views: they live on when nobody watches. [`Page`] is the private view of one visitor, and shows them.

mod job;

use axum::Router;
use lanai::prelude::*;

use job::Job;

/// How far the jobs count.
const SIZES: [u64; 3] = [100_000, 1_000_000, 10_000_000];

/// How many jobs there may be.
const JOBS: usize = 12;

/// The list of the jobs: one for everybody.
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

    /// Takes a job from the list, and ends its view: a daemon lives until somebody says so.
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
        // The first visitor starts the queue; all others find it by its type and key.
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
            p.lead { "Count the primes. The server goes on when you close the tab, and everybody sees the same." }
            div.rows-buttons {
                @for limit in SIZES {
                    button key=(limit) onclick=(move |page: &mut Self| page.start(limit)) { "Below " (job::grouped(limit)) }
                }
            }
            (self.queue)
        }
    }
}

/// `/jobs`
pub fn routes() -> Router {
    Router::new().route("/jobs", live(Page::mount))
}
