//! The tools that the model wants to use wait for a person's approval: a flow inside the desk.

use lanai::flow::{Answers, Flow, Screen};
use lanai::prelude::*;

use crate::desk::Desk;
use crate::protocol::Call;
use crate::tools::Tool;

/// What a person has said to a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Allowed,
    /// This one, and all others in this conversation.
    AlwaysAllowed,
    Denied,
}

/// Asks about each of the calls, one after the other, and tells the desk the verdicts. The desk uses the tools that are
/// allowed, and lets the model go on.
pub(crate) async fn approve(mut page: Flow, calls: Vec<Call>, mut is_trusted: bool, desk: Cx<Desk>, conversation: u32) {
    for call in calls {
        let tool = Tool::read(&call);
        let verdict = match &tool {
            Ok(tool) if tool.needs_approval() && !is_trusted => page.ask(|at| question(tool, at)).await,
            _ => Verdict::Allowed,
        };
        is_trusted |= verdict == Verdict::AlwaysAllowed;
        desk.update(move |desk| desk.judged(conversation, &call, tool, verdict));
    }
    let cx = desk.clone();
    desk.update(move |desk| desk.go_on(conversation, &cx));
}

fn question(tool: &Tool, at: &Answers<Verdict>) -> Html<Screen> {
    let (action, object) = tool.describe();
    html! {
        section.approval aria-label="Permission" {
            p { strong { (action) "?" } }
            p.object dir="auto" { (object) }
            button onclick=(at.answer(Verdict::Allowed)) { "Allow" }
            button.secondary onclick=(at.answer(Verdict::Denied)) { "Deny" }
            button.secondary.outline onclick=(at.answer(Verdict::AlwaysAllowed)) { "Always allow in this conversation" }
        }
    }
}
