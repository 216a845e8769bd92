//! Note C, section 15: the signal that asks a program to stop.

use super::current_thread;
use crate::rt::signal;
use crate::rt::sync::mpsc;
use crate::rt::task;
use std::process::Command;

/// Sends this process what a Ctrl-C sends.
fn interrupt() {
    let sent = Command::new("kill").args(["-INT", &std::process::id().to_string()]).status();
    assert!(sent.unwrap().success());
}

/// C15.1: `ctrl_c` is ready when the signal has come, and not before; the process lives on. All causes in one `select!`
#[test]
fn ctrl_c_is_one_of_the_reasons_to_stop() {
    async fn reason(requests: &mut mpsc::UnboundedReceiver<()>) -> &'static str {
        crate::rt::select! {
            result = signal::ctrl_c() => {
                result.unwrap();
                "ctrl_c"
            }
            _ = requests.recv() => "request",
        }
    }

    current_thread().block_on(async {
        let (request, mut requests) = mpsc::unbounded_channel();
        let mut waiting = Box::pin(reason(&mut requests));
        // Only from the first poll on is the signal caught.
        assert!(futures::poll!(waiting.as_mut()).is_pending());
        task::yield_now().await;
        interrupt();
        assert_eq!(waiting.await, "ctrl_c");
        // A signal that is over is over for those who begin to wait now.
        request.send(()).unwrap();
        assert_eq!(reason(&mut requests).await, "request");
    });
}
