//! Files that people send.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::{fs, io};

use lanai::Limits;
use lanai::prelude::*;
use lanai::upload::{Upload, UploadEntry, UploadedFile};
use lanai_test::{Page, TestApp, app, css};
use tokio::io::AsyncWrite;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR the rest of the picture";

type Settings = fn(Upload<Album>) -> Upload<Album>;

struct Album {
    photos: Upload<Self>,
    other: Upload<Self>,
    kept: Vec<String>,
}

impl Album {
    fn mount(cx: &Cx<Self>, settings: Settings) -> Self {
        let photos = settings(cx.upload("photos"));
        Self { photos, other: cx.upload("other").on_complete(Self::add), kept: Vec::new() }
    }

    async fn add(&mut self, file: UploadedFile) -> Result<()> {
        self.keep(vec![file]).await
    }

    async fn keep(&mut self, files: Vec<UploadedFile>) -> Result<()> {
        for file in files {
            let bytes = file.bytes().await?;
            self.kept.push(format!("{}: {}", file.name(), String::from_utf8_lossy(&bytes)));
        }
        Ok(())
    }

    fn submit(&mut self) {
        self.photos.submit(Self::keep);
    }

    fn cancel_first(&mut self) {
        if let Some(first) = self.photos.entries().first() {
            self.photos.cancel(first.id());
        }
    }
}

impl View for Album {
    fn render(&self) -> Html<Self> {
        html! {
            form onsubmit=(Self::submit) {
                label { "Photos " input type="file" (self.photos); }
                label { "Other " input type="file" (self.other); }
                div #zone data-lanai-upload=(self.photos.name()) { "Drop here" }
                button { "Save" }
            }
            button onclick=(Self::cancel_first) { "Remove the first" }
            ul #entries {
                @for file in self.photos.entries() {
                    li key=(file.id()) {
                        (file.name()) " " (file.percent()) "% " (format!("{:?}", file.state()))
                        @if let Some(error) = file.error() { " " (error) }
                    }
                }
            }
            ul #kept { @for (at, file) in self.kept.iter().enumerate() { li key=(at) { (file) } } }
        }
    }
}

fn album(settings: Settings) -> TestApp {
    app(program(settings))
}

fn program(settings: Settings) -> App {
    App::new().route("/", live(move |cx: Cx<Album>| async move { Album::mount(&cx, settings) }))
}

async fn entries(page: &Page, wanted: &str) {
    page.within(css("#entries")).sees(wanted).await.unwrap();
}

async fn kept(page: &Page, wanted: &str) {
    page.within(css("#kept")).sees(wanted).await.unwrap();
}

fn is_empty(app: &TestApp) -> impl Future<Output = lanai_test::Result> {
    app.until("no temporary files", |stats| stats.upload_space == 0)
}

#[tokio::test]
async fn a_file_comes_whole_and_leaves_nothing_behind() -> lanai_test::Result {
    let app = album(|photos| photos.on_complete(Album::add));
    let page = app.visit("/").await?;
    page.upload("Photos", &[("a.txt", "text/plain", b"hello")]).await?;
    kept(&page, "a.txt: hello").await;
    page.upload("Photos", &[("a.txt", "text/plain", b"hello")]).await?;
    kept(&page, "a.txt: hello a.txt: hello").await;
    let large = vec![b'x'; 3 << 20];
    page.upload("Photos", &[("large.txt", "text/plain", &large)]).await?;
    kept(&page, &"x".repeat(3 << 20)).await;
    page.upload("Photos", &[("empty.txt", "", b"")]).await?;
    kept(&page, "empty.txt:").await;
    is_empty(&app).await
}

#[tokio::test]
async fn two_uploads_of_a_form_do_not_meet() -> lanai_test::Result {
    let app = album(|photos| photos);
    let page = app.visit("/").await?;
    page.upload("Other", &[("b.txt", "", b"other")]).await?;
    kept(&page, "b.txt: other").await;
    page.upload("Photos", &[("a.txt", "", b"photo")]).await?;
    entries(&page, "a.txt 100% Complete").await;
    page.within(css("#kept")).sees("b.txt: other").await
}

