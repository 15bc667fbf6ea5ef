// SPDX-License-Identifier: Apache-2.0
//! Performs the acts, each guarded and journalled. The only crate that asks a signer.
//!
//! A device certificate passes five types, and no other road leads to a signer (`chain`):
//! [`Claim`](enroll::Claim) → [`Proven`](chain::Proven) → [`Admitted`](chain::Admitted) →
//! [`Prepared`](chain::Prepared) → [`Issued`](chain::Issued).
//!
//! - [`enroll`]: the device's door: register, poll, look up;
//! - [`fulfil`]: the hand: takes admitted orders in batches, keeps intents, signs, keeps records; finishes what a crash
//!   left; `renew` is not an act of its own: what a request becomes is [`tamga_registry::admission`]'s to say;
//! - [`desk`], [`clerk`]: the same between separate processes: a door hands in what it proved, a signer judges it again;
//! - [`clock`]: ours beside the database's; [`presence`]: a process among the others;
//! - [`factory`]: stations have units furnished with certificates, on their [`word`];
//! - [`revoke`], [`administer`]: what operators do; [`repeat`]: what they send again;
//! - [`publish`]: CRLs; [`service`]: Tamga's own TLS certificate; [`establish`]: the first start;
//! - [`identify`]: who comes to the admin plane; [`guard`]: asked in every act; [`refusal`]: what a caller is told; [`policy`]: what the door keeps in mind;
//! - [`secrets`], [`signers`]: the ports through which sealed values and private keys are reached, and the vault over
//!   root keys.

pub mod administer;
mod bearer;
pub mod chain;
pub mod clerk;
pub mod clock;
mod denials;
pub mod desk;
pub mod enroll;
pub mod establish;
pub mod factory;
pub mod fulfil;
pub mod guard;
pub mod identify;
mod journal;
pub mod means;
pub mod policy;
pub mod presence;
pub mod publish;
pub mod refusal;
pub mod repeat;
pub mod request;
pub mod revoke;
pub mod secrets;
pub mod service;
pub mod signers;
mod tree;
pub mod word;

pub use denials::{DenialKeeper, Denials};
pub use guard::Caller;
pub use means::Means;
pub use refusal::{Failure, Fault, Refusal};
pub use request::RequestContext;
