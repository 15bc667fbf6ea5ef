// SPDX-License-Identifier: Apache-2.0
//! Other people's stacks at a real house: device SDKs, validators, a relying party. See `interop/README.md`.

#[path = "interop/birth.rs"]
mod birth;
#[path = "interop/client_shape.rs"]
mod client_shape;
#[path = "interop/client_shape_certificate.rs"]
mod client_shape_certificate;
#[path = "interop/device_sdk.rs"]
mod device_sdk;
#[path = "interop/device_sdk_certificate.rs"]
mod device_sdk_certificate;
#[path = "interop/nginx.rs"]
mod nginx;
#[path = "interop/validator.rs"]
mod validator;
