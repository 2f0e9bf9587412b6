//! Uploads: files that people choose, drop or paste, and that come to the server.
//!
//! ```
//! use lanai::prelude::*;
//! use lanai::upload::{Upload, UploadedFile};
//!
//! struct Album { photos: Upload<Self>, names: Vec<String> }
//!
//! impl Album {
//!     async fn mount(cx: Cx<Self>) -> Self {
//!         let photos = cx.upload("photos").accept(["image/*"]).max_files(10).max_size(20 * 1024 * 1024);
//!         Self { photos: photos.on_complete(Self::add), names: Vec::new() }
//!     }
//!
//!     async fn add(&mut self, photo: UploadedFile) -> Result<()> {
//!         let name = photo.name().to_owned();
//!         photo.save(std::env::temp_dir().join(photo_file(&name))).await?;
//!         self.names.push(name);
//!         Ok(())
//!     }
//! }
//! # fn photo_file(name: &str) -> String { format!("album-{name}") }
//!
//! impl View for Album {
//!     fn render(&self) -> Html<Self> {
//!         html! {
//!             div.drop-zone data-lanai-upload=(self.photos.name()) {
//!                 label { "Photos " input type="file" (self.photos); }
//!                 " or drop them here"
//!             }
//!             ul {
//!                 @for photo in self.photos.entries() {
//!                     li key=(photo.id()) {
//!                         canvas data-lanai-preview=(photo.id()) width="96" height="96" {}
//!                         (photo.name()) " "
//!                         @if let Some(error) = photo.error() {
//!                             strong { (error) }
//!                         } @else {
//!                             progress max="100" value=(photo.percent()) {}
//!                         }
//!                         button onclick=(move |album: &mut Self| album.photos.cancel(photo.id())) { "Remove" }
//!                     }
//!                 }
//!             }
//!             @for name in &self.names { p { (name) } }
//!         }
//!     }
//! }
//! ```
//!
//! The files do not travel over the socket, so a person can go on using the page. Each goes in requests that carry on
//! where the last one has stopped, as in the core protocol of [tus](https://tus.io/protocols/resumable-upload): a lost
//! connection, a sleeping laptop or a proxy that limits the size of requests costs nothing but time. The server takes
//! only files that the view has accepted, as many bytes as they were said to have, and under URLs that nobody can
//! guess. What the view does not take ends with it.

mod entry;
mod file;

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use futures_util::future::BoxFuture;
use lanai_core::protocol::UPLOAD;
use parking_lot::Mutex;
use serde::{Serialize, Serializer};
use tokio::io::AsyncWrite;

use crate::channel::Channel;
use crate::cx::Cx;
use crate::error::{Error, Result};
use crate::form::{FileAttributes, SpreadFile};
use crate::page::uploads::Taken;
use crate::page::uploads::accept::Accept;
use crate::page::uploads::incoming::{Failure, Incoming, Told};
use crate::page::uploads::sink::{Stored, Target, Writer};
use crate::task::ResultHandler;

use entry::{Chosen, Info};
pub use entry::{EntryState, UploadEntry, UploadError, UploadId};
pub use file::UploadedFile;

/// How many refused files are kept, to show why.
const REFUSED: usize = 100;

/// How often a view is rendered again for its files: with many of them, each that comes costs little.
const INTERVAL: Duration = Duration::from_millis(50);

/// Files that people can send to a view; see the [module](self).
///
/// [`Cx::upload`] creates it, and the view keeps it: what has come and was not taken ends with it.
#[must_use = "a view that does not keep an upload takes no files"]
pub struct Upload<V: 'static> {
    shared: Arc<Shared<V>>,
}

impl<V> fmt::Debug for Upload<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload").field("name", &self.shared.name).finish_non_exhaustive()
    }
}

struct Shared<V: 'static> {
    cx: Cx<V>,
    name: String,
    /// Whether the view will be rendered for its files.
    is_due: AtomicBool,
    state: Mutex<State<V>>,
}

