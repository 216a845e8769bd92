//! The word alone, at ticks that no socket would reach in a test.

use super::*;

fn known(word: &ReadyWord) -> Ready {
    word.snapshot(Ready::ALL).ready
}

#[test]
fn a_clear_with_the_current_receipt_takes_its_bits_and_no_others() {
    let word = ReadyWord::new();
    word.set(Ready::READABLE | Ready::WRITABLE);
    assert_eq!(word.clear(word.snapshot(Ready::READABLE)), Cleared::Done);
    assert_eq!(known(&word), Ready::WRITABLE);
}

#[test]
fn a_stale_clear_erases_nothing_however_many_events_later() {
    for updates in [1, 2, 255, 256, 257, 1 << 15, 1 << 16, (1 << 16) + 1] {
        let word = ReadyWord::new();
        word.set(Ready::READABLE);
        let receipt = word.snapshot(Ready::READABLE);
        for _ in 0..updates {
            word.set(Ready::READABLE);
        }
        assert_eq!(word.clear(receipt), Cleared::Stale, "after {updates} updates");
        assert_eq!(known(&word), Ready::READABLE, "after {updates} updates");
    }
}

#[test]
fn the_tick_wraps_without_touching_the_bits() {
    let last = (1 << 56) - 1;
    let word = ReadyWord::at_tick(last);
    let receipt = word.snapshot(Ready::ALL);
    assert_eq!(receipt.tick, last);
    word.set(Ready::READABLE);
    assert_eq!(word.snapshot(Ready::ALL), ReadyEvent { tick: 0, ready: Ready::READABLE, is_shutdown: false });
    assert_eq!(word.clear(ReadyEvent { ready: Ready::READABLE, ..receipt }), Cleared::Stale);
    assert_eq!(word.clear(word.snapshot(Ready::ALL)), Cleared::Done);
    assert_eq!(known(&word), Ready::EMPTY);
}

#[test]
fn an_event_without_new_bits_makes_older_receipts_stale() {
    let word = ReadyWord::new();
    word.set(Ready::READABLE);
    let receipt = word.snapshot(Ready::READABLE);
    word.set(Ready::WRITABLE);
    assert_eq!(word.clear(receipt), Cleared::Stale);
    assert_eq!(known(&word), Ready::READABLE | Ready::WRITABLE);
}

#[test]
fn what_is_final_is_never_cleared() {
    let word = ReadyWord::new();
    word.set(Ready::ALL);
    word.shut_down();
    assert_eq!(word.clear(word.snapshot(Ready::ALL)), Cleared::Done);
    let rest = word.snapshot(Ready::ALL);
    assert_eq!(rest.ready, Ready::READ_CLOSED | Ready::WRITE_CLOSED);
    assert!(rest.is_shutdown);
}

#[test]
fn a_look_answers_only_what_it_was_asked_until_the_end() {
    let word = ReadyWord::new();
    word.set(Ready::WRITABLE);
    assert_eq!(word.look(Ready::READABLE), None);
    assert_eq!(word.look(Ready::ALL).map(|event| event.ready), Some(Ready::WRITABLE));
    word.shut_down();
    assert_eq!(word.look(Ready::READABLE).map(|event| (event.ready, event.is_shutdown)), Some((Ready::EMPTY, true)));
}

#[test]
fn a_closing_outlives_a_clear_and_goes_with_a_refutation_of_the_current_tick() {
    let word = ReadyWord::new();
    word.set(Ready::READABLE | Ready::READ_CLOSED);
    let old = word.snapshot(Ready::ALL);
    assert_eq!(word.clear(old), Cleared::Done);
    assert_eq!(word.snapshot(Ready::ALL).ready, Ready::READ_CLOSED);
    word.set(Ready::READ_CLOSED);
    assert_eq!(word.refute(old), Cleared::Stale, "it was closed again");
    assert_eq!(word.refute(word.snapshot(Ready::ALL)), Cleared::Done);
    assert!(word.snapshot(Ready::ALL).ready.is_empty());
}
