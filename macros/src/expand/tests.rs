//! The written-out form of each kind of function, compared token by token.

use super::*;

fn tokens(text: &str) -> TokenStream {
    text.parse().unwrap()
}

/// Prints tokens without the spaces between them, which say nothing.
fn print(tokens: TokenStream) -> String {
    tokens.to_string().replace(' ', "")
}

fn main(arguments: &str, item: &str) -> String {
    print(expand(&Entry::main("mini_tokio"), tokens(arguments), tokens(item)))
}

fn test(arguments: &str, item: &str) -> String {
    print(expand(&Entry::test("tokio"), tokens(arguments), tokens(item)))
}

/// The expected expansion, built from its variable parts.
fn written_out(head: &str, output: &str, body: &str, builder: &str) -> String {
    let pin = format!(
        "if let ::core::option::Option::Some(output) = ::core::option::Option::<{output}>::None {{ return output; }}"
    );
    let pin = if output.is_empty() { "" } else { &pin };
    print(tokens(&format!(
        "{head} {{
            let body = async {{ {pin} {body} }};
            #[allow(clippy::expect_used, clippy::unwrap_in_result, clippy::needless_return, clippy::diverging_sub_expression)]
            {{ return {builder}.expect(\"the runtime could not be built\").block_on(body); }}
        }}"
    )))
}

const MULTI_THREAD: &str = "::mini_tokio::runtime::Builder::new_multi_thread().enable_all().build()";

#[test]
fn main_becomes_a_plain_function_around_block_on() {
    assert_eq!(
        main("", "async fn main() { work().await }"),
        written_out("fn main()", "()", "work().await", MULTI_THREAD)
    );
}

#[test]
fn the_builder_gets_every_argument() {
    let builder = "rt::runtime::Builder::new_multi_thread().enable_all().name(\"lab\").worker_threads(3usize).build()";
    let expected = written_out("fn main()", "()", "", builder);
    assert_eq!(main("crate = \"rt\", worker_threads = 3, name = \"lab\"", "async fn main() {}"), expected);

    let builder = "::mini_tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true)
        .unhandled_panic(::mini_tokio::runtime::UnhandledPanic::Ignore)
        .build_local(::mini_tokio::runtime::LocalOptions::default())";
    let arguments = "flavor = \"local\", start_paused = true, unhandled_panic = \"ignore\"";
    assert_eq!(main(arguments, "async fn main() {}"), written_out("fn main()", "()", "", builder));
}

#[test]
fn a_test_gets_its_attribute_behind_the_others() {
    let builder = "::tokio::runtime::Builder::new_current_thread().enable_all().build()";
    let head = "#[doc = \" A claim.\"] #[should_panic] #[::core::prelude::v1::test] fn claim()";
    let written = "/// A claim.\n #[should_panic] async fn claim() { panic!() }";
    assert_eq!(test("", written), written_out(head, "()", "panic!()", builder));
}

#[test]
fn the_signature_is_kept_but_for_async() {
    let signature =
        "pub(crate) unsafe extern \"C\" fn f<'a, T: Copy>(&self, (a, b): (u8, T)) -> Result<&'a T, E> where T: 'a";
    let item = format!("#[inline] {} {{ body }}", signature.replace("unsafe", "async unsafe"));
    let expected = written_out(&format!("#[inline] {signature}"), "Result<&'a T, E>", "body", MULTI_THREAD);
    assert_eq!(main("", &item), expected);
}

#[test]
fn an_unnameable_output_goes_without_the_type_pin() {
    for output in ["impl Display", "Result<impl Display, E>", "!"] {
        let expected = written_out(&format!("fn f() -> {output}"), "", "body", MULTI_THREAD);
        assert_eq!(main("", &format!("async fn f() -> {output} {{ body }}")), expected);
    }
}

#[test]
fn inner_attributes_move_to_the_function() {
    let expected = written_out("#[inline] #[allow(dead_code)] fn f()", "()", "body", MULTI_THREAD);
    assert_eq!(main("", "#[inline] async fn f() { #![allow(dead_code)] body }"), expected);
}

#[test]
fn statements_are_not_parsed() {
    let expected = written_out("fn f()", "()", "let x = = ;", MULTI_THREAD);
    assert_eq!(main("", "async fn f() { let x = = ; }"), expected);
}

#[test]
fn a_wrong_attribute_still_yields_the_function() {
    let expansion = main("flavour = \"local\"", "async fn main() { body }");
    assert!(expansion.starts_with(&written_out("fn main()", "()", "body", MULTI_THREAD)), "{expansion}");
    assert!(expansion.contains("compile_error!{\"unknownargument`flavour`"), "{expansion}");
    let expansion = test("flavour = \"local\"", "async fn claim() { body }");
    assert!(expansion.contains("new_current_thread") && expansion.contains("compile_error"), "{expansion}");
}

/// The text of the one error in an expansion.
#[track_caller]
fn assert_error(expansion: &str, message: &str) {
    assert_eq!(expansion.matches("compile_error").count(), 1, "{expansion}");
    assert!(expansion.contains(&format!("compile_error!{{{message:?}}}").replace(' ', "")), "{expansion}");
}

#[test]
fn mistakes_in_the_function_are_reported() {
    assert_error(&main("", "fn main() {}"), "the `async` keyword is missing from the function declaration");
    assert_error(&main("", "async fn main(args: Args) {}"), "the `main` function cannot have arguments");
    assert_error(&main("", "async fn f();"), "this function has no body to run");
    assert_error(&main("", "struct S;"), "expected `fn`");
    assert!(main("", "struct S;").starts_with("structS;"));
}

#[test]
fn other_functions_may_have_arguments() {
    assert!(!main("", "async fn serve(port: u16) {}").contains("compile_error"));
    // rustc itself refuses them, unless another attribute has made cases of them by then.
    assert!(!test("", "async fn claim(case: u8) {}").contains("compile_error"));
}

#[test]
fn a_second_test_attribute_is_refused() {
    let message = "a second test attribute would run this test twice: remove one of them";
    for second in ["test", "::core::prelude::v1::test", "std::prelude::rust_2021::test"] {
        assert_error(&test("", &format!("#[{second}] async fn claim() {{}}")), message);
    }
    for other in ["test_case(1)", "cfg(test)", "my::test"] {
        assert!(!test("", &format!("#[{other}] async fn claim() {{}}")).contains("compile_error"), "{other}");
    }
}

#[test]
fn a_build_without_a_runtime_says_which_feature_is_missing() {
    let message = "`#[tokio::main]` requires the `rt` or the `rt-multi-thread` feature";
    assert_error(&print(no_runtime(&Entry::main("tokio"))), message);
}
