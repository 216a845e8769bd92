//! The tour of `examples/`, run as its users run it.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Command, Output};

use tests::examples::{Running, build};

/// The figure in the row of the table that names `what`.
fn figure<'a>(table: &'a str, what: &str) -> &'a str {
    let row = table.lines().find(|row| row.split('|').nth(1).is_some_and(|cell| cell.trim() == what));
    let row = row.unwrap_or_else(|| panic!("no row {what:?} in\n{table}"));
    row.split('|').nth(2).unwrap().trim()
}

#[test]
fn the_tour_passes_its_checks_and_ends_with_its_table() {
    let Output { status, stdout, stderr } = Command::new(build("tour")).arg("--quick").output().unwrap();
    let table = String::from_utf8(stdout).unwrap();
    assert!(status.success(), "{table}\n{}", String::from_utf8_lossy(&stderr));
    assert!(table.contains("All checks passed"), "{table}");
    assert_eq!(figure(&table, "early"), "0");
    assert_eq!(figure(&table, "tasks alive afterwards"), "0");
    for what in ["polls", "stolen", "late by", "connections open at once", "futures dropped once each"] {
        assert!(figure(&table, what).contains(|c: char| c.is_ascii_digit()), "{what}");
    }
}

#[test]
fn an_address_in_use_is_told_of() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = Command::new(build("tour")).args(["--only-listen", "--listen", &address]).output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(message.contains(&address) && message.contains("use"), "{message}");
}

#[test]
fn the_echo_server_stays_up_and_echoes() {
    let running = Running::start("tour", &["--only-listen", "--listen", "127.0.0.1:0"], "Echo server on");
    let address = running
        .line
        .split_whitespace()
        .find_map(|word| word.trim_end_matches(';').parse::<std::net::SocketAddr>().ok());
    for round in 0..3 {
        let mut stream = TcpStream::connect(address.unwrap()).unwrap();
        let sent = format!("round {round}: what goes in comes out\n");
        stream.write_all(sent.as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut echo = String::new();
        stream.read_to_string(&mut echo).unwrap();
        assert_eq!(echo, sent);
    }
}
