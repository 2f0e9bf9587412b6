//! What a view with one page and a view with many do differently.

use std::sync::Arc;

use tokio::time::Instant;

use super::Instance;
use super::core::{Core, End};
use super::driver::{Driver, HandlerAt};
use super::mailbox::Mail;
use crate::close_reason::CloseReason;
use crate::page::backlog::BacklogEntry;
use crate::page::outbox::ConnectionId;

/// The pages of an instance, as its [task](super::task::Task) knows them: [one](super::one_page::OnePage), or
/// [many](super::many_pages::ManyPages).
///
/// What waits for a page is kept here. A page with a log of frames that it has not acknowledged gets them again; one of many pages that
/// has fallen behind gets a frame of its own.
pub(crate) trait Pages: Send + 'static {
    /// Tells one page of the instance from the others.
    type Page: Copy + Send;

    /// Handles [mail about the connection](Mail::is_about_connection) to a page.
    fn handle_connection(&mut self, instance: &Arc<Instance>, mail: Mail);

    /// Takes note that the page at a connection has applied frames. Returns the page and the number of its last event, or nothing if the page is not
    /// connected, or acknowledges what it was not sent, which is a [violation](Self::violation).
    fn acknowledge(&mut self, instance: &Arc<Instance>, frames: u64, from: ConnectionId) -> Option<(Self::Page, u64)>;

    /// A page broke the protocol: it is told, and its event is not handled.
    fn violation(&mut self, instance: &Arc<Instance>, page: Self::Page, reason: &'static str);

    /// The event with this number is the next of the page, and will be handled.
    fn accept(&mut self, page: Self::Page, event: u64);

    /// The page has sent an event again. It may have missed that the event was handled.
    fn repeat(&mut self, page: Self::Page, event: u64);

    /// Finds a handler by its number, if it is on the page.
    fn find(&mut self, driver: &mut dyn Driver, handler: u64) -> Option<HandlerAt>;

    /// An event of the page was handled, or refused. What it has left for the page counts among what the page has waiting until it is sent: a
    /// page that takes no frames cannot have more and more of it made.
    fn handled(&mut self, instance: &Instance, page: Self::Page, from: BacklogEntry);

    /// Sends the effects that wait, without a rendering: a handler that takes its time may wait for the answer to one.
    fn send_effects(&mut self, instance: &Arc<Instance>);

    /// Renders the view and sends a frame, if there is anything to send and somebody to take it.
    fn render(&mut self, core: &mut Core) -> Result<(), End>;

    /// Until when the task may wait for mail before it asks whether the instance [has expired](Self::has_expired).
    fn deadline(&mut self, instance: &Instance) -> Option<Instant>;

    /// Whether the instance has been without a page for too long.
    fn has_expired(&mut self, instance: &Arc<Instance>) -> bool;

    /// Tells the view and its pages that the view has ended.
    fn end(&mut self, core: &mut Core, reason: CloseReason);
}
