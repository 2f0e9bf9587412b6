//! One file that is coming, over any number of requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use axum::body::BodyDataStream;
use bytes::Bytes;
use futures_util::StreamExt as _;
use tokio::sync::{Mutex, Notify};

use super::Taken;
use super::accept::{Accept, HEAD};
use super::sink::{Sink, Stored, Target};
use crate::error::{Error, Result};
use crate::panic::{CatchPanics, Panic};

/// How long a request may send nothing before it ends. The page goes on with another one.
const STALL: Duration = Duration::from_secs(30);

/// A file that is expected, and what has come of it.
pub(crate) struct Incoming {
    name: String,
    size: u64,
    accept: Accept,
    /// How many bytes have come.
    received: AtomicU64,
    /// Whether nothing is expected any longer.
    is_over: AtomicBool,
    /// The number of the newest request.
    newest: AtomicU64,
    /// Tells the request that is being read that there is a newer one, or that the file is not wanted any longer.
    interrupt: Notify,
    receiving: Mutex<Receiving>,
    tell: Box<dyn Fn(Told) + Send + Sync>,
}

/// What the view is told of a file.
pub(crate) enum Told {
    /// More bytes have come.
    Progress,
    /// All bytes have come, and are stored.
    Complete(Stored, Option<Taken>),
    Failed(Failure),
}

/// Why a file did not come.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The page has sent more than it had said.
    TooLong,
    /// The content is not what the name says.
    Content,
    /// There is no space.
    Full,
    /// Nothing has come for a long time.
    Idle,
    /// It could not be stored.
    Storage(Error),
}

/// The state that belongs to the request that is being read.
struct Receiving {
    /// The first bytes, until they have told the type.
    head: Vec<u8>,
    sink: Option<Sink>,
    target: Option<Target>,
    /// The space that a temporary file takes.
    space: Option<Taken>,
}

/// Why a request ends without success.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It does not carry on where the last one has stopped: at this offset.
    Offset(u64),
    /// The file is not expected any longer.
    Gone,
}

impl Incoming {
    pub(crate) fn new(
        name: String,
        size: u64,
        accept: Accept,
        target: Target,
        tell: impl Fn(Told) + Send + Sync + 'static,
    ) -> Arc<Self> {
        let receiving = Receiving { head: Vec::new(), sink: None, target: Some(target), space: None };
        Arc::new(Self {
            name,
            size,
            accept,
            received: AtomicU64::new(0),
            is_over: AtomicBool::new(false),
            newest: AtomicU64::new(0),
            interrupt: Notify::new(),
            receiving: Mutex::new(receiving),
            tell: Box::new(tell),
        })
    }

