//! A client of hyper's that asks the server of `http_server.rs` for everything that it has, and reads every answer.
//!
//! `http_client ADDRESS SECONDS TASKS`. All tasks share the client, and with it its pool of connections.

mod load;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use load::{Failure, Load};

type Http = Client<HttpConnector, Full<Bytes>>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let load = Load::from_arguments()?;
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let http: Http = Client::builder(TokioExecutor::new()).build(connector);
    let root = format!("http://{}", load.address);
    load.run(|task| {
        let (http, root) = (http.clone(), root.clone());
        async move {
            Ok(move |round| {
                let (http, root) = (http.clone(), root.clone());
                async move {
                    let body = body(task, round);
                    let lines: String = (0..round % 50).map(|line| format!("{line}\n")).collect();
                    expect(&http, &format!("{root}/"), None, b"hello\n").await?;
                    expect(&http, &format!("{root}/echo"), Some(body.clone()), &body).await?;
                    expect(&http, &format!("{root}/lines/{}", round % 50), None, lines.as_bytes()).await?;
                    expect(&http, &format!("{root}/sleep/{}", round % 3), None, b"slept\n").await?;
                    Ok(4)
                }
            })
        }
    })
    .await
}

/// Bytes that no other request sends; of many lengths, some of them more than a socket takes at once.
fn body(task: u64, round: u64) -> Bytes {
    let length = if round % 100 == 99 { 1 << 20 } else { (task * 31 + round * 7) % 5000 };
    format!("{task} {round} ").bytes().cycle().take(length as usize).collect()
}

/// Sends a request, with a body if there is one, and compares the answer.
async fn expect(http: &Http, uri: &str, body: Option<Bytes>, expected: &[u8]) -> Result<(), Failure> {
    let method = if body.is_some() { "POST" } else { "GET" };
    let request = Request::builder().method(method).uri(uri).body(Full::new(body.unwrap_or_default()))?;
    let answer = http.request(request).await?;
    let status = answer.status();
    let found = answer.into_body().collect().await?.to_bytes();
    if status != StatusCode::OK || found != expected {
        return Err(format!("{method} {uri}: {status}, {} bytes instead of {}", found.len(), expected.len()).into());
    }
    Ok(())
}
