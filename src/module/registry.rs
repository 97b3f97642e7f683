//! The engine's table of canonical types.
//!
//! Spec: "Validation / Types / Recursive Types" and "Type Equivalence". Types are iso-recursive: the unit of equality is
//! a recursion group, and two groups are equal if they are the same sequence of definitions once references within the
//! group are written relative to it and references out of it are canonical. So a group is flattened to a *key*, a
//! sequence of words in which a reference is either "number i of this group" or the id of a live type, and keys are
//! interned in a hash map. A hit costs no allocation. A miss decodes the key into [`SubType`]s, which makes the key the
//! only description a caller (the loader, or the host with a function type) has to produce.
//!
//! Ids are small integers that are reused. A group counts its holders: sets and handles ([`TypeSet`], [`TypeHandle`]),
//! and other groups that mention it. Because a group keeps alive what it mentions, the ids inside a live key never
//! change meaning. When the last holder goes, so does the group, and an engine that loads modules for ever keeps only
//! the types in use, but for a few of functions: most modules have functions of the same few types, and making those anew
//! for each is a good part of loading a module of a few bytes. Releasing is a loop, not a recursion: chains of types may be
//! a million long.
//!
//! Subtype tests must be fast and are asked while guest code runs, so each type also has an entry in a table that is
//! read without the lock: its depth and the first few ids of its display. An entry is written before its id is handed
//! out and stays until the id dies; whoever may ask about an id holds it alive, and got it through something that
//! synchronises (the lock, or a hand-over between threads), so relaxed accesses suffice.

use super::key::{self, KeyWriter};
use super::types::*;
use crate::util::sort_by_key;
use std::collections::{HashMap, VecDeque};
use std::fmt::Write;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};

/// Canonical types of one engine.
#[derive(Default)]
pub struct TypeRegistry {
    inner: Mutex<Inner>,
    /// How many threads wait for the lock.
    waiting: AtomicU32,
    entries: Entries,
}

#[derive(Default)]
struct Inner {
    /// By type id.
    slots: Vec<Option<Slot>>,
    free_slots: Vec<u32>,
    groups: Vec<Group>,
    free_groups: Vec<u32>,
    by_key: HashMap<Arc<[u32]>, u32>,
    /// Groups that have been without holders and are kept, those that came first in front. Some may have holders again.
    kept: VecDeque<u32>,
    /// For the next batch.
    key: KeyWriter,
}

/// How many groups without holders are kept at most, and how many words their keys may have.
const KEPT: usize = 64;
const KEPT_WORDS: usize = 16;

struct Slot {
    ty: Arc<SubType>,
    group: u32,
}

#[derive(Default)]
struct Group {
    holders: u64,
    key: Arc<[u32]>,
    ids: Box<[TypeId]>,
    /// Other groups it mentions, each counted once.
    mentions: Box<[u32]>,
    /// Whether `Inner::kept` lists it.
    kept: bool,
}

/// Which of the three hierarchies of concrete types.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Func,
    Struct,
    Array,
}

/// Ids kept in an entry itself; deeper types are looked up under the lock.
const DISPLAY: usize = 7;

/// What subtype tests read without the lock: `depth | kind << 16` and the start of the display.
#[derive(Default)]
struct Entry {
    depth_kind: AtomicU32,
    display: [AtomicU32; DISPLAY],
}

impl Entry {
    fn depth(&self) -> u32 {
        self.depth_kind.load(Relaxed) & 0xffff
    }

    fn kind(&self) -> Kind {
        match self.depth_kind.load(Relaxed) >> 16 {
            0 => Kind::Func,
            1 => Kind::Struct,
            _ => Kind::Array,
        }
    }
}

/// A vector of entries that grows without moving: chunk `i` holds `64 << i` of them.
#[derive(Default)]
struct Entries([OnceLock<Box<[Entry]>>; 27]);

impl Entries {
    fn place(id: TypeId) -> (usize, usize) {
        let n = id.0 as usize + 64;
        let chunk = n.ilog2() as usize - 6;
        (chunk, n - (64 << chunk))
    }

    fn get(&self, id: TypeId) -> &Entry {
        let (chunk, index) = Entries::place(id);
        &self.0[chunk].get().expect("a live type")[index]
    }

    fn set(&self, id: TypeId, ty: &SubType) {
        let (chunk, index) = Entries::place(id);
        let entry = &self.0[chunk].get_or_init(|| (0..64 << chunk).map(|_| Entry::default()).collect())[index];
        let kind = match ty.composite {
            CompositeType::Func(_) => Kind::Func,
            CompositeType::Struct(_) => Kind::Struct,
            CompositeType::Array(_) => Kind::Array,
        };
        entry.depth_kind.store(ty.depth | (kind as u32) << 16, Relaxed);
        for (cell, id) in entry.display.iter().zip(&ty.supers) {
            cell.store(id.0, Relaxed);
        }
    }
}

