//! [`StateNode`]: a process that sends commands to a replicated state, and what it reports.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};

use lanai_pubsub::replicated::{Replicate, SnapshotPolicy};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};

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

    fn take(&mut self, word: Word) {
        match word {
            Word::Ready => self.ready = true,
            Word::Applied(number) => drop(self.applied.insert(number)),
            Word::Refused(number) => drop(self.refused.insert(number)),
            Word::Unknown(number, reason) => self.unknown.push((number, reason)),
            Word::State(sequence, json) => self.state = Some((sequence, json)),
        }
    }
}

/// A process with a broker and the state. It is killed when this is dropped.
#[derive(Debug)]
pub struct StateNode {
    process: Child,
    orders: ChildStdin,
    said: Arc<Mutex<Said>>,
}

impl StateNode {
    /// Starts a node, and waits until it has opened the state.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub async fn start(program: &str, number: u32, servers: &str) -> Self {
        let mut process = Command::new(program)
            .args([&number.to_string(), servers])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the node can be started");
        let orders = process.stdin.take().expect("the stream is piped");
        let mut words = BufReader::new(process.stdout.take().expect("the stream is piped")).lines();
        let said = Arc::<Mutex<Said>>::default();
        tokio::spawn({
            let said = Arc::clone(&said);
            async move {
                while let Ok(Some(line)) = words.next_line().await {
                    // A killed node may leave an incomplete line.
                    let Ok(word) = serde_json::from_str(&line) else { break };
                    said.lock().unwrap_or_else(PoisonError::into_inner).take(word);
                }
            }
        });
        let node = Self { process, orders, said };
        crate::until("the node has opened the state", async || node.said(|said| said.ready)).await;
        node
    }

    /// Sends it a command.
    ///
    /// # Panics
    ///
    /// If it has ended.
    pub async fn tell(&mut self, order: Order) {
        let line = serde_json::to_string(&order).expect("an order is JSON") + "\n";
        self.orders.write_all(line.as_bytes()).await.expect("the node is there");
    }

    /// Reads what it has reported.
    pub fn said<R>(&self, look: impl FnOnce(&Said) -> R) -> R {
        look(&self.said.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Asks it for the state: its sequence and its JSON.
    ///
    /// # Panics
    ///
    /// If it does not answer.
    pub async fn state(&mut self) -> (u64, String) {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).state = None;
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

    /// Kills it as `kill -9` does.
    ///
    /// # Panics
    ///
    /// If it has already ended.
    pub async fn kill(&mut self) {
        self.process.kill().await.expect("the node was running");
    }
}
