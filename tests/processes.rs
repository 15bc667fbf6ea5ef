// SPDX-License-Identifier: Apache-2.0
//! Stories of the real programs over a Postgres of their own: stopped, killed, paused, and their database with them.

#[path = "processes/customer.rs"]
mod customer;
#[path = "processes/ended.rs"]
mod ended;
#[path = "processes/fenced.rs"]
mod fenced;
#[path = "processes/furnished.rs"]
mod furnished;
#[path = "processes/installation.rs"]
mod installation;
#[path = "processes/looked_at.rs"]
mod looked_at;
#[path = "processes/program.rs"]
mod program;
#[path = "processes/restored.rs"]
mod restored;
#[path = "rows.rs"]
mod rows;
