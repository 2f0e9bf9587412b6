//! [`Session`]: one connection to a server, from its making to its loss.
//!
//! Each connection is a new one, with nothing left over in it from the last: what had been written to that is then lost
//! or stored, and never sent behind what is newer. On a connection each stream is looked after by a task of its own,
//! see `shard`; when one of them fails, all end, and the next session begins.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use async_nats::Client;
use async_nats::jetstream::{self, Context};
use futures_util::future::try_join_all;
use lanai_pubsub::TransportSink;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::connection::{Connection, Notice, PATIENCE};
use crate::error::ConnectError;
use crate::layout::Layout;
use crate::options::Options;
use crate::progress::Found;
use crate::shard::Worker;
use crate::stream::{self, Existing};
use crate::transport::Shared;

/// How long to wait for an answer of JetStream before it is asked again: while a cluster chooses a leader, it keeps
/// silent.
const ANSWER: Duration = Duration::from_secs(1);
/// After how long a session was a good one, even if nothing was confirmed in it.
const STABLE: Duration = Duration::from_secs(10);

/// What the subjects of requests to JetStream begin with.
const API: &str = "$JS.API.";
/// What a user needs.
const ADVICE: &str = "allow it to publish on `$JS.API.>`, and to subscribe to `_INBOX.>`";

/// One connection to a server.
pub(crate) struct Session {
    client: Client,
    notices: mpsc::UnboundedReceiver<Notice>,
    context: Context,
    streams: Vec<Existing>,
    server: String,
}

impl Session {
    /// Connects to the server whose turn it is, and finds the streams.
    pub(crate) async fn open(options: &Arc<Options>, layout: &Layout, attempt: usize) -> Result<Self, ConnectError> {
        let Connection { client, mut notices, server } = Connection::open(options, attempt).await?;
        let mut context = jetstream::new(client.clone());
        context.set_timeout(ANSWER);
        let streams = {
            let finding = (0..layout.len()).map(|shard| stream::find(&context, options, layout, layout.plan(shard)));
            let mut finding = pin!(try_join_all(finding));
            loop {
                tokio::select! {
                    found = &mut finding => break found?,
                    Some(notice) = notices.recv() => {
                        // It answers nothing then, however long one waits.
                        if let Some(reason) = denial(&notice) {
                            return Err(ConnectError::Denied { server, reason });
                        }
                    }
                }
            }
        };
        Ok(Self { client, notices, context, streams, server })
    }

    /// What was found of each stream.
    pub(crate) fn found(&self) -> impl Iterator<Item = Found> {
        self.streams.iter().map(|existing| existing.found)
    }

    /// How many bytes the server takes in a message.
    pub(crate) fn max_payload(&self) -> usize {
        self.client.max_payload()
    }

    /// Reads and publishes until the connection is lost; says how it was.
    pub(crate) async fn run(self, shared: &Arc<Shared>, sink: &TransportSink, failures: &mut usize) -> String {
        let Self { client, mut notices, context, streams, server } = self;
        shared.begin_session();
        let beginning = streams.into_iter().enumerate().map(|(shard, existing)| {
            Worker::begin(client.clone(), context.clone(), existing, Arc::clone(shared), sink.clone(), shard)
        });
        let mut beginning = pin!(try_join_all(beginning));
        let workers = loop {
            tokio::select! {
                workers = &mut beginning => match workers {
                    Ok(workers) => break workers,
                    Err(lost) => return lost,
                },
                Some(notice) = notices.recv() => {
                    if let Err(lost) = heed(shared, &notice) {
                        return lost;
                    }
                }
            }
        };
        tracing::info!(server, program = shared.options.program, "connected to NATS");
        shared.is_connected.store(true, Ordering::Relaxed);
        if shared.reads_all() {
            sink.connected();
        } else {
            sink.disconnected();
        }
        let begun = Instant::now();
        let mut tasks = JoinSet::new();
        for worker in workers {
            tasks.spawn(worker.run());
        }
        let mut clock = tokio::time::interval(Duration::from_millis(500));
        let lost = loop {
            tokio::select! {
                ended = tasks.join_next() => match ended {
                    Some(Ok(lost)) => break lost,
                    Some(Err(error)) => break format!("a task of the session has ended: {error}"),
                    None => break "nothing is left to do".to_owned(),
                },
                Some(notice) = notices.recv() => {
                    if let Err(lost) = heed(shared, &notice) {
                        break lost;
                    }
                }
                _ = clock.tick() => {
                    if !sink.is_open() {
                        break "the broker is gone".to_owned();
                    }
                }
            }
        };
        shared.is_connected.store(false, Ordering::Relaxed);
        // None of them may still be at work when the next session begins.
        tasks.shutdown().await;
        if shared.confirmed.load(Ordering::Relaxed) || begun.elapsed() > STABLE {
            *failures = 0;
        }
        // Why the server has closed it may be told a moment later.
        let told = tokio::time::timeout(Duration::from_millis(50), notices.recv()).await.ok().flatten();
        let Some(told) = told else { return lost };
        let _ = heed(shared, &told);
        if let Notice::Other(complaint) | Notice::Limit(complaint) = &told
            && is_about_a_message(complaint)
        {
            shared.blame(complaint);
        }
        format!("{lost} ({told})")
    }
}

/// Does what is to be done about what the server says beside messages.
fn heed(shared: &Shared, notice: &Notice) -> Result<(), String> {
    match notice {
        Notice::PublishDenied(subject) if subject.starts_with(API) => {
            if shared.deny(subject) {
                tracing::warn!("NATS: {notice}; {ADVICE}");
            }
        }
        Notice::PublishDenied(subject) => shared.refuse_all_on(subject),
        // Everything that is subscribed to is an answer that is waited for.
        Notice::SubscribeDenied(_) => return Err(format!("{notice}; {ADVICE}")),
        Notice::TooSlow => return Err("messages came faster than they were taken; they are read again".into()),
        // There are others, so not to the last moment.
        Notice::Leaving if shared.options.servers.len() > 1 => return Err(notice.to_string()),
        Notice::Leaving | Notice::Unauthorized(_) | Notice::Limit(_) | Notice::Other(_) => {
            tracing::warn!("NATS: {notice}");
        }
    }
    Ok(())
}

/// What is told if a request was denied, so that no answer comes.
fn denial(notice: &Notice) -> Option<String> {
    let is_denial = match notice {
        Notice::PublishDenied(subject) => subject.starts_with(API),
        Notice::SubscribeDenied(_) => true,
        _ => false,
    };
    is_denial.then(|| format!("{notice}; {ADVICE}"))
}

/// Whether the server has complained of what it was sent, and not of the connection.
fn is_about_a_message(complaint: &str) -> bool {
    let complaint = complaint.to_ascii_lowercase();
    ["maximum payload", "maximum control line", "invalid", "parser", "unknown protocol", "headers not supported"]
        .iter()
        .any(|about| complaint.contains(about))
}

/// Asks again and again, for as long as an answer may still come.
pub(crate) async fn persist<T, E, F: Future<Output = Result<T, E>>>(
    mut ask: impl FnMut() -> F,
    is_silence: impl Fn(&E) -> bool,
) -> Result<T, E> {
    let begun = Instant::now();
    loop {
        match ask().await {
            Err(error) if is_silence(&error) && begun.elapsed() < 2 * PATIENCE => {}
            answer => return answer,
        }
    }
}
