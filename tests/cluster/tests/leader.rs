//! A cluster of three NATS servers stores the stream, and its leader is killed.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use cluster::nats::{NatsCluster, NatsServer};
use cluster::node::{MARKS, Mark};
use cluster::until;
use futures_util::future::join_all;
use lanai_nats::Options;
use lanai_pubsub::{Broker, SubscriberId, Subscription};
use tokio::task::JoinSet;

/// Three nodes publish and listen. The leader of the stream is killed and restarted: in every other round while
/// messages flow, in the others when all have arrived. Nothing is lost or duplicated, every receipt is settled, and no
/// gap is reported.
///
/// It prints how long the cluster accepted no messages. It elects a leader within 4 to 9 seconds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_leader_of_the_stream_is_killed_while_three_nodes_publish() {
    let mut cluster = NatsCluster::start().await;
    for round in 1..=cluster::rounds() {
        let program = format!("round{round}");
        let mut members = Vec::new();
        for number in 0..3 {
            members.push(Member::join(&cluster, number, &program).await);
        }
        let stop = Arc::new(AtomicBool::new(false));
        let publishers: Vec<_> = members.iter().map(|member| tokio::spawn(member.publish(&stop))).collect();
        until("messages flow", async || members.iter().all(|member| member.heard() > 1_000)).await;

        let mut leader = None;
        until("the stream has a leader", async || {
            leader = cluster.leader(&format!("{program}-0")).await;
            leader.is_some()
        })
        .await;
        let leader = leader.expect("it has one");
        cluster.servers[leader].kill().await;
        let killed = Instant::now();
        // The first ones published since then, and not those in flight.
        let next: Vec<usize> = members.iter().map(|member| member.published.load(Ordering::Relaxed)).collect();
        until("each has published without it", async || {
            members.iter().zip(&next).all(|(member, next)| member.stored.lock().unwrap().len() > *next + 1_000)
        })
        .await;
        let early = round % 2 == 1;
        if early {
            cluster.servers[leader].start_again().await;
            cluster.ready().await;
        }
        stop.store(true, Ordering::Relaxed);
        let published: usize = join_all(publishers).await.into_iter().map(Result::unwrap).sum();
        let waited: Vec<Duration> = members
            .iter()
            .zip(&next)
            .map(|(member, next)| {
                let stored = member.stored.lock().unwrap();
                stored.iter().filter(|(number, _)| *number >= *next as u32).map(|(_, at)| *at - killed).min().unwrap()
            })
            .collect();
        complete(&cluster, &members, published, &format!("{program}-0")).await;

        let heard: Vec<Vec<Mark>> = members.iter().map(|member| member.heard.lock().unwrap().clone()).collect();
        let distinct: HashSet<Mark> = heard[0].iter().copied().collect();
        println!(
            "round {round}: published {published}, lost {}, duplicated {}; to the next stored publish of each node {waited:.1?}",
            published - distinct.len().min(published),
            heard[0].len() - distinct.len(),
        );
        for (member, heard) in members.iter().zip(&heard) {
            let distinct: HashSet<&Mark> = heard.iter().collect();
            assert_eq!(heard.len(), distinct.len(), "doubled: {}", doubles(heard));
            assert_eq!(heard.len(), published, "lost");
            assert_eq!(member.missed.load(Ordering::Relaxed), 0, "a gap was reported");
        }
        assert!(heard.iter().all(|other| *other == heard[0]), "the nodes received different orders");
        drop(members);
        if !early {
            cluster.servers[leader].start_again().await;
            cluster.ready().await;
        }
    }
}

/// Two of three servers are gone, so the leader can propose a message but not store it. When the message is sent again,
/// the server knows its id and says so: from 2.10 on as a duplicate with sequence 0, from 2.12 on as in process.
/// Neither means that it is stored, and when the leader fails too, it is not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proposed_message_is_neither_stored_nor_refused() {
    let mut cluster = NatsCluster::start().await;
    let broker = Options::new("test").replicas(3).connect(&cluster.url()).await.unwrap();
    let mut listener = broker.listen(MARKS).unwrap();
    broker.publish(MARKS, (0, 0)).unwrap().stored().await.unwrap();
    assert_eq!(*listener.next().await.unwrap(), (0, 0));
    let mut leader = None;
    until("the stream has a leader", async || {
        leader = cluster.leader("test-0").await;
        leader.is_some()
    })
    .await;
    let leader = leader.expect("it has one");
    let followers = [(leader + 1) % 3, (leader + 2) % 3];
    for follower in followers {
        cluster.servers[follower].kill().await;
    }
    let receipt = broker.publish(MARKS, (0, 1)).unwrap();
    let mut receipt = std::pin::pin!(receipt.stored());
    // Enough time to send it several times.
    let early = tokio::time::timeout(Duration::from_secs(8), &mut receipt).await;
    assert!(early.is_err(), "nobody has it, and yet there is an answer: {early:?}");
    cluster.servers[leader].kill().await;
    for follower in followers {
        cluster.servers[follower].start_again().await;
    }
    cluster.ready().await;
    cluster.servers[leader].start_again().await;
    tokio::time::timeout(Duration::from_secs(60), receipt).await.expect("it is stored in time").unwrap();
    broker.publish(MARKS, (0, 2)).unwrap().stored().await.unwrap();
    assert_eq!((*listener.next().await.unwrap(), *listener.next().await.unwrap()), ((0, 1), (0, 2)));
}

