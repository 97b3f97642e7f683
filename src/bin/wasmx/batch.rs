//! `wasmx batch`: one instance, a call for each line of standard input, and a line of output for each call.
#![forbid(unsafe_code)]

use crate::args::Options;
use crate::console::{self, FAILED, Failure, Outcome, reason};
use crate::world::{End, World};
use crate::{input, run, trap};
use clap::ArgMatches;
use std::io::BufRead;
use wasm::runtime::{Instance, Val};
use wasm::vm::trap::TrapKind;

pub fn main(matches: &ArgMatches) -> Outcome {
    let name = input::file(matches);
    if name == "-" {
        return Err(Failure::usage("the calls come from standard input, so the module cannot"));
    }
    let mut world = World::new(Options::of(matches), name, &[])?;
    let types = matches.get_flag("types");
    let start = world.instantiate_main(name).and_then(|instance| {
        world.initialize(&instance)?;
        Ok(instance)
    });
    let instance = match start {
        Ok(instance) => instance,
        Err(end) => return end.outcome(),
    };
    let mut code = 0;
    for line in std::io::stdin().lock().split(b'\n') {
        let line = line.map_err(|e| Failure::failed(format!("cannot read standard input: {}", reason(&e))))?;
        let line = String::from_utf8_lossy(&line);
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let said = match answer(&mut world, &instance, line, types) {
            Ok(results) => ["ok"].into_iter().chain(results.iter().map(String::as_str)).collect::<Vec<_>>().join(" "),
            Err(Answer::Error(text)) => {
                code = FAILED;
                format!("error {}", text.lines().next().unwrap_or_default())
            }
            Err(Answer::End(end)) => return end.outcome(),
        };
        console::print(&format!("{said}\n"))?;
    }
    Ok(code)
}

/// Why a call has no results.
enum Answer {
    /// The batch goes on.
    Error(String),
    /// It does not.
    End(End),
}

fn answer(world: &mut World, instance: &Instance, line: &str, types: bool) -> Result<Vec<String>, Answer> {
    let words = words(line).map_err(|e| Answer::Error(e.into()))?;
    let Some((name, args)) = words.split_first() else { return Ok(Vec::new()) };
    let func = run::function(instance, name).map_err(Answer::Error)?;
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let args = run::arguments(world, name, &func, &args).map_err(Answer::Error)?;
    let mut results = vec![Val::I32(0); func.ty().results.len()];
    match world.call(&func, &args, &mut results) {
        Ok(()) => Ok(run::shown(&func, &results, types)),
        // The time of the whole batch is over.
        Err(End::Trap(t)) if matches!(t.kind(), TrapKind::Interrupted | TrapKind::DeadlineExceeded) => {
            Err(Answer::End(End::Trap(t)))
        }
        Err(End::Trap(t)) => Err(Answer::Error(format!("{}: {}", trap::kind(&t), trap::message(&t)))),
        Err(end) => Err(Answer::End(end)),
    }
}

/// The words of a line; in double quotes, spaces belong to a word, and a backslash takes the next character as it is.
fn words(line: &str) -> Result<Vec<String>, &'static str> {
    let (mut words, mut word, mut quoted) = (Vec::new(), None::<String>, false);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            '\\' if quoted => word.get_or_insert_default().push(chars.next().ok_or("a word ends in a backslash")?),
            c if c.is_whitespace() && !quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    if quoted {
        return Err("a quote is not closed");
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn words_may_be_quoted() {
        assert_eq!(words("add 1  2"), Ok(vec!["add".into(), "1".into(), "2".into()]));
        assert_eq!(words("\"a b\\\"\" \"\" c"), Ok(vec!["a b\"".into(), String::new(), "c".into()]));
        assert!(words("\"a").is_err());
        assert!(words("\"a\\").is_err());
    }
}
