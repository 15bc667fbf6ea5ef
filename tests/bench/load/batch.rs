// SPDX-License-Identifier: Apache-2.0
//! Many units in each call: lines out, and a line in for each of them as they are done.

use std::rc::Rc;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use serde::Deserialize;

use super::exchange::{Answer, Tls};
use super::{Seen, Work};

/// How a call is made.
pub(super) struct Call {
    target: String,
    authorization: String,
    rows: usize,
}

/// What a line begins with, or the last one holds.
#[derive(Deserialize)]
struct Told<'a> {
    line: Option<usize>,
    #[serde(borrow)]
    result: Option<&'a str>,
    end: Option<End>,
}

#[derive(Deserialize)]
struct End {
    issued: usize,
}

impl Call {
    pub(super) fn new(organization: &str, token: &str, rows: usize) -> Self {
        Self {
            target: format!("/v1/organizations/{organization}/certificates:batch"),
            authorization: format!("Bearer {token}"),
            rows,
        }
    }

    fn request(&self, body: Vec<u8>) -> Result<Request<Full<Bytes>>> {
        Ok(Request::post(&self.target)
            .header(header::HOST, "localhost")
            .header(header::AUTHORIZATION, &self.authorization)
            .header(header::CONTENT_TYPE, "application/jsonl")
            .body(Full::new(Bytes::from(body)))?)
    }
}

/// Makes call after call until the window closes. Each certificate counts when its line comes, each wait when its call ends.
pub(super) async fn keep_asking(work: Rc<Work>, line: Tls, call: Call) -> Result<Seen> {
    let (mut sender, connection) = handshake(TokioIo::new(line)).await?;
    let connection = tokio::task::spawn_local(connection);
    let mut seen = Seen::default();
    let ended = loop {
        match one(&work, &mut sender, &call, &mut seen).await {
            Ok(true) => {}
            Ok(false) => break Ok(seen),
            Err(error) => break Err(error),
        }
    };
    connection.abort();
    ended
}

/// Makes one call; tells whether there is time for another.
async fn one(
    work: &Work,
    sender: &mut SendRequest<Full<Bytes>>,
    call: &Call,
    seen: &mut Seen,
) -> Result<bool> {
    let mut body = Vec::new();
    let mut asked = Vec::with_capacity(call.rows);
    for _ in 0..call.rows {
        let unit = work.take()?;
        body.extend_from_slice(&unit.request);
        asked.push(unit);
    }
    sender.ready().await?;
    let sent = Instant::now();
    let mut answer = sender.send_request(call.request(body)?).await?;
    let status = answer.status().as_u16();
    if status != 200 {
        let body = answer.into_body().collect().await?.to_bytes();
        bail!("refused with {status}: {}", String::from_utf8_lossy(&body));
    }
    let mut lines = Lines::default();
    let mut proved = false;
    while let Some(line) = lines.next(answer.body_mut()).await? {
        let shown = || String::from_utf8_lossy(&line).into_owned();
        let told: Told<'_> = serde_json::from_slice(&line).with_context(shown)?;
        let now = Instant::now();
        if let Some(end) = told.end {
            ensure!(end.issued == call.rows, "not every row was issued: {}", shown());
            if now >= work.window.opens && now < work.window.closes {
                seen.waits.push(now - sent);
            }
            // The connection is free once all of it was heard.
            while let Some(frame) = answer.body_mut().frame().await {
                frame?;
            }
            return Ok(now < work.window.closes);
        }
        ensure!(
            told.result == Some("issued"),
            "a row without a certificate: {}",
            shown()
        );
        let row = Answer { status, body: &line };
        if proved {
            work.judge.accept(&row)?;
        } else {
            let number = told.line.with_context(shown)?;
            let unit = number.checked_sub(1).and_then(|place| asked.get(place));
            work.judge.prove(&row, &unit.with_context(shown)?.device.csr)?;
            proved = true;
        }
        if now >= work.window.opens && now < work.window.closes {
            seen.certificates += 1;
        }
    }
    bail!("the answers ended before their last line")
}

/// Takes lines out of a body.
#[derive(Default)]
struct Lines {
    held: Vec<u8>,
    told: usize,
}

impl Lines {
    async fn next(&mut self, body: &mut Incoming) -> Result<Option<Vec<u8>>> {
        loop {
            let rest = self.held.get(self.told..).unwrap_or_default();
            if let Some(length) = rest.iter().position(|octet| *octet == b'\n') {
                let line = rest.get(..length).unwrap_or_default().to_vec();
                self.told += length + 1;
                return Ok(Some(line));
            }
            self.held.drain(..self.told);
            self.told = 0;
            let Some(frame) = body.frame().await else {
                return Ok(None);
            };
            if let Ok(data) = frame?.into_data() {
                self.held.extend_from_slice(&data);
            }
        }
    }
}
