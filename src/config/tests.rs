use super::*;
use std::collections::BTreeSet;

const SAMPLE: &str = include_str!("../../yinzheng.example.toml");

fn read(text: &str) -> Result<Config, Vec<ConfigFault>> {
    reading(text, None)
}

fn reading(text: &str, listen: Option<&str>) -> Result<Config, Vec<ConfigFault>> {
    let listen = listen.map(|listen| listen.parse().expect("an address"));
    Config::from_table(text.parse().expect("TOML"), Path::new("/etc/yinzheng"), listen)
}

fn settings(text: &str) -> Vec<String> {
    read(text).expect_err("faults").into_iter().map(|fault| fault.setting).collect()
}

#[test]
fn the_sample_is_a_good_configuration() {
    let config = read(SAMPLE).expect("the sample");
    assert!(!config.development);
    assert_eq!(config.database, "sqlite:/etc/yinzheng/data/yinzheng.db");
    assert_eq!(config.timestamps, TimestampsConfig::Own);
}

/// Every setting stands in the sample, as it is or commented out (`# name = …`), under its section.
#[test]
fn the_sample_lists_every_setting() {
    let mut section = String::new();
    let mut listed = BTreeSet::new();
    for line in SAMPLE.lines() {
        let line = line.trim_start_matches("# ");
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = format!("{name}.");
        } else if let Some((name, _)) = line.split_once(" = ")
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        {
            listed.insert(format!("{section}{name}"));
        }
    }
    let known: BTreeSet<String> = include_str!("mod.rs")
        .split("read.")
        .skip(1)
        .filter_map(|call| call.split_once("(\""))
        .filter(|(method, _)| {
            ["boolean", "text", "texts", "optional_text", "path", "optional_path", "paths"].contains(method)
        })
        .filter_map(|(_, rest)| rest.split('"').next().map(str::to_owned))
        .collect();
    assert!(known.len() > 12, "the test does not find the settings: {known:?}");
    assert_eq!(listed, known);
}

#[test]
fn every_fault_is_told_at_once_with_what_to_do() {
    let text = "development = 1\nextra = 2\n[server]\nlisten = \"here\"\npublic_url = \"http://x.example\"\n[keys]\nset = \"\"";
    let faults = read(text).expect_err("faults");
    let named: BTreeSet<&str> = faults.iter().map(|fault| fault.setting.as_str()).collect();
    let expected = [
        "development",
        "extra",
        "keys.passphrase_file",
        "keys.set",
        "server.listen",
        "server.public_url",
        "store.database",
        "store.files",
    ];
    assert_eq!(named, BTreeSet::from(expected));
    assert!(faults.iter().all(|fault| !fault.advice.is_empty()));
}

#[test]
fn plain_http_is_for_loopback_or_behind_a_proxy() {
    let with = |listen: &str, more: &str| {
        SAMPLE
            .replace("listen = \"127.0.0.1:8443\"", &format!("listen = \"{listen}\"\n{more}"))
            .replace("chain = \"keys/tls-server.pem\"\n", "")
    };
    assert!(read(&with("127.0.0.1:80", "")).is_ok());
    assert_eq!(settings(&with("0.0.0.0:80", "")), ["server.listen"]);
    assert!(read(&with("0.0.0.0:80", "behind_proxy = true").replace("behind_proxy = false\n", "")).is_ok());
    // An address on the command line is checked in the place of the one in the file.
    let open = reading(&with("127.0.0.1:80", ""), Some("0.0.0.0:80")).expect_err("open to others");
    assert_eq!(open.iter().map(|fault| fault.setting.as_str()).collect::<Vec<_>>(), ["--listen"]);
    let closed = reading(&with("0.0.0.0:80", ""), Some("127.0.0.1:81")).expect("closed");
    assert_eq!(closed.listen.port(), 81);
    assert!(reading(SAMPLE, Some("0.0.0.0:443")).is_ok(), "with TLS");
}

#[test]
fn departments_whose_codes_are_in_sm2_are_named_by_their_credit_codes() {
    let with =
        |codes: &str| read(&SAMPLE.replace("# sm2 = [\"11990000MB0000001M\"]", &format!("sm2 = {codes}")));
    assert_eq!(read(SAMPLE).expect("the sample").offline_in_sm2, Vec::<String>::new());
    let named = with("[\"11990000MB0000001M\"]").expect("one");
    assert_eq!(named.offline_in_sm2, ["11990000MB0000001M"]);
    for wrong in ["[\"11990000MB0000001X\"]", "\"11990000MB0000001M\"", "[1]"] {
        let faults = with(wrong).expect_err("faults");
        assert_eq!(
            faults.iter().map(|f| f.setting.as_str()).collect::<Vec<_>>(),
            ["offline_codes.sm2"],
            "{wrong}"
        );
    }
}
