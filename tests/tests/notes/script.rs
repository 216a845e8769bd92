//! Note C, section 16: a reader and a writer that follow a script.

use super::panic_of;
use crate::rt::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use crate::util::io::Builder;

/// Answers every line politely.
async fn handle_connection(reader: impl AsyncRead + Unpin, mut writer: impl AsyncWrite + Unpin) -> std::io::Result<()> {
    let mut reader = BufReader::new(reader);
    let mut line = String::new();
    while reader.read_line(&mut line).await? > 0 {
        writer.write_all(b"Thanks for your message.\r\n").await?;
        line.clear();
    }
    Ok(())
}

/// C16.3: a handler gets what the script has it read, and has to write what the script expects
#[test]
fn a_handler_follows_the_script() {
    super::current_thread().block_on(async {
        let reader = Builder::new().read(b"Hi there\r\n").read(b"How are you doing?\r\n").build();
        let thanks = b"Thanks for your message.\r\n";
        let writer = Builder::new().write(thanks).write(thanks).build();
        assert!(handle_connection(reader, writer).await.is_ok());
    });
}

/// C16.3: a handler that writes less than the script expects, or something else, fails
#[test]
fn a_broken_script_is_a_panic() {
    let handle = |write: &'static [&'static [u8]]| {
        super::current_thread().block_on(async {
            let reader = Builder::new().read(b"Hi there\r\n").build();
            let mut script = Builder::new();
            write.iter().for_each(|bytes| _ = script.write(bytes));
            handle_connection(reader, script.build()).await
        })
    };
    assert!(handle(&[b"Thanks for your message.\r\n"]).is_ok());
    panic_of(|| handle(&[b"No thanks.\r\n"]));
    panic_of(|| handle(&[b"Thanks for your message.\r\n", b"Bye.\r\n"]));
}
