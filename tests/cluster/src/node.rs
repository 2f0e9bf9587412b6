//! [`Node`]: a process with its own broker, and what it reports.

use std::collections::HashSet;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};

use lanai_pubsub::Topic;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};

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

/// A process with a broker. It is killed when this is dropped.
#[derive(Debug)]
pub struct Node {
    process: Child,
    orders: ChildStdin,
    said: Arc<Mutex<Said>>,
}

impl Node {
    /// Starts a node, and waits until it is connected and has subscribed.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub async fn start(program: &str, number: u32, servers: &str) -> Self {
        Self::start_with(program, number, servers, &[]).await
    }

    /// The same, with environment variables.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub async fn start_with(program: &str, number: u32, servers: &str, environment: &[(&str, &str)]) -> Self {
        let mut process = Command::new(program)
            .args([&number.to_string(), servers])
            .envs(environment.iter().copied())
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
        crate::until("the node is ready", async || node.said(|said| said.ready)).await;
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

    /// Sends it a signal.
    ///
    /// # Panics
    ///
    /// If it has already ended.
    pub async fn signal(&self, signal: &str) {
        crate::signal(&self.process, signal).await;
    }

    /// Waits until it has died by itself.
    ///
    /// # Panics
    ///
    /// If it does not die.
    pub async fn dies(&mut self) {
        let died = tokio::time::timeout(std::time::Duration::from_secs(60), self.process.wait()).await;
        died.expect("the node dies").expect("the node was running");
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

impl Said {
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
}
