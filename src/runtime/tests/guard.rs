//! Machine code without checks of memory bounds: it traps where the interpreter does, with nothing done that came after and
//! everything that came before, and tells the same address.

use super::*;
use crate::vm::trap::TrapKind;

fn store_with(tier: Tier, signals: bool) -> Store {
    Store::new(&Engine::new(Config { tier, signals, ..Config::default() })).unwrap()
}

/// What a call leaves: its outcome, where it trapped, the first word and the size of memory, and a global.
pub type Trace = (Result<Val, (TrapKind, Vec<u32>)>, i32, u64, Val);

fn run(s: &Store, text: &str, name: &str, args: &[Val]) -> (Trace, Option<u64>) {
    let i = instance(s, text);
    let outcome = call(&i, name, args);
    let fault = outcome.as_ref().err().and_then(|t| t.fault_address());
    let outcome = outcome.map_err(|t| (t.kind(), t.frames().map(|f| f.module_offset).collect()));
    let memory = i.export("m").unwrap().into_memory().unwrap();
    let mut word = [0; 4];
    assert!(memory.size() == 0 || memory.read(0, &mut word));
    let global = i.export("g").unwrap().into_global().unwrap().get();
    ((outcome, i32::from_le_bytes(word), memory.size(), global), fault)
}

/// The same from the interpreter and from machine code with and without checks.
pub fn all_agree(text: &str, name: &str, args: &[Val]) -> Trace {
    let interpreted = run(&store_with(Tier::Interpreter, true), text, name, args);
    let checked = run(&store_with(Tier::Eager, false), text, name, args);
    let guarded = run(&store_with(Tier::Eager, true), text, name, args);
    assert_eq!(checked.0, interpreted.0, "{name} {args:?}");
    assert_eq!(guarded.0, interpreted.0, "{name} {args:?}");
    if let Some(fault) = guarded.1 {
        assert_eq!(Some(fault), interpreted.1, "{name} {args:?}");
    }
    guarded.0
}

