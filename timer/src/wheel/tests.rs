//! The wheel, with a waker that does nothing.

use super::*;

/// Arms an entry with a deadline at the end of `tick`.
fn arm(wheel: &mut Wheel, tick: u64) -> Key {
    assert!(wheel.admits(tick, 0));
    wheel.arm(tick * TICK, Waker::noop().clone())
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

fn is_fired(wheel: &Wheel, key: Key) -> bool {
    wheel.state(key) == State::Fired
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
            arm(&mut wheel, HORIZON / TICK);
            turn(&mut wheel, from);
            let key = arm(&mut wheel, from + span);
            let next = turn(&mut wheel, from + span - 1).unwrap();
            assert!(!is_fired(&wheel, key), "{from} + {span}: early");
            assert!(next <= from + span, "{from} + {span}: the thread would sleep until {next}");
            turn(&mut wheel, from + span);
            assert!(is_fired(&wheel, key), "{from} + {span}: late");
            assert_eq!(wheel.armed(), 1);
        }
    }
}

#[test]
fn following_the_next_slot_reaches_every_deadline_in_few_steps() {
    for tick in edges().filter(|&tick| tick > 0) {
        let mut wheel = Wheel::new();
        let key = arm(&mut wheel, tick);
        let mut steps = 0;
        let mut at = 0;
        while let Some(next) = turn(&mut wheel, at) {
            assert!(next <= tick && next > at);
            at = next;
            steps += 1;
        }
        assert!(is_fired(&wheel, key));
        assert_eq!(at, tick);
        assert!(steps <= LEVELS, "{steps} wake-ups for tick {tick}");
    }
}

#[test]
fn a_budget_that_runs_out_in_the_middle_of_a_cascade_loses_nothing() {
    let mut wheel = Wheel::new();
    // Latest first, so that the entry that is due is among those still above when the budget runs out.
    let keys: Vec<_> = (64..128).rev().map(|tick| arm(&mut wheel, tick)).collect();
    let mut wakers = Vec::new();
    let small = 10;
    assert_eq!(wheel.turn(64, 64 * TICK, small, &mut wakers), Turn::More);
    assert_eq!(wheel.next_place().map(|place| place.start), Some(64), "WHEEL-2: the cascade goes on first");
    assert_eq!(wheel.earliest(), Some(64 * TICK));
    let newcomer = arm(&mut wheel, 66);
    assert_eq!(turn(&mut wheel, 64), Some(65));
    assert!(is_fired(&wheel, keys[63]) && !is_fired(&wheel, newcomer));
    turn(&mut wheel, 127);
    assert!(is_fired(&wheel, newcomer) && keys.iter().all(|&key| is_fired(&wheel, key)));
    assert_eq!(wheel.armed(), 0);
}

#[test]
fn a_reset_entry_moves_and_fires_at_its_new_tick_only() {
    for (old, new) in [(10, 5000), (5000, 10), (10, 10)] {
        let mut wheel = Wheel::new();
        let key = arm(&mut wheel, old);
        assert!(matches!(wheel.reset(key, new * TICK, 0), Reset::Moved));
        assert_eq!((wheel.earliest(), wheel.armed()), (Some(new * TICK), 1));
        turn(&mut wheel, new - 1);
        assert!(!is_fired(&wheel, key));
        turn(&mut wheel, new);
        assert!(is_fired(&wheel, key));
        assert!(matches!(wheel.reset(key, 2 * new * TICK, 0), Reset::Over));
    }
}

#[test]
fn an_entry_that_is_reset_into_the_past_fires_at_once() {
    let mut wheel = Wheel::new();
    arm(&mut wheel, 1000);
    for (deadline, now) in [(500 * TICK, 500 * TICK), (499 * TICK, 0)] {
        turn(&mut wheel, 500);
        let key = arm(&mut wheel, 900);
        assert!(matches!(wheel.reset(key, deadline, now), Reset::Due(Some(_))));
        assert!(is_fired(&wheel, key));
    }
    assert_eq!(wheel.armed(), 1);
}

#[test]
fn part_of_a_tick_fires_only_what_is_due_and_keeps_the_order_of_the_rest() {
    let mut wheel = Wheel::new();
    let keys = [700, 300, 900, 300, 500].map(|part| wheel.arm(9 * TICK + part, Waker::noop().clone()));
    let mut wakers = Vec::new();
    assert_eq!(wheel.turn(10, 9 * TICK + 500, usize::MAX, &mut wakers), Turn::Done(Some(10)));
    assert_eq!(keys.map(|key| is_fired(&wheel, key)), [false, true, false, true, true]);
    assert_eq!(wheel.keys(0, 10).collect::<Vec<_>>(), [keys[0], keys[2]]);
    assert_eq!((wheel.earliest(), wakers.len()), (Some(9 * TICK + 700), 3));
}

#[test]
fn a_tick_that_has_passed_is_not_admitted() {
    let mut wheel = Wheel::new();
    arm(&mut wheel, 1000);
    turn(&mut wheel, 500);
    assert!(!wheel.admits(499, 500));
    assert!(wheel.admits(500, 500), "the present tick may still be fired");
}

#[test]
fn entries_are_taken_out_of_the_middle_and_off_both_ends_of_a_slot() {
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] {
        let mut wheel = Wheel::new();
        let keys = [7; 4].map(|tick| arm(&mut wheel, tick));
        let mut left = keys.to_vec();
        for i in order {
            assert!(wheel.remove(keys[i]).is_some());
            left.retain(|&key| key != keys[i]);
            assert_eq!(wheel.keys(0, 7).collect::<Vec<_>>(), left);
        }
        assert_eq!((wheel.armed(), wheel.next_place().is_none()), (0, true));
    }
}

#[test]
fn a_key_is_used_again_and_names_its_new_entry_only() {
    let mut wheel = Wheel::new();
    let old = arm(&mut wheel, 5);
    wheel.remove(old);
    let new = arm(&mut wheel, 9);
    assert_eq!(old, new);
    assert_eq!(turn(&mut wheel, 5), Some(9));
    assert!(!is_fired(&wheel, new), "fired for its predecessor");
    assert_eq!(turn(&mut wheel, 9), None);
    assert!(is_fired(&wheel, new));
}
