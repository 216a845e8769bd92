//! A Rust file as tokens that know their lines.
//!
//! Most rules ask about tokens ("`unsafe` before a brace") or about what is *not* a token (comments are the text between
//! tokens), so a file is lexed rather than searched: a `todo!` in a string or a comment is not a `todo!`. Doc comments
//! come out of the lexer as `#[doc = "..."]` attributes; they are told apart by the text they stand at.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use std::collections::BTreeSet;

/// One file, lexed.
pub struct Source {
    /// From the project's root, with `/`.
    pub path: String,
    pub text: String,
    /// The whole file without doc comments.
    pub tokens: TokenStream,
    /// Nothing in it is part of the program. Known by its name at first; see [`mark_test_modules`].
    pub is_test: bool,
}

impl Source {
    /// Lexes a file.
    ///
    /// # Errors
    /// A message with the place, if the file is not made of Rust tokens.
    pub fn new(path: &str, text: &str) -> Result<Self, String> {
        let tokens: TokenStream = text.parse().map_err(|error: proc_macro2::LexError| {
            format!("{path}:{}: not Rust: {error}", error.span().start().line)
        })?;
        let lines: Vec<&str> = text.lines().collect();
        let tokens = without_docs(tokens, &lines);
        Ok(Self { path: path.to_owned(), text: text.to_owned(), tokens, is_test: is_test_file(path) })
    }

    /// Lines with at least one token on them: what is left without comments and blank lines.
    pub fn code_lines(&self) -> BTreeSet<usize> {
        let mut lines = BTreeSet::new();
        each_stream(&self.tokens, &mut |tokens| {
            for token in tokens {
                match token {
                    TokenTree::Group(group) => {
                        lines.insert(group.span_open().start().line);
                        lines.insert(group.span_close().end().line);
                    }
                    leaf => lines.extend(leaf.span().start().line..=leaf.span().end().line),
                }
            }
        });
        lines
    }

    /// Lines of items that exist only under test: from a `#[cfg(test)]` to the end of what it stands on.
    pub fn test_lines(&self) -> BTreeSet<usize> {
        if self.is_test {
            return (1..=self.text.lines().count()).collect();
        }
        let mut lines = BTreeSet::new();
        each_stream(&self.tokens, &mut |tokens| {
            for (index, token) in tokens.iter().enumerate() {
                if attribute(tokens, index).is_some_and(|attribute| is_test_cfg(&attribute)) {
                    let end = item_end(&tokens[index + 2..]).unwrap_or(token.span().end().line);
                    lines.extend(token.span().start().line..=end);
                }
            }
        });
        lines
    }

    /// Lines that no ordinary build sees: what stands under `cfg(loom)` or under a bug switch, and the switches themselves
    /// (an attribute that asks for the *absence* of a bug is such a switch; what it stands on is the program).
    pub fn model_lines(&self) -> BTreeSet<usize> {
        let mut lines = BTreeSet::new();
        each_stream(&self.tokens, &mut |tokens| {
            for (index, token) in tokens.iter().enumerate() {
                let Some(attribute) = attribute(tokens, index) else { continue };
                let start = token.span().start().line;
                match model_cfg(&attribute) {
                    Some(ModelCfg::Present) => {
                        lines.extend(start..=item_end(&tokens[index + 2..]).unwrap_or(start));
                    }
                    Some(ModelCfg::Absent) => lines.extend(start..=attribute.span_close().end().line),
                    None => {}
                }
            }
        });
        lines
    }

    /// Where the files of `#[cfg(test)] mod name;` are: each without the `.rs`.
    fn test_modules(&self) -> Vec<String> {
        let mut names = Vec::new();
        let tokens: Vec<TokenTree> = self.tokens.clone().into_iter().collect();
        for index in 0..tokens.len() {
            if attribute(&tokens, index).is_some_and(|attribute| is_test_cfg(&attribute)) {
                let item: Vec<&TokenTree> =
                    tokens[index + 2..].iter().take_while(|token| !is_punct(Some(token), ';')).collect();
                // Other attributes and a visibility may stand in front; a module with a body is no file.
                if let [.., module, TokenTree::Ident(name)] = item[..]
                    && is_ident(Some(module), "mod")
                {
                    names.push(name.to_string());
                }
            }
        }
        let stem = self.path.trim_end_matches(".rs");
        let directory = match stem.rsplit_once('/') {
            Some((parent, "lib" | "main" | "mod")) => parent,
            _ => stem,
        };
        names.into_iter().map(|name| format!("{directory}/{name}")).collect()
    }

    /// The numbered lines with string literals blanked out: code and comments as they are.
    pub fn lines_without_strings(&self) -> Vec<String> {
        let mut lines: Vec<Vec<char>> = self.text.lines().map(|line| line.chars().collect()).collect();
        each_stream(&self.tokens, &mut |tokens| {
            for token in tokens {
                let TokenTree::Literal(literal) = token else { continue };
                let (start, end) = (literal.span().start(), literal.span().end());
                for number in start.line..=end.line {
                    let Some(line) = lines.get_mut(number - 1) else { continue };
                    let from = if number == start.line { start.column } else { 0 };
                    let to = if number == end.line { end.column } else { line.len() };
                    line.iter_mut().take(to).skip(from).for_each(|character| *character = ' ');
                }
            }
        });
        lines.into_iter().map(|line| line.into_iter().collect()).collect()
    }
}

