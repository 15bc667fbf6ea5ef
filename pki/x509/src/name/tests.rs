// SPDX-License-Identifier: Apache-2.0

use proptest::prelude::*;

use super::*;

fn device(registration_id: &str) -> Result<DeviceIdentity, NameFault> {
    DeviceIdentity::new(registration_id, "acme", "tamga.example", "dev_01jd2y")
}

#[test]
fn a_device_is_named_by_its_uri_and_by_a_common_name_that_fits() {
    let identity = device("Pump_1:a.b-").unwrap();
    assert_eq!(
        identity.uri(),
        "spiffe://tamga.example/org/acme/device/dev_01jd2y"
    );
    assert_eq!(identity.common_name(), Some("Pump_1:a.b-"));
    assert_eq!(
        device(&"p".repeat(64)).unwrap().common_name(),
        Some(&*"p".repeat(64))
    );
    assert_eq!(device(&"p".repeat(65)).unwrap().common_name(), None);
}

#[test]
fn registration_ids_outside_their_alphabet_are_refused() {
    for bad in [
        "",
        ".",
        "_",
        ":",
        "a.",
        "a_",
        "a:",
        "a b",
        "a/b",
        "a,b",
        "a+b",
        "a=b",
        "a*",
        "a\0",
        "a\r\n",
        "${a}",
        "{{a}}",
        "%s",
        "pu\u{308}mp",
        "\u{202e}pump",
        "pump\u{200b}",
        "pump\u{430}",
    ] {
        assert_eq!(device(bad), Err(NameFault::RegistrationId), "{bad:?}");
    }
    assert_eq!(device(&"p".repeat(129)), Err(NameFault::RegistrationId));
    assert!(device(&"p".repeat(128)).is_ok());
}

#[test]
fn the_other_parts_of_an_identity_keep_to_theirs() {
    for organization in ["", "Acme", "a/b", "a.b", "a_b", &"a".repeat(64)] {
        let found = DeviceIdentity::new("pump", organization, "tamga.example", "dev_1");
        assert_eq!(found, Err(NameFault::Organization));
    }
    for domain in ["", "Tamga", "tamga/x", "tamga:1", "tamga example"] {
        assert_eq!(
            DeviceIdentity::new("pump", "acme", domain, "dev_1"),
            Err(NameFault::TrustDomain)
        );
    }
    for id in ["", "dev_", "grp_1", "dev_A", "dev_a/b", "dev_.."] {
        assert_eq!(
            DeviceIdentity::new("pump", "acme", "tamga.example", id),
            Err(NameFault::Device)
        );
    }
}

#[test]
fn servers_are_named_by_real_names_each_once() {
    let names = |dns: &[&str]| {
        ServerNames::new(
            &dns.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(),
            &[],
        )
    };
    assert_eq!(names(&["Tamga.Example"]).unwrap().dns(), ["tamga.example"]);
    for bad in [
        "",
        ".",
        "a.",
        ".a",
        "a..b",
        "*.example",
        "-a",
        "a-",
        "a_b",
        "10.0.0.1",
        "a.1",
        "a b",
        "caf\u{e9}.example",
        &"a".repeat(64),
        &["a"; 128].join("."),
    ] {
        assert!(matches!(names(&[bad]), Err(NameFault::Dns { .. })), "{bad:?}");
    }
    assert_eq!(names(&["a.example", "A.example"]), Err(NameFault::Double));
    assert_eq!(names(&[]), Err(NameFault::NoneFits));
    let long = format!("{0}.{0}.example", "a".repeat(40));
    assert_eq!(names(&[&long]), Err(NameFault::NoneFits));
    assert_eq!(
        names(&[&long, "b.example"]).unwrap().common_name().as_deref(),
        Some("b.example")
    );
    let address = ServerNames::new(&[], &["2001:db8::1".parse().unwrap()]).unwrap();
    assert_eq!(address.common_name().as_deref(), Some("2001:db8::1"));
    let many: Vec<_> = (0..101).map(|n| format!("h{n}.example")).collect();
    assert_eq!(ServerNames::new(&many, &[]), Err(NameFault::TooMany));
}

#[test]
fn authorities_have_printable_names() {
    assert!(AuthorityName::new("Süd 1", "Acme, Inc.").is_ok());
    let long = "é".repeat(65);
    for (common_name, organization) in [("", "a"), ("a", ""), ("a\n", "a"), (" a", "a"), ("a", &*long)] {
        assert_eq!(
            AuthorityName::new(common_name, organization),
            Err(NameFault::Authority)
        );
    }
    assert!(AuthorityName::new(&"é".repeat(64), "a").is_ok());
}

proptest! {
    #[test]
    fn one_bad_name_among_good_ones_is_found_wherever_it_stands(count in 1_usize..20, at in 0_usize..20) {
        let at = at % count;
        let names: Vec<_> = (0..count).map(|n| if n == at { "bad name".to_owned() } else { format!("h{n}.example") }).collect();
        let refused = matches!(ServerNames::new(&names, &[]), Err(NameFault::Dns { .. }));
        prop_assert!(refused);
    }
}
