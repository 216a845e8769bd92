//! Every interleaving of a writer and a drainer on a ring that wraps: records come out whole, in order and once.

use std::sync::Arc;

use loom::thread;

use super::*;

const RECORDS: u64 = 3;
/// So many bytes that the third record goes round, in the middle of a store.
const LENGTH: u64 = 12;

fn half(number: u64) -> u64 {
    number << 40 | number
}

#[test]
fn records_come_out_whole_in_order_and_once() {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(|| {
        let lane = Arc::new(Lane::new(32));
        let writer = lane.clone();
        let hand = thread::spawn(move || {
            for number in 1..=RECORDS {
                while writer.room() < LENGTH {
                    thread::yield_now();
                }
                let mut pen = writer.begin();
                pen.put(half(number), LENGTH / 2);
                pen.put(half(number), LENGTH / 2);
                pen.publish();
            }
        });
        let (mut bytes, mut next) = (Vec::new(), 1);
        while next <= RECORDS {
            let range = lane.published();
            if range.is_empty() {
                thread::yield_now();
            }
            bytes.clear();
            lane.copy(range.clone(), &mut bytes);
            for whole in bytes.chunks(LENGTH as usize) {
                let half = half(next).to_le_bytes();
                assert_eq!(whole, [&half[..6], &half[..6]].concat());
                next += 1;
            }
            lane.release(range.end);
        }
        hand.join().unwrap();
    });
}
