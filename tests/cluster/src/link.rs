//! [`Link`]: a node's connection to the server, which can be cut.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// What a [`Link`] does with the traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// Forwards it.
    Whole,
    /// Closes connections, and refuses new ones.
    Cut,
    /// Forwards nothing and closes nothing, like an unplugged cable.
    Dead,
    /// Forwards what goes to the server, and nothing that comes from it.
    Deaf,
}

/// A port that forwards to a server's port.
#[derive(Debug)]
pub struct Link {
    address: SocketAddr,
    condition: watch::Sender<Condition>,
    task: AbortHandle,
}

impl Link {
    /// Creates a link to a port of the loopback interface.
    ///
    /// # Panics
    ///
    /// If no port is free.
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("the loopback has a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let (condition, seen) = watch::channel(Condition::Whole);
        let task = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(carry(near, port, seen.clone()));
            }
        });
        Self { address, condition, task: task.abort_handle() }
    }

    /// Its own address, in the form that clients of the server use.
    pub fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// Changes what it does, for existing connections too.
    pub fn becomes(&self, condition: Condition) {
        self.condition.send_replace(condition);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
        self.condition.send_replace(Condition::Cut);
    }
}

async fn carry(near: TcpStream, port: u16, mut condition: watch::Receiver<Condition>) {
    if *condition.borrow_and_update() == Condition::Cut {
        return;
    }
    let Ok(far) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    let ((near_read, near_write), (far_read, far_write)) = (near.into_split(), far.into_split());
    tokio::select! {
        () = pour(near_read, far_write, condition.clone(), &[Condition::Dead]) => {}
        () = pour(far_read, near_write, condition.clone(), &[Condition::Dead, Condition::Deaf]) => {}
        _ = condition.wait_for(|condition| *condition == Condition::Cut) => {}
    }
}

async fn pour(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut condition: watch::Receiver<Condition>,
    not_while: &[Condition],
) {
    let mut buffer = vec![0; 16 << 10];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        // What was held back when the link is cut is lost.
        match condition.wait_for(|condition| !not_while.contains(condition)).await {
            Ok(condition) if *condition != Condition::Cut => {}
            _ => return,
        }
        if to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
}
