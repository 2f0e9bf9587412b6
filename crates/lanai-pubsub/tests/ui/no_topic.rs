use lanai_pubsub::Broker;

fn main() {
    let _ = Broker::new().publish(7, String::from("hello"));
}
