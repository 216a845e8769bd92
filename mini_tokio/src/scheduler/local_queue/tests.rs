//! The ring by one thread, step by step, and then by many with every drop counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::*;

/// Start indices that matter: zero, and so near the end that the test crosses it.
const STARTS: [u32; 3] = [0, u32::MAX - 100, u32::MAX];

fn filled(start: u32, count: u32) -> (Owner<u32>, Stealer<u32>) {
    let (mut owner, stealer) = starting_at(start);
    for item in 0..count {
        owner.push(item).unwrap();
    }
    (owner, stealer)
}

#[test]
fn items_leave_in_the_order_in_which_they_came() {
    for start in STARTS {
        let (mut owner, _stealer) = filled(start, CAPACITY);
        let popped: Vec<u32> = std::iter::from_fn(|| owner.pop()).collect();
        assert_eq!(popped, (0..CAPACITY).collect::<Vec<_>>());
        assert!(owner.len() == 0);
    }
}

#[test]
fn a_full_ring_gives_the_item_back_and_takes_one_again_after_a_pop() {
    for start in STARTS {
        let (mut owner, _stealer) = filled(start, CAPACITY);
        assert_eq!((owner.len(), owner.free()), (CAPACITY as usize, 0));
        assert_eq!(owner.push(1_000).unwrap_err().0, 1_000);
        assert_eq!(owner.pop(), Some(0));
        owner.push(1_000).unwrap();
        assert_eq!(owner.len(), CAPACITY as usize);
    }
}

#[test]
fn a_theft_moves_the_oldest_half_rounded_up_and_hands_over_its_newest() {
    for start in STARTS {
        let (mut victim, stealer) = filled(start, 7);
        let (mut thief, _) = starting_at(start.wrapping_add(50));
        let stolen = stealer.steal_into(&mut thief, |_| {}).unwrap();
        assert_eq!((stolen.next, stolen.count), (3, 4));
        assert_eq!(std::iter::from_fn(|| thief.pop()).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(std::iter::from_fn(|| victim.pop()).collect::<Vec<_>>(), [4, 5, 6]);
        assert_eq!(victim.free(), CAPACITY as usize);
    }
}

#[test]
fn a_single_item_is_stolen_without_touching_the_thiefs_ring() {
    let (victim, stealer) = filled(0, 1);
    let (mut thief, _) = filled(0, CAPACITY);
    let stolen = stealer.steal_into(&mut thief, |_| {}).unwrap();
    assert_eq!((stolen.next, stolen.count), (0, 1));
    assert_eq!(thief.len(), CAPACITY as usize);
    assert!(victim.len() == 0 && stealer.steal_into(&mut thief, |_| {}).is_none());
}

#[test]
fn a_theft_takes_no_more_than_the_thief_has_room_for() {
    let (victim, stealer) = filled(0, 100);
    let (mut thief, _) = filled(0, CAPACITY - 5);
    let stolen = stealer.steal_into(&mut thief, |_| {}).unwrap();
    assert_eq!((stolen.next, stolen.count), (5, 6));
    assert_eq!((victim.len(), thief.len(), thief.free()), (94, CAPACITY as usize, 0));
}

#[test]
fn nobody_steals_from_himself() {
    let (mut owner, stealer) = filled(0, 10);
    assert!(Arc::ptr_eq(&stealer.shared, &owner.shared));
    assert!(stealer.steal_into(&mut owner, |_| {}).is_none());
    assert_eq!(owner.len(), 10);
}

#[test]
fn overflow_takes_the_oldest_half_and_makes_room_for_as_much() {
    for start in STARTS {
        let (mut owner, _stealer) = filled(start, CAPACITY);
        let half = owner.take_half().unwrap();
        assert_eq!(half.size_hint(), (CAPACITY as usize / 2, Some(CAPACITY as usize / 2)));
        assert_eq!(half.collect::<Vec<_>>(), (0..CAPACITY / 2).collect::<Vec<_>>());
        assert_eq!((owner.len(), owner.free()), (CAPACITY as usize / 2, CAPACITY as usize / 2));
        assert_eq!(owner.pop(), Some(CAPACITY / 2));
    }
}

#[test]
fn an_empty_queue_has_no_half() {
    let (mut owner, stealer) = local_queue::<u32>();
    assert!(owner.take_half().is_none());
    assert!(owner.len() == 0 && stealer.is_empty());
}

#[test]
fn while_a_thief_is_copying_the_owner_works_on_and_others_give_up() {
    let (mut owner, stealer) = filled(0, CAPACITY);
    // A thief that lost its core between claim and copy.
    let claimed = owner.shared.front.claim_half_by_thief(&owner.shared.tail, CAPACITY);
    let (first, end) = claimed.expect("the ring is full and nobody else steals");
    assert_eq!((first, end), (0, CAPACITY / 2));

    let (mut other, _) = local_queue();
    assert!(stealer.steal_into(&mut other, |_| {}).is_none(), "a second thief gives up");
    assert!(owner.take_half().is_none(), "the thief is making room already");
    assert_eq!(owner.pop(), Some(CAPACITY / 2), "the owner pops past the claimed items");
    assert_eq!(owner.free(), 0, "but claimed slots are not written, nor popped ones behind them");
    assert!(owner.push(1_000).is_err());

    // SAFETY: the test made the claim itself (QUEUE-2) and reads each item once.
    let copied: Vec<u32> = (first..end).map(|index| unsafe { owner.shared.ring.take(index) }).collect();
    assert_eq!(copied, (0..CAPACITY / 2).collect::<Vec<_>>());
    owner.shared.front.free_claimed();
    assert_eq!(owner.free(), CAPACITY as usize / 2 + 1);
    owner.push(1_000).unwrap();
}

/// Counts its drops.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn what_is_left_in_a_half_or_a_queue_is_dropped_once() {
    let drops = Arc::new(AtomicUsize::new(0));
    let (mut owner, stealer) = starting_at(u32::MAX - 3);
    for _ in 0..10 {
        assert!(owner.push(Counted(drops.clone())).is_ok());
    }
    let mut half = owner.take_half().unwrap();
    drop(half.next());
    drop(half);
    assert_eq!(drops.load(Ordering::Relaxed), 5);
    drop(owner);
    assert_eq!(drops.load(Ordering::Relaxed), 10);
    drop(stealer);
    assert_eq!(drops.load(Ordering::Relaxed), 10);
}

