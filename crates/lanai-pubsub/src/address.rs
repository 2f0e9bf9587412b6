//! [`Address`]: a subscriber's name that is valid in every process.

use std::fmt::{self, Display};
use std::hash::{BuildHasher, RandomState};
use std::str::FromStr;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::subscription::SubscriberId;

/// A subscriber's name that is valid everywhere: which process, and which subscriber there.
///
/// It names where messages of a [`Topic::instance`](crate::Topic::instance) go, and may be sent around, stored and shown. It is
/// unique, and no secret: who knows it can do nothing that a topic's name would not allow.
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
    /// The subscriber, if it is one of this process.
    pub(crate) fn here(self) -> Option<SubscriberId> {
        (self.node == Node::this()).then_some(SubscriberId(self.subscriber))
    }
}

impl Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:x}", self.node, self.subscriber)
    }
}

/// A text is not an [`Address`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{0}` is no address: it is 32 hexadecimal digits, a hyphen, and a hexadecimal number, as `Address` displays it"
)]
pub struct AddressError(String);

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let parse = || {
            let (node, subscriber) = text.split_once('-')?;
            // Only as displayed, so that one address has one text and names one topic.
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

/// A process: a random number that it has taken when it first needed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node(u128);

impl Node {
    /// The process that asks.
    pub fn this() -> Self {
        static THIS: OnceLock<Node> = OnceLock::new();
        *THIS.get_or_init(|| {
            // std's seeds come from the system's randomness; time and process are there for the case that this is poor.
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

/// The number with these digits, which are as `{:x}` displays them.
fn hexadecimal(text: &str, most: usize) -> Option<u128> {
    let digits =
        !text.is_empty() && text.len() <= most && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    digits.then(|| u128::from_str_radix(text, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_survives_text_and_json() {
        let address = SubscriberId::new().address();
        assert_eq!(address.to_string().parse(), Ok(address));
        let json = serde_json::to_string(&address).unwrap();
        assert_eq!(json, format!("\"{address}\""));
        assert_eq!(serde_json::from_str::<Address>(&json).unwrap(), address);
        assert_ne!(address, SubscriberId::new().address());
    }

    #[test]
    fn what_is_no_address_is_refused_in_words_that_help() {
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
