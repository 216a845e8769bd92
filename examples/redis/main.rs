//! A small Redis server: what a real program on the runtime looks like.
//!
//! ```sh
//! cargo run --release --example redis -- --port 6380
//! redis-cli -p 6380 set greeting hello ex 60
//! redis-benchmark -p 6380 -t set,get -P 16 -c 50 -q
//! ```
//!
//! Read `frame` (the protocol), `connection` (frames over a socket), `db` and `pubsub` (what is shared), `command` (requests),
//! `session` (a client's life), and then this file, which ties them together.
//!
//! ```text
//!   accept loop ──spawn──▶ a session a client ──▶ Db: 16 locked maps  ◀── purge task
//!                                            └──▶ PubSub: mailboxes
//! ```
//!
//! Left out: persistence, replication, all data types but strings, passwords. It listens on 127.0.0.1 unless told otherwise.

mod command;
mod connection;
mod db;
mod frame;
mod pubsub;
mod session;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use mini_tokio::net::TcpListener;
use mini_tokio::runtime::Builder;
use mini_tokio::{task, time};

use crate::db::Db;
use crate::pubsub::PubSub;
use crate::session::Store;

/// A small Redis server on mini_tokio.
#[derive(Parser)]
struct Arguments {
    /// The port to listen on; 0 lets the system choose one, which is printed.
    #[arg(long, default_value_t = 6379)]
    port: u16,
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    bind: IpAddr,
    /// How many workers the runtime has; one a core unless given.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    workers: Option<u16>,
    /// Say why connections end.
    #[arg(long)]
    verbose: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut builder = Builder::new_multi_thread();
    if let Some(workers) = arguments.workers {
        builder.worker_threads(workers.into());
    }
    let served = builder.enable_all().build().and_then(|runtime| runtime.block_on(listen(&arguments)));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("redis: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn listen(arguments: &Arguments) -> io::Result<()> {
    let address = SocketAddr::new(arguments.bind, arguments.port);
    let listener = TcpListener::bind(address).await.map_err(|error| examples::explain_bind(address, error))?;
    println!("redis: listening on {}", listener.local_addr()?);
    let store = Store { db: Db::new(), pubsub: PubSub::new() };
    task::spawn(db::purge_expired(store.db.clone()));
    accept(listener, store, arguments.verbose).await
}

// ANCHOR: redis-accept
/// A task for every client that comes.
async fn accept(listener: TcpListener, store: Store, verbose: bool) -> io::Result<()> {
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Most likely there are no descriptors left. Clients leave; a loop without a pause would only burn.
                eprintln!("redis: cannot accept a connection: {error}");
                time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let store = store.clone();
        task::spawn(async move {
            if let Err(error) = session::serve(stream, store).await
                && verbose
            {
                eprintln!("redis: {peer}: {error}");
            }
        });
    }
}
