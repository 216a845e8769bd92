//! `CancellationToken`: trees of tokens, who is woken, what is freed, guards, futures.

use std::{
    future::{Future, pending},
    panic::{AssertUnwindSafe, RefUnwindSafe, UnwindSafe, catch_unwind},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use futures::executor::block_on;
use mini_tokio::util::{
    CancellationToken, DropGuard, DropGuardRef, WaitForCancellationFuture, WaitForCancellationFutureOwned,
};

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wakes {
    fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// A waker that runs a closure when it is woken.
struct Calls<F>(F);

impl<F: Fn() + Send + Sync + 'static> Wake for Calls<F> {
    fn wake(self: Arc<Self>) {
        (self.0)();
    }
}

fn poll<F: Future + ?Sized>(future: Pin<&mut F>, waker: &Waker) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(waker))
}

fn states<'a>(tokens: impl IntoIterator<Item = &'a CancellationToken>) -> Vec<bool> {
    tokens.into_iter().map(CancellationToken::is_cancelled).collect()
}

#[test]
fn a_cancellation_goes_down_and_never_up_or_aside() {
    let root = CancellationToken::new();
    let (left, right) = (root.child_token(), root.child_token());
    let (left_leaf, right_leaf) = (left.child_token(), right.child_token());
    let all = [&root, &left, &left_leaf, &right, &right_leaf];
    left.cancel();
    assert_eq!(states(all), [false, true, true, false, false]);
    right_leaf.cancel();
    assert_eq!(states(all), [false, true, true, false, true]);
    root.cancel();
    assert_eq!(states(all), [true; 5]);
}

#[test]
fn all_who_wait_in_a_subtree_are_woken_once() {
    let root = CancellationToken::new();
    let child = root.child_token();
    let grandchild = child.child_token();
    let stranger = root.child_token();
    let wakes = [(); 4].map(|()| Arc::new(Wakes::default()));
    let mut waits: Vec<_> = std::iter::zip([&child, &child, &grandchild, &stranger], &wakes)
        .map(|(token, wakes)| {
            let mut wait = Box::pin(token.cancelled());
            assert!(poll(wait.as_mut(), &Waker::from(wakes.clone())).is_pending());
            wait
        })
        .collect();
    child.cancel();
    child.cancel();
    assert_eq!(wakes.each_ref().map(|wakes| wakes.count()), [1, 1, 1, 0]);
    let ready: Vec<_> = waits.iter_mut().map(|wait| poll(wait.as_mut(), Waker::noop()).is_ready()).collect();
    assert_eq!(ready, [true, true, true, false]);
    assert!(poll(waits[0].as_mut(), Waker::noop()).is_ready(), "ready for good");
}

#[test]
fn a_future_made_before_the_cancellation_and_polled_after_it_is_ready() {
    let token = CancellationToken::new();
    let (mut borrowed, mut owned) = (Box::pin(token.cancelled()), Box::pin(token.clone().cancelled_owned()));
    token.cancel();
    assert!(poll(borrowed.as_mut(), Waker::noop()).is_ready() && poll(owned.as_mut(), Waker::noop()).is_ready());
    block_on(token.cancelled());
}

#[test]
fn a_future_that_is_dropped_in_the_queue_disturbs_nobody() {
    let token = CancellationToken::new();
    let wakes = Arc::new(Wakes::default());
    let waker = Waker::from(wakes.clone());
    let mut waits: Vec<_> = (0..3).map(|_| Box::pin(token.cancelled())).collect();
    for wait in &mut waits {
        assert!(poll(wait.as_mut(), &waker).is_pending());
    }
    drop(waits.remove(1));
    token.cancel();
    assert_eq!(wakes.count(), 2);
}

#[test]
fn a_child_of_a_cancelled_token_is_born_cancelled() {
    let token = CancellationToken::new();
    token.cancel();
    let child = token.child_token();
    assert!(child.is_cancelled() && child.child_token().is_cancelled());
}

