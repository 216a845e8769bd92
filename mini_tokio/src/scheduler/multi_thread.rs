//! The multi-thread driver: a thread a worker.

use std::sync::Arc;

use parking_lot::Mutex;

use super::Core;
use super::worker::{self, Worker};
use crate::context;

/// Starts a thread for each worker. If one cannot be started the caller shuts the runtime down, which needs each worker to
/// leave: those without a thread do it here.
pub(crate) fn launch(cores: Vec<Core>) -> std::io::Result<()> {
    let mut result = Ok(());
    for core in cores {
        let (home, mut core) = (core.home.clone(), Some(Box::new(core)));
        if result.is_ok() {
            result = launch_worker(&mut core);
        }
        if let Some(core) = core {
            Worker::new(home, core).retire();
        }
    }
    result
}

/// Starts a thread that runs `core`, if there is one. If that fails the core stays: with it would go the tasks that it holds.
pub(crate) fn launch_worker(core: &mut Option<Box<Core>>) -> std::io::Result<()> {
    let Some(taken) = core.take() else { return Ok(()) };
    let shared = taken.home.clone();
    let name = shared.config.worker_thread_name(taken.index);
    let parcel = Arc::new(Mutex::new(Some(taken)));
    let body = {
        let (shared, parcel) = (shared.clone(), parcel.clone());
        move || {
            let Some(core) = parcel.lock().take() else { return };
            let handle = shared.handle();
            let _entered = context::enter_runtime(&handle, true);
            worker::run(Worker::new(shared, core));
        }
    };
    shared.blocking.spawn_thread(name, Box::new(body)).inspect_err(|_| *core = parcel.lock().take())
}
