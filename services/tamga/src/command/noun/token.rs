// SPDX-License-Identifier: Apache-2.0
//! `tamga token`: API tokens.

use super::terms::ROLES;
use crate::command::show::Columns;
use crate::command::verb::{
    Answer, DELETE, Kind, Noun, POST, Secret, SecretForm, Take, list, member, named, show, sorted, verb, word,
};

/// API tokens.
pub(super) const NOUN: Noun = Noun {
    name: "token",
    about: "API tokens: of one role, in one organization and below, for a time",
    verbs: &[
        list("listTokens", "tokens", COLUMNS)
            .about("List the tokens of an organization; none shows its secret")
            .examples(&["tamga token list --organization plant"])
            .takes(&[sorted(&["createdAt", "-createdAt"])]),
        show("showToken", "tokens/{token}", TOKEN)
            .about("Show a token, and when it was last used; not its secret")
            .examples(&["tamga token show tok_…"])
            .takes(&[ID]),
        verb("create", "createToken", (POST, "tokens"), Answer::Item(MADE))
            .about("Make a token; its secret is shown once, or kept in a file")
            .examples(&[
                "tamga token create 'nightly export' --role auditor --token-out nightly.token",
                "tamga token create line-7 --holder account:acc_… --role factory --expires-in-days 30 --token-out line-7.token",
            ])
            .note("The file is what --token-file takes.")
            .takes(&[
                word("name", "/name", Kind::Text, "What it is for"),
                member("role", "/role", Kind::Choice(ROLES), "What it may do at most").needed(),
                member("holder", "/holder", Kind::Text, "Whom it proves: account:acc_… [default: you]"),
                member("expires-in-days", "/expiresInDays", Kind::Number, "When it ends by itself [default: 90]"),
            ])
            .secret(Secret {
                option: "token-out",
                members: &["/token"],
                form: SecretForm::Bare,
                otherwise: "revoke this token by its id, and make another with another --token-out",
            }),
        verb(
            "revoke",
            "revokeToken",
            (DELETE, "tokens/{token}"),
            Answer::Done("token {token} is revoked"),
        )
        .about("Revoke a token; it proves nobody from the next request on")
        .examples(&["tamga token revoke tok_…"])
        .takes(&[ID]),
    ],
};

const ID: Take = named("token", Kind::Id("tok"), "Its id, `tok_…`, which is no secret");

const COLUMNS: &Columns = &[
    ("TOKEN", "/id"),
    ("NAME", "/name"),
    ("ROLE", "/role"),
    ("HOLDER", "/holder"),
    ("EXPIRES AT", "/expiresAt"),
    ("LAST USED AT", "/lastUsedAt"),
    ("REVOKED AT", "/revokedAt"),
];

const TOKEN: &Columns = &[
    ("token", "/id"),
    ("name", "/name"),
    ("role", "/role"),
    ("organization", "/organization"),
    ("holder", "/holder"),
    ("created at", "/createdAt"),
    ("expires at", "/expiresAt"),
    ("last used at", "/lastUsedAt"),
    ("revoked at", "/revokedAt"),
];

const MADE: &Columns = &[
    ("token", "/id"),
    ("name", "/name"),
    ("role", "/role"),
    ("organization", "/organization"),
    ("holder", "/holder"),
    ("expires at", "/expiresAt"),
    ("secret", "/token"),
];
