//! The tables: people, and their notes. (The sessions are in [`sessions`](crate::sessions).)

use lanai::Result;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};

use crate::passwords;

/// The database. It is cheap to clone.
#[derive(Debug, Clone)]
pub struct Database(pub(crate) SqlitePool);

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Person {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) is_admin: bool,
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Note {
    pub(crate) id: i64,
    pub(crate) author: i64,
    pub(crate) name: String,
    pub(crate) text: String,
}

impl Database {
    /// Opens a file, or a database in memory, and brings its tables up to date.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be opened, or if a migration fails.
    pub async fn open(file: Option<&str>) -> Result<Self> {
        Ok(Self(open(file, &sqlx::migrate!()).await?))
    }

    /// Adds Ada, who is an administrator, and Bob and Cleo, who are not. Their passwords are their names and `-pass`.
    ///
    /// # Errors
    ///
    /// Returns an error if the database fails.
    pub async fn add_demo_people(&self) -> Result {
        for (name, is_admin) in [("Ada", true), ("Bob", false), ("Cleo", false)] {
            let password = passwords::hash(format!("{}-pass", name.to_lowercase())).await?;
            sqlx::query("insert into people (name, password, is_admin) values (?, ?, ?) on conflict do nothing")
                .bind(name)
                .bind(password)
                .bind(is_admin)
                .execute(&self.0)
                .await?;
        }
        Ok(())
    }

    /// Returns the person with this name and password.
    pub(crate) async fn sign_in(&self, name: &str, password: String) -> Result<Option<Person>> {
        let found: Option<(i64, String)> =
            sqlx::query_as("select id, password from people where name = ? collate nocase")
                .bind(name)
                .fetch_optional(&self.0)
                .await?;
        let (id, stored) = found.unzip();
        let is_right = passwords::verify(password, stored).await?;
        match id.filter(|_| is_right) {
            Some(id) => self.person(id).await,
            None => Ok(None),
        }
    }

    pub(crate) async fn person(&self, id: i64) -> Result<Option<Person>> {
        Ok(sqlx::query_as("select id, name, is_admin from people where id = ?")
            .bind(id)
            .fetch_optional(&self.0)
            .await?)
    }

    pub(crate) async fn people(&self) -> Result<Vec<Person>> {
        Ok(sqlx::query_as("select id, name, is_admin from people order by name").fetch_all(&self.0).await?)
    }

    pub(crate) async fn set_admin(&self, id: i64, is_admin: bool) -> Result {
        sqlx::query("update people set is_admin = ? where id = ?").bind(is_admin).bind(id).execute(&self.0).await?;
        Ok(())
    }

    pub(crate) async fn notes(&self) -> Result<Vec<Note>> {
        let query =
            "select notes.id, author, name, text from notes join people on people.id = author order by notes.id";
        Ok(sqlx::query_as(query).fetch_all(&self.0).await?)
    }

    pub(crate) async fn add_note(&self, author: i64, text: &str) -> Result {
        sqlx::query("insert into notes (author, text) values (?, ?)").bind(author).bind(text).execute(&self.0).await?;
        Ok(())
    }

    /// Deletes a note if this person may: its author, and administrators.
    pub(crate) async fn delete_note(&self, id: i64, person: i64) -> Result<bool> {
        let query = "delete from notes where id = ?1 and (author = ?2 or exists \
                     (select 1 from people where id = ?2 and is_admin))";
        let done = sqlx::query(query).bind(id).bind(person).execute(&self.0).await?;
        Ok(done.rows_affected() > 0)
    }
}

/// Opens a database in a file, or one in memory, and brings its tables up to date.
///
/// # Errors
///
/// Returns an error if the file cannot be opened, or if a migration fails.
pub async fn open(file: Option<&str>, migrations: &Migrator) -> Result<SqlitePool> {
    let options = SqliteConnectOptions::new().foreign_keys(true).create_if_missing(true);
    let pool = match file {
        Some(file) => SqlitePoolOptions::new().connect_with(options.filename(file)).await?,
        // Each connection to a database in memory has its own, so there is one, which never closes. (A request that is
        // cancelled during the test before its query would close it.)
        None => {
            let pool = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
            let pool = pool.test_before_acquire(false);
            pool.connect_with(options.in_memory(true)).await?
        }
    };
    migrations.run(&pool).await?;
    Ok(pool)
}
