//! The ring without threads: places, loans, and what is left at the end.

use std::rc::Rc;

use super::*;

fn put<T>(ring: &Ring<T>, position: u64, readers: usize, value: T) -> Option<Box<Message<T>>> {
    let mut message = Message::new(value);
    message.address(position, readers);
    ring.put(message)
}

fn read<T: Clone>(ring: &Ring<T>, position: u64) -> Option<T> {
    ring.borrow(position).map(Loan::read)
}

#[test]
fn a_message_leaves_with_its_last_reader() {
    let ring = Ring::new(4);
    assert!(put(&ring, 0, 2, "a").is_none() && put(&ring, 1, 2, "b").is_none());
    assert_eq!((read(&ring, 0), ring.len(2)), (Some("a"), 2));
    assert_eq!((read(&ring, 0), ring.len(2)), (Some("a"), 1));
    assert!(ring.borrow(1).unwrap().end().is_none());
    assert_eq!(ring.borrow(1).unwrap().end().map(|message| message.into_value()), Some("b"));
    assert_eq!((ring.len(2), read(&ring, 1)), (0, None));
}

#[test]
fn a_message_overwrites_the_one_that_is_as_far_behind_as_there_are_places() {
    for capacity in [1, 2, 3, 4, 5, 8] {
        let places = usize::next_power_of_two(capacity) as u64;
        let ring = Ring::new(capacity);
        (0..places).for_each(|position| assert!(put(&ring, position, 1, position).is_none()));
        assert_eq!((ring.len(places), ring.oldest(places)), (places as usize, 0));
        assert_eq!(put(&ring, places, 1, places).map(|message| message.into_value()), Some(0));
        assert_eq!((ring.len(places + 1), ring.oldest(places + 1)), (places as usize, 1));
        assert_eq!(read(&ring, 0), None, "it was overwritten");
        assert_eq!(read(&ring, places), Some(places), "and the look did not count as reading");
    }
}

#[test]
fn a_message_that_is_overwritten_on_loan_belongs_to_the_borrower() {
    let ring = Ring::new(1);
    let value = Rc::new(());
    assert!(put(&ring, 0, 5, value.clone()).is_none());
    let loan = ring.borrow(0).unwrap();
    assert!(put(&ring, 1, 1, value.clone()).is_none());
    assert_eq!(Rc::strong_count(&value), 3);
    assert!(ring.borrow(0).is_none());
    drop(loan.end());
    assert_eq!((Rc::strong_count(&value), ring.len(2)), (2, 1));
    assert_eq!(read(&ring, 1).map(|value| Rc::strong_count(&value)), Some(2));
    assert_eq!(Rc::strong_count(&value), 1);
}

#[test]
fn a_thread_that_has_a_message_gets_it_again() {
    let (ring, other) = (Ring::new(1), Ring::new(1));
    assert!(put(&ring, 0, 3, 7).is_none() && put(&other, 0, 2, 8).is_none());
    let (outer, between) = (ring.borrow(0).unwrap(), other.borrow(0).unwrap());
    assert_eq!((read(&ring, 0), read(&other, 0)), (Some(7), Some(8)));
    drop(between);
    assert_eq!(read(&ring, 0), Some(7));
    assert_eq!((ring.len(1), other.len(1)), (1, 0));
    assert_eq!(outer.read(), 7);
    assert_eq!(ring.len(1), 0);
}

#[test]
fn a_ring_frees_what_is_in_it() {
    let (ring, value) = (Ring::new(4), Rc::new(()));
    (0..6).for_each(|position| drop(put(&ring, position, 1, value.clone())));
    assert_eq!(Rc::strong_count(&value), 5);
    drop(ring);
    assert_eq!(Rc::strong_count(&value), 1);
}

#[test]
fn every_place_has_a_slot_of_its_own() {
    for capacity in [1, 2, 8, 16, 64, 128, 512, 1_024, 4_096] {
        let ring = Ring::<()>::new(capacity);
        let mut slots: Vec<_> = (0..capacity as u64).map(|position| ring.slot(position) as *const _).collect();
        let line = |slot: *const Slot<()>| slot.addr() / 64;
        assert!(slots.windows(2).all(|pair| line(pair[0]) != line(pair[1])), "neighbours share a line at {capacity}");
        slots.sort();
        slots.dedup();
        assert_eq!(slots.len(), capacity);
        assert!(ring.slots.len() <= capacity.max(LINES * TO_A_LINE));
    }
}
