//! Guests that allocate.

use super::*;
use crate::runtime::gc::By;
use std::cell::RefCell;
use std::ffi::c_void;
use std::sync::Mutex;

fn i32_of(i: &Instance, name: &str, args: &[Val]) -> i32 {
    call(i, name, args).unwrap().as_i32().unwrap()
}

#[test]
fn trees_come_and_go_in_bounded_memory() {
    let s = store();
    let i = instance(
        &s,
        r#"(module
          (type $t (struct (field $l (ref null $t)) (field $r (ref null $t)) (field $v i32)))
          (func $make (param i32) (result (ref null $t))
            (if (result (ref null $t)) (local.get 0)
              (then (struct.new $t
                (call $make (i32.sub (local.get 0) (i32.const 1)))
                (call $make (i32.sub (local.get 0) (i32.const 1)))
                (local.get 0)))
              (else (ref.null $t))))
          (func $sum (param (ref null $t)) (result i32)
            (if (result i32) (ref.is_null (local.get 0))
              (then (i32.const 0))
              (else (i32.add (i32.add
                (call $sum (struct.get $t $l (local.get 0)))
                (call $sum (struct.get $t $r (local.get 0))))
                (i32.const 1)))))
          (global $keep (mut (ref null $t)) (ref.null $t))
          (func (export "run") (param $depth i32) (param $times i32) (result i32) (local $n i32)
            (global.set $keep (call $make (local.get $depth)))
            (loop $again
              (local.set $n (i32.add (local.get $n) (call $sum (call $make (local.get $depth)))))
              (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
            (i32.add (local.get $n) (call $sum (global.get $keep)))))"#,
    );
    // 101 trees of 16383 nodes of 24 bytes: 40 MB in all, two trees at a time.
    assert_eq!(i32_of(&i, "run", &[Val::I32(14), Val::I32(100)]), 101 * 16383);
    assert!(collections(&s) > 2);
    assert!(committed(&s) < 16 << 20, "{}", committed(&s));
}

const LIST: &str = r#"(module
  (type $n (struct (field $next (mut (ref null $n))) (field $v i32)))
  (global $first (mut (ref null $n)) (ref.null $n))
  (func (export "grow") (param $count i32) (local $last (ref null $n))
    (local.set $last (struct.new $n (ref.null $n) (i32.const 0)))
    (global.set $first (local.get $last))
    (loop $more
      (struct.set $n $next (local.get $last) (struct.new $n (ref.null $n) (local.get $count)))
      (local.set $last (struct.get $n $next (local.get $last)))
      (br_if $more (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
    ;; round it goes
    (struct.set $n $next (local.get $last) (global.get $first)))
  (func (export "drop") (global.set $first (ref.null $n)))
  (func (export "length") (result i32) (local $at (ref null $n)) (local $count i32)
    (local.set $at (global.get $first))
    (loop $more
      (local.set $count (i32.add (local.get $count) (i32.const 1)))
      (local.set $at (struct.get $n $next (local.get $at)))
      (br_if $more (i32.eqz (ref.eq (local.get $at) (global.get $first)))))
    (local.get $count)))"#;

#[test]
fn a_ring_of_ten_million_is_marked_and_freed() {
    let s = store();
    let i = instance(&s, LIST);
    let count = 10_000_000;
    i.func("grow").unwrap().call(&[Val::I32(count)], &mut []).unwrap();
    s.collect();
    assert_eq!(objects(&s), count as usize + 1);
    assert_eq!(i32_of(&i, "length", &[]), count + 1);
    i.func("drop").unwrap().call(&[], &mut []).unwrap();
    s.collect();
    assert_eq!(objects(&s), 0);
    // Rings that are garbage at once.
    let before = committed(&s);
    for _ in 0..50 {
        i.func("grow").unwrap().call(&[Val::I32(100_000)], &mut []).unwrap();
    }
    assert_eq!(committed(&s), before);
}

#[test]
fn a_list_without_end_runs_out_of_memory() {
    let s = store();
    s.set_limits(Limits { heap_bytes: 4 << 20, ..Limits::default() });
    let i = instance(&s, LIST);
    for _ in 0..3 {
        let trap = i.func("grow").unwrap().call(&[Val::I32(-1)], &mut []).unwrap_err();
        assert_eq!(trap.kind(), TrapKind::OutOfMemory);
        i.func("drop").unwrap().call(&[], &mut []).unwrap();
        i.func("grow").unwrap().call(&[Val::I32(1000)], &mut []).unwrap();
        assert_eq!(i32_of(&i, "length", &[]), 1001);
    }
}

#[test]
fn arrays_beyond_the_heap_trap() {
    let s = store();
    let i = instance(
        &s,
        r#"(module (type $a (array (mut i64))) (type $b (array (mut i8))) (global $keep (mut anyref) (ref.null any))
          (func (export "make") (param i32) (result i32) (array.len (array.new_default $a (local.get 0))))
          (func (export "fill") (param i32) (result i32)
            (array.get_u $b (array.new $b (i32.const 0x1ab) (local.get 0)) (i32.sub (local.get 0) (i32.const 1))))
          (func (export "keep") (param i32) (global.set $keep (array.new_default $b (local.get 0)))))"#,
    );
    for len in [-1, 0x2000_0000, i32::MAX] {
        let trap = call(&i, "make", &[Val::I32(len)]).unwrap_err();
        assert_eq!(trap.kind(), TrapKind::AllocationTooLarge);
    }
    // Larger than what is handed out between two collections, so that each collects, and takes the place of the one before.
    for len in [0, 1, 31, 32, 1000, 4096, 8 << 20, 20 << 20, 20 << 20, 20 << 20, 20 << 20, 5] {
        assert_eq!(i32_of(&i, "make", &[Val::I32(len / 8)]), len / 8);
        if len > 0 {
            assert_eq!(i32_of(&i, "fill", &[Val::I32(len)]), 0xab);
        }
    }
    assert!(committed(&s) < 100 << 20, "{}", committed(&s));
    s.set_limits(Limits { heap_bytes: 4 << 20, ..Limits::default() });
    let s = store();
    s.set_limits(Limits { heap_bytes: 4 << 20, ..Limits::default() });
    let i = instance(
        &s,
        "(module (type $b (array i8)) (global $keep (mut anyref) (ref.null any))
      (func (export \"keep\") (param i32) (global.set $keep (array.new_default $b (local.get 0)))))",
    );
    let keep = |n: i32| i.func("keep").unwrap().call(&[Val::I32(n)], &mut []).map_err(|t| t.kind());
    assert_eq!(keep(3 << 20), Ok(()));
    assert_eq!(keep(2 << 20), Err(TrapKind::OutOfMemory));
    assert_eq!(keep(4 << 20), Err(TrapKind::AllocationTooLarge));
    assert_eq!(keep(100), Ok(()));
    assert_eq!(keep(2 << 20), Ok(()));
}

/// A hash map of the guest's, from integers to boxed numbers, which grows by doubling.
#[test]
fn a_map_keeps_what_is_in_it() {
    let s = store();
    let i = instance(
        &s,
        r#"(module
          (type $entry (struct (field $key i32) (field $value (mut (ref i31))) (field $next (mut (ref null $entry)))))
          (type $table (array (mut (ref null $entry))))
          (type $map (struct (field $table (mut (ref $table))) (field $count (mut i32))))
          (global $m (mut (ref null $map)) (ref.null $map))
          (func $hash (param i32) (result i32)
            (i32.rem_u (i32.mul (local.get 0) (i32.const 0x9e3779b1)) (array.len (struct.get $map $table (global.get $m)))))
          (func $find (param $key i32) (result (ref null $entry)) (local $e (ref null $entry))
            (local.set $e (array.get $table (struct.get $map $table (global.get $m)) (call $hash (local.get $key))))
            (loop $next
              (if (ref.is_null (local.get $e)) (then (return (ref.null $entry))))
              (if (i32.eq (struct.get $entry $key (local.get $e)) (local.get $key)) (then (return (local.get $e))))
              (local.set $e (struct.get $entry $next (local.get $e)))
              (br $next))
            (unreachable))
          (func $push (param $key i32) (param $value (ref i31)) (local $h i32) (local $t (ref $table))
            (local.set $h (call $hash (local.get $key)))
            (local.set $t (struct.get $map $table (global.get $m)))
            (array.set $table (local.get $t) (local.get $h)
              (struct.new $entry (local.get $key) (local.get $value) (array.get $table (local.get $t) (local.get $h)))))
          (func $grow (local $old (ref $table)) (local $i i32) (local $e (ref null $entry))
            (local.set $old (struct.get $map $table (global.get $m)))
            (struct.set $map $table (global.get $m)
              (array.new_default $table (i32.mul (array.len (local.get $old)) (i32.const 2))))
            (loop $slots
              (local.set $e (array.get $table (local.get $old) (local.get $i)))
              (block $done (loop $chain
                (br_if $done (ref.is_null (local.get $e)))
                (call $push (struct.get $entry $key (local.get $e)) (struct.get $entry $value (local.get $e)))
                (local.set $e (struct.get $entry $next (local.get $e)))
                (br $chain)))
              (br_if $slots (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (array.len (local.get $old))))))
          (func (export "new") (global.set $m (struct.new $map (array.new_default $table (i32.const 4)) (i32.const 0))))
          (func (export "put") (param $key i32) (param $value i32) (local $e (ref null $entry))
            (local.set $e (call $find (local.get $key)))
            (if (ref.is_null (local.get $e))
              (then
                (struct.set $map $count (global.get $m)
                  (i32.add (struct.get $map $count (global.get $m)) (i32.const 1)))
                (if (i32.gt_u (struct.get $map $count (global.get $m))
                      (array.len (struct.get $map $table (global.get $m)))) (then (call $grow)))
                (call $push (local.get $key) (ref.i31 (local.get $value))))
              (else (struct.set $entry $value (local.get $e) (ref.i31 (local.get $value))))))
          (func (export "get") (param $key i32) (result i32)
            (i31.get_s (struct.get $entry $value (call $find (local.get $key)))))
          (func (export "count") (result i32) (struct.get $map $count (global.get $m))))"#,
    );
    let run = |name: &str, args: &[Val]| i.func(name).unwrap().call(args, &mut []).unwrap();
    for round in 0..3 {
        run("new", &[]);
        for key in 0..40_000 {
            run("put", &[Val::I32(key * 7), Val::I32(round - key)]);
        }
        s.inner().collect_heap(&[], By::Host);
        for key in (0..40_000).step_by(97) {
            assert_eq!(i32_of(&i, "get", &[Val::I32(key * 7)]), round - key);
        }
        assert_eq!(i32_of(&i, "count", &[]), 40_000);
    }
    assert_eq!(call(&i, "get", &[Val::I32(1)]).unwrap_err().kind(), TrapKind::NullStructReference);
}

/// What the host holds survives; what guests hold only in operands and locals as well.
#[test]
fn handles_and_frames_hold_on() {
    let s = store();
    let kept = std::sync::Arc::new(Mutex::new(Vec::new()));
    let (k, ty) = (kept.clone(), FuncType::new([ValType::ANYREF], [ValType::ANYREF]));
    let host = Func::new(&s, &ty, move |caller, args, results| {
        k.lock().unwrap().push(heap_of(&args[0]));
        caller.store().inner().collect_heap(&[], By::Host);
        results[0] = args[0].clone();
        Ok(())
    });
    let m = module(
        &s,
        r#"(module (import "" "h" (func $h (param anyref) (result anyref)))
          (type $s (struct (field i32)))
          (func $churn (param i32) (loop $l
            (drop (struct.new $s (i32.const -1)))
            (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
          (func (export "run") (param i32) (result i32)
            ;; one in an operand while the host collects, one made before much garbage
            (struct.get $s 0 (struct.new $s (local.get 0)))
            (struct.get $s 0 (ref.cast (ref $s) (call $h (struct.new $s (i32.mul (local.get 0) (i32.const 2))))))
            (struct.new $s (i32.mul (local.get 0) (i32.const 3)))
            (call $churn (i32.const 500000))
            (struct.get $s 0)
            (i32.add) (i32.add)))"#,
    );
    let i = Instance::new(&s, &m, &[host.into()]).unwrap();
    for n in 1..6 {
        assert_eq!(i32_of(&i, "run", &[Val::I32(n)]), n * 6);
    }
    for (n, r) in kept.lock().unwrap().iter().enumerate() {
        assert_eq!(r.get(0), Some(Val::I32(2 * (n as i32 + 1))));
    }
    kept.lock().unwrap().clear();
    s.collect();
    assert_eq!(objects(&s), 0);
}

thread_local!(static FREED: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) });
unsafe extern "C" fn freed(info: *mut c_void) {
    FREED.with(|f| f.borrow_mut().push(info as usize));
}

#[test]
fn objects_keep_functions_and_hosts_alive_and_let_them_die() {
    let s = store();
    let text = r#"(module
      (type $f (func (result i32)))
      (type $s (struct (field (mut externref)) (field (ref null $f)) (field (mut anyref))))
      (global $g (mut i32) (i32.const 41))
      (elem declare func $count)
      (func $count (type $f) (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g))
      (func (export "make") (param externref) (result anyref) (struct.new $s (local.get 0) (ref.func $count) (ref.null any)))
      (func (export "tie") (param anyref anyref) (struct.set $s 2 (ref.cast (ref $s) (local.get 0)) (local.get 1)))
      (func (export "call") (param anyref) (result i32) (call_ref $f (struct.get $s 1 (ref.cast (ref $s) (local.get 0))))))"#;
    let make = |n: usize| {
        let i = instance(&s, text);
        let foreign = Foreign::new(&s);
        foreign.as_ref().set_host_info(n as *mut c_void, Some(freed));
        let object = call(&i, "make", &[Val::extern_ref(foreign.into_ref())]).unwrap();
        (i, object)
    };
    let base = s.object_count();
    let (i, a) = make(1);
    let (_, b) = make(2);
    // Two instances, two hosts, two structures: all in one cycle that only `a` holds.
    i.func("tie").unwrap().call(&[a.clone(), b.clone()], &mut []).unwrap();
    drop((i, b));
    s.collect();
    assert_eq!(objects(&s), 2);
    let s_field = heap_of(&heap_of(&a).get(2).unwrap());
    let Some(Val::FuncRef(Some(f))) = s_field.get(1) else { panic!("{s_field:?}") };
    let mut result = [Val::I32(0)];
    f.call(&[], &mut result).unwrap();
    assert_eq!(result[0], Val::I32(42));
    let (i, _) = make(3);
    // The type is the same in all instances.
    assert_eq!(i32_of(&i, "call", &[a.clone()]), 42);
    drop((f, s_field, i));
    s.collect();
    FREED.with(|f| assert_eq!(*f.borrow(), [3]));
    drop(a);
    s.collect();
    assert_eq!(objects(&s), 0);
    FREED.with(|f| {
        assert_eq!(
            {
                f.borrow_mut().sort();
                f.borrow().clone()
            },
            [1, 2, 3]
        )
    });
    assert_eq!(s.object_count(), base);
}

#[test]
fn types_die_with_their_last_object() {
    let engine = Engine::default();
    let s = Store::new(&engine).unwrap();
    let start = engine.types().len();
    let object = {
        let i = instance(
            &s,
            r#"(module (rec (type $a (sub (struct (field i32)))) (type $b (sub $a (struct (field i32) (field anyref)))))
              (func (export "make") (result anyref) (struct.new $b (i32.const 5) (ref.i31 (i32.const -3)))))"#,
        );
        call(&i, "make", &[]).unwrap()
    };
    s.collect();
    s.collect();
    assert!(engine.types().len() > start);
    // The object can still be asked what it is, and be used by another module.
    let r = heap_of(&object);
    assert_eq!(r.get(0), Some(Val::I32(5)));
    assert_eq!(r.get(1), Some(Val::AnyRef(Some(AnyRef::I31(-3i32 as u32 & 0x7fff_ffff)))));
    let i = instance(
        &s,
        r#"(module (rec (type $a (sub (struct (field i32)))) (type $b (sub $a (struct (field i32) (field anyref)))))
          (func (export "get") (param anyref) (result i32) (struct.get $a 0 (ref.cast (ref $a) (local.get 0)))))"#,
    );
    assert_eq!(i32_of(&i, "get", &[object.clone()]), 5);
    drop((r, object, i));
    s.collect();
    s.collect();
    assert_eq!(engine.types().len(), start);
}

