//! Replicated state over a real NATS server.

use std::collections::HashSet;

use cluster::link::{Condition, Link};
use cluster::nats::NatsServer;
use cluster::state::{Account, CONCURRENT, Order, POLICY, Payment, Said, StateNode};
use cluster::until;
use lanai_pubsub::Broker;
use lanai_pubsub::replicated::{AppendError, CommandError, Halted, OpenError, Replicate, Replicated, SnapshotPolicy};
use serde::{Deserialize, Serialize};

const PROGRAM: &str = env!("CARGO_BIN_EXE_cluster-state");

async fn connect(servers: &str) -> Broker {
    lanai_nats::Options::new("test").snapshots(POLICY).connect(servers).await.expect("the server is there")
}

async fn account(broker: &Broker) -> Replicated<Account> {
    broker.replicated("account").await.expect("the state opens")
}

async fn pay(account: &Replicated<Account>, number: u32) -> Result<u64, CommandError> {
    account.command(|_| Ok(Payment { node: 0, number, amount: 1 })).await
}

/// The number of messages in a stream.
async fn messages(server: &NatsServer, stream: &str) -> u64 {
    let stream = server.client().await.get_stream(stream).await.expect("the stream is there");
    stream.cached_info().state.messages
}

/// Three processes send 50,000 commands. One of them is killed, and started again for the rest of its commands; the
/// server is stopped and started. All have one state, and each command was applied once or refused to its sender.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_command_is_applied_once_or_refused() {
    // Some of the killed node's commands are never sent again.
    const COMMANDS: u32 = 50_100;
    const NODES: u32 = 3;
    const KILLED: usize = 2;
    let mut server = NatsServer::start().await;
    let mut nodes = Vec::new();
    for number in 0..NODES {
        nodes.push(StateNode::start(PROGRAM, number, &server.url()).await);
    }
    let range = |node: u32| (COMMANDS * node / NODES, COMMANDS * (node + 1) / NODES);
    let started = std::time::Instant::now();
    for (node, number) in nodes.iter_mut().zip(0..) {
        let (from, to) = range(number);
        node.tell(Order::Send { from, to }).await;
    }
    for node in &nodes {
        node.finishes(2_000).await;
    }
    nodes[KILLED].kill().await;
    let killed = nodes.pop().expect("it was started");
    let going = nodes[0].said(Said::finished);
    nodes[0].finishes(going + 1_000).await;
    server.stop().await;
    server.start_again().await;
    let going = nodes[0].said(Said::finished);
    nodes[0].finishes(going + 1_000).await;
    // Nobody knows what became of the commands that were under way, so it goes on after them.
    let known: HashSet<u32> = killed.said(|said| said.applied.union(&said.refused).copied().collect());
    let (from, to) = range(KILLED as u32);
    let from = known.iter().max().copied().unwrap_or(from) + 1 + CONCURRENT as u32;
    let mut again = StateNode::start(PROGRAM, KILLED as u32, &server.url()).await;
    again.tell(Order::Send { from, to }).await;
    nodes.push(again);
    for (node, number) in nodes.iter().zip(0..) {
        let (first, to) = range(number);
        node.finishes((to - if number == KILLED as u32 { from } else { first }) as usize).await;
    }
    let took = started.elapsed();
    nodes.push(StateNode::start(PROGRAM, NODES, &server.url()).await);

    let (sequence, json) = nodes[NODES as usize].state().await;
    for node in &mut nodes {
        until("the node has all events", async || node.state().await.0 == sequence).await;
        assert!(node.state().await.1 == json, "the states differ");
    }
    let state: Account = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!((state.twice, state.overdrawn), (0, false));
    let (mut applied, mut refused, mut unknown) = (0, 0, 0);
    for (number, node) in nodes.iter().take(NODES as usize).enumerate() {
        let events = &state.applied[&(number as u32)];
        node.said(|said| {
            assert!(said.applied.iter().all(|number| events.contains(number)), "a confirmed command is lost");
            assert!(said.refused.iter().all(|number| !events.contains(number)), "a refused command was applied");
            applied += said.applied.len();
            refused += said.refused.len();
            unknown += said.unknown.len();
        });
    }
    killed.said(|said| {
        let events = &state.applied[&(KILLED as u32)];
        assert!(said.applied.iter().all(|number| events.contains(number)), "what the killed node confirmed is lost");
        assert!(said.refused.iter().all(|number| !events.contains(number)), "what it refused was applied");
        applied += said.applied.len();
        refused += said.refused.len();
    });
    assert!(refused > 0, "no command was refused");
    assert!(applied + refused + unknown >= 50_000);
    println!(
        "{COMMANDS} commands in {took:.1?}: applied {applied}, refused {refused}, unknown {unknown}; \
         {} events, {} stored",
        state.applied.values().map(std::collections::BTreeSet::len).sum::<usize>(),
        messages(&server, "test-state").await,
    );
}

