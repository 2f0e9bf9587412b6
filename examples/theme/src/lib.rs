//! The theme of the examples: [Pico CSS](https://picocss.com) (vendored, MIT), a style sheet with additions, and the
//! layout around each page.

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use lanai::{App, Broker, Document, Error};
use maud::{DOCTYPE, Markup, html};
use tokio::net::TcpListener;

const PICO: &str = include_str!("pico.min.css");
const THEME: &str = include_str!("theme.css");
const ICON: &str = include_str!("icon.svg");

/// Returns an app with the layout and the style sheets.
pub fn app() -> App {
    App::new().layout(layout).merge(
        Router::new()
            .route("/theme/pico.css", get(|| text("text/css; charset=utf-8", PICO)))
            .route("/theme/theme.css", get(|| text("text/css; charset=utf-8", THEME)))
            .route("/theme/icon.svg", get(|| text("image/svg+xml", ICON))),
    )
}

/// Returns the address to serve on: `LANAI_ADDR`, or `127.0.0.1:3000`.
pub fn address() -> String {
    std::env::var("LANAI_ADDR").unwrap_or_else(|_| "127.0.0.1:3000".into())
}

/// Serves the routes of one example.
///
/// # Errors
///
/// Returns an error if the address cannot be bound.
pub async fn serve(routes: Router) -> lanai::Result {
    serve_with(Broker::new(), routes).await
}

/// Like [`serve`], with the given broker.
///
/// # Errors
///
/// Returns an error in the same cases as [`serve`].
pub async fn serve_with(broker: Broker, routes: Router) -> lanai::Result {
    serve_app(app().broker(broker).merge(routes)).await
}

/// Like [`serve`], for a program with its own layout.
///
/// # Errors
///
/// Returns an error in the same cases as [`serve`].
pub async fn serve_app(app: App) -> lanai::Result {
    let address = address();
    let listener = TcpListener::bind(&address).await.map_err(|error| {
        Error::new(
            StatusCode::SERVICE_UNAVAILABLE,
            format!("cannot serve on {address}: {error}; choose another address with LANAI_ADDR=127.0.0.1:3001"),
        )
    })?;
    println!("Lanai is on http://{}", listener.local_addr()?);
    app.serve_on(listener).await
}

async fn text(content_type: &'static str, body: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, "max-age=3600")], body)
}

/// Renders the document around each page.
fn layout(document: Document) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                link rel="icon" href="/theme/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/theme/pico.css";
                link rel="stylesheet" href="/theme/theme.css";
                (document.head)
            }
            body {
                header.bar {
                    nav.container aria-label="Main" {
                        ul { li { a.home href="/" { (maud::PreEscaped(ICON)) strong { "Lanai" } } } }
                        ul {
                            li { a href="/counter" { "Counter" } }
                            li { a href="/chat" { "Chat" } }
                            li { a href="/rooms" { "Rooms" } }
                            li { a href="/rows" { "Rows" } }
                        }
                    }
                }
                div.container { (document.flash()) }
                main.container { (document.body) }
            }
        }
    }
}