/// Initial values, segments and tables whose objects are made while the collector is at work.
#[test]
fn constants_survive_their_own_collections() {
    let s = store();
    let mut elems = String::new();
    for i in 0..6000 {
        elems += &format!(
            "(item (struct.new $s (i32.const {i}) (array.new $a (i32.const {i}) (i32.const 250)) (ref.i31 (i32.const {i}))))\n"
        );
    }
    let text = format!(
        r#"(module
          (type $a (array i32)) (type $s (struct (field i32) (field (ref $a)) (field (ref i31))))
          (global $g (ref $s) (struct.new $s (i32.const 9) (array.new_fixed $a 2 (i32.const 7) (i32.const 8)) (ref.i31 (i32.const 1))))
          (table $t 6000 (ref null $s))
          (elem (table $t) (i32.const 0) (ref null $s) {elems})
          (func (export "get") (param i32) (result i32) (local $s (ref null $s))
            (local.set $s (table.get $t (local.get 0)))
            (i32.add (i32.add (struct.get $s 0 (local.get $s))
              (array.get $a (struct.get $s 1 (local.get $s)) (i32.const 249)))
              (i31.get_u (struct.get $s 2 (local.get $s)))))
          (func (export "g") (result i32) (array.get $a (struct.get $s 1 (global.get $g)) (i32.const 1))))"#
    );
    let i = instance(&s, &text);
    assert!(collections(&s) > 0);
    s.collect();
    for n in 0..6000 {
        assert_eq!(i32_of(&i, "get", &[Val::I32(n)]), 3 * n);
    }
    assert_eq!(i32_of(&i, "g", &[]), 8);
}

