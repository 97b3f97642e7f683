//! Random graphs of objects, made, linked, dropped and collected beside a model of them.

use super::*;
use std::collections::{HashMap, HashSet};

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 11
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

/// What an object of the heap ought to be.
enum Model {
    /// Its two links.
    Node([Option<u32>; 2]),
    Array(Vec<Option<u32>>),
    /// Bytes that are all its number.
    Bytes(u32),
}

struct World {
    store: Store,
    node: TypeHandle,
    array: TypeHandle,
    bytes: TypeHandle,
    model: HashMap<u32, Model>,
    roots: Vec<(u32, HeapRef)>,
    next: u32,
}

impl World {
    fn new(store: Store) -> World {
        let node = struct_type(&store, &[val(ValType::I32), val(ValType::ANYREF), val(ValType::ANYREF)]);
        let array = array_type(&store, val(ValType::ANYREF));
        let bytes = array_type(&store, field(StorageType::I8));
        World { store, node, array, bytes, model: HashMap::new(), roots: Vec::new(), next: 0 }
    }

    /// A root to link to, if the dice say so.
    fn link(&self, r: &mut Random) -> (Option<u32>, Val) {
        if self.roots.is_empty() || r.below(4) == 0 {
            return (None, Val::AnyRef(None));
        }
        let (id, object) = &self.roots[r.below(self.roots.len())];
        (Some(*id), any(object))
    }

    fn add(&mut self, r: &mut Random) -> Result<(), CreateError> {
        let id = self.next;
        let (model, object) = match r.below(10) {
            0 => {
                let len = [r.below(10), r.below(300), r.below(20_000)][r.below(3)];
                let object = HeapRef::new_array(&self.store, &self.bytes, len as u32, &Val::I32(id as i32))?;
                (Model::Bytes(len as u32), object)
            }
            1 => {
                let len = [r.below(10), r.below(3000)][r.below(2)];
                let (links, vals): (Vec<_>, Vec<_>) = (0..len).map(|_| self.link(r)).unzip();
                (Model::Array(links), HeapRef::new_array_of(&self.store, &self.array, &vals)?)
            }
            _ => {
                let ((a, va), (b, vb)) = (self.link(r), self.link(r));
                let object = HeapRef::new_struct(&self.store, &self.node, &[Val::I32(id as i32), va, vb])?;
                (Model::Node([a, b]), object)
            }
        };
        self.next += 1;
        self.model.insert(id, model);
        self.roots.push((id, object));
        Ok(())
    }

    fn relink(&mut self, r: &mut Random) {
        if self.roots.is_empty() {
            return;
        }
        let (to, v) = self.link(r);
        let (id, object) = &self.roots[r.below(self.roots.len())];
        match self.model.get_mut(id).unwrap() {
            Model::Node(links) => {
                let i = r.below(2);
                links[i] = to;
                assert!(object.set(1 + i as u32, &v));
            }
            Model::Array(links) if !links.is_empty() => {
                let i = r.below(links.len());
                links[i] = to;
                assert!(object.set(i as u32, &v));
            }
            _ => {}
        }
    }

    /// Compares all that the roots reach with the model, and forgets the rest of it.
    fn check(&mut self) -> usize {
        let mut pending: Vec<(u32, HeapRef)> = self.roots.clone();
        let mut seen: HashSet<u32> = HashSet::new();
        while let Some((id, object)) = pending.pop() {
            if !seen.insert(id) {
                continue;
            }
            let mut follow = |i: usize, to: Option<u32>| match (object.get(i as u32).unwrap(), to) {
                (Val::AnyRef(None), None) => {}
                (v, Some(to)) => pending.push((to, heap_of(&v))),
                (v, None) => panic!("{id} has {v:?} at {i} where null should be"),
            };
            match &self.model[&id] {
                Model::Node(links) => {
                    links.iter().enumerate().for_each(|(i, to)| follow(i + 1, *to));
                    assert_eq!(object.get(0), Some(Val::I32(id as i32)));
                    assert_eq!(object.kind(), ObjectKind::Struct);
                }
                Model::Array(links) => {
                    assert_eq!(object.len() as usize, links.len());
                    links.iter().enumerate().for_each(|(i, to)| follow(i, *to));
                }
                Model::Bytes(len) => {
                    assert_eq!(object.len(), *len);
                    for i in [0, len / 2, len.saturating_sub(1)].iter().filter(|i| *i < len) {
                        assert_eq!(object.get(*i), Some(Val::I32(id as u8 as i32)));
                    }
                }
            }
        }
        self.model.retain(|id, _| seen.contains(id));
        seen.len()
    }
}

fn run(seed: u64, steps: usize, limit: u64, pending: usize) {
    let store = store();
    store.set_limits(Limits { heap_bytes: limit, ..Limits::default() });
    store.inner().gc.most_pending.set(pending);
    let mut w = World::new(store);
    let mut r = Random(seed);
    let mut refused = 0;
    for step in 0..steps {
        match r.below(8) {
            0..4 => {
                if w.add(&mut r).is_err() {
                    refused += 1;
                    let keep = w.roots.len() / 4;
                    w.roots.truncate(keep);
                }
            }
            4..6 => w.relink(&mut r),
            _ => {
                let many = r.below(100) == 0;
                for _ in 0..if many { w.roots.len() / 2 } else { 1 } {
                    let i = r.below(w.roots.len());
                    if i < w.roots.len() {
                        w.roots.swap_remove(i);
                    }
                }
            }
        }
        if r.below(500) == 0 || step + 1 == steps {
            let reachable = w.check();
            if r.below(2) == 0 {
                w.store.collect();
            } else {
                w.store.inner().collect_heap(&[], crate::runtime::gc::By::Host);
            }
            assert_eq!(objects(&w.store), reachable, "seed {seed}, step {step}");
            w.check();
        }
    }
    if limit < 8 << 20 {
        assert!(refused > 0, "the limit was never reached");
        assert!(committed(&w.store) as u64 <= limit);
    }
    w.roots.clear();
    w.store.collect();
    assert_eq!(objects(&w.store), 0);
}

#[test]
fn graphs_are_what_the_model_says() {
    for seed in 1..=3 {
        run(0x9e37_79b9_7f4a_7c15u64.wrapping_mul(seed), 8_000, u64::MAX, 1 << 28);
    }
}

#[test]
fn a_full_heap_refuses_and_recovers() {
    for seed in 1..=3 {
        run(0xd134_2543_de82_ef95u64.wrapping_mul(seed), 12_000, 2 << 20, 1 << 28);
    }
}

#[test]
fn marking_manages_without_a_stack() {
    for (seed, pending) in [(1, 0), (2, 1), (3, 7)] {
        run(0xa076_1d64_78bd_642fu64.wrapping_mul(seed), 4_000, u64::MAX, pending);
    }
}