struct State<V: 'static> {
    accept: Accept,
    max_files: usize,
    max_size: u64,
    is_automatic: bool,
    is_directory: bool,
    destination: Destination<V>,
    complete: Option<Complete<V>>,
    submitted: Option<Submitted<V>>,
    entries: Vec<Entry>,
    /// The files that the page does not need any longer, and has not been told of.
    done: Vec<UploadId>,
}

type Complete<V> = Arc<dyn Fn(&Cx<V>, UploadedFile) + Send + Sync>;
type Submitted<V> = Box<dyn FnOnce(&Cx<V>, Vec<UploadedFile>) + Send>;
type MakeWriter = Arc<dyn Fn(UploadEntry) -> BoxFuture<'static, Result<Writer>> + Send + Sync>;
type Sign<V> = Arc<dyn Fn(&Weak<Shared<V>>, &Cx<V>, UploadEntry) + Send + Sync>;

/// Where files go.
enum Destination<V: 'static> {
    Temporary(Option<PathBuf>),
    Writer(MakeWriter),
    Url(Sign<V>),
}

struct Entry {
    info: Arc<Info>,
    status: Status,
}

enum Status {
    Waiting,
    Sending(Arc<Incoming>),
    /// The browser sends it to another server, and says how much.
    Elsewhere(u64),
    Complete(Stored, Option<Taken>),
    Failed(UploadError),
}

impl<V: Send + 'static> Cx<V> {
    /// Lets people send files to the view, with a name by which the markup refers to it. Keep what this returns in the
    /// view; see [`upload`](crate::upload).
    ///
    /// By default, a person can send one file of at most 8 MiB and of any type, and it is sent as soon as it is chosen.
    ///
    /// # Panics
    ///
    /// Panics if the view is [shared](Cx::shared): a file belongs to one page. Use a private view around it.
    #[track_caller]
    pub fn upload(&self, name: impl Into<String>) -> Upload<V> {
        assert!(
            self.instance.page.is_some(),
            "a shared view has many pages, and cannot take files from one; call `Cx::upload` in the private view around it"
        );
        let name = name.into();
        let shared = Arc::new(Shared {
            cx: self.clone(),
            name,
            is_due: AtomicBool::new(false),
            state: Mutex::new(State {
                accept: Accept::default(),
                max_files: 1,
                max_size: 8 * 1024 * 1024,
                is_automatic: true,
                is_directory: false,
                destination: Destination::Temporary(None),
                complete: None,
                submitted: None,
                entries: Vec::new(),
                done: Vec::new(),
            }),
        });
        let channel = shared.channel();
        let this = Arc::downgrade(&shared);
        channel.on("chosen", {
            let this = this.clone();
            move |_: &mut V, files: Vec<Chosen>| {
                if let Some(this) = this.upgrade() {
                    this.chosen(files);
                }
            }
        });
        channel.on("sent", {
            let this = this.clone();
            move |_: &mut V, (id, bytes, is_whole): (u64, u64, bool)| {
                if let Some(this) = this.upgrade() {
                    this.sent_elsewhere(UploadId(id), bytes, is_whole);
                }
            }
        });
        channel.on("failed", move |_: &mut V, (id, status): (u64, Option<u16>)| {
            if let Some(this) = this.upgrade() {
                this.failed(UploadId(id), status);
            }
        });
        // The page may have files from a view that this one replaces.
        channel.emit("open", ());
        Upload { shared }
    }
}

