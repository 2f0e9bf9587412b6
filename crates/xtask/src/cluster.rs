//! `cargo xtask cluster`: three nodes of the gallery that share their topics through a NATS server, to try out by hand.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::Result;
use crate::command::{cargo, cargo_with, root};
use crate::install::nats_server;

/// Set in the process that watches the nodes.
const KEEPER: &str = "LANAI_CLUSTER_KEEPER";

/// Starts the nodes, prints their addresses, and stops everything when this program ends or one of them does.
///
/// Ctrl-C ends this process at once, without a chance to clean up. So a second process, outside the terminal's process
/// group, does the work. It reads from a pipe to this process; at the end of the pipe, this process has ended, in
/// whatever way.
pub(crate) fn run(arguments: &[String]) -> Result {
    match arguments {
        [] => {}
        [flag] if flag == "--chaos" => return chaos(),
        _ => return Err("`cargo xtask cluster` takes no arguments or `--chaos`".into()),
    }
    if std::env::var_os(KEEPER).is_some() {
        return keep();
    }
    let program = std::env::current_exe().map_err(|error| format!("cannot find this program: {error}"))?;
    let mut keeper = Command::new(program);
    keeper.arg("cluster").env(KEEPER, "1").stdin(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut keeper, 0);
    let mut keeper = keeper.spawn().map_err(|error| format!("cannot start this program again: {error}"))?;
    // `wait` would close the pipe.
    let _held = keeper.stdin.take();
    let status = keeper.wait().map_err(|error| error.to_string())?;
    if status.success() { Ok(()) } else { Err("a node or the NATS server has stopped".into()) }
}

/// Runs the long forms of the tests of failures, long enough to meet rare events, and prints their figures:
/// `LANAI_CHAOS_RUNS` rounds (default: 50) of killing a leader, a server that is unreachable for `LANAI_CHAOS_MINUTES`
/// (default: 10), presence of 5,000 people, and the history of 20,000 topics at once.
fn chaos() -> Result {
    let set = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.into());
    let (runs, minutes) = (set("LANAI_CHAOS_RUNS", "50"), set("LANAI_CHAOS_MINUTES", "10"));
    let environment = [
        ("LANAI_CHAOS_RUNS", &*runs),
        ("LANAI_CHAOS_MINUTES", &*minutes),
        ("LANAI_HISTORY_TOPICS", "20000"),
        ("NATS_SERVER", &*nats_server()?),
    ];
    // One after the other, so that the tests do not influence each other's figures.
    for test in ["leader", "chaos", "operation", "presence_size", "history"] {
        let threads = ["--", "--nocapture", "--test-threads=1"];
        cargo_with(&[&["test", "--quiet", "-p", "cluster", "--test", test][..], &threads].concat(), &environment)?;
    }
    Ok(())
}

fn keep() -> Result {
    let gone = Arc::new(AtomicBool::new(false));
    std::thread::spawn({
        let gone = Arc::clone(&gone);
        move || {
            let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
            gone.store(true, Ordering::Relaxed);
        }
    });
    let nats_server = nats_server()?;
    cargo(&["build", "--quiet", "-p", "gallery", "--features", "nats"])?;
    // All are held until the last is chosen, so that no two are the same.
    let ports = [3001, 3002, 3003].map(|port| free_port(Some(port)));
    let server = free_port(None)?;
    let ports = ports.into_iter().collect::<Result<Vec<_>>>()?;
    let (nats_port, nodes) = (server.1, ports.iter().map(|port| port.1).collect::<Vec<_>>());
    drop((server, ports));

    let store = Store::new()?;
    let mut processes = Processes::default();
    let mut server = Command::new(&nats_server);
    server.args(["--jetstream", "--addr", "127.0.0.1", "--port", &nats_port.to_string(), "--store_dir"]).arg(&store.0);
    processes.start("the NATS server", server.stdout(Stdio::null()).stderr(Stdio::null()))?;
    wait_for(nats_port)?;
    let url = format!("nats://127.0.0.1:{nats_port}");
    println!("\n▸ NATS is on {url}");
    let gallery = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    for port in &nodes {
        let mut node = Command::new(gallery.join("debug/gallery"));
        node.env("LANAI_ADDR", format!("127.0.0.1:{port}")).env("LANAI_NATS", &url).stdout(Stdio::null());
        processes.start("a node", &mut node)?;
        wait_for(*port)?;
        println!("▸ a node is on http://127.0.0.1:{port}");
    }
    println!("\nOpen the chat in two of them. Ctrl-C ends them all.");
    processes.wait(&gone)
}

/// A free port: the requested one, or any.
fn free_port(port: Option<u16>) -> Result<(TcpListener, u16)> {
    let listener = port.and_then(|port| TcpListener::bind(("127.0.0.1", port)).ok());
    let listener = match listener {
        Some(listener) => listener,
        None => TcpListener::bind("127.0.0.1:0").map_err(|error| format!("no port is free: {error}"))?,
    };
    let port = listener.local_addr().map_err(|error| error.to_string())?.port();
    Ok((listener, port))
}

fn wait_for(port: u16) -> Result {
    for _ in 0..200 {
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err(format!("no server answers on port {port}"))
}

/// Child processes. They are killed when this is dropped.
#[derive(Default)]
struct Processes(Vec<(&'static str, Child)>);

impl Processes {
    fn start(&mut self, what: &'static str, command: &mut Command) -> Result {
        let process = command.stdin(Stdio::null()).spawn().map_err(|error| format!("cannot start {what}: {error}"))?;
        self.0.push((what, process));
        Ok(())
    }

    /// Waits until one of them ends, or the watching process does.
    fn wait(&mut self, gone: &AtomicBool) -> Result {
        while !gone.load(Ordering::Relaxed) {
            for (what, process) in &mut self.0 {
                if let Some(status) = process.try_wait().map_err(|error| error.to_string())? {
                    return Err(format!("{what} has ended ({status})"));
                }
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        for (_, process) in &mut self.0 {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// The server's directory, which is removed when this is dropped.
struct Store(PathBuf);

impl Store {
    fn new() -> Result<Self> {
        let path = std::env::temp_dir().join(format!("lanai-cluster-{}", std::process::id()));
        std::fs::create_dir_all(&path).map_err(|error| format!("cannot create {}: {error}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
