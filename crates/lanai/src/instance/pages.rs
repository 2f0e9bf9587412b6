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
/// It keeps what waits for a page. The one page of an instance gets the frames again that it has not acknowledged. One
/// of many pages that has fallen behind gets a single frame from what it shows to the current state.
pub(crate) trait Pages: Send + 'static {
    /// Tells one page of the instance from the others.
    type Page: Copy + Send;

    /// Handles [mail about the connection](Mail::is_about_connection) to a page.
    fn handle_connection(&mut self, instance: &Arc<Instance>, mail: Mail);

    /// Notes that the page at a connection has applied frames. Returns the page and the number of its last event.
    /// Returns nothing if the page is not attached, or acknowledges frames that it was not sent, which is a
    /// [violation](Self::violation).
    fn acknowledge(&mut self, instance: &Arc<Instance>, frames: u64, from: ConnectionId) -> Option<(Self::Page, u64)>;

    /// Tells a page that it has violated the protocol.
    fn violation(&mut self, instance: &Arc<Instance>, page: Self::Page, reason: &'static str);

    /// Notes that the event with this number, the next of the page, will be handled.
    fn accept(&mut self, page: Self::Page, event: u64);

    /// Acknowledges an event again that the page has repeated: it may have missed the acknowledgement.
    fn repeat(&mut self, page: Self::Page, event: u64);

    /// Finds a handler by its number, if it is on the page now: the one that the page showed when it had applied this
    /// many frames.
    fn find(&mut self, driver: &mut dyn Driver, handler: u64, frames: u64) -> Option<HandlerAt>;

    /// Drops earlier handlers, unless mail may still need them. All mail is handled.
    fn settle(&mut self, driver: &mut dyn Driver);

    /// Notes that an event of the page was handled or refused. If it has left effects for the page, it stays in the
    /// page's backlog until they are sent, so that a page that takes no frames cannot make the server collect more and
    /// more of them.
    fn handled(&mut self, instance: &Instance, page: Self::Page, from: BacklogEntry);

    /// Sends the waiting effects without rendering, since a running handler may wait for a page's answer.
    fn send_effects(&mut self, instance: &Arc<Instance>);

    /// Renders the view and sends a frame, if there is something to send and a page that can take it.
    fn render(&mut self, core: &mut Core) -> Result<(), End>;

    /// Returns how long the task may wait for mail before it checks whether the instance [has
    /// expired](Self::has_expired).
    fn deadline(&mut self, instance: &Instance) -> Option<Instant>;

    /// Whether the instance has been without a page for too long.
    fn has_expired(&mut self, instance: &Arc<Instance>) -> bool;

    /// Tells the view and its pages that it has ended.
    fn end(&mut self, core: &mut Core, reason: CloseReason);
}
