//! The interpreter against machine code: what is seen of a module's run is the same. Without the feature `jit`, the interpreter
//! against itself.
#![forbid(unsafe_code)]

use crate::ours;
use std::sync::OnceLock;
use wasm::runtime::Engine;
use wasm::sys::cpu::Level;

pub fn run(data: &[u8]) {
    static ENGINES: OnceLock<(Engine, Engine, Vec<Engine>)> = OnceLock::new();
    let (interpreter, metered, others) =
        ENGINES.get_or_init(|| (ours::engine(), ours::metered(Level::default()), ours::compiled(Level::default())));
    // Damage can undo what ends a loop: only what ends by itself can be compared.
    const FUEL: u64 = 2_000_000;
    let seed = data.len() as u64;
    if !ours::ends(metered, data, seed, FUEL) {
        return;
    }
    let expected = ours::run(interpreter, data, seed);
    for (i, other) in others.iter().enumerate() {
        let found = ours::run(other, data, seed);
        if let Some((a, b)) = expected.differs(&found) {
            panic!("machine code {i} differs:\n  interpreted {a}\n  compiled    {b}");
        }
    }
}
