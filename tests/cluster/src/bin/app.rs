//! A whole program among others: pages whose visitors are present, and what it knows of who is.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::routing::get;
use axum::{Extension, Router};
use cluster::app::Known;
use lanai::prelude::*;
use lanai::presence::{Change, Person};
use lanai::{EngineState, Handle, Limits};
use tokio::net::TcpListener;

const ROOM: Topic<String> = Topic::new("room");

/// What was told of joins and leaves on this node.
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

/// Ends the session on all nodes, and says so when the others will hear of it whatever happens.
async fn log_out(Path(name): Path<String>, handle: Handle) -> lanai::Result<&'static str> {
    handle.end_session(name)?.stored().await?;
    Ok("goodbye")
}

async fn known(Extension(broker): Extension<Broker>, State(told): State<Told>) -> String {
    let people: Vec<Person<()>> = broker.presence().list(ROOM);
    let known = Known {
        here: people.iter().map(|person| (person.key.to_string(), person.tabs)).collect(),
        told: told.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        is_away: matches!(broker.engine(), EngineState::Away { .. }),
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
    let app = App::new()
        .broker(broker)
        // Three of these are longer than the pause before a node tries to reach the engine again.
        .limits(Limits { node_heartbeat: Duration::from_millis(1500), ..Limits::default() })
        .route("/member/{name}", live(Member::mount))
        .merge(plain);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    app.serve_on(listener).await.map_err(|error| error.to_string().into())
}
