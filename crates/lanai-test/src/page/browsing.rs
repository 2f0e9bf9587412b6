//! What a person does with the browser: other pages, history, the network.

use std::panic::Location;
use std::time::Duration;

use axum::http::{HeaderName, Method, StatusCode};
use lanai_client::{Connection, Navigate, StickyViews};
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};

use super::Page;
use crate::act::Leave;
use crate::app::seconds;
use crate::error::{Error, Result};
use crate::tab::State;

/// The number of redirects that are followed.
pub(crate) const REDIRECTS: usize = 10;

impl Page {
    /// Goes to a URL, as if it were typed into the address bar.
    ///
    /// # Errors
    ///
    /// Returns an error if the server does not answer, or if the page does not become live.
    #[track_caller]
    pub fn visit(&self, path: &str) -> impl Future<Output = Result> {
        self.load(
            Location::caller(),
            Leave { post: None, address: path.to_owned(), is_external: false, in_place: false },
            true,
        )
    }

    /// Reloads the page.
    ///
    /// # Errors
    ///
    /// Returns an error in the same cases as [`visit`](Self::visit).
    #[track_caller]
    pub fn reload(&self) -> impl Future<Output = Result> {
        let address = self.path();
        self.load(Location::caller(), Leave { post: None, address, is_external: false, in_place: false }, false)
    }

    /// Goes back to the page before this one.
    ///
    /// # Errors
    ///
    /// Returns an error if there is none, or in the same cases as [`visit`](Self::visit).
    #[track_caller]
    pub fn back(&self) -> impl Future<Output = Result> {
        self.travel(Location::caller(), "back", |at| at.checked_sub(1))
    }

    /// Goes forward to the page that was left with [`back`](Self::back).
    ///
    /// # Errors
    ///
    /// Returns an error in the same cases as [`back`](Self::back).
    #[track_caller]
    pub fn forward(&self) -> impl Future<Output = Result> {
        self.travel(Location::caller(), "forward", |at| Some(at + 1))
    }

    async fn travel(&self, at: &'static Location<'static>, way: &str, step: impl Fn(usize) -> Option<usize>) -> Result {
        let address = {
            let mut state = self.tab.state();
            let there = step(state.at).and_then(|at| state.history.get(at).cloned().map(|address| (at, address)));
            let Some((place, address)) = there else {
                return Err(Error::new(
                    at,
                    format!("could not go {way}: there is no such page in the history of the tab"),
                )
                .on(state.shown(None)));
            };
            state.at = place;
            address
        };
        if self.tell_query(&address) {
            return self.answered(at, way).await;
        }
        self.load(at, Leave { post: None, address, is_external: false, in_place: true }, false).await
    }

    /// Tells the views of the page about the query of a URL. Returns false if the URL is that of another page, or if no
    /// view wants to know.
    pub(crate) fn tell_query(&self, address: &str) -> bool {
        let Ok(address) = self.resolved(address) else { return false };
        let now = self.tab.now();
        let mut state = self.tab.state();
        let (path, query) = address.split_at(address.find('?').unwrap_or(address.len()));
        let is_here = state.shown == path;
        let is_told = is_here && state.page.as_mut().is_some_and(|page| page.query_changed(now, query));
        drop(state);
        self.tab.touch();
        is_told
    }

