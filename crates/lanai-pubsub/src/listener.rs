//! [`Listener`]: a topic as a stream.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;

use crate::address::SubscriberId;
use crate::buffer::Reader;
use crate::error::Missed;
use crate::subscription::Subscription;

/// The messages of a topic or a wildcard, as a [`Stream`]. It works with any async runtime, and without one.
///
/// ```
/// # use lanai_pubsub::{Broker, Topic};
/// # futures_util::future::FutureExt::now_or_never(async {
/// const NEWS: Topic<String> = Topic::new("news");
///
/// let broker = Broker::new();
/// let mut listener = broker.listen(NEWS)?;
/// broker.publish(NEWS, "it rains".into())?;
/// listener.close();
/// while let Some(news) = listener.next().await {
///     assert_eq!(*news, "it rains");
/// }
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # }).unwrap().unwrap();
/// ```
///
/// It ends after [`close`](Self::close), or when the last handle of the broker is dropped. Dropping the listener ends
/// its subscription.
///
/// Messages wait in it until they are taken out. If more than its [`capacity`](Self::capacity) wait, it drops the
/// oldest ones, and reports the gap in their place, as it does when a message server has lost messages: see
/// [`try_next`](Self::try_next). A slow listener never holds up publishers or other subscribers.
pub struct Listener<T> {
    subscriber: SubscriberId,
    subscription: Subscription,
    reader: Reader<T>,
    gaps: u64,
}

impl<T: Send + Sync + 'static> Listener<T> {
    /// How many messages wait in a listener at most, by default.
    pub(crate) const DEFAULT_CAPACITY: usize = 65_536;

    pub(crate) fn new(subscriber: SubscriberId, subscription: Subscription, reader: Reader<T>) -> Self {
        Self { subscriber, subscription, reader, gaps: 0 }
    }

    /// Sets how many messages may wait in it. The default is 65,536.
    ///
    /// ```
    /// # use lanai_pubsub::{Broker, Topic};
    /// # futures_util::future::FutureExt::now_or_never(async {
    /// # const NEWS: Topic<u32> = Topic::new("news");
    /// let broker = Broker::new();
    /// let mut listener = broker.listen(NEWS)?.capacity(2);
    /// for news in 1..=5 {
    ///     broker.publish(NEWS, news)?;
    /// }
    /// assert_eq!(listener.try_next().await.unwrap_err().at_most, 3);
    /// assert_eq!(*listener.try_next().await?.expect("the broker is alive"), 4);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # }).unwrap().unwrap();
    /// ```
    ///
    /// # Panics
    ///
    /// If `messages` is 0.
    #[must_use]
    #[track_caller]
    pub fn capacity(self, messages: usize) -> Self {
        assert!(messages > 0, "the capacity of a listener must be at least 1");
        self.reader.set_capacity(messages);
        self
    }

    /// Waits for the next message. Returns `None` when the listener has ended.
    ///
    /// It is cancel-safe: dropping the future loses no message. It skips gaps (messages that a message server has lost,
    /// or that were dropped because too many waited here); [`gaps`](Self::gaps) counts them. To be told of each gap,
    /// use [`try_next`](Self::try_next).
    pub async fn next(&mut self) -> Option<Arc<T>> {
        poll_fn(|context| self.poll(context)).await
    }

    /// Waits for the next message. Returns `None` when the listener has ended.
    ///
    /// # Errors
    ///
    /// Once for each gap; the next call continues after it.
    pub async fn try_next(&mut self) -> Result<Option<Arc<T>>, Missed> {
        let next = poll_fn(|context| self.reader.poll(context)).await.transpose();
        self.gaps += u64::from(next.is_err());
        next
    }

    /// How many gaps there were before the last message taken out.
    #[must_use]
    pub fn gaps(&self) -> u64 {
        self.gaps
    }

    fn poll(&mut self, context: &Context<'_>) -> Poll<Option<Arc<T>>> {
        loop {
            return match self.reader.poll(context) {
                Poll::Ready(Some(Err(_))) => {
                    self.gaps += 1;
                    continue;
                }
                Poll::Ready(next) => Poll::Ready(next.and_then(Result::ok)),
                Poll::Pending => Poll::Pending,
            };
        }
    }

    /// Ends the subscription. Messages that already wait can still be taken out; after them, [`next`](Self::next)
    /// returns `None`.
    pub fn close(&mut self) {
        self.subscription.cancel();
    }

    /// The identifier under which it is subscribed: [`publish_to_others`](crate::Broker::publish_to_others) can leave
    /// it out.
    #[must_use]
    pub fn subscriber(&self) -> SubscriberId {
        self.subscriber
    }
}

impl<T: Send + Sync + 'static> Stream for Listener<T> {
    type Item = Arc<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Arc<T>>> {
        self.poll(context)
    }
}

impl<T> fmt::Debug for Listener<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener")
            .field("subscriber", &self.subscriber)
            .field("subscription", &self.subscription)
            .finish_non_exhaustive()
    }
}
