//! Steps that the kernel does.

use std::hint::black_box;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Acquire, Ordering::Release};
use std::thread;
use std::time::{Duration, Instant};

use super::{EPOLL, FUTEX_NONE, SYSTEM_CALL, time_batches};
use crate::statistics::median;

type Step = (&'static str, Box<dyn FnMut()>);

pub(super) fn steps() -> Vec<Step> {
    let word = AtomicU32::new(0);
    // SAFETY: the flag is a valid one; the descriptor is new, and nobody else's.
    let epoll = unsafe { OwnedFd::from_raw_fd(libc::epoll_create1(libc::EPOLL_CLOEXEC)) };
    let mut events = [libc::epoll_event { events: 0, u64: 0 }; 8];
    vec![
        // SAFETY: has no preconditions; glibc does not remember its answer.
        (SYSTEM_CALL, Box::new(|| _ = black_box(unsafe { libc::getppid() }))),
        (
            FUTEX_NONE,
            // SAFETY: the word is a futex of this process, on which nobody waits.
            Box::new(move || unsafe {
                let how = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
                _ = black_box(libc::syscall(libc::SYS_futex, word.as_ptr(), how, 1));
            }),
        ),
        (
            EPOLL,
            Box::new(move || {
                // SAFETY: the descriptor is open, and there is room for 8 events.
                _ = black_box(unsafe { libc::epoll_wait(epoll.as_raw_fd(), events.as_mut_ptr(), 8, 0) });
            }),
        ),
    ]
}

/// A parked thread is unparked, again and again: what that costs the one who does it, and when the other runs.
pub(super) fn hand_over(target: Duration) -> (f64, f64) {
    let origin = Instant::now();
    // The sleeper's answer: nanoseconds since the origin; 0 is none, and `STOP` asks it to end.
    const STOP: u64 = u64::MAX;
    let ran = Arc::new(AtomicU64::new(STOP - 1));
    let theirs = ran.clone();
    let sleeper = thread::spawn(move || {
        loop {
            match theirs.load(Acquire) {
                0 => theirs.store(origin.elapsed().as_nanos() as u64, Release),
                STOP => return,
                _ => thread::park(),
            }
        }
    });
    let (mut wakes, mut starts) = (Vec::new(), Vec::new());
    while origin.elapsed() < target || wakes.len() < 10 {
        // Long enough to fall asleep.
        thread::sleep(Duration::from_micros(200));
        ran.store(0, Release);
        let before = origin.elapsed().as_nanos() as u64;
        sleeper.thread().unpark();
        wakes.push(origin.elapsed().as_nanos() as f64 - before as f64);
        let at = loop {
            match ran.load(Acquire) {
                0 => std::hint::spin_loop(),
                at => break at,
            }
        };
        starts.push(at.saturating_sub(before) as f64);
    }
    ran.store(STOP, Release);
    sleeper.thread().unpark();
    sleeper.join().expect("it does nothing that fails");
    (median(&wakes), median(&starts))
}

fn connection() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let near = TcpStream::connect(listener.local_addr().expect("it is bound")).expect("somebody listens");
    let (far, _) = listener.accept().expect("somebody connects");
    near.set_nodelay(true).and(far.set_nodelay(true)).expect("sockets can be set so");
    (near, far)
}

fn exchange(from: &mut TcpStream, to: &mut TcpStream) {
    let mut buffer = [7; 64];
    from.write_all(&buffer).expect("the other end is there");
    to.read_exact(&mut buffer).expect("it was written");
}

/// Both ends on this thread: what the four calls cost, with no waiting.
pub(super) fn echo_on_one_thread(target: Duration) -> f64 {
    let (mut near, mut far) = connection();
    time_batches(target, 100, || {
        exchange(&mut near, &mut far);
        exchange(&mut far, &mut near);
    })
}

/// The far end on a thread that blocks in its read.
pub(super) fn echo_between_threads(target: Duration) -> f64 {
    let (mut near, mut far) = connection();
    let echoes = thread::spawn(move || {
        let mut buffer = [0; 64];
        // Ends when the other end is dropped.
        while far.read_exact(&mut buffer).is_ok() {
            far.write_all(&buffer).expect("the other end is there");
        }
    });
    let time = time_batches(target, 100, || {
        let mut buffer = [7; 64];
        near.write_all(&buffer).expect("the other end is there");
        near.read_exact(&mut buffer).expect("the other end answers");
    });
    drop(near);
    echoes.join().expect("it does nothing that fails");
    time
}
