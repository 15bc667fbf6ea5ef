// SPDX-License-Identifier: Apache-2.0
//! OpenSSL and pkilint at a birth certificate (IEEE 802.1AR): it numbers its unit, names nothing else, and never ends.

use rcgen::{PublicKeyData as _, SigningKey as _};
use tamga_tests::key_pair::KeyPair;
use tamga_tests::programs::{Files, run};
use tamga_x509::authority_certificate::AuthorityDraft;
use tamga_x509::certificate::{CertificateDraft, IssuerCertificate, StatusLocations, Validity};
use tamga_x509::key::PublicKey;
use tamga_x509::name::{AuthorityName, DeviceIdentity};
use tamga_x509::profile::{DeviceDraft, Profile, ProfileConfig};
use tamga_x509::request::Request;
use tamga_x509::serial::Serial;
use tamga_x509::signer::Signature;
use tamga_x509::time::Timestamp;
use tamga_x509::to_be_signed::ToBeSigned;
use tokio::process::Command;

/// 2026-05-28, when everything here is made.
const NOW: i64 = 1_779_926_400;
const DAY: i64 = 86_400;

/// An authority, outside of any house: no road of one issues birth certificates yet.
struct Authority {
    key: rcgen::KeyPair,
    certificate: IssuerCertificate,
}

fn public(key: &rcgen::KeyPair) -> PublicKey {
    PublicKey::from_spki_der(&key.subject_public_key_info()).expect("a key")
}

fn serial(number: u8) -> Serial {
    Serial::compose(0, Timestamp::from_seconds(NOW), [number; 16]).expect("a serial")
}

fn finish(key: &rcgen::KeyPair, draft: CertificateDraft) -> Vec<u8> {
    let sealed = ToBeSigned::certificate(draft).expect("it passes our own lints");
    let signature = Signature::new(key.sign(sealed.bytes()).expect("a signature"));
    sealed.verify(&public(key), &signature).expect("a good one");
    sealed.assemble(&signature)
}

fn locations(of: &str) -> StatusLocations {
    StatusLocations {
        crl: Some(format!("http://status.tamga.example/c/{of}/0.crl")),
        issuer: Some(format!("http://status.tamga.example/i/{of}.cer")),
    }
}

fn authority(name: &str, number: u8, above: Option<&Authority>) -> Authority {
    let key = rcgen::KeyPair::generate().expect("a key pair");
    let end = if above.is_some() { 10 } else { 20 };
    let instants = (NOW - DAY, NOW + end * 365 * DAY - 1);
    let (from, until) = (
        Timestamp::from_seconds(instants.0),
        Timestamp::from_seconds(instants.1),
    );
    let draft = AuthorityDraft {
        name: &AuthorityName::new(name, "Acme Pumps").expect("a name"),
        key: &public(&key),
        issuer: above.map(|above| &above.certificate),
        serial: serial(number),
        validity: Validity::new(from, until).expect("a life"),
        locations: &above.map(|_| locations("root")).unwrap_or_default(),
    };
    let draft = draft.draft().expect("a draft");
    let der = finish(above.map_or(&key, |above| &above.key), draft);
    Authority {
        key,
        certificate: IssuerCertificate::parse(&der).expect("its own certificate"),
    }
}

#[tokio::test]
async fn a_birth_certificate_is_what_802_1ar_asks_and_other_stacks_say_so() {
    let root = authority("Acme Root", 1, None);
    let issuer = authority("Acme Births", 2, Some(&root));
    let request = Request::parse(&KeyPair::new().request("pump-1")).expect("a request");
    let identity = DeviceIdentity::new("pump-1", "acme", "tamga.example", "dev_a").expect("a name");
    let profile = Profile::try_from(ProfileConfig::birth()).expect("a profile");
    let draft = profile.draft(&DeviceDraft {
        request: &request,
        identity: &identity,
        issuer: &issuer.certificate,
        serial: serial(3),
        now: Timestamp::from_seconds(NOW),
        locations: &locations("births"),
    });
    let leaf = finish(&issuer.key, draft.expect("a draft"));
    let above = [&issuer, &root].map(|authority| authority.certificate.der().to_vec());
    let [issuer, root] = above;
    let files = Files::of(&[leaf, issuer, root], &[]);
    let openssl = async |arguments: &str| {
        let mut command = Command::new("openssl");
        command.current_dir(files.directory());
        run(command.args(arguments.split_whitespace())).await
    };

    let said = openssl("x509 -in leaf.pem -noout -subject -nameopt RFC2253 -startdate -enddate").await;
    // 802.1AR-2018 8.6: the serial number of the unit; 8.7: the GeneralizedTime 99991231235959Z.
    assert!(said.out.contains("serialNumber=pump-1"), "{said:?}");
    assert!(
        said.out.contains("O=acme") && said.out.contains("CN=pump-1"),
        "{said:?}"
    );
    assert!(said.out.contains("notAfter=Dec 31 23:59:59 9999 GMT"), "{said:?}");
    let said = openssl("asn1parse -in leaf.pem").await;
    let number = said
        .out
        .lines()
        .skip_while(|line| !line.contains(":serialNumber"))
        .nth(1);
    assert!(
        number.is_some_and(|line| line.contains("PRINTABLESTRING") && line.ends_with(":pump-1")),
        "{said:?}"
    );
    assert!(
        said.out.contains("GENERALIZEDTIME   :99991231235959Z"),
        "{said:?}"
    );
    let said = openssl("x509 -in leaf.pem -noout -ext keyUsage,basicConstraints,subjectAltName").await;
    assert!(said.out.contains("Digital Signature"), "{said:?}");
    assert!(
        !said.out.contains("CA:TRUE") && !said.out.contains("Alternative"),
        "{said:?}"
    );
    // Good on the day it was made, and after its authorities have ended by nobody's word but the calendar's.
    let trusted =
        format!("verify -x509_strict -attime {NOW} -CAfile root.pem -untrusted issuer.pem leaf.pem");
    let said = openssl(&trusted).await;
    assert_eq!(said.code, 0, "{said:?}");
    let late = format!(
        "verify -attime {} -partial_chain -trusted leaf.pem leaf.pem",
        NOW + 30 * 365 * DAY
    );
    let said = openssl(&late).await;
    assert_eq!(said.code, 0, "{said:?}");
    let said = files.lint(&["leaf.pem", "issuer.pem", "root.pem"]).await;
    assert_eq!(said.code, 0, "pkilint: {said:?}");
}
