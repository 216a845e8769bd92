//! [`open`]: the recorder that the environment or the builder asks for.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Recorder;
use crate::runtime::config::Config;

/// The recorder that a new runtime asks for, by its builder or by the environment.
pub(crate) fn open(config: &Config) -> io::Result<Option<Arc<Recorder>>> {
    let Some(path) = config.record_to.clone().or_else(path_of_environment) else { return Ok(None) };
    let path = path.to_string_lossy().replace("%p", &std::process::id().to_string());
    Recorder::to_file(config, &PathBuf::from(path)).map(Some)
}

fn path_of_environment() -> Option<PathBuf> {
    static RUNTIMES: AtomicUsize = AtomicUsize::new(0);
    let path = std::env::var_os("MINI_TOKIO_RECORD").filter(|path| !path.is_empty())?;
    // Relaxed: a number that has to be unique and orders nothing.
    let mut path = path;
    match RUNTIMES.fetch_add(1, Ordering::Relaxed) {
        0 => {}
        earlier => path.push(format!(".{}", earlier + 1)),
    }
    Some(path.into())
}
