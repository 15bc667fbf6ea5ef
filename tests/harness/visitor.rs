// SPDX-License-Identifier: Apache-2.0
//! Somebody who comes to the admin plane over the network: with an API token, a client certificate, both or nothing.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ClientConfig;
use serde_json::{Value, json};

use crate::operator::{Operator, Replicas};
use crate::secrets::Secrets;
use crate::wire::{Answer, Request, Wire};

/// One visitor.
#[derive(Clone)]
pub struct Visitor {
    /// Where the admin plane is.
    pub address: SocketAddr,
    /// How the visitor speaks TLS; shows a certificate, or none.
    pub tls: Arc<ClientConfig>,
    /// What the visitor sends as `Authorization`.
    pub authorization: Option<String>,
    /// The slug of the organization its short paths are in.
    pub organization: String,
    /// Whoever has to learn of what the visitor does.
    pub replicas: Replicas,
}

impl Visitor {
    /// The same one with an API token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            authorization: Some(format!("Bearer {token}")),
            ..self.clone()
        }
    }

    /// The same one, whose short paths are in another organization.
    #[must_use]
    pub fn within(&self, organization: &str) -> Self {
        Self {
            organization: organization.to_owned(),
            ..self.clone()
        }
    }

    /// The same one with another TLS.
    #[must_use]
    pub fn speaking(&self, tls: Arc<ClientConfig>) -> Self {
        Self { tls, ..self.clone() }
    }

    /// A path within the organization.
    pub fn target(&self, end: &str) -> String {
        format!("/v1/organizations/{}{end}", self.organization)
    }

    /// Reads a path of the organization.
    pub async fn gets(&self, path: &str) -> Answer {
        self.asks(Request::new("GET", &self.target(path))).await
    }

    /// Sends a body to a path of the organization; nothing, where it is null.
    pub async fn posts(&self, path: &str, body: &Value) -> Answer {
        let request = Request::new("POST", &self.target(path));
        let request = if body.is_null() {
            request
        } else {
            request.json(body)
        };
        self.asks(request).await
    }

    /// Removes a thing of the organization.
    pub async fn deletes(&self, path: &str) -> Answer {
        self.asks(Request::new("DELETE", &self.target(path))).await
    }

    /// Sends any request over a connection of its own.
    pub async fn asks(&self, request: Request) -> Answer {
        let request = match &self.authorization {
            Some(authorization) => request.header("Authorization", authorization),
            None => request,
        };
        let mut wire = Wire::tls(self.address, Arc::clone(&self.tls))
            .await
            .expect("the admin plane speaks TLS");
        let answer = wire.ask(&request).await.expect("the admin plane answers");
        self.replicas.learn().await;
        answer
    }
}

impl Operator {
    /// Makes an organization below another.
    pub async fn makes_organization(&self, parent: &str, slug: &str) -> Value {
        let target = format!("/v1/organizations/{parent}/organizations");
        let request = Request::new("POST", &target).json(&json!({ "slug": slug }));
        let answer = self.asks(request).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()
    }

    /// Makes an account of a program in an organization, and gives it a role there; none, where none is named. Told is
    /// its principal.
    pub async fn makes_account(&self, organization: &str, name: &str, role: Option<&str>) -> String {
        self.makes_account_of("program", (organization, name), role).await
    }

    /// The same, of a person or a program.
    async fn makes_account_of(
        &self,
        kind: &str,
        (organization, name): (&str, &str),
        role: Option<&str>,
    ) -> String {
        let place = |noun: &str| format!("/v1/organizations/{organization}/{noun}");
        let account = json!({ "name": name, "kind": kind });
        let answer = self
            .asks(Request::new("POST", &place("accounts")).json(&account))
            .await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let principal = answer.json()["principal"]
            .as_str()
            .expect("a principal")
            .to_owned();
        if let Some(role) = role {
            self.gives(organization, &principal, role).await;
        }
        principal
    }

    /// Gives a role in an organization. Told is the assignment's id.
    pub async fn gives(&self, organization: &str, principal: &str, role: &str) -> String {
        let target = format!("/v1/organizations/{organization}/assignments");
        let body = json!({ "principal": principal, "role": role });
        let answer = self.asks(Request::new("POST", &target).json(&body)).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()["id"].as_str().expect("an id").to_owned()
    }

    /// Makes a token of an account for a role in an organization.
    pub async fn makes_token(&self, organization: &str, holder: &str, role: &str) -> Token {
        let target = format!("/v1/organizations/{organization}/tokens");
        let body = json!({ "name": "story", "holder": holder, "role": role });
        let answer = self.asks(Request::new("POST", &target).json(&body)).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        Token::shown(&answer.json(), &self.door.secrets)
    }

    /// Makes an account of a person with a role in an organization, and a token of it for that role.
    pub async fn invites_person(&self, organization: &str, name: &str, role: &str) -> Token {
        let principal = self.makes_person(organization, name, role).await;
        self.makes_token(organization, &principal, role).await
    }

    /// Makes an account of a person with a role in an organization, and no way in yet. Told is its principal.
    pub async fn makes_person(&self, organization: &str, name: &str, role: &str) -> String {
        self.makes_account_of("person", (organization, name), Some(role))
            .await
    }

    /// Makes an account with a role in an organization, and a token of it for that role.
    pub async fn invites(&self, organization: &str, name: &str, role: &str) -> Token {
        let principal = self.makes_account(organization, name, Some(role)).await;
        self.makes_token(organization, &principal, role).await
    }
}

/// A token as its maker was shown it.
#[derive(Clone, Debug)]
pub struct Token {
    /// Its id.
    pub id: String,
    /// Whom it proves.
    pub holder: String,
    /// It.
    pub text: String,
}

impl Token {
    /// Out of the answer that made it: the one that may show it.
    pub fn shown(made: &Value, secrets: &Secrets) -> Self {
        let member = |name: &str| made[name].as_str().expect("a text").to_owned();
        let text = member("token");
        secrets.keep(&text);
        // Nor its secret alone.
        secrets.keep(text.rsplit('_').next().expect("a secret"));
        Self {
            id: member("id"),
            holder: member("holder"),
            text,
        }
    }
}
