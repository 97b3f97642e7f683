//! The rows of the op table for garbage-collected objects (`code::op` says what rows are; spec, "Aggregate Reference
//! Instructions"). The ops are few because they go by the width of a field, not by its type.

#![forbid(unsafe_code)]

/// As `op_rows`, for the classes of objects.
macro_rules! gc_rows {
    // Reading a field or element of at most 8 bytes, A = dst. s: object B, offset I; a: object (acc), offset I;
    // array: object B, index C. (type in the object, type it extends to, as bits)
    (gc_get $m:ident $($x:tt)*) => { $m! { [$($x)*]
        (i8 i32 u32) [struct_get8_s_s struct_get8_s_a array_get8_s]
        (u8 u32 u32) [struct_get8_u_s struct_get8_u_a array_get8_u]
        (i16 i32 u32) [struct_get16_s_s struct_get16_s_a array_get16_s]
        (u16 u32 u32) [struct_get16_u_s struct_get16_u_a array_get16_u]
        (u32 u32 u32) [struct_get32_s struct_get32_a array_get32]
        (u64 u64 u64) [struct_get64_s struct_get64_a array_get64]
    } };
    // Writing one. struct: object A, value B, offset I; array: object A, index B, value C. (type in the object)
    (gc_set $m:ident $($x:tt)*) => { $m! { [$($x)*]
        (u8) [struct_set8 array_set8]
        (u16) [struct_set16 array_set16]
        (u32) [struct_set32 array_set32]
        (u64) [struct_set64 array_set64]
    } };
    // Everything else, which the handlers document. Instructions that make objects have the type in the low half of word 2,
    // and in its high half the first slot that holds no reference to keep.
    (gc_misc $m:ident $($x:tt)*) => { $m! { [$($x)*]
        () [
            struct_get128 array_get128 struct_set128 array_set128
            struct_new struct_new_mixed struct_new_default
            array_new array_new_default array_new_fixed array_new_data array_new_elem
            array_len array_fill array_copy array_init_data array_init_elem
            ref_i31 i31_get_s i31_get_u
            ref_test ref_test_type ref_test_func ref_cast ref_cast_type ref_cast_func
        ]
    } };
}
pub(crate) use gc_rows;
