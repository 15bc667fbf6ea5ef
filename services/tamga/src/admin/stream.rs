// SPDX-License-Identifier: Apache-2.0
//! A call whose body is many lines of JSON and whose answer is many lines of JSON, both as they come.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use futures::stream;
use http_body_util::{BodyExt, Limited, StreamBody};
use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;

use super::{AdminPlane, Answer, Call, understood};
use crate::exit::{End, Failure, chain};

/// The answer, line by line.
pub struct Lines {
    body: Incoming,
    rest: Vec<u8>,
    whole: VecDeque<Vec<u8>>,
}

impl AdminPlane {
    /// Sends lines and hands out the lines of the answer, which begin before the last line is sent.
    ///
    /// # Errors
    /// A failure of kind refused, unreachable or fault, as of every call.
    pub async fn lines(&self, call: &Call, lines: Vec<Vec<u8>>) -> Result<Lines, Failure> {
        let frames = lines.into_iter().map(|mut line| {
            line.push(b'\n');
            Ok::<_, Infallible>(Frame::data(Bytes::from(line)))
        });
        let mut request = Request::builder()
            .method(call.method)
            .uri(call.target())
            .header(HOST, self.road.authority())
            .header(CONNECTION, "close")
            .header(ACCEPT, LINES)
            .header(CONTENT_TYPE, LINES);
        if let Some(authorization) = self.road.authorization()? {
            request = request.header(AUTHORIZATION, authorization);
        }
        let body = StreamBody::new(stream::iter(frames));
        let request = request.body(body).map_err(|fault| Failure::fault(&fault))?;
        let answer = self.begun(request).await?;
        if answer.status().is_success() {
            return Ok(Lines {
                body: answer.into_body(),
                rest: Vec::new(),
                whole: VecDeque::new(),
            });
        }
        let (parts, body) = answer.into_parts();
        let whole = Limited::new(body, LONGEST_PROBLEM).collect().await;
        let whole = whole.map_err(|fault| Failure::new(End::Unreachable, fault))?;
        match understood(&Response::from_parts(parts, whole.to_bytes()))? {
            Answer::Done(..) => Err(Failure::new(End::Fault, "the answer is no list of lines")),
            Answer::Refused(status, problem) => Err(problem.failure(status)),
        }
    }

    async fn begun<B>(&self, request: Request<B>) -> Result<Response<Incoming>, Failure>
    where
        B: Body<Data = Bytes, Error = Infallible> + Send + 'static,
    {
        let lost = |fault: hyper::Error| Failure::new(End::Unreachable, chain(&fault));
        let stream = self.road.opened().await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(lost)?;
        // It carries the request on while the answer is read, and ends with it.
        tokio::spawn(connection);
        tokio::time::timeout(PATIENCE, sender.send_request(request))
            .await
            .map_err(|_| late())?
            .map_err(lost)
    }
}

impl Lines {
    /// The next line; none where the answer ends.
    ///
    /// # Errors
    /// A failure of kind unreachable when the connection is cut, fault when a line is no JSON.
    pub async fn next(&mut self) -> Result<Option<Value>, Failure> {
        loop {
            if let Some(line) = self.whole.pop_front() {
                let value = serde_json::from_slice(&line);
                return value.map(Some).map_err(|_| {
                    Failure::new(
                        End::Fault,
                        "a line of the answer is no JSON: is this the admin plane?",
                    )
                });
            }
            let frame = tokio::time::timeout(PATIENCE, self.body.frame()).await;
            match frame.map_err(|_| late())? {
                None => return Ok(None),
                Some(Err(fault)) => return Err(Failure::new(End::Unreachable, chain(&fault))),
                Some(Ok(frame)) => self.take(&frame.into_data().unwrap_or_default()),
            }
        }
    }

    fn take(&mut self, octets: &[u8]) {
        for octet in octets {
            match octet {
                b'\n' => self.whole.push_back(std::mem::take(&mut self.rest)),
                octet => self.rest.push(*octet),
            }
        }
    }
}

fn late() -> Failure {
    let sentence = format!("no line of the answer came within {} s", PATIENCE.as_secs());
    Failure::new(End::Unreachable, sentence)
}

const LINES: &str = "application/jsonl";
const LONGEST_PROBLEM: usize = 64 * 1024;
/// Between two lines; a certificate is there within a few seconds, or said to be pending.
const PATIENCE: Duration = Duration::from_secs(60);
