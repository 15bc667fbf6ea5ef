// SPDX-License-Identifier: Apache-2.0
//! The rim, by itself: queries, headers and foreign pages.

use axum::http::HeaderValue;

use super::*;

fn described() -> Described {
    Described::by(
        r##"{
            "paths": { "/things/{name}": {
                "parameters": [{ "name": "name", "in": "path" }, { "$ref": "#/components/parameters/limit" }],
                "get": { "parameters": [{ "name": "sort", "in": "query" }] },
                "put": { "parameters": [{ "$ref": "#/components/parameters/ifMatch" }] },
                "post": {}
            } },
            "components": { "parameters": { 
                "limit": { "name": "limit", "in": "query" },
                "ifMatch": { "name": "If-Match", "in": "header" }
            } }
        }"##,
    )
}

fn asked(method: &Method, query: &str) -> Result<(), &'static str> {
    let judged = described().judge_query((method, "/things/{name}"), query);
    judged.map_err(|refusal| refusal.slug())
}

#[test]
fn a_query_says_what_the_document_describes_and_nothing_else() {
    for query in ["", "limit=1", "limit=1&sort=a", "&limit=1"] {
        assert_eq!(asked(&Method::GET, query), Ok(()), "{query}");
        assert_eq!(asked(&Method::HEAD, query), Ok(()), "{query}");
    }
    for query in [
        "name=x",
        "Limit=1",
        "%6cimit=1",
        "list=true",
        "limit[]=1",
        "=",
        "organization=other",
    ] {
        assert_eq!(asked(&Method::GET, query), Err("query_invalid"), "{query}");
    }
    assert_eq!(asked(&Method::POST, "limit=1"), Ok(()));
    assert_eq!(asked(&Method::POST, "sort=a"), Err("query_invalid"));
    assert_eq!(
        asked(&Method::GET, "limit=1&Access_Token=x"),
        Err("credential_in_url")
    );
}

#[test]
fn without_a_document_no_query_is_taken() {
    let nothing = Described::by("");
    let asked = (&Method::GET, "/things/{name}");
    assert!(nothing.judge_query(asked, "limit=1").is_err());
}

#[test]
fn a_state_is_expected_where_the_document_says_so_and_elsewhere_refused() {
    let described = described();
    let judged = |method: &Method, name: &'static str| {
        let asked = (method, "/things/{name}");
        let judged = described.judge_conditions(asked, &headers(&[(name, "\"1\"")]));
        judged.map_err(|refusal| (refusal.slug(), refusal.to_string().contains(name)))
    };
    assert_eq!(judged(&Method::PUT, "If-Match"), Ok(()));
    assert_eq!(judged(&Method::GET, "If-None-Match"), Ok(()));
    assert_eq!(judged(&Method::HEAD, "If-None-Match"), Ok(()));
    let refused = Err(("precondition_unsupported", true));
    for (method, name) in [
        (Method::GET, "If-Match"),
        (Method::HEAD, "If-Match"),
        (Method::POST, "If-Match"),
        (Method::POST, "If-None-Match"),
        (Method::PUT, "If-None-Match"),
        (Method::DELETE, "If-Match"),
    ] {
        assert_eq!(judged(&method, name), refused, "{method} {name}");
    }
    assert_eq!(judged(&Method::POST, "x-more"), Ok(()));
}

fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(*name, HeaderValue::from_static(value));
    }
    headers
}

#[test]
fn what_counts_once_is_said_once() {
    assert!(
        unambiguous(&headers(&[
            ("authorization", "Bearer a"),
            ("x-more", "1"),
            ("x-more", "2")
        ]))
        .is_ok()
    );
    for wrong in [
        [("authorization", "Bearer a"), ("authorization", "Bearer a")],
        [
            ("content-type", "application/json"),
            ("content_type", "text/plain"),
        ],
        [("if-match", "\"1\""), ("if-match", "\"2\"")],
        [("transfer_encoding", "chunked"), ("host", "a")],
    ] {
        assert!(unambiguous(&headers(&wrong)).is_err(), "{wrong:?}");
    }
    let mut foreign = HeaderMap::new();
    foreign.insert("authorization", HeaderValue::from_bytes(b"Bearer \xe9").unwrap());
    assert!(unambiguous(&foreign).is_err());
}

#[test]
fn no_other_site_makes_a_browser_act() {
    let judged = |method: &Method, lines: &[(&'static str, &'static str)]| {
        of_this_site(method, &headers(lines)).map_err(|refusal| refusal.slug())
    };
    let host = ("host", "tamga.example:8444");
    for fine in [
        vec![host],
        vec![host, ("origin", "https://tamga.example:8444")],
        vec![host, ("sec-fetch-site", "same-origin")],
        vec![host, ("sec-fetch-site", "none")],
    ] {
        assert_eq!(judged(&Method::POST, &fine), Ok(()), "{fine:?}");
    }
    for foreign in [
        vec![host, ("origin", "null")],
        vec![host, ("origin", "https://evil.example")],
        vec![host, ("origin", "https://tamga.example:8444.evil.example")],
        vec![host, ("sec-fetch-site", "cross-site")],
        vec![host, ("sec-fetch-site", "same-site")],
    ] {
        assert_eq!(judged(&Method::POST, &foreign), Err("cross_site"), "{foreign:?}");
    }
    // A link from elsewhere may lead to the page that shows the contract.
    assert_eq!(
        judged(&Method::GET, &[host, ("sec-fetch-site", "cross-site")]),
        Ok(())
    );
}
