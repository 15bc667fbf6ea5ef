// SPDX-License-Identifier: Apache-2.0
//! A house with one of everything, and everybody who could ask.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use serde_json::json;
use tamga_registry::role::Role;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::patience::eventually;
use tamga_tests::vendor::{Birth, Vendor};
use tamga_tests::visitor::Token;
use tamga_tests::wire::Request;

use super::table::Line;

/// What calls are filled with.
#[derive(Clone, Debug)]
pub(super) struct Names {
    organization: String,
    values: BTreeMap<&'static str, String>,
    /// Text in a line stands for itself, or for something nobody has.
    absent: bool,
}

/// The stage.
pub(super) struct Stage {
    /// Things that are there, in an organization that is there.
    pub(super) own: Names,
    /// One of its accounts a role, with a token for that role.
    pub(super) roles: Vec<(Role, Token)>,
    /// The slug of an organization beside.
    pub(super) beside: String,
    /// An administrator of that one.
    pub(super) neighbour: Token,
    /// An administrator of an organization below.
    pub(super) child: Token,
    list: Vec<u8>,
}

impl Stage {
    /// Sets it.
    pub(super) async fn set() -> (House, Self) {
        let house = House::new().await;
        let operator = house.operator();
        let own = operator.organization.clone();
        for slug in ["yard", "beside"] {
            operator.makes_organization(&own, slug).await;
        }
        let neighbour = operator.invites("beside", "neighbour", "administrator").await;
        let child = operator.invites("yard", "child", "administrator").await;
        let mut roles = Vec::new();
        for role in Role::ASSIGNABLE {
            roles.push((
                role,
                operator.invites(&own, role.word_of_story(), role.word()).await,
            ));
        }
        let root = Vendor::root("Vendor Root", &operator.door.clock);
        let (values, list) = furnish(&house, &root).await;
        let own = Names {
            organization: own,
            values,
            absent: false,
        };
        let stage = Self {
            own,
            roles,
            beside: "beside".to_owned(),
            neighbour,
            child,
            list,
        };
        (house, stage)
    }

    /// The same things, asked for in an organization that nobody has.
    pub(super) fn nowhere(&self) -> Names {
        Names {
            organization: "nowhere".to_owned(),
            ..self.own.clone()
        }
    }

    /// The same things, asked for in another organization.
    pub(super) fn own_within(&self, organization: &str) -> Names {
        Names {
            organization: organization.to_owned(),
            ..self.own.clone()
        }
    }

    /// Things that nobody has, asked for in another organization.
    pub(super) fn absent_within(&self, organization: &str) -> Names {
        Names {
            absent: true,
            ..self.own_within(organization)
        }
    }

    /// A call as its line says, filled with these names.
    pub(super) fn request(&self, line: &Line, names: &Names) -> Request {
        let organization = match line.of {
            "" => names.organization.clone(),
            of if names.organization == self.own.organization => of.to_owned(),
            _ => names.organization.clone(),
        };
        let mut given = line.names.iter();
        let segments = line.path.split('/').map(|segment| match segment {
            "{organization}" => organization.clone(),
            parameter if parameter.starts_with('{') => names.filled(
                given
                    .next()
                    .unwrap_or_else(|| panic!("{line:?} names too little")),
            ),
            plain => plain.to_owned(),
        });
        let mut target = segments.collect::<Vec<_>>().join("/");
        if !line.query.is_empty() {
            target = format!("{target}?{}", line.query);
        }
        let request = Request::new(line.method, &target);
        match line.body {
            "" => request,
            "$list" => request.header("Content-Type", line.media).body(self.list.clone()),
            body => {
                let values = self.own.values.iter();
                let body = values.fold(body.to_owned(), |body, (name, value)| {
                    body.replace(&format!("\"{name}\""), &format!("\"{value}\""))
                });
                request.header("Content-Type", line.media).body(body.into_bytes())
            }
        }
    }
}

