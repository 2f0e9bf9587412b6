//! Chat lines to many pages: each page has its own private view, or all share one view.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::Result;
use crate::client::{Http, Page, Socket};
use crate::machine;
use crate::samples::Samples;
use crate::server::Server;
use crate::table::{Table, number};
use crate::views::MARK;

/// What the pages show.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Private,
    Shared,
    /// A shared view of one text that grows.
    Answer,
}

const VIEWERS: [usize; 3] = [100, 1_000, 5_000];
/// The rounds of each side, in turns, and the approximate number of deliveries in a round.
const ROUNDS: usize = 5;
const DELIVERIES: usize = 40_000;
/// The number of lines in flight: the speaker waits until all viewers have received the line that many lines ago.
const WINDOWS: [(u64, &str); 2] = [(1, "one line at a time"), (16, "16 lines in flight")];
/// After this time, a missing line is an error.
const TIMEOUT: Duration = Duration::from_secs(20);

/// One side: its listeners and its speaker.
struct Side {
    server: Server,
    heard: Arc<Heard>,
    listeners: JoinSet<io::Result<()>>,
    speaker: Speaker,
    viewers: u64,
    /// The number of lines that were sent so far.
    said: u64,
    /// The memory of the server without viewers, in KiB.
    empty: f64,
}

/// The number of lines that all listeners together have received.
#[derive(Default)]
struct Heard {
    count: AtomicU64,
    /// The count that the speaker waits for.
    awaited: AtomicU64,
    reached: Notify,
}

enum Speaker {
    Page(Page),
    /// A line as large as one of Lanai's frames.
    Bare(Socket, Vec<u8>),
}

/// Measures pages with a private view each.
pub(crate) fn table() -> Result<Table> {
    measure(Kind::Private, &VIEWERS, 0.5)
}

/// Measures pages that share one view.
pub(crate) fn shared() -> Result<Table> {
    measure(Kind::Shared, &VIEWERS[1..], 0.8)
}

/// Adds the readers of one long answer.
pub(crate) fn answer(table: &mut Table) -> Result {
    add(table, Kind::Answer, &[1, 1_000], 0.5)
}

fn measure(kind: Kind, sizes: &[usize], target: f64) -> Result<Table> {
    let mut table = Table::default();
    add(&mut table, kind, sizes, target)?;
    Ok(table)
}

fn add(table: &mut Table, kind: Kind, sizes: &[usize], target: f64) -> Result {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    for &wanted in sizes {
        let viewers = wanted.min(machine::open_files() as usize / 2 - 100);
        if viewers < wanted {
            table.note(format!("only {viewers} viewers: `ulimit -n` allows {} open files", machine::open_files()));
        }
        let frame = runtime.block_on(frame_size(kind))?;
        let mut sides = [runtime.block_on(Side::lanai(kind, viewers))?, runtime.block_on(Side::bare(viewers, frame))?];
        for (window, how) in WINDOWS {
            let mut rates = [Samples::default(), Samples::default()];
            let mut walls = [Samples::default(), Samples::default()];
            for _ in 0..ROUNDS {
                for (index, side) in sides.iter_mut().enumerate() {
                    let (deliveries, seconds, processor) = side.round(&runtime, window)?;
                    rates[index].push(deliveries / processor / 1e3);
                    walls[index].push(deliveries / seconds / 1e3);
                }
            }
            let ratio = rates[0].median() / rates[1].median();
            let row = table
                .row(format!("{} {}, {how}", number(viewers as f64), kind.viewers(viewers)), rates[0].show(" k/s/core"))
                .compared(format!("bare {}", rates[1].show(" k/s/core")))
                .ratio(ratio);
            // The speaker, too, is a page, which dominates when nobody else is.
            if viewers > 1 {
                row.at_least(ratio, target);
            }
            table
                .row("   by wall-clock time, with the load on the same cores", walls[0].show(" k/s"))
                .compared(format!("bare {}", walls[1].show(" k/s")))
                .ratio(walls[0].median() / walls[1].median());
        }
        let [mut lanai, bare] = sides;
        if kind == Kind::Shared {
            let (said, renders) = (lanai.said, lanai.server.renders()?);
            runtime.block_on(async {
                for _ in 0..100 {
                    lanai.speaker.say().await?;
                    lanai.said += 1;
                    lanai.wait_for(lanai.said).await?;
                }
                Ok::<_, crate::Error>(())
            })?;
            // The speaker's page is rendered for each line, too.
            let each = (lanai.server.renders()? - renders) as f64 / (lanai.said - said) as f64 - 1.0;
            table.row("   renderings per line", number(each)).at_most(each, 1.0, "");
            let memory = (lanai.server.memory()? - lanai.empty) / viewers as f64;
            let bare_memory = (bare.server.memory()? - bare.empty) / viewers as f64;
            table
                .row("   memory per viewer, including its private view", format!("{memory:.1} KiB"))
                .compared(format!("bare {bare_memory:.1} KiB"))
                .ratio(memory / bare_memory);
        }
        for side in [lanai, bare] {
            runtime.block_on(side.end());
        }
    }
    table.note(format!(
        "thousands of deliveries; median (least to most) of {ROUNDS} rounds in turns of {} deliveries",
        number(DELIVERIES as f64)
    ));
    table.note("per core: by the processor time of the server's process, including its share of the kernel's work");
    table.note(match kind {
        Kind::Private => {
            "each viewer is a private view that shows 20 to 40 lines: handler, render and diff for each; \
             several lines may share a frame"
        }
        Kind::Shared => {
            "each viewer has a private view around one shared view, which shows 20 to 40 lines; \
             several lines may share a frame"
        }
        Kind::Answer => {
            "each reader has a private view around one shared answer of more than 10,000 tokens; \
             several tokens may share a frame"
        }
    });
    Ok(())
}

