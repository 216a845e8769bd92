//! The function: `async fn` in, plain `fn` around a runtime out.
//!
//! ```text
//!   #[attrs] pub async fn name(arguments) -> Output { #![inner] body }
//!        ==>
//!   #[attrs] #[inner] [#[test]] pub fn name(arguments) -> Output {
//!       let body = async {
//!           if let Some(output) = Option::<Output>::None { return output; }     <- the type pin
//!           body
//!       };
//!       { return Builder...block_on(body); }
//!   }
//! ```
//!
//! The *type pin* never runs. An `async fn` tells the compiler its output type, an `async` block does not: without the
//! pin, a wrong tail expression or `return` is reported at the attribute, where `block_on` hands the output over. With it,
//! the first `return` the compiler meets has the declared type, and every later mismatch is an error at the user's own
//! expression. Two other designs were rejected: an inner `async fn` (cannot take `self`), and `let output: Output = { body }`
//! inside the block (types the tail, but no `return`). An output with `impl Trait` in it cannot be named in a pin and goes
//! without.

use crate::args::{Entry, Flavor, Settings};
use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Path, Result, ReturnType, Signature, Type, Visibility};

/// Expands `#[entry(args)] item`; errors come back as `compile_error!`, beside the function where there is one.
pub(crate) fn expand(entry: &Entry, args: TokenStream, item: TokenStream) -> TokenStream {
    let function: Function = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            // Not a function at all: hand back what was written, so that nothing else goes missing.
            let error = error.into_compile_error();
            return quote!(#item #error);
        }
    };
    let checked = check(entry, &function);
    let settings = Settings::parse(entry, args);
    let mut errors = TokenStream::new();
    let settings = settings.unwrap_or_else(|error| {
        errors.extend(error.into_compile_error());
        entry.fallback()
    });
    if let Err(error) = checked {
        errors.extend(error.into_compile_error());
    }
    let function = function.onto_runtime(entry, &settings);
    quote!(#function #errors)
}

/// What the attribute says in a build that has no runtime.
pub(crate) fn no_runtime(entry: &Entry) -> TokenStream {
    let message = format!("`#[{}]` requires the `rt` or the `rt-multi-thread` feature", entry.attribute());
    syn::Error::new(Span::call_site(), message).into_compile_error()
}

/// What can be wrong with the function, whatever the arguments are.
fn check(entry: &Entry, function: &Function) -> Result<()> {
    let signature = &function.signature;
    if signature.asyncness.is_none() {
        let message = "the `async` keyword is missing from the function declaration";
        return Err(syn::Error::new_spanned(signature.fn_token, message));
    }
    if !entry.is_test && signature.ident == "main" && !signature.inputs.is_empty() {
        return Err(syn::Error::new_spanned(&signature.inputs, "the `main` function cannot have arguments"));
    }
    if entry.is_test
        && let Some(second) = function.attributes.iter().find(|attribute| is_test_attribute(attribute))
    {
        let message = "a second test attribute would run this test twice: remove one of them";
        return Err(syn::Error::new_spanned(second, message));
    }
    Ok(())
}

/// `#[test]`, `#[core::prelude::v1::test]` and their like. Other people's test attributes are unknown here; they may
/// well be meant to come on top.
fn is_test_attribute(attribute: &Attribute) -> bool {
    let Ok(path) = attribute.meta.require_path_only() else { return false };
    let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    matches!(segments[..], ["test"] | ["core" | "std", "prelude", _, "test"])
}

/// A function whose body stays the tokens it was written in (`MACRO-1`).
struct Function {
    attributes: Vec<Attribute>,
    visibility: Visibility,
    signature: Signature,
    /// Attributes at the head of the body; no `async` block may carry them, so they move to the function.
    inner_attributes: Vec<Attribute>,
    body: Group,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let signature: Signature = input.parse()?;
        let (inner_attributes, body) = match input.parse::<TokenTree>() {
            Ok(TokenTree::Group(block)) if block.delimiter() == proc_macro2::Delimiter::Brace => split_body(&block)?,
            _ => return Err(syn::Error::new_spanned(&signature.ident, "this function has no body to run")),
        };
        Ok(Self { attributes, visibility, signature, inner_attributes, body })
    }
}

