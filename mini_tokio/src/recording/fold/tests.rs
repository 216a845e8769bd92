//! What is written in a folded way is read as the events that were told.

use std::collections::VecDeque;
use std::sync::Arc;

use futures::future::BoxFuture;

use crate::recording::clock::Clock;
use crate::recording::drain::Goal;
use crate::recording::merge::Merge;
use crate::recording::purse::{GROUP, PRICE};
use crate::recording::recorder::{Kind, Recorder};
use crate::recording::tests::Teller;
use crate::scheduler::event::{Event, Queue, Recorded, Source};
use crate::scheduler::rand::FastRand;
use crate::stepper::{Moved, Stepper};
use crate::sync::Notify;
use crate::task::{Id, Outcome};
use crate::task::{spawn, yield_now};

fn busy(mut random: FastRand, depth: usize, bell: Arc<Notify>) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        for _ in 0..random.below(8) {
            match random.below(5) {
                0 if depth > 0 => drop(spawn(busy(FastRand::new(random.next()), depth - 1, bell.clone()))),
                1 => bell.notify_one(),
                2 => bell.notified().await,
                _ => yield_now().await,
            }
        }
    })
}

/// The events of a random program on a stepper, which folds nothing.
fn random_events(seed: u64, workers: usize) -> Vec<Recorded> {
    let mut random = FastRand::new(seed);
    let mut stepper = Stepper::builder().workers(workers).seed(seed).build();
    let bell = Arc::new(Notify::new());
    for _ in 0..10 {
        drop(stepper.spawn(busy(FastRand::new(random.next()), 3, bell.clone())));
        for _ in 0..random.below(40) {
            stepper.step();
        }
    }
    while stepper.step() != Moved::Quiescent {}
    stepper.shutdown();
    stepper.events().to_vec()
}

/// Tells `events` to a recorder as the runtime does, with drains in between, and returns what a reader has of it.
fn told_to_lanes(events: &[Recorded], workers: usize, price: u64, random: &mut FastRand) -> Vec<Recorded> {
    let goal = Goal::Memory { merge: Merge::new(workers), events: Vec::new() };
    let kind = if workers == 1 { Kind::Alone } else { Kind::Many };
    let recorder = Recorder::new(workers, Clock::counting(), kind, price, goal);
    let teller = Teller(&recorder);
    let (mut seen, mut n) = (Vec::new(), 0);
    let mut yielded = vec![VecDeque::<Id>::new(); workers];
    while n < events.len() {
        recorder.clock.pass(random.below(300) as u64);
        let Recorded { worker: lane, event, .. } = &events[n];
        n += 1;
        match (*lane, event.clone()) {
            (Some(_), Event::PollStart { worker, task, from, tick }) => teller.poll_started(worker, task, from, tick),
            (lane, Event::PollEnd { worker, task, outcome }) => teller.poll_ended(lane, worker, task, outcome),
            (Some(_), Event::Deferred { worker, task }) => {
                yielded[worker].push_back(task);
                teller.deferred(worker, task);
            }
            (Some(_), Event::PolledDrivers { worker }) => {
                teller.polled_drivers(worker);
                if random.below(2) == 0 {
                    recorder.between_polls(worker);
                }
            }
            (Some(worker), Event::Pushed { task, queue: Queue::Local(_) })
                if yielded[worker].front() == Some(&task) =>
            {
                // As many of those that yielded as are pushed in a row, and some of them one by one.
                let pushed = |event: &Event, task| *event == Event::Pushed { task, queue: Queue::Local(worker) };
                let row = yielded[worker].iter().zip(&events[n - 1..]);
                let row = row.take_while(|&(&task, recorded)| pushed(&recorded.event, task)).count();
                let count = 1 + random.below(row);
                let recalled: Vec<_> = yielded[worker].drain(..count).collect();
                teller.recalled(worker, &recalled, yielded[worker].len());
                n += count - 1;
            }
            (Some(worker), Event::Pushed { task, queue }) => {
                assert_ne!(yielded[worker].front(), Some(&task), "a task that yielded goes to the local queue");
                recorder.pushed(worker, task, queue);
            }
            (Some(worker), Event::Woken { task, by }) => teller.woken(worker, task, by),
            (Some(worker), event) => recorder.record(Some(worker), || event),
            (None, event) => recorder.record(None, || event),
        }
        if random.below(50) == 0 {
            seen.extend(recorder.drain());
        }
    }
    (0..workers).for_each(|worker| recorder.between_polls(worker));
    seen.extend(recorder.drain());
    seen.extend(recorder.drain());
    seen
}

