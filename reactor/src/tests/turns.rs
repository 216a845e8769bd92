//! Turning: how long a turn waits, and what ends it.

use super::*;

#[test]
fn a_turn_of_zero_does_not_wait_and_one_of_a_while_waits_that_long() {
    let (mut reactor, _handle) = Reactor::new(8).unwrap();
    let turn = reactor.turn(Some(Duration::ZERO)).unwrap();
    assert_eq!((turn.events, turn.woken, turn.interrupted), (0, 0, false));
    let before = Instant::now();
    assert!(!reactor.turn(Some(Duration::from_millis(20))).unwrap().interrupted);
    assert!(before.elapsed() >= Duration::from_millis(20));
}

#[test]
fn a_wake_before_the_turn_is_not_lost_and_several_are_one() {
    let (mut reactor, handle) = Reactor::new(8).unwrap();
    handle.wake();
    handle.wake();
    let turn = reactor.turn(None).unwrap();
    assert_eq!((turn.events, turn.woken, turn.interrupted), (0, 0, true));
    assert!(!reactor.turn(Some(Duration::ZERO)).unwrap().interrupted);
    assert_eq!(handle.ready_events(), 0);
}

#[test]
fn a_wake_ends_a_turn_that_waits_for_ever() {
    within_ten_seconds(|| {
        let (mut reactor, handle) = Reactor::new(8).unwrap();
        let (asleep, about_to_sleep) = std::sync::mpsc::channel();
        let turner = std::thread::spawn(move || {
            asleep.send(()).unwrap();
            reactor.turn(None).unwrap()
        });
        about_to_sleep.recv().unwrap();
        handle.wake();
        assert!(turner.join().unwrap().interrupted);
    });
}

#[test]
fn a_turn_reports_what_it_did() {
    let mut rig = rig();
    let (_, waker) = Count::new();
    assert!(rig.registration.poll_ready(&mut Context::from_waker(&waker), Direction::Write).is_pending());
    let turn = rig.reactor.turn(None).unwrap();
    assert_eq!((turn.events, turn.woken, turn.interrupted), (1, 1, false));
    assert_eq!(rig.handle.ready_events(), 1);
}

#[test]
fn a_reactor_of_one_event_a_turn_still_serves_all() {
    let (mut reactor, handle) = Reactor::new(0).unwrap();
    let mut sockets: Vec<_> = (0..5).map(|_| connection()).collect();
    let registrations: Vec<_> =
        sockets.iter_mut().map(|(ours, _)| handle.register(ours, Interest::WRITABLE).unwrap()).collect();
    for _ in &registrations {
        assert!(reactor.turn(Some(Duration::from_secs(10))).unwrap().events <= 1);
    }
    assert!(registrations.iter().all(|one| everything(one).ready.is_writable()));
}

#[test]
fn a_signal_does_not_end_a_turn() {
    within_ten_seconds(|| {
        extern "C" fn ignore(_signal: libc::c_int) {}
        // SAFETY: the handler does nothing, and no other test of this crate uses SIGUSR1.
        unsafe {
            libc::signal(libc::SIGUSR1, ignore as extern "C" fn(libc::c_int) as libc::sighandler_t);
        }
        let (mut reactor, handle) = Reactor::new(8).unwrap();
        // SAFETY: has no conditions.
        let turner = unsafe { libc::pthread_self() };
        let (rung, heard) = std::sync::mpsc::channel();
        let (slept, go_on) = std::sync::mpsc::channel();
        let bell = std::thread::spawn(move || {
            let ring = || {
                // SAFETY: the turner joins this thread, and so is alive.
                assert_eq!(unsafe { libc::pthread_kill(turner, libc::SIGUSR1) }, 0);
                std::thread::sleep(Duration::from_millis(1));
            };
            ring();
            rung.send(()).unwrap();
            while go_on.try_recv().is_err() {
                ring();
            }
            (0..20).for_each(|_| ring());
            handle.wake();
        });
        heard.recv().unwrap();
        let before = Instant::now();
        assert!(!reactor.turn(Some(Duration::from_millis(10))).unwrap().interrupted);
        assert!(before.elapsed() >= Duration::from_millis(10));
        slept.send(()).unwrap();
        assert!(reactor.turn(None).unwrap().interrupted);
        bell.join().unwrap();
    });
}

#[test]
fn a_turn_that_does_not_wait_takes_as_few_events_as_it_is_told() {
    let (mut reactor, handle) = Reactor::new(64).unwrap();
    reactor.limit_quick_turns(2);
    let pairs: Vec<_> = (0..5).map(|_| mio::net::UnixStream::pair().unwrap()).collect();
    let (mut ends, peers): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
    let _registrations: Vec<_> = ends.iter_mut().map(|end| handle.register(end, Interest::READABLE).unwrap()).collect();
    for mut peer in &peers {
        std::io::Write::write_all(&mut peer, b"x").unwrap();
    }
    let quick: Vec<_> = (0..3).map(|_| reactor.turn(Some(Duration::ZERO)).unwrap().events).collect();
    assert_eq!(quick, [2, 2, 1]);
}
