// SPDX-License-Identifier: Apache-2.0
//! What devices send, as each client writes it; and what nobody should send.

use std::path::Path;

use data_encoding::BASE64;
use proptest::prelude::*;

use super::*;

fn parsed(body: &str) -> DeviceRegistration {
    DeviceRegistration::parse(body.as_bytes()).unwrap()
}

fn csr(body: &str) -> Result<Option<PresentedCsr>, RimRefusal> {
    parsed(body).csr()
}

fn came(top: bool, payload: bool) -> Option<PresentedCsr> {
    Some(PresentedCsr {
        der: b"request".to_vec(),
        doors: Doors { top, payload },
    })
}

/// base64 of `request`.
const TEXT: &str = "cmVxdWVzdA==";

#[test]
fn a_device_that_asks_for_no_certificate_asks_for_none() {
    let silent = [
        "",
        " \r\n",
        "{}",
        r#"{"registrationId":"pump-1"}"#,
        r#"{"registrationId":"pump-1","payload":{"modelId":"dtmi:com:example;1"}}"#,
        r#"{"registrationId":"pump-1","payload":"{\"modelId\":\"x\"}"}"#,
        r#"{"registrationId":"pump-1","payload":"plain words"}"#,
        r#"{"registrationId":"pump-1","payload":[1,{"csr":"x"}],"csr":null}"#,
        r#"{"registrationId":null,"payload":null,"tpm":{"endorsementKey":"x"},"clientCertificateCsr":7}"#,
        r#"{"payload":7.5}"#,
        r#"{"payload":true}"#,
        r#"{"payload":-3}"#,
    ];
    for body in silent {
        assert_eq!(csr(body).unwrap(), None, "{body}");
        assert!(!parsed(body).mentions_csr(), "{body}");
    }
}

