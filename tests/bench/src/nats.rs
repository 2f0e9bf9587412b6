//! Nodes over a real NATS server, compared with programs that use JetStream directly in the same way.
//!
//! Each node is a separate process. Both sides share the server and take turns.

use std::io::{BufRead, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use cluster::nats::NatsServer;
use tokio::runtime::{Builder, Runtime};

use crate::Result;
use crate::machine;
use crate::node::Order;
use crate::samples::Samples;
use crate::table::{Table, number};

/// The rounds of each side, in turns.
const ROUNDS: usize = 7;
/// The messages in a round, from all nodes together.
const MESSAGES: u64 = 24_000;
/// The messages in a round in which each is synced to disk.
const WRITTEN_THROUGH: u64 = 3_000;
/// The rate per second, and the number of messages in a round, when the latency is measured.
const RATE: u64 = 1_000;
const TIMED: u64 = 2_000;

/// What is measured.
#[derive(Clone, Copy)]
enum Kind {
    Lanai,
    /// A Lanai node without subscribers.
    Idle,
    Raw,
    /// A Lanai node with its own topics.
    Own,
}

pub(crate) fn table() -> Result<Table> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let mut table = Table::default();
    for (nodes, what, target) in [(1, "one node", 0.9), (3, "three nodes", 0.75)] {
        let setting = Setting::new(&runtime)?;
        throughput(&mut table, &setting, nodes, what, target)?;
    }
    latency(&mut table, &Setting::new(&runtime)?)?;
    idle(&mut table, &Setting::new(&runtime)?)?;
    let what = "4 streams, 3 nodes that subscribe to their own topics";
    streams(&mut table, [Setting::new(&runtime)?, Setting::new(&runtime)?], what, MESSAGES)?;
    if cluster::nats::version() >= (2, 10) {
        let through = || Setting::with_config(&runtime, "jetstream { sync_interval: always }");
        streams(&mut table, [through()?, through()?], "   with each message synced to disk", WRITTEN_THROUGH)?;
    } else {
        table.note("syncing each message to disk needs NATS 2.10 or later: set NATS_SERVER to the path of a server");
    }
    table.note(format!(
        "median (least to most) of {ROUNDS} rounds in turns of {} messages of 100 bytes; each node receives all",
        number(MESSAGES as f64)
    ));
    table.note("raw: async-nats, 4 publishers with 512 pending acknowledgments in total, an ordered push consumer");
    table.note("processor time: that of the node's process, including its share of the kernel's work");
    Ok(table)
}

/// Measures the messages per second that all nodes publish together and each node receives.
fn throughput(table: &mut Table, setting: &Setting<'_>, nodes: usize, what: &str, target: f64) -> Result {
    let mut sides = [setting.start(Kind::Lanai, nodes, 1)?, setting.start(Kind::Raw, nodes, 1)?];
    let mut rates = [Samples::default(), Samples::default()];
    let mut costs = [Samples::default(), Samples::default()];
    for round in 0..=ROUNDS {
        for (index, side) in sides.iter_mut().enumerate() {
            let before = processor_time(side)?;
            let seconds = publish(side, MESSAGES)?.as_secs_f64();
            let cost = (processor_time(side)? - before).as_secs_f64() * 1e6 / MESSAGES as f64 / nodes as f64;
            // The first round is a warm-up.
            if round > 0 {
                rates[index].push(MESSAGES as f64 / seconds / 1e3);
                costs[index].push(cost);
            }
        }
    }
    let ratio = rates[0].median() / rates[1].median();
    table
        .row(format!("{what}, published and received"), rates[0].show(" k/s"))
        .compared(format!("raw {}", rates[1].show(" k/s")))
        .ratio(ratio)
        .at_least(ratio, target);
    table
        .row("   processor time of the node per message", costs[0].show(" us"))
        .compared(format!("raw {}", costs[1].show(" us")))
        .ratio(costs[0].median() / costs[1].median());
    Ok(())
}

/// Measures how long a message takes to the subscribers on its own node.
fn latency(table: &mut Table, setting: &Setting<'_>) -> Result {
    let mut sides = [setting.start(Kind::Lanai, 1, 1)?, setting.start(Kind::Raw, 1, 1)?];
    let mut medians = [Samples::default(), Samples::default()];
    let mut tails = [Samples::default(), Samples::default()];
    for _ in 0..ROUNDS {
        for (index, side) in sides.iter_mut().enumerate() {
            let answer = side[0].ask(&Order::Time { count: TIMED, rate: RATE })?;
            let (median, tail) = answer.split_once(' ').ok_or("a node did not report the latencies")?;
            medians[index].push(median.parse()?);
            tails[index].push(tail.parse()?);
        }
    }
    for (what, [lanai, raw]) in [("p50", medians), ("p99", tails)] {
        table
            .row(
                format!("latency to a subscriber on the same node, {} per second, {what}", number(RATE as f64)),
                lanai.show(" us"),
            )
            .compared(format!("raw {}", raw.show(" us")))
            .ratio(lanai.median() / raw.median());
    }
    Ok(())
}

