//! [`FileTimes`]: the time stamps of a file.

use std::time::SystemTime;

/// Which time stamps [`File::set_times`](super::File::set_times) sets, and to what. Those not named stay as they are.
#[derive(Clone, Debug, Default)]
pub struct FileTimes(std::fs::FileTimes);

impl FileTimes {
    /// Sets none.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets when the file was last read.
    pub fn set_accessed(self, t: SystemTime) -> Self {
        Self(self.0.set_accessed(t))
    }

    /// Sets when the file was last written.
    pub fn set_modified(self, t: SystemTime) -> Self {
        Self(self.0.set_modified(t))
    }

    pub(super) fn into_std(self) -> std::fs::FileTimes {
        self.0
    }
}
