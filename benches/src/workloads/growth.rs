//! How cost grows with the number of tasks: spawned, all waiting at once, woken, joined. The value is for one task.

use super::many::Countdown;
use super::{List, cores};
use crate::meter::Meter;
use crate::rt::Rt;

pub(super) fn list<R: Rt>(list: &mut List) {
    for exponent in 2..=6 {
        let tasks = 10_u32.pow(exponent);
        list.add(format!("scale/tasks_{tasks}"), move |meter| tasks_at_once::<R>(meter, tasks)).scale();
    }
}

fn tasks_at_once<R: Rt>(meter: &mut Meter, tasks: u32) {
    let runtime = R::build(cores());
    meter.repeat(tasks, || {
        let root = runtime.spawn_on(async move {
            let (all_wait, waiting) = R::oneshot();
            let countdown = Countdown::new(tasks, all_wait);
            let mut senders = Vec::with_capacity(tasks as usize);
            let mut handles = Vec::with_capacity(tasks as usize);
            for _ in 0..tasks {
                let (sender, receiver) = R::oneshot();
                let countdown = countdown.clone();
                senders.push(sender);
                handles.push(R::spawn(async move {
                    countdown.one_less(R::send);
                    R::receive(receiver).await;
                }));
            }
            R::receive(waiting).await;
            senders.into_iter().for_each(R::send);
            for handle in handles {
                R::join(handle).await;
            }
        });
        runtime.block_on(R::join(root));
    });
}
