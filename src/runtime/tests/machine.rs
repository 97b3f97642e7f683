//! Machine code and the interpreter in turn: calls both ways, traps, backtraces and exceptions across them, and the same
//! answers from both.

use super::*;
use crate::jit;
use crate::vm::trap::TrapKind;

/// A store that runs everything it can as machine code, or nothing.
pub fn tier(compile: bool) -> Store {
    let tier = if compile { Tier::Eager } else { Tier::Interpreter };
    Store::new(&Engine::new(Config { tier, inline_all: true, ..Config::default() })).unwrap()
}

/// Locals that keep a function interpreted: too many for the compiler.
pub fn interpreted() -> String {
    format!("(local{})", " i64".repeat(2001))
}

/// How many functions of a module were compiled, and why the others were not.
pub fn stats(i: &Instance) -> jit::Stats {
    jit::machine_code(i.code()).map(|m| m.stats()).unwrap_or_default()
}

/// Calls an export in both tiers: equal results, and equal traps with equal backtraces. Gives the result.
pub fn both(text: &str, name: &str, args: &[Val]) -> Result<Val, TrapKind> {
    let run = |compile| {
        let s = tier(compile);
        let i = instance(&s, text);
        assert_eq!(stats(&i).compiled > 0, compile, "{:?}", stats(&i));
        call(&i, name, args).map_err(|t| {
            let frames: Vec<_> = t.frames().map(|f| (f.func_index, f.func_offset, f.module_offset)).collect();
            (t.kind(), frames)
        })
    };
    let (machine, interpreted) = (run(true), run(false));
    match (machine, interpreted) {
        (Ok(a), Ok(b)) => {
            assert_eq!(a, b, "{name}");
            Ok(a)
        }
        (Err((kind, a)), Err((other, b))) => {
            assert_eq!((kind, a), (other, b), "{name}");
            Err(kind)
        }
        (a, b) => panic!("{name}: machine code {a:?}, interpreter {b:?}"),
    }
}

#[test]
fn both_kinds_of_code_call_each_other() {
    let text = "(module
        (func $even (export \"even\") (param i32) (result i32)
          (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 1)) (else (call $odd (i32.sub (local.get 0) (i32.const 1))))))
        (func $odd (export \"odd\") (param i32) (result i32) $interpreted
          (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0)) (else (call $even (i32.sub (local.get 0) (i32.const 1))))))
        (func (export \"forever\") (param i32) (result i32) (drop (call $loop)) (i32.const 0))
        (func $loop (result i32) $interpreted (call $back))
        (func $back (result i32) (i32.add (call $loop) (i32.const 1))))"
        .replace("$interpreted", &interpreted());
    let text = &text;
    assert_eq!(both(text, "even", &[Val::I32(400)]), Ok(Val::I32(1)));
    assert_eq!(both(text, "odd", &[Val::I32(400)]), Ok(Val::I32(0)));
    let s = tier(true);
    let i = instance(&s, text);
    let st = stats(&i);
    assert_eq!((st.compiled, st.uncovered.len()), (3, 2), "{st:?}");
    for _ in 0..3 {
        let trap = call(&i, "forever", &[Val::I32(0)]).unwrap_err();
        assert_eq!(trap.kind(), TrapKind::StackOverflow);
        assert!(trap.frames().count() > 700);
        assert_eq!(call(&i, "even", &[Val::I32(7)]).unwrap(), Val::I32(0));
    }
}

#[test]
fn recursion_ends_at_the_limit() {
    let text = "(module (func $f (export \"f\") (param i64 f64) (result i64)
          (i64.add (call $f (i64.add (local.get 0) (i64.const 1)) (local.get 1)) (local.get 0))))";
    let s = tier(true);
    let i = instance(&s, text);
    for _ in 0..3 {
        assert_eq!(call(&i, "f", &[Val::I64(0), 1.0f64.into()]).unwrap_err().kind(), TrapKind::StackOverflow);
    }
}

