// SPDX-License-Identifier: Apache-2.0
//! Lists, a page at a time: what is asked by query, and what is answered.
//!
//! A handler takes an [`Asked`], takes its own filters out of it, and makes a [`List`] of what is left: then nothing may
//! be left over. The list says which [`Page`] to read, and answers with what was read.

use std::convert::Infallible;
use std::fmt::Display;
use std::str::FromStr;

use axum::Json;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use tamga_registry::page::{Listed, Mark, Page, Portion, Sort};

use super::AdminPlane;
use super::problem::{Rejection, RimRefusal};

mod cursor;
use cursor::Place;

/// The query of a list, of which nothing was believed yet.
pub(super) struct Asked {
    path: String,
    /// Each name once, in the order of names; absent where it cannot be read so.
    parameters: Option<Vec<(String, String)>>,
    /// What was asked for by now.
    known: Vec<&'static str>,
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.uri))
    }
}

impl Asked {
    fn of(uri: &Uri) -> Self {
        let query = Query::<Vec<(String, String)>>::try_from_uri(uri);
        let parameters = query.ok().map(|Query(parameters)| parameters);
        let parameters = parameters.and_then(|mut parameters| {
            parameters.sort();
            let doubled = parameters.windows(2).any(|two| match two {
                [(one, _), (other, _)] => one == other,
                _ => false,
            });
            (!doubled).then_some(parameters)
        });
        Self {
            path: uri.path().to_owned(),
            parameters,
            known: Vec::new(),
        }
    }

    /// A filter, if it was given. Each is asked for once.
    pub(super) fn filter<T: FromStr>(&mut self, name: &'static str) -> Result<Option<T>, RimRefusal>
    where
        T::Err: Display,
    {
        self.known.push(name);
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let read = text.parse().map(Some);
        read.map_err(|wrong| RimRefusal::QueryInvalid(format!("`{name}`: {wrong}")))
    }

    /// The list that is asked for, in one of these orders, of which the first is the usual one. Only what was asked for
    /// may have been given, and only a cursor that was given out for the same question.
    pub(super) async fn list(
        mut self,
        plane: &AdminPlane,
        sorts: &[(&'static str, Sort)],
    ) -> Result<List, Rejection> {
        let sort = self.sort(sorts)?;
        let limit = self.limit()?;
        self.known.push("cursor");
        self.refuse_unknown()?;
        let place = Place {
            path: self.path.clone(),
            question: self.question(),
            key: *plane.administration.cursor_key().await?,
        };
        let after = match self.text("cursor") {
            Some(cursor) => Some(place.read(cursor).ok_or(RimRefusal::CursorInvalid)?),
            None => None,
        };
        Ok(List {
            page: Page { sort, after, limit },
            place,
        })
    }

    fn sort(&mut self, sorts: &[(&'static str, Sort)]) -> Result<Sort, RimRefusal> {
        self.known.push("sort");
        let words = || sorts.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
        let fit = match self.text("sort") {
            Some(asked) => sorts.iter().find(|(word, _)| *word == asked),
            None => sorts.first(),
        };
        let (_, sort) =
            fit.ok_or_else(|| RimRefusal::QueryInvalid(format!("`sort` is one of {}", words())))?;
        Ok(*sort)
    }

    fn limit(&mut self) -> Result<u32, RimRefusal> {
        self.known.push("limit");
        let Some(text) = self.text("limit") else {
            return Ok(USUAL_LIMIT);
        };
        let digits = text.bytes().all(|octet| octet.is_ascii_digit());
        let limit = text
            .parse()
            .ok()
            .filter(|limit| (1..=HIGHEST_LIMIT).contains(limit));
        limit
            .filter(|_| digits)
            .ok_or_else(|| RimRefusal::QueryInvalid(format!("`limit` is not from 1 to {HIGHEST_LIMIT}")))
    }

    fn text(&self, name: &str) -> Option<&str> {
        let mut given = self.parameters.iter().flatten();
        given
            .find(|(given, _)| given == name)
            .map(|(_, value)| value.as_str())
    }

    fn refuse_unknown(&self) -> Result<(), RimRefusal> {
        let takes = || {
            let known: Vec<String> = self.known.iter().map(|name| format!("`{name}`")).collect();
            RimRefusal::QueryInvalid(format!("it takes {}, each at most once", known.join(", ")))
        };
        let given = self.parameters.as_ref().ok_or_else(takes)?;
        let known = given.iter().all(|(name, _)| self.known.contains(&name.as_str()));
        if known { Ok(()) } else { Err(takes()) }
    }

    /// What is asked beside which page of it: the same for each page.
    fn question(&self) -> Vec<(String, String)> {
        let given = self.parameters.iter().flatten();
        given
            .filter(|(name, _)| name != "cursor" && name != "limit")
            .cloned()
            .collect()
    }
}

/// A list that can be served.
pub(super) struct List {
    page: Page,
    place: Place,
}

/// One page of items.
#[derive(Debug, Serialize)]
struct Items<V> {
    items: Vec<V>,
    /// What to give as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl List {
    /// Which page to read.
    pub(super) fn page(&self) -> &Page {
        &self.page
    }

    /// The page, of what was read for it: one row more than it has tells that there is another.
    pub(super) fn answer<T: Listed, V: Serialize>(&self, read: &[T], view: impl Fn(&T) -> V) -> Response {
        let limit = usize::try_from(self.page.limit).unwrap_or(usize::MAX);
        let shown = read.get(..limit).unwrap_or(read);
        let last = shown.last().filter(|_| read.len() > limit);
        let more = last.map(|last| last.mark(self.page.sort.by));
        self.shown(shown, more.as_ref(), view)
    }

    /// A part of a list that is walked.
    pub(super) fn answer_portion<T, V: Serialize>(
        &self,
        read: &Portion<T>,
        view: impl Fn(&T) -> V,
    ) -> Response {
        self.shown(&read.rows, read.more.as_ref(), view)
    }

    fn shown<T, V: Serialize>(&self, rows: &[T], more: Option<&Mark>, view: impl Fn(&T) -> V) -> Response {
        let next = more.map(|mark| self.place.cursor(mark));
        let link = next.as_deref().map(|next| self.link(next));
        let items = Items {
            items: rows.iter().map(view).collect(),
            next,
        };
        let mut response = Json(items).into_response();
        if let Some(link) = link.and_then(|link| HeaderValue::try_from(link).ok()) {
            response.headers_mut().insert(header::LINK, link);
        }
        response
    }

    /// The next page as a link (RFC 8288).
    fn link(&self, next: &str) -> String {
        let mut target = format!("{}?limit={}&cursor={next}", self.place.path, self.page.limit);
        for (name, value) in &self.place.question {
            target.push('&');
            target.extend(utf8_percent_encode(name, UNRESERVED));
            target.push('=');
            target.extend(utf8_percent_encode(value, UNRESERVED));
        }
        format!("<{target}>; rel=\"next\"")
    }
}

/// All but what RFC 3986 §2.3 leaves as it is.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

const USUAL_LIMIT: u32 = 100;
const HIGHEST_LIMIT: u32 = 1000;

#[cfg(test)]
mod tests;
