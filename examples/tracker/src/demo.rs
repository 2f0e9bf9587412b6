//! People and issues to begin with.

use lanai::Result;

use crate::database::Database;
use crate::issues::{Draft, Status};
use crate::news::Kind;
use crate::people::Role;

/// Fills an empty database: Ada is an administrator, Bob and Cleo are members, and Dan reads.
///
/// # Errors
///
/// Returns an error if the database fails.
pub async fn fill(database: &Database) -> Result {
    if !database.people().await?.is_empty() {
        return Ok(());
    }
    let people = [("Ada", Role::Admin), ("Bob", Role::Member), ("Cleo", Role::Member), ("Dan", Role::Reader)];
    for (name, role) in people {
        database.add_person(name, format!("{}-pass", name.to_lowercase()), role).await?;
    }
    for label in ["bug", "design", "docs", "idea", "speed"] {
        sqlx::query("insert into labels (name) values (?)").bind(label).execute(&database.pool).await?;
    }
    let issues = [
        ("The search finds nothing in titles with an umlaut", 2, Some(3), vec![1], Status::Doing),
        ("Say in the guide how to restore a backup", 3, None, vec![3], Status::Open),
        ("A dark theme", 1, Some(2), vec![2, 4], Status::Done),
        ("The list is slow with ten thousand issues", 2, Some(2), vec![1, 5], Status::Open),
        ("Keyboard shortcuts for the list", 3, None, vec![4], Status::Open),
    ];
    for (title, author, assignee, labels, status) in issues {
        let draft = Draft { title: title.into(), text: String::new(), assignee, labels };
        let id = database.add_issue(author, &draft).await?;
        database.set_status(id, status).await?;
        for follower in assignee.into_iter().chain([author]) {
            database.follow(id, follower).await?;
        }
    }
    database.add_event(1, 3, Kind::Comment, "It compares bytes. I am on it.").await
}
