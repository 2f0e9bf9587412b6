//! A page: its document, its views, and the messages between it and the server. It does no input or output itself:
//! messages go in and out as texts, and its caller tells it the time.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::channels::{Answer, ChannelFailure, ChannelMessage, Channels};
use crate::dom::{Dom, Element, Id, Kind, Namespace};
use crate::edits::{Edits, Moment, NEVER, Of, Told, mark_invalid};
use crate::event::Event;
use crate::form;
use crate::instance::{Handler, Instance, Place};
use crate::selector::Selector;
use crate::wire::{Boot, EventSpec, Payload, Received, Result, VERSION, array, ensure, pieces, string, violation};

/// Milliseconds on the caller's clock.
pub type Millis = u64;

/// How long frames may stay unacknowledged, and how many of them.
const ACK_DELAY: Millis = 1000;
const ACK_FRAMES: u64 = 8;

/// How long a connection may be lost before the person is notified.
const LOST_DELAY: Millis = 1000;

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
    /// What remains of inner views that were removed. If one returns, its events continue to be counted.
    past: BTreeMap<String, (u64, Queue)>,
    /// Events that wait for their debounce or throttle time, in the order of sending.
    held: Vec<Waiting>,
    /// When throttled handlers may run again.
    until: BTreeMap<(Of, u64), Millis>,
    edits: Edits,
    focus: Option<Id>,
    /// What the focused control showed when it got the focus.
    before_edit: Option<String>,
    state: Connection,
    /// When the person is notified that the connection is lost.
    notice_at: Option<Millis>,
    notice: Option<Id>,
    output: Vec<String>,
    /// The number of events that the server has refused as unreadable.
    unreadable: usize,
    dispatched: u64,
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
}

/// Events of one view, numbered from 1.
#[derive(Debug, Default)]
struct Queue {
    sent: Vec<Sent>,
    last: u64,
    origins: BTreeMap<u64, (Moment, Reading)>,
}

/// An event in flight.
#[derive(Debug, Clone)]
struct Sent {
    number: u64,
    /// The number of a handler, or a channel and an event on it, as JSON.
    handler: String,
    payload: String,
    owner: Option<Id>,
    submitter: Option<Id>,
}

/// The source of an event's payload.
#[derive(Debug, Clone, Default)]
struct Reading {
    form: Option<Id>,
    control: Option<Id>,
    carried: Vec<Id>,
}

/// An event that waits.
#[derive(Debug)]
struct Waiting {
    of: Of,
    made: u64,
    event: Event,
    at: Millis,
}

