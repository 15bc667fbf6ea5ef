// SPDX-License-Identifier: Apache-2.0
//! A station of a factory: it comes to the admin plane over the network, and has units furnished.

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::answer::Certified;
use crate::device::Ledger;
use crate::house::House;
use crate::key_pair::KeyPair;
use crate::operator::Operator;
use crate::visitor::Visitor;
use crate::wire::{Answer, Request};

/// One station, with a token of its own.
#[derive(Clone)]
pub struct Station {
    /// How it comes.
    pub visitor: Visitor,
    /// What it is called.
    pub name: String,
    /// As tokens, certificates and the journal name it.
    pub principal: String,
    ledger: Ledger,
}

/// What a station was told of a unit.
#[derive(Clone, Debug)]
pub struct Furnished {
    /// As it came.
    pub answer: Answer,
}

impl House {
    /// A station of this group with a token, with more terms.
    pub async fn station(&self, name: &str, group: &str, terms: Value) -> Station {
        let operator = self.operator();
        let principal = operator.makes_station(name, group, terms).await;
        let token = operator
            .makes_token(&operator.organization, &principal, "factory")
            .await;
        Station {
            visitor: self.visitor().with_token(&token.text),
            name: name.to_owned(),
            principal,
            ledger: operator.door.ledger.clone(),
        }
    }
}

impl Operator {
    /// Makes a station. Told is its principal.
    pub async fn makes_station(&self, name: &str, group: &str, mut terms: Value) -> String {
        terms["name"] = json!(name);
        terms["group"] = json!(group);
        let answer = self.posts("/stations", &terms).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let principal = answer.json()["principal"].clone();
        principal.as_str().expect("a principal").to_owned()
    }

    /// How much a station has had made.
    pub async fn counts_at(&self, station: &Station) -> i64 {
        let answer = self.gets(&format!("/stations/{}", station.name)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["certificates"].as_i64().expect("a number")
    }
}

impl Station {
    /// Has a unit furnished.
    pub async fn furnishes(&self, unit: &str, key: &KeyPair) -> Furnished {
        self.asks_for(unit, &json!({ "csr": BASE64.encode(&key.request(unit)) }))
            .await
    }

    /// The same with any body.
    pub async fn asks_for(&self, unit: &str, body: &Value) -> Furnished {
        let request = Request::new("POST", &self.target(unit)).json(body);
        self.asks(request).await
    }

    /// Where certificates of a unit are asked for.
    pub fn target(&self, unit: &str) -> String {
        self.visitor.target(&format!("/devices/{unit}/certificates"))
    }

    /// Any request for a unit.
    pub async fn asks(&self, request: Request) -> Furnished {
        let told = Furnished {
            answer: self.visitor.asks(request).await,
        };
        if told.answer.status == 200 && told.is_json() {
            self.ledger.writes(told.certified().leaf());
        }
        told
    }
}

impl Furnished {
    fn is_json(&self) -> bool {
        self.answer.header("content-type") == Some("application/json")
    }

    /// What was told.
    #[track_caller]
    pub fn unit(&self) -> Value {
        assert_eq!(self.answer.status, 200, "{}", self.answer.text());
        self.answer.json()
    }

    /// The certificate, with the chain above it.
    #[track_caller]
    pub fn certified(&self) -> Certified {
        let unit = self.unit();
        let above = unit["chain"].as_array().expect("a chain").clone();
        let texts = std::iter::once(unit["certificate"].clone()).chain(above);
        let chain = texts.map(|text| {
            let text = text.as_str().expect("a text").to_owned();
            BASE64.decode(text.as_bytes()).expect("base64")
        });
        Certified {
            chain: chain.collect(),
        }
    }

    /// Refused with this status and code.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> Value {
        let problem = self.answer.json();
        assert_eq!(
            (self.answer.status, problem["code"].as_str()),
            (status, Some(code)),
            "{}",
            self.answer.text()
        );
        problem
    }
}
