//! What is exact, what is shared out, and what a reader is told of it, by a clock that only goes on when it is told to or looked at.

use std::time::Duration;

use super::*;
use crate::recording::clock::Clock;
use crate::recording::drain::Goal;
use crate::recording::merge::Merge;
use crate::recording::recorder::{Kind, Look, Recorder, look};
use crate::recording::span;
use crate::recording::tests::Teller;
use crate::scheduler::event::{Event, Recorded, Source};
use crate::task::{Id, Outcome};

/// At most so many polls have a look in common that a lane could not pay, and one less at least.
const POLLS: u64 = GROUP / 3 + 1;
const TASK: Id = Id(std::num::NonZeroU64::MIN);

fn recorder(price: u64) -> Recorder {
    let goal = Goal::Memory { merge: Merge::new(1), events: Vec::new() };
    Recorder::new(1, Clock::counting(), Kind::Many, price, goal)
}

/// A poll that takes `length`; returns when it ended.
fn poll(recorder: &Recorder, length: u64) -> u64 {
    Teller(recorder).poll_started(0, TASK, Source::Local, 1);
    let end = recorder.clock.pass(length);
    Teller(recorder).poll_ended(Some(0), 0, TASK, Outcome::Pending);
    end
}

/// The polls of a recording: length, and by how much beginning or end may be wrong.
fn polls(events: &[Recorded]) -> Vec<(u64, u64)> {
    let nanos = |duration: Duration| duration.as_nanos() as u64;
    let polls: Vec<_> = events.iter().filter(|recorded| !matches!(recorded.event, Event::Parked { .. })).collect();
    let poll = |pair: &[&Recorded]| {
        assert!(matches!(pair[0].event, Event::PollStart { .. }) && matches!(pair[1].event, Event::PollEnd { .. }));
        (nanos(pair[1].at) - nanos(pair[0].at), nanos(pair[0].unsure.max(pair[1].unsure)))
    };
    polls.chunks(2).map(poll).collect()
}

/// Runs polls of these lengths from an empty purse on, and one that sleeps then.
fn seen(price: u64, lengths: impl Iterator<Item = u64>) -> (Vec<(u64, u64)>, u64) {
    let recorder = recorder(price);
    let start = recorder.clock.pass(0);
    let mut passed = 0;
    for length in lengths {
        poll(&recorder, length);
        passed += length;
    }
    recorder.record(Some(0), || Event::Parked { worker: 0 });
    let looks = recorder.clock.pass(0) - start - passed;
    (polls(&recorder.drain()), looks)
}

#[test]
fn polls_that_pay_for_their_looks_have_exact_times() {
    let (polls, looks) = seen(PRICE, (0..1000).map(|n| 2 * PRICE + n));
    let exact: Vec<_> = (0..1000).map(|n| (2 * PRICE + n + 1, 0)).collect(); // a look takes one
    assert_eq!(polls[20..], exact[20..], "the first few have nothing saved");
    assert!(looks > 980, "{looks}");
}

#[test]
fn short_polls_share_a_look_and_their_group_has_its_true_length() {
    let (polls, looks) = seen(PRICE, (0..1600).map(|_| 10));
    assert!(looks <= 1600 / (POLLS - 1) + 4, "but for the first ones, which find the pace: {looks}");
    let total: u64 = polls.iter().map(|poll| poll.0).sum();
    // A look takes one; the first is at the first beginning, the last when it sleeps.
    // The sleep's look has a part of the last group, too.
    let expected = 1600 * 10 + looks - 2;
    assert!((expected - 11..=expected).contains(&total), "nothing is lost or invented: {total} of {expected}");
    // Polls of 10 each, and the look.
    assert!(polls.iter().all(|poll| (9..=12).contains(&poll.0) && poll.1 <= POLLS * 10 + 1), "{polls:?}");
    assert!(polls.iter().filter(|poll| poll.1 > 0).count() > 1400);
}

#[test]
fn polls_that_can_pay_together_share_a_look_by_as_few_as_that_takes() {
    let (polls, looks) = seen(PRICE, (0..1000).map(|n| PRICE / 4 + n % 10));
    assert!((200..=300).contains(&looks), "{looks}");
    let longest = polls[20..].iter().map(|poll| poll.1).max().unwrap();
    assert!(longest <= 3 * PRICE / 2, "{longest}");
}

