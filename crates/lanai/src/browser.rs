//! What a view asks of the browser: files to save, the clipboard, storage, measures, notifications and more.
//!
//! ```
//! use lanai::browser::Rect;
//! use lanai::prelude::*;
//!
//! struct Report { rows: Vec<String>, width: Option<f64> }
//!
//! impl Report {
//!     fn save(&mut self, cx: &Cx<Self>) -> Result<()> {
//!         cx.browser().download("report.csv", self.rows.join("\n"))?;
//!         Ok(())
//!     }
//!
//!     fn measure(&mut self, cx: &Cx<Self>) {
//!         cx.spawn(cx.browser().measure("#chart"), Self::measured);
//!     }
//!
//!     fn measured(&mut self, chart: Result<Rect, RequestError>) {
//!         self.width = chart.ok().map(|chart| chart.width);
//!     }
//! }
//!
//! impl View for Report {
//!     fn render(&self) -> Html<Self> {
//!         html! {
//!             div #chart {}
//!             button onclick=(Self::save) { "Download" }
//!             button onclick=(Self::measure) { "Fit" }
//!         }
//!     }
//! }
//! ```
//!
//! What takes an answer is a [`Request`]: a future for [`Cx::spawn`], or for an `async` handler. It ends with a
//! [`RequestError`]: [`Failed`](RequestError::Failed) with the browser's reason if it refuses, for example because the
//! person has not clicked anything lately, [`Timeout`](RequestError::Timeout) if there is no answer in time, and
//! [`Closed`](RequestError::Closed) if the page is gone.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use axum::body::Body;
use lanai_core::protocol::BROWSER;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::channel::{Request, RequestError};
use crate::cx::Cx;
use crate::page::downloads::{Content, FILE_LIFETIME, LIFETIME};

pub use crate::page::downloads::DownloadError;

/// How long to wait for what the browser does at once.
const AT_ONCE: Duration = Duration::from_secs(10);
/// How long to wait for what a person decides.
const DECISION: Duration = Duration::from_secs(120);

/// The browser that shows a view; see the [module](self).
pub struct Browser<V> {
    cx: Cx<V>,
}

impl<V> std::fmt::Debug for Browser<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Browser").field(&self.cx).finish()
    }
}

impl<V: Send + 'static> Cx<V> {
    /// Returns the browser that shows the view.
    #[must_use]
    pub fn browser(&self) -> Browser<V> {
        Browser { cx: self.clone() }
    }
}

