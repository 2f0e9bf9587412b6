//! The lobby: all rooms, and a form that opens a new one.

use std::sync::Arc;

use axum::Extension;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use lanai::Broker;
use lanai::prelude::*;

use crate::club::{Club, OPENED, Opened, address, title};
use crate::list::RoomList;
use crate::visitor::Visitor;

/// The page at `/rooms`.
pub(crate) struct Lobby {
    visitor: Visitor,
    list: RoomList,
}

impl Lobby {
    pub(crate) async fn mount(cx: Cx<Self>, State(club): State<Arc<Club>>, visitor: Visitor) -> Self {
        cx.title("Rooms");
        let list = RoomList::new(&cx.part(|lobby: &mut Self| &mut lobby.list), club, visitor.clone(), None);
        Self { visitor, list }
    }
}

impl View for Lobby {
    fn render(&self) -> Html<Self> {
        html! {
            header.lobby-head {
                div {
                    h1 { "Rooms" }
                    p { "You are " strong { (self.visitor.name) } ". " a href="/rooms/name?to=%2Frooms" { "Change name" } }
                }
                form.open-room method="post" action="/rooms/open" {
                    input name="title" placeholder="A room of your own" aria-label="Title of a new room" required maxlength="40"
                        autocomplete="off";
                    button { "Open" }
                }
            }
            (self.list.cards().map(|lobby: &mut Self| &mut lobby.list))
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Draft {
    title: String,
}

/// Opens a room, and redirects to it. This is an ordinary axum handler: it publishes a message, and all lobbies show
/// the new room.
pub(crate) async fn open(
    _: Visitor,
    Extension(broker): Extension<Broker>,
    axum::Form(draft): axum::Form<Draft>,
) -> Response {
    let Some(title) = title(&draft.title) else {
        return Redirect::to("/rooms").into_response();
    };
    let address = address(&title);
    match broker.publish(OPENED, Opened { title }) {
        Ok(_) => Redirect::to(&address).into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response(),
    }
}
