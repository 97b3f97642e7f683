//! Random worlds against a model: what can be reached lives and keeps its identity, what cannot dies once.

use super::*;
use crate::module::{RefType, TableType};
use core::ffi::c_void;
use std::collections::{HashMap, HashSet};

/// xorshift: the same worlds on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % n
    }
}

const SIZE: u64 = 4;

/// An instance with a table of externrefs and one of functions, that imports another's tables.
const LINK: &str = r#"(module
    (import "" "e" (table 4 externref)) (import "" "f" (table 4 funcref))
    (table (export "e") 4 externref) (table (export "f") 4 funcref)
    (func (export "own")) (elem (table 3) (i32.const 0) func 0))"#;

/// What the model knows of an object: what it refers to, by number.
#[derive(Default)]
struct Node {
    edges: HashMap<(u8, u64), usize>,
}

struct World {
    store: Store,
    handles: HashMap<usize, Ref>,
    nodes: HashMap<usize, Node>,
    dead: Box<Vec<usize>>,
    next: usize,
}

impl World {
    /// Enters an object into the model; its host data is its number, and its finalizer notes its death.
    fn add(&mut self, r: Ref) -> usize {
        struct Mark(usize, *mut Vec<usize>);
        unsafe extern "C" fn finalize(info: *mut c_void) {
            // SAFETY: made below; the list outlives the store.
            unsafe {
                let mark = Box::from_raw(info.cast::<Mark>());
                (*mark.1).push(mark.0);
            }
        }
        let n = self.next;
        self.next += 1;
        let mark = Box::new(Mark(n, &raw mut *self.dead));
        r.set_host_info(Box::into_raw(mark).cast(), Some(finalize));
        self.handles.insert(n, r);
        self.nodes.insert(n, Node::default());
        n
    }

    fn number(r: &Ref) -> usize {
        // SAFETY: every object that the test asks about has been through `add`, and its data begins with its number.
        unsafe { *r.host_info().cast::<usize>() }
    }

    fn reachable(&self) -> HashSet<usize> {
        let mut seen = HashSet::new();
        let mut pending: Vec<usize> = self.handles.keys().copied().collect();
        while let Some(n) = pending.pop() {
            if seen.insert(n) {
                pending.extend(self.nodes[&n].edges.values());
            }
        }
        seen
    }
}

#[test]
fn random_worlds_agree_with_the_model() {
    for seed in 1..=12u64 {
        let engine = Engine::default();
        let code = engine.compile(wat(LINK)).unwrap();
        let store = Store::new(&engine).unwrap();
        let mut w = World { store, handles: HashMap::new(), nodes: HashMap::new(), dead: Box::default(), next: 0 };
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        for _ in 0..600 {
            step(&mut w, &mut random, &code);
        }
        w.handles.clear();
        w.store.collect();
        assert_eq!(w.store.object_count(), 0);
        let mut dead = w.dead.to_vec();
        dead.sort_unstable();
        assert_eq!(dead, (0..w.next).collect::<Vec<_>>(), "everything dies exactly once");
    }
}

fn step(w: &mut World, random: &mut Random, code: &std::sync::Arc<ModuleCode>) {
    let numbers: Vec<usize> = {
        let mut n: Vec<usize> = w.handles.keys().copied().collect();
        n.sort_unstable();
        n
    };
    let pick = |random: &mut Random, kind: ObjKind| {
        let of_kind: Vec<usize> = numbers.iter().copied().filter(|n| w.handles[n].kind() == kind).collect();
        if of_kind.is_empty() { None } else { Some(of_kind[random.below(of_kind.len())]) }
    };
    match random.below(12) {
        0 => {
            let f = Foreign::new(&w.store);
            w.add(f.into_ref());
        }
        1 => {
            let f = Func::new(&w.store, &func_type(&[], &[]), |_, _, _| Ok(()));
            w.add(f.into_ref());
        }
        2 => {
            let element = if random.below(2) == 0 { RefType::FUNCREF } else { RefType::EXTERNREF };
            let ty = TableType { element, minimum: SIZE, maximum: None, is64: false };
            let null = Val::default_for(ValType::Ref(element), w.store.engine().types());
            let t = Table::new(&w.store, ty, &null).unwrap();
            w.add(t.into_ref());
        }
        3 => {
            // The tables of an instance, as imports: of the latest one, or new ones.
            let tables = |e: RefType| {
                numbers.iter().rev().copied().find(|n| w.handles[n].as_table().is_some_and(|t| t.ty().element == e))
            };
            let (Some(e), Some(f)) = (tables(RefType::EXTERNREF), tables(RefType::FUNCREF)) else { return };
            let imports = [&w.handles[&e], &w.handles[&f]].map(|r| r.as_extern().unwrap().clone());
            let i = Instance::from_code(&w.store, code, &imports).unwrap();
            let (own_e, own_f, func) = (i.export("e").unwrap(), i.export("f").unwrap(), i.func("own").unwrap());
            let (i, own_e) = (w.add(i.into_ref()), w.add(own_e.into_ref()));
            let (own_f, func) = (w.add(own_f.into_ref()), w.add(func.into_ref()));
            let edges = &mut w.nodes.get_mut(&i).unwrap().edges;
            for (k, to) in [e, f, own_e, own_f, func].into_iter().enumerate() {
                edges.insert((1, k as u64), to);
            }
            w.nodes.get_mut(&func).unwrap().edges.insert((1, 0), i);
            w.nodes.get_mut(&own_f).unwrap().edges.insert((0, 0), func);
        }
        4..=7 => {
            // Put something into a table: a function, or anything at all as an externref.
            let Some(t) = pick(random, ObjKind::Table) else { return };
            let table = w.handles[&t].as_table().unwrap().clone();
            let slot = random.below(SIZE as usize) as u64;
            let (to, value) = if random.below(5) == 0 {
                (None, Val::default_for(ValType::Ref(table.ty().element), w.store.engine().types()))
            } else if table.ty().element == RefType::FUNCREF {
                let Some(f) = pick(random, ObjKind::Func) else { return };
                (Some(f), w.handles[&f].as_func().unwrap().clone().into())
            } else {
                let to = numbers[random.below(numbers.len())];
                (Some(to), Val::extern_ref(w.handles[&to].clone()))
            };
            assert!(table.set(slot, &value));
            let edges = &mut w.nodes.get_mut(&t).unwrap().edges;
            match to {
                Some(to) => edges.insert((0, slot), to),
                None => edges.remove(&(0, slot)),
            };
        }
        8 | 9 => {
            if !numbers.is_empty() {
                w.handles.remove(&numbers[random.below(numbers.len())]);
            }
        }
        10 => {
            // Whatever a table holds is what the model says, and can be had again.
            let Some(t) = pick(random, ObjKind::Table) else { return };
            let table = w.handles[&t].as_table().unwrap().clone();
            for slot in 0..SIZE {
                let found = match table.get(slot).unwrap() {
                    Val::FuncRef(f) => f.map(Func::into_ref),
                    Val::ExternRef(Some(AnyRef::Host(r))) => Some(r),
                    _ => None,
                };
                let expected = w.nodes[&t].edges.get(&(0, slot)).copied();
                assert_eq!(found.as_ref().map(World::number), expected);
                if let Some(r) = found
                    && random.below(4) == 0
                {
                    w.handles.insert(expected.unwrap(), r);
                }
            }
        }
        _ => {
            w.store.collect();
            let alive: HashSet<usize> = (0..w.next).filter(|n| !w.dead.contains(n)).collect();
            assert_eq!(alive, w.reachable());
        }
    }
}
