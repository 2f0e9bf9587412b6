//! [`Message`] and [`LocalMessage`]: what can be published, and how a message is serialized when it leaves the process.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A message that can be published on any topic: data that threads can share and serde can serialize.
///
/// Every type that is `Serialize + DeserializeOwned + Send + Sync + 'static` implements it; deriving serde's traits is
/// all there is to do. Subscribers in one process share one value in an [`Arc`](std::sync::Arc), without cloning or
/// serializing it. Only a [`Transport`](crate::Transport) serializes messages, as JSON, and each process with a
/// subscriber deserializes them once.
///
/// A type that cannot be serialized (a channel, a file handle, a type from another crate) can still be published within
/// the process: see [`LocalMessage`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be published on a topic that other processes may share",
    label = "not a message",
    note = "write `#[derive(Serialize, Deserialize)]` on it: a message is `Serialize + DeserializeOwned + Send + Sync + 'static`",
    note = "if it need not leave this process, publish it on a `Topic::local(\"name\")`, which requires only `Send + Sync + 'static`"
)]
pub trait Message: LocalMessage + Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: LocalMessage + Serialize + DeserializeOwned> Message for T {}

/// A message that can be published within a process, on a [`Topic::local`](crate::Topic::local): anything that threads
/// can share.
///
/// Every `Send + Sync + 'static` type implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be published",
    label = "not a message",
    note = "all subscribers share the message, on any thread: it must be `Send + Sync + 'static`",
    note = "replace `Rc` by `Arc`, `RefCell` by `Mutex`, and borrowed fields by owned ones"
)]
pub trait LocalMessage: Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Send + Sync + 'static> LocalMessage for T {}

/// How messages of a type are serialized and deserialized. A topic carries it, so that only the code that creates the
/// topic needs the bound [`Message`].
pub(crate) struct Codec<T> {
    pub(crate) encode: fn(&T) -> Result<Vec<u8>, String>,
    pub(crate) decode: fn(&[u8]) -> Result<T, String>,
}

impl<T: Message> Codec<T> {
    /// JSON: the message server's own tools can show it, and a newer version of the program can add a field.
    pub(crate) const JSON: Self = Self { encode: encode::<T>, decode: decode::<T> };
}

fn encode<T: Message>(message: &T) -> Result<Vec<u8>, String> {
    serde_json::to_vec(message).map_err(|error| error.to_string())
}

fn decode<T: Message>(bytes: &[u8]) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|error| error.to_string())
}

// Derived implementations would require the same of `T`.

impl<T> Clone for Codec<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Codec<T> {}
