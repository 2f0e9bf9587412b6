//! The examples of replicated state on several nodes, which are restarted or killed.

use std::time::Duration;

use cluster::nats::NatsServer;
use cluster::until;
use lanai_test::{Page, TestApp, app, css, role};
use tokio::sync::oneshot;

async fn node(servers: &str) -> TestApp {
    let broker = lanai_nats::connect(servers, "test").await.expect("the server is there");
    let program = theme::app().broker(broker).merge(board::routes()).merge(job::routes());
    app(program).patience(Duration::from_secs(60))
}

/// Returns the cards of a column, from top to bottom.
fn cards(page: &Page, column: &str) -> Vec<String> {
    page.within(role("region").named(column)).texts(css("summary"))
}

/// A rolling restart loses nothing, and all nodes show the same.
#[tokio::test]
async fn the_board_survives_a_rolling_restart_of_three_nodes() -> lanai_test::Result {
    let server = NatsServer::start().await;
    let mut nodes = Vec::new();
    for _ in 0..3 {
        nodes.push(node(&server.url()).await);
    }
    let mut expected = vec!["Read the guide".to_owned()];
    for restarted in 0..3 {
        // A node that stays adds a card while another one is away.
        drop(nodes.remove(0));
        let page = nodes[0].visit("/board").await?;
        page.sees("Read the guide").await?;
        expected.push(format!("Restart node {restarted}"));
        page.type_text("Add a card to Done", &format!("Restart node {restarted}\n")).await?;
        page.sees(&*format!("Restart node {restarted}")).await?;
        let again = node(&server.url()).await;
        let page = again.visit("/board").await?;
        page.sees(&*format!("Restart node {restarted}")).await?;
        assert_eq!(cards(&page, "Done"), expected, "the restarted node has lost something");
        nodes.push(again);
    }
    for node in &nodes {
        let page = node.visit("/board").await?;
        until("all nodes show the same", async || cards(&page, "Done") == expected).await;
    }
    Ok(())
}

/// A node is killed while it counts. Another one goes on where it was, and each number is counted once.
#[tokio::test]
async fn a_job_goes_on_when_its_node_is_killed() -> lanai_test::Result {
    let server = NatsServer::start().await;
    let doomed = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (counts, has_counted) = oneshot::channel();
    let url = server.url();
    doomed.spawn(async move {
        let node = node(&url).await;
        let page = node.visit("/jobs").await.expect("the page is there");
        page.click("Below 1,000,000").await.expect("there is a button");
        page.until("some steps are done", |page| percent(page) > 2).await.expect("it counts");
        let _ = counts.send(());
        std::future::pending::<()>().await;
    });
    has_counted.await.expect("the first node counts");
    let other = node(&server.url()).await;
    let page = other.visit("/jobs").await?;
    page.sees("found so far").await?;
    // Everything that runs on that node ends at once.
    doomed.shutdown_background();
    page.sees("found so far").await?;
    page.within(role("article").named("Job 1")).sees("Done: there are 78,498.").await
}

/// How far the only job is.
fn percent(page: &Page) -> u32 {
    let shown = page.texts(css(".percent"));
    shown.first().and_then(|text| text.split(' ').next()?.parse().ok()).unwrap_or(0)
}
