//! The wheel against an ordered map.

use super::*;
use crate::clock::tick_before;

/// Files an armed entry, if the wheel admits it.
fn insert(wheel: &mut Wheel, entry: Arc<Entry>, tick: u64, now: u64) -> bool {
    let admitted = wheel.admits(tick, now);
    if admitted {
        wheel.file(entry, tick);
    }
    admitted
}

/// Files an entry with a deadline at the end of `tick`.
fn file(wheel: &mut Wheel, tick: u64) -> Arc<Entry> {
    let entry = Arc::new(Entry::armed(tick * TICK, Waker::noop().clone()));
    assert!(insert(wheel, entry.clone(), tick, 0));
    entry
}

/// Turns to `tick` with a small budget, again and again. Returns when the next slot comes up.
fn turn(wheel: &mut Wheel, tick: u64) -> Option<u64> {
    let mut wakers = Vec::new();
    loop {
        if let Turn::Done(next) = wheel.turn(tick, tick * TICK, 3, &mut wakers) {
            return next;
        }
    }
}

/// The wheel's edges: around every power of 64 that begins a level.
fn edges() -> impl Iterator<Item = u64> {
    (0..LEVELS as u32).flat_map(|level| {
        let span = 1u64 << (level * DIGIT_BITS);
        [span - 1, span, span + 1, 2 * span - 1, 63 * span, 64 * span - 1].map(|tick| tick.min(HORIZON / TICK - 1))
    })
}

#[test]
fn an_entry_fires_at_its_tick_and_not_one_tick_before_from_any_edge_to_any_edge() {
    for from in edges() {
        for span in edges().filter(|&span| span > 0 && from + span < HORIZON / TICK) {
            let mut wheel = Wheel::new();
            // Something far away keeps the wheel from jumping to `from` for free.
            file(&mut wheel, HORIZON / TICK);
            turn(&mut wheel, from);
            let entry = file(&mut wheel, from + span);
            let next = turn(&mut wheel, from + span - 1).unwrap();
            assert!(!entry.is_fired(), "{from} + {span}: early");
            assert!(next <= from + span, "{from} + {span}: the thread would sleep until {next}");
            turn(&mut wheel, from + span);
            assert!(entry.is_fired(), "{from} + {span}: late");
            assert_eq!(wheel.filed, 1);
        }
    }
}

#[test]
fn following_the_next_slot_reaches_every_deadline_in_few_steps() {
    for tick in edges().filter(|&tick| tick > 0) {
        let mut wheel = Wheel::new();
        let entry = file(&mut wheel, tick);
        let mut steps = 0;
        let mut at = 0;
        while let Some(next) = turn(&mut wheel, at) {
            assert!(next <= tick && next > at);
            at = next;
            steps += 1;
        }
        assert!(entry.is_fired());
        assert_eq!(at, tick);
        assert!(steps <= LEVELS, "{steps} wake-ups for tick {tick}");
    }
}

#[test]
fn a_budget_that_runs_out_in_the_middle_of_a_cascade_loses_nothing() {
    let mut wheel = Wheel::new();
    // Latest first, so that the entry that is due is among those still above when the budget runs out.
    let entries: Vec<_> = (64..128).rev().map(|tick| file(&mut wheel, tick)).collect();
    let mut wakers = Vec::new();
    let small = 10;
    assert_eq!(wheel.turn(64, 64 * TICK, small, &mut wakers), Turn::More);
    assert_eq!(wheel.next_place().map(|place| place.start), Some(64), "WHEEL-2: the cascade goes on first");
    let newcomer = file(&mut wheel, 66);
    assert_eq!(turn(&mut wheel, 64), Some(65));
    assert!(entries[63].is_fired() && !newcomer.is_fired());
    turn(&mut wheel, 127);
    assert!(newcomer.is_fired() && entries.iter().all(|entry| entry.is_fired()));
    assert_eq!((wheel.filed, wheel.fired), (0, 65));
}

#[test]
fn a_postponed_entry_is_filed_again_when_its_old_slot_comes_up() {
    let mut wheel = Wheel::new();
    let entry = file(&mut wheel, 10);
    assert_eq!(entry.postpone(5000 * TICK), crate::entry::Postpone::Kept);
    assert_eq!(wheel.earliest(), Some(5000 * TICK), "the true deadline, not the slot");
    turn(&mut wheel, 4999);
    assert!(!entry.is_fired());
    turn(&mut wheel, 5000);
    assert!(entry.is_fired());
}

#[test]
fn part_of_a_tick_fires_only_what_is_due_and_keeps_the_order_of_the_rest() {
    let mut wheel = Wheel::new();
    let deadlines = [700, 300, 900, 300, 500].map(|part| 9 * TICK + part);
    let entries = deadlines.map(|deadline| Arc::new(Entry::armed(deadline, Waker::noop().clone())));
    for (entry, deadline) in entries.iter().zip(deadlines) {
        assert!(insert(&mut wheel, entry.clone(), tick_after(deadline), tick_before(deadline)));
    }
    let mut wakers = Vec::new();
    assert_eq!(wheel.turn(10, 9 * TICK + 500, usize::MAX, &mut wakers), Turn::Done(Some(10)));
    assert_eq!(entries.each_ref().map(|entry| entry.is_fired()), [false, true, false, true, true]);
    assert!(Arc::ptr_eq(&wheel.levels[0].slot(10)[0], &entries[0]));
    assert_eq!(wheel.earliest(), Some(9 * TICK + 700));
}

#[test]
fn an_entry_whose_tick_has_passed_is_not_filed() {
    let mut wheel = Wheel::new();
    file(&mut wheel, 1000);
    turn(&mut wheel, 500);
    let late = Arc::new(Entry::armed(499 * TICK, Waker::noop().clone()));
    assert!(!insert(&mut wheel, late.clone(), 499, 500));
    assert!(insert(&mut wheel, late, 500, 500), "the present tick may still be fired");
    assert_eq!(turn(&mut wheel, 500), Some(960));
    assert_eq!(wheel.filed, 1);
}

#[test]
fn a_sweep_drops_the_dead_gives_back_their_memory_and_comes_round() {
    let mut wheel = Wheel::new();
    let entries: Vec<_> = (0..20_000).map(|i| file(&mut wheel, 1 + i % 5000)).collect();
    for (i, entry) in entries.iter().enumerate() {
        if i % 4 != 0 {
            assert!(entry.cancel().is_some());
        }
    }
    let mut rounds = 0;
    while wheel.filed > 5000 {
        let before = wheel.filed;
        wheel.sweep();
        // The largest slot holds ticks 4096 to 5000, four records each.
        assert!(before - wheel.filed <= SWEEP_STEP + 4 * 905, "a sweep is longer than a step and a slot");
        rounds += 1;
        assert!(rounds < 1000, "the broom does not come round");
    }
    assert_eq!(wheel.take_reaped(), 15_000);
    drop(entries);
    let room: usize = wheel.levels.iter().flat_map(|level| (0..SLOTS).map(|slot| level.slot(slot).capacity())).sum();
    assert!(room <= 4 * 5000 + SLOTS * LEVELS * 8, "{room} places for 5000 records");
    turn(&mut wheel, 5000);
    assert_eq!((wheel.filed, wheel.fired), (0, 5000));
}