/// An item that marks its own row of a table.
struct Marked {
    seen: Arc<Vec<AtomicUsize>>,
    row: usize,
}

impl Drop for Marked {
    fn drop(&mut self) {
        self.seen[self.row].fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn under_stress_every_item_is_dropped_exactly_once() {
    const ITEMS: usize = 200_000;
    const THIEVES: usize = 3;
    let seen: Arc<Vec<AtomicUsize>> = Arc::new((0..ITEMS).map(|_| AtomicUsize::new(0)).collect());
    let stop = Arc::new(AtomicBool::new(false));
    let (mut owner, stealer) = starting_at::<Marked>(u32::MAX - 1_000);
    let stealer = Arc::new(stealer);

    let thieves: Vec<_> = (0..THIEVES)
        .map(|_| {
            let (stealer, stop) = (stealer.clone(), stop.clone());
            std::thread::spawn(move || {
                let (mut mine, _) = local_queue();
                let mut stolen = 0;
                while !stop.load(Ordering::Relaxed) {
                    match stealer.steal_into(&mut mine, |_| {}) {
                        Some(haul) => stolen += haul.count,
                        None => std::thread::yield_now(),
                    }
                    while mine.pop().is_some() {}
                }
                stolen
            })
        })
        .collect();

    let mut kept = 0;
    for row in 0..ITEMS {
        let mut item = Marked { seen: seen.clone(), row };
        while let Err(Full(back)) = owner.push(item) {
            item = back;
            kept += owner.take_half().map_or(0, Iterator::count);
        }
        if row % 3 == 0 {
            kept += usize::from(owner.pop().is_some());
        }
    }
    while owner.pop().is_some() {
        kept += 1;
    }
    stop.store(true, Ordering::Relaxed);
    let stolen: usize = thieves.into_iter().map(|thief| thief.join().unwrap()).sum();

    assert_eq!(kept + stolen, ITEMS);
    assert!(seen.iter().all(|drops| drops.load(Ordering::Relaxed) == 1));
}

#[test]
fn the_ends_may_travel_between_threads() {
    fn send<T: Send>() {}
    fn sync<T: Sync>() {}
    send::<Owner<Box<u32>>>();
    send::<Stealer<Box<u32>>>();
    sync::<Stealer<Box<u32>>>();
}
