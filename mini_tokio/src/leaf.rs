//! What a leaf answers when its task is asked what it waits for.
//!
//! A future cannot be asked anything; it can only be polled. So [`insight::dump`](crate::insight::dump) polls an idle task
//! once, *with an empty budget*: a task without budget is stopped at the first operation of each of its branches, and the
//! operation, on its way out, leaves a note.
//!
//! ```text
//!   asker (insight::inquiry)            the task's futures                  the leaf
//!   ask(task, poll) ──budget 0──▶ select! ──┬─▶ Sleep::poll ──▶ proceed: no unit, so Pending; a note: "sleep, over in 3s"
//!        ▲                                  └─▶ Mutex::lock ──▶ Pending, as in any other poll; a note: "Mutex::lock"
//!        └───────── the notes ◀─────────────────┘
//! ```
//!
//! Nobody pays for that who does not ask. Most leaves look at the budget anyway, and the path on which there is none was cold
//! before; the few that have no budget look at one thread-local, when they are pending.
//!
//! The place in a note is that of the `.await`. It comes with `#[track_caller]`: where a future's `poll` has the attribute,
//! its caller is the `.await`, or whoever polls by hand. The `poll` of an async fn is the compiler's and has none; so a public
//! function that may wait is no async fn, but returns an async block in [`At`], [`AllAt`] or [`Named`], which have it.
//!
//! A leaf that is awaited through a reference or a box is polled by the standard library, and a `dyn Future` by the shim in its
//! vtable, which has nobody's place. There nothing can be had but the place where the leaf was *made*, and to keep that would
//! cost each sleep and each lock a word. An async block in a box loses nothing: it awaits its leaves itself.
//!
//! # Vocabulary
//!
//! * **leaf**: a future that does not wait for another, but for something that will wake it.
//! * **own**: of a place, in this crate. An own place tells a user nothing, and is left out; so is the standard library's.
//!
//! # Invariants
//!
//! * `LEAF-1` Notes are taken from the task that is asked and from no other, also if it polls others on this thread as a
//!   `LocalSet` does.
//! * `LEAF-2` Whatever [`Named`] wraps leaves a note of its own whenever it is pending. So the last note, at that moment, is
//!   the one that gets the name.
//! * `LEAF-3` A task is stopped at most [`MOST_STOPS`] times. One that polls in a loop until something is ready (an executor
//!   inside a task) has its budget back then, and goes on.
//!
//! # Rejected
//!
//! To have each leaf write down in the task's header, at every poll, what it begins to wait for: then nothing need be polled.
//! But a task waits for many things at once, so the notes of the poll before have to be thrown away at each poll, and that
//! alone is several instructions in a hundred of a yield. tokio polls too (`Handle::dump`, unstable), and takes a stack trace
//! at each leaf, which shows all functions between and needs debug information.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::marker::PhantomPinned;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

/// Enough for any honest `join!`.
const MOST_STOPS: usize = 10_000;

/// The directory of this crate's sources, as the compiler was given it.
const OWN: &str = file!().split_at(file!().len() - "leaf.rs".len()).0;

/// Where `&mut F`, `Pin<P>` and with that boxes hand a poll down, wherever the compiler has the standard library's sources.
const HANDED_DOWN: &str = "library/core/src/future/future.rs";

/// Something that a task waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wait {
    /// What, in words: `sleep, over in 3s`, `Mutex::lock`, `join of task 7`.
    pub what: Cow<'static, str>,
    /// Where: the `.await`, if the program itself awaits it there; a combinator that polls it, otherwise. None where the place
    /// is not known: an operation that is itself awaited through a box or a reference (`(&mut sleep).await`).
    pub at: Option<&'static Location<'static>>,
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        self.at.map_or(Ok(()), |at| write!(f, " at {at}"))
    }
}

#[derive(Default)]
struct Notes {
    waits: Vec<Wait>,
    /// How often the task was stopped.
    stops: usize,
}

thread_local! {
    /// The task that is asked, by its number. It has no destructor, so that an access is a plain load.
    static ASKED: Cell<Option<u64>> = const { Cell::new(None) };
    static NOTES: RefCell<Notes> = const { RefCell::new(Notes { waits: Vec::new(), stops: 0 }) };
}

// ANCHOR: leaf-ask
/// Calls `poll`, which polls task `task` once, and returns what its leaves said. Who is asked may ask others.
#[cfg(not(loom))]
pub(crate) fn ask(task: crate::task::Id, poll: impl FnOnce()) -> Vec<Wait> {
    struct PutBack(Option<u64>, Notes);
    impl Drop for PutBack {
        fn drop(&mut self) {
            ASKED.set(self.0);
            NOTES.replace(std::mem::take(&mut self.1));
        }
    }
    let _put_back = PutBack(ASKED.replace(Some(task.0.get())), NOTES.take());
    poll();
    NOTES.take().waits
}

/// Whether what is polled on this thread is asked (`LEAF-1`).
#[inline]
pub(crate) fn is_asked() -> bool {
    ASKED.get().is_some_and(is_current)
}

#[cold]
fn is_current(_asked: u64) -> bool {
    #[cfg(not(loom))]
    return crate::context::current_task().is_some_and(|task| task.0.get() == _asked);
    #[cfg(loom)]
    false
}

