//! A tab: its page, and the task that keeps the page connected.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use axum::http::{HeaderName, Method, StatusCode};
use lanai_client::{Connection, Millis, StickyViews, Transfer, Verdict};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::aria;
use crate::network::{Incoming, Socket};
use crate::page::browsing::{REDIRECTS, resolve};
use crate::person::Person;

/// The interval of heartbeats, and how long a page waits for an answer.
const HEARTBEAT: Duration = Duration::from_secs(25);
const ANSWER: Duration = Duration::from_secs(10);

/// The shortest and the longest wait before a page reconnects.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(10));

/// The number of lines of a page that an error shows.
const SHOWN: usize = 60;

pub(crate) struct Tab {
    pub(crate) person: Person,
    state: Mutex<State>,
    /// Counts changes of the page, for code that waits for one.
    changed: watch::Sender<u64>,
    began: Instant,
}

/// The state of a tab.
pub(crate) struct State {
    pub(crate) page: Option<lanai_client::Page>,
    pub(crate) status: StatusCode,
    /// The tab's history, and the current position in it.
    pub(crate) history: Vec<String>,
    pub(crate) at: usize,
    /// The path of the document that is shown, without its query.
    pub(crate) shown: String,
    pub(crate) link: Link,
    /// Whether an action waits until the server has answered.
    pub(crate) waits_for_answers: bool,
    /// The reason why the page can no longer be trusted.
    pub(crate) failure: Option<String>,
    pub(crate) wire: Recorded,
    driver: Option<AbortHandle>,
    pages: u64,
}

/// The connection to the server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link {
    pub(crate) is_up: bool,
    /// The latency of a message in each direction.
    pub(crate) latency: Duration,
}

/// The messages since the document was loaded.
#[derive(Debug, Default)]
pub(crate) struct Recorded {
    pub(crate) sent: Vec<String>,
    pub(crate) received: Vec<String>,
    /// The code and the reason with which the server has closed the socket.
    pub(crate) closed: Option<(u16, String)>,
    /// Messages that the test sends unchanged.
    pub(crate) forged: VecDeque<String>,
}

impl Recorded {
    /// Whether the last message says that the page is left.
    pub(crate) fn has_said_bye(&self) -> bool {
        self.sent.last().is_some_and(|text| text == "\"bye\"" || text.ends_with(",\"bye\"]"))
    }
}

