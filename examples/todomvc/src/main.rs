//! Serves only this example: `cargo run -p todomvc`.

#[tokio::main]
async fn main() -> lanai::Result {
    theme::serve(todomvc::routes()).await
}
