//! The last messages of topics, out of the stream of all: [`serve`] answers what stands in [`Wishes`].
//!
//! There are two ways. A [`search`] finds the past of one topic by a few requests and a consumer of its own: cheap
//! while few are wanted. A [`scan`] reads the stream itself from its end towards its beginning and gives every topic
//! its share: cheap when many are wanted at once, as on a node that starts. It goes on for as long as it is cheaper
//! than a search for each topic that is left.
//!
//! However many wishes there are, at most one scan and [`AT_ONCE`] searches run, they hold about twice [`HELD`] bytes
//! at most, and they ask for no more at a time than live messages can wait behind.

mod kept;
mod reader;
mod requests;
mod scan;
mod search;
mod wishes;

use std::collections::HashSet;
use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;

use async_nats::Message;
use async_nats::jetstream::Context;
use async_nats::jetstream::stream::Stream;
use futures_util::future::{Fuse, FusedFuture};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use lanai_pubsub::{Envelope, PublicationId};
use tokio::sync::Semaphore;

use kept::Kept;
use reader::Reader;
pub(crate) use wishes::Wishes;

use crate::stream::id;

/// How many topics are searched for at once. Each search has a consumer on the server.
const AT_ONCE: usize = 8;
/// From how many wishes on a scan is tried.
const MANY: usize = 64;
/// How many wishes one scan takes up.
const MOST: usize = 65_536;
/// How many bytes of messages a scan may hold, and all searches together. A search for what is larger runs alone.
const HELD: usize = 64 << 20;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How topics and positions are found in a stream. It holds for one connection.
pub(crate) trait Places: Send + Sync + 'static {
    /// The subject that stands for a topic.
    fn subject(&self, topic: &str) -> String;

    /// Where in the stream a position is: 0 if what was there is gone.
    fn place(&self, position: u64) -> u64;

    /// Reads a message that stands at a place in the stream, if it is one of ours.
    fn envelope<'m>(&self, message: &'m Message, place: u64) -> Option<Envelope<'m>>;

    /// The place of the first message when the connection was made.
    fn first(&self) -> u64;
}

/// What is the same for all that is looked for over one connection.
struct Source {
    context: Context,
    stream: Stream,
    places: Arc<dyn Places>,
    /// KiB of messages that searches may still hold.
    room: Semaphore,
}

impl Source {
    /// A copy of a message, if it is one of ours.
    fn keep(&self, place: u64, message: &Message) -> Option<Kept> {
        self.places.envelope(message, place).map(|envelope| Kept::new(&envelope))
    }
}

/// The names of the messages on a subject between two places, both included.
pub(crate) async fn names(
    context: Context,
    stream: Stream,
    places: Arc<dyn Places>,
    subject: &str,
    first: u64,
    last: u64,
) -> Result<HashSet<PublicationId>, Failure> {
    let mut names = HashSet::new();
    if first > last {
        return Ok(names);
    }
    let source = Source { context, stream, places, room: Semaphore::new(0) };
    let mut reader = Reader::open(&source, Some(subject), first).await?;
    let mut seen = first - 1;
    loop {
        let messages = reader.next().await?;
        let Some((place, _)) = messages.last() else { break };
        seen = *place;
        names.extend(messages.iter().filter_map(|(_, message)| id(message.headers.as_ref()?)));
        if seen >= last {
            break;
        }
    }
    reader.close().await;
    source.check(subject, seen, last).await?;
    Ok(names)
}

/// Answers wishes for the past of the topics of one stream, until it is dropped. Those that it has not answered by then
/// are back among the wishes.
pub(crate) async fn serve(
    context: Context,
    stream: Stream,
    places: Arc<dyn Places>,
    wishes: Arc<Wishes>,
) -> Infallible {
    let source = Source { context, stream, places, room: Semaphore::new(HELD >> 10) };
    let mut scan = pin!(Fuse::terminated());
    let mut searches = FuturesUnordered::new();
    loop {
        if wishes.for_scan() >= MANY {
            if scan.is_terminated() {
                scan.set(scan::run(&source, wishes.take(MOST)).fuse());
            }
        } else {
            while searches.len() < AT_ONCE
                && let Some(wish) = wishes.take_one()
            {
                searches.push(search::run(&source, wish));
            }
        }
        tokio::select! {
            Some(()) = searches.next() => {}
            () = &mut scan, if !scan.is_terminated() => {}
            () = wishes.changed() => {}
        }
    }
}
