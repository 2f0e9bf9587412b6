//! [`Meta`]: the metadata of a person.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// The largest size of the JSON, in bytes.
const MAX_SIZE: usize = 16 * 1024;

/// The metadata of a person, such as a color or whether they are typing. It is JSON until someone reads it as a type.
///
/// Cloning it is cheap. Nodes exchange the JSON as it is, so a node that knows a different type passes it on unchanged.
#[derive(Clone)]
pub struct Meta(Arc<Inner>);

struct Inner {
    json: Box<str>,
    /// The value as the type that was read first. Most readers want the same type, so it is deserialized once for all
    /// of them.
    typed: OnceLock<Arc<dyn Any + Send + Sync>>,
}

impl Meta {
    /// Serializes a value as JSON.
    ///
    /// # Errors
    ///
    /// If the value cannot be serialized as JSON, or has more than 16 KiB: every node keeps it for as long as the
    /// person is present.
    pub fn new(value: &impl Serialize) -> Result<Self, MetaError> {
        let json = serde_json::to_string(value).map_err(|error| MetaError::NotJson(error.to_string()))?;
        Self::from_json(json)
    }

    fn from_json(json: String) -> Result<Self, MetaError> {
        if json.len() > MAX_SIZE {
            return Err(MetaError::TooLarge { size: json.len() });
        }
        Ok(Self(Arc::new(Inner { json: json.into(), typed: OnceLock::new() })))
    }

    /// The JSON.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.0.json
    }

    /// Deserializes the value. All readers of the same type share one value.
    ///
    /// # Errors
    ///
    /// If the JSON is not a value of that type.
    pub fn read<M: DeserializeOwned + Send + Sync + 'static>(&self) -> Result<Arc<M>, serde_json::Error> {
        let typed = self.0.typed.get().and_then(|typed| Arc::clone(typed).downcast().ok());
        if let Some(typed) = typed {
            return Ok(typed);
        }
        let value: Arc<M> = Arc::new(serde_json::from_str(self.json())?);
        // This fails if the first reader wanted a different type.
        let _ = self.0.typed.set(Arc::clone(&value) as Arc<dyn Any + Send + Sync>);
        Ok(value)
    }
}

impl PartialEq for Meta {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.json() == other.json()
    }
}

impl Eq for Meta {}

impl fmt::Debug for Meta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.json())
    }
}

impl Serialize for Meta {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.json())
    }
}

impl<'de> Deserialize<'de> for Meta {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_json(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// Why a person cannot be tracked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MetaError {
    /// The value cannot be serialized as JSON.
    #[error("the metadata of a person cannot be serialized as JSON: {0}")]
    NotJson(String),
    /// The metadata is too large: every node keeps it for as long as the person is present.
    #[error(
        "the metadata of a person may have 16 KiB of JSON, but has {size} bytes; keep it small, and store large data elsewhere"
    )]
    TooLarge {
        /// The size of the JSON, in bytes.
        size: usize,
    },
    /// The key is too long: every node keeps it for as long as the person is present.
    #[error(
        "the key of a person may have 1024 bytes, but has {size}; use a short identifier, such as the number of an account"
    )]
    LongKey {
        /// The size of the key, in bytes.
        size: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_of_the_same_type_share_one_value() {
        let meta = Meta::new(&7).unwrap();
        let clone = meta.clone();
        let (one, other) = (meta.read::<u32>().unwrap(), clone.read::<u32>().unwrap());
        assert!(Arc::ptr_eq(&one, &other));
        assert_eq!(*meta.read::<f64>().unwrap(), 7.0);
        assert!(meta.read::<String>().is_err());
        assert_eq!(*meta.read::<u32>().unwrap(), 7);
    }

    #[test]
    fn metadata_that_is_too_large_or_not_json_is_refused() {
        assert!(matches!(Meta::new(&"a".repeat(20_000)), Err(MetaError::TooLarge { size: 20_002 })));
        let no_json = std::collections::BTreeMap::from([((1, 2), 3)]);
        assert!(matches!(Meta::new(&no_json), Err(MetaError::NotJson(_))));
    }
}
