//! The target `misuse` as a program of libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| libwasm_fuzz::targets::calls::run_misuse(data));
