//! A page over a pair of channels: what serves it knows no socket.

use std::collections::VecDeque;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tower::ServiceExt as _;

use crate::connection::serve;
use crate::page::transport::{Close, Incoming, Lost, Outgoing, ReadError, TransportReader, TransportWriter};
use crate::prelude::*;

/// Reads what a page sends.
struct Reader(UnboundedReceiver<String>);

impl TransportReader for Reader {
    async fn read(&mut self) -> Result<Incoming, ReadError> {
        let text = self.0.recv().await.ok_or(ReadError::Lost)?;
        Ok(Incoming::Text(text.into()))
    }
}

/// What a page is sent.
#[derive(Debug, PartialEq)]
enum Sent {
    Text(String),
    Close(Close),
}

/// Writes what a page is sent.
struct Writer(UnboundedSender<Sent>);

impl TransportWriter for Writer {
    async fn write(&mut self, outgoing: Outgoing<'_>) -> Result<(), Lost> {
        let sent: VecDeque<Sent> = match outgoing {
            Outgoing::Messages(texts) => texts.drain(..).map(|text| Sent::Text(text.to_string())).collect(),
            Outgoing::Close(close, _) => [Sent::Close(close)].into(),
            Outgoing::Flush | Outgoing::Ping => VecDeque::new(),
        };
        sent.into_iter().try_for_each(|sent| self.0.send(sent)).map_err(|_| Lost)
    }
}

struct Counter(u32);

impl Counter {
    fn mount(_: Cx<Self>) -> Self {
        Self(0)
    }

    fn up(&mut self) {
        self.0 += 1;
    }
}

impl View for Counter {
    fn render(&self) -> Html<Self> {
        html! { p { (self.0) } button onclick=(Self::up) { "up" } }
    }
}

/// The program, the data block of its page, and the build of the client on it.
async fn visit() -> (crate::Handle, Value, String) {
    let (router, handle) = App::new().route("/", live(Counter::mount)).into_router_with_handle();
    let request = Request::get("/").body(Body::empty()).expect("a request");
    let response = router.oneshot(request).await.expect("an answer");
    let body = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
    let html = String::from_utf8(body.to_vec()).expect("HTML is UTF-8");
    let (_, data) = html.split_once(r#"id="lanai">"#).expect("a data block");
    let (data, _) = data.split_once("</script>").expect("its end");
    let (_, build) = html.split_once("/_lanai/client-").expect("a client script");
    let (build, _) = build.split_once(".js").expect("the end of its name");
    (handle, serde_json::from_str(data).expect("JSON"), build.into())
}

fn open(handle: &crate::Handle) -> (UnboundedSender<String>, UnboundedReceiver<Sent>) {
    let (to_server, from_page) = unbounded_channel();
    let (to_page, from_server) = unbounded_channel();
    let unattached = handle.0.unattached.clone().try_acquire_owned().expect("a permit");
    tokio::spawn(serve(Reader(from_page), Writer(to_page), handle.0.runtime.clone(), unattached));
    (to_server, from_server)
}

#[tokio::test]
async fn a_page_is_served_over_any_transport() {
    let (handle, data, build) = visit().await;
    let (page, mut sent) = open(&handle);
    let send = |message: Value| page.send(message.to_string()).expect("the connection is open");
    send(json!([data["i"], data["s"], "tab", 0, data["v"], build]));
    assert_eq!(sent.recv().await, Some(Sent::Text(r#"{"attached":0}"#.into())));
    send(json!([1, 0, 0]));
    assert_eq!(sent.recv().await, Some(Sent::Text(r#"[1,0,"1"]"#.into())));
    handle.shut_down();
    assert_eq!(sent.recv().await, Some(Sent::Close(Close::Restart)));
}

#[tokio::test]
async fn a_wrong_secret_closes_any_transport() {
    let (handle, data, build) = visit().await;
    let (page, mut sent) = open(&handle);
    page.send(json!([data["i"], "x".repeat(22), "tab", 0, data["v"], build]).to_string())
        .expect("the connection is open");
    assert_eq!(sent.recv().await, Some(Sent::Text(r#"{"gone":"the view is not here"}"#.into())));
    assert_eq!(sent.recv().await, Some(Sent::Close(Close::Done)));
}