impl<V: Send + 'static> Upload<V> {
    fn with(self, change: impl FnOnce(&mut State<V>)) -> Self {
        change(&mut self.shared.state.lock());
        self
    }

    /// Accepts only files of these types: extensions such as `.pdf`, media types such as `image/png`, or kinds such as
    /// `image/*`.
    ///
    /// The browser offers only these. The server checks the name and what the browser says of each file, and then its
    /// first bytes: an HTML page that is called `photo.png` is refused. What has no signature, such as text, can only be
    /// told apart from what has one. For all else, look at the file before you serve it to others.
    ///
    /// # Panics
    ///
    /// Panics if an entry is neither of these, such as `png`.
    #[track_caller]
    pub fn accept(self, types: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let accept = Accept::new(types).unwrap_or_else(|entry| {
            panic!(
                "`{entry}` is not a type of files; \
                 write an extension with its dot (`.pdf`), a media type (`image/png`) or a kind (`image/*`)"
            )
        });
        self.with(|state| state.accept = accept)
    }

    /// Takes at most so many files at once: 1 unless you say otherwise. A single file is replaced by the next one that
    /// is chosen; of several, those beyond the limit are refused.
    pub fn max_files(self, max: usize) -> Self {
        self.with(|state| state.max_files = max)
    }

    /// Takes files of at most so many bytes: 8 MiB unless you say otherwise. A larger one is refused before it is sent.
    pub fn max_size(self, bytes: u64) -> Self {
        self.with(|state| state.max_size = bytes)
    }

    /// Lets people choose a whole directory. (They can always drop one.)
    pub fn directory(self) -> Self {
        self.with(|state| state.is_directory = true)
    }

    /// Sends the files only after [`start`](Self::start) or [`submit`](Self::submit), and not as soon as they are
    /// chosen.
    pub fn on_submit(self) -> Self {
        self.with(|state| state.is_automatic = false)
    }

    /// Puts temporary files into this directory. If it is on the file system on which they stay, nothing is copied.
    ///
    /// By default, they are in a directory of the process below that of the system for temporary files. What a process
    /// that was killed has left there, the next one removes.
    pub fn temporary_in(self, directory: impl Into<PathBuf>) -> Self {
        self.with(|state| state.destination = Destination::Temporary(Some(directory.into())))
    }

    /// Writes each file into what `open` returns, anything that implements [`AsyncWrite`], in place of a temporary file.
    ///
    /// The writer is opened when the first bytes have come and are of a type that is accepted. It is
    /// [shut down](tokio::io::AsyncWriteExt::shutdown) when the file is complete, and dropped if it never is. If
    /// connections are lost in between, the writer stays.
    ///
    /// ```
    /// use lanai::prelude::*;
    /// use lanai::upload::{Upload, UploadEntry};
    ///
    /// # struct Backup { archive: Upload<Self> }
    /// # impl Backup {
    /// async fn mount(cx: Cx<Self>) -> Self {
    ///     let archive = cx.upload("archive").max_size(1 << 40).to_writer(|_: UploadEntry| async {
    ///         Ok(tokio::io::sink())
    ///     });
    ///     Self { archive }
    /// }
    /// # }
    /// ```
    pub fn to_writer<W, F>(self, open: impl Fn(UploadEntry) -> F + Send + Sync + 'static) -> Self
    where
        W: AsyncWrite + Send + 'static,
        F: Future<Output = Result<W>> + Send + 'static,
    {
        let open: MakeWriter = Arc::new(move |entry| {
            let opened = open(entry);
            Box::pin(async move { Ok(Box::pin(opened.await?) as Writer) })
        });
        self.with(|state| state.destination = Destination::Writer(open))
    }

    /// Lets the browser send each file to another server, such as an object store, with the request that `sign`
    /// returns: usually a pre-signed `PUT`.
    ///
    /// The other server enforces the size, and allows this site to send to it (CORS). A Content-Security-Policy of yours
    /// must have it in `connect-src`. The browser says how much was sent, and whether it arrived: check that with the
    /// other server before you rely on it. Such a request cannot be carried on, so it begins again after a lost
    /// connection, three times.
    pub fn to_url<F>(self, sign: impl Fn(UploadEntry) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<SignedRequest>> + Send + 'static,
    {
        let sign: Sign<V> = Arc::new(move |this, cx, entry| {
            let (this, id) = (this.clone(), entry.id());
            cx.spawn(sign(entry), move |_: &mut V, signed: Result<SignedRequest>| {
                if let Some(this) = this.upgrade() {
                    this.signed(id, signed);
                }
            });
        });
        self.with(|state| state.destination = Destination::Url(sign))
    }

    /// Calls `handler` with each file as soon as it has come, a method `fn(&mut self, UploadedFile)` or `fn(&mut self,
    /// UploadedFile, &Cx<Self>)`, `async` or not. The file then leaves the [entries](Self::entries).
    pub fn on_complete<M: 'static>(self, handler: impl ResultHandler<V, UploadedFile, M> + Clone + Sync) -> Self {
        let complete: Complete<V> = Arc::new(move |cx, file| {
            cx.spawn(std::future::ready(file), handler.clone());
        });
        self.with(|state| state.complete = Some(complete))
    }

    /// The name, for `data-lanai-upload=(…)` on an element into which people drop and paste files.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// The files that people have chosen, in this order, and what has come of each; also those that were refused.
    #[must_use]
    pub fn entries(&self) -> Vec<UploadEntry> {
        self.shared.state.lock().entries.iter().map(Entry::snapshot).collect()
    }

    /// Whether files are being sent. While they are, `data-lanai-unsaved[self.photos.is_sending()]` asks people before
    /// they leave the page.
    #[must_use]
    pub fn is_sending(&self) -> bool {
        self.shared.state.lock().entries.iter().any(|entry| matches!(entry.snapshot().state, EntryState::Sending))
    }

    /// Sends the files that wait.
    pub fn start(&self) {
        self.shared.start();
    }

    /// Sends the files that wait, and calls `handler` with all files once they have come, a method `fn(&mut self,
    /// Vec<UploadedFile>)` or `fn(&mut self, Vec<UploadedFile>, &Cx<Self>)`, `async` or not. They then leave the
    /// [entries](Self::entries).
    ///
    /// If a file was refused or does not come, `handler` is not called: the person sees why, removes it, and submits
    /// again. Without files, `handler` is called at once. Of several calls, the last counts.
    ///
    /// ```
    /// use lanai::prelude::*;
    /// use lanai::upload::{Upload, UploadedFile};
    ///
    /// #[derive(Deserialize)]
    /// struct Draft { title: String }
    /// # struct Report { scans: Upload<Self> }
    ///
    /// impl Report {
    ///     fn send(&mut self, Form(draft): Form<Draft>) {
    ///         self.scans.submit(async move |_: &mut Self, scans: Vec<UploadedFile>| {
    ///             for (number, scan) in scans.into_iter().enumerate() {
    ///                 scan.save(format!("/srv/reports/{}-{number}", draft.title.len())).await?;
    ///             }
    ///             Ok::<_, Error>(())
    ///         });
    ///     }
    /// }
    /// ```
    pub fn submit<M: 'static>(&self, handler: impl ResultHandler<V, Vec<UploadedFile>, M>) {
        let submitted: Submitted<V> = Box::new(move |cx, files| {
            cx.spawn(std::future::ready(files), handler);
        });
        self.shared.state.lock().submitted = Some(submitted);
        self.shared.start();
        self.shared.settle();
    }

    /// Takes the files that have come. They leave the [entries](Self::entries).
    #[must_use]
    pub fn take(&self) -> Vec<UploadedFile> {
        self.shared.state.lock().take_complete()
    }

    /// Removes a file, whatever has become of it: what is being sent stops, and what has come is deleted. Nothing
    /// happens if there is no such file.
    pub fn cancel(&self, id: UploadId) {
        self.shared.remove(|info| info.id == id);
    }

    /// Removes all files: see [`cancel`](Self::cancel).
    pub fn cancel_all(&self) {
        self.shared.remove(|_| true);
    }
}

