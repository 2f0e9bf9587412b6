//! People: each has their own cookies, and any number of tabs.

use std::net::{IpAddr, SocketAddr};
use std::panic::Location;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use bytes::Bytes;
use tokio::time::Instant;

use crate::app::Shared;
use crate::error::{Error, Result};
use crate::network::{Asked, Response, Socket, insert};
use crate::page::Page;

/// A person with their own browser. Clones are the same person.
#[derive(Clone)]
pub struct Person(Arc<Browser>);

struct Browser {
    app: Arc<Shared>,
    address: IpAddr,
    cookies: Mutex<Vec<Cookie>>,
    headers: Mutex<HeaderMap>,
}

struct Cookie {
    name: String,
    value: String,
    path: String,
    until: Option<Instant>,
}

impl Person {
    pub(crate) fn new(app: Arc<Shared>, address: IpAddr) -> Self {
        Self(Arc::new(Browser { app, address, cookies: Mutex::default(), headers: Mutex::default() }))
    }

    pub(crate) fn app(&self) -> &Shared {
        &self.0.app
    }

    /// Opens a page in a new tab.
    ///
    /// # Errors
    ///
    /// Returns an error if the server does not answer with a page, or if the page does not become live.
    #[track_caller]
    pub fn visit(&self, path: &str) -> impl Future<Output = Result<Page>> {
        self.clone().visit_at(path.to_owned(), Location::caller())
    }

    pub(crate) async fn visit_at(self, path: String, at: &'static Location<'static>) -> Result<Page> {
        let page = Page::blank(self);
        page.load(at, crate::act::Leave { post: None, address: path, is_external: false, in_place: false }, true)
            .await?;
        Ok(page)
    }

    /// Sends a request as the person's browser does, with their cookies, and stores the cookies that the response sets.
    /// Redirects are not followed.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no response.
    #[track_caller]
    pub fn get(&self, path: &str) -> impl Future<Output = Result<Response>> {
        self.send(Location::caller(), Method::GET, path.to_owned(), None)
    }

    /// Like [`get`](Self::get), but sends a `POST` with the fields of a form.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no response.
    #[track_caller]
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> impl Future<Output = Result<Response>> {
        let form = lanai_client::form::urlencoded(fields.iter().copied());
        self.send(Location::caller(), Method::POST, path.to_owned(), Some(form))
    }

    async fn send(
        &self,
        at: &'static Location<'static>,
        method: Method,
        path: String,
        form: Option<String>,
    ) -> Result<Response> {
        let words = format!("could not {method} {path}");
        self.request(method, &path, form, &[]).await.map_err(|problem| Error::new(at, format!("{words}: {problem}")))
    }

