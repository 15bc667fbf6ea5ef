// SPDX-License-Identifier: Apache-2.0
//! Every route against what a request may not be: the tables of the router, times the tricks. Nothing ever happens.

mod body;
mod call;
mod header;
mod method;
mod path;
mod query;
