//! Modules from `wasm-smith`, by set of features.

#![forbid(unsafe_code)]

use crate::plan::Rng;
use arbitrary::Unstructured;
use wasm_smith::{Config, InstructionKind, InstructionKinds, Module};

/// The sets that can be asked for by name. Each adds its own to WebAssembly 2.0 without vectors.
pub const SETS: &[&str] = &[
    "base", "simd", "relaxed", "tail", "multimem", "mem64", "wide", "extconst", "gc", "exn", "pages", "threads", "all",
];

/// How many function entries and loop trips an instance may make.
const FUEL: u32 = 1000;

/// A module of a set, or none if the seed gives no valid one.
pub fn module(seed: u64, set: &str) -> Option<Vec<u8>> {
    let mut rng = Rng::of(&[seed, 10]);
    let len = rng.pick(&[2000, 8000, 30_000]);
    let mut bytes = vec![0; len];
    for b in bytes.chunks_mut(8) {
        b.copy_from_slice(&rng.next().to_le_bytes()[..b.len()]);
    }
    let mut source = Unstructured::new(&bytes);
    let mut module = Module::new(config(&mut rng, set), &mut source).ok()?;
    module.ensure_termination(FUEL).ok()?;
    let bytes = module.to_bytes();
    (!blocks(&bytes)).then_some(bytes)
}

fn config(rng: &mut Rng, set: &str) -> Config {
    let on = |name: &str| set == name || set == "all";
    let mut kinds = InstructionKinds::all();
    if rng.chance(30) {
        use InstructionKind::*;
        let mut some = vec![NumericInt];
        for k in
            [VectorInt, Reference, Parametric, Variable, Table, MemoryInt, Control, Aggregate, Numeric, Memory, Vector]
        {
            if rng.chance(50) {
                some.push(k);
            }
        }
        kinds = InstructionKinds::new(&some);
    }
    Config {
        allowed_instructions: kinds,
        canonicalize_nans: true,
        disallow_traps: rng.chance(30),
        export_everything: true,
        max_imports: rng.pick(&[0, 3, 10]),
        max_funcs: rng.pick(&[1, 3, 10]),
        min_funcs: 1,
        max_instructions: rng.pick(&[20, 60, 200, 800]),
        max_globals: 8,
        max_types: 12,
        max_tags: 4,
        max_tables: 3,
        max_memories: if on("multimem") { 3 } else { 1 },
        max_data_segments: 4,
        max_element_segments: 4,
        max_elements: 12,
        max_nesting_depth: 8,
        max_values: 6,
        max_memory32_bytes: 6 << 16,
        max_memory64_bytes: 6 << 16,
        max_table_elements: 1000,
        memory_max_size_required: true,
        table_max_size_required: true,
        simd_enabled: on("simd") || on("relaxed"),
        relaxed_simd_enabled: on("relaxed"),
        tail_call_enabled: on("tail"),
        memory64_enabled: on("mem64"),
        wide_arithmetic_enabled: on("wide"),
        extended_const_enabled: on("extconst"),
        gc_enabled: on("gc"),
        exceptions_enabled: on("exn"),
        custom_page_sizes_enabled: on("pages"),
        threads_enabled: on("threads"),
        compact_imports_enabled: false,
        ..Config::default()
    }
}

/// Whether it could wait for another thread.
pub fn blocks(bytes: &[u8]) -> bool {
    use wasmparser::Operator::{MemoryAtomicWait32, MemoryAtomicWait64};
    crate::shrink::has_operator(bytes, |op| matches!(op, MemoryAtomicWait32 { .. } | MemoryAtomicWait64 { .. }))
}
