//! Pages with uploads: every kind of choosing, sending, refusing and losing files.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Query as AxumQuery, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use futures_util::{SinkExt, StreamExt};
use hyper_util::rt::TokioIo;
use lanai::prelude::*;
use lanai::upload::{SignedRequest, Upload, UploadEntry, UploadedFile};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWrite;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

/// Returns all routes of this module: `/uploads` and `/uploads/…`.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/uploads", live(Files::mount))
        .route("/uploads/elsewhere", put(elsewhere).layer(DefaultBodyLimit::disable()))
        .route("/uploads/frames", get(frames))
        .route("/uploads/elsewhere/received", get(|| async { RECEIVED.load(Ordering::SeqCst).to_string() }))
}

/// How the page sends its files.
#[derive(Deserialize)]
#[serde(default)]
struct Settings {
    max_files: usize,
    max_size: u64,
    accept: String,
    /// Only after a click on "Save".
    on_submit: bool,
    /// To another server: this one, as if it were another, which answers so.
    elsewhere: Option<u16>,
    /// To a writer that only counts.
    counted: bool,
    /// To a writer that only computes the hash.
    hashed: bool,
    directory: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_files: 10,
            max_size: 1 << 30,
            accept: String::new(),
            on_submit: false,
            elsewhere: None,
            counted: false,
            hashed: false,
            directory: false,
        }
    }
}

struct Files {
    files: Upload<Self>,
    single: Upload<Self>,
    kept: Vec<String>,
    is_open: bool,
    hash: Hash,
}

impl Files {
    async fn mount(cx: Cx<Self>, Query(settings): Query<Settings>) -> Self {
        let hash = Hash::default();
        let mut files = cx.upload("files").max_files(settings.max_files).max_size(settings.max_size);
        if !settings.accept.is_empty() {
            files = files.accept(settings.accept.split(','));
        }
        files = match settings.elsewhere {
            Some(status) => files.to_url(move |_: UploadEntry| async move {
                Ok(SignedRequest::put(format!("/uploads/elsewhere?status={status}")))
            }),
            None if settings.hashed => {
                let hash = hash.clone();
                files.to_writer(move |_: UploadEntry| {
                    let hash = hash.clone();
                    async move { Ok(Hashing(Sha256::new(), hash)) }
                })
            }
            None if settings.counted => files.to_writer(|_: UploadEntry| async { Ok(tokio::io::sink()) }),
            None if settings.on_submit => files.on_submit(),
            None => files.on_complete(Self::keep_one),
        };
        if settings.directory {
            files = files.directory();
        }
        Self { files, single: cx.upload("single"), kept: Vec::new(), is_open: true, hash }
    }

    async fn keep_one(&mut self, file: UploadedFile) -> Result<()> {
        self.keep(vec![file]).await
    }

    async fn keep(&mut self, files: Vec<UploadedFile>) -> Result<()> {
        for file in files {
            let bytes = file.bytes().await?;
            let hash = hexadecimal(&Sha256::digest(&bytes));
            let path = if file.path().is_empty() { file.name() } else { file.path() };
            self.kept.push(format!("{path} {} {hash}", bytes.len()));
        }
        Ok(())
    }

    fn save(&mut self) {
        self.files.submit(Self::keep);
    }
}

impl View for Files {
    fn render(&self) -> Html<Self> {
        html! {
            form #form onsubmit=(Self::save) {
                label { "Files " input #input type="file" (self.files); }
                @if self.is_open {
                    div #zone tabindex="0" data-lanai-upload=(self.files.name()) { "Drop here" }
                }
                label { "Single " input #single type="file" (self.single); }
                button #save { "Save" }
            }
            button #toggle type="button" onclick=(|page: &mut Self| page.is_open = !page.is_open) { "Open or close" }
            button #cancel type="button" onclick=(|page: &mut Self| page.files.cancel_all()) { "Cancel all" }
            a #away href="/uploads?max_files=1" { "Away" }
            output #hash { (*self.hash.lock().unwrap_or_else(PoisonError::into_inner)) } " "
            output #sending { (self.files.is_sending()) }
            ul #entries {
                @for file in self.files.entries() {
                    li key=(file.id()) {
                        canvas data-lanai-preview=(file.id()) width="20" height="20" {}
                        span.name { (file.name()) } " "
                        progress max="100" value=(file.percent()) {} " "
                        span.state { @if let Some(error) = file.error() { (error) } @else { (format!("{:?}", file.state())) } }
                    }
                }
            }
            ul #singles { @for file in self.single.entries() { li key=(file.id()) { (file.name()) (format!(" {:?}", file.state())) } } }
            ul #kept { @for (at, file) in self.kept.iter().enumerate() { li key=(at) { (file) } } }
        }
    }
}

/// Takes bytes as frames of a WebSocket, to compare that with requests: answers each with how many bytes have come, and
/// each text with itself.
async fn frames(mut request: Request) -> Result<Response> {
    let key = request.headers().get("sec-websocket-key").ok_or_else(Error::not_found)?;
    let accept = derive_accept_key(key.as_bytes());
    let upgraded = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let Ok(upgraded) = upgraded.await else { return };
        let mut socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, None).await;
        let mut received = 0;
        while let Some(Ok(message)) = socket.next().await {
            let answer = match message {
                Message::Binary(bytes) => {
                    received += bytes.len();
                    Message::text(received.to_string())
                }
                text @ Message::Text(_) => text,
                _ => continue,
            };
            if socket.send(answer).await.is_err() {
                return;
            }
        }
    });
    let headers = [("connection", "upgrade"), ("upgrade", "websocket"), ("sec-websocket-accept", &accept)];
    Ok((StatusCode::SWITCHING_PROTOCOLS, headers).into_response())
}

/// The hash of what a writer has got, when it is complete.
type Hash = Arc<Mutex<String>>;

struct Hashing(Sha256, Hash);

impl AsyncWrite for Hashing {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.0.update(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        *self.1.lock().unwrap_or_else(PoisonError::into_inner) = hexadecimal(&self.0.clone().finalize());
        Poll::Ready(Ok(()))
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

static RECEIVED: AtomicU64 = AtomicU64::new(0);
static FAILURES: AtomicU32 = AtomicU32::new(0);

#[derive(Deserialize)]
struct Answer {
    status: u16,
}

/// The other server: it counts the bytes. It fails twice before it answers 207.
async fn elsewhere(AxumQuery(Answer { status }): AxumQuery<Answer>, body: Body) -> StatusCode {
    let mut body = body.into_data_stream();
    let mut received = 0;
    while let Some(Ok(bytes)) = body.next().await {
        received += bytes.len() as u64;
    }
    RECEIVED.store(received, Ordering::SeqCst);
    if status == 207 && FAILURES.fetch_add(1, Ordering::SeqCst) < 2 {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    StatusCode::from_u16(status).unwrap_or(StatusCode::OK)
}
