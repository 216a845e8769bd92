//! `select!`: reads the branches and writes the code that polls them.
//!
//! ```text
//!   biased;                                         optional, first
//!   pattern = future, if precondition => handler,   up to 64 branches
//!   else => handler                                 optional, last
//! ```
//!
//! becomes
//!
//! ```text
//!   {
//!       enum Output<A, B> { Branch0(A), Branch1(B) }
//!       let output = {
//!           let mut disabled = [!precondition, false];
//!           let mut futures = (future, future);
//!           poll_fn(|cx| select_round(cx, &mut disabled, order, |branch, cx| match branch {
//!               0 => poll futures.0; Ready(None) if the pattern does not match
//!               1 => ...
//!           })).await
//!       };
//!       match output { Some(Output::Branch0(pattern)) => handler, ..., None => handler of `else` }
//!   }
//! ```
//!
//! The rules (who is polled first, what disables a branch, the budget) are in `select_round`, an ordinary function of the
//! runtime that a debugger can step into; what is written here is only the table from a branch's number to its future.
//!
//! * `SELECT-1`: preconditions, futures and handlers stand in no closure, so that `?`, `return`, `break` and `.await` in
//!   them mean what they mean around the macro.
//! * `SELECT-2`: the futures stand in a variable that is not touched by name again but through the one reference in the
//!   closure, and are dropped in place at the end of its block: they may be pinned there.
//! * `SELECT-3`: all generated variables have hygienic names; the enum, which cannot, has a name that nobody uses.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Error, Expr, Ident, Pat, Token, token};

/// As many as tokio takes.
pub const MAX_BRANCHES: usize = 64;

syn::custom_keyword!(biased);

/// The path of the runtime's crate, and what the user wrote.
pub struct Select {
    krate: TokenTree,
    biased: bool,
    branches: Vec<Branch>,
    otherwise: Option<TokenStream>,
}

struct Branch {
    pattern: Pat,
    future: Expr,
    precondition: Option<Expr>,
    handler: TokenStream,
}

/// `$crate;` and perhaps `biased;`, with which the input of all macros begins.
pub fn parse_head(input: ParseStream<'_>) -> syn::Result<(TokenTree, bool)> {
    let krate = input.parse()?;
    input.parse::<Token![;]>()?;
    let is_biased = input.peek(biased) && input.peek2(Token![;]);
    if is_biased {
        input.parse::<biased>()?;
        input.parse::<Token![;]>()?;
    }
    Ok((krate, is_biased))
}

impl Parse for Select {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let (krate, biased) = parse_head(input)?;
        let mut select = Self { krate, biased, branches: Vec::new(), otherwise: None };
        if input.is_empty() {
            return Err(Error::new(Span::call_site(), "`select!` needs at least one branch"));
        }
        while !input.is_empty() {
            select.parse_branch(input)?;
        }
        Ok(select)
    }
}

impl Select {
    fn parse_branch(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        if self.otherwise.is_some() {
            return Err(input.error("no branch can follow `else`"));
        }
        if input.peek(Token![else]) {
            input.parse::<Token![else]>()?;
            if !input.peek(Token![=>]) {
                return Err(input.error("expected `=> handler` after `else`"));
            }
            self.otherwise = Some(parse_handler(input)?);
            return Ok(());
        }
        if self.branches.len() == MAX_BRANCHES {
            return Err(input.error(format!("`select!` takes up to {MAX_BRANCHES} branches")));
        }
        if input.peek(biased) && input.peek2(Token![;]) {
            return Err(input.error("`biased;` stands before the first branch"));
        }
        let pattern = Pat::parse_multi_with_leading_vert(input)?;
        // `=>` begins with a `=`, too.
        if input.peek(Token![=>]) || !input.peek(Token![=]) {
            return Err(input.error("expected `= future` after the branch's pattern"));
        }
        input.parse::<Token![=]>()?;
        let future: Expr = input.parse()?;
        if input.peek(Token![if]) {
            return Err(input.error("expected `,` before the precondition"));
        }
        let mut precondition = None;
        if input.peek(Token![,]) && input.peek2(Token![if]) {
            input.parse::<Token![,]>()?;
            input.parse::<Token![if]>()?;
            precondition = Some(input.parse()?);
        }
        if !input.peek(Token![=>]) {
            let here = if input.is_empty() { future.span() } else { input.span() };
            return Err(Error::new(here, "expected `=> handler` after the branch's future"));
        }
        let handler = parse_handler(input)?;
        self.branches.push(Branch { pattern, future, precondition, handler });
        Ok(())
    }
}

