//! The counts and the list, by one thread; the races are the model's.

use super::*;

#[test]
fn all_workers_begin_awake_and_nobody_is_picked() {
    let idle = Idle::new(4);
    assert_eq!((idle.awake(), idle.searching()), (4, 0));
    assert_eq!(idle.pick_sleeper(|_| true), None);
    assert!(idle.awake() > 0);
}

#[test]
fn the_last_to_fall_asleep_is_picked_first_and_counted_as_searching() {
    let idle = Idle::new(3);
    for worker in [1, 0, 2] {
        assert_eq!(idle.announce_sleep(worker, false), Recheck::Needed);
    }
    assert_eq!(idle.awake(), 0);
    assert_eq!(idle.pick_sleeper(|_| true), Some(2));
    assert_eq!((idle.awake(), idle.searching()), (1, 1));
    assert!(!idle.is_sleeping(2) && idle.is_sleeping(0));
    assert_eq!(idle.pick_sleeper(|_| true), None, "one searcher is enough");
    assert_eq!(idle.end_search(), Recheck::Needed);
    assert_eq!(idle.pick_sleeper(|_| true), Some(0));
}

#[test]
fn of_the_sleepers_that_suit_the_last_to_fall_asleep_is_picked_and_if_none_does_the_last_of_all() {
    let idle = Idle::new(4);
    (0..4).for_each(|worker| {
        let _ = idle.announce_sleep(worker, false);
    });
    let pick = |suits: fn(usize) -> bool| {
        let picked = idle.pick_sleeper(suits);
        if picked.is_some() {
            let _ = idle.end_search();
        }
        picked
    };
    assert_eq!(pick(|worker| worker < 2), Some(1));
    assert_eq!(pick(|worker| worker == 1), Some(3), "that one is awake");
    assert_eq!(pick(|worker| worker != 2), Some(0));
    assert_eq!(pick(|_| false), Some(2));
    assert_eq!(pick(|_| true), None);
}

#[test]
fn at_most_half_of_the_workers_rounded_up_search() {
    for (workers, most) in [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3)] {
        let idle = Idle::new(workers);
        assert_eq!((0..workers).filter(|_| idle.try_begin_search()).count(), most);
        assert_eq!(idle.searching(), most);
    }
}

#[test]
fn only_the_last_searcher_has_to_look_after_the_others() {
    let idle = Idle::new(4);
    assert!(idle.try_begin_search() && idle.try_begin_search());
    assert_eq!(idle.end_search(), Recheck::Needless);
    assert_eq!(idle.end_search(), Recheck::Needed);
    assert!(idle.try_begin_search() && idle.try_begin_search());
    assert_eq!(idle.announce_sleep(0, true), Recheck::Needless);
    assert_eq!(idle.announce_sleep(1, false), Recheck::Needless);
    assert_eq!(idle.announce_sleep(2, true), Recheck::Needed);
    assert_eq!((idle.awake(), idle.searching()), (1, 0));
}

#[test]
fn a_worker_that_was_refused_the_search_looks_again_if_nobody_searches_by_now() {
    let idle = Idle::new(2);
    assert!(idle.try_begin_search());
    assert!(!idle.try_begin_search());
    assert_eq!(idle.end_search(), Recheck::Needed);
    assert_eq!(idle.announce_sleep(1, false), Recheck::Needed);
}

#[test]
fn a_worker_that_wakes_by_itself_leaves_the_list_once() {
    let idle = Idle::new(2);
    let _ = idle.announce_sleep(0, false);
    assert!(idle.remove(0));
    assert_eq!((idle.awake(), idle.searching()), (2, 0));
    assert!(!idle.remove(0));
    assert_eq!(idle.pick_sleeper(|_| true), None);
}

#[test]
fn a_picked_worker_finds_that_it_was_picked() {
    let idle = Idle::new(2);
    let _ = idle.announce_sleep(0, false);
    assert_eq!(idle.pick_sleeper(|_| true), Some(0));
    assert!(!idle.remove(0), "it is counted as searching already");
    assert_eq!((idle.awake(), idle.searching()), (2, 1));
}

#[test]
fn many_publishers_and_workers_keep_the_counts() {
    const WORKERS: usize = 4;
    let idle = Idle::new(WORKERS);
    std::thread::scope(|scope| {
        for worker in 0..WORKERS {
            let idle = &idle;
            scope.spawn(move || {
                for _ in 0..2_000 {
                    let mut searching = idle.try_begin_search();
                    assert!(idle.searching() <= WORKERS / 2, "IDLE-2");
                    let _ = idle.announce_sleep(worker, searching);
                    let _picked_by_somebody = idle.is_sleeping(worker);
                    if worker % 2 == 0 {
                        // Whom it picks is not unparked: everybody wakes by itself here.
                        let _ = idle.pick_sleeper(|_| true);
                    }
                    searching = !idle.remove(worker);
                    if searching {
                        let _ = idle.end_search();
                    }
                }
            });
        }
    });
    assert_eq!((idle.awake(), idle.searching()), (WORKERS, 0));
}
