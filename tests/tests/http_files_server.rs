//! The file server of `examples/`, asked by a client of our own over plain sockets.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use tests::examples::{self, Running};

/// A directory with some files, and a server of it.
struct Site {
    directory: PathBuf,
    server: Running,
}

impl Site {
    fn new(name: &str) -> Self {
        let directory = std::env::temp_dir().join(format!("http_files-{}-{name}", std::process::id()));
        std::fs::create_dir_all(directory.join("sub")).unwrap();
        std::fs::write(directory.join("hello.txt"), "hello").unwrap();
        std::fs::write(directory.join("sub/index.html"), "<p>index").unwrap();
        std::fs::write(directory.join("big"), big()).unwrap();
        let server = Running::start("http_files", &[directory.to_str().unwrap(), "--port", "0"], "serving");
        Self { directory, server }
    }

    fn address(&self) -> &str {
        self.server.line.trim().rsplit("//").next().unwrap()
    }

    fn connect(&self) -> Client {
        let stream = TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        Client(BufReader::new(stream))
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn big() -> Vec<u8> {
    (0..3_000_000u32).map(|i| (i % 253) as u8).collect()
}

struct Client(BufReader<TcpStream>);

impl Client {
    fn send(&mut self, text: &str) {
        self.0.get_mut().write_all(text.as_bytes()).unwrap();
    }

    /// The lines of the head of a reply.
    fn head(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).unwrap() > 0, "the server has hung up");
            if line == "\r\n" {
                return lines;
            }
            lines.push(line.trim_end().to_owned());
        }
    }

    fn body(&mut self, head: &[String]) -> Vec<u8> {
        let size = head.iter().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
        let mut body = vec![0; size.parse().unwrap()];
        self.0.read_exact(&mut body).unwrap();
        body
    }

    fn get(&mut self, path: &str) -> (String, Vec<u8>) {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"));
        let head = self.head();
        let body = self.body(&head);
        (head[0].clone(), body)
    }

    fn is_closed(&mut self) -> bool {
        let mut rest = Vec::new();
        self.0.read_to_end(&mut rest).is_ok() && rest.is_empty()
    }
}

#[test]
fn one_connection_serves_many_requests() {
    let site = Site::new("many");
    let mut client = site.connect();
    for _ in 0..3 {
        assert_eq!(client.get("/hello.txt"), ("HTTP/1.1 200 OK".to_owned(), b"hello".to_vec()));
        assert_eq!(client.get("/sub/?q=1"), ("HTTP/1.1 200 OK".to_owned(), b"<p>index".to_vec()));
        assert!(client.get("/big").1 == big());
        assert_eq!(client.get("/none").0, "HTTP/1.1 404 Not Found");
    }
}

#[test]
fn head_gives_the_head_and_close_closes() {
    let site = Site::new("head");
    let mut client = site.connect();
    client.send("HEAD /hello.txt HTTP/1.1\r\n\r\n");
    let head = client.head();
    assert_eq!(head[0], "HTTP/1.1 200 OK");
    assert!(head.contains(&"Content-Length: 5".to_owned()));
    client.send("HEAD /none HTTP/1.1\r\n\r\nDELETE /hello.txt HTTP/1.1\r\n\r\n"); // two at once
    assert_eq!(client.head()[0], "HTTP/1.1 404 Not Found");
    let head = client.head();
    assert_eq!(head[0], "HTTP/1.1 405 Method Not Allowed");
    client.body(&head);
    client.send("GET /hello.txt HTTP/1.1\r\nConnection: close\r\n\r\n");
    let head = client.head();
    assert_eq!(client.body(&head), b"hello");
    assert!(client.is_closed());
}

#[test]
fn nothing_outside_the_directory_is_served() {
    let site = Site::new("outside");
    std::os::unix::fs::symlink("/etc/passwd", site.directory.join("link")).unwrap();
    let mut client = site.connect();
    for path in ["/../hello.txt", "/sub/../../x", "/%2e%2e/x", "//etc/passwd", "/link"] {
        assert_eq!(client.get(path).0, "HTTP/1.1 404 Not Found", "{path}");
    }
    client.send("nonsense\r\n\r\n");
    let head = client.head();
    assert_eq!(head[0], "HTTP/1.1 400 Bad Request");
    client.body(&head);
    assert!(client.is_closed());
}

#[test]
fn ctrl_c_ends_idle_connections_and_the_server() {
    let directory = std::env::temp_dir();
    let mut server = Command::new(examples::build("http_files"))
        .args([directory.to_str().unwrap(), "--port", "0"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(server.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    let stream = TcpStream::connect(line.trim().rsplit("//").next().unwrap()).unwrap();
    let mut client = Client(BufReader::new(stream));
    assert_eq!(client.get("/no such file").0, "HTTP/1.1 400 Bad Request");
    let stream = TcpStream::connect(line.trim().rsplit("//").next().unwrap()).unwrap();
    let mut client = Client(BufReader::new(stream));
    assert_eq!(client.get("/no-such-file").0, "HTTP/1.1 404 Not Found");
    assert!(Command::new("kill").args(["-INT", &server.id().to_string()]).status().unwrap().success());
    assert!(client.is_closed());
    assert!(server.wait().unwrap().success());
}
