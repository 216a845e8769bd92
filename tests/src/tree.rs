//! The project's files in memory: path from the root, with `/`, to text.
//!
//! The checkers take a map rather than a directory, so that their tests are a few lines of text each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Every file by its path from the project's root. Files that no checker reads are there with an empty text.
pub type Tree = BTreeMap<String, String>;

/// Directories that hold nothing of ours: what git, cargo and mdBook write, and projects of their own that are wrong on
/// purpose.
const SKIPPED: [&str; 5] = [".git", "target", "docs/book", "tests/fixtures", "examples/ecosystem/target"];
const READ: [&str; 4] = ["rs", "md", "txt", "toml"];

/// The project's root, from the place of this package in it.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is a directory of the project").to_path_buf()
}

/// Reads the files below `root`.
///
/// # Errors
/// What the file system says.
pub fn read(root: &Path) -> io::Result<Tree> {
    let mut tree = Tree::new();
    let mut directories = vec![root.to_path_buf()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory)? {
            let (kind, path) = entry.and_then(|entry| Ok((entry.file_type()?, entry.path())))?;
            let relative = path.strip_prefix(root).expect("found below the root").to_string_lossy().replace('\\', "/");
            if kind.is_dir() && !SKIPPED.contains(&relative.as_str()) {
                directories.push(path);
            } else if kind.is_file() {
                let read = path.extension().is_some_and(|extension| READ.iter().any(|read| extension == *read));
                tree.insert(relative, if read { fs::read_to_string(&path)? } else { String::new() });
            }
        }
    }
    Ok(tree)
}

/// A tree from a few files, for the checkers' own tests.
#[cfg(test)]
pub(crate) fn of<const N: usize>(files: [(&str, &str); N]) -> Tree {
    files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect()
}
