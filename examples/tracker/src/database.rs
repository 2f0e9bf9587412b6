//! The database. What it is asked is in [`people`](crate::people), [`issues`](crate::issues) and [`news`](crate::news).

use std::time::Duration;

use lanai::Result;
use sqlx::SqlitePool;

/// The database. It is cheap to clone.
#[derive(Debug, Clone)]
pub struct Database {
    pub(crate) pool: SqlitePool,
    /// How long a deleted issue can be restored.
    pub(crate) undo: Duration,
}

impl Database {
    /// Opens a file, or a database in memory, and brings its tables up to date.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be opened, or if a migration fails.
    pub async fn open(file: Option<&str>) -> Result<Self> {
        let pool = accounts::database::open(file, &sqlx::migrate!()).await?;
        let database = Self { pool, undo: Duration::from_secs(8) };
        // What was deleted before a restart.
        database.remove_deleted().await?;
        Ok(database)
    }

    /// Sets how long a deleted issue can be restored.
    #[must_use]
    pub fn with_undo(self, undo: Duration) -> Self {
        Self { undo, ..self }
    }
}
