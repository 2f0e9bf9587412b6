//! Handlers of joins and leaves.

use std::sync::Arc;

use lanai_pubsub::LocalMessage;
use lanai_pubsub::presence::{Change, TopicName};

use crate::cx::Cx;
use crate::instance::resources::Subscription;
use crate::message::{Delivery, MessageHandler, Subscribed, SubscriptionHandle};

/// Calls a handler of the view with what `pick` returns for each change on a topic.
pub(super) fn on<V, T, S>(
    cx: &Cx<V>,
    topic: impl TopicName,
    handler: impl MessageHandler<V, T, S>,
    pick: impl Fn(&str, &Change) -> Option<T> + Send + Sync + 'static,
) -> SubscriptionHandle
where
    V: Send + 'static,
    T: LocalMessage,
    S: 'static,
{
    let name = topic.topic_name();
    let subscribed = Arc::new(Subscribed::new(cx.clone(), handler));
    let (source, active) = (name.clone().into(), subscribed.active());
    let on_change = move |change: &Change| {
        if let Some(message) = pick(&name, change) {
            let delivery = Delivery { subscribed: subscribed.clone(), message: Arc::new(message) };
            subscribed.cx.instance.call(delivery);
        }
    };
    let (_, watch) = cx.broker().presence().watch(topic, on_change);
    cx.add_subscription(Subscription { source, active, guard: Box::new(watch) })
}
