//! The board, an example of replicated state, on three nodes that are restarted one after another.

use cluster::nats::NatsServer;
use cluster::until;
use lanai_test::{Page, TestApp, app, css, role};

async fn node(servers: &str) -> TestApp {
    let broker = lanai_nats::connect(servers, "test").await.expect("the server is there");
    app(theme::app().broker(broker).merge(board::routes()))
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
