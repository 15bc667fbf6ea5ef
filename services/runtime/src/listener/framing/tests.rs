// SPDX-License-Identifier: Apache-2.0
//! Stories of requests that two parsers could end in different places.

use super::*;

/// Reads `bytes` whole and byte by byte: the verdict may not depend on how the network cut them.
fn verdict(bytes: &[u8]) -> (u64, Option<(u64, Abuse)>) {
    let mut whole = Framing::default();
    let refused_body = whole.read(bytes).err();
    let mut torn = Framing::default();
    let mut refused_torn = None;
    for byte in bytes {
        refused_torn = refused_torn.or(torn.read(std::slice::from_ref(byte)).err());
    }
    assert_eq!(
        (whole.requests, whole.refused, refused_body),
        (torn.requests, torn.refused, refused_torn)
    );
    (whole.requests, whole.refused)
}

fn post(headers: &str, body: &str) -> Vec<u8> {
    format!("POST / HTTP/1.1\r\nHost: a\r\n{headers}\r\n{body}").into_bytes()
}

#[test]
fn requests_in_a_row_are_told_apart() {
    let bytes = [
        b"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
        post("Content-Length: 5\r\n", "G\n\r\n "),
        post(
            "transfer-encoding:  Chunked \r\n",
            "5;x=y\r\nG\n\r\n \r\nA\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\n",
        ),
        b"GET / HTTP/1.0\r\n\r\n".to_vec(),
    ]
    .concat();
    assert_eq!(verdict(&bytes), (4, None));
}

#[test]
fn every_ambiguity_is_refused_by_its_name() {
    let long = "9".repeat(30);
    let cases: Vec<(Vec<u8>, Abuse)> = vec![
        (
            post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
            Abuse::LengthAndCoding,
        ),
        (
            post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "0\r\n\r\n"),
            Abuse::LengthAndCoding,
        ),
        (
            post("Content-Length: 4\r\nContent-Length: 4\r\n", "abcd"),
            Abuse::Length,
        ),
        (
            post("Content-Length: 4\r\nContent-Length: 5\r\n", "abcd"),
            Abuse::Length,
        ),
        (post("Content-Length: 4, 4\r\n", "abcd"), Abuse::Length),
        (post("Content-Length: +4\r\n", "abcd"), Abuse::Length),
        (post("Content-Length: 0x4\r\n", "abcd"), Abuse::Length),
        (post("Content-Length:\r\n", "abcd"), Abuse::Length),
        (post(&format!("Content-Length: {long}\r\n"), ""), Abuse::Length),
        (post("Transfer-Encoding: xchunked\r\n", ""), Abuse::Coding),
        (post("Transfer-Encoding: chunked, chunked\r\n", ""), Abuse::Coding),
        (post("Transfer-Encoding: gzip, chunked\r\n", ""), Abuse::Coding),
        (
            post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", ""),
            Abuse::Coding,
        ),
        (post("Transfer-Encoding: \u{b}chunked\r\n", ""), Abuse::Coding),
        (
            b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec(),
            Abuse::Coding,
        ),
        (post("X: a\r\n b\r\n", ""), Abuse::Folded),
        (post("X: a\r\n\tb\r\n", ""), Abuse::Folded),
        (b"GET / HTTP/1.1\nHost: a\r\n\r\n".to_vec(), Abuse::LineEnd),
        (b"GET / HTTP/1.1\r\nHost: a\n\r\n".to_vec(), Abuse::LineEnd),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\n".to_vec(), Abuse::LineEnd),
        (post("X: a\rContent-Length: 4\r\n", ""), Abuse::LineEnd),
        (post("X: a\0b\r\n", ""), Abuse::LineEnd),
        (post("Content-Length : 4\r\n", "abcd"), Abuse::HeaderLine),
        (post("Content-Length\r\n", "abcd"), Abuse::HeaderLine),
        (post(": 4\r\n", "abcd"), Abuse::HeaderLine),
        (post("Host: b\r\n", ""), Abuse::Host),
        (b"GET / HTTP/1.1\r\n\r\n".to_vec(), Abuse::Host),
        (
            b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
            Abuse::Connect,
        ),
        (b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(), Abuse::RequestLine),
        (b"GET / HTTP/2.0\r\nHost: a\r\n\r\n".to_vec(), Abuse::RequestLine),
        (b"GET /\r\n".to_vec(), Abuse::RequestLine),
    ];
    for (bytes, abuse) in cases {
        assert_eq!(
            verdict(&bytes),
            (1, Some((1, abuse))),
            "{:?}",
            String::from_utf8_lossy(&bytes)
        );
    }
}

#[test]
fn a_body_that_lies_about_its_chunks_is_kept_from_the_library() {
    let extension = format!("1;{}\r\nx\r\n0\r\n\r\n", "e".repeat(300));
    for body in [
        "10000000000000000\r\n",
        "0x5\r\nabcde\r\n0\r\n\r\n",
        "+5\r\nabcde\r\n0\r\n\r\n",
        "5 \r\nabcde\r\n0\r\n\r\n",
        "\r\nabcde\r\n0\r\n\r\n",
        "5\r\nabcdefg\r\n0\r\n\r\n",
        "5\r\nabcde0\r\n\r\n",
        "5\nabcde\r\n0\r\n\r\n",
        &extension,
    ] {
        let bytes = post("Transfer-Encoding: chunked\r\n", body);
        let mut framing = Framing::default();
        assert!(framing.read(&bytes).is_err(), "{body:?}");
    }
}

#[test]
fn only_the_request_at_fault_is_blamed() {
    let bytes = [
        post("Content-Length: 1\r\n", "x"),
        post("Content-Length: 1\r\nContent-Length: 1\r\n", "x"),
    ]
    .concat();
    let mut framing = Framing::default();
    framing.read(&bytes).expect("heads are not kept from the library");
    assert_eq!(
        (framing.abuse_of(1), framing.abuse_of(2)),
        (None, Some(Abuse::Length))
    );
}
