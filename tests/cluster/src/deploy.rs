//! [`Deployed`]: a process that runs one of several versions of a program, which differ in the shape of their messages.
//!
//! In real versions of a program, the same type has different fields. Here [`Order`] is a single type, which serializes
//! and deserializes itself in the [`Shape`] of its process.

use std::process::Stdio;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};

/// What the versions publish: the sender and a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Order {
    /// The process.
    pub from: u32,
    /// The number of the order.
    pub number: u32,
}

/// The same, after the type was moved to another module.
pub mod moved {
    use serde::{Deserialize, Serialize};

    /// See [`super::Order`].
    #[derive(Debug, Clone, Copy, Serialize, Deserialize)]
    #[serde(transparent)]
    pub struct Order(pub super::Order);
}

/// The fields of an [`Order`] in a version of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shape {
    /// The original ones.
    Plain,
    /// A field was added.
    Added,
    /// A field with a default was added.
    AddedWithDefault,
    /// A field was removed.
    Removed,
    /// A field was renamed.
    Renamed,
    /// A field was renamed, with the old name as an alias.
    RenamedWithAlias,
    /// A field is an enum, which got another variant.
    MoreVariants,
    /// The original enum, with a variant for unknown ones.
    OpenVariants,
    /// The original fields, in another module.
    Moved,
}

/// The version of this process.
pub static SHAPE: OnceLock<Shape> = OnceLock::new();

