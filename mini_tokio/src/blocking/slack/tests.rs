//! The books, entry by entry.

use super::*;

#[test]
fn each_job_without_a_thread_asks_for_one_until_the_limit() {
    let mut slack = Slack::new(2);
    for threads in 1..=2 {
        assert_eq!(slack.admit(false), Admit::Grow);
        assert!(slack.begin_thread());
        assert_eq!(slack.admit(false), Admit::Queue);
        assert_eq!(slack.threads(), threads);
    }
    assert_eq!(slack.admit(false), Admit::Queue, "at the limit it waits");
    assert!(!slack.begin_thread());
}

#[test]
fn a_thread_that_is_being_started_is_relied_on_by_one_job_only() {
    let mut slack = Slack::new(10);
    assert!(slack.begin_thread());
    assert_eq!(slack.admit(false), Admit::Queue);
    assert_eq!(slack.admit(false), Admit::Grow);
}

#[test]
fn an_idle_thread_is_reused() {
    let mut slack = Slack::new(10);
    assert!(slack.begin_thread());
    assert_eq!(slack.admit(false), Admit::Queue);
    assert_eq!((slack.waiting(1), slack.waiting(0)), (1, 0), "before and after it is picked up");
    slack.job_done();
    assert_eq!(slack.waiting(0), 1);
    assert_eq!(slack.admit(false), Admit::Queue);
    assert_eq!(slack.threads(), 1);
}

#[test]
fn a_thread_for_which_a_job_was_booked_cannot_time_out() {
    let mut slack = Slack::new(10);
    assert!(slack.begin_thread());
    assert_eq!(slack.admit(false), Admit::Queue);
    assert_eq!(slack.timed_out(), TimedOut::JobComing);
    slack.job_done();
    assert_eq!(slack.timed_out(), TimedOut::Leave);
    assert_eq!((slack.threads(), slack.waiting(0)), (0, 0));
}

#[test]
fn a_job_whose_thread_failed_to_start_waits_for_another_or_is_refused() {
    let mut slack = Slack::new(10);
    assert!(slack.begin_thread());
    slack.lost(true);
    assert_eq!(slack.admit(true), Admit::Refuse);
    assert!(slack.begin_thread());
    assert_eq!(slack.admit(false), Admit::Queue);
    assert_eq!(slack.admit(true), Admit::Queue);
    assert_eq!(slack.timed_out(), TimedOut::JobComing, "POOL-4");
    slack.withdrawn(2);
    assert_eq!(slack.timed_out(), TimedOut::Leave);
}
