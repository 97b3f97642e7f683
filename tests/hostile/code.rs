//! Code: functions of extreme shapes, through validation, translation, a run and a backtrace.

use crate::writer::{END, I32, V128, Wasm, body, leb, most};
use crate::{Bomb, brief, call, instantiate, load, run, store};

pub const BOMBS: &[Bomb] = &[
    Bomb {
        name: "code-nested-blocks",
        what: "10 MB of blocks inside each other, in two functions",
        outcome: "returns",
        megabytes: 1300,
        run: nested_blocks,
    },
    Bomb {
        name: "code-nested-ifs",
        what: "1,500,000 `if` inside each other",
        outcome: "returns",
        megabytes: 1200,
        run: nested_ifs,
    },
    Bomb {
        name: "code-nested-loops",
        what: "2,500,000 loops inside each other",
        outcome: "returns",
        megabytes: 1200,
        run: nested_loops,
    },
    Bomb {
        name: "code-nesting-limited",
        what: "1,001 blocks inside each other, where 1,000 are allowed",
        outcome: "refused: nesting of blocks exceeds limit of 1000",
        megabytes: 30,
        run: nesting_limited,
    },
    Bomb {
        name: "code-function-too-large",
        what: "a function of 10 MB",
        outcome: "refused: function body size count exceeds limit of 7654321",
        megabytes: 60,
        run: too_large,
    },
    Bomb {
        name: "code-operands",
        what: "3,800,000 operands on the stack",
        outcome: "trap: call stack exhausted",
        megabytes: 800,
        run: operands,
    },
    Bomb {
        name: "code-br-tables",
        what: "57 `br_table` of 65,520 targets, out of 1,000 blocks",
        outcome: "returns",
        megabytes: 400,
        run: br_tables,
    },
    Bomb {
        name: "code-br-tables-operands",
        what: "4 `br_table` of 65,520 targets, which carry 100 operands to 1,000 different heights",
        outcome: "returns I32(1)",
        megabytes: 400,
        run: br_tables_operands,
    },
    Bomb {
        name: "code-br-table-long",
        what: "a `br_table` of 4,000,000 targets",
        outcome: "returns",
        megabytes: 220,
        run: br_table_long,
    },
    Bomb {
        name: "code-block-parameters",
        what: "20,000 blocks with 1,000 parameters and 1,000 results inside each other",
        outcome: "returns I32(1)",
        megabytes: 400,
        run: block_parameters,
    },
    Bomb {
        name: "code-locals",
        what: "100,000 functions of 50,000 vectors",
        outcome: "returns",
        megabytes: 200,
        run: locals,
    },
    Bomb {
        name: "code-locals-many",
        what: "10 calls of each of 1,000 functions of 50,000 vectors",
        outcome: "returns",
        megabytes: 200,
        run: locals_many,
    },
    Bomb {
        name: "code-locals-too-many",
        what: "a function of 4,294,967,295 locals",
        outcome: "refused: too many locals: locals exceed maximum",
        megabytes: 30,
        run: locals_too_many,
    },
    Bomb { name: "code-functions", what: "1,000,000 functions", outcome: "returns", megabytes: 800, run: functions },
    Bomb {
        name: "code-functions-too-many",
        what: "1,000,001 functions",
        outcome: "refused: functions count exceeds limit of 1000000",
        megabytes: 200,
        run: functions_too_many,
    },
    Bomb {
        name: "code-functions-claimed",
        what: "4,294,967,295 functions, none of which is there",
        outcome: "refused: functions count exceeds limit of 1000000",
        megabytes: 30,
        run: functions_claimed,
    },
    Bomb {
        name: "code-try-tables",
        what: "an exception through 100,000 frames of a function of 400,000 `try_table`, none of which catches it",
        outcome: "trap: uncaught exception",
        megabytes: 500,
        run: try_tables,
    },
    Bomb {
        name: "code-const-expression",
        what: "a global computed by 2,500,000 additions",
        outcome: "accepted",
        megabytes: 400,
        run: const_expression,
    },
    Bomb {
        name: "code-const-objects",
        what: "a global computed from 1,000,000 structures",
        outcome: "accepted",
        megabytes: 400,
        run: const_objects,
    },
    Bomb {
        name: "code-trap-in-large-function",
        what: "a trap under 4,000 frames of a function of 7 MB",
        outcome: "trap: unreachable; 4096 frames",
        megabytes: 500,
        run: trap_in_large_function,
    },
    Bomb {
        name: "code-invalid-at-the-end",
        what: "a function of 7 MB with a mistake in its last operator",
        outcome: "refused: type mismatch: expected i32 but nothing on stack",
        megabytes: 400,
        run: invalid_at_the_end,
    },
];

const BLOCK: &[u8] = &[0x02, 0x40];
const LOOP: &[u8] = &[0x03, 0x40];

