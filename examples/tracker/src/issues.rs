//! Issues: finding, writing, changing and deleting them.

use lanai::Result;
use lanai::prelude::{Deserialize, Serialize};

use crate::database::Database;

/// How far an issue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(rename_all = "lowercase")]
pub(crate) enum Status {
    Open,
    Doing,
    Done,
}

impl Status {
    pub(crate) const ALL: [Self; 3] = [Self::Open, Self::Doing, Self::Done];

    /// Its name for people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::Doing => "In progress",
            Self::Done => "Done",
        }
    }

    /// Its name for the style sheet.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Doing => "doing",
            Self::Done => "done",
        }
    }
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Issue {
    pub(crate) id: i64,
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) status: Status,
    pub(crate) author: String,
    pub(crate) assignee: Option<i64>,
    pub(crate) assignee_name: Option<String>,
    #[sqlx(json)]
    pub(crate) labels: Vec<Label>,
    /// The number of comments.
    pub(crate) comments: i64,
    /// Seconds since it was written.
    pub(crate) age: i64,
    pub(crate) version: i64,
}

#[derive(Debug, Clone, Deserialize, sqlx::FromRow)]
pub(crate) struct Label {
    pub(crate) id: i64,
    pub(crate) name: String,
}

/// Which issues are shown: the query of the address. What is empty does not matter.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Filter {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<Status>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) label: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) assignee: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) text: String,
}

/// What the form of an issue says.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) assignee: Option<i64>,
    pub(crate) labels: Vec<i64>,
}

/// An issue that can still be restored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Deleted {
    pub(crate) id: i64,
    pub(crate) title: String,
    /// Seconds until it is gone.
    pub(crate) seconds_left: f64,
}

/// The issues that are not deleted, as [`Issue`]s.
const ISSUES: &str = "
    select issues.id, title, issues.text, status, author.name as author, assignee,
        (select name from people where people.id = assignee) as assignee_name,
        (select json_group_array(json_object('id', labels.id, 'name', name) order by name)
            from labels join issue_labels on label = labels.id where issue = issues.id) as labels,
        (select count(*) from events where issue = issues.id and kind = 'comment') as comments,
        unixepoch() - created_at as age, version
    from issues join people author on author.id = author where deleted_at is null";

impl Database {
    /// Returns the issues that a filter finds, whatever their status is: those that are done come last.
    pub(crate) async fn issues(&self, filter: &Filter) -> Result<Vec<Issue>> {
        let query = format!(
            "{ISSUES}
            and (?1 = '' or exists (select 1 from issue_labels join labels on label = labels.id
                where issue = issues.id and name = ?1))
            and (?2 = '' or assignee_name = ?2)
            and instr(lower(title || ' ' || issues.text), lower(?3))
            order by status = 'done', issues.id desc limit 500"
        );
        let query = sqlx::query_as(&query).bind(&filter.label).bind(&filter.assignee).bind(&filter.text);
        Ok(query.fetch_all(&self.pool).await?)
    }

    pub(crate) async fn issue(&self, id: i64) -> Result<Option<Issue>> {
        Ok(sqlx::query_as(&format!("{ISSUES} and issues.id = ?")).bind(id).fetch_optional(&self.pool).await?)
    }

    pub(crate) async fn labels(&self) -> Result<Vec<Label>> {
        Ok(sqlx::query_as("select id, name from labels order by name").fetch_all(&self.pool).await?)
    }

    /// Writes a new issue, and returns its number.
    pub(crate) async fn add_issue(&self, author: i64, draft: &Draft) -> Result<i64> {
        let mut transaction = self.pool.begin().await?;
        let (id,): (i64,) =
            sqlx::query_as("insert into issues (title, text, author, assignee) values (?, ?, ?, ?) returning id")
                .bind(&draft.title)
                .bind(&draft.text)
                .bind(author)
                .bind(draft.assignee)
                .fetch_one(&mut *transaction)
                .await?;
        set_labels(&mut transaction, id, &draft.labels).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Saves an edit of this version of an issue. Returns whether it was still the newest.
    pub(crate) async fn edit_issue(&self, id: i64, version: i64, draft: &Draft) -> Result<bool> {
        let mut transaction = self.pool.begin().await?;
        let query = "update issues set title = ?, text = ?, assignee = ?, version = version + 1 \
                     where id = ? and version = ? and deleted_at is null";
        let done = sqlx::query(query)
            .bind(&draft.title)
            .bind(&draft.text)
            .bind(draft.assignee)
            .bind(id)
            .bind(version)
            .execute(&mut *transaction)
            .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        set_labels(&mut transaction, id, &draft.labels).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Returns whether the status was another one before.
    pub(crate) async fn set_status(&self, id: i64, status: Status) -> Result<bool> {
        let query = "update issues set status = ?1 where id = ?2 and status <> ?1 and deleted_at is null";
        Ok(sqlx::query(query).bind(status).bind(id).execute(&self.pool).await?.rows_affected() > 0)
    }

    /// Deletes an issue, so that it can be restored for a while. Returns whether it was there.
    pub(crate) async fn delete_issue(&self, id: i64, person: i64) -> Result<bool> {
        let query = "update issues set deleted_at = unixepoch('subsec'), deleted_by = ? \
                     where id = ? and deleted_at is null";
        Ok(sqlx::query(query).bind(person).bind(id).execute(&self.pool).await?.rows_affected() > 0)
    }

    /// Returns what this person can still restore.
    pub(crate) async fn deleted_by(&self, person: i64) -> Result<Vec<Deleted>> {
        let query = "select id, title, deleted_at + ?1 - unixepoch('subsec') as seconds_left from issues \
                     where deleted_by = ?2 and seconds_left > 0 order by deleted_at";
        Ok(sqlx::query_as(query).bind(self.undo.as_secs_f64()).bind(person).fetch_all(&self.pool).await?)
    }

    /// Restores an issue. Returns whether there was still time.
    pub(crate) async fn restore_issue(&self, id: i64, person: i64) -> Result<bool> {
        let query = "update issues set deleted_at = null, deleted_by = null \
                     where id = ?2 and deleted_by = ?3 and deleted_at + ?1 > unixepoch('subsec')";
        let query = sqlx::query(query).bind(self.undo.as_secs_f64()).bind(id).bind(person);
        Ok(query.execute(&self.pool).await?.rows_affected() > 0)
    }

    /// Removes what cannot be restored anymore.
    pub(crate) async fn remove_deleted(&self) -> Result {
        let query = "delete from issues where deleted_at + ? <= unixepoch('subsec')";
        sqlx::query(query).bind(self.undo.as_secs_f64()).execute(&self.pool).await?;
        Ok(())
    }
}

async fn set_labels(transaction: &mut sqlx::SqliteConnection, issue: i64, labels: &[i64]) -> Result {
    sqlx::query("delete from issue_labels where issue = ?").bind(issue).execute(&mut *transaction).await?;
    for label in labels {
        let query = "insert or ignore into issue_labels (issue, label) values (?, ?)";
        sqlx::query(query).bind(issue).bind(label).execute(&mut *transaction).await?;
    }
    Ok(())
}
