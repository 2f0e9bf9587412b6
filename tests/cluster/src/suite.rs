//! Tests of the guarantees that do not depend on what carries the messages: within a process, and over several nodes
//! with a transport.
//!
//! Each test takes three brokers that share their topics. Without a transport, these are three handles of the same
//! broker.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::join_all;
use lanai_pubsub::{Broker, Listener, Message, SubscriberId, Topic};

/// Three brokers that share their topics.
pub type Nodes = [Broker; 3];

async fn next<T: Send + Sync + 'static>(listener: &mut Listener<T>) -> std::sync::Arc<T> {
    let next = tokio::time::timeout(Duration::from_secs(30), listener.next()).await;
    next.expect("a message comes within 30 s").expect("the broker is alive")
}

async fn take<T: Clone + Send + Sync + 'static>(listener: &mut Listener<T>, count: usize) -> Vec<T> {
    let mut taken = Vec::with_capacity(count);
    while taken.len() < count {
        taken.push(T::clone(&*next(listener).await));
    }
    taken
}

async fn publish<T: Message>(broker: &Broker, topic: &Topic<T>, message: T) {
    broker.publish(topic, message).unwrap().stored().await.unwrap();
}

/// All nodes publish and subscribe, and some subscribers read slowly: all receive one order, and each message once.
pub async fn one_order_for_all(nodes: &Nodes) {
    const EACH: u32 = 500;
    const JITTER: Topic<(usize, u32)> = Topic::new("suite/jitter");
    let mut listeners: Vec<_> =
        nodes.iter().flat_map(|node| [node.listen(JITTER).unwrap(), node.listen(JITTER).unwrap()]).collect();
    let publishing = join_all(nodes.iter().enumerate().map(async |(at, node)| {
        for number in 0..EACH {
            node.publish(JITTER, (at, number)).unwrap();
            if number % 7 == 0 {
                tokio::time::sleep(Duration::from_micros(u64::from(number % 300))).await;
            }
        }
    }));
    let total = nodes.len() * EACH as usize;
    let listening = join_all(listeners.iter_mut().enumerate().map(async |(at, listener)| {
        let mut heard = Vec::with_capacity(total);
        while heard.len() < total {
            heard.push(*next(listener).await);
            if at % 2 == 0 && heard.len() % 50 == 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        heard
    }));
    let (_, heard) = tokio::join!(publishing, listening);
    assert_eq!(HashSet::<&(usize, u32)>::from_iter(&heard[0]).len(), total, "lost or duplicated");
    for publisher in 0..nodes.len() {
        assert!(heard[0].iter().filter(|mark| mark.0 == publisher).map(|mark| mark.1).eq(0..EACH), "out of order");
    }
    for other in &heard {
        assert_eq!(*other, heard[0], "two subscribers saw different orders");
    }
}

/// A subscriber that does not read holds up nobody, and finds all messages when it reads.
pub async fn who_does_not_read_holds_up_nobody(nodes: &Nodes) {
    const STALL: Topic<u32> = Topic::new("suite/stall");
    let (mut stalled, mut reading) = (nodes[0].listen(STALL).unwrap(), nodes[0].listen(STALL).unwrap());
    for number in 0..2_000 {
        nodes[1].publish(STALL, number).unwrap();
    }
    let all = Vec::from_iter(0..2_000);
    assert_eq!(take(&mut reading, 2_000).await, all);
    assert_eq!(take(&mut stalled, 2_000).await, all);
}

/// Subscribers come and go while messages flow: each receives a contiguous part.
pub async fn a_temporary_subscriber_receives_a_contiguous_part(nodes: &Nodes) {
    const CHURN: Topic<u32> = Topic::new("suite/churn");
    const COUNT: u32 = 1_500;
    let mut last = nodes[2].listen(CHURN).unwrap();
    let publishing = async {
        for number in 0..COUNT {
            nodes[0].publish(CHURN, number).unwrap();
            if number % 5 == 0 {
                tokio::time::sleep(Duration::from_micros(200)).await;
            }
        }
        while *next(&mut last).await != COUNT - 1 {}
    };
    let guests = async {
        let mut met = 0;
        loop {
            let mut guest = nodes[1].listen(CHURN).unwrap();
            tokio::time::sleep(Duration::from_millis(3)).await;
            guest.close();
            let mut run = Vec::new();
            while let Some(number) = guest.next().await {
                run.push(*number);
            }
            if let (Some(first), Some(end)) = (run.first(), run.last()) {
                assert!(run.iter().copied().eq(*first..=*end), "a gap or a duplicate: {run:?}");
                met += run.len();
                if *end == COUNT - 1 {
                    return met;
                }
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = publishing => {}
        met = guests => assert!(met > 0, "no guest met a message: so the test proves nothing"),
    }
}

/// Late subscribers on all nodes while messages flow: each receives the history and then the new messages, without gaps
/// or duplicates.
pub async fn history_and_new_messages_have_no_gap_and_no_duplicate(nodes: &Nodes) {
    const PAST: usize = 40;
    const LATE: Topic<u32> = Topic::new("suite/late").history(PAST);
    const NOISE: Topic<u32> = Topic::new("suite/noise");
    const BEFORE: u32 = 200;
    const AFTER: u32 = 400;
    // For a node that lags behind, messages are new that are history for others.
    let mut live = nodes.each_ref().map(|node| node.listen(LATE.history(0)).unwrap());
    for number in 0..BEFORE {
        // Other messages in between, among which the history is searched.
        nodes[1].publish(NOISE, number).unwrap();
        nodes[0].publish(LATE, number).unwrap();
    }
    for live in &mut live {
        take(live, BEFORE as usize).await;
    }
    drop(live);
    let publishing = async {
        for number in BEFORE..BEFORE + AFTER {
            nodes[0].publish(LATE, number).unwrap();
            tokio::time::sleep(Duration::from_micros(300)).await;
        }
    };
    let joining = async {
        let mut late = Vec::new();
        for turn in 0..30 {
            late.push(nodes[turn % 3].listen(LATE).unwrap());
            tokio::time::sleep(Duration::from_millis(4)).await;
        }
        late
    };
    let (_, late) = tokio::join!(publishing, joining);
    let mut starts = HashSet::new();
    for mut listener in late {
        let first = *next(&mut listener).await;
        starts.insert(first);
        let rest = take(&mut listener, (BEFORE + AFTER - 1 - first) as usize).await;
        assert!(rest.iter().copied().eq(first + 1..BEFORE + AFTER), "a gap or a duplicate after {first}: {rest:?}");
        assert!(first >= BEFORE - PAST as u32, "more history than was requested: from {first}");
        assert_eq!(listener.gaps(), 0);
    }
    assert!(starts.len() > 3, "all came at one moment: so the test proves nothing");
    for node in nodes {
        let mut whole = node.listen(LATE).unwrap();
        let wanted = Vec::from_iter(BEFORE + AFTER - PAST as u32..BEFORE + AFTER);
        assert_eq!(take(&mut whole, PAST).await, wanted);
        let mut short = node.listen(LATE.history(3)).unwrap();
        assert_eq!(take(&mut short, 3).await, wanted[PAST - 3..]);
    }
}

/// A wildcard receives messages from all nodes.
pub async fn a_wildcard_hears_all_nodes(nodes: &Nodes) {
    const ROOM: Topic<u32> = Topic::new("suite/room");
    let mut any = nodes[2].listen(ROOM.any()).unwrap();
    let mut below = nodes[0].listen(ROOM.below()).unwrap();
    publish(&nodes[0], &ROOM.at("a *"), 1).await;
    publish(&nodes[1], &ROOM.at("b").at("c.d"), 2).await;
    publish(&nodes[1], &ROOM, 3).await;
    publish(&nodes[1], &ROOM.at(""), 4).await;
    let mut seen = Vec::new();
    for _ in 0..2 {
        let at = next(&mut any).await;
        seen.push((at.path().join("|"), **at));
    }
    assert_eq!(seen, [("a *".into(), 1), (String::new(), 4)]);
    let mut deep = Vec::new();
    for _ in 0..3 {
        let at = next(&mut below).await;
        deep.push((at.path().join("|"), **at));
    }
    assert_eq!(deep, [("a *".into(), 1), ("b|c.d".into(), 2), (String::new(), 4)]);
    drop((any, below));
    let gone = |node: &Broker| node.topics().iter().all(|topic| !topic.name.starts_with("suite/room"));
    crate::until("topics that only wildcards watched are gone", async || nodes.iter().all(gone)).await;
}

/// Publishing to all but the sender, to one subscriber, and to all instances of a person, over nodes.
pub async fn messages_for_some_reach_those(nodes: &Nodes) {
    const NEWS: Topic<String> = Topic::new("suite/news");
    let me = nodes[0].listen(NEWS).unwrap();
    let (mut me, mut you) = (me, nodes[1].listen(NEWS).unwrap());
    nodes[0].publish_to_others(me.subscriber(), NEWS, "for you".into()).unwrap();
    nodes[2].publish(NEWS, "for all".into()).unwrap();
    let mut order = take(&mut you, 2).await;
    assert_eq!(*next(&mut me).await, "for all");
    order.sort();
    assert_eq!(order, ["for all", "for you"]);

    let address = SubscriberId::new().address();
    let mut mine = nodes[1].listen(Topic::<String>::instance(&address)).unwrap();
    publish(&nodes[2], &Topic::instance(&SubscriberId::new().address()), "for another".to_owned()).await;
    publish(&nodes[2], &Topic::instance(&address.to_string().parse().unwrap()), "for me".to_owned()).await;
    assert_eq!(*next(&mut mine).await, "for me");

    let mut tabs = [0, 2].map(|node| nodes[node].listen(Topic::<u32>::person("eve@example.org")).unwrap());
    publish(&nodes[1], &Topic::person("eve"), 1_u32).await;
    publish(&nodes[1], &Topic::person("eve@example.org"), 2_u32).await;
    for tab in &mut tabs {
        assert_eq!(*next(tab).await, 2);
    }
}

/// Runs all of them.
pub async fn run(nodes: &Nodes) {
    one_order_for_all(nodes).await;
    who_does_not_read_holds_up_nobody(nodes).await;
    a_temporary_subscriber_receives_a_contiguous_part(nodes).await;
    history_and_new_messages_have_no_gap_and_no_duplicate(nodes).await;
    a_wildcard_hears_all_nodes(nodes).await;
    messages_for_some_reach_those(nodes).await;
}