/// Measures the cost of a message for a node that does not subscribe to its topic.
fn idle(table: &mut Table, setting: &Setting<'_>) -> Result {
    let mut publisher = setting.start(Kind::Lanai, 1, 1)?;
    let mut idle = setting.start(Kind::Idle, 1, 1)?;
    let mut costs = Samples::default();
    for round in 0..=ROUNDS {
        let before = processor_time(&idle)?;
        publish(&mut publisher, MESSAGES)?;
        // When the node receives this, all other messages have passed it.
        idle[0].tell(&Order::Await)?;
        publisher[0].ask(&Order::End)?;
        idle[0].answer()?;
        let cost = (processor_time(&idle)? - before).as_secs_f64() * 1e6 / MESSAGES as f64;
        if round > 0 {
            costs.push(cost);
        }
    }
    table.row("processor time per message of a node without subscribers", costs.show(" us"));
    Ok(())
}

/// Measures the throughput of four streams, compared with one: three nodes that publish on their own topics and
/// subscribe to them.
///
/// If the streams share two cores with everything else, together they can carry no more than one stream can. If a
/// stream waits for the disk (or, in a cluster, for the other servers), the streams wait concurrently.
fn streams(table: &mut Table, [many, one]: [Setting<'_>; 2], what: &str, messages: u64) -> Result {
    const STREAMS: usize = 4;
    const NODES: usize = 3;
    let mut sides = [many.start(Kind::Own, NODES, STREAMS)?, one.start(Kind::Own, NODES, 1)?];
    let mut rates = [Samples::default(), Samples::default()];
    for round in 0..=ROUNDS {
        for (index, side) in sides.iter_mut().enumerate() {
            let seconds = publish_own(side, messages)?.as_secs_f64();
            if round > 0 {
                rates[index].push(messages as f64 / seconds / 1e3);
            }
        }
    }
    let ratio = rates[0].median() / rates[1].median();
    table.row(what, rates[0].show(" k/s")).compared(format!("one {}", rates[1].show(" k/s"))).ratio(ratio);
    Ok(())
}

/// Makes each node publish its share, and waits until each node has received its own messages.
fn publish_own(nodes: &mut [Node], messages: u64) -> Result<Duration> {
    publish_until(nodes, messages, messages / nodes.len() as u64)
}

/// Makes each node publish its share, and waits until each node has received all messages.
fn publish(nodes: &mut [Node], messages: u64) -> Result<Duration> {
    publish_until(nodes, messages, messages)
}

fn publish_until(nodes: &mut [Node], messages: u64, heard: u64) -> Result<Duration> {
    let share = messages / nodes.len() as u64;
    let start = Instant::now();
    for node in nodes.iter_mut() {
        node.tell(&Order::Publish { count: share, all: heard })?;
    }
    for node in nodes {
        node.answer()?;
    }
    Ok(start.elapsed())
}

fn processor_time(nodes: &[Node]) -> Result<Duration> {
    nodes.iter().map(|node| machine::processor_time(node.child.id())).sum()
}

/// A NATS server, with the runtime that it needs.
struct Setting<'r> {
    server: Option<NatsServer>,
    runtime: &'r Runtime,
}

impl<'r> Setting<'r> {
    fn new(runtime: &'r Runtime) -> Result<Self> {
        Self::with_config(runtime, "")
    }

    fn with_config(runtime: &'r Runtime, config: &str) -> Result<Self> {
        Ok(Self { server: Some(runtime.block_on(NatsServer::with_config(config))), runtime })
    }

    fn start(&self, kind: Kind, nodes: usize, shards: usize) -> Result<Vec<Node>> {
        let server = self.server.as_ref().ok_or("the server has ended")?;
        (0..nodes).map(|number| Node::start(kind, number, shards, &server.url())).collect()
    }
}

impl Drop for Setting<'_> {
    fn drop(&mut self) {
        // A tokio process must be dropped inside a runtime.
        let _inside = self.runtime.enter();
        self.server = None;
    }
}

/// A process that publishes and subscribes. It ends when this is dropped, or when its parent ends.
struct Node {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Node {
    fn start(kind: Kind, number: usize, shards: usize, server: &str) -> Result<Self> {
        let kind = match kind {
            Kind::Lanai => "lanai",
            Kind::Idle => "idle",
            Kind::Raw => "raw",
            Kind::Own => "own",
        };
        let mut child = Command::new(std::env::current_exe()?)
            .args(["node", kind, &number.to_string(), &shards.to_string(), server])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (Some(orders), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("the node has no pipes".into());
        };
        let mut node = Self { child, orders, answers: BufReader::new(stdout) };
        node.answer()?;
        Ok(node)
    }

    fn tell(&mut self, order: &Order) -> Result {
        writeln!(self.orders, "{}", serde_json::to_string(order)?)?;
        Ok(())
    }

    fn ask(&mut self, order: &Order) -> Result<String> {
        self.tell(order)?;
        self.answer()
    }

    fn answer(&mut self) -> Result<String> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        if line.is_empty() { Err("a node has ended".into()) } else { Ok(line.trim().to_owned()) }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
