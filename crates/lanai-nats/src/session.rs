//! [`Session`]: one connection to a server, from connecting to its loss.
//!
//! Each session has a new connection that shares nothing with the last one. What was written to the last connection is
//! then either lost or stored, and can never arrive after newer messages. Each stream has its own worker: see `worker`.
//! When one of them fails, all stop, and the next session begins.

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

use crate::connection::{Connection, Notice};
use crate::cursor::StreamState;
use crate::error::ConnectError;
use crate::inner::Inner;
use crate::layout::Layout;
use crate::options::Options;
use crate::stream::{self, StreamInfo};
use crate::worker::Worker;

/// How long to wait for an answer of JetStream before asking again. While a cluster elects a leader, it does not
/// answer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(1);
/// After how long a session counts as successful, even if nothing was confirmed in it.
const STABLE: Duration = Duration::from_secs(10);

/// The prefix of the subjects of requests to JetStream.
const API: &str = "$JS.API.";
/// The permissions that a user needs.
const ADVICE: &str = "allow it to publish on `$JS.API.>`, and to subscribe to `_INBOX.>`";

/// One connection to a server.
pub(crate) struct Session {
    client: Client,
    notices: mpsc::UnboundedReceiver<Notice>,
    context: Context,
    streams: Vec<StreamInfo>,
    server: String,
}

impl Session {
    /// Connects to the server whose turn it is, and finds the streams.
    pub(crate) async fn open(options: &Arc<Options>, layout: &Layout, attempt: usize) -> Result<Self, ConnectError> {
        let Connection { client, mut notices, server } = Connection::open(options, attempt).await?;
        let mut context = jetstream::new(client.clone());
        context.set_timeout(REQUEST_TIMEOUT);
        let streams = {
            let finding = (0..layout.len()).map(|shard| stream::find(&context, options, layout, layout.spec(shard)));
            let mut finding = pin!(try_join_all(finding));
            loop {
                tokio::select! {
                    state = &mut finding => break state?,
                    Some(notice) = notices.recv() => {
                        // The server will not answer a denied request.
                        if let Some(reason) = denial(&notice) {
                            return Err(ConnectError::Denied { server, reason });
                        }
                    }
                }
            }
        };
        Ok(Self { client, notices, context, streams, server })
    }

    /// The state of each stream.
    pub(crate) fn states(&self) -> impl Iterator<Item = StreamState> {
        self.streams.iter().map(|stream_info| stream_info.state)
    }

    /// The largest message that the server accepts, in bytes.
    pub(crate) fn max_payload(&self) -> usize {
        self.client.max_payload()
    }

    /// Reads and publishes until the connection is lost. Returns the reason.
    pub(crate) async fn run(self, inner: &Arc<Inner>, sink: &TransportSink, failures: &mut usize) -> String {
        let Self { client, mut notices, context, streams, server } = self;
        inner.begin_session();
        let starting = streams.into_iter().enumerate().map(|(shard, stream_info)| {
            Worker::start(client.clone(), context.clone(), stream_info, Arc::clone(inner), sink.clone(), shard)
        });
        let mut starting = pin!(try_join_all(starting));
        let workers = loop {
            tokio::select! {
                workers = &mut starting => match workers {
                    Ok(workers) => break workers,
                    Err(reason) => return reason,
                },
                Some(notice) = notices.recv() => {
                    if let Err(reason) = handle_notice(inner, &notice) {
                        return reason;
                    }
                }
            }
        };
        tracing::info!(server, program = inner.options.program, "connected to NATS");
        inner.is_connected.store(true, Ordering::Relaxed);
        if inner.reads_everything() {
            sink.connected();
        } else {
            sink.disconnected();
        }
        let started = Instant::now();
        let mut tasks = JoinSet::new();
        for worker in workers {
            tasks.spawn(worker.run());
        }
        let mut clock = tokio::time::interval(Duration::from_millis(500));
        let reason = loop {
            tokio::select! {
                ended = tasks.join_next() => match ended {
                    Some(Ok(reason)) => break reason,
                    Some(Err(error)) => break format!("a task of the session failed: {error}"),
                    None => break "all workers have stopped".to_owned(),
                },
                Some(notice) = notices.recv() => {
                    if let Err(reason) = handle_notice(inner, &notice) {
                        break reason;
                    }
                }
                _ = clock.tick() => {
                    if !sink.is_open() {
                        break "the broker was dropped".to_owned();
                    }
                }
            }
        };
        inner.is_connected.store(false, Ordering::Relaxed);
        // All workers must have stopped before the next session begins.
        tasks.shutdown().await;
        if inner.confirmed.load(Ordering::Relaxed) || started.elapsed() > STABLE {
            *failures = 0;
        }
        // The server may send the reason a moment after closing the connection.
        let told = tokio::time::timeout(Duration::from_millis(50), notices.recv()).await.ok().flatten();
        let Some(told) = told else { return reason };
        let _ = handle_notice(inner, &told);
        if let Notice::Other(server_error) | Notice::Limit(server_error) = &told
            && is_about_a_message(server_error)
        {
            inner.blame(server_error);
        }
        format!("{reason} ({told})")
    }
}

/// Handles a notice of the server.
fn handle_notice(inner: &Inner, notice: &Notice) -> Result<(), String> {
    match notice {
        Notice::PublishDenied(subject) if subject.starts_with(API) => {
            if inner.deny(subject) {
                tracing::warn!("NATS: {notice}; {ADVICE}");
            }
        }
        Notice::PublishDenied(subject) => inner.refuse_all_on(subject),
        // All subscriptions are for answers that the session needs.
        Notice::SubscribeDenied(_) => return Err(format!("{notice}; {ADVICE}")),
        Notice::TooSlow => return Err("messages arrived faster than they were read; they are read again".into()),
        // Other servers are available, so leave early.
        Notice::Leaving if inner.options.servers.len() > 1 => return Err(notice.to_string()),
        Notice::Leaving | Notice::Unauthorized(_) | Notice::Limit(_) | Notice::Other(_) => {
            tracing::warn!("NATS: {notice}");
        }
    }
    Ok(())
}

/// What to report if a request was denied, so that no answer comes.
fn denial(notice: &Notice) -> Option<String> {
    let is_denial = match notice {
        Notice::PublishDenied(subject) => subject.starts_with(API),
        Notice::SubscribeDenied(_) => true,
        _ => false,
    };
    is_denial.then(|| format!("{notice}; {ADVICE}"))
}

/// Whether an error of the server is about a message and not about the connection.
fn is_about_a_message(server_error: &str) -> bool {
    let server_error = server_error.to_ascii_lowercase();
    ["maximum payload", "maximum control line", "invalid", "parser", "unknown protocol", "headers not supported"]
        .iter()
        .any(|about| server_error.contains(about))
}
