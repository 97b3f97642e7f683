//! The compiler's intermediate form: static single assignment with block parameters.
//!
//! Everything is an index into an array of the function: values, instructions and blocks are `u32`s. An instruction has
//! any number of arguments (in one pool) and of results (adjacent values). What a block receives from its predecessors
//! are its parameters; a terminator passes arguments for them. Terminators are not instructions: every finished block has
//! exactly one.
//!
//! Integer semantics are those of WebAssembly, operation by operation, so an instruction's meaning is that of the `sem`
//! function of the same name. The few operations WebAssembly does not have (memory base and limit, the address check) are
//! documented at their variants.
//!
//! Invariants, checked by `verify`: an argument is defined before it is used on every path; types fit; the arguments
//! that a terminator passes are as many and of the types that the block wants.

pub use super::op::*;
use super::vector::VOp;
use crate::util::sort_by_key;
use crate::vm::trap::TrapKind;
use foldhash::HashMap;

macro_rules! entity {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);

        impl $name {
            #[inline]
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

entity!(/// A value: a result of an instruction, or a parameter of a block.
    Value);
entity!(/// An instruction.
    Inst);
entity!(/// A basic block.
    Block);

/// A run of the pool of arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct List {
    start: u32,
    len: u32,
}

#[derive(Clone, Copy, Debug)]
pub struct InstData {
    pub op: Op,
    /// The type of the result; of the value stored, for stores.
    pub ty: Type,
    pub args: List,
    pub imm: u64,
    /// Where in the module it comes from: a place as [`Inlined`] tells.
    pub offset: u32,
    /// The first of `results` adjacent values.
    pub first: Value,
    pub results: u32,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Def {
    Inst(Inst, u32),
    Param(Block, u32),
    /// Replaced by another value, which `resolve` finds.
    Alias(Value),
}

#[derive(Clone, Copy, Debug)]
pub struct ValueData {
    pub ty: Type,
    pub def: Def,
}

/// A place in the code of a function that has been inlined. Wherever the compiler says `offset`, there is an offset in the
/// module if it is less than [`INLINED`], and else the number of one of these in the function, counted from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inlined {
    /// In the module.
    pub offset: u32,
    /// The place of the call. Comes before this one if it is inlined too.
    pub call: u32,
}

/// No module is as large.
pub const INLINED: u32 = 1 << 31;

/// Instead of a place: the start of the function.
pub const START: u32 = u32::MAX;

/// The number of a place, if it is an inlined one.
pub fn as_inlined(offset: u32) -> Option<usize> {
    (offset >= INLINED && offset != START).then(|| (offset - INLINED) as usize)
}

/// A successor and what it receives.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    pub block: Block,
    pub args: Vec<Value>,
}

#[derive(Clone, Debug, Default)]
pub enum Term {
    /// Not finished, or not reachable.
    #[default]
    None,
    Jump(Target),
    /// To the first when the condition is not zero.
    Branch(Value, Target, Target),
    /// The last is the default.
    Table(Value, Vec<Target>),
    Return(Vec<Value>),
    Trap(TrapKind, u32),
    /// Behind a call, the last instruction: where it goes on, and the handlers of exceptions it may end in, inner ones first.
    /// Its results are known in the former only.
    Invoke(Target, Vec<Handler>),
    /// Throws a reference to an exception, which must not be null; the offset in the module.
    Throw(Value, Vec<Handler>, u32),
    /// Calls in the place of this function.
    TailCall(Box<TailCall>),
}

/// Where an exception arrives: a region of [`Func::regions`], and the block that takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handler {
    pub region: u32,
    pub target: Target,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TailCall {
    /// A function of the module, or else the last argument is a reference to one, not null.
    pub func: Option<u32>,
    /// Module type index.
    pub ty: u32,
    pub args: Vec<Value>,
    pub offset: u32,
}

