//! The files that pages are sending: what has come of each, and how much space they take.
//!
//! A file is sent by requests that each carry on where the last one has stopped, as the core protocol of
//! [tus](https://tus.io/protocols/resumable-upload) does: `PATCH` with `Upload-Offset`, and `HEAD` for the offset. The
//! view decides which files may come, and how large they are; nothing else is ever written.

pub(crate) mod accept;
pub(crate) mod incoming;
pub(crate) mod name;
pub(crate) mod sink;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::secret::Secret;
use incoming::Incoming;

/// The files that the pages of a program are sending.
#[derive(Default)]
pub(crate) struct Uploads {
    incoming: Mutex<HashMap<String, Weak<Incoming>>>,
    used: Mutex<Used>,
}

/// How many bytes of temporary files there may be.
#[derive(Clone, Copy)]
pub(crate) struct Space {
    pub(crate) per_address: u64,
    pub(crate) in_all: u64,
}

/// How many bytes of temporary files there are.
#[derive(Default)]
struct Used {
    in_all: u64,
    by_address: HashMap<IpAddr, u64>,
}

impl Uploads {
    /// Expects a file. Returns the secret in its URL.
    pub(crate) fn expect(&self, file: &Arc<Incoming>) -> String {
        let secret = Secret::random().as_str().to_owned();
        let mut incoming = self.incoming.lock();
        if incoming.len().is_power_of_two() {
            incoming.retain(|_, file| file.strong_count() > 0);
        }
        incoming.insert(secret.clone(), Arc::downgrade(file));
        secret
    }

    /// Returns a file that is expected.
    pub(crate) fn find(&self, secret: &str) -> Option<Arc<Incoming>> {
        self.incoming.lock().get(secret)?.upgrade()
    }

    /// Space for a file from an address, which takes none yet. Returns nothing if the file would not fit now.
    pub(crate) fn space(self: &Arc<Self>, size: u64, limits: Space, address: Option<IpAddr>) -> Option<Taken> {
        let mut taken = Taken { uploads: self.clone(), bytes: 0, limits, address };
        let fits = taken.take(size);
        taken.give_back(size);
        fits.then_some(taken)
    }

    /// How many bytes of temporary files there are.
    pub(crate) fn used(&self) -> u64 {
        self.used.lock().in_all
    }
}

/// The space that a file takes until this is dropped.
pub(crate) struct Taken {
    uploads: Arc<Uploads>,
    bytes: u64,
    limits: Space,
    address: Option<IpAddr>,
}

impl Taken {
    /// Takes more space. Returns whether there is as much.
    pub(crate) fn take(&mut self, bytes: u64) -> bool {
        let mut used = self.uploads.used.lock();
        let own = self.address.map_or(0, |address| used.by_address.get(&address).copied().unwrap_or_default());
        if used.in_all.saturating_add(bytes) > self.limits.in_all
            || self.address.is_some() && own.saturating_add(bytes) > self.limits.per_address
        {
            return false;
        }
        used.in_all += bytes;
        if let Some(address) = self.address {
            used.by_address.insert(address, own + bytes);
        }
        self.bytes += bytes;
        true
    }

    fn give_back(&mut self, bytes: u64) {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        let mut used = self.uploads.used.lock();
        used.in_all -= bytes;
        let Some(address) = self.address else { return };
        if let Some(own) = used.by_address.get_mut(&address) {
            *own -= bytes;
            if *own == 0 {
                used.by_address.remove(&address);
            }
        }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.give_back(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn space_is_limited_by_address_and_in_all_and_returns() {
        let uploads = Arc::new(Uploads::default());
        let limits = Space { per_address: 100, in_all: 150 };
        let [one, two] = ["10.0.0.1", "10.0.0.2"].map(|address| address.parse().ok());
        let mut first = uploads.space(60, limits, one).unwrap();
        assert_eq!(uploads.used(), 0, "nothing has come");
        assert!(first.take(60) && !first.take(41));
        assert!(uploads.space(41, limits, one).is_none() && uploads.space(u64::MAX, limits, two).is_none());
        let mut second = uploads.space(60, limits, two).unwrap();
        assert!(second.take(60));
        let mut third = uploads.space(30, limits, None).unwrap();
        assert!(!third.take(31) && third.take(30));
        drop((second, third));
        assert_eq!(uploads.used(), 60);
        drop(first);
        assert_eq!(uploads.used(), 0);
        assert!(uploads.used.lock().by_address.is_empty());
    }
}
