//! People and their roles.

use accounts::passwords;
use lanai::Result;
use lanai::prelude::{Deserialize, Serialize};

use crate::database::Database;

/// What a person may do. Each role may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(rename_all = "lowercase")]
pub(crate) enum Role {
    /// Reads, and follows issues.
    Reader,
    /// Writes issues and comments, and changes all issues.
    Member,
    /// Deletes issues, and gives people their roles.
    Admin,
}

impl Role {
    /// Each role, with its name in forms and its name for people.
    pub(crate) const ALL: [(Self, &str, &str); 3] = [
        (Self::Reader, "reader", "Reader"),
        (Self::Member, "member", "Member"),
        (Self::Admin, "admin", "Administrator"),
    ];
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Person {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) role: Role,
}

impl Database {
    pub(crate) async fn people(&self) -> Result<Vec<Person>> {
        Ok(sqlx::query_as("select id, name, role from people order by name").fetch_all(&self.pool).await?)
    }

    pub(crate) async fn person(&self, id: i64) -> Result<Option<Person>> {
        let query = "select id, name, role from people where id = ?";
        Ok(sqlx::query_as(query).bind(id).fetch_optional(&self.pool).await?)
    }

    pub(crate) async fn add_person(&self, name: &str, password: String, role: Role) -> Result {
        let query = "insert into people (name, password, role) values (?, ?, ?)";
        let hash = passwords::hash(password).await?;
        sqlx::query(query).bind(name).bind(hash).bind(role).execute(&self.pool).await?;
        Ok(())
    }

    pub(crate) async fn set_role(&self, id: i64, role: Role) -> Result {
        sqlx::query("update people set role = ? where id = ?").bind(role).bind(id).execute(&self.pool).await?;
        Ok(())
    }

    /// Returns the number and the name of the person with this name and password.
    pub(crate) async fn sign_in(&self, name: &str, password: String) -> Result<Option<(i64, String)>> {
        let query = "select id, name, password from people where name = ? collate nocase";
        let found: Option<(i64, String, String)> = sqlx::query_as(query).bind(name).fetch_optional(&self.pool).await?;
        let (person, hash) = found.map(|(id, name, hash)| ((id, name), hash)).unzip();
        let is_right = passwords::verify(password, hash).await?;
        Ok(person.filter(|_| is_right))
    }
}