/// Returns the size of a frame with one line.
async fn frame_size(kind: Kind) -> Result<usize> {
    let server = Server::lanai()?;
    let mut http = Http::open(server.address).await?;
    let (mut listener, mut speaker) = (kind.visit(&mut http).await?, Page::visit(&mut http, "/say").await?);
    let mut size = 0;
    // The first frame defines the template of a line.
    for _ in 0..20 {
        speaker.event(0, &line()).await?;
        size = listener.frame().await?.len();
    }
    Ok(size)
}

/// Returns a line as the payload of an event.
fn line() -> String {
    format!("\"Say something nice{}\"", MARK as char)
}

impl Kind {
    async fn visit(self, http: &mut Http) -> io::Result<Page> {
        match self {
            Kind::Private => Page::visit(http, "/listen").await,
            Kind::Shared => Page::visit_inside(http, "/shared").await,
            Kind::Answer => Page::visit_inside(http, "/answer").await,
        }
    }

    fn viewers(self, count: usize) -> &'static str {
        match (self, count) {
            (Kind::Answer, 1) => "reader of an answer",
            (Kind::Answer, _) => "readers of an answer",
            _ => "viewers",
        }
    }
}

impl Side {
    async fn lanai(kind: Kind, viewers: usize) -> Result<Self> {
        let server = Server::lanai()?;
        let empty = server.memory()?;
        let heard = Arc::<Heard>::default();
        let mut listeners = JoinSet::new();
        let mut http = Http::open(server.address).await?;
        for _ in 0..viewers {
            let mut page = kind.visit(&mut http).await?;
            let heard = heard.clone();
            listeners.spawn(async move {
                loop {
                    heard.lines(page.frame().await?);
                }
            });
        }
        let speaker = Speaker::Page(Page::visit(&mut http, "/say").await?);
        Ok(Self { server, heard, listeners, speaker, viewers: viewers as u64, said: 0, empty })
    }

    async fn bare(viewers: usize, frame: usize) -> Result<Self> {
        let mut server = Server::bare()?;
        let empty = server.memory()?;
        let heard = Arc::<Heard>::default();
        let mut listeners = JoinSet::new();
        for _ in 0..viewers {
            let mut socket = Socket::open(server.address, "/listen").await?;
            let heard = heard.clone();
            listeners.spawn(async move {
                loop {
                    heard.lines(socket.receive().await?);
                }
            });
        }
        server.until(viewers)?;
        let mut line = vec![b'x'; frame - 1];
        line.push(MARK);
        let speaker = Speaker::Bare(Socket::open(server.address, "/say").await?, line);
        Ok(Self { server, heard, listeners, speaker, viewers: viewers as u64, said: 0, empty })
    }

    /// Returns the number of deliveries, the seconds, and the server's processor time in seconds.
    fn round(&mut self, runtime: &Runtime, window: u64) -> Result<(f64, f64, f64)> {
        let lines = (DELIVERIES as u64 / self.viewers).max(8);
        let before = self.server.processor_time()?;
        let start = Instant::now();
        runtime.block_on(async {
            for _ in 0..lines {
                self.wait_for((self.said + 1).saturating_sub(window)).await?;
                self.speaker.say().await?;
                self.said += 1;
            }
            self.wait_for(self.said).await
        })?;
        let seconds = start.elapsed().as_secs_f64();
        let processor = (self.server.processor_time()? - before).as_secs_f64();
        Ok(((lines * self.viewers) as f64, seconds, processor))
    }

    /// Waits until all viewers together have received `lines` lines per viewer.
    async fn wait_for(&mut self, lines: u64) -> Result {
        let heard = &self.heard;
        let all = lines * self.viewers;
        heard.awaited.store(all, Ordering::Relaxed);
        let reached = async {
            while heard.count.load(Ordering::Relaxed) < all {
                heard.reached.notified().await;
            }
        };
        tokio::select! {
            waited = timeout(TIMEOUT, reached) => {
                let count = heard.count.load(Ordering::Relaxed);
                waited.map_err(|_| format!("{count} deliveries instead of {all} after 20 s").into())
            }
            Some(ended) = self.listeners.join_next() => Err(format!("a viewer has ended: {ended:?}").into()),
        }
    }

    async fn end(mut self) {
        self.listeners.shutdown().await;
    }
}

impl Heard {
    /// Counts the lines in a message.
    fn lines(&self, message: &[u8]) {
        let lines = message.iter().filter(|&&byte| byte == MARK).count() as u64;
        let count = self.count.fetch_add(lines, Ordering::Relaxed) + lines;
        if count >= self.awaited.load(Ordering::Relaxed) {
            self.reached.notify_one();
        }
    }
}

impl Speaker {
    async fn say(&mut self) -> io::Result<()> {
        match self {
            Speaker::Page(page) => {
                page.event(0, &line()).await?;
                page.frame().await?;
            }
            Speaker::Bare(socket, line) => {
                socket.send(line).await?;
                socket.receive().await?;
            }
        }
        Ok(())
    }
}
