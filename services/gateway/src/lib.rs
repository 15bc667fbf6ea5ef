// SPDX-License-Identifier: Apache-2.0
//! Speaks the device protocols and the admin API. Holds no rule: it parses, asks `authority`, and renders.
//!
//! - [`dps`]: the device plane. The HTTP device API of the Azure Device Provisioning Service, as its released
//!   clients speak it.
//! - [`admin`]: the admin plane `/v1`, for operators. Strict where the device plane is lenient.
//! - [`route`]: the one table each plane is routed by and its OpenAPI document is compared with;
//! - [`process`]: the planes in a process, alone or beside others; [`settings`]: their settings files.
//!
//! Both planes begin with an `arrival`: the request's id, where it came from; and read bodies through `body`.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unreachable
    )
)]

pub mod admin;
mod arrival;
mod body;
pub mod dps;
mod fault;
pub mod process;
pub mod route;
pub mod settings;
