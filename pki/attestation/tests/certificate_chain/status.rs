// SPDX-License-Identifier: Apache-2.0
//! Revocation told by lists an operator uploaded: fresh or refused, and of every certificate below the anchor.

use rcgen::{
    CertificateRevocationListParams, CrlDistributionPoint, CrlIssuingDistributionPoint, CrlScope,
    CustomExtension, Issuer, KeyIdMethod, RevocationReason, RevokedCertParams, SerialNumber,
};
use tamga_attestation::{
    AnchorReference, AuthorityCertificate, Context, Doubt, Evidence, ForeignList, ForeignStatus, ListRefusal,
    Reference, SasLimits, TrustedAnchor, judge,
};
use tamga_x509::time::Timestamp;

use crate::factory::*;

/// A list that revokes these, one day old and good for another.
fn list(revoked: &[&Holder]) -> CertificateRevocationListParams {
    CertificateRevocationListParams {
        this_update: second(NOW - DAY),
        next_update: second(NOW + DAY),
        crl_number: SerialNumber::from(7_u64),
        issuing_distribution_point: None,
        revoked_certs: revoked
            .iter()
            .map(|one| RevokedCertParams {
                serial_number: one.serial(),
                revocation_time: second(NOW - 2 * DAY),
                reason_code: Some(RevocationReason::KeyCompromise),
                invalidity_date: Some(second(NOW - 3 * DAY)),
            })
            .collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    }
}

fn signed(issuer: &Holder, params: &CertificateRevocationListParams) -> Vec<u8> {
    let issuer = Issuer::from_params(&issuer.params, &issuer.key);
    params.signed_by(&issuer).unwrap().der().to_vec()
}

fn loaded(issuer: &Holder, params: &CertificateRevocationListParams) -> ForeignList {
    let own = AuthorityCertificate::parse(&issuer.der).unwrap();
    ForeignList::load(&signed(issuer, params), &[own]).unwrap()
}

/// A vendor with a root, a plant and a pump; the root is anchor.
struct Vendor {
    root: Holder,
    plant: Holder,
    pump: Holder,
}

impl Vendor {
    fn new() -> Self {
        let root = root("Vendor Root");
        let plant = root.issues(authority("Plant"));
        let pump = plant.issues(device(ID));
        Self { root, plant, pump }
    }

    fn admits(&self, lists: Vec<ForeignList>) -> Result<(), Doubt> {
        let anchor =
            TrustedAnchor::new(&self.root.der, &[&self.plant.der], ForeignStatus::Lists(lists)).unwrap();
        let reference = Reference::Anchors(AnchorReference {
            anchors: vec![anchor],
        });
        judged(chain(&[&self.pump, &self.plant]), &reference).map(drop)
    }

    fn of_root(&self, revoked: &[&Holder]) -> ForeignList {
        loaded(&self.root, &list(revoked))
    }

    fn of_plant(&self, revoked: &[&Holder]) -> ForeignList {
        loaded(&self.plant, &list(revoked))
    }
}

#[test]
fn every_certificate_below_the_anchor_must_be_covered() {
    let vendor = Vendor::new();
    let unknown = Err(Doubt::CertificateStatusUnknown);
    assert_eq!(vendor.admits(vec![]), unknown);
    assert_eq!(vendor.admits(vec![vendor.of_root(&[])]), unknown);
    assert_eq!(vendor.admits(vec![vendor.of_plant(&[])]), unknown);
    assert_eq!(
        vendor.admits(vec![vendor.of_root(&[]), vendor.of_plant(&[])]),
        Ok(())
    );
}

#[test]
fn what_stands_on_a_list_is_refused_wherever_it_is_in_the_chain() {
    let vendor = Vendor::new();
    let revoked = Err(Doubt::ChainRevoked);
    let (root, plant) = (vendor.of_root(&[]), vendor.of_plant(&[&vendor.pump]));
    assert_eq!(vendor.admits(vec![root, plant]), revoked);
    let (root, plant) = (vendor.of_root(&[&vendor.plant]), vendor.of_plant(&[]));
    assert_eq!(vendor.admits(vec![root, plant]), revoked);
    let another = vendor.plant.issues(device("pump-2"));
    let (root, plant) = (vendor.of_root(&[]), vendor.of_plant(&[&another]));
    assert_eq!(vendor.admits(vec![root, plant]), Ok(()));
}

#[test]
fn a_list_that_ran_out_proves_guilt_but_no_innocence() {
    let vendor = Vendor::new();
    let stale = |revoked: &[&Holder]| {
        let mut params = list(revoked);
        params.next_update = second(NOW - 1);
        loaded(&vendor.plant, &params)
    };
    let with = |list| vendor.admits(vec![vendor.of_root(&[]), list]);
    assert_eq!(with(stale(&[])), Err(Doubt::CertificateStatusUnknown));
    assert_eq!(with(stale(&[&vendor.pump])), Err(Doubt::ChainRevoked));
    let both = vec![vendor.of_root(&[]), vendor.of_plant(&[]), stale(&[&vendor.pump])];
    assert_eq!(vendor.admits(both), Err(Doubt::ChainRevoked));
    let mut early = list(&[]);
    early.this_update = second(NOW + 1);
    assert_eq!(
        with(loaded(&vendor.plant, &early)),
        Err(Doubt::CertificateStatusUnknown)
    );
    let fresh = vendor.of_plant(&[]);
    for (at, expected) in [
        (NOW - DAY - 1, false),
        (NOW - DAY, true),
        (NOW + DAY, true),
        (NOW + DAY + 1, false),
    ] {
        assert_eq!(fresh.is_fresh(Timestamp::from_seconds(at)), expected);
    }
}