    /// Does what the views have asked the browser to do with its history.
    pub(crate) async fn follow(&self, at: &'static Location<'static>) -> Result {
        loop {
            let asked = self.tab.state().page.as_mut().map(lanai_client::Page::take_navigation).unwrap_or_default();
            if asked.is_empty() {
                return Ok(());
            }
            for navigate in asked {
                match navigate {
                    Navigate::Query { query, replace } => {
                        let mut state = self.tab.state();
                        let path = state.path().split('?').next().unwrap_or_default();
                        let address = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
                        if address != state.path() {
                            state.enter(address, !replace);
                        }
                    }
                    Navigate::To { url, replace } if self.tell_query(&url) => {
                        let address = self.resolved(&url).unwrap_or(url);
                        self.tab.state().enter(address, !replace);
                        self.answered(at, "the view changed the query").await?;
                    }
                    Navigate::To { url, replace } => {
                        let leave = Leave { post: None, address: url, is_external: true, in_place: true };
                        self.load_document(at, leave, !replace).await?;
                    }
                    Navigate::Back => {
                        let back = {
                            let mut state = self.tab.state();
                            state.at.checked_sub(1).and_then(|at| {
                                state.at = at;
                                state.history.get(at).cloned()
                            })
                        };
                        match back {
                            Some(address) if self.tell_query(&address) => {
                                self.answered(at, "the view went back").await?
                            }
                            Some(address) => {
                                let leave = Leave { post: None, address, is_external: false, in_place: true };
                                self.load_document(at, leave, false).await?
                            }
                            None => {}
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// Closes the tab, and notifies the server.
    pub async fn close(self) {
        self.say_bye(false).await;
        let mut state = self.tab.state();
        state.stop();
        state.page = None;
    }

    /// Tells the server that the person leaves the page, if it is connected.
    async fn say_bye(&self, keeps_sticky: bool) {
        {
            let mut state = self.tab.state();
            let now = self.tab.now();
            match &mut state.page {
                Some(page) if page.connection() == Connection::Open && keeps_sticky => page.leave_root(now),
                Some(page) if page.connection() == Connection::Open => page.leave(now),
                _ => return,
            }
        }
        self.tab.touch();
        // What it has sent before arrives first.
        let has_said = |state: &mut State| match &state.page {
            Some(page) if page.connection() == Connection::Open && !state.wire.has_said_bye() => Err(String::new()),
            _ => Ok(()),
        };
        let _ = self.tab.wait(self.patience, has_said).await;
    }

    /// Disconnects this tab from the network: its connection breaks silently, and it cannot open another.
    pub fn disconnect(&self) {
        self.tab.state().link.is_up = false;
        self.tab.touch();
    }

    /// Reconnects this tab to the network, and waits until the page is connected again.
    ///
    /// # Errors
    ///
    /// Returns an error if the page does not reconnect.
    #[track_caller]
    pub fn reconnect(&self) -> impl Future<Output = Result> {
        self.tab.state().link.is_up = true;
        self.tab.touch();
        self.connected(Location::caller(), Duration::from_secs(30).max(self.patience))
    }

    /// Makes the network slow for this tab: each message takes this long, in each direction.
    pub fn slow(&self, latency: Duration) {
        self.tab.state().link.latency = latency;
        self.tab.touch();
    }

    async fn connected(&self, at: &'static Location<'static>, patience: Duration) -> Result {
        let check = |state: &mut State| match state.page.as_ref().map(lanai_client::Page::connection) {
            Some(Connection::Connecting | Connection::Lost) => {
                Err(format!("the page did not connect within {}", seconds(patience)))
            }
            _ => Ok(()),
        };
        self.tab.wait(patience, check).await.map_err(|problem| self.error(at, problem))
    }

    /// Loads a page, waits until it is live, and goes on where its views lead.
    pub(crate) async fn load(&self, at: &'static Location<'static>, leave: Leave, is_new: bool) -> Result {
        self.load_document(at, leave, is_new).await?;
        self.follow(at).await
    }

    /// Loads a page, and waits until it is live.
    async fn load_document(&self, at: &'static Location<'static>, leave: Leave, is_new: bool) -> Result {
        let fail = |problem: String, address: &str| Error::new(at, format!("could not open {address}: {problem}"));
        let (mut method, mut form) = match leave.post {
            Some(form) => (Method::POST, Some(form)),
            None => (Method::GET, None),
        };
        if leave.is_external && self.leads_elsewhere(&leave.address) {
            return self.leave_program(&leave.address, is_new).await.map_err(|problem| fail(problem, &leave.address));
        }
        let mut path = self.resolved(&leave.address).map_err(|problem| fail(problem, &leave.address))?;
        let kept = if leave.in_place { self.tab.sticky() } else { StickyViews::default() };
        let named = kept_keys(&kept);
        let more = named.as_deref().map(|keys| (HeaderName::from_static("lanai-sticky"), keys));
        for _ in 0..REDIRECTS {
            let answer = self
                .tab
                .person
                .request(method.clone(), &path, form.clone(), more.as_slice())
                .await
                .map_err(|problem| fail(problem, &path))?;
            if answer.status.is_redirection()
                && let Some(location) = answer.headers.get("location").and_then(|location| location.to_str().ok())
            {
                if !matches!(answer.status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT) {
                    (method, form) = (Method::GET, None);
                }
                if self.leads_elsewhere(location) {
                    return self.leave_program(location, is_new).await.map_err(|problem| fail(problem, location));
                }
                path = self.resolved_from(location, &path).map_err(|problem| fail(problem, location))?;
                continue;
            }
            // The next page takes over the sticky views.
            self.say_bye(named.is_some()).await;
            self.tab.state().enter(path.clone(), is_new);
            self.tab.show(answer.status, &answer.body, kept).map_err(|problem| fail(problem, &path))?;
            return self.connected(at, self.patience).await;
        }
        Err(fail(format!("more than {REDIRECTS} redirects"), &leave.address))
    }

    /// Whether a URL is that of another program.
    fn leads_elsewhere(&self, address: &str) -> bool {
        let has_scheme = |(scheme, _): (&str, &str)| !scheme.contains(['/', '?', '#']);
        address.split_once(':').is_some_and(has_scheme) && self.resolved(address).is_err()
    }

    /// Shows a blank page at a URL outside of the program.
    async fn leave_program(&self, address: &str, is_new: bool) -> std::result::Result<(), String> {
        self.say_bye(false).await;
        self.tab.state().enter(address.to_owned(), is_new);
        self.tab.show(StatusCode::OK, "", StickyViews::default())
    }

    pub(crate) fn resolved(&self, address: &str) -> std::result::Result<String, String> {
        let current = self.tab.state().path().to_owned();
        self.resolved_from(address, &current)
    }

    fn resolved_from(&self, address: &str, current: &str) -> std::result::Result<String, String> {
        resolve(&self.tab.person.app().host, address, current)
    }
}

/// Returns the keys of sticky views, as a request for the next page names them.
fn kept_keys(kept: &StickyViews) -> Option<String> {
    let keys: Vec<&str> = kept.keys().collect();
    let json = serde_json::to_string(&keys).ok().filter(|_| !keys.is_empty())?;
    Some(percent_encode(json.as_bytes(), NON_ALPHANUMERIC).to_string())
}

/// Resolves a URL relative to `current`, and returns its path (RFC 3986, section 5, as far as links need it).
pub(crate) fn resolve(host: &str, address: &str, current: &str) -> std::result::Result<String, String> {
    let address = address.split('#').next().unwrap_or_default();
    let path = current.split('?').next().unwrap_or_default();
    let path = if path.starts_with('/') { path } else { "/" };
    if let Some((scheme, rest)) = address.split_once("://").filter(|(scheme, _)| !scheme.contains(['/', '?'])) {
        let (named, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        if !matches!(scheme, "http" | "https") || named != host {
            return Err(format!("{address} is outside of the program, which is at http://{host}"));
        }
        return Ok(if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") });
    }
    if let Some((scheme, _)) = address.split_once(':')
        && !scheme.contains(['/', '?'])
    {
        return Err("it is not the address of a page of the program".into());
    }
    Ok(match address.chars().next() {
        None => current.to_owned(),
        Some('/') => address.to_owned(),
        Some('?') => format!("{path}{address}"),
        Some(_) => {
            let (directory, _) = path.rsplit_once('/').unwrap_or_default();
            let mut parts: Vec<&str> = directory.split('/').collect();
            let (file, query) = address.split_at(address.find('?').unwrap_or(address.len()));
            for part in file.split('/') {
                match part {
                    "." => {}
                    ".." if parts.len() > 1 => drop(parts.pop()),
                    ".." => {}
                    part => parts.push(part),
                }
            }
            format!("{}{query}", parts.join("/"))
        }
    })
}
