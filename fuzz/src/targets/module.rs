//! A stranger's module: it is loaded, all its functions are translated, and if its imports can be had it is instantiated and its
//! exports are called, with limits and fuel. Then the same with a deadline and interrupts in place of fuel, which runs other code.
#![forbid(unsafe_code)]

use super::source;
use crate::ours;
use crate::plan::Rng;
use std::sync::{Mutex, Once, OnceLock, PoisonError};
use std::time::Duration;
use wasm::runtime::{Config, Engine, Interrupter, Limits, Store};

/// Limits as a careful host sets them.
pub fn careful() -> Config {
    let mut config = Config {
        stack_bytes: 1 << 20,
        limits: Limits {
            memory_bytes: 16 << 20,
            total_memory_bytes: 32 << 20,
            heap_bytes: 8 << 20,
            table_elements: 100_000,
            instances: 10,
            memories: 10,
            tables: 10,
            ..Limits::default()
        },
        ..Config::default()
    };
    config.module_limits.function_nesting = 1000;
    config.module_limits.module_size = 1 << 20;
    config
}

fn engines() -> &'static [Engine; 2] {
    static ENGINES: OnceLock<[Engine; 2]> = OnceLock::new();
    ENGINES.get_or_init(|| [Engine::new(Config { fuel: true, ..careful() }), Engine::new(careful())])
}

pub fn run(data: &[u8]) {
    let [metered, timed] = engines();
    if !ours::translates(metered, data) {
        return;
    }
    // A wait uses up no fuel.
    let _ = ours::run_in(metered, data, 1, |store: &Store| {
        store.set_fuel(200_000);
        stop_often(store);
    });
    let _ = ours::run_in(timed, data, 1, stop_often);
}

/// Has a thread interrupt the store's guests every few milliseconds, from now on and until it is told another store: a deadline
/// would end only the first of the calls that go on for ever.
fn stop_often(store: &Store) {
    static STORE: Mutex<Option<Interrupter>> = Mutex::new(None);
    static THREAD: Once = Once::new();
    THREAD.call_once(|| {
        std::thread::spawn(|| {
            loop {
                std::thread::sleep(Duration::from_millis(20));
                if let Some(store) = STORE.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
                    store.interrupt();
                }
            }
        });
    });
    let _ = store.interrupter().set_deadline(Some(Duration::from_millis(10)));
    *STORE.lock().unwrap_or_else(PoisonError::into_inner) = Some(store.interrupter());
}

/// A module of the corpus, damaged as often as not.
pub fn make(rng: &mut Rng) -> Vec<u8> {
    static CORPUS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    let corpus = CORPUS.get_or_init(|| source::files("fuzz/corpus", "wasm"));
    if corpus.is_empty() {
        return source::make(rng);
    }
    let mut bytes = rng.pick(corpus);
    if rng.chance(90) {
        let other = &corpus[rng.below(corpus.len())];
        source::damage(rng, &mut bytes, other, 8);
    }
    bytes
}
