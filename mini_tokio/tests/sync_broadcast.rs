//! `broadcast`: what the random comparison with tokio (`sync_broadcast_oracle`) does not reach. Values whose clone or drop
//! calls back into the channel, panics, threads, the budget, errors.

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    task::{Context, Poll, Wake, Waker},
};

use futures::executor::block_on;
use mini_tokio::sync::broadcast::{
    self, Receiver, Sender,
    error::{RecvError, SendError, TryRecvError},
};

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

/// What a [`Callback`] does when it is cloned or dropped; None while it runs, so that it runs once at a time.
type Action = Arc<Mutex<Option<Box<dyn FnMut() + Send>>>>;

/// A value that runs an action when it is cloned, and another when it is dropped.
struct Callback {
    name: u32,
    on_clone: Action,
    on_drop: Action,
}

fn run(action: &Action) {
    let taken = action.lock().unwrap().take();
    if let Some(mut taken) = taken {
        taken();
        *action.lock().unwrap() = Some(taken);
    }
}

impl Callback {
    fn new(name: u32) -> Self {
        Self { name, on_clone: Action::default(), on_drop: Action::default() }
    }

    fn on_clone(self, action: impl FnMut() + Send + 'static) -> Self {
        *self.on_clone.lock().unwrap() = Some(Box::new(action));
        self
    }

    fn on_drop(self, action: impl FnMut() + Send + 'static) -> Self {
        *self.on_drop.lock().unwrap() = Some(Box::new(action));
        self
    }
}

impl Clone for Callback {
    fn clone(&self) -> Self {
        run(&self.on_clone);
        Self::new(self.name)
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        run(&self.on_drop);
    }
}

fn name(result: Result<Callback, TryRecvError>) -> Result<u32, TryRecvError> {
    result.map(|value| value.name)
}

#[test]
fn a_clone_may_send_until_the_value_being_cloned_is_overwritten() {
    let (sender, mut receiver) = broadcast::channel(1);
    let mut other = sender.subscribe();
    let again = sender.clone();
    let overwrites = move || assert_eq!(again.send(Callback::new(2)).ok(), Some(2));
    assert!(sender.send(Callback::new(1).on_clone(overwrites)).is_ok());
    assert_eq!(name(receiver.try_recv()), Ok(1));
    assert_eq!(name(receiver.try_recv()), Ok(2));
    assert_eq!(name(other.try_recv()), Err(TryRecvError::Lagged(1)));
    assert_eq!(name(other.try_recv()), Ok(2));
}

#[test]
fn a_clone_may_receive_the_very_value_that_is_being_cloned() {
    let (sender, mut receiver) = broadcast::channel(4);
    let (mut inner, _third) = (sender.subscribe(), sender.subscribe());
    let received = Arc::new(Mutex::new(Vec::new()));
    let log = received.clone();
    let reads = move || log.lock().unwrap().push(name(inner.try_recv()));
    assert!(sender.send(Callback::new(1).on_clone(reads)).is_ok());
    assert_eq!(name(receiver.try_recv()), Ok(1));
    assert_eq!(*received.lock().unwrap(), [Ok(1)]);
}

#[test]
fn a_clone_may_make_and_drop_handles() {
    let (sender, mut receiver) = broadcast::channel(4);
    let (_second, weak) = (sender.subscribe(), sender.downgrade());
    let action = move || {
        let sender = weak.upgrade().unwrap();
        drop((sender.subscribe(), sender.downgrade(), sender.len()));
    };
    assert!(sender.send(Callback::new(1).on_clone(action)).is_ok());
    assert_eq!(name(receiver.try_recv()), Ok(1));
    assert_eq!((sender.receiver_count(), sender.strong_count(), sender.weak_count()), (2, 1, 1));
}

/// Every way in which a value can leave the channel unread.
#[test]
fn a_drop_may_use_the_channel() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let noted = |sender: &Sender<Callback>| {
        let (weak, dropped) = (sender.downgrade(), dropped.clone());
        Callback::new(1).on_drop(move || {
            if let Some(sender) = weak.upgrade() {
                drop(sender.subscribe());
                let _ = sender.send(Callback::new(2));
            }
            dropped.fetch_add(1, Ordering::Relaxed);
        })
    };
    let count = |expected| assert_eq!(dropped.swap(0, Ordering::Relaxed), expected);

    let (sender, receiver) = broadcast::channel(1);
    assert!(sender.send(noted(&sender)).is_ok());
    assert!(sender.send(Callback::new(3)).is_ok(), "overwrites");
    count(1);
    assert!(sender.send(noted(&sender)).is_ok());
    drop(receiver);
    count(1);
    drop(sender.send(noted(&sender)));
    count(1);
    let receiver = sender.subscribe();
    assert!(sender.send(noted(&sender)).is_ok());
    drop(sender);
    drop(receiver);
    count(1);
}

