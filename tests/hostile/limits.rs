//! What modules ask for: memories, tables, segments, imports and exports, more than anybody has or than the limits allow.

use crate::writer::{END, I32, Wasm, leb, name, sleb};
use crate::{Bomb, brief, call, engine, instantiate, load, run, run_text, store};
use wasm::module::FuncType;
use wasm::runtime::{Extern, Func, Instance, Limits, Store};

pub const BOMBS: &[Bomb] = &[
    Bomb {
        name: "memory-huge",
        what: "a memory of 4 GiB, of which one byte is written",
        outcome: "returns",
        megabytes: 30,
        run: memory_huge,
    },
    Bomb {
        name: "memory-huge-limited",
        what: "a memory of 4 GiB, where 16 MB are allowed",
        outcome: "not instantiated: memory size exceeds the store's limit",
        megabytes: 30,
        run: memory_huge_limited,
    },
    Bomb {
        name: "memory64-huge",
        what: "a 64-bit memory of 2^48 pages",
        outcome: "not instantiated: memory size exceeds the store's limit",
        megabytes: 30,
        run: memory64_huge,
    },
    Bomb {
        name: "memory-many",
        what: "100 memories of 4 GiB, 20 times",
        outcome: "instantiated, or refused in words",
        megabytes: 60,
        run: memory_many,
    },
    Bomb {
        name: "memory-grows",
        what: "`memory.grow` by one page in a loop without end, where 16 MB are allowed",
        outcome: "returns I32(256)",
        megabytes: 50,
        run: memory_grows,
    },
    Bomb {
        name: "table-huge",
        what: "a table of 4,294,967,295 elements",
        outcome: "not instantiated: table size exceeds the store's limit",
        megabytes: 30,
        run: table_huge,
    },
    Bomb {
        name: "table-many",
        what: "1,000 tables of 10,000,000 elements, where 10 tables are allowed",
        outcome: "not instantiated: number of tables exceeds the store's limit",
        megabytes: 60,
        run: table_many,
    },
    Bomb {
        name: "table-grows",
        what: "`table.grow` by one element in a loop without end, where 1,000,000 are allowed",
        outcome: "returns I32(1000000)",
        megabytes: 60,
        run: table_grows,
    },
    Bomb {
        name: "instances-many",
        what: "a host that instantiates a module without end, where 100 instances are allowed",
        outcome: "not instantiated: number of instances exceeds the store's limit",
        megabytes: 60,
        run: instances_many,
    },
    Bomb {
        name: "exports-million",
        what: "1,000,000 exports, each looked up by name",
        outcome: "returns I32(7)",
        megabytes: 900,
        run: exports_million,
    },
    Bomb {
        name: "exports-same",
        what: "100,000 exports, of which the last two have the same name",
        outcome: "refused: duplicate export name `99998` already defined",
        megabytes: 100,
        run: exports_same,
    },
    Bomb {
        name: "exports-long",
        what: "two exports with the same name of 100,000 characters",
        outcome: "refused, in few words",
        megabytes: 40,
        run: exports_long,
    },
    Bomb {
        name: "imports-many",
        what: "300,000 imports of functions, which a host gives",
        outcome: "returns I32(7)",
        megabytes: 900,
        run: imports_many,
    },
    Bomb {
        name: "imports-lacking",
        what: "300,000 imports, and a host that gives none",
        outcome: "not instantiated: wrong number of imports: expected 300000, found 0",
        megabytes: 500,
        run: imports_lacking,
    },
    Bomb {
        name: "imports-too-many",
        what: "1,000,000 imports of functions",
        outcome: "refused: effective type size exceeds the limit of 1000000",
        megabytes: 250,
        run: imports_too_many,
    },
    Bomb {
        name: "globals-million",
        what: "1,000,000 globals, each computed from the one before",
        outcome: "returns I32(1000000)",
        megabytes: 700,
        run: globals_million,
    },
    Bomb {
        name: "segments-data-outside",
        what: "a data segment past the end of its memory",
        outcome: "trap: out of bounds memory access",
        megabytes: 30,
        run: data_outside,
    },
    Bomb {
        name: "segments-elements-outside",
        what: "an element segment past the end of its table",
        outcome: "trap: out of bounds table access",
        megabytes: 30,
        run: elements_outside,
    },
    Bomb {
        name: "segments-data-many",
        what: "100,000 data segments, each over the same bytes",
        outcome: "returns I32(7)",
        megabytes: 60,
        run: data_many,
    },
    Bomb {
        name: "segments-too-many",
        what: "100,001 data segments",
        outcome: "refused: data segments count exceeds limit of 100000",
        megabytes: 60,
        run: data_too_many,
    },
    Bomb {
        name: "segments-elements",
        what: "a segment of 10,000,000 functions, and one of 2,000,000 expressions",
        outcome: "returns I32(7)",
        megabytes: 700,
        run: elements,
    },
    Bomb {
        name: "segments-claimed",
        what: "an element segment that says it has 4,294,967,295 functions",
        outcome: "refused: unexpected end-of-file",
        megabytes: 30,
        run: elements_claimed,
    },
];

