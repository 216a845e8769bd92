//! The ring without threads: positions, lag and counts, against a list that forgets nothing.

use super::*;

fn message(value: u64) -> Arc<Message<u64>> {
    Message::new(value)
}

/// The next value or what there is instead.
fn read(ring: &mut Ring<u64>, position: &mut u64) -> Result<u64, String> {
    if ring.behind(*position) == 0 {
        return Err("empty".into());
    }
    match ring.next(position) {
        Next::Shared(message) => Ok(Message::share(message)),
        Next::Last(message) => Ok(Message::share_last(message)),
        Next::Lagged(missed) => Err(format!("lagged by {missed}")),
    }
}

fn send(ring: &mut Ring<u64>, value: u64) -> usize {
    ring.push(message(value)).map(|sent| sent.receivers).unwrap_or(0)
}

#[test]
fn a_message_leaves_with_its_last_reader() {
    let mut ring = Ring::new(4);
    let (mut fast, mut slow) = (ring.subscribe(), ring.subscribe());
    assert_eq!((send(&mut ring, 0), send(&mut ring, 1)), (2, 2));
    assert_eq!((read(&mut ring, &mut fast), ring.len()), (Ok(0), 2));
    assert_eq!((read(&mut ring, &mut slow), ring.len()), (Ok(0), 1));
    assert_eq!(ring.unsubscribe(slow).len(), 0);
    assert_eq!((read(&mut ring, &mut fast), ring.len()), (Ok(1), 0));
}

#[test]
fn whoever_leaves_frees_what_only_it_had_not_read() {
    let mut ring = Ring::new(8);
    let (slow, mut fast) = (ring.subscribe(), ring.subscribe());
    (0..5).for_each(|value| assert_eq!(send(&mut ring, value), 2));
    (0..3).for_each(|value| assert_eq!(read(&mut ring, &mut fast), Ok(value)));
    let freed = ring.unsubscribe(slow);
    assert_eq!(freed.into_iter().map(Message::share).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(ring.len(), 2);
    assert_eq!(ring.unsubscribe(fast).len(), 2);
    assert_eq!((send(&mut ring, 9), ring.len()), (0, 0));
}

#[test]
fn a_receiver_that_leaves_while_it_lags_counts_only_what_is_left() {
    let mut ring = Ring::new(2);
    let (slow, mut fast) = (ring.subscribe(), ring.subscribe());
    for value in 0..7 {
        assert_eq!(send(&mut ring, value), 2);
        assert_eq!(read(&mut ring, &mut fast), Ok(value));
    }
    assert_eq!((ring.behind(slow), ring.len()), (7, 2));
    assert_eq!((ring.unsubscribe(slow).len(), ring.len()), (2, 0));
}

#[test]
fn one_more_than_the_capacity_is_a_lag_of_one() {
    for capacity in [1, 2, 3, 4, 5, 8] {
        let rounded = u64::try_from(usize::next_power_of_two(capacity)).unwrap();
        let mut ring = Ring::new(capacity);
        let (mut late, mut just) = (ring.subscribe(), ring.subscribe());
        (0..rounded).for_each(|value| assert_eq!(send(&mut ring, value), 2));
        assert_eq!(read(&mut ring, &mut just), Ok(0));
        send(&mut ring, rounded);
        assert_eq!(ring.behind(late) as u64, rounded + 1);
        assert_eq!(read(&mut ring, &mut late), Err("lagged by 1".into()));
        assert_eq!(read(&mut ring, &mut late), Ok(1));
        assert_eq!(read(&mut ring, &mut just), Ok(1));
    }
}
