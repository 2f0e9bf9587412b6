//! Ponds full of fish, which people steer: a small game, twenty ticks a second, the same on all nodes.
//!
//! | file | contents |
//! |---|---|
//! | `water` | the rules: a replicated state, folded from what happens |
//! | `pond` | the view of a pond, which all who look at it share on each node, and its clock |
//! | this one | the page around it: a private view, which knows whether its visitor swims or watches |

mod pond;
mod water;

use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use axum::response::Redirect;
use axum::routing::get;
use lanai::prelude::*;
use lanai::{Address, CloseReason};

use pond::Pond;
use water::Water;

/// The ponds that the page has links to. Any other name is a pond as well.
const PONDS: [&str; 3] = ["lotus", "willow", "moon"];

/// The page of one visitor.
pub struct Page {
    me: Address,
    pond_name: String,
    pond: Shared<Pond>,
    water: Replicated<Water>,
    trouble: Option<String>,
}

#[derive(Deserialize)]
struct Introduction {
    name: String,
}

impl Page {
    async fn mount(cx: Cx<Self>, Path(pond_name): Path<String>) -> Result<Self> {
        cx.title(format!("The {pond_name} pond"));
        let name = pond_name.clone();
        let pond = cx.shared(&pond_name, move |cx| Pond::mount(cx, name));
        // This page shows little of the water, so it is not rendered with each tick. It looks once a second.
        let water = cx.broker().replicated(water::state_of(&pond_name)).await?;
        cx.every(Duration::from_secs(1), |_: &mut Self| ());
        Ok(Self { me: cx.address(), pond_name, pond, water, trouble: None })
    }

    async fn join(&mut self, Form(introduction): Form<Introduction>) {
        let name: String = introduction.name.trim().chars().take(16).collect();
        let name = if name.is_empty() { "Guest" } else { &name };
        let (who, hue) = (self.me.to_string(), (getrandom::u64().unwrap_or_default() % 360) as u16);
        let joined = self.water.command(|water| water.joined(&who, name, hue)).await;
        self.trouble = joined.err().map(|error| error.to_string());
    }

    async fn leave(&mut self) {
        let who = self.me.to_string();
        // If this fails, the fish falls asleep, and leaves by itself.
        let _ = self.water.command(|water| water.left(&who)).await;
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        let swims = self.water.read().fish.contains_key(&self.me.to_string());
        html! {
            header.pond-head {
                h1 { "Pond" }
                nav aria-label="Ponds" {
                    ul { @for name in PONDS { li { a href={ "/pond/" (name) } aria-current=[(name == self.pond_name).then_some("page")] { (name) } } } }
                }
                @if swims {
                    p { "Your fish swims to the pointer. " button.outline.secondary onclick=(Self::leave) { "Leave the water" } }
                } @else {
                    form onsubmit=(Self::join) {
                        input name="name" aria-label="Your name" placeholder="Your name" maxlength="16" autocomplete="nickname";
                        button { "Swim" }
                    }
                }
            }
            @if let Some(trouble) = &self.trouble { p role="alert" { (trouble) } }
            (self.pond)
        }
    }

    fn closed(&mut self, _: CloseReason) {
        let (water, who) = (self.water.clone(), self.me.to_string());
        tokio::spawn(async move { water.command(|water| water.left(&who)).await });
    }
}

/// Returns the routes below `/pond`.
pub fn routes() -> Router {
    let first = || async { Redirect::to("/pond/lotus") };
    Router::new().route("/pond", get(first)).route("/pond/{name}", live(Page::mount))
}
