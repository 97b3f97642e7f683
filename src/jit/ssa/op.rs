//! The operations of the intermediate form, their types, and what they do beside computing.
#![forbid(unsafe_code)]

use super::vector::VOp;
use crate::module::ValType;

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

    /// How many bytes a value takes in memory.
    pub fn bytes(self) -> u64 {
        match self {
            Type::I32 | Type::F32 => 4,
            Type::I64 | Type::F64 | Type::Ref => 8,
            Type::V128 => 16,
        }
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
    V128,
    /// To the low lane of a vector, the others zero.
    V32Zero,
    V64Zero,
}

impl Width {
    pub fn bytes(self) -> u64 {
        match self {
            Width::S8 | Width::U8 => 1,
            Width::S16 | Width::U16 => 2,
            Width::S32 | Width::U32 | Width::F32 | Width::V32Zero => 4,
            Width::W64 | Width::F64 | Width::V64Zero => 8,
            Width::V128 => 16,
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
    MemoryFill,
    MemoryCopy,
    MemoryInit,
    DataDrop,
    RefFunc,
    TableGrow,
    TableFill,
    TableCopy,
    TableInit,
    ElemDrop,
    /// Whether a function type is a subtype of another.
    IsSubtype,
    AtomicWait32,
    AtomicWait64,
    AtomicNotify,
    ArrayNew,
    ArrayNewDefault,
    ArrayNewData,
    ArrayNewElem,
    ArrayFill,
    ArrayCopy,
    ArrayInitData,
    ArrayInitElem,
    /// A new exception.
    Exception,
}

/// What a routine of the library gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A value, or nothing.
    Plain,
    /// The number of a trap, or 0.
    Status,
    /// A value, and the number of a trap, or 0.
    Value,
}

impl Helper {
    pub fn outcome(self) -> Outcome {
        use Helper::*;
        match self {
            MemoryGrow | DataDrop | RefFunc | TableGrow | ElemDrop | IsSubtype | AtomicNotify => Outcome::Plain,
            MemoryFill | MemoryCopy | MemoryInit | TableFill | TableCopy | TableInit | ArrayFill | ArrayCopy
            | ArrayInitData | ArrayInitElem => Outcome::Status,
            AtomicWait32 | AtomicWait64 | ArrayNew | ArrayNewDefault | ArrayNewData | ArrayNewElem | Exception => {
                Outcome::Value
            }
        }
    }

    /// Whether the arguments are passed in the outgoing area, as packed slots: because they are many, are of any type, or are
    /// references that the collector has to find there.
    pub fn is_packed(self) -> bool {
        use Helper::*;
        matches!(self, ArrayNew | ArrayFill | ArrayCopy | Exception)
    }
}

/// What an atomic access does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Atomic {
    Load,
    Store,
    Add,
    Sub,
    And,
    Or,
    Xor,
    Xchg,
    Cmpxchg,
}

/// What a type test asks of a reference that is not null.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Test {
    /// To an object of a type: the canonical id, the depth of the type in its hierarchy, whether it is final.
    Type(u32, u32, bool),
    Struct,
    Array,
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
    /// The bytes in reverse. Made by the optimizer.
    Bswap,

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
    /// On vectors.
    V(VOp),

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
    /// (address, length): as [`Op::Check`] for any memory. The address has the memory's width, `imm` is `end`.
    CheckWide,
    /// (base, checked address, operands): a sequentially consistent access; `imm` is the offset.
    Atomic(Atomic, Width),
    Fence,

    /// A pointer that never changes while the instance lives: the field at offset `imm as u32`; if the upper half is
    /// n + 1, word n of the array there.
    Field,
    /// (pointer): the word at offset `imm` of a table, a memory or the store: it changes by calls only.
    Head,
    /// (base) or (base, index): what is in a table or an object at `base + index << (imm >> 32) + imm as u32`.
    Peek(Width),
    /// (base, value) or (base, index, value).
    Poke(Width),
    /// (address, reference): the sum.
    Derive,
    /// (reference): the same; traps if it is null. `imm` is the kind of the trap.
    CheckNull,
    /// (index, length): the index as an `i64`; traps unless it is less. `imm` is the kind of the trap.
    CheckIndex,
    /// (condition): traps if it is not zero. `imm` is the kind of the trap.
    TrapIf,
    /// A new object whose fields have yet to be written: its canonical type in the low half of `imm`, its extent in the
    /// high half. Bytes of an element as a power of two, for arrays.
    New(Option<u8>),
    /// (reference); the flag: what null gives.
    TypeTest(Test, bool),

    /// The exception that has arrived, and the number of the clause that takes it. First in a handler.
    Caught,
    Clause,

    /// (low, high, low, high) to (low, high).
    Add128,
    Sub128,
    /// (a, b) to (low, high).
    MulWideS,
    MulWideU,

    /// The global `imm`.
    GlobalGet,
    GlobalSet,

    /// Function `imm` of the module.
    Call,
    /// (arguments, index): through table `imm >> 32` with the type `imm as u32` (module type index).
    CallIndirect,
    /// (arguments, reference, not null) with module type index `imm`.
    CallRef,
    /// Asks whether the guest is to stop.
    Poll,
    /// Pays `imm` units of fuel, or as many as the argument says if there is one.
    Fuel,
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

/// Instead of what a limit was reduced by: there is no limit, the second argument is the first byte of memory, and whatever
/// lies outside cannot be touched.
const GUARDED: u64 = (1 << 24) - 2;

/// The `imm` of such a check.
pub fn guarded_imm(end: u64) -> u64 {
    end | GUARDED << 40
}

/// Whether a check is of that kind.
pub fn is_guarded(imm: u64) -> bool {
    imm >> 40 == GUARDED
}

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
            Op::CheckWide | Op::CheckNull | Op::CheckIndex | Op::TrapIf => Effect::Trap,
            Op::Load(_) | Op::GlobalGet | Op::MemSize | Op::MemBase | Op::MemLimit => Effect::Read,
            Op::Head | Op::Peek(_) | Op::TypeTest(..) => Effect::Read,
            Op::Store(_) | Op::GlobalSet | Op::Call | Op::CallIndirect | Op::CallRef | Op::Helper(_) => Effect::Write,
            Op::Poke(_) | Op::Atomic(..) | Op::Fence | Op::New(_) | Op::Fuel => Effect::Write,
            Op::Caught | Op::Clause => Effect::Write,
            _ => Effect::None,
        }
    }

    /// Whether anything may happen to memories, tables and globals.
    pub fn is_call(self) -> bool {
        matches!(self, Op::Call | Op::CallIndirect | Op::CallRef | Op::Helper(_) | Op::Fuel)
            // These are not calls, but what was read before need not hold after them.
            || matches!(self, Op::Atomic(..) | Op::Fence | Op::New(_))
    }

    pub fn is_commutative(self) -> bool {
        use Op::*;
        if let V(VOp::Binary(op)) = self {
            return op.is_commutative();
        }
        matches!(self, Add | Mul | And | Or | Xor | Cmp(Cond::Eq) | Cmp(Cond::Ne) | MulHiS | MulHiU)
    }
}

/// An operation has come to where none of its kind belongs. Debug builds say which: the names of all operations would take 8 KB.
#[cold]
pub fn misplaced(op: impl core::fmt::Debug) -> ! {
    if cfg!(debug_assertions) {
        unreachable!("{op:?} does not belong here");
    }
    unreachable!("an operation does not belong here")
}
