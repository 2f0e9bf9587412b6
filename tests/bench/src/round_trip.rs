//! Round trips of clicks.

use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use crate::Result;
use crate::client::{Http, Page, Socket};
use crate::machine;
use crate::samples::Samples;
use crate::server::Server;
use crate::table::Table;

/// Batches of round trips of one session, in turns. They are short because the system sometimes moves threads between
/// cores.
const BATCHES: usize = 200;
const TRIPS: u32 = 100;
/// The number of sessions that click at the same time, and the rounds of each side, in turns.
const SESSIONS: usize = 64;
const ROUNDS: usize = 9;
const ROUND: Duration = Duration::from_millis(500);

/// The handler of `+1`.
const UP: u32 = 1;

/// A client: a page that is clicked, or a socket whose messages are echoed.
enum Session {
    Page(Page),
    /// The message to send. The answer has another size.
    Echo(Socket, Vec<u8>),
}

impl Session {
    async fn trip(&mut self) -> std::io::Result<()> {
        match self {
            Session::Page(page) => {
                page.event(UP, "").await?;
                page.frame().await?;
            }
            Session::Echo(socket, message) => {
                socket.send(message).await?;
                socket.receive().await?;
            }
        }
        Ok(())
    }
}

/// Measures one session, and then 64.
pub(crate) fn table() -> Result<Table> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (lanai, bare) = (Server::lanai()?, Server::bare()?);
    let mut table = Table::default();

    let (mut page, up, down) = runtime.block_on(counted_page(&lanai))?;
    let mut echo = runtime.block_on(echo(&bare, up, down))?;
    let cores = machine::cores();
    let load = std::process::id();
    let last = *cores.last().ok_or("no core is allowed")?;
    for (pinned, load_core) in [("on one core", cores[0]), ("on two cores", last)] {
        if pinned == "on two cores" && cores.len() < 2 {
            continue;
        }
        machine::keep_on(&[load_core], load)?;
        machine::keep_on(&cores[..1], lanai.id())?;
        machine::keep_on(&cores[..1], bare.id())?;
        let (mut ours, mut theirs) = (Samples::default(), Samples::default());
        runtime.block_on(trip_time(&mut page))?;
        runtime.block_on(trip_time(&mut echo))?;
        for _ in 0..BATCHES {
            theirs.push(runtime.block_on(trip_time(&mut echo))?);
            ours.push(runtime.block_on(trip_time(&mut page))?);
        }
        let ratio = ours.median() / theirs.median();
        table
            .row(format!("click round trip, one session, {pinned}"), ours.show(" us"))
            .compared(format!("echo {}", theirs.show(" us")))
            .ratio(ratio)
            .at_most(ratio, 1.25, " x");
    }
    for process in [load, lanai.id(), bare.id()] {
        machine::keep_on(&cores, process)?;
    }
    drop((page, echo));

    let (mut pages, mut echoes) = (Vec::new(), Vec::new());
    for _ in 0..SESSIONS {
        pages.push(runtime.block_on(counted_page(&lanai))?.0);
        echoes.push(runtime.block_on(self::echo(&bare, up, down))?);
    }
    let mut rates = [Samples::default(), Samples::default()];
    let mut costs = [Samples::default(), Samples::default()];
    for _ in 0..ROUNDS {
        for (side, (sessions, server)) in [(&mut pages, &lanai), (&mut echoes, &bare)].into_iter().enumerate() {
            let (trips, seconds, processor) = crowd(&runtime, sessions, server)?;
            rates[side].push(trips / seconds);
            costs[side].push(processor * 1e6 / trips);
        }
    }
    table
        .row(format!("clicks/s of {SESSIONS} sessions"), rates[0].show("/s"))
        .compared(format!("echo {}", rates[1].show("/s")))
        .ratio(rates[0].median() / rates[1].median());
    table
        .row("   processor time of the server per click", costs[0].show(" us"))
        .compared(format!("echo {}", costs[1].show(" us")))
        .ratio(costs[0].median() / costs[1].median());
    table.note(format!(
        "median (least to most) of {BATCHES} batches of {TRIPS} clicks in turns, or of {ROUNDS} rounds of {} ms in turns",
        ROUND.as_millis()
    ));
    table.note(
        "one core: server and load share it, so that no other core has to wake up; \
         two cores: the server on one, the load on the other",
    );
    table.note(format!(
        "the echo receives {up} bytes and answers with {down}, as the counter does; each session has one click in flight"
    ));
    Ok(table)
}

/// Opens a counter and clicks it up to three digits. Returns the sizes of a click and its answer then.
async fn counted_page(server: &Server) -> Result<(Session, usize, usize)> {
    let mut page = Page::visit(&mut Http::open(server.address).await?, "/counter").await?;
    let (mut up, mut down) = (0, 0);
    for _ in 0..101 {
        up = page.event(UP, "").await?;
        down = page.frame().await?.len();
    }
    Ok((Session::Page(page), up, down))
}

async fn echo(server: &Server, up: usize, down: usize) -> Result<Session> {
    Ok(Session::Echo(Socket::open(server.address, &format!("/echo/{down}")).await?, vec![b'x'; up]))
}

/// Returns the microseconds per round trip.
async fn trip_time(session: &mut Session) -> Result<f64> {
    let start = Instant::now();
    for _ in 0..TRIPS {
        session.trip().await?;
    }
    Ok(start.elapsed().as_secs_f64() * 1e6 / f64::from(TRIPS))
}

/// Runs a round of all sessions. Returns the number of trips, the seconds, and the server's processor time in seconds.
fn crowd(runtime: &Runtime, sessions: &mut Vec<Session>, server: &Server) -> Result<(f64, f64, f64)> {
    let before = server.processor_time()?;
    let start = Instant::now();
    let until = start + ROUND;
    let trips = runtime.block_on(async {
        let mut tasks = JoinSet::new();
        for mut session in sessions.drain(..) {
            tasks.spawn(async move {
                let mut trips = 0_u32;
                while Instant::now() < until {
                    session.trip().await?;
                    trips += 1;
                }
                Ok::<_, std::io::Error>((session, trips))
            });
        }
        let mut trips = 0;
        while let Some(ended) = tasks.join_next().await {
            let (session, count) = ended??;
            sessions.push(session);
            trips += count;
        }
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(trips)
    })?;
    let seconds = start.elapsed().as_secs_f64();
    Ok((f64::from(trips), seconds, (server.processor_time()? - before).as_secs_f64()))
}
