//! A live dashboard: six wind turbines that publish up to 200 times per second each, and charts that are rendered once
//! for all viewers.
//!
//! | file | contents |
//! |---|---|
//! | [`farm`] | the publisher: one daemon for all visitors |
//! | [`charts`] | the charts: a shared view, which is mounted, rendered and encoded once |
//! | this one | the page around the charts: a private view for each visitor |

mod charts;
mod farm;

use std::time::Duration;

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use lanai::prelude::*;

use charts::Charts;
use farm::{Farm, RATE, RATES};

/// The page of one visitor.
pub struct Page {
    rate: u32,
    charts: Shared<Charts>,
}

impl Page {
    async fn mount(cx: Cx<Self>) -> Self {
        cx.title("Dashboard");
        // The first visitor starts the turbines, and they never stop.
        cx.daemon("farm", Farm::new);
        cx.subscribe(RATE, Self::rate_changed);
        Self { rate: farm::FIRST_RATE, charts: cx.shared("charts", Charts::new) }
    }

    /// Someone has moved the slider.
    fn rate_changed(&mut self, rate: &u32) {
        self.rate = *rate;
    }

    fn set_rate(&mut self, Value(rate): Value<u32>, cx: &Cx<Self>) {
        cx.publish(RATE, rate.clamp(*RATES.start(), *RATES.end()));
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! {
            script type="module" src="/dashboard.js" {}
            h1 { "Wind farm" }
            p.lead { "Six turbines publish; the charts are rendered once, and every viewer gets the same bytes." }
            // The script counts the frames that change this element, which are the frames shown to this visitor.
            div.dashboard data-lanai-hook="frames" {
                div.figures {
                    label {
                        "Readings of each turbine: " strong { (self.rate) " a second" }
                        input type="range" min=(RATES.start()) max=(RATES.end()) value=(self.rate) aria-label="Readings a second"
                            oninput=(on(Self::set_rate).throttle(Duration::from_millis(100)));
                    }
                    p.figure { output #frames { "0" } " frames a second shown to you" }
                }
                (self.charts)
            }
        }
    }
}

/// Returns the route `/dashboard` and its script.
pub fn routes() -> Router {
    let script = || async {
        ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("dashboard.js")).into_response()
    };
    Router::new().route("/dashboard", live(Page::mount)).route("/dashboard.js", get(script))
}
