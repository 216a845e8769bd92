//! `Notify` against its specification: the same random calls on both, compared after each.

use super::*;

#[derive(Clone, Copy, PartialEq, Debug)]
enum Place {
    Absent,
    Fresh,
    Queued { has_waker: bool },
    Given(Notification),
    Called,
    Done,
}

/// What `Notify` promises, for one thread, as plainly as it can be said.
struct Oracle {
    permit: bool,
    queue: Vec<usize>,
    places: Vec<Place>,
    wakes: Vec<usize>,
}

impl Oracle {
    fn notified(&mut self, i: usize, place: Place) {
        self.wakes[i] += usize::from(self.places[i] == Place::Queued { has_waker: true });
        self.places[i] = place;
    }

    fn notify(&mut self, end: Notification) {
        match end {
            _ if self.queue.is_empty() => self.permit = true,
            Notification::First => {
                let i = self.queue.remove(0);
                self.notified(i, Place::Given(end));
            }
            Notification::Last => {
                let i = self.queue.pop().unwrap();
                self.notified(i, Place::Given(end));
            }
            Notification::All => unreachable!("not a single notification"),
        }
    }

    fn notify_waiters(&mut self) {
        self.queue.clear();
        for i in 0..self.places.len() {
            if matches!(self.places[i], Place::Fresh | Place::Queued { .. }) {
                self.notified(i, Place::Called);
            }
        }
    }

    fn poll(&mut self, i: usize, with_waker: bool) -> bool {
        self.places[i] = match self.places[i] {
            Place::Absent => unreachable!(),
            Place::Fresh if std::mem::take(&mut self.permit) => Place::Done,
            Place::Fresh => {
                self.queue.push(i);
                Place::Queued { has_waker: with_waker }
            }
            Place::Queued { has_waker } => Place::Queued { has_waker: has_waker | with_waker },
            Place::Given(_) | Place::Called | Place::Done => Place::Done,
        };
        self.places[i] == Place::Done
    }

    fn drop(&mut self, i: usize) {
        self.queue.retain(|&queued| queued != i);
        if let Place::Given(end) = std::mem::replace(&mut self.places[i], Place::Absent) {
            self.notify(end);
        }
    }
}

/// A small generator of repeatable numbers (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }
}

fn play(dice: &mut Dice, seats: usize, calls: usize) {
    let notify = Notify::new();
    let mut oracle = Oracle { permit: false, queue: vec![], places: vec![Place::Absent; seats], wakes: vec![0; seats] };
    let wakes: Vec<_> = (0..seats).map(|_| Arc::new(Wakes(AtomicUsize::new(0)))).collect();
    let wakers: Vec<_> = wakes.iter().map(|wakes| waker(wakes.clone())).collect();
    let mut futures: Vec<_> = (0..seats).map(|_| None).collect();
    let mut log = Vec::new();
    for _ in 0..calls {
        let (call, i) = (dice.roll(12), dice.roll(seats));
        log.push((call, i));
        match (call, &mut futures[i]) {
            (0, _) => {
                notify.notify_one();
                oracle.notify(Notification::First);
            }
            (1, _) => {
                notify.notify_last();
                oracle.notify(Notification::Last);
            }
            (2, _) => {
                notify.notify_waiters();
                oracle.notify_waiters();
            }
            (_, None) => {
                futures[i] = Some(Box::pin(notify.notified()));
                oracle.places[i] = Place::Fresh;
            }
            (3..=6, Some(future)) => {
                let ready = future.as_mut().poll(&mut Context::from_waker(&wakers[i])).is_ready();
                assert_eq!(ready, oracle.poll(i, true), "{log:?}");
            }
            (7, Some(future)) => assert_eq!(future.as_mut().enable(), oracle.poll(i, false), "{log:?}"),
            (_, Some(_)) => {
                futures[i] = None;
                oracle.drop(i);
            }
        }
        let woken: Vec<_> = wakes.iter().map(|wakes| wakes.0.load(Ordering::Relaxed)).collect();
        assert_eq!(woken, oracle.wakes, "{log:?}");
        let (permit, waiting, _) = notify.state.snapshot();
        assert_eq!((permit, waiting), (oracle.permit, !oracle.queue.is_empty()), "{log:?}");
    }
}

#[test]
fn a_million_random_calls_do_what_the_specification_says() {
    let mut dice = Dice(88_172_645_463_325_252);
    for round in 0..20_000 {
        play(&mut dice, 1 + round % 6, 50);
    }
}
