//! The Redis server of `examples/`, driven by a client of our own, and by Redis's own tools where they can be had.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use tests::examples::Running;

/// One server a test, on a port of its own. The port is the last thing on the line that says so.
fn server() -> (Running, u16) {
    let running = Running::start("redis", &["--port", "0"], "listening on");
    let port = running.line.trim().rsplit(':').next().and_then(|port| port.parse().ok());
    let port = port.unwrap_or_else(|| panic!("no port in {:?}", running.line));
    (running, port)
}

struct Client(BufReader<TcpStream>);

impl Client {
    fn connect(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(BufReader::new(stream))
    }

    fn send(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).unwrap();
    }

    /// One reply in a line: bulk strings without their length, arrays with their elements joined.
    fn reply(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        let line = line.trim_end();
        match line.split_at_checked(1) {
            Some(("$", "-1")) => "(nil)".to_owned(),
            Some(("$", length)) => {
                let mut bulk = vec![0; length.parse::<usize>().unwrap() + 2];
                self.0.read_exact(&mut bulk).unwrap();
                String::from_utf8(bulk).unwrap().trim_end().to_owned()
            }
            Some(("*", length)) => (0..length.parse().unwrap()).map(|_| self.reply()).collect::<Vec<_>>().join(" "),
            _ => line.to_owned(),
        }
    }

    fn ask(&mut self, words: &[&str]) -> String {
        self.send(&command(words));
        self.reply()
    }

    /// Whether the server has closed the connection; waits for it.
    fn is_closed(&mut self) -> bool {
        let mut rest = Vec::new();
        self.0.read_to_end(&mut rest).is_ok()
    }
}

fn command(words: &[&str]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    words.iter().for_each(|word| bytes.extend(format!("${}\r\n{word}\r\n", word.len()).into_bytes()));
    bytes
}

#[test]
fn the_commands_answer_as_redis_does() {
    let (_server, port) = server();
    let mut client = Client::connect(port);
    assert_eq!(client.ask(&["PING"]), "+PONG");
    assert_eq!(client.ask(&["ECHO", "hello"]), "hello");
    assert_eq!(client.ask(&["GET", "a"]), "(nil)");
    assert_eq!(client.ask(&["SET", "a", "1"]), "+OK");
    assert_eq!(client.ask(&["INCR", "a"]), ":2");
    assert_eq!(client.ask(&["GET", "a"]), "2");
    assert_eq!(client.ask(&["DEL", "a", "b"]), ":1");
    client.ask(&["SET", "word", "x"]);
    assert!(client.ask(&["INCR", "word"]).starts_with("-ERR"), "a word is not a number");
    assert!(client.ask(&["NONSENSE"]).starts_with("-ERR"));
    assert!(client.ask(&["GET"]).starts_with("-ERR"), "a key is missing");
    assert_eq!(client.ask(&["PING"]), "+PONG", "an error does not end the connection");
}

#[test]
fn a_value_lives_as_long_as_it_was_given_and_no_longer() {
    let (_server, port) = server();
    let mut client = Client::connect(port);
    let began = Instant::now();
    assert_eq!(client.ask(&["SET", "short", "x", "PX", "80"]), "+OK");
    assert_eq!(client.ask(&["SET", "long", "y", "EX", "1000"]), "+OK");
    while client.ask(&["GET", "short"]) == "x" {
        assert!(began.elapsed() < Duration::from_secs(30), "it never expires");
    }
    assert!(began.elapsed() >= Duration::from_millis(80), "it expired early");
    assert_eq!(client.ask(&["GET", "long"]), "y");
}

#[test]
fn frames_may_come_byte_by_byte_and_many_at_once() {
    let (_server, port) = server();
    let mut client = Client::connect(port);
    command(&["SET", "k", "split"]).chunks(1).for_each(|byte| client.send(byte));
    assert_eq!(client.reply(), "+OK");
    let many: Vec<u8> = (0..1000).flat_map(|i| command(&["ECHO", &i.to_string()])).collect();
    client.send(&many);
    for i in 0..1000 {
        assert_eq!(client.reply(), i.to_string(), "replies come in the order of the commands");
    }
}

#[test]
fn every_subscriber_gets_what_is_published() {
    let (_server, port) = server();
    let mut subscribers: Vec<_> = (0..3).map(|_| Client::connect(port)).collect();
    for subscriber in &mut subscribers {
        assert_eq!(subscriber.ask(&["SUBSCRIBE", "news"]), "subscribe news :1");
    }
    let mut publisher = Client::connect(port);
    assert_eq!(publisher.ask(&["PUBLISH", "news", "hello"]), ":3");
    assert_eq!(publisher.ask(&["PUBLISH", "elsewhere", "hello"]), ":0");
    for subscriber in &mut subscribers {
        assert_eq!(subscriber.reply(), "message news hello");
    }
}

#[test]
fn a_broken_client_harms_nobody_else() {
    let (_server, port) = server();
    let mut other = Client::connect(port);
    let mut cut = Client::connect(port);
    cut.send(b"*2\r\n$4\r\nECHO\r\n$100\r\nonly a part");
    drop(cut);
    let mut garbage = Client::connect(port);
    garbage.send(b"*1\r\n!what\r\n");
    assert!(garbage.reply().starts_with("-ERR"), "it is told why");
    assert!(garbage.is_closed());
    let mut greedy = Client::connect(port);
    greedy.send(b"*2\r\n$4\r\nECHO\r\n$99999999999\r\n");
    assert!(greedy.reply().starts_with("-ERR"), "a huge length is refused, not allocated");
    assert!(greedy.is_closed());
    assert_eq!(other.ask(&["PING"]), "+PONG");
}

/// Installs Redis's tools once; says why where that cannot be.
fn tools() -> bool {
    static TOOLS: OnceLock<bool> = OnceLock::new();
    let there = || Command::new("redis-benchmark").arg("--version").output().is_ok();
    let install = |arguments: &[&str]| Command::new("timeout").args(["120", "apt-get", "-qq"]).args(arguments).output();
    *TOOLS.get_or_init(|| {
        if !there() {
            let _ = install(&["update"]);
            let _ = install(&["install", "-y", "redis-tools"]);
        }
        there()
    })
}

/// Runs a program of Redis's; its output must not speak of an error.
fn tool(program: &str, port: u16, arguments: &[&str]) -> String {
    let Output { status, stdout, stderr } =
        Command::new(program).args(["-p", &port.to_string()]).args(arguments).output().unwrap();
    let text = String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{program} {arguments:?}: {text}");
    for complaint in ["ERR", "Error", "WARNING", "Could not"] {
        assert!(!text.contains(complaint), "{program} {arguments:?}: {text}");
    }
    text
}

#[test]
fn the_tools_of_redis_drive_the_server_without_an_error() {
    if !tools() {
        eprintln!("redis-cli and redis-benchmark cannot be had here: only our own client has driven the server");
        return;
    }
    let (_server, port) = server();
    assert_eq!(tool("redis-cli", port, &["PING"]).trim(), "PONG");
    assert_eq!(tool("redis-cli", port, &["SET", "key", "value", "EX", "100"]).trim(), "OK");
    assert_eq!(tool("redis-cli", port, &["GET", "key"]).trim(), "value");
    let report = tool("redis-benchmark", port, &["-t", "set,get", "-P", "16", "-c", "50", "-n", "20000", "-q"]);
    assert!(report.contains("SET:") && report.contains("GET:") && report.contains("requests per second"), "{report}");
}
