//! Runs the suite over everything that can carry messages.

use cluster::link::Link;
use cluster::nats::NatsServer;
use cluster::suite;
use lanai_pubsub::Broker;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_one_process() {
    let broker = Broker::new();
    suite::run(&[broker.clone(), broker.clone(), broker]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_nats() {
    let server = NatsServer::start().await;
    let mut nodes = Vec::new();
    for _ in 0..3 {
        let link = Link::to(server.port()).await;
        nodes.push((lanai_nats::connect(&link.url(), "test").await.unwrap(), link));
    }
    let brokers = [0, 1, 2].map(|at| nodes[at].0.clone());
    suite::run(&brokers).await;
    for broker in &brokers {
        assert_eq!((broker.gaps(), broker.refused()), (0, 0));
    }
}