    /// How many bytes have come.
    pub(crate) fn received(&self) -> u64 {
        self.received.load(Ordering::Acquire)
    }

    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }

    /// The file is not wanted any longer: what has come of it is removed.
    pub(crate) fn cancel(self: &Arc<Self>) {
        if self.is_over.swap(true, Ordering::AcqRel) {
            return;
        }
        self.interrupt.notify_waiters();
        // The request that is being read gives up the lock at its next step.
        match self.receiving.try_lock() {
            Ok(mut receiving) => receiving.discard(),
            Err(_) => {
                let this = self.clone();
                tokio::spawn(async move { this.receiving.lock().await.discard() });
            }
        }
    }

    /// Gives the file up if nothing comes for a long time.
    pub(crate) fn expire(self: &Arc<Self>, idle: Duration) {
        let this = Arc::downgrade(self);
        tokio::spawn(async move {
            let mut before = 0;
            loop {
                tokio::time::sleep(idle).await;
                let Some(this) = this.upgrade().filter(|this| !this.is_over()) else { return };
                let received = this.received();
                if received == before {
                    this.interrupt.notify_waiters();
                    let _ = this.fail(&mut *this.receiving.lock().await, Failure::Idle);
                    return;
                }
                before = received;
            }
        });
    }

    /// Takes the bytes of a request that says it begins at `offset`. Returns how many bytes have come then. A request
    /// that is cut short has not failed: the next one goes on after it.
    pub(crate) async fn receive(
        self: &Arc<Self>,
        offset: u64,
        mut body: BodyDataStream,
        space: impl FnOnce(u64) -> Option<Taken>,
    ) -> Result<u64, Refused> {
        let own = self.newest.fetch_add(1, Ordering::AcqRel) + 1;
        // An older request of the page hangs on a connection that is gone.
        self.interrupt.notify_waiters();
        let mut receiving = self.receiving.lock().await;
        let interrupted = self.interrupt.notified();
        tokio::pin!(interrupted);
        if self.is_over() {
            return Err(Refused::Gone);
        }
        if offset != self.received() || own != self.newest.load(Ordering::Acquire) {
            return Err(Refused::Offset(self.received()));
        }
        if receiving.space.is_none() && matches!(receiving.target, Some(Target::Temporary(_))) {
            receiving.space = space(self.size);
            if receiving.space.is_none() {
                return self.fail(&mut receiving, Failure::Full);
            }
        }
        while self.received() < self.size || self.size == 0 {
            let next = tokio::select! {
                biased;
                () = &mut interrupted => break,
                next = tokio::time::timeout(STALL, body.next()) => next,
            };
            // What has come before the connection was cut counts.
            let Ok(Some(Ok(bytes))) = next else { break };
            if let Err(failure) = self.take(&mut receiving, &bytes).await {
                return self.fail(&mut receiving, failure);
            }
            (self.tell)(Told::Progress);
        }
        if self.is_over() {
            receiving.discard();
            return Err(Refused::Gone);
        }
        if self.received() < self.size {
            return Ok(self.received());
        }
        match self.finish(&mut receiving).await {
            Ok(stored) => {
                self.is_over.store(true, Ordering::Release);
                (self.tell)(Told::Complete(stored, receiving.space.take()));
                Ok(self.size)
            }
            Err(failure) => self.fail(&mut receiving, failure),
        }
    }

    async fn take(&self, receiving: &mut Receiving, bytes: &Bytes) -> Result<(), Failure> {
        let received = self.received() + bytes.len() as u64;
        if received > self.size {
            return Err(Failure::TooLong);
        }
        if let Some(space) = &mut receiving.space
            && !space.take(bytes.len() as u64)
        {
            return Err(Failure::Full);
        }
        let mut rest = &bytes[..];
        // The first bytes wait until they tell the type.
        let wanted = HEAD.min(usize::try_from(self.size).unwrap_or(HEAD));
        if receiving.sink.is_none() {
            let (head, after) = rest.split_at(rest.len().min(wanted - receiving.head.len()));
            receiving.head.extend_from_slice(head);
            rest = after;
            if receiving.head.len() == wanted {
                self.open(receiving).await?;
            }
        }
        if !rest.is_empty() {
            let sink = receiving.sink.as_mut().expect("more than the head has come");
            storing(sink.write(rest)).await?;
        }
        self.received.store(received, Ordering::Release);
        Ok(())
    }

    /// The first bytes have come: looks at them, and writes them.
    async fn open(&self, receiving: &mut Receiving) -> Result<(), Failure> {
        if !self.accept.takes_content(&self.name, &receiving.head) {
            return Err(Failure::Content);
        }
        let (Some(target), head) = (receiving.target.take(), std::mem::take(&mut receiving.head)) else {
            return Err(Failure::Storage(Error::not_found()));
        };
        let sink = storing(async move {
            let mut sink = target.open().await?;
            sink.write(&head).await?;
            Ok(sink)
        });
        receiving.sink = Some(sink.await?);
        Ok(())
    }

    async fn finish(&self, receiving: &mut Receiving) -> Result<Stored, Failure> {
        if receiving.sink.is_none() {
            // The file is empty.
            self.open(receiving).await?;
        }
        let sink = receiving.sink.take().expect("it was just opened");
        storing(sink.finish()).await
    }

    fn fail(&self, receiving: &mut Receiving, failure: Failure) -> Result<u64, Refused> {
        receiving.discard();
        if !self.is_over.swap(true, Ordering::AcqRel) {
            (self.tell)(Told::Failed(failure));
        }
        Err(Refused::Gone)
    }
}

impl Receiving {
    /// Removes what has come.
    fn discard(&mut self) {
        self.head = Vec::new();
        (self.sink, self.target, self.space) = (None, None, None);
    }
}

/// Waits for code of the program, whose panic is an error of this file.
async fn storing<T>(future: impl Future<Output = Result<T>>) -> Result<T, Failure> {
    match CatchPanics(Box::pin(future)).await {
        Ok(result) => result.map_err(Failure::Storage),
        Err(panic) => Err(Failure::Storage(Error::from(Panicked(panic)))),
    }
}

/// A writer of the program has panicked.
#[derive(Debug, thiserror::Error)]
#[error("a panic: {0}")]
struct Panicked(Panic);
