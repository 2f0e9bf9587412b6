//! [`Present`]: who is present, as a collection that a view renders from.

use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, OnceLock, Weak};

use foldhash::fast::RandomState;
use lanai_pubsub::presence::{Change, JoinOrder, Person, TopicName, Watch};
use parking_lot::Mutex;
use serde::de::DeserializeOwned;

use crate::handler::Called;
use crate::instance::Instance;
use crate::instance::driver::Call;

/// Who is present on a topic, in order of arrival. [`Cx::presence`](crate::Cx::presence) creates it, and it stays
/// current while it is kept.
///
/// It returns copies, which are cheap. A clone of the collection is the same collection.
pub struct Present<M> {
    live: Arc<Live<M>>,
}

struct Live<M> {
    topic: String,
    people: Mutex<People<M>>,
    watch: OnceLock<Watch>,
}

struct People<M> {
    by_join_order: BTreeMap<JoinOrder, Person<M>>,
    join_orders: HashMap<Arc<str>, JoinOrder, RandomState>,
}

impl<M: DeserializeOwned + Send + Sync + 'static> Present<M> {
    pub(crate) fn new(instance: &Arc<Instance>, topic: impl TopicName) -> Self {
        let people = People { by_join_order: BTreeMap::new(), join_orders: HashMap::default() };
        let live = Arc::new(Live { topic: topic.topic_name(), people: Mutex::new(people), watch: OnceLock::new() });
        let on_change = {
            let (live, instance) = (Arc::downgrade(&live), instance.clone());
            move |change: &Change| {
                if live.strong_count() > 0 {
                    instance.call(Apply { live: live.clone(), change: change.clone() });
                }
            }
        };
        // Another thread may handle a change before this one has filled the collection, so that thread has to wait for
        // the lock.
        let mut people = live.people.lock();
        let (entries, watch) = instance.runtime.broker.presence().watch(topic, on_change);
        entries.iter().filter_map(|entry| entry.read(&live.topic)).for_each(|person| people.put(person));
        drop(people);
        let _ = live.watch.set(watch);
        Self { live }
    }
}

impl<M> Present<M> {
    /// Returns the number of people, each counted once.
    #[must_use]
    pub fn len(&self) -> usize {
        self.live.people.lock().by_join_order.len()
    }

    /// Whether no one is here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns a person, if they are here.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Person<M>> {
        let people = self.live.people.lock();
        people.by_join_order.get(people.join_orders.get(key)?).cloned()
    }

    /// Whether a person is here.
    #[must_use]
    pub fn contains(&self, key: &str) -> bool {
        self.live.people.lock().join_orders.contains_key(key)
    }

    /// Returns everyone who is here now, in order of arrival.
    #[must_use]
    pub fn iter(&self) -> std::vec::IntoIter<Person<M>> {
        let people: Vec<Person<M>> = self.live.people.lock().by_join_order.values().cloned().collect();
        people.into_iter()
    }
}

impl<M> IntoIterator for &Present<M> {
    type Item = Person<M>;
    type IntoIter = std::vec::IntoIter<Person<M>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<M> Clone for Present<M> {
    fn clone(&self) -> Self {
        Self { live: self.live.clone() }
    }
}

impl<M: fmt::Debug> fmt::Debug for Present<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl<M> People<M> {
    fn put(&mut self, person: Person<M>) {
        let join_order = person.join_order();
        if let Some(before) = self.join_orders.insert(person.key.clone(), join_order.clone())
            && before != join_order
        {
            self.by_join_order.remove(&before);
        }
        self.by_join_order.insert(join_order, person);
    }

    fn remove(&mut self, key: &str) {
        if let Some(join_order) = self.join_orders.remove(key) {
            self.by_join_order.remove(&join_order);
        }
    }
}

/// A change in the view's mailbox.
struct Apply<M> {
    live: Weak<Live<M>>,
    change: Change,
}

impl<M: DeserializeOwned + Send + Sync + 'static> Call for Apply<M> {
    fn call<'a>(self: Box<Self>, _view: &'a mut dyn Any) -> Called<'a> {
        if let Some(live) = self.live.upgrade() {
            match &self.change {
                Change::Left(entry, _) => live.people.lock().remove(&entry.key),
                change => {
                    if let Some(person) = change.entry().read(&live.topic) {
                        live.people.lock().put(person);
                    }
                }
            }
        }
        Called::Ready(Ok(()))
    }

    fn name(&self) -> &'static str {
        "Present"
    }

    fn is_immediate(&self) -> bool {
        true
    }
}
