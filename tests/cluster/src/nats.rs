//! [`NatsServer`] and [`NatsCluster`]: real servers, each with its own directory.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_nats::jetstream::stream::Config;
use async_nats::jetstream::{self, Context};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// A NATS server with JetStream on a free port of the loopback interface. When this is dropped, it is killed and its
/// directory removed.
#[derive(Debug)]
pub struct NatsServer {
    port: u16,
    directory: PathBuf,
    process: Option<Child>,
}

impl NatsServer {
    /// Starts a server without authentication.
    ///
    /// # Panics
    ///
    /// If there is no `nats-server`. The message says how to get one.
    pub async fn start() -> Self {
        Self::with_config("").await
    }

    /// Starts a server with this configuration. It must not say where the server listens and stores; a block that
    /// begins with `jetstream {` can set limits.
    ///
    /// # Panics
    ///
    /// If there is no `nats-server`, or it refuses the configuration.
    pub async fn with_config(text: &str) -> Self {
        let [port] = free_ports();
        let mut server = Self::new(port);
        server.configure(text);
        server.start_again().await;
        server
    }

    fn new(port: u16) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let directory = std::env::temp_dir().join(format!("lanai-nats-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&directory).expect("a directory can be created");
        Self { port, directory, process: None }
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its address, in the form that clients use.
    pub fn url(&self) -> String {
        self.url_as("")
    }

    /// The same, with `user:password` or a token in it.
    pub fn url_as(&self, who: &str) -> String {
        let at = if who.is_empty() { "" } else { "@" };
        format!("nats://{who}{at}127.0.0.1:{}", self.port)
    }

    /// A client of the server itself, to do what an administrator does.
    ///
    /// # Panics
    ///
    /// If it cannot be reached.
    pub async fn client(&self) -> Context {
        self.client_as("").await
    }

    /// The same, as `user:password`.
    ///
    /// # Panics
    ///
    /// If it cannot be reached, or refuses the user.
    pub async fn client_as(&self, who: &str) -> Context {
        let mut options = async_nats::ConnectOptions::new();
        if let Some((user, password)) = who.split_once(':') {
            options = options.user_and_password(user.into(), password.into());
        }
        jetstream::new(options.connect(self.url()).await.expect("the server is there"))
    }

    /// The memory of its process in bytes, where the system tells (Linux).
    pub fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.as_ref()?.id()?)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? << 10)
    }

    /// Stops it as an administrator does, and waits until it has ended.
    ///
    /// # Panics
    ///
    /// If it does not run, or does not end.
    pub async fn stop(&mut self) {
        self.signal("TERM").await;
        self.process.take().expect("the server runs").wait().await.expect("the server ends");
    }

    /// Kills it, as when its machine fails.
    ///
    /// # Panics
    ///
    /// If it is not running.
    pub async fn kill(&mut self) {
        self.process.take().expect("the server runs").kill().await.expect("the server ends");
    }

    /// Makes it load a new configuration, which happens some time after this returns.
    ///
    /// # Panics
    ///
    /// If it is not running.
    pub async fn reload(&self, text: &str) {
        self.configure(text);
        self.signal("HUP").await;
    }

    /// Sends it a signal.
    ///
    /// # Panics
    ///
    /// If it is not running.
    pub async fn signal(&self, signal: &str) {
        crate::signal(self.process.as_ref().expect("the server runs"), signal).await;
    }

    /// Starts it again with its stored data, on the same port.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub async fn start_again(&mut self) {
        self.spawn();
        crate::until("the NATS server answers", async || self.answers().await).await;
    }

    /// Starts a stopped server with another configuration.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub async fn again(mut self, text: &str) -> Self {
        self.configure(text);
        self.start_again().await;
        self
    }

    /// Copies its stored data. It is stopped and restarted for this.
    ///
    /// # Panics
    ///
    /// If it cannot be copied.
    pub async fn snapshot(&mut self) -> PathBuf {
        self.stop().await;
        let to = self.directory.join("snapshot");
        copy(&self.directory.join("store"), &to);
        self.start_again().await;
        to
    }

    /// Restores a copy of its stored data. It is restarted with that.
    ///
    /// # Panics
    ///
    /// If it cannot be copied.
    pub fn put_back(&self, snapshot: &Path) {
        std::fs::remove_dir_all(self.directory.join("store")).expect("the store can be removed");
        copy(snapshot, &self.directory.join("store"));
    }

    /// Whether it was started, and neither stopped nor killed.
    pub fn runs(&self) -> bool {
        self.process.is_some()
    }

    /// Its log.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.directory.join("log")).unwrap_or_default()
    }

    fn configure(&self, text: &str) {
        // Not on the command line, which would be ignored when the file is reloaded.
        // Without a limit of its own, the server takes three quarters of the space that is free on the disk when it
        // starts, and refuses streams that reserve more than that.
        let limit = if text.contains("max_file_store") { "" } else { "max_file_store: 64GB, " };
        let jetstream = format!("jetstream {{ store_dir: {:?}, {limit}", self.directory.join("store"));
        let text = match text.split_once("jetstream {") {
            Some((before, after)) => format!("{before}{jetstream}{after}"),
            None => format!("{jetstream}}}\n{text}"),
        };
        std::fs::write(self.directory.join("server.conf"), text).expect("a configuration can be written");
    }

    fn spawn(&mut self) {
        let program = program();
        let log = std::fs::File::options().append(true).create(true).open(self.directory.join("log"));
        let process = Command::new(&program)
            .args(["--addr", "127.0.0.1", "--port", &self.port.to_string(), "--config"])
            .arg(self.directory.join("server.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log.expect("a log can be written"))
            .kill_on_drop(true)
            .spawn();
        self.process = Some(process.unwrap_or_else(|error| panic!("{} cannot be started: {error}", program.display())));
    }

    async fn answers(&mut self) -> bool {
        if let Ok(Some(status)) = self.process.as_mut().expect("the server runs").try_wait() {
            panic!("the NATS server has ended ({status}):\n{}", self.log());
        }
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

/// A cluster of three NATS servers.
#[derive(Debug)]
pub struct NatsCluster {
    /// In no particular order. Their names are `s0`, `s1` and `s2`.
    pub servers: [NatsServer; 3],
}

impl NatsCluster {
    /// Starts the servers, and waits until they form a cluster.
    ///
    /// # Panics
    ///
    /// If there is no `nats-server`, or they do not find each other.
    pub async fn start() -> Self {
        // Some versions of 2.10 never discover each other if they start together, and have to be restarted.
        for _ in 0..5 {
            let cluster = Self::together().await;
            if tokio::time::timeout(Duration::from_secs(30), cluster.ready()).await.is_ok() {
                return cluster;
            }
        }
        panic!("the servers do not find each other");
    }

    async fn together() -> Self {
        let ports: [u16; 6] = free_ports();
        let (ports, routes) = ports.split_at(3);
        let known: Vec<String> = routes.iter().map(|port| format!("nats://127.0.0.1:{port}")).collect();
        let mut servers = [0, 1, 2].map(|at| {
            let server = NatsServer::new(ports[at]);
            server.configure(&format!(
                "server_name: s{at}\ncluster {{ name: test, listen: \"127.0.0.1:{}\", routes: {known:?} }}\n",
                routes[at]
            ));
            server
        });
        // One after the other: servers that dial each other at the same time may both close the connection as a
        // duplicate, and find each other only a minute later.
        for server in &mut servers {
            server.start_again().await;
        }
        Self { servers }
    }

    /// Waits until the running servers would accept a replicated stream.
    ///
    /// # Panics
    ///
    /// If they do not get there.
    pub async fn ready(&self) {
        let running: Vec<&NatsServer> = self.servers.iter().filter(|server| server.runs()).collect();
        for server in &running {
            let mut client = server.client().await;
            client.set_timeout(Duration::from_secs(1));
            // A server that does not know the others yet refuses, or does not answer.
            let config = || Config { name: "ready".into(), num_replicas: running.len(), ..Config::default() };
            crate::until("a stream can be created", async || client.create_stream(config()).await.is_ok()).await;
        }
        if let Some(server) = running.first() {
            // It does not matter if this fails.
            let _ = server.client().await.delete_stream("ready").await;
        }
    }

    /// The addresses of all servers, in the form that Lanai takes.
    pub fn url(&self) -> String {
        self.servers.each_ref().map(NatsServer::url).join(",")
    }

    /// Which server leads a stream, according to any running one.
    pub async fn leader(&self, stream: &str) -> Option<usize> {
        let server = self.servers.iter().find(|server| server.runs())?;
        let mut client = server.client().await;
        client.set_timeout(Duration::from_secs(1));
        let stream = client.get_stream(stream).await.ok()?;
        let leader = stream.cached_info().cluster.as_ref()?.leader.as_ref()?;
        leader.strip_prefix('s')?.parse().ok()
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory can be created");
    for entry in std::fs::read_dir(from).expect("the directory can be read") {
        let entry = entry.expect("the directory can be read");
        let to = to.join(entry.file_name());
        if entry.file_type().expect("it is there").is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).expect("a file can be copied");
        }
    }
}

/// Ports that are free now.
fn free_ports<const COUNT: usize>() -> [u16; COUNT] {
    // All are held until the last is chosen, so that no two are the same.
    let listeners = [(); COUNT].map(|()| TcpListener::bind("127.0.0.1:0").expect("the loopback has a free port"));
    listeners.map(|listener| listener.local_addr().expect("a listener has an address").port())
}

/// The server's major and minor version.
///
/// # Panics
///
/// If there is no server, or it does not report its version.
pub fn version() -> (u32, u32) {
    let said = std::process::Command::new(program()).arg("--version").output().expect("the server can be asked");
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    // "nats-server: v2.9.10"
    let version = said.rsplit_once('v').map_or("", |(_, version)| version.trim());
    let mut numbers = version.split('.').map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor),
        _ => panic!("the server does not say which version it is: {said}"),
    }
}

/// The path of the server: `NATS_SERVER`, or the one in `PATH`, or where Debian installs it.
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
