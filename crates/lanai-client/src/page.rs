//! A page: its document, its views, and the messages between it and the server. It does no input or output itself:
//! messages go in and out as texts, and its caller tells it the time.

mod advance;
mod channels;
mod coalesce;
mod commands;
mod drag;
mod events;
mod inner_views;
mod kept;
mod mount_again;
mod navigation;
mod notice;
mod shortcuts;
mod sort;
mod sticky;
mod uploads;
mod window;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::channels::Channels;
use crate::commands::Command;
use crate::dom::{Dom, Element, Id, Kind, Namespace};
use crate::edits::{Edits, Moment, NEVER, Of, Told};
use crate::form;
use crate::instance::{Instance, Place};
use crate::selector::Selector;
use crate::wire::{Boot, EventSpec, Received, Result, array, ensure, pieces, string, violation};

use advance::Advances;
use commands::Running;
use events::{Queue, Reading, Waiting};
use kept::Kept;
use navigation::History;
use shortcuts::Pressed;
pub use sort::Beside;
use uploads::Uploads;

pub use drag::Drop;
pub use events::Dispatched;
pub use navigation::Navigate;
pub use sticky::StickyViews;
pub use uploads::{FileData, Transfer};

/// Milliseconds on the caller's clock.
pub type Millis = u64;

/// How long frames may stay unacknowledged, and how many of them.
const ACK_DELAY: Millis = 1000;
const ACK_FRAMES: u64 = 8;

/// The state of the connection, as the page shows it: `data-lanai-connection` on `<html>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// The page has no live part.
    None,
    /// The page has not attached yet.
    Connecting,
    /// The view is attached.
    Open,
    /// The page was attached, and tries to attach again.
    Lost,
    /// The view has ended.
    Closed,
}

/// The consequence of a message from the server for the whole page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Goes,
    /// The server no longer has the view: the page must be mounted again, with [`Page::replace`].
    MountAgain,
    /// The server no longer has the view, and has another client than this page: the browser reloads the page.
    LoadAgain,
    /// The page has ended, and nothing more is sent.
    Ended,
}

/// A page in a browser.
#[derive(Debug)]
pub struct Page {
    dom: Dom,
    document: Id,
    name: String,
    live: Option<Place>,
    /// The views. The root's key is `None`.
    sessions: BTreeMap<Of, Session>,
    /// The elements of the sticky views, by number.
    sticky: BTreeMap<String, Id>,
    /// What remains of inner views that were removed. If one returns, its events continue to be counted.
    past: BTreeMap<String, (u64, Queue)>,
    /// Events that wait for their debounce or throttle time, in the order of sending.
    held: Vec<Waiting>,
    /// The forms that have replaced others with edits, and the state of these.
    replaced_forms: BTreeMap<Id, String>,
    /// When throttled handlers may run again.
    until: BTreeMap<(Of, u64), Millis>,
    edits: Edits,
    /// What commands have changed.
    kept: Kept,
    running: Running,
    /// The commands of the frame that is being applied.
    commanded: Vec<Command>,
    /// The keys that were pressed in quick succession.
    pressed: Pressed,
    /// What is shown in advance of answers.
    advances: Advances,
    focus: Option<Id>,
    /// What the focused control showed when it got the focus.
    before_edit: Option<String>,
    /// The element that the view has scrolled to.
    scrolled_to: Option<Id>,
    state: Connection,
    /// When the person is notified that the connection is lost.
    notice_at: Option<Millis>,
    notice: Option<Id>,
    output: Vec<String>,
    /// The number of events that the server has refused as unreadable.
    unreadable: usize,
    dispatched: u64,
    history: History,
    uploads: Uploads,
}

/// One mounted view, and the messages about it.
#[derive(Debug)]
struct Session {
    boot: Boot,
    instance: Instance,
    is_attached: bool,
    frames: u64,
    acknowledged: u64,
    /// Frames that the server does not know to be applied, and when to acknowledge them.
    untold: u64,
    tell_at: Option<Millis>,
    /// When the controls learn that an attach has answered events, and which events.
    settle_at: Option<(Millis, u64, Moment)>,
    queue: Queue,
    channels: Channels,
    has_ended: bool,
    /// Whether the page shows nothing of the view, so the server has to send all of it.
    is_blank: bool,
    /// The name of the page that has attached first, if it is a sticky view and that was another one.
    page_name: Option<String>,
}