#[test]
fn a_grandchild_outlives_its_parent_and_hears_of_the_root() {
    let root = CancellationToken::new();
    let middle = root.child_token();
    let leaves: Vec<_> = (0..5).map(|_| middle.child_token()).collect();
    drop(middle);
    assert_eq!(states(&leaves), [false; 5]);
    root.cancel();
    assert_eq!(states(&leaves), [true; 5]);
}

#[test]
fn without_a_root_children_go_on_alone() {
    let root = CancellationToken::new();
    let (first, second) = (root.child_token(), root.child_token());
    drop(root);
    first.cancel();
    assert_eq!(states([&first, &second]), [true, false]);
}

/// Dropped from the top, from the bottom and from the middle; cancelled halfway. Every order keeps the lists of children
/// in order: whoever is left is reached.
#[test]
fn children_may_leave_in_any_order() {
    for order in 0..120 {
        let root = CancellationToken::new();
        let mut tokens: Vec<_> = (0..5).map(|_| root.child_token()).collect();
        let grandchildren: Vec<_> = tokens.iter().map(CancellationToken::child_token).collect();
        let mut rest = order;
        for left in (3..=5).rev() {
            drop(tokens.swap_remove(rest % left));
            rest /= left;
        }
        let late = root.child_token();
        tokens[0].cancel();
        assert_eq!(states(&grandchildren).into_iter().filter(|cancelled| *cancelled).count(), 1);
        root.cancel();
        assert!(states(tokens.iter().chain(&grandchildren).chain([&late])).into_iter().all(|cancelled| cancelled));
    }
}

/// As random trees, against a plain list of parents.
#[test]
fn random_trees_agree_with_a_list_of_parents() {
    struct Model {
        parent: Option<usize>,
        cancelled: bool,
    }
    let mut seed = 1_u64;
    let mut roll = move |sides: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed >> 11) as usize % sides
    };
    for _ in 0..200 {
        let mut tokens = vec![Some(CancellationToken::new())];
        let mut models = vec![Model { parent: None, cancelled: false }];
        for _ in 0..60 {
            let at = roll(tokens.len());
            let Some(token) = &tokens[at] else { continue };
            match roll(8) {
                0 => tokens[at] = None,
                1 if roll(3) == 0 => {
                    token.cancel();
                    models[at].cancelled = true;
                    // Parents come before their children, dropped ones included.
                    for child in at + 1..models.len() {
                        models[child].cancelled |= models[child].parent.is_some_and(|parent| models[parent].cancelled);
                    }
                }
                _ => {
                    tokens.push(Some(token.child_token()));
                    models.push(Model { parent: Some(at), cancelled: models[at].cancelled });
                }
            }
            for (token, model) in std::iter::zip(&tokens, &models) {
                assert!(token.as_ref().is_none_or(|token| token.is_cancelled() == model.cancelled));
            }
        }
    }
}

#[test]
fn a_deep_tree_is_cancelled_and_dropped_without_recursion() {
    let depth = 100_000;
    for cancel in [true, false] {
        let mut tokens = vec![CancellationToken::new()];
        for level in 0..depth {
            tokens.push(tokens[level].child_token());
        }
        if cancel {
            tokens[0].cancel();
            assert!(tokens[depth].is_cancelled());
        }
        drop(tokens);
    }
    // And where each is held by nobody but its descendants' history.
    let mut token = CancellationToken::new();
    for _ in 0..depth {
        token = token.child_token();
    }
    drop(token);
}

#[test]
fn a_waker_may_use_the_tree_and_finds_all_of_it_cancelled() {
    let root = CancellationToken::new();
    let child = root.child_token();
    let seen = Arc::new(Wakes::default());
    let waker = {
        let (root, child, seen) = (root.clone(), child.clone(), seen.clone());
        Waker::from(Arc::new(Calls(move || {
            assert!(root.is_cancelled() && child.is_cancelled());
            root.cancel();
            drop(child.child_token());
            drop(root.clone().drop_guard());
            seen.wake_by_ref();
        })))
    };
    let mut waits = [Box::pin(root.cancelled()), Box::pin(child.cancelled())];
    for wait in &mut waits {
        assert!(poll(wait.as_mut(), &waker).is_pending());
    }
    root.cancel();
    assert_eq!(seen.count(), 2);
}

