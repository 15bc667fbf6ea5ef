// SPDX-License-Identifier: Apache-2.0
//! Writes log lines that a stranger's text cannot break out of.

use std::fmt;
use std::io::{self, Write};

use tracing::Subscriber;
use tracing::field::Field;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::fmt::format::{Writer, debug_fn};
use tracing_subscriber::fmt::{MakeWriter, SubscriberBuilder};

use super::LogFormat;
use super::escape::{write_escaped, write_escaped_json};

/// The one form of our logs; colours are the caller's decision, as it knows where the lines go.
pub(crate) fn subscriber<W>(
    format: LogFormat,
    filter: EnvFilter,
    colours: bool,
    writer: W,
) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let builder = SubscriberBuilder::default().with_env_filter(filter);
    match format {
        LogFormat::Text => Box::new(
            builder
                .with_ansi(colours)
                .fmt_fields(debug_fn(write_field).delimited(" "))
                .with_writer(writer)
                .finish(),
        ),
        LogFormat::Json => Box::new(
            builder
                .json()
                .flatten_event(true)
                .with_current_span(true)
                .with_span_list(false)
                .with_writer(EscapedLines(writer))
                .finish(),
        ),
    }
}

/// Escapes each value, so that our own colours around it stay.
fn write_field(to: &mut Writer<'_>, field: &Field, value: &dyn fmt::Debug) -> fmt::Result {
    let value = format!("{value:?}");
    match field.name() {
        "message" => write_escaped(to, &value),
        name => {
            write!(to, "{name}=")?;
            write_escaped(to, &value)
        }
    }
}

/// Escapes what JSON itself lets through (C1 controls, bidirectional marks) in whole lines.
struct EscapedLines<W>(W);

impl<'w, W: MakeWriter<'w>> MakeWriter<'w> for EscapedLines<W> {
    type Writer = EscapedLine<W::Writer>;

    fn make_writer(&'w self) -> Self::Writer {
        EscapedLine(self.0.make_writer())
    }
}

struct EscapedLine<W>(W);

impl<W: Write> Write for EscapedLine<W> {
    /// The formatter hands over one whole line, its line break last.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        let (body, end) = text.strip_suffix('\n').map_or((&*text, ""), |body| (body, "\n"));
        let mut escaped = String::with_capacity(text.len());
        write_escaped_json(&mut escaped, body).map_err(io::Error::other)?;
        escaped.push_str(end);
        self.0.write_all(escaped.as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
pub(crate) mod page {
    //! A place for log lines that a test can read.

    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    pub(crate) struct Page(Arc<Mutex<Vec<u8>>>);

    impl Page {
        pub(crate) fn text(&self) -> String {
            String::from_utf8(self.0.lock().expect("page").clone()).expect("UTF-8")
        }
    }

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("page").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::page::Page;
    use super::*;
    use crate::telemetry::Foreign;

    const EVIL: &str =
        "pump\r\n2026-11-22 INFO forged\u{1b}[2J\u{9b}31m\u{202e}\u{2028}\"},{\"level\":\"INFO\"%s{}";

    fn written(format: LogFormat, colours: bool) -> String {
        let page = Page::default();
        let sink = page.clone();
        let filter = EnvFilter::new("info");
        let subscriber = subscriber(format, filter, colours, move || sink.clone());
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::info_span!("request", debug = ?EVIL, display = %EVIL, text = EVIL);
            span.in_scope(|| {
                tracing::info!(debug = ?EVIL, display = %EVIL, text = EVIL, foreign = %Foreign::new(EVIL, 9), "said {EVIL}");
            });
        });
        page.text()
    }

    fn assert_nothing_draws(line: &str) {
        let body = line.strip_suffix('\n').expect("one whole line");
        for c in ['\n', '\r', '\u{9b}', '\u{202e}', '\u{2028}'] {
            assert!(!body.contains(c), "{c:?} drawn in {line:?}");
        }
    }

    #[test]
    fn a_strangers_text_stays_on_its_line_in_text() {
        let line = written(LogFormat::Text, false);
        assert_nothing_draws(&line);
        assert!(!line.contains('\u{1b}'), "{line:?}");
        assert!(line.contains("said pump\\u{d}\\u{a}2026"), "{line}");
    }

    #[test]
    fn our_own_colours_survive_and_a_strangers_do_not() {
        let line = written(LogFormat::Text, true);
        assert_nothing_draws(&line);
        assert!(line.contains("\u{1b}[32m"), "our colour for INFO: {line:?}");
        assert!(!line.contains("\u{1b}[2J"), "{line:?}");
    }

    #[test]
    fn a_strangers_text_stays_in_its_string_in_json() {
        let line = written(LogFormat::Json, false);
        assert_nothing_draws(&line);
        let event: serde_json::Value = serde_json::from_str(&line).expect("one JSON object");
        assert_eq!(
            event["display"], EVIL,
            "escaped on the line, whole for the reader"
        );
        assert_eq!(event["level"], "INFO");
        assert!(event["span"]["text"].as_str().expect("text").contains("forged"));
    }
}
