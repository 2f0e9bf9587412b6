//! Who subscribes: [`SubscriberId`] within a process, [`Address`] across processes.

use std::fmt::{self, Display};
use std::hash::{BuildHasher, RandomState};
use std::str::FromStr;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Identifies a subscriber: a number that is unique in this process.
///
/// A subscriber may hold any number of subscriptions, to one topic or to several. The broker uses the identifier to
/// leave the sender out in [`publish_to_others`](crate::Broker::publish_to_others).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubscriberId(pub(crate) u64);

impl SubscriberId {
    /// An identifier that this process has never given out before.
    #[expect(clippy::new_without_default, reason = "each is different: there is no default")]
    pub fn new() -> Self {
        // std's atomic even in the model tests: the number only has to be unique.
        static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
        Self(NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
    }

    /// The subscriber's address, which is valid in every process: [`Topic::instance`](crate::Topic::instance) takes it.
    #[must_use]
    pub fn address(self) -> Address {
        Address { node: Node::this(), subscriber: self.0 }
    }
}

/// The address of a subscriber, valid in every process: the process, and the subscriber's number there.
///
/// It names the receiver of messages on [`Topic::instance`](crate::Topic::instance). It may be sent around, stored and
/// displayed. It is unique but not secret: knowing it permits nothing beyond what knowing a topic's name does.
///
/// ```
/// # use lanai_pubsub::{Address, SubscriberId};
/// let address = SubscriberId::new().address();
/// assert_eq!(address.to_string().parse(), Ok(address));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Address {
    pub(crate) node: Node,
    pub(crate) subscriber: u64,
}

impl Address {
    /// The subscriber, if it belongs to this process.
    pub(crate) fn local(self) -> Option<SubscriberId> {
        (self.node == Node::this()).then_some(SubscriberId(self.subscriber))
    }
}

impl Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:x}", self.node, self.subscriber)
    }
}

/// The error of parsing text that is not an [`Address`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{0}` is not an address; an address is 32 hexadecimal digits, a hyphen and a hexadecimal number, as `Address` displays it"
)]
pub struct AddressError(String);

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let parse = || {
            let (node, subscriber) = text.split_once('-')?;
            // Leading zeros are refused, so that each address has exactly one text and names one topic.
            let padded = subscriber.len() > 1 && subscriber.starts_with('0');
            let subscriber = if padded { None } else { hexadecimal(subscriber, 16) };
            Some(Self { node: node.parse().ok()?, subscriber: subscriber? as u64 })
        };
        parse().ok_or_else(|| AddressError(text.to_owned()))
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.to_string()
    }
}

impl TryFrom<String> for Address {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        text.parse()
    }
}

/// Identifies a process by a random number, drawn on first use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node(u128);

impl Node {
    /// The current process.
    pub fn this() -> Self {
        static THIS: OnceLock<Node> = OnceLock::new();
        *THIS.get_or_init(|| {
            // std takes its seeds from the operating system; the time and the process id help if that source is weak.
            let salt = (std::process::id(), std::time::SystemTime::now());
            let half = || u128::from(RandomState::new().hash_one(salt));
            Self(half() << 64 | half())
        })
    }
}

impl Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl FromStr for Node {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let node = if text.len() == 32 { hexadecimal(text, 32) } else { None };
        node.map(Self).ok_or_else(|| AddressError(text.to_owned()))
    }
}

/// Parses at most `max_digits` digits as `{:x}` displays them.
fn hexadecimal(text: &str, max_digits: usize) -> Option<u128> {
    let digits = !text.is_empty()
        && text.len() <= max_digits
        && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    digits.then(|| u128::from_str_radix(text, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_round_trips_through_text_and_json() {
        let address = SubscriberId::new().address();
        assert_eq!(address.to_string().parse(), Ok(address));
        let json = serde_json::to_string(&address).unwrap();
        assert_eq!(json, format!("\"{address}\""));
        assert_eq!(serde_json::from_str::<Address>(&json).unwrap(), address);
        assert_ne!(address, SubscriberId::new().address());
    }

    #[test]
    fn the_error_for_malformed_text_describes_an_address() {
        let good = SubscriberId(0xab).address().to_string();
        for text in [
            "",
            "-",
            "7",
            "7-7",
            &good.to_uppercase(),
            &good.replace('-', "-0"),
            &format!("+{good}"),
            &format!("{good}0000000000000000"),
        ] {
            let error = text.parse::<Address>().unwrap_err();
            assert!(error.to_string().contains("32 hexadecimal digits"), "{error}");
        }
    }
}
