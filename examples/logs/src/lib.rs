//! Logs that go on for ever: a viewer for the lines of a few services, in which one can scroll both ways without end,
//! and the output of a deployment.
//!
//! | file | contents |
//! |---|---|
//! | [`service`] | the lines, and a daemon that says when there are new ones |
//! | [`viewer`] | the viewer: a few hundred lines around the place where the reader is |
//! | [`deployment`] | a child with a [`Log`](lanai::Log) |
//! | this one | the page |

mod deployment;
mod service;
mod viewer;

use axum::Router;
use lanai::prelude::*;

use deployment::Deployment;
use viewer::Viewer;

struct Page {
    viewer: Child<Viewer>,
    deployment: Child<Deployment>,
}

impl Page {
    async fn mount(cx: Cx<Self>) -> Self {
        cx.title("Logs");
        // The first visitor starts the services, and they never stop.
        cx.daemon("services", service::Services::new);
        Self {
            viewer: cx.child("viewer", Viewer::mount),
            deployment: cx.child("deployment", |_| Deployment::default()),
        }
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! {
            h1 { "Logs" }
            p.lead { "Scroll up, and older lines are loaded; stay at the end, and new lines come. Nobody moves the page under you." }
            (self.viewer)
            (self.deployment)
        }
    }
}

/// Returns the route `/logs`.
pub fn routes() -> Router {
    Router::new().route("/logs", live(Page::mount))
}