    /// Adds a header to each later request, such as `accept-language`.
    ///
    /// # Panics
    ///
    /// Panics if the name or the value is not valid in a header.
    #[must_use]
    #[track_caller]
    pub fn with_header(self, name: &str, value: &str) -> Self {
        let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) else {
            panic!("{name:?}: {value:?} is no header")
        };
        self.0.headers.lock().unwrap_or_else(PoisonError::into_inner).append(name, value);
        self
    }

    /// Returns the value of one of the person's cookies.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies().iter().find(|cookie| cookie.name == name && cookie.is_fresh()).map(|cookie| cookie.value.clone())
    }

    /// Sets a cookie of the person, or removes it.
    pub fn set_cookie(&self, name: &str, value: Option<&str>) {
        let mut cookies = self.cookies();
        cookies.retain(|cookie| cookie.name != name);
        if let Some(value) = value {
            cookies.push(Cookie { name: name.into(), value: value.into(), path: "/".into(), until: None });
        }
    }

    fn cookies(&self) -> MutexGuard<'_, Vec<Cookie>> {
        self.0.cookies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn peer(&self) -> SocketAddr {
        SocketAddr::new(self.0.address, 50_000)
    }

    /// Returns the headers that the person's browser sends with each request for a path.
    fn headers(&self, path: &str) -> HeaderMap {
        let mut headers = self.0.headers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        insert(&mut headers, header::HOST, &self.app().host);
        let path = path.split('?').next().unwrap_or_default();
        let cookies = self.cookies();
        let sent = cookies.iter().filter(|cookie| cookie.is_fresh() && cookie.is_for(path));
        let sent: Vec<String> = sent.map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        if !sent.is_empty() {
            insert(&mut headers, header::COOKIE, &sent.join("; "));
        }
        headers
    }

    /// Sends a request.
    pub(crate) async fn request(
        &self,
        method: Method,
        path: &str,
        form: Option<String>,
        more: &[(HeaderName, &str)],
    ) -> std::result::Result<Response, String> {
        let mut headers = self.headers(path);
        if form.is_some() {
            insert(&mut headers, header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            // Unless the test says that the form is that of another site.
            if !headers.contains_key(header::ORIGIN) {
                insert(&mut headers, header::ORIGIN, &format!("http://{}", self.app().host));
            }
        }
        for (name, value) in more {
            insert(&mut headers, name.clone(), value);
        }
        let asked = Asked { method, path: path.into(), headers, body: form.map(Bytes::from).unwrap_or_default() };
        let response = self.app().network.request(self.peer(), asked).await?;
        for set in response.headers.get_all(header::SET_COOKIE) {
            self.keep(set.to_str().unwrap_or_default(), path);
        }
        Ok(response)
    }

    /// Sends the next bytes of a file.
    pub(crate) async fn patch(
        &self,
        path: &str,
        offset: usize,
        bytes: Vec<u8>,
    ) -> std::result::Result<Response, String> {
        let mut headers = self.headers(path);
        insert(&mut headers, header::ORIGIN, &format!("http://{}", self.app().host));
        insert(&mut headers, HeaderName::from_static("upload-offset"), &offset.to_string());
        let asked = Asked { method: Method::PATCH, path: path.into(), headers, body: bytes.into() };
        self.app().network.request(self.peer(), asked).await
    }

    /// Opens a WebSocket.
    pub(crate) async fn socket(&self, path: &str) -> std::result::Result<Socket, String> {
        let mut headers = self.headers(path);
        insert(&mut headers, header::ORIGIN, &format!("http://{}", self.app().host));
        self.app().network.socket(self.peer(), path, headers).await
    }

    /// Stores a cookie that a response sets (RFC 6265, section 5.3), or removes one.
    fn keep(&self, set: &str, path: &str) {
        let mut parts = set.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { return };
        let directory =
            path.split('?').next().unwrap_or_default().rsplit_once('/').map_or("", |(directory, _)| directory);
        let mut cookie = Cookie {
            name: name.trim().into(),
            value: value.trim().trim_matches('"').into(),
            path: if directory.is_empty() { "/".into() } else { directory.into() },
            until: None,
        };
        let mut is_over = false;
        for attribute in parts {
            let (key, value) = attribute.split_once('=').unwrap_or((attribute, ""));
            match key.to_ascii_lowercase().as_str() {
                "path" if value.starts_with('/') => cookie.path = value.into(),
                "max-age" => match value.parse::<i64>() {
                    Ok(seconds) if seconds > 0 => {
                        cookie.until = Some(Instant::now() + Duration::from_secs(seconds.unsigned_abs()))
                    }
                    Ok(_) => is_over = true,
                    Err(_) => {}
                },
                // A date in the past removes a cookie.
                "expires" if value.contains(" 1970 ") || value.contains("-1970 ") => is_over = true,
                _ => {}
            }
        }
        let mut cookies = self.cookies();
        cookies.retain(|old| old.name != cookie.name || old.path != cookie.path);
        if !is_over {
            cookies.push(cookie);
        }
    }
}

impl Cookie {
    fn is_fresh(&self) -> bool {
        self.until.is_none_or(|until| until > Instant::now())
    }

    fn is_for(&self, path: &str) -> bool {
        path.strip_prefix(self.path.as_str())
            .is_some_and(|rest| rest.is_empty() || self.path.ends_with('/') || rest.starts_with('/'))
    }
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person").field("address", &self.0.address).finish_non_exhaustive()
    }
}
