//! One says it, and all hear it: `watch` and `broadcast` to 10, 100, 500 and 1,000 tasks. The value is for one hearing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::adapter::build;
use super::tokio::sync::{Notify, broadcast, watch};
use super::tokio::task::JoinSet;
use crate::meter::Meter;
use crate::workloads::{List, multi};

/// How often something is said.
const SAID: usize = 100;

pub(super) fn list(list: &mut List) {
    for ears in [10, 100, 500, 1_000] {
        let watch = list.add(format!("mt4/watch_{ears}"), move |meter| watch_all(meter, ears));
        watch.is_long = ears > 100;
        let broadcast = list.add(format!("mt4/broadcast_{ears}"), move |meter| broadcast_all(meter, ears));
        broadcast.is_long = ears > 100;
    }
}

/// Every task hears every version: the next one comes when all have heard the last. Each subscribes anew each time.
fn watch_all(meter: &mut Meter, ears: usize) {
    let runtime = build(multi()[0]);
    let (sender, _) = watch::channel(0);
    let sender = Arc::new(sender);
    let (heard, all_heard) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    for _ in 0..ears {
        let (sender, heard, all_heard) = (sender.clone(), heard.clone(), all_heard.clone());
        runtime.spawn(async move {
            loop {
                let mut receiver = sender.subscribe();
                if heard.fetch_add(1, Relaxed) + 1 == ears {
                    all_heard.notify_one();
                }
                receiver.changed().await.expect("the sender is there");
            }
        });
    }
    // All have subscribed.
    runtime.block_on(all_heard.notified());
    meter.repeat((SAID * ears) as u32, || {
        runtime.block_on(async {
            for i in 0..SAID {
                heard.store(0, Relaxed);
                sender.send(i).expect("somebody hears it");
                all_heard.notified().await;
            }
        });
    });
}

/// Said as fast as it goes, into a channel that holds it all.
fn broadcast_all(meter: &mut Meter, ears: usize) {
    let runtime = build(multi()[0]);
    meter.repeat((SAID * ears) as u32, || {
        runtime.block_on(async {
            let (sender, _) = broadcast::channel(1_000);
            let mut listeners = JoinSet::new();
            for _ in 0..ears {
                let mut receiver = sender.subscribe();
                listeners.spawn(async move { while receiver.recv().await.is_ok() {} });
            }
            for i in 0..SAID {
                sender.send(i).expect("somebody hears it");
            }
            drop(sender);
            while let Some(done) = listeners.join_next().await {
                done.expect("the task does not fail");
            }
        });
    });
}
