//! [`Node`]: a process with its own broker, and what it reports.

use std::collections::HashSet;

use lanai_pubsub::Topic;
use serde::{Deserialize, Serialize};

use crate::process::{Process, Report};

/// Which node has published a message, and its number.
pub type Mark = (u32, u32);

/// The topic on which the nodes publish.
pub const MARKS: Topic<Mark> = Topic::new("marks").history(0);

/// A command to a node, one per line.
#[derive(Debug, Serialize, Deserialize)]
pub enum Order {
    /// Publish a number of messages, at a limited rate.
    Publish {
        /// The number of the first one.
        from: u32,
        /// How many.
        count: u32,
        /// How many to publish before pausing for a millisecond.
        pace: u32,
    },
    /// Publish one message and die as by `kill -9`, as soon as [`publish`](lanai_pubsub::Broker::publish) or
    /// [`stored`](lanai_pubsub::Receipt::stored) has returned.
    PublishAndDie {
        /// Its number.
        number: u32,
        /// Whether to wait for `stored`.
        stored: bool,
    },
}

/// What a node reports, one per line.
#[derive(Debug, Serialize, Deserialize)]
pub enum Word {
    /// It has connected and subscribed.
    Ready,
    /// Its subscriber received a message.
    Heard(Mark),
    /// One of its own messages was stored.
    Stored(u32),
    /// A message could not be published.
    Failed(u32, String),
    /// Its subscriber was told of missing messages.
    Missed,
    /// The transport has disconnected or reconnected.
    Disconnected(bool),
}

/// What a node has reported so far.
#[derive(Debug, Default)]
pub struct Said {
    /// What its subscriber received, in order.
    pub heard: Vec<Mark>,
    /// Which of its own messages are stored.
    pub stored: HashSet<u32>,
    /// Which could not be published, and why.
    pub failed: Vec<(u32, String)>,
    /// How often messages were missing.
    pub missed: usize,
    /// How often the transport disconnected.
    pub disconnects: usize,
    ready: bool,
}

/// A process with a broker.
pub type Node = Process<Said>;

impl Report for Said {
    type Order = Order;
    type Word = Word;

    fn take(&mut self, word: Word) {
        match word {
            Word::Ready => self.ready = true,
            Word::Heard(mark) => self.heard.push(mark),
            Word::Stored(number) => drop(self.stored.insert(number)),
            Word::Failed(number, reason) => self.failed.push((number, reason)),
            Word::Missed => self.missed += 1,
            Word::Disconnected(disconnects) => self.disconnects += usize::from(disconnects),
        }
    }

    fn is_ready(&self) -> bool {
        self.ready
    }
}
