//! Who is signed in, and what they may do.

use std::ops::Deref;

use accounts::sessions::PERSON;
use axum::extract::{FromRef, FromRequestParts, OriginalUri};
use axum::http::StatusCode;
use axum::http::request::Parts;
use lanai::{Cx, Error, Result};
use tower_sessions::Session;

use crate::database::Database;
use crate::people::{Person, Role};
use crate::sign_in::SignInPage;

/// The person who is signed in. As an argument of a mount, it sends everyone else to
/// the login.
#[derive(Clone)]
pub(crate) struct Me {
    person: Person,
    pub(crate) session: Session,
    pub(crate) database: Database,
}

impl Me {
    /// Says whose page this is, so that it ends with the session, and when the role of the person changes.
    pub(crate) fn owns<V: Send + 'static>(&self, cx: &Cx<V>) {
        if let Some(id) = self.session.id() {
            cx.session(id);
        }
        cx.person(self.id);
    }

    /// Whether a button for this is shown. Whether the person may, [`must_be`](Self::must_be) decides.
    pub(crate) fn is(&self, role: Role) -> bool {
        self.role >= role
    }

    /// Fails if the person does not have this role, or a higher one, at this moment. Mounts and handlers begin with it.
    pub(crate) async fn must_be(&self, role: Role) -> Result {
        match self.database.person(self.id).await? {
            Some(person) if person.role >= role => Ok(()),
            _ => Err(Error::new(StatusCode::FORBIDDEN, "You may not do this.")),
        }
    }
}

impl Deref for Me {
    type Target = Person;

    fn deref(&self) -> &Person {
        &self.person
    }
}

impl<S> FromRequestParts<S> for Me
where
    S: Send + Sync,
    Database: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let session =
            Session::from_request_parts(parts, state).await.map_err(|(status, message)| Error::new(status, message))?;
        let database = Database::from_ref(state);
        let person = match session.get(PERSON).await? {
            Some(id) => database.person(id).await?,
            None => None,
        };
        let Some(person) = person else {
            let asked = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |OriginalUri(uri)| uri);
            let next = asked.path_and_query().map_or("/", |path| path.as_str()).to_owned();
            return Err(Error::redirect(SignInPage::before(next)));
        };
        let me = Self { person, session, database };
        // For the layout.
        parts.extensions.insert(me.clone());
        Ok(me)
    }
}