/// nats-server#3716, #7361: the expected sequence of a subject was compared with that of the whole stream.
#[tokio::test]
async fn states_do_not_conflict_with_each_other() {
    let server = NatsServer::start().await;
    let (a, b) = (connect(&server.url()).await, connect(&server.url()).await);
    for round in 0..20 {
        for name in ["account", "account.1", "account/2", "Account"] {
            for broker in [&a, &b] {
                let account: Replicated<Account> = broker.replicated(name).await.unwrap();
                let number = account.read().applied.values().map(|numbers| numbers.len() as u32).sum();
                pay(&account, number).await.unwrap();
            }
        }
        let account: Replicated<Account> = a.replicated("account").await.unwrap();
        until("the last event arrives", async || account.read().balance == 2 * (round + 1)).await;
    }
}

/// nats-server#4696: a purge up to the first message removed everything; nats.rs#1072: the expected sequence is that
/// of the stream. The last event stays, so the server still knows the sequence after the older ones were removed.
#[tokio::test]
async fn a_late_node_loads_the_snapshot_and_the_tail() {
    let server = NatsServer::start().await;
    let early = connect(&server.url()).await;
    let early = account(&early).await;
    for number in 0..2_600 {
        pay(&early, number).await.unwrap();
    }
    until("older events are removed", async || messages(&server, "test-state").await < 1_600).await;
    let late = connect(&server.url()).await;
    let late = account(&late).await;
    assert_eq!(late.read().balance, 2_600);
    pay(&late, 2_600).await.unwrap();
    until("the early node has it", async || early.read().balance == 2_601).await;
    assert_eq!(early.read().history, late.read().history);
}

/// A snapshot after the very first event, which nothing precedes.
#[tokio::test]
async fn a_snapshot_of_one_event_removes_nothing() {
    let server = NatsServer::start().await;
    let policy = SnapshotPolicy { events: 1, ..POLICY };
    let broker = lanai_nats::Options::new("test").snapshots(policy).connect(&server.url()).await.unwrap();
    let account = account(&broker).await;
    pay(&account, 0).await.unwrap();
    until("the snapshot is stored", async || match server.client().await.get_stream("KV_test-snapshots").await {
        Ok(stream) => stream.cached_info().state.messages > 0,
        Err(_) => false,
    })
    .await;
    assert_eq!(messages(&server, "test-state").await, 1);
    pay(&account, 1).await.unwrap();
}

/// A snapshot that is larger than a message may be.
#[tokio::test]
async fn a_large_state_is_stored_in_parts() {
    #[derive(Default, Serialize, Deserialize)]
    struct Pages(Vec<String>);
    impl Replicate for Pages {
        type Event = String;
        fn apply(&mut self, page: &String) {
            self.0.push(page.clone());
        }
    }
    let server = NatsServer::start().await;
    let broker = connect(&server.url()).await;
    let pages: Replicated<Pages> = broker.replicated("pages").await.unwrap();
    for page in 0..60 {
        pages.command(|_| Ok::<_, String>(format!("{page} ").repeat(20_000))).await.unwrap();
    }
    until("older events are removed", async || messages(&server, "test-state").await < 40).await;
    let late = connect(&server.url()).await;
    let late: Replicated<Pages> = late.replicated("pages").await.unwrap();
    assert!(late.read().0 == pages.read().0);
    let too_large = pages.command(|_| Ok::<_, String>("x".repeat(2 << 20))).await.unwrap_err();
    assert!(matches!(too_large, CommandError::Append(AppendError::Refused { .. })), "{too_large}");
    pages.command(|_| Ok::<_, String>("and on".into())).await.unwrap();
}

