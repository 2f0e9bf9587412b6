//! The last messages of topics, read from the stream: [`serve`] answers the requests in [`PendingHistory`].
//!
//! There are two ways. A [`search`] finds the history of one topic by a few requests and a consumer of its own. This is
//! cheap for a few topics. A [`scan`] reads the whole stream backwards and collects the messages of every requested
//! topic. This is cheap for many topics at once, as on a node that starts. It continues for as long as it is cheaper
//! than a search for each remaining topic.
//!
//! Regardless of the number of requests, at most one scan and [`CONCURRENT_SEARCHES`] searches run at a time. They hold
//! at most about twice [`MAX_BYTES`](source::MAX_BYTES), and request only as much at a time as live messages can wait
//! for.

mod lookup;
mod owned_envelope;
mod pending;
mod range_reader;
mod scan;
mod search;
mod source;

use std::collections::HashSet;
use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;

use async_nats::jetstream::Context;
use async_nats::jetstream::stream::Stream;
use futures_util::future::{Fuse, FusedFuture};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use lanai_pubsub::PublicationId;

pub(crate) use pending::PendingHistory;
use range_reader::RangeReader;
pub(crate) use source::Mapping;
use source::{CONCURRENT_SEARCHES, Failure, Source};

use crate::message::id;

/// The number of requests from which on a scan is tried.
const SCAN_THRESHOLD: usize = 64;
/// The largest number of requests in one scan.
const MAX_SCAN_REQUESTS: usize = 65_536;
/// The ids of the messages on a subject between two sequences, both included.
pub(crate) async fn ids(
    context: Context,
    stream: Stream,
    mapping: Arc<dyn Mapping>,
    subject: &str,
    first: u64,
    last: u64,
) -> Result<HashSet<PublicationId>, Failure> {
    let mut ids = HashSet::new();
    if first > last {
        return Ok(ids);
    }
    let source = Source::new(context, stream, mapping);
    let mut reader = RangeReader::open(&source, Some(subject), first).await?;
    let mut seen = first - 1;
    loop {
        let messages = reader.next().await?;
        let Some((sequence, _)) = messages.last() else { break };
        seen = *sequence;
        ids.extend(messages.iter().filter_map(|(_, message)| id(message.headers.as_ref()?)));
        if seen >= last {
            break;
        }
    }
    reader.close().await;
    source.check_complete(subject, seen, last).await?;
    Ok(ids)
}

/// Answers history requests for one stream until it is dropped. Unanswered requests then return to the pending ones.
pub(crate) async fn serve(
    context: Context,
    stream: Stream,
    mapping: Arc<dyn Mapping>,
    pending: Arc<PendingHistory>,
) -> Infallible {
    let source = Source::new(context, stream, mapping);
    let mut scan = pin!(Fuse::terminated());
    let mut searches = FuturesUnordered::new();
    loop {
        if pending.for_scan() >= SCAN_THRESHOLD {
            if scan.is_terminated() {
                scan.set(scan::run(&source, pending.claim_for_scan(MAX_SCAN_REQUESTS)).fuse());
            }
        } else {
            while searches.len() < CONCURRENT_SEARCHES
                && let Some(request) = pending.claim_one()
            {
                searches.push(search::run(&source, request));
            }
        }
        tokio::select! {
            Some(()) = searches.next() => {}
            () = &mut scan, if !scan.is_terminated() => {}
            () = pending.changed() => {}
        }
    }
}
