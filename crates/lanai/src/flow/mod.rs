//! Flows: pages that are written as one `async` function, from the first question to the last.
//!
//! A flow asks the visitor something, awaits the answer, and goes on. What a view would keep in its fields between two
//! events is in the local variables of the function; parts are functions that return a value.
//!
//! ```
//! use lanai::flow::{Flow, flow};
//! use lanai::prelude::*;
//!
//! #[derive(Deserialize)]
//! struct Person { name: String }
//!
//! async fn greeting(mut page: Flow) -> Result<Html> {
//!     let name = ask_name(&mut page).await?;
//!     let mut cheers = 0;
//!     while cheers < 3 {
//!         let again = page.ask(|at| html! {
//!             p { "Hello, " (name) "!" (" Hooray!".repeat(cheers)) }
//!             button onclick=(at.answer(true)) { "Cheer" }
//!             button onclick=(at.answer(false)) { "Enough" }
//!         });
//!         if !again.await {
//!             break;
//!         }
//!         cheers += 1;
//!     }
//!     Ok(html! { p { "Goodbye, " (name) "." } })
//! }
//!
//! async fn ask_name(page: &mut Flow) -> Result<String> {
//!     let person = page.ask(|at| html! {
//!         form onsubmit=(at.answer_with(|Form(person): Form<Person>| person)) {
//!             label { "Your name " input name="name"; }
//!             button { "Go on" }
//!         }
//!     });
//!     Ok(person.await.name)
//! }
//!
//! let app: App = App::new().route("/greeting", flow(greeting));
//! ```
//!
//! | to | call |
//! |---|---|
//! | ask, and await an answer | [`Flow::ask`] |
//! | ask with a form that checks itself | [`Flow::fill`] |
//! | show something while the flow works | [`Flow::show`] |
//! | let the visitor go back to a question | [`Flow::step`] |
//! | do something that must not happen twice | [`Flow::once`] |
//! | put a flow inside a view | [`Cx::flow`](crate::Cx::flow) |
//! | publish, listen, navigate, set the title | [`Flow::cx`] |
//!
//! # How long a flow lives
//!
//! A flow is a view: it lives as long as its page, and through lost connections up to the
//! [grace period](crate::Limits). When the visitor has left for good, the function is dropped where it waits. It runs as
//! a task, so it takes no thread, and a slow flow holds up nobody else.
//!
//! **When the page is mounted anew, the function starts from the beginning**: after a restart of the server, after the
//! grace period, and when the visitor reloads the page. Answers that must survive that belong into a database, from which
//! the function reads at its start.
//!
//! What the function returns is the last thing that the page shows. If it returns an error before it has shown anything,
//! the response is the error page of its status; later, the page shows that error page in place of the flow. A redirect
//! ([`Error::redirect`](crate::Error::redirect)) leads elsewhere in both cases. A panic ends the view.

mod answers;
mod filling;
mod function;
mod inside;
mod mount;
mod page;
mod question;
mod run;
mod screen;
mod state;
mod steps;

use axum::routing::MethodRouter;

use crate::live::live;

pub use answers::{Answer, AnswerWith, Answers};
pub use filling::Filling;
pub use function::{FlowCalls, FlowFunction, FlowShape, IntoEnding};
use mount::MountFlow;
pub use page::Flow;
pub use question::{First, Question};
pub use screen::Screen;

/// Creates a route whose `GET` starts a flow.
///
/// `function` is an `async` function. Its first argument is the [`Flow`]; the others are axum extractors that implement
/// `FromRequestParts`, as for [`live`](crate::live). It returns the last thing that the page shows
/// ([`Html`](crate::Html)), `()` if that stays as it is, or a `Result` of one of them.
///
/// ```
/// use lanai::flow::{Flow, flow};
/// use lanai::prelude::*;
///
/// async fn vote(mut page: Flow, Path(topic): Path<String>) -> Html {
///     let yes = page.ask(|at| html! {
///         p { "Are you in favour of " (topic) "?" }
///         button onclick=(at.answer(true)) { "Yes" }
///         button onclick=(at.answer(false)) { "No" }
///     });
///     let yes = yes.await;
///     html! { p { "You have voted " (if yes { "for" } else { "against" }) " " (topic) "." } }
/// }
///
/// let app: App = App::new().route("/vote/{topic}", flow(vote));
/// ```
pub fn flow<S, M, F>(function: F) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
    M: 'static,
    F: FlowFunction<S, M>,
{
    live(MountFlow(function))
}
