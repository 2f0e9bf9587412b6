//! The pond: 200 people who steer fish in four ponds, and a server that has one core.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::Result;
use crate::client::{Http, Page};
use crate::machine;
use crate::samples::Samples;
use crate::server::Server;
use crate::table::{Table, number};

const PONDS: usize = 4;
const PLAYERS: [usize; 3] = [20, 100, 200];
/// How often a pond changes, in ticks a second.
const TICKS: f64 = 20.0;
/// The time between two movements of a pointer.
const STEER: Duration = Duration::from_millis(100);
const ROUNDS: usize = 3;
const ROUND: Duration = Duration::from_secs(4);

/// The handler of the form, in the page, and that of pointers, in the pond.
const JOIN: u32 = 0;
const POINTED: u32 = 0;

/// What all players have received.
#[derive(Default)]
struct Received {
    frames: AtomicU64,
    bytes: AtomicU64,
}

/// Measures ponds with more and more players.
pub(crate) fn table() -> Result<Table> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let mut table = Table::default();
    for players in PLAYERS {
        runtime.block_on(play(players, &mut table))?;
    }
    table.note(format!(
        "{PONDS} ponds; each player steers every {} ms; the server is kept on one core, the load on the others; median (least \
         to most) of {ROUNDS} rounds of {} s",
        STEER.as_millis(),
        ROUND.as_secs()
    ));
    table.note("an update is a frame of the pond that a player has received; it may combine several ticks");
    Ok(table)
}

async fn play(players: usize, table: &mut Table) -> Result {
    let mut server = Server::lanai()?;
    let cores = machine::cores();
    if let [first, others @ ..] = &cores[..]
        && !others.is_empty()
    {
        machine::keep_on(&[*first], server.id())?;
        machine::keep_on(others, std::process::id())?;
    }
    let received = Arc::<Received>::default();
    let mut swimming = JoinSet::new();
    for player in 0..players {
        let pond = format!("/pond/{}", player % PONDS);
        let mut page = Page::visit_inside(&mut Http::open(server.address).await?, &pond).await?;
        page.event_around(JOIN, &format!("\"name=Player+{player}\"")).await?;
        swimming.spawn(swim(page, player as u32, received.clone()));
    }
    // The pages, and the ponds.
    server.until(players + PONDS.min(players))?;
    sleep(Duration::from_secs(1)).await;

    let (mut updates, mut busy, mut size) = (Samples::default(), Samples::default(), Samples::default());
    for _ in 0..ROUNDS {
        let count = || (received.frames.load(Ordering::Relaxed), received.bytes.load(Ordering::Relaxed));
        let (start, used, (frames, bytes)) = (Instant::now(), server.processor_time()?, count());
        tokio::select! {
            () = sleep(ROUND) => {}
            Some(ended) = swimming.join_next() => return Err(format!("a player has left: {ended:?}").into()),
        }
        let seconds = start.elapsed().as_secs_f64();
        let (frames, bytes) = (count().0 - frames, count().1 - bytes);
        updates.push(frames as f64 / seconds / players as f64);
        busy.push((server.processor_time()? - used).as_secs_f64() / seconds * 100.0);
        size.push(bytes as f64 / frames.max(1) as f64);
    }
    swimming.shutdown().await;
    table
        .row(format!("{players} players: updates a second for each"), updates.show(""))
        .compared(format!("{} ticks", number(TICKS)))
        .ratio(updates.median() / TICKS)
        .at_least(updates.median(), 18.0);
    table
        .row(format!("{players} players: processor time of the server"), busy.show(" %"))
        .compared("one core")
        .ratio(busy.median() / 100.0);
    table.row(format!("{players} players: an update"), size.show(" B"));
    Ok(())
}

/// Steers a fish, and counts what the page receives.
async fn swim(mut page: Page, player: u32, received: Arc<Received>) -> std::io::Result<()> {
    let mut random = player.wrapping_mul(2_654_435_761) | 1;
    let mut steer = interval(STEER);
    steer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            frame = page.frame() => {
                received.bytes.fetch_add(frame?.len() as u64, Ordering::Relaxed);
                received.frames.fetch_add(1, Ordering::Relaxed);
            }
            _ = steer.tick() => {
                random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let (x, y) = ((random >> 8) % 800, (random >> 20) % 450);
                page.event(POINTED, &format!("[{x},{y},800]")).await?;
            }
        }
    }
}
