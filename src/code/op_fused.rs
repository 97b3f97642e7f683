//! Pairs of instructions that run as one: the second is known when the first begins, so one dispatch is saved.
//!
//! A pair is laid out as its two instructions are; only the handler word of the first names the pair's handler. So the second
//! can still be jumped to, traps and backtraces find each where it is, and fusing changes nothing else in the code.
//!
//! The rows are those that saved most over the guest programs of `tests/guests`, each program counting alike, chosen one after
//! the other by what the next would save; together they run a fifth fewer dispatches. The vector instructions are not among
//! them because their handlers exist twice.

#![forbid(unsafe_code)]

/// As `op_rows`: (first second) [handler of both].
macro_rules! fused_rows {
    (fused $m:ident $($x:tt)*) => { $m! { [$($x)*]
        (br_i32_eq_si br_i32_ne_si) [br_i32_eq_si_then_br_i32_ne_si]
        (const64 i64_and_ss) [const64_then_i64_and_ss]
        (const64 i64_mul_as) [const64_then_i64_mul_as]
        (const_i const_i) [const_i_then_const_i]
        (const_i i64_load_s) [const_i_then_i64_load_s]
        (const_i store32_sa) [const_i_then_store32_sa]
        (const_i store64_sa) [const_i_then_store64_sa]
        (copy br) [copy_then_br]
        (copy call) [copy_then_call]
        (copy copy) [copy_then_copy]
        (copy2 call) [copy2_then_call]
        (f32_add_sa f32_mul_as) [f32_add_sa_then_f32_mul_as]
        (f32_add_sa f32_store_sa) [f32_add_sa_then_f32_store_sa]
        (f32_load_ai f32_sub_as) [f32_load_ai_then_f32_sub_as]
        (f64_convert_i32_u_a f64_div_sa) [f64_convert_i32_u_a_then_f64_div_sa]
        (f64_load_ai f64_add_sa) [f64_load_ai_then_f64_add_sa]
        (f64_load_s f64_load_s) [f64_load_s_then_f64_load_s]
        (f64_load_si f64_load_ai) [f64_load_si_then_f64_load_ai]
        (f64_mul_as f64_add_sa) [f64_mul_as_then_f64_add_sa]
        (f64_mul_as f64_store_sa) [f64_mul_as_then_f64_store_sa]
        (f64_mul_sa f64_add_sa) [f64_mul_sa_then_f64_add_sa]
        (f64_mul_sa f64_sub_sa) [f64_mul_sa_then_f64_sub_sa]
        (f64_mul_ss f64_mul_ss) [f64_mul_ss_then_f64_mul_ss]
        (f64_store_sa i32_add_si) [f64_store_sa_then_i32_add_si]
        (global_set_own_a return1) [global_set_own_a_then_return1]
        (i32_add_ai br_table_a) [i32_add_ai_then_br_table_a]
        (i32_add_ai global_set_own_a) [i32_add_ai_then_global_set_own_a]
        (i32_add_si br) [i32_add_si_then_br]
        (i32_add_si br_i32_ne_ai) [i32_add_si_then_br_i32_ne_ai]
        (i32_add_si br_i32_ne_as) [i32_add_si_then_br_i32_ne_as]
        (i32_add_si br_i32_ne_si) [i32_add_si_then_br_i32_ne_si]
        (i32_add_si br_table_a) [i32_add_si_then_br_table_a]
        (i32_add_si call) [i32_add_si_then_call]
        (i32_add_si const_i) [i32_add_si_then_const_i]
        (i32_add_si copy) [i32_add_si_then_copy]
        (i32_add_si i32_add_as) [i32_add_si_then_i32_add_as]
        (i32_add_si i32_add_si) [i32_add_si_then_i32_add_si]
        (i32_add_si i32_add_ss) [i32_add_si_then_i32_add_ss]
        (i32_add_si i32_and_ai) [i32_add_si_then_i32_and_ai]
        (i32_add_si i32_load8_u_a) [i32_add_si_then_i32_load8_u_a]
        (i32_add_si i32_load_s) [i32_add_si_then_i32_load_s]
        (i32_add_si i32_xor_ss) [i32_add_si_then_i32_xor_ss]
        (i32_add_si i64_shr_u_si) [i32_add_si_then_i64_shr_u_si]
        (i32_add_si return1) [i32_add_si_then_return1]
        (i32_add_si store32_sa) [i32_add_si_then_store32_sa]
        (i32_add_ss f64_load_a) [i32_add_ss_then_f64_load_a]
        (i32_add_ss i32_add_ai) [i32_add_ss_then_i32_add_ai]
        (i32_add_ss i32_add_si) [i32_add_ss_then_i32_add_si]
        (i32_add_ss i32_add_ss) [i32_add_ss_then_i32_add_ss]
        (i32_and_si i32_load8_u_a) [i32_and_si_then_i32_load8_u_a]
        (i32_div_u_si i32_mul_ai) [i32_div_u_si_then_i32_mul_ai]
        (i32_gt_u_as select_a) [i32_gt_u_as_then_select_a]
        (i32_load8_s_si br_i32_eq_as) [i32_load8_s_si_then_br_i32_eq_as]
        (i32_load8_u_a br_i32_ne_ai) [i32_load8_u_a_then_br_i32_ne_ai]
        (i32_load8_u_s br_i32_eq_ai) [i32_load8_u_s_then_br_i32_eq_ai]
        (i32_load8_u_s br_i32_ne_ai) [i32_load8_u_s_then_br_i32_ne_ai]
        (i32_load8_u_s br_i32_ne_as) [i32_load8_u_s_then_br_i32_ne_as]
        (i32_load8_u_s i32_and_si) [i32_load8_u_s_then_i32_and_si]
        (i32_load8_u_s i32_load8_u_s) [i32_load8_u_s_then_i32_load8_u_s]
        (i32_load8_u_si br_i32_ne_ai) [i32_load8_u_si_then_br_i32_ne_ai]
        (i32_load8_u_ss i32_add_as) [i32_load8_u_ss_then_i32_add_as]
        (i32_load_s br_i32_eq_ai) [i32_load_s_then_br_i32_eq_ai]
        (i32_load_s br_i32_ne_ai) [i32_load_s_then_br_i32_ne_ai]
        (i32_load_s br_i32_ne_as) [i32_load_s_then_br_i32_ne_as]
        (i32_load_s i32_add_ai) [i32_load_s_then_i32_add_ai]
        (i32_load_s i32_add_as) [i32_load_s_then_i32_add_as]
        (i32_mul_as i32_add_as) [i32_mul_as_then_i32_add_as]
        (i32_shl_ai i32_add_as) [i32_shl_ai_then_i32_add_as]
        (i32_shl_ai i32_load_a) [i32_shl_ai_then_i32_load_a]
        (i32_shl_ai i32_load_ai) [i32_shl_ai_then_i32_load_ai]
        (i32_shl_si i32_add_ai) [i32_shl_si_then_i32_add_ai]
        (i32_shl_si i64_load_a) [i32_shl_si_then_i64_load_a]
        (i32_shr_u_ai i32_and_ai) [i32_shr_u_ai_then_i32_and_ai]
        (i32_shr_u_si i32_and_ai) [i32_shr_u_si_then_i32_and_ai]
        (i32_xor_as i32_rotl_ai) [i32_xor_as_then_i32_rotl_ai]
        (i32_xor_as i32_xor_as) [i32_xor_as_then_i32_xor_as]
        (i32_xor_as store8_sa) [i32_xor_as_then_store8_sa]
        (i64_add_si br) [i64_add_si_then_br]
        (i64_mul_ss i64_add_as) [i64_mul_ss_then_i64_add_as]
        (i64_shl_ai i64_xor_as) [i64_shl_ai_then_i64_xor_as]
        (i64_shl_si i64_xor_as) [i64_shl_si_then_i64_xor_as]
        (i64_shr_u_ai i64_xor_as) [i64_shr_u_ai_then_i64_xor_as]
        (i64_xor_as i64_mul_as) [i64_xor_as_then_i64_mul_as]
        (i64_xor_as i64_rotl_ai) [i64_xor_as_then_i64_rotl_ai]
        (i64_xor_as i64_xor_as) [i64_xor_as_then_i64_xor_as]
        (store64_sa i32_add_si) [store64_sa_then_i32_add_si]
        (store64_sa i32_load8_u_s) [store64_sa_then_i32_load8_u_s]
        (store64_sa i64_load_s) [store64_sa_then_i64_load_s]
        (store8_far i32_add_ss) [store8_far_then_i32_add_ss]
        (store8_sa i32_add_si) [store8_sa_then_i32_add_si]
        (store8_sa store8_ss) [store8_sa_then_store8_ss]
    } };
}
pub(crate) use fused_rows;

use super::op::Op;

macro_rules! lookup {
    ([] $( ($first:ident $second:ident) [$both:ident] )*) => {
        /// The op that runs `first` and then `second`, if there is one.
        pub fn fused(first: Op, second: Op) -> Option<Op> {
            match (first, second) {
                $( (Op::$first, Op::$second) => Some(Op::$both), )*
                _ => None,
            }
        }

        /// All pairs, with the op that runs both.
        pub const PAIRS: &[(Op, Op, Op)] = &[$( (Op::$first, Op::$second, Op::$both), )*];
    };
}
fused_rows!(fused lookup);

#[cfg(test)]
mod tests {
    use super::*;

    /// A branch may take back a comparison of floats together with its negation, when the comparison has been settled.
    #[test]
    fn no_pair_ends_in_a_comparison_of_floats() {
        for (_, second, both) in PAIRS {
            let name = second.name();
            let compares = ["_eq_", "_ne_", "_lt_", "_gt_", "_le_", "_ge_"].iter().any(|c| name.contains(c));
            assert!(!(name.starts_with('f') && compares), "{}", both.name());
        }
    }
}
