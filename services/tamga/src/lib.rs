// SPDX-License-Identifier: Apache-2.0
//! The operator's hand tool, and the whole house in one process.
//!
//! - [`house`]: composes memory, signer and planes into one running house, over any clock; [`founding`]: the first start,
//!   [`roots`]: the keys it seals under;
//! - [`memory`]: the Postgres of an installation, from settings;
//! - [`settings`]: what an operator can set, and the page that documents it;
//! - [`dev`]: `tamga dev`: a house that sets itself up, with one simulated device;
//! - [`device`]: a device that plays by the rules, as a library and as `tamga device simulate`;
//! - [`admin`]: calls of the admin plane, over its Unix socket or TLS; [`command`]: the command line;
//! - [`doctor`]: looks at everything an installation stands on; [`rows`], [`results`]: tables, and what became of each row;
//! - [`exit`]: how a command ends; [`files`], [`exchange`], [`certificate_file`]: what they need of the outside.

pub mod admin;
pub mod certificate_file;
pub mod command;
pub mod dev;
pub mod device;
pub mod doctor;
pub mod exchange;
pub mod files;
pub mod founding;
pub mod house;
pub mod memory;
pub mod results;
pub mod roots;
pub mod rows;
pub mod settings;

pub use tamga_runtime::exit;
