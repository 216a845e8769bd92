//! The workloads: what a runtime is measured with.
//!
//! Their parameters are those of tokio's own benchmarks, so that numbers can be compared with what is published; names and
//! counts are the same, the code is ours.
//!
//! # Names
//!
//! `mt4/ping_pong@task`: the shape, the workload, the root's place. `ct` is the current-thread runtime, `mt4` the multi-thread
//! one with 4 workers, as tokio's benchmarks have it. As many workers as this machine has cores come beside it, where that is
//! another number. `@task` is a root that was spawned; without it, `block_on` polls the root itself.

use std::panic::Location;

use crate::meter::Meter;
use crate::rt::{Rt, Shape};

mod busy;
mod chained;
pub mod channels;
mod growth;
mod many;
mod ping_pong;
mod remote;
mod root;
mod spawn;
mod yields;

/// One measurement of one contender.
pub struct Workload {
    pub name: String,
    /// Where its code is, from the project's root.
    pub file: &'static str,
    /// No more rounds than this: what it measures hardly varies, or takes long.
    pub max_rounds: usize,
    /// Too long for a first look.
    pub is_long: bool,
    /// A point of a curve, which `scale` draws; not in the comparison.
    pub is_scale: bool,
    pub run: Box<dyn Fn(&mut Meter)>,
}

impl Workload {
    /// With as few rounds as a verdict needs.
    pub fn few_rounds(&mut self) -> &mut Self {
        self.max_rounds = crate::statistics::MIN_FOR_INTERVAL;
        self
    }

    pub fn long(&mut self) -> &mut Self {
        self.is_long = true;
        self
    }

    pub fn scale(&mut self) -> &mut Self {
        self.is_scale = true;
        self
    }
}

/// What one contender takes part in.
#[derive(Default)]
pub struct List(pub Vec<Workload>);

impl List {
    /// The file that calls this is where the code is.
    #[track_caller]
    pub fn add(&mut self, name: impl Into<String>, run: impl Fn(&mut Meter) + 'static) -> &mut Workload {
        let file = Location::caller().file();
        let (name, run) = (name.into(), Box::new(run));
        assert!(self.find(&name).is_none(), "{name} is there twice");
        self.0.push(Workload { name, file, max_rounds: usize::MAX, is_long: false, is_scale: false, run });
        self.0.last_mut().expect("it was just added")
    }

    pub fn find(&self, name: &str) -> Option<&Workload> {
        self.0.iter().find(|workload| workload.name == name)
    }
}

/// As many workers as this machine has cores.
pub fn cores() -> Shape {
    Shape::multi_thread(std::thread::available_parallelism().map_or(1, usize::from))
}

/// Four workers, and as many as cores.
pub fn multi() -> Vec<Shape> {
    let four = Shape::multi_thread(4);
    if cores() == four { vec![four] } else { vec![four, cores()] }
}

/// What needs tasks only, on any executor.
pub fn of_tasks<R: Rt>() -> List {
    let mut list = List::default();
    let one = Shape::multi_thread(1);
    let (single, mut all) = if R::HAS_CURRENT_THREAD {
        (vec![Shape::CURRENT_THREAD, one], vec![Shape::CURRENT_THREAD])
    } else {
        (vec![one], Vec::new())
    };
    all.extend(multi());
    for shape in single {
        spawn::list::<R>(&mut list, shape);
        root::list::<R>(&mut list, shape);
    }
    for shape in all {
        many::list::<R>(&mut list, shape);
        ping_pong::list::<R>(&mut list, shape);
        yields::list::<R>(&mut list, shape);
        chained::list::<R>(&mut list, shape);
        if shape.workers.is_some() {
            busy::list::<R>(&mut list, shape);
            remote::list::<R>(&mut list, shape);
        }
    }
    growth::list::<R>(&mut list);
    list
}

/// Both places of a root that make a difference: on one thread there is hardly one.
pub fn roots(shape: Shape) -> &'static [crate::rt::Root] {
    use crate::rt::Root::{Outside, Task};
    if shape.workers.is_some() { &[Outside, Task] } else { &[Outside] }
}