impl TypeRegistry {
    pub fn new() -> Arc<TypeRegistry> {
        Arc::default()
    }

    // A panic while the lock is held would be a bug that leaves at worst a leaked group behind.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        match self.inner.try_lock() {
            Ok(inner) => return inner,
            Err(TryLockError::Poisoned(e)) => return e.into_inner(),
            Err(TryLockError::WouldBlock) => {}
        }
        self.waiting.fetch_add(1, Relaxed);
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        self.waiting.fetch_sub(1, Relaxed);
        inner
    }

    /// Lets the threads that wait for the lock have it, before one that has much to do goes on.
    fn give_way<'a>(&'a self, inner: MutexGuard<'a, Inner>) -> MutexGuard<'a, Inner> {
        if self.waiting.load(Relaxed) == 0 {
            return inner;
        }
        drop(inner);
        // Whoever lets go of a lock and takes it again is quicker than one who has to be woken.
        for _ in 0..1000 {
            if self.waiting.load(Relaxed) == 0 {
                break;
            }
            std::thread::yield_now();
        }
        self.lock()
    }

    /// One holder fewer of each of these groups. Frees those that have no more, and what only they held.
    fn release(&self, groups: &[u32]) {
        let mut dying = Vec::new();
        let mut inner = self.lock();
        for part in groups.chunks(PART) {
            part.iter().for_each(|g| inner.drop_holder(*g, &mut dying));
            inner = self.give_way(inner);
        }
        let mut freed = 0;
        while let Some(g) = dying.pop() {
            inner.free(g, &mut dying);
            freed += 1;
            if freed % PART == 0 {
                inner = self.give_way(inner);
            }
        }
    }

    /// What a live type stands for.
    pub fn lookup(&self, id: TypeId) -> Arc<SubType> {
        self.lock().slot(id).ty.clone()
    }

    /// The canonical type of a host function. Types it mentions must be alive.
    pub fn intern_func(self: &Arc<Self>, ty: &FuncType) -> TypeHandle {
        let mut key = KeyWriter::new();
        key.func(ty);
        self.handle_for_key(key.words())
    }

    /// The canonical form of a type that the host composed and that is its own recursion group. Types it mentions must be
    /// alive, and a supertype must be one that it matches.
    pub fn intern(
        self: &Arc<Self>,
        composite: &CompositeType,
        is_final: bool,
        supertype: Option<TypeId>,
    ) -> TypeHandle {
        let mut key = KeyWriter::new();
        key.composite(composite, is_final, supertype);
        self.handle_for_key(key.words())
    }

    fn handle_for_key(self: &Arc<Self>, key: &[u32]) -> TypeHandle {
        let mut inner = self.lock();
        let group = inner.intern(key, &self.entries);
        let id = inner.groups[group as usize].ids[0];
        let ty = inner.slot(id).ty.clone();
        drop(inner);
        TypeHandle { registry: self.clone(), group, id, ty }
    }

    /// A new handle on a live type.
    pub fn handle(self: &Arc<Self>, id: TypeId) -> TypeHandle {
        let mut inner = self.lock();
        let (ty, group) = (inner.slot(id).ty.clone(), inner.slot(id).group);
        inner.groups[group as usize].holders += 1;
        drop(inner);
        TypeHandle { registry: self.clone(), group, id, ty }
    }

    /// How many types somebody holds.
    pub fn len(&self) -> usize {
        self.lock().groups.iter().filter(|g| g.holders > 0).map(|g| g.ids.len()).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether `a` is `b` or was declared, directly or not, as its subtype.
    #[inline]
    pub fn is_subtype(&self, a: TypeId, b: TypeId) -> bool {
        a == b || self.is_proper_subtype(a, b)
    }

    fn is_proper_subtype(&self, a: TypeId, b: TypeId) -> bool {
        let (entry, depth) = (self.entries.get(a), self.entries.get(b).depth());
        if depth >= entry.depth() {
            return false;
        }
        match entry.display.get(depth as usize) {
            Some(id) => id.load(Relaxed) == b.0,
            None => self.lookup(a).supers[depth as usize] == b,
        }
    }

    /// Heap type matching (spec, "Validation / Matching").
    pub fn heap_matches(&self, a: HeapType, b: HeapType) -> bool {
        use HeapType::*;
        match (a, b) {
            (Concrete(a), Concrete(b)) => self.is_subtype(a, b),
            (Concrete(a), _) => match self.entries.get(a).kind() {
                Kind::Func => b == Func,
                Kind::Struct => matches!(b, Struct | Eq | Any),
                Kind::Array => matches!(b, Array | Eq | Any),
            },
            (NoFunc, Concrete(b)) => self.entries.get(b).kind() == Kind::Func,
            (None, Concrete(b)) => self.entries.get(b).kind() != Kind::Func,
            (_, Concrete(_)) => false,
            _ if a == b => true,
            (NoFunc, Func) | (NoExtern, Extern) | (NoExn, Exn) => true,
            (None, I31 | Struct | Array | Eq | Any) | (I31 | Struct | Array, Eq | Any) | (Eq, Any) => true,
            (Func | NoFunc | Extern | NoExtern | Any | None | Eq | I31 | Struct | Array | Exn | NoExn, _) => false,
        }
    }

    /// Reference type matching.
    pub fn ref_matches(&self, a: RefType, b: RefType) -> bool {
        (b.nullable || !a.nullable) && self.heap_matches(a.heap, b.heap)
    }

    /// Value type matching.
    pub fn val_matches(&self, a: ValType, b: ValType) -> bool {
        match (a, b) {
            (ValType::Ref(a), ValType::Ref(b)) => self.ref_matches(a, b),
            _ => a == b,
        }
    }

    /// The type at the top of a heap type's hierarchy.
    #[inline(never)]
    pub fn top(&self, heap: HeapType) -> HeapType {
        match heap {
            HeapType::Func | HeapType::NoFunc => HeapType::Func,
            HeapType::Extern | HeapType::NoExtern => HeapType::Extern,
            HeapType::Exn | HeapType::NoExn => HeapType::Exn,
            HeapType::Concrete(id) if self.entries.get(id).kind() == Kind::Func => HeapType::Func,
            _ => HeapType::Any,
        }
    }

    /// A type in the text format for messages, with function and tag types spelled out.
    pub fn describe(&self, ty: &ExternType) -> String {
        match ty {
            ExternType::Func(id) => self.lookup(*id).to_string(),
            ExternType::Tag(id) => {
                let ty = self.lookup(*id);
                let mut out = String::from("(tag");
                for t in ty.as_func().iter().flat_map(|f| &f.params) {
                    let _ = write!(out, " (param {t})");
                }
                out + ")"
            }
            _ => ty.to_string(),
        }
    }

    /// Starts interning the types of a module, this many groups.
    pub(super) fn batch(self: &Arc<Self>, groups: usize) -> Batch<'_> {
        let mut inner = self.lock();
        let key = std::mem::take(&mut inner.key);
        Batch { registry: self, inner: Some(inner), key, groups: Vec::with_capacity(groups) }
    }
}

