//! Three processes of a program are replaced one by one by those of its next version, while all publish: which messages
//! each receives of the others, and where the refusals are logged.

use cluster::deploy::{Deployed, Order, Said, Shape, is_new_variant};
use cluster::nats::NatsServer;
use cluster::until;

const PROGRAM: &str = env!("CARGO_BIN_EXE_cluster-deploy");

/// Processes of the new version have numbers from here on.
const NEW: u32 = 10;

/// The result of a deployment: what the processes of the old and the new version have reported.
struct Deployment {
    old: Vec<Said>,
    new: Vec<Said>,
    /// How many orders each process has published, by its number.
    published: Vec<(u32, u32)>,
}

/// Replaces one process after the other.
async fn deploy(old: Shape, new: Shape) -> Deployment {
    let server = NatsServer::start().await;
    let mut running = Vec::new();
    for number in 0..3 {
        running.push(Deployed::start(PROGRAM, old, number, &server.url()).await);
    }
    let mut deployment = Deployment { old: Vec::new(), new: Vec::new(), published: Vec::new() };
    for number in 0..3 {
        let mut stopping = running.remove(0);
        stopping.finish().await;
        deployment.published.push((stopping.number, stopping.said().stored));
        running.push(Deployed::start(PROGRAM, new, NEW + number, &server.url()).await);
        for process in &running {
            process.publishes(30).await;
        }
        // It continues to listen beside one of the new version.
        until("new orders are heard or refused", async || {
            let said = stopping.said();
            said.refused >= 5 || said.heard.iter().filter(|order| order.from >= NEW).count() >= 20
        })
        .await;
        deployment.old.push(stopping.kill().await);
    }
    for process in &mut running {
        process.finish().await;
        deployment.published.push((process.number, process.said().stored));
    }
    // Everything is in the stream, and each process has read as much as the one that was last to listen.
    let last = running.last().expect("there are three").number;
    let published = deployment.published.iter().find(|(number, _)| *number == last).map_or(0, |(_, count)| *count);
    for process in &running {
        until("the last order is heard", async || {
            process.said().heard.contains(&Order { from: last, number: published - 1 })
        })
        .await;
    }
    for process in running {
        deployment.new.push(process.kill().await);
    }
    deployment
}

impl Deployment {
    /// What all of these processes received from those with such numbers, in order: each kind of order once, and
    /// contiguous from the first one on.
    #[track_caller]
    fn heard(&self, by: &[Said], is_from: impl Fn(u32) -> bool, reads: impl Fn(u32) -> bool) -> usize {
        let mut all = 0;
        for said in by {
            for (from, _) in self.published.iter().filter(|(from, _)| is_from(*from)) {
                let heard: Vec<u32> =
                    said.heard.iter().filter(|order| order.from == *from).map(|order| order.number).collect();
                let Some((first, last)) = heard.first().zip(heard.last()) else { continue };
                assert!(
                    (*first..=*last).filter(|number| reads(*number)).eq(heard.iter().copied()),
                    "of {from}: {heard:?}"
                );
                all += heard.len();
            }
        }
        all
    }

    /// Which version reads which: the new one old orders, and the old one new orders.
    #[track_caller]
    fn check(&self, new_reads_old: bool, old_reads_new: bool) {
        let (is_old, is_new, all) = (|from| from < NEW, |from| from >= NEW, |_| true);
        assert!(self.heard(&self.old, is_old, all) > 0 && self.heard(&self.new, is_new, all) > 0);
        assert_eq!(self.heard(&self.new, is_old, all) > 0, new_reads_old);
        assert_eq!(self.heard(&self.old, is_new, all) > 0, old_reads_new);
        let refused = |by: &[Said]| by.iter().map(|said| said.refused).sum::<u64>();
        assert_eq!(refused(&self.new) == 0, new_reads_old);
        assert_eq!(refused(&self.old) == 0, old_reads_new);
    }

    /// Checks that the log of each process that refused something says why.
    #[track_caller]
    fn is_logged(&self, by: &[Said], why: &str) {
        for said in by.iter().filter(|said| said.refused > 0) {
            assert!(said.log.iter().any(|line| line.contains(why)), "{why} is not in {:?}", said.log.first());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_field_that_is_added_with_a_default_is_refused_by_nobody() {
    deploy(Shape::Plain, Shape::AddedWithDefault).await.check(true, true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_field_that_is_added_without_a_default_makes_new_processes_refuse_old_messages() {
    let deployment = deploy(Shape::Plain, Shape::Added).await;
    deployment.check(false, true);
    deployment.is_logged(&deployment.new, "missing field `urgent`");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_field_that_is_removed_makes_old_processes_refuse_new_messages() {
    let deployment = deploy(Shape::Plain, Shape::Removed).await;
    deployment.check(true, false);
    deployment.is_logged(&deployment.old, "missing field `text`");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_field_that_once_had_a_default_can_be_removed() {
    deploy(Shape::AddedWithDefault, Shape::Plain).await.check(true, true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_field_that_is_renamed_makes_both_refuse_the_other() {
    let deployment = deploy(Shape::Plain, Shape::Renamed).await;
    deployment.check(false, false);
    deployment.is_logged(&deployment.old, "missing field `text`");
    deployment.is_logged(&deployment.new, "missing field `note`");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alias_for_the_old_name_lets_new_processes_read_old_messages_and_no_more() {
    deploy(Shape::Plain, Shape::RenamedWithAlias).await.check(true, false);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_variant_that_is_added_makes_old_processes_refuse_the_messages_that_have_it() {
    let deployment = deploy(Shape::Plain, Shape::MoreVariants).await;
    let heard = deployment.heard(&deployment.old, |from| from >= NEW, |number| !is_new_variant(number));
    assert!(heard > 0);
    assert!(deployment.old.iter().all(|said| said.refused > 0));
    deployment.is_logged(&deployment.old, "unknown variant `Shipped`");
    deployment.heard(&deployment.new, |_| true, |_| true);
    assert!(deployment.new.iter().all(|said| said.refused == 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_variant_for_those_that_are_unknown_lets_old_processes_read_them() {
    deploy(Shape::OpenVariants, Shape::MoreVariants).await.check(true, true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_type_that_is_moved_to_another_module_makes_both_refuse_the_other() {
    let deployment = deploy(Shape::Plain, Shape::Moved).await;
    deployment.check(false, false);
    deployment.is_logged(
        &deployment.old,
        "it is a `cluster::deploy::moved::Order`, but the subscribers here take `cluster::deploy::Order`",
    );
}
