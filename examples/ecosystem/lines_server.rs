//! Sends lines back, in capitals: codecs and tasks of tokio-util, a stream of connections of tokio-stream.
//!
//! `lines_server PORT`; then `nc 127.0.0.1 PORT`. Ctrl-C ends all sessions, and then the program.

use std::error::Error;

use futures_util::SinkExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_util::codec::{Framed, LinesCodec};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A line that is longer is an error, and the end of its connection.
const LONGEST: usize = 100_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = std::env::args().nth(1).map_or(Ok(7000), |port| port.parse::<u16>())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on {}", listener.local_addr()?);
    let (end, sessions) = (CancellationToken::new(), TaskTracker::new());
    let mut connections = TcpListenerStream::new(listener);
    loop {
        tokio::select! {
            Some(connection) = connections.next() => {
                sessions.spawn(end.clone().run_until_cancelled_owned(session(connection?)));
            }
            interrupted = signal::ctrl_c() => break interrupted?,
        }
    }
    end.cancel();
    sessions.close();
    sessions.wait().await;
    println!("ended in good order");
    Ok(())
}

async fn session(stream: TcpStream) {
    let mut lines = Framed::new(stream, LinesCodec::new_with_max_length(LONGEST));
    while let Some(Ok(line)) = lines.next().await {
        // The client may have gone.
        if lines.send(line.to_uppercase()).await.is_err() {
            break;
        }
    }
}
