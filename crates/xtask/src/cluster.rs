//! Three nodes of the gallery, connected by a NATS server, to be tried by a person.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::Result;
use crate::command::{built, cargo, cargo_with};
use crate::install::nats_server;

/// Set for the child process that supervises the nodes.
const SUPERVISOR: &str = "LANAI_CLUSTER_SUPERVISOR";

/// Starts the nodes, prints their addresses, and stops all of them when this program ends or when one of them does.
///
/// Ctrl-C ends this process at once, before it can stop the nodes. So a child process in its own process group
/// supervises the nodes, and reads from a pipe to this process. The pipe closes when this process ends, for whatever
/// reason.
pub(crate) fn run(arguments: &[String]) -> Result {
    match arguments {
        [] => {}
        [flag] if flag == "--chaos" => return chaos(),
        _ => return Err("`cargo xtask cluster` takes no argument except `--chaos`".into()),
    }
    if std::env::var_os(SUPERVISOR).is_some() {
        return supervise();
    }
    let program =
        std::env::current_exe().map_err(|error| format!("the path of this program cannot be found: {error}"))?;
    let mut supervisor = Command::new(program);
    supervisor.arg("cluster").env(SUPERVISOR, "1").stdin(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut supervisor, 0);
    let mut supervisor =
        supervisor.spawn().map_err(|error| format!("this program cannot be started again: {error}"))?;
    // `wait` would close the pipe.
    let _pipe = supervisor.stdin.take();
    let status = supervisor.wait().map_err(|error| error.to_string())?;
    if status.success() { Ok(()) } else { Err("the nodes have ended".into()) }
}

/// Runs the failure tests for long enough to meet rare cases, and prints their counts: `LANAI_CHAOS_RUNS` rounds
/// (default: 50) in which a leader is killed, a transport that is unreachable for `LANAI_CHAOS_MINUTES` (default: 10),
/// presence of 5,000 people, and the histories of 20,000 topics at once.
fn chaos() -> Result {
    let set = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.into());
    let (runs, minutes) = (set("LANAI_CHAOS_RUNS", "50"), set("LANAI_CHAOS_MINUTES", "10"));
    let environment = [
        ("LANAI_CHAOS_RUNS", &*runs),
        ("LANAI_CHAOS_MINUTES", &*minutes),
        ("LANAI_HISTORY_TOPICS", "20000"),
        ("NATS_SERVER", &*nats_server()?),
    ];
    // The tests run one at a time, so that they measure only their own load.
    for test in ["leader", "chaos", "operation", "presence_size", "history"] {
        let threads = ["--", "--nocapture", "--test-threads=1"];
        cargo_with(&[&["test", "--quiet", "-p", "cluster", "--test", test][..], &threads].concat(), &environment)?;
    }
    Ok(())
}

/// Runs the nodes until one of them ends, or until the parent process does.
fn supervise() -> Result {
    let parent_ended = Arc::new(AtomicBool::new(false));
    std::thread::spawn({
        let parent_ended = Arc::clone(&parent_ended);
        move || {
            let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
            parent_ended.store(true, Ordering::Relaxed);
        }
    });
    let nats_server = nats_server()?;
    cargo(&["build", "--quiet", "-p", "gallery", "--features", "nats"])?;
    // All ports stay bound until all are chosen, so that no two are the same.
    let ports = [3001, 3002, 3003].map(|port| free_port(Some(port)));
    let nats = free_port(None)?;
    let ports = ports.into_iter().collect::<Result<Vec<_>>>()?;
    let (nats_port, nodes) = (nats.1, ports.iter().map(|port| port.1).collect::<Vec<_>>());
    drop((nats, ports));

    let store = Store::new()?;
    let mut processes = Processes::default();
    let mut server = Command::new(&nats_server);
    server.args(["--jetstream", "--addr", "127.0.0.1", "--port", &nats_port.to_string(), "--store_dir"]).arg(&store.0);
    processes.start("the NATS server", server.stdout(Stdio::null()).stderr(Stdio::null()))?;
    wait_for(nats_port)?;
    let url = format!("nats://127.0.0.1:{nats_port}");
    println!("\n▸ NATS server: {url}");
    for port in &nodes {
        let mut node = Command::new(built("gallery"));
        node.env("LANAI_ADDR", format!("127.0.0.1:{port}")).env("LANAI_NATS", &url).stdout(Stdio::null());
        processes.start("a node", &mut node)?;
        wait_for(*port)?;
        println!("▸ node: http://127.0.0.1:{port}");
    }
    println!("\nOpen the chat on two of the nodes. Ctrl-C stops all of them.");
    processes.wait(&parent_ended)
}

/// Binds a free port: the preferred one if possible, or else any.
fn free_port(preferred: Option<u16>) -> Result<(TcpListener, u16)> {
    let listener = preferred.and_then(|port| TcpListener::bind(("127.0.0.1", port)).ok());
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
    Err(format!("no program listens on port {port} after ten seconds"))
}

/// The processes that were started. They are killed when this is dropped.
#[derive(Default)]
struct Processes(Vec<(&'static str, Child)>);

impl Processes {
    fn start(&mut self, what: &'static str, command: &mut Command) -> Result {
        let process =
            command.stdin(Stdio::null()).spawn().map_err(|error| format!("{what} cannot be started: {error}"))?;
        self.0.push((what, process));
        Ok(())
    }

    /// Waits until one of the processes ends, or until the parent process does.
    fn wait(&mut self, parent_ended: &AtomicBool) -> Result {
        while !parent_ended.load(Ordering::Relaxed) {
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
        std::fs::create_dir_all(&path).map_err(|error| format!("{} cannot be created: {error}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