impl<V: Send + 'static> Browser<V> {
    fn tell(&self, event: &str, payload: impl Serialize) {
        self.cx.channel(BROWSER).emit(event, payload);
    }

    fn ask<R: DeserializeOwned + Send + 'static>(
        &self,
        event: &str,
        payload: impl Serialize,
        timeout: Duration,
    ) -> Request<R> {
        self.cx.channel(BROWSER).request(event, payload, timeout)
    }

    /// Makes the browser save a file. `body` is anything that axum takes as a body: bytes, a string, or
    /// `Body::from_stream(…)` for what is large or not complete yet. For a file on disk, see
    /// [`download_file`](Self::download_file).
    ///
    /// The file does not travel over the socket. The browser fetches it from a URL that nobody can guess, that works
    /// once, and that ends with the page.
    ///
    /// # Errors
    ///
    /// Returns an error if too many downloads wait for the page ([`Limits::downloads`](crate::Limits::downloads)), if
    /// all that wait would need too much memory ([`Limits::download_memory`](crate::Limits::download_memory)), or if
    /// the view is [shared](Cx::shared).
    pub fn download(&self, name: impl Into<String>, body: impl Into<Body>) -> Result<(), DownloadError> {
        self.offer(&name.into(), Content::Body(body.into()), LIFETIME)
    }

    /// Makes the browser save a file that is on the disk of the server, however large it is.
    ///
    /// It is read while it is sent. A browser that was cut goes on where it stopped, as long as the page exists, the
    /// file has not changed, and no hour has passed since it last asked.
    ///
    /// ```
    /// # use lanai::prelude::*;
    /// # struct Backups;
    /// # impl Backups {
    /// fn save(&mut self, cx: &Cx<Self>) -> Result<()> {
    ///     cx.browser().download_file("backup.tar", "/srv/backups/today.tar")?;
    ///     Ok(())
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such file, if too many downloads wait for the page
    /// ([`Limits::downloads`](crate::Limits::downloads)), or if the view is [shared](Cx::shared).
    pub fn download_file(&self, name: impl Into<String>, path: impl Into<PathBuf>) -> Result<(), DownloadError> {
        let path = path.into();
        match std::fs::metadata(&path) {
            Ok(metadata) if metadata.is_file() => self.offer(&name.into(), Content::File(path), FILE_LIFETIME),
            Ok(_) => Err(DownloadError::File(path, io::Error::other("it is not a file"))),
            Err(error) => Err(DownloadError::File(path, error)),
        }
    }

    fn offer(&self, name: &str, content: Content, lifetime: Duration) -> Result<(), DownloadError> {
        let instance = &self.cx.instance;
        let Some(page) = &instance.page else { return Err(DownloadError::ManyPages) };
        let limits = &instance.runtime.limits;
        let downloads = &instance.runtime.downloads;
        let secret = downloads.offer(page, name.to_owned(), content, limits.downloads, limits.download_memory)?;
        let runtime = instance.runtime.clone();
        tokio::spawn(async move {
            tokio::time::sleep(lifetime).await;
            runtime.downloads.drop_ended();
        });
        self.tell("download", Download { url: &format!("download/{secret}"), name });
        Ok(())
    }

    /// Copies a text to the clipboard.
    ///
    /// Browsers allow this only on pages from `https:` or `localhost`, and shortly after a click or a key. Where the
    /// text is known beforehand, [`js::copy_text`](crate::js::copy_text) is surer.
    pub fn copy(&self, text: impl AsRef<str>) -> Request<()> {
        self.ask("copy", text.as_ref(), AT_ONCE)
    }

    /// Returns what the browser keeps for this site until it is removed.
    #[must_use]
    pub fn local_storage(&self) -> Storage<V> {
        Storage { cx: self.cx.clone(), area: "local" }
    }

    /// Returns what the browser keeps for this site as long as the tab is open.
    #[must_use]
    pub fn session_storage(&self) -> Storage<V> {
        Storage { cx: self.cx.clone(), area: "session" }
    }

    /// Opens a URL in another tab. A browser may block this, unless the person has just clicked something: an ordinary
    /// link with `target="_blank"` is surer.
    ///
    /// A URL that would run a script is replaced by `about:invalid`.
    pub fn open(&self, url: &str) -> Request<()> {
        let url = if lanai_core::url::is_script(url) { lanai_core::url::REFUSED } else { url };
        self.ask("open", url, AT_ONCE)
    }

    /// Returns where the first element that matches a CSS selector is in the window, and how large it is.
    pub fn measure(&self, selector: impl AsRef<str>) -> Request<Rect> {
        self.ask("measure", selector.as_ref(), AT_ONCE)
    }

    /// Shows a notification of the operating system. The browser asks the person for permission first, if it has none.
    pub fn notify(&self, notification: &Notification) -> Request<()> {
        self.ask("notify", notification, DECISION)
    }

    /// Offers to share something with another program or person.
    pub fn share(&self, shared: &Share) -> Request<()> {
        self.ask("share", shared, DECISION)
    }

    /// Shows the first element that matches a CSS selector in full screen.
    pub fn full_screen(&self, selector: impl AsRef<str>) -> Request<()> {
        self.ask("full_screen", selector.as_ref(), AT_ONCE)
    }

    /// Ends the full screen.
    pub fn leave_full_screen(&self) -> Request<()> {
        self.ask("full_screen", (), AT_ONCE)
    }

    /// Vibrates for this long, then pauses for this long, and so on. Where a device cannot vibrate, nothing happens.
    pub fn vibrate(&self, pattern: &[Duration]) {
        self.tell("vibrate", pattern.iter().map(Duration::as_millis).collect::<Vec<_>>());
    }

    /// Sets the attribute `data-theme` of `<html>`, for style sheets with several themes, or removes it.
    ///
    /// The attribute lasts until the document is loaded again. Let the layout set it then, from a cookie or from the
    /// person's settings.
    pub fn set_theme(&self, name: Option<&str>) {
        self.tell("theme", name);
    }

    /// Calls a function of the page's own JavaScript, and returns what it returns.
    ///
    /// The function is one that a script has registered on the channel `page`: no other can be called.
    ///
    /// ```js
    /// import { lanai } from "/_lanai/lanai.js";
    ///
    /// lanai.channel("page").on("zoom", (level) => map.setZoom(level));
    /// ```
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use lanai::prelude::*;
    /// # struct Map { zoom: u8 }
    /// # impl Map {
    /// async fn zoom(&mut self, cx: &Cx<Self>) -> Result<()> {
    ///     self.zoom = cx.browser().call("zoom", self.zoom + 1, Duration::from_secs(5)).await?;
    ///     Ok(())
    /// }
    /// # }
    /// ```
    pub fn call<R: DeserializeOwned + Send + 'static>(
        &self,
        function: impl Into<String>,
        argument: impl Serialize,
        timeout: Duration,
    ) -> Request<R> {
        self.cx.channel("page").request(function, argument, timeout)
    }
}

