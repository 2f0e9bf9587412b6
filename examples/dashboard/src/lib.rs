//! A live dashboard: six wind turbines that publish up to 200 times a second, and charts that are rendered once for all who watch.
//!
//! | file | holds |
//! |---|---|
//! | [`farm`] | the publisher, a daemon: one for all |
//! | [`charts`] | the charts, a shared view: mounted, rendered and encoded once |
//! | this one | the private part around them, one for each visitor |

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
        // The first visitor starts the turbines. They go on turning.
        cx.daemon("farm", Farm::new);
        cx.subscribe(RATE, Self::rate_is);
        Self { rate: farm::FIRST_RATE, charts: cx.shared("charts", Charts::new) }
    }

    /// Somebody has moved the slider.
    fn rate_is(&mut self, rate: &u32) {
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
            p.lead { "Six turbines publish; the charts are rendered once, and the same bytes go to everybody who watches." }
            // The script counts the frames that change something in this element: what this visitor is shown.
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

/// `/dashboard`
pub fn routes() -> Router {
    let script = || async {
        ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("dashboard.js")).into_response()
    };
    Router::new().route("/dashboard", live(Page::mount)).route("/dashboard.js", get(script))
}
