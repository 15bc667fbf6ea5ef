// SPDX-License-Identifier: Apache-2.0
//! Lines of a body as they come, none longer than a row may be.

use axum::body::{Body, BodyDataStream};
use futures::StreamExt;

/// A line, counted from 1.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// It, without its end.
    Whole(u64, Vec<u8>),
    /// It was longer than a row may be, and is passed over.
    TooLong(u64),
    /// The body ended before its announced end, or is longer than a body may be.
    Cut(u64),
}

/// A body, line by line. Empty lines are counted and passed over.
pub(super) struct Lines {
    body: BodyDataStream,
    buffer: Vec<u8>,
    /// How much of the buffer was told: it is let go once for all its lines, and not line by line.
    told: usize,
    number: u64,
    /// In the middle of a line that is too long.
    skipping: bool,
    ended: bool,
}

impl Lines {
    pub(super) fn of(body: Body) -> Self {
        Self {
            body: body.into_data_stream(),
            buffer: Vec::new(),
            told: 0,
            number: 0,
            skipping: false,
            ended: false,
        }
    }

    /// The next one; nothing after the last.
    pub(super) async fn next(&mut self) -> Option<Line> {
        loop {
            if let Some(line) = self.line() {
                return Some(line);
            }
            if self.ended {
                return None;
            }
            match self.body.next().await {
                Some(Ok(octets)) => self.take(&octets),
                Some(Err(_)) => {
                    self.ended = true;
                    self.buffer.clear();
                    self.told = 0;
                    return Some(Line::Cut(self.number.saturating_add(1)));
                }
                None => {
                    self.ended = true;
                    // The last line may lack its end.
                    if self.told < self.buffer.len() || self.skipping {
                        self.buffer.push(b'\n');
                    }
                }
            }
        }
    }

    /// Takes more, where no whole line is left.
    fn take(&mut self, octets: &[u8]) {
        self.buffer.drain(..self.told);
        self.told = 0;
        self.buffer.extend_from_slice(octets);
        let has_end = self.buffer.contains(&b'\n');
        if !has_end && self.buffer.len() > LONGEST_ROW {
            self.buffer.clear();
            self.skipping = true;
        }
    }

    fn line(&mut self) -> Option<Line> {
        loop {
            let rest = self.buffer.get(self.told..)?;
            let end = rest.iter().position(|octet| *octet == b'\n')?;
            let line = rest.get(..end)?.to_vec();
            self.told = self.told.saturating_add(end).saturating_add(1);
            self.number = self.number.saturating_add(1);
            if std::mem::take(&mut self.skipping) || line.len() > LONGEST_ROW {
                return Some(Line::TooLong(self.number));
            }
            if !line.iter().all(u8::is_ascii_whitespace) {
                return Some(Line::Whole(self.number, line));
            }
        }
    }
}

/// The most octets of a row, its end not counted.
pub(super) const LONGEST_ROW: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::stream;

    use super::*;

    async fn lines(chunks: &[&[u8]]) -> Vec<Line> {
        let chunks: Vec<Vec<u8>> = chunks.iter().map(|chunk| chunk.to_vec()).collect();
        let body = Body::from_stream(stream::iter(chunks).map(Ok::<_, Infallible>));
        let mut lines = Lines::of(body);
        let mut all = Vec::new();
        while let Some(line) = lines.next().await {
            all.push(line);
        }
        all
    }

    #[tokio::test]
    async fn lines_are_found_however_the_body_is_cut_into_chunks() {
        let wanted = vec![
            Line::Whole(1, b"one".to_vec()),
            Line::Whole(3, b"three\r".to_vec()),
            Line::Whole(4, b"last".to_vec()),
        ];
        let text: &[u8] = b"one\n \nthree\r\nlast";
        assert_eq!(lines(&[text]).await, wanted);
        let octets: Vec<&[u8]> = text.chunks(1).collect();
        assert_eq!(lines(&octets).await, wanted);
        assert_eq!(lines(&[]).await, []);
        assert_eq!(lines(&[b"\n\n"]).await, []);
    }

    #[tokio::test]
    async fn a_line_that_is_too_long_is_passed_over_and_its_neighbours_stay() {
        let longest = vec![b'x'; LONGEST_ROW];
        let longer = vec![b'x'; LONGEST_ROW + 1];
        let end: &[u8] = b"\n";
        let many: Vec<&[u8]> = std::iter::repeat_n(longer.as_slice(), 20).collect();
        let chunks = [&[longest.as_slice(), end], many.as_slice(), &[end, b"after"]].concat();
        assert_eq!(
            lines(&chunks).await,
            [
                Line::Whole(1, longest.clone()),
                Line::TooLong(2),
                Line::Whole(3, b"after".to_vec())
            ]
        );
        assert_eq!(lines(&[&longer]).await, [Line::TooLong(1)]);
    }
}
