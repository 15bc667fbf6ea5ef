// SPDX-License-Identifier: Apache-2.0
//! Takes DER apart and puts it together again, so that a test can change any part of it.

/// One element.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) tag: u8,
    /// Of a primitive one.
    pub(super) octets: Vec<u8>,
    /// Of a constructed one.
    pub(super) children: Vec<Node>,
}

/// Reads one element.
pub(super) fn node(der: &[u8]) -> Node {
    let (node, rest) = read(der);
    assert!(rest.is_empty());
    node
}

fn read(der: &[u8]) -> (Node, &[u8]) {
    let (header, length) = match der[1] {
        short @ ..=0x7f => (2, usize::from(short)),
        0x81 => (3, usize::from(der[2])),
        0x82 => (4, usize::from(der[2]) << 8 | usize::from(der[3])),
        other => panic!("a length of {other:x}"),
    };
    let (mut content, rest) = der[header..].split_at(length);
    let mut node = Node {
        tag: der[0],
        octets: Vec::new(),
        children: Vec::new(),
    };
    if der[0] & 0x20 == 0 {
        node.octets = content.to_vec();
    }
    while node.tag & 0x20 != 0 && !content.is_empty() {
        let (child, left) = read(content);
        node.children.push(child);
        content = left;
    }
    (node, rest)
}

impl Node {
    pub(super) fn der(&self) -> Vec<u8> {
        if self.tag & 0x20 == 0 {
            return tlv(self.tag, &self.octets);
        }
        let content: Vec<u8> = self.children.iter().flat_map(Node::der).collect();
        tlv(self.tag, &content)
    }

    /// The extensions of a to-be-signed certificate or list, which come last.
    pub(super) fn extensions(&mut self) -> &mut Vec<Node> {
        &mut self.children.last_mut().unwrap().children[0].children
    }

    /// The extension of this kind.
    pub(super) fn extension(&mut self, oid: &[u8]) -> &mut Node {
        self.extensions()
            .iter_mut()
            .find(|extension| extension.children[0].octets == oid)
            .unwrap()
    }

    /// The value of the extension of this kind.
    pub(super) fn value(&mut self, oid: &[u8]) -> &mut Vec<u8> {
        &mut self.extension(oid).children.last_mut().unwrap().octets
    }

    /// Changes one octet of text somewhere below.
    pub(super) fn misspell(&mut self, text: &str) {
        let der = self.der();
        let at = der
            .windows(text.len())
            .position(|window| window == text.as_bytes());
        let mut der = der;
        let last = at.expect("the text is there") + text.len() - 1;
        der[last] ^= 1;
        *self = node(&der);
    }
}

/// One element of this tag and content.
pub(super) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut der = vec![tag];
    match content.len() {
        length @ ..=0x7f => der.push(u8::try_from(length).unwrap()),
        length => {
            let length = u16::try_from(length).unwrap().to_be_bytes();
            der.extend(if length[0] == 0 {
                vec![0x81, length[1]]
            } else {
                vec![0x82, length[0], length[1]]
            });
        }
    }
    der.extend(content);
    der
}

/// An extension, not critical.
pub(super) fn extension(oid: &[u8], value: &[u8]) -> Node {
    node(&tlv(0x30, &[tlv(0x06, oid), tlv(0x04, value)].concat()))
}

pub(super) const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 19];
pub(super) const KEY_USAGE: &[u8] = &[0x55, 0x1d, 15];
pub(super) const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 37];
pub(super) const SUBJECT_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 14];
pub(super) const AUTHORITY_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 35];
pub(super) const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 17];
pub(super) const DISTRIBUTION_POINTS: &[u8] = &[0x55, 0x1d, 31];
pub(super) const DISTRIBUTION_POINT_OF_LIST: &[u8] = &[0x55, 0x1d, 28];
