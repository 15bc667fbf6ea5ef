// SPDX-License-Identifier: Apache-2.0
//! `tamga order`: what devices asked for, and what became of it.

use crate::command::show::Columns;
use crate::command::verb::{Kind, Noun, filter, list, named, show, sorted};

/// Orders.
pub(super) const NOUN: Noun = Noun {
    name: "order",
    about: "Orders: what devices asked for, and what became of it",
    verbs: &[
        list("listOrders", "orders", COLUMNS)
            .about("List the orders, newest first")
            .examples(&[
                "tamga order list --state failed",
                "tamga order list --device pump-2",
            ])
            .takes(&[
                filter(
                    "state",
                    "state",
                    Kind::Choice(&["open", "fulfilled", "failed"]),
                    "Only those in this state",
                ),
                filter(
                    "device",
                    "device",
                    Kind::Name,
                    "Only those of this registration id",
                ),
                sorted(&["-createdAt", "createdAt"]),
            ]),
        show("getOrder", "orders/{order}", ORDER)
            .about("Show an order")
            .examples(&["tamga order show ord_…"])
            .takes(&[named("order", Kind::Id("ord"), "Its id, `ord_…`")]),
    ],
};

const COLUMNS: &Columns = &[
    ("CREATED AT", "/createdAt"),
    ("REGISTRATION ID", "/registrationId"),
    ("KIND", "/kind"),
    ("STATE", "/state"),
    ("FAILURE", "/failure"),
    ("ORDER", "/id"),
];

const ORDER: &Columns = &[
    ("order", "/id"),
    ("registration id", "/registrationId"),
    ("device", "/deviceId"),
    ("kind", "/kind"),
    ("state", "/state"),
    ("failure", "/failure"),
    ("certificate", "/certificateId"),
    ("issuer", "/issuerId"),
    ("profile", "/profileId"),
    ("revision", "/profileRevision"),
    ("proved by", "/evidence"),
    ("tracking id", "/trackingId"),
    ("created at", "/createdAt"),
];
