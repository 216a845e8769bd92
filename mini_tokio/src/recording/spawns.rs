//! The events of spawns. Mostly it is the next task, spawned by the one that runs here, at the place of the spawn before it.

use super::fields;
use super::format;
use super::record;
use super::recorder::{Recorder, Track};
use crate::context;
use crate::scheduler::event::{Event, Queue, Site};
use crate::task::{Header, Id};

impl Recorder {
    /// `task` has been made by `spawn`, and nobody else knows it yet.
    ///
    /// It is about to be pushed to `queue`, if the runtime takes it; that is told along, in one record if it has no name.
    #[inline(always)]
    pub(crate) fn spawned(&self, worker: Option<usize>, task: &Header, queue: Option<Queue>) {
        let by = context::current_task();
        if !worker.is_some_and(|worker| tell_in_short(&self.tracks[worker], task, by, queue)) {
            self.spawned_at_length(worker, task, by, queue);
        }
    }

    #[inline(never)]
    fn spawned_at_length(&self, worker: Option<usize>, task: &Header, by: Option<Id>, queue: Option<Queue>) {
        let (id, at) = (task.id, Site::from(task.spawned_at));
        if self.exact || task.name.is_some() {
            self.record(worker, || Event::Spawned { task: id, by, at });
            self.named(worker, task);
            return queue.into_iter().for_each(|queue| self.record(worker, || Event::Pushed { task: id, queue }));
        }
        let (_outside, track) = self.track(worker);
        // Outside the lane's time may be that of another thread, long before the one who spawns began to run.
        let is_strange = worker.is_none() && by.is_some();
        if worker.is_none() && !is_strange && tell_in_short(track, task, by, queue) {
            return;
        }
        self.unfold(track);
        let stamp =
            if is_strange { Some(self.clock.after()) } else { track.purse.may_look().then(|| self.clock.before()) };
        let site = self.site(track, &at);
        let time = stamp.map(|stamp| track.purse.looked(stamp));
        self.put(track, record::SPAWNED, time, fields::encode_spawned(id, by, site, queue, &track.refs));
    }

    /// `job` is a closure for the blocking pool, which does not know it yet.
    pub(crate) fn job(&self, worker: Option<usize>, job: &Header) {
        self.record(worker, || Event::BlockingJob {
            task: job.id,
            by: context::current_task(),
            at: job.spawned_at.into(),
        });
        self.named(worker, job);
    }

    #[inline(always)]
    fn named(&self, worker: Option<usize>, task: &Header) {
        if let Some(name) = &task.name {
            self.tell_name(worker, task.id, name);
        }
    }

    #[inline(never)]
    fn tell_name(&self, worker: Option<usize>, task: Id, name: &str) {
        self.record(worker, || Event::Named { task, name: name.into() });
    }
}

/// Tells a spawn of which only the second number is not 0. False if there is more to tell, to do or to look at; then nothing is
/// changed. (A recorder that tells exactly always looks.)
#[inline(always)]
fn tell_in_short(track: &Track, task: &Header, by: Option<Id>, queue: Option<Queue>) -> bool {
    let Some(site) = track.last_site(format::key_of(&Site::from(task.spawned_at))) else { return false };
    let second = fields::spawned(site, queue, by.is_none());
    let is_known = by.is_none_or(|by| track.refs.is_running(by.0.get()));
    let nothing_else = is_known && task.name.is_none() && second < 0x80 && !track.fold.holds() && track.has_room();
    if !nothing_else || track.purse.could_look() || !track.refs.tell_newest(task.id.0.get()) {
        return false;
    }
    track.purse.may_look(); // counted as left out
    track.put(record::pair(record::SPAWNED, 0, second), record::PAIR);
    true
}
