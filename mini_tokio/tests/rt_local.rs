//! The local runtime: tasks that are not `Send` stay on their thread, whoever aborts them.

use std::cell::Cell;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;

use mini_tokio::runtime::LocalRuntime;
use mini_tokio::task;

/// Tells on which thread it is dropped; not `Send`.
struct Witness(mpsc::Sender<thread::ThreadId>, PhantomData<Rc<()>>);

impl Drop for Witness {
    fn drop(&mut self) {
        self.0.send(thread::current().id()).unwrap();
    }
}

#[test]
fn tasks_that_are_not_send_share_a_thread() {
    let rt = LocalRuntime::new().unwrap();
    let count = Rc::new(Cell::new(0));
    let one = rt.spawn_local({
        let count = count.clone();
        async move {
            let inner = {
                let count = count.clone();
                task::spawn_local(async move { count.set(count.get() + 1) })
            };
            inner.await.unwrap();
            count.set(count.get() + 1);
        }
    });
    rt.block_on(one).unwrap();
    assert_eq!(count.get(), 2);
}

#[test]
fn what_another_thread_aborts_is_dropped_on_its_own_thread() {
    for round in 0..200 {
        let rt = LocalRuntime::new().unwrap();
        let (tx, dropped) = mpsc::channel();
        let witness = Witness(tx, PhantomData);
        let handle = rt.spawn_local(async move {
            let _witness = witness;
            std::future::pending::<()>().await;
        });
        rt.block_on(task::yield_now());
        let abort = handle.abort_handle();
        // Half of the rounds race the abort with the runtime's drop.
        let aborter = thread::spawn(move || abort.abort());
        if round % 2 == 0 {
            rt.block_on(async { assert!(handle.await.unwrap_err().is_cancelled()) });
        }
        drop(rt);
        aborter.join().unwrap();
        assert_eq!(dropped.try_iter().collect::<Vec<_>>(), [thread::current().id()]);
    }
}

#[test]
#[should_panic(expected = "`spawn_local` called from outside")]
fn spawn_local_needs_a_local_runtime() {
    let rt = mini_tokio::runtime::Builder::new_current_thread().build().unwrap();
    let _entered = rt.enter();
    task::spawn_local(async {});
}

#[mini_tokio::test(flavor = "local")]
async fn the_test_attribute_makes_a_local_runtime() {
    let value = Rc::new(7);
    assert_eq!(task::spawn_local(async move { *value }).await.unwrap(), 7);
}
