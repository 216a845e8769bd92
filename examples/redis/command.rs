//! [`Command`]: a request that makes sense, made from a frame; or the reply that says why it does not.

use std::time::Duration;

use bytes::Bytes;
use mini_tokio::time::Instant;

use crate::db::{Condition, Lifetime, parse_number};
use crate::frame::Frame;

#[derive(Debug)]
pub enum Command {
    Ping(Option<Bytes>),
    Echo(Bytes),
    Get(Bytes),
    Set {
        key: Bytes,
        value: Bytes,
        condition: Condition,
        lifetime: Lifetime,
    },
    Del(Vec<Bytes>),
    Incr(Bytes),
    Ttl(Bytes),
    DbSize,
    Publish {
        channel: Bytes,
        payload: Bytes,
    },
    Subscribe(Vec<Bytes>),
    /// From these channels; from all if there is none.
    Unsubscribe(Vec<Bytes>),
    /// What a client asks at its start, with the answer that does not depend on anything.
    Fixed(Frame),
    Quit,
}

/// An error reply. The connection goes on.
pub type Refusal = Frame;

const NOT_A_NUMBER: &str = "ERR value is not an integer or out of range";
const SYNTAX: &str = "ERR syntax error";

impl Command {
    /// Reads a request.
    ///
    /// # Errors
    ///
    /// The reply to send, with the words that Redis has for it.
    pub fn from_words(mut words: Vec<Bytes>) -> Result<Self, Refusal> {
        let name = String::from_utf8_lossy(&words.remove(0)).to_ascii_lowercase();
        let mut words = Words { rest: words.into_iter(), name: &name };
        let command = match name.as_str() {
            "ping" => Self::Ping(words.rest.next()),
            "echo" => Self::Echo(words.next()?),
            "get" => Self::Get(words.next()?),
            "set" => Self::set(&mut words)?,
            "del" => Self::Del(words.at_least_one()?),
            "incr" => Self::Incr(words.next()?),
            "ttl" => Self::Ttl(words.next()?),
            "dbsize" => Self::DbSize,
            "publish" => Self::Publish { channel: words.next()?, payload: words.next()? },
            "subscribe" => Self::Subscribe(words.at_least_one()?),
            "unsubscribe" => Self::Unsubscribe(words.rest.by_ref().collect()),
            "quit" => Self::Quit,
            _ => Self::Fixed(at_start(&name, &mut words)?),
        };
        words.finish()?;
        Ok(command)
    }

    /// `SET key value [NX | XX] [EX seconds | PX milliseconds | KEEPTTL]`
    fn set(words: &mut Words<'_>) -> Result<Self, Refusal> {
        let (key, value) = (words.next()?, words.next()?);
        let (mut condition, mut lifetime) = (Condition::Always, Lifetime::Forever);
        while let Some(option) = words.rest.next() {
            let option = option.to_ascii_uppercase();
            match option.as_slice() {
                b"NX" if condition == Condition::Always => condition = Condition::IfAbsent,
                b"XX" if condition == Condition::Always => condition = Condition::IfPresent,
                b"KEEPTTL" if lifetime == Lifetime::Forever => lifetime = Lifetime::AsBefore,
                b"EX" | b"PX" if lifetime == Lifetime::Forever => {
                    let number = words.rest.next().ok_or_else(|| error(SYNTAX))?;
                    lifetime = Lifetime::Until(deadline(&number, option == b"EX")?);
                }
                _ => return Err(error(SYNTAX)),
            }
        }
        Ok(Self::Set { key, value, condition, lifetime })
    }
}

fn deadline(number: &[u8], in_seconds: bool) -> Result<Instant, Refusal> {
    let number = parse_number(number).ok_or_else(|| error(NOT_A_NUMBER))?;
    let length = match u64::try_from(number) {
        Ok(number) if number > 0 && in_seconds => Some(Duration::from_secs(number)),
        Ok(number) if number > 0 => Some(Duration::from_millis(number)),
        _ => None,
    };
    let deadline = length.and_then(|length| Instant::now().checked_add(length));
    deadline.ok_or_else(|| error("ERR invalid expire time in 'set' command"))
}

/// What `redis-cli`, `redis-benchmark` and client libraries say before they come to the point.
fn at_start(name: &str, words: &mut Words<'_>) -> Result<Frame, Refusal> {
    let arguments: Vec<_> = words.rest.by_ref().map(|word| String::from_utf8_lossy(&word).to_lowercase()).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match (name, arguments.as_slice()) {
        // The list of commands, from which `redis-cli` makes its hints. No list, no hints.
        ("command", ["count"]) => Ok(Frame::Integer(0)),
        ("command", _) => Ok(Frame::Array(Vec::new())),
        // Nothing is ever written to disk.
        ("config", ["get", "save"]) => Ok(pairs(&[("save", "")])),
        ("config", ["get", "appendonly"]) => Ok(pairs(&[("appendonly", "no")])),
        ("config", ["get", _]) => Ok(Frame::Array(Vec::new())),
        ("hello", [] | ["2"]) => Ok(pairs(&[("server", "redis"), ("proto", "2"), ("mode", "standalone")])),
        ("hello", _) => Err(error("NOPROTO unsupported protocol version")),
        ("info", _) => Ok(Frame::bulk("# Server\r\nredis_version:7.0.0\r\nredis_mode:standalone\r\n")),
        ("client", ["setname", _] | ["setinfo", _, _]) | ("select", ["0"]) => Ok(Frame::Simple("OK")),
        ("select", [_]) => Err(error("ERR DB index is out of range")),
        ("config" | "client", [other, ..]) => {
            Err(Frame::Error(format!("ERR unknown subcommand '{}'", printable(other))))
        }
        ("config" | "client" | "select", []) => Err(wrong_number(name)),
        _ => Err(Frame::Error(format!("ERR unknown command '{}'", printable(name)))),
    }
}

/// The words behind a command's name.
struct Words<'a> {
    rest: std::vec::IntoIter<Bytes>,
    name: &'a str,
}

impl Words<'_> {
    fn next(&mut self) -> Result<Bytes, Refusal> {
        self.rest.next().ok_or_else(|| wrong_number(self.name))
    }

    fn at_least_one(&mut self) -> Result<Vec<Bytes>, Refusal> {
        let words: Vec<_> = self.rest.by_ref().collect();
        if words.is_empty() { Err(wrong_number(self.name)) } else { Ok(words) }
    }

    fn finish(&mut self) -> Result<(), Refusal> {
        if self.rest.next().is_some() { Err(wrong_number(self.name)) } else { Ok(()) }
    }
}

fn wrong_number(name: &str) -> Refusal {
    Frame::Error(format!("ERR wrong number of arguments for '{name}' command"))
}

fn error(text: &str) -> Refusal {
    Frame::Error(text.to_owned())
}

/// An error reply is one line: what it cites must not break it.
fn printable(text: &str) -> String {
    text.chars().take(64).flat_map(char::escape_debug).collect()
}

/// A map, as RESP 2 writes it.
fn pairs(pairs: &[(&'static str, &'static str)]) -> Frame {
    Frame::Array(pairs.iter().flat_map(|(key, value)| [Frame::bulk(*key), Frame::bulk(*value)]).collect())
}