/// Leaves a note, of one who is asked. False if that were too many (`LEAF-3`): nobody is asked any more.
#[cold]
#[track_caller]
pub(crate) fn note(what: impl FnOnce() -> Cow<'static, str>) -> bool {
    let wait = Wait { what: what(), at: unless_own(Location::caller()) };
    NOTES.with_borrow_mut(|notes| {
        notes.stops += 1;
        if notes.stops > MOST_STOPS {
            ASKED.set(None);
        } else if !notes.waits.contains(&wait) {
            notes.waits.push(wait);
        }
        notes.stops <= MOST_STOPS
    })
}

fn unless_own(place: &'static Location<'static>) -> Option<&'static Location<'static>> {
    (!place.file().starts_with(OWN) && !place.file().ends_with(HANDED_DOWN)).then_some(place)
}

/// Passes `polled` through; if it is pending, and somebody asks, `what` is the answer.
#[inline]
#[track_caller]
pub(crate) fn waits<T>(polled: Poll<T>, what: impl FnOnce() -> Cow<'static, str>) -> Poll<T> {
    if polled.is_pending() && is_asked() {
        note(what);
    }
    polled
}

/// Passes `polled` through; if it is pending, and somebody asks, the last answer was given here, unless it has a place.
#[inline]
#[track_caller]
pub(crate) fn placed<T>(polled: Poll<T>) -> Poll<T> {
    if polled.is_pending() && is_asked() {
        amend(None);
    }
    polled
}

/// The same, and is better known by the name `what` (`LEAF-2`).
#[inline]
#[track_caller]
pub(crate) fn known_as<T>(polled: Poll<T>, what: impl FnOnce() -> Cow<'static, str>) -> Poll<T> {
    if polled.is_pending() && is_asked() {
        amend(Some(what()));
    }
    polled
}

#[cold]
#[track_caller]
fn amend(what: Option<Cow<'static, str>>) {
    let place = unless_own(Location::caller());
    NOTES.with_borrow_mut(|notes| {
        if let Some(last) = notes.waits.last_mut() {
            last.what = what.unwrap_or(std::mem::take(&mut last.what));
            last.at = last.at.or(place);
        }
    });
}

/// How many notes there are, if somebody asks. (Who is asked has no budget; so nobody else need call this.)
#[inline]
pub(crate) fn notes_so_far() -> Option<usize> {
    if is_asked() { Some(count()) } else { None }
}

#[cold]
fn count() -> usize {
    NOTES.with_borrow(|notes| notes.waits.len())
}

/// All notes since then were given here, unless they have a place. For who polls several, or what need not leave a note.
#[inline]
#[track_caller]
pub(crate) fn place_those_since(before: Option<usize>) {
    if let Some(before) = before {
        place_all(before);
    }
}

#[cold]
#[track_caller]
fn place_all(before: usize) {
    let place = unless_own(Location::caller());
    NOTES.with_borrow_mut(|notes| notes.waits[before..].iter_mut().for_each(|wait| wait.at = wait.at.or(place)));
}

/// `future`, whose leaf stands where the caller awaits it.
#[inline]
pub(crate) fn at<F: Future>(future: F) -> At<F> {
    At { future, _pinned: PhantomPinned }
}

pin_project! {
    /// The future of [`at`]. It may not move, as that of an async fn, which users take it for.
    #[must_use = "futures do nothing unless polled"]
    pub(crate) struct At<F> {
        #[pin]
        future: F,
        #[pin]
        _pinned: PhantomPinned,
    }
}

impl<F: Future> Future for At<F> {
    type Output = F::Output;

    #[inline]
    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        placed(self.project().future.poll(cx))
    }
}

/// `future`, all of whose leaves stand where the caller awaits it. It costs a look before each poll, where [`at`] costs one
/// after a poll that is pending.
#[inline]
pub(crate) fn all_at<F: Future>(future: F) -> AllAt<F> {
    AllAt { future, _pinned: PhantomPinned }
}

pin_project! {
    /// The future of [`all_at`]; see [`At`].
    #[must_use = "futures do nothing unless polled"]
    pub(crate) struct AllAt<F> {
        #[pin]
        future: F,
        #[pin]
        _pinned: PhantomPinned,
    }
}

impl<F: Future> Future for AllAt<F> {
    type Output = F::Output;

    #[inline]
    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let before = notes_so_far();
        let polled = self.project().future.poll(cx);
        place_those_since(before);
        polled
    }
}

pin_project! {
    /// The future of [`named`]; see [`At`].
    #[must_use = "futures do nothing unless polled"]
    pub(crate) struct Named<W, F> {
        what: W,
        #[pin]
        future: F,
        #[pin]
        _pinned: PhantomPinned,
    }
}

/// `future`, under the name of the public function whose future it is. (The name comes out of a closure because that takes
/// no room in the future.)
#[inline]
pub(crate) fn named<W: Fn() -> &'static str, F: Future>(what: W, future: F) -> Named<W, F> {
    Named { what, future, _pinned: PhantomPinned }
}

impl<W: Fn() -> &'static str, F: Future> Future for Named<W, F> {
    type Output = F::Output;

    // ANCHOR: leaf-named
    #[inline]
    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        known_as(this.future.poll(cx), || (this.what)().into())
    }
}
