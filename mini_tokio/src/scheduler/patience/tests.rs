//! Looks that pay, and looks in vain.

use super::*;

/// Which of `sleeps` sleeps begin with a look, if there is never anything to see.
fn looks_in_vain(patience: &mut Patience, sleeps: usize) -> Vec<usize> {
    (0..sleeps).filter(|_| patience.is_due() && !patience.look(|| false)).collect()
}

fn look(patience: &mut Patience) -> bool {
    patience.is_due() && patience.look(|| true)
}

#[test]
fn looks_in_vain_become_rare() {
    assert_eq!(looks_in_vain(&mut Patience::new(), 100), [0, 2, 6, 14, 30, 62]);
    assert_eq!(looks_in_vain(&mut Patience::new(), 100_000).len(), 10 + (100_000 - 2_036) / 1_024 + 1);
}

#[test]
fn a_look_that_brought_work_is_followed_by_another() {
    let mut patience = Patience::new();
    for _ in 0..10 {
        assert!(look(&mut patience));
        patience.paid();
    }
    assert_eq!(looks_in_vain(&mut patience, 3), [0, 2], "and one in vain by a rest, as at first");
}

#[test]
fn a_task_that_another_took_is_a_look_in_vain() {
    let mut patience = Patience::new();
    assert!(look(&mut patience));
    assert!(!look(&mut patience), "the next sleep begins without a look");
    assert!(look(&mut patience));
    assert_eq!(looks_in_vain(&mut patience, 5), [3]);
}

#[test]
fn work_that_no_look_brought_changes_nothing() {
    let mut patience = Patience::new();
    assert_eq!(looks_in_vain(&mut patience, 1), [0]);
    patience.paid();
    assert!(!look(&mut patience), "it rests");
}

#[test]
fn a_look_is_as_long_as_the_patience() {
    let looks = std::cell::Cell::new(0);
    assert!(!Patience::new().look(|| {
        looks.set(looks.get() + 1);
        false
    }));
    assert_eq!(looks.get(), GLANCES);
}
