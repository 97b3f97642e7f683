//! The target `image` as a program of libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| libwasm_fuzz::targets::image::run(data));
