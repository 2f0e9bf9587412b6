//! [`Pond`]: what all who look at a pond see, once on each node.

use std::collections::HashMap;
use std::time::Duration;

use lanai::Address;
use lanai::event::{FromEvent, Key};
use lanai::prelude::*;
use tokio::time::Instant;

use crate::water::{Aim, ENOUGH, Event, Fish, HEIGHT, Place, TICKS, WIDTH, Water, state_of};

/// The time from one tick to the next.
const PERIOD: Duration = Duration::from_millis(1000 / TICKS);

/// How far away a fish swims that is steered with the keyboard.
const FAR: i32 = 10_000;

/// Where a pointer is, in pixels of the pond.
#[derive(FromEvent)]
pub(crate) struct Pointed {
    offset_x: f64,
    offset_y: f64,
    #[event("currentTarget.clientWidth")]
    width: f64,
}

pub(crate) struct Pond {
    water: Replicated<Water>,
    /// Where the people of this node want to swim. All nodes are told with the next tick, since most aims are replaced
    /// before that.
    aims: HashMap<Address, Place>,
    /// The last tick that this node has seen, and when.
    seen: (u64, Instant),
}

impl Pond {
    pub(crate) async fn mount(cx: Cx<Self>, name: String) -> Result<Self> {
        let water = cx.replicated(state_of(&name)).await?;
        cx.every(PERIOD, Self::tick);
        Ok(Self { water, aims: HashMap::new(), seen: (0, Instant::now()) })
    }

    /// Any node can move time on; one at a time does. A node waits for the tick of another, and ticks itself only if
    /// there was none for a whole period. If two do so at once, the state of the second has changed meanwhile.
    async fn tick(&mut self) {
        let (tick, is_empty) = {
            let water = self.water.read();
            (water.tick, water.fish.is_empty())
        };
        let now = Instant::now();
        if self.seen.0 != tick {
            self.seen = (tick, now);
        }
        // Timers are not exact.
        let is_due = !is_empty && now - self.seen.1 > PERIOD * 3 / 4;
        if !is_due && self.aims.is_empty() {
            return;
        }
        let aims: Vec<Aim> = self.aims.drain().map(|(page, to)| Aim { who: page.to_string(), to }).collect();
        let random = getrandom::u64().unwrap_or_default();
        let ticked = self.water.command(|water| {
            if is_due && water.tick == tick {
                Ok(Event::Ticked { aims: aims.clone(), random })
            } else if !aims.is_empty() {
                Ok(Event::Aimed(aims.clone()))
            } else {
                Err("another node was faster")
            }
        });
        // Whatever was not told is replaced by the next aim.
        let _ = ticked.await;
        if is_due {
            self.seen = (tick + 1, now);
        }
    }

    /// Steers the fish of the page that has sent the event, if it has one.
    fn aim(&mut self, cx: &Cx<Self>, to: impl FnOnce(Place) -> Place) {
        if let Some(page) = cx.event_source()
            && let Some(fish) = self.water.read().fish.get(&page.to_string())
        {
            self.aims.insert(page, to(fish.at));
        }
    }

    fn pointed(&mut self, pointed: Pointed, cx: &Cx<Self>) {
        let scale = f64::from(WIDTH) / pointed.width.max(1.0);
        let place = Place::new((pointed.offset_x * scale) as i32, (pointed.offset_y * scale) as i32);
        self.aim(cx, |_| place);
    }

    fn key_pressed(&mut self, key: Key, cx: &Cx<Self>) {
        if key.repeat {
            return;
        }
        self.aim(cx, |at| match key.key.as_str() {
            "ArrowLeft" => Place::new(at.x - FAR, at.y),
            "ArrowRight" => Place::new(at.x + FAR, at.y),
            "ArrowUp" => Place::new(at.x, at.y - FAR),
            "ArrowDown" => Place::new(at.x, at.y + FAR),
            _ => at,
        });
    }
}

impl View for Pond {
    fn render(&self) -> Html<Self> {
        let water = self.water.read();
        let mut ranks: Vec<_> = water.fish.iter().collect();
        ranks.sort_by_key(|(_, fish)| std::cmp::Reverse(fish.score));
        html! {
            p.news role="status" { (water.news) }
            @if let Some(reason) = water.halted() { p role="alert" { "This pond is out of order: " (reason) } }
            div.pond tabindex="0" role="application" aria-label="The pond. Steer your fish with the arrow keys."
                onpointermove=(Self::pointed) onpointerdown=(Self::pointed)
                onkeydown=(on(Self::key_pressed).key("ArrowLeft").key("ArrowRight").key("ArrowUp").key("ArrowDown").key(" ").prevent()) {
                svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } aria-hidden="true" {
                    @for (number, at) in &water.crumbs { circle.crumb key=(number) cx=(at.x) cy=(at.y) r="9" {} }
                    @for (who, fish) in &water.fish { g.fish key=(who) style={ "transform: translate(" (fish.at.x) "px, " (fish.at.y) "px)" } { (body(fish)) } }
                }
            }
            ol.ranks aria-label="Crumbs eaten" {
                @for (who, fish) in ranks {
                    li key=(who) { span style={ "color: hsl(" (fish.hue) " 70% 45%)" } { "●" } " " (fish.name) " " strong { (fish.score) } }
                }
            }
            @if water.fish.is_empty() { p { "Nobody is in the water." } } @else { small { "The first with " (ENOUGH) " crumbs wins the round." } }
        }
    }
}

/// Renders a fish that looks where it swims.
fn body(fish: &Fish) -> Html<Pond> {
    // Its back stays above.
    let flip = if fish.looks_left() { -1 } else { 1 };
    html! {
        g.body style={ "transform: rotate(" (fish.angle()) "deg) scaleY(" (flip) "); fill: hsl(" (fish.hue) " 75% 60%)" } {
            path d="M34 0C18-20-14-20-28-3L-50-18-44 0-50 18-28 3C-14 20 18 20 34 0Z" {}
            circle.eye cx="17" cy="-5" r="3.500" {}
        }
        text y="46" { (fish.name) }
    }
}
