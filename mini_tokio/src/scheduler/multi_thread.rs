//! The multi-thread driver: a thread a worker.

use std::sync::Arc;

use parking_lot::Mutex;

use super::Core;
use super::shared::Shared;
use super::worker::{self, Worker};
use crate::context;

/// Starts a thread for each worker. If one cannot be started the caller shuts the runtime down, which needs each worker to
/// leave: those without a thread do it here.
pub(crate) fn launch(cores: Vec<Core>) -> std::io::Result<()> {
    let mut result = Ok(());
    for core in cores {
        let home = core.home.clone();
        if result.is_ok() {
            match launch_worker(Box::new(core)) {
                Ok(()) => {}
                Err((core, error)) => {
                    result = Err(error);
                    Worker::new(home, core).retire();
                }
            }
        } else {
            Worker::new(home, Box::new(core)).retire();
        }
    }
    result
}

/// Starts a thread that runs `core`. If that fails the core comes back: with it would go the tasks that it holds.
pub(crate) fn launch_worker(core: Box<Core>) -> Result<(), (Box<Core>, std::io::Error)> {
    let shared = core.home.clone();
    let name = shared.config.worker_thread_name(core.index);
    let parcel = Arc::new(Mutex::new(Some(core)));
    let body = {
        let (shared, parcel) = (shared.clone(), parcel.clone());
        move || {
            let core = parcel.lock().take();
            if let Some(core) = core {
                run(shared, core);
            }
        }
    };
    shared.blocking.spawn_thread(name, Box::new(body)).map_err(|error| {
        let core = parcel.lock().take().expect("the thread that would take it was not started");
        (core, error)
    })
}

fn run(shared: Arc<Shared>, core: Box<Core>) {
    let handle = shared.handle();
    let _entered = context::enter_runtime(&handle, true);
    worker::run(Worker::new(shared, core));
}