fn memory_huge() -> String {
    let text = r#"(module (memory 65536) (func (export "f") (i32.store8 (i32.const -1) (i32.const 1))))"#;
    run_text(&store(|_| ()), text)
}

fn limited(change: impl FnOnce(&mut Limits)) -> Store {
    store(|c| change(&mut c.limits))
}

fn memory_huge_limited() -> String {
    run_text(&limited(|l| l.memory_bytes = 16 << 20), "(module (memory 65536))")
}

fn memory64_huge() -> String {
    run_text(&store(|_| ()), "(module (memory i64 281474976710656))")
}

fn memory_many() -> String {
    let store = store(|_| ());
    let text = format!("(module {})", "(memory 65536)".repeat(100));
    let bytes = wasm::text::to_binary(text.as_bytes()).expect("a module");
    for _ in 0..20 {
        match instantiate(&store, &bytes) {
            Ok(_) => {}
            Err(e) if e.starts_with("not instantiated: ") => {}
            Err(e) => return e,
        }
    }
    "instantiated, or refused in words".into()
}

fn memory_grows() -> String {
    let text = r#"(module (memory 0) (func (export "f") (result i32)
        (loop (br_if 0 (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) (memory.size)))"#;
    run_text(&limited(|l| l.total_memory_bytes = 16 << 20), text)
}

fn table_huge() -> String {
    run_text(&store(|_| ()), "(module (table 4294967295 funcref))")
}

fn table_many() -> String {
    run_text(&limited(|l| l.tables = 10), &format!("(module {})", "(table 10000000 funcref)".repeat(1000)))
}

fn table_grows() -> String {
    let text = r#"(module (table 0 funcref) (func $f (export "f") (result i32)
        (loop (br_if 0 (i32.ne (table.grow (ref.func $f) (i32.const 1)) (i32.const -1)))) (table.size)))"#;
    run_text(&limited(|l| l.table_elements = 1_000_000), text)
}

fn instances_many() -> String {
    let store = limited(|l| l.instances = 100);
    let bytes = wasm::text::to_binary(br#"(module (memory 1) (table 1000 funcref))"#).expect("a module");
    let mut kept = Vec::new();
    loop {
        match instantiate(&store, &bytes) {
            Ok(instance) => kept.push(instance),
            Err(e) if kept.len() == 100 => return e,
            Err(e) => return format!("{e} after {}", kept.len()),
        }
    }
}

/// A function that returns 7, and exports of it by these names.
fn exporting(count: usize, write: impl Fn(&mut Vec<u8>, usize)) -> Wasm {
    let mut wasm = Wasm::new();
    wasm.types(&[(&[], &[I32])]).funcs(&[0]).section(7, count as u64, |out| {
        for i in 0..count {
            write(out, i);
            out.extend([0, 0]);
        }
    });
    wasm.code(&[vec![0, 0x41, 7]]);
    wasm
}

fn exports_million() -> String {
    let wasm = exporting(1_000_000, |out, i| name(out, &i.to_string()));
    let instance = match instantiate(&store(|_| ()), &wasm.0) {
        Ok(i) => i,
        Err(e) => return e,
    };
    let found = (0..1_000_000).filter(|i: &u32| instance.export(&i.to_string()).is_some()).count();
    if found != 1_000_000 || instance.export("1000000").is_some() {
        return format!("found {found} exports");
    }
    call(&instance, "999999")
}

fn exports_same() -> String {
    run(&store(|_| ()), &exporting(100_000, |out, i| name(out, &i.min(99_998).to_string())).0)
}

fn exports_long() -> String {
    let wasm = exporting(2, |out, _| name(out, &"x".repeat(100_000)));
    match engine(|_| ()).validate(&wasm.0) {
        Ok(()) => "accepted".into(),
        Err(e) if e.to_string().len() < 1000 => "refused, in few words".into(),
        Err(e) => brief(&e.to_string()),
    }
}

fn importing(count: u64) -> Wasm {
    let mut wasm = Wasm::new();
    wasm.types(&[(&[], &[I32])]).section(2, count, |out| {
        for i in 0..count {
            name(out, "m");
            name(out, &i.to_string());
            out.extend([0, 0]);
        }
    });
    wasm.export_f(count - 1);
    wasm
}

fn imports_many() -> String {
    let store = store(|_| ());
    let module = match load(&store, &importing(300_000).0) {
        Ok(m) => m,
        Err(e) => return e,
    };
    let seven = |_: wasm::runtime::Caller<'_>, _: &[wasm::runtime::Val], out: &mut [wasm::runtime::Val]| {
        out[0] = wasm::runtime::Val::I32(7);
        Ok(())
    };
    let func: Extern = Func::new(&store, &FuncType::new([], [wasm::module::ValType::I32]), seven).into();
    match Instance::new(&store, &module, &vec![func; 300_000]) {
        Ok(instance) => call(&instance, "f"),
        Err(e) => brief(&e.to_string()),
    }
}

