//! Who takes part, and in what.

use std::cell::OnceCell;

use crate::peers;
use crate::rt::{Mini, Pool, Smol, Tokio};
use crate::twice;
use crate::workloads::channels::{self, Channel};
use crate::workloads::{self, List};

/// Ours, and the one that all ratios are to.
pub const OURS: &str = "mini_tokio";
/// With its own defaults.
pub const TOKIO: &str = "tokio";
/// At the best of `Settings::CANDIDATES`, chosen for each workload by a child for each before the rounds begin.
pub const TOKIO_BEST: &str = "tokio-best";
/// Ours while it makes a recording. It takes part where it is asked for: `--against recorded`.
pub const RECORDED: &str = "recorded";

pub struct Contender {
    pub name: &'static str,
    build: fn() -> List,
    list: OnceCell<List>,
}

impl Contender {
    fn new(name: &'static str, build: fn() -> List) -> Self {
        Self { name, build, list: OnceCell::new() }
    }

    pub fn list(&self) -> &List {
        self.list.get_or_init(self.build)
    }
}

pub fn all() -> Vec<Contender> {
    vec![
        Contender::new(OURS, ours),
        Contender::new(TOKIO, tokio),
        Contender::new(TOKIO_BEST, || {
            let mut list = tokio();
            // Neither setting has a part in what a task or a connection weighs, nor in what is not done by a scheduler.
            list.0.retain(|workload| workload.name.starts_with("mt") && !workload.is_long);
            list
        }),
        Contender::new("smol", workloads::of_tasks::<Smol>),
        Contender::new("futures", workloads::of_tasks::<Pool>),
        Contender::new("async-channel", of_channels::<peers::AsyncBounded, peers::AsyncUnbounded>),
        Contender::new("flume", of_channels::<peers::FlumeBounded, peers::FlumeUnbounded>),
        Contender::new("kanal", of_channels::<peers::KanalBounded, peers::KanalUnbounded>),
        Contender::new(RECORDED, ours),
    ]
}

fn ours() -> List {
    let mut list = workloads::of_tasks::<Mini>();
    channels::list::<Mini, twice::mini::Bounded>(&mut list);
    channels::list::<Mini, twice::mini::Unbounded>(&mut list);
    twice::mini::workloads(&mut list);
    list
}

fn tokio() -> List {
    let mut list = workloads::of_tasks::<Tokio>();
    channels::list::<Tokio, twice::tokio::Bounded>(&mut list);
    channels::list::<Tokio, twice::tokio::Unbounded>(&mut list);
    twice::tokio::workloads(&mut list);
    list
}

/// Channels without a runtime of their own are run by tokio.
fn of_channels<B: Channel, U: Channel>() -> List {
    let mut list = List::default();
    channels::list::<Tokio, B>(&mut list);
    channels::list::<Tokio, U>(&mut list);
    list
}
