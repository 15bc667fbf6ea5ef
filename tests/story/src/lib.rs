// SPDX-License-Identifier: Apache-2.0
//! The attribute `#[story]`: one body, told once in every topology, as tests named after it.
//!
//! A story is an `async fn` without arguments. `#[story]` tells it in all topologies; `#[story(sqlite, postgres)]` in
//! those alone, which wants a comment with the reason.

use proc_macro::{TokenStream, TokenTree};

/// Tells a story in every topology, or in those named.
#[proc_macro_attribute]
pub fn story(topologies: TokenStream, told: TokenStream) -> TokenStream {
    let Some(name) = name_of(&told) else {
        return refusal("#[story] stands above an `async fn` without arguments");
    };
    let named: Vec<String> = topologies
        .into_iter()
        .filter(|token| !matches!(token, TokenTree::Punct(_)))
        .map(|token| token.to_string())
        .collect();
    if let Some(stranger) = named
        .iter()
        .find(|name| TOPOLOGIES.iter().all(|(known, _)| known != name))
    {
        return refusal(&format!("{stranger} is no topology: sqlite, postgres or split"));
    }
    let tests: String = TOPOLOGIES
        .iter()
        .filter(|(topology, _)| named.is_empty() || named.iter().any(|name| name == topology))
        .map(|(topology, variant)| {
            format!(
                "#[test] fn {topology}() {{ ::tamga_tests::topology::tell(::tamga_tests::topology::Topology::{variant}, super::{name}()); }}"
            )
        })
        .collect();
    let module: TokenStream = match format!("mod {name} {{ {tests} }}").parse() {
        Ok(module) => module,
        Err(fault) => return refusal(&fault.to_string()),
    };
    told.into_iter().chain(module).collect()
}

/// The identifier after `fn`.
fn name_of(told: &TokenStream) -> Option<String> {
    let mut tokens = told.clone().into_iter();
    tokens.find(|token| matches!(token, TokenTree::Ident(word) if word.to_string() == "fn"))?;
    tokens.next().map(|name| name.to_string())
}

fn refusal(sentence: &str) -> TokenStream {
    format!("::core::compile_error!({sentence:?});")
        .parse()
        .unwrap_or_default()
}

/// The names of topologies in stories, and in the harness.
const TOPOLOGIES: [(&str, &str); 3] = [("sqlite", "Sqlite"), ("postgres", "Postgres"), ("split", "Split")];