/// Operands in slots that do not fit the fields of instructions.
#[test]
fn far_slots_reach_objects_too() {
    let s = store();
    let locals = "(local v128)".repeat(40_000);
    let fields = "(field (mut i64))".repeat(9_000);
    let values: String = (0..9_000).map(|i| format!("(i64.add (local.get 0) (i64.const {i}))")).collect();
    let text = format!(
        r#"(module
          (type $big (struct {fields}))
          (type $v (array (mut v128))) (type $w (array (mut i16)))
          (data $d "abcdefgh")
          (func (export "big") (param i64) (result i64)
            (struct.get $big 8999 (struct.new $big {values})))
          (func (export "far") (param i64) (result i32) {locals} (local $v (ref null $v)) (local $w (ref null $w)) (local $n i32)
            (local.set $n (i32.const 3))
            (local.set $v (array.new $v (v128.const i64x2 5 6) (local.get $n)))
            (local.set $w (array.new_data $w $d (i32.const 2) (local.get $n)))
            (array.copy $w $w (local.get $w) (i32.const 0) (local.get $w) (i32.const 1) (i32.const 2))
            (array.fill $w (local.get $w) (i32.const 1) (i32.const 0x10041) (i32.const 1))
            (array.set $v (local.get $v) (i32.const 1) (array.get $v (local.get $v) (i32.const 2)))
            (array.init_data $w $d (local.get $w) (i32.const 2) (i32.const 0) (i32.const 1))
            (i32.add (i32.add (array.get_u $w (local.get $w) (i32.const 0)) (array.get_s $w (local.get $w) (i32.const 1)))
              (i32.add (array.get_u $w (local.get $w) (i32.const 2))
                (i32.wrap_i64 (i64x2.extract_lane 1 (array.get $v (local.get $v) (i32.const 1))))))))"#
    );
    let i = instance(&s, &text);
    assert_eq!(call(&i, "big", &[Val::I64(1)]).unwrap(), Val::I64(9000));
    assert_eq!(i32_of(&i, "far", &[Val::I64(0)]), 0x6665 + 0x41 + 0x6261 + 6);
}

