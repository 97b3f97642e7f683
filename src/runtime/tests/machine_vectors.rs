//! Vectors in machine code, with AVX and without, against the interpreter: as arguments, results and locals, across calls of
//! every kind, under register pressure, and shuffled in every way that has an instruction of its own.

use super::machine::{interpreted, stats};
use super::*;
use crate::sys::cpu::Level;
use crate::util::V128;

/// The interpreter, and machine code for new, old and the oldest processors.
const WAYS: [(bool, Level); 4] = [(false, Level::V3), (true, Level::V3), (true, Level::V2), (true, Level::V1)];

fn way(compile: bool, cpu: Level) -> Store {
    let tier = if compile { Tier::Eager } else { Tier::Interpreter };
    Store::new(&Engine::new(Config { tier, cpu, ..Config::default() })).unwrap()
}

/// Calls an export with no argument that gives a vector, in every way. `left`: functions that stay interpreted.
fn agree(text: &str, left: usize) -> V128 {
    let results = WAYS.map(|(compile, cpu)| {
        let s = way(compile, cpu);
        let i = instance(&s, text);
        if compile {
            assert_eq!(stats(&i).uncovered.len(), left, "{:?}", stats(&i));
        }
        match call(&i, "f", &[]) {
            Ok(Val::V128(v)) => v,
            other => panic!("{other:?}"),
        }
    });
    results.iter().for_each(|r| assert_eq!(*r, results[0]));
    results[0]
}

fn vector(n: u32) -> String {
    let lanes: Vec<String> =
        (0..4).map(|i| (n.wrapping_mul(0x9e37_79b9).wrapping_add(i * 0x1234_5677)).to_string()).collect();
    format!("(v128.const i32x4 {})", lanes.join(" "))
}

