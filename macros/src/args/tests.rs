//! What the arguments mean, and where each mistake is reported.

use super::*;
use proc_macro2::LineColumn;

const MAIN: Entry = Entry::main("mini_tokio");
const TEST: Entry = Entry::test("mini_tokio");

fn settings(entry: &Entry, arguments: &str) -> Settings {
    Settings::parse(entry, arguments.parse().unwrap()).unwrap()
}

/// The message, and the text of the arguments that it points at.
fn mistake(entry: &Entry, arguments: &str) -> (String, String) {
    let error = Settings::parse(entry, arguments.parse().unwrap()).err().unwrap();
    let (LineColumn { column: start, .. }, LineColumn { column: end, .. }) = (error.span().start(), error.span().end());
    (error.to_string(), arguments[start..end].to_owned())
}

#[track_caller]
fn assert_mistake(arguments: &str, message: &str, place: &str) {
    assert_eq!(mistake(&MAIN, arguments), (message.to_owned(), place.to_owned()));
}

#[test]
fn main_is_multi_threaded_and_a_test_is_not() {
    assert_eq!(settings(&MAIN, "").flavor, Flavor::MultiThread);
    assert_eq!(settings(&TEST, "").flavor, Flavor::CurrentThread);
}

#[test]
fn arguments_come_in_any_order_and_may_end_with_a_comma() {
    let settings = settings(&TEST, "worker_threads = 0x10, name = \"lab\", flavor = \"multi_thread\",");
    assert_eq!((settings.flavor, settings.worker_threads), (Flavor::MultiThread, Some(16)));
    assert_eq!(settings.name.as_deref(), Some("lab"));
}

#[test]
fn one_thread_takes_a_paused_clock_and_a_panic_policy() {
    for flavor in ["current_thread", "local"] {
        let arguments = format!("flavor = \"{flavor}\", start_paused = true, unhandled_panic = \"shutdown_runtime\"");
        let settings = settings(&MAIN, &arguments);
        assert_eq!((settings.start_paused, settings.unhandled_panic), (Some(true), Some("ShutdownRuntime")));
    }
}

#[test]
fn the_crate_path_is_the_entrys_unless_given() {
    let path = |entry: &Entry, arguments| settings(entry, arguments).crate_path(entry).to_string().replace(' ', "");
    assert_eq!(path(&MAIN, ""), "::mini_tokio");
    assert_eq!(path(&Entry::test("tokio"), ""), "::tokio");
    assert_eq!(path(&MAIN, "crate = \"rt\""), "rt");
    assert_eq!(path(&MAIN, "crate = \"crate::deep::rt\""), "crate::deep::rt");
    assert_eq!(path(&MAIN, "crate = \"::rt\""), "::rt");
}

#[test]
fn unknown_arguments_are_named() {
    let expected = "expected one of: `flavor`, `worker_threads`, `start_paused`, `crate`, `unhandled_panic`, `name`";
    assert_mistake("threads = 2", &format!("unknown argument `threads`; {expected}"), "threads");
    assert_mistake("fast", &format!("unknown argument `fast`; {expected}"), "fast");
    assert_mistake("a::b = 1", &format!("unknown argument `a::b`; {expected}"), "a::b");
    assert_mistake("core_threads = 2", "argument `core_threads` is called `worker_threads`", "core_threads");
}

#[test]
fn a_value_of_the_wrong_type_is_pointed_at() {
    assert_mistake("worker_threads = \"two\"", "`worker_threads` must be an integer", "\"two\"");
    assert_mistake("worker_threads = 1 + 1", "`worker_threads` must be an integer", "1 + 1");
    assert_mistake("worker_threads = 0", "`worker_threads` must be at least 1", "0");
    assert_mistake("start_paused = 1", "`start_paused` must be `true` or `false`", "1");
    assert_mistake("flavor = multi_thread", "`flavor` must be a string", "multi_thread");
    assert_mistake("name = 3", "`name` must be a string", "3");
    assert_mistake("crate = 456", "`crate` must be a path in a string", "456");
    assert_mistake("crate = \"a b\"", "`crate` must be a path in a string, not \"a b\"", "\"a b\"");
    let (message, place) = mistake(&MAIN, "worker_threads = 99999999999999999999");
    assert!(message.starts_with("`worker_threads` must be an integer: "), "{message}");
    assert_eq!(place, "99999999999999999999");
}

#[test]
fn unknown_words_are_pointed_at() {
    let unknown = "unknown flavor `fast`; expected `multi_thread`, `current_thread` or `local`";
    assert_mistake("flavor = \"fast\"", unknown, "\"fast\"");
    let renamed = "flavor `threaded_scheduler` is called `multi_thread`";
    assert_mistake("flavor = \"threaded_scheduler\"", renamed, "\"threaded_scheduler\"");
    let unknown = "unknown behaviour `cry`; expected `ignore` or `shutdown_runtime`";
    assert_mistake("flavor = \"local\", unhandled_panic = \"cry\"", unknown, "\"cry\"");
}

#[test]
fn an_argument_without_a_value_is_explained() {
    assert_mistake("flavor", "argument `flavor` needs a value: `flavor = ...`", "flavor");
    assert_mistake("flavor(\"local\")", "argument `flavor` needs a value: `flavor = ...`", "flavor(\"local\")");
    assert_mistake("current_thread", "write `#[mini_tokio::main(flavor = \"current_thread\")]`", "current_thread");
}

#[test]
fn the_second_of_two_equal_arguments_is_wrong() {
    let twice = "argument `worker_threads` is given more than once";
    assert_mistake("worker_threads = 1, worker_threads = 2", twice, "worker_threads = 2");
    let twice = "argument `crate` is given more than once";
    assert_mistake("crate = \"a\", crate = \"b\"", twice, "crate = \"b\"");
}

#[test]
fn an_argument_that_does_not_fit_the_flavor_is_pointed_at() {
    let message = "`worker_threads` requires the `multi_thread` flavor: \
                   write `#[mini_tokio::main(flavor = \"multi_thread\", ...)]`";
    assert_mistake("worker_threads = 4, flavor = \"current_thread\"", message, "worker_threads = 4");
    assert_mistake("flavor = \"local\", worker_threads = 4", message, "worker_threads = 4");
    let message = "`start_paused` requires the `current_thread` flavor: \
                   write `#[mini_tokio::main(flavor = \"current_thread\", ...)]`";
    assert_mistake("start_paused = false", message, "start_paused = false");
    let message = "`unhandled_panic` requires the `current_thread` flavor: \
                   write `#[mini_tokio::main(flavor = \"current_thread\", ...)]`";
    assert_mistake("unhandled_panic = \"ignore\"", message, "unhandled_panic = \"ignore\"");
    let (message, _) = mistake(&Entry::test("tokio"), "worker_threads = 4");
    assert!(message.ends_with("write `#[tokio::test(flavor = \"multi_thread\", ...)]`"), "{message}");
}

#[test]
fn a_build_without_the_multi_thread_scheduler_says_so() {
    let (message, place) = mistake(&MAIN.single_threaded(), "flavor = \"multi_thread\"");
    assert_eq!(message, "flavor `multi_thread` requires the `rt-multi-thread` feature");
    assert_eq!(place, "flavor = \"multi_thread\"");
    let (message, _) = mistake(&MAIN.single_threaded(), "");
    assert!(message.contains("the default flavor is `multi_thread`"), "{message}");
    assert_eq!(settings(&MAIN.single_threaded(), "flavor = \"local\"").flavor, Flavor::Local);
    assert_eq!(settings(&TEST.single_threaded(), "").flavor, Flavor::CurrentThread);
}
