//! Calls of WASI functions as a program of libFuzzer: the bytes are the numbers that arguments are made of.
#![no_main]

#[path = "../../tests/wasi_fs/host.rs"]
mod host;
#[path = "../../tests/wasi_fs/random.rs"]
mod random;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let calls = (data.len() as u64 / 10).min(300);
    random::World::of(random::Rng::of_bytes(data)).run(calls);
});