/// The outcome of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dispatched {
    /// Whether the browser's default action was prevented.
    pub is_prevented: bool,
    /// The number of handlers that the event has reached, including those that wait.
    pub heard: usize,
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
            past: BTreeMap::new(),
            held: Vec::new(),
            until: BTreeMap::new(),
            edits: Edits::default(),
            focus: None,
            before_edit: None,
            state: Connection::None,
            notice_at: None,
            notice: None,
            output: Vec::new(),
            unreadable: 0,
            dispatched: 0,
        };
        if let Some(late) = page.by_id("lanai-late") {
            page.dom.remove(late);
        }
        if let Some((place, data)) = live_part(&page.dom, document)? {
            page.live = Some(place);
            page.show_state(Connection::Connecting, 0);
            page.hydrate(0, &data)?;
        }
        page.focus = page.autofocus();
        Ok(page)
    }

    // ---- what it shows ----

    /// Returns the document.
    pub fn dom(&self) -> &Dom {
        &self.dom
    }

    /// Returns the document, for code that acts as a person or a script.
    pub fn dom_mut(&mut self) -> &mut Dom {
        &mut self.dom
    }

    /// Returns the root of the document.
    pub fn document(&self) -> Id {
        self.document
    }

    /// Returns the position of the live part, if there is one.
    pub fn live(&self) -> Option<Place> {
        self.live
    }

    /// Returns the data block, if there is a live part.
    pub fn boot(&self) -> Option<&Boot> {
        self.sessions.get(&None).map(|session| &session.boot)
    }

    /// Returns the title.
    pub fn title(&self) -> String {
        let title = self.dom.named(self.document, "title").next();
        title.map(|id| self.dom.text(id).split_whitespace().collect::<Vec<_>>().join(" ")).unwrap_or_default()
    }

    /// Returns the focused element.
    pub fn focus(&self) -> Option<Id> {
        self.focus.filter(|&id| self.dom.contains(self.document, id))
    }

    /// Returns the state of the connection.
    pub fn connection(&self) -> Connection {
        self.state
    }

    /// Returns the views on the page: the root, and the inner views by number.
    pub fn instances(&self) -> impl Iterator<Item = (Option<&str>, &Instance)> {
        self.sessions.iter().map(|(of, session)| (of.as_deref(), &session.instance))
    }

    /// Returns the handlers of an element.
    pub fn handlers_of(&self, element: Id) -> Vec<EventSpec> {
        let all = self.sessions.values().flat_map(|session| session.instance.handlers());
        all.filter(|handler| handler.element == element).map(|handler| handler.spec.clone()).collect()
    }

    /// Returns the number of frames of the root that were applied.
    pub fn frames(&self) -> u64 {
        self.sessions.get(&None).map_or(0, |session| session.frames)
    }

    /// Returns the number of the last event that was sent to the root.
    pub fn last_event(&self) -> u64 {
        self.sessions.get(&None).map_or(0, |session| session.queue.last)
    }

    /// Whether the server has not answered an event yet.
    pub fn has_events_under_way(&self) -> bool {
        self.sessions.values().any(|session| !session.has_ended && !session.queue.sent.is_empty())
    }

    /// Whether an event waits for its debounce or throttle time.
    pub fn has_events_held(&self) -> bool {
        !self.held.is_empty()
    }

    /// Returns the number of events that the server has refused as unreadable.
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
    pub fn has_output(&self) -> bool {
        !self.output.is_empty()
    }

    /// Returns the number of events that have occurred on the page.
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

    /// Notes that nothing more arrives. The page keeps its content.
    pub fn end(&mut self, notice: Option<&str>) {
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
                    return self.framed(now, of, acknowledged, &operations);
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
            self.output.push(json!([number, "attach", session.frames, session.acknowledged]).to_string());
        }
    }

    fn framed(&mut self, now: Millis, of: Of, acknowledged: u64, operations: &[Value]) -> Result<Verdict> {
        let verdict = self.apply(now, &of, acknowledged, operations, true)?;
        if let Some(session) = self.sessions.get_mut(&of).filter(|session| !session.has_ended) {
            session.untold += 1;
            if session.untold >= ACK_FRAMES {
                self.tell(&of);
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
        let effects = session.instance.apply(&mut self.dom, operations)?;
        let (arrived, written) = (session.instance.arrived(), session.instance.written());
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
        self.mark_pending();
        self.settle(of, acknowledged, time);
        self.prune();
        self.answer_requests();
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
                // An invalid selector from the view is no reason to give up the page.
                if let Ok(selector) = Selector::parse(string(argument)?)
                    && let Some(&element) = selector.all(&self.dom, self.document, self.focus).first()
                {
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
                if let Ok(selector) = Selector::parse(string(selector)?) {
                    let found = selector.all(&self.dom, self.document, self.focus).first().copied();
                    if let Some(control) = found.filter(|&id| form::is_control(&self.dom, id)) {
                        self.edits.order(control, value.clone());
                    }
                }
            }
            _ => violation!("there is no operation {op}"),
        }
        Ok(false)
    }

    // ---- views inside others ----

    fn hydrate(&mut self, now: Millis, data: &Value) -> Result<()> {
        ensure!(data["v"] == VERSION, "the page is of another version of the protocol: {data}");
        let mut boot = Boot::read(data, None)?;
        boot.build = self.build();
        let Some(live) = self.live else { return Ok(()) };
        self.edits.adopt(&mut self.dom, live.parent);
        let mut instance = Instance::hydrate(&mut self.dom, live, &boot, false)?;
        let arrived = instance.arrived();
        self.sessions.insert(None, Session::new(boot, instance));
        for (number, data, place) in arrived {
            self.adopt_inside(number, data, place)?;
        }
        self.tell_untold(now);
        Ok(())
    }

    /// The hash in the URL of the client's script, `/_lanai/client-<hash>.js`.
    fn build(&self) -> String {
        let scripts = self.dom.named(self.document, "script");
        let hash = |src: &str| Some(src.rsplit_once("/_lanai/client-")?.1.strip_suffix(".js")?.to_owned());
        scripts.filter_map(|id| self.dom.attribute(id, "src")).find_map(hash).unwrap_or_default()
    }

    fn adopt_inside(&mut self, number: String, data: Option<Value>, place: Place) -> Result<()> {
        let Some(data) = data else { violation!("view {number} inside has no data") };
        // It may have moved from another slot, in the same frame.
        self.forget(&number);
        let boot = Boot::read(&data, Some(&number))?;
        let mut instance = Instance::hydrate(&mut self.dom, place, &boot, true)?;
        let arrived = instance.arrived();
        let mut session = Session::new(boot, instance);
        if let Some((acknowledged, queue)) = self.past.remove(&number) {
            session.acknowledged = acknowledged;
            session.queue = queue;
        }
        let of = Some(number);
        self.sessions.insert(of.clone(), session);
        if self.sessions.get(&None).is_some_and(|root| root.is_attached) {
            self.attach_inside(&of);
        }
        for (number, data, place) in arrived {
            self.adopt_inside(number, data, place)?;
        }
        Ok(())
    }

    /// Forgets the views that are no longer on the page.
    fn prune(&mut self) {
        let mut here: Vec<Of> = vec![None];
        let mut at = 0;
        while let Some(of) = here.get(at) {
            let inside = self.sessions.get(of).map(|session| session.instance.inside()).unwrap_or_default();
            let inside: Vec<Of> = inside.into_iter().map(|number| Some(number.to_owned())).collect();
            here.extend(inside);
            at += 1;
        }
        let gone: Vec<String> = self.sessions.keys().filter(|of| !here.contains(of)).flatten().cloned().collect();
        gone.iter().for_each(|number| self.forget(number));
    }

    fn forget(&mut self, number: &str) {
        if let Some(session) = self.sessions.remove(&Some(number.to_owned())) {
            self.past.insert(number.into(), (session.acknowledged, session.queue));
        }
    }

    /// Returns the innermost view around a node.
    fn view_at(&self, node: Id) -> Of {
        let is_in = |place: Place| match place.nodes(&self.dom) {
            Ok(nodes) => nodes.iter().any(|&outer| self.dom.contains(outer, node)),
            Err(_) => false,
        };
        let around = self.sessions.iter().filter(|(of, session)| of.is_some() && is_in(session.instance.place()));
        around
            .max_by_key(|(_, session)| self.dom.ancestors(session.instance.place().parent).count())
            .and_then(|(of, _)| of.clone())
    }

    // ---- time ----

    /// Returns when to call [`tick`](Self::tick) next.
    pub fn next_timer(&self) -> Option<Millis> {
        let held = self.held.iter().map(|held| held.at);
        let sessions = self.sessions.values();
        let told = sessions.clone().filter(|session| session.is_attached).filter_map(|session| session.tell_at);
        let settled = sessions.filter_map(|session| session.settle_at.map(|(at, ..)| at));
        held.chain(told).chain(settled).chain(self.notice_at).min()
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
            }
        }
        if self.notice_at.is_some_and(|at| at <= now) {
            self.notice_at = None;
            self.notify("Connection lost. Reconnecting…");
        }
    }

    // ---- events ----

    /// Dispatches an event. Handlers from its target up to the root receive it, according to their modifiers.
    pub fn dispatch(&mut self, now: Millis, event: &Event) -> Dispatched {
        self.dispatched += 1;
        let mut path = vec![event.target];
        if event.bubbles {
            path.extend(self.dom.ancestors(event.target));
        }
        let mut outcome = Dispatched::default();
        for element in path {
            for (of, handler) in self.handlers_at(element) {
                let spec = &handler.spec;
                if spec.event != event.kind
                    || form::is_disabled(&self.dom, element)
                    || !self.wants(spec, element, event)
                {
                    continue;
                }
                outcome.is_prevented |= spec.prevents();
                if self.sessions.get(&of).is_none_or(|session| session.has_ended) {
                    if matches!(event.kind.as_str(), "click" | "submit") {
                        self.notify("This page has ended. Reload it to go on.");
                    }
                } else if spec.payload != Payload::Off {
                    outcome.heard += 1;
                    self.happened(now, &of, &handler, event);
                }
                if spec.stops() {
                    return outcome;
                }
            }
        }
        outcome
    }

    fn handlers_at(&self, element: Id) -> Vec<(Of, Handler)> {
        let all = self.sessions.iter().flat_map(|(of, session)| {
            session.instance.handlers().into_iter().map(move |handler| (of.clone(), handler))
        });
        all.filter(|(_, handler)| handler.element == element).map(|(of, handler)| (of, handler.clone())).collect()
    }

    fn wants(&self, spec: &EventSpec, owner: Id, event: &Event) -> bool {
        // With one of these keys, a link opens elsewhere.
        let elsewhere = ["ctrlKey", "metaKey", "shiftKey"].iter().any(|key| event.flag(key));
        let in_link = || self.dom.closest(owner, |element| element.name == "a" && element.has("href")).is_some();
        if event.kind == "click" && spec.prevents() && elsewhere && in_link() {
            return false;
        }
        spec.keys().is_empty() || (spec.wants_key(event.pressed()) && !event.flag("isComposing"))
    }

    /// Runs a handler now, or after its debounce or throttle time.
    fn happened(&mut self, now: Millis, of: &Of, handler: &Handler, event: &Event) {
        let spec = &handler.spec;
        let key = (of.clone(), handler.made);
        let until = self.until.get(&key).copied();
        if until.is_some() && spec.is_once() {
            return;
        }
        let debounce = spec.debounce();
        let wait = if debounce > 0 { debounce } else { until.map_or(0, |until| until.saturating_sub(now)) };
        if wait == 0 {
            self.flush(now, None);
            self.run(now, of, handler, event);
            return;
        }
        // A debounce restarts with each event, and a throttle does not. The latest event goes to the end of the sending
        // order.
        let before = self
            .held
            .iter()
            .position(|held| held.of == *of && held.made == handler.made)
            .map(|at| self.held.remove(at));
        let at = before.filter(|_| debounce == 0).map_or(now + wait, |before| before.at);
        self.held.push(Waiting { of: of.clone(), made: handler.made, event: event.clone(), at });
    }

    /// Sends what is held back, up to a handler's event or all: an edit never arrives after the click that followed it.
    fn flush(&mut self, now: Millis, last: Option<&(Of, u64)>) {
        while !self.held.is_empty() {
            let Waiting { of, made, event, .. } = self.held.remove(0);
            // A patch, or the end of the view, may have removed it.
            let session = self.sessions.get(&of).filter(|session| !session.has_ended);
            let handler = session
                .and_then(|session| session.instance.handlers().into_iter().find(|handler| handler.made == made));
            if let Some(handler) = handler.cloned() {
                self.run(now, &of, &handler, &event);
            }
            if last.is_some_and(|(by, last)| *by == of && *last == made) {
                return;
            }
        }
    }

    fn run(&mut self, now: Millis, of: &Of, handler: &Handler, event: &Event) {
        let spec = &handler.spec;
        let owner = handler.element;
        let (payload, reading) = self.read_payload(&spec.payload, owner, event);
        let limit = self.boot().map_or(usize::MAX, |boot| boot.message_size);
        if payload.len() > limit {
            let controls = reading.control.map_or(reading.carried, |control| vec![control]);
            let largest = controls.into_iter().max_by_key(|&id| form::value(&self.dom, id).len());
            mark_invalid(&mut self.dom, largest.unwrap_or(owner), true);
            return;
        }
        let happened = self.edits.tick();
        let sent = Sent {
            number: 0,
            handler: handler.number.to_string(),
            payload,
            owner: Some(owner),
            submitter: event.submitter,
        };
        if event.kind == "submit" && self.is_repeated(of, &sent, &reading) {
            return;
        }
        self.until.insert((of.clone(), handler.made), now + spec.throttle());
        let number = self.post(of, sent, happened, reading.clone());
        // For a click on a checkbox, the view needs no payload.
        let is_box =
            |&id: &Id| form::is_checkable(&self.dom, id) && matches!(event.kind.as_str(), "click" | "input" | "change");
        let boxes = reading.control.filter(is_box);
        for control in reading.carried.iter().copied().chain(boxes) {
            // A form's handler may ignore a text that is being typed. That is no reason to lose the text.
            let is_text = !form::is_checkable(&self.dom, control) && self.dom.name(control) != "select";
            let is_answer = reading.control == Some(control) && !(self.dom.name(owner) == "form" && is_text);
            self.edits.carried_by(&self.dom, control, of, number, is_answer);
        }
    }

    /// Whether this submit is already in flight, and nothing was edited since: a double click, or an impatient Enter.
    fn is_repeated(&self, of: &Of, sent: &Sent, reading: &Reading) -> bool {
        let Some(session) = self.sessions.get(of) else { return false };
        let is_same =
            |one: &&Sent| one.handler == sent.handler && one.payload == sent.payload && one.submitter == sent.submitter;
        let Some(twin) = session.queue.sent.iter().rev().find(is_same) else { return false };
        let time = session.queue.time_of(twin.number);
        !reading.carried.iter().any(|&control| self.edits.edited_since(control, time))
    }

    fn read_payload(&self, payload: &Payload, owner: Id, event: &Event) -> (String, Reading) {
        let dom = &self.dom;
        let form = form::form_of(dom, owner).or_else(|| form::form_of(dom, event.target));
        let control = [event.target, owner].into_iter().find(|&id| form::is_control(dom, id));
        let mut reading = Reading { form, control, carried: Vec::new() };
        let source = control.unwrap_or(owner);
        let data = match payload {
            Payload::Nothing | Payload::Off => return (String::new(), reading),
            Payload::Fields => {
                let Some(form) = form else { return ("\"\"".into(), reading) };
                reading.carried =
                    form::members(dom, form).into_iter().filter(|&id| form::is_control(dom, id)).collect();
                let fields = form::fields(dom, form, event.submitter);
                form::urlencoded(fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))).into()
            }
            Payload::Value => {
                reading.carried = control.into_iter().collect();
                if dom.name(source) == "select" && dom.has_attribute(source, "multiple") {
                    let chosen =
                        form::selected(dom, source).into_iter().filter(|&option| !form::is_disabled(dom, option));
                    chosen.map(|option| form::default_value(dom, option)).collect()
                } else {
                    Value::from(form::value(dom, source))
                }
            }
            Payload::Checked => {
                reading.carried = control.into_iter().collect();
                form::is_checked(dom, source).into()
            }
            Payload::Properties(paths) => {
                if paths.iter().any(|path| path.ends_with("rget.value") || path.ends_with("rget.checked")) {
                    reading.carried = control.into_iter().collect();
                }
                paths.iter().map(|path| event.property(dom, path, owner)).collect()
            }
        };
        (data.to_string(), reading)
    }

    /// Numbers an event, and sends it when it can.
    fn post(&mut self, of: &Of, mut sent: Sent, happened: Moment, reading: Reading) -> u64 {
        let Some(session) = self.sessions.get_mut(of) else { return 0 };
        session.queue.last += 1;
        sent.number = session.queue.last;
        session.queue.origins.insert(sent.number, (happened, reading));
        session.queue.sent.push(sent.clone());
        self.say_event(of, &sent);
        self.mark_pending();
        sent.number
    }

    fn say_event(&mut self, of: &Of, sent: &Sent) {
        let Some(session) = self.sessions.get(of) else { return };
        let (frames, Sent { number, handler, payload, .. }) = (session.frames, sent);
        let payload = if payload.is_empty() { String::new() } else { format!(",{payload}") };
        self.say(of, &format!("{number},{frames},{handler}{payload}"));
    }

    /// Acknowledges frames.
    fn tell(&mut self, of: &Of) {
        let Some(session) = self.sessions.get_mut(of) else { return };
        session.tell_at = None;
        let frames = session.frames;
        if of.is_none() && session.is_attached {
            session.untold = 0;
            self.output.push(frames.to_string());
        } else {
            self.say(of, &frames.to_string());
        }
    }

    /// Sends a message about a view, if it is attached.
    fn say(&mut self, of: &Of, message: &str) {
        let root_is_attached = self.sessions.get(&None).is_some_and(|root| root.is_attached);
        let Some(session) = self.sessions.get_mut(of).filter(|session| session.is_attached && root_is_attached) else {
            return;
        };
        session.untold = 0;
        session.tell_at = None;
        self.output.push(match of {
            None => format!("[{message}]"),
            Some(number) => format!("[\"{number}\",{message}]"),
        });
    }

    /// Marks elements whose events are in flight.
    fn mark_pending(&mut self) {
        const PENDING: &str = "data-lanai-pending";
        let pending: Vec<Id> =
            self.sessions.values().flat_map(|session| &session.queue.sent).filter_map(|sent| sent.owner).collect();
        for id in self.dom.elements(self.document) {
            let is_pending = pending.contains(&id);
            if is_pending != self.dom.has_attribute(id, PENDING) {
                self.dom.set_attribute(id, PENDING, is_pending.then_some(""));
                if self.dom.name(id) == "form" {
                    self.dom.set_attribute(id, "aria-busy", is_pending.then_some("true"));
                }
            }
        }
    }

    /// Sends an event to a handler of the root by its number, whether or not the page has that handler, as an attacker
    /// who forges messages does.
    pub fn forge(&mut self, handler: u64, payload: Option<&Value>) {
        let payload = payload.map(Value::to_string).unwrap_or_default();
        let sent = Sent { number: 0, handler: handler.to_string(), payload, owner: None, submitter: None };
        let happened = self.edits.tick();
        self.post(&None, sent, happened, Reading::default());
    }

    // ---- what a person does beside events ----

    /// Notes that a person has changed what a control shows. Call this before dispatching the events about it.
    pub fn edited(&mut self, control: Id) {
        self.edits.edited(&mut self.dom, control);
    }

    /// Focuses an element, or removes the focus, with the resulting events.
    pub fn set_focus(&mut self, now: Millis, element: Option<Id>) {
        let old = self.focus();
        if old == element {
            return;
        }
        if let Some(old) = old {
            if self.before_edit.take().is_some_and(|before| before != form::value(&self.dom, old)) {
                self.dispatch(now, &Event::new("change", old));
            }
            self.focus = None;
            self.dispatch(now, &Event::new("blur", old));
            self.dispatch(now, &Event::new("focusout", old));
            // The control that had the focus may be set now.
            if let Some(root) = self.sessions.get(&None) {
                let acknowledged = root.acknowledged;
                self.settle(&None, acknowledged, 0);
            }
        }
        self.focus = element;
        if let Some(new) = element {
            self.before_edit = form::is_text(&self.dom, new).then(|| form::value(&self.dom, new));
            self.dispatch(now, &Event::new("focus", new));
            self.dispatch(now, &Event::new("focusin", new));
        }
    }

    /// Notes that a person has finished an edit of the focused control: dispatches `change` if there was one.
    pub fn commit(&mut self, now: Millis) {
        if let (Some(control), Some(before)) = (self.focus(), self.before_edit.clone()) {
            let value = form::value(&self.dom, control);
            if before != value {
                self.before_edit = Some(value);
                self.dispatch(now, &Event::new("change", control));
            }
        }
    }

    /// Resets a form as its button does. The person has edited what this changes.
    pub fn reset_form(&mut self, now: Millis, form: Id) {
        for control in
            form::members(&self.dom, form).into_iter().filter(|&id| form::is_control(&self.dom, id)).collect::<Vec<_>>()
        {
            if form::is_changed(&self.dom, control) {
                form::restore(&mut self.dom, control, true, true);
                self.edits.edited(&mut self.dom, control);
            }
        }
        self.tell_untold(now);
    }

    /// Sends edits to the server that no event has reported.
    fn tell_untold(&mut self, now: Millis) {
        for control in self.edits.untold(&self.dom, self.document) {
            // The other radio buttons of a group send no event when one is checked.
            if form::kind(&self.dom, control) == "radio" && !form::is_checked(&self.dom, control) {
                continue;
            }
            for kind in ["input", "change"] {
                self.dispatch(now, &Event::new(kind, control));
            }
        }
    }

    // ---- channels ----

    fn channels(&mut self, at: Option<Id>) -> (Of, Option<&mut Channels>) {
        let of = at.and_then(|node| self.view_at(node));
        let channels = self.sessions.get_mut(&of).map(|session| &mut session.channels);
        (of, channels)
    }

    /// Sends a message on a channel of the innermost view around a node, or of the root.
    pub fn emit(&mut self, now: Millis, at: Option<Id>, channel: &str, event: &str, payload: &Value) {
        let (of, _) = self.channels(at);
        self.post_on_channel(now, &of, channel, event, payload.to_string());
    }

    /// Sends a request on a channel. The result is its number, for [`answer_to`](Self::answer_to).
    pub fn request(&mut self, now: Millis, at: Option<Id>, channel: &str, event: &str, payload: &Value) -> u64 {
        let (of, channels) = self.channels(at);
        let Some(channels) = channels else { return 0 };
        let id = channels.next_request();
        self.post_on_channel(now, &of, channel, event, format!("{payload},{id}"));
        id
    }

    fn post_on_channel(&mut self, now: Millis, of: &Of, channel: &str, event: &str, payload: String) {
        // An edit never arrives after what followed it.
        self.flush(now, None);
        let handler = format!("{},{}", Value::from(channel), Value::from(event));
        let sent = Sent { number: 0, handler, payload, owner: None, submitter: None };
        let happened = self.edits.tick();
        self.post(of, sent, happened, Reading::default());
    }

    /// Returns the answer to a request, once it has arrived.
    pub fn answer_to(&mut self, at: Option<Id>, request: u64) -> Option<std::result::Result<Value, ChannelFailure>> {
        self.channels(at).1.and_then(|channels| channels.take_answer(request))
    }

    /// Returns the messages of the view on its channels that were not taken yet.
    pub fn heard(&mut self, at: Option<Id>) -> &[ChannelMessage] {
        self.channels(at).1.map_or(&[], |channels| channels.heard.as_slice())
    }

    /// Takes the first message for an event of a channel that was not taken before.
    pub fn hear(&mut self, at: Option<Id>, channel: &str, event: &str) -> Option<Value> {
        self.channels(at).1.and_then(|channels| channels.hear(channel, event))
    }

    /// Sets the handler of the view's requests.
    pub fn on_request(&mut self, at: Option<Id>, channel: &str, event: &str, answer: Answer) {
        if let Some(channels) = self.channels(at).1 {
            channels.on_request(channel, event, answer);
        }
        self.answer_requests();
    }

    fn answer_requests(&mut self) {
        for (of, session) in &mut self.sessions {
            let answers = session.channels.answer_requests(of.as_deref());
            if session.is_attached {
                self.output.extend(answers);
            }
        }
    }

    // ---- mounting again ----

    /// Replaces the live part by that of another document, which was fetched from the page's own URL. The focus and
    /// what the person has typed are kept. Returns false if that document has no live part: then it is another page.
    ///
    /// # Errors
    ///
    /// Returns an error if its HTML does not match its data.
    pub fn replace(&mut self, now: Millis, html: &str) -> Result<bool> {
        let fetched = self.dom.parse_document(html);
        let (Some((from, data)), Some(place)) = (live_part(&self.dom, fetched)?, self.live) else { return Ok(false) };
        let title = self.dom.named(fetched, "title").next().map(|id| self.dom.text(id));
        let (before, focus) = (self.named(place.parent), self.focus());
        let was_under_way = self.has_events_under_way();
        for node in place.nodes(&self.dom)? {
            self.dom.remove(node);
        }
        for node in from.nodes(&self.dom)? {
            self.dom.insert(place.parent, node, place.comments.map(|(_, end)| end));
        }
        let after = self.named(place.parent);
        for (name, (old, count)) in before {
            // If several elements have no unique name and their number has changed, the right one is unknown.
            let Some(&(new, _)) = after.get(&name).filter(|(_, now)| *now == count) else { continue };
            if form::is_control(&self.dom, old)
                && form::is_control(&self.dom, new)
                && (self.edits.is_touched(old) || form::is_changed(&self.dom, old))
            {
                self.copy(old, new);
            }
            if focus == Some(old) {
                self.focus = Some(new);
            }
        }
        for session in self.sessions.values_mut() {
            session.channels.end();
        }
        self.sessions.clear();
        self.past.clear();
        self.held.clear();
        self.until.clear();
        if let Some(title) = title {
            self.effect(now, &None, -2, &title.into())?;
        }
        self.hydrate(now, &data)?;
        if was_under_way {
            self.notify("Your last actions could not be confirmed.");
        }
        Ok(true)
    }

    /// Returns the elements that may have the focus, with names that are the same in another rendering of the page, and
    /// the number of each kind.
    fn named(&self, holder: Id) -> BTreeMap<String, (Id, usize)> {
        let mut names: BTreeMap<String, Vec<Id>> = BTreeMap::new();
        for id in self.dom.elements(holder) {
            if !matches!(self.dom.name(id), "input" | "textarea" | "select" | "button" | "a") {
                continue;
            }
            let attribute = |name: &str| self.dom.attribute(id, name).unwrap_or_default().to_owned();
            let kind = form::kind(&self.dom, id).to_owned();
            let value = if form::is_checkable(&self.dom, id) { attribute("value") } else { String::new() };
            let own = attribute("id");
            let by_kind = || [self.dom.name(id).to_owned(), attribute("name"), kind, value].join(",");
            let key = if own.is_empty() { by_kind() } else { own };
            names.entry(key).or_default().push(id);
        }
        let numbered = names.into_iter().flat_map(|(key, ids)| {
            let count = ids.len();
            ids.into_iter().enumerate().map(move |(at, id)| (format!("{key}+{at}"), (id, count)))
        });
        numbered.collect()
    }

    fn copy(&mut self, from: Id, to: Id) {
        if self.dom.name(from) == "select" {
            let chosen: Vec<String> =
                form::selected(&self.dom, from).into_iter().map(|id| form::default_value(&self.dom, id)).collect();
            let options = form::options(&self.dom, to)
                .into_iter()
                .filter(|&id| chosen.contains(&form::default_value(&self.dom, id)));
            let options: Vec<Id> = options.collect();
            form::select(&mut self.dom, to, &options);
        } else if form::is_checkable(&self.dom, from) {
            let checked = form::is_checked(&self.dom, from);
            form::set_checked(&mut self.dom, to, checked);
        } else {
            let value = form::value(&self.dom, from);
            form::set_value(&mut self.dom, to, &value);
        }
    }

    // ---- what a person sees of the connection ----

    fn show_state(&mut self, state: Connection, now: Millis) {
        if self.state == state {
            return;
        }
        self.state = state;
        let text = match state {
            Connection::None => return,
            Connection::Connecting => "connecting",
            Connection::Open => "open",
            Connection::Lost => "lost",
            Connection::Closed => "closed",
        };
        if let Some(html) = self.dom.elements(self.document).first().copied() {
            self.dom.set_attribute(html, "data-lanai-connection", Some(text));
        }
        self.notice_at = (state == Connection::Lost).then_some(now + LOST_DELAY);
        if let Some(notice) = self.notice.filter(|&id| self.dom.text(id).starts_with("Connection lost")) {
            self.dom.remove(notice);
        }
    }

    fn notify(&mut self, text: &str) {
        let notice = match self.notice {
            Some(notice) => notice,
            None => {
                let mut element = Element::new("div", Namespace::Html);
                element.attributes.insert("class".into(), "lanai-notice".into());
                element.attributes.insert("role".into(), "status".into());
                let notice = self.dom.create(Kind::Element(element));
                self.notice = Some(notice);
                notice
            }
        };
        self.dom.set_text(notice, text);
        let body = self.dom.named(self.document, "body").next();
        self.dom.insert(body.unwrap_or(self.document), notice, None);
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
        }
    }
}

impl Queue {
    /// Returns when an event occurred, on the clock of edits and events.
    fn time_of(&self, event: u64) -> Moment {
        self.origins.get(&event).map_or(0, |(time, _)| *time)
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