#[test]
fn a_list_that_came_while_a_request_waited_admits_it() {
    let vendor = Vendor::new();
    let mut new = list(&[]);
    new.this_update = second(NOW + 60);
    let lists = vec![vendor.of_root(&[]), loaded(&vendor.plant, &new)];
    let known = [vendor.plant.der.clone()];
    let anchor = TrustedAnchor::new(&vendor.root.der, &known, ForeignStatus::Lists(lists)).unwrap();
    let limits = SasLimits::default();
    let evidence = Evidence::CertificateChain(chain(&[&vendor.pump, &vendor.plant]));
    let reference = Reference::Anchors(AnchorReference {
        anchors: vec![anchor],
    });
    let judged_at = |at| {
        let context = Context {
            judged_at: Timestamp::from_seconds(at),
            ..context(&limits)
        };
        judge(&evidence, &reference, &context).map(|_| ())
    };
    assert_eq!(judged_at(NOW), Err(Doubt::CertificateStatusUnknown));
    assert_eq!(judged_at(NOW + 60), Ok(()));
    assert_eq!(
        judged_at(NOW + DAY + 1),
        Err(Doubt::CertificateStatusUnknown),
        "it ran out meanwhile"
    );
}

#[test]
fn a_list_speaks_only_of_the_kind_it_says() {
    let vendor = Vendor::new();
    let scoped = |scope| {
        let mut params = list(&[]);
        params.issuing_distribution_point = Some(CrlIssuingDistributionPoint {
            distribution_point: CrlDistributionPoint {
                uris: vec!["http://lists.example/1".to_owned()],
            },
            scope,
        });
        params
    };
    // A partition is of those certificates that name it.
    let elsewhere = loaded(&vendor.plant, &scoped(None));
    assert_eq!(
        vendor.admits(vec![vendor.of_root(&[]), elsewhere]),
        Err(Doubt::CertificateStatusUnknown)
    );
    let mut named = Vendor::new();
    let mut params = device(ID);
    params.crl_distribution_points = vec![CrlDistributionPoint {
        uris: vec![
            "ldap://other.example".to_owned(),
            "http://lists.example/1".to_owned(),
        ],
    }];
    named.pump = named.plant.issues(params);
    for (scope, expected) in [
        (None, Ok(())),
        (Some(CrlScope::UserCertsOnly), Ok(())),
        (Some(CrlScope::CaCertsOnly), Err(Doubt::CertificateStatusUnknown)),
    ] {
        let partition = loaded(&named.plant, &scoped(scope));
        assert_eq!(named.admits(vec![named.of_root(&[]), partition]), expected);
    }
}

#[test]
fn a_list_is_taken_only_from_the_authority_it_names() {
    let vendor = Vendor::new();
    let namesake = root("Vendor Root");
    let own = |holder: &Holder| AuthorityCertificate::parse(&holder.der).unwrap();
    let by_namesake = signed(&namesake, &list(&[]));
    assert_eq!(
        ForeignList::load(&by_namesake, &[own(&vendor.root)]).unwrap_err(),
        ListRefusal::BadSignature
    );
    let of_plant = signed(&vendor.plant, &list(&[]));
    let refusal = ForeignList::load(&of_plant, &[own(&vendor.root)]).unwrap_err();
    assert_eq!(refusal.slug(), "list_issuer_unknown");
    assert!(refusal.to_string().contains("CN=Plant"), "{refusal}");
    assert!(ForeignList::load(&of_plant, &[own(&vendor.root), own(&vendor.plant)]).is_ok());
    // A namesake's list, loaded for the namesake, says nothing of certificates under the other key.
    let other = loaded(&namesake, &list(&[&vendor.plant]));
    assert_eq!(
        vendor.admits(vec![vendor.of_plant(&[]), other]),
        Err(Doubt::CertificateStatusUnknown)
    );
}

#[test]
fn an_altered_list_is_refused() {
    let vendor = Vendor::new();
    let own = [AuthorityCertificate::parse(&vendor.root.der).unwrap()];
    let sound = signed(&vendor.root, &list(&[&vendor.plant]));
    for at in 0..sound.len() {
        let mut altered = sound.clone();
        altered[at] ^= 1;
        assert!(ForeignList::load(&altered, &own).is_err(), "octet {at}");
    }
    for wrong in [&b""[..], b"-----BEGIN X509 CRL-----", &vendor.root.der] {
        assert_eq!(
            ForeignList::load(wrong, &own).unwrap_err().slug(),
            "list_unusable"
        );
    }
}

#[test]
fn an_authority_that_may_not_sign_lists_signs_none() {
    let mut params = authority("Vendor Root");
    params.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign];
    let strict = self_signed(params);
    let mut generous = authority("Vendor Root");
    generous.custom_extensions = Vec::<CustomExtension>::new();
    let signer = Holder {
        params: generous,
        key: rcgen::KeyPair::from_pem(&strict.key.serialize_pem()).unwrap(),
        der: strict.der.clone(),
    };
    let der = signed(&signer, &list(&[]));
    let own = [AuthorityCertificate::parse(&strict.der).unwrap()];
    assert_eq!(
        ForeignList::load(&der, &own).unwrap_err(),
        ListRefusal::BadSignature
    );
}

#[test]
fn what_openssl_makes_out_of_the_box_is_a_list() {
    let place = |name: &str| format!("{}/testdata/{name}", env!("CARGO_MANIFEST_DIR"));
    let anchor = std::fs::read(place("anchor-openssl.der")).unwrap();
    let list = std::fs::read(place("list-openssl.der")).unwrap();
    let own = [AuthorityCertificate::parse(&anchor).unwrap()];
    let loaded = ForeignList::load(&list, &own).unwrap();
    assert_eq!(
        (loaded.issuer().as_str(), loaded.entry_count()),
        ("CN=OpenSSL Root", 1)
    );
}