impl Names {
    fn filled(&self, name: &str) -> String {
        match self.values.get(name) {
            // Of the same kind and length, and nobody's.
            Some(value) if self.absent => {
                let (prefix, rest) = value.split_once('_').unwrap_or(("", value));
                let nobodys = "a".repeat(rest.len());
                if prefix.is_empty() {
                    nobodys
                } else {
                    format!("{prefix}_{nobodys}")
                }
            }
            Some(value) => value.clone(),
            None if self.absent => "nobody".to_owned(),
            None => name.to_owned(),
        }
    }
}

/// A word of the story's own: some role names are reserved for nobody, and none is an account's.
trait Worded {
    fn word_of_story(self) -> &'static str;
}

impl Worded for Role {
    fn word_of_story(self) -> &'static str {
        match self {
            Self::Administrator => "ada",
            Self::Operator => "olga",
            Self::Auditor => "aurel",
            Self::Factory => "frida",
            Self::Device | Self::House => panic!("nobody's"),
        }
    }
}

async fn furnish(house: &House, root: &Vendor) -> (BTreeMap<&'static str, String>, Vec<u8>) {
    let operator = house.operator();
    let own = operator.organization.clone();
    let clock = &operator.door.clock;
    let group = operator.creates_group("line").await;
    operator.creates_group("spare").await;
    operator.enrolls("fan-1").await;
    operator.brings_anchor("vendor", root, json!({})).await;
    operator.grants("profile", "device", "yard").await;
    operator.makes_station("flash-1", "line", json!({})).await;
    operator.invites_person(&own, "petra", "administrator").await;
    let asked = operator
        .posts("/issuers/device-issuer/retire", &serde_json::Value::Null)
        .await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    let asked = asked.json();
    let revocation = json!({ "query": { "registrationIdPrefix": "nobody" }, "reason": "superseded" });
    let revocation = operator.posts("/revocations", &revocation).await;
    assert_eq!(revocation.status, 201, "{}", revocation.text());
    // It is done beside the calls; nothing may happen while these are watched.
    let done = "SELECT count(*) FROM mass_revocation WHERE state = 'done'";
    eventually("the revocation is done", || async {
        (house.memory().number(done).await == 1).then_some(())
    })
    .await;
    let pump = group.device("pump-1");
    let certified = pump.enrolls(&KeyPair::new()).await.certified();
    group.device("pump-2").enrolls(&KeyPair::new()).await.certified();
    let seen = operator.looks_at_certificate(&pump, &certified).await;
    group.device("crane-1").registers().await.assigned();
    let released = operator
        .posts("/devices/crane-1/release", &json!({ "to": "beside" }))
        .await;
    assert_eq!(released.status, 204, "{}", released.text());
    let order = operator.gets("/orders?device=pump-1").await.json()["items"][0].clone();
    let account = operator.makes_account(&own, "visitor", Some("factory")).await;
    let assignment = operator.gives(&own, &account, "operator").await;
    let token = operator.makes_token(&own, &account, "factory").await;
    let pinned = Birth::self_signed("pinned", clock);
    let certificate = json!({ "holder": account, "certificate": BASE64.encode(pinned.leaf()) });
    let pinned = operator.posts("/client-certificates", &certificate).await;
    assert_eq!(pinned.status, 201, "{}", pinned.text());
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let values = BTreeMap::from([
        ("$account", account),
        ("$assignment", assignment),
        ("$token", token.id),
        ("$pinned", text(&pinned.json()["fingerprint"])),
        ("$certificate", text(&seen["id"])),
        ("$order", text(&order["id"])),
        ("$tracking", text(&order["trackingId"])),
        ("$csr-2", BASE64.encode(&KeyPair::new().request("unit-2"))),
        ("$csr", BASE64.encode(&KeyPair::new().request("unit-1"))),
        ("$revocation", text(&revocation.json()["id"])),
        ("$approval", text(&asked["id"])),
        ("$digest", text(&asked["digest"])),
        (
            "$certificate-text",
            BASE64.encode(Birth::self_signed("fresh", clock).leaf()),
        ),
        (
            "$other-root",
            BASE64.encode(Vendor::root("Other Root", clock).certificate()),
        ),
        (
            "$intermediate",
            BASE64.encode(root.intermediate("Plant").certificate()),
        ),
    ]);
    (values, root.lists(&[]))
}
