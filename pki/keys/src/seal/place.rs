// SPDX-License-Identifier: Apache-2.0
//! The one place in the database where a sealed value may be opened.

use super::purpose::Purpose;

/// Where a sealed value lives. It is not stored with the value: whoever opens must know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// Name of the table.
    pub table: &'a str,
    /// The row's key, as its octets.
    pub row: &'a [u8],
    /// Name of the column.
    pub column: &'a str,
    /// The organization that owns the row.
    pub organization: &'a [u8; 16],
    /// Version of the data key that seals it: a value sealed under another version does not open. It says nothing of the
    /// row's age, for whoever writes rows could write that, too.
    pub version: u32,
}

impl Place<'_> {
    /// The octets the seal is bound to: each part behind its length, so that no two places spell the same.
    pub(super) fn associated_data(&self, purpose: Purpose) -> Vec<u8> {
        spell(
            b"tamga sealed value",
            &[
                purpose.as_str().as_bytes(),
                self.organization,
                self.table.as_bytes(),
                self.row,
                self.column.as_bytes(),
                &self.version.to_be_bytes(),
            ],
        )
    }
}

/// What a wrapped data key is bound to.
pub(super) fn data_key_place(purpose: Purpose, organization: &[u8; 16]) -> Vec<u8> {
    spell(b"tamga data key", &[purpose.as_str().as_bytes(), organization])
}

/// Parts in a fixed order, each behind its length in eight octets, which no length outgrows.
fn spell(kind: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut spelled = Vec::new();
    for part in std::iter::once(&kind).chain(parts) {
        spelled.extend_from_slice(&(part.len() as u64).to_be_bytes());
        spelled.extend_from_slice(part);
    }
    spelled
}
