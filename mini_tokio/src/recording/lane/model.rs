//! Every interleaving of a writer and a drainer on a ring that wraps: records come out whole, in order and once.

use std::sync::Arc;

use loom::thread;

use super::*;

const RECORDS: u64 = 3;

#[test]
fn records_come_out_whole_in_order_and_once() {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(|| {
        let lane = Arc::new(Lane::new(4));
        let writer = lane.clone();
        let hand = thread::spawn(move || {
            for record in 1..=RECORDS {
                while writer.room() < 2 {
                    thread::yield_now();
                }
                let mut pen = writer.begin();
                pen.put(record);
                pen.put(record * 10);
                pen.publish();
            }
        });
        let mut next = 1;
        while next <= RECORDS {
            let range = lane.published();
            if range.is_empty() {
                thread::yield_now();
            }
            for at in range.clone().step_by(2) {
                assert_eq!((lane.read(at), lane.read(at + 1)), (next, next * 10));
                next += 1;
            }
            lane.release(range.end);
        }
        hand.join().unwrap();
    });
}
