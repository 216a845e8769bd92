//! The arguments of an attribute: `flavor = "local", start_paused = true` becomes [`Settings`], or an error at the
//! argument that is wrong.
//!
//! ```text
//!   tokens --split at commas--> name = literal --read_argument--> Given { value, span } --check--> Settings
//! ```
//!
//! Reading and checking are two passes because the order of arguments is free: `worker_threads = 2` is right or wrong
//! only once the flavor is known, and the error belongs to `worker_threads` wherever it stands.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, Lit, Meta, Path, Result, Token};

const KNOWN: &str = "`flavor`, `worker_threads`, `start_paused`, `crate`, `unhandled_panic`, `name`";

/// Which attribute is being expanded, and what sets it apart from the others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// The crate that users depend on; generated paths begin there unless `crate = "..."` says otherwise.
    pub(crate) crate_name: &'static str,
    /// A test's function gets `#[test]` and a current-thread runtime.
    pub(crate) is_test: bool,
    /// Whether this build has the multi-thread scheduler.
    has_multi_thread: bool,
}

impl Entry {
    pub(crate) const fn main(crate_name: &'static str) -> Self {
        Self { crate_name, is_test: false, has_multi_thread: true }
    }

    pub(crate) const fn test(crate_name: &'static str) -> Self {
        Self { crate_name, is_test: true, has_multi_thread: true }
    }

    pub(crate) const fn single_threaded(self) -> Self {
        Self { has_multi_thread: false, ..self }
    }

    /// The attribute as its user writes it.
    pub(crate) fn attribute(&self) -> String {
        format!("{}::{}", self.crate_name, if self.is_test { "test" } else { "main" })
    }

