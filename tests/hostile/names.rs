//! What is read for people: name sections, custom sections, and texts.

use crate::writer::{Wasm, leb, name};
use crate::{Bomb, brief, instantiate, store};
use wasm::text;

pub const BOMBS: &[Bomb] = &[
    Bomb {
        name: "names-garbage",
        what: "name sections of random bytes, with a trap in each module",
        outcome: "1000 traps with backtraces",
        megabytes: 40,
        run: garbage,
    },
    Bomb {
        name: "names-million",
        what: "1,000,000 names of one function, and names of functions that do not exist",
        outcome: "the backtrace has the first name",
        megabytes: 200,
        run: million,
    },
    Bomb {
        name: "names-long",
        what: "names of 10 MB, in a backtrace of 4,096 frames",
        outcome: "a backtrace of less than 10 MB",
        megabytes: 200,
        run: long,
    },
    Bomb {
        name: "customs-million",
        what: "2,000,000 custom sections",
        outcome: "accepted",
        megabytes: 400,
        run: customs,
    },
    Bomb {
        name: "text-parentheses",
        what: "10 MB of opening parentheses",
        outcome: "refused: expected valid module field",
        megabytes: 100,
        run: parentheses,
    },
    Bomb {
        name: "text-ifs",
        what: "300,000 folded `if` inside each other",
        outcome: "accepted",
        megabytes: 400,
        run: ifs,
    },
    Bomb {
        name: "text-blocks",
        what: "1,000,000 plain blocks inside each other",
        outcome: "accepted",
        megabytes: 700,
        run: blocks,
    },
    Bomb {
        name: "text-identifiers",
        what: "identifiers and strings of 5 MB",
        outcome: "refused: string size out of bounds",
        megabytes: 200,
        run: identifiers,
    },
    Bomb {
        name: "text-unknown",
        what: "a call of a function with a name of 5 MB, which is not there",
        outcome: "refused, in few words",
        megabytes: 100,
        run: unknown,
    },
    Bomb {
        name: "text-comments",
        what: "1,000,000 block comments inside each other",
        outcome: "accepted",
        megabytes: 100,
        run: comments,
    },
    Bomb {
        name: "text-line",
        what: "a mistake at the end of a line of 10 MB",
        outcome: "refused, in few words",
        megabytes: 900,
        run: line,
    },
    Bomb {
        name: "text-locals",
        what: "2,000,000 locals",
        outcome: "refused: too many locals: locals exceed maximum",
        megabytes: 500,
        run: locals,
    },
];

/// Two functions, the second of which traps under `depth` frames of itself.
fn trapping(depth: i64) -> Wasm {
    let mut wasm = Wasm::new();
    let mut first = vec![0, 0x41];
    crate::writer::sleb(&mut first, depth);
    first.extend([0x10, 1]);
    let second = vec![0, 0x20, 0, 0x45, 0x04, 0x40, 0x00, 0x0b, 0x20, 0, 0x41, 1, 0x6b, 0x10, 1];
    wasm.types(&[(&[], &[]), (&[0x7f], &[])]).with_code(&[(0, first), (1, second)]);
    wasm
}

fn backtrace(wasm: &Wasm) -> String {
    let store = store(|_| ());
    let instance = instantiate(&store, &wasm.0).expect("an instance");
    let trap = instance.func("f").expect("f").call(&[], &mut []).expect_err("a trap");
    trap.backtrace()
}

fn garbage() -> String {
    let mut state = 1u64;
    let mut random = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as u8
    };
    let mut traps = 0;
    for i in 0..1000 {
        let mut wasm = trapping(3);
        let mut bytes: Vec<u8> = (0..i % 200).map(|_| random()).collect();
        if i % 2 == 0 && bytes.len() > 4 {
            // Looks like names of functions.
            bytes[..3].copy_from_slice(&[1, random() & 0x7f, random() & 3]);
        }
        wasm.custom("name", &bytes);
        traps += (backtrace(&wasm).lines().count() == 5) as u32;
    }
    format!("{traps} traps with backtraces")
}

fn function_names(names: impl Fn(&mut Vec<u8>), count: u64) -> Vec<u8> {
    let mut contents = Vec::new();
    leb(&mut contents, count);
    names(&mut contents);
    let mut section = vec![1];
    leb(&mut section, contents.len() as u64);
    section.extend(contents);
    section
}

fn million() -> String {
    let mut wasm = trapping(3);
    let names = |out: &mut Vec<u8>| {
        for i in 0..2_000_000u64 {
            leb(out, if i < 1_000_000 { 1 } else { i });
            name(out, if i == 0 { "first" } else { "other" });
        }
    };
    wasm.custom("name", &function_names(names, 2_000_000));
    match backtrace(&wasm).lines().next() {
        Some(l) if l.ends_with(" first") => "the backtrace has the first name".into(),
        l => format!("{l:?}"),
    }
}

fn long() -> String {
    let mut wasm = trapping(5000);
    let long = "n".repeat(10 << 20);
    let mut names = vec![0];
    leb(&mut names, long.len() as u64 + 4);
    name(&mut names, &long);
    let of_funcs = |out: &mut Vec<u8>| {
        leb(out, 1);
        name(out, &long);
    };
    names.extend(function_names(of_funcs, 1));
    wasm.custom("name", &names);
    match backtrace(&wasm).len() {
        0..10_000_000 => "a backtrace of less than 10 MB".into(),
        n => format!("a backtrace of {n} bytes"),
    }
}

fn customs() -> String {
    let mut wasm = trapping(3);
    for _ in 0..2_000_000 {
        wasm.0.extend([0, 2, 1, b'a']);
    }
    instantiate(&store(|_| ()), &wasm.0).map_or_else(|e| e, |_| "accepted".into())
}

fn told(text: &str) -> String {
    let store = store(|_| ());
    match text::to_binary(text.as_bytes()) {
        Err(e) if e.to_string().len() > 1000 => brief(&e.to_string()),
        Err(e) => format!("refused: {}", brief(&e.message)),
        Ok(bytes) => instantiate(&store, &bytes).map_or_else(|e| e, |_| "accepted".into()),
    }
}

fn parentheses() -> String {
    told(&"(".repeat(10 << 20))
}

fn ifs() -> String {
    let text = format!("(module (func {}{}))", "(if (i32.const 0) (then ".repeat(300_000), "))".repeat(300_000));
    told(&text)
}

fn blocks() -> String {
    told(&format!("(module (func {}{}))", "block ".repeat(1_000_000), "end ".repeat(1_000_000)))
}

fn identifiers() -> String {
    let long = "x".repeat(5_000_000);
    told(&format!("(module (func ${long}) (export \"{long}\" (func ${long})))"))
}

fn unknown() -> String {
    match told(&format!("(module (func call ${}))", "x".repeat(5_000_000))).as_str() {
        t if t.len() < 200 && t.starts_with("refused: ") => "refused, in few words".into(),
        t => t.into(),
    }
}

fn comments() -> String {
    told(&format!("(module {}{})", "(;".repeat(1_000_000), ";)".repeat(1_000_000)))
}

fn line() -> String {
    match told(&format!("(module {} $)", "(func) ".repeat(1 << 20))).as_str() {
        t if t.len() < 200 && t.starts_with("refused: ") => "refused, in few words".into(),
        t => t.into(),
    }
}

fn locals() -> String {
    told(&format!("(module (func {}))", "(local i32) ".repeat(2_000_000)))
}