#[test]
fn a_long_poll_among_short_ones_is_never_told_as_sure_and_short_and_the_next_one_is_exact() {
    let long = 488 * PRICE;
    let lengths = |n: usize| if n == 805 || n == 1205 { long } else { 10 };
    let (polls, _) = seen(PRICE, (0..2000).map(lengths));
    let (first, second) = (polls[805], polls[1205]);
    assert!(first.1 >= long && first.0 <= first.1, "its group is as long as it at least: {first:?}");
    let unsure: Vec<usize> = (0..2000).filter(|&n| polls[n].1 >= long).collect();
    assert!(unsure.len() as u64 <= POLLS + 1 && unsure.contains(&805), "and nobody else is suspected: {unsure:?}");
    assert_eq!(second, (long + 1, 0), "the first one has paid for 488 looks");
    let inexact = polls[805 + POLLS as usize..1205].iter().position(|&poll| poll != (11, 0));
    assert_eq!(inexact, None);
}

#[test]
fn a_price_of_nothing_makes_all_times_exact() {
    let (polls, looks) = seen(0, (0..500).map(|n| n % 7));
    assert_eq!(looks, 502, "the first beginning, each end, the sleep");
    assert_eq!(polls[1..], (1..500).map(|n| (n % 7 + 1, 0)).collect::<Vec<_>>());
}

#[test]
fn a_poll_that_hangs_has_begun_when_the_lane_is_drained_and_ends_exactly() {
    let recorder = recorder(PRICE);
    for _ in 0..1000 {
        poll(&recorder, 10);
    }
    let began = recorder.clock.pass(0);
    Teller(&recorder).poll_started(0, TASK, Source::Local, 1);
    recorder.clock.pass(5);
    let events = recorder.drain();
    let last = events.last().unwrap();
    assert!(matches!(last.event, Event::PollStart { .. }), "{last:?}");
    let at = last.at.as_nanos() as u64;
    assert!(at.abs_diff(began) <= last.unsure.as_nanos() as u64, "{at} {began} {:?}", last.unsure);
    let ended = recorder.clock.pass(50_000_000) + 1;
    Teller(&recorder).poll_ended(Some(0), 0, TASK, Outcome::Pending);
    let events = recorder.drain();
    assert_eq!((events[0].at.as_nanos() as u64, events[0].unsure), (ended, Duration::ZERO));
}

#[test]
fn sleep_is_no_part_of_a_group() {
    let recorder = recorder(PRICE);
    for _ in 0..100 {
        for _ in 0..5 {
            poll(&recorder, 10);
        }
        recorder.record(Some(0), || Event::Parked { worker: 0 });
        recorder.clock.pass(10_000);
        recorder.record(Some(0), || Event::Unparked { worker: 0 });
    }
    let unsure = recorder.drain().iter().map(|recorded| recorded.unsure.as_nanos()).max();
    assert!(unsure.unwrap() < 100, "{unsure:?}");
}

#[test]
fn sleep_pays_for_a_few_looks_and_work_for_many() {
    let recorder = recorder(PRICE);
    poll(&recorder, 10);
    recorder.record(Some(0), || Event::Parked { worker: 0 });
    recorder.clock.pass(10_000 * PRICE);
    recorder.record(Some(0), || Event::Unparked { worker: 0 });
    for _ in 0..1000 {
        poll(&recorder, 10);
    }
    recorder.record(Some(0), || Event::Parked { worker: 0 });
    let events = recorder.drain();
    let exact = events[4..].iter().filter(|recorded| recorded.unsure.is_zero()).count() as i64;
    // Both ends of most of these polls, for one begins when the last one ended.
    assert!((NAP..2 * NAP + 2 * 1000 / GROUP as i64 * 4).contains(&exact), "{exact}");
    assert!(events[4..40].iter().all(|recorded| recorded.unsure.is_zero()));
}

#[test]
fn writer_and_reader_agree_on_what_parts_the_time() {
    for event in crate::recording::tests::all_kinds() {
        let mark = look(&event, 1, true) == Look::Mark;
        assert_eq!(mark, span::is_mark(crate::recording::fields::kind(&event)), "{event:?}");
        let wake = matches!(event, Event::Woken { .. });
        let expected = if wake { Look::After } else { look(&event, 1, true) };
        assert_eq!(look(&event, 1, false), expected, "where there are more workers, order depends on a wake's look");
    }
}
