//! The pages of the manual, `doc/man/*.1`, are made from the definition of the command line; this makes them again and
//! compares. `BLESS=1` rewrites them.
//!
//! Why a test and not a build script: a build must not write outside its target folder, and installing must not need to
//! build anything more.

use crate::root;
use std::collections::BTreeMap;

#[path = "../../src/bin/wasmx/args.rs"]
#[allow(dead_code)]
mod args;

/// Every page by its file's name.
fn pages() -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut root = args::command().disable_help_subcommand(true);
    root.build();
    let subcommands: Vec<clap::Command> = root.get_subcommands().cloned().collect();
    let mut add = |name: String, command: clap::Command| {
        let mut page = Vec::new();
        let manual = clap_mangen::Man::new(command).title(name.to_uppercase()).source("libwasm").manual("wasmx manual");
        manual.render(&mut page).expect("a page");
        all.insert(format!("{name}.1"), String::from_utf8(page).expect("text"));
    };
    add("wasmx".into(), root.clone());
    for command in subcommands {
        let name = format!("wasmx-{}", command.get_name());
        // As the reader types it, and as the page is called.
        let typed: &'static str = Box::leak(format!("wasmx {}", command.get_name()).into_boxed_str());
        add(name, command.bin_name(typed).display_name(typed.replace(' ', "-")).version(env!("CARGO_PKG_VERSION")));
    }
    all
}

#[test]
fn the_manual_is_current() {
    let folder = root().join("doc/man");
    let made = pages();
    if std::env::var_os("BLESS").is_some() {
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder for the manual");
        for (name, text) in &made {
            std::fs::write(folder.join(name), text).expect("a writable page");
        }
    }
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(&folder).expect("doc/man") {
        let entry = entry.expect("a readable entry");
        let text = std::fs::read_to_string(entry.path()).expect("a page");
        found.insert(entry.file_name().to_string_lossy().into_owned(), text);
    }
    let names = |pages: &BTreeMap<String, String>| pages.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&found), names(&made), "pages of the manual; run with BLESS=1");
    for (name, text) in &made {
        assert!(found[name] == *text, "doc/man/{name} is not what the command line says; run with BLESS=1");
    }
}

#[test]
fn the_manual_has_what_a_reader_looks_for() {
    let pages = pages();
    let run = &pages["wasmx-run.1"];
    for part in ["max\\-memory", "Exit status", "134"] {
        assert!(run.contains(part), "{part}");
    }
    assert!(pages["wasmx.1"].contains("wasmx\\-run(1)"));
}
