// SPDX-License-Identifier: Apache-2.0
//! The call that a verb and its arguments make.

use clap::ArgMatches;
use serde_json::{Map, Value, json};

use super::line::octets_of;
use super::{Place, Take, Verb};
use crate::admin::{Call, encoded};
use crate::exit::Failure;
use crate::files::read;

/// The call, in an organization.
pub(super) fn call(verb: &Verb, matches: &ArgMatches, organization: &str) -> Result<Call, Failure> {
    let mut call = Call::new(verb.method, verb.full_path());
    let mut body: Option<Value> = None;
    for take in verb.takes {
        let given = given(take, matches);
        if given.is_empty() {
            continue;
        }
        match take.place {
            Place::Path(segment) => call.target = filled(&call.target, segment, first(&given)),
            Place::Query(name) => {
                for text in &given {
                    call.query.push((name.to_owned(), text.clone()));
                }
            }
            Place::Header(name) => call.headers.push((name, first(&given).to_owned())),
            Place::Octets(_) => {}
            Place::Body(pointer) => {
                put(&mut body, pointer, value(take, &given)?);
                for (pointer, text) in take.says {
                    put(&mut body, pointer, json!(text));
                }
            }
        }
    }
    call.target = filled(&call.target, "organization", organization);
    call.body = match octets_of(verb) {
        Some((take, media)) => {
            let given = given(take, matches);
            Some((media, read(std::path::Path::new(first(&given)))?))
        }
        None => body
            .or_else(|| empty(verb))
            .map(|body| (JSON, body.to_string().into_bytes())),
    };
    Ok(call)
}

/// A verb all of whose members were left out says an empty object: the plane asks for a body where a call has members.
fn empty(verb: &Verb) -> Option<Value> {
    let members = verb.takes.iter().any(|take| matches!(take.place, Place::Body(_)));
    members.then(|| Value::Object(Map::new()))
}

fn given(take: &Take, matches: &ArgMatches) -> Vec<String> {
    let texts = matches.get_many::<String>(take.name);
    texts.map(|texts| texts.cloned().collect()).unwrap_or_default()
}

fn first(given: &[String]) -> &str {
    given.first().map(String::as_str).unwrap_or_default()
}

fn value(take: &Take, given: &[String]) -> Result<Value, Failure> {
    if !take.many {
        return take.kind.value(first(given));
    }
    let values: Result<Vec<Value>, Failure> = given.iter().map(|text| take.kind.value(text)).collect();
    values.map(Value::Array)
}

fn filled(target: &str, segment: &str, text: &str) -> String {
    target.replace(&format!("{{{segment}}}"), &encoded(text))
}

/// Sets a member, making the objects on the way to it.
fn put(body: &mut Option<Value>, pointer: &str, value: Value) {
    let mut place = body.get_or_insert_with(|| Value::Object(Map::new()));
    for name in pointer.split('/').skip(1) {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        place = &mut place[name];
    }
    *place = value;
}

const JSON: &str = "application/json";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_put_in_their_places() {
        let mut body = None;
        put(&mut body, "/name", json!("line-7"));
        put(&mut body, "/attestation/caReferences/primary", json!("vendor"));
        put(&mut body, "/attestation/type", json!("x509"));
        let wanted = json!({
            "name": "line-7",
            "attestation": { "type": "x509", "caReferences": { "primary": "vendor" } },
        });
        assert_eq!(body, Some(wanted));
    }

    #[test]
    fn a_name_in_a_path_cannot_leave_its_segment() {
        assert_eq!(filled("/v1/x/{name}/y", "name", "a/../b"), "/v1/x/a%2F..%2Fb/y");
    }
}
