// SPDX-License-Identifier: Apache-2.0
//! Root key files are made once, kept to their owner, and read only when they are exactly what is expected.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret;

use super::super::purpose::UnknownPurpose;
use super::super::tests::{Dry, Rolling};
use super::*;

fn created() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("device_secrets.root");
    RootKey::create(&path, Purpose::DeviceSecrets, &Rolling::default()).unwrap();
    (folder, path)
}

fn load(path: &Path) -> Result<RootKey, RootKeyFault> {
    RootKey::load(path, Purpose::DeviceSecrets)
}

#[test]
fn a_root_key_file_is_one_line_for_its_owner_alone_and_loads_again() {
    let (_folder, path) = created();
    let text = fs::read_to_string(&path).unwrap();
    assert!(
        text.starts_with("tamga-root-key v1 device_secrets ") && text.ends_with("=\n"),
        "{text}"
    );
    assert_eq!(text.lines().count(), 1);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    assert_eq!(load(&path).unwrap().to_text().expose_secret(), text);
}

#[test]
fn a_root_key_file_is_never_overwritten() {
    let (folder, path) = created();
    let before = fs::read(&path).unwrap();
    let link = folder.path().join("link");
    symlink(folder.path().join("nowhere"), &link).unwrap();
    for taken in [&path, &link] {
        let fault = RootKey::create(taken, Purpose::DeviceSecrets, &Rolling::default()).unwrap_err();
        assert!(matches!(fault, RootKeyFault::Exists { .. }), "{fault}");
    }
    assert_eq!(fs::read(&path).unwrap(), before);
    assert!(!folder.path().join("nowhere").exists());
}

#[test]
fn a_file_open_to_others_is_refused_with_the_chmod_to_run() {
    let (_folder, path) = created();
    for mode in [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o666, 0o777] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let said = load(&path).unwrap_err().to_string();
        let chmod = format!("chmod 0600 {}", path.display());
        assert!(
            said.contains(&chmod) && said.contains(&format!("{mode:04o}")),
            "{said}"
        );
    }
    for mode in [0o400, 0o600] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        load(&path).unwrap();
    }
}

#[test]
fn a_missing_file_and_a_folder_are_called_what_they_are() {
    let (folder, _path) = created();
    let missing = load(&folder.path().join("missing")).unwrap_err();
    assert!(
        matches!(missing, RootKeyFault::Missing { .. }) && missing.to_string().contains("device_secrets")
    );
    assert!(matches!(
        load(folder.path()).unwrap_err(),
        RootKeyFault::NotAFile { .. }
    ));
    let nowhere = folder.path().join("no/such/folder");
    let fault = RootKey::create(&nowhere, Purpose::IssuerKeys, &Rolling::default()).unwrap_err();
    assert!(
        matches!(fault, RootKeyFault::Io { doing: "create", .. }),
        "{fault}"
    );
}

#[test]
fn a_file_for_another_purpose_is_refused_by_name() {
    let (_folder, path) = created();
    let fault = RootKey::load(&path, Purpose::IssuerKeys).unwrap_err();
    let RootKeyFault::InFile { fault, .. } = fault else {
        panic!("{fault}")
    };
    let said = fault.to_string();
    assert!(
        said.contains("device_secrets") && said.contains("issuer_keys"),
        "{said}"
    );
}

#[test]
fn anything_but_the_one_line_is_refused_and_not_repeated() {
    let (_folder, path) = created();
    let good = fs::read_to_string(&path).unwrap();
    let key = good.trim().split(' ').nth(3).unwrap();
    let line = |key: &str| format!("tamga-root-key v1 device_secrets {key}\n");
    let (short, long) = (line("AAAA"), line(&format!("{}AAAA=", key.trim_end_matches('='))));
    for bad in [
        "",
        "\n",
        key,
        &good.replace("tamga-", ""),
        &good.replace(" v1", ""),
        &good.replace("device_secrets", "everything"),
        &good.replace("device_secrets", "DEVICE_SECRETS"),
        &good.replace(' ', "  "),
        &good.replace('=', ""),
        &good.replace('\n', "\r\n"),
        &format!("{good}\n"),
        &format!("{good}{good}"),
        &format!(" {good}"),
        &format!("{} comment\n", good.trim()),
        &short,
        &long,
        &"x".repeat(5000),
    ] {
        fs::write(&path, bad).unwrap();
        let RootKeyFault::InFile { fault, .. } = load(&path).unwrap_err() else {
            panic!("{bad:?}")
        };
        assert!(matches!(*fault, RootKeyFault::Format), "{bad:?}: {fault}");
        assert!(!format!("{fault} {fault:?}").contains(&key[..12]));
    }
    fs::write(&path, b"tamga-root-key v1 \xff\xfe").unwrap();
    assert!(matches!(load(&path).unwrap_err(), RootKeyFault::InFile { .. }));
    fs::write(&path, good.replace(" v1 ", " v2 ")).unwrap();
    let RootKeyFault::InFile { fault, .. } = load(&path).unwrap_err() else {
        panic!("v2 was read")
    };
    assert!(matches!(*fault, RootKeyFault::UnknownVersion));
}

#[test]
fn a_credential_without_its_line_feed_is_read_from_text() {
    let (_folder, path) = created();
    let text = fs::read_to_string(path).unwrap();
    let key = RootKey::parse(text.trim_end(), Purpose::DeviceSecrets).unwrap();
    assert_eq!(key.to_text().expose_secret(), text);
    assert_eq!(key.purpose(), Purpose::DeviceSecrets);
}

#[test]
fn purposes_have_stable_names() {
    for purpose in Purpose::ALL {
        assert_eq!(purpose.to_string().parse(), Ok(purpose));
    }
    assert_eq!(
        Purpose::ALL.map(Purpose::as_str),
        ["device_secrets", "issuer_keys", "service_keys"]
    );
    assert_eq!("".parse::<Purpose>(), Err(UnknownPurpose));
}

#[test]
fn without_chance_no_file_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("root");
    assert!(matches!(
        RootKey::create(&path, Purpose::IssuerKeys, &Dry),
        Err(RootKeyFault::Chance(_))
    ));
    assert!(!path.exists());
}
