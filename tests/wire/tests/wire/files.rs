//! Directories of files: the server serves what is in them and nothing else, with the right headers.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use lanai::prelude::*;
use lanai::{Assets, Document};
use wire::{Server, get, get_with};

/// A directory that is removed when this is dropped.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("lanai-files-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(path.join("public/deep/.git")).unwrap();
        fs::create_dir_all(path.join("public/docs")).unwrap();
        for (name, text) in [
            ("secret.txt", "secret"),
            ("public/.env", "secret"),
            ("public/deep/.git/config", "secret"),
            ("public/style.css", "p { color: red }"),
            ("public/deep/a file & more.txt", "a text"),
            ("public/data", "{}"),
            ("public/docs/index.html", "<h1>Docs</h1>"),
        ] {
            fs::write(path.join(name), text).unwrap();
        }
        Self(path)
    }

    fn public(&self) -> PathBuf {
        self.0.join("public")
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

struct Page(String);

impl Page {
    fn mount(_cx: Cx<Self>, assets: Assets) -> Self {
        Self(assets.address("/assets/deep/a%20file%20&%20more.txt"))
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! { a href=(self.0) { "file" } }
    }
}

fn app(public: &Path) -> App {
    App::new().route("/", live(Page::mount)).assets("/assets", public).layout(|document: Document| {
        maud::html! { p.style { (document.asset("/assets/style.css")) } (document.body) }
    })
}

#[tokio::test]
async fn files_are_served_and_nothing_hidden_or_outside_is() {
    let directory = Directory::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink(directory.0.join("secret.txt"), directory.public().join("out.txt")).unwrap();
        symlink(&directory.0, directory.public().join("up")).unwrap();
        symlink(directory.public().join(".env"), directory.public().join("env.txt")).unwrap();
        symlink(directory.public().join("style.css"), directory.public().join("same.css")).unwrap();
    }
    let server = Server::start(app(&directory.public())).await;
    for (path, kind, text) in [
        ("/assets/style.css", "text/css", "p { color: red }"),
        ("/assets/deep/a%20file%20&%20more.txt", "text/plain", "a text"),
        ("/assets/docs/", "text/html", "<h1>Docs</h1>"),
        ("/assets/docs/index.html", "text/html", "<h1>Docs</h1>"),
        #[cfg(unix)]
        ("/assets/same.css", "text/css", "p { color: red }"),
    ] {
        let file = get(server.address, path).await;
        assert_eq!((file.status().as_u16(), file.body().as_str()), (200, text), "{path}");
        assert_eq!(file.headers()["content-type"], kind, "{path}");
        assert_eq!(file.headers()["x-content-type-options"], "nosniff", "{path}");
    }
    for path in [
        "/assets/.env",
        "/assets/%2eenv",
        "/assets/deep/.git/config",
        "/assets/../secret.txt",
        "/assets/..%2fsecret.txt",
        "/assets/%2e%2e/secret.txt",
        "/assets/deep/../../secret.txt",
        "/assets/deep%2f..%2f..%2fsecret.txt",
        "/assets/deep\\..\\..\\secret.txt",
        "/assets/%5c..%5csecret.txt",
        "/assets/style.css%00.txt",
        "/assets/style.css/",
        "/assets/%ff",
        "/assets/out.txt",
        "/assets/up/secret.txt",
        "/assets/up/",
        "/assets/env.txt",
        "/assets/deep",
        "/assets/deep/",
        "/assets/",
        "/assets/none",
    ] {
        let answer = get(server.address, path).await;
        assert_eq!(answer.status(), 404, "{path}: {}", answer.body());
        assert!(!answer.body().contains("secret"), "{path}");
    }
}

#[tokio::test]
async fn a_directory_never_redirects_to_another_host() {
    let directory = Directory::new();
    fs::create_dir_all(directory.public().join("evil.example")).unwrap();
    fs::write(directory.public().join("evil.example/index.html"), "here").unwrap();
    let server = Server::start(app(&directory.public())).await;
    for path in [
        "/assets/docs",
        "/assets//evil.example",
        "/assets//evil.example/%2e",
        "/assets/%2f%2fevil.example",
        "//evil.example",
    ] {
        let answer = get(server.address, path).await;
        let location = answer.headers().get("location").map_or("", |location| location.to_str().unwrap());
        assert!(location.is_empty() || location.starts_with("./"), "{path}: {location}");
    }
    assert_eq!(get(server.address, "/assets/docs").await.headers()["location"], "./docs/");
}

/// The URL in the paragraph of the layout, and the URL in the view.
async fn addresses(server: &Server, path: &str) -> (String, String) {
    let page = get(server.address, path).await.into_body();
    let between = |from: &str, to: &str| {
        let (_, rest) = page.split_once(from).unwrap_or_else(|| panic!("no {from} in {page}"));
        rest.split_once(to).expect("it ends").0.to_owned()
    };
    (between("<p class=\"style\">", "<"), between("href=\"", "\"").replace("&amp;", "&"))
}

#[tokio::test]
async fn an_address_with_a_hash_is_kept_for_ever_and_others_are_asked_for_again() {
    let directory = Directory::new();
    let server = Server::start(app(&directory.public()).base_path("/app")).await;
    let (style, file) = addresses(&server, "/").await;
    assert!(style.starts_with("/app/assets/style.css?v=") && style.len() == 24 + 16, "{style}");
    assert!(file.starts_with("/app/assets/deep/a%20file%20&%20more.txt?v="), "{file}");
    for address in [&style, &file] {
        let answer = get(server.address, address).await;
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["cache-control"]),
            (200, &"public, max-age=31536000, immutable".parse().unwrap())
        );
    }
    let plain = get(server.address, "/assets/style.css").await;
    assert_eq!(plain.headers()["cache-control"], "no-cache");
    let tag = plain.headers()["etag"].to_str().unwrap().to_owned();
    let again = get_with(server.address, "/assets/style.css", &[("if-none-match", &tag)]).await;
    assert_eq!(
        (again.status().as_u16(), again.body().as_str(), &again.headers()["etag"]),
        (304, "", &plain.headers()["etag"])
    );
    // A URL with the hash of another version returns the present file, which must not be cached.
    let other = get(server.address, "/assets/style.css?v=0123456789abcdef").await;
    assert_eq!(other.headers()["cache-control"], "no-cache");

    // A file that has changed has another URL.
    fs::write(directory.public().join("style.css"), "p { color: green }").unwrap();
    let (changed, unchanged) = addresses(&server, "/").await;
    assert_ne!(changed, style);
    assert_eq!(unchanged, file);
    assert_eq!(get(server.address, &style).await.headers()["cache-control"], "no-cache");
    assert_eq!(
        get_with(server.address, "/assets/style.css", &[("if-none-match", &tag)]).await.body(),
        "p { color: green }"
    );
}

#[tokio::test]
async fn a_part_of_a_file_can_be_asked_for() {
    let directory = Directory::new();
    let server = Server::start(app(&directory.public())).await;
    let part = get_with(server.address, "/assets/style.css", &[("range", "bytes=4-8")]).await;
    assert_eq!((part.status().as_u16(), part.body().as_str()), (206, "color"));
}
