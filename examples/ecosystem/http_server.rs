//! A web server of axum's, and with it of hyper's, as anybody would write it for tokio.
//!
//! ```sh
//! cargo run --release --bin http_server -- 8080
//! curl http://127.0.0.1:8080/
//! ```
//!
//! | request | answer |
//! |---|---|
//! | `GET /` | `hello` |
//! | `POST /echo` | the body of the request |
//! | `GET /sleep/MILLISECONDS` | `slept`, that much later |
//! | `GET /lines/COUNT` | so many lines, each a chunk, made by a task while the answer is on its way |
//! | `GET /served` | how many of the requests above were served |
//!
//! The port may be 0: the system then chooses one. The program prints its address, and ends with Ctrl-C after the answers
//! that are under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::{signal, sync::mpsc, time};
use tokio_stream::wrappers::ReceiverStream;

type Served = Arc<AtomicU64>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).map_or(Ok(8080), |port| port.parse::<u16>())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on {}", listener.local_addr()?);
    let served = Served::default();
    let app = Router::new()
        .route("/", get(async || "hello\n"))
        .route("/echo", post(async |body: Bytes| body))
        .route("/sleep/{milliseconds}", get(sleep))
        .route("/lines/{count}", get(lines))
        .layer(from_fn_with_state(served.clone(), count))
        .route("/served", get(async |State(served): State<Served>| format!("{}\n", served.load(Ordering::Relaxed))))
        .with_state(served);
    // A chunk waits for nobody's acknowledgement.
    let listener = listener.tap_io(|connection| connection.set_nodelay(true).expect("it is a TCP socket"));
    axum::serve(listener, app).with_graceful_shutdown(interrupted()).await?;
    println!("ended in good order");
    Ok(())
}

async fn interrupted() {
    signal::ctrl_c().await.expect("signals can be listened to");
}

async fn count(State(served): State<Served>, request: Request, next: Next) -> Response {
    served.fetch_add(1, Ordering::Relaxed);
    next.run(request).await
}

async fn sleep(Path(milliseconds): Path<u64>) -> &'static str {
    time::sleep(Duration::from_millis(milliseconds)).await;
    "slept\n"
}

/// A channel of one: the task is always waiting for the connection, or the connection for it.
async fn lines(Path(count): Path<u64>) -> Body {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        for line in 0..count {
            // The client may have gone.
            if sender.send(Ok::<_, std::convert::Infallible>(format!("{line}\n"))).await.is_err() {
                break;
            }
        }
    });
    Body::from_stream(ReceiverStream::new(receiver))
}