#[test]
fn traps_are_where_the_interpreter_has_them() {
    let text = "(module (memory 1) (table 4 funcref) (elem (i32.const 0) $ok $other)
        (type $t (func (param i32) (result i32)))
        (func $ok (type $t) (i32.add (local.get 0) (i32.const 1)))
        (func $other (param i64))
        (func $div (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
        (func $load (param i32) (result i32) (i32.load offset=4 (local.get 0)))
        (func (export \"div\") (param i32 i32) (result i32) (i32.add (i32.const 1) (call $div (local.get 0) (local.get 1))))
        (func (export \"load\") (param i32) (result i32) (call $load (local.get 0)))
        (func (export \"byte\") (param i32) (result i32) (i32.add (i32.load offset=1000 (local.get 0)) (i32.load8_u (local.get 0))))
        (func (export \"last\") (param i32) (result i32) (i32.load8_u (local.get 0)) (drop (i32.load offset=500 (i32.const 0))))
        (func (export \"far\") (param i32) (result i32) (i32.load offset=4000000000 (local.get 0)))
        (func (export \"indirect\") (param i32) (result i32) (call_indirect (type $t) (i32.const 41) (local.get 0)))
        (func (export \"trunc\") (param f64) (result i32) (i32.trunc_f64_u (local.get 0)))
        (func (export \"unreachable\") (param i32) (result i32) (if (local.get 0) (then (unreachable))) (i32.const 3)))";
    use TrapKind::*;
    let i = |v: i32| [Val::I32(v)];
    assert_eq!(both(text, "div", &[Val::I32(7), Val::I32(-2)]), Ok(Val::I32(-2)));
    assert_eq!(both(text, "div", &[Val::I32(7), Val::I32(0)]), Err(IntegerDivideByZero));
    assert_eq!(both(text, "div", &[Val::I32(i32::MIN), Val::I32(-1)]), Err(IntegerOverflow));
    assert_eq!(both(text, "load", &i(65528)), Ok(Val::I32(0)));
    for at in [65529, 65536, -1, -4, i32::MIN] {
        assert_eq!(both(text, "load", &i(at)), Err(MemoryOutOfBounds));
    }
    assert_eq!(both(text, "byte", &i(65536 - 1004)), Ok(Val::I32(0)));
    assert_eq!(both(text, "byte", &i(65536 - 1003)), Err(MemoryOutOfBounds));
    assert_eq!(both(text, "last", &i(65535)), Ok(Val::I32(0)));
    assert_eq!(both(text, "last", &i(65536)), Err(MemoryOutOfBounds));
    assert_eq!(both(text, "far", &i(0)), Err(MemoryOutOfBounds));
    assert_eq!(both(text, "indirect", &i(0)), Ok(Val::I32(42)));
    assert_eq!(both(text, "indirect", &i(1)), Err(IndirectCallTypeMismatch));
    assert_eq!(both(text, "indirect", &i(2)), Err(UninitializedElement));
    assert_eq!(both(text, "indirect", &i(4)), Err(UndefinedElement));
    assert_eq!(both(text, "indirect", &i(-1)), Err(UndefinedElement));
    assert_eq!(both(text, "trunc", &[(-0.9f64).into()]), Ok(Val::I32(0)));
    assert_eq!(both(text, "trunc", &[(-1.0f64).into()]), Err(IntegerOverflow));
    assert_eq!(both(text, "trunc", &[f64::NAN.into()]), Err(BadConversionToInteger));
    assert_eq!(both(text, "unreachable", &i(0)), Ok(Val::I32(3)));
    assert_eq!(both(text, "unreachable", &i(1)), Err(Unreachable));
}

#[test]
fn many_arguments_and_results_pass_through() {
    // More than the registers hold, of both classes; `mix` is interpreted and calls back.
    let text = "(module
        (type $many (func (param i32 i64 f32 f64 i64 i64 i64 i64 i64 f64 f64 f64 f64 f64 f64 f64 f64) (result i64 f64 i64 i64 i64 i64 f64 f64 f64 f64)))
        (func $plain (type $many)
          (i64.add (i64.extend_i32_u (local.get 0)) (local.get 8)) (f64.add (local.get 3) (local.get 16))
          (local.get 1) (local.get 4) (local.get 5) (i64.sub (local.get 6) (local.get 7))
          (f64.promote_f32 (local.get 2)) (local.get 9) (local.get 12) (f64.sub (local.get 14) (local.get 15)))
        (func $mix (type $many) $interpreted
          (call $plain (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5) (local.get 6) (local.get 7)
            (local.get 8) (local.get 9) (local.get 10) (local.get 11) (local.get 12) (local.get 13) (local.get 14) (local.get 15) (local.get 16)))
        (func (export \"sum\") (param i32) (result i64) (local i64)
          (call $mix (local.get 0) (i64.const 2) (f32.const 3) (f64.const 4) (i64.const 5) (i64.const 6) (i64.const 7) (i64.const 80)
            (i64.const 9) (f64.const 10) (f64.const 11) (f64.const 12) (f64.const 13) (f64.const 14) (f64.const 15) (f64.const 160) (f64.const 17))
          (f64.add) (f64.mul) (f64.add) (i64.trunc_f64_s) (i64.add) (i64.add) (i64.mul) (i64.sub) (local.set 1) (i64.trunc_f64_s) (local.get 1) (i64.add) (i64.add)
          ))"
        .replace("$interpreted", &interpreted());
    let value = both(&text, "sum", &[Val::I32(1)]).unwrap();
    assert_ne!(value, Val::I64(0));
}

#[test]
fn the_host_is_called_and_calls_back() {
    let s = tier(true);
    let text = "(module (import \"h\" \"f\" (func $h (param i32) (result i32)))
        (func (export \"go\") (param i32) (result i32) (i32.mul (call $h (i32.add (local.get 0) (i32.const 1))) (i32.const 2)))
        (func (export \"trap\") (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0))))";
    let host = Func::new(&s, &func_type(&[ValType::I32], &[ValType::I32]), |caller, args, results| {
        let n = args[0].as_i32().unwrap();
        let mut out = [Val::I32(0)];
        let name = if n > 6 { "trap" } else { "go" };
        let arg = if n > 6 { 8 - n } else { n };
        caller.export(name).unwrap().into_func().unwrap().call(&[Val::I32(arg)], &mut out)?;
        results[0] = out[0].clone();
        Ok(())
    });
    let i = instantiate(&s, text, &[host.into()]).unwrap();
    assert_eq!(stats(&i).compiled, 2);
    assert_eq!(call(&i, "go", &[Val::I32(0)]).unwrap(), Val::I32(1 << 7));
    let trap = call(&i, "go", &[Val::I32(7)]).unwrap_err();
    assert_eq!(trap.kind(), TrapKind::IntegerDivideByZero);
    let functions: Vec<u32> = trap.frames().map(|f| f.func_index).collect();
    assert_eq!(functions, [2, 1]);
}

#[test]
fn exceptions_pass_through_machine_frames() {
    let text = "(module (tag $e (param i32))
        (func $throw (param i32) (if (local.get 0) (then (throw $e (i32.add (local.get 0) (i32.const 1))))))
        (func $between (param i32) (result i32) (call $throw (local.get 0)) (i32.const 5))
        (func $catch (export \"catch\") (param i32) (result i32)
          (block $h (result i32) (try_table (result i32) (catch $e $h) (call $between (local.get 0)))))
        (func (export \"outer\") (param i32) (result i32)
          (i32.add (call $catch (local.get 0)) (call $catch (i32.const 0)))))";
    assert_eq!(both(text, "catch", &[Val::I32(0)]), Ok(Val::I32(5)));
    assert_eq!(both(text, "catch", &[Val::I32(9)]), Ok(Val::I32(10)));
    assert_eq!(both(text, "outer", &[Val::I32(9)]), Ok(Val::I32(15)));
}

#[test]
fn other_instances_are_called_with_their_own_memory() {
    let s = tier(true);
    let text = |v: i32| {
        format!(
            "(module (import \"o\" \"get\" (func $o (result i32))) (memory 1) (data (i32.const 0) \"\\0{v}\")
            (table (export \"t\") 1 funcref) (elem (i32.const 0) $o)
            (func (export \"get\") (result i32) (i32.load8_u (i32.const 0)))
            (func (export \"both\") (result i32)
              (i32.add (i32.mul (call $o) (i32.const 10))
                (i32.add (i32.load8_u (i32.const 0)) (i32.mul (i32.const 100) (call_indirect (result i32) (i32.const 0)))))))"
        )
    };
    let zero = Func::new(&s, &func_type(&[], &[ValType::I32]), |_, _, results| {
        results[0] = Val::I32(0);
        Ok(())
    });
    let a = instantiate(&s, &text(3), &[zero.into()]).unwrap();
    let b = instantiate(&s, &text(4), &[a.export("get").unwrap()]).unwrap();
    assert_eq!(call(&b, "both", &[]).unwrap(), Val::I32(334));
    assert_eq!(call(&a, "both", &[]).unwrap(), Val::I32(3));
}

#[test]
fn growing_is_seen() {
    let text = "(module (memory 1 10)
        (func $grow (param i32) (result i32) (memory.grow (local.get 0)))
        (func (export \"f\") (param i32) (result i32) (local i32)
          (i32.store (i32.const 65532) (i32.const 7))
          (loop $l
            (drop (call $grow (i32.const 1)))
            (i32.store (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 4)) (local.get 1))
            (local.set 1 (i32.add (local.get 1) (i32.const 1)))
            (br_if $l (i32.lt_u (local.get 1) (local.get 0))))
          (i32.add (i32.load (i32.const 65532)) (i32.load (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 4))))))";
    assert_eq!(both(text, "f", &[Val::I32(5)]), Ok(Val::I32(11)));
    assert_eq!(both(text, "f", &[Val::I32(30)]), Ok(Val::I32(36)));
}

#[test]
fn divisions_by_constants_are_exact() {
    let constants = [1, 2, 3, 5, 6, 7, 9, 10, 11, 12, 25, 100, 125, 625, 641, 1000, 6700417, 65537, 0x7fff_ffff];
    let wide = [1i64 << 40, (1 << 40) + 1, i64::MAX, i64::MIN, 0x5555_5555_5555_5555];
    let mut text = String::from("(module");
    let mut names = Vec::new();
    let all: Vec<i64> = constants.iter().flat_map(|c| [*c as i64, -(*c as i64)]).collect();
    for (ty, list) in [("i32", all.clone()), ("i64", all.into_iter().chain(wide).collect())] {
        for c in list {
            for op in ["div_s", "div_u", "rem_s", "rem_u"] {
                let name = format!("{ty}{op}{c}");
                text += &format!(
                    "(func (export \"{name}\") (param {ty}) (result {ty}) ({ty}.{op} (local.get 0) ({ty}.const {c})))"
                );
                names.push((name, ty));
            }
        }
    }
    text += ")";
    let stores = [tier(true), tier(false)];
    let instances: Vec<Instance> = stores.iter().map(|s| instance(s, &text)).collect();
    let mut x = 0x9e37_79b9_7f4a_7c15u64;
    let mut values =
        vec![0u64, 1, 2, 3, 9, 10, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 1 << 63, u64::MAX, u64::MAX >> 1];
    for _ in 0..40 {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        values.extend([x, x >> 32, x % 1000, x.wrapping_neg() % 7]);
    }
    for (name, ty) in &names {
        for v in &values {
            let arg = if *ty == "i32" { Val::I32(*v as i32) } else { Val::I64(*v as i64) };
            let run = |i: &Instance| call(i, name, &[arg.clone()]).map_err(|t| t.kind());
            assert_eq!(run(&instances[0]), run(&instances[1]), "{name} of {v:#x}");
        }
    }
}
