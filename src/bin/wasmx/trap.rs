//! How a trap is told: its kind, its message, and where the guest was, with names as the guest's sources have them and,
//! if the module carries DWARF, their files and lines.
#![forbid(unsafe_code)]

use crate::console::{BOLD, DIM, RED, paint};
use crate::names;
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;
use wasm::debuginfo::{DebugInfo, Place};
use wasm::module::Module;
use wasm::runtime::Trap;

/// Frames shown of a deep stack, on both ends.
const INNERMOST: usize = 20;
const OUTERMOST: usize = 5;

/// The kind's name in the way of `integer-divide-by-zero`.
pub fn kind(trap: &Trap) -> String {
    let mut out = String::new();
    for (i, c) in format!("{:?}", trap.kind()).chars().enumerate() {
        if c.is_ascii_uppercase() && i > 0 {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// The message in one line.
pub fn message(trap: &Trap) -> String {
    names::printable(trap.message().trim_end_matches('\0'))
}

/// What is printed when a trap in another thread of the program has ended it.
pub fn of_thread(text: &str) -> String {
    format!("{} {} (in another thread)\n", paint(RED, "wasmx: trap:"), paint(BOLD, &names::printable(text)))
}

/// What is printed when a trap ends the program.
pub fn report(trap: &Trap) -> String {
    let kind = paint(DIM, &format!("({})", kind(trap)));
    let mut out = format!("{} {} {kind}\n", paint(RED, "wasmx: trap:"), paint(BOLD, &message(trap)));
    let count = trap.frame_count();
    if count > 0 {
        out.push_str("wasm backtrace, innermost first:\n");
    }
    let mut modules: Vec<Arc<Module>> = trap.frames().map(|f| f.instance.module().clone()).collect();
    modules.sort_by_key(Arc::as_ptr);
    modules.dedup_by_key(|m| Arc::as_ptr(m));
    let mut sources: HashMap<_, _> = modules.iter().map(|m| (Arc::as_ptr(m), None)).collect();
    for (i, frame) in trap.frames().enumerate() {
        if count > INNERMOST + OUTERMOST && i >= INNERMOST && i < count - OUTERMOST {
            if i == INNERMOST {
                let _ = writeln!(out, "        ... {} more ...", count - INNERMOST - OUTERMOST);
            }
            continue;
        }
        let module = frame.instance.module();
        let name = names::of_func(module, frame.func_index);
        let name = name.unwrap_or_else(|| format!("function {}", frame.func_index));
        let of = module.name().map(|m| format!("{}!", names::printable(m))).unwrap_or_default();
        let _ = writeln!(out, "  {i:>4}: {:#010x}  {of}{}", frame.module_offset, paint(BOLD, &name));
        let Some(of_module) = modules.iter().find(|m| Arc::ptr_eq(m, module)) else { continue };
        let info = sources.entry(Arc::as_ptr(module)).or_insert(None);
        let info = info.get_or_insert_with(|| DebugInfo::of(of_module));
        for line in info.as_ref().map(|i| lines(i, frame.module_offset)).unwrap_or_default() {
            let _ = writeln!(out, "                    {}", paint(DIM, &line));
        }
    }
    out
}

/// Lines that say where in the sources an instruction is from, inlined calls first.
fn lines(info: &DebugInfo<'_>, module_offset: u32) -> Vec<String> {
    let places = info.locate(module_offset);
    let inlined = places.len().saturating_sub(1);
    let line = |(i, place): (usize, &Place)| {
        let function = match &place.function {
            Some(name) if i < inlined => format!("{}, inlined, ", names::printable(&names::demangle(name))),
            _ => String::new(),
        };
        format!("{function}at {}", names::printable(&place.to_string()))
    };
    places.iter().enumerate().map(line).collect()
}
