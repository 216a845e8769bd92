//! Note C, section 15: to stop in good order. What begins with a signal is in `signals.rs`.

use super::{Lines, current_thread, paused};
use crate::rt::sync::{mpsc, oneshot};
use crate::rt::task;
use crate::rt::time::{Duration, Instant, sleep};
use crate::util::{CancellationToken, TaskTracker};

/// C15.1: whoever has a reason to stop sends it; the program waits for the first of them
#[test]
fn the_first_reason_to_stop_wins() {
    current_thread().block_on(async {
        let (shutdown, mut requests) = mpsc::unbounded_channel();
        let (_never, signal) = oneshot::channel::<()>();
        task::spawn(async move { shutdown.send("from inside the application") });
        let reason = crate::rt::select! {
            _ = signal => "signal",
            Some(reason) = requests.recv() => reason,
        };
        assert_eq!(reason, "from inside the application");
    });
}

/// C15.2: a task that watches a clone of a token stops when the token is cancelled, long before its work is done
#[test]
fn a_cancelled_token_stops_its_clones() {
    paused().block_on(async {
        let (token, start) = (CancellationToken::new(), Instant::now());
        let cloned = token.clone();
        let task = task::spawn(async move {
            crate::rt::select! {
                () = cloned.cancelled() => "cancelled",
                () = sleep(Duration::from_secs(9_999)) => "worked to the end",
            }
        });
        task::spawn(async move {
            sleep(Duration::from_millis(10)).await;
            token.cancel();
        });
        assert_eq!(task.await.unwrap(), "cancelled");
        assert_eq!(start.elapsed(), Duration::from_millis(10));
    });
}

/// C15.2: cancelling goes down to the children and not up to the parent; it is for good, and who comes late sees it
#[test]
fn cancelling_goes_down_the_tree() {
    current_thread().block_on(async {
        let parent = CancellationToken::new();
        let (first, second) = (parent.child_token(), parent.child_token());
        let grandchild = second.child_token();
        first.cancel();
        assert_eq!([&parent, &first, &second].map(CancellationToken::is_cancelled), [false, true, false]);
        parent.cancel();
        assert!(second.is_cancelled() && grandchild.is_cancelled());
        grandchild.cancelled().await;
        assert!(parent.child_token().is_cancelled());
        let guarded = CancellationToken::new();
        drop(guarded.clone().drop_guard());
        assert!(guarded.is_cancelled());
    });
}

/// C15.3: `wait` returns when the tracker is closed and its last task has ended, and not before either
#[test]
fn a_tracker_waits_for_all_of_its_tasks() {
    paused().block_on(async {
        let (tracker, lines) = (TaskTracker::new(), Lines::default());
        for i in 0..10 {
            let lines = lines.clone();
            tracker.spawn(async move {
                sleep(Duration::from_millis(100 * i)).await;
                lines.say(format!("Task {i} shutting down."));
            });
        }
        assert_eq!((tracker.len(), tracker.is_closed()), (10, false));
        tracker.close();
        tracker.wait().await;
        lines.say("This is printed after all of the tasks.");
        let mut expected: Vec<_> = (0..10).map(|i| format!("Task {i} shutting down.")).collect();
        expected.push("This is printed after all of the tasks.".to_owned());
        assert_eq!(lines.all(), expected);

        // Empty but open: more may come.
        tracker.reopen();
        assert!(futures::poll!(std::pin::pin!(tracker.wait())).is_pending());
        tracker.close();
        tracker.wait().await;
    });
}

/// C15.2, C15.3: token and tracker together: told to stop, and waited for
#[test]
fn told_to_stop_and_waited_for() {
    current_thread().block_on(async {
        let (token, tracker) = (CancellationToken::new(), TaskTracker::new());
        let tasks = [0, 1, 2].map(|i| {
            let token = token.clone();
            tracker.spawn(async move {
                token.cancelled().await;
                i
            })
        });
        tracker.close();
        task::yield_now().await;
        assert!(tasks.iter().all(|task| !task.is_finished()));
        token.cancel();
        tracker.wait().await;
        assert!(tracker.is_empty());
        for (i, task) in tasks.into_iter().enumerate() {
            assert_eq!(task.await.unwrap(), i);
        }
    });
}
