//! The program under test and its peer. Each is a separate process, so that its time and memory are not mixed with
//! those of the load.

use std::io::{BufRead, BufReader, Write as _};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use axum::serve::ListenerExt as _;
use lanai::{App, Limits};

use crate::Result;
use crate::machine;
use crate::peer::Peer;
use crate::views;

/// A server process. It ends when this is dropped, or when its parent ends.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    child: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Server {
    /// Starts the examples and the benchmark's own views, on Lanai.
    pub(crate) fn lanai() -> Result<Self> {
        Self::start("lanai")
    }

    /// Starts a shared view with a slow handler and the default limits.
    pub(crate) fn attacked() -> Result<Self> {
        Self::start("attacked")
    }

    /// Starts the peer.
    pub(crate) fn bare() -> Result<Self> {
        Self::start("bare")
    }

    fn start(kind: &str) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["serve", kind])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (Some(ask), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("the server has no pipes".into());
        };
        let mut answers = BufReader::new(stdout);
        let address = line(&mut answers)?.parse()?;
        Ok(Self { address, child, ask, answers })
    }

    /// Returns the id of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns the number of running views, or of connections that listen.
    pub(crate) fn count(&mut self) -> Result<usize> {
        self.ask.write_all(b"\n")?;
        Ok(line(&mut self.answers)?.parse()?)
    }

    /// Whether the shared view is still running.
    pub(crate) fn shared_lives(&mut self) -> Result<bool> {
        self.ask.write_all(b"shared\n")?;
        Ok(line(&mut self.answers)? == "1")
    }

    /// Returns how often views were rendered so far.
    pub(crate) fn renders(&mut self) -> Result<u64> {
        self.ask.write_all(b"renders\n")?;
        Ok(line(&mut self.answers)?.parse()?)
    }

    /// Waits until `count` views are running, or `count` connections listen.
    pub(crate) fn until(&mut self, count: usize) -> Result {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let now = self.count()?;
            if now == count {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(format!("{now} views instead of {count} after 20 s").into());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Returns the processor time that the server has used.
    pub(crate) fn processor_time(&self) -> Result<Duration> {
        machine::processor_time(self.child.id())
    }

    /// Returns the memory that the server uses, in KiB.
    pub(crate) fn memory(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        Ok(resident.trim().trim_end_matches(" kB").parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn line(answers: &mut impl BufRead) -> Result<String> {
    let mut line = String::new();
    answers.read_line(&mut line)?;
    if line.is_empty() { Err("the server has ended".into()) } else { Ok(line.trim().to_owned()) }
}

/// Answers a question with a number.
type Answer = Box<dyn Fn(&str) -> u64>;

/// Runs the server process: serves until the parent ends, and answers each line from it with a number.
#[expect(clippy::exit, reason = "open connections would keep the process running")]
pub(crate) fn serve(kind: &str) -> Result {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    // Like `App::serve_on`, for both sides.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let (router, answer): (axum::Router, Answer) = match kind {
        "lanai" => {
            let (router, handle) = app().into_router_with_handle();
            let answer = move |question: &str| match question {
                "renders" => handle.stats().renders,
                _ => handle.stats().instances as u64,
            };
            (router, Box::new(answer))
        }
        "attacked" => {
            let (router, handle) = App::new().merge(views::slow()).into_router_with_handle();
            let answer = move |question: &str| match question {
                "shared" => views::SLOW_MOUNTS.load(Ordering::Relaxed),
                _ => handle.stats().instances as u64,
            };
            (router, Box::new(answer))
        }
        _ => {
            let peer = Peer::new();
            let listening = peer.listening.clone();
            (peer.router(), Box::new(move |_| listening.load(Ordering::Relaxed) as u64))
        }
    };
    runtime.spawn(async move { axum::serve(listener, router).await });
    println!("{address}");
    for line in std::io::stdin().lines() {
        println!("{}", answer(&line?));
    }
    std::process::exit(0)
}

/// Returns the examples, with limits that do not restrict the load.
pub(crate) fn app() -> App {
    App::new()
        .limits(Limits { events_per_second: u32::MAX, detached: 100_000, ..Limits::default() })
        .merge(counter::routes())
        .merge(chat::routes())
        .merge(pond::routes())
        .merge(rows::routes())
        .merge(views::routes())
}
