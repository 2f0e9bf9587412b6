//! The plain forms that sign people in and out. They work without JavaScript, and Lanai refuses those of other sites.

use accounts::sessions::PERSON;
use axum::extract::State;
use axum::response::IntoResponse;
use lanai::prelude::{Cx, Deserialize, Html, Route, Serialize, View, html};
use lanai::{Error, Flash, Handle, Result};
use tower_sessions::Session;

use crate::database::Database;
use crate::me::Me;

/// The address of the login.
#[derive(Route)]
#[route("/sign-in")]
pub(crate) struct SignInPage {
    #[route(query)]
    after: After,
}

/// Where the person wanted to go.
#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct After {
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl SignInPage {
    /// The login that leads to this page of the program afterwards.
    pub(crate) fn before(next: String) -> Self {
        Self { after: After { next: (next != "/").then_some(next) } }
    }
}

/// The page with the form.
pub(crate) struct SignIn {
    page: SignInPage,
}

impl SignIn {
    pub(crate) async fn mount(cx: Cx<Self>, page: SignInPage) -> Self {
        cx.title("Sign in");
        Self { page }
    }
}

impl View for SignIn {
    fn render(&self) -> Html<Self> {
        html! {
            main.narrow {
                h1 { "Sign in" }
                form method="post" action=(self.page) {
                    label { "Name" input name="name" autocomplete="username" required autofocus; }
                    label { "Password" input name="password" type="password" autocomplete="current-password" required; }
                    button { "Sign in" }
                }
                p.lead { "Ada is an administrator, Bob and Cleo are members, and Dan reads. Their passwords are “ada-pass”, “bob-pass” and so on." }
            }
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Credentials {
    name: String,
    password: String,
}

/// Signs a person in, and leads to the page that they wanted to see.
pub(crate) async fn sign_in(
    page: SignInPage,
    session: Session,
    State(database): State<Database>,
    axum::Form(Credentials { name, password }): axum::Form<Credentials>,
) -> Result<impl IntoResponse> {
    let Some((id, name)) = database.sign_in(&name, password).await? else {
        return Ok((Flash::error("There is nobody with this name and password."), Error::redirect(page)));
    };
    // A new id, so that nobody who knows the old one is signed in as well.
    session.cycle_id().await?;
    session.insert(PERSON, id).await?;
    // The text comes from the URL. It cannot lead to another site.
    let next = page.after.next.unwrap_or_else(|| "/".into());
    Ok((Flash::success(format!("Welcome, {name}.")), Error::redirect(next)))
}

/// Ends the session, with its pages in all tabs.
pub(crate) async fn sign_out(me: Me, handle: Handle) -> Result<impl IntoResponse> {
    let id = me.session.id();
    // First the session, so that no page that asks again is let in.
    me.session.flush().await?;
    if let Some(id) = id {
        handle.end_session(id)?;
    }
    Ok((Flash::success("You are signed out."), Error::redirect(SignInPage::before("/".into()))))
}
