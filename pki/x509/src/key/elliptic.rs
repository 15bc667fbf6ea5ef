// SPDX-License-Identifier: Apache-2.0
//! Admits elliptic-curve points: named P-256 or P-384, uncompressed, on the curve (RFC 5480 §2).

use super::{KeyAlgorithm, KeyRefusal};
use crate::oid;
use crate::tlv::{self, Reader};

/// The curve named by the parameters of `id-ecPublicKey`.
pub(super) fn curve(mut identifier: Reader<'_>) -> Result<KeyAlgorithm, KeyRefusal> {
    let parameters = identifier.any()?;
    identifier.finish()?;
    match (parameters.tag, parameters.value) {
        (tlv::OBJECT_IDENTIFIER, oid::CURVE_P256) => Ok(KeyAlgorithm::EcP256),
        (tlv::OBJECT_IDENTIFIER, oid::CURVE_P384) => Ok(KeyAlgorithm::EcP384),
        (tlv::OBJECT_IDENTIFIER, other) => Err(KeyRefusal::UnknownKind {
            kind: oid::describe(other),
        }),
        // RFC 5480 §2.1.1: implicitCurve and specifiedCurve MUST NOT be used (compare CVE-2020-0601).
        _ => Err(KeyRefusal::Invalid {
            reason: "the curve must be given by its name, not by parameters",
        }),
    }
}

pub(super) fn judge(curve: KeyAlgorithm, point: &[u8]) -> Result<KeyAlgorithm, KeyRefusal> {
    match point.first() {
        Some(0x04) => {}
        Some(0x02 | 0x03) => {
            return Err(KeyRefusal::Invalid {
                reason: "the point is compressed",
            });
        }
        Some(0x00) => {
            return Err(KeyRefusal::Invalid {
                reason: "the point is the one at infinity",
            });
        }
        _ => {
            return Err(KeyRefusal::Invalid {
                reason: "the point is not in the uncompressed form",
            });
        }
    }
    // `from_sec1_bytes` checks the length, that both coordinates are below the prime, and the curve equation.
    let on_curve = if curve == KeyAlgorithm::EcP384 {
        p384::PublicKey::from_sec1_bytes(point).is_ok()
    } else {
        p256::PublicKey::from_sec1_bytes(point).is_ok()
    };
    if on_curve {
        Ok(curve)
    } else {
        Err(KeyRefusal::Invalid {
            reason: "the point is not on its curve",
        })
    }
}
