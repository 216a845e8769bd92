//! [`DirBuilder`]: how to create a directory.

use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use crate::blocking;
use crate::leaf::named;

/// Creates directories in other ways than the default one. The counterpart of [`std::fs::DirBuilder`].
#[derive(Debug, Default)]
pub struct DirBuilder {
    recursive: bool,
    mode: Option<u32>,
}

impl DirBuilder {
    /// One directory, with the default permissions.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether to create the directories above it, too. Then it is no error if the directory exists.
    pub fn recursive(&mut self, recursive: bool) -> &mut Self {
        self.recursive = recursive;
        self
    }

    /// The permissions of new directories, of which the process's mask is taken away.
    pub fn mode(&mut self, mode: u32) -> &mut Self {
        self.mode = Some(mode);
        self
    }

    /// Creates the directory.
    ///
    /// # Errors
    ///
    /// Those of [`std::fs::DirBuilder::create`].
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    pub fn create(&self, path: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
        named(|| "fs::DirBuilder::create", async move {
            let mut builder = std::fs::DirBuilder::new();
            builder.recursive(self.recursive);
            if let Some(mode) = self.mode {
                builder.mode(mode);
            }
            let path = path.as_ref().to_owned();
            blocking::run(move || builder.create(path)).await
        })
    }
}
