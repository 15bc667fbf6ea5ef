// SPDX-License-Identifier: Apache-2.0
//! `GET /v1/organizations/{organization}/groups`: the enrollment groups of an organization by name, a page at a time.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use tamga_registry::device::RegistrationId;

use super::create::GroupView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::answer;
use crate::admin::path::InOrganization;
use crate::admin::problem::{Rejection, RimRefusal, render};
use crate::admin::terms::TermsView;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct Page {
    /// The name the page before ended with.
    after: Option<String>,
    limit: Option<u32>,
}

#[derive(Debug, Serialize)]
struct Groups {
    items: Vec<GroupView>,
    /// What to give as `after` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    page: Result<Query<Page>, QueryRejection>,
) -> Response {
    let listed = async {
        let (after, limit) = bounds(page)?;
        let after = after.as_ref().map(RegistrationId::canonical);
        // One more than asked for tells whether there is a next page.
        let asked = limit.saturating_add(1);
        let mut groups = plane
            .administration
            .groups(&known.caller, &organization, after, asked)
            .await?;
        let more = groups.len() > usize::try_from(limit).unwrap_or(usize::MAX);
        if more {
            groups.pop();
        }
        let next = groups
            .last()
            .filter(|_| more)
            .map(|group| group.name.canonical().to_owned());
        let items = groups
            .iter()
            .map(|group| GroupView::new(group, TermsView::new(&group.terms)))
            .collect();
        Ok::<_, Rejection>(answer(StatusCode::OK, &Groups { items, next }))
    };
    listed
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}

fn bounds(page: Result<Query<Page>, QueryRejection>) -> Result<(Option<RegistrationId>, u32), RimRefusal> {
    let invalid = |what: &str| RimRefusal::QueryInvalid(what.to_owned());
    let Query(page) =
        page.map_err(|_| invalid("it takes `after`, a group's name, and `limit`, each once"))?;
    let after = page
        .after
        .map(|after| after.parse::<RegistrationId>())
        .transpose();
    let after = after.map_err(|_| invalid("`after` is not a group's name"))?;
    let limit = page.limit.unwrap_or(USUAL_LIMIT);
    if !(1..=HIGHEST_LIMIT).contains(&limit) {
        return Err(invalid("`limit` is not from 1 to 1000"));
    }
    Ok((after, limit))
}

const USUAL_LIMIT: u32 = 100;
const HIGHEST_LIMIT: u32 = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    fn page(query: &str) -> Result<(Option<RegistrationId>, u32), RimRefusal> {
        bounds(Query::try_from_uri(&format!("/groups?{query}").parse().unwrap()))
    }

    #[test]
    fn a_page_has_a_size_that_can_be_served() {
        assert_eq!(page("").unwrap(), (None, 100));
        assert_eq!(
            page("after=Line-1&limit=1000").unwrap(),
            (Some("line-1".parse().unwrap()), 1000)
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
}
