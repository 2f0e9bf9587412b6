//! A request that is cancelled, because its browser is gone, takes nothing along.

use sqlx::migrate::Migrator;

static MIGRATIONS: Migrator = sqlx::migrate!();

#[tokio::test]
async fn a_database_in_memory_survives_cancelled_queries() {
    let pool = accounts::database::open(None, &MIGRATIONS).await.expect("a database in memory");
    for patience in 0..200 {
        let query = async { sqlx::query("select * from people").fetch_all(&pool).await };
        let gone = async {
            for _ in 0..patience % 20 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            found = query => drop(found.expect("the tables")),
            () = gone => {}
        }
    }
    sqlx::query("select * from people").fetch_all(&pool).await.expect("the tables");
}