impl<V> SpreadFile for Upload<V> {
    fn file_attributes(&self) -> FileAttributes {
        let state = self.shared.state.lock();
        FileAttributes {
            accept: state.accept.attribute(),
            multiple: state.max_files > 1,
            directory: state.is_directory,
            upload: self.shared.name.clone(),
        }
    }
}

impl Entry {
    fn snapshot(&self) -> UploadEntry {
        let (received, state) = match &self.status {
            Status::Waiting => (0, EntryState::Waiting),
            Status::Sending(incoming) => (incoming.received(), EntryState::Sending),
            Status::Elsewhere(sent) => (*sent, EntryState::Sending),
            Status::Complete(..) => (self.info.size, EntryState::Complete),
            Status::Failed(error) => (0, EntryState::Failed(*error)),
        };
        UploadEntry { info: self.info.clone(), received, state }
    }

    fn is_failed(&self) -> bool {
        matches!(self.status, Status::Failed(_))
    }

    /// Removes what has come of it. Returns its number.
    fn discard(self) -> UploadId {
        if let Status::Sending(incoming) = &self.status {
            incoming.cancel();
        }
        self.info.id
    }
}

impl<V> State<V> {
    fn entry(&mut self, id: UploadId) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.info.id == id)
    }

    /// Whether a file that a person has chosen is accepted. `before` is how many there were when the person chose: a
    /// single file replaces them.
    fn check(&self, info: &Info, before: usize) -> Result<(), UploadError> {
        let replaced = if self.max_files == 1 { before } else { 0 };
        if !self.accept.takes(&info.name, &info.media_type) {
            Err(UploadError::NotAccepted)
        } else if info.size > self.max_size {
            Err(UploadError::TooLarge(self.max_size))
        } else if self.entries[replaced..].iter().filter(|entry| !entry.is_failed()).count() >= self.max_files {
            Err(UploadError::TooMany(self.max_files))
        } else {
            Ok(())
        }
    }

    fn take_complete(&mut self) -> Vec<UploadedFile> {
        let complete = self.entries.extract_if(.., |entry| matches!(entry.status, Status::Complete(..)));
        complete
            .filter_map(|Entry { info, status }| match status {
                Status::Complete(stored, space) => Some(UploadedFile::new(info, stored, space)),
                _ => None,
            })
            .collect()
    }
}

