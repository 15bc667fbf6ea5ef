// SPDX-License-Identifier: Apache-2.0
//! Stories told about the whole house; the package itself holds only what they share.
