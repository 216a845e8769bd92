//! The rules, one function each: a file in, the places where it breaks the rule out.
//!
//! | rule | what it asks |
//! |---|---|
//! | `file-length` | at most 500 lines, tests not counted (400 is the aim) |
//! | `file-header` | the first line is a comment: what this file is for |
//! | `function-length` | at most 70 lines, from `fn` to the closing brace |
//! | `unsafe-comment` | a `SAFETY` comment at every use of `unsafe`; a `# Safety` section at every `unsafe fn` outside of tests |
//! | `unfinished` | no placeholder macros, no "fix me" notes, no ignored tests |
//! | `test-sleep` | a test counts or pauses the clock; it does not sleep a thread |

use super::Violation;
use crate::source::{Source, attribute, each_stream, is_group, is_ident, is_punct};
use proc_macro2::{Delimiter, TokenTree};
use syn::visit::{self, Visit};

pub const FILE_LINES: usize = 500;
pub const FUNCTION_LINES: usize = 70;
/// A `SAFETY` comment stands this close above its `unsafe`, so that a statement may begin between the two.
const SAFETY_DISTANCE: usize = 6;

/// All rules on one file.
pub fn check(source: &Source) -> Vec<Violation> {
    let rules = [file_length, file_header, function_length, unsafe_comment, unfinished, test_sleep];
    rules.iter().flat_map(|rule| rule(source)).collect()
}

fn violation(source: &Source, rule: &'static str, line: usize, message: impl Into<String>) -> Violation {
    Violation { path: source.path.clone(), line, rule, item: None, message: message.into() }
}

fn file_length(source: &Source) -> Vec<Violation> {
    let tests = source.test_lines();
    let lines = (1..=source.text.lines().count()).filter(|line| !tests.contains(line)).count();
    if lines <= FILE_LINES {
        return Vec::new();
    }
    vec![violation(source, "file-length", lines, format!("{lines} lines; is it still one noun? (limit {FILE_LINES})"))]
}

fn file_header(source: &Source) -> Vec<Violation> {
    let first = source.text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    if first.starts_with("//") {
        return Vec::new();
    }
    vec![violation(source, "file-header", 1, "the file does not open with a comment that says its job")]
}

fn function_length(source: &Source) -> Vec<Violation> {
    let Ok(file) = syn::parse2(source.tokens.clone()) else {
        return vec![violation(source, "function-length", 1, "these tokens are not a Rust file")];
    };
    let mut functions = Functions(Vec::new());
    functions.visit_file(&file);
    let long = functions.0.into_iter().filter(|(_, first, last)| last - first + 1 > FUNCTION_LINES);
    long.map(|(name, first, last)| {
        let message = format!("{} lines (limit {FUNCTION_LINES})", last - first + 1);
        Violation { item: Some(name), ..violation(source, "function-length", first, message) }
    })
    .collect()
}

/// Name, first and last line of every function.
struct Functions(Vec<(String, usize, usize)>);

impl Functions {
    fn add(&mut self, signature: &syn::Signature, body: &syn::Block) {
        let (first, last) = (signature.fn_token.span.start().line, body.brace_token.span.close().end().line);
        self.0.push((signature.ident.to_string(), first, last));
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.add(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.add(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(body) = &function.default {
            self.add(&function.sig, body);
        }
        visit::visit_trait_item_fn(self, function);
    }
}

fn unsafe_comment(source: &Source) -> Vec<Violation> {
    let lines = source.lines_without_strings();
    let near = |line: usize| &lines[line.saturating_sub(SAFETY_DISTANCE + 1)..line];
    let is_argued = |line: usize| near(line).iter().any(|text| text.contains("SAFETY"));
    let mut violations = Vec::new();
    each_stream(&source.tokens, &mut |tokens| {
        for (index, token) in tokens.iter().enumerate().filter(|(_, token)| is_ident(Some(token), "unsafe")) {
            let (line, next) = (token.span().start().line, tokens.get(index + 1));
            let uses = is_group(next, Delimiter::Brace) || is_group(next, Delimiter::Parenthesis);
            if (uses || is_ident(next, "impl")) && !is_argued(line) {
                violations.push(violation(source, "unsafe-comment", line, "`unsafe` without a `// SAFETY:` comment"));
            }
            if source.is_test {
                continue;
            }
            // Where the contract is kept elsewhere (at a trait), a `SAFETY` comment says so.
            if declares_function(&tokens[index + 1..]) && !documents_safety(&lines[..line - 1]) && !is_argued(line) {
                violations.push(violation(source, "unsafe-comment", line, "`unsafe fn` without a `# Safety` section"));
            }
        }
    });
    violations
}

/// Whether these tokens go on to name a function; a function pointer type has no name.
fn declares_function(tokens: &[TokenTree]) -> bool {
    let function = tokens.iter().take(3).position(|token| is_ident(Some(token), "fn"));
    function.is_some_and(|index| matches!(tokens.get(index + 1), Some(TokenTree::Ident(_))))
}

/// Whether the comment block that ends these lines has a `# Safety` heading.
fn documents_safety(lines: &[String]) -> bool {
    let block = lines.iter().rev().map(|line| line.trim()).take_while(|line| {
        let attached = line.starts_with("//") || line.starts_with("#[");
        attached && !line.is_empty()
    });
    block.into_iter().any(|line| line.contains("# Safety"))
}

fn unfinished(source: &Source) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (index, line) in source.lines_without_strings().iter().enumerate() {
        if line.contains("FIXME") {
            violations.push(violation(source, "unfinished", index + 1, "a note to fix something: fix it"));
        }
    }
    each_stream(&source.tokens, &mut |tokens| {
        for (index, token) in tokens.iter().enumerate() {
            let line = token.span().start().line;
            let is_placeholder = is_ident(Some(token), "todo") || is_ident(Some(token), "unimplemented");
            if is_placeholder && is_punct(tokens.get(index + 1), '!') {
                violations.push(violation(source, "unfinished", line, "a placeholder instead of code"));
            }
            let ignores = |group: proc_macro2::Group| is_ident(group.stream().into_iter().next().as_ref(), "ignore");
            if attribute(tokens, index).is_some_and(ignores) {
                violations.push(violation(source, "unfinished", line, "an ignored test: mend it or take it out"));
            }
        }
    });
    violations
}

fn test_sleep(source: &Source) -> Vec<Violation> {
    let tests = source.test_lines();
    let mut violations = Vec::new();
    each_stream(&source.tokens, &mut |tokens| {
        for (index, token) in tokens.iter().enumerate() {
            let path = is_ident(Some(token), "thread")
                && is_punct(tokens.get(index + 1), ':')
                && is_punct(tokens.get(index + 2), ':')
                && is_ident(tokens.get(index + 3), "sleep");
            let line = token.span().start().line;
            if path && tests.contains(&line) {
                violations.push(violation(source, "test-sleep", line, "a test that sleeps: count, or pause the clock"));
            }
        }
    });
    violations
}

#[cfg(test)]
mod tests;
