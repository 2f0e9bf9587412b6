//! The signatures that a handler may have: one mechanism for events, published messages, messages of the page's
//! JavaScript, and results of futures.
//!
//! A handler takes the view, an [input](Input), and optionally the context; it may be `async`. Each of these signatures
//! is a [`Shape`], implemented for all functions that have it. The traits that users see ([`Handler`](super::Handler),
//! [`MessageHandler`](crate::message::MessageHandler), …) are implemented for shapes in three steps, so that a compile
//! error names the step that fails: the signature ([`Shape`]), the type that it returns, and whether it can be
//! [called](Calls) from any thread.

use std::future::Future;
use std::marker::PhantomData;

use super::{Called, HandlerError};
use crate::channel::Answer;
use crate::cx::Cx;
use crate::event::FromEvent;

/// What a handler handles: an event, a message or a result.
pub trait Input {
    /// The value that exists when the handler is called, and from which the handler's argument is made.
    type Given<'a>;
    /// How a handler of type `F` is passed: by reference if it is called repeatedly, or by value if it is called once.
    type Receiver<'a, F: 'a>;
}

/// An event from the page.
#[derive(Debug)]
pub struct Event;

/// A published message.
#[derive(Debug)]
pub struct Published<T>(T);

/// A message from the page's JavaScript.
#[derive(Debug)]
pub struct Emitted<T>(T);

/// The result of a future.
#[derive(Debug)]
pub struct Finished<T>(T);

/// What a form contains.
#[derive(Debug)]
pub struct Filled<T>(T);

impl Input for Event {
    /// The payload, as JSON.
    type Given<'a> = &'a str;
    type Receiver<'a, F: 'a> = &'a F;
}

impl<T: 'static> Input for Published<T> {
    type Given<'a> = &'a T;
    type Receiver<'a, F: 'a> = &'a F;
}

impl<T> Input for Emitted<T> {
    type Given<'a> = T;
    type Receiver<'a, F: 'a> = &'a F;
}

impl<T> Input for Filled<T> {
    type Given<'a> = T;
    type Receiver<'a, F: 'a> = &'a F;
}

impl<T> Input for Finished<T> {
    type Given<'a> = T;
    type Receiver<'a, F: 'a> = F;
}

/// A function with the signature of a handler. The parameter `M` distinguishes the signatures.
pub trait Shape<V, I: Input, M>: Send + 'static {
    /// The type that the function returns, at once or through its future.
    type Returned;

    /// What the function asks for of an event.
    const ASKS: Asks;

    /// Whether the function is `async`. If so, the future that it returns borrows its arguments.
    const ASYNC: bool;
}

/// What a handler asks for of an event.
#[derive(Debug, Clone, Copy)]
pub struct Asks {
    /// The fields; see [`FromEvent::PAYLOAD`].
    pub(super) payload: &'static str,
    /// The kind of what can be dropped.
    pub(super) accepts: fn() -> Option<String>,
}

impl Asks {
    const NOTHING: Self = Self { payload: "", accepts: || None };

    const fn of<E: FromEvent>() -> Self {
        Self { payload: E::PAYLOAD, accepts: E::accepts }
    }
}

/// A handler that can be called: if it is `async`, its future is `Send`.
pub trait Calls<V, I: Input, M>: Shape<V, I, M> + Sized {
    /// Calls the handler, and applies `finish` to the value that it returns.
    fn start<'a, O: 'static>(
        handler: I::Receiver<'a, Self>,
        view: &'a mut V,
        given: I::Given<'a>,
        cx: &'a Cx<V>,
        finish: Finish<Self::Returned, O>,
    ) -> Called<'a, O>;
}

/// Converts the value that a handler returns into its outcome.
pub(crate) type Finish<R, O> = fn(R) -> Result<O, HandlerError>;

/// A type that a function returns if it is not `async`. No future implements this trait, so an `async` function has
/// exactly one shape, and inference finds it.
pub trait NotAsync<I, K = ()> {}

impl<I: NoAnswer> NotAsync<I> for () {}

impl<I: NoAnswer, T, E> NotAsync<I> for Result<T, E> {}

impl<T, K, R: Answer<K>> NotAsync<Emitted<T>, K> for R {}

/// An input that expects no answer: its handler returns `()` or a `Result`.
pub trait NoAnswer {}

impl NoAnswer for Event {}

impl<T> NoAnswer for Published<T> {}

impl<T> NoAnswer for Finished<T> {}

impl<T> NoAnswer for Filled<T> {}

