//! A web server for the files of a directory: sockets, files, a signal and an end in good order, in one program.
//!
//! ```sh
//! cargo run --release --example http_files -- docs/src --port 8080
//! curl -i http://127.0.0.1:8080/timer.md
//! ```
//!
//! Read `request` (what the client says), `reply` (what it gets), then this file.
//!
//! ```text
//!   accept loop ──spawn──▶ a task a connection:  request ─▶ open ─▶ head ─▶ copy ─┐
//!      │                                            ▲                             │ keep-alive
//!   Ctrl-C ──cancel──▶ idle connections end         └─────────────────────────────┘
//! ```
//!
//! HTTP/1.1 with GET, HEAD and keep-alive, and no more of it: no ranges, no caching, no TLS, no bodies of requests. For the
//! whole of HTTP run hyper on the crate in `compat/`.

mod reply;
mod request;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use mini_tokio::io::BufReader;
use mini_tokio::net::{TcpListener, TcpStream};
use mini_tokio::runtime::Builder;
use mini_tokio::util::{CancellationToken, TaskTracker};
use mini_tokio::{select, signal, time};

use crate::request::{Incoming, Request};

/// Serves the files of a directory over HTTP, on mini_tokio.
#[derive(Parser)]
struct Arguments {
    /// The directory whose files are served
    #[arg(default_value = ".")]
    directory: PathBuf,
    /// The port to listen on; 0 lets the system choose one, which is printed
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    bind: IpAddr,
    /// Say why connections end
    #[arg(long)]
    verbose: bool,
}

/// How long a client may take to send a request.
const PATIENCE: Duration = Duration::from_secs(30);

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let served =
        Builder::new_multi_thread().enable_all().build().and_then(|runtime| runtime.block_on(listen(arguments)));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("http_files: {error}");
            ExitCode::FAILURE
        }
    }
}

// ANCHOR: http-files-listen
async fn listen(arguments: Arguments) -> io::Result<()> {
    let root: Arc<Path> = mini_tokio::fs::canonicalize(&arguments.directory)
        .await
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", arguments.directory.display())))?
        .into();
    let address = SocketAddr::new(arguments.bind, arguments.port);
    let listener = TcpListener::bind(address).await.map_err(|error| examples::explain_bind(address, error))?;
    println!("http_files: serving {} at http://{}", root.display(), listener.local_addr()?);

    let (connections, end) = (TaskTracker::new(), CancellationToken::new());
    loop {
        let accepted = select! {
            accepted = listener.accept() => accepted,
            pressed = signal::ctrl_c() => break pressed?,
        };
        let Ok((stream, peer)) = accepted else {
            // Most likely there are no descriptors left. Connections end; a loop without a pause would only burn.
            time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let (root, end) = (root.clone(), end.clone());
        connections.spawn(async move {
            if let Err(error) = serve(stream, &root, &end).await
                && arguments.verbose
            {
                eprintln!("http_files: {peer}: {error}");
            }
        });
    }
    println!("http_files: finishing what was begun; once more Ctrl-C to stop at once");
    end.cancel();
    connections.close();
    select! {
        () = connections.wait() => Ok(()),
        pressed = signal::ctrl_c() => pressed,
    }
}

/// One connection: requests and replies in turn, until either side has had enough.
// ANCHOR: http-files-serve
async fn serve(stream: TcpStream, root: &Path, end: &CancellationToken) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    loop {
        // Only here, between requests, may the server's end interrupt.
        let incoming = select! {
            incoming = time::timeout(PATIENCE, Request::read(&mut stream)) => incoming,
            () = end.cancelled() => return Ok(()),
        };
        match incoming {
            Err(_) | Ok(Ok(Incoming::End)) => return Ok(()),
            Ok(Ok(Incoming::Nonsense)) => return reply::refuse(stream.get_mut(), reply::BAD_REQUEST).await,
            Ok(Ok(Incoming::Request(request))) => {
                let stays = reply::answer(stream.get_mut(), &request, root).await?;
                if !stays || !request.keep_alive || end.is_cancelled() {
                    return Ok(());
                }
            }
            Ok(Err(error)) => return Err(error),
        }
    }
}
