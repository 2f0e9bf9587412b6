//! Files on disk that a view makes its browser save: whole, in parts, and no longer than the page lives.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use lanai::App;
use lanai::prelude::*;
use tempfile::TempDir;
use wire::{Server, Visitor, get, get_with};

struct Backups {
    path: PathBuf,
    trouble: String,
}

impl Backups {
    fn save(&mut self, cx: &Cx<Self>) {
        self.trouble = match cx.browser().download_file("back up.tar", &self.path) {
            Ok(()) => "none".into(),
            Err(error) => error.to_string(),
        };
    }
}

impl View for Backups {
    fn render(&self) -> Html<Self> {
        html! { button onclick=(Self::save) { (self.trouble) } }
    }
}

async fn start(directory: &Arc<TempDir>, name: &'static str) -> Server {
    let path = directory.path().join(name);
    let mount = move |_: Cx<Backups>| {
        let path = path.clone();
        async move { Backups { path, trouble: String::new() } }
    };
    Server::start(App::new().route("/", live(mount))).await
}

/// Clicks, and returns the path of the download.
async fn save(visitor: &mut Visitor) -> Option<String> {
    visitor.event(0, None).await;
    let frames = visitor.settled().await.concat();
    let (_, rest) = frames.split_once("download/")?;
    Some(format!("/_lanai/download/{}", &rest[..22]))
}

#[tokio::test]
async fn a_file_is_saved_whole_and_goes_on_where_it_was_cut() {
    let directory = Arc::new(tempfile::tempdir().unwrap());
    let path = directory.path().join("file");
    fs::write(&path, "0123456789").unwrap();
    let server = start(&directory, "file").await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    let url = save(&mut visitor).await.expect("a download");
    let whole = get(server.address, &url).await;
    assert_eq!((whole.status().as_u16(), whole.body().as_str()), (200, "0123456789"));
    assert_eq!(whole.headers()["content-disposition"], "attachment; filename*=UTF-8''back%20up.tar");
    assert_eq!(whole.headers()["content-type"], "application/octet-stream");
    assert_eq!(whole.headers()["accept-ranges"], "bytes");
    let changed = whole.headers()["last-modified"].to_str().unwrap().to_owned();
    for (range, status, body, content_range) in [
        ("bytes=4-", 206, "456789", "bytes 4-9/10"),
        ("bytes=2-3", 206, "23", "bytes 2-3/10"),
        ("bytes=-1", 206, "9", "bytes 9-9/10"),
    ] {
        let part = get_with(server.address, &url, &[("range", range), ("if-range", &changed)]).await;
        assert_eq!((part.status().as_u16(), part.body().as_str()), (status, body), "{range}");
        assert_eq!(part.headers()["content-range"], content_range);
    }
    let beyond = get_with(server.address, &url, &[("range", "bytes=10-")]).await;
    assert_eq!(beyond.status(), 416);
    // What has changed is sent from its beginning.
    let part =
        get_with(server.address, &url, &[("range", "bytes=4-"), ("if-range", "Thu, 01 Jan 1970 00:00:00 GMT")]).await;
    assert_eq!((part.status().as_u16(), part.body().as_str()), (200, "0123456789"));
    let other = url.replace(&url[url.len() - 3..], "AAA");
    assert_eq!(get(server.address, &other).await.status(), 404);
    fs::remove_file(&path).unwrap();
    assert_eq!(get(server.address, &url).await.status(), 404);
    fs::write(&path, "again").unwrap();
    assert_eq!(get(server.address, &url).await.body(), "again");
    visitor.send("\"bye\"").await;
    server.until("the view has ended", |stats| stats.instances == 0).await;
    assert_eq!(get(server.address, &url).await.status(), 404);
}

#[tokio::test]
async fn files_that_were_fetched_do_not_count_as_waiting() {
    let directory = Arc::new(tempfile::tempdir().unwrap());
    fs::write(directory.path().join("file"), "x").unwrap();
    let server = start(&directory, "file").await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    for _ in 0..100 {
        let url = save(&mut visitor).await.expect("a download");
        assert_eq!(get(server.address, &url).await.body(), "x");
    }
    let mut last = None;
    for _ in 0..16 {
        last = save(&mut visitor).await;
    }
    assert!(last.is_some());
    assert_eq!(save(&mut visitor).await, None, "sixteen wait, and nobody takes them");
}

#[tokio::test]
async fn what_is_no_file_is_an_error_at_the_call() {
    let directory = Arc::new(tempfile::tempdir().unwrap());
    for name in ["missing", ""] {
        let server = start(&directory, name).await;
        let mut visitor = Visitor::visit(server.address, "/").await;
        visitor.event(0, None).await;
        let frames = visitor.settled().await.concat();
        assert!(frames.contains("cannot be downloaded: "), "{frames}");
    }
}
