//! Guards that cancel when they are dropped: on return, on an error, on a panic, or with the task that holds them.

use super::CancellationToken;

/// Cancels its token when it is dropped. Made by [`CancellationToken::drop_guard`].
#[derive(Debug)]
#[must_use = "dropped at once, it cancels at once"]
pub struct DropGuard {
    /// None once it is disarmed.
    token: Option<CancellationToken>,
}

impl DropGuard {
    pub(super) fn new(token: CancellationToken) -> Self {
        Self { token: Some(token) }
    }

    /// Gives the token back, which this guard will not cancel.
    pub fn disarm(mut self) -> CancellationToken {
        self.token.take().expect("disarm takes the guard, so it comes once")
    }
}

impl Drop for DropGuard {
    fn drop(&mut self) {
        if let Some(token) = &self.token {
            token.cancel();
        }
    }
}

/// Cancels its token when it is dropped. Made by [`CancellationToken::drop_guard_ref`].
#[derive(Debug)]
#[must_use = "dropped at once, it cancels at once"]
pub struct DropGuardRef<'a> {
    /// None once it is disarmed.
    token: Option<&'a CancellationToken>,
}

impl<'a> DropGuardRef<'a> {
    pub(super) fn new(token: &'a CancellationToken) -> Self {
        Self { token: Some(token) }
    }

    /// Gives the token back, which this guard will not cancel.
    pub fn disarm(mut self) -> &'a CancellationToken {
        self.token.take().expect("disarm takes the guard, so it comes once")
    }
}

impl Drop for DropGuardRef<'_> {
    fn drop(&mut self) {
        if let Some(token) = self.token {
            token.cancel();
        }
    }
}
