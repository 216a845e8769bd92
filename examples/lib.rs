//! Helpers shared by the runnable lessons.
