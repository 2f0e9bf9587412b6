//! A program that is told to stop: all views and pages are notified, and nobody can delay its end.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Duration, timeout};
use wire::raw::Raw;
use wire::{Received, Visitor};

/// The handler of the program's page that blocks a thread.
const BLOCKS: u32 = 0;

/// The handler of the program's page that takes some time.
const SLOW: u32 = 1;

/// How long the program may take to end before the test fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program `src/bin/stopping.rs` in a process of its own, which is killed if the test fails.
struct Program {
    address: SocketAddr,
    process: Child,
    output: BufReader<ChildStdout>,
}

impl Program {
    fn start(limits: &[(&str, &str)]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_stopping"))
            .envs(limits.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut output = BufReader::new(process.stdout.take().expect("its output is piped"));
        let mut address = String::new();
        output.read_line(&mut address).expect("it says where it listens");
        Self { address: address.trim().parse().expect("an address"), process, output }
    }

    fn signal(&self) {
        let kill = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        kill.expect("there is a `kill`");
    }

    /// Waits for its end. Returns its exit code, and what it has printed since its start.
    async fn end(mut self) -> (Option<i32>, String) {
        let ended = async {
            loop {
                if let Some(status) = self.process.try_wait().expect("it is a process") {
                    return status.code();
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let code = timeout(PATIENCE, ended).await.expect("the program does not end");
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).expect("its output is text");
        (code, rest)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn every_view_is_closed_and_every_page_told() {
    const PAGES: u32 = 1_000;
    let program = Program::start(&[]);
    let mut pages = Vec::new();
    for _ in 0..PAGES {
        pages.push(Visitor::visit(program.address, "/").await);
    }
    // Some views run a handler, one page has no socket, and one socket has not attached.
    for page in &mut pages[..20] {
        page.event(SLOW, None).await;
    }
    pages[20].cut();
    let _unattached = Raw::open(program.address).await;
    program.signal();
    for (number, page) in pages.iter_mut().enumerate().filter(|(number, _)| *number != 20) {
        let end = page.receive_until_closed().await;
        assert_eq!(end, Received::Closed(1012, "the server is stopping".into()), "page {number}");
    }
    assert_eq!(program.end().await, (Some(0), format!("{PAGES} closed\n")));
}

#[tokio::test]
async fn a_request_that_is_never_finished_holds_nobody_up() {
    let program = Program::start(&[("SHUTDOWN", "500")]);
    let mut half = TcpStream::connect(program.address).await.unwrap();
    half.write_all(b"GET / HTTP/1.1\r\nhost: here\r\n").await.unwrap();
    let mut page = Visitor::visit(program.address, "/").await;
    // Another page does not read.
    let _deaf = Visitor::visit(program.address, "/").await;
    program.signal();
    assert!(matches!(page.receive().await, Received::Closed(1012, _)));
    assert_eq!(program.end().await, (Some(0), "2 closed\n".into()));
}

#[tokio::test]
async fn a_second_signal_ends_the_program_whatever_it_is_doing() {
    // A handler blocks the only thread that runs tasks. (Of two threads, the blocked one may be the one that has to wake
    // the other.)
    let mut program = Program::start(&[("THREADS", "1")]);
    let mut page = Visitor::visit(program.address, "/").await;
    page.event(BLOCKS, None).await;
    let mut line = String::new();
    program.output.read_line(&mut line).expect("its output is text");
    assert_eq!(line, "blocks\n");
    // The system merges signals that arrive at once, so the test sends them until one counts as the second.
    let ended = async {
        loop {
            program.signal();
            tokio::time::sleep(Duration::from_millis(50)).await;
            if let Some(status) = program.process.try_wait().expect("it is a process") {
                return status.code();
            }
        }
    };
    assert_eq!(timeout(PATIENCE, ended).await.expect("the program does not end"), Some(1));
}

#[tokio::test]
async fn whoever_takes_too_long_over_a_request_is_cut_off() {
    let program = Program::start(&[("REQUEST_HEAD", "300")]);
    for head in ["", "GET / HTTP/1.1\r\nhost: here\r\n", "GET /nowhere HTTP/1.1\r\nhost: here\r\n\r\n"] {
        let mut slow = TcpStream::connect(program.address).await.unwrap();
        slow.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let read = timeout(PATIENCE, slow.read_to_end(&mut answer)).await.expect("the connection stays open");
        assert!(read.is_ok(), "{head:?}: {read:?}");
        if head.ends_with("\r\n\r\n") {
            assert!(answer.starts_with(b"HTTP/1.1 404"), "it is answered, and then idle for too long");
        }
    }
}

#[tokio::test]
async fn anything_that_names_an_address_is_one() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let listener = std::net::TcpListener::bind(taken).unwrap();
    let port = taken.port();
    for error in [
        lanai::App::new().serve(format!("127.0.0.1:{port}").as_str()).await,
        lanai::App::new().serve(("127.0.0.1", port)).await,
        lanai::App::new().serve(taken).await,
        lanai::App::new().serve((std::net::Ipv4Addr::LOCALHOST, port)).await,
    ] {
        let error = error.expect_err("the port is taken").to_string();
        assert!(error.contains(&port.to_string()) && error.contains("another program"), "{error}");
    }
    drop(listener);
}
