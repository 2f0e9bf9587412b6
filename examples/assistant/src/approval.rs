//! The tools that the model wants to use wait for a person's approval: a flow inside the desk.

use lanai::event::FromEvent;
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

/// A press on a button.
#[derive(FromEvent)]
struct Press {
    /// Which press in quick succession it is; 0 if it was a key.
    detail: u32,
}

/// Asks about each of the calls, one after the other, and tells the desk the verdicts. The desk uses the tools that are
/// allowed, and lets the model go on.
pub(crate) async fn approve(mut page: Flow, calls: Vec<Call>, mut is_trusted: bool, desk: Cx<Desk>, conversation: u32) {
    for call in calls {
        let tool = Tool::read(&call);
        let verdict = match &tool {
            Ok(tool) if tool.needs_approval() && !is_trusted => ask(&mut page, tool).await,
            _ => Verdict::Allowed,
        };
        is_trusted |= verdict == Verdict::AlwaysAllowed;
        desk.update(move |desk| desk.judged(conversation, &call, tool, verdict));
    }
    let cx = desk.clone();
    desk.update(move |desk| desk.go_on(conversation, &cx));
}

async fn ask(page: &mut Flow, tool: &Tool) -> Verdict {
    let mut question = page.ask(|at| question(tool, at));
    loop {
        // The second press of a double click was meant for the question before.
        let (verdict, Press { detail: 0 | 1 }) = question.next().await else { continue };
        return verdict;
    }
}

fn question(tool: &Tool, at: &Answers<(Verdict, Press)>) -> Html<Screen> {
    let (action, object) = tool.describe();
    let says = |verdict| at.answer_with(move |press: Press| (verdict, press));
    html! {
        section.approval aria-label="Permission" {
            p { strong { (action) "?" } }
            p.object dir="auto" { (object) }
            button onclick=(says(Verdict::Allowed)) { "Allow" }
            button.secondary onclick=(says(Verdict::Denied)) { "Deny" }
            button.secondary.outline onclick=(says(Verdict::AlwaysAllowed)) { "Always allow in this conversation" }
        }
    }
}