/// An `async` function whose arguments are the tuple `A`. Its future lives for `'a`, because it borrows the arguments;
/// a bound such as `Fn(&mut V) -> R` cannot express that.
///
/// `K` is [`Any`], or [`Payload`] if the second argument is read from an event. (If the bound on the payload were not
/// part of this trait, the compiler could not tell a context from an event as the second argument.)
pub trait AsyncCall<'a, A, K = Any>: Send + 'static {
    /// The output of the future.
    type Output;
    /// The future that the function returns.
    type Future: Future<Output = Self::Output> + 'a;

    /// Calls the function.
    fn start(self, arguments: A) -> Self::Future;
}

/// See [`AsyncCall`].
#[derive(Debug)]
pub struct Any;

/// See [`AsyncCall`].
#[derive(Debug)]
pub struct Payload;

macro_rules! async_calls {
    ($($kind:ident <$($argument:ident $(: $bound:ident)?),*>;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<'a, $($argument $(: $bound)?,)* F, Fut> AsyncCall<'a, ($($argument,)*), $kind> for F
        where
            F: FnOnce($($argument),*) -> Fut + Send + 'static,
            Fut: Future + 'a,
        {
            type Output = Fut::Output;
            type Future = Fut;

            #[allow(non_snake_case, reason = "the arguments are named after their types")]
            fn start(self, ($($argument,)*): ($($argument,)*)) -> Fut {
                self($($argument),*)
            }
        }
    )*};
}

async_calls! {
    Any <A>;
    Any <A, B>;
    Any <A, B, C>;
    Payload <A, E: FromEvent>;
    Payload <A, E: FromEvent, C>;
}

/// Marks a function that is not `async`: `A` marks its arguments, and `R` is the type that it returns.
#[derive(Debug)]
pub struct Immediate<A, R, K>(PhantomData<fn(A, K) -> R>);

/// Marks an `async` function: `A` marks its arguments, and `R` is the output of its future.
#[derive(Debug)]
pub struct Async<A, R>(PhantomData<fn(A) -> R>);

/// Marks an argument of type `T`, which is made from what is [given](Input::Given).
#[derive(Debug)]
pub struct Given<T>(PhantomData<T>);

/// Marks the view's context as an argument.
#[derive(Debug)]
pub struct Context;

/// Marks functions among all handlers: `M` marks their shape.
#[derive(Debug)]
pub struct Function<M>(PhantomData<M>);

/// Implements [`Shape`] and [`Calls`] for all functions with a signature. Each line lists how often the handler is
/// called, the [`Input`], the marker of the arguments, the payload and the kind of its [`AsyncCall`], its own type
/// parameters, and its arguments with their values.
///
/// An `async` handler owns what its closure captures, and its future may outlive the call. So a handler that is called
/// repeatedly is cloned for each call. (Cloning a method is free.)
macro_rules! shapes {
    ($(
        $mode:ident $input:ty, $marker:ty, $payload:expr, $kind:ident, [$($generics:tt)*],
            |$($name:ident),*| ($($argument:ty = $value:expr),*);
    )*) => {$(
        shapes! {
            @$mode [$input] [$marker] [$payload] [$kind] [$($generics)*] [$($name),*] [$($argument),*] [$($value),*]
        }
    )*};
    (@repeated $($line:tt)*) => {
        shapes! { @implement Fn [+ Send + Sync] [+ Clone + Sync] [.clone()] $($line)* }
    };
    (@once $($line:tt)*) => {
        shapes! { @implement FnOnce [+ Send] [] [] $($line)* }
    };
    (
        @implement $fn:ident [$($sync:tt)*] [$($async:tt)*] [$($owned:tt)*]
        [$input:ty] [$marker:ty] [$payload:expr] [$kind:ident] [$($generics:tt)*]
        [$given:ident, $cx:ident] [$($argument:ty),*] [$($value:expr),*]
    ) => {
        #[diagnostic::do_not_recommend]
        impl<V, $($generics)* F, R, K> Shape<V, $input, Immediate<$marker, R, K>> for F
        where
            F: for<'x> $fn(&'x mut V, $($argument),*) -> R $($sync)* + 'static,
            R: NotAsync<$input, K>,
        {
            type Returned = R;
            const ASKS: Asks = $payload;
            const ASYNC: bool = false;
        }

        impl<V, $($generics)* F, R, K> Calls<V, $input, Immediate<$marker, R, K>> for F
        where
            F: for<'x> $fn(&'x mut V, $($argument),*) -> R $($sync)* + 'static,
            R: NotAsync<$input, K>,
        {
            #[allow(unused_variables, reason = "most signatures do not use all arguments")]
            fn start<'a, O: 'static>(
                handler: <$input as Input>::Receiver<'a, Self>,
                view: &'a mut V,
                $given: <$input as Input>::Given<'a>,
                $cx: &'a Cx<V>,
                finish: Finish<R, O>,
            ) -> Called<'a, O> {
                Called::Ready(attempt(|| finish(handler(view, $($value),*))))
            }
        }

        #[diagnostic::do_not_recommend]
        impl<V: 'static, $($generics)* F, R> Shape<V, $input, Async<$marker, R>> for F
        where
            F: for<'x> AsyncCall<'x, (&'x mut V, $($argument),*), $kind, Output = R> $($async)*,
        {
            type Returned = R;
            const ASKS: Asks = $payload;
            const ASYNC: bool = true;
        }

        impl<V: 'static, $($generics)* F, R: 'static> Calls<V, $input, Async<$marker, R>> for F
        where
            F: for<'x> AsyncCall<'x, (&'x mut V, $($argument),*), $kind, Output = R> $($async)*,
            for<'x> <F as AsyncCall<'x, (&'x mut V, $($argument),*), $kind>>::Future: Send,
        {
            #[allow(unused_variables, reason = "most signatures do not use all arguments")]
            fn start<'a, O: 'static>(
                handler: <$input as Input>::Receiver<'a, Self>,
                view: &'a mut V,
                $given: <$input as Input>::Given<'a>,
                $cx: &'a Cx<V>,
                finish: Finish<R, O>,
            ) -> Called<'a, O> {
                attempt(|| Ok(pending(AsyncCall::start(handler $($owned)*, (view, $($value),*)), finish)))
                    .unwrap_or_else(|error| Called::Ready(Err(error)))
            }
        }
    };
}

