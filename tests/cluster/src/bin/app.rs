//! A whole program: pages whose visitors are present, and routes that show what the node knows about presence.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::routing::get;
use axum::{Extension, Router};
use cluster::app::Known;
use lanai::prelude::*;
use lanai::presence::{Change, Person};
use lanai::{Address, Handle, Limits, TransportState};
use tokio::net::TcpListener;

const ROOM: Topic<String> = Topic::new("room");

/// The joins and leaves that this node was told of.
type Told = Arc<Mutex<Vec<String>>>;

struct Member {
    here: Present<()>,
}

impl Member {
    async fn mount(cx: Cx<Self>, Path(name): Path<String>) -> Self {
        cx.session(&name);
        cx.track(ROOM, name, ());
        Self { here: cx.presence(ROOM) }
    }
}

impl View for Member {
    fn render(&self) -> Html<Self> {
        html! { p { (self.here.len()) " here" } }
    }
}

/// What pages of this node received, in order.
static WHISPERS: Mutex<Vec<String>> = Mutex::new(Vec::new());

#[derive(Serialize, Deserialize)]
struct Whisper(String);

/// A page that receives messages for its visitor, and messages for the page alone.
struct Inbox {
    address: Address,
}

impl Inbox {
    async fn mount(cx: Cx<Self>, Path(name): Path<String>) -> Self {
        cx.subscribe(Topic::person(&name), Self::whispered);
        cx.subscribe(Topic::instance(&cx.address()), Self::whispered);
        Self { address: cx.address() }
    }

    fn whispered(&mut self, Whisper(text): &Whisper) {
        WHISPERS.lock().unwrap_or_else(PoisonError::into_inner).push(text.clone());
    }
}

impl View for Inbox {
    fn render(&self) -> Html<Self> {
        html! { p title=(self.address) {} }
    }
}

async fn whispers() -> String {
    serde_json::to_string(&*WHISPERS.lock().unwrap_or_else(PoisonError::into_inner)).expect("it is JSON")
}

/// Publishes, waits until the message is stored, and returns the number of local receivers, as far as it is known.
async fn tell(broker: &Broker, topic: Topic<Whisper>, text: String) -> lanai::Result<String> {
    let receipt = broker.publish(topic, Whisper(text))?;
    receipt.stored().await?;
    Ok(format!("{:?}", receipt.local_receivers()))
}

async fn tell_person(
    Path((name, text)): Path<(String, String)>,
    Extension(broker): Extension<Broker>,
) -> lanai::Result<String> {
    tell(&broker, Topic::person(name), text).await
}

async fn tell_page(
    Path((address, text)): Path<(Address, String)>,
    Extension(broker): Extension<Broker>,
) -> lanai::Result<String> {
    tell(&broker, Topic::instance(&address), text).await
}

/// Ends the session on all nodes, and answers when the other nodes will certainly be told.
async fn log_out(Path(name): Path<String>, handle: Handle) -> lanai::Result<&'static str> {
    handle.end_session(name)?.stored().await?;
    Ok("goodbye")
}

async fn known(Extension(broker): Extension<Broker>, State(told): State<Told>) -> String {
    let people: Vec<Person<()>> = broker.presence().list(ROOM);
    let known = Known {
        here: people.iter().map(|person| (person.key.to_string(), person.tabs)).collect(),
        told: told.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        is_disconnected: matches!(broker.transport_state(), TransportState::Disconnected { .. }),
    };
    serde_json::to_string(&known).expect("it is JSON")
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, servers] = &arguments[..] else { return Err("usage: cluster-app <servers>".into()) };
    let broker = lanai_nats::connect(servers, "test").await?;

    let told = Told::default();
    let telling = Arc::clone(&told);
    let (_, _watch) = broker.presence().watch(ROOM, move |change| {
        let line = match change {
            Change::Joined(entry) => format!("+{}", entry.key),
            Change::Left(entry, why) => format!("-{} {why:?}", entry.key),
            _ => return,
        };
        telling.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    });

    let plain = Router::new().route("/known", get(known)).route("/log-out/{name}", get(log_out)).with_state(told);
    let plain = plain
        .route("/whispers", get(whispers))
        .route("/tell-person/{name}/{text}", get(tell_person))
        .route("/tell-page/{address}/{text}", get(tell_page));
    let app = App::new()
        .broker(broker)
        // Three of these are longer than the delay before a node tries to reconnect.
        .limits(Limits { node_heartbeat: Duration::from_millis(1500), ..Limits::default() })
        .route("/member/{name}", live(Member::mount))
        .route("/inbox/{name}", live(Inbox::mount))
        .merge(plain);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    app.serve_on(listener).await.map_err(|error| error.to_string().into())
}