#[test]
fn a_clone_that_panics_uses_the_value_up_and_nothing_else() {
    let (sender, mut receiver) = broadcast::channel(4);
    let mut other = sender.subscribe();
    assert!(sender.send(Callback::new(1).on_clone(|| panic!("a clone that panics"))).is_ok());
    assert!(sender.send(Callback::new(2)).is_ok());
    assert!(catch_unwind(AssertUnwindSafe(|| receiver.try_recv())).is_err());
    assert_eq!(name(receiver.try_recv()), Ok(2));
    assert_eq!(name(other.try_recv()), Ok(1), "the panic was the other's");
    assert_eq!(name(other.try_recv()), Ok(2));
    assert!(sender.is_empty());
}

#[test]
fn a_drop_that_panics_leaves_the_channel_usable() {
    let bomb = || Callback::new(1).on_drop(|| panic!("a value that panics"));
    let (sender, mut receiver) = broadcast::channel(1);
    assert!(sender.send(bomb()).is_ok());
    assert!(catch_unwind(AssertUnwindSafe(|| sender.send(Callback::new(2)))).is_err());
    assert_eq!(name(receiver.try_recv()), Err(TryRecvError::Lagged(1)));
    assert_eq!(name(receiver.try_recv()), Ok(2));
    assert!(sender.send(bomb()).is_ok());
    assert!(catch_unwind(AssertUnwindSafe(move || drop(receiver))).is_err());
    assert_eq!((sender.receiver_count(), sender.len()), (0, 0));
}

#[test]
fn a_waker_may_use_the_channel() {
    let (sender, mut receiver) = broadcast::channel(4);
    let weak = sender.downgrade();
    let waker = Waker::from(Arc::new(Calls(move || {
        let sender = weak.upgrade().unwrap();
        let mut another = sender.subscribe();
        sender.send(7).unwrap();
        assert_eq!(another.try_recv(), Ok(7));
    })));
    let mut recv = Box::pin(receiver.recv());
    assert!(poll(recv.as_mut(), &waker).is_pending());
    assert_eq!(sender.send(1).unwrap(), 1);
    assert_eq!(poll(recv.as_mut(), &waker), Poll::Ready(Ok(1)));
    drop(recv);
    assert_eq!(receiver.try_recv(), Ok(7));
}

#[test]
fn every_reader_gets_a_clone_and_the_value_goes_with_the_last() {
    let clones = Arc::new(AtomicUsize::new(0));
    let (sender, mut receiver) = broadcast::channel(4);
    let mut others = [sender.subscribe(), sender.subscribe()];
    let counter = clones.clone();
    let counts = move || _ = counter.fetch_add(1, Ordering::Relaxed);
    assert!(sender.send(Callback::new(1).on_clone(counts)).is_ok());
    for other in &mut others {
        assert_eq!(name(other.try_recv()), Ok(1));
    }
    assert_eq!(clones.load(Ordering::Relaxed), 2);
    assert_eq!((sender.len(), Arc::strong_count(&clones)), (1, 2));
    assert_eq!(name(receiver.try_recv()), Ok(1));
    assert_eq!((clones.load(Ordering::Relaxed), Arc::strong_count(&clones)), (3, 1));
}

/// Several threads clone one value that is no more than `Send`: never two at once.
#[test]
fn one_thread_at_a_time_clones_a_value() {
    struct Exclusive(Arc<AtomicUsize>);
    impl Clone for Exclusive {
        fn clone(&self) -> Self {
            assert_eq!(self.0.fetch_add(1, Ordering::SeqCst), 0, "two at once");
            std::thread::yield_now();
            self.0.fetch_sub(1, Ordering::SeqCst);
            Self(self.0.clone())
        }
    }
    let (sender, receiver) = broadcast::channel(128);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            let mut receiver = receiver.resubscribe();
            scope.spawn(move || (0..100).for_each(|_| assert!(receiver.blocking_recv().is_ok())));
        }
        drop(receiver);
        for _ in 0..100 {
            assert!(sender.send(Exclusive(Arc::new(AtomicUsize::new(0)))).is_ok());
        }
    });
    assert!(sender.is_empty());
}

#[test]
fn threads_receive_every_value_in_the_order_of_each_sender() {
    let (sender, receiver) = broadcast::channel(16);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let mut receiver: Receiver<(usize, u64)> = receiver.resubscribe();
            scope.spawn(move || {
                let (mut next, mut sum) = ([0, 0], 0);
                loop {
                    match receiver.blocking_recv() {
                        Ok((from, value)) => {
                            assert!(value >= next[from], "out of order");
                            next[from] = value + 1;
                            sum += 1;
                        }
                        Err(RecvError::Lagged(missed)) => sum += missed,
                        Err(RecvError::Closed) => break,
                    }
                }
                assert_eq!(sum, 4000);
            });
        }
        drop(receiver);
        for (from, sender) in [sender.clone(), sender].into_iter().enumerate() {
            scope.spawn(move || {
                for value in 0..2000 {
                    let _ = sender.send((from, value));
                }
            });
        }
    });
}

