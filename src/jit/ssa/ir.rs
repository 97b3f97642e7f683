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

use crate::module::ValType;
use crate::vm::trap::TrapKind;

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

/// The type of a value. References are 64-bit words whose meaning is no business of the compiler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    I32,
    I64,
    F32,
    F64,
    V128,
    Ref,
}

impl Type {
    pub fn of(ty: ValType) -> Type {
        match ty {
            ValType::I32 => Type::I32,
            ValType::I64 => Type::I64,
            ValType::F32 => Type::F32,
            ValType::F64 => Type::F64,
            ValType::V128 => Type::V128,
            ValType::Ref(_) => Type::Ref,
        }
    }

    pub fn is_float(self) -> bool {
        matches!(self, Type::F32 | Type::F64)
    }

    /// Whether values of the type live in vector registers.
    pub fn is_vector_class(self) -> bool {
        matches!(self, Type::F32 | Type::F64 | Type::V128)
    }

    /// Whether machine operations on it are 64 bits wide.
    pub fn is_wide(self) -> bool {
        matches!(self, Type::I64 | Type::F64 | Type::Ref)
    }
}

/// What a load or store moves: how many bytes, and how a load extends them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Width {
    S8,
    U8,
    S16,
    U16,
    S32,
    U32,
    W64,
    F32,
    F64,
}

impl Width {
    pub fn bytes(self) -> u64 {
        match self {
            Width::S8 | Width::U8 => 1,
            Width::S16 | Width::U16 => 2,
            Width::S32 | Width::U32 | Width::F32 => 4,
            Width::W64 | Width::F64 => 8,
        }
    }
}

/// The condition of an integer comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cond {
    Eq,
    Ne,
    LtS,
    LtU,
    GtS,
    GtU,
    LeS,
    LeU,
    GeS,
    GeU,
}

impl Cond {
    /// The condition that holds exactly when this one does not.
    pub fn negate(self) -> Cond {
        match self {
            Cond::Eq => Cond::Ne,
            Cond::Ne => Cond::Eq,
            Cond::LtS => Cond::GeS,
            Cond::LtU => Cond::GeU,
            Cond::GtS => Cond::LeS,
            Cond::GtU => Cond::LeU,
            Cond::LeS => Cond::GtS,
            Cond::LeU => Cond::GtU,
            Cond::GeS => Cond::LtS,
            Cond::GeU => Cond::LtU,
        }
    }

    /// The condition for the operands in the other order.
    pub fn swap(self) -> Cond {
        match self {
            Cond::Eq => Cond::Eq,
            Cond::Ne => Cond::Ne,
            Cond::LtS => Cond::GtS,
            Cond::LtU => Cond::GtU,
            Cond::GtS => Cond::LtS,
            Cond::GtU => Cond::LtU,
            Cond::LeS => Cond::GeS,
            Cond::LeU => Cond::GeU,
            Cond::GeS => Cond::LeS,
            Cond::GeU => Cond::LeU,
        }
    }
}

/// The condition of a float comparison; all but `Ne` are false when an operand is not a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FCond {
    Eq,
    Ne,
    Lt,
    Gt,
    Le,
    Ge,
}

/// A routine of the library that machine code calls on the native stack. All take the instance first and integers after
/// it; `jit::helpers` has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Helper {
    MemoryGrow,
    /// These three trap when they are out of bounds.
    MemoryFill,
    MemoryCopy,
    MemoryInit,
    DataDrop,
    RefFunc,
}

