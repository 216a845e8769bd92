//! A worker whose sockets speak looks at them again before it goes the way to sleep.

use mini_tokio::io::{AsyncReadExt, AsyncWriteExt};
use mini_tokio::net::{TcpListener, TcpStream};
use mini_tokio::runtime::Builder;

const TRIPS: u64 = 1_000;

#[test]
fn a_thread_that_talks_to_itself_through_sockets_hardly_ever_parks() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut far, _) = listener.accept().await.unwrap();
        near.set_nodelay(true).and(far.set_nodelay(true)).unwrap();
        mini_tokio::spawn(async move {
            let mut byte = [0];
            while far.read_exact(&mut byte).await.is_ok() {
                far.write_all(&byte).await.unwrap();
            }
        });
        let mut byte = [7];
        for _ in 0..TRIPS {
            near.write_all(&byte).await.unwrap();
            near.read_exact(&mut byte).await.unwrap();
        }
    });
    // Without the look it would be twice for each trip: once for each end of the connection.
    let parks = runtime.metrics().worker_park_count(0);
    assert!(parks < TRIPS, "parked {parks} times");
}
