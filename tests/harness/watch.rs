// SPDX-License-Identifier: Apache-2.0
//! Stands between the house and its issuers' keys: counts what they are asked, and can fail or hold a signature.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use tamga_authority::signers::Signers;
use tamga_registry::id::IssuerId;
use tamga_x509::key::{PublicKey, SignatureAlgorithm};
use tamga_x509::signer::{Signature, Signer, SignerFault};
use tamga_x509::to_be_signed::{Kind, ToBeSigned};

/// One watch for the whole life of an installation, restarts included.
#[derive(Default)]
pub struct Watch {
    asked: Mutex<Vec<Asked>>,
    failing: AtomicUsize,
    failing_lists: AtomicUsize,
    held: Mutex<bool>,
    let_go: Condvar,
}

/// Something a key was asked to sign.
#[derive(Clone, Copy)]
pub struct Asked {
    /// Whose key.
    pub issuer: IssuerId,
    /// SHA-256 of the bytes.
    pub digest: [u8; 32],
    /// What the bytes are.
    pub kind: Kind,
}

impl Asked {
    /// Whether the bytes are a certificate's.
    pub fn is_certificate(&self) -> bool {
        matches!(self.kind, Kind::Certificate { .. })
    }
}

impl Watch {
    /// Everything the keys were asked, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The next certificates, this many, are not signed: the key cannot be reached.
    pub fn lets_fail(&self, certificates: usize) {
        self.failing.store(certificates, Ordering::SeqCst);
    }

    /// The next revocation lists, this many, are not signed.
    pub fn lets_lists_fail(&self, lists: usize) {
        self.failing_lists.store(lists, Ordering::SeqCst);
    }

    /// Certificates wait for their signature until [`Self::lets_go`].
    pub fn holds(&self) {
        *self.held.lock().unwrap() = true;
    }

    /// Whatever waits is signed.
    pub fn lets_go(&self) {
        *self.held.lock().unwrap() = false;
        self.let_go.notify_all();
    }

    /// Between a house and its signers.
    pub fn over(self: &Arc<Self>, signers: Arc<dyn Signers>) -> Arc<dyn Signers> {
        Arc::new(Watched {
            watch: Arc::clone(self),
            signers,
        })
    }

    fn stands_by(&self, certificate: bool) -> Result<(), SignerFault> {
        if !certificate {
            return out_of_reach(&self.failing_lists);
        }
        let mut held = self.held.lock().unwrap();
        while *held {
            held = self.let_go.wait(held).unwrap();
        }
        drop(held);
        out_of_reach(&self.failing)
    }
}

/// Whether the story lets one more fail.
fn out_of_reach(left: &AtomicUsize) -> Result<(), SignerFault> {
    match left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)) {
        Ok(_) => Err(SignerFault::Unavailable {
            reason: "the story says so".to_owned(),
        }),
        Err(_) => Ok(()),
    }
}

struct Watched {
    watch: Arc<Watch>,
    signers: Arc<dyn Signers>,
}

impl Signers for Watched {
    fn signer(&self, issuer: IssuerId) -> Option<Arc<dyn Signer>> {
        let signer = self.signers.signer(issuer)?;
        let watch = Arc::clone(&self.watch);
        Some(Arc::new(WatchedSigner {
            watch,
            issuer,
            signer,
        }))
    }
}

struct WatchedSigner {
    watch: Arc<Watch>,
    issuer: IssuerId,
    signer: Arc<dyn Signer>,
}

impl Signer for WatchedSigner {
    fn public_key(&self) -> &PublicKey {
        self.signer.public_key()
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.signer.algorithm()
    }

    fn sign(&self, what: &ToBeSigned) -> Result<Signature, SignerFault> {
        let asked = Asked {
            issuer: self.issuer,
            digest: what.digest(),
            kind: what.kind(),
        };
        self.watch.asked.lock().unwrap().push(asked);
        self.watch.stands_by(asked.is_certificate())?;
        self.signer.sign(what)
    }
}