fn nested(open: &[u8], times: usize) -> Vec<u8> {
    let mut code = body(&[], open, times, &[]);
    code.extend(std::iter::repeat_n(END, times));
    code
}

fn nested_blocks() -> String {
    let mut wasm = Wasm::new();
    let code = nested(BLOCK, 1_700_000);
    let mut first = code.clone();
    first.extend([0x10, 1]);
    wasm.types(&[(&[], &[])]).with_code(&[(0, first), (0, code)]);
    run(&store(|_| ()), &wasm.0)
}

fn nested_ifs() -> String {
    let mut wasm = Wasm::new();
    wasm.types(&[(&[], &[])]).with_code(&[(0, nested(&[0x41, 0, 0x04, 0x40], 1_500_000))]);
    run(&store(|_| ()), &wasm.0)
}

fn nested_loops() -> String {
    let mut wasm = Wasm::new();
    wasm.types(&[(&[], &[])]).with_code(&[(0, nested(LOOP, most(3)))]);
    run(&store(|_| ()), &wasm.0)
}

fn nesting_limited() -> String {
    let mut wasm = Wasm::new();
    wasm.types(&[(&[], &[])]).with_code(&[(0, nested(BLOCK, 1001))]);
    run(&store(|c| c.module_limits.function_nesting = 1000), &wasm.0)
}

fn too_large() -> String {
    let mut wasm = Wasm::new();
    wasm.types(&[(&[], &[])]).with_code(&[(0, body(&[], &[0x01], 10_000_000, &[]))]);
    run(&store(|_| ()), &wasm.0)
}

fn operands() -> String {
    let mut wasm = Wasm::new();
    let mut code = body(&[], &[0x41, 0], most(3), &[]);
    code.extend(std::iter::repeat_n(0x1a, most(3)));
    wasm.types(&[(&[], &[])]).with_code(&[(0, code)]);
    run(&store(|_| ()), &wasm.0)
}

const TARGETS: u64 = 65_520;

/// A `br_table` of as many targets as there may be, all around `blocks` blocks; the index is 0.
fn table(out: &mut Vec<u8>, blocks: u64) {
    out.extend([0x41, 0, 0x0e]);
    leb(out, TARGETS);
    for i in 0..TARGETS {
        leb(out, i % blocks);
    }
    leb(out, 0);
}

fn br_tables() -> String {
    let mut code = body(&[], BLOCK, 1000, &[]);
    for _ in 0..57 {
        code.extend(BLOCK);
        table(&mut code, 1001);
        code.push(END);
    }
    code.extend([END; 1000]);
    let mut wasm = Wasm::new();
    wasm.types(&[(&[], &[])]).with_code(&[(0, code)]);
    run(&store(|_| ()), &wasm.0)
}

fn br_tables_operands() -> String {
    // Each block of 100 results is entered with an operand more on the stack, so that values have to be moved.
    let mut wasm = Wasm::new();
    wasm.types(&[(&[], &[I32]), (&[], &[I32; 100])]);
    let mut code = vec![0];
    for _ in 0..1000 {
        code.extend([0x41, 1, 0x02, 1]);
    }
    for _ in 0..4 {
        code.extend([0x02, 1]);
        code.extend([0x41, 1].repeat(100));
        table(&mut code, 1001);
        code.push(END);
        code.extend([0x1a; 100]);
    }
    code.extend([0x41, 1].repeat(100));
    for _ in 0..1000 {
        code.push(END);
        // The operand under the results is in the way of the next block's results.
        code.extend([0x1a; 100]);
        code.push(0x1a);
        code.extend([0x41, 1].repeat(100));
    }
    code.extend([0x1a; 99]);
    wasm.with_code(&[(0, code)]);
    run(&store(|_| ()), &wasm.0)
}

fn br_table_long() -> String {
    let mut code = vec![0, 0x41, 0, 0x0e];
    leb(&mut code, 4_000_000);
    code.extend(std::iter::repeat_n(0, 4_000_001));
    let mut wasm = Wasm::new();
    wasm.types(&[(&[], &[])]).with_code(&[(0, code)]);
    run(&store(|_| ()), &wasm.0)
}

fn block_parameters() -> String {
    let mut wasm = Wasm::new();
    wasm.types(&[(&[], &[I32]), (&[I32; 1000], &[I32; 1000])]);
    let mut code = vec![0];
    code.extend([0x41, 1].repeat(1000));
    code.extend([0x02, 1].repeat(20_000));
    code.extend([END; 20_000]);
    code.extend([0x1a; 999]);
    wasm.with_code(&[(0, code)]);
    run(&store(|_| ()), &wasm.0)
}

/// A function of as many vectors as there may be.
fn wide_frame() -> Vec<u8> {
    let mut code = vec![1];
    leb(&mut code, 50_000);
    code.push(V128);
    code
}

fn locals() -> String {
    let mut wasm = Wasm::new();
    wasm.types(&[(&[], &[])]).with_code(&vec![(0, wide_frame()); 100_000]);
    run(&store(|_| ()), &wasm.0)
}

