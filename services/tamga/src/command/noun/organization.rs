// SPDX-License-Identifier: Apache-2.0
//! `tamga organization`: the tree of organizations.

use std::fmt::Write;

use serde_json::Value;

use crate::command::show::{Columns, cell};
use crate::command::verb::{
    Answer, GET, Given, Kind, Noun, POST, Place, Take, list, member, show, sorted, take, verb, word,
};

/// Organizations.
pub(super) const NOUN: Noun = Noun {
    name: "organization",
    about: "Organizations: a tree; a role in one holds in everything below it",
    verbs: &[
        list("listOrganizations", "/v1/organizations", COLUMNS)
            .about("List the organizations you may see")
            .examples(&["tamga organization list", "tamga organization list --output yaml"])
            .takes(&[sorted(ORDERS)]),
        verb(
            "tree",
            "listOrganizations",
            (GET, "/v1/organizations"),
            Answer::Tree(tree),
        )
        .about("Show the organizations you may see as the tree they are")
        .examples(&["tamga organization tree"]),
        verb(
            "list-below",
            "listOrganizationsBelow",
            (GET, "/v1/organizations/{organization}/organizations"),
            Answer::Pages(COLUMNS),
        )
        .about("List the organizations directly below one")
        .examples(&["tamga organization list-below default"])
        .takes(&[SLUG, sorted(ORDERS)]),
        show(
            "showOrganization",
            "/v1/organizations/{organization}",
            ORGANIZATION,
        )
        .about("Show an organization")
        .examples(&["tamga organization show plant"])
        .takes(&[SLUG]),
        verb(
            "create",
            "createOrganization",
            (POST, "organizations"),
            Answer::Item(ORGANIZATION),
        )
        .about(
            "Make an organization below the one of --organization, with a DPS id scope and keys of its own",
        )
        .examples(&[
            "tamga organization create plant --display-name 'Plant 7'",
            "tamga organization create line-7 --organization plant",
        ])
        .note(
            "Its slug stands in the certificates of its devices: it never changes, and is never given again.",
        )
        .takes(&[
            word(
                "slug",
                "/slug",
                Kind::Slug,
                "Its slug, unique in the installation",
            ),
            member(
                "display-name",
                "/displayName",
                Kind::Text,
                "What people call it [default: its slug]",
            ),
        ]),
        verb(
            "rename",
            "renameOrganization",
            (POST, "/v1/organizations/{organization}/rename"),
            Answer::Done("organization {slug} is called {display-name} now"),
        )
        .about("Call an organization something else; its slug stays")
        .examples(&["tamga organization rename plant 'Plant 7, north'"])
        .takes(&[
            SLUG,
            word("display-name", "/displayName", Kind::Text, "What people call it"),
        ]),
        verb(
            "suspend",
            "suspendOrganization",
            (POST, "/v1/organizations/{organization}/suspend"),
            Answer::Done("organization {slug} is suspended, with everything below it"),
        )
        .about("Let an organization and everything below it rest: nothing is issued, nobody of it comes in")
        .examples(&["tamga organization suspend plant"])
        .note("Certificates that were issued stay good; reading and revocation by those above go on.")
        .takes(&[SLUG]),
        verb(
            "resume",
            "resumeOrganization",
            (POST, "/v1/organizations/{organization}/resume"),
            Answer::Done("organization {slug} goes on"),
        )
        .about("Let a suspended organization go on, with what was not suspended by itself below it")
        .examples(&["tamga organization resume plant"])
        .takes(&[SLUG]),
    ],
};

const SLUG: Take = take("slug", Place::Path("organization"), Kind::Slug, "Its slug").as_word();
const ORDERS: &[&str] = &["slug", "-slug"];

const COLUMNS: &Columns = &[
    ("SLUG", "/slug"),
    ("NAME", "/displayName"),
    ("STATE", "/state"),
    ("CREATED AT", "/createdAt"),
    ("ORGANIZATION", "/id"),
    ("BELOW", "/parentId"),
];

const ORGANIZATION: &Columns = &[
    ("slug", "/slug"),
    ("name", "/displayName"),
    ("state", "/state"),
    ("id scopes", "/idScopes"),
    ("created at", "/createdAt"),
    ("id", "/id"),
    ("below", "/parentId"),
];

/// Each below the one it belongs to; those whose parent is out of sight stand at the left.
fn tree(list: &Value, _: &Given<'_>) -> String {
    let all = list.as_array().map_or(&[][..], Vec::as_slice);
    let mut text = String::new();
    let seen = |id: &Value| all.iter().any(|one| one["id"] == *id);
    for top in all.iter().filter(|one| !seen(&one["parentId"])) {
        branch(top, all, 0, &mut text);
    }
    text.trim_end().to_owned()
}

fn branch(one: &Value, all: &[Value], depth: usize, text: &mut String) {
    let state = match one["state"].as_str() {
        Some("suspended") => "  (suspended)",
        _ => "",
    };
    let indent = "  ".repeat(depth);
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{indent}{}  {}{state}",
        cell(one, "/slug"),
        cell(one, "/displayName")
    );
    // The plane keeps a tree at most eight levels deep; a circle from elsewhere is not followed.
    for below in all
        .iter()
        .filter(|below| depth < DEEPEST && below["parentId"] == one["id"])
    {
        branch(below, all, depth + 1, text);
    }
}

const DEEPEST: usize = 16;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_stands_below_its_own() {
        let all = [
            json!({ "id": "1", "slug": "default", "displayName": "Default", "state": "active" }),
            json!({ "id": "3", "slug": "line", "displayName": "Line", "state": "suspended", "parentId": "2" }),
            json!({ "id": "2", "slug": "plant", "displayName": "Plant", "state": "active", "parentId": "1" }),
            json!({ "id": "9", "slug": "other", "displayName": "Other", "state": "active", "parentId": "8" }),
        ];
        let mut text = String::new();
        for top in [&all[0], &all[3]] {
            branch(top, &all, 0, &mut text);
        }
        let wanted = "default  Default\n  plant  Plant\n    line  Line  (suspended)\nother  Other\n";
        assert_eq!(text, wanted);
    }
}