#[test]
fn vectors_pass_through_calls_of_every_kind() {
    // Eleven vectors, more than there are registers for them, between scalars; five as results.
    let params = "v128 i32 v128 f64 v128 v128 i64 v128 v128 v128 f32 v128 v128 i64 v128 v128 v128 i32 i32 i32 i32 i32";
    let many = format!("(param {params}) (result v128 i32 v128 v128 f64 v128 v128 v128 i64)");
    let body = "(i32x4.add (local.get 0) (local.get 16)) (i32.add (local.get 1) (local.get 21)) (v128.xor (local.get 2) (local.get 15))
        (i32x4.mul (local.get 14) (local.get 12)) (f64.add (local.get 3) (f64.promote_f32 (local.get 10)))
        (i8x16.sub (local.get 11) (local.get 4)) (v128.or (local.get 5) (local.get 7)) (i16x8.add (local.get 8) (local.get 9))
        (i64.add (local.get 6) (local.get 13))";
    let args = params
        .split(' ')
        .enumerate()
        .map(|(n, ty)| if ty == "v128" { vector(n as u32) } else { format!("({ty}.const {n})") })
        .collect::<Vec<_>>()
        .join(" ");
    let fold = "(local.set $i64) (i16x8.add) (i16x8.sub) (local.set $a) (local.set $f64) (v128.xor) (local.set $b) (local.set $i32)
        (i64x2.add (local.get $a) (local.get $b)) (i64x2.splat (local.get $i64)) (i64x2.add) (i64x2.add)
        (f64x2.splat (local.get $f64)) (v128.xor) (i32x4.splat (local.get $i32)) (i32x4.add)";
    let locals = "(local $a v128) (local $b v128) (local $i64 i64) (local $i32 i32) (local $f64 f64)";
    let get_all: String = (0..22).map(|n| format!("(local.get {n})")).collect();
    let module = |call: &str| {
        format!(
            "(module (type $many (func {many})) (table funcref (elem $plain $deep))
                (func $plain (type $many) {body})
                (func $deep (type $many) {} (call $plain {get_all}))
                (func $back (type $many) (call $deep {get_all}))
                (func $tail (type $many) (call_indirect (type $many) {get_all} (i32.const 1)))
                (func (export \"f\") (result v128) {locals} {args} {call} {fold}))",
            interpreted(),
        )
    };
    let first = agree(&module("(call $plain)"), 1);
    assert_ne!(first, V128::ZERO);
    for call in [
        "(call $deep)",
        "(call $back)",
        "(call $tail)",
        "(i32.const 0) (call_indirect (type $many))",
        "(ref.func $back) (call_ref $many)",
    ] {
        let text = module(call).replace("(table", "(elem declare func $back) (table");
        assert_eq!(agree(&text, 1), first, "{call}");
    }
}

#[test]
fn vectors_go_to_the_host_and_back() {
    let text = "(module (import \"h\" \"f\" (func $h (param v128 i32 v128) (result v128 v128)))
        (global $g (mut v128) (v128.const i64x2 7 8)) (global $k v128 (v128.const i64x2 100 200))
        (func (export \"f\") (result v128)
          (call $h (global.get $g) (i32.const 3) (global.get $k)) (global.set $g) (global.get $g) (i64x2.sub)))";
    for (compile, cpu) in WAYS {
        let s = way(compile, cpu);
        let ty = func_type(&[ValType::V128, ValType::I32, ValType::V128], &[ValType::V128, ValType::V128]);
        let host = Func::new(&s, &ty, |_, args, results| {
            let (Val::V128(a), Val::V128(b)) = (&args[0], &args[2]) else { panic!("{args:?}") };
            assert_eq!((a.to_slots(), args[1].as_i32(), b.to_slots()), ([7, 8], Some(3), [100, 200]));
            results[0] = Val::V128(V128::from_slots([1000, 2000]));
            results[1] = Val::V128(V128::from_slots([10, 20]));
            Ok(())
        });
        let i = instantiate(&s, text, &[host.into()]).unwrap();
        assert_eq!(call(&i, "f", &[]).unwrap(), Val::V128(V128::from_slots([990, 1980])));
    }
}

/// More vectors and floats alive than there are registers, across a loop with a call in it, a `select` and blocks with parameters.
#[test]
fn vectors_survive_pressure() {
    const N: u32 = 40;
    let locals: String = (0..N).map(|n| format!("(local $v{n} v128) (local $d{n} f64)")).collect();
    let start: String =
        (0..N).map(|n| format!("(local.set $v{n} {}) (local.set $d{n} (f64.const {n}.5))", vector(n))).collect();
    let step: String = (0..N)
        .map(|n| {
            let next = (n * 7 + 3) % N;
            format!(
                "(local.set $v{n} (i32x4.add (local.get $v{n}) (v128.xor (local.get $v{next}) (f64x2.splat (local.get $d{next})))))
                 (local.set $d{n} (f64.add (local.get $d{n}) (f64x2.extract_lane 1 (f64x2.convert_low_i32x4_u (local.get $v{n})))))"
            )
        })
        .collect();
    let sum: String =
        (1..N).map(|n| format!("(v128.xor (i64x2.add (local.get $v{n}) (f64x2.splat (local.get $d{n}))))")).collect();
    let text = format!(
        "(module
            (func $mix (param v128 f64) (result v128 f64) (i16x8.add (local.get 0) (v128.const i16x8 1 2 3 4 5 6 7 8)) (f64.sqrt (local.get 1)))
            (func (export \"f\") (result v128) {locals} (local $i i32) {start}
              (loop $again
                {step}
                (call $mix (local.get $v5) (local.get $d6)) (local.set $d6) (local.set $v5)
                (local.set $v9 (select (local.get $v9) (local.get $v10) (i32.and (local.get $i) (i32.const 1))))
                (local.set $v11 (select (result v128) (local.get $v12) (local.get $v11) (v128.any_true (local.get $v13))))
                (block $out (param) (result v128 v128)
                  (local.get $v20) (local.get $v21) (br_if $out (i32x4.all_true (local.get $v22)))
                  (drop) (drop) (local.get $v23) (local.get $v24))
                (local.set $v20) (local.set $v21)
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br_if $again (i32.lt_u (local.get $i) (i32.const 57))))
              (local.get $v0) {sum}))"
    );
    agree(&text, 0);
}

/// Every way to move bytes that has an instruction, its neighbours with one byte wrong, and random ones.
#[test]
fn shuffles_of_every_pattern() {
    let mut all: Vec<[u8; 16]> = Vec::new();
    for n in 0..32u8 {
        // Shifts over both vectors, rotations, splats, reversals.
        all.push(std::array::from_fn(|i| (n + i as u8) % 32));
        all.push(std::array::from_fn(|i| (n + i as u8) % 16 + n / 16 * 16));
        all.push([n; 16]);
        all.push(std::array::from_fn(|i| n ^ i as u8));
    }
    for width in [1u8, 2, 4, 8] {
        for from in [0u8, 8, 16, 24] {
            // Interleaving, and taking every second.
            all.push(std::array::from_fn(|i| {
                let (lane, byte) = (i as u8 / width, i as u8 % width);
                (from + lane / 2 * width + byte + lane % 2 * 16) % 32
            }));
            all.push(std::array::from_fn(|i| {
                let (lane, byte) = (i as u8 / width, i as u8 % width);
                (from + lane * 2 * width + byte) % 32
            }));
        }
        for bits in 0..=255u32 {
            // Blends, and permutations of wider lanes.
            all.push(std::array::from_fn(|i| i as u8 + (bits >> (i as u8 / width % 8) & 1) as u8 * 16));
            all.push(std::array::from_fn(|i| {
                let lanes = 16 / width;
                let pick = (bits as u8).wrapping_mul(i as u8 / width * 5 + 1) >> 2;
                pick % (2 * lanes) * width + i as u8 % width
            }));
        }
    }
    let mut random = 0x1234_5678_9abc_def1u64;
    let mut next = || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random
    };
    for n in 0..all.len() {
        let mut wrong = all[n];
        wrong[next() as usize % 16] = (next() % 32) as u8;
        all.push(wrong);
    }
    all.extend((0..300).map(|_| std::array::from_fn(|_| (next() % 32) as u8)));
    all.sort_unstable();
    all.dedup();
    let (a, b) = (V128(std::array::from_fn(|i| 0x80 + i as u8 * 7)), V128(std::array::from_fn(|i| 0x11 + i as u8 * 5)));
    let zero = V128::ZERO;
    for chunk in all.chunks(200) {
        let mut functions = String::new();
        let lanes = |v: V128| v.0.map(|b| b.to_string()).join(" ");
        for (n, picks) in chunk.iter().enumerate() {
            let picks = picks.map(|p| p.to_string()).join(" ");
            for (name, x, y) in [
                ("ab", "(local.get 0)", "(local.get 1)"),
                ("aa", "(local.get 0)", "(local.get 0)"),
                ("az", "(local.get 0)", "(v128.const i64x2 0 0)"),
                ("zb", "(v128.const i64x2 0 0)", "(local.get 1)"),
            ] {
                functions += &format!(
                    "(func (export \"{name}{n}\") (param v128 v128) (result v128) (i8x16.shuffle {picks} {x} {y}))"
                );
            }
            functions += &format!(
                "(func (export \"swizzle{n}\") (param v128 v128) (result v128) (i8x16.swizzle (local.get 0) (v128.const i8x16 {picks})))"
            );
        }
        let text = format!("(module {functions})");
        for cpu in [Level::V3, Level::V2, Level::V1] {
            let s = way(true, cpu);
            let i = instance(&s, &text);
            for (n, picks) in chunk.iter().enumerate() {
                use crate::sem::simd_lane::{i8x16_shuffle, i8x16_swizzle};
                for (name, want) in [
                    ("ab", i8x16_shuffle(a, b, *picks)),
                    ("aa", i8x16_shuffle(a, a, *picks)),
                    ("az", i8x16_shuffle(a, zero, *picks)),
                    ("zb", i8x16_shuffle(zero, b, *picks)),
                    ("swizzle", i8x16_swizzle(a, V128(*picks))),
                ] {
                    let got = call(&i, &format!("{name}{n}"), &[Val::V128(a), Val::V128(b)]).unwrap();
                    assert_eq!(
                        got,
                        Val::V128(want),
                        "{name} {} of {} {}",
                        picks.map(|p| p.to_string()).join(" "),
                        lanes(a),
                        lanes(b)
                    );
                }
            }
        }
    }
}