/// A node, and what it has received.
struct Member {
    number: u32,
    broker: Broker,
    heard: Arc<Mutex<Vec<Mark>>>,
    missed: Arc<AtomicUsize>,
    published: Arc<AtomicUsize>,
    /// Which of its own messages are confirmed, and when they were.
    stored: Arc<Mutex<Vec<(u32, Instant)>>>,
    _subscription: Subscription,
}

impl Member {
    async fn join(cluster: &NatsCluster, number: u32, program: &str) -> Self {
        // Each begins with another server.
        let mut servers = cluster.servers.each_ref().map(NatsServer::url);
        servers.rotate_left(number as usize);
        let broker = Options::new(program)
            .replicas(3)
            .max_bytes(32 << 20)
            .presence_bytes(1 << 20)
            // Just after a server was killed, there are not three for a new stream.
            .wait_for_server(true)
            .connect(&servers.join(","))
            .await
            .unwrap();
        let heard = Arc::<Mutex<Vec<Mark>>>::default();
        let missed = Arc::<AtomicUsize>::default();
        let subscription = broker.subscribe_with_gaps(SubscriberId::new(), MARKS, {
            let (heard, missed) = (Arc::clone(&heard), Arc::clone(&missed));
            move |mark| match mark {
                Ok(mark) => heard.lock().unwrap_or_else(PoisonError::into_inner).push(*mark),
                Err(_) => drop(missed.fetch_add(1, Ordering::Relaxed)),
            }
        });
        let _subscription = subscription.unwrap();
        Self { number, broker, heard, missed, published: Arc::default(), stored: Arc::default(), _subscription }
    }

    fn heard(&self) -> usize {
        self.heard.lock().unwrap().len()
    }

    /// Publishes until it is told to stop, waits for all receipts, and returns the number of messages.
    fn publish(&self, stop: &Arc<AtomicBool>) -> impl Future<Output = usize> + use<> {
        let (broker, node, stop) = (self.broker.clone(), self.number, Arc::clone(stop));
        let (published, stored) = (Arc::clone(&self.published), Arc::clone(&self.stored));
        async move {
            let mut receipts = JoinSet::new();
            for number in 0.. {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                published.store(number as usize + 1, Ordering::Relaxed);
                let (receipt, stored) = (broker.publish(MARKS, (node, number)).unwrap(), Arc::clone(&stored));
                receipts.spawn(async move {
                    receipt.stored().await.unwrap();
                    stored.lock().unwrap().push((number, Instant::now()));
                });
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            receipts.join_all().await.len()
        }
    }
}

/// Waits until all nodes have received everything. If they do not, panics with the details.
async fn complete(cluster: &NatsCluster, members: &[Member], published: usize, program: &str) {
    let waiting = async {
        while !members.iter().all(|member| member.heard() >= published) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    if tokio::time::timeout(Duration::from_secs(60), waiting).await.is_ok() {
        // A duplicate would arrive late.
        tokio::time::sleep(Duration::from_millis(500)).await;
        return;
    }
    let mut text = String::new();
    for member in members {
        let (heard, missed) = (member.heard(), member.missed.load(Ordering::Relaxed));
        let _ = writeln!(
            text,
            "heard {heard} of {published}, {missed} gaps reported, {:?}",
            member.broker.transport_state()
        );
    }
    for server in cluster.servers.iter().filter(|server| server.runs()) {
        let state = async {
            Ok::<_, async_nats::Error>(server.client().await.get_stream(program).await?.cached_info().state.clone())
        };
        let state = tokio::time::timeout(Duration::from_secs(5), state).await;
        let _ = writeln!(text, "the stream {state:?}");
    }
    panic!("not all have heard everything:\n{text}");
}

/// The messages that were received twice, with both positions.
fn doubles(heard: &[Mark]) -> String {
    let mut places = std::collections::HashMap::new();
    let twice =
        heard.iter().enumerate().filter_map(|(at, mark)| places.insert(mark, at).map(|before| (mark, before, at)));
    format!("{:?}", twice.collect::<Vec<_>>())
}
