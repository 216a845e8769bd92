//! The workloads that need more than tasks, on whatever `tokio` is here.

use super::tokio;
use crate::workloads::List;

mod accept;
pub mod adapter;
mod blocking;
pub mod channel;
mod connections;
mod copy;
mod echo;
mod files;
mod idle;
mod locks;
mod memory;
mod notify;
mod oneshot;
mod publish;
mod request;
mod startup;
mod timers;

// ANCHOR: benches-twice
/// Adds them.
pub fn workloads(list: &mut List) {
    timers::list(list);
    blocking::list(list);
    startup::list(list);
    oneshot::list(list);
    request::list(list);
    notify::list(list);
    publish::list(list);
    copy::list(list);
    echo::list(list);
    accept::list(list);
    memory::list(list);
    connections::list(list);
    idle::list(list);
    locks::list(list);
    files::list(list);
}
