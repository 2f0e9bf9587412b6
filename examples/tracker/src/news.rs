//! What happens to issues: the events of each, and who has not seen them yet.

use lanai::Result;

use crate::database::Database;

/// Something that a person did to an issue.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Event {
    pub(crate) id: i64,
    pub(crate) actor: String,
    pub(crate) kind: Kind,
    /// The comment, or what the person did.
    pub(crate) text: String,
    /// Seconds since then.
    pub(crate) age: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "lowercase")]
pub(crate) enum Kind {
    Comment,
    Change,
}

/// An issue that a person follows, with what others did to it since the person has last seen it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Unread {
    pub(crate) issue: i64,
    pub(crate) title: String,
    pub(crate) count: i64,
}

impl Database {
    pub(crate) async fn events(&self, issue: i64) -> Result<Vec<Event>> {
        let query = "select events.id, name as actor, kind, text, unixepoch() - created_at as age \
                     from events join people on people.id = actor where issue = ? order by events.id";
        Ok(sqlx::query_as(query).bind(issue).fetch_all(&self.pool).await?)
    }

    pub(crate) async fn add_event(&self, issue: i64, actor: i64, kind: Kind, text: &str) -> Result {
        let query = "insert into events (issue, actor, kind, text) values (?, ?, ?, ?)";
        sqlx::query(query).bind(issue).bind(actor).bind(kind).bind(text).execute(&self.pool).await?;
        Ok(())
    }

    /// Makes a person follow an issue. What has happened so far counts as seen.
    pub(crate) async fn follow(&self, issue: i64, person: i64) -> Result {
        let query = "insert into follows (issue, person, seen) \
                     values (?1, ?2, (select coalesce(max(id), 0) from events where issue = ?1)) on conflict do nothing";
        sqlx::query(query).bind(issue).bind(person).execute(&self.pool).await?;
        Ok(())
    }

    pub(crate) async fn unfollow(&self, issue: i64, person: i64) -> Result {
        let query = "delete from follows where issue = ? and person = ?";
        sqlx::query(query).bind(issue).bind(person).execute(&self.pool).await?;
        Ok(())
    }

    pub(crate) async fn followers(&self, issue: i64) -> Result<Vec<i64>> {
        Ok(sqlx::query_scalar("select person from follows where issue = ?").bind(issue).fetch_all(&self.pool).await?)
    }

    pub(crate) async fn saw(&self, issue: i64, person: i64) -> Result {
        let query = "update follows set seen = (select coalesce(max(id), 0) from events where issue = ?1) \
                     where issue = ?1 and person = ?2";
        sqlx::query(query).bind(issue).bind(person).execute(&self.pool).await?;
        Ok(())
    }

    pub(crate) async fn unread(&self, person: i64) -> Result<Vec<Unread>> {
        let query = "select follows.issue, title, count(*) as count from follows \
                     join issues on issues.id = follows.issue and deleted_at is null \
                     join events on events.issue = follows.issue and events.id > seen and actor <> person \
                     where person = ? group by follows.issue order by max(events.id) desc";
        Ok(sqlx::query_as(query).bind(person).fetch_all(&self.pool).await?)
    }
}