#[test]
fn blocking_recv_sleeps_until_a_value_comes() {
    let (sender, mut receiver) = broadcast::channel(1);
    let (started, start) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        started.send(()).unwrap();
        (receiver.blocking_recv(), receiver.blocking_recv())
    });
    start.recv().unwrap();
    sender.send(1).unwrap();
    drop(sender);
    assert_eq!(thread.join().unwrap(), (Ok(1), Err(RecvError::Closed)));
}

#[test]
fn blocking_recv_refuses_a_thread_that_drives_tasks() {
    let (sender, mut receiver) = broadcast::channel(1);
    sender.send(1).unwrap();
    let runtime = mini_tokio::runtime::Builder::new_current_thread().build().unwrap();
    let outcome = catch_unwind(AssertUnwindSafe(|| runtime.block_on(async { receiver.blocking_recv() })));
    let message = *outcome.unwrap_err().downcast::<&str>().unwrap();
    assert!(message.starts_with("Cannot block the current thread from within a runtime."), "{message}");
    assert_eq!(receiver.try_recv(), Ok(1));
}

#[test]
fn a_capacity_of_zero_or_too_much_is_refused_where_it_was_asked_for() {
    for (capacity, expected) in [
        (0, "broadcast channel capacity cannot be zero"),
        (usize::MAX / 2 + 1, "broadcast channel capacity exceeded `usize::MAX / 2`"),
    ] {
        let place = Arc::new(Mutex::new(None));
        let noted = place.clone();
        let (previous, here) = (std::panic::take_hook(), std::thread::current().id());
        std::panic::set_hook(Box::new(move |info| {
            // Other tests panic on other threads.
            if std::thread::current().id() == here {
                *noted.lock().unwrap() = info.location().map(|place| place.file().to_owned());
            }
        }));
        let outcome = catch_unwind(|| broadcast::channel::<u32>(capacity));
        std::panic::set_hook(previous);
        assert_eq!(*outcome.unwrap_err().downcast::<&str>().unwrap(), expected);
        assert_eq!(place.lock().unwrap().as_deref(), Some(file!()));
    }
}

#[mini_tokio::test]
async fn a_value_costs_budget_and_an_empty_channel_does_not() {
    let (sender, mut receiver) = broadcast::channel(256);
    (0..256).for_each(|value| assert!(sender.send(value).is_ok()));
    mini_tokio::task::yield_now().await;
    let mut received = 0;
    while mini_tokio::task::coop::has_budget_remaining() {
        receiver.recv().await.unwrap();
        received += 1;
    }
    assert_eq!(received, 128);
    mini_tokio::task::yield_now().await;
    let mut empty = sender.subscribe();
    for _ in 0..200 {
        assert!(futures::poll!(Box::pin(empty.recv())).is_pending());
    }
    assert!(mini_tokio::task::coop::has_budget_remaining());
}

#[test]
fn closed_waits_for_the_last_receiver() {
    let (sender, receiver) = broadcast::channel::<u32>(1);
    let second = sender.subscribe();
    let mut closed = Box::pin(sender.closed());
    for receiver in [receiver, second] {
        assert!(poll(closed.as_mut(), Waker::noop()).is_pending());
        drop(receiver);
    }
    assert!(poll(closed.as_mut(), Waker::noop()).is_ready());
    block_on(Sender::<u32>::new(1).closed());
}

#[test]
fn errors_say_what_tokio_s_say() {
    let SendError(value) = Sender::new(1).send(5).unwrap_err();
    assert_eq!(value, 5);
    assert_eq!(SendError(5).to_string(), "channel closed");
    assert_eq!(RecvError::Closed.to_string(), "channel closed");
    assert_eq!(RecvError::Lagged(3).to_string(), "channel lagged by 3");
    assert_eq!(TryRecvError::Empty.to_string(), "channel empty");
    assert_eq!(TryRecvError::Closed.to_string(), "channel closed");
    assert_eq!(TryRecvError::Lagged(3).to_string(), "channel lagged by 3");
}

#[test]
fn a_channel_is_freed_with_its_last_handle() {
    struct Guard(#[allow(dead_code)] Arc<()>);
    impl Clone for Guard {
        fn clone(&self) -> Self {
            Self(self.0.clone())
        }
    }
    let token = Arc::new(());
    let (sender, receiver) = broadcast::channel(4);
    let weak = sender.downgrade();
    assert!(sender.send(Guard(token.clone())).is_ok());
    drop(sender);
    assert_eq!(Arc::strong_count(&token), 2);
    drop((receiver, weak));
    assert_eq!(Arc::strong_count(&token), 1);
}