#[test]
fn what_was_folded_is_read_as_the_events_that_were_told() {
    let (mut deferred, mut unsure) = (0, 0);
    for seed in 1..=60 {
        let workers = 1 + seed as usize % 3;
        let events = random_events(seed, workers);
        for price in [0, 50, PRICE] {
            let seen = told_to_lanes(&events, workers, price, &mut FastRand::new(seed));
            assert_eq!(seen.len(), events.len(), "seed {seed}, price {price}");
            for lane in (0..workers).map(Some).chain([None]) {
                let of = |events: &[Recorded]| -> Vec<Event> {
                    events
                        .iter()
                        .filter(|recorded| recorded.worker == lane)
                        .map(|recorded| recorded.event.clone())
                        .collect()
                };
                assert_eq!(of(&seen), of(&events), "seed {seed}, price {price}, {lane:?}");
                let times = seen.iter().filter(|recorded| recorded.worker == lane).map(|recorded| recorded.at);
                assert!(times.is_sorted(), "seed {seed}, price {price}, {lane:?}");
            }
            unsure += seen.iter().filter(|recorded| !recorded.unsure.is_zero()).count();
        }
        deferred += events.iter().filter(|recorded| matches!(recorded.event, Event::Deferred { .. })).count();
    }
    assert!(deferred > 500 && unsure > 500, "{deferred} {unsure}");
}

#[test]
fn whatever_comes_between_a_yield_and_its_polls_end_is_told_between_them() {
    let goal = Goal::Memory { merge: Merge::new(1), events: Vec::new() };
    let recorder = Recorder::new(1, Clock::counting(), Kind::Alone, PRICE, goal);
    let teller = Teller(&recorder);
    let task = Id(std::num::NonZeroU64::MIN);
    let (start, end) = (
        Event::PollStart { worker: 0, task, from: Source::Local, tick: 1 },
        Event::PollEnd { worker: 0, task, outcome: Outcome::Requeued },
    );
    let between = [
        Event::Pushed { task, queue: Queue::Global },
        Event::PolledDrivers { worker: 0 },
        start.clone(),
        Event::Deferred { worker: 0, task },
    ];
    let mut told = Vec::new();
    for (n, event) in between.into_iter().enumerate() {
        recorder.record(Some(0), || start.clone());
        teller.deferred(0, task);
        match n {
            1 => teller.polled_drivers(0),
            2 => teller.poll_started(0, task, Source::Local, 1),
            3 => teller.deferred(0, task),
            _ => recorder.record(Some(0), || event.clone()),
        }
        teller.poll_ended(Some(0), 0, task, Outcome::Requeued);
        told.extend([start.clone(), Event::Deferred { worker: 0, task }, event, end.clone()]);
    }
    recorder.between_polls(0);
    let seen: Vec<_> = recorder.drain().into_iter().map(|recorded| recorded.event).collect();
    assert_eq!(seen, told);
}

#[test]
fn who_yields_and_is_alone_costs_a_few_bytes_a_turn_and_is_pushed_before_a_thief_can_see_it() {
    const TURNS: u32 = 200;
    for (kind, each) in [(Kind::Alone, 3), (Kind::Many, 5)] {
        let goal = Goal::Memory { merge: Merge::new(1), events: Vec::new() };
        let recorder = Recorder::new(1, Clock::counting(), kind, PRICE, goal);
        let teller = Teller(&recorder);
        let (task, worker, mut told) = (Id(std::num::NonZeroU64::MIN), 0, Vec::new());
        for tick in (1..=TURNS).map(|turn| 2 * turn) {
            teller.poll_started(worker, task, Source::Local, tick);
            teller.deferred(worker, task);
            teller.poll_ended(Some(worker), worker, task, Outcome::Requeued);
            teller.polled_drivers(worker);
            let before = recorder.waiting(worker);
            teller.recalled(worker, &[task], 0);
            assert!(kind == Kind::Alone || recorder.waiting(worker) > before, "EVENT-1");
            told.extend([
                Event::PollStart { worker, task, from: Source::Local, tick },
                Event::Deferred { worker, task },
                Event::PollEnd { worker, task, outcome: Outcome::Requeued },
                Event::PolledDrivers { worker },
                Event::Pushed { task, queue: Queue::Local(worker) },
            ]);
        }
        recorder.between_polls(worker);
        let looks = u64::from(TURNS) * each / GROUP + 1;
        assert!(recorder.waiting(worker) <= u64::from(TURNS) * each + looks * 8, "{}", recorder.waiting(worker));
        let seen: Vec<_> = recorder.drain().into_iter().map(|recorded| recorded.event).collect();
        assert_eq!(seen, told);
    }
}
