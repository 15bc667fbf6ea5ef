// SPDX-License-Identifier: Apache-2.0
//! Devices as they should be: pinned, below a root, below an intermediate, with and without their chain.

use rcgen::DnType;
use tamga_attestation::{
    Doubt, Evidence, ForeignStatus, PinnedCertificates, PresentedChain, Proof, Reference, SasLimits,
    SasToken, SymmetricKey, SymmetricKeyReference, TrustedAnchor, judge, judge_unknown,
};

use crate::factory::*;

fn pinned(primary: &Holder, secondary: Option<&Holder>) -> Reference {
    Reference::Pinned(PinnedCertificates {
        primary: primary.der.clone(),
        secondary: secondary.map(|one| one.der.clone()),
    })
}

#[test]
fn a_pinned_certificate_is_itself_the_proof() {
    let own = self_signed(device(ID));
    let next = self_signed(device(ID));
    let other = self_signed(device(ID));
    for (reference, presented) in [(pinned(&own, None), &own), (pinned(&next, Some(&own)), &own)] {
        let proof = judged(chain(&[presented]), &reference).unwrap();
        assert_eq!(proof.method(), "certificate_chain");
        assert!(
            matches!(proof, Proof::CertificateChain { depth: 0, pinned: true, leaf }
            if leaf == *chain(&[presented]).leaf_spki())
        );
    }
    let verdict = judged(chain(&[&other]), &pinned(&own, Some(&next)));
    assert_eq!(verdict.unwrap_err(), Doubt::CertificateUntrusted);
}

#[test]
fn a_pin_asks_nothing_of_names_or_issuers() {
    let root = root("Vendor");
    let named_otherwise = root.issues(device("serial-4711"));
    let authority = self_signed(authority("made with defaults"));
    for own in [&named_otherwise, &authority] {
        assert!(judged(chain(&[own]), &pinned(own, None)).is_ok());
    }
}

#[test]
fn a_pin_outlives_nobody() {
    let mut late = device(ID);
    late.not_after = second(NOW - 1);
    let mut early = device(ID);
    early.not_before = second(NOW + 1);
    let mut last_second = device(ID);
    last_second.not_after = second(NOW);
    for (params, expected) in [
        (late, Err(Doubt::ChainExpired)),
        (early, Err(Doubt::ChainExpired)),
        (last_second, Ok(())),
    ] {
        let own = self_signed(params);
        assert_eq!(judged(chain(&[&own]), &pinned(&own, None)).map(drop), expected);
    }
}

#[test]
fn a_group_is_reached_by_root_and_by_intermediate() {
    let root = root("Vendor Root");
    let plant = root.issues(authority("Plant"));
    let line = plant.issues(authority("Line"));
    let pump = line.issues(device(ID));
    let presented = [&pump, &line, &plant];
    assert_eq!(depth(by(&root, &presented)), 2);
    assert_eq!(depth(by(&plant, &presented)), 1);
    assert_eq!(depth(by(&line, &presented)), 0);
    let in_any_order = [&pump, &root, &plant, &line];
    assert_eq!(depth(by(&root, &in_any_order)), 2);
}

#[test]
fn either_anchor_of_a_group_admits() {
    let (old, new) = (root("Vendor Root"), root("Vendor Root"));
    let reference = || Reference::Anchors(group(&[&old, &new]));
    for root in [&old, &new] {
        let pump = root.issues(device(ID));
        assert_eq!(depth(judged(chain(&[&pump]), &reference())), 0);
    }
}

#[test]
fn a_leaf_alone_is_completed_from_known_intermediates() {
    let root = root("Vendor Root");
    let plant = root.issues(authority("Plant"));
    let line = plant.issues(authority("Line"));
    let pump = line.issues(device(ID));
    let knowing = TrustedAnchor::new(&root.der, &[&plant.der, &line.der], ForeignStatus::None).unwrap();
    let reference = Reference::Anchors(tamga_attestation::AnchorReference {
        anchors: vec![knowing],
    });
    assert_eq!(by(&root, &[&pump]).unwrap_err(), Doubt::CertificateUntrusted);
    assert_eq!(depth(judged(chain(&[&pump]), &reference)), 2);
}

#[test]
fn the_common_name_is_the_registration_id_in_any_case() {
    let root = root("Vendor Root");
    assert!(by(&root, &[&root.issues(device("PUMP-1"))]).is_ok());
    for name in ["pump-2", "pump-1 ", "", "pump-1\0"] {
        let verdict = by(&root, &[&root.issues(device(name))]);
        assert_eq!(verdict.unwrap_err(), Doubt::CertificateName, "{name:?}");
    }
    let mut nameless = device(ID);
    nameless.distinguished_name.remove(DnType::CommonName);
    let verdict = by(&root, &[&root.issues(nameless)]);
    assert_eq!(verdict.unwrap_err(), Doubt::CertificateName);
}