/// Parts the inner attributes from the statements; the braces keep their span.
fn split_body(block: &Group) -> Result<(Vec<Attribute>, Group)> {
    let parts = |input: ParseStream<'_>| {
        let attributes = input.call(Attribute::parse_inner)?;
        let statements: TokenStream = input.parse()?;
        Ok((attributes, statements))
    };
    let (mut attributes, statements) = parts.parse2(block.stream())?;
    for attribute in &mut attributes {
        attribute.style = syn::AttrStyle::Outer;
    }
    let mut body = Group::new(block.delimiter(), statements);
    body.set_span(block.span());
    Ok((attributes, body))
}

impl Function {
    fn onto_runtime(mut self, entry: &Entry, settings: &Settings) -> TokenStream {
        // `async` is handed down to the block, with its span.
        let keyword = self.signature.asyncness.take().unwrap_or_default();
        let body = self.pinned_body();
        let builder = builder_calls(entry, settings);
        let Self { attributes, visibility, signature, inner_attributes, .. } = &self;
        // Last in the list, so that an attribute which makes several cases of one function sees it and copies it too.
        let test_attribute = entry.is_test.then(|| quote!(#[::core::prelude::v1::test]));
        let local = format_ident!("body", span = Span::mixed_site());
        let call = quote_spanned! {Span::mixed_site()=>
            // The block carries the lint exceptions; `expect` because there is nobody to hand an error to.
            #[allow(clippy::expect_used, clippy::unwrap_in_result, clippy::needless_return, clippy::diverging_sub_expression)]
            {
                return #builder.expect("the runtime could not be built").block_on(#local);
            }
        };
        quote! {
            #(#attributes)*
            #(#inner_attributes)*
            #test_attribute
            #visibility #signature {
                let #local = #keyword #body;
                #call
            }
        }
    }

    /// The body's block with the type pin in front.
    fn pinned_body(&self) -> TokenTree {
        let unit: Type = syn::parse_quote!(());
        let output = match &self.signature.output {
            ReturnType::Default => &unit,
            ReturnType::Type(_, output) => output,
        };
        if !can_be_named(output) {
            return self.body.clone().into();
        }
        let pin = quote_spanned! {Span::mixed_site()=>
            if let ::core::option::Option::Some(output) = ::core::option::Option::<#output>::None {
                return output;
            }
        };
        let statements = self.body.stream();
        let mut block = Group::new(self.body.delimiter(), quote!(#pin #statements));
        block.set_span(self.body.span());
        block.into()
    }
}

/// Whether a variable could be declared with this type: not with `impl Trait`, nor with the unstable `!`.
fn can_be_named(output: &Type) -> bool {
    fn has_impl(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => ident == "impl",
            TokenTree::Group(group) => has_impl(group.stream()),
            _ => false,
        })
    }
    !matches!(output, Type::Never(_)) && !has_impl(output.to_token_stream())
}

/// `Builder::new_...()` to `build()`: everything up to the `Result<Runtime>`.
fn builder_calls(entry: &Entry, settings: &Settings) -> TokenStream {
    let krate: Path = syn::parse2(settings.crate_path(entry)).expect("a path stays a path");
    let new = match settings.flavor {
        Flavor::MultiThread => quote!(new_multi_thread),
        Flavor::CurrentThread | Flavor::Local => quote!(new_current_thread),
    };
    let worker_threads = settings.worker_threads.map(|threads| quote!(.worker_threads(#threads)));
    let start_paused = settings.start_paused.map(|paused| quote!(.start_paused(#paused)));
    let name = settings.name.as_ref().map(|name| quote!(.name(#name)));
    let unhandled_panic = settings.unhandled_panic.map(|variant| {
        let variant = format_ident!("{variant}");
        quote!(.unhandled_panic(#krate::runtime::UnhandledPanic::#variant))
    });
    let build = match settings.flavor {
        Flavor::MultiThread | Flavor::CurrentThread => quote!(.build()),
        Flavor::Local => quote!(.build_local(#krate::runtime::LocalOptions::default())),
    };
    quote! {
        #krate::runtime::Builder::#new().enable_all() #name #worker_threads #start_paused #unhandled_panic #build
    }
}

#[cfg(test)]
mod tests;