impl<V: Send + 'static> Shared<V> {
    fn channel(&self) -> Channel<V> {
        self.cx.channel(format!("{UPLOAD}{}", self.name))
    }

    /// A person has chosen files.
    fn chosen(self: &Arc<Self>, files: Vec<Chosen>) {
        let mut gone = Vec::new();
        let is_automatic = {
            let mut state = self.state.lock();
            let mut before = state.entries.len();
            for info in files.into_iter().map(Info::from) {
                // The page says again what it has, when it does not know whether this view knows.
                if state.entry(info.id).is_some() {
                    continue;
                }
                let status = match state.check(&info, before) {
                    Ok(()) => Status::Waiting,
                    Err(error) => {
                        gone.push(info.id);
                        Status::Failed(error)
                    }
                };
                // A single file replaces the one that was chosen before.
                if state.max_files == 1 && matches!(status, Status::Waiting) {
                    gone.extend(state.entries.drain(..std::mem::take(&mut before)).map(Entry::discard));
                }
                state.entries.push(Entry { info: Arc::new(info), status });
            }
            let mut surplus = state.entries.iter().filter(|entry| entry.is_failed()).count().saturating_sub(REFUSED);
            state.entries.retain(|entry| {
                let is_surplus = surplus > 0 && entry.is_failed();
                surplus -= usize::from(is_surplus);
                !is_surplus
            });
            state.is_automatic
        };
        self.forget(gone);
        if is_automatic {
            self.start();
        }
    }

    /// Lets the page send the files that wait.
    fn start(self: &Arc<Self>) {
        let runtime = &self.cx.instance.runtime;
        let (mut expected, mut to_sign) = (Vec::new(), Vec::new());
        {
            let State { entries, destination, accept, .. } = &mut *self.state.lock();
            for entry in entries.iter_mut().filter(|entry| matches!(entry.status, Status::Waiting)) {
                let snapshot = entry.snapshot();
                let target = match destination {
                    Destination::Temporary(directory) => Target::Temporary(directory.clone()),
                    Destination::Writer(open) => {
                        let open = open.clone();
                        Target::Writer(Box::new(move || open(snapshot)))
                    }
                    Destination::Url(sign) => {
                        to_sign.push((sign.clone(), snapshot));
                        entry.status = Status::Elsewhere(0);
                        continue;
                    }
                };
                let (this, id) = (Arc::downgrade(self), entry.info.id);
                let tell = move |told| {
                    if let Some(this) = this.upgrade() {
                        this.told(id, told);
                    }
                };
                let (name, size) = (entry.info.name.clone(), entry.info.size);
                let incoming = Incoming::new(name, size, accept.clone(), target, tell);
                incoming.expire(runtime.limits.upload_idle);
                expected.push((id.0, format!("upload/{}", runtime.uploads.expect(&incoming))));
                entry.status = Status::Sending(incoming);
            }
        }
        if !expected.is_empty() {
            self.channel().emit("start", expected);
        }
        for (sign, entry) in to_sign {
            sign(&Arc::downgrade(self), &self.cx, entry);
        }
    }

    /// Something has happened to a file that is being sent.
    fn told(self: &Arc<Self>, id: UploadId, told: Told) {
        match told {
            Told::Progress => self.render_soon(),
            Told::Complete(stored, space) => self.complete(id, stored, space),
            Told::Failed(failure) => {
                let error = match failure {
                    Failure::TooLong => UploadError::TooLarge(self.size_of(id)),
                    Failure::Content => UploadError::NotAccepted,
                    Failure::Full => UploadError::Full,
                    Failure::Idle => UploadError::Idle,
                    Failure::Storage(error) => {
                        self.log(&error);
                        UploadError::Storage
                    }
                };
                self.fail(id, error);
            }
        }
    }

    fn log(&self, error: &Error) {
        let instance = self.cx.instance.id;
        tracing::error!(instance, upload = self.name, error = ?error, "an upload could not be stored");
    }

    fn size_of(&self, id: UploadId) -> u64 {
        self.state.lock().entry(id).map_or(0, |entry| entry.info.size)
    }

    /// All bytes of a file have come.
    fn complete(self: &Arc<Self>, id: UploadId, stored: Stored, space: Option<Taken>) {
        let handler = {
            let mut state = self.state.lock();
            let Some(entry) = state.entry(id) else { return };
            entry.status = Status::Complete(stored, space);
            state.done.push(id);
            state.complete.clone()
        };
        if let Some(handler) = handler {
            // Those that waited for nobody to take them are taken as well.
            let files = self.state.lock().take_complete();
            files.into_iter().for_each(|file| handler(&self.cx, file));
        }
        self.settle();
        self.render_soon();
    }

    fn fail(self: &Arc<Self>, id: UploadId, error: UploadError) {
        {
            let mut state = self.state.lock();
            let Some(entry) = state.entry(id) else { return };
            entry.status = Status::Failed(error);
            state.submitted = None;
            state.done.push(id);
        }
        self.render_soon();
    }

    /// Calls the handler of [`Upload::submit`] once all files have come.
    fn settle(&self) {
        let ready = {
            let mut state = self.state.lock();
            if state.entries.iter().any(Entry::is_failed) {
                state.submitted = None;
            }
            let is_settled = state.entries.iter().all(|entry| matches!(entry.status, Status::Complete(..)));
            state.submitted.take_if(|_| is_settled).map(|submitted| (submitted, state.take_complete()))
        };
        if let Some((submitted, files)) = ready {
            submitted(&self.cx, files);
        }
    }

    /// A request to another server was signed.
    fn signed(self: &Arc<Self>, id: UploadId, signed: Result<SignedRequest>) {
        match signed {
            Ok(request) => self.channel().emit("start", [(id.0, request)]),
            Err(error) => {
                self.log(&error);
                self.fail(id, UploadError::Storage);
            }
        }
    }

    /// The browser has sent so much of a file to another server.
    fn sent_elsewhere(self: &Arc<Self>, id: UploadId, bytes: u64, is_whole: bool) {
        {
            let mut state = self.state.lock();
            let Some(Entry { info, status: Status::Elsewhere(sent) }) = state.entry(id) else { return };
            *sent = bytes.min(info.size);
        }
        if is_whole {
            self.complete(id, Stored::Written, None);
        }
    }

    /// The browser cannot read a file, or another server has refused it, with this status.
    fn failed(self: &Arc<Self>, id: UploadId, status: Option<u16>) {
        {
            let mut state = self.state.lock();
            match state.entry(id).map(|entry| &entry.status) {
                Some(Status::Sending(incoming)) => incoming.cancel(),
                Some(Status::Elsewhere(_)) => {}
                _ => return,
            }
        }
        if let Some(status) = status {
            let instance = self.cx.instance.id;
            tracing::error!(instance, upload = self.name, status, "another server has refused an upload");
        }
        self.fail(id, if status.is_some() { UploadError::Storage } else { UploadError::Unreadable });
    }

    fn remove(&self, is_one: impl Fn(&Info) -> bool) {
        let removed: Vec<_> = self.state.lock().entries.extract_if(.., |entry| is_one(&entry.info)).collect();
        self.forget(removed.into_iter().map(Entry::discard).collect());
        self.settle();
    }

    /// Tells the page that it needs files no longer.
    fn forget(&self, files: Vec<UploadId>) {
        if !files.is_empty() {
            self.channel().emit("forget", files.into_iter().map(|id| id.0).collect::<Vec<_>>());
        }
    }

    /// Renders the view for what has happened to its files, not too often.
    fn render_soon(self: &Arc<Self>) {
        if self.is_due.swap(true, Ordering::AcqRel) {
            return;
        }
        let this = Arc::downgrade(self);
        tokio::spawn(async move {
            tokio::time::sleep(INTERVAL).await;
            if let Some(this) = this.upgrade() {
                this.is_due.store(false, Ordering::Release);
                let done = std::mem::take(&mut this.state.lock().done);
                this.forget(done);
                this.cx.update(|_: &mut V| {});
            }
        });
    }
}

impl<V: 'static> Drop for Shared<V> {
    fn drop(&mut self) {
        self.state.get_mut().entries.drain(..).for_each(|entry| _ = entry.discard());
    }
}

/// A request with which a browser sends a file to another server: see [`Upload::to_url`].
///
/// ```
/// use lanai::axum::http::{HeaderValue, header::CONTENT_TYPE};
/// use lanai::upload::SignedRequest;
///
/// let request = SignedRequest::put("https://photos.example.org/1?signature=…")
///     .header(CONTENT_TYPE, HeaderValue::from_static("image/png"));
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct SignedRequest {
    method: Method,
    url: String,
    headers: HeaderMap,
}

impl SignedRequest {
    /// A `PUT` of the whole file to this URL.
    pub fn put(url: impl Into<String>) -> Self {
        Self { method: Method::PUT, url: url.into(), headers: HeaderMap::new() }
    }

    /// With another method.
    pub fn method(self, method: Method) -> Self {
        Self { method, ..self }
    }

    /// With a header.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }
}

impl Serialize for SignedRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let headers =
            self.headers.iter().map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes())));
        (&self.url, self.method.as_str(), headers.collect::<Vec<_>>()).serialize(serializer)
    }
}