fn imports_lacking() -> String {
    run(&store(|_| ()), &importing(300_000).0)
}

fn imports_too_many() -> String {
    run(&store(|_| ()), &importing(1_000_000).0)
}

fn globals_million() -> String {
    let mut wasm = Wasm::new();
    wasm.types(&[(&[], &[I32])]).funcs(&[0]).section(6, 1_000_000, |out| {
        for i in 0..1_000_000u64 {
            out.extend([I32, 0, 0x41, 1]);
            if i > 0 {
                out.push(0x23);
                leb(out, i - 1);
                out.push(0x6a);
            }
            out.push(END);
        }
    });
    let mut code = vec![0, 0x23];
    leb(&mut code, 999_999);
    wasm.export_f(0).code(&[code]);
    run(&store(|_| ()), &wasm.0)
}

fn data_outside() -> String {
    run_text(&store(|_| ()), r#"(module (memory 1) (data (i32.const 65535) "ab"))"#)
}

fn elements_outside() -> String {
    run_text(&store(|_| ()), r#"(module (table 1 funcref) (func $f) (elem (i32.const -1) $f))"#)
}

/// A module with so many data segments over the start of its memory.
fn segments(count: u64) -> Wasm {
    let mut wasm = Wasm::new();
    wasm.types(&[(&[], &[I32])]).funcs(&[0]).section(5, 1, |out| out.extend([0, 1])).export_f(0);
    wasm.code(&[vec![0, 0x41, 7]]).section(11, count, |out| {
        for _ in 0..count {
            out.extend([0, 0x41, 0, END]);
            name(out, "0123456789abcdef");
        }
    });
    wasm
}

fn data_many() -> String {
    run(&store(|_| ()), &segments(100_000).0)
}

fn data_too_many() -> String {
    run(&store(|_| ()), &segments(100_001).0)
}

fn elements() -> String {
    const FUNCS: u64 = 10_000_000;
    const EXPRS: u64 = 2_000_000;
    let mut wasm = Wasm::new();
    wasm.types(&[(&[], &[I32])]).funcs(&[0]).section(4, 1, |out| {
        out.extend([0x70, 0]);
        leb(out, FUNCS);
    });
    wasm.export_f(0).section(9, 2, |out| {
        out.extend([0, 0x41, 0, END]);
        leb(out, FUNCS);
        out.extend(std::iter::repeat_n(0, FUNCS as usize));
        out.extend([4, 0x41]);
        sleb(out, 0);
        out.push(END);
        leb(out, EXPRS);
        out.extend([0xd2, 0, END].repeat(EXPRS as usize));
    });
    wasm.code(&[vec![0, 0x41, 7]]);
    run(&store(|_| ()), &wasm.0)
}

fn elements_claimed() -> String {
    let mut wasm = Wasm::new();
    wasm.types(&[(&[], &[I32])]).funcs(&[0]).section(4, 1, |out| out.extend([0x70, 0, 1])).section(9, 1, |out| {
        out.extend([0, 0x41, 0, END]);
        leb(out, u32::MAX as u64);
        out.push(0);
    });
    wasm.code(&[vec![0, 0x41, 7]]);
    run(&store(|_| ()), &wasm.0)
}