#[tokio::test]
async fn files_are_refused_before_they_are_sent() -> lanai_test::Result {
    let app = album(|photos| photos.accept([".png"]).max_files(2).max_size(100));
    let page = app.visit("/").await?;
    let files: [(&str, &str, &[u8]); 5] = [
        ("one.png", "image/png", PNG),
        ("large.png", "image/png", &[0; 101]),
        ("page.html", "text/html", b"<html>"),
        ("two.png", "image/png", PNG),
        ("three.png", "image/png", PNG),
    ];
    page.upload("Photos", &files).await?;
    entries(
        &page,
        "one.png 100% Complete \
         large.png 0% Failed(TooLarge(100)) The file is larger than 100 bytes. \
         page.html 0% Failed(NotAccepted) Files of this type are not accepted. \
         two.png 100% Complete \
         three.png 0% Failed(TooMany(2)) There can be only 2 files.",
    )
    .await;
    // What was refused takes no place, and a place that is free is taken again.
    page.click("Remove the first").await?;
    page.drop_files(css("#zone"), &[("four.png", "image/png", PNG)]).await?;
    entries(&page, "four.png 100% Complete").await;
    Ok(())
}

#[tokio::test]
async fn the_content_has_to_be_what_the_name_says() -> lanai_test::Result {
    let app = album(|photos| photos.accept(["image/*"]).max_files(3));
    let page = app.visit("/").await?;
    page.upload("Photos", &[("a.png", "image/png", b"<script>alert(1)</script>"), ("b.png", "image/png", PNG)]).await?;
    entries(&page, "a.png 0% Failed(NotAccepted) Files of this type are not accepted. b.png 100% Complete").await;
    Ok(())
}

#[tokio::test]
async fn a_single_file_replaces_the_one_before() -> lanai_test::Result {
    let app = album(|photos| photos);
    let page = app.visit("/").await?;
    page.upload("Photos", &[("a.txt", "", b"one")]).await?;
    entries(&page, "a.txt 100% Complete").await;
    page.paste_files(css("#zone"), &[("b.txt", "", b"two"), ("c.txt", "", b"three")]).await?;
    entries(&page, "b.txt 100% Complete c.txt 0% Failed(TooMany(1)) There can be only one file.").await;
    let problem = page.upload("Photos", &[("a", "", b""), ("b", "", b"")]).await.unwrap_err();
    assert!(problem.message().contains("takes only one file"), "{problem}");
    app.until("three bytes", |stats| stats.upload_space == 3).await
}

#[tokio::test]
async fn files_that_wait_are_sent_when_the_form_is_submitted() -> lanai_test::Result {
    let app = album(|photos| photos.on_submit().max_files(3).max_size(10));
    let page = app.visit("/").await?;
    page.upload("Photos", &[("a.txt", "", b"one"), ("b.txt", "", b"two")]).await?;
    entries(&page, "a.txt 0% Waiting b.txt 0% Waiting").await;
    page.click("Save").await?;
    kept(&page, "a.txt: one b.txt: two").await;
    page.within(css("#entries")).sees_not("b.txt").await?;
    // One that is refused keeps the others until the person has removed it.
    page.upload("Photos", &[("large.txt", "", b"more than ten bytes"), ("c.txt", "", b"three")]).await?;
    page.click("Save").await?;
    entries(&page, "c.txt 100% Complete").await;
    page.click("Remove the first").await?;
    page.click("Save").await?;
    kept(&page, "b.txt: two c.txt: three").await;
    // Without files, at once.
    page.click("Save").await
}

#[tokio::test]
async fn what_nobody_takes_ends_with_the_view() -> lanai_test::Result {
    let app = album(|photos| photos.max_files(2));
    let page = app.visit("/").await?;
    page.upload("Photos", &[("a.txt", "", b"one"), ("b.txt", "", b"two")]).await?;
    entries(&page, "a.txt 100% Complete b.txt 100% Complete").await;
    assert_eq!(app.stats().upload_space, 6);
    page.click("Remove the first").await?;
    app.until("one file", |stats| stats.upload_space == 3).await?;
    page.visit("/nothing").await?;
    is_empty(&app).await
}