    /// What a wrong attribute falls back to (`MACRO-2`): a runtime that every build has.
    pub(crate) fn fallback(&self) -> Settings {
        let flavor = if self.has_multi_thread && !self.is_test { Flavor::MultiThread } else { Flavor::CurrentThread };
        Settings { flavor, worker_threads: None, start_paused: None, unhandled_panic: None, name: None, krate: None }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flavor {
    MultiThread,
    CurrentThread,
    Local,
}

/// Arguments that fit together; ready to be written down as calls on the builder.
pub(crate) struct Settings {
    pub(crate) flavor: Flavor,
    pub(crate) worker_threads: Option<usize>,
    pub(crate) start_paused: Option<bool>,
    /// The variant of `runtime::UnhandledPanic`.
    pub(crate) unhandled_panic: Option<&'static str>,
    pub(crate) name: Option<String>,
    /// `crate = "..."`; `None` for the entry's own crate.
    pub(crate) krate: Option<Path>,
}

impl Settings {
    /// Reads the tokens between the attribute's parentheses.
    pub(crate) fn parse(entry: &Entry, tokens: TokenStream) -> Result<Self> {
        let metas = Punctuated::<Meta, Token![,]>::parse_terminated.parse2(tokens)?;
        let mut given = Arguments::default();
        for meta in &metas {
            given.read_argument(entry, meta)?;
        }
        given.check(entry)
    }

    /// The path of the crate that has `runtime::Builder`.
    pub(crate) fn crate_path(&self, entry: &Entry) -> TokenStream {
        match &self.krate {
            Some(path) => path.to_token_stream(),
            None => {
                let name = format_ident!("{}", entry.crate_name);
                quote!(::#name)
            }
        }
    }
}

/// A value and the argument it stood in, for the errors of the second pass.
struct Given<T> {
    value: T,
    span: Span,
}

/// First pass: each argument by itself.
#[derive(Default)]
struct Arguments {
    flavor: Option<Given<Flavor>>,
    worker_threads: Option<Given<usize>>,
    start_paused: Option<Given<bool>>,
    unhandled_panic: Option<Given<&'static str>>,
    name: Option<Given<String>>,
    krate: Option<Given<Path>>,
}

impl Arguments {
    fn read_argument(&mut self, entry: &Entry, meta: &Meta) -> Result<()> {
        let name = meta.path().get_ident().map(ToString::to_string).unwrap_or_default();
        let Meta::NameValue(pair) = meta else {
            return Err(syn::Error::new(meta.span(), without_value(entry, &name, meta)));
        };
        match name.as_str() {
            "flavor" => set(&mut self.flavor, &name, meta, flavor(&pair.value)?),
            "worker_threads" => set(&mut self.worker_threads, &name, meta, worker_threads(&pair.value)?),
            "start_paused" => set(&mut self.start_paused, &name, meta, boolean(&name, &pair.value)?),
            "unhandled_panic" => set(&mut self.unhandled_panic, &name, meta, unhandled_panic(&pair.value)?),
            "name" => set(&mut self.name, &name, meta, string(&name, &pair.value)?),
            "crate" => set(&mut self.krate, &name, meta, path(&pair.value)?),
            "core_threads" => {
                Err(syn::Error::new(meta.path().span(), "argument `core_threads` is called `worker_threads`"))
            }
            _ => Err(syn::Error::new(meta.path().span(), unknown(meta))),
        }
    }

    /// Second pass: do the arguments fit the flavor, and the flavor the build?
    fn check(self, entry: &Entry) -> Result<Settings> {
        let attribute = entry.attribute();
        let flavor = match &self.flavor {
            Some(given) => given.value,
            None if entry.is_test => Flavor::CurrentThread,
            None => Flavor::MultiThread,
        };
        if flavor == Flavor::MultiThread && !entry.has_multi_thread {
            return Err(match self.flavor {
                Some(given) => {
                    syn::Error::new(given.span, "flavor `multi_thread` requires the `rt-multi-thread` feature")
                }
                None => syn::Error::new(
                    Span::call_site(),
                    format!(
                        "the default flavor is `multi_thread`, which requires the `rt-multi-thread` feature; \
                         without it, write `#[{attribute}(flavor = \"current_thread\")]`"
                    ),
                ),
            });
        }
        let requires = |argument: &str, flavor: &str| {
            format!("`{argument}` requires the `{flavor}` flavor: write `#[{attribute}(flavor = \"{flavor}\", ...)]`")
        };
        if let (Some(given), false) = (&self.worker_threads, flavor == Flavor::MultiThread) {
            return Err(syn::Error::new(given.span, requires("worker_threads", "multi_thread")));
        }
        if let (Some(given), Flavor::MultiThread) = (&self.start_paused, flavor) {
            return Err(syn::Error::new(given.span, requires("start_paused", "current_thread")));
        }
        if let (Some(given), Flavor::MultiThread) = (&self.unhandled_panic, flavor) {
            return Err(syn::Error::new(given.span, requires("unhandled_panic", "current_thread")));
        }
        Ok(Settings {
            flavor,
            worker_threads: self.worker_threads.map(|given| given.value),
            start_paused: self.start_paused.map(|given| given.value),
            unhandled_panic: self.unhandled_panic.map(|given| given.value),
            name: self.name.map(|given| given.value),
            krate: self.krate.map(|given| given.value),
        })
    }
}

fn set<T>(slot: &mut Option<Given<T>>, name: &str, meta: &Meta, value: T) -> Result<()> {
    if slot.is_some() {
        return Err(syn::Error::new(meta.span(), format!("argument `{name}` is given more than once")));
    }
    *slot = Some(Given { value, span: meta.span() });
    Ok(())
}

fn unknown(meta: &Meta) -> String {
    let path = meta.path().to_token_stream().to_string().replace(' ', "");
    format!("unknown argument `{path}`; expected one of: {KNOWN}")
}

/// The message for `#[main(flavor)]` and for `#[main(flavor("local"))]`.
fn without_value(entry: &Entry, name: &str, meta: &Meta) -> String {
    let attribute = entry.attribute();
    match name {
        "multi_thread" | "threaded_scheduler" => format!("write `#[{attribute}(flavor = \"multi_thread\")]`"),
        "current_thread" | "basic_scheduler" | "single_threaded" => {
            format!("write `#[{attribute}(flavor = \"current_thread\")]`")
        }
        "local" => format!("write `#[{attribute}(flavor = \"local\")]`"),
        "flavor" | "worker_threads" | "start_paused" | "crate" | "unhandled_panic" | "name" => {
            format!("argument `{name}` needs a value: `{name} = ...`")
        }
        _ => unknown(meta),
    }
}

fn flavor(value: &Expr) -> Result<Flavor> {
    let message = match string("flavor", value)?.as_str() {
        "multi_thread" => return Ok(Flavor::MultiThread),
        "current_thread" => return Ok(Flavor::CurrentThread),
        "local" => return Ok(Flavor::Local),
        "single_thread" => "the single-threaded flavor is called `current_thread`".to_owned(),
        "basic_scheduler" => "flavor `basic_scheduler` is called `current_thread`".to_owned(),
        "threaded_scheduler" => "flavor `threaded_scheduler` is called `multi_thread`".to_owned(),
        other => format!("unknown flavor `{other}`; expected `multi_thread`, `current_thread` or `local`"),
    };
    Err(syn::Error::new(value.span(), message))
}

fn unhandled_panic(value: &Expr) -> Result<&'static str> {
    match string("unhandled_panic", value)?.as_str() {
        "ignore" => Ok("Ignore"),
        "shutdown_runtime" => Ok("ShutdownRuntime"),
        other => Err(syn::Error::new(
            value.span(),
            format!("unknown behaviour `{other}`; expected `ignore` or `shutdown_runtime`"),
        )),
    }
}

fn worker_threads(value: &Expr) -> Result<usize> {
    let Some(Lit::Int(number)) = literal(value) else {
        return Err(wrong_type("worker_threads", "an integer", value));
    };
    match number.base10_parse() {
        Ok(0) => Err(syn::Error::new(value.span(), "`worker_threads` must be at least 1")),
        Ok(threads) => Ok(threads),
        Err(error) => Err(syn::Error::new(value.span(), format!("`worker_threads` must be an integer: {error}"))),
    }
}

fn boolean(name: &str, value: &Expr) -> Result<bool> {
    match literal(value) {
        Some(Lit::Bool(boolean)) => Ok(boolean.value),
        _ => Err(wrong_type(name, "`true` or `false`", value)),
    }
}

fn string(name: &str, value: &Expr) -> Result<String> {
    match literal(value) {
        Some(Lit::Str(string)) => Ok(string.value()),
        _ => Err(wrong_type(name, "a string", value)),
    }
}

fn path(value: &Expr) -> Result<Path> {
    let Some(Lit::Str(string)) = literal(value) else {
        return Err(wrong_type("crate", "a path in a string", value));
    };
    // The literal's span, so that "unresolved crate" points at the argument.
    string.parse_with(Path::parse_mod_style).map_err(|_| {
        syn::Error::new(value.span(), format!("`crate` must be a path in a string, not \"{}\"", string.value()))
    })
}

fn literal(value: &Expr) -> Option<&Lit> {
    match value {
        Expr::Lit(ExprLit { lit, .. }) => Some(lit),
        _ => None,
    }
}

fn wrong_type(name: &str, expected: &str, value: &Expr) -> syn::Error {
    syn::Error::new(value.span(), format!("`{name}` must be {expected}"))
}

#[cfg(test)]
mod tests;