impl Tab {
    pub(crate) fn new(person: Person) -> Arc<Self> {
        Arc::new(Self {
            person,
            state: Mutex::new(State {
                page: None,
                status: StatusCode::OK,
                history: Vec::new(),
                at: 0,
                shown: String::new(),
                link: Link { is_up: true, latency: Duration::ZERO },
                waits_for_answers: true,
                failure: None,
                wire: Recorded::default(),
                driver: None,
                pages: 0,
            }),
            changed: watch::Sender::new(0),
            began: Instant::now(),
        })
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a change, so that the task and waiting code look at the page again.
    pub(crate) fn touch(&self) {
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    pub(crate) fn now(&self) -> Millis {
        self.began.elapsed().as_millis() as Millis
    }

    fn instant(&self, at: Millis) -> Instant {
        self.began + Duration::from_millis(at)
    }

    /// Waits until a check has a result, for up to `patience`. Returns the error of the last check.
    pub(crate) async fn wait<T>(
        &self,
        patience: Duration,
        mut check: impl FnMut(&mut State) -> Result<T, String>,
    ) -> Result<T, String> {
        let mut changed = self.subscribe();
        let deadline = Instant::now() + patience;
        loop {
            changed.borrow_and_update();
            let problem = {
                let mut state = self.state();
                match check(&mut state) {
                    Ok(result) => return Ok(result),
                    Err(problem) => match &state.failure {
                        Some(failure) => return Err(format!("{problem}\n\n{failure}")),
                        None => problem,
                    },
                }
            };
            match tokio::time::timeout_at(deadline, changed.changed()).await {
                Ok(_) if Instant::now() < deadline => {}
                _ => return check(&mut self.state()).map_err(|_| problem),
            }
        }
    }

    /// Returns the sticky views of the page.
    pub(crate) fn sticky(&self) -> StickyViews {
        self.state().page.as_ref().map(lanai_client::Page::sticky).unwrap_or_default()
    }

    /// Shows a document, which takes over sticky views of the page before.
    ///
    /// # Errors
    ///
    /// Returns an error if the document does not match its data.
    pub(crate) fn show(self: &Arc<Self>, status: StatusCode, html: &str, kept: StickyViews) -> Result<(), String> {
        let mut state = self.state();
        state.stop();
        state.pages += 1;
        state.shown = state.path().split('?').next().unwrap_or_default().to_owned();
        let flashes = state.page.as_mut().map(lanai_client::Page::take_flashes).unwrap_or_default();
        state.status = status;
        state.failure = None;
        state.wire = Recorded::default();
        state.page = None;
        let name = format!("{:p}-{}", Arc::as_ptr(self), state.pages);
        let mut page =
            lanai_client::Page::read(html, name).map_err(|error| format!("the page does not come to life: {error}"))?;
        page.keep_sticky(kept).map_err(|error| format!("a sticky view does not come to life: {error}"))?;
        for (level, text) in flashes {
            page.show_flash(&level, &text);
        }
        let path = socket_path(&page);
        let is_live = page.boot().is_some();
        state.page = Some(page);
        if is_live {
            let Some(path) = path else {
                return Err(
                    "the page has a live part, but not the script of the client: its layout leaves out `document.head`"
                        .into(),
                );
            };
            state.driver = Some(tokio::spawn(drive(Arc::downgrade(self), path)).abort_handle());
        }
        drop(state);
        self.touch();
        Ok(())
    }
}

impl State {
    /// Ends the connection of the page, if it has one.
    pub(crate) fn stop(&mut self) {
        if let Some(driver) = self.driver.take() {
            driver.abort();
        }
    }

    /// Returns the URL that the tab shows.
    pub(crate) fn path(&self) -> &str {
        self.history.get(self.at).map_or("about:blank", String::as_str)
    }

    /// Enters an address into the history: as a new entry, or in place of the current one.
    pub(crate) fn enter(&mut self, address: String, is_new: bool) {
        if is_new || self.history.is_empty() {
            let kept = if self.history.is_empty() { 0 } else { self.at + 1 };
            self.history.truncate(kept);
            self.history.push(address);
            self.at = kept;
        } else {
            self.history[self.at] = address;
        }
    }

    /// Returns what the page shows, for an error.
    pub(crate) fn shown(&self, within: Option<lanai_client::Id>) -> String {
        let Some(page) = &self.page else { return "the tab has no page".into() };
        let outline = aria::outline(page.dom(), within.unwrap_or(page.document()), page.focus());
        let lines: Vec<&str> = outline.lines().collect();
        let mut out = match within {
            Some(part) => format!("the {} at {} shows:", aria::described(page.dom(), part), self.path()),
            None => format!("the page at {} shows:", self.path()),
        };
        for line in lines.iter().take(SHOWN) {
            out.push_str(&format!("\n  {line}"));
        }
        if lines.is_empty() {
            out.push_str("\n  (nothing)");
        }
        if lines.len() > SHOWN {
            out.push_str(&format!("\n  … and {} lines more", lines.len() - SHOWN));
        }
        match page.connection() {
            Connection::None if self.status.is_success() => out.push_str("\n\nit is not a live page"),
            Connection::None => out.push_str(&format!("\n\nits status is {}", self.status)),
            Connection::Open => {}
            Connection::Connecting => out.push_str("\n\nit is not connected yet"),
            Connection::Lost => out.push_str("\n\nits connection is lost"),
            Connection::Closed => out.push_str("\n\nits view has ended"),
        }
        out
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        self.state.get_mut().unwrap_or_else(PoisonError::into_inner).stop();
    }
}

/// Returns the URL of the socket, which is next to the client's script.
fn socket_path(page: &lanai_client::Page) -> Option<String> {
    let dom = page.dom();
    let sources = dom.named(page.document(), "script").filter_map(|id| dom.attribute(id, "src"));
    let mut clients =
        sources.filter(|source| source.rsplit('/').next().is_some_and(|file| file.starts_with("client-")));
    let (directory, _) = clients.next()?.rsplit_once('/')?;
    Some(format!("{directory}/socket"))
}

/// The next step of a page that is not connected.
enum Next {
    Connect,
    MountAgain,
}

/// The result of one look at the page.
struct Look {
    is_up: bool,
    latency: Duration,
    output: Vec<String>,
    timer: Option<Instant>,
    person: Person,
}

/// Messages in flight, each with its time of arrival.
type Delayed = VecDeque<(Instant, String)>;

/// Keeps a page connected: transfers messages in both directions, lets its time pass, and finds the server again.
async fn drive(tab: Weak<Tab>, path: String) {
    let Some((mut changed, mut stops)) =
        tab.upgrade().map(|tab| (tab.changed.subscribe(), tab.person.app().network.stops()))
    else {
        return;
    };
    let mut socket: Option<Socket> = None;
    let (mut outgoing, mut incoming) = (Delayed::new(), Delayed::new());
    let (mut attempts, mut retry, mut next) = (0_u32, Instant::now(), Next::Connect);
    let mut heard = Instant::now();
    let mut is_asked = false;
    loop {
        changed.borrow_and_update();
        let Some(look) = look(&tab, socket.is_some()) else { return };
        let now = Instant::now();
        outgoing.extend(look.output.into_iter().map(|text| (now + look.latency, text)));
        if !look.is_up && socket.take().is_some() {
            lose(&tab, &mut outgoing, &mut incoming);
        }
        // Connects, or mounts again, when it is time.
        if socket.is_none() && look.is_up && retry <= now {
            let reached = match next {
                Next::Connect => match look.person.socket(&path).await {
                    Ok(new) => {
                        stops.borrow_and_update();
                        (heard, is_asked) = (Instant::now(), false);
                        socket = Some(new);
                        with(&tab, |tab, state| {
                            if let Some(page) = &mut state.page {
                                page.opened();
                            }
                            tab.touch();
                        });
                        true
                    }
                    Err(_) => false,
                },
                Next::MountAgain => match mount_again(&tab, &look.person).await {
                    Some(true) => {
                        (next, retry) = (Next::Connect, Instant::now());
                        continue;
                    }
                    Some(false) => return,
                    None => false,
                },
            };
            if !reached {
                lose(&tab, &mut outgoing, &mut incoming);
                retry = Instant::now() + backoff(&mut attempts);
            }
            continue;
        }
        // Delivers the messages that are due.
        if let Some(open) = &mut socket {
            while outgoing.front().is_some_and(|(at, _)| *at <= now) {
                if let Some((_, text)) = outgoing.pop_front() {
                    with(&tab, |_, state| state.wire.sent.push(text.clone()));
                    open.send(text).await;
                }
            }
            if now >= heard + HEARTBEAT && !is_asked {
                open.send("[]".into()).await;
                is_asked = true;
            }
        }
        let mut verdict = Verdict::Goes;
        while verdict == Verdict::Goes && incoming.front().is_some_and(|(at, _)| *at <= now) {
            if let Some((_, text)) = incoming.pop_front() {
                let Some(Ok(new)) = with(&tab, |tab, state| receive(tab, state, &text)) else { return };
                verdict = new;
                let is_open = with(&tab, |_, state| {
                    state.page.as_ref().is_some_and(|page| page.connection() == Connection::Open)
                });
                if is_open == Some(true) {
                    attempts = 0;
                }
            }
        }
        match verdict {
            Verdict::Goes => {}
            // All servers of a test have the same client, so mounting again and reloading have the same result.
            Verdict::MountAgain | Verdict::LoadAgain => {
                socket = None;
                lose(&tab, &mut outgoing, &mut incoming);
                (next, retry) = (Next::MountAgain, Instant::now());
                continue;
            }
            Verdict::Ended => {
                // The acknowledgment of the last frame leaves first.
                if let Some(mut open) = socket.take() {
                    for text in
                        with(&tab, |_, state| state.page.as_mut().map(|page| page.take_output()).unwrap_or_default())
                            .unwrap_or_default()
                    {
                        open.send(text).await;
                    }
                    open.close().await;
                }
                return;
            }
        }
        send_files(&tab, &path);
        // The result must be sent at once.
        if with(&tab, |tab, state| has_more(tab, state)) != Some(false) {
            continue;
        }
        let due = [
            look.timer,
            outgoing.front().map(|(at, _)| *at),
            incoming.front().map(|(at, _)| *at),
            (socket.is_none() && look.is_up).then_some(retry),
            socket.is_some().then_some(if is_asked { heard + HEARTBEAT + ANSWER } else { heard + HEARTBEAT }),
        ];
        let due = due.into_iter().flatten().min();
        let sleep = async {
            match due {
                Some(due) => tokio::time::sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        let is_open = socket.is_some();
        let receive = async {
            match &mut socket {
                Some(socket) => socket.receive().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            _ = stops.changed(), if is_open => {}
            arrived = receive => match arrived {
                Incoming::Text(text) => {
                    (heard, is_asked) = (Instant::now(), false);
                    incoming.push_back((heard + look.latency, text));
                    continue;
                }
                Incoming::Closed(code, reason) => {
                    with(&tab, |tab, state| {
                        if code == 1008 {
                            state.failure = Some(format!("the server has closed the connection: {reason} (1008)"));
                        }
                        state.wire.closed = Some((code, reason));
                        tab.touch();
                    });
                    if code == 1008 {
                        return;
                    }
                }
                Incoming::Lost => {}
            },
            alive = changed.changed() => match alive {
                Ok(()) => continue,
                Err(_) => return,
            },
            () = sleep => {
                if !(is_asked && Instant::now() >= heard + HEARTBEAT + ANSWER) {
                    continue;
                }
            }
        }
        // The connection is lost here.
        socket = None;
        lose(&tab, &mut outgoing, &mut incoming);
        retry = Instant::now() + backoff(&mut attempts);
    }
}

/// Starts to send the files that the views have asked for. `socket` is the path of the socket, next to which their
/// URLs are.
fn send_files(tab: &Weak<Tab>, socket: &str) {
    let asked = with(tab, |_, state| state.page.as_mut().map(lanai_client::Page::take_transfers).unwrap_or_default());
    for transfer in asked.unwrap_or_default() {
        if let Some(to) = transfer.to.as_str() {
            let path = format!("{}{to}", socket.trim_end_matches("socket"));
            tokio::spawn(send_file(tab.clone(), transfer, path));
        }
    }
}

/// Sends a file, whatever happens to the connection, as long as the view wants it.
async fn send_file(tab: Weak<Tab>, transfer: Transfer, path: String) {
    let Some(mut changed) = tab.upgrade().map(|tab| tab.changed.subscribe()) else { return };
    let (mut offset, mut attempts) = (0_usize, 0);
    loop {
        changed.borrow_and_update();
        let Some((person, is_up)) = with(&tab, |tab, state| {
            let wants = state.page.as_ref().is_some_and(|page| page.wants_file(transfer.id));
            wants.then(|| (tab.person.clone(), state.link.is_up))
        })
        .flatten() else {
            return;
        };
        if !is_up {
            if changed.changed().await.is_err() {
                return;
            }
            continue;
        }
        let bytes = transfer.content.get(offset..).unwrap_or_default().to_vec();
        match person.patch(&path, offset, bytes).await {
            Ok(response) if response.status == StatusCode::GONE => return,
            Ok(response) => {
                let received =
                    response.headers.get("upload-offset").and_then(|value| value.to_str().ok()?.parse().ok());
                match received {
                    Some(received) if received == transfer.content.len() => return,
                    Some(received) => offset = received,
                    None => tokio::time::sleep(backoff(&mut attempts)).await,
                }
            }
            Err(_) => tokio::time::sleep(backoff(&mut attempts)).await,
        }
    }
}

/// Returns the next wait, in the middle of the range from which a browser chooses at random.
fn backoff(attempts: &mut u32) -> Duration {
    let (first, last) = BACKOFF;
    let wait = first * 2_u32.pow((*attempts).min(10));
    *attempts += 1;
    wait.min(last) / 2
}

fn with<R>(tab: &Weak<Tab>, action: impl FnOnce(&Tab, &mut State) -> R) -> Option<R> {
    let tab = tab.upgrade()?;
    let mut state = tab.state();
    Some(action(&tab, &mut state))
}

/// Lets the page's time pass, and returns what it sends, or `None` if the page is gone.
fn look(tab: &Weak<Tab>, is_open: bool) -> Option<Look> {
    let tab = tab.upgrade()?;
    let mut state = tab.state();
    let now = tab.now();
    let Link { is_up, latency } = state.link;
    let page = state.page.as_mut()?;
    if page.next_timer().is_some_and(|at| at <= now) {
        page.tick(now);
        tab.touch();
    }
    let mut output = if is_open { page.take_output() } else { Vec::new() };
    let timer = page.next_timer().map(|at| tab.instant(at));
    if is_open {
        output.extend(state.wire.forged.drain(..));
    }
    Some(Look { is_up, latency, output, timer, person: tab.person.clone() })
}

fn has_more(tab: &Tab, state: &State) -> bool {
    let is_due = |page: &lanai_client::Page| page.next_timer().is_some_and(|at| at <= tab.now());
    state.page.as_ref().is_some_and(|page| page.has_output() && page.connection() == Connection::Open || is_due(page))
}

fn receive(tab: &Tab, state: &mut State, text: &str) -> Result<Verdict, ()> {
    state.wire.received.push(text.to_owned());
    let now = tab.now();
    let Some(page) = &mut state.page else { return Err(()) };
    let verdict = page.receive(now, text);
    tab.touch();
    verdict.map_err(|error| {
        state.failure = Some(format!("the page cannot follow what the server says: {error}\n\nthe message: {text}"))
    })
}

/// Handles a lost connection, with which the messages in flight are lost.
fn lose(tab: &Weak<Tab>, outgoing: &mut Delayed, incoming: &mut Delayed) {
    outgoing.clear();
    incoming.clear();
    with(tab, |tab, state| {
        if let Some(page) = &mut state.page {
            page.lost(tab.now());
        }
        tab.touch();
    });
}

/// Mounts the page again. Returns `None` if the server does not answer, and false if this task is no longer needed.
async fn mount_again(tab: &Weak<Tab>, person: &Person) -> Option<bool> {
    let here = with(tab, |_, state| state.path().to_owned())?;
    let mut path = here.clone();
    let mut redirects = REDIRECTS;
    let answer = loop {
        let more = [(HeaderName::from_static("lanai"), "remount")];
        let answer = person.request(Method::GET, &path, None, &more).await.ok()?;
        let location = answer.headers.get("location").and_then(|location| location.to_str().ok());
        match location.filter(|_| answer.status.is_redirection() && redirects > 0) {
            Some(location) => path = resolve(&person.app().host, location, &path).ok()?,
            None => break answer,
        }
        redirects -= 1;
    };
    let tab = tab.upgrade()?;
    let replaced = {
        let now = tab.now();
        let mut state = tab.state();
        // A redirect to another page is followed as a document.
        let is_here = path == here;
        if !is_here {
            state.enter(path, false);
        }
        state.page.as_mut().map(|page| if is_here { page.replace(now, &answer.body) } else { Ok(false) })
    };
    tab.touch();
    match replaced {
        Some(Ok(true)) => Some(true),
        Some(Ok(false)) if answer.status.is_server_error() => None,
        Some(Ok(false)) => {
            // Another page, which is loaded as a whole. (That ends this task.)
            if let Err(problem) = tab.show(answer.status, &answer.body, StickyViews::default()) {
                tab.state().failure = Some(problem);
            }
            Some(false)
        }
        Some(Err(error)) => {
            tab.state().failure = Some(format!("the page does not come to life again: {error}"));
            Some(false)
        }
        None => Some(false),
    }
}
