//! [`Water`]: the fish and the crumbs of a pond, the same on all nodes.

use std::collections::BTreeMap;

use lanai::prelude::*;

/// The size of the pond, in its own units.
pub(crate) const WIDTH: i32 = 1600;
pub(crate) const HEIGHT: i32 = 900;

/// How many ticks a second has.
pub(crate) const TICKS: u64 = 20;

/// How far a fish swims in one tick.
const SPEED: i32 = 16;

/// How close to a crumb a fish must be to eat it.
const REACH: i32 = 34;

/// Who has eaten this many crumbs wins the round.
pub(crate) const ENOUGH: u32 = 15;

/// The maximum number of fish.
const FISH: usize = 60;

/// After how many ticks a fish that nobody steers leaves: those of a minute.
const ASLEEP: u64 = 60 * TICKS;

/// The name of the state of a pond.
pub(crate) fn state_of(pond: &str) -> String {
    format!("pond/{pond}")
}

/// A place in the pond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) x: i32,
    pub(crate) y: i32,
}

impl Place {
    /// The closest place in the pond.
    pub(crate) fn new(x: i32, y: i32) -> Self {
        Self { x: x.clamp(0, WIDTH), y: y.clamp(0, HEIGHT) }
    }

    /// A place that is not at the edge.
    fn random(random: u64) -> Self {
        let margin = 2 * REACH;
        let within = |size: i32, random: u32| margin + (random % (size - 2 * margin) as u32) as i32;
        Self { x: within(WIDTH, random as u32), y: within(HEIGHT, (random >> 32) as u32) }
    }

    fn distance(self, to: Self) -> i32 {
        ((to.x - self.x).pow(2) + (to.y - self.y).pow(2)).isqrt()
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Fish {
    pub(crate) name: String,
    /// The color, in degrees.
    pub(crate) hue: u16,
    pub(crate) at: Place,
    /// Where it swims to.
    pub(crate) to: Place,
    /// How many crumbs it has eaten in this round.
    pub(crate) score: u32,
    /// The tick in which somebody steered it.
    steered: u64,
}

/// A pond, folded from what happened in it.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Water {
    pub(crate) tick: u64,
    /// By the pages that steer them.
    pub(crate) fish: BTreeMap<String, Fish>,
    /// With their numbers.
    pub(crate) crumbs: Vec<(u64, Place)>,
    /// What people should know.
    pub(crate) news: String,
}

/// Where a fish is to swim.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Aim {
    pub(crate) who: String,
    pub(crate) to: Place,
}

/// What has happened in a pond.
#[derive(Serialize, Deserialize)]
pub(crate) enum Event {
    Joined {
        who: String,
        name: String,
        hue: u16,
    },
    Left {
        who: String,
    },
    Aimed(Vec<Aim>),
    /// A twentieth of a second has passed.
    Ticked {
        /// What people did meanwhile.
        aims: Vec<Aim>,
        /// Where the next crumb falls. All nodes must agree on that, so it is part of the event.
        random: u64,
    },
}

impl Replicate for Water {
    type Event = Event;

    fn apply(&mut self, event: &Event) {
        match event {
            Event::Joined { who, name, hue } => {
                let at = Place { x: WIDTH / 2, y: HEIGHT / 2 };
                let fish = Fish { name: name.clone(), hue: *hue, at, to: at, score: 0, steered: self.tick };
                self.news = format!("{name} is in the water.");
                self.fish.insert(who.clone(), fish);
            }
            Event::Left { who } => drop(self.fish.remove(who)),
            Event::Aimed(aims) => self.aim(aims),
            Event::Ticked { aims, random } => {
                self.aim(aims);
                self.tick(*random);
            }
        }
    }
}