impl Term {
    pub fn targets(&self) -> &[Target] {
        match self {
            Term::Jump(t) => core::slice::from_ref(t),
            Term::Table(_, targets) => targets,
            _ => &[],
        }
    }

    /// Calls `f` with each successor, by code for that alone: for what asks all blocks of a function.
    #[inline]
    pub fn visit_targets<'a>(&'a self, mut f: impl FnMut(&'a Target)) {
        match self {
            Term::Branch(_, a, b) => {
                f(a);
                f(b);
            }
            Term::Invoke(next, handlers) => {
                f(next);
                handlers.iter().for_each(|h| f(&h.target));
            }
            Term::Throw(_, handlers, _) => handlers.iter().for_each(|h| f(&h.target)),
            _ => self.targets().iter().for_each(f),
        }
    }

    #[inline]
    pub fn visit_targets_mut(&mut self, mut f: impl FnMut(&mut Target)) {
        match self {
            Term::Jump(t) => f(t),
            Term::Branch(_, a, b) => {
                f(a);
                f(b);
            }
            Term::Table(_, targets) => targets.iter_mut().for_each(f),
            Term::Invoke(next, handlers) => {
                f(next);
                handlers.iter_mut().for_each(|h| f(&mut h.target));
            }
            Term::Throw(_, handlers, _) => handlers.iter_mut().for_each(|h| f(&mut h.target)),
            Term::None | Term::Return(_) | Term::Trap(..) | Term::TailCall(_) => {}
        }
    }

    /// Calls `f` with every value it reads, arguments of successors included.
    #[inline]
    pub fn visit_values(&self, mut f: impl FnMut(Value)) {
        match self {
            Term::Branch(v, ..) | Term::Table(v, _) | Term::Throw(v, ..) => f(*v),
            Term::Return(values) => values.iter().for_each(|v| f(*v)),
            Term::TailCall(call) => call.args.iter().for_each(|v| f(*v)),
            Term::Jump(_) | Term::None | Term::Trap(..) | Term::Invoke(..) => {}
        }
        self.visit_targets(|t| t.args.iter().for_each(|v| f(*v)));
    }

    #[inline]
    pub fn visit_values_mut(&mut self, mut f: impl FnMut(&mut Value)) {
        match self {
            Term::Branch(v, ..) | Term::Table(v, _) | Term::Throw(v, ..) => f(v),
            Term::Return(values) => values.iter_mut().for_each(&mut f),
            Term::TailCall(call) => call.args.iter_mut().for_each(&mut f),
            Term::Jump(_) | Term::None | Term::Trap(..) | Term::Invoke(..) => {}
        }
        self.visit_targets_mut(|t| t.args.iter_mut().for_each(&mut f));
    }

    // The same with code that all callers share.

    pub fn each_target<'a>(&'a self, mut f: impl FnMut(&'a Target)) {
        #[inline(never)]
        fn each<'a>(term: &'a Term, f: &mut dyn FnMut(&'a Target)) {
            term.visit_targets(f);
        }
        each(self, &mut f);
    }

    pub fn each_target_mut(&mut self, mut f: impl FnMut(&mut Target)) {
        #[inline(never)]
        fn each(term: &mut Term, f: &mut dyn FnMut(&mut Target)) {
            term.visit_targets_mut(f);
        }
        each(self, &mut f);
    }

    pub fn each_value(&self, mut f: impl FnMut(Value)) {
        #[inline(never)]
        fn each(term: &Term, f: &mut dyn FnMut(Value)) {
            term.visit_values(f);
        }
        each(self, &mut f);
    }

    pub fn each_value_mut(&mut self, mut f: impl FnMut(&mut Value)) {
        #[inline(never)]
        fn each(term: &mut Term, f: &mut dyn FnMut(&mut Value)) {
            term.visit_values_mut(f);
        }
        each(self, &mut f);
    }
}

