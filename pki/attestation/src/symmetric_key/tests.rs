// SPDX-License-Identifier: Apache-2.0
//! The work spent on a token must not tell what we hold: counted, because timing on a shared machine proves nothing.

use std::cell::Cell;

use tamga_x509::chance::{Chance, ChanceFault};
use tamga_x509::time::Timestamp;

use super::*;
use crate::method::{Evidence, Reference, judge_unknown};

thread_local! {
    static WORK: Cell<usize> = const { Cell::new(0) };
}

/// Called by the key each time it is put to use.
pub(super) fn count_work() {
    WORK.set(WORK.get() + 1);
}

struct Fixed(u8);

impl Chance for Fixed {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), ChanceFault> {
        bytes.fill(self.0);
        Ok(())
    }
}

const ID: &str = "Pump-1";

fn reference(derived: bool) -> SymmetricKeyReference {
    let make = |octet| SymmetricKey::from_octets(&[octet; 32]).unwrap();
    SymmetricKeyReference {
        primary: make(1),
        secondary: make(2),
        derived,
    }
}

fn token_signed_by(key: &SymmetricKey) -> SasToken {
    let resource = format!("0tmAAAAAAAA/registrations/{ID}");
    let key = hmac_of(key, format!("{resource}\n1000").as_bytes());
    let signature = data_encoding::BASE64.encode(&key);
    SasToken::parse(&format!(
        "SharedAccessSignature sr={resource}&sig={signature}&se=1000"
    ))
    .unwrap()
}

fn hmac_of(key: &SymmetricKey, message: &[u8]) -> Vec<u8> {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key.expose_octets());
    aws_lc_rs::hmac::sign(&key, message).as_ref().to_vec()
}

fn work_of(act: impl FnOnce()) -> usize {
    WORK.set(0);
    act();
    WORK.get()
}

#[test]
fn the_work_is_the_same_whichever_key_matches_or_none() {
    let mut seen = Vec::new();
    for derived in [false, true] {
        let keys = reference(derived);
        let stranger = SymmetricKey::from_octets(&[9; 32]).unwrap();
        let signers = [
            keys.primary.derive(ID),
            keys.primary.derive("pump-1"),
            keys.secondary.derive(ID),
            keys.secondary.derive("pump-1"),
            SymmetricKey::from_octets(&[1; 32]).unwrap(),
            SymmetricKey::from_octets(&[2; 32]).unwrap(),
            stranger,
        ];
        for signer in &signers {
            let token = token_signed_by(signer);
            seen.push(work_of(|| {
                let _slot = keys.verifies(&token, ID);
            }));
        }
    }
    assert!(
        seen.iter().all(|&work| work == 10),
        "six verifications and four derivations each: {seen:?}"
    );
}

#[test]
fn an_unknown_registration_costs_what_a_known_one_does() {
    let limits = SasLimits::default();
    let context = Context {
        id_scope: "0tmAAAAAAAA",
        registration_id: ID,
        now: Timestamp::from_seconds(900),
        judged_at: Timestamp::from_seconds(900),
        limits: &limits,
    };
    let token = Evidence::SymmetricKey(token_signed_by(&reference(true).primary.derive(ID)));
    let decoy = Reference::SymmetricKey(SymmetricKeyReference::decoy(&Fixed(7)).unwrap());
    let unknown = work_of(|| assert_eq!(judge_unknown(&token, &decoy, &context), Doubt::TokenSignature));
    assert_eq!(unknown, 10);
}

#[test]
fn even_the_decoys_own_key_proves_nothing() {
    let limits = SasLimits::default();
    let context = Context {
        id_scope: "0tmAAAAAAAA",
        registration_id: ID,
        now: Timestamp::from_seconds(900),
        judged_at: Timestamp::from_seconds(900),
        limits: &limits,
    };
    let decoy = SymmetricKeyReference::decoy(&Fixed(7)).unwrap();
    let token = Evidence::SymmetricKey(token_signed_by(&decoy.primary.derive(ID)));
    let doubt = judge_unknown(&token, &Reference::SymmetricKey(decoy), &context);
    assert_eq!(doubt, Doubt::TokenSignature);
}
