//! Who is woken, when, and how often.

use super::*;
use futures::executor::LocalPool;
use futures::task::LocalSpawnExt;
use std::future::Future;
use std::pin::pin;

#[test]
fn a_reader_is_woken_once_by_data() {
    let mut rig = rig();
    rig.turn_until(Ready::WRITABLE);
    let (count, waker) = Count::new();
    let mut cx = Context::from_waker(&waker);
    assert!(rig.registration.poll_ready(&mut cx, Direction::Read).is_pending());
    rig.reactor.turn(Some(Duration::ZERO)).unwrap();
    assert_eq!(count.wakes(), 0);
    rig.peer.write_all(b"x").unwrap();
    rig.turn_until(Ready::READABLE);
    assert_eq!(count.wakes(), 1);
    assert!(rig.registration.poll_ready(&mut cx, Direction::Read).is_ready());
}

#[test]
fn a_writer_is_woken_when_the_peer_makes_room() {
    let mut rig = rig();
    rig.turn_until(Ready::WRITABLE);
    let (count, waker) = Count::new();
    let mut cx = Context::from_waker(&waker);
    let block = [0; 64 * 1024];
    let mut written = 0;
    loop {
        let step = rig.registration.poll_io(&mut cx, Direction::Write, || (&rig.ours).write(&block));
        match step {
            Poll::Ready(step) => written += step.unwrap(),
            Poll::Pending => break,
        }
    }
    assert_eq!(count.wakes(), 0);
    let mut peer = rig.peer.try_clone().unwrap();
    let drain = std::thread::spawn(move || io::copy(&mut (&mut peer).take(written as u64), &mut io::sink()).unwrap());
    rig.turn_until(Ready::WRITABLE);
    assert_eq!(count.wakes(), 1);
    assert_eq!(drain.join().unwrap(), written as u64);
}

#[test]
fn the_latest_waiter_of_a_direction_wins() {
    let mut rig = rig();
    let (first, first_waker) = Count::new();
    let (second, second_waker) = Count::new();
    assert!(rig.registration.poll_ready(&mut Context::from_waker(&first_waker), Direction::Read).is_pending());
    assert!(rig.registration.poll_ready(&mut Context::from_waker(&second_waker), Direction::Read).is_pending());
    assert_eq!(rig.deliver(Ready::READABLE), 1);
    assert_eq!((first.wakes(), second.wakes()), (0, 1));
}

#[test]
fn the_two_directions_do_not_push_each_other_out() {
    let mut rig = rig();
    let (reader, read_waker) = Count::new();
    let (writer, write_waker) = Count::new();
    assert!(rig.registration.poll_ready(&mut Context::from_waker(&read_waker), Direction::Read).is_pending());
    assert!(rig.registration.poll_ready(&mut Context::from_waker(&write_waker), Direction::Write).is_pending());
    assert_eq!(rig.deliver(Ready::WRITABLE), 1);
    assert_eq!((reader.wakes(), writer.wakes()), (0, 1));
    assert_eq!(rig.deliver(Ready::READ_CLOSED), 1);
    assert_eq!((reader.wakes(), writer.wakes()), (1, 1));
}

#[test]
fn each_readiness_future_waits_for_its_own_interest() {
    let mut rig = rig();
    let registration = rig.registration.clone();
    let wishes = [
        Interest::READABLE,
        Interest::WRITABLE,
        Interest::READABLE | Interest::WRITABLE,
        Interest::ERROR,
        Interest::READABLE,
    ];
    let mut waiting: Vec<_> =
        wishes.iter().map(|wish| (Box::pin(registration.readiness(*wish)), Count::new())).collect();
    for (future, (_, waker)) in &mut waiting {
        assert!(future.as_mut().poll(&mut Context::from_waker(waker)).is_pending());
    }
    assert_eq!(rig.deliver(Ready::WRITABLE), 2);
    let wakes =
        |waiting: &Vec<(_, (Arc<Count>, Waker))>| waiting.iter().map(|(_, (c, _))| c.wakes()).collect::<Vec<_>>();
    assert_eq!(wakes(&waiting), [0, 1, 1, 0, 0]);
    assert_eq!(rig.deliver(Ready::READABLE), 2);
    assert_eq!(wakes(&waiting), [1, 1, 1, 0, 1]);
    for (i, (future, (_, waker))) in waiting.iter_mut().enumerate() {
        let answer = future.as_mut().poll(&mut Context::from_waker(waker));
        assert_eq!(answer.is_ready(), i != 3, "waiter {i}");
    }
    assert_eq!(registration.waiter_count(), 1, "the one for errors");
}