#[test]
fn a_request_comes_in_by_the_newest_door() {
    assert_eq!(
        csr(&format!(r#"{{"registrationId":"p","csr":"{TEXT}"}}"#)).unwrap(),
        came(true, false)
    );
    assert_eq!(
        csr(r#"{"csr":"cmVx\ndWVz\r\n dA=="}"#).unwrap(),
        came(true, false),
        "wrapped"
    );
    let pem = format!(r"-----BEGIN CERTIFICATE REQUEST-----\n{TEXT}\n-----END CERTIFICATE REQUEST-----\n");
    assert_eq!(
        csr(&format!(r#"{{"csr":"{pem}"}}"#)).unwrap(),
        came(true, false),
        "PEM"
    );
}

#[test]
fn a_request_comes_in_with_the_payload_of_released_clients() {
    let node = format!(r#"{{"registrationId":"p","payload":{{"csr":"{TEXT}","other":[1]}}}}"#);
    assert_eq!(csr(&node).unwrap(), came(false, true));
    let java = format!(r#"{{"payload":"{{\"csr\":\"{TEXT}\"}}","registrationId":"p"}}"#);
    assert_eq!(csr(&java).unwrap(), came(false, true));
}

#[test]
fn the_same_request_by_both_doors_is_one_and_two_are_refused() {
    let twice = |other: &str| csr(&format!(r#"{{"csr":"{TEXT}","payload":{{"csr":"{other}"}}}}"#));
    assert_eq!(twice(TEXT).unwrap(), came(true, true));
    assert_eq!(
        twice(&format!(r"{TEXT}\n")).unwrap(),
        came(true, true),
        "compared unwrapped"
    );
    assert_eq!(twice("b3RoZXI=").unwrap_err().slug(), "csr_twice");
}

#[test]
fn what_stands_where_a_request_belongs_must_be_one() {
    for body in [
        r#"{"csr":7}"#,
        r#"{"csr":{}}"#,
        r#"{"csr":["x"]}"#,
        r#"{"csr":true}"#,
        r#"{"payload":{"csr":1.5}}"#,
        r#"{"payload":"{\"csr\":[]}"}"#,
    ] {
        assert_eq!(csr(body).unwrap_err().slug(), "csr_not_text", "{body}");
        assert!(parsed(body).mentions_csr(), "{body}");
    }
    for body in [
        r#"{"csr":""}"#,
        r#"{"csr":"AB=="}"#,
        r#"{"csr":"!"}"#,
        r#"{"payload":{"csr":"-_"}}"#,
    ] {
        assert_eq!(csr(body).unwrap_err().slug(), "csr_malformed", "{body}");
    }
}

#[test]
fn the_body_speaks_of_the_device_of_the_path() {
    let path = "Pump-1".parse().unwrap();
    for right in [
        "{}",
        r#"{"registrationId":"pUMP-1"}"#,
        r#"{"registrationId":null}"#,
    ] {
        assert!(parsed(right).require(&path).is_ok(), "{right}");
    }
    for wrong in [
        r#"{"registrationId":"pump-2"}"#,
        r#"{"registrationId":""}"#,
        r#"{"registrationId":"pump-1 "}"#,
    ] {
        assert_eq!(
            parsed(wrong).require(&path).unwrap_err().slug(),
            "registration_id_mismatch",
            "{wrong}"
        );
    }
}

#[test]
fn what_is_no_json_object_is_refused_with_its_place() {
    let deep = format!(r#"{{"payload":{}}}"#, "[".repeat(200));
    let wrong = [
        "x",
        "[]",
        "7",
        "\"text\"",
        "{",
        "{}{}",
        r#"{"registrationId":7}"#,
        "\u{feff}{}",
        r#"{"csr":"a","csr":"b"}"#,
        &deep,
    ];
    for body in wrong {
        let refusal = DeviceRegistration::parse(body.as_bytes()).unwrap_err();
        assert_eq!(refusal.slug(), "body_malformed", "{body}");
    }
    assert_eq!(
        DeviceRegistration::parse(b"{\"csr\":\"\xff\"}")
            .unwrap_err()
            .slug(),
        "body_malformed"
    );
    let refusal = DeviceRegistration::parse(b"{\n  \"registrationId\": 7}").unwrap_err();
    assert!(refusal.to_string().contains("line 2, column 21"), "{refusal}");
}

#[test]
fn a_payload_of_many_small_things_is_skipped_and_not_kept() {
    let many = format!(
        r#"{{"payload":[{}0],"x":{{{}"last":0}}}}"#,
        "0,".repeat(20_000),
        r#""k":"","#.repeat(3_000)
    );
    assert_eq!(csr(&many).unwrap(), None);
}

proptest! {
    #[test]
    fn any_octets_are_parsed_or_refused(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let verdict = judge(&body);
        prop_assert!(verdict.is_ok() || verdict.is_err_and(|refusal| !refusal.slug().is_empty()));
    }

    #[test]
    fn any_request_comes_in_by_any_door(der in proptest::collection::vec(any::<u8>(), 1..300)) {
        let text = BASE64.encode(&der);
        let inner = serde_json::json!({ "csr": text });
        let bodies = [
            serde_json::json!({ "csr": text }),
            serde_json::json!({ "payload": inner }),
            serde_json::json!({ "payload": inner.to_string() }),
        ];
        for body in bodies {
            prop_assert_eq!(csr(&body.to_string()).unwrap().unwrap().der, der.clone());
        }
    }
}

/// What the fuzz target asks of a body: to be taken or refused, never to bring the reader down.
fn judge(body: &[u8]) -> Result<(), RimRefusal> {
    let registration = DeviceRegistration::parse(body)?;
    registration.require(&"pump-1".parse().unwrap())?;
    registration.csr().map(drop)
}

#[test]
fn the_corpus_of_the_fuzz_target_is_judged_as_its_names_say() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/registration");
    let mut judged = 0;
    for entry in std::fs::read_dir(corpus).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let verdict = judge(&std::fs::read(&path).unwrap());
        match verdict {
            Ok(()) => assert!(name.starts_with("taken_"), "{name} was taken"),
            Err(refusal) => {
                let expected = format!("refused_{}_", refusal.slug());
                assert!(
                    name.starts_with(&expected),
                    "{name} was refused: {}",
                    refusal.slug()
                );
            }
        }
        judged += 1;
    }
    assert!(judged >= 20, "the corpus is there: {judged}");
}
