// SPDX-License-Identifier: Apache-2.0
//! The unmodified device SDK for Node over HTTP, on port 443 of a loopback address of its own.

use data_encoding::BASE64;
use serde_json::Value;
use tamga_tests::answer::Certified;
use tamga_tests::device::Device;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::programs::{Said, repository, run};
use tamga_tests::relying_party::{pem, pem_chain, read};
use tempfile::TempDir;
use tokio::process::Command;

/// Registers by the SDK, as its own program; with a request in the payload when there is a key.
async fn registers(house: &House, device: &Device, key: Option<&KeyPair>) -> Said {
    registers_as(house, device, key, &[]).await
}

/// The same, with options for Node itself. A device that has a certificate shows it, and signs no token.
pub(crate) async fn registers_as(
    house: &House,
    device: &Device,
    key: Option<&KeyPair>,
    options: &[&str],
) -> Said {
    let directory = TempDir::new().expect("a directory");
    let write = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).expect("a file is written");
        path
    };
    let mut node = Command::new("node");
    node.args(options)
        .arg(repository().join("tests/interop/node/register.js"))
        .env("TAMGA_HOST", device.door.address.ip().to_string())
        .env("TAMGA_ID_SCOPE", &device.door.scope)
        .env("TAMGA_REGISTRATION_ID", &device.registration_id)
        .env(
            "NODE_EXTRA_CA_CERTS",
            write("anchor.pem", &pem_chain(&house.server_anchors())),
        );
    match &device.certificate {
        Some(birth) => node
            .env(
                "TAMGA_CERTIFICATE_FILE",
                write("birth.pem", &pem_chain(&birth.chain)),
            )
            .env(
                "TAMGA_CERTIFICATE_KEY_FILE",
                write("birth-key.pem", &pem("PRIVATE KEY", &birth.key.to_der())),
            ),
        None => node.env("TAMGA_KEY_FILE", write("key.b64", &device.key.to_base64())),
    };
    if let Some(key) = key {
        let request = pem("CERTIFICATE REQUEST", &key.request(&device.registration_id));
        node.env("TAMGA_CSR_FILE", write("request.pem", &request));
    }
    run(&mut node).await
}

pub(crate) fn assigned(said: &Said, device: &Device) -> Value {
    assert_eq!(said.code, 0, "{said:?}");
    let result: Value = serde_json::from_str(&said.out).expect("the SDK's RegistrationResult");
    assert_eq!(
        (&result["status"], &result["deviceId"]),
        (&"assigned".into(), &device.registration_id.as_str().into())
    );
    assert!(result["assignedHub"].is_string(), "{result}");
    result
}

pub(crate) fn chain(result: &Value) -> Certified {
    let texts = result["payload"]["issuedCertificateChain"]
        .as_array()
        .expect("a chain in the payload");
    let der = texts.iter().map(|text| {
        BASE64
            .decode(text.as_str().expect("text").as_bytes())
            .expect("base64")
    });
    Certified { chain: der.collect() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_node_sdk_registers_devices_of_a_group_and_of_their_own_enrollment() {
    let house = House::on_443().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    for device in [
        group.device("Pump-1"),
        operator.enrolls("pump-2").await.its_device(),
    ] {
        let plain = registers(&house, &device, None).await;
        assert!(
            assigned(&plain, &device)["payload"].is_null(),
            "nobody asked for a certificate"
        );

        let key = KeyPair::new();
        let certified = chain(&assigned(&registers(&house, &device, Some(&key)).await, &device));

        assert_eq!(certified.spki_hash(), key.spki_hash());
        assert_eq!(certified.chain.last(), house.device_anchors().first());
        for pair in certified.chain.windows(2) {
            let above = read(&pair[1]);
            read(&pair[0])
                .verify_signature(Some(above.public_key()))
                .expect("each signs the one before");
        }
        assert_eq!(
            device.enrolls(&key).await.certified(),
            certified,
            "the newest door hands out the same"
        );
    }
    house.ends_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_node_sdk_reports_refusals_and_lives() {
    let house = House::on_443().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let pump = group.device("pump-1");
    assigned(&registers(&house, &pump, Some(&KeyPair::new())).await, &pump);
    operator.revokes_device(&pump).because("key_compromise").await;

    let said = registers(&house, &pump, None).await;

    assert_eq!(said.code, 1, "refused, and not crashed: {said:?}");
    let error: Value = serde_json::from_str(&said.err).expect("the SDK's error");
    assert!(said.err.contains("device_revoked"), "with the slug: {error}");
    let mut stranger = group.device("pump-2");
    stranger.key = group.primary.clone();
    let said = registers(&house, &stranger, None).await;
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("Unauthorized"), "{said:?}");
    house.ends_well().await;
}
