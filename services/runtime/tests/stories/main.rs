// SPDX-License-Identifier: Apache-2.0
//! Stories of listeners and the strangers who come to them, over real sockets.

mod abuse;
mod crowd;
mod deadlines;
mod door;
mod ending;
mod house;
mod interrupted;
mod observed;
mod tls;
mod unix;
