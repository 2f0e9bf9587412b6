//! Serves only this example: `cargo run -p ledger`.

#[tokio::main]
async fn main() -> lanai::Result {
    theme::serve(ledger::routes()).await
}
