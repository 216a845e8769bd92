//! `inspect replay`: a recording as one HTML file that needs nothing else.
//!
//! The page holds the recording's own bytes, and scripts that read them (`replay/*.js`): there is no second format, and a
//! million events are some six or seven megabytes. The scripts rebuild the state by the rules of [`State`](crate::State), and say
//! events in the words of [`Row`](crate::Row); `tests/page.rs` has a browser compare both.
//!
//! Rejected: the state after each event computed here and embedded (a hundred times the size); a framework (nobody could
//! read the page's source to its end).

use mini_tokio::recording::Recording;

use crate::warning;

const SCRIPTS: [&str; 5] = [
    include_str!("replay/decode.js"),
    include_str!("replay/state.js"),
    include_str!("replay/words.js"),
    include_str!("replay/view.js"),
    include_str!("replay/app.js"),
];

/// The page. What could not be read of a cut or damaged recording is missing, and the page says so.
pub fn page(recording: &Recording, title: &str) -> String {
    let warning = warning(&recording.end).map(|text| format!("<p class=\"warning\">{}</p>", escape(&text)));
    let holes = [
        ("{{TITLE}}", escape(title)),
        ("{{STYLE}}", include_str!("replay/style.css").to_owned()),
        ("{{WARNING}}", warning.unwrap_or_default()),
        ("{{EVENTS}}", recording.events.len().to_string()),
        ("{{DATA}}", base64(&recording.to_bytes())),
        ("{{SCRIPT}}", SCRIPTS.join("\n")),
    ];
    // Piece by piece: what fills a hole is not looked at again, whatever it holds.
    let (mut page, mut rest) = (String::new(), include_str!("replay/page.html"));
    while let Some(start) = rest.find("{{") {
        let (hole, text) = holes.iter().find(|(hole, _)| rest[start..].starts_with(hole)).expect("a known hole");
        page.push_str(&rest[..start]);
        page.push_str(text);
        rest = &rest[start + hole.len()..];
    }
    page + rest
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().enumerate().fold(0_u32, |word, (n, &byte)| word | u32::from(byte) << (16 - 8 * n));
        for digit in 0..4 {
            let value = (word >> (18 - 6 * digit) & 63) as usize;
            text.push(if digit <= chunk.len() { DIGITS[value] as char } else { '=' });
        }
    }
    text
}