shapes! {
    repeated Event, (), Asks::NOTHING, Any, [], |payload, cx| ();
    repeated Event, Context, Asks::NOTHING, Any, [], |payload, cx| (&'x Cx<V> = cx);
    repeated Event, Given<E>, Asks::of::<E>(), Payload, [E: FromEvent,], |payload, cx| (E = read(payload, cx)?);
    repeated Event, (Given<E>, Context), Asks::of::<E>(), Payload, [E: FromEvent,],
        |payload, cx| (E = read(payload, cx)?, &'x Cx<V> = cx);

    repeated Published<T>, Given<T>, Asks::NOTHING, Any, [T: 'static,], |message, cx| (&'x T = message);
    repeated Published<T>, (Given<T>, Context), Asks::NOTHING, Any, [T: 'static,], |message, cx| (&'x T = message, &'x Cx<V> = cx);

    repeated Emitted<T>, Given<T>, Asks::NOTHING, Any, [T: 'static,], |message, cx| (T = message);
    repeated Emitted<T>, (Given<T>, Context), Asks::NOTHING, Any, [T: 'static,], |message, cx| (T = message, &'x Cx<V> = cx);

    repeated Filled<T>, Given<T>, Asks::NOTHING, Any, [T: 'static,], |value, cx| (T = value);
    repeated Filled<T>, (Given<T>, Context), Asks::NOTHING, Any, [T: 'static,], |value, cx| (T = value, &'x Cx<V> = cx);

    once Finished<T>, Given<T>, Asks::NOTHING, Any, [T: 'static,], |value, cx| (T = value);
    once Finished<T>, (Given<T>, Context), Asks::NOTHING, Any, [T: 'static,], |value, cx| (T = value, &'x Cx<V> = cx);
}

/// Runs a closure, in which `?` may be used.
fn attempt<T>(block: impl FnOnce() -> Result<T, HandlerError>) -> Result<T, HandlerError> {
    block()
}

/// Returns the outcome of an `async` function, which is available later.
pub(crate) fn pending<'a, R: 'a, O: 'a>(
    future: impl Future<Output = R> + Send + 'a,
    finish: Finish<R, O>,
) -> Called<'a, O> {
    Called::Pending(Box::pin(async move { finish(future.await) }))
}

/// Reads the payload of an event.
pub(crate) fn read<V, E: FromEvent>(payload: &str, cx: &Cx<V>) -> Result<E, HandlerError> {
    let event = E::with_moved(payload, &cx.instance.moved.lock()).map_err(HandlerError::Payload)?;
    if event.is_refused() {
        cx.instance.refuse_value();
    }
    Ok(event)
}
