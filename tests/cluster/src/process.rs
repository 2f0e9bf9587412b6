//! [`Process`]: a node in a process of its own, which takes orders and reports, each a line of JSON.

use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// What a node has reported so far.
pub trait Report: Default + Send + 'static {
    /// An order to the node.
    type Order: Serialize;
    /// A report of the node.
    type Word: DeserializeOwned;

    /// Notes a report.
    fn take(&mut self, word: Self::Word);

    /// Whether the node takes orders.
    fn is_ready(&self) -> bool;
}

/// A node in a process of its own. It is killed when this is dropped.
#[derive(Debug)]
pub struct Process<R> {
    process: Child,
    orders: ChildStdin,
    said: Arc<Mutex<R>>,
}

impl<R: Report> Process<R> {
    /// Starts a node, and waits until it is ready.
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
        let said = Arc::<Mutex<R>>::default();
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
        crate::until("the node is ready", async || node.said(R::is_ready)).await;
        node
    }

    /// Sends it an order.
    ///
    /// # Panics
    ///
    /// If it has ended.
    pub async fn tell(&mut self, order: R::Order) {
        let line = serde_json::to_string(&order).expect("an order is JSON") + "\n";
        self.orders.write_all(line.as_bytes()).await.expect("the node is there");
    }

    /// Reads what it has reported.
    pub fn said<T>(&self, look: impl FnOnce(&R) -> T) -> T {
        look(&self.said.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes what is known of its reports, so that a later one is recognized.
    pub(crate) fn forget(&self, change: impl FnOnce(&mut R)) {
        change(&mut self.said.lock().unwrap_or_else(PoisonError::into_inner));
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
        let died = tokio::time::timeout(Duration::from_secs(60), self.process.wait()).await;
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

/// In a node: returns where its reports go, from where they are printed, each on a line.
///
/// # Panics
///
/// Panics outside a runtime.
pub fn reports<W: Serialize + Send + 'static>() -> UnboundedSender<W> {
    let (words, mut said) = unbounded_channel::<W>();
    tokio::spawn(async move {
        let mut out = tokio::io::stdout();
        while let Some(word) = said.recv().await {
            let line = serde_json::to_string(&word).expect("a word is JSON") + "\n";
            if out.write_all(line.as_bytes()).await.is_err() || out.flush().await.is_err() {
                break;
            }
        }
    });
    words
}

/// In a node: logs to the standard error what `RUST_LOG` asks for, and otherwise nothing, since the tests cause lost
/// connections on purpose.
pub fn log_if_asked() {
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::OFF.into()).from_env_lossy();
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(filter).init();
}
