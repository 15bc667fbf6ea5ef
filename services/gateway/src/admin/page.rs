// SPDX-License-Identifier: Apache-2.0
//! Lists by name, a page at a time: what is asked by query, and what is answered.

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use serde::{Deserialize, Serialize};
use tamga_registry::device::RegistrationId;

use super::problem::RimRefusal;

/// The query of a list.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// The name the page before ended with.
    after: Option<String>,
    limit: Option<u32>,
}

/// A page that can be served.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page {
    after: Option<RegistrationId>,
    limit: u32,
}

/// One page of items.
#[derive(Debug, Serialize)]
pub(super) struct Items<V> {
    items: Vec<V>,
    /// What to give as `after` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl Page {
    pub(super) fn asked(query: Result<Query<Asked>, QueryRejection>) -> Result<Self, RimRefusal> {
        let invalid = |what: &str| RimRefusal::QueryInvalid(what.to_owned());
        let Query(asked) = query.map_err(|_| invalid("it takes `after`, a name, and `limit`, each once"))?;
        let after = asked
            .after
            .map(|after| after.parse::<RegistrationId>())
            .transpose();
        let after = after.map_err(|_| invalid("`after` is not a name"))?;
        let limit = asked.limit.unwrap_or(USUAL_LIMIT);
        if !(1..=HIGHEST_LIMIT).contains(&limit) {
            return Err(invalid("`limit` is not from 1 to 1000"));
        }
        Ok(Self { after, limit })
    }

    /// Where the page before ended.
    pub(super) fn after(&self) -> Option<&str> {
        self.after.as_ref().map(RegistrationId::canonical)
    }

    /// One more than asked for tells whether there is a next page.
    pub(super) fn fetched(&self) -> u32 {
        self.limit.saturating_add(1)
    }

    /// The page, of what was fetched for it.
    pub(super) fn of<T, V>(
        &self,
        mut fetched: Vec<T>,
        name: impl Fn(&T) -> &RegistrationId,
        view: impl Fn(&T) -> V,
    ) -> Items<V> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = fetched.len() > limit;
        fetched.truncate(limit);
        let last = fetched.last().filter(|_| more);
        Items {
            next: last.map(|last| name(last).canonical().to_owned()),
            items: fetched.iter().map(view).collect(),
        }
    }
}

const USUAL_LIMIT: u32 = 100;
const HIGHEST_LIMIT: u32 = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    fn page(query: &str) -> Result<Page, RimRefusal> {
        Page::asked(Query::try_from_uri(&format!("/groups?{query}").parse().unwrap()))
    }

    #[test]
    fn a_page_has_a_size_that_can_be_served() {
        let shown = |query| page(query).map(|page| (page.after().map(str::to_owned), page.limit));
        assert_eq!(shown("").unwrap(), (None, 100));
        assert_eq!(
            shown("after=Line-1&limit=1000").unwrap(),
            (Some("line-1".to_owned()), 1000)
        );
        let hostile = [
            "limit=0",
            "limit=1001",
            "limit=-1",
            "limit=9223372036854775808",
            "limit=1e3",
            "limit=",
            "limit=1&limit=2",
        ];
        for wrong in
            hostile
                .into_iter()
                .chain(["after=", "after='--", "after=a/b", "sort=name", "after=a&after=b"])
        {
            assert_eq!(page(wrong).unwrap_err().slug(), "query_invalid", "{wrong}");
        }
    }

    #[test]
    fn a_page_names_the_next_one_only_where_there_is_more() {
        let names = |count: u32| -> Vec<RegistrationId> {
            (0..count).map(|at| format!("n-{at}").parse().unwrap()).collect()
        };
        let two = page("limit=2").unwrap();
        let of = |names| {
            let items = two.of(names, |name| name, ToString::to_string);
            (items.items.len(), items.next)
        };
        assert_eq!(of(names(2)), (2, None));
        assert_eq!(of(names(3)), (2, Some("n-1".to_owned())));
        assert_eq!(of(names(0)), (0, None));
    }
}