impl Inner {
    fn slot(&self, id: TypeId) -> &Slot {
        self.slots[id.0 as usize].as_ref().expect("a live type")
    }

    /// The group with this key, with one more holder.
    fn intern(&mut self, key: &[u32], entries: &Entries) -> u32 {
        if let Some(&group) = self.by_key.get(key) {
            self.groups[group as usize].holders += 1;
            return group;
        }
        self.insert(key, entries)
    }

    fn insert(&mut self, key: &[u32], entries: &Entries) -> u32 {
        let ids: Box<[TypeId]> = (0..key::count(key)).map(|_| self.new_slot()).collect();
        let group = self.free_groups.pop().unwrap_or_else(|| {
            self.groups.push(Group::default());
            self.groups.len() as u32 - 1
        });

        let mut mentions = Vec::new();
        let mut reader = key::KeyReader::new(key, &ids);
        for &id in &ids {
            let key::Definition { is_final, supertype, composite } = reader.definition(|id| {
                mentions.push(self.slot(id).group);
            });
            // A supertype precedes its subtype, so its slot is already filled.
            let above: &[TypeId] = supertype.map_or(&[], |s| &self.slot(s).ty.supers);
            let supers: Box<[TypeId]> = above.iter().copied().chain([id]).collect();
            let depth = supers.len() as u32 - 1;
            let ty = Arc::new(SubType { is_final, supertype, depth, supers, composite, shared: false });
            entries.set(id, &ty);
            self.slots[id.0 as usize] = Some(Slot { ty, group });
        }
        sort_by_key(&mut mentions, |g| u64::from(*g));
        mentions.dedup();
        for &g in &mentions {
            self.groups[g as usize].holders += 1;
        }
        let key: Arc<[u32]> = key.into();
        self.by_key.insert(key.clone(), group);
        self.groups[group as usize] = Group { holders: 1, key, ids, mentions: mentions.into(), kept: false };
        group
    }

