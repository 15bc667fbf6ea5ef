// SPDX-License-Identifier: Apache-2.0
//! What a list may be asked, and where its pages end.

use tamga_registry::enrollment::EnrollmentState;
use tamga_registry::page::{Mark, NamePrefix};

use super::*;

fn asked(query: &str) -> Asked {
    Asked::of(&format!("/groups?{query}").parse().unwrap())
}

/// Sort and limit of a list of things that have a state.
fn list(query: &str) -> Result<(Sort, u32), RimRefusal> {
    let mut asked = asked(query);
    asked.filter::<EnrollmentState>("state")?;
    asked.filter::<NamePrefix>("namePrefix")?;
    let (sort, limit) = (asked.sort(&SORTS)?, asked.limit()?);
    asked.known.push("cursor");
    asked.refuse_unknown()?;
    Ok((sort, limit))
}

const SORTS: [(&str, Sort); 2] = [("name", Sort::NAME), ("-createdAt", Sort::TIME_FALLING)];

#[test]
fn a_118_a_119_a_list_is_asked_for_what_it_has_in_a_size_that_can_be_served() {
    assert_eq!(list("").unwrap(), (Sort::NAME, 100));
    assert_eq!(
        list("limit=1000&sort=-createdAt&state=disabled&cursor=x&namePrefix=Line-1").unwrap(),
        (Sort::TIME_FALLING, 1000)
    );
    let hostile = [
        "limit=0",
        "limit=1001",
        "limit=-1",
        "limit=%2B1",
        "limit=9223372036854775808",
        "limit=1e3",
        "limit=",
        "limit=1&limit=2",
        "limit=1&limit=1",
        "cursor=a&cursor=b",
        "after=a",
        "offset=1",
        "page=1",
        "Limit=1",
        "limit%5B%5D=1",
        "sort=",
        "sort=name,createdAt",
        "sort=created_at",
        "sort=name;drop%20table%20device",
        "sort=(select%201)",
        "state=",
        "state=Enabled",
        "state=enabled'--",
        "namePrefix=",
        "namePrefix=%25",
        "namePrefix=a*",
        "namePrefix=a%27%20or%201=1",
        "namePrefix=%00",
        "namePrefix=%ff",
        "name=a",
        "state",
    ];
    for wrong in hostile {
        assert_eq!(
            list(wrong).map(|_| ()).unwrap_err().slug(),
            "query_invalid",
            "{wrong}"
        );
    }
    let long = format!("namePrefix={}", "a".repeat(60_000));
    assert_eq!(list(&long).map(|_| ()).unwrap_err().slug(), "query_invalid");
}

/// A thing that is listed by its name.
struct Thing(String);

impl Listed for Thing {
    fn mark(&self, _: tamga_registry::page::By) -> Mark {
        Mark::Name(self.0.clone())
    }
}

async fn page(query: &str, read: u32) -> (Vec<String>, Option<String>, Option<String>) {
    let mut asked = asked(query);
    let (sort, limit) = (asked.sort(&SORTS).unwrap(), asked.limit().unwrap());
    let list = List {
        page: Page {
            sort,
            after: None,
            limit,
        },
        place: Place {
            path: asked.path.clone(),
            question: asked.question(),
            key: [7; 32],
        },
    };
    let things: Vec<Thing> = (0..read).map(|at| Thing(format!("n-{at}"))).collect();
    let answer = list.answer(&things, |thing| thing.0.clone());
    let link = answer.headers().get(header::LINK);
    let link = link.map(|link| link.to_str().unwrap().to_owned());
    let body = axum::body::to_bytes(answer.into_body(), 4096).await.unwrap();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let names = body["items"].as_array().unwrap().iter();
    let names = names.map(|name| name.as_str().unwrap().to_owned()).collect();
    let next = body["next"].as_str();
    if let Some(next) = next {
        assert_eq!(list.place.read(next), Some(Mark::Name("n-1".to_owned())));
    }
    (names, next.map(str::to_owned), link)
}

#[tokio::test]
async fn a_page_names_the_next_one_only_where_there_is_more() {
    let two = ["n-0".to_owned(), "n-1".to_owned()];
    for (read, expected) in [(2, &two[..]), (1, &two[..1]), (0, &[])] {
        let (names, next, link) = page("limit=2", read).await;
        assert_eq!((&names[..], next, link), (expected, None, None));
    }
    let (names, next, link) = page("limit=2&state=a%20b&sort=name", 3).await;
    assert_eq!(names, two);
    let target = format!(
        "</groups?limit=2&cursor={}&sort=name&state=a%20b>; rel=\"next\"",
        next.unwrap()
    );
    assert_eq!(link, Some(target), "the very same question");
}
