//! Serves this example: `cargo run -p tracker`. The database is the file in `TRACKER_DATABASE`, or in memory.

use tracker::Database;

#[tokio::main]
async fn main() -> lanai::Result {
    let file = std::env::var("TRACKER_DATABASE").ok();
    let database = Database::open(file.as_deref()).await?;
    tracker::demo::fill(&database).await?;
    theme::serve_app(tracker::app(database)).await
}
