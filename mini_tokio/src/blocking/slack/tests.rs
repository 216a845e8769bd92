//! The books, entry by entry.

use super::*;

const QUEUE: Admit = Admit::Queue { call: false };
const CALL: Admit = Admit::Queue { call: true };

#[test]
fn each_job_without_a_thread_asks_for_one_until_the_limit() {
    let mut slack = Slack::new(2);
    for threads in 1..=2 {
        assert_eq!(slack.admit(false), Admit::Grow);
        assert!(slack.begin_thread());
        assert_eq!(slack.admit(false), QUEUE);
        assert_eq!(slack.threads(), threads);
    }
    assert_eq!(slack.admit(false), QUEUE, "at the limit it waits");
    assert!(!slack.begin_thread());
}

#[test]
fn a_thread_that_is_being_started_is_relied_on_by_one_job_only() {
    let mut slack = Slack::new(10);
    assert!(slack.begin_thread());
    assert_eq!(slack.admit(false), QUEUE);
    assert_eq!(slack.admit(false), Admit::Grow);
}

#[test]
fn an_idle_thread_is_reused() {
    let mut slack = Slack::new(10);
    assert!(slack.begin_thread());
    assert_eq!(slack.admit(false), QUEUE);
    assert_eq!((slack.waiting(1), slack.waiting(0)), (1, 0), "before and after it is picked up");
    slack.job_done();
    assert_eq!(slack.waiting(0), 1);
    assert_eq!(slack.admit(false), QUEUE);
    assert_eq!(slack.threads(), 1);
}

#[test]
fn a_thread_for_which_a_job_was_booked_cannot_time_out() {
    let mut slack = Slack::new(10);
    assert!(slack.begin_thread());
    assert_eq!(slack.admit(false), QUEUE);
    assert_eq!(slack.timed_out(), TimedOut::JobComing);
    slack.job_done();
    assert_eq!(slack.timed_out(), TimedOut::Leave);
    assert_eq!((slack.threads(), slack.waiting(0)), (0, 0));
}

#[test]
fn a_job_whose_thread_failed_to_start_waits_for_another_or_is_refused() {
    let mut slack = Slack::new(10);
    assert!(slack.begin_thread());
    assert!(!slack.lost(true));
    assert_eq!(slack.admit(true), Admit::Refuse);
    assert!(slack.begin_thread());
    assert_eq!(slack.admit(false), QUEUE);
    assert_eq!(slack.admit(true), QUEUE);
    assert_eq!(slack.timed_out(), TimedOut::JobComing, "POOL-4");
    slack.withdrawn(2);
    assert_eq!(slack.timed_out(), TimedOut::Leave);
}

/// So many threads that wait, and so many of them that sleep.
fn waiting(threads: usize, asleep: usize) -> Slack {
    let mut slack = Slack::new(10);
    for _ in 0..threads {
        assert!(slack.begin_thread());
        assert_eq!(slack.admit(false), QUEUE);
    }
    (0..threads).for_each(|_| slack.job_done());
    (0..asleep).for_each(|_| slack.fall_asleep());
    slack
}

#[test]
fn a_sleeper_is_called_only_for_a_job_that_no_waking_thread_takes() {
    let mut slack = waiting(4, 2);
    assert_eq!([(); 5].map(|()| slack.admit(false)), [QUEUE, QUEUE, CALL, CALL, Admit::Grow]);
    assert!(slack.take_call() && slack.take_call());
    assert!(!slack.take_call(), "a call wakes one");
}

#[test]
fn a_thread_that_comes_back_takes_the_next_job_and_lets_the_sleepers_sleep() {
    let mut slack = waiting(2, 2);
    assert_eq!(slack.admit(false), CALL);
    slack.job_done();
    assert_eq!(slack.admit(false), QUEUE);
}

#[test]
fn a_sleeper_takes_the_place_of_a_waking_thread_that_is_lost() {
    let mut slack = waiting(2, 1);
    assert_eq!(slack.admit(false), QUEUE);
    assert!(slack.lost(true), "POOL-9");
    assert!(!slack.lost(false), "whoever is busy has no job waiting for it");
}

#[test]
fn a_sleeper_that_gets_up_by_itself_is_awake() {
    let mut slack = waiting(1, 1);
    slack.get_up();
    assert_eq!(slack.admit(false), QUEUE);
    assert_eq!(slack.timed_out(), TimedOut::JobComing);
}
