//! Every interleaving of a writer and a drainer on a ring that wraps: records come out whole, in order and once.

use std::sync::Arc;

use loom::thread;

use super::*;

/// A lane of 32 bytes.
fn lane() -> Lane {
    let ends = || Apart(AtomicU64::new(0));
    let bytes: [_; 32 + STORE as usize] = std::array::from_fn(|_| UnsafeCell::new(0));
    let ring: Box<Ring> = Box::new(Ring { tail: ends(), head: ends(), bytes });
    Lane { ring: Box::leak(ring).into() }
}

fn half(number: u64) -> u64 {
    number << 40 | number
}

fn put(lane: &Lane, number: u64, halves: usize) {
    if halves == 1 && lane.end() < lane.lap_to() {
        return lane.put_in_one_piece(half(number), 6);
    }
    let mut pen = lane.begin();
    (0..halves).for_each(|_| pen.put(half(number), 6));
    pen.publish();
}

/// Records of so many halves, each of 6 bytes, go through a ring of 32. The first so many of them have gone through `before` there
/// are two threads.
fn records_come_out_whole_in_order_and_once(before: u64, records: u64, halves: usize) {
    let length = 6 * halves as u64;
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(move || {
        let lane = Arc::new(lane());
        for number in 1..=before {
            put(&lane, number, halves);
            lane.release(lane.published().end);
        }
        let writer = lane.clone();
        let hand = thread::spawn(move || {
            for number in before + 1..=records {
                while writer.room() < length {
                    thread::yield_now();
                }
                put(&writer, number, halves);
            }
        });
        let (mut bytes, mut next) = (Vec::new(), before + 1);
        while next <= records {
            let range = lane.published();
            if range.is_empty() {
                thread::yield_now();
            }
            bytes.clear();
            lane.copy(range.clone(), &mut bytes);
            for whole in bytes.chunks(length as usize) {
                assert_eq!(whole, half(next).to_le_bytes()[..6].repeat(halves));
                next += 1;
            }
            lane.release(range.end);
        }
        hand.join().unwrap();
    });
}

/// The third goes round, in the middle of a store.
#[test]
fn records_of_two_stores() {
    records_come_out_whole_in_order_and_once(0, 3, 2);
}

/// The sixth goes round; those beside it are stored in one piece.
#[test]
fn records_of_one_store() {
    records_come_out_whole_in_order_and_once(4, 7, 1);
}
