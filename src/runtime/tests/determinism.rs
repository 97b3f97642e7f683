//! Deterministic engines: every kind of instruction that may leave a NaN's bits open gives the canonical one.

use super::*;

const F32: u32 = 0x7fc0_0000;
const F64: u64 = 0x7ff8_0000_0000_0000;

fn deterministic() -> Store {
    Store::new(&Engine::new(Config { deterministic: true, ..config() })).unwrap()
}

/// Runs a body without parameters.
#[track_caller]
fn run(body: &str, ty: &str) -> Val {
    let i = instance(&deterministic(), &format!("(module (func (export \"f\") (result {ty}) {body}))"));
    call(&i, "f", &[]).unwrap()
}

#[test]
fn scalars_give_canonical_nans() {
    in_every_tier(|| {
        for nan in ["nan:0x200001", "-nan:0x300000", "nan:0x400001"] {
            let v = format!("(f32.const {nan})");
            let d = format!("(f64.const {})", if nan.starts_with('-') { "-nan:0x8000000000001" } else { "nan:0x1" });
            for op in ["add", "sub", "mul", "div", "min", "max"] {
                for (a, b) in [("1", ""), ("", "1"), ("", "")] {
                    let f = |s: &str| if s.is_empty() { v.clone() } else { "(f32.const 1)".into() };
                    let g = |s: &str| if s.is_empty() { d.clone() } else { "(f64.const 1)".into() };
                    assert_eq!(run(&format!("(f32.{op} {} {})", f(a), f(b)), "f32"), Val::F32(F32), "f32.{op}");
                    assert_eq!(run(&format!("(f64.{op} {} {})", g(a), g(b)), "f64"), Val::F64(F64), "f64.{op}");
                }
            }
            for op in ["ceil", "floor", "trunc", "nearest", "sqrt"] {
                assert_eq!(run(&format!("(f32.{op} {v})"), "f32"), Val::F32(F32), "f32.{op}");
                assert_eq!(run(&format!("(f64.{op} {d})"), "f64"), Val::F64(F64), "f64.{op}");
            }
            assert_eq!(run(&format!("(f32.demote_f64 {d})"), "f32"), Val::F32(F32));
            assert_eq!(run(&format!("(f64.promote_f32 {v})"), "f64"), Val::F64(F64));
        }
        assert_eq!(run("(f64.div (f64.const 0) (f64.const 0))", "f64"), Val::F64(F64), "made, not passed on");
        assert_eq!(run("(f32.sqrt (f32.const -1))", "f32"), Val::F32(F32));
        assert_eq!(run("(f64.sub (f64.const inf) (f64.const inf))", "f64"), Val::F64(F64));
        // In a local, in a chain, through the accumulator.
        let chain = "(local f64) (local.set 0 (f64.div (f64.const 0) (f64.const 0))) \
            (local.set 0 (f64.mul (local.get 0) (f64.const -1))) (f64.add (f64.neg (local.get 0)) (local.get 0))";
        assert_eq!(run(chain, "f64"), Val::F64(F64));
        // Operations on bits keep them, and numbers stay what they are.
        assert_eq!(run("(f32.neg (f32.const nan:0x200001))", "f32"), Val::F32(0xffa0_0001));
        assert_eq!(run("(f32.copysign (f32.const nan:0x200001) (f32.const -1))", "f32"), Val::F32(0xffa0_0001));
        assert_eq!(run("(f64.add (f64.const 1.5) (f64.const 2))", "f64"), Val::F64(3.5f64.to_bits()));
        assert_eq!(run("(f64.min (f64.const -inf) (f64.const 0))", "f64"), Val::F64(f64::NEG_INFINITY.to_bits()));
        assert_eq!(run("(f32.mul (f32.const -0) (f32.const 1))", "f32"), Val::F32(0x8000_0000));
    });
}

#[test]
fn vectors_give_canonical_nans() {
    in_every_tier(|| {
        let f32s = "(v128.const f32x4 nan:0x200001 1 -nan:0x300000 -1)";
        let f64s = "(v128.const f64x2 -nan:0x8000000000001 4)";
        let lanes = |v: Val| match v {
            Val::I64(v) => v as u64,
            other => panic!("{other:?}"),
        };
        let lane = |body: &str, n: u32| lanes(run(&format!("(i64x2.extract_lane {n} {body})"), "i64"));
        for op in ["add", "sub", "mul", "div", "min", "max", "relaxed_min", "relaxed_max"] {
            let body = format!("(f32x4.{op} {f32s} (v128.const f32x4 1 2 3 4))");
            assert_eq!(lane(&body, 0) as u32, F32, "f32x4.{op}");
            assert_eq!(lane(&body, 1) as u32, F32, "f32x4.{op}");
            assert_eq!(lane(&format!("(f64x2.{op} {f64s} (v128.const f64x2 1 2))"), 0), F64, "f64x2.{op}");
        }
        for op in ["ceil", "floor", "trunc", "nearest", "sqrt"] {
            let body = format!("(f32x4.{op} {f32s})");
            assert_eq!(
                (lane(&body, 0), lane(&body, 1) as u32),
                (0x3f80_0000_0000_0000 | F32 as u64, F32),
                "f32x4.{op}"
            );
            assert_eq!(lane(&format!("(f64x2.{op} {f64s})"), 0), F64, "f64x2.{op}");
            let number = if op == "sqrt" { 2f64 } else { 4f64 };
            assert_eq!(lane(&format!("(f64x2.{op} {f64s})"), 1), number.to_bits());
        }
        for op in ["relaxed_madd", "relaxed_nmadd"] {
            assert_eq!(lane(&format!("(f32x4.{op} {f32s} {f32s} {f32s})"), 0) as u32, F32, "f32x4.{op}");
            assert_eq!(lane(&format!("(f64x2.{op} {f64s} {f64s} {f64s})"), 0), F64, "f64x2.{op}");
        }
        assert_eq!(lane(&format!("(f32x4.demote_f64x2_zero {f64s})"), 0) as u32, F32);
        assert_eq!(lane(&format!("(f64x2.promote_low_f32x4 {f32s})"), 0), F64);
        // What only chooses or moves bits keeps them.
        assert_eq!(lane(&format!("(f32x4.neg {f32s})"), 0) as u32, 0xffa0_0001);
    });
}

#[test]
fn other_engines_have_no_such_instructions() {
    in_every_tier(|| {
        let text = "(module (func (result f64) (f64.add (f64.const 1) (f64.const 2))))";
        assert!(!module(&store(), text).code().listing(0).contains("canon"));
        assert_eq!(module(&deterministic(), text).code().listing(0).matches("canon").count(), 1);
    });
}