const ORDER: &str = "(module (memory (export \"m\") 1 4) (global $g (export \"g\") (mut i32) (i32.const 0))
    (func (export \"dead\") (param i32) (result i32)
      (i32.store (i32.const 0) (i32.const 1))
      (drop (i32.load (local.get 0)))
      (i32.store (i32.const 0) (i32.const 2)) (i32.const 7))
    (func (export \"late\") (param i32) (result i32) (local $v i32)
      (local.set $v (i32.load offset=8 (local.get 0)))
      (global.set $g (i32.const 5))
      (i32.store (i32.const 0) (i32.const 3))
      (i32.add (local.get $v) (i32.const 1)))
    (func (export \"divide\") (param i32) (result i32) (local $v i32)
      (local.set $v (i32.load (local.get 0)))
      (i32.add (i32.div_s (i32.const 1) (global.get $g)) (local.get $v)))
    (func (export \"before\") (param i32) (result i32)
      (i32.add (i32.div_s (i32.const 1) (global.get $g)) (i32.load (local.get 0))))
    (func (export \"small\") (param i32) (result i32)
      (i64.store (i32.const 0) (i64.load offset=16 (local.get 0)))
      (i32.add (i32.load8_u offset=16 (local.get 0)) (i32.load16_u offset=20 (local.get 0))))
    (func (export \"sum\") (param i32) (result i32)
      (i32.add (i32.load (local.get 0)) (i32.add (i32.load offset=4 (local.get 0)) (i32.load8_s offset=9 (local.get 0)))))
    (func (export \"compare\") (param i32) (result i32)
      (if (result i32) (i32.lt_u (i32.load (local.get 0)) (i32.load offset=4 (local.get 0)))
        (then (i32.const 1)) (else (global.set $g (i32.const 9)) (i32.const 2))))
    (func (export \"fill\") (param $p i32) (result i32)
      (loop $l
        (i32.store (local.get $p) (local.get $p))
        (global.set $g (local.get $p))
        (br_if $l (local.tee $p (i32.add (local.get $p) (i32.const 4)))))
      (i32.const 0))
    (func (export \"floats\") (param i32) (result i32)
      (global.set $g (i32.const 1))
      (f64.store (i32.const 8) (f64.add (f64.load (local.get 0)) (f64.load offset=3 (local.get 0))))
      (f32.store offset=65530 (local.get 0) (f32.mul (f32.load (local.get 0)) (f32.const 2)))
      (i32.const 1))
    (func $more (result i32) (memory.grow (i32.const 1)))
    (func (export \"grow\") (param i32) (result i32) (local $v i32)
      (local.set $v (i32.load8_u (i32.const 100)))
      (global.set $g (call $more))
      (i32.add (local.get $v) (i32.load8_u offset=65535 (local.get 0))))
    (func (export \"far\") (param i32) (result i32) (i32.load offset=33554420 (local.get 0)))
    (func (export \"farther\") (param i32) (result i32) (i32.load offset=33554429 (local.get 0)))
    (func (export \"farthest\") (param i32) (result i32) (i32.load offset=4294967295 (local.get 0)))
    (func (export \"odd\") (param i32) (result i32) (i32.load offset=16777210 (local.get 0)))
    (func (export \"constant\") (param i32) (result i32) (i32.store (i32.const 0) (local.get 0)) (i32.load (i32.const -4)))
    (func (export \"edge\") (param i32) (result i32) (i32.store8 (i32.const 65536) (i32.const 1)) (i32.const 4)))";

#[test]
fn traps_are_exact() {
    let interesting: Vec<i32> = [
        [0, 4, 8, 65492, 65500, 65512, 65520, 65521],
        [65524, 65526, 65527, 65528, 65529, 65530, 65531, 65532],
        [65533, 65535, 65536, 65540, 131072, i32::MAX, i32::MIN, -1],
    ]
    .concat();
    for name in [
        "dead", "late", "divide", "before", "small", "sum", "compare", "fill", "floats", "grow", "far", "farther",
        "farthest", "odd", "constant", "edge",
    ] {
        for &at in &interesting {
            let _outcome = all_agree(ORDER, name, &[Val::I32(at)]);
        }
    }
    let trap = all_agree(ORDER, "dead", &[Val::I32(65533)]);
    assert_eq!((trap.0.unwrap_err().0, trap.1), (TrapKind::MemoryOutOfBounds, 1));
    let trap = all_agree(ORDER, "fill", &[Val::I32(4)]);
    assert_eq!((trap.0.unwrap_err().0, trap.3), (TrapKind::MemoryOutOfBounds, Val::I32(65532)));
    // Empty memories, and ones of other kinds.
    let empty = ORDER.replace("1 4)", "0 4)");
    for name in ["dead", "constant", "edge", "small"] {
        assert!(all_agree(&empty, name, &[Val::I32(0)]).0.is_err());
    }
}

#[test]
fn addresses_of_faults_are_known() {
    let s = store_with(Tier::Eager, true);
    let i = instance(&s, ORDER);
    for (name, at, fault) in [("late", 65529, 65537), ("sum", -1, 0xffff_ffff), ("fill", 65533, 65533)] {
        assert_eq!(call(&i, name, &[Val::I32(at)]).unwrap_err().fault_address(), Some(fault), "{name}");
    }
}

#[test]
fn memories_without_a_guard_have_checks() {
    for kind in ["i64 1 4", "65536 70000 (pagesize 1)", "1 4 shared"] {
        let text = format!(
            "(module (memory (export \"m\") {kind}) (global (export \"g\") i32 (i32.const 0))
               (func (export \"f\") (param i32) (result i32)
                 (i32.load {})))",
            if kind.starts_with("i64") { "(i64.extend_i32_u (local.get 0))" } else { "(local.get 0)" }
        );
        for at in [0, 1, 65532, 65533, -1] {
            let _outcome = all_agree(&text, "f", &[Val::I32(at)]);
        }
    }
}

/// An import from another instance, from the host, and a memory that grows under its user.
#[test]
fn imported_memories_are_guarded_too() {
    for tier in [Tier::Interpreter, Tier::Eager] {
        let s = store_with(tier, true);
        let owner = instance(
            &s,
            "(module (memory (export \"m\") 1 3) (func (export \"grow\") (result i32) (memory.grow (i32.const 1))))",
        );
        let user = "(module (import \"\" \"m\") (import \"\" \"m\" (memory 1 3)) (import \"\" \"grow\" (func $grow (result i32)))
            (func (export \"f\") (param i32) (result i32) (i32.load (local.get 0)))
            (func (export \"g\") (param i32) (result i32) (drop (call $grow)) (i32.load (local.get 0))))"
            .replace("(import \"\" \"m\") ", "");
        let i = instantiate(&s, &user, &[owner.export("m").unwrap(), owner.export("grow").unwrap()]).unwrap();
        for _ in 0..2 {
            assert_eq!(call(&i, "f", &[Val::I32(65532)]).unwrap(), Val::I32(0));
            assert_eq!(call(&i, "f", &[Val::I32(65533)]).unwrap_err().kind(), TrapKind::MemoryOutOfBounds);
        }
        assert_eq!(call(&i, "g", &[Val::I32(65533)]).unwrap(), Val::I32(0));
        assert_eq!(call(&i, "g", &[Val::I32(3 * 65536 - 4)]).unwrap(), Val::I32(0));
        assert_eq!(call(&i, "g", &[Val::I32(3 * 65536 - 3)]).unwrap_err().kind(), TrapKind::MemoryOutOfBounds);
    }
}

/// Threads that trap all the time, while modules with code of their own come and go.
#[test]
fn threads_trap_side_by_side() {
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let s = store_with(Tier::Eager, true);
                    let i = instance(&s, ORDER);
                    for at in 0..50 {
                        let trap = call(&i, "sum", &[Val::I32(65527 + at * 4096)]).unwrap_err();
                        assert_eq!(trap.kind(), TrapKind::MemoryOutOfBounds);
                    }
                }
            });
        }
    });
}