#[test]
fn many_waiters_are_all_woken_once_and_in_order() {
    let mut rig = rig();
    let registration = rig.registration.clone();
    let count = 100;
    let order = Arc::new(std::sync::Mutex::new(Vec::new()));
    let mut waiting = Vec::new();
    for i in 0..count {
        let order = order.clone();
        let waker = reentry::on_wake(move || order.lock().unwrap().push(i));
        let mut future = Box::pin(registration.readiness(Interest::READABLE));
        assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        waiting.push(future);
    }
    assert_eq!(rig.deliver(Ready::READABLE), count);
    assert_eq!(*order.lock().unwrap(), (0..count).collect::<Vec<_>>());
}

#[test]
fn a_cancelled_waiter_leaves_no_trace() {
    let mut rig = rig();
    let registration = rig.registration.clone();
    let (count, waker) = Count::new();
    let mut cx = Context::from_waker(&waker);
    {
        let _unpolled = registration.readiness(Interest::READABLE);
        let mut waiting = pin!(registration.readiness(Interest::READABLE));
        assert!(waiting.as_mut().poll(&mut cx).is_pending());
        assert!(waiting.as_mut().poll(&mut cx).is_pending());
        assert_eq!(registration.waiter_count(), 1);
    }
    assert_eq!(registration.waiter_count(), 0);
    assert_eq!(rig.deliver(Ready::READABLE), 0);
    drop(waker);
    assert_eq!(count.wakes(), 0);
    assert_eq!(Arc::strong_count(&count), 1, "a waker is still held");
}

#[test]
fn a_waiter_cancelled_after_its_wake_up_frees_its_seat_and_takes_no_readiness() {
    let mut rig = rig();
    let registration = rig.registration.clone();
    let (_, waker) = Count::new();
    let mut cx = Context::from_waker(&waker);
    let mut first = Box::pin(registration.readiness(Interest::READABLE));
    let mut second = Box::pin(registration.readiness(Interest::READABLE));
    assert!(first.as_mut().poll(&mut cx).is_pending());
    assert!(second.as_mut().poll(&mut cx).is_pending());
    assert_eq!(rig.deliver(Ready::READABLE), 2);
    drop(first);
    assert!(second.as_mut().poll(&mut cx).is_ready());
    assert_eq!(registration.waiter_count(), 0);
}

#[test]
fn a_woken_waiter_whose_readiness_another_has_used_up_waits_on() {
    let mut rig = rig();
    let registration = rig.registration.clone();
    let (count, waker) = Count::new();
    let mut cx = Context::from_waker(&waker);
    let mut late = Box::pin(registration.readiness(Interest::READABLE));
    assert!(late.as_mut().poll(&mut cx).is_pending());
    rig.deliver(Ready::READABLE);
    registration.clear(registration.ready_now(Interest::READABLE));
    assert!(late.as_mut().poll(&mut cx).is_pending());
    assert_eq!(registration.waiter_count(), 1);
    rig.deliver(Ready::READABLE);
    assert_eq!(count.wakes(), 2);
    assert!(late.as_mut().poll(&mut cx).is_ready());
}

#[test]
fn a_foreign_executor_echoes_over_it() {
    let mut rig = rig();
    let mut pool = LocalPool::new();
    let (registration, ours) = (rig.registration.clone(), rig.ours);
    let echo = pool
        .spawner()
        .spawn_local_with_handle(async move {
            let mut line = [0; 16];
            let mut total = 0;
            loop {
                let n = registration.async_io(Interest::READABLE, || (&ours).read(&mut line)).await.unwrap();
                if n == 0 {
                    return total;
                }
                let sent = registration.async_io(Interest::WRITABLE, || (&ours).write(&line[..n])).await.unwrap();
                assert_eq!(sent, n);
                total += n;
            }
        })
        .unwrap();
    let mut peer = rig.peer;
    let client = std::thread::spawn(move || {
        for i in 0..100_u8 {
            peer.write_all(&[i; 3]).unwrap();
            let mut back = [0; 3];
            peer.read_exact(&mut back).unwrap();
            assert_eq!(back, [i; 3]);
        }
    });
    let mut echo = pin!(echo);
    let deadline = Instant::now() + Duration::from_secs(10);
    let total = loop {
        pool.run_until_stalled();
        if let Poll::Ready(total) = echo.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            break total;
        }
        assert!(Instant::now() < deadline);
        rig.reactor.turn(Some(Duration::from_secs(1))).unwrap();
    };
    client.join().unwrap();
    assert_eq!(total, 300);
    assert!(rig.handle.ready_events() > 0);
}
