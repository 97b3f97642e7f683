//! Value types beyond the six kinds of `wasm.h`: `v128`, and all reference types.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use super::types::wasmx_type_t;
use crate::capi::boundary::{attempt, given};
use crate::capi::valtypes::{KIND_ANYREF, KIND_EXNREF, KIND_V128, wasm_valtype_t};
use crate::module::{HeapType, RefType, TypeRegistry, ValType};

/// Kinds of values beyond those of `wasm_valkind_enum`, as `wasm_valtype_kind` and the kind of a `wasm_val_t` give them.
/// A `wasm_val_t` holds references of these kinds like others; it cannot hold a `v128`.
#[repr(C)]
pub enum wasmx_valkind_enum {
    /// 16 bytes.
    WASMX_V128 = 4,
    /// A reference of the hierarchy of `anyref`: structures, arrays, `i31`s, and references of the host's.
    WASMX_ANYREF = 130,
    /// A reference to an exception.
    WASMX_EXNREF = 131,
}

const _: () = assert!(wasmx_valkind_enum::WASMX_V128 as u8 == KIND_V128);
const _: () = assert!(wasmx_valkind_enum::WASMX_ANYREF as u8 == KIND_ANYREF);
const _: () = assert!(wasmx_valkind_enum::WASMX_EXNREF as u8 == KIND_EXNREF);

/// What a reference type refers to: one of `wasmx_heapkind_enum`.
pub type wasmx_heapkind_t = u8;

/// What a reference type refers to.
#[repr(C)]
pub enum wasmx_heapkind_enum {
    /// No reference type.
    WASMX_HEAP_NOT_A_REFERENCE = 0,
    WASMX_HEAP_FUNC = 1,
    WASMX_HEAP_NOFUNC = 2,
    WASMX_HEAP_EXTERN = 3,
    WASMX_HEAP_NOEXTERN = 4,
    WASMX_HEAP_ANY = 5,
    WASMX_HEAP_NONE = 6,
    WASMX_HEAP_EQ = 7,
    WASMX_HEAP_I31 = 8,
    WASMX_HEAP_STRUCT = 9,
    WASMX_HEAP_ARRAY = 10,
    WASMX_HEAP_EXN = 11,
    WASMX_HEAP_NOEXN = 12,
    /// A defined type: see `wasmx_valtype_type`.
    WASMX_HEAP_DEFINED = 13,
}

/// By number, from 1.
const ABSTRACT: [HeapType; 12] = [
    HeapType::Func,
    HeapType::NoFunc,
    HeapType::Extern,
    HeapType::NoExtern,
    HeapType::Any,
    HeapType::None,
    HeapType::Eq,
    HeapType::I31,
    HeapType::Struct,
    HeapType::Array,
    HeapType::Exn,
    HeapType::NoExn,
];

/// # Value types
///
/// The type of 16-byte vectors, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasmx_valtype_new_v128() -> *mut wasm_valtype_t {
    attempt(|| Ok(wasm_valtype_t::with_handle(ValType::V128, None)))
}

/// A reference type, owned by the caller. `heap` is one of `wasmx_heapkind_enum`; `defined` is read if that is
/// `WASMX_HEAP_DEFINED`, and must be NULL otherwise. NULL if they contradict each other.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_valtype_new_ref(
    heap: wasmx_heapkind_t,
    nullable: bool,
    defined: *const wasmx_type_t,
) -> *mut wasm_valtype_t {
    attempt(|| {
        let named = if heap == wasmx_heapkind_enum::WASMX_HEAP_DEFINED as u8 {
            Some(given(defined, "the defined type")?.handle.clone())
        } else if defined.is_null() {
            None
        } else {
            return Err("a defined type was passed for a kind that names none".into());
        };
        let heap = match &named {
            Some(handle) => HeapType::Concrete(handle.id()),
            None => *ABSTRACT
                .get((heap as usize).wrapping_sub(1))
                .ok_or_else(|| format!("references to {heap} do not exist"))?,
        };
        Ok(wasm_valtype_t::with_handle(ValType::Ref(RefType { nullable, heap }), named))
    })
}

/// What the type refers to, one of `wasmx_heapkind_enum`: 0 (`WASMX_HEAP_NOT_A_REFERENCE`) if `ty` is no reference type
/// or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_valtype_heap(ty: *const wasm_valtype_t) -> wasmx_heapkind_t {
    attempt(|| {
        Ok(match given(ty, "the value type")?.ty() {
            ValType::Ref(r) => match ABSTRACT.iter().position(|heap| *heap == r.heap) {
                Some(i) => i as u8 + 1,
                None => wasmx_heapkind_enum::WASMX_HEAP_DEFINED as u8,
            },
            _ => wasmx_heapkind_enum::WASMX_HEAP_NOT_A_REFERENCE as u8,
        })
    })
}

/// Whether null is a value of the type: false if `ty` is no reference type or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_valtype_is_nullable(ty: *const wasm_valtype_t) -> bool {
    attempt(|| Ok(matches!(given(ty, "the value type")?.ty(), ValType::Ref(r) if r.nullable)))
}

/// The defined type that a reference type names, owned by the caller; NULL if it names none or `ty` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_valtype_type(ty: *const wasm_valtype_t) -> *mut wasmx_type_t {
    attempt(|| match given(ty, "the value type")?.named() {
        Some(handle) => Ok(wasmx_type_t::into_raw(handle.clone())),
        None => Err("the value type names no defined type".into()),
    })
}

/// Whether every value of type `sub` is one of type `sup`: whether the types match, in the words of the specification.
/// False if either is NULL. Two types that match each other both ways are the same.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_valtype_matches(sub: *const wasm_valtype_t, sup: *const wasm_valtype_t) -> bool {
    attempt(|| {
        let (sub, sup) = (given(sub, "the subtype")?, given(sup, "the supertype")?);
        let registry = match sub.named().or(sup.named()) {
            Some(handle) => handle.registry().clone(),
            None => TypeRegistry::new(),
        };
        Ok(registry.val_matches(sub.in_engine(&registry)?, sup.in_engine(&registry)?))
    })
}
