// SPDX-License-Identifier: Apache-2.0
//! A device that signs tokens the way real clients do, with encoders of its own so that no code is tested by itself.
use std::time::Duration;

use aws_lc_rs::hmac;
use tamga_attestation::{
    Context, Doubt, Evidence, Judgement, Proof, Reference, SasLimits, SasToken, SymmetricKey,
    SymmetricKeyReference, judge,
};
use tamga_x509::time::Timestamp;

pub(crate) const SCOPE: &str = "0tmK4Q8Z1RW";
/// 2026-11-22, 00:00 UTC.
pub(crate) const NOW: i64 = 1_795_305_600;

pub(crate) const PRIMARY: [u8; 64] = [0x11; 64];
pub(crate) const SECONDARY: [u8; 32] = [0x22; 32];

pub(crate) fn key(octets: &[u8]) -> SymmetricKey {
    SymmetricKey::from_octets(octets).unwrap()
}

pub(crate) fn own_keys() -> Reference {
    reference(false)
}

pub(crate) fn group_keys() -> Reference {
    reference(true)
}

fn reference(derived: bool) -> Reference {
    Reference::SymmetricKey(SymmetricKeyReference {
        primary: key(&PRIMARY),
        secondary: key(&SECONDARY),
        derived,
    })
}

pub(crate) fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message)
        .as_ref()
        .to_vec()
}

pub(crate) fn base64(octets: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in octets.chunks(3) {
        let mut block = [0_u8; 3];
        block[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes([0, block[0], block[1], block[2]]);
        for place in 0..4 {
            if place <= chunk.len() {
                text.push(char::from(ALPHABET[(bits >> (18 - 6 * place)) as usize & 63]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

/// Percent-encodes everything but unreserved characters and those named safe.
pub(crate) fn percent(text: &str, safe: &str, upper: bool) -> String {
    text.bytes()
        .map(|octet| {
            let letter = char::from(octet);
            if letter.is_ascii_alphanumeric() || "-_.~".contains(letter) || safe.contains(letter) {
                letter.to_string()
            } else if upper {
                format!("%{octet:02X}")
            } else {
                format!("%{octet:02x}")
            }
        })
        .collect()
}

/// How one client writes its token.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) resource_safe: &'static str,
    pub(crate) upper: bool,
    pub(crate) lower_audience: bool,
    pub(crate) fields: &'static str,
    pub(crate) lifetime: i64,
}

pub(crate) const NODE: Client = Client {
    resource_safe: "/:",
    upper: true,
    lower_audience: false,
    fields: "sr={sr}&sig={sig}&skn=registration&se={se}",
    lifetime: 3600,
};
pub(crate) const NODE_TPM: Client = Client {
    resource_safe: "",
    fields: "sr={sr}&sig={sig}&se={se}&skn=registration",
    ..NODE
};
pub(crate) const PYTHON: Client = NODE_TPM;
pub(crate) const C: Client = Client {
    upper: false,
    lifetime: 2400,
    ..NODE_TPM
};
pub(crate) const C_SHARP: Client = Client {
    lifetime: 24 * 3600,
    ..NODE_TPM
};
pub(crate) const JAVA: Client = Client {
    resource_safe: "/:",
    fields: "sr={sr}&sig={sig}&se={se}&skn=",
    ..NODE_TPM
};
pub(crate) const IDENTITY_SERVICE: Client = Client {
    lower_audience: true,
    lifetime: 30,
    ..NODE_TPM
};

impl Client {
    pub(crate) fn resource(&self, scope: &str, id: &str) -> String {
        let plain = format!("{scope}/registrations/{id}");
        let plain = if self.lower_audience {
            plain.to_lowercase()
        } else {
            plain
        };
        percent(&plain, self.resource_safe, self.upper)
    }

    pub(crate) fn token(&self, key: &[u8], id: &str) -> String {
        self.token_at(key, id, NOW)
    }

    pub(crate) fn token_at(&self, key: &[u8], id: &str, clock: i64) -> String {
        let resource = self.resource(SCOPE, id);
        let expiry = (clock + self.lifetime).to_string();
        let signature = base64(&hmac_sha256(key, format!("{resource}\n{expiry}").as_bytes()));
        let fields = self
            .fields
            .replace("{sr}", &resource)
            .replace("{sig}", &percent(&signature, "", self.upper))
            .replace("{se}", &expiry);
        format!("SharedAccessSignature {fields}")
    }
}

/// A token over exactly these texts, signed honestly.
pub(crate) fn signed(key: &[u8], resource: &str, expiry: &str) -> String {
    let signature = base64(&hmac_sha256(key, format!("{resource}\n{expiry}").as_bytes()));
    format!(
        "SharedAccessSignature sr={resource}&sig={}&se={expiry}",
        percent(&signature, "", true)
    )
}

pub(crate) fn proven(header: &str, reference: &Reference, id: &str) -> Result<Proof, Doubt> {
    proven_at(header, reference, id, Timestamp::from_seconds(NOW))
}

pub(crate) fn proven_at(
    header: &str,
    reference: &Reference,
    id: &str,
    now: Timestamp,
) -> Result<Proof, Doubt> {
    let limits = SasLimits::default();
    assert_eq!(limits.skew, Duration::from_secs(300));
    let evidence = Evidence::SymmetricKey(SasToken::parse(header)?);
    let context = Context {
        id_scope: SCOPE,
        registration_id: id,
        now,
        judged_at: now,
        limits: &limits,
    };
    judge(&evidence, reference, &context).map(|Judgement::Proven(proof)| proof)
}
