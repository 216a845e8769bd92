//! The clock of a worker's busy time, without a guess at how long anything takes.

use super::*;

#[test]
fn a_clock_that_stands_shows_the_same_whenever_it_is_read() {
    let clock = BusyClock::new();
    assert_eq!(clock.elapsed(), Duration::ZERO);
    clock.stop();
    assert_eq!(clock.elapsed(), Duration::ZERO, "it never ran");
    clock.start();
    while clock.elapsed() == Duration::ZERO {}
    clock.stop();
    let shown = clock.elapsed();
    assert!(shown > Duration::ZERO);
    let later = Instant::now();
    while later.elapsed() == Duration::ZERO {}
    assert_eq!(clock.elapsed(), shown);
}

#[test]
fn a_clock_goes_on_from_where_it_stood_and_counts_no_moment_twice() {
    let (clock, began) = (BusyClock::new(), Instant::now());
    let mut last = Duration::ZERO;
    for _ in 0..100 {
        clock.start();
        clock.start();
        assert!(clock.elapsed() >= last, "it never falls");
        clock.stop();
        last = clock.elapsed();
        assert!(last <= began.elapsed());
    }
}
