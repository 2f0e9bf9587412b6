//! What can be published, and how it is written down where it has to leave the process.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// What can be published anywhere: data that threads may share and that can be written down.
///
/// It is implemented for every type that is `Serialize + DeserializeOwned + Send + Sync + 'static`; there is nothing to write but
/// the derives. Subscribers in one process share one value in an [`Arc`](std::sync::Arc): there it is neither cloned nor serialized.
/// Only an engine that connects processes writes it down, as JSON, and reads it once in each process that has a subscriber.
///
/// What cannot be written down (a channel, a file, a type of somebody else) can still be published within the process: see
/// [`LocalMessage`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be published on a topic that other processes may share",
    label = "not a message",
    note = "write `#[derive(Serialize, Deserialize)]` on it: a message is `Serialize + DeserializeOwned + Send + Sync + 'static`",
    note = "or, if it need not leave this process, publish it on a `Topic::local(\"name\")`, which asks for `Send + Sync + 'static` alone"
)]
pub trait Message: LocalMessage + Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: LocalMessage + Serialize + DeserializeOwned> Message for T {}

/// What can be published within a process, on a [`Topic::local`](crate::Topic::local): anything that threads may share.
///
/// It is implemented for every `Send + Sync + 'static` type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be published",
    label = "not a message",
    note = "a message is shared by all its subscribers, on any thread: it must be `Send + Sync + 'static`",
    note = "in place of `Rc`, `RefCell` and borrowed fields, use `Arc`, `Mutex` and owned ones"
)]
pub trait LocalMessage: Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Send + Sync + 'static> LocalMessage for T {}

/// How messages of a type are written and read. A topic carries it, so that only who names a topic needs to know that its
/// messages are [`Message`]s.
pub(crate) struct Codec<T> {
    pub(crate) encode: fn(&T) -> Result<Vec<u8>, String>,
    pub(crate) decode: fn(&[u8]) -> Result<T, String>,
}

impl<T: Message> Codec<T> {
    /// JSON: readable in the engine's own tools, and open to a field that a newer version of the program adds.
    pub(crate) const JSON: Self = Self { encode: encode::<T>, decode: decode::<T> };
}

fn encode<T: Message>(message: &T) -> Result<Vec<u8>, String> {
    serde_json::to_vec(message).map_err(|error| error.to_string())
}

fn decode<T: Message>(bytes: &[u8]) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|error| error.to_string())
}

// Derives would ask the same of `T`.

impl<T> Clone for Codec<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Codec<T> {}
