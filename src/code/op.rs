//! The op table: every register-code instruction, one row per WebAssembly operation, with the forms it comes in.
//!
//! A class of rows shares one encoding and one shape of handler. A row is `(what the class needs) [op names]`; the names are at
//! once the variants of [`Op`] and the names of the handlers in `interp::handlers`. Rows are consumed by passing the name of a macro:
//! `op_rows!(int_binary my_macro)` expands `my_macro! { [] rows }`.
//!
//! # Encoding
//! An instruction is one or more 8-byte words. Word 0 is the address of its handler. Word 1 holds four 16-bit fields,
//! `A B C D` from the low end; `I` is the signed 32-bit value in the place of `C D`, `J` the one in the place of `A B`. Further words
//! hold wide immediates. Fields name slots of the frame unless said otherwise. Branch offsets count words from the start of
//! the branch instruction.
//!
//! # Accumulators
//! An instruction that computes an integer leaves its result both in its destination slot and in the integer accumulator,
//! one that computes a float in the float accumulator. Form letters tell where operands come from, in order: `s` a slot,
//! `i` an immediate, `a` the accumulator of its type.

#![forbid(unsafe_code)]

/// Expands a consumer macro with the rows of one class.
macro_rules! op_rows {
    // Binary integer operations. A = dst. ss: B, C; si: B, I; as: (acc), B; ai: (acc), I.
    // (wasm operator, semantics, type, commutes)
    (int_binary $m:ident $($x:tt)*) => { $m! { [$($x)*]
        (I32Add i32_add u32 true) [i32_add_ss i32_add_si i32_add_as i32_add_ai]
        (I32Mul i32_mul u32 true) [i32_mul_ss i32_mul_si i32_mul_as i32_mul_ai]
        (I32And i32_and u32 true) [i32_and_ss i32_and_si i32_and_as i32_and_ai]
        (I32Or i32_or u32 true) [i32_or_ss i32_or_si i32_or_as i32_or_ai]
        (I32Xor i32_xor u32 true) [i32_xor_ss i32_xor_si i32_xor_as i32_xor_ai]
        (I32Shl i32_shl u32 false) [i32_shl_ss i32_shl_si i32_shl_as i32_shl_ai]
        (I32ShrS i32_shr_s u32 false) [i32_shr_s_ss i32_shr_s_si i32_shr_s_as i32_shr_s_ai]
        (I32ShrU i32_shr_u u32 false) [i32_shr_u_ss i32_shr_u_si i32_shr_u_as i32_shr_u_ai]
        (I32Rotl i32_rotl u32 false) [i32_rotl_ss i32_rotl_si i32_rotl_as i32_rotl_ai]
        (I32Rotr i32_rotr u32 false) [i32_rotr_ss i32_rotr_si i32_rotr_as i32_rotr_ai]
        (I64Add i64_add u64 true) [i64_add_ss i64_add_si i64_add_as i64_add_ai]
        (I64Mul i64_mul u64 true) [i64_mul_ss i64_mul_si i64_mul_as i64_mul_ai]
        (I64And i64_and u64 true) [i64_and_ss i64_and_si i64_and_as i64_and_ai]
        (I64Or i64_or u64 true) [i64_or_ss i64_or_si i64_or_as i64_or_ai]
        (I64Xor i64_xor u64 true) [i64_xor_ss i64_xor_si i64_xor_as i64_xor_ai]
        (I64Shl i64_shl u64 false) [i64_shl_ss i64_shl_si i64_shl_as i64_shl_ai]
        (I64ShrS i64_shr_s u64 false) [i64_shr_s_ss i64_shr_s_si i64_shr_s_as i64_shr_s_ai]
        (I64ShrU i64_shr_u u64 false) [i64_shr_u_ss i64_shr_u_si i64_shr_u_as i64_shr_u_ai]
        (I64Rotl i64_rotl u64 false) [i64_rotl_ss i64_rotl_si i64_rotl_as i64_rotl_ai]
        (I64Rotr i64_rotr u64 false) [i64_rotr_ss i64_rotr_si i64_rotr_as i64_rotr_ai]
    } };
    // Subtraction (minus an immediate is an addition). A = dst. ss: B, C; as: (acc), B; sa: B, (acc).
    (int_sub $m:ident $($x:tt)*) => { $m! { [$($x)*]
        (I32Sub i32_sub u32) [i32_sub_ss i32_sub_as i32_sub_sa]
        (I64Sub i64_sub u64) [i64_sub_ss i64_sub_as i64_sub_sa]
    } };
    // Division and remainder. A = dst. ss: B, C, may trap; si: B, I, which is neither 0 nor -1.
    (int_div $m:ident $($x:tt)*) => { $m! { [$($x)*]
        (I32DivS i32_div_s u32) [i32_div_s_ss i32_div_s_si]
        (I32DivU i32_div_u u32) [i32_div_u_ss i32_div_u_si]
        (I32RemS i32_rem_s u32) [i32_rem_s_ss i32_rem_s_si]
        (I32RemU i32_rem_u u32) [i32_rem_u_ss i32_rem_u_si]
        (I64DivS i64_div_s u64) [i64_div_s_ss i64_div_s_si]
        (I64DivU i64_div_u u64) [i64_div_u_ss i64_div_u_si]
        (I64RemS i64_rem_s u64) [i64_rem_s_ss i64_rem_s_si]
        (I64RemU i64_rem_u u64) [i64_rem_u_ss i64_rem_u_si]
    } };
    // Integer comparisons, as a value and fused with a branch. Values as `int_binary`.
    // Branches, offset in I: br_ss: A, B; br_si: A, B as a signed 16-bit immediate; br_as: (acc), B; br_ai: (acc), B as immediate.
    // (wasm operator, semantics, type, mirrored comparison, inverse comparison)
    (int_cmp $m:ident $($x:tt)*) => { $m! { [$($x)*]
        (I32Eq i32_eq u32 I32Eq I32Ne) [i32_eq_ss i32_eq_si i32_eq_as i32_eq_ai br_i32_eq_ss br_i32_eq_si br_i32_eq_as br_i32_eq_ai]
        (I32Ne i32_ne u32 I32Ne I32Eq) [i32_ne_ss i32_ne_si i32_ne_as i32_ne_ai br_i32_ne_ss br_i32_ne_si br_i32_ne_as br_i32_ne_ai]
        (I32LtS i32_lt_s u32 I32GtS I32GeS) [i32_lt_s_ss i32_lt_s_si i32_lt_s_as i32_lt_s_ai br_i32_lt_s_ss br_i32_lt_s_si br_i32_lt_s_as br_i32_lt_s_ai]
        (I32LtU i32_lt_u u32 I32GtU I32GeU) [i32_lt_u_ss i32_lt_u_si i32_lt_u_as i32_lt_u_ai br_i32_lt_u_ss br_i32_lt_u_si br_i32_lt_u_as br_i32_lt_u_ai]
        (I32GtS i32_gt_s u32 I32LtS I32LeS) [i32_gt_s_ss i32_gt_s_si i32_gt_s_as i32_gt_s_ai br_i32_gt_s_ss br_i32_gt_s_si br_i32_gt_s_as br_i32_gt_s_ai]
        (I32GtU i32_gt_u u32 I32LtU I32LeU) [i32_gt_u_ss i32_gt_u_si i32_gt_u_as i32_gt_u_ai br_i32_gt_u_ss br_i32_gt_u_si br_i32_gt_u_as br_i32_gt_u_ai]
        (I32LeS i32_le_s u32 I32GeS I32GtS) [i32_le_s_ss i32_le_s_si i32_le_s_as i32_le_s_ai br_i32_le_s_ss br_i32_le_s_si br_i32_le_s_as br_i32_le_s_ai]
        (I32LeU i32_le_u u32 I32GeU I32GtU) [i32_le_u_ss i32_le_u_si i32_le_u_as i32_le_u_ai br_i32_le_u_ss br_i32_le_u_si br_i32_le_u_as br_i32_le_u_ai]
        (I32GeS i32_ge_s u32 I32LeS I32LtS) [i32_ge_s_ss i32_ge_s_si i32_ge_s_as i32_ge_s_ai br_i32_ge_s_ss br_i32_ge_s_si br_i32_ge_s_as br_i32_ge_s_ai]
        (I32GeU i32_ge_u u32 I32LeU I32LtU) [i32_ge_u_ss i32_ge_u_si i32_ge_u_as i32_ge_u_ai br_i32_ge_u_ss br_i32_ge_u_si br_i32_ge_u_as br_i32_ge_u_ai]
        (I64Eq i64_eq u64 I64Eq I64Ne) [i64_eq_ss i64_eq_si i64_eq_as i64_eq_ai br_i64_eq_ss br_i64_eq_si br_i64_eq_as br_i64_eq_ai]
        (I64Ne i64_ne u64 I64Ne I64Eq) [i64_ne_ss i64_ne_si i64_ne_as i64_ne_ai br_i64_ne_ss br_i64_ne_si br_i64_ne_as br_i64_ne_ai]
        (I64LtS i64_lt_s u64 I64GtS I64GeS) [i64_lt_s_ss i64_lt_s_si i64_lt_s_as i64_lt_s_ai br_i64_lt_s_ss br_i64_lt_s_si br_i64_lt_s_as br_i64_lt_s_ai]
        (I64LtU i64_lt_u u64 I64GtU I64GeU) [i64_lt_u_ss i64_lt_u_si i64_lt_u_as i64_lt_u_ai br_i64_lt_u_ss br_i64_lt_u_si br_i64_lt_u_as br_i64_lt_u_ai]
        (I64GtS i64_gt_s u64 I64LtS I64LeS) [i64_gt_s_ss i64_gt_s_si i64_gt_s_as i64_gt_s_ai br_i64_gt_s_ss br_i64_gt_s_si br_i64_gt_s_as br_i64_gt_s_ai]
        (I64GtU i64_gt_u u64 I64LtU I64LeU) [i64_gt_u_ss i64_gt_u_si i64_gt_u_as i64_gt_u_ai br_i64_gt_u_ss br_i64_gt_u_si br_i64_gt_u_as br_i64_gt_u_ai]
        (I64LeS i64_le_s u64 I64GeS I64GtS) [i64_le_s_ss i64_le_s_si i64_le_s_as i64_le_s_ai br_i64_le_s_ss br_i64_le_s_si br_i64_le_s_as br_i64_le_s_ai]
        (I64LeU i64_le_u u64 I64GeU I64GtU) [i64_le_u_ss i64_le_u_si i64_le_u_as i64_le_u_ai br_i64_le_u_ss br_i64_le_u_si br_i64_le_u_as br_i64_le_u_ai]
        (I64GeS i64_ge_s u64 I64LeS I64LtS) [i64_ge_s_ss i64_ge_s_si i64_ge_s_as i64_ge_s_ai br_i64_ge_s_ss br_i64_ge_s_si br_i64_ge_s_as br_i64_ge_s_ai]
        (I64GeU i64_ge_u u64 I64LeU I64LtU) [i64_ge_u_ss i64_ge_u_si i64_ge_u_as i64_ge_u_ai br_i64_ge_u_ss br_i64_ge_u_si br_i64_ge_u_as br_i64_ge_u_ai]
    } };
    // Binary float operations. A = dst. ss: B, C; as: (acc), B; sa: B, (acc).
    (float_binary $m:ident $($x:tt)*) => { $m! { [$($x)*]
        (F32Add f32_add f32) [f32_add_ss f32_add_as f32_add_sa]
        (F32Sub f32_sub f32) [f32_sub_ss f32_sub_as f32_sub_sa]
        (F32Mul f32_mul f32) [f32_mul_ss f32_mul_as f32_mul_sa]
        (F32Div f32_div f32) [f32_div_ss f32_div_as f32_div_sa]
        (F32Min f32_min f32) [f32_min_ss f32_min_as f32_min_sa]
        (F32Max f32_max f32) [f32_max_ss f32_max_as f32_max_sa]
        (F32Copysign f32_copysign f32) [f32_copysign_ss f32_copysign_as f32_copysign_sa]
        (F64Add f64_add f64) [f64_add_ss f64_add_as f64_add_sa]
        (F64Sub f64_sub f64) [f64_sub_ss f64_sub_as f64_sub_sa]
        (F64Mul f64_mul f64) [f64_mul_ss f64_mul_as f64_mul_sa]
        (F64Div f64_div f64) [f64_div_ss f64_div_as f64_div_sa]
        (F64Min f64_min f64) [f64_min_ss f64_min_as f64_min_sa]
        (F64Max f64_max f64) [f64_max_ss f64_max_as f64_max_sa]
        (F64Copysign f64_copysign f64) [f64_copysign_ss f64_copysign_as f64_copysign_sa]
    } };
    // Float comparisons: values (integer result) and branches when true (br) or false (brn); offset in I.
    // ss: B, C; as: (acc), B. Branches: A, B; (acc), B. (wasm operator, semantics, type, mirrored comparison)
    (float_cmp $m:ident $($x:tt)*) => { $m! { [$($x)*]
        (F32Eq f32_eq f32 F32Eq) [f32_eq_ss f32_eq_as br_f32_eq_ss br_f32_eq_as brn_f32_eq_ss brn_f32_eq_as]
        (F32Ne f32_ne f32 F32Ne) [f32_ne_ss f32_ne_as br_f32_ne_ss br_f32_ne_as brn_f32_ne_ss brn_f32_ne_as]
        (F32Lt f32_lt f32 F32Gt) [f32_lt_ss f32_lt_as br_f32_lt_ss br_f32_lt_as brn_f32_lt_ss brn_f32_lt_as]
        (F32Gt f32_gt f32 F32Lt) [f32_gt_ss f32_gt_as br_f32_gt_ss br_f32_gt_as brn_f32_gt_ss brn_f32_gt_as]
        (F32Le f32_le f32 F32Ge) [f32_le_ss f32_le_as br_f32_le_ss br_f32_le_as brn_f32_le_ss brn_f32_le_as]
        (F32Ge f32_ge f32 F32Le) [f32_ge_ss f32_ge_as br_f32_ge_ss br_f32_ge_as brn_f32_ge_ss brn_f32_ge_as]
        (F64Eq f64_eq f64 F64Eq) [f64_eq_ss f64_eq_as br_f64_eq_ss br_f64_eq_as brn_f64_eq_ss brn_f64_eq_as]
        (F64Ne f64_ne f64 F64Ne) [f64_ne_ss f64_ne_as br_f64_ne_ss br_f64_ne_as brn_f64_ne_ss brn_f64_ne_as]
        (F64Lt f64_lt f64 F64Gt) [f64_lt_ss f64_lt_as br_f64_lt_ss br_f64_lt_as brn_f64_lt_ss brn_f64_lt_as]
        (F64Gt f64_gt f64 F64Lt) [f64_gt_ss f64_gt_as br_f64_gt_ss br_f64_gt_as brn_f64_gt_ss brn_f64_gt_as]
        (F64Le f64_le f64 F64Ge) [f64_le_ss f64_le_as br_f64_le_ss br_f64_le_as brn_f64_le_ss brn_f64_le_as]
        (F64Ge f64_ge f64 F64Le) [f64_ge_ss f64_ge_as br_f64_ge_ss br_f64_ge_as brn_f64_ge_ss brn_f64_ge_as]
    } };
    // One operand, A = dst. s: B; a: (acc). (wasm operator, semantics, operand type, result type)
    (unary $m:ident $($x:tt)*) => { $m! { [$($x)*]
        (I32Clz i32_clz u32 u32) [i32_clz_s i32_clz_a]
        (I32Ctz i32_ctz u32 u32) [i32_ctz_s i32_ctz_a]
        (I32Popcnt i32_popcnt u32 u32) [i32_popcnt_s i32_popcnt_a]
        (I32Extend8S i32_extend8_s u32 u32) [i32_extend8_s_s i32_extend8_s_a]
        (I32Extend16S i32_extend16_s u32 u32) [i32_extend16_s_s i32_extend16_s_a]
        (I64Clz i64_clz u64 u64) [i64_clz_s i64_clz_a]
        (I64Ctz i64_ctz u64 u64) [i64_ctz_s i64_ctz_a]
        (I64Popcnt i64_popcnt u64 u64) [i64_popcnt_s i64_popcnt_a]
        (I64Extend8S i64_extend8_s u64 u64) [i64_extend8_s_s i64_extend8_s_a]
        (I64Extend16S i64_extend16_s u64 u64) [i64_extend16_s_s i64_extend16_s_a]
        (I64Extend32S i64_extend32_s u64 u64) [i64_extend32_s_s i64_extend32_s_a]
        (I64ExtendI32S i64_extend_i32_s u32 u64) [i64_extend_i32_s_s i64_extend_i32_s_a]
        (I64ExtendI32U i64_extend_i32_u u32 u64) [i64_extend_i32_u_s i64_extend_i32_u_a]
        (F32Abs f32_abs f32 f32) [f32_abs_s f32_abs_a]
        (F32Neg f32_neg f32 f32) [f32_neg_s f32_neg_a]
        (F32Ceil f32_ceil f32 f32) [f32_ceil_s f32_ceil_a]
        (F32Floor f32_floor f32 f32) [f32_floor_s f32_floor_a]
        (F32Trunc f32_trunc f32 f32) [f32_trunc_s f32_trunc_a]
        (F32Nearest f32_nearest f32 f32) [f32_nearest_s f32_nearest_a]
        (F32Sqrt f32_sqrt f32 f32) [f32_sqrt_s f32_sqrt_a]
        (F64Abs f64_abs f64 f64) [f64_abs_s f64_abs_a]
        (F64Neg f64_neg f64 f64) [f64_neg_s f64_neg_a]
        (F64Ceil f64_ceil f64 f64) [f64_ceil_s f64_ceil_a]
        (F64Floor f64_floor f64 f64) [f64_floor_s f64_floor_a]
        (F64Trunc f64_trunc f64 f64) [f64_trunc_s f64_trunc_a]
        (F64Nearest f64_nearest f64 f64) [f64_nearest_s f64_nearest_a]
        (F64Sqrt f64_sqrt f64 f64) [f64_sqrt_s f64_sqrt_a]
        (F32DemoteF64 f32_demote_f64 f64 f32) [f32_demote_f64_s f32_demote_f64_a]
        (F64PromoteF32 f64_promote_f32 f32 f64) [f64_promote_f32_s f64_promote_f32_a]
        (F32ConvertI32S f32_convert_i32_s u32 f32) [f32_convert_i32_s_s f32_convert_i32_s_a]
        (F32ConvertI32U f32_convert_i32_u u32 f32) [f32_convert_i32_u_s f32_convert_i32_u_a]
        (F32ConvertI64S f32_convert_i64_s u64 f32) [f32_convert_i64_s_s f32_convert_i64_s_a]
        (F32ConvertI64U f32_convert_i64_u u64 f32) [f32_convert_i64_u_s f32_convert_i64_u_a]
        (F64ConvertI32S f64_convert_i32_s u32 f64) [f64_convert_i32_s_s f64_convert_i32_s_a]
        (F64ConvertI32U f64_convert_i32_u u32 f64) [f64_convert_i32_u_s f64_convert_i32_u_a]
        (F64ConvertI64S f64_convert_i64_s u64 f64) [f64_convert_i64_s_s f64_convert_i64_s_a]
        (F64ConvertI64U f64_convert_i64_u u64 f64) [f64_convert_i64_u_s f64_convert_i64_u_a]
        (I32TruncSatF32S i32_trunc_sat_f32_s f32 u32) [i32_trunc_sat_f32_s_s i32_trunc_sat_f32_s_a]
        (I32TruncSatF32U i32_trunc_sat_f32_u f32 u32) [i32_trunc_sat_f32_u_s i32_trunc_sat_f32_u_a]
        (I32TruncSatF64S i32_trunc_sat_f64_s f64 u32) [i32_trunc_sat_f64_s_s i32_trunc_sat_f64_s_a]
        (I32TruncSatF64U i32_trunc_sat_f64_u f64 u32) [i32_trunc_sat_f64_u_s i32_trunc_sat_f64_u_a]
        (I64TruncSatF32S i64_trunc_sat_f32_s f32 u64) [i64_trunc_sat_f32_s_s i64_trunc_sat_f32_s_a]
        (I64TruncSatF32U i64_trunc_sat_f32_u f32 u64) [i64_trunc_sat_f32_u_s i64_trunc_sat_f32_u_a]
        (I64TruncSatF64S i64_trunc_sat_f64_s f64 u64) [i64_trunc_sat_f64_s_s i64_trunc_sat_f64_s_a]
        (I64TruncSatF64U i64_trunc_sat_f64_u f64 u64) [i64_trunc_sat_f64_u_s i64_trunc_sat_f64_u_a]
    } };
    // Conversions that may trap. A = dst, B = operand.
    (trunc $m:ident $($x:tt)*) => { $m! { [$($x)*]
        (I32TruncF32S i32_trunc_f32_s f32 u32) [i32_trunc_f32_s_s]
        (I32TruncF32U i32_trunc_f32_u f32 u32) [i32_trunc_f32_u_s]
        (I32TruncF64S i32_trunc_f64_s f64 u32) [i32_trunc_f64_s_s]
        (I32TruncF64U i32_trunc_f64_u f64 u32) [i32_trunc_f64_u_s]
        (I64TruncF32S i64_trunc_f32_s f32 u64) [i64_trunc_f32_s_s]
        (I64TruncF32U i64_trunc_f32_u f32 u64) [i64_trunc_f32_u_s]
        (I64TruncF64S i64_trunc_f64_s f64 u64) [i64_trunc_f64_s_s]
        (I64TruncF64U i64_trunc_f64_u f64 u64) [i64_trunc_f64_u_s]
    } };
    // Loads. A = dst. s: address B, offset I (unsigned); a: address (acc), offset I; ss: address B + C, offset D; as: address
    // (acc) + B, offset I; si: address B + I, wrapping; ai: address (acc) + I; g: any memory: address B, memory C, and the
    // 64-bit offset in word 2.
    // (wasm operator, type in memory, type it extends to)
    (load $m:ident $($x:tt)*) => { $m! { [$($x)*]
        (I32Load u32 u32) [i32_load_s i32_load_a i32_load_ss i32_load_as i32_load_si i32_load_ai i32_load_g]
        (I32Load8S i8 i32) [i32_load8_s_s i32_load8_s_a i32_load8_s_ss i32_load8_s_as i32_load8_s_si i32_load8_s_ai i32_load8_s_g]
        (I32Load8U u8 u32) [i32_load8_u_s i32_load8_u_a i32_load8_u_ss i32_load8_u_as i32_load8_u_si i32_load8_u_ai i32_load8_u_g]
        (I32Load16S i16 i32) [i32_load16_s_s i32_load16_s_a i32_load16_s_ss i32_load16_s_as i32_load16_s_si i32_load16_s_ai i32_load16_s_g]
        (I32Load16U u16 u32) [i32_load16_u_s i32_load16_u_a i32_load16_u_ss i32_load16_u_as i32_load16_u_si i32_load16_u_ai i32_load16_u_g]
        (I64Load u64 u64) [i64_load_s i64_load_a i64_load_ss i64_load_as i64_load_si i64_load_ai i64_load_g]
        (I64Load8S i8 i64) [i64_load8_s_s i64_load8_s_a i64_load8_s_ss i64_load8_s_as i64_load8_s_si i64_load8_s_ai i64_load8_s_g]
        (I64Load8U u8 u64) [i64_load8_u_s i64_load8_u_a i64_load8_u_ss i64_load8_u_as i64_load8_u_si i64_load8_u_ai i64_load8_u_g]
        (I64Load16S i16 i64) [i64_load16_s_s i64_load16_s_a i64_load16_s_ss i64_load16_s_as i64_load16_s_si i64_load16_s_ai i64_load16_s_g]
        (I64Load16U u16 u64) [i64_load16_u_s i64_load16_u_a i64_load16_u_ss i64_load16_u_as i64_load16_u_si i64_load16_u_ai i64_load16_u_g]
        (I64Load32S i32 i64) [i64_load32_s_s i64_load32_s_a i64_load32_s_ss i64_load32_s_as i64_load32_s_si i64_load32_s_ai i64_load32_s_g]
        (I64Load32U u32 u64) [i64_load32_u_s i64_load32_u_a i64_load32_u_ss i64_load32_u_as i64_load32_u_si i64_load32_u_ai i64_load32_u_g]
        (F32Load f32 f32) [f32_load_s f32_load_a f32_load_ss f32_load_as f32_load_si f32_load_ai f32_load_g]
        (F64Load f64 f64) [f64_load_s f64_load_a f64_load_ss f64_load_as f64_load_si f64_load_ai f64_load_g]
    } };
    // Stores by width. ss: address A, value B, offset I; as: address (acc), value B; sa: address A, value (acc);
    // si: address A, value B as a signed 16-bit immediate; sum: address A + B, value C, offset D; far: address A + I,
    // wrapping, value B; g: address A, value B,
    // memory C, offset in word 2. (width)
    (store $m:ident $($x:tt)*) => { $m! { [$($x)*]
        (u8) [store8_ss store8_as store8_sa store8_si store8_sum store8_far store8_g]
        (u16) [store16_ss store16_as store16_sa store16_si store16_sum store16_far store16_g]
        (u32) [store32_ss store32_as store32_sa store32_si store32_sum store32_far store32_g]
        (u64) [store64_ss store64_as store64_sa store64_si store64_sum store64_far store64_g]
    } };
    // Stores of the float accumulator. Address A, offset I.
    (store_float $m:ident $($x:tt)*) => { $m! { [$($x)*]
        (f32) [f32_store_sa]
        (f64) [f64_store_sa]
    } };
    // Everything with an encoding of its own, which the handler documents.
    (misc $m:ident $($x:tt)*) => { $m! { [$($x)*]
        () [
            // moves
            copy copy2 copy128 copy_far copy_far128 const_i const64 const128
            // control
            br br_table br_table_a trap check fuel fuel_sized f32_canon f64_canon f32x4_canon f64x2_canon select select_a select128 enter enter0 enter_large
            // calls and returns
            translate exit boundary call call_import call_indirect call_ref
            return_call return_call_import return_call_indirect return_call_ref
            return0 return1 return_n
            // exceptions
            throw throw_ref
            // globals: A = slot, I = index; `own` counts the module's own globals only
            global_get_own global_get global_get_own128 global_get128
            global_set_own global_set_own_a global_set global_set_own128 global_set128
            // references
            ref_func ref_as_non_null
            // memories and tables in bulk
            memory_size memory_grow memory_fill memory_copy memory_init data_drop
            table_get table_set table_size table_grow table_fill table_copy table_init elem_drop
        ]
    } };
    // Sums, differences and products of 128 bits (wide arithmetic proposal). A = dst and the slot after it, low half
    // first. wide2: B, C; wide4: B, C, D, the slot in word 2. (wasm operator, semantics)
    (int_wide2 $m:ident $($x:tt)*) => { $m! { [$($x)*]
        (I64MulWideS i64_mul_wide_s) [i64_mul_wide_s]
        (I64MulWideU i64_mul_wide_u) [i64_mul_wide_u]
    } };
    (int_wide4 $m:ident $($x:tt)*) => { $m! { [$($x)*]
        (I64Add128 i64_add128) [i64_add128]
        (I64Sub128 i64_sub128) [i64_sub128]
    } };
    // Atomics.
    (atomic_load $($x:tt)*) => { $crate::code::op_atomic::atomic_rows! { atomic_load $($x)* } };
    (atomic_store $($x:tt)*) => { $crate::code::op_atomic::atomic_rows! { atomic_store $($x)* } };
    (atomic_rmw $($x:tt)*) => { $crate::code::op_atomic::atomic_rows! { atomic_rmw $($x)* } };
    (atomic_cmpxchg $($x:tt)*) => { $crate::code::op_atomic::atomic_rows! { atomic_cmpxchg $($x)* } };
    (atomic_wait $($x:tt)*) => { $crate::code::op_atomic::atomic_rows! { atomic_wait $($x)* } };
    (atomic_misc $($x:tt)*) => { $crate::code::op_atomic::atomic_rows! { atomic_misc $($x)* } };
    // Objects.
    (gc_get $($x:tt)*) => { $crate::code::op_gc::gc_rows! { gc_get $($x)* } };
    (gc_set $($x:tt)*) => { $crate::code::op_gc::gc_rows! { gc_set $($x)* } };
    (gc_misc $($x:tt)*) => { $crate::code::op_gc::gc_rows! { gc_misc $($x)* } };
    // Pairs.
    (fused $($x:tt)*) => { $crate::code::op_fused::fused_rows! { fused $($x)* } };
    // Vectors.
    ($class:ident $($x:tt)*) => { $crate::code::op_simd::simd_rows! { $class $($x)* } };
}
pub(crate) use op_rows;