#[test]
fn what_is_presented_can_be_read_back() {
    let root = root("Vendor Root");
    let pump = root.issues(device(ID));
    let presented = chain(&[&pump, &root]);
    assert_eq!(presented.der(), [pump.der.clone(), root.der.clone()]);
    let leaf = presented.leaf();
    assert_eq!(
        (leaf.subject().as_str(), leaf.issuer().as_str()),
        ("CN=pump-1", "CN=Vendor Root")
    );
    assert_eq!((leaf.version(), leaf.not_before().seconds()), (3, NOW - DAY));
    let (_, other) = x509_parser::parse_x509_certificate(&pump.der).unwrap();
    assert_eq!(leaf.serial(), other.tbs_certificate.raw_serial());
    assert_eq!(leaf.subject_der(), other.subject().as_raw());
    assert_eq!(leaf.issuer_der(), other.issuer().as_raw());
    assert!(leaf.authority_key_identifier().is_some_and(|id| id.len() == 20));
    let debug = format!("{presented:?}");
    assert!(
        debug.starts_with("PresentedChain(2 certificates, spki "),
        "{debug}"
    );
}

#[test]
fn methods_do_not_mix() {
    let limits = SasLimits::default();
    let own = self_signed(device(ID));
    let key = || SymmetricKey::from_octets(&[0x11; 32]).unwrap();
    let keys = Reference::SymmetricKey(SymmetricKeyReference {
        primary: key(),
        secondary: key(),
        derived: false,
    });
    let token = "SharedAccessSignature sr=0tmK4Q8Z1RW%2Fregistrations%2Fpump-1&sig=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%3D&se=1795309200";
    let certificate = || Evidence::CertificateChain(chain(&[&own]));
    let token = || Evidence::SymmetricKey(SasToken::parse(token).unwrap());
    let doubt = |evidence: Evidence, reference: &Reference| {
        judge(&evidence, reference, &context(&limits)).unwrap_err()
    };
    let anchors = Reference::Anchors(group(&[&root("Vendor")]));
    for x509 in [&pinned(&own, None), &anchors] {
        assert_eq!(doubt(token(), x509), Doubt::MethodNotAccepted);
        assert_eq!(doubt(Evidence::None, x509), Doubt::CertificateMissing);
    }
    assert_eq!(doubt(certificate(), &keys), Doubt::MethodNotAccepted);
}

#[test]
fn an_unknown_device_is_doubted_like_a_known_one() {
    let limits = SasLimits::default();
    let key = || SymmetricKey::from_octets(&[0x11; 32]).unwrap();
    let decoy = Reference::SymmetricKey(SymmetricKeyReference {
        primary: key(),
        secondary: key(),
        derived: true,
    });
    let mut expired = device(ID);
    expired.not_after = second(NOW - 1);
    let enrolled = self_signed(device(ID));
    let vendor = root("Vendor");
    for presented in [
        self_signed(device(ID)),
        self_signed(device("pump-2")),
        self_signed(expired),
    ] {
        let unknown = judge_unknown(
            &Evidence::CertificateChain(chain(&[&presented])),
            &decoy,
            &context(&limits),
        );
        let individual = judged(chain(&[&presented]), &pinned(&enrolled, None)).unwrap_err();
        let grouped = by(&vendor, &[&presented]).unwrap_err();
        assert_eq!((unknown, unknown), (individual, grouped));
    }
}

#[test]
fn a_chain_is_measured_at_the_rim() {
    let own = self_signed(device(ID));
    assert_eq!(
        PresentedChain::parse(&[] as &[&[u8]]).unwrap_err(),
        Doubt::CertificateMissing
    );
    let many = vec![own.der.clone(); 11];
    let huge = vec![own.der.clone(), vec![0x30; 16 * 1024 + 1]];
    let mut cut = own.der.clone();
    cut.pop();
    let mut longer = own.der.clone();
    longer.push(0);
    for wrong in [many, huge, vec![cut], vec![longer], vec![Vec::new()]] {
        let doubt = PresentedChain::parse(&wrong).unwrap_err();
        assert_eq!(doubt.slug(), "certificate_malformed");
    }
    let with_rubbish = [own.der.clone(), b"grandfather's root".to_vec()];
    let taken = PresentedChain::parse(&with_rubbish).unwrap();
    assert_eq!((taken.der().len(), taken.above().len()), (2, 0));
}
