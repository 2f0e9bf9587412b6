//! All examples in one program. `cargo run` starts it.

mod index;

use axum::Router;
use lanai::{Broker, live};

#[tokio::main]
async fn main() -> lanai::Result {
    tracing_subscriber::fmt().with_env_filter(filter()).init();
    let routes = Router::new()
        .route("/", live(index::Index::mount))
        .merge(counter::routes())
        .merge(chat::routes())
        .merge(rooms::routes())
        .merge(pubsub_chats::routes())
        .merge(dashboard::routes())
        .merge(board::routes())
        .merge(job::routes())
        .merge(logs::routes())
        .merge(album::routes())
        .merge(pond::routes())
        .merge(assistant::routes())
        .merge(basket::routes())
        .merge(mail::routes())
        .merge(todomvc::routes())
        .merge(rows::routes())
        .merge(ledger::routes())
        .merge(sign_up::routes())
        .merge(wizard::routes());
    theme::serve_with(broker().await?, routes).await
}

/// Creates the broker. With the feature `nats`, `LANAI_NATS` configures it.
#[cfg(feature = "nats")]
async fn broker() -> lanai::Result<Broker> {
    Ok(lanai_nats::from_env("gallery").await?)
}

#[cfg(not(feature = "nats"))]
async fn broker() -> lanai::Result<Broker> {
    match std::env::var_os("LANAI_NATS") {
        None => Ok(Broker::new()),
        Some(_) => Err(lanai::Error::new(
            axum::http::StatusCode::SERVICE_UNAVAILABLE,
            "LANAI_NATS is set, but the gallery was built without NATS: \
             run it with `cargo run --features nats` or `cargo xtask cluster`",
        )),
    }
}

/// Returns the filter in `RUST_LOG`, or one for warnings and errors.
fn filter() -> tracing_subscriber::EnvFilter {
    tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into())
}