#[derive(Serialize)]
struct Download<'a> {
    url: &'a str,
    name: &'a str,
}

/// A storage of the browser, whose values are JSON.
pub struct Storage<V> {
    cx: Cx<V>,
    area: &'static str,
}

impl<V> std::fmt::Debug for Storage<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Storage").field(&self.area).finish()
    }
}

#[derive(Serialize)]
struct Stored<'a> {
    area: &'a str,
    key: &'a str,
    value: Option<String>,
}

impl<V: Send + 'static> Storage<V> {
    /// Stores a value under a key. What the browser has no room for is not stored, and its console says so.
    ///
    /// # Panics
    ///
    /// Panics if the value cannot be serialized as JSON.
    #[track_caller]
    pub fn set(&self, key: impl AsRef<str>, value: impl Serialize) {
        match serde_json::to_string(&value) {
            Ok(value) => self.write(key.as_ref(), Some(value)),
            Err(error) => panic!("the value for `{}` cannot be serialized as JSON: {error}", key.as_ref()),
        }
    }

    /// Removes the value under a key.
    pub fn remove(&self, key: impl AsRef<str>) {
        self.write(key.as_ref(), None);
    }

    fn write(&self, key: &str, value: Option<String>) {
        self.cx.channel(BROWSER).emit("set", Stored { area: self.area, key, value });
    }

    /// Returns the value under a key, or `None` if there is none.
    ///
    /// The page can change it, so it is no more trustworthy than any other input.
    pub fn get<T: DeserializeOwned + Send + 'static>(&self, key: impl AsRef<str>) -> Request<Option<T>> {
        let stored = Stored { area: self.area, key: key.as_ref(), value: None };
        let answer = self.cx.channel(BROWSER).request::<Option<String>>("get", stored, AT_ONCE);
        Request::new(async move {
            let text = answer.await?;
            text.map(|text| serde_json::from_str(&text).map_err(RequestError::Answer)).transpose()
        })
    }
}

/// The position and size of an element, in CSS pixels. The position is relative to the window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rect {
    /// The distance from the left edge.
    pub x: f64,
    /// The distance from the top edge.
    pub y: f64,
    /// The width.
    pub width: f64,
    /// The height.
    pub height: f64,
}

/// A notification of the operating system.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Notification {
    /// The title.
    pub title: String,
    /// The text below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The URL of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// A notification with the same tag replaces the one before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
}

/// What a person may share.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// The title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}
