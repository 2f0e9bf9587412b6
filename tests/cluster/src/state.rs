//! [`StateNode`]: a process that sends commands to a replicated state, and what it reports.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use lanai_pubsub::replicated::{Replicate, SnapshotPolicy};
use serde::{Deserialize, Serialize};

use crate::process::{Process, Report};

/// When the nodes make snapshots: often.
pub const POLICY: SnapshotPolicy =
    SnapshotPolicy { events: 500, bytes: 64 << 10, age: std::time::Duration::from_secs(600) };

/// How many commands a node has under way.
pub const CONCURRENT: usize = 8;

/// An account that several nodes pay into and draw from, and that is never overdrawn.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Account {
    /// What is in it.
    pub balance: i64,
    /// Whether an event would have overdrawn it.
    pub overdrawn: bool,
    /// The commands that were applied, by node.
    pub applied: BTreeMap<u32, BTreeSet<u32>>,
    /// How many were applied again.
    pub twice: u32,
    /// A hash of all events, in their order.
    pub history: u64,
}

/// A payment into the account or, if the amount is negative, out of it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Payment {
    /// The node.
    pub node: u32,
    /// The number of the command.
    pub number: u32,
    /// The amount.
    pub amount: i64,
}

impl Replicate for Account {
    type Event = Payment;

    fn apply(&mut self, payment: &Payment) {
        let Payment { node, number, amount } = *payment;
        self.balance += amount;
        self.overdrawn |= self.balance < 0;
        self.twice += u32::from(!self.applied.entry(node).or_default().insert(number));
        // FNV-1a.
        for part in [u64::from(node), u64::from(number)] {
            self.history = (self.history ^ part).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

/// A command to a node, one per line.
#[derive(Debug, Serialize, Deserialize)]
pub enum Order {
    /// Send the commands with these numbers.
    Send {
        /// The number of the first one.
        from: u32,
        /// The number after the last one.
        to: u32,
    },
    /// Report the state.
    Report,
}

/// What a node reports, one per line.
#[derive(Debug, Serialize, Deserialize)]
pub enum Word {
    /// It has opened the state.
    Ready,
    /// A command was applied.
    Applied(u32),
    /// A command was refused, or certainly not stored.
    Refused(u32),
    /// It is unknown whether a command is applied.
    Unknown(u32, String),
    /// The state: its sequence and its JSON.
    State(u64, String),
}

/// What a node has reported so far.
#[derive(Debug, Default)]
pub struct Said {
    /// Its commands that were applied.
    pub applied: HashSet<u32>,
    /// Those that were not.
    pub refused: HashSet<u32>,
    /// Those of which it does not know, and why.
    pub unknown: Vec<(u32, String)>,
    /// The last reported state.
    pub state: Option<(u64, String)>,
    ready: bool,
}

impl Said {
    /// How many commands it has finished.
    pub fn finished(&self) -> usize {
        self.applied.len() + self.refused.len() + self.unknown.len()
    }
}

impl Report for Said {
    type Order = Order;
    type Word = Word;

    fn take(&mut self, word: Word) {
        match word {
            Word::Ready => self.ready = true,
            Word::Applied(number) => drop(self.applied.insert(number)),
            Word::Refused(number) => drop(self.refused.insert(number)),
            Word::Unknown(number, reason) => self.unknown.push((number, reason)),
            Word::State(sequence, json) => self.state = Some((sequence, json)),
        }
    }

    fn is_ready(&self) -> bool {
        self.ready
    }
}

/// A process with a broker, which has opened the state.
pub type StateNode = Process<Said>;

impl StateNode {
    /// Asks it for the state: its sequence and its JSON.
    ///
    /// # Panics
    ///
    /// If it does not answer.
    pub async fn state(&mut self) -> (u64, String) {
        self.forget(|said| said.state = None);
        self.tell(Order::Report).await;
        crate::until("the node reports the state", async || self.said(|said| said.state.is_some())).await;
        self.said(|said| said.state.clone()).expect("it was just there")
    }

    /// Waits until it has finished `count` commands. It may take any time, but must not stand still for 60 s.
    ///
    /// # Panics
    ///
    /// If it stands still.
    pub async fn finishes(&self, count: usize) {
        let finished = || self.said(Said::finished);
        while finished() < count {
            let before = finished();
            crate::until("the node goes on", async || finished() > before).await;
        }
    }
}
