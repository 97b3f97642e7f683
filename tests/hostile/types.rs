//! Types: groups that are exponential when written out, very many of them, very wide and very deep ones.

use crate::writer::{I32, I64, Wasm, func_type, leb, name, sleb};
use crate::{Bomb, brief, instantiate, load, run, store};
use wasm::runtime::{Extern, Func, Instance};

pub const BOMBS: &[Bomb] = &[
    Bomb {
        name: "types-exponential",
        what: "20,000 recursion groups, each of two structures that mention both of the group before",
        outcome: "returns I32(1)",
        megabytes: 100,
        run: exponential,
    },
    Bomb {
        name: "types-exponential-mismatch",
        what: "an import of such a type, given a function of another one",
        outcome: "not instantiated: import 0 has another type, in few words",
        megabytes: 100,
        run: mismatch,
    },
    Bomb {
        name: "types-one-group",
        what: "a recursion group of 1,000,000 structures",
        outcome: "accepted",
        megabytes: 900,
        run: one_group,
    },
    Bomb {
        name: "types-many",
        what: "200,000 different function types of 20 parameters",
        outcome: "accepted",
        megabytes: 450,
        run: many,
    },
    Bomb {
        name: "types-too-many",
        what: "1,000,001 types",
        outcome: "refused: types count exceeds limit of 1000000",
        megabytes: 700,
        run: too_many,
    },
    Bomb {
        name: "types-wide",
        what: "10,000 function types of 1,000 parameters",
        outcome: "accepted",
        megabytes: 400,
        run: wide,
    },
    Bomb {
        name: "types-too-wide",
        what: "a function type of 1,001 parameters",
        outcome: "refused: function params size is out of bounds",
        megabytes: 30,
        run: too_wide,
    },
    Bomb {
        name: "types-deep",
        what: "a type with 64 supertypes above each other",
        outcome: "refused: sub type hierarchy too deep: found depth 64, cannot exceed depth 63",
        megabytes: 30,
        run: deep,
    },
    Bomb {
        name: "types-subtypes",
        what: "15,000 structures of 63 levels, each with all 60 fields of the one above",
        outcome: "accepted",
        megabytes: 400,
        run: subtypes,
    },
    Bomb {
        name: "types-casts",
        what: "a chain of 900,000 `br_on_cast`",
        outcome: "returns I32(7)",
        megabytes: 400,
        run: casts,
    },
];

/// A reference to a type of the module that may be null.
fn reference(out: &mut Vec<u8>, index: u64) {
    out.push(0x63);
    sleb(out, index as i64);
}

/// Groups of two structures that mention those of the group before, and a function type of the last.
fn groups(out: &mut Vec<u8>, count: u64) {
    for g in 0..count {
        out.extend([0x4e, 2]);
        for _ in 0..2 {
            out.extend([0x5f, 2]);
            for field in 0..2 {
                match g {
                    0 => out.push(I32 - field),
                    _ => reference(out, (g - 1) * 2 + field as u64),
                }
                out.push(1);
            }
        }
    }
}

const GROUPS: u64 = 20_000;

fn exponential() -> String {
    let mut wasm = Wasm::new();
    wasm.section(1, GROUPS + 1, |out| {
        groups(out, GROUPS);
        func_type(out, &[], &[I32]);
    });
    // (ref.is_null (struct.new_default last))
    let mut body = vec![0, 0xfb, 1];
    leb(&mut body, GROUPS * 2 - 1);
    body.extend([0xd1, 0x45]);
    wasm.with_code(&[(GROUPS * 2, body)]);
    run(&store(|_| ()), &wasm.0)
}

