// SPDX-License-Identifier: Apache-2.0
//! The rows of a table, CSV or JSON, each as the body of the call it is for: enrollments, or units on a line.

use std::path::Path;

use serde_json::{Map, Value, json};
use tamga_registry::device::RegistrationId;

use crate::exit::{End, Failure};
use crate::files::{read_table, require_own};

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its line in a CSV or lines of JSON, its place in an array; counted from 1.
    pub number: usize,
    /// The registration id, as far as there is one.
    pub name: String,
    /// The body of the call.
    pub body: Value,
    /// Why it makes no sense.
    pub fault: Option<String>,
}

/// Reads a table by the end of its name.
///
/// # Errors
/// A failure of kind usage when the file cannot be read or is no table, or holds keys and is open to others.
pub fn read_rows(file: &Path, table: &Table) -> Result<Vec<Row>, Failure> {
    let octets = read_table(file).map_err(|fault| Failure::new(End::Usage, fault))?;
    let folder = file.parent().unwrap_or(Path::new(""));
    let rows = match file.extension().and_then(|end| end.to_str()) {
        Some("csv") => csv_rows(&octets, folder, table),
        Some("json") => json_rows(&octets, table),
        Some("jsonl") => line_rows(&octets, table),
        Some(_) | None => Err("name a file that ends in .csv, .json or .jsonl".to_owned()),
    };
    let rows = rows.map_err(|fault| Failure::new(End::Usage, format!("{}: {fault}", file.display())))?;
    let has_keys = |row: &Row| {
        row.body
            .pointer("/attestation/primaryKey")
            .is_some_and(Value::is_string)
    };
    if rows.iter().any(has_keys) {
        require_own(file).map_err(|fault| Failure::new(End::Usage, fault))?;
    }
    Ok(rows)
}

fn csv_rows(octets: &[u8], folder: &Path, table: &Table) -> Result<Vec<Row>, String> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(octets);
    let headings = reader.headers().map_err(|fault| fault.to_string())?.clone();
    let known: Vec<&str> = table.columns.iter().map(|(heading, _)| *heading).collect();
    for heading in &headings {
        let is_label = table.labels && heading.starts_with(LABEL);
        if !known.contains(&heading) && !is_label {
            return Err(format!(
                "there is no column {heading:?}: there are {}",
                known.join(", ")
            ));
        }
    }
    if !headings.iter().any(|heading| heading == NAME) {
        return Err(format!("the column {NAME} is missing from the heading"));
    }
    let rows = reader.records().map(|record| {
        let record = record.map_err(|fault| fault.to_string())?;
        let number = record.position().map_or(0, csv::Position::line);
        let cells = headings.iter().zip(&record).filter(|(_, cell)| !cell.is_empty());
        let mut body = Value::Object(Map::new());
        let mut fault = None;
        for (heading, cell) in cells {
            fault = fault.or(put(&mut body, (heading, cell), folder, table).err());
        }
        Ok(row(usize::try_from(number).unwrap_or(0), body, fault, table))
    });
    rows.collect()
}

/// Puts a cell where the call has it.
fn put(body: &mut Value, (heading, cell): (&str, &str), folder: &Path, table: &Table) -> Result<(), String> {
    let kind = table
        .columns
        .iter()
        .find(|(known, _)| *known == heading)
        .map(|(_, kind)| *kind);
    match kind {
        Some(Column::Text) => body[heading] = json!(cell),
        Some(Column::Number) => {
            let number: u32 = cell
                .parse()
                .map_err(|_| format!("{heading}: {cell:?} is no number"))?;
            body[heading] = json!(number);
        }
        Some(Column::Key) => {
            body["attestation"]["type"] = json!("symmetricKey");
            body["attestation"][heading] = json!(cell);
        }
        Some(Column::Certificate(place)) => {
            let file = folder.join(cell);
            let der =
                crate::certificate_file::only(&file).map_err(|failure| format!("{heading}: {failure}"))?;
            body["attestation"]["type"] = json!("x509");
            body["attestation"]["clientCertificates"][place] = json!({ "certificate": der });
        }
        Some(Column::Request) => {
            let file = folder.join(cell);
            let text =
                crate::certificate_file::request(&file).map_err(|failure| format!("{heading}: {failure}"))?;
            body[heading] = json!(text);
        }
        None => {
            if let Some(name) = heading.strip_prefix(LABEL) {
                body["label"][name] = json!(cell);
            }
        }
    }
    Ok(())
}

fn json_rows(octets: &[u8], table: &Table) -> Result<Vec<Row>, String> {
    let all: Vec<Value> =
        serde_json::from_slice(octets).map_err(|fault| format!("no array of JSON objects: {fault}"))?;
    let rows = all.into_iter().zip(1..);
    Ok(rows
        .map(|(body, number)| row(number, body, None, table))
        .collect())
}

fn line_rows(octets: &[u8], table: &Table) -> Result<Vec<Row>, String> {
    let lines = octets.split(|octet| *octet == b'\n').zip(1..);
    let lines = lines.filter(|(line, _)| !line.iter().all(u8::is_ascii_whitespace));
    lines
        .map(|(line, number)| {
            let body =
                serde_json::from_slice(line).map_err(|fault| format!("line {number} is no JSON: {fault}"))?;
            Ok(row(number, body, None, table))
        })
        .collect()
}

