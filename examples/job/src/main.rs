//! The example alone: `cargo run -p job`.

#[tokio::main]
async fn main() -> lanai::Result {
    look::serve(job::routes()).await
}