/// A module that was never instantiated makes no difference; one instance after another makes no difference either.
#[test]
fn many_instances_leave_nothing() {
    let s = store();
    let bytes =
        wat(r#"(module (type $s (struct (field (mut anyref)))) (global $g (ref $s) (struct.new $s (ref.null any)))
          (func (export "tie") (struct.set $s 0 (global.get $g) (global.get $g))))"#);
    let m = Module::new(&s, bytes).unwrap();
    for _ in 0..2000 {
        Instance::new(&s, &m, &[]).unwrap().func("tie").unwrap().call(&[], &mut []).unwrap();
    }
    s.collect();
    assert_eq!(objects(&s), 0);
}

/// A guest that never returns sees many host objects; those it has forgotten die while it runs.
#[test]
fn host_objects_die_under_a_running_guest() {
    let s = store();
    let (made, most) = (std::sync::Arc::new(Mutex::new(0)), std::sync::Arc::new(Mutex::new(0)));
    let (n, m) = (made.clone(), most.clone());
    let ty = FuncType::new([], [ValType::EXTERNREF]);
    let make = Func::new(&s, &ty, move |caller, _, results| {
        let foreign = Foreign::new(caller.store());
        let number = {
            *n.lock().unwrap() += 1;
            *n.lock().unwrap()
        };
        foreign.as_ref().set_host_info(number as *mut c_void, None);
        results[0] = Val::extern_ref(foreign.into_ref());
        let count = caller.store().object_count();
        let mut most = m.lock().unwrap();
        *most = (*most).max(count);
        Ok(())
    });
    let m = module(
        &s,
        r#"(module (import "" "make" (func $make (result externref)))
          (type $s (struct (field externref)))
          (global $g (mut externref) (ref.null extern)) (table $t 1 externref)
          (func (export "run") (param i32) (result externref externref externref externref)
            (local $x externref) (local $s (ref null $s))
            (global.set $g (call $make))
            (table.set $t (i32.const 0) (call $make))
            (local.set $s (struct.new $s (call $make)))
            (local.set $x (call $make))
            (loop $l (drop (call $make)) (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            (global.get $g) (table.get $t (i32.const 0)) (struct.get $s 0 (local.get $s)) (local.get $x)))"#,
    );
    let i = Instance::new(&s, &m, &[make.into()]).unwrap();
    let mut results = [const { Val::I32(0) }; 4];
    i.func("run").unwrap().call(&[Val::I32(50_000)], &mut results).unwrap();
    for (k, v) in results.iter().enumerate() {
        let Val::ExternRef(Some(AnyRef::Host(r))) = v else { panic!("{v:?}") };
        assert_eq!(r.host_info() as usize, k + 1);
    }
    assert!(*most.lock().unwrap() < 10_000, "{}", most.lock().unwrap());
}

/// Every object is made after a collection: nothing that is still needed may go unseen.
#[test]
fn collecting_always_changes_nothing() {
    let engine = Engine::new(Config { collect_always: true, ..Config::default() });
    let s = Store::new(&engine).unwrap();
    let i = instance(
        &s,
        r#"(module
          (type $n (struct (field $v i64) (field $next (mut (ref null $n))) (field $b i8)))
          (type $a (array (mut (ref null $n))))
          (type $pair (struct (field $x (ref $n)) (field $y (ref $a)) (field $z (ref i31))))
          (elem $e (ref null $n) (struct.new $n (i64.const 7) (ref.null $n) (i32.const 1)) (ref.null $n)
            (struct.new $n (i64.const 8) (struct.new $n (i64.const 9) (ref.null $n) (i32.const 3)) (i32.const 2)))
          (func $node (param i32) (result (ref $n))
            (struct.new $n (i64.extend_i32_s (local.get 0)) (ref.null $n) (local.get 0)))
          (func $sum (param $l (ref null $n)) (result i64)
            (if (result i64) (ref.is_null (local.get $l)) (then (i64.const 0))
              (else (i64.add (struct.get $n $v (local.get $l)) (call $sum (struct.get $n $next (local.get $l)))))))
          (func (export "pairs") (param $k i32) (result i64) (local $p (ref null $pair)) (local $all i64) (local $e (ref null $a))
            (loop $l
              ;; operands of unfinished instructions, across calls and blocks
              (local.set $p (struct.new $pair
                (call $node (local.get $k))
                (array.new_fixed $a 3
                  (call $node (i32.const 1))
                  (block (result (ref null $n)) (call $node (i32.const 2)))
                  (struct.new $n (i64.const 3) (call $node (i32.const 4)) (i32.const 5)))
                (ref.i31 (local.get $k))))
              (local.set $e (array.new_elem $a $e (i32.const 0) (i32.const 3)))
              (array.copy $a $a (local.get $e) (i32.const 1) (struct.get $pair $y (local.get $p)) (i32.const 2) (i32.const 1))
              (local.set $all (i64.add (local.get $all) (i64.add
                (i64.add (struct.get $n $v (struct.get $pair $x (local.get $p)))
                  (call $sum (array.get $a (struct.get $pair $y (local.get $p)) (i32.const 2))))
                (i64.add
                  (i64.add (call $sum (array.get $a (local.get $e) (i32.const 0))) (call $sum (array.get $a (local.get $e) (i32.const 1))))
                  (call $sum (array.get $a (local.get $e) (i32.const 2)))))))
              (br_if $l (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
            (local.get $all)))"#,
    );
    let sum: i64 = (1..=50).map(|k| k + 7 + 7 + 7 + 17).sum();
    assert_eq!(call(&i, "pairs", &[Val::I32(50)]).unwrap(), Val::I64(sum));
    assert!(collections(&s) > 300);
}

/// A collection that is given up frees nothing, and the next one is as right as any.
#[test]
fn collections_end_when_the_guest_is_to_stop() {
    let s = store();
    let i = instance(
        &s,
        r#"(module (type $n (struct (field (mut (ref null $n))) (field i32))) (type $r (array (mut (ref null $n))))
          (global $list (mut (ref null $n)) (ref.null $n)) (global $all (mut (ref null $r)) (ref.null $r))
          (func (export "list") (param $n i32) (loop $more
            (global.set $list (struct.new $n (global.get $list) (local.get $n)))
            (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
          (func (export "wide") (param $n i32) (global.set $all (array.new $r (global.get $list) (local.get $n))))
          (func (export "garbage") (param $n i32) (loop $more
            (drop (struct.new $n (ref.null $n) (local.get $n)))
            (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
          (func (export "sum") (result i64) (local $at (ref null $n)) (local $sum i64)
            (local.set $at (global.get $list))
            (block $end (loop $more
              (br_if $end (ref.is_null (local.get $at)))
              (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (struct.get $n 1 (local.get $at)))))
              (local.set $at (struct.get $n 0 (local.get $at)))
              (br $more)))
            (local.get $sum)))"#,
    );
    let run = |name: &str, n: i32| i.func(name).unwrap().call(&[Val::I32(n)], &mut []);
    const N: i32 = 30_000;
    let sum = Val::I64(N as i64 * (N as i64 + 1) / 2);
    run("list", N).unwrap();
    for wide in [false, true] {
        if wide {
            run("wide", 100_000).unwrap();
        }
        run("garbage", 1000).unwrap();
        let (before, count) = (objects(&s), collections(&s));
        s.interrupter().interrupt();
        for _ in 0..2 {
            assert!(!s.inner().collect_heap(&[], By::Guest), "it asks");
        }
        assert_eq!((objects(&s), collections(&s)), (before, count));
        assert_eq!(run("garbage", 10).unwrap_err().kind(), TrapKind::Interrupted);
        assert_eq!(call(&i, "sum", &[]).unwrap(), sum);
        // What the host wants is not given up.
        s.interrupter().interrupt();
        assert!(s.inner().collect_heap(&[], By::Host));
        assert!(s.clear_interrupt());
        assert!(objects(&s) < before);
        run("garbage", 500_000).unwrap();
        assert_eq!(call(&i, "sum", &[]).unwrap(), sum);
    }
}