fn row(number: usize, body: Value, fault: Option<String>, table: &Table) -> Row {
    let name = body[NAME].as_str().unwrap_or_default().to_owned();
    let fault = fault.or_else(|| {
        let named = name
            .parse::<RegistrationId>()
            .err()
            .map(|fault| fault.to_string());
        let mixed = body.pointer("/attestation/primaryKey").is_some()
            && body.pointer("/attestation/clientCertificates").is_some();
        let mixed = mixed.then(|| "a device has keys or certificates, not both".to_owned());
        let lacking = table.needs.iter().find(|member| !body[**member].is_string());
        let lacking = lacking.map(|member| format!("{member} is missing"));
        named.or(mixed).or(lacking)
    });
    Row {
        number,
        name,
        body,
        fault,
    }
}

/// What a table may hold.
#[derive(Debug)]
pub struct Table {
    columns: &'static [(&'static str, Column)],
    /// Members that each row has, beside its registration id.
    needs: &'static [&'static str],
    /// There may be columns `label.NAME`.
    labels: bool,
}

/// What a cell is.
#[derive(Clone, Copy, Debug)]
enum Column {
    Text,
    Number,
    Key,
    Certificate(&'static str),
    Request,
}

const NAME: &str = "registrationId";
const LABEL: &str = "label.";

/// Units on a line, each with its certificate request.
pub const UNITS: Table = Table {
    columns: &[(NAME, Column::Text), ("csr", Column::Request)],
    needs: &["csr"],
    labels: true,
};

/// Individual enrollments.
pub const ENROLLMENTS: Table = Table {
    columns: COLUMNS,
    needs: &[],
    labels: false,
};

const COLUMNS: &[(&str, Column)] = &[
    (NAME, Column::Text),
    ("certificate", Column::Certificate("primary")),
    ("secondaryCertificate", Column::Certificate("secondary")),
    ("primaryKey", Column::Key),
    ("secondaryKey", Column::Key),
    ("profile", Column::Text),
    ("issuer", Column::Text),
    ("rekey", Column::Text),
    ("rekeysPerDay", Column::Number),
    ("assignedHub", Column::Text),
];

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn read(name: &str, text: &str) -> Result<Vec<Row>, Failure> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        read_rows(&file, &ENROLLMENTS)
    }

    #[test]
    fn the_three_forms_say_the_same() {
        let csv = read("a.csv", "registrationId, rekeysPerDay\npump-1, 3\n\"pump-2\",\n").unwrap();
        let json = read(
            "a.json",
            "[{\"registrationId\":\"pump-1\",\"rekeysPerDay\":3},{\"registrationId\":\"pump-2\"}]",
        );
        let lines = read(
            "a.jsonl",
            "{\"registrationId\":\"pump-1\",\"rekeysPerDay\":3}\n\n{\"registrationId\":\"pump-2\"}\n",
        );
        let bodies = |rows: Vec<Row>| rows.into_iter().map(|row| row.body).collect::<Vec<_>>();
        let csv = bodies(csv);
        assert_eq!(csv[0], json!({ "registrationId": "pump-1", "rekeysPerDay": 3 }));
        assert_eq!(csv, bodies(json.unwrap()));
        assert_eq!(csv, bodies(lines.unwrap()));
    }

    #[test]
    fn a_table_that_is_none_is_refused_as_a_whole() {
        for (name, text, words) in [
            ("a.csv", "registrationId,hub\nx,y\n", "no column \"hub\""),
            ("a.csv", "profile\nx\n", "registrationId is missing"),
            ("a.csv", "registrationId,profile\nx\n", "fields"),
            ("a.json", "{}", "no array"),
            ("a.jsonl", "{}\n{", "line 2"),
            ("a.txt", "", ".csv"),
        ] {
            let told = read(name, text).unwrap_err().to_string();
            assert!(told.contains(words), "{words} in {told}");
        }
    }

    #[test]
    fn a_row_that_makes_no_sense_is_told_by_itself() {
        let rows = read(
            "a.csv",
            "registrationId,rekeysPerDay,certificate\npump 1,,\npump-2,x,\npump-3,,none.pem\n,1,\n",
        )
        .unwrap();
        let faults: Vec<_> = rows
            .iter()
            .map(|row| row.fault.clone().unwrap_or_default())
            .collect();
        assert!(faults.iter().all(|fault| !fault.is_empty()), "{faults:?}");
        assert!(
            faults[1].contains("no number") && faults[2].contains("none.pem"),
            "{faults:?}"
        );
        assert_eq!(
            rows.iter().map(|row| row.number).collect::<Vec<_>>(),
            [2, 3, 4, 5]
        );
    }

    #[test]
    fn a_unit_has_its_request_and_its_labels() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("units.csv");
        fs::write(folder.path().join("a.csr"), [0x30, 0x81, 0x02]).unwrap();
        fs::write(
            &file,
            "registrationId,csr,label.sticker\npump-1,a.csr,SN {serial}\npump-2,,\n",
        )
        .unwrap();
        let rows = read_rows(&file, &UNITS).unwrap();
        let wanted =
            json!({ "registrationId": "pump-1", "csr": "MIEC", "label": { "sticker": "SN {serial}" } });
        assert_eq!((&rows[0].body, &rows[0].fault), (&wanted, &None));
        assert_eq!(rows[1].fault.as_deref(), Some("csr is missing"));
        let told = read("a.csv", "registrationId,label.x\nx,y\n")
            .unwrap_err()
            .to_string();
        assert!(told.contains("no column"), "enrollments have no labels: {told}");
    }

    #[test]
    fn a_table_with_keys_is_its_owners_alone() {
        let told = read("a.csv", "registrationId,primaryKey,secondaryKey\nx,a2V5,a2V5\n").unwrap_err();
        assert!(told.to_string().contains("chmod 0600"), "{told}");
    }
}
