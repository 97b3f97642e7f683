//! The target `module` as a program of libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| libwasm_fuzz::targets::module::run(data));
