//! A client of mini-redis's: each task writes, reads, and publishes to a task that subscribed.
//!
//! `redis_client ADDRESS SECONDS TASKS`; the server is mini-redis's own program, `mini-redis-server`.

mod load;

use std::time::Duration;

use load::{Failure, Load};
use mini_redis::client::{Client, Subscriber, connect};
use std::sync::Arc;
use tokio::sync::Mutex;

/// The connections of one task.
struct Connections {
    client: Client,
    subscriber: Subscriber,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let load = Load::from_arguments()?;
    load.run(|task| async move {
        let subscriber = connect(load.address).await?.subscribe(vec![format!("news of {task}")]).await?;
        let connections = Connections { client: connect(load.address).await?, subscriber };
        let connections = Arc::new(Mutex::new(connections));
        Ok(move |round| {
            let connections = connections.clone();
            async move { ask(&mut *connections.lock().await, task, round).await }
        })
    })
    .await
}

async fn ask(Connections { client, subscriber }: &mut Connections, task: u64, round: u64) -> Result<u64, Failure> {
    let (key, value) = (format!("{task}:{}", round % 100), format!("{task} {round}"));
    // Those that expire give the server's own task something to do meanwhile.
    match round % 4 {
        0 => client.set_expires(&key, value.clone().into(), Duration::from_secs(60)).await?,
        _ => client.set(&key, value.clone().into()).await?,
    }
    let found = client.get(&key).await?;
    if found.as_deref() != Some(value.as_bytes()) {
        return Err(format!("{key} is {found:?} instead of {value:?}").into());
    }
    let reached = client.publish(&format!("news of {task}"), value.clone().into()).await?;
    let message = subscriber.next_message().await?;
    match message {
        Some(message) if reached == 1 && message.content == value.as_bytes() => Ok(3),
        other => Err(format!("{reached} subscribers got {other:?} instead of {value:?}").into()),
    }
}
