//! Every interleaving of an owner and one or two thieves on a ring of four.
//!
//! loom checks that no slot is written while it is read; the tallies at the end, that every item came out exactly once.

use loom::thread;

use super::*;

/// Just before the wrap: every model crosses it.
const START: u32 = u32::MAX - 1;

fn explore(body: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(body);
}

fn drain(owner: &mut Owner<Box<u32>>) -> Vec<u32> {
    std::iter::from_fn(|| owner.pop()).map(|item| *item).collect()
}

/// Steals once; what it got, oldest first.
fn steal_once(stealer: &Stealer<Box<u32>>) -> Vec<u32> {
    let (mut mine, _) = starting_at(START);
    let Some(stolen) = stealer.steal_into(&mut mine, |_| {}) else { return Vec::new() };
    let mut items = drain(&mut mine);
    items.push(*stolen.next);
    assert_eq!(items.len(), stolen.count);
    assert!(items.is_sorted(), "a theft keeps the order: {items:?}");
    items
}

fn assert_all_once(parts: &[Vec<u32>], count: u32) {
    let mut all: Vec<u32> = parts.iter().flatten().copied().collect();
    all.sort_unstable();
    assert_eq!(all, (0..count).collect::<Vec<_>>());
}

#[test]
fn an_owner_that_pushes_and_pops_and_a_thief_share_every_item() {
    explore(|| {
        let (mut owner, stealer) = starting_at(START);
        let thief = thread::spawn(move || steal_once(&stealer));
        let mut popped = Vec::new();
        let mut pushed = 0;
        for _ in 0..2 {
            for _ in 0..2 {
                owner.push(Box::new(pushed)).unwrap();
                pushed += 1;
            }
            popped.extend(owner.pop().map(|item| *item));
        }
        popped.extend(drain(&mut owner));
        assert!(popped.is_sorted());
        assert_all_once(&[popped, thief.join().unwrap()], pushed);
    });
}

#[test]
fn slots_under_a_thiefs_hands_are_not_written_again() {
    explore(|| {
        let (mut owner, stealer) = starting_at(START);
        for item in 0..CAPACITY {
            owner.push(Box::new(item)).unwrap();
        }
        let thief = thread::spawn(move || steal_once(&stealer));
        let mut mine = Vec::new();
        for item in CAPACITY..CAPACITY + 2 {
            mine.extend(owner.pop().map(|item| *item));
            if let Err(Full(back)) = owner.push(Box::new(item)) {
                mine.push(*back);
            }
        }
        mine.extend(drain(&mut owner));
        assert_all_once(&[mine, thief.join().unwrap()], CAPACITY + 2);
    });
}

#[test]
fn overflow_and_theft_never_take_the_same_half() {
    explore(|| {
        let (mut owner, stealer) = starting_at(START);
        for item in 0..CAPACITY {
            owner.push(Box::new(item)).unwrap();
        }
        let thief = thread::spawn(move || steal_once(&stealer));
        let mut mine = Vec::new();
        if let Err(Full(back)) = owner.push(Box::new(CAPACITY)) {
            mine.push(*back);
            mine.extend(owner.take_half().into_iter().flatten().map(|item| *item));
        }
        // The slots that overflow freed are written at once.
        let after = if owner.push(Box::new(CAPACITY + 1)).is_ok() { 2 } else { 1 };
        mine.extend(drain(&mut owner));
        assert_all_once(&[mine, thief.join().unwrap()], CAPACITY + after);
    });
}

#[test]
fn two_thieves_and_an_owner_share_every_item() {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(|| {
        let (mut owner, stealer) = starting_at(START);
        for item in 0..3 {
            owner.push(Box::new(item)).unwrap();
        }
        let stealer = std::sync::Arc::new(stealer);
        let other = stealer.clone();
        let first = thread::spawn(move || steal_once(&stealer));
        let second = thread::spawn(move || steal_once(&other));
        owner.push(Box::new(3)).unwrap();
        let mine = drain(&mut owner);
        assert_all_once(&[mine, first.join().unwrap(), second.join().unwrap()], 4);
    });
}

#[test]
fn two_workers_that_steal_from_each_other_lose_nothing() {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(|| {
        let (mut left, left_stealer) = starting_at(START);
        let (mut right, right_stealer) = starting_at(START);
        for item in 0..2 {
            left.push(Box::new(item)).unwrap();
            right.push(Box::new(item + 2)).unwrap();
        }
        let other = thread::spawn(move || {
            let next = left_stealer.steal_into(&mut right, |_| {}).map(|stolen| *stolen.next);
            drain(&mut right).into_iter().chain(next).collect::<Vec<_>>()
        });
        let next = right_stealer.steal_into(&mut left, |_| {}).map(|stolen| *stolen.next);
        let mine = drain(&mut left).into_iter().chain(next).collect::<Vec<_>>();
        assert_all_once(&[mine, other.join().unwrap()], 4);
    });
}
