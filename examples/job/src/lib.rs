//! Jobs that keep running after their tab was closed, and show their progress when it is opened again.
//!
//! | file | contents |
//! |---|---|
//! | `jobs` | the jobs and how far they are: a replicated state, the same on all nodes, and kept over their restarts |
//! | `queue` | a daemon on each node, which keeps running when no page shows it: the view of the jobs, and their worker |
//! | this one | the page around it: a private view for each visitor |

mod jobs;
mod queue;

use axum::Router;
use lanai::prelude::*;

use queue::{Queue, grouped};

/// The numbers that the jobs count to.
const SIZES: [u64; 3] = [100_000, 1_000_000, 10_000_000];

/// The page of one visitor.
pub struct Page {
    queue: Shared<Queue>,
}

impl Page {
    async fn mount(cx: Cx<Self>) -> Self {
        cx.title("Jobs");
        // The first visitor of a node starts its queue. All others find it by its type and key.
        Self { queue: cx.daemon("jobs", Queue::mount) }
    }

    fn start(&mut self, limit: u64) {
        self.queue.update_async(async move |queue: &mut Queue| queue.start(limit).await);
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! {
            h1 { "Jobs" }
            p.lead { "Count the primes. The server keeps counting when you close the tab, and everyone sees the same." }
            div.rows-buttons {
                @for limit in SIZES {
                    button key=(limit) onclick=(move |page: &mut Self| page.start(limit)) { "Below " (grouped(limit)) }
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
