//! Sends lines to the server of `lines_server.rs`, many at once, and reads them back.
//!
//! `lines_client ADDRESS SECONDS TASKS`. Writing and reading are two halves that run at the same time: a client that wrote
//! everything first would wait for a server that waits for it.

mod load;

use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use load::{Failure, Load};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::Mutex;
use tokio_util::codec::{FramedRead, FramedWrite, LinesCodec};

type Halves = (FramedRead<OwnedReadHalf, LinesCodec>, FramedWrite<OwnedWriteHalf, LinesCodec>);

const AT_ONCE: u64 = 32;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let load = Load::from_arguments()?;
    load.run(|task| async move {
        let (read, write) = TcpStream::connect(load.address).await?.into_split();
        let halves = (FramedRead::new(read, LinesCodec::new()), FramedWrite::new(write, LinesCodec::new()));
        let halves = Arc::new(Mutex::new(halves));
        Ok(move |round| {
            let halves = halves.clone();
            async move { ask(&mut *halves.lock().await, task, round).await }
        })
    })
    .await
}

async fn ask((read, write): &mut Halves, task: u64, round: u64) -> Result<u64, Failure> {
    let line = |number: u64| format!("task {task} round {round} {}", "x".repeat((number * 97 % 3000) as usize));
    let writing = async {
        for number in 0..AT_ONCE {
            write.feed(line(number)).await?;
        }
        Ok::<_, Failure>(SinkExt::<String>::flush(write).await?)
    };
    let reading = async {
        for number in 0..AT_ONCE {
            let found = read.next().await.ok_or("the server has closed the connection")??;
            if found != line(number).to_uppercase() {
                return Err(format!("{found:?} instead of line {number}").into());
            }
        }
        Ok(())
    };
    tokio::try_join!(writing, reading)?;
    Ok(AT_ONCE)
}