#[test]
fn a_waker_that_panics_silences_nobody() {
    let root = CancellationToken::new();
    let children: Vec<_> = (0..3).map(|_| root.child_token()).collect();
    let wakes = Arc::new(Wakes::default());
    let panics = Waker::from(Arc::new(Calls(|| panic!("a waker that panics"))));
    let wakers = [Waker::from(wakes.clone()), panics, Waker::from(wakes.clone())];
    let mut waits: Vec<_> = children.iter().map(|child| Box::pin(child.cancelled())).collect();
    for (wait, waker) in std::iter::zip(&mut waits, &wakers) {
        assert!(poll(wait.as_mut(), waker).is_pending());
    }
    assert!(catch_unwind(AssertUnwindSafe(|| root.cancel())).is_err());
    assert_eq!(wakes.count(), 2);
    assert_eq!(states(&children), [true; 3]);
}

#[test]
fn a_guard_cancels_unless_it_is_disarmed() {
    let token = CancellationToken::new();
    let back = token.clone().drop_guard().disarm();
    let borrowed = token.drop_guard_ref().disarm();
    assert_eq!(states([&token, &back, borrowed]), [false; 3]);
    let child = token.child_token();
    drop(child.drop_guard_ref());
    assert_eq!(states([&token, &child]), [false, true]);
    drop(token.clone().drop_guard());
    assert!(token.is_cancelled());
}

#[test]
fn run_until_cancelled_ends_with_either() {
    let token = CancellationToken::new();
    assert_eq!(block_on(token.run_until_cancelled(async { 1 })), Some(1));
    assert_eq!(block_on(token.clone().run_until_cancelled_owned(async { 2 })), Some(2));
    let wakes = Arc::new(Wakes::default());
    let mut run = Box::pin(token.run_until_cancelled(pending::<u32>()));
    assert!(poll(run.as_mut(), &Waker::from(wakes.clone())).is_pending());
    token.cancel();
    assert_eq!(wakes.count(), 1);
    assert_eq!(poll(run.as_mut(), Waker::noop()), Poll::Ready(None));
    drop(run);
    let unpolled = async { unreachable!("the token is cancelled already") };
    assert_eq!(block_on(token.run_until_cancelled::<Pin<Box<dyn Future<Output = ()>>>>(Box::pin(unpolled))), None);
}

#[test]
fn a_future_that_is_ready_in_the_poll_of_the_cancellation_wins() {
    let token = CancellationToken::new();
    let mut polls = 0;
    let second = std::future::poll_fn(|_| {
        polls += 1;
        if polls == 2 { Poll::Ready(polls) } else { Poll::Pending }
    });
    let mut run = Box::pin(token.run_until_cancelled(second));
    assert!(poll(run.as_mut(), Waker::noop()).is_pending());
    token.cancel();
    assert_eq!(poll(run.as_mut(), Waker::noop()), Poll::Ready(Some(2)));
}

#[test]
fn threads_that_cancel_drop_and_make_children_agree_in_the_end() {
    for _ in 0..200 {
        let root = CancellationToken::new();
        let middle = root.child_token();
        std::thread::scope(|scope| {
            for _ in 0..2 {
                let middle = middle.clone();
                scope.spawn(move || {
                    let children: Vec<_> = (0..10).map(|_| middle.child_token()).collect();
                    drop(middle);
                    children.iter().for_each(|child| block_on(child.cancelled()));
                });
            }
            drop(middle);
            scope.spawn(|| root.cancel());
        });
    }
}

#[test]
fn tokens_and_futures_have_the_auto_traits_of_tokio_util() {
    fn shared<T: Send + Sync>() {}
    fn movable<T: Unpin + UnwindSafe + RefUnwindSafe>() {}
    shared::<(CancellationToken, DropGuard, DropGuardRef<'_>)>();
    shared::<(WaitForCancellationFuture<'_>, WaitForCancellationFutureOwned)>();
    movable::<(CancellationToken, DropGuard, DropGuardRef<'_>)>();
    let token = CancellationToken::default();
    assert_eq!(format!("{token:?}"), "CancellationToken { is_cancelled: false }");
}