impl Water {
    /// Checks whether a fish has a place in the pond.
    pub(crate) fn joined(&self, who: &str, name: &str, hue: u16) -> Result<Event, &'static str> {
        match self.fish.len() {
            0..FISH => Ok(Event::Joined { who: who.into(), name: name.into(), hue }),
            _ => Err("The pond is full. Watch, or choose another one."),
        }
    }

    /// Checks whether a fish is in the water, so that it can leave.
    pub(crate) fn left(&self, who: &str) -> Result<Event, &'static str> {
        self.fish.get(who).map(|_| Event::Left { who: who.into() }).ok_or("The fish is not in the water.")
    }

    fn aim(&mut self, aims: &[Aim]) {
        for Aim { who, to } in aims {
            if let Some(fish) = self.fish.get_mut(who) {
                (fish.to, fish.steered) = (*to, self.tick);
            }
        }
    }

    fn tick(&mut self, random: u64) {
        self.tick += 1;
        let now = self.tick;
        self.fish.retain(|_, fish| now - fish.steered < ASLEEP);
        let mut winner = None;
        for fish in self.fish.values_mut() {
            fish.swim();
            let before = self.crumbs.len();
            self.crumbs.retain(|(_, crumb)| crumb.distance(fish.at) > REACH);
            fish.score += (before - self.crumbs.len()) as u32;
            if fish.score >= ENOUGH {
                winner.get_or_insert_with(|| fish.name.clone());
            }
        }
        if let Some(name) = winner {
            self.news = format!("{name} has won this round.");
            self.fish.values_mut().for_each(|fish| fish.score = 0);
        }
        if self.crumbs.len() < 6 + self.fish.len() && now.is_multiple_of(TICKS / 4) {
            self.crumbs.push((now, Place::random(random)));
        }
    }
}

impl Fish {
    fn swim(&mut self) {
        let (dx, dy) = (self.to.x - self.at.x, self.to.y - self.at.y);
        let distance = self.at.distance(self.to);
        if distance <= SPEED {
            self.at = self.to;
        } else {
            self.at = Place { x: self.at.x + dx * SPEED / distance, y: self.at.y + dy * SPEED / distance };
        }
    }

    /// Whether it swims to the left.
    pub(crate) fn looks_left(&self) -> bool {
        self.to.x < self.at.x
    }

    /// Where it looks, in degrees clockwise from the right.
    pub(crate) fn angle(&self) -> i32 {
        let (dx, dy) = (self.to.x - self.at.x, self.to.y - self.at.y);
        // In steps of five degrees, so that a fish that swims straight ahead is not written again.
        (f64::from(dy).atan2(f64::from(dx)).to_degrees() / 5.0).round() as i32 * 5
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pond(names: &[&str]) -> Water {
        let mut water = Water::default();
        for name in names {
            water.apply(&water.joined(name, name, 0).unwrap());
        }
        water
    }

    fn ticked(aims: Vec<Aim>) -> Event {
        Event::Ticked { aims, random: 0 }
    }

    #[test]
    fn a_fish_swims_to_its_aim_and_rests_there() {
        let mut water = pond(&["ann"]);
        let to = Place::new(10_000, -3);
        assert_eq!(to, Place { x: WIDTH, y: 0 });
        water.apply(&ticked(vec![Aim { who: "ann".into(), to }]));
        let mut ticks = 1;
        while water.fish["ann"].at != to {
            water.apply(&ticked(vec![]));
            ticks += 1;
        }
        assert!((57..70).contains(&ticks), "{ticks}");
    }

    #[test]
    fn who_has_eaten_enough_wins_and_all_begin_again() {
        let mut water = pond(&["ann", "bob"]);
        for number in 0..u64::from(ENOUGH) {
            assert!(!water.news.contains("won"), "{number}");
            let at = water.fish["ann"].at;
            water.crumbs = vec![(number, at)];
            water.apply(&ticked(vec![]));
        }
        assert_eq!(water.news, "ann has won this round.");
        assert!(water.fish.values().all(|fish| fish.score == 0));
    }

    #[test]
    fn a_fish_that_nobody_steers_leaves() {
        let mut water = pond(&["ann", "bob"]);
        for _ in 0..ASLEEP {
            let to = Place::new(1, 1);
            water.apply(&ticked(vec![Aim { who: "bob".into(), to }, Aim { who: "nobody".into(), to }]));
        }
        assert_eq!(water.fish.keys().collect::<Vec<_>>(), ["bob"]);
    }

    #[test]
    fn crumbs_fall_inside_and_there_are_never_too_many() {
        let mut water = pond(&["ann"]);
        for random in 0..5_000_u64 {
            let random = random.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            water.apply(&Event::Ticked { aims: vec![Aim { who: "ann".into(), to: Place::new(0, 0) }], random });
        }
        assert_eq!(water.crumbs.len(), 7);
        assert!(water.crumbs.iter().all(|(_, at)| *at == Place::new(at.x, at.y)));
    }

    #[test]
    fn a_pond_is_full_at_some_time() {
        let names: Vec<String> = (0..FISH).map(|number| number.to_string()).collect();
        let water = pond(&names.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(water.joined("one more", "one more", 0).is_err());
    }
}