    fn new_slot(&mut self) -> TypeId {
        TypeId(self.free_slots.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() as u32 - 1
        }))
    }

    fn free(&mut self, g: u32, dying: &mut Vec<u32>) {
        let group = std::mem::take(&mut self.groups[g as usize]);
        for id in &group.ids {
            self.slots[id.0 as usize] = None;
            self.free_slots.push(id.0);
        }
        self.free_groups.push(g);
        for &m in &group.mentions {
            self.drop_holder(m, dying);
        }
    }

    /// A group without holders is kept for who needs it next, if it is a function's, small and mentions none, in the place of
    /// the one that has been kept longest.
    fn drop_holder(&mut self, group: u32, dying: &mut Vec<u32>) {
        let of = &mut self.groups[group as usize];
        of.holders -= 1;
        if of.holders > 0 || of.kept {
            return;
        }
        if of.key.len() > KEPT_WORDS || !of.mentions.is_empty() || !key::is_function(&of.key) {
            return self.forget(group, dying);
        }
        of.kept = true;
        self.kept.push_back(group);
        if self.kept.len() > KEPT
            && let Some(oldest) = self.kept.pop_front()
        {
            self.groups[oldest as usize].kept = false;
            if self.groups[oldest as usize].holders == 0 {
                self.forget(oldest, dying);
            }
        }
    }

    /// Makes a group without holders one that cannot be found any more; it is to be freed, now or later.
    fn forget(&mut self, group: u32, dying: &mut Vec<u32>) {
        self.by_key.remove(&self.groups[group as usize].key);
        dying.push(group);
    }
}

/// Groups that are dealt with before other threads get their turn: some hundred microseconds' work.
const PART: usize = 500;

/// The registry while a module's type section is interned: locked most of the time, since a module has many types.
pub(super) struct Batch<'a> {
    registry: &'a Arc<TypeRegistry>,
    /// Always there.
    inner: Option<MutexGuard<'a, Inner>>,
    key: KeyWriter,
    groups: Vec<u32>,
}

impl Batch<'_> {
    /// Where to write the next group.
    pub fn key(&mut self) -> &mut KeyWriter {
        &mut self.key
    }

    /// Interns the group that has been written and appends its types.
    pub fn add(&mut self, ids: &mut Vec<TypeId>, sub_types: &mut Vec<Arc<SubType>>) {
        if self.groups.len() % PART == PART - 1 {
            self.inner = self.inner.take().map(|inner| self.registry.give_way(inner));
        }
        let inner = self.inner.get_or_insert_with(|| self.registry.lock());
        let group = inner.intern(self.key.words(), &self.registry.entries);
        self.groups.push(group);
        for &id in &inner.groups[group as usize].ids {
            ids.push(id);
            sub_types.push(inner.slot(id).ty.clone());
        }
    }

    pub fn finish(mut self) -> TypeSet {
        self.key.shrink();
        if let Some(inner) = &mut self.inner {
            inner.key = self.key;
        }
        TypeSet { registry: self.registry.clone(), groups: self.groups }
    }
}

/// Keeps the types of a module alive.
pub struct TypeSet {
    registry: Arc<TypeRegistry>,
    groups: Vec<u32>,
}

impl TypeSet {
    pub(super) fn empty(registry: &Arc<TypeRegistry>) -> TypeSet {
        TypeSet { registry: registry.clone(), groups: Vec::new() }
    }
}

impl Drop for TypeSet {
    fn drop(&mut self) {
        if !self.groups.is_empty() {
            self.registry.release(&self.groups);
        }
    }
}

/// Keeps one type alive.
pub struct TypeHandle {
    registry: Arc<TypeRegistry>,
    group: u32,
    id: TypeId,
    ty: Arc<SubType>,
}

impl TypeHandle {
    pub fn id(&self) -> TypeId {
        self.id
    }

    pub fn ty(&self) -> &Arc<SubType> {
        &self.ty
    }

    pub fn registry(&self) -> &Arc<TypeRegistry> {
        &self.registry
    }
}

impl Clone for TypeHandle {
    fn clone(&self) -> TypeHandle {
        self.registry.lock().groups[self.group as usize].holders += 1;
        TypeHandle { registry: self.registry.clone(), group: self.group, id: self.id, ty: self.ty.clone() }
    }
}

impl Drop for TypeHandle {
    fn drop(&mut self) {
        self.registry.release(&[self.group]);
    }
}

impl std::fmt::Debug for TypeHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TypeHandle({}: {})", self.id.0, self.ty)
    }
}