#[derive(Clone, Debug, Default)]
pub struct BlockData {
    pub params: Vec<Value>,
    pub insts: Vec<Inst>,
    pub term: Term,
    /// The header of a loop in the source.
    pub is_loop: bool,
}

/// A function.
#[derive(Default)]
pub struct Func {
    pub values: Vec<ValueData>,
    pub insts: Vec<InstData>,
    pub blocks: Vec<BlockData>,
    pool: Vec<Value>,
    /// In the module's function index space.
    pub index: u32,
    /// The parameters are those of the entry block.
    pub results: Vec<Type>,
    /// Immediates of 128 bits, each once.
    pub vectors: Vec<u128>,
    vector_numbers: HashMap<u128, u32>,
    /// Whether memory 0 has a guard: then it never moves.
    pub guarded: bool,
    /// Where exceptions are handled: the tag (module index) of each clause, `None` for one that takes all.
    pub regions: Vec<Vec<Option<u32>>>,
    /// Places in inlined functions.
    pub inlined: Vec<Inlined>,
    /// Whether a value has been replaced since all uses were rewritten.
    replaced: bool,
    /// Blocks of functions before this one, whose lists are used anew.
    spare: Vec<BlockData>,
    /// What is known of the graph of blocks: [`super::dom::Dominators::take`].
    pub(super) graph: Option<super::dom::Dominators>,
}

/// The entry.
pub const ENTRY: Block = Block(0);

impl Func {
    /// An empty function; `bytes`: how long its body is. The lists of another one are used anew.
    pub fn new(index: u32, results: Vec<Type>, bytes: usize, other: Func) -> Func {
        let Func { mut values, mut insts, mut blocks, mut pool, mut spare, .. } = other;
        (values.clear(), insts.clear(), pool.clear());
        spare.append(&mut blocks);
        // As many as bodies mostly need, so that lists seldom grow.
        values.reserve(bytes / 2);
        insts.reserve(bytes / 2);
        blocks.reserve(bytes / 16);
        pool.reserve(bytes / 2);
        Func { index, results, values, insts, blocks, pool, spare, ..Func::default() }
    }

    #[inline(never)]
    pub fn new_block(&mut self) -> Block {
        let BlockData { mut params, mut insts, .. } = self.spare.pop().unwrap_or_default();
        (params.clear(), insts.clear());
        self.blocks.push(BlockData { params, insts, term: Term::None, is_loop: false });
        Block(self.blocks.len() as u32 - 1)
    }

    pub fn new_param(&mut self, block: Block, ty: Type) -> Value {
        let n = self.blocks[block.index()].params.len() as u32;
        let v = Value(self.values.len() as u32);
        self.values.push(ValueData { ty, def: Def::Param(block, n) });
        self.blocks[block.index()].params.push(v);
        v
    }

    /// An instruction that no block has yet.
    #[inline(never)]
    pub fn new_inst(&mut self, op: Op, ty: Type, args: &[Value], imm: u64, offset: u32, results: &[Type]) -> Inst {
        let inst = Inst(self.insts.len() as u32);
        let list = List { start: self.pool.len() as u32, len: args.len() as u32 };
        self.pool.extend_from_slice(args);
        let first = Value(self.values.len() as u32);
        for (n, ty) in results.iter().enumerate() {
            self.values.push(ValueData { ty: *ty, def: Def::Inst(inst, n as u32) });
        }
        let results = results.len() as u32;
        self.insts.push(InstData { op, ty, args: list, imm, offset, first, results });
        inst
    }

    #[inline]
    pub fn block(&self, b: Block) -> &BlockData {
        &self.blocks[b.index()]
    }

    #[inline]
    pub fn inst(&self, i: Inst) -> &InstData {
        &self.insts[i.index()]
    }

    #[inline]
    pub fn ty(&self, v: Value) -> Type {
        self.values[v.index()].ty
    }

    #[inline]
    pub fn args(&self, i: Inst) -> &[Value] {
        let l = self.insts[i.index()].args;
        &self.pool[l.start as usize..(l.start + l.len) as usize]
    }

