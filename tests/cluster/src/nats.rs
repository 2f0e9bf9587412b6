//! [`NatsServer`]: a real server, with a directory of its own.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// A NATS server with JetStream on a free port of the loopback. It is killed, and its directory removed, when this is dropped.
#[derive(Debug)]
pub struct NatsServer {
    port: u16,
    directory: PathBuf,
    process: Option<Child>,
}

impl NatsServer {
    /// Starts one.
    ///
    /// # Panics
    ///
    /// If there is no `nats-server` to start: with what to do.
    pub async fn start() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let directory = std::env::temp_dir().join(format!("lanai-nats-{}-{number}", std::process::id()));
        let port = free_port();
        let mut server = Self { port, directory, process: None };
        server.start_again().await;
        server
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its address, as a client takes it.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// A client of the server itself, to do what an administrator does.
    ///
    /// # Panics
    ///
    /// If it cannot be reached.
    pub async fn client(&self) -> async_nats::jetstream::Context {
        async_nats::jetstream::new(async_nats::connect(self.url()).await.expect("the server is there"))
    }

    /// How much memory its process holds, in bytes, where the system tells (Linux).
    pub fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.as_ref()?.id()?)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? << 10)
    }

    /// Ends it as an administrator does, and waits until it is gone.
    ///
    /// # Panics
    ///
    /// If it does not run, or does not end.
    pub async fn stop(&mut self) {
        let mut process = self.process.take().expect("the server runs");
        let id = process.id().expect("the server runs").to_string();
        let ended = Command::new("kill").args(["-TERM", &id]).status().await.expect("`kill` can be run");
        assert!(ended.success(), "the server cannot be ended");
        process.wait().await.expect("the server ends");
    }

    /// Starts it again, with what it has stored, on the same port.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub async fn start_again(&mut self) {
        let program = program();
        let process = Command::new(&program)
            .args(["--jetstream", "--addr", "127.0.0.1", "--port", &self.port.to_string(), "--store_dir"])
            .arg(&self.directory)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn();
        self.process = Some(process.unwrap_or_else(|error| panic!("{} cannot be started: {error}", program.display())));
        crate::until("the NATS server answers", async || self.answers().await).await;
    }

    async fn answers(&self) -> bool {
        let greeting = async {
            let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
            let mut start = [0; 4];
            stream.read_exact(&mut start).await?;
            std::io::Result::Ok(&start == b"INFO")
        };
        matches!(tokio::time::timeout(Duration::from_secs(1), greeting).await, Ok(Ok(true)))
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            let _ = process.start_kill();
        }
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// A port that nobody listens on now.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("the loopback has a free port");
    listener.local_addr().expect("a listener has an address").port()
}

/// The server's program: `NATS_SERVER`, or one on the path, or where Debian puts it.
fn program() -> PathBuf {
    if let Some(program) = std::env::var_os("NATS_SERVER") {
        return program.into();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&path).chain([Path::new("/usr/sbin").to_path_buf()]);
    places.map(|place| place.join("nats-server")).find(|program| program.is_file()).unwrap_or_else(|| {
        panic!(
            "these tests need a NATS server: install it (on Debian or Ubuntu `sudo apt-get install nats-server`; elsewhere see \
             https://nats.io/download), or set NATS_SERVER to the path of one; `cargo xtask test` sees to it"
        )
    })
}
