//! What the page looks like.

use lanai::event::Dropped;
use lanai::js;
use lanai::prelude::*;

use super::{Dragged, Folder, Mail, Message, PAGE};

impl View for Mail {
    fn render(&self) -> Html<Self> {
        html! {
            div.mail
                onshortcut=(shortcut("j", "Next message").repeat().then(Self::next))
                onshortcut=(shortcut("k", "Previous message").repeat().then(Self::previous))
                onshortcut=(shortcut("o", "Open the message").then(Self::open_current))
                onshortcut=(shortcut("Enter", "Open the message").then(Self::open_current))
                onshortcut=(shortcut("u", "Back to the list").then(Self::close))
                onshortcut=(shortcut("x", "Select the message").then(Self::select_current))
                onshortcut=(shortcut("s", "Star or unstar").then(Self::star_chosen))
                onshortcut=(shortcut("?", "Show the shortcuts").then(Self::show_help)) {
                (self.folders())
                section.mail-list aria-labelledby="list-title" { (self.messages()) }
                section.mail-reading aria-label="Message" { (self.reading()) }
            }
            div.mail-news role="status" {
                @if let Some(undo) = &self.undo {
                    span { (undo.what) }
                    @if undo.can_be_undone() {
                        button.outline onclick=(Self::undo) onshortcut=(shortcut("z", "Undo")) { "Undo" }
                    }
                }
            }
            @if self.is_composing { (self.draft()) }
            @if let Some(help) = &self.help {
                dialog.mail-help open aria-modal="true" aria-labelledby="help-title" onclose=(Self::hide_help) {
                    article {
                        h2 #help-title { "Shortcuts" }
                        (help)
                        form method="dialog" { button autofocus { "Close" } }
                    }
                }
            }
        }
    }
}

impl Mail {
    fn folders(&self) -> Html<Self> {
        html! {
            nav.mail-folders aria-label="Folders" {
                button onclick=(Self::compose) onshortcut=(shortcut("c", "Write a message")) { "Compose" }
                ul {
                    @for folder in Folder::ALL {
                        @let (name, word, keys) = folder.names();
                        li key=(word) {
                            a href={ "?folder=" (word) } aria-current=[(folder == self.filter.folder).then_some("page")]
                                onshortcut=(shortcut(keys, format!("Go to {name}")))
                                ondrop=[(folder != Folder::Sent).then_some(
                                    move |mail: &mut Self, dropped: Dropped<Dragged>, cx: &Cx<Self>| mail.dropped(folder, dropped, cx)
                                )] {
                                (name)
                                @if folder == Folder::Inbox && self.store.unread() > 0 {
                                    span.mail-count aria-label=(format!("{} unread", self.store.unread())) { (self.store.unread()) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn messages(&self) -> Html<Self> {
        let list = self.list();
        let chosen = self.chosen();
        let all = !list.is_empty() && self.selected.len() == list.len();
        html! {
            header {
                h1 #list-title tabindex="-1" { (self.filter.folder.name()) }
                input type="search" name="q" aria-label="Search" placeholder="Search" value=(self.filter.q)
                    oninput=(on(Self::search).debounce(std::time::Duration::from_millis(200)))
                    onkeydown=(on(js::focus("#mail-rows .current .mail-open, #mail-empty")).key("Escape").prevent())
                    onshortcut=(shortcut("/", "Search"));
            }
            div.mail-tools role="toolbar" aria-label="Messages" {
                label { input type="checkbox" checked[all] onchange=(Self::select_all); "All" }
                span.mail-selected { @if !self.selected.is_empty() { (self.selected.len()) " selected" } }
                button.outline disabled[chosen.is_empty()]
                    onclick=(on(Self::archive).optimistic(js::remove("#mail-rows .chosen")))
                    onshortcut=(shortcut("e", "Archive")) { "Archive" }
                button.outline disabled[chosen.is_empty()]
                    onclick=(on(Self::delete).optimistic(js::remove("#mail-rows .chosen")))
                    onshortcut=(shortcut("#", "Delete")) { "Delete" }
            }
            ul #mail-rows.mail-rows {
                @for message in list.iter().take(self.shown) {
                    li.mail-row.unread[message.is_unread].chosen[chosen.contains(&message.id)].current[self.current == Some(message.id)]
                        key=(message.id)
                        ondragstart=(drag(self.dragged(message))) {
                        (self.row(message))
                    }
                }
                @if list.len() > self.shown {
                    li.mail-more onenterview=(on(Self::more).margin(300)) { small { "Loading …" } }
                }
            }
            @if list.is_empty() {
                p #mail-empty.empty tabindex="-1" {
                    @if self.filter.q.is_empty() { "There is nothing here." } @else { "No message contains “" (self.filter.q) "”." }
                }
            }
            @if self.shown > PAGE { p.mail-end { small { (list.len().min(self.shown)) " of " (list.len()) } } }
        }
    }

    /// Returns what is dragged with a message: all that are selected, if it is one of them.
    fn dragged(&self, message: &Message) -> Dragged {
        if self.selected.contains(&message.id) { Dragged(self.selected.clone()) } else { Dragged([message.id].into()) }
    }

    fn row(&self, message: &Message) -> Html<Self> {
        let id = message.id;
        let is_starred = message.is_starred;
        html! {
            input type="checkbox" checked[self.selected.contains(&id)] aria-label=(format!("Select {}", message.subject))
                onchange=(move |mail: &mut Self| mail.select(id));
            button.mail-star aria-pressed=(is_starred) aria-label=(format!("Star {}", message.subject))
                onclick=(
                    on(move |mail: &mut Self| mail.star(&[id].into()))
                        .optimistic(js::switch_attribute(js::this(), "aria-pressed", "true", "false"))
                ) {}
            button.mail-open id={ "open-" (id) } onclick=(move |mail: &mut Self, cx: &Cx<Self>| mail.open(id, cx)) {
                span.mail-person { @if message.is_unread { span.mail-hidden { "Unread: " } } (message.person) }
                span.mail-subject { (message.subject) }
                span.mail-snippet { (message.text) }
                span.mail-date { (message.date()) }
            }
        }
    }

    fn reading(&self) -> Html<Self> {
        let Some(message) = self.open.and_then(|id| self.store.get(id)) else {
            return html! { p.empty { "Press " kbd { "?" } " for the shortcuts, or drag a message to a folder." } };
        };
        html! {
            button.outline.secondary.mail-back onclick=(Self::close) { "Back" }
            h2 #subject tabindex="-1" { (message.subject) }
            p { strong { (message.person) } " · " small { (message.date()) } }
            p { (message.text) }
            p.mail-actions {
                button.outline onclick=(Self::archive) { "Archive" }
                button.outline onclick=(Self::delete) { "Delete" }
            }
        }
    }

    fn draft(&self) -> Html<Self> {
        html! {
            dialog.mail-draft open aria-modal="true" aria-labelledby="draft-title" onclose=(Self::discard) {
                article {
                    h2 #draft-title { "New message" }
                    form onsubmit=(Self::send) {
                        label { "To" input name="to" required autofocus autocomplete="off"; }
                        label { "Subject" input name="subject"; }
                        label { "Message" textarea name="text" rows="6" {} }
                        div.mail-actions {
                            button onshortcut=(shortcut("Mod+Enter", "Send").in_controls()) { "Send" }
                            button.secondary type="button" onclick=(Self::discard) { "Discard" }
                        }
                    }
                }
            }
        }
    }
}
