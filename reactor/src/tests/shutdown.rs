//! The end of a reactor, seen from all sides.

use super::*;
use std::future::Future;
use std::pin::pin;

fn is_gone<T: std::fmt::Debug>(answer: io::Result<T>) -> bool {
    let error = answer.unwrap_err();
    error.get_ref().is_some_and(|cause| cause.is::<Closed>()) && error.to_string().contains("shut down")
}

#[test]
fn shutdown_wakes_everyone_and_then_answers_with_an_error() {
    let rig = rig();
    let (count, waker) = Count::new();
    let mut cx = Context::from_waker(&waker);
    let mut waiting: Vec<_> =
        [Interest::READABLE, Interest::ERROR].map(|wish| Box::pin(rig.registration.readiness(wish))).into();
    for future in &mut waiting {
        assert!(future.as_mut().poll(&mut cx).is_pending());
    }
    assert!(rig.registration.poll_ready(&mut cx, Direction::Read).is_pending());
    assert!(rig.registration.poll_ready(&mut cx, Direction::Write).is_pending());
    assert!(!everything(&rig.registration).is_shutdown);

    rig.handle.shutdown();
    assert_eq!(count.wakes(), 4);
    assert!(everything(&rig.registration).is_shutdown);
    for mut future in waiting {
        let Poll::Ready(answer) = future.as_mut().poll(&mut cx) else { panic!("still waiting") };
        assert!(is_gone(answer));
    }
    let Poll::Ready(answer) = rig.registration.poll_ready(&mut cx, Direction::Read) else { panic!("still waiting") };
    assert!(is_gone(answer));
    assert!(is_gone(rig.registration.try_io(Interest::READABLE, || Ok(()))));
    let mut operation = pin!(rig.registration.async_io(Interest::READABLE, || Ok(())));
    let Poll::Ready(answer) = operation.as_mut().poll(&mut cx) else { panic!("still waiting") };
    assert!(is_gone(answer));
    assert!(rig.registration.ready_now(Interest::READABLE).is_shutdown);
    assert_eq!(rig.registration.waiter_count(), 0);
}

#[test]
fn nothing_is_registered_after_shutdown() {
    let rig = rig();
    rig.handle.shutdown();
    let (mut ours, _peer) = connection();
    assert!(is_gone(rig.handle.register(&mut ours, Interest::READABLE)));
    assert_eq!(rig.handle.registration_totals().1, 1);
}

#[test]
fn shutdown_interrupts_a_turn_and_a_second_one_does_nothing() {
    let mut rig = rig();
    rig.turn_until(Ready::WRITABLE);
    rig.handle.shutdown();
    assert!(rig.reactor.turn(Some(Duration::from_secs(10))).unwrap().interrupted);
    rig.handle.shutdown();
    assert!(!rig.reactor.turn(Some(Duration::ZERO)).unwrap().interrupted);
}

#[test]
fn dropping_the_reactor_shuts_it_down() {
    let rig = rig();
    let (count, waker) = Count::new();
    assert!(rig.registration.poll_ready(&mut Context::from_waker(&waker), Direction::Read).is_pending());
    drop(rig.reactor);
    assert_eq!(count.wakes(), 1);
    assert!(everything(&rig.registration).is_shutdown);
}

#[test]
fn a_registration_outlives_the_reactor_and_is_freed() {
    let mut rig = rig();
    drop(rig.reactor);
    let registration = Arc::into_inner(rig.registration).unwrap();
    registration.deregister(&mut rig.ours).unwrap();
    assert_eq!(rig.handle.registration_totals().1, 0);
    drop(registration);
    assert_eq!(rig.handle.registration_totals().1, 0);
}

#[test]
fn a_waker_may_drop_its_registration_during_shutdown() {
    within_ten_seconds(|| {
        let rig = rig();
        let (handle, held) = (rig.handle.clone(), std::sync::Mutex::new(Some(rig.registration.clone())));
        let waker = reentry::on_wake(move || {
            drop(held.lock().unwrap().take());
            handle.shutdown();
        });
        assert!(rig.registration.poll_ready(&mut Context::from_waker(&waker), Direction::Read).is_pending());
        drop(waker);
        drop(rig.registration);
        assert_eq!(rig.handle.registration_totals().1, 1);
        rig.handle.shutdown();
        assert_eq!(rig.handle.registration_totals().1, 0);
    });
}
