//! Who is signed in, and the guards of routes.

use axum::extract::{FromRef, FromRequestParts, OriginalUri};
use axum::http::request::Parts;
use lanai::{Cx, Error, Result};
use tower_sessions::Session;

use crate::database::{Database, Person};
use crate::sessions::PERSON;
use crate::sign_in::SignInPage;

/// The person who is signed in. As a guard of routes and as an argument of a mount, it sends everyone else to the
/// login.
pub(crate) struct Member {
    pub(crate) person: Person,
    pub(crate) session: Session,
}

impl Member {
    /// Says whose page this is, so that it ends with the session, and with all pages of the person.
    pub(crate) fn owns<V: Send + 'static>(&self, cx: &Cx<V>) {
        if let Some(id) = self.session.id() {
            cx.session(id);
        }
        cx.person(self.person.id);
    }
}

impl<S> FromRequestParts<S> for Member
where
    S: Send + Sync,
    Database: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let session =
            Session::from_request_parts(parts, state).await.map_err(|(status, message)| Error::new(status, message))?;
        // The role is read each time, since it may have changed.
        let person = match session.get(PERSON).await? {
            Some(id) => Database::from_ref(state).person(id).await?,
            None => None,
        };
        match person {
            Some(person) => Ok(Self { person, session }),
            None => {
                let asked = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |OriginalUri(uri)| uri);
                let next = asked.path_and_query().map_or("/", |path| path.as_str()).to_owned();
                Err(Error::redirect(SignInPage::before(next)))
            }
        }
    }
}

/// A guard that lets administrators pass.
pub(crate) struct Admin;

impl<S> FromRequestParts<S> for Admin
where
    S: Send + Sync,
    Database: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let member = Member::from_request_parts(parts, state).await?;
        if member.person.is_admin { Ok(Self) } else { Err(Error::forbidden()) }
    }
}
