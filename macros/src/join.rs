//! `join!` and `try_join!`: read the futures and write the code that polls them.
//!
//! ```text
//!   biased;                   optional
//!   future, future, ...       any number
//! ```
//!
//! becomes
//!
//! ```text
//!   {
//!       let mut futures = (maybe_done(future), maybe_done(future));
//!       let mut first = 0;
//!       poll_fn(|cx| {
//!           join_round(cx, 2, rotate(&mut first), |branch, cx| match branch { 0 => poll futures.0, 1 => ... })?;
//!           Ready((futures.0.take_output(), futures.1.take_output()))
//!       }).await
//!   }
//! ```
//!
//! As with `select!` the rules are in ordinary functions of the runtime, and what is written here is a table; `SELECT-2` and
//! `SELECT-3` hold here too. Without `biased;` each round begins one future further on, so that one that uses up the
//! task's budget does not starve those behind it.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, Token};

use crate::select::parse_head;

pub struct Join {
    krate: TokenTree,
    biased: bool,
    futures: Punctuated<Expr, Token![,]>,
}

impl Parse for Join {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let (krate, biased) = parse_head(input)?;
        Ok(Self { krate, biased, futures: Punctuated::parse_terminated(input)? })
    }
}

impl Join {
    /// Waits for all.
    pub fn expand(&self) -> TokenStream {
        let support = self.support();
        let (round, take) = (quote!(join_round), quote!(take_output));
        if self.futures.is_empty() {
            return quote!(async {}.await);
        }
        self.awaited(&support, &round, &quote!(poll_done), &quote!(), &take, &quote!())
    }

    /// Waits for all, or for the first error.
    pub fn expand_try(&self) -> TokenStream {
        let support = self.support();
        if self.futures.is_empty() {
            return quote!(async { #support::Result::Ok(()) }.await);
        }
        let on_error = quote_spanned! {Span::mixed_site()=>
            if let #support::Result::Err(error) = round {
                return #support::Poll::Ready(#support::Result::Err(error));
            }
        };
        let (round, take) = (quote!(try_join_round), quote!(take_ok));
        self.awaited(&support, &round, &quote!(poll_ok), &on_error, &take, &quote!(#support::Result::Ok))
    }

    fn support(&self) -> TokenStream {
        let krate = &self.krate;
        quote!(#krate::macros::support)
    }

    fn awaited(
        &self,
        support: &TokenStream,
        round: &TokenStream,
        poll: &TokenStream,
        on_error: &TokenStream,
        take: &TokenStream,
        wrap: &TokenStream,
    ) -> TokenStream {
        let count = self.futures.len();
        let started = self.futures.iter().map(|future| {
            // Where an error about an argument that is no future is to point.
            let span = Span::mixed_site().located_at(future.span());
            quote_spanned!(span=> #support::maybe_done(#future))
        });
        let projected = |number: usize| {
            let before = (0..number).map(|_| quote!(_));
            quote_spanned! {Span::mixed_site()=>
                let (#(#before,)* future, ..) = &mut *futures;
                // SAFETY (of the code that is written): SELECT-2.
                let future = unsafe { #support::Pin::new_unchecked(future) };
            }
        };
        let arms = (0..count).map(|number| {
            let project = projected(number);
            quote_spanned!(Span::mixed_site()=> #number => { #project future.#poll(cx) })
        });
        let outputs = (0..count).map(|number| {
            let project = projected(number);
            quote_spanned!(Span::mixed_site()=> { #project future.#take() })
        });
        let (declare, first) = if self.biased {
            (quote!(), quote!(0))
        } else {
            let declare = quote_spanned!(Span::mixed_site()=> let mut first = 0;);
            (declare, quote_spanned!(Span::mixed_site()=> #support::rotate(&mut first, #count)))
        };
        quote_spanned! {Span::mixed_site()=>
            {
                let mut futures = (#(#started,)*);
                let futures = &mut futures;
                #declare
                #support::poll_fn(move |cx| {
                    let round = #support::#round(cx, #count, #first, |branch, cx| match branch {
                        #(#arms)*
                        _ => #support::no_such_branch(),
                    });
                    let #support::Poll::Ready(round) = round else { return #support::Poll::Pending };
                    #on_error
                    let _ = round;
                    #[allow(unreachable_code)]
                    #support::Poll::Ready(#wrap((#(#outputs,)*)))
                })
                .await
            }
        }
    }
}