/// Loads and stores of lanes, splats and extensions, as parts of other instructions and alone, up to the last byte of memory.
#[test]
fn accesses_of_lanes_join() {
    let text = "(module (memory 1) (data (i32.const 65500) \"abcdefghijklmnopqrstuvwxyz0123456789\")
        (func (export \"f\") (result v128) (local v128) (local $p i32) (local $q i32)
          (local.set $p (i32.const 65520)) (local.set $q (i32.const 65528))
          (local.set 0 (i16x8.add (v128.load8x8_s (local.get $q)) (v128.load8x8_u offset=8 (local.get $p))))
          (local.set 0 (i32x4.add (local.get 0) (v128.load16x4_s (local.get $q))))
          (local.set 0 (i64x2.sub (local.get 0) (v128.load32x2_u (local.get $q))))
          (local.set 0 (v128.xor (v128.load (local.get $p)) (local.get 0)))
          (local.set 0 (i8x16.add (local.get 0) (v128.load8_splat offset=15 (local.get $p))))
          (local.set 0 (i8x16.add (local.get 0) (v128.load16_splat offset=14 (local.get $p))))
          (local.set 0 (i8x16.add (local.get 0) (v128.load32_splat offset=12 (local.get $p))))
          (local.set 0 (i8x16.add (local.get 0) (v128.load64_splat (local.get $q))))
          (local.set 0 (i8x16.sub (local.get 0) (v128.load32_zero offset=12 (local.get $p))))
          (local.set 0 (i8x16.sub (local.get 0) (v128.load64_zero (local.get $q))))
          (local.set 0 (v128.load8_lane offset=15 3 (local.get $p) (local.get 0)))
          (local.set 0 (v128.load16_lane offset=14 7 (local.get $p) (local.get 0)))
          (local.set 0 (v128.load32_lane offset=12 2 (local.get $p) (local.get 0)))
          (v128.store64_lane offset=65520 1 (i32.const 0) (local.get 0))
          (v128.store32_lane 3 (local.get $q) (local.get 0))
          (v128.store32_lane offset=4 0 (local.get $q) (local.get 0))
          (v128.store16_lane offset=6 5 (local.get $q) (local.get 0))
          (v128.store8_lane offset=7 9 (local.get $q) (local.get 0))
          (local.set 0 (v128.load64_lane 0 (local.get $q) (local.get 0)))
          (i32x4.add (local.get 0) (v128.load offset=65520 (i32.const 0)))))";
    agree(text, 0);
}
