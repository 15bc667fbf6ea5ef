// SPDX-License-Identifier: Apache-2.0
//! The contract of the admin plane, `openapi/admin.json`: whether it is whole, whether generated requests find a live house
//! to be otherwise, and what a generated client can do with it.

#[path = "contract/client.rs"]
mod client;
#[path = "contract/document.rs"]
mod document;
#[path = "contract/merge.rs"]
mod merge;
#[path = "contract/page.rs"]
mod page;
#[path = "contract/requests.rs"]
mod requests;
#[path = "contract/stand.rs"]
mod stand;
#[path = "contract/strict/mod.rs"]
mod strict;
