// SPDX-License-Identifier: Apache-2.0
//! Databases of the product's schema: founded with a key in our hands, and filled in bulk.

pub(crate) mod founding;
pub(crate) mod mass;
