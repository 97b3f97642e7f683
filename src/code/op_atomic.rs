//! The atomic rows of the op table (threads proposal; `code::op` says what rows are).
//!
//! One op per width: what is read is zero-extended to a whole slot and what is written is the low part of one, so the 32-bit and
//! the 64-bit instruction of a width are the same. All take any memory. A row lists the instructions it serves with the type of
//! their result or operand.

#![forbid(unsafe_code)]

/// As `op_rows`, for the atomic classes.
macro_rules! atomic_rows {
    // A = dst, address B, memory C, offset in word 2. (width, operators)
    (atomic_load $m:ident $($x:tt)*) => { $m! { [$($x)*]
        (u8 {I32 I32AtomicLoad8U} {I64 I64AtomicLoad8U}) [atomic_load8]
        (u16 {I32 I32AtomicLoad16U} {I64 I64AtomicLoad16U}) [atomic_load16]
        (u32 {I32 I32AtomicLoad} {I64 I64AtomicLoad32U}) [atomic_load32]
        (u64 {I64 I64AtomicLoad}) [atomic_load64]
    } };
    // Address A, value B, memory C, offset in word 2. (width, operators)
    (atomic_store $m:ident $($x:tt)*) => { $m! { [$($x)*]
        (u8 {I32 I32AtomicStore8} {I64 I64AtomicStore8}) [atomic_store8]
        (u16 {I32 I32AtomicStore16} {I64 I64AtomicStore16}) [atomic_store16]
        (u32 {I32 I32AtomicStore} {I64 I64AtomicStore32}) [atomic_store32]
        (u64 {I64 I64AtomicStore}) [atomic_store64]
    } };
    // A = what was in memory, address B, value C, memory D, offset in word 2. (width, what happens, operators)
    (atomic_rmw $m:ident $($x:tt)*) => { $m! { [$($x)*]
        (u8 fetch_add {I32 I32AtomicRmw8AddU} {I64 I64AtomicRmw8AddU}) [atomic_add8]
        (u16 fetch_add {I32 I32AtomicRmw16AddU} {I64 I64AtomicRmw16AddU}) [atomic_add16]
        (u32 fetch_add {I32 I32AtomicRmwAdd} {I64 I64AtomicRmw32AddU}) [atomic_add32]
        (u64 fetch_add {I64 I64AtomicRmwAdd}) [atomic_add64]
        (u8 fetch_sub {I32 I32AtomicRmw8SubU} {I64 I64AtomicRmw8SubU}) [atomic_sub8]
        (u16 fetch_sub {I32 I32AtomicRmw16SubU} {I64 I64AtomicRmw16SubU}) [atomic_sub16]
        (u32 fetch_sub {I32 I32AtomicRmwSub} {I64 I64AtomicRmw32SubU}) [atomic_sub32]
        (u64 fetch_sub {I64 I64AtomicRmwSub}) [atomic_sub64]
        (u8 fetch_and {I32 I32AtomicRmw8AndU} {I64 I64AtomicRmw8AndU}) [atomic_and8]
        (u16 fetch_and {I32 I32AtomicRmw16AndU} {I64 I64AtomicRmw16AndU}) [atomic_and16]
        (u32 fetch_and {I32 I32AtomicRmwAnd} {I64 I64AtomicRmw32AndU}) [atomic_and32]
        (u64 fetch_and {I64 I64AtomicRmwAnd}) [atomic_and64]
        (u8 fetch_or {I32 I32AtomicRmw8OrU} {I64 I64AtomicRmw8OrU}) [atomic_or8]
        (u16 fetch_or {I32 I32AtomicRmw16OrU} {I64 I64AtomicRmw16OrU}) [atomic_or16]
        (u32 fetch_or {I32 I32AtomicRmwOr} {I64 I64AtomicRmw32OrU}) [atomic_or32]
        (u64 fetch_or {I64 I64AtomicRmwOr}) [atomic_or64]
        (u8 fetch_xor {I32 I32AtomicRmw8XorU} {I64 I64AtomicRmw8XorU}) [atomic_xor8]
        (u16 fetch_xor {I32 I32AtomicRmw16XorU} {I64 I64AtomicRmw16XorU}) [atomic_xor16]
        (u32 fetch_xor {I32 I32AtomicRmwXor} {I64 I64AtomicRmw32XorU}) [atomic_xor32]
        (u64 fetch_xor {I64 I64AtomicRmwXor}) [atomic_xor64]
        (u8 swap {I32 I32AtomicRmw8XchgU} {I64 I64AtomicRmw8XchgU}) [atomic_xchg8]
        (u16 swap {I32 I32AtomicRmw16XchgU} {I64 I64AtomicRmw16XchgU}) [atomic_xchg16]
        (u32 swap {I32 I32AtomicRmwXchg} {I64 I64AtomicRmw32XchgU}) [atomic_xchg32]
        (u64 swap {I64 I64AtomicRmwXchg}) [atomic_xchg64]
    } };
    // A = what was in memory, address B, expected C, replacement D, offset in word 2, memory in word 3. (width, operators)
    (atomic_cmpxchg $m:ident $($x:tt)*) => { $m! { [$($x)*]
        (u8 {I32 I32AtomicRmw8CmpxchgU} {I64 I64AtomicRmw8CmpxchgU}) [atomic_cmpxchg8]
        (u16 {I32 I32AtomicRmw16CmpxchgU} {I64 I64AtomicRmw16CmpxchgU}) [atomic_cmpxchg16]
        (u32 {I32 I32AtomicRmwCmpxchg} {I64 I64AtomicRmw32CmpxchgU}) [atomic_cmpxchg32]
        (u64 {I64 I64AtomicRmwCmpxchg}) [atomic_cmpxchg64]
    } };
    // A = 0 woken, 1 not equal, 2 timed out; address B, expected C, timeout D, offset in word 2, memory in word 3.
    // (width, operator)
    (atomic_wait $m:ident $($x:tt)*) => { $m! { [$($x)*]
        (u32 MemoryAtomicWait32) [atomic_wait32]
        (u64 MemoryAtomicWait64) [atomic_wait64]
    } };
    // Notify: A = how many were woken, address B, count C, memory D, offset in word 2. The fence has no operands.
    (atomic_misc $m:ident $($x:tt)*) => { $m! { [$($x)*]
        () [atomic_notify atomic_fence]
    } };
}
pub(crate) use atomic_rows;
