// SPDX-License-Identifier: Apache-2.0
//! Whether an answer is a certificate: anything else ends the run with the body that came instead.

use anyhow::{Context, Result, bail, ensure};
use data_encoding::BASE64;
use serde::Deserialize;
use tamga_x509::certificate::{Certificate, IssuerCertificate};
use tamga_x509::request::Request;

use super::exchange::Answer;
use crate::order::Target;

/// Judges answers.
pub(super) struct Judge {
    shape: Shape,
}

/// How a chain is answered.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Shape {
    /// DER after DER.
    Der,
    /// Base64 in a registration.
    Registration,
    /// Base64 beside what is known of a unit.
    Unit,
}

/// Leaf, issuer, root.
const CHAIN: usize = 3;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Registration<'a> {
    #[serde(borrow)]
    registration_state: State<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct State<'a> {
    #[serde(borrow)]
    issued_certificate_chain: Vec<&'a str>,
}

/// A unit of a station; alone, or in a line of a batch.
#[derive(Deserialize)]
struct Unit<'a> {
    #[serde(borrow)]
    certificate: &'a str,
    #[serde(borrow)]
    chain: Vec<&'a str>,
}

impl Judge {
    pub(super) fn new(target: &Target) -> Self {
        let shape = match target {
            Target::Yardstick => Shape::Der,
            Target::Dps { .. } => Shape::Registration,
            Target::Station { .. } => Shape::Unit,
        };
        Self { shape }
    }

    /// A chain of three came, each of a certificate's length. Cheap, for every answer.
    pub(super) fn accept(&self, answer: &Answer<'_>) -> Result<()> {
        let lengths: Vec<usize> = if self.shape == Shape::Der {
            self.chain_der(answer)?.iter().map(Vec::len).collect()
        } else {
            self.chain_text(answer)?.iter().map(|text| text.len()).collect()
        };
        let whole = lengths.len() == CHAIN && lengths.iter().all(|length| *length > 300);
        ensure!(whole, "an answer without a whole chain: {}", shown(answer));
        Ok(())
    }

    /// The chain holds, and its leaf certifies the key that was asked for. For the first answer of a connection.
    pub(super) fn prove(&self, answer: &Answer<'_>, csr: &[u8]) -> Result<()> {
        self.accept(answer)?;
        let chain = self.chain_der(answer)?;
        let [leaf, issuer, root] = chain.as_slice() else {
            bail!("an answer without a whole chain: {}", shown(answer));
        };
        let (issuer, root) = (IssuerCertificate::parse(issuer)?, IssuerCertificate::parse(root)?);
        let leaf = Certificate::parse(leaf)?;
        leaf.verify(&issuer).context("the leaf is not its issuer's")?;
        Certificate::parse(issuer.der())?
            .verify(&root)
            .context("the issuer is not the root's")?;
        let asked = Request::parse(csr)?;
        ensure!(
            leaf.spki_hash() == asked.public_key().spki_hash(),
            "the certificate is for another key"
        );
        Ok(())
    }

    fn chain_text<'a>(&self, answer: &Answer<'a>) -> Result<Vec<&'a str>> {
        let good = matches!(answer.status, 200 | 202);
        ensure!(good, "refused with {}: {}", answer.status, shown(answer));
        let strange = || format!("an answer of another shape: {}", shown(answer));
        if self.shape == Shape::Unit {
            let unit: Unit<'a> = serde_json::from_slice(answer.body).with_context(strange)?;
            let mut chain = unit.chain;
            chain.insert(0, unit.certificate);
            return Ok(chain);
        }
        let registration: Registration<'a> = serde_json::from_slice(answer.body).with_context(strange)?;
        Ok(registration.registration_state.issued_certificate_chain)
    }

    fn chain_der(&self, answer: &Answer<'_>) -> Result<Vec<Vec<u8>>> {
        if self.shape != Shape::Der {
            let texts = self.chain_text(answer)?;
            return texts
                .iter()
                .map(|text| Ok(BASE64.decode(text.as_bytes())?))
                .collect();
        }
        ensure!(
            answer.status == 200,
            "refused with {}: {}",
            answer.status,
            shown(answer)
        );
        let mut rest = answer.body;
        let mut chain = Vec::with_capacity(CHAIN);
        while let [0x30, 0x82, high, low, ..] = rest {
            let length = 4 + usize::from(u16::from_be_bytes([*high, *low]));
            let (one, others) = rest.split_at_checked(length).context("a cut certificate")?;
            chain.push(one.to_vec());
            rest = others;
        }
        ensure!(
            rest.is_empty(),
            "something else than certificates: {}",
            shown(answer)
        );
        Ok(chain)
    }
}

fn shown(answer: &Answer<'_>) -> String {
    String::from_utf8_lossy(answer.body).chars().take(2000).collect()
}
