//! A damaged image: `wasm_module_deserialize` refuses it. The first bytes choose the module and how the image is damaged, the
//! rest is what it is damaged with.

use super::source::{self, Source};
use crate::plan::Rng;
use std::ptr::null_mut;
use std::sync::OnceLock;
use wasm::capi::*;

/// Modules and their images.
fn images() -> &'static Vec<Vec<u8>> {
    static IMAGES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    IMAGES.get_or_init(|| {
        let mut modules = source::files("fuzz/corpus", "wasm");
        modules.truncate(40);
        modules.push(b"\0asm\x01\0\0\0".to_vec());
        // SAFETY: objects are used as the header says.
        unsafe {
            let engine = wasm_engine_new();
            let store = wasm_store_new(engine);
            let images = modules.iter().filter_map(|m| image(store, m)).collect();
            wasm_store_delete(store);
            wasm_engine_delete(engine);
            images
        }
    })
}

unsafe fn image(store: *mut wasm_store_t, bytes: &[u8]) -> Option<Vec<u8>> {
    // SAFETY: by the caller, a live store.
    unsafe {
        let binary = wasm_byte_vec_t { size: bytes.len(), data: bytes.as_ptr().cast_mut().cast() };
        let module = wasm_module_new(store, &binary);
        if module.is_null() {
            return None;
        }
        let mut out = wasm_byte_vec_t { size: 0, data: null_mut() };
        wasm_module_serialize(module, &mut out);
        let image = std::slice::from_raw_parts(out.data.cast::<u8>(), out.size).to_vec();
        wasm_byte_vec_delete(&mut out);
        wasm_module_delete(module);
        Some(image)
    }
}

pub fn run(data: &[u8]) {
    let source = Source::new(data);
    let all = images();
    let whole = &all[source.below(all.len())];
    let mut image = whole.clone();
    let way = source.byte();
    for _ in 0..=source.byte() % 4 {
        let at = (source.byte() as usize | (source.byte() as usize) << 8) % image.len().max(1);
        match way % 6 {
            0 => image.truncate(at),
            1 => image.extend((0..at % 64).map(|_| source.byte())),
            2 if !image.is_empty() => image[at] = source.byte(),
            // The head, which says how long everything is.
            3 if image.len() > 48 => image[at % 48] = source.byte(),
            4 if image.len() > 8 => {
                let at = at % (image.len() - 8);
                image[at..at + 8].copy_from_slice(&source.word().to_le_bytes());
            }
            _ => image = (0..at % 200).map(|_| source.byte()).collect(),
        }
        if image.is_empty() {
            break;
        }
    }
    // SAFETY: objects are used as the header says.
    unsafe {
        let engine = wasm_engine_new();
        let store = wasm_store_new(engine);
        let bytes = wasm_byte_vec_t { size: image.len(), data: image.as_mut_ptr().cast() };
        let module = wasm_module_deserialize(store, &bytes);
        assert_eq!(module.is_null(), image != *whole, "a damaged image is accepted, or a whole one refused");
        assert!(!module.is_null() || !wasmx_last_error().is_null(), "no reason is given");
        wasm_module_delete(module);
        wasm_store_delete(store);
        wasm_engine_delete(engine);
    }
}

pub fn make(rng: &mut Rng) -> Vec<u8> {
    (0..8 + rng.below(64)).map(|_| rng.next() as u8).collect()
}