/// An operation. Arguments are in order of the WebAssembly operands unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// `imm` holds the bits.
    Const,

    Add,
    Sub,
    Mul,
    And,
    Or,
    Xor,
    Shl,
    ShrS,
    ShrU,
    Rotl,
    Rotr,
    DivS,
    DivU,
    RemS,
    RemU,
    Clz,
    Ctz,
    Popcnt,
    Extend8,
    Extend16,
    Extend32,
    /// `i64.extend_i32_s`, `i64.extend_i32_u`, `i32.wrap_i64`.
    Sext,
    Zext,
    Wrap,
    /// Comparison of integers; the result is an `i32`.
    Cmp(Cond),
    /// The upper half of the double-width product. Made by the optimizer.
    MulHiS,
    MulHiU,

    FAdd,
    FSub,
    FMul,
    FDiv,
    FMin,
    FMax,
    FCopysign,
    FAbs,
    FNeg,
    FCeil,
    FFloor,
    FTrunc,
    FNearest,
    FSqrt,
    FCmp(FCond),
    Demote,
    Promote,
    /// From the integer type of the argument.
    ConvertS,
    ConvertU,
    TruncS,
    TruncU,
    TruncSatS,
    TruncSatU,
    /// The same bits as another type of the same size.
    Bitcast,

    /// (a, b, condition): `a` when the condition is not zero.
    Select,

    /// The first byte of memory 0 at this point.
    MemBase,
    /// The length of memory 0 at this point, less `imm`, which is at most the memory's minimum.
    MemLimit,
    /// (address, limit): the address of an access to memory 0 as an `i64`; traps unless `address + end` is at most the length.
    /// `imm` has `end` (offset plus size) and what the limit was reduced by: see [`check_imm`]. Accesses take their address
    /// from here, so that they cannot be moved before it.
    Check,
    /// (base, checked address); `imm` is the offset.
    Load(Width),
    /// (base, checked address, value); `imm` is the offset.
    Store(Width),
    /// `memory.size` of the memory `imm`, in pages.
    MemSize,

    /// The global `imm`.
    GlobalGet,
    GlobalSet,

    /// Function `imm` of the module.
    Call,
    /// (arguments, index): through table `imm >> 32` with the type `imm as u32` (module type index).
    CallIndirect,
    /// (arguments, reference) with module type index `imm`.
    CallRef,
    /// Asks whether the guest is to stop.
    Poll,
    /// The result, if any, is one value; `imm` goes last.
    Helper(Helper),
}

/// The `imm` of a [`Op::Check`]: the limit is reduced by `end` itself, or by a small number.
pub fn check_imm(end: u64, reduced: u64) -> u64 {
    let code = if reduced == end { CHECK_SAME } else { reduced };
    end | code << 40
}

/// `end`, and what the limit was reduced by.
pub fn check_parts(imm: u64) -> (u64, u64) {
    let (end, code) = (imm & ((1 << 40) - 1), imm >> 40);
    (end, if code == CHECK_SAME { end } else { code })
}

const CHECK_SAME: u64 = (1 << 24) - 1;

/// What an operation does beside computing its results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: may be moved, merged and dropped.
    None,
    /// May trap, or not, by its arguments alone: may be merged with an equal one that dominates it.
    Trap,
    /// Reads what others write.
    Read,
    /// Anything.
    Write,
}

impl Op {
    pub fn effect(self) -> Effect {
        match self {
            Op::DivS | Op::DivU | Op::RemS | Op::RemU | Op::TruncS | Op::TruncU | Op::Check | Op::Poll => Effect::Trap,
            Op::Load(_) | Op::GlobalGet | Op::MemSize | Op::MemBase | Op::MemLimit => Effect::Read,
            Op::Store(_) | Op::GlobalSet | Op::Call | Op::CallIndirect | Op::CallRef | Op::Helper(_) => Effect::Write,
            _ => Effect::None,
        }
    }

    /// Whether anything may happen to memories, tables and globals.
    pub fn is_call(self) -> bool {
        matches!(self, Op::Call | Op::CallIndirect | Op::CallRef | Op::Helper(_))
    }

    pub fn is_commutative(self) -> bool {
        use Op::*;
        matches!(self, Add | Mul | And | Or | Xor | Cmp(Cond::Eq) | Cmp(Cond::Ne) | MulHiS | MulHiU)
    }
}

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
    /// Where in the module it comes from.
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

/// A successor and what it receives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub block: Block,
    pub args: Vec<Value>,
}

#[derive(Clone, Debug)]
pub enum Term {
    /// Not finished, or not reachable.
    None,
    Jump(Target),
    /// To the first when the condition is not zero.
    Branch(Value, Target, Target),
    /// The last is the default.
    Table(Value, Vec<Target>),
    Return(Vec<Value>),
    Trap(TrapKind, u32),
}

impl Term {
    pub fn targets(&self) -> &[Target] {
        match self {
            Term::Jump(t) => core::slice::from_ref(t),
            Term::Table(_, targets) => targets,
            Term::Branch(..) | Term::None | Term::Return(_) | Term::Trap(..) => &[],
        }
    }

    /// Calls `f` with each successor.
    pub fn each_target(&self, mut f: impl FnMut(&Target)) {
        if let Term::Branch(_, a, b) = self {
            f(a);
            f(b);
        }
        self.targets().iter().for_each(f);
    }

