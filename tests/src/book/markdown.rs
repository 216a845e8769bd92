//! As much of Markdown as the book's checks need: fences, code spans, links, headings.

/// A link or an image: `[text](target)`.
#[derive(Debug, PartialEq, Eq)]
pub struct Link {
    pub target: String,
    pub line: usize,
}

/// The text with fenced blocks blanked out; lines keep their numbers.
pub fn without_fences(text: &str) -> String {
    let mut fence: Option<&str> = None;
    let mut prose = String::new();
    for line in text.lines() {
        let start = line.trim_start();
        let marker = ["```", "~~~"].into_iter().find(|marker| start.starts_with(marker));
        match (fence, marker) {
            (None, Some(marker)) => fence = Some(marker),
            (Some(open), Some(marker)) if open == marker => fence = None,
            (None, None) => prose.push_str(line),
            _ => {}
        }
        prose.push('\n');
    }
    prose
}

/// The links of a page, fences taken out before; what looks like one in a code span is none.
pub fn links(prose: &str) -> Vec<Link> {
    let mut links = Vec::new();
    for (index, line) in prose.lines().enumerate() {
        let line = without_code_spans(line);
        for (at, start) in line.match_indices("](") {
            let rest = &line[at + start.len()..];
            // A title may follow the target: `(target "title")`.
            let end = rest.find([')', ' ']).unwrap_or(rest.len());
            links.push(Link { target: rest[..end].to_owned(), line: index + 1 });
        }
    }
    links
}

fn without_code_spans(line: &str) -> String {
    let parts: Vec<&str> = line.split('`').collect();
    // Text and code take turns; a last backtick without a partner opens nothing.
    let is_code = |index: usize| index % 2 == 1 && index + 1 < parts.len();
    parts.iter().enumerate().filter(|(index, _)| !is_code(*index)).map(|(_, part)| *part).collect()
}

/// The fragments that a page's headings can be linked by.
pub fn slugs(text: &str) -> Vec<String> {
    let prose = without_fences(text);
    let headings = prose.lines().filter_map(|line| {
        let text = line.trim_start_matches('#');
        (text.len() < line.len() && text.starts_with(' ')).then(|| slug(text.trim()))
    });
    headings.collect()
}

fn slug(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(prose: &str) -> Vec<(String, usize)> {
        links(prose).into_iter().map(|link| (link.target, link.line)).collect()
    }

    #[test]
    fn links_are_found_with_their_lines() {
        let prose = "[a](b.md) and ![c](d.png \"title\")\n\n[`code`](e.rs#f)\n";
        let expected = [("b.md", 1), ("d.png", 1), ("e.rs#f", 3)];
        assert_eq!(targets(prose), expected.map(|(target, line)| (target.to_owned(), line)));
    }

    #[test]
    fn code_has_no_links() {
        assert_eq!(targets("`[a](b)` but ` [c](d)\n"), [("d".to_owned(), 1)]);
        assert_eq!(without_fences("a\n```rust\n[b](c)\n```\nd"), "a\n\n\n\nd\n");
        assert_eq!(without_fences("~~~\n```\n~~~\na"), "\n\n\na\n");
    }

    #[test]
    fn headings_become_fragments() {
        assert_eq!(slugs("# A Task's *life*\n```\n# no\n```\n## 2. `park`\n#no\n"), ["a-tasks-life", "2-park"]);
    }
}