fn locals_many() -> String {
    let mut caller = vec![0];
    for _ in 0..10 {
        for f in 1..=1000 {
            caller.push(0x10);
            leb(&mut caller, f);
        }
    }
    let mut all = vec![(0, caller)];
    all.extend(vec![(0, wide_frame()); 1000]);
    let mut wasm = Wasm::new();
    wasm.types(&[(&[], &[])]).with_code(&all);
    run(&store(|_| ()), &wasm.0)
}

fn locals_too_many() -> String {
    let mut code = vec![1];
    leb(&mut code, u32::MAX as u64);
    code.push(V128);
    let mut wasm = Wasm::new();
    wasm.types(&[(&[], &[])]).with_code(&[(0, code)]);
    run(&store(|_| ()), &wasm.0)
}

fn functions() -> String {
    let mut wasm = Wasm::new();
    wasm.types(&[(&[], &[])]).with_code(&vec![(0, vec![0]); 1_000_000]);
    run(&store(|_| ()), &wasm.0)
}

fn functions_too_many() -> String {
    let mut wasm = Wasm::new();
    wasm.types(&[(&[], &[])]).with_code(&vec![(0, vec![0]); 1_000_001]);
    run(&store(|_| ()), &wasm.0)
}

fn functions_claimed() -> String {
    let mut wasm = Wasm::new();
    wasm.types(&[(&[], &[])]).section(3, u32::MAX as u64, |out| out.push(0));
    run(&store(|_| ()), &wasm.0)
}

fn try_tables() -> String {
    let mut wasm = Wasm::new();
    wasm.types(&[(&[], &[]), (&[I32], &[])]);
    // Calls itself so many times as the parameter says, then throws tag 1; the try blocks catch tag 0.
    let mut code = vec![0, 0x20, 0, 0x45, 0x04, 0x40, 0x08, 1, END];
    code.extend([0x20, 0, 0x41, 1, 0x6b, 0x10, 1]);
    for _ in 0..400_000 {
        // (block (try_table (catch 0 0) nop))
        code.extend([0x02, 0x40, 0x1f, 0x40, 1, 0, 0, 0, 0x01, END, END]);
    }
    let mut first = vec![0, 0x41];
    crate::writer::sleb(&mut first, 100_000);
    first.extend([0x10, 1]);
    wasm.funcs(&[0, 1]);
    wasm.section(13, 2, |out| out.extend([0, 0, 0, 0]));
    wasm.export_f(0).code(&[first, code]);
    run(&store(|c| c.stack_bytes = 64 << 20), &wasm.0)
}

fn accepted(wasm: &Wasm) -> String {
    instantiate(&store(|_| ()), &wasm.0).map_or_else(|e| e, |_| "accepted".into())
}

fn const_expression() -> String {
    let mut wasm = Wasm::new();
    wasm.section(6, 1, |out| {
        out.extend([I32, 0, 0x41, 1]);
        out.extend([0x41, 1, 0x6a].repeat(2_500_000));
        out.push(END);
    });
    accepted(&wasm)
}

fn const_objects() -> String {
    let mut wasm = Wasm::new();
    wasm.section(1, 1, |out| out.extend([0x5f, 1, 0x6e, 0]));
    wasm.section(6, 1, |out| {
        out.extend([0x6e, 0, 0xd0, 0x6e]);
        out.extend([0xfb, 0, 0].repeat(1_000_000));
        out.push(END);
    });
    accepted(&wasm)
}

fn trap_in_large_function() -> String {
    let mut wasm = Wasm::new();
    wasm.types(&[(&[], &[]), (&[I32], &[])]);
    let mut code = vec![0, 0x20, 0, 0x45, 0x04, 0x40, 0x00, END];
    code.extend([0x20, 0, 0x41, 1, 0x6b, 0x10, 1]);
    code.extend([0x20, 0, 0x21, 0].repeat(1_700_000));
    let mut first = vec![0, 0x41];
    crate::writer::sleb(&mut first, 4200);
    first.extend([0x10, 1]);
    wasm.with_code(&[(0, first), (1, code)]);
    let store = store(|_| ());
    let instance = match instantiate(&store, &wasm.0) {
        Ok(i) => i,
        Err(e) => return e,
    };
    let Err(t) = instance.func("f").expect("f").call(&[], &mut []) else { return call(&instance, "f") };
    format!("{}; {} frames", crate::trap(&t), t.frame_count())
}

fn invalid_at_the_end() -> String {
    let mut wasm = Wasm::new();
    wasm.types(&[(&[], &[])]).with_code(&[(0, body(&[], &[0x41, 0, 0x1a], most(3), &[0x45, 0x1a]))]);
    match load(&store(|_| ()), &wasm.0) {
        Ok(_) => "accepted".into(),
        Err(e) => brief(&e),
    }
}
