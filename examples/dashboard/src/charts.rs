//! [`Charts`]: a line chart, bars and a gauge in SVG. The style sheet defines the colors, for light and dark mode.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::time::Duration;

use lanai::prelude::*;

use crate::farm::{RATED_POWER, READINGS, Reading, TURBINES};

/// The number of readings that the line shows.
const SHOWN: usize = 120;

/// The wind speed at the end of the gauge, in meters per second.
const GALE: f64 = 25.0;

/// The charts: a shared view. All messages that arrive while it is rendered, or while its viewers are busy, share the
/// next frame.
pub(crate) struct Charts {
    wind: f64,
    power: [f64; TURBINES],
    /// The total power of the turbines, for each round of readings.
    total: VecDeque<f64>,
    rounds: u64,
    messages: u64,
    messages_before: u64,
    per_second: u64,
}

impl Charts {
    pub(crate) fn new(cx: Cx<Self>) -> Self {
        cx.subscribe(READINGS, Self::received);
        cx.every(Duration::from_secs(1), Self::count);
        Self {
            wind: 0.0,
            power: [0.0; TURBINES],
            total: VecDeque::new(),
            rounds: 0,
            messages: 0,
            messages_before: 0,
            per_second: 0,
        }
    }

    fn received(&mut self, reading: &Reading) {
        self.messages += 1;
        self.power[reading.turbine] = reading.power;
        if reading.turbine == TURBINES - 1 {
            self.wind = reading.wind;
            self.rounds += 1;
            self.total.push_back(self.power.iter().sum());
            if self.total.len() > SHOWN {
                self.total.pop_front();
            }
        }
    }

    fn count(&mut self) {
        self.per_second = self.messages - self.messages_before;
        self.messages_before = self.messages;
    }
}

impl View for Charts {
    fn render(&self) -> Html<Self> {
        html! {
            p.figure { output #messages { (self.per_second) } " messages a second received by the charts" }
            div.charts {
                article.wide {
                    header { h2 { "Power" } strong #power { (format!("{:.2}", self.total.back().unwrap_or(&0.0))) " MW" } }
                    (self.line())
                    footer { small { "The last " (SHOWN) " readings; " span #rounds { (self.rounds) } " so far." } }
                }
                article {
                    header { h2 { "Turbines" } }
                    (self.bars())
                }
                article {
                    header { h2 { "Wind" } strong { (format!("{:.1}", self.wind)) " m/s" } }
                    (self.gauge())
                }
            }
        }
    }
}

impl Charts {
    /// Renders the total power over time, from 0 to 18 MW.
    fn line(&self) -> Html {
        let most = RATED_POWER * TURBINES as f64;
        let mut points = String::new();
        let first = SHOWN - self.total.len();
        for (index, power) in self.total.iter().enumerate() {
            let (x, y) = ((first + index) as f64 * 600.0 / (SHOWN - 1) as f64, 200.0 - power / most * 200.0);
            write!(points, "{x:.0},{y:.1} ").expect("writing to a string does not fail");
        }
        let left = first as f64 * 600.0 / (SHOWN - 1) as f64;
        html! {
            svg.chart.line viewBox="0 0 600 200" preserveAspectRatio="none" role="img" aria-label="Power of all turbines over time" {
                @for y in [50, 100, 150] { line.grid x1="0" x2="600" y1=(y) y2=(y) {} }
                @if !self.total.is_empty() {
                    polygon.area points={ (format!("{left:.0},200 ")) (points) "600,200" } {}
                    polyline.curve points=(points) {}
                }
            }
        }
    }

    /// Renders one bar for each turbine.
    fn bars(&self) -> Html {
        html! {
            svg.chart.bars viewBox="0 0 300 200" role="img" aria-label="Power of each turbine" {
                @for (turbine, power) in self.power.iter().enumerate() {
                    @let (x, height) = (turbine * 50 + 8, power / RATED_POWER * 170.0);
                    rect.slot x=(x) y="5" width="34" height="170" rx="4" {}
                    rect.bar x=(x) y=(format!("{:.1}", 175.0 - height)) width="34" height=(format!("{height:.1}")) rx="4" {}
                    text x=(x + 17) y="195" text-anchor="middle" { (turbine + 1) }
                }
            }
        }
    }

    /// Renders the wind speed as a half circle. With `pathLength`, the arc counts as 100 units long.
    fn gauge(&self) -> Html {
        let percent = self.wind / GALE * 100.0;
        html! {
            svg.chart.gauge viewBox="0 0 300 175" role="img" aria-label="Speed of the wind" {
                path.slot d="M30 150 A120 120 0 0 1 270 150" pathLength="100" {}
                path.needle d="M30 150 A120 120 0 0 1 270 150" pathLength="100" stroke-dasharray={ (format!("{percent:.1}")) " 200" } {}
                text x="30" y="172" text-anchor="middle" { "0" }
                text x="270" y="172" text-anchor="middle" { (GALE) }
                text.big x="150" y="140" text-anchor="middle" { (format!("{:.0}", self.wind)) }
            }
        }
    }
}
