// SPDX-License-Identifier: Apache-2.0
//! Counts the connections of each address, so that one host cannot take them all.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// The connections open now, by where they come from.
#[derive(Clone)]
pub(super) struct Admission {
    most: usize,
    open: Arc<Mutex<HashMap<Source, usize>>>,
}

/// What counts as one host: an IPv4 address, or the /64 an IPv6 host chooses its addresses from.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
enum Source {
    V4(Ipv4Addr),
    V6([u16; 4]),
}

/// One admitted connection; dropping it makes room.
pub(super) struct Place {
    source: Source,
    open: Arc<Mutex<HashMap<Source, usize>>>,
}

impl Admission {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            open: Arc::default(),
        }
    }

    /// A place for a connection from `address`, unless its host has taken all it may.
    pub(super) fn admit(&self, address: IpAddr) -> Option<Place> {
        let source = Source::of(address);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(source).or_default();
        if *count >= self.most {
            return None;
        }
        *count = count.saturating_add(1);
        Some(Place {
            source,
            open: Arc::clone(&self.open),
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.source) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                open.remove(&self.source);
            }
        }
    }
}

impl Source {
    fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Self::V6([a, b, c, d])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect(text)
    }

    #[test]
    fn a_host_gets_its_share_and_no_more() {
        let admission = Admission::new(2);
        let first = admission.admit(ip("192.0.2.1")).expect("first");
        let _second = admission
            .admit(ip("::ffff:192.0.2.1"))
            .expect("the same host, mapped into IPv6");
        assert!(admission.admit(ip("192.0.2.1")).is_none());
        assert!(
            admission.admit(ip("192.0.2.2")).is_some(),
            "a neighbour is not concerned"
        );
        drop(first);
        assert!(
            admission.admit(ip("192.0.2.1")).is_some(),
            "a closed connection makes room"
        );
    }

    #[test]
    fn an_ipv6_host_is_its_64_bit_prefix() {
        let admission = Admission::new(1);
        let _one = admission.admit(ip("2001:db8:0:1::1")).expect("one");
        assert!(admission.admit(ip("2001:db8:0:1:ffff::2")).is_none());
        assert!(admission.admit(ip("2001:db8:0:2::1")).is_some());
    }

    #[test]
    fn nothing_is_remembered_of_hosts_that_left() {
        let admission = Admission::new(1);
        drop(admission.admit(ip("192.0.2.1")));
        assert!(admission.open.lock().expect("lock").is_empty());
    }
}
