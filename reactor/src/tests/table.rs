//! Registrations come and go; events find the one they are for, or nobody.

use super::*;
use std::os::fd::AsRawFd;

#[test]
fn an_event_of_a_dead_socket_never_reaches_its_successor() {
    let mut rig = rig();
    let old = rig.registration.token();
    let stale = [(old.pack(), Ready::ALL)];
    drop(rig.registration);
    let (mut ours, _peer) = connection();
    rig.registration = Arc::new(rig.handle.register(&mut ours, Interest::READABLE).unwrap());
    let new = rig.registration.token();
    assert_eq!(old.index, new.index, "the slot is used again");
    assert_ne!(old.generation, new.generation);

    let (count, waker) = Count::new();
    assert!(rig.registration.poll_ready(&mut Context::from_waker(&waker), Direction::Read).is_pending());
    let done = rig.handle.dispatch(&mut Wakers::default(), stale.into_iter());
    assert_eq!(done, Turn { events: 0, woken: 0, interrupted: false });
    assert_eq!((rig.ready(), count.wakes()), (Ready::EMPTY, 0));
    assert_eq!(rig.deliver(Ready::READABLE), 1, "an event of its own arrives");
}

#[test]
fn an_event_for_a_free_slot_or_one_that_never_was_is_ignored() {
    let rig = rig();
    let token = rig.registration.token().pack();
    drop(rig.registration);
    let nowhere = [token, mio::Token(77), mio::Token(token.0.wrapping_add(1 << 40)), crate::token::WAKE];
    let events = nowhere.map(|token| (token, Ready::ALL)).into_iter();
    let done = rig.handle.dispatch(&mut Wakers::default(), events);
    assert_eq!(done, Turn { events: 0, woken: 0, interrupted: true }, "the last of them is the waker's own token");
    assert_eq!(rig.handle.ready_events(), 0);
}

#[test]
fn a_duplicate_descriptor_that_outlives_the_registration_disturbs_nobody() {
    // The operating system forgets a socket only when its last descriptor is closed: here it goes on reporting.
    let mut rig = rig();
    rig.turn_until(Ready::WRITABLE);
    let duplicate = {
        use std::os::fd::AsFd;
        rig.ours.as_fd().try_clone_to_owned().unwrap()
    };
    let old = rig.registration.token();
    drop(rig.registration);
    drop(rig.ours);
    let (mut ours, _peer) = connection();
    let successor = rig.handle.register(&mut ours, Interest::READABLE).unwrap();
    assert_eq!(successor.token().index, old.index);
    rig.peer.write_all(b"to the dead").unwrap();
    let turn = rig.reactor.turn(Some(Duration::from_secs(10))).unwrap();
    assert_eq!((turn.events, turn.woken), (0, 0));
    assert_eq!(everything(&successor).ready, Ready::EMPTY);
    drop(duplicate);
}

#[test]
fn deregister_frees_the_slot_and_silences_the_source() {
    let mut rig = rig();
    rig.turn_until(Ready::WRITABLE);
    rig.registration.deregister(&mut rig.ours).unwrap();
    assert_eq!(rig.handle.registration_totals().1, 0);
    rig.peer.write_all(b"x").unwrap();
    let turn = rig.reactor.turn(Some(Duration::from_millis(20))).unwrap();
    assert_eq!(turn.events, 0);
    assert!(rig.registration.deregister(&mut rig.ours).is_err());
    let again = rig.handle.register(&mut rig.ours, Interest::READABLE).unwrap();
    drop(rig.registration); // a late drop frees nothing of the successor's
    assert_eq!(rig.handle.registration_totals().1, 1);
    turn_until(&mut rig.reactor, || everything(&again).ready.is_readable());
}

#[test]
fn a_reactor_is_unused_while_nobody_is_registered() {
    let (_reactor, handle) = Reactor::new(8).unwrap();
    assert!(handle.is_unused());
    let mut listener = mio::net::TcpListener::bind(localhost()).unwrap();
    let first = handle.register(&mut listener, Interest::READABLE).unwrap();
    let mut other = mio::net::TcpListener::bind(localhost()).unwrap();
    let second = handle.register(&mut other, Interest::READABLE).unwrap();
    drop(first);
    assert!(!handle.is_unused());
    second.deregister(&mut other).unwrap();
    assert!(handle.is_unused());
    drop(second);
    assert!(handle.is_unused());
}

#[test]
fn a_source_that_the_system_refuses_takes_no_slot() {
    let (_reactor, handle) = Reactor::new(8).unwrap();
    let file = std::fs::File::open("/proc/self/exe").unwrap();
    let fd = file.as_raw_fd();
    let error = handle.register(&mut mio::unix::SourceFd(&fd), Interest::READABLE).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
    assert_eq!(handle.registration_totals().1, 0);
}

/// Lifts this process's limit of open descriptors as far as it may; 1024 is a common default.
fn many_descriptors() {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: both calls get a valid `rlimit`.
    unsafe {
        assert_eq!(libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit), 0);
        limit.rlim_cur = limit.rlim_max;
        assert_eq!(libc::setrlimit(libc::RLIMIT_NOFILE, &limit), 0);
    }
}

#[test]
fn two_thousand_registrations_come_and_go_twice() {
    many_descriptors();
    let (mut reactor, handle) = Reactor::new(256).unwrap();
    for round in 0..2 {
        // A datagram socket is the cheapest source: one descriptor each.
        let mut sockets: Vec<_> = (0..2000).map(|_| mio::net::UdpSocket::bind(localhost()).unwrap()).collect();
        let registrations: Vec<_> =
            sockets.iter_mut().map(|socket| handle.register(socket, Interest::WRITABLE).unwrap()).collect();
        assert_eq!(handle.registration_totals().1, 2000);
        turn_until(&mut reactor, || registrations.iter().all(|one| everything(one).ready.is_writable()));
        assert_eq!(handle.ready_events(), 2000 * (round + 1));
        assert!(registrations.iter().all(|one| one.token().index < 2000), "free slots are used again");
        if round == 0 {
            drop(sockets); // the sources first
            drop(registrations);
        } else {
            drop(registrations);
            drop(sockets);
        }
        assert_eq!(handle.registration_totals().1, 0);
    }
    assert_eq!(reactor.turn(Some(Duration::ZERO)).unwrap().events, 0);
}

#[test]
fn registrations_come_and_go_while_another_thread_turns() {
    within_ten_seconds(|| {
        let (mut reactor, handle) = Reactor::new(8).unwrap();
        let turner = std::thread::spawn(move || while !reactor.turn(None).unwrap().interrupted {});
        let workers: Vec<_> = (0..2)
            .map(|_| {
                let handle = handle.clone();
                std::thread::spawn(move || {
                    for _ in 0..200 {
                        let (mut ours, mut peer) = connection();
                        let registration = handle.register(&mut ours, Interest::READABLE).unwrap();
                        peer.write_all(b"x").unwrap();
                        let read = registration.async_io(Interest::READABLE, || (&ours).read(&mut [0]));
                        assert_eq!(futures::executor::block_on(read).unwrap(), 1);
                    }
                })
            })
            .collect();
        workers.into_iter().for_each(|worker| worker.join().unwrap());
        assert_eq!(handle.registration_totals().1, 0);
        handle.wake();
        turner.join().unwrap();
    });
}