fn mismatch() -> String {
    let mut wasm = Wasm::new();
    wasm.section(1, GROUPS + 1, |out| {
        groups(out, GROUPS);
        out.extend([0x60, 1]);
        reference(out, GROUPS * 2 - 1);
        out.push(0);
    });
    wasm.section(2, 1, |out| {
        name(out, "a");
        name(out, "b");
        out.push(0);
        leb(out, GROUPS * 2);
    });
    let store = store(|_| ());
    let module = load(&store, &wasm.0).expect("a valid module");
    let ty = wasm::module::FuncType::new([], []);
    let func: Extern = Func::new(&store, &ty, |_, _, _| Ok(())).into();
    match Instance::new(&store, &module, &[func]) {
        Ok(_) => "instantiated".into(),
        Err(e) if e.to_string().len() < 400 => "not instantiated: import 0 has another type, in few words".into(),
        Err(e) => brief(&e.to_string()),
    }
}

fn accepted(wasm: &Wasm) -> String {
    match instantiate(&store(|_| ()), &wasm.0) {
        Ok(_) => "accepted".into(),
        Err(e) => e,
    }
}

fn one_group() -> String {
    let mut wasm = Wasm::new();
    wasm.section(1, 1, |out| {
        out.push(0x4e);
        leb(out, 1_000_000);
        for _ in 0..1_000_000 {
            out.extend([0x5f, 0]);
        }
    });
    accepted(&wasm)
}

/// A function type that no other number gives.
fn numbered(out: &mut Vec<u8>, n: u32) {
    let params: Vec<u8> = (0..20).map(|bit| if n >> bit & 1 == 0 { I32 } else { I64 }).collect();
    func_type(out, &params, &[]);
}

fn many() -> String {
    let mut wasm = Wasm::new();
    wasm.section(1, 200_000, |out| (0..200_000).for_each(|n| numbered(out, n)));
    accepted(&wasm)
}

fn too_many() -> String {
    let mut wasm = Wasm::new();
    wasm.section(1, 1_000_001, |out| (0..1_000_001).for_each(|_| func_type(out, &[], &[])));
    accepted(&wasm)
}

fn wide() -> String {
    let mut wasm = Wasm::new();
    wasm.section(1, 10_000, |out| {
        for n in 0..10_000u32 {
            let params: Vec<u8> = (0..1000).map(|i| if n >> (i % 14) & 1 == 0 { I32 } else { I64 }).collect();
            func_type(out, &params, &[]);
        }
    });
    accepted(&wasm)
}

fn too_wide() -> String {
    let mut wasm = Wasm::new();
    wasm.types(&[(&[I32; 1001], &[])]);
    accepted(&wasm)
}

/// Structures that each extend the one before, but for every `levels`th; with so many fields.
fn chain(count: u64, levels: u64, fields: u64) -> Wasm {
    let mut wasm = Wasm::new();
    wasm.section(1, count, |out| {
        for i in 0..count {
            out.push(0x50);
            if i % levels == 0 {
                out.push(0);
            } else {
                out.push(1);
                leb(out, i - 1);
            }
            out.push(0x5f);
            leb(out, fields);
            for _ in 0..fields {
                out.extend([I32, 0]);
            }
        }
    });
    wasm
}

fn deep() -> String {
    accepted(&chain(65, 65, 0))
}

fn subtypes() -> String {
    accepted(&chain(15_000, 63, 60))
}

fn casts() -> String {
    let mut wasm = Wasm::new();
    wasm.section(1, 65, |out| {
        for i in 0..64u8 {
            out.extend([0x50, (i % 62 != 0) as u8]);
            if i % 62 != 0 {
                out.push(i - 1);
            }
            out.extend([0x5f, 0]);
        }
        func_type(out, &[], &[I32]);
    });
    // (block (result anyref) (struct.new 0) (br_on_cast 0 anyref (ref t))... )
    let mut body = vec![0, 0x02, 0x6e, 0xfb, 1, 61];
    for i in 0..900_000u32 {
        body.extend([0xfb, 0x18, 1, 0, 0x6e, 62 + (i % 2) as u8]);
    }
    body.extend([0x0b, 0x1a, 0x41, 7]);
    wasm.with_code(&[(64, body)]);
    run(&store(|_| ()), &wasm.0)
}