    #[inline]
    pub fn args_mut(&mut self, i: Inst) -> &mut [Value] {
        let l = self.insts[i.index()].args;
        &mut self.pool[l.start as usize..(l.start + l.len) as usize]
    }

    /// Gives an instruction another operation and arguments; its results stay.
    pub fn change(&mut self, i: Inst, op: Op, args: &[Value], imm: u64) {
        let list = List { start: self.pool.len() as u32, len: args.len() as u32 };
        self.pool.extend_from_slice(args);
        let data = &mut self.insts[i.index()];
        (data.op, data.args, data.imm) = (op, list, imm);
    }

    /// The value that stands for `v` after replacements.
    pub fn resolve(&self, mut v: Value) -> Value {
        while let Def::Alias(to) = self.values[v.index()].def {
            v = to;
        }
        v
    }

    /// Rewrites the arguments of an instruction that have been replaced.
    pub fn resolve_args(&mut self, i: Inst) {
        let List { start, len } = self.insts[i.index()].args;
        for v in &mut self.pool[start as usize..(start + len) as usize] {
            while let Def::Alias(to) = self.values[v.index()].def {
                *v = to;
            }
        }
    }

    /// From now on `old` means `new`; uses are rewritten by [`Func::resolve_all`].
    pub fn replace(&mut self, old: Value, new: Value) {
        let new = self.resolve(new);
        debug_assert_ne!(old, new);
        self.replaced = true;
        self.values[old.index()].def = Def::Alias(new);
    }

    /// Rewrites all uses of replaced values.
    pub fn resolve_all(&mut self) {
        if !std::mem::take(&mut self.replaced) {
            return;
        }
        let mut pool = std::mem::take(&mut self.pool);
        pool.iter_mut().for_each(|v| *v = self.resolve(*v));
        self.pool = pool;
        for b in 0..self.blocks.len() {
            let mut term = std::mem::replace(&mut self.blocks[b].term, Term::None);
            term.visit_values_mut(|v| *v = self.resolve(*v));
            self.blocks[b].term = term;
        }
    }

    /// The instruction that defines a value, unless it is a parameter.
    #[inline]
    pub fn def_inst(&self, v: Value) -> Option<Inst> {
        match self.values[v.index()].def {
            Def::Inst(i, _) => Some(i),
            _ => None,
        }
    }

    /// The operation and the arguments of the instruction that makes a value, if there are two; if there is one, that twice.
    #[inline(never)]
    pub fn made_by(&self, v: Value) -> Option<(Op, Value, Value)> {
        let i = self.def_inst(self.resolve(v))?;
        let (first, second) = match *self.args(i) {
            [a] => (a, a),
            [a, b] => (a, b),
            _ => return None,
        };
        Some((self.inst(i).op, self.resolve(first), self.resolve(second)))
    }

    /// The bits, if the value is a constant.
    #[inline]
    pub fn as_const(&self, v: Value) -> Option<u64> {
        let data = self.inst(self.def_inst(v)?);
        (data.op == Op::Const).then_some(data.imm)
    }

    /// The number of an immediate of 128 bits.
    #[inline(never)]
    pub fn vector(&mut self, bits: u128) -> u64 {
        *self.vector_numbers.entry(bits).or_insert_with(|| {
            self.vectors.push(bits);
            self.vectors.len() as u32 - 1
        }) as u64
    }

    /// The bits, if the value is a constant vector.
    #[inline(never)]
    pub fn as_vector(&self, v: Value) -> Option<u128> {
        let data = self.inst(self.def_inst(v)?);
        (data.op == Op::V(VOp::Const)).then(|| self.vectors[data.imm as usize])
    }

    /// The blocks in reverse postorder of a depth-first walk: every block after its dominators.
    pub fn reverse_postorder(&self) -> Vec<Block> {
        self.reverse_postorder_by(|_| {})
    }

