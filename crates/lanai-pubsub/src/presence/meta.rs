//! [`Meta`]: what is said about a person beside the key.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// How large the JSON of a [`Meta`] may be, in bytes.
const LARGEST: usize = 16 * 1024;

/// What is said about a person beside the key, such as a colour or whether they are typing: JSON, until someone asks for it as a type.
///
/// Cloning it is cheap. It crosses processes as the JSON that it is, so nodes that know other types pass it on unharmed.
#[derive(Clone)]
pub struct Meta(Arc<Inner>);

struct Inner {
    json: Box<str>,
    /// As the type that asked first: mostly all ask for the same, and it is read once for all of them.
    typed: OnceLock<Arc<dyn Any + Send + Sync>>,
}

impl Meta {
    /// Writes a value as JSON.
    ///
    /// # Errors
    ///
    /// If the value is none that JSON can express, or is larger than 16 KiB: it is kept by every node for as long as the person is here.
    pub fn new(value: &impl Serialize) -> Result<Self, MetaError> {
        let json = serde_json::to_string(value).map_err(|error| MetaError::NotJson(error.to_string()))?;
        Self::from_json(json)
    }

    fn from_json(json: String) -> Result<Self, MetaError> {
        if json.len() > LARGEST {
            return Err(MetaError::TooLarge { size: json.len() });
        }
        Ok(Self(Arc::new(Inner { json: json.into(), typed: OnceLock::new() })))
    }

    /// The JSON.
    pub fn json(&self) -> &str {
        &self.0.json
    }

    /// As a value of the type that is expected. All who ask for one type share one value.
    ///
    /// # Errors
    ///
    /// If the JSON is not one of that type.
    pub fn read<M: DeserializeOwned + Send + Sync + 'static>(&self) -> Result<Arc<M>, serde_json::Error> {
        let typed = self.0.typed.get().and_then(|typed| Arc::clone(typed).downcast().ok());
        if let Some(typed) = typed {
            return Ok(typed);
        }
        let value: Arc<M> = Arc::new(serde_json::from_str(self.json())?);
        // Taken, if the first one asked for another type.
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

/// Why something cannot be said about a person.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MetaError {
    /// The value is none that JSON can express.
    #[error("what is said about a person must be expressible as JSON: {0}")]
    NotJson(String),
    /// Every node keeps it for as long as the person is here.
    #[error(
        "what is said about a person may have 16 KiB of JSON, but has {size} bytes; say little, and where the rest is to be found"
    )]
    TooLarge {
        /// The size of the JSON, in bytes.
        size: usize,
    },
    /// Every node keeps it for as long as the person is here.
    #[error(
        "the key of a person may have 1024 bytes, but has {size}; use a short one, such as the number in a data base"
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
    fn all_who_ask_for_one_type_share_one_value_and_others_get_theirs() {
        let meta = Meta::new(&7).unwrap();
        let (one, other) = (meta.read::<u32>().unwrap(), meta.clone().read::<u32>().unwrap());
        assert!(Arc::ptr_eq(&one, &other));
        assert_eq!(*meta.read::<f64>().unwrap(), 7.0);
        assert!(meta.read::<String>().is_err());
        assert_eq!(*meta.read::<u32>().unwrap(), 7);
    }

    #[test]
    fn what_no_node_could_carry_is_refused() {
        assert!(matches!(Meta::new(&"a".repeat(20_000)), Err(MetaError::TooLarge { size: 20_002 })));
        let no_json = std::collections::BTreeMap::from([((1, 2), 3)]);
        assert!(matches!(Meta::new(&no_json), Err(MetaError::NotJson(_))));
    }
}
