// SPDX-License-Identifier: Apache-2.0
//! The unmodified device SDK for Node over HTTP with a client certificate: pinned, below a root, below an intermediate,
//! with its chain and without, over TLS 1.2 and 1.3.

use serde_json::{Value, json};
use tamga_tests::device::Device;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::vendor::{Birth, Vendor};

use crate::device_sdk::{assigned, chain, registers_as};

const OVER_TLS_1_2: &[&str] = &["--tls-max-v1.2"];
const OVER_TLS_1_3: &[&str] = &["--tls-min-v1.3"];

/// Registers plainly and with a request, over both versions of TLS; and is told of the certificate it showed.
async fn registers_in_every_way(house: &House, device: &Device, group: Option<&str>) {
    let key = KeyPair::new();
    for options in [OVER_TLS_1_2, OVER_TLS_1_3] {
        let plain = assigned(&registers_as(house, device, None, options).await, device);
        assert!(plain["payload"].is_null(), "nobody asked for a certificate");
        assert_eq!(plain["x509"]["enrollmentGroupId"], json!(group), "{plain}");
        let info = plain["x509"]["certificateInfo"]
            .as_object()
            .expect("of its certificate");
        assert_eq!(info.len(), 8, "{plain}");
        assert_eq!(info["version"], 3);
        assert!(plain["symmetricKey"].is_null());

        let certified = chain(&assigned(
            &registers_as(house, device, Some(&key), options).await,
            device,
        ));
        assert_eq!(certified.spki_hash(), key.spki_hash());
        assert_eq!(certified.chain.last(), house.device_anchors().first());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_node_sdk_shows_a_self_signed_certificate_that_was_pinned() {
    let house = House::on_443().await;
    let operator = house.operator();
    let birth = Birth::self_signed("pump-1", &operator.door.clock);
    operator.pins("pump-1", &birth).await;
    let pump = Device::born(operator.door.clone(), "pump-1", &birth);
    registers_in_every_way(&house, &pump, None).await;
    house.ends_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_node_sdk_shows_chains_below_roots_and_intermediates() {
    let house = House::on_443().await;
    let operator = house.operator();
    let root = Vendor::root("Vendor Root", &operator.door.clock);
    let plant = root.intermediate("Plant");
    let line = plant.intermediate("Line");
    operator.brings_anchor("vendor", &root, json!({})).await;
    operator.trusts("vendor", "by-root").await;
    let pump = Device::born(operator.door.clone(), "pump-1", &plant.births("pump-1"));
    registers_in_every_way(&house, &pump, Some("by-root")).await;

    operator.brings_anchor("line", &line, json!({})).await;
    operator.trusts("line", "by-intermediate").await;
    let fan = Device::born(operator.door.clone(), "fan-1", &line.births("fan-1"));
    registers_in_every_way(&house, &fan, Some("by-intermediate")).await;
    house.ends_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_node_sdk_may_show_its_own_certificate_alone_where_the_plant_is_known() {
    let house = House::on_443().await;
    let operator = house.operator();
    let root = Vendor::root("Vendor Root", &operator.door.clock);
    let plant = root.intermediate("Plant");
    operator.brings_anchor("vendor", &root, json!({})).await;
    operator.trusts("vendor", "line").await;
    let birth = plant.births("pump-1").alone();
    let pump = Device::born(operator.door.clone(), "pump-1", &birth);

    let said = registers_as(&house, &pump, None, &[]).await;
    assert_eq!(said.code, 1, "refused, and not crashed: {said:?}");
    let error: Value = serde_json::from_str(&said.err).expect("the SDK's error");
    assert_eq!(error["name"], "UnauthorizedError", "{error}");
    let answer: Value =
        serde_json::from_str(error["responseBody"].as_str().expect("the answer")).expect("JSON");
    assert_eq!(answer["errorCode"], 401_002);
    let info = &answer["info"];
    assert_eq!(info["slug"], "certificate_untrusted", "{answer}");
    assert_eq!(
        (&info["subject"], &info["issuer"], &info["certificatesPresented"]),
        (&"CN=pump-1".into(), &"CN=Plant".into(), &"1".into())
    );

    let known = json!({ "certificate": data_encoding::BASE64.encode(plant.certificate()) });
    let added = operator.posts("/anchors/vendor/intermediates", &known).await;
    assert_eq!(added.status, 204, "{}", added.text());
    registers_in_every_way(&house, &pump, Some("line")).await;
    house.ends_well().await;
}
