//! [`Online`]: a connection with the stream and the bucket, and [`keep`]: replaces it when it is lost.

use std::sync::Arc;
use std::time::Duration;

use async_nats::Client;
use async_nats::connection::State;
use async_nats::jetstream::context::Context;
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType, Stream};
use async_nats::jetstream::{self, kv};
use tokio::sync::watch;

use crate::connection::Connection;
use crate::error::ConnectError;
use crate::options::Options;
use crate::retry::{TIMEOUT, backoff};
use crate::stream::{DUPLICATES, get_or_create};

/// The name of the stream, after the program's name.
pub(crate) const STREAM: &str = "state";
/// How often a connection is looked at.
const CHECK: Duration = Duration::from_millis(50);

/// A connection with the stream and the bucket of snapshots.
pub(super) struct Online {
    pub(super) client: Client,
    pub(super) context: Context,
    pub(super) stream: Stream,
    pub(super) snapshots: kv::Store,
}

/// The current connection, if there is one.
pub(super) type Current = watch::Receiver<Option<Arc<Online>>>;

/// The subject of a state.
pub(super) fn subject(options: &Options, state: &str) -> String {
    format!("{}.{STREAM}.{state}", options.program)
}

impl Online {
    async fn open(options: &Arc<Options>, attempt: usize) -> Result<Self, ConnectError> {
        let Connection { client, mut notices, .. } = Connection::open(options, attempt).await?;
        tokio::spawn(async move {
            while let Some(notice) = notices.recv().await {
                tracing::warn!("NATS, about replicated states: {notice}");
            }
        });
        let mut context = jetstream::new(client.clone());
        context.set_timeout(TIMEOUT);
        let name = format!("{}-{STREAM}", options.program);
        let stream = find_stream(&context, options, &name).await?;
        let bucket = format!("{}-snapshots", options.program);
        let snapshots = find_bucket(&context, options, &bucket).await?;
        Ok(Self { client, context, stream, snapshots })
    }

    pub(super) fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }
}

async fn find_stream(context: &Context, options: &Options, name: &str) -> Result<Stream, ConnectError> {
    let config = Config {
        name: name.to_owned(),
        subjects: vec![subject(options, ">")],
        description: Some(format!("Lanai states of {}", options.program)),
        storage: StorageType::File,
        retention: RetentionPolicy::Limits,
        // Nothing may be dropped that is in no snapshot, so a full stream refuses.
        discard: DiscardPolicy::New,
        duplicate_window: DUPLICATES,
        num_replicas: options.replicas,
        ..Config::default()
    };
    let stream = get_or_create(context, config).await?;
    let found = &stream.cached_info().config;
    let drops = found.retention != RetentionPolicy::Limits
        || !found.max_age.is_zero()
        || found.max_messages_per_subject > 0
        || (found.discard == DiscardPolicy::Old && (found.max_bytes > 0 || found.max_messages > 0));
    if drops {
        let reason = "it may drop events of replicated states that are in no snapshot; remove its limits with \
                      `nats stream edit`, with `--discard=new`";
        return Err(ConnectError::Stream { stream: name.to_owned(), reason: reason.into() });
    }
    Ok(stream)
}

async fn find_bucket(context: &Context, options: &Options, bucket: &str) -> Result<kv::Store, ConnectError> {
    if let Ok(found) = context.get_key_value(bucket).await {
        return Ok(found);
    }
    // What makes a stream a bucket: see ADR-8 of NATS. The client library's own way to create one fails with servers of
    // version 2.9.
    let config = Config {
        name: format!("KV_{bucket}"),
        subjects: vec![format!("$KV.{bucket}.>")],
        description: Some(format!("Lanai snapshots of {}", options.program)),
        storage: StorageType::File,
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::New,
        max_messages_per_subject: 1,
        allow_rollup: true,
        deny_delete: true,
        num_replicas: options.replicas,
        duplicate_window: DUPLICATES,
        ..Config::default()
    };
    get_or_create(context, config).await?;
    let failed = |error: String| ConnectError::Stream { stream: format!("KV_{bucket}"), reason: error };
    context.get_key_value(bucket).await.map_err(|error| failed(error.to_string()))
}

/// Keeps a connection until nobody needs it.
pub(super) async fn keep(options: Arc<Options>, current: watch::Sender<Option<Arc<Online>>>) {
    let (mut server, mut failures) = (0, 0);
    while !current.is_closed() {
        match Online::open(&options, server).await {
            Ok(online) => {
                failures = 0;
                let online = Arc::new(online);
                current.send_replace(Some(Arc::clone(&online)));
                while online.is_connected() && !current.is_closed() {
                    tokio::time::sleep(CHECK).await;
                }
                current.send_replace(None);
            }
            Err(error) => tracing::warn!(attempt = failures, "replicated states are not connected to NATS: {error}"),
        }
        tokio::time::sleep(backoff(failures)).await;
        failures += 1;
        server += 1;
    }
}

/// Waits for a connection. Never returns after the journal was dropped.
pub(super) async fn connected(current: &mut Current) -> Arc<Online> {
    match current.wait_for(Option::is_some).await.map(|online| online.clone()) {
        Ok(Some(online)) => online,
        _ => std::future::pending().await,
    }
}

/// Waits until a connection is lost.
pub(super) async fn lost(current: &mut Current, online: &Arc<Online>) {
    let is_other = |now: &Option<Arc<Online>>| now.as_ref().is_none_or(|now| !Arc::ptr_eq(now, online));
    let _ = current.wait_for(is_other).await;
}