/// `=>`, and a block, which travels unread, so that an editor can complete what is half written in it; or an expression.
fn parse_handler(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let arrow: Token![=>] = input.parse()?;
    if input.peek(token::Brace) {
        let block: TokenTree = input.parse()?;
        input.parse::<Option<Token![,]>>()?;
        return Ok(block.into());
    }
    if input.is_empty() {
        return Err(Error::new(arrow.span(), "expected a handler after `=>`"));
    }
    let handler: Expr = input.parse()?;
    if !input.is_empty() {
        if !input.peek(Token![,]) {
            return Err(input.error("expected `,` after a handler that is no block"));
        }
        input.parse::<Token![,]>()?;
    }
    Ok(handler.into_token_stream())
}

impl Select {
    // ANCHOR: macros-select-expand
    pub fn expand(&self) -> TokenStream {
        let krate = &self.krate;
        let support = quote!(#krate::macros::support);
        let otherwise = match &self.otherwise {
            Some(handler) => handler.clone(),
            None => quote!(#support::all_branches_disabled()),
        };
        if self.branches.is_empty() {
            return quote!({ #otherwise });
        }
        let variants: Vec<Ident> = (0..self.branches.len()).map(|i| format_ident!("Branch{i}")).collect();
        let types: Vec<Ident> = (0..self.branches.len()).map(|i| format_ident!("Output{i}")).collect();
        let patterns = self.branches.iter().map(|branch| &branch.pattern);
        let handlers = self.branches.iter().map(|branch| &branch.handler);
        let awaited = self.awaited(&support, &variants);
        quote_spanned! {Span::mixed_site()=>
            {
                enum __SelectOutput<#(#types),*> { #(#variants(#types)),* }
                let output = #awaited;
                #[allow(unused_mut)] // for patterns with `ref mut`
                let mut output = output;
                match output {
                    #(
                        #[allow(unreachable_patterns)]
                        #support::Option::Some(__SelectOutput::#variants(#patterns)) => #handlers,
                    )*
                    #support::Option::None => #otherwise,
                    #[allow(unreachable_patterns)]
                    _ => #support::matched_before(),
                }
            }
        }
    }

    /// The block that waits for one of the branches.
    fn awaited(&self, support: &TokenStream, variants: &[Ident]) -> TokenStream {
        let order = if self.biased { quote!(Declared) } else { quote!(Random) };
        let futures = self.branches.iter().map(|branch| &branch.future);
        let preconditions = self.branches.iter().map(|branch| match &branch.precondition {
            Some(precondition) => quote!(#support::not(#precondition)),
            None => quote!(false),
        });
        let into_futures = self.branches.iter().enumerate().map(|(i, branch)| {
            // Where an error about a branch that is no future is to point.
            let span = Span::mixed_site().located_at(branch.future.span());
            let place = syn::Index { index: i as u32, span };
            quote_spanned!(span=> #support::into_future(futures.#place))
        });
        let arms = self.branches.iter().enumerate().map(|(i, branch)| branch.poll_arm(i, support, &variants[i]));
        quote_spanned! {Span::mixed_site()=>
            {
                let mut disabled = [#(#preconditions),*];
                // First all expressions as they stand: temporaries in them live as long as this block.
                let futures = (#(#futures,)*);
                let mut futures = (#(#into_futures,)*);
                let futures = &mut futures;
                #support::poll_fn(|cx| #support::select_round(cx, &mut disabled, #support::Order::#order, |branch, cx| {
                    #[allow(unreachable_code, unreachable_patterns)]
                    let polled = match branch {
                        #(#arms)*
                        _ => #support::no_such_branch(),
                    };
                    #[allow(unreachable_code)]
                    polled
                }))
                .await
            }
        }
    }
}

impl Branch {
    // ANCHOR: macros-select-match
    /// Polls the branch's future, and asks whether the pattern matches what it yields.
    ///
    /// The output must be whole afterwards: it is matched once more, in front of the handler, and a pattern may move parts of
    /// it out. But a name is bound only when the guard has said yes. So the guard notes that it was asked, and says no.
    /// (tokio asks a reference to the output, and rewrites the pattern without `mut` and `ref` for that.)
    fn poll_arm(&self, number: usize, support: &TokenStream, variant: &Ident) -> TokenStream {
        let before = (0..number).map(|_| quote!(_));
        let pattern = &self.pattern;
        quote_spanned! {Span::mixed_site()=>
            #number => {
                let (#(#before,)* future, ..) = &mut *futures;
                // SAFETY (of the code that is written): SELECT-2.
                let future = unsafe { #support::Pin::new_unchecked(future) };
                // With `return`, an output whose type nothing determines becomes `()`.
                #[allow(unused_mut)] // for patterns with `ref mut`
                let mut output = match #support::Future::poll(future, cx) {
                    #support::Poll::Ready(output) => output,
                    #support::Poll::Pending => return #support::Poll::Pending,
                };
                let mut matched = false;
                match output {
                    #[allow(unused_variables, unused_mut)]
                    #pattern if { matched = true; false } => #support::no_such_branch(),
                    _ => {}
                }
                #support::Poll::Ready(if matched {
                    #support::Option::Some(__SelectOutput::#variant(output))
                } else {
                    #support::Option::None
                })
            }
        }
    }
}