/// Marks the files that are compiled for tests alone, whatever they are called.
pub fn mark_test_modules(sources: &mut [Source]) {
    let modules: Vec<String> = sources.iter().flat_map(Source::test_modules).collect();
    for source in sources {
        let below = |module: &String| {
            source.path.strip_prefix(module).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        };
        source.is_test |= modules.iter().any(below);
    }
}

/// Calls `visit` with the tokens of the file and of every group in it, outermost first.
pub fn each_stream(stream: &TokenStream, visit: &mut impl FnMut(&[TokenTree])) {
    let tokens: Vec<TokenTree> = stream.clone().into_iter().collect();
    visit(&tokens);
    for token in &tokens {
        if let TokenTree::Group(group) = token {
            each_stream(&group.stream(), visit);
        }
    }
}

/// The brackets of the attribute whose `#` stands at `index`.
pub fn attribute(tokens: &[TokenTree], index: usize) -> Option<Group> {
    if !is_punct(tokens.get(index), '#') {
        return None;
    }
    match tokens.get(index + 1) {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => Some(group.clone()),
        _ => None,
    }
}

pub fn is_ident(token: Option<&TokenTree>, name: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if ident == name)
}

pub fn is_punct(token: Option<&TokenTree>, character: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == character)
}

pub fn is_group(token: Option<&TokenTree>, delimiter: Delimiter) -> bool {
    matches!(token, Some(TokenTree::Group(group)) if group.delimiter() == delimiter)
}

/// Files that hold tests, models or measurements and nothing else.
fn is_test_file(path: &str) -> bool {
    let mut parts: Vec<&str> = path.split('/').collect();
    let name = parts.pop().unwrap_or_default();
    // The package `tests` is itself a program; its tests are where every package has them.
    let inside = parts
        .iter()
        .skip(1)
        .any(|part| matches!(*part, "tests" | "model" | "models") && !path.starts_with("tests/src"));
    let is_named = |suffix: &str| name == format!("{suffix}.rs") || name.ends_with(&format!("_{suffix}.rs"));
    inside || ["tests", "model"].iter().any(|suffix| is_named(suffix))
}

/// `cfg(...)` with `test` in it, other than inside `not(...)`.
fn is_test_cfg(attribute: &Group) -> bool {
    fn asks_for_test(stream: TokenStream) -> bool {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        tokens.iter().enumerate().any(|(index, token)| match token {
            TokenTree::Ident(ident) => ident == "test",
            TokenTree::Group(group) => {
                let negated = index > 0 && is_ident(tokens.get(index - 1), "not");
                !negated && asks_for_test(group.stream())
            }
            _ => false,
        })
    }
    let tokens: Vec<TokenTree> = attribute.stream().into_iter().collect();
    is_ident(tokens.first(), "cfg") && asks_for_test(attribute.stream())
}

/// What an attribute says of models.
enum ModelCfg {
    /// `cfg(loom)`, `cfg(bug_…)`: only in a model.
    Present,
    /// `cfg(not(loom))`, `cfg_attr(bug_…, …)`: in every build, and only the attribute is for the models.
    Absent,
}

fn model_cfg(attribute: &Group) -> Option<ModelCfg> {
    let text: String = attribute.stream().to_string().split_whitespace().collect();
    let names_model = |rest: &str| rest.starts_with("loom") || rest.starts_with("bug_");
    if text.strip_prefix("cfg(").is_some_and(names_model) {
        return Some(ModelCfg::Present);
    }
    let switches = ["cfg(not(", "cfg_attr(", "cfg_attr(not("];
    switches.iter().any(|start| text.strip_prefix(start).is_some_and(names_model)).then_some(ModelCfg::Absent)
}

/// The last line of the item that begins with these tokens: at its braces or its semicolon.
fn item_end(tokens: &[TokenTree]) -> Option<usize> {
    let ends = |token: &&TokenTree| is_group(Some(token), Delimiter::Brace) || is_punct(Some(token), ';');
    tokens.iter().find(ends).map(|token| token.span().end().line)
}

/// Takes out the attributes that were doc comments.
fn without_docs(stream: TokenStream, lines: &[&str]) -> TokenStream {
    let is_comment = |token: &TokenTree| {
        let start = token.span().start();
        let rest: String = lines.get(start.line - 1).unwrap_or(&"").chars().skip(start.column).take(2).collect();
        rest == "//" || rest == "/*"
    };
    // Every token of such an attribute has the comment's own span.
    let kept = stream.into_iter().filter(|token| !is_comment(token));
    kept.map(|token| match token {
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), without_docs(group.stream(), lines));
            inner.set_span(group.span());
            TokenTree::Group(inner)
        }
        leaf => leaf,
    })
    .collect()
}

#[cfg(test)]
mod tests;
