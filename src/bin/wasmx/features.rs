//! `wasmx features`: which proposals the engine knows, and what this build has.
#![forbid(unsafe_code)]

use crate::console::{Outcome, print};
use crate::json::Json;
use clap::ArgMatches;
use std::fmt::Write;
use wasm::module::{Feature, Features};
use wasm::runtime::Engine;

/// What a build may lack.
const BUILD: &[(&str, bool)] = &[
    ("wat", cfg!(feature = "wat")),
    ("wasi", cfg!(feature = "wasi")),
    ("debuginfo", cfg!(feature = "debuginfo")),
    ("jit", cfg!(feature = "jit")),
    ("profile", cfg!(feature = "profile")),
];

/// The ways to run code (`--tier`) that make a difference.
fn tiers() -> &'static [&'static str] {
    if Engine::has_compiler() { &["interpreter", "tiering", "eager"] } else { &["interpreter"] }
}

/// The edition of the standard that first had the proposal.
fn edition(feature: Feature) -> &'static str {
    let first = [("1.0", Features::WASM1), ("2.0", Features::WASM2), ("3.0", Features::WASM3)];
    first.iter().find(|(_, set)| set.contains(feature)).map_or("proposal", |(name, _)| name)
}

pub fn main(matches: &ArgMatches) -> Outcome {
    let on = Features::default();
    let target = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    if matches.get_flag("json") {
        let mut j = Json::default();
        j.open('{').key("version").string(env!("CARGO_PKG_VERSION")).key("target").string(&target);
        j.key("tiers").open('[');
        tiers().iter().for_each(|t| {
            j.string(t);
        });
        j.close(']').key("build").open('{');
        for (name, has) in BUILD {
            j.key(name).bool(*has);
        }
        j.close('}').key("proposals").open('[');
        for f in Feature::ALL {
            j.open('{').key("name").string(f.name()).key("edition").string(edition(*f));
            j.key("default").bool(on.contains(*f)).close('}');
        }
        j.close(']').close('}');
        print(&j.finish())?;
        return Ok(0);
    }
    let mut out = format!("wasmx {} for {target}\ntiers: {}\nbuild:", env!("CARGO_PKG_VERSION"), tiers().join(", "));
    for (name, has) in BUILD {
        let _ = write!(out, " {}{name}", if *has { "" } else { "no-" });
    }
    out.push_str("\n\nproposals\n");
    for f in Feature::ALL {
        let _ = writeln!(out, "  {:<24} {:<9} {}", f.name(), edition(*f), if on.contains(*f) { "on" } else { "off" });
    }
    print(&out)?;
    Ok(0)
}
