//! Prints what generated modules do: `show GENERATOR FEATURES FIRST COUNT`, or writes them as files with `--write DIR`.

use libwasm_fuzz::{ours, shapes, smith};
use std::collections::BTreeMap;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let number = |i: usize| args.get(i).and_then(|a| a.parse::<u64>().ok()).unwrap_or(1);
    let (generator, set) = (args.get(1).map_or("shapes", |s| s), args.get(2).map_or("base", |s| s));
    let engine = ours::engine();
    let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
    for seed in number(3)..number(3) + number(4) {
        let bytes = if generator == "smith" { smith::module(seed, set) } else { Some(shapes::module(seed, set, true)) };
        let Some(bytes) = bytes else { continue };
        if let Some(i) = args.iter().position(|a| a == "--write") {
            std::fs::write(format!("{}/{generator}-{set}-{seed}.wasm", args[i + 1]), &bytes).expect("a file");
        }
        for line in ours::run(&engine, &bytes, seed).lines {
            let kind = match line.find("trap") {
                Some(i) => line[i..].to_string(),
                None if line.contains("->") => "values".into(),
                None => line.split(' ').next().unwrap_or("").into(),
            };
            *kinds.entry(kind).or_default() += 1;
        }
    }
    println!("{kinds:#?}");
}
