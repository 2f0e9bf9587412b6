//! The limits of pages, sockets and the server.

use std::time::Duration;

/// Limits, with defaults that suit most programs. Set them with [`App::limits`](crate::App::limits). Name those that you
/// change and take the others from the defaults, since later versions may add limits.
///
/// ```
/// use std::time::Duration;
/// use lanai::{App, Limits};
///
/// let app: App = App::new().limits(Limits { grace: Duration::from_secs(300), ..Limits::default() });
/// ```
#[derive(Debug, Clone)]
pub struct Limits {
    /// How long a view lives without its page: 60 s.
    pub grace: Duration,
    /// How many views may be without their page at once; beyond that, the oldest end: 10,000.
    pub detached: usize,
    /// How long a view waits for its page to attach for the first time, if that is less than its
    /// [`grace`](Self::grace): 30 s.
    pub unattached_grace: Duration,
    /// How many views may wait for their page to attach for the first time, if that is less than
    /// [`detached`](Self::detached): 5,000. A single request creates such a view, so they are counted separately:
    /// beyond the limit the oldest of them ends, and never a view that has had a page.
    pub unattached: usize,
    /// How many of them may come from one address: 200. Beyond that, the oldest from the same address ends.
    ///
    /// The address is that of the peer, or the one that [trusted proxies](crate::App::trust_proxy) report; for IPv6,
    /// only the first 64 bits count. Private and loopback peer addresses have no limit, since they may belong to a
    /// proxy in front of all visitors.
    pub unattached_per_address: usize,
    /// How long the view of a page that a browser has prefetched waits for its page: 15 s. (Browsers use such a page
    /// within 10 s.)
    pub prefetched_grace: Duration,
    /// How many views of prefetched pages may wait at once: 1,000. Beyond the limit the oldest of them ends, and no
    /// other view. A browser whose prefetched page has ended fetches it again.
    pub prefetched: usize,
    /// How many of them may come from one address, see [`unattached_per_address`](Self::unattached_per_address): 20.
    pub prefetched_per_address: usize,
    /// How many views may exist at once: 100,000. Beyond that, the oldest view that still waits for its page ends; if
    /// there is none, further visitors get a 503.
    pub instances: usize,
    /// How many views from one address may exist at once, see [`unattached_per_address`](Self::unattached_per_address):
    /// 2,000. Further pages get a 429.
    pub instances_per_address: usize,
    /// How many views of one [session](crate::Cx::session) may exist at once: 200. Further pages get a 429.
    pub instances_per_session: usize,
    /// How many views of one [person](crate::Cx::person) may exist at once: 500. Further pages get a 429.
    pub instances_per_person: usize,
    /// The largest message that a page may send, in bytes: 4 MiB, enough for a text of 1 MB in any script. The page
    /// does not send a larger one, and tells the person.
    pub message_size: usize,
    /// How much memory, in bytes, all messages that arrive in parts (those above 16 KB) may use until they are handled:
    /// 64 MiB. Further messages wait.
    pub message_memory: usize,
    /// How many messages of any kind a page may send in a second, after a burst of the same size: 200. Further messages
    /// wait.
    pub events_per_second: u32,
    /// How many bytes a page may send in a second, after a burst of `message_size`: 1 MiB. Further bytes wait.
    pub bytes_per_second: usize,
    /// How many open sockets may not have attached to a view yet: 4,096. Further sockets get a 503, and try again
    /// later. (A page attaches at once, and the server closes a socket that has not attached after 10 s.)
    pub unattached_sockets: usize,
    /// How many frames to a page may be unacknowledged before the next one waits: 32.
    pub frames: usize,
    /// How many bytes of frames to a page may be unacknowledged before the next frame waits, whatever their number: 1
    /// MiB.
    pub frame_bytes: usize,
    /// How long a socket may be silent, or accept no frame, before the server gives it up: 60 s. (The page sends a
    /// heartbeat every 25 s.)
    pub silence: Duration,
    /// How long the head of a request may take, and how long a connection stays open for the next request: 20 s.
    pub request_head: Duration,
    /// How long [`App::serve`](crate::App::serve) may take to close all views and tell all pages when it stops: 10 s.
    pub shutdown: Duration,
    /// How many messages may wait in the mailbox of one view: 100,000. A view whose handlers are too slow for longer
    /// than that ends with an error page.
    pub mailbox: usize,
    /// How many messages to the JavaScript of a page may wait until the page can take them: 1,000. Further messages are
    /// refused with an error.
    pub channel_messages: usize,
    /// How many [downloads](crate::browser::Browser::download) may wait for one page: 16.
    pub downloads: usize,
    /// How much memory, in bytes, all downloads that wait may use together: 256 MiB. (Streams use none.)
    pub download_memory: usize,
    /// How many bytes the temporary files of all [uploads](crate::Cx::upload) may take together: 16 GiB. A file that
    /// would need more is refused. (What goes to a writer or to another server takes none.)
    pub upload_space: u64,
    /// How many of them may come from one address, see [`unattached_per_address`](Self::unattached_per_address): 2 GiB.
    pub upload_space_per_address: u64,
    /// How long nothing may come of a file before it is given up: 10 min. (A page that has lost its connection goes on
    /// where it stopped.)
    pub upload_idle: Duration,
    /// How long someone is still [present](crate::Cx::track) after leaving the page: 2 s. A person who reloads the page
    /// returns within this time and never counts as gone.
    pub presence_left: Duration,
    /// How long someone is still [present](crate::Cx::track) after losing the connection: 15 s. The view itself lives
    /// for its `grace`.
    pub presence_lost: Duration,
    /// How often this node sends a heartbeat to the others, if a transport connects several: 5 s. After three missing
    /// heartbeats, the other nodes report that the people [present](crate::Cx::track) here have left, unless another
    /// node has them by then. Values below 1 s are too short: when the transport comes back after an outage, a node may
    /// need two seconds to reconnect.
    pub node_heartbeat: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            grace: Duration::from_secs(60),
            detached: 10_000,
            unattached_grace: Duration::from_secs(30),
            unattached: 5_000,
            unattached_per_address: 200,
            prefetched_grace: Duration::from_secs(15),
            prefetched: 1_000,
            prefetched_per_address: 20,
            instances: 100_000,
            instances_per_address: 2_000,
            instances_per_session: 200,
            instances_per_person: 500,
            message_size: 4 * 1024 * 1024,
            message_memory: 64 * 1024 * 1024,
            events_per_second: 200,
            bytes_per_second: 1024 * 1024,
            unattached_sockets: 4096,
            frames: 32,
            frame_bytes: 1024 * 1024,
            silence: Duration::from_secs(60),
            request_head: Duration::from_secs(20),
            shutdown: Duration::from_secs(10),
            mailbox: 100_000,
            channel_messages: 1000,
            downloads: 16,
            download_memory: 256 * 1024 * 1024,
            upload_space: 16 * 1024 * 1024 * 1024,
            upload_space_per_address: 2 * 1024 * 1024 * 1024,
            upload_idle: Duration::from_secs(600),
            presence_left: Duration::from_secs(2),
            presence_lost: Duration::from_secs(15),
            node_heartbeat: Duration::from_secs(5),
        }
    }
}

impl Limits {
    /// How many views may wait for their page.
    pub(crate) fn unattached(&self) -> usize {
        self.unattached.min(self.detached)
    }
}