macro_rules! shapes {
    ($($shape:ident { $($(#[$attribute:meta])* $field:ident: $kind:ty = $value:ident),* })*) => {
        mod fields {
            use super::*;
            $(
                #[derive(Serialize, Deserialize)]
                pub(super) struct $shape {
                    pub(super) from: u32,
                    pub(super) number: u32,
                    $($(#[$attribute])* $field: $kind,)*
                }

                impl From<Order> for $shape {
                    fn from(Order { from, number }: Order) -> Self {
                        Self { from, number, $($field: $value(number),)* }
                    }
                }
            )*
        }
    };
}

shapes! {
    Plain { text: String = text, kind: Kind = placed }
    Added { text: String = text, kind: Kind = placed, urgent: bool = is_new_variant }
    AddedWithDefault { text: String = text, kind: Kind = placed, #[serde(default)] urgent: bool = is_new_variant }
    Removed { kind: Kind = placed }
    Renamed { note: String = text, kind: Kind = placed }
    RenamedWithAlias { #[serde(alias = "text")] note: String = text, kind: Kind = placed }
    MoreVariants { text: String = text, kind: MoreKinds = placed_or_shipped }
    OpenVariants { text: String = text, kind: OpenKind = placed_openly }
}

fn text(_: u32) -> String {
    "text".into()
}

fn placed(_: u32) -> Kind {
    Kind::Placed
}

fn placed_or_shipped(number: u32) -> MoreKinds {
    if is_new_variant(number) { MoreKinds::Shipped } else { MoreKinds::Placed }
}

fn placed_openly(_: u32) -> OpenKind {
    OpenKind::Placed
}

#[derive(Serialize, Deserialize)]
enum Kind {
    Placed,
}

#[derive(Serialize, Deserialize)]
enum MoreKinds {
    Placed,
    Shipped,
}

#[derive(Serialize, Deserialize)]
enum OpenKind {
    Placed,
    #[serde(other)]
    Unknown,
}

/// Which orders have the new variant in [`Shape::MoreVariants`].
pub fn is_new_variant(number: u32) -> bool {
    number % 3 == 2
}

fn shape() -> Shape {
    *SHAPE.get().expect("the version of the process is set")
}

impl Serialize for Order {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let order = *self;
        match shape() {
            Shape::Plain | Shape::Moved => fields::Plain::from(order).serialize(serializer),
            Shape::Added => fields::Added::from(order).serialize(serializer),
            Shape::AddedWithDefault => fields::AddedWithDefault::from(order).serialize(serializer),
            Shape::Removed => fields::Removed::from(order).serialize(serializer),
            Shape::Renamed => fields::Renamed::from(order).serialize(serializer),
            Shape::RenamedWithAlias => fields::RenamedWithAlias::from(order).serialize(serializer),
            Shape::MoreVariants => fields::MoreVariants::from(order).serialize(serializer),
            Shape::OpenVariants => fields::OpenVariants::from(order).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Order {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        macro_rules! read {
            ($shape:ident) => {
                fields::$shape::deserialize(deserializer).map(|read| Order { from: read.from, number: read.number })
            };
        }
        match shape() {
            Shape::Plain | Shape::Moved => read!(Plain),
            Shape::Added => read!(Added),
            Shape::AddedWithDefault => read!(AddedWithDefault),
            Shape::Removed => read!(Removed),
            Shape::Renamed => read!(Renamed),
            Shape::RenamedWithAlias => read!(RenamedWithAlias),
            Shape::MoreVariants => read!(MoreVariants),
            Shape::OpenVariants => read!(OpenVariants),
        }
    }
}

/// What a process reports, one per line.
#[derive(Debug, Serialize, Deserialize)]
pub enum Word {
    /// It has subscribed, and publishes.
    Ready,
    /// Its subscriber received an order.
    Heard(u32, u32),
    /// This many of its own orders are confirmed.
    Stored(u32),
    /// It has published its last order, and all are confirmed.
    Done,
    /// The current value of `Broker::refused`.
    Refused(u64),
}

/// What a process has reported so far.
#[derive(Debug, Default, Clone)]
pub struct Said {
    /// What its subscriber received, in order.
    pub heard: Vec<Order>,
    /// How many of its own orders are confirmed.
    pub stored: u32,
    /// `Broker::refused`.
    pub refused: u64,
    /// The lines of its log about refusals.
    pub log: Vec<String>,
    ready: bool,
    done: bool,
}

/// A process of some version. It is killed when this is dropped.
#[derive(Debug)]
pub struct Deployed {
    process: Child,
    orders: Option<ChildStdin>,
    said: Arc<Mutex<Said>>,
    /// The sender in its orders.
    pub number: u32,
}

impl Deployed {
    /// Starts a process, and waits until it has published something.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub async fn start(program: &str, shape: Shape, number: u32, servers: &str) -> Self {
        let shape = serde_json::to_string(&shape).expect("a shape is JSON");
        let mut process = Command::new(program)
            .args([&shape, &number.to_string(), servers])
            .env("NO_COLOR", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the process can be started");
        let said = Arc::<Mutex<Said>>::default();
        let mut words = BufReader::new(process.stdout.take().expect("the stream is piped")).lines();
        let mut log = BufReader::new(process.stderr.take().expect("the stream is piped")).lines();
        let (hears, reads) = (Arc::clone(&said), Arc::clone(&said));
        tokio::spawn(async move {
            while let Ok(Some(line)) = words.next_line().await {
                let Ok(word) = serde_json::from_str(&line) else { break };
                let mut said = hears.lock().unwrap_or_else(PoisonError::into_inner);
                match word {
                    Word::Ready => said.ready = true,
                    Word::Heard(from, number) => said.heard.push(Order { from, number }),
                    Word::Stored(count) => said.stored = count,
                    Word::Done => said.done = true,
                    Word::Refused(count) => said.refused = said.refused.max(count),
                }
            }
        });
        tokio::spawn(async move {
            while let Ok(Some(line)) = log.next_line().await {
                if line.contains("a message was refused") {
                    reads.lock().unwrap_or_else(PoisonError::into_inner).log.push(line);
                }
            }
        });
        let orders = process.stdin.take();
        let deployed = Self { process, orders, said, number };
        crate::until("the process is ready", async || deployed.said().ready).await;
        deployed.publishes(10).await;
        deployed
    }

    /// What it has reported so far.
    pub fn said(&self) -> Said {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until this many more of its orders are confirmed.
    pub async fn publishes(&self, count: u32) {
        let before = self.said().stored;
        crate::until("orders are published", async || self.said().stored >= before + count).await;
    }

    /// Makes it stop publishing, and waits until everything is confirmed. It continues to listen.
    ///
    /// # Panics
    ///
    /// If it has ended.
    pub async fn finish(&mut self) {
        if let Some(mut orders) = self.orders.take() {
            orders.shutdown().await.expect("the process is there");
        }
        crate::until("all is confirmed", async || self.said().done).await;
    }

    /// Ends it, and returns what it has reported.
    ///
    /// # Panics
    ///
    /// If it has already ended, or has refused something without logging it.
    pub async fn kill(mut self) -> Said {
        crate::until("what is refused is in the log", async || {
            let said = self.said();
            said.refused == 0 || !said.log.is_empty()
        })
        .await;
        self.process.kill().await.expect("the process was running");
        self.said()
    }
}