#[tokio::test]
async fn a_lost_connection_and_a_restart_lose_no_file() -> lanai_test::Result {
    let app = album(|photos| photos.on_submit().max_files(2));
    let page = app.visit("/").await?;
    page.upload("Photos", &[("a.txt", "", b"one")]).await?;
    page.wait_for_answers(false);
    page.disconnect();
    page.click("Save").await?;
    page.reconnect().await?;
    kept(&page, "a.txt: one").await;
    page.upload("Photos", &[("b.txt", "", b"two")]).await?;
    entries(&page, "b.txt 0% Waiting").await;
    app.restart(program(|photos| photos.max_files(2).on_complete(Album::add)));
    kept(&page, "b.txt: two").await;
    Ok(())
}

#[tokio::test]
async fn there_is_only_so_much_space() -> lanai_test::Result {
    let limits = Limits { upload_space: 10, ..Limits::default() };
    let app = app(program(|photos| photos.max_files(3)).limits(limits));
    let page = app.visit("/").await?;
    page.upload("Photos", &[("a.txt", "", b"12345678")]).await?;
    entries(&page, "a.txt 100% Complete").await;
    page.upload("Photos", &[("b.txt", "", b"123")]).await?;
    entries(&page, "b.txt 0% Failed(Full) There is no space for this file at the moment.").await;
    page.click("Remove the first").await?;
    page.upload("Photos", &[("c.txt", "", b"123")]).await?;
    entries(&page, "c.txt 100% Complete").await;
    Ok(())
}

/// What a writer has got, and how many were shut down.
static WRITTEN: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static SHUT_DOWN: AtomicUsize = AtomicUsize::new(0);

/// Fails, or panics, when the text of the file says so.
struct Writer;

impl AsyncWrite for Writer {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if bytes.starts_with(b"fail") {
            return Poll::Ready(Err(io::Error::other("the disk is full")));
        }
        assert!(!bytes.starts_with(b"panic"), "the writer panics");
        WRITTEN.lock().unwrap().extend(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        SHUT_DOWN.fetch_add(1, Ordering::SeqCst);
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_writer_takes_the_bytes_and_its_failure_is_that_of_the_file() -> lanai_test::Result {
    let app = album(|photos| {
        photos.max_files(5).to_writer(|file: UploadEntry| async move {
            if file.name() == "closed.txt" {
                return Err(Error::not_found());
            }
            Ok(Writer)
        })
    });
    let page = app.visit("/").await?;
    for (name, text) in [("fail.txt", "fail"), ("panic.txt", "panic"), ("closed.txt", "closed"), ("good.txt", "good")] {
        page.upload("Photos", &[(name, "", text.as_bytes())]).await?;
    }
    let failed = "0% Failed(Storage) The file could not be stored.";
    entries(&page, &format!("fail.txt {failed} panic.txt {failed} closed.txt {failed} good.txt 100% Complete")).await;
    assert_eq!((WRITTEN.lock().unwrap().as_slice(), SHUT_DOWN.load(Ordering::SeqCst)), (&b"good"[..], 1));
    assert_eq!(app.stats().upload_space, 0);
    Ok(())
}

#[tokio::test]
async fn a_saved_file_is_moved_into_place() -> lanai_test::Result {
    static SAVED: Mutex<Option<Arc<tempfile::TempDir>>> = Mutex::new(None);
    let directory = Arc::new(tempfile::tempdir().unwrap());
    *SAVED.lock().unwrap() = Some(directory.clone());
    let app = album(|photos| {
        photos.on_complete(async |album: &mut Album, file: UploadedFile| {
            let directory = SAVED.lock().unwrap().clone().expect("a directory");
            let temporary = file.temporary().expect("a temporary file").to_owned();
            file.save(directory.path().join("saved.txt")).await?;
            album.kept.push(format!("moved: {}", !temporary.exists()));
            Ok::<_, Error>(())
        })
    });
    let page = app.visit("/").await?;
    page.upload("Photos", &[("../../a.txt", "", b"hello")]).await?;
    kept(&page, "moved: true").await;
    assert_eq!(fs::read(directory.path().join("saved.txt")).unwrap(), b"hello");
    is_empty(&app).await
}