/// In a partition, commands wait; they succeed if it ends in time, and each is applied once.
#[tokio::test]
async fn commands_wait_for_a_short_partition() {
    let server = NatsServer::start().await;
    let link = Link::to(server.port()).await;
    let (cut, other) = (connect(&link.url()).await, connect(&server.url()).await);
    let (cut, other) = (account(&cut).await, account(&other).await);
    pay(&cut, 0).await.unwrap();
    for (condition, number) in [(Condition::Cut, 1), (Condition::Deaf, 2), (Condition::Dead, 3)] {
        link.becomes(condition);
        let command = tokio::spawn({
            let cut = cut.clone();
            async move { pay(&cut, number).await }
        });
        pay(&other, 1_000 + number).await.unwrap();
        link.becomes(Condition::Whole);
        command.await.unwrap().unwrap();
        until("both have both", async || {
            let have = |account: &Replicated<Account>| account.read().balance == 1 + 2 * i64::from(number);
            have(&cut) && have(&other)
        })
        .await;
    }
    assert_eq!((cut.read().twice, cut.read().history), (0, other.read().history));
}

#[tokio::test]
async fn in_a_long_partition_commands_fail_and_the_state_stays() {
    let server = NatsServer::start().await;
    let link = Link::to(server.port()).await;
    let broker = connect(&link.url()).await;
    let account = account(&broker).await;
    pay(&account, 0).await.unwrap();
    link.becomes(Condition::Cut);
    let failed = pay(&account, 1).await.unwrap_err();
    assert!(matches!(failed, CommandError::Append(AppendError::Unavailable | AppendError::OutcomeUnknown)), "{failed}");
    assert_eq!(account.read().balance, 1);
    let unopened = broker.replicated::<Account>("another").await.unwrap_err();
    assert!(matches!(unopened, OpenError::Unavailable { .. }), "{unopened}");
    link.becomes(Condition::Whole);
    until("commands work again", async || pay(&account, 2).await.is_ok()).await;
    assert!(account.read().twice == 0);
}

/// The server is restored from a backup: the nodes go back to what it has, and agree.
#[tokio::test]
async fn after_a_backup_was_restored_all_nodes_agree_with_the_server() {
    let mut server = NatsServer::start().await;
    let (a, b) = (connect(&server.url()).await, connect(&server.url()).await);
    let (a, b) = (account(&a).await, account(&b).await);
    for number in 0..10 {
        pay(&a, number).await.unwrap();
    }
    let backup = server.snapshot().await;
    for number in 10..20 {
        until("the server is back", async || pay(&a, number).await.is_ok()).await;
    }
    server.stop().await;
    server.put_back(&backup);
    server.start_again().await;
    until("both are as the server is", async || a.read().balance <= 11 && b.read().balance <= 11).await;
    until("commands work again", async || pay(&b, 100).await.is_ok()).await;
    until("both have the command", async || a.read().history == b.read().history).await;
    assert!(a.read().applied[&0].contains(&100));
}

/// Someone has removed events that are in no snapshot.
#[tokio::test]
async fn missing_events_are_an_error_and_not_another_state() {
    let server = NatsServer::start().await;
    let broker = connect(&server.url()).await;
    let account = account(&broker).await;
    for number in 0..10 {
        pay(&account, number).await.unwrap();
    }
    let stream = server.client().await.get_stream("test-state").await.unwrap();
    assert!(stream.delete_message(5).await.unwrap());
    let late = connect(&server.url()).await;
    let error = late.replicated::<Account>("account").await.unwrap_err();
    assert!(matches!(error, OpenError::Halted { reason: Halted::Lost { .. }, .. }), "{error}");
}
