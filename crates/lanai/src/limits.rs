//! What a page, a socket and the server may use.

use std::time::Duration;

/// Limits, with defaults that suit most programs. Set them with [`App::limits`](crate::App::limits).
///
/// ```
/// use std::time::Duration;
/// use lanai::{App, Limits};
///
/// let app: App = App::new().limits(Limits { grace: Duration::from_secs(300), ..Limits::default() });
/// ```
#[derive(Debug, Clone)]
pub struct Limits {
    /// How long a view lives on without its page: 60 s.
    pub grace: Duration,
    /// How many views may have lost their page at once; the oldest go first: 10,000.
    pub detached: usize,
    /// How long a view waits for its page to come for the first time, if that is less than its [`grace`](Self::grace): 30 s.
    pub unattached_grace: Duration,
    /// How many views may wait for their page to come for the first time, if that is less than [`detached`](Self::detached): 5,000. A single
    /// request makes one, so they are counted apart: the oldest of them goes first, and no view that ever had a page goes for one.
    pub unattached: usize,
    /// How many of them may be from one address: 200. The oldest of the same address goes first.
    ///
    /// An address is that of the peer, or what [trusted proxies](crate::App::trust_proxy) say it is; of IPv6, the first 64 bits count. A private
    /// or loopback address of a peer may be that of a proxy with everybody behind it, and has no limit.
    pub unattached_per_address: usize,
    /// How many views may live at once: 100,000. Further visitors get a 503, if there is no view left that waits for its page.
    pub instances: usize,
    /// How many views may live at once from one address, see [`unattached_per_address`](Self::unattached_per_address): 2,000. Beyond, further
    /// pages get a 429.
    pub instances_per_address: usize,
    /// How many views of one [session](crate::Cx::session) may live at once: 200. Beyond, further pages get a 429.
    pub instances_per_session: usize,
    /// How many views of one [person](crate::Cx::person) may live at once: 500. Beyond, further pages get a 429.
    pub instances_per_person: usize,
    /// The largest message that a page may send, in bytes: 4 MiB, so that a text of 1 MB fits, whatever its characters. The page tells the
    /// person about a larger one, and does not send it.
    pub message_size: usize,
    /// How much memory the messages that arrive in parts (those above 16 KB) may take in all, in bytes, until they are handled: 64 MiB.
    /// Further ones wait.
    pub message_memory: usize,
    /// How many messages a page may send in a second, of any kind, after a burst of as many; further ones wait: 200.
    pub events_per_second: u32,
    /// How many bytes a page may send in a second, after a burst of `message_size`; further ones wait: 1 MiB.
    pub bytes_per_second: usize,
    /// How many sockets may be open that have not attached to a view yet; further ones get a 503, and come again: 4,096. (A page attaches at
    /// once, and a socket that has not after 10 s is closed.)
    pub unattached_sockets: usize,
    /// How many frames may be on their way to a page before the next is held back: 32.
    pub frames: usize,
    /// How many bytes of frames may be on their way to a page before the next is held back, whatever their number: 1 MiB.
    pub frame_bytes: usize,
    /// How long a socket may be silent, or refuse to take a frame, before it is given up: 60 s. (The page sends a heartbeat every 25 s.)
    pub silence: Duration,
    /// How long a request's head may take, and how long a connection is kept open for the next request: 20 s.
    pub request_head: Duration,
    /// How long [`App::serve`](crate::App::serve) takes at most to close all views and to tell all pages when it is to stop: 10 s.
    pub shutdown: Duration,
    /// How many messages may wait in the mailbox of one view: 100,000. A view whose handlers are slower than its
    /// messages for so long is ended with an error page.
    pub mailbox: usize,
    /// How many messages to the JavaScript of a page may wait until the page can take them: 1,000. Further ones are refused, with an
    /// error that says so.
    pub channel_messages: usize,
    /// How long someone whose page was left is still [present](crate::Cx::track): 2 s. Who reloads the page is back within it, and has never
    /// been away.
    pub presence_left: Duration,
    /// How long someone whose connection was lost is still [present](crate::Cx::track): 15 s. The view itself lives on for its `grace`.
    pub presence_lost: Duration,
    /// How often this node tells the others that it is there, if an engine connects several: 5 s. When three of these words are missing, the others
    /// take the people who are [present](crate::Cx::track) here for gone, unless they are with another node by then. Less than 1 s is too short: after an
    /// outage of the engine a node may need two seconds to find it again.
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