    pub fn each_target_mut(&mut self, mut f: impl FnMut(&mut Target)) {
        match self {
            Term::Jump(t) => f(t),
            Term::Branch(_, a, b) => {
                f(a);
                f(b);
            }
            Term::Table(_, targets) => targets.iter_mut().for_each(f),
            Term::None | Term::Return(_) | Term::Trap(..) => {}
        }
    }

    /// Calls `f` with every value it reads, arguments of successors included.
    pub fn each_value(&self, mut f: impl FnMut(Value)) {
        match self {
            Term::Branch(v, ..) | Term::Table(v, _) => f(*v),
            Term::Return(values) => values.iter().for_each(|v| f(*v)),
            Term::Jump(_) | Term::None | Term::Trap(..) => {}
        }
        self.each_target(|t| t.args.iter().for_each(|v| f(*v)));
    }

    pub fn each_value_mut(&mut self, mut f: impl FnMut(&mut Value)) {
        match self {
            Term::Branch(v, ..) | Term::Table(v, _) => f(v),
            Term::Return(values) => values.iter_mut().for_each(&mut f),
            Term::Jump(_) | Term::None | Term::Trap(..) => {}
        }
        self.each_target_mut(|t| t.args.iter_mut().for_each(&mut f));
    }
}

#[derive(Clone, Debug)]
pub struct BlockData {
    pub params: Vec<Value>,
    pub insts: Vec<Inst>,
    pub term: Term,
    /// The header of a loop in the source.
    pub is_loop: bool,
}

/// A function.
pub struct Func {
    pub values: Vec<ValueData>,
    pub insts: Vec<InstData>,
    pub blocks: Vec<BlockData>,
    pool: Vec<Value>,
    /// In the module's function index space.
    pub index: u32,
    /// The parameters are those of the entry block.
    pub results: Vec<Type>,
}

/// The entry.
pub const ENTRY: Block = Block(0);

impl Func {
    pub fn new(index: u32, results: Vec<Type>) -> Func {
        Func { values: Vec::new(), insts: Vec::new(), blocks: Vec::new(), pool: Vec::new(), index, results }
    }

    pub fn new_block(&mut self) -> Block {
        self.blocks.push(BlockData { params: Vec::new(), insts: Vec::new(), term: Term::None, is_loop: false });
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

    /// From now on `old` means `new`; uses are rewritten by [`Func::resolve_all`].
    pub fn replace(&mut self, old: Value, new: Value) {
        let new = self.resolve(new);
        debug_assert_ne!(old, new);
        self.values[old.index()].def = Def::Alias(new);
    }

    /// Rewrites all uses of replaced values.
    pub fn resolve_all(&mut self) {
        let mut pool = std::mem::take(&mut self.pool);
        pool.iter_mut().for_each(|v| *v = self.resolve(*v));
        self.pool = pool;
        for b in 0..self.blocks.len() {
            let mut term = std::mem::replace(&mut self.blocks[b].term, Term::None);
            term.each_value_mut(|v| *v = self.resolve(*v));
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

    /// The bits, if the value is a constant.
    #[inline]
    pub fn as_const(&self, v: Value) -> Option<u64> {
        let data = self.inst(self.def_inst(v)?);
        (data.op == Op::Const).then_some(data.imm)
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
        let successors = |b: Block| {
            let mut list = Vec::new();
            self.block(b).term.each_target(|t| list.push(t.block));
            arrange(&mut list);
            list
        };
        let mut stack = vec![(ENTRY, successors(ENTRY))];
        seen[ENTRY.index()] = true;
        while let Some((block, left)) = stack.last_mut() {
            match left.pop() {
                Some(next) if !seen[next.index()] => {
                    seen[next.index()] = true;
                    stack.push((next, successors(next)));
                }
                Some(_) => {}
                None => {
                    order.push(*block);
                    stack.pop();
                }
            }
        }
        order.reverse();
        order
    }

    /// The predecessors of each block, once for each edge, among the blocks given.
    pub fn predecessors(&self, order: &[Block]) -> Vec<Vec<Block>> {
        let mut preds = vec![Vec::new(); self.blocks.len()];
        for &b in order {
            self.block(b).term.each_target(|t| preds[t.block.index()].push(b));
        }
        preds
    }
}
