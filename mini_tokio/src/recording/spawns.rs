//! The events of spawns. Mostly it is the next task, spawned by the one that runs here, at the place of the spawn before it.

use super::fields;
use super::format;
use super::record;
use super::recorder::{Kind, Recorder, Track};
use crate::context;
use crate::scheduler::event::{Event, Queue, Site};
use crate::task::{Header, Id};

impl Track {
    /// Tells a spawn of which only the second number is not 0. False if there is more to tell, to do or to look at; then nothing is
    /// changed.
    #[inline(always)]
    pub(crate) fn spawned(&self, task: &Header, by: Option<Id>, queue: Option<Queue>) -> bool {
        let Some(site) = self.last_site(format::key_of(&Site::from(task.spawned_at))) else { return false };
        let second = fields::spawned(site, queue, by.is_none());
        let is_known = by.is_none_or(|by| self.refs.is_running(by.0.get()));
        let nothing_else = is_known && task.name.is_none() && second < 0x80 && !self.fold.holds();
        if !nothing_else || !self.is_plain() || !self.refs.tell_newest(task.id.0.get()) {
            return false;
        }
        self.put(record::pair(record::SPAWNED, 0, second), record::PAIR);
        true
    }
}

impl Recorder {
    /// `task` has been made by `spawn`, and nobody else knows it yet.
    ///
    /// It is about to be pushed to `queue`, if the runtime takes it; that is told along, in one record if it has no name.
    #[cold]
    #[inline(never)]
    pub(crate) fn spawned(&self, worker: Option<usize>, task: &Header, by: Option<Id>, queue: Option<Queue>) {
        let (id, at) = (task.id, Site::from(task.spawned_at));
        if self.kind == Kind::Exact || task.name.is_some() {
            self.record(worker, || Event::Spawned { task: id, by, at });
            self.named(worker, task);
            return queue.into_iter().for_each(|queue| self.record(worker, || Event::Pushed { task: id, queue }));
        }
        let (_outside, track) = self.track(worker);
        // Outside the lane's time may be that of another thread, long before the one who spawns began to run.
        let is_strange = worker.is_none() && by.is_some();
        if worker.is_none() && !is_strange && track.spawned(task, by, queue) {
            return;
        }
        self.unfold(track);
        let stamp = if is_strange { Some(self.clock.after()) } else { track.may_look().then(|| self.clock.before()) };
        let site = self.site(track, &at);
        let time = stamp.map(|stamp| track.looked(stamp));
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