/// Expands `$m! { name, name, ... }` with all ops of the table, in the order of [`Op`].
macro_rules! all_ops {
    ($m:ident) => {
        $crate::code::op::op_rows! { int_binary all_ops_step {$m} {
            int_sub int_div int_cmp float_binary float_cmp unary trunc load store store_float misc
            int_wide2 int_wide4 atomic_load atomic_store atomic_rmw atomic_cmpxchg atomic_wait atomic_misc
            gc_get gc_set gc_misc fused
            v128_unary v128_binary v128_swizzle v128_ternary v128_fused v128_shift v128_test v128_splat v128_extract v128_replace
            v128_load v128_load_lane v128_store_lane v128_misc
        } {} }
    };
}
pub(crate) use all_ops;

/// One step of [`all_ops`]: takes the names out of a class and goes on to the next.
macro_rules! all_ops_step {
    ([{$m:ident} {$next:ident $($more:ident)*} {$($acc:ident)*}] $( ($($meta:tt)*) [$($name:ident)*] )*) => {
        $crate::code::op::op_rows! { $next all_ops_step {$m} {$($more)*} {$($acc)* $($($name)*)*} }
    };
    ([{$m:ident} {} {$($acc:ident)*}] $( ($($meta:tt)*) [$($name:ident)*] )*) => {
        $m! { $($acc,)* $($($name,)*)* }
    };
}
pub(crate) use all_ops_step;

macro_rules! define_op {
    ($($name:ident,)*) => {
        /// A register-code operation in one of its forms.
        #[allow(non_camel_case_types)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u16)]
        pub enum Op { $($name,)* }

        impl Op {
            /// How many there are.
            pub const COUNT: usize = [$(Op::$name),*].len();
            /// By number.
            pub const ALL: [Op; Op::COUNT] = [$(Op::$name),*];

            pub const fn name(self) -> &'static str {
                match self { $(Op::$name => stringify!($name),)* }
            }
        }
    };
}
all_ops! { define_op }
