//! [`Request`]: what a client asks for, read off its connection.

use std::io;

use mini_tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

/// The longest head of a request that is listened to.
const MOST: u64 = 8 * 1024;

/// A request without a body.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    /// Decoded, without what follows a `?`.
    pub path: String,
    /// Whether the client wants to ask for more on this connection.
    pub keep_alive: bool,
}

/// What comes from a client.
#[derive(Debug, PartialEq, Eq)]
pub enum Incoming {
    Request(Request),
    /// The client has closed the connection between two requests.
    End,
    /// Something else than a request that we understand.
    Nonsense,
}

impl Request {
    /// Reads one request. It is not cancel safe, and need not be: whoever drops it gives the connection up.
    pub async fn read(connection: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Incoming> {
        let mut head = connection.take(MOST);
        let mut line = String::new();
        if head.read_line(&mut line).await? == 0 {
            return Ok(Incoming::End);
        }
        let mut words = line.split_ascii_whitespace();
        let (Some(method), Some(target), Some(version)) = (words.next(), words.next(), words.next()) else {
            return Ok(Incoming::Nonsense);
        };
        let (method, path) = (method.to_owned(), decode(target.split(['?', '#']).next().unwrap_or_default()));
        let is_http = version.starts_with("HTTP/1.");
        let mut keep_alive = version == "HTTP/1.1";
        loop {
            line.clear();
            if head.read_line(&mut line).await? == 0 {
                return Ok(Incoming::Nonsense); // too long, or cut off
            }
            let Some((name, value)) = line.trim_end().split_once(':') else {
                break;
            };
            let value = value.trim();
            if name.eq_ignore_ascii_case("connection") {
                keep_alive =
                    !value.eq_ignore_ascii_case("close") && (keep_alive || value.eq_ignore_ascii_case("keep-alive"));
            }
            let has_body = name.eq_ignore_ascii_case("content-length") && value != "0"
                || name.eq_ignore_ascii_case("transfer-encoding");
            if has_body {
                return Ok(Incoming::Nonsense); // we would take the body for the next request
            }
        }
        Ok(match path {
            Some(path) if is_http && line.trim_end().is_empty() => {
                Incoming::Request(Request { method, path, keep_alive })
            }
            _ => Incoming::Nonsense,
        })
    }
}

/// Replaces `%41` by `A`. `None` if that leaves something that is no text, or has a zero in it.
fn decode(path: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        let byte = if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
        } else {
            byte
        };
        bytes.push(byte);
    }
    String::from_utf8(bytes).ok().filter(|path| !path.contains('\0'))
}

#[cfg(test)]
mod tests {
    use mini_tokio::io::BufReader;
    use mini_tokio::runtime::Builder;
    use mini_tokio::util::io::Builder as Script;

    use super::*;

    fn read(head: &str) -> Incoming {
        let connection = Script::new().read(head.as_bytes()).build();
        let runtime = Builder::new_current_thread().build().unwrap();
        runtime.block_on(Request::read(&mut BufReader::new(connection))).unwrap()
    }

    #[test]
    fn a_request_is_understood() {
        let expected = Request { method: "GET".into(), path: "/a b".into(), keep_alive: true };
        assert_eq!(read("GET /a%20b?c=d HTTP/1.1\r\nHost: x\r\n\r\n"), Incoming::Request(expected));
    }

    #[test]
    fn the_connection_stays_if_both_are_willing() {
        let stays = |head| match read(head) {
            Incoming::Request(request) => request.keep_alive,
            other => panic!("{other:?}"),
        };
        assert!(stays("GET / HTTP/1.1\r\n\r\n"));
        assert!(!stays("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"));
        assert!(!stays("GET / HTTP/1.0\r\n\r\n"));
        assert!(stays("GET / HTTP/1.0\r\nconnection: Keep-Alive\r\n\r\n"));
    }

    #[test]
    fn nonsense_is_told_from_the_end() {
        assert_eq!(read(""), Incoming::End);
        for head in [
            "hello\r\n\r\n",
            "GET /\r\n\r\n",
            "GET / HTTP/1.1\r\nHost",
            "GET /%zz HTTP/1.1\r\n\r\n",
            "GET /%00 HTTP/1.1\r\n\r\n",
            "PUT / HTTP/1.1\r\nContent-Length: 1\r\n\r\n",
        ] {
            assert_eq!(read(head), Incoming::Nonsense, "{head:?}");
        }
    }
}
