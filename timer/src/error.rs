//! What can go wrong with a clock or a delay.

/// Why the clock could not be paused, resumed or advanced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClockError {
    /// `pause` was called on a paused clock.
    AlreadyPaused,
    /// `resume` or `advance` was called on a running clock.
    NotPaused,
    /// `advance` would take the clock further than 250 years from the making of the timer.
    TooFar,
    /// `resume` found armed delays, and the operating system refused to start the thread that would fire them. The clock
    /// is still paused.
    NoThread,
}

impl std::fmt::Display for ClockError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::AlreadyPaused => "the clock is already paused",
            Self::NotPaused => "the clock is not paused",
            Self::TooFar => "the clock cannot be advanced that far",
            Self::NoThread => "the timer thread could not be started",
        })
    }
}

impl std::error::Error for ClockError {}

/// The timer was shut down before the deadline of the delay had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped;

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the timer was shut down")
    }
}

impl std::error::Error for Stopped {}
