//! [`Farm`]: the turbines. It publishes their readings, whether or not anyone subscribes.

use std::ops::RangeInclusive;
use std::time::Duration;

use lanai::prelude::*;
use lanai::task::Task;

/// One message for each turbine and reading. The topic is local: if there are several processes, each has its own farm.
pub(crate) const READINGS: Topic<Reading> = Topic::local("dashboard/readings");

/// The number of readings per second for each turbine. A page that subscribes later receives the last value.
pub(crate) const RATE: Topic<u32> = Topic::local("dashboard/rate").history(1);

pub(crate) const RATES: RangeInclusive<u32> = 1..=200;
pub(crate) const FIRST_RATE: u32 = 30;
pub(crate) const TURBINES: usize = 6;

/// The maximum power of a turbine, in megawatts.
pub(crate) const RATED_POWER: f64 = 3.0;

/// A reading of one turbine.
pub(crate) struct Reading {
    pub(crate) turbine: usize,
    /// In meters per second.
    pub(crate) wind: f64,
    /// In megawatts.
    pub(crate) power: f64,
}

/// A daemon that no page shows. It needs only a mailbox and a timer.
pub(crate) struct Farm {
    clock: Task,
    /// Simulated seconds since the start.
    time: f64,
    step: f64,
    gust: f64,
    noise: Noise,
}

impl Farm {
    pub(crate) fn new(cx: Cx<Self>) -> Self {
        cx.subscribe(RATE, Self::set_rate);
        let clock = cx.every(period(FIRST_RATE), Self::measure);
        Self { clock, time: 0.0, step: period(FIRST_RATE).as_secs_f64(), gust: 0.0, noise: Noise(0x9e37_79b9) }
    }

    fn set_rate(&mut self, rate: &u32, cx: &Cx<Self>) {
        self.clock.cancel();
        self.clock = cx.every(period(*rate), Self::measure);
        self.step = period(*rate).as_secs_f64();
    }

    fn measure(&mut self, cx: &Cx<Self>) {
        self.time += self.step;
        // A gust begins suddenly and fades within a second or two.
        self.gust += (self.noise.draw() - 0.5) * 6.0 * self.step.sqrt() - self.gust * self.step.min(1.0);
        let wind = 9.0 + 3.0 * (self.time * 0.25).sin() + self.gust;
        for turbine in 0..TURBINES {
            let wind = (wind + (self.time * 0.7 + turbine as f64 * 1.3).sin() * 1.5).clamp(0.0, 25.0);
            cx.publish(READINGS, Reading { turbine, wind, power: power(wind) });
        }
    }
}

impl View for Farm {
    fn render(&self) -> Html<Self> {
        html! {}
    }
}

fn period(rate: u32) -> Duration {
    Duration::from_secs(1) / rate
}

/// Returns the power of a turbine: zero below 3 m/s, then growing with the cube of the wind speed up to the maximum.
fn power(wind: f64) -> f64 {
    (((wind - 3.0) / 9.0).clamp(0.0, 1.0)).powi(3) * RATED_POWER
}

/// Generates numbers between 0 and 1 with [xorshift](https://www.jstatsoft.org/article/view/v008i14).
struct Noise(u32);

impl Noise {
    fn draw(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        f64::from(self.0) / f64::from(u32::MAX)
    }
}
