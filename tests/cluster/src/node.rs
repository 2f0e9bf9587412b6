//! [`Node`]: a process with a broker of its own, and what it says.

use std::collections::HashSet;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};

use lanai_pubsub::Topic;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};

/// Which node has published a message, and its how manyeth it is.
pub type Mark = (u32, u32);

/// What the nodes publish on.
pub const MARKS: Topic<Mark> = Topic::new("marks").history(0);

/// What a node is told, one a line.
#[derive(Debug, Serialize, Deserialize)]
pub enum Order {
    /// To publish so many messages, from a number on, so many in a millisecond.
    Publish {
        /// The number of the first.
        from: u32,
        /// How many.
        count: u32,
        /// How many at once, before it rests for a millisecond.
        pace: u32,
    },
    /// To publish one message, and to die as by `kill -9` as soon as [`publish`](lanai_pubsub::Broker::publish) has
    /// returned, or [`stored`](lanai_pubsub::Receipt::stored).
    PublishAndDie {
        /// Its number.
        number: u32,
        /// Whether it lives until the message is confirmed.
        stored: bool,
    },
}

/// What a node says, one a line.
#[derive(Debug, Serialize, Deserialize)]
pub enum Word {
    /// It is connected and subscribed.
    Ready,
    /// A subscriber was handed a message.
    Heard(Mark),
    /// The engine has confirmed a message of its own.
    Stored(u32),
    /// A message could not be published.
    Failed(u32, String),
    /// Its subscriber was told that messages are missing.
    Missed,
    /// The engine is away, or is back.
    Away(bool),
}

/// What a node has said so far.
#[derive(Debug, Default)]
pub struct Said {
    /// What its subscriber was handed, in its order.
    pub heard: Vec<Mark>,
    /// Which of its own are confirmed.
    pub stored: HashSet<u32>,
    /// Which could not be published, and why.
    pub failed: Vec<(u32, String)>,
    /// How often messages were missing.
    pub missed: usize,
    /// How often the engine went away.
    pub away: usize,
    ready: bool,
}

/// A process with a broker; killed when this is dropped.
#[derive(Debug)]
pub struct Node {
    process: Child,
    orders: ChildStdin,
    said: Arc<Mutex<Said>>,
}

impl Node {
    /// Starts one, and waits until it is connected and its subscriber is there.
    ///
    /// # Panics
    ///
    /// If it does not come up.
    pub async fn start(program: &str, number: u32, servers: &str) -> Self {
        Self::start_with(program, number, servers, &[]).await
    }

    /// The same, with variables in its environment.
    ///
    /// # Panics
    ///
    /// If it does not come up.
    pub async fn start_with(program: &str, number: u32, servers: &str, environment: &[(&str, &str)]) -> Self {
        let mut process = Command::new(program)
            .args([&number.to_string(), servers])
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the node can be started");
        let orders = process.stdin.take().expect("it is piped");
        let mut words = BufReader::new(process.stdout.take().expect("it is piped")).lines();
        let said = Arc::<Mutex<Said>>::default();
        tokio::spawn({
            let said = Arc::clone(&said);
            async move {
                while let Ok(Some(line)) = words.next_line().await {
                    // A node that is killed may leave half a line.
                    let Ok(word) = serde_json::from_str(&line) else { break };
                    said.lock().unwrap_or_else(PoisonError::into_inner).take(word);
                }
            }
        });
        let node = Self { process, orders, said };
        crate::until("the node is ready", async || node.said(|said| said.ready)).await;
        node
    }

    /// Tells it something.
    ///
    /// # Panics
    ///
    /// If it is gone.
    pub async fn tell(&mut self, order: Order) {
        let line = serde_json::to_string(&order).expect("an order is JSON") + "\n";
        self.orders.write_all(line.as_bytes()).await.expect("the node is there");
    }

    /// Looks at what it has said.
    pub fn said<R>(&self, look: impl FnOnce(&Said) -> R) -> R {
        look(&self.said.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sends it a signal.
    ///
    /// # Panics
    ///
    /// If it is gone already.
    pub async fn signal(&self, signal: &str) {
        crate::signal(&self.process, signal).await;
    }

    /// Waits until it has died by itself.
    ///
    /// # Panics
    ///
    /// If it lives on.
    pub async fn dies(&mut self) {
        let died = tokio::time::timeout(std::time::Duration::from_secs(60), self.process.wait()).await;
        died.expect("the node dies").expect("the node was there");
    }

    /// Kills it as `kill -9` does.
    ///
    /// # Panics
    ///
    /// If it is gone already.
    pub async fn kill(&mut self) {
        self.process.kill().await.expect("the node was there");
    }
}

impl Said {
    fn take(&mut self, word: Word) {
        match word {
            Word::Ready => self.ready = true,
            Word::Heard(mark) => self.heard.push(mark),
            Word::Stored(number) => drop(self.stored.insert(number)),
            Word::Failed(number, reason) => self.failed.push((number, reason)),
            Word::Missed => self.missed += 1,
            Word::Away(away) => self.away += usize::from(away),
        }
    }
}
