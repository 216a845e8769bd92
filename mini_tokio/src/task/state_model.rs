//! Models of the task state: a cell stands for the future, another for the join waker, a third for the output, a fourth for the
//! memory of them all.

use super::*;
use crate::shim::{Arc, UnsafeCell};
use loom::thread;

struct Cells {
    state: State,
    /// What wakers write before they wake, and the poll must see (`Relaxed` on purpose: the state word has to order it).
    message: AtomicU32,
    future: UnsafeCell<u32>,
    join_waker: UnsafeCell<u32>,
    output: UnsafeCell<u32>,
    /// The references that are counted, at first the task's own (`TASK-8`); and whether the memory is there.
    counted: AtomicU32,
    memory: UnsafeCell<bool>,
    queued: AtomicU32,
    joiner_woken: AtomicU32,
}

impl Cells {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            state: State::new(),
            message: AtomicU32::new(0),
            future: UnsafeCell::new(0),
            join_waker: UnsafeCell::new(0),
            output: UnsafeCell::new(0),
            counted: AtomicU32::new(1),
            memory: UnsafeCell::new(true),
            queued: AtomicU32::new(1),
            joiner_woken: AtomicU32::new(0),
        })
    }

    fn wake(&self) {
        if self.state.wake() == Wake::Submit {
            assert_eq!(self.queued.fetch_add(1, Relaxed), 0, "TASK-1: queued twice");
        }
    }

    /// Takes the task from its one queue, polls, and puts it back if it was woken. Returns the message that the poll saw.
    fn run(&self) -> u32 {
        assert_eq!(self.queued.fetch_sub(1, Relaxed), 1, "TASK-1: run without being queued");
        assert_eq!(self.state.start(), Start::Poll);
        let seen = self.message.load(Relaxed);
        // SAFETY: TASK-2, the runner alone touches the future; loom reports a second one.
        self.future.with_mut(|future| unsafe { *future += 1 });
        if self.state.pause() == Pause::Requeue {
            assert_eq!(self.queued.fetch_add(1, Relaxed), 0, "TASK-1: queued twice");
        }
        seen
    }

    fn complete(&self) {
        // SAFETY: TASK-3, until COMPLETE the output is the runner's.
        self.output.with_mut(|output| unsafe { *output += 1 });
        let mut counted = 0;
        let is_alone = || self.counted.load(Relaxed) == 1;
        let completion = self.state.complete(&is_alone, &mut || {
            counted += 1;
            self.counted.fetch_add(1, Relaxed);
        });
        if completion.wake_joiner {
            // SAFETY: TASK-8; loom reports who frees the memory meanwhile.
            self.memory.with(|memory| assert!(unsafe { *memory }, "the joiner was gone, and the task with it"));
            // SAFETY: TASK-4, JOIN_WAKER was set when the task completed.
            self.join_waker.with_mut(|waker| unsafe { *waker = 0 });
            self.joiner_woken.store(1, Release);
        }
        if completion.drop_output {
            // The task goes (TASK-8): whoever still is in one of its cells is caught here.
            // SAFETY: there is no joiner any more.
            self.join_waker.with_mut(|waker| assert_eq!(unsafe { *waker }, 0, "the joiner left its waker"));
            // SAFETY: TASK-3, there was no joiner.
            self.output.with_mut(|output| unsafe { *output -= 1 });
            self.let_go();
        }
        (0..counted).for_each(|_| self.let_go());
    }

    /// A reference that is counted goes.
    fn let_go(&self) {
        if self.counted.fetch_sub(1, AcqRel) == 1 {
            // SAFETY: it was the last.
            self.memory.with_mut(|memory| unsafe { *memory = false });
        }
    }

    /// The joiner goes. Returns whether it dropped the output.
    fn drop_join_handle(&self) -> bool {
        let dropped = self.state.drop_join_handle();
        if dropped.drop_waker {
            // SAFETY: TASK-4, the word said that the cell is the joiner's.
            self.join_waker.with_mut(|waker| unsafe { *waker = 0 });
        }
        if dropped.drop_output {
            // SAFETY: TASK-3, the word said that the output is the joiner's.
            self.output.with_mut(|output| unsafe { *output -= 1 });
            self.let_go();
        }
        dropped.drop_output
    }

    /// After the end of both threads.
    fn assert_gone(&self) {
        // SAFETY: both threads are done.
        assert_eq!(self.output.with(|output| unsafe { *output }), 0, "the output was dropped never or twice");
        // SAFETY: both threads are done.
        assert_eq!(self.join_waker.with(|waker| unsafe { *waker }), 0, "the join waker leaked");
        // SAFETY: both threads are done.
        assert!(!self.memory.with(|memory| unsafe { *memory }), "the task leaked");
    }
}

#[test]
fn what_was_written_before_a_wake_is_seen_by_the_next_poll() {
    loom::model(|| {
        let cells = Cells::new();
        let other = cells.clone();
        let waker = thread::spawn(move || {
            other.message.store(1, Relaxed);
            other.wake();
        });
        let mut seen = cells.run();
        waker.join().unwrap();
        while cells.queued.load(Relaxed) == 1 {
            seen = cells.run();
        }
        assert_eq!(seen, 1, "the wake was lost, or the poll after it did not see the message");
    });
}