impl Page {
    /// Creates a page from its HTML. `name` is the random name that the page chooses.
    ///
    /// # Errors
    ///
    /// Returns an error if there is a live part whose HTML does not match its data.
    pub fn read(html: &str, name: impl Into<String>) -> Result<Self> {
        let mut dom = Dom::default();
        let document = dom.parse_document(html);
        let mut page = Self {
            dom,
            document,
            name: name.into(),
            live: None,
            sessions: BTreeMap::new(),
            sticky: BTreeMap::new(),
            past: BTreeMap::new(),
            held: Vec::new(),
            replaced_forms: BTreeMap::new(),
            until: BTreeMap::new(),
            edits: Edits::default(),
            kept: Kept::default(),
            running: Running::default(),
            commanded: Vec::new(),
            pressed: Pressed::default(),
            advances: Advances::default(),
            focus: None,
            before_edit: None,
            scrolled_to: None,
            state: Connection::None,
            notice_at: None,
            notice: None,
            output: Vec::new(),
            unreadable: 0,
            dispatched: 0,
            history: History::default(),
            uploads: Uploads::default(),
        };
        if let Some(late) = page.by_id("lanai-late") {
            page.dom.remove(late);
        }
        if let Some((place, data)) = live_part(&page.dom, document)? {
            page.live = Some(place);
            page.show_state(Connection::Connecting, 0);
            page.hydrate(0, &data)?;
            page.adopt_sticky()?;
        }
        page.focus = page.autofocus();
        Ok(page)
    }

    // ---- what it shows ----

    /// Returns the document.
    #[must_use]
    pub fn dom(&self) -> &Dom {
        &self.dom
    }

    /// Returns the document, for code that acts as a person or a script.
    pub fn dom_mut(&mut self) -> &mut Dom {
        &mut self.dom
    }

    /// Returns the root of the document.
    #[must_use]
    pub fn document(&self) -> Id {
        self.document
    }

    /// Returns the position of the live part, if there is one.
    #[must_use]
    pub fn live(&self) -> Option<Place> {
        self.live
    }

    /// Returns the data block, if there is a live part.
    #[must_use]
    pub fn boot(&self) -> Option<&Boot> {
        self.sessions.get(&None).map(|session| &session.boot)
    }

    /// Returns the title.
    #[must_use]
    pub fn title(&self) -> String {
        let title = self.dom.named(self.document, "title").next();
        title.map(|id| self.dom.text(id).split_whitespace().collect::<Vec<_>>().join(" ")).unwrap_or_default()
    }

    /// Returns the element that a view has last scrolled to.
    #[must_use]
    pub fn scrolled_to(&self) -> Option<Id> {
        self.scrolled_to.filter(|&id| self.dom.contains(self.document, id))
    }

    /// Returns the focused element.
    #[must_use]
    pub fn focus(&self) -> Option<Id> {
        self.focus.filter(|&id| self.dom.contains(self.document, id))
    }

    /// Returns the state of the connection.
    #[must_use]
    pub fn connection(&self) -> Connection {
        self.state
    }

    /// Returns the views on the page: the root, and the inner views by number.
    pub fn instances(&self) -> impl Iterator<Item = (Option<&str>, &Instance)> {
        self.sessions.iter().map(|(of, session)| (of.as_deref(), &session.instance))
    }

    /// Returns the handlers of an element.
    #[must_use]
    pub fn handlers_of(&self, element: Id) -> Vec<EventSpec> {
        let all = self.sessions.values().flat_map(|session| session.instance.handlers());
        all.filter(|handler| handler.element == element).map(|handler| handler.spec.clone()).collect()
    }

