//! What a program writes to stderr if it has set up no log. The program is this test, started again as another process.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, Command, Stdio};

use lanai::prelude::*;
use wire::{Visitor, get, get_with};

/// The environment variable that tells the started process how to serve.
const HOW: &str = "LANAI_TEST_SERVES";

struct Page;

impl Page {
    /// The handler that returns an error.
    const FAIL: u32 = 0;
    /// The handler that panics.
    const PANIC: u32 = 1;

    async fn mount(_cx: Cx<Self>, Path(what): Path<String>) -> Result<Self> {
        match what.as_str() {
            "error" => Err("it is\n\u{1b}[31mred".into()),
            "panic" => panic!("a bad mount"),
            _ => Ok(Self),
        }
    }

    fn fail(&mut self) -> Result {
        let _: u32 = "x".parse()?;
        Ok(())
    }

    fn click(&mut self) {
        panic!("a bad click");
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! {
            button onclick=(Self::fail) { "fail" }
            button onclick=(Self::click) { "panic" }
        }
    }
}

async fn plain() -> Result<()> {
    Err("no export".into())
}

#[tokio::main]
async fn serve(how: &str) {
    let app = App::new().route("/{what}", live(Page::mount)).route("/plain/export", lanai::axum::routing::get(plain));
    if how == "app" {
        app.serve("127.0.0.1:0").await.expect("the loopback has a free port");
    } else {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("the loopback has a free port");
        eprintln!("lanai: serving on http://{}", listener.local_addr().expect("it has an address"));
        lanai::axum::serve(listener, app.into_router()).await.expect("it serves");
    }
}

/// The started process, which is killed when this is dropped.
struct Served {
    child: Child,
    stderr: BufReader<ChildStderr>,
}

impl Served {
    fn start(test: &str, how: &str) -> Self {
        let program = std::env::current_exe().expect("this is a program");
        let mut child = Command::new(program)
            .args(["--exact", test, "--nocapture"])
            .env(HOW, how)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it can be started once more");
        let stderr = BufReader::new(child.stderr.take().expect("it is piped"));
        Self { child, stderr }
    }

    /// Reads until a line begins with this, and returns that line.
    fn line(&mut self, beginning: &str) -> String {
        let mut all = String::new();
        loop {
            let mut line = String::new();
            let read = self.stderr.read_line(&mut line).expect("it writes text");
            assert!(read > 0, "no line begins with {beginning:?}: {all}");
            if line.starts_with(beginning) {
                return line.trim_end().into();
            }
            all.push_str(&line);
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn says_what_matters(test: &str, how: &str) {
    if let Ok(how) = std::env::var(HOW) {
        return serve(&how);
    }
    let mut served = Served::start(test, how);
    let address = served.line("lanai: serving on http://");
    let address: SocketAddr = address.rsplit('/').next().and_then(|it| it.parse().ok()).expect("an address");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");

    // A mount that fails: its error is on the page, and on stderr, where a visitor's text cannot forge a line.
    let page = runtime.block_on(get(address, "/error")).into_body();
    let line = served.line("lanai: error: a view could not be mounted");
    assert!(line.contains(r"error: it is\n\u{1b}[31mred, location: tests/wire/tests/unheard.rs:"), "{line}");
    assert!(page.contains("it is\n") && page.contains("at tests/wire/tests/unheard.rs:"), "{page}");

    let page = runtime.block_on(get(address, "/panic")).into_body();
    let line = served.line("lanai: error: a mount panicked: a bad mount (view: unheard::Page)");
    assert!(served.line("at tests/wire/").contains("unheard.rs:"), "{line}");
    assert!(page.contains("a bad mount\nat tests/wire/tests/unheard.rs:"), "{page}");

    let page = runtime.block_on(get(address, "/plain/export"));
    assert_eq!(page.status(), 500);
    let line = served.line("lanai: error: a handler of a plain route returned an error");
    assert!(line.contains("error: no export, location: tests/wire/tests/unheard.rs:"), "{line}");
    assert!(
        page.body().starts_with("<!DOCTYPE html>") && page.body().contains("no export\nat tests/wire/"),
        "{}",
        page.body()
    );

    // Handlers of a live page.
    let frames = runtime.block_on(async {
        let mut visitor = Visitor::visit(address, "/page").await;
        visitor.event(Page::FAIL, None).await;
        visitor.settled().await;
        visitor.event(Page::PANIC, None).await;
        visitor.settled().await
    });
    let line = served.line("lanai: error: a handler returned an error");
    assert!(line.contains("invalid digit found in string, location: tests/wire/tests/unheard.rs:"), "{line}");
    served.line("lanai: error: `unheard::Page::click` of the view `unheard::Page` panicked: a bad click");
    assert!(served.line("at tests/wire/").contains("unheard.rs:"));
    let frame = frames.last().expect("a frame");
    assert!(frame.contains(r"a bad click\nat tests/wire/tests/unheard.rs:"), "{frame}");

    // A socket of a page of another origin.
    let headers = [("host", "name.example"), ("origin", "https://evil.example")];
    runtime.block_on(async {
        let _ = get_with(address, "/page", &headers).await;
        let _ = wire::Socket::open_with(address, "/_lanai/socket", &headers).await;
    });
    let line = served.line("lanai: warning: a socket of a page of another origin was refused");
    assert!(line.contains("origin: https://evil.example"), "{line}");
}

#[test]
fn a_program_without_a_log_says_where_it_is_served_and_what_goes_wrong() {
    says_what_matters("a_program_without_a_log_says_where_it_is_served_and_what_goes_wrong", "app");
}

#[test]
fn a_program_with_a_loop_of_its_own_says_what_goes_wrong() {
    says_what_matters("a_program_with_a_loop_of_its_own_says_what_goes_wrong", "router");
}
