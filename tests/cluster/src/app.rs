//! [`AppNode`]: a process that serves pages, and what it knows about presence.

use std::net::SocketAddr;
use std::process::Stdio;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// What a node knows about presence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// The people, each with the number of tabs, in the order of joining.
    pub here: Vec<(String, usize)>,
    /// The joins and leaves that it was told of.
    pub told: Vec<String>,
    /// Whether the transport is disconnected.
    pub is_disconnected: bool,
}

impl Known {
    /// The people by name, and whether each is present once.
    pub fn are_here_once(&self, names: &[&str]) -> bool {
        let mut here = self.here.clone();
        here.sort();
        here.iter().map(|(name, tabs)| (name.as_str(), *tabs)).eq(names.iter().map(|name| (*name, 1)))
    }

    /// The leaves that it was told of.
    pub fn leaves(&self) -> Vec<&str> {
        self.told.iter().map(String::as_str).filter(|told| told.starts_with('-')).collect()
    }
}

/// A process that serves pages. It is killed when this is dropped.
#[derive(Debug)]
pub struct AppNode {
    process: Child,
    /// The address that it serves.
    pub address: SocketAddr,
}

impl AppNode {
    /// Starts a process, and waits until it serves.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub async fn start(program: &str, servers: &str) -> Self {
        let mut process = Command::new(program)
            .arg(servers)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the node can be started");
        let mut lines = BufReader::new(process.stdout.take().expect("the stream is piped")).lines();
        let address = lines.next_line().await.expect("the stream is piped").expect("the node says where it serves");
        Self { process, address: address.parse().expect("it is an address") }
    }

    /// Kills it as `kill -9` does.
    ///
    /// # Panics
    ///
    /// If it has already ended.
    pub async fn kill(&mut self) {
        self.process.kill().await.expect("the node was running");
    }

    /// Stops it as a deployment does, and waits until it has ended.
    ///
    /// # Panics
    ///
    /// If it has already ended.
    pub async fn stop(&mut self) {
        let id = self.process.id().expect("the node runs").to_string();
        let stopped = Command::new("kill").args(["-TERM", &id]).status().await.expect("`kill` can be run");
        assert!(stopped.success(), "the node cannot be stopped");
        self.process.wait().await.expect("the node ends");
    }
}