    /// Returns the number of frames of the root that were applied.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.sessions.get(&None).map_or(0, |session| session.frames)
    }

    /// Returns the number of the last event that was sent to the root.
    #[must_use]
    pub fn last_event(&self) -> u64 {
        self.sessions.get(&None).map_or(0, |session| session.queue.last)
    }

    /// Whether the server has not answered an event yet.
    #[must_use]
    pub fn has_events_under_way(&self) -> bool {
        self.sessions.values().any(|session| !session.has_ended && !session.queue.sent.is_empty())
    }

    /// Whether an event waits for its debounce or throttle time.
    #[must_use]
    pub fn has_events_held(&self) -> bool {
        !self.held.is_empty()
    }

    /// Returns the number of events that the server has refused as unreadable.
    #[must_use]
    pub fn unreadable_events(&self) -> usize {
        self.unreadable
    }

    fn by_id(&self, id: &str) -> Option<Id> {
        self.dom.elements(self.document).into_iter().find(|&node| self.dom.attribute(node, "id") == Some(id))
    }

    fn autofocus(&self) -> Option<Id> {
        self.dom.elements(self.document).into_iter().find(|&id| self.dom.has_attribute(id, "autofocus"))
    }

    // ---- to and from the server ----

    /// Takes what must be sent, in order.
    pub fn take_output(&mut self) -> Vec<String> {
        std::mem::take(&mut self.output).into_iter().flat_map(pieces).collect()
    }

    /// Whether something must be sent.
    #[must_use]
    pub fn has_output(&self) -> bool {
        !self.output.is_empty()
    }

    /// Returns the number of events that have occurred on the page.
    #[must_use]
    pub fn dispatched(&self) -> u64 {
        self.dispatched
    }

    /// Notes that a socket is open. The page attaches.
    pub fn opened(&mut self) {
        self.output.clear();
        let attach = match self.sessions.get_mut(&None) {
            Some(root) => {
                root.is_attached = false;
                root.untold = 0;
                root.boot.attach(&self.name, root.frames)
            }
            None => return,
        };
        self.output.push(attach);
    }

    /// Notes that the socket is lost.
    pub fn lost(&mut self, now: Millis) {
        self.sessions.values_mut().for_each(|session| session.is_attached = false);
        self.output.clear();
        if !matches!(self.state, Connection::Closed | Connection::None) {
            self.show_state(Connection::Lost, now);
        }
    }

    /// Notes that the person has left the page.
    pub fn leave(&mut self, now: Millis) {
        self.flush(now, None);
        self.output.push("\"bye\"".into());
    }

    /// Notes that the person has left the page for another one, which [keeps](Self::keep_sticky) its sticky views.
    pub fn leave_root(&mut self, now: Millis) {
        self.flush(now, None);
        if let Some(root) = self.sessions.get(&None) {
            self.output.push(json!([root.boot.instance, "bye"]).to_string());
        }
    }

    /// Notes that nothing more arrives. The page keeps its content.
    pub fn end(&mut self, notice: Option<&str>) {
        self.undo_advances();
        self.redo_advances(|_, _| false);
        for session in self.sessions.values_mut() {
            session.has_ended = true;
            session.channels.end();
        }
        self.show_state(Connection::Closed, 0);
        if let Some(text) = notice {
            self.notify(text);
        }
    }

    /// Handles a message from the server.
    ///
    /// # Errors
    ///
    /// Returns an error if the message violates the protocol, or if the page cannot apply it.
    pub fn receive(&mut self, now: Millis, text: &str) -> Result<Verdict> {
        match Received::read(text)? {
            Received::Heartbeat => {}
            Received::Frame { of, acknowledged, operations } => {
                if self.sessions.contains_key(&of) {
                    return self.framed(now, &of, acknowledged, &operations);
                }
            }
            Received::Note { of, acknowledged, operations } => {
                let of = Some(of);
                let Some(session) = self.sessions.get(&of) else { return Ok(Verdict::Goes) };
                if acknowledged == 0 || acknowledged > session.acknowledged {
                    return self.apply(now, &of, acknowledged, &operations, false);
                }
            }
            Received::Attached { of, event } => self.attached(now, &of, event)?,
            Received::Gone { of } => {
                if of.is_none() || self.sessions.contains_key(&of) {
                    return Ok(Verdict::MountAgain);
                }
            }
            Received::Reload => return Ok(Verdict::LoadAgain),
            Received::Refused(reason) => {
                self.end(Some(&reason));
                return Ok(Verdict::Ended);
            }
        }
        Ok(Verdict::Goes)
    }

    fn attached(&mut self, now: Millis, of: &Of, event: u64) -> Result<()> {
        let Some(session) = self.sessions.get_mut(of) else { return Ok(()) };
        ensure!(event <= session.queue.last, "event {event} is said to be executed, and was never sent");
        session.is_attached = true;
        if session.is_blank {
            session.frames = 0;
            session.queue.sent.iter_mut().for_each(|sent| sent.frames = 0);
        }
        let time = session.queue.time_of(event);
        session.settle_at = Some((now + ACK_DELAY, event, time));
        session.queue.sent.retain(|sent| sent.number > event);
        let sent = session.queue.sent.clone();
        let answers = session.channels.repeated_answers(of.as_deref());
        for sent in sent {
            self.say_event(of, &sent);
        }
        self.output.extend(answers);
        self.mark_pending();
        self.send_coalesced(now);
        if of.is_none() {
            self.show_state(Connection::Open, now);
            let inside: Vec<Of> = self.sessions.keys().filter(|of| of.is_some()).cloned().collect();
            inside.iter().for_each(|of| self.attach_inside(of));
        }
        Ok(())
    }

    fn attach_inside(&mut self, of: &Of) {
        if let (Some(number), Some(session)) = (of, self.sessions.get_mut(of)) {
            session.is_attached = false;
            session.untold = 0;
            let attach = if session.boot.secret.is_empty() {
                json!([number, "attach", session.frames, session.acknowledged])
            } else {
                let applied = i64::try_from(session.frames).unwrap_or(i64::MAX - 1);
                let applied = if session.is_blank { -1 - applied } else { applied };
                let name = session.page_name.as_ref().unwrap_or(&self.name);
                json!([number, "attach", applied, session.boot.secret, name])
            };
            self.output.push(attach.to_string());
        }
    }

    fn framed(&mut self, now: Millis, of: &Of, acknowledged: u64, operations: &[Value]) -> Result<Verdict> {
        let verdict = self.apply(now, of, acknowledged, operations, true)?;
        if let Some(session) = self.sessions.get_mut(of).filter(|session| !session.has_ended) {
            session.untold += 1;
            if session.untold >= ACK_FRAMES {
                self.tell(of);
            } else {
                session.tell_at.get_or_insert(now + ACK_DELAY);
            }
        }
        Ok(verdict)
    }

    /// Applies a frame, or a note, which is not counted.
    fn apply(&mut self, now: Millis, of: &Of, told: u64, operations: &[Value], is_counted: bool) -> Result<Verdict> {
        let Some(session) = self.sessions.get_mut(of) else { return Ok(Verdict::Goes) };
        let acknowledged = if told == 0 { session.acknowledged } else { told };
        ensure!(
            (session.acknowledged..=session.queue.last).contains(&acknowledged),
            "event {acknowledged} is acknowledged after {}, and {} were sent",
            session.acknowledged,
            session.queue.last
        );
        let answered = if acknowledged > session.acknowledged { session.queue.time_of(acknowledged) } else { 0 };
        // A frame for many pages does not acknowledge the events of one.
        let time = if answered == 0 && told == 0 && !session.queue.sent.is_empty() { NEVER } else { answered };
        self.undo_advances();
        let Some(session) = self.sessions.get_mut(of) else { return Ok(Verdict::Goes) };
        let effects = session.instance.apply(&mut self.dom, operations)?;
        session.is_blank = false;
        let (arrived, written) = (session.instance.arrived(), session.instance.written());
        let attributes = session.instance.attributes();
        let synced = session.instance.synced();
        for element in written {
            let aspects = session.instance.serves(element);
            self.edits.wrote(&self.dom, element, aspects, of);
        }
        if let Some(frames) = synced {
            session.frames = frames;
        } else if is_counted {
            session.frames += 1;
        }
        for (number, data, place) in arrived {
            self.adopt_inside(number, data, place)?;
        }
        let mut verdict = Verdict::Goes;
        for (op, argument) in effects {
            if self.effect(now, of, op, &argument)? {
                verdict = Verdict::Ended;
            }
        }
        if let Some(session) = self.sessions.get_mut(of) {
            session.acknowledged = acknowledged;
            session.queue.sent.retain(|sent| sent.number > acknowledged);
        }
        self.send_coalesced(now);
        self.show_flashes();
        self.mark_pending();
        self.settle(of, acknowledged, time);
        self.restore_kept(&attributes);
        self.prune();
        let sessions: Vec<Of> = self.sessions.keys().cloned().collect();
        self.redo_advances(|by, event| sessions.contains(by) && (by != of || event > acknowledged));
        let commands = std::mem::take(&mut self.commanded);
        self.run_commands(now, &commands, None);
        self.answer_requests();
        self.read_uploads(now);
        // A child that has ended keeps its content on the page.
        Ok(if of.is_none() { verdict } else { Verdict::Goes })
    }

    fn settle(&mut self, of: &Of, event: u64, time: Moment) {
        let instances: Vec<&Instance> = self.sessions.values().map(|session| &session.instance).collect();
        let serves = |id| {
            instances
                .iter()
                .map(|instance| instance.serves(id))
                .find(|aspects| *aspects != Default::default())
                .unwrap_or_default()
        };
        let told = Told { of, event, time };
        self.edits.settle(&mut self.dom, self.document, self.focus, &told, serves);
        // New markup with `autofocus` gets the focus.
        let is_gone = self.focus.is_some_and(|id| !self.dom.contains(self.document, id));
        if is_gone {
            self.focus = None;
        }
    }

    /// Applies an operation that is not a patch. Returns true if the view has ended.
    fn effect(&mut self, now: Millis, of: &Of, op: i64, argument: &Value) -> Result<bool> {
        let origin = |page: &Self| {
            let session = page.sessions.get(of)?;
            session.queue.origins.get(&argument.as_u64()?).cloned()
        };
        match op {
            -2 => {
                let title = self.dom.named(self.document, "title").next();
                let title = title.unwrap_or_else(|| {
                    let title = self.dom.create(Kind::Element(Element::new("title", Namespace::Html)));
                    let head = self.dom.named(self.document, "head").next();
                    self.dom.insert(head.unwrap_or(self.document), title, None);
                    title
                });
                self.dom.set_text(title, string(argument)?);
            }
            -3 => {
                if let Some((time, Reading { form: Some(form), .. })) = origin(self) {
                    self.edits.reset_form(&self.dom, form, time, of);
                }
            }
            -4 => {
                if let Some(element) = self.find(string(argument)?) {
                    self.set_focus(now, Some(element));
                }
            }
            -5 | -6 => {
                if let Some(session) = self.sessions.get_mut(of) {
                    session.untold = 0;
                }
                self.tell(of);
                match of {
                    None => self.end(None),
                    Some(number) => self.forget(number),
                }
                return Ok(true);
            }
            -11..=-9 => {
                if let Some(session) = self.sessions.get_mut(of) {
                    session.channels.apply(op, argument)?;
                }
            }
            -12 => {
                self.unreadable += 1;
                let control = origin(self).and_then(|(_, reading)| reading.control);
                self.edits.refused(&mut self.dom, control, of, argument.as_u64().unwrap_or(0));
            }
            -13 => {
                let [selector, value] = &array(argument)?[..] else {
                    violation!("{argument} does not name a control and a value")
                };
                let found = self.find(string(selector)?);
                if let Some(control) = found.filter(|&id| form::is_control(&self.dom, id)) {
                    self.edits.order(control, value.clone());
                }
            }
            -15 => {
                if let Some(element) = self.find(string(argument)?) {
                    self.scrolled_to = Some(element);
                }
            }
            -18..=-16 => self.navigation(of, op, argument)?,
            -20 => {
                for command in Command::read_all(argument)? {
                    ensure!(!command.is_only_in_advance(), "a command in advance of no answer: {argument}");
                    self.commanded.push(command);
                }
            }
            _ => violation!("there is no operation {op}"),
        }
        Ok(false)
    }

    /// Returns the first element that a selector of the view matches. An invalid one is no reason to give up the page.
    fn find(&self, selector: &str) -> Option<Id> {
        Selector::parse(selector).ok()?.all(&self.dom, self.document, self.focus).first().copied()
    }

    // ---- time ----

    /// Returns when to call [`tick`](Self::tick) next.
    #[must_use]
    pub fn next_timer(&self) -> Option<Millis> {
        let held = self.held.iter().map(|held| held.at).filter(|&at| at != events::ANSWERED);
        let sessions = self.sessions.values();
        let told = sessions.clone().filter(|session| session.is_attached).filter_map(|session| session.tell_at);
        let settled = sessions.filter_map(|session| session.settle_at.map(|(at, ..)| at));
        held.chain(told).chain(settled).chain(self.notice_at).chain(self.next_transition()).min()
    }

    /// Performs what is due.
    pub fn tick(&mut self, now: Millis) {
        while let Some(due) = self.held.iter().find(|held| held.at <= now) {
            let last = (due.of.clone(), due.made);
            self.flush(now, Some(&last));
        }
        for of in self.sessions.keys().cloned().collect::<Vec<_>>() {
            let Some(session) = self.sessions.get_mut(&of) else { continue };
            if session.is_attached && session.tell_at.is_some_and(|at| at <= now) {
                self.tell(&of);
            }
            let Some(session) = self.sessions.get_mut(&of) else { continue };
            if let Some((_, event, time)) = session.settle_at.filter(|(at, ..)| *at <= now) {
                session.settle_at = None;
                self.settle(&of, event, time);
                // No frame has told the answer to these events.
                self.undo_advances();
                let sent: Vec<(Of, u64)> = self
                    .sessions
                    .iter()
                    .flat_map(|(of, session)| session.queue.sent.iter().map(|sent| (of.clone(), sent.number)))
                    .collect();
                self.redo_advances(|of, event| sent.contains(&(of.clone(), event)));
            }
        }
        self.tick_transitions(now);
        if self.notice_at.is_some_and(|at| at <= now) {
            self.notice_at = None;
            self.notify("Connection lost. Reconnecting…");
        }
    }
}