#[test]
fn two_wakers_and_a_runner_neither_lose_nor_double_a_wake() {
    loom::model(|| {
        let cells = Cells::new();
        let wakers: Vec<_> = (0..2)
            .map(|_| {
                let cells = cells.clone();
                thread::spawn(move || {
                    cells.message.fetch_add(1, Relaxed);
                    cells.wake();
                })
            })
            .collect();
        let mut seen = cells.run();
        wakers.into_iter().for_each(|waker| waker.join().unwrap());
        while cells.queued.load(Relaxed) == 1 {
            seen = cells.run();
        }
        assert_eq!(seen, 2);
    });
}

#[test]
fn a_joiner_that_waits_is_woken_or_finds_the_output() {
    loom::model(|| {
        let cells = Cells::new();
        cells.queued.store(0, Relaxed);
        assert_eq!(cells.state.start(), Start::Poll);
        let runner = {
            let cells = cells.clone();
            thread::spawn(move || cells.complete())
        };
        // SAFETY: TASK-4, JOIN_WAKER is clear: the cell is the joiner's.
        cells.join_waker.with_mut(|waker| unsafe { *waker = 7 });
        let mut ready = cells.state.lend_join_waker() == Join::Complete;
        if !ready && cells.state.reclaim_join_waker() == Join::Wait {
            // SAFETY: TASK-4, just taken back.
            cells.join_waker.with_mut(|waker| unsafe { *waker = 8 });
            ready = cells.state.lend_join_waker() == Join::Complete;
        } else {
            ready = true;
        }
        if ready {
            // SAFETY: TASK-3, complete: the output is the joiner's.
            assert_eq!(cells.output.with(|output| unsafe { *output }), 1);
        }
        // With the output in hand the handle is dropped at once, perhaps before the runner has woken anybody.
        let mut runner = Some(runner);
        if !ready {
            runner.take().map(|runner| runner.join().unwrap());
        }
        assert!(cells.drop_join_handle(), "the task was complete");
        runner.map(|runner| runner.join().unwrap());
        cells.assert_gone();
        assert!(ready || cells.joiner_woken.load(Acquire) == 1, "the joiner sleeps for ever");
    });
}

#[test]
fn the_output_of_a_dropped_handle_is_dropped_exactly_once() {
    loom::model(|| {
        let cells = Cells::new();
        assert_eq!(cells.state.start(), Start::Poll);
        let runner = {
            let cells = cells.clone();
            thread::spawn(move || cells.complete())
        };
        // SAFETY: TASK-4, JOIN_WAKER is clear: the cell is the joiner's.
        cells.join_waker.with_mut(|waker| unsafe { *waker = 7 });
        let _ = cells.state.lend_join_waker();
        if cells.state.reclaim_join_waker() == Join::Wait {
            // SAFETY: TASK-4, just taken back.
            cells.join_waker.with_mut(|waker| unsafe { *waker = 0 });
        }
        cells.drop_join_handle();
        runner.join().unwrap();
        cells.assert_gone();
    });
}

/// The joiner leaves an `AbortHandle` behind, which counts, and may ask whether the task is finished. With
/// `bug_task_counted_before_claim` it never is.
#[test]
fn an_abort_handle_that_outlives_the_joiner_hears_of_the_end() {
    loom::model(|| {
        let cells = Cells::new();
        assert_eq!(cells.state.start(), Start::Poll);
        let runner = {
            let cells = cells.clone();
            thread::spawn(move || cells.complete())
        };
        cells.counted.fetch_add(1, Relaxed);
        cells.drop_join_handle();
        // SAFETY: the reference is counted; loom reports who frees the memory meanwhile.
        cells.memory.with(|memory| assert!(unsafe { *memory }, "the task was freed under its abort handle"));
        assert_eq!(cells.state.abort(), Wake::Handled, "a task that runs or is complete is queued no more");
        runner.join().unwrap();
        assert!(cells.state.is_complete(), "the end was kept from somebody who could ask");
        cells.let_go();
        cells.assert_gone();
    });
}

#[test]
fn an_abort_against_a_pause_always_reaches_a_runner() {
    loom::model(|| {
        let cells = Cells::new();
        let other = cells.clone();
        let aborter = thread::spawn(move || {
            if other.state.abort() == Wake::Submit {
                assert_eq!(other.queued.fetch_add(1, Relaxed), 0, "TASK-1: queued twice");
            }
        });
        assert_eq!(cells.queued.fetch_sub(1, Relaxed), 1);
        let told = match cells.state.start() {
            Start::Cancel => true,
            Start::Poll => {
                if cells.state.pause() == Pause::Requeue {
                    assert_eq!(cells.queued.fetch_add(1, Relaxed), 0, "TASK-1: queued twice");
                }
                false
            }
        };
        aborter.join().unwrap();
        assert!(told || cells.queued.load(Relaxed) == 1, "no runner will ever see the abort");
    });
}
