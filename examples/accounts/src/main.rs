//! Serves this example: `cargo run -p accounts`. The database is the file in `ACCOUNTS_DATABASE`, or in memory.

use accounts::Database;

#[tokio::main]
async fn main() -> lanai::Result {
    let file = std::env::var("ACCOUNTS_DATABASE").ok();
    let database = Database::open(file.as_deref()).await?;
    database.add_demo_people().await?;
    theme::serve(accounts::routes(database)).await
}