impl Session {
    fn new(boot: Boot, instance: Instance) -> Self {
        Self {
            frames: boot.frames,
            boot,
            instance,
            is_attached: false,
            acknowledged: 0,
            untold: 0,
            tell_at: None,
            settle_at: None,
            queue: Queue::default(),
            channels: Channels::default(),
            has_ended: false,
            is_blank: false,
            page_name: None,
        }
    }
}

/// Returns the live part of a document: the content between its two comments, and the data after it.
fn live_part(dom: &Dom, document: Id) -> Result<Option<(Place, Value)>> {
    let is_block = |&id: &Id| dom.attribute(id, "id") == Some("lanai");
    let Some(block) = dom.named(document, "script").find(is_block) else { return Ok(None) };
    let Ok(data) = serde_json::from_str(&dom.text(block)) else { violation!("the data block is not JSON") };
    let Some(parent) = dom.parent(block) else { return Ok(None) };
    let before: Vec<Id> = dom.children(parent).iter().copied().take_while(|&id| id != block).collect();
    let last = |mark: &str, among: &[Id]| among.iter().rposition(|&id| dom.comment(id) == Some(mark));
    let Some(end) = last("/lanai", &before) else { violation!("the comments around the live part are gone") };
    let Some(start) = last("lanai", &before[..end]) else { violation!("the comments around the live part are gone") };
    Ok(Some((Place { parent, comments: Some((before[start], before[end])) }, data)))
}
