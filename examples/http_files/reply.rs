//! The replies: a file, or why there is none.

use std::io;
use std::path::{Component, Path, PathBuf};

use mini_tokio::fs::{self, File};
use mini_tokio::io::{AsyncReadExt, AsyncWriteExt};
use mini_tokio::net::TcpStream;

use crate::request::Request;

pub const BAD_REQUEST: &str = "400 Bad Request";
const NOT_FOUND: &str = "404 Not Found";
const NOT_ALLOWED: &str = "405 Method Not Allowed";

/// Answers a request. Whether the connection can be used for another.
// ANCHOR: http-files-answer
pub async fn answer(stream: &mut TcpStream, request: &Request, root: &Path) -> io::Result<bool> {
    let with_body = match request.method.as_str() {
        "GET" => true,
        "HEAD" => false,
        _ => return say(stream, request, NOT_ALLOWED).await,
    };
    let Some((file, size, path)) = open(root, &request.path).await else {
        return say(stream, request, NOT_FOUND).await;
    };
    stream.write_all(head("200 OK", content_type(&path), size, request.keep_alive).as_bytes()).await?;
    if !with_body {
        return Ok(true);
    }
    // The size was promised: a file that has grown since is cut off there, and of one that has shrunk the rest cannot be
    // had, so that the client must be told by the end of the connection.
    let sent = mini_tokio::io::copy(&mut file.take(size), stream).await?;
    Ok(sent == size)
}

/// Says no, and that the connection ends here.
pub async fn refuse(stream: &mut TcpStream, status: &str) -> io::Result<()> {
    let text = format!("{status}\n");
    let head = head(status, "text/plain; charset=utf-8", text.len() as u64, false);
    stream.write_all((head + &text).as_bytes()).await
}

async fn say(stream: &mut TcpStream, request: &Request, status: &str) -> io::Result<bool> {
    let text = format!("{status}\n");
    let mut reply = head(status, "text/plain; charset=utf-8", text.len() as u64, request.keep_alive);
    if request.method != "HEAD" {
        reply += &text;
    }
    stream.write_all(reply.as_bytes()).await?;
    Ok(true)
}

fn head(status: &str, content_type: &str, size: u64, keep_alive: bool) -> String {
    let connection = if keep_alive { "keep-alive" } else { "close" };
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {size}\r\nConnection: {connection}\r\n\r\n"
    )
}

/// The file at `path` below `root`, how large it is, and where. For a directory, its `index.html`.
async fn open(root: &Path, path: &str) -> Option<(File, u64, PathBuf)> {
    let below = Path::new(path.trim_start_matches('/'));
    // No way up, and none out of the root by an absolute path.
    if !below.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return None;
    }
    // Links are followed; where they lead must be below the root as well.
    let mut path = fs::canonicalize(root.join(below)).await.ok().filter(|path| path.starts_with(root))?;
    let metadata = fs::metadata(&path).await.ok()?;
    if metadata.is_dir() {
        path = fs::canonicalize(path.join("index.html")).await.ok().filter(|path| path.starts_with(root))?;
    }
    // Not what the path says now but what was opened: and opening a pipe would wait for somebody to write.
    if !fs::metadata(&path).await.ok()?.is_file() {
        return None;
    }
    let file = File::open(&path).await.ok()?;
    let metadata = file.metadata().await.ok().filter(|metadata| metadata.is_file())?;
    Some((file, metadata.len(), path))
}

fn content_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css",
        Some("js") => "text/javascript",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("txt" | "md" | "rs" | "toml") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