    /// [`Func::reverse_postorder`] of a walk for which `arrange` puts the successors of each block in order; the last is visited
    /// first.
    pub fn reverse_postorder_by(&self, arrange: impl Fn(&mut [Block])) -> Vec<Block> {
        let mut seen = vec![false; self.blocks.len()];
        let mut order = Vec::with_capacity(self.blocks.len());
        // What is left of the successors of each block on the stack, one block's behind the other's, and where each one's begin.
        let mut left: Vec<Block> = Vec::with_capacity(self.blocks.len());
        let mut stack = Vec::with_capacity(self.blocks.len());
        let enter = |b: Block, left: &mut Vec<Block>, stack: &mut Vec<(Block, usize)>| {
            let start = left.len();
            self.block(b).term.visit_targets(|t| left.push(t.block));
            arrange(&mut left[start..]);
            stack.push((b, start));
        };
        seen[ENTRY.index()] = true;
        enter(ENTRY, &mut left, &mut stack);
        while let Some(&(block, start)) = stack.last() {
            if left.len() == start {
                order.push(block);
                stack.pop();
                continue;
            }
            let next = left.pop().expect("longer than its start");
            if !seen[next.index()] {
                seen[next.index()] = true;
                enter(next, &mut left, &mut stack);
            }
        }
        order.reverse();
        order
    }

    /// The predecessors of each block, once for each edge, among the blocks given.
    pub fn predecessors(&self, order: &[Block]) -> Predecessors {
        let (starts, list) = self.edges(order, ENTRY, |b, _| b);
        Predecessors { starts, list }
    }

    /// The arguments that each block is passed by the blocks given.
    pub fn incoming(&self, order: &[Block]) -> Incoming<'_> {
        let (starts, list) = self.edges(order, &[][..], |_, t| &t.args[..]);
        Incoming { starts, list }
    }

    /// Something of each edge, those to one block together in the order of where they come from, and where each block's start.
    fn edges<'a, T: Copy>(
        &'a self,
        order: &[Block],
        none: T,
        of: impl Fn(Block, &'a Target) -> T,
    ) -> (Vec<u32>, Vec<T>) {
        let mut ends = vec![0; self.blocks.len() + 1];
        for &b in order {
            self.block(b).term.visit_targets(|t| ends[t.block.index()] += 1);
        }
        let mut sum = 0;
        for end in &mut ends {
            sum += *end;
            *end = sum;
        }
        let mut list = vec![none; sum as usize];
        // From the last to the first, which leaves each end at its start.
        for &b in order.iter().rev() {
            let from = self.block(b);
            from.term.visit_targets(|t| {
                let at = &mut ends[t.block.index()];
                *at -= 1;
                list[*at as usize] = of(b, t);
            });
        }
        (ends, list)
    }
}

/// What each block is passed.
pub struct Incoming<'a> {
    starts: Vec<u32>,
    list: Vec<&'a [Value]>,
}

impl Incoming<'_> {
    /// The arguments of each edge to a block.
    pub fn of(&self, b: Block) -> &[&[Value]] {
        &self.list[self.starts[b.index()] as usize..self.starts[b.index() + 1] as usize]
    }
}

/// The predecessors of each block.
pub struct Predecessors {
    /// By block: where its own start in `list`; those of the next one follow.
    starts: Vec<u32>,
    list: Vec<Block>,
}

impl Predecessors {
    /// Puts the blocks that lead to a block into a list, each once, in ascending order.
    pub fn distinct(&self, b: Block, list: &mut Vec<Block>) {
        list.clear();
        list.extend(&self[b]);
        sort_by_key(list, |b| u64::from(b.0));
        list.dedup();
    }
}

impl core::ops::Index<Block> for Predecessors {
    type Output = [Block];

    #[inline]
    fn index(&self, b: Block) -> &[Block] {
        &self.list[self.starts[b.index()] as usize..self.starts[b.index() + 1] as usize]
    }
}
