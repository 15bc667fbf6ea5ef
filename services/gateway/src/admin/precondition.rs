// SPDX-License-Identifier: Apache-2.0
//! `ETag`, `If-Match` and `If-None-Match` (RFC 9110 §13): whoever changes a thing can say which state of it they know, and
//! whoever reads one is spared what they have.
//!
//! A tag is the version of a thing between quotes. It is compared inside the change that the act opens, not before it.

use axum::http::header::{ETAG, HeaderName, IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use tamga_authority::guard::Caller;
use tamga_authority::refusal::{Failure, Refusal};
use tamga_registry::version::{Expectation, Version, Versioned, Versions};

use super::caller::Known;
use super::json::answer;
use super::problem::{Rejection, RimRefusal, render};

/// What a request expects of the thing it names.
pub(super) fn expected(headers: &HeaderMap) -> Result<Expectation, RimRefusal> {
    Ok(Expectation {
        // Weak tags never match here (RFC 9110 §13.1.1) …
        one_of: tags(headers, IF_MATCH, "If-Match", |tag| !tag.weak)?,
        // … and there they match as strong ones do (§13.1.2).
        none_of: tags(headers, IF_NONE_MATCH, "If-None-Match", |_| true)?,
    })
}

/// The answer to whoever reads one thing: it, with its tag; or only that it is what they have.
pub(super) async fn shown<T: Versioned, V: Serialize>(
    known: &Known,
    found: impl Future<Output = Result<T, Failure>>,
    view: impl FnOnce(&T) -> V,
) -> Response {
    let answered = match found.await {
        Ok(thing) => read(&thing, &known.caller, view),
        Err(failure) => Err(failure.into()),
    };
    answered.unwrap_or_else(|rejection| render(rejection, &known.arrival))
}

fn read<T: Versioned, V: Serialize>(
    thing: &T,
    caller: &Caller,
    view: impl FnOnce(&T) -> V,
) -> Result<Response, Rejection> {
    let version = thing.version();
    let expects = &caller.expects;
    if !expects.knows_no_other(Some(&version)) {
        return Err(Rejection::Refused(Refusal::PreconditionFailed));
    }
    let mut response = if expects.knows(Some(&version)) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        answer(StatusCode::OK, &view(thing))
    };
    if let Ok(tag) = HeaderValue::try_from(tag(&version)) {
        response.headers_mut().insert(ETAG, tag);
    }
    Ok(response)
}

fn tag(version: &Version) -> String {
    format!("\"{}\"", version.as_str())
}

/// A tag as it came: its text between the quotes.
#[derive(Debug, PartialEq, Eq)]
struct Tag<'a> {
    weak: bool,
    text: &'a str,
}

fn tags(
    headers: &HeaderMap,
    header: HeaderName,
    name: &'static str,
    counts: fn(&Tag<'_>) -> bool,
) -> Result<Option<Versions>, RimRefusal> {
    // The rim lets one of them pass, in ASCII.
    let Some(value) = headers.get(header) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default();
    if text.trim_matches(BLANK) == "*" {
        return Ok(Some(Versions::Any));
    }
    let listed = listed(text).ok_or(RimRefusal::TagsInvalid(name))?;
    let counted = listed.into_iter().filter(counts);
    Ok(Some(Versions::These(
        counted.map(|tag| tag.text.to_owned()).collect(),
    )))
}

/// `1#entity-tag` (RFC 9110 §5.6.1.2, §8.8.3); commas may stand in a tag as well as between two.
fn listed(text: &str) -> Option<Vec<Tag<'_>>> {
    let mut tags = Vec::new();
    let mut rest = text.trim_matches(BLANK);
    loop {
        // Elements may be empty.
        rest = rest.trim_start_matches(|letter| BLANK.contains(&letter) || letter == ',');
        if rest.is_empty() {
            break;
        }
        let (weak, quoted) = match rest.strip_prefix("W/") {
            Some(quoted) => (true, quoted),
            None => (false, rest),
        };
        let (text, after) = quoted.strip_prefix('"')?.split_once('"')?;
        let after = after.trim_start_matches(BLANK);
        let ends = after.is_empty() || after.starts_with(',');
        if !ends || !text.bytes().all(|octet| octet.is_ascii_graphic()) || tags.len() >= MOST_TAGS {
            return None;
        }
        tags.push(Tag { weak, text });
        rest = after;
    }
    (!tags.is_empty()).then_some(tags)
}

const BLANK: [char; 2] = [' ', '\t'];
const MOST_TAGS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    fn these(known: &[&str]) -> Option<Versions> {
        Some(Versions::These(
            known.iter().map(|&known| known.to_owned()).collect(),
        ))
    }

    #[test]
    fn tags_are_read_as_the_rfc_writes_them() {
        let read = |value| expected(&headers(IF_MATCH, value)).map(|expected| expected.one_of);
        for (value, versions) in [
            ("*", Some(Versions::Any)),
            (" * ", Some(Versions::Any)),
            (r#""a.1""#, these(&["a.1"])),
            (r#""a.1" , "b,2","c""#, these(&["a.1", "b,2", "c"])),
            (r#", "a.1",,"#, these(&["a.1"])),
            (r#"W/"a.1""#, these(&[])),
            (r#"W/"a.1", "b""#, these(&["b"])),
            (r#""""#, these(&[""])),
        ] {
            assert_eq!(read(value).unwrap(), versions, "{value}");
        }
        let weakly = expected(&headers(IF_NONE_MATCH, r#"W/"a.1", "b""#)).unwrap();
        assert_eq!((weakly.one_of, weakly.none_of), (None, these(&["a.1", "b"])));
        assert!(expected(&HeaderMap::new()).unwrap().is_none());
    }

    #[test]
    fn what_is_no_list_of_tags_is_refused() {
        let long = vec![r#""a""#; 65].join(",");
        for wrong in [
            "",
            " ",
            ",",
            "a",
            r#""a"#,
            r#"a""#,
            r#""a" "b""#,
            r#""a"b"#,
            r#"w/"a""#,
            r#"W / "a""#,
            r#""a b""#,
            "*, \"a\"",
            "**",
            "'a'",
            &long,
        ] {
            for (name, said) in [(IF_MATCH, "If-Match"), (IF_NONE_MATCH, "If-None-Match")] {
                let refused = expected(&headers(name, wrong)).unwrap_err();
                assert_eq!(refused.slug(), "header_invalid", "{wrong}");
                assert!(refused.to_string().contains(said), "{refused}");
            }
        }
    }
}
