//! Pages with uploads: every kind of choosing, sending, refusing and losing files.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Query as AxumQuery};
use axum::http::StatusCode;
use axum::routing::{get, put};
use futures_util::StreamExt;
use lanai::prelude::*;
use lanai::upload::{SignedRequest, Upload, UploadEntry, UploadedFile};
use sha2::{Digest, Sha256};

/// Returns all routes of this module: `/uploads` and `/uploads/…`.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/uploads", live(Files::mount))
        .route("/uploads/elsewhere", put(elsewhere).layer(DefaultBodyLimit::disable()))
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
            directory: false,
        }
    }
}

struct Files {
    files: Upload<Self>,
    single: Upload<Self>,
    kept: Vec<String>,
    is_open: bool,
}

impl Files {
    async fn mount(cx: Cx<Self>, Query(settings): Query<Settings>) -> Self {
        let mut files = cx.upload("files").max_files(settings.max_files).max_size(settings.max_size);
        if !settings.accept.is_empty() {
            files = files.accept(settings.accept.split(','));
        }
        files = match settings.elsewhere {
            Some(status) => files.to_url(move |_: UploadEntry| async move {
                Ok(SignedRequest::put(format!("/uploads/elsewhere?status={status}")))
            }),
            None if settings.counted => files.to_writer(|_: UploadEntry| async { Ok(tokio::io::sink()) }),
            None if settings.on_submit => files.on_submit(),
            None => files.on_complete(Self::keep_one),
        };
        if settings.directory {
            files = files.directory();
        }
        Self { files, single: cx.upload("single"), kept: Vec::new(), is_open: true }
    }

    async fn keep_one(&mut self, file: UploadedFile) -> Result<()> {
        self.keep(vec![file]).await
    }

    async fn keep(&mut self, files: Vec<UploadedFile>) -> Result<()> {
        for file in files {
            let bytes = file.bytes().await?;
            let hash: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
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
