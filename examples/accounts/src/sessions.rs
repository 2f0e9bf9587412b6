//! Sessions in SQLite, so that a restart signs nobody out. They are in the table `sessions`, with their person.

use async_trait::async_trait;
use sqlx::SqlitePool;
use tower_sessions::SessionStore;
use tower_sessions::cookie::time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

/// Where a session keeps the number of its person.
pub const PERSON: &str = "person";

/// The session store.
#[derive(Debug, Clone)]
pub struct SqliteSessions(pub SqlitePool);

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

impl SqliteSessions {
    async fn write(&self, record: &Record, query: &str) -> Result<bool> {
        let person = record.data.get(PERSON).and_then(serde_json::Value::as_i64);
        let text = serde_json::to_string(record).map_err(|error| Error::Encode(error.to_string()))?;
        let written = sqlx::query(query)
            .bind(record.id.to_string())
            .bind(person)
            .bind(text)
            .bind(record.expiry_date.unix_timestamp())
            .execute(&self.0)
            .await
            .map_err(failed)?;
        Ok(written.rows_affected() > 0)
    }
}

#[async_trait]
impl SessionStore for SqliteSessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let query = "insert into sessions (id, person, record, expires_at) values (?, ?, ?, ?) on conflict do nothing";
        while !self.write(record, query).await? {
            record.id = Id::default();
        }
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        // A session that was ended meanwhile is not created again.
        let query = "update sessions set person = ?2, record = ?3, expires_at = ?4 where id = ?1";
        self.write(record, query).await.map(drop)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let found: Option<(String,)> = sqlx::query_as("select record from sessions where id = ? and expires_at > ?")
            .bind(id.to_string())
            .bind(OffsetDateTime::now_utc().unix_timestamp())
            .fetch_optional(&self.0)
            .await
            .map_err(failed)?;
        let read = |text: String| serde_json::from_str(&text).map_err(|error| Error::Decode(error.to_string()));
        found.map(|(text,)| read(text)).transpose()
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        sqlx::query("delete from sessions where id = ?").bind(id.to_string()).execute(&self.0).await.map_err(failed)?;
        Ok(())
    }
}

/// Deletes all sessions of a person.
///
/// # Errors
///
/// Returns an error if the database fails.
pub async fn end_sessions_of(pool: &SqlitePool, person: i64) -> lanai::Result {
    sqlx::query("delete from sessions where person = ?").bind(person).execute(pool).await?;
    Ok(())
}
