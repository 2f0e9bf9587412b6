//! Signals that stop the program: Ctrl-C, and on Unix the termination signal.
//!
//! A separate thread listens for them, because the second signal must end the program even if handlers block all other
//! threads.

use std::sync::OnceLock;

use tokio::sync::watch;

/// Waits for the first signal. The second signal ends the program at once.
pub(super) async fn first() {
    static SIGNALED: OnceLock<watch::Receiver<bool>> = OnceLock::new();
    let mut signaled = SIGNALED.get_or_init(listen).clone();
    if signaled.wait_for(|signaled| *signaled).await.is_err() {
        // This platform has no signals.
        std::future::pending::<()>().await;
    }
}

#[expect(clippy::exit, reason = "a second signal asks for it")]
fn listen() -> watch::Receiver<bool> {
    let (tell, signaled) = watch::channel(false);
    let (ready, is_ready) = std::sync::mpsc::channel::<()>();
    let listen = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let mut signals = Signals::new()?;
            drop(ready);
            signals.next().await;
            tell.send_replace(true);
            signals.next().await;
            tracing::warn!("received a second signal; the program ends at once");
            std::process::exit(1)
        })
    };
    let listen = move || {
        let listened: std::io::Result<()> = listen();
        if let Err(error) = listened {
            tracing::error!(%error, "the program cannot listen for signals, so each signal ends it at once");
        }
    };
    if let Err(error) = std::thread::Builder::new().name("lanai-signals".into()).spawn(listen) {
        tracing::error!(%error, "the program cannot listen for signals, so each signal ends it at once");
    }
    // From now on, no signal is missed. (An error only means that the thread has ended.)
    let _ = is_ready.recv();
    signaled
}

#[cfg(unix)]
struct Signals(tokio::signal::unix::Signal, tokio::signal::unix::Signal);

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self(signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?))
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.0.recv() => {}
            _ = self.1.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
