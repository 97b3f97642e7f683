//! Machine instructions before registers are assigned.
//!
//! An instruction is an operation with everything but its registers, and a list of operands for the allocator. The order of
//! the operands is fixed for each operation and written at its variant as `[definitions; uses]`; `emit` reads the assigned
//! registers in that order. `src..` and `mem..` stand for the operands of a [`Src`] or [`Addr`], which come last.
#![forbid(unsafe_code)]

use super::aside::Aside;
use super::enc::{Alu, Cc, Ext, Shift, Sse};
use super::enc_simd::{VShiftImm, Vi};
use crate::jit::alloc::{BlockRef, Class, Operand, PReg, PRegSet, VReg};
use crate::jit::ssa::ir::{Block, Helper, Inlined, Test};
use crate::sys::cpu::Cpu;
use crate::vm::trap::TrapKind;

/// What an address starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// An operand.
    Reg,
    /// The instance, in its own register.
    Instance,
    /// The frame pointer: incoming arguments, and where results beyond the registers go.
    Frame,
    /// The stack pointer: outgoing arguments.
    Stack,
    /// Zero; there is an index.
    None,
}

/// An address: operands are the base if it is a register, then the index if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addr {
    pub base: Base,
    pub index: bool,
    pub scale: u8,
    pub disp: i32,
}

/// The last operand of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Src {
    /// One operand, in a register or in a spill slot.
    Reg,
    Imm(i32),
    Mem(Addr),
    /// A constant of the pool.
    Pool(u64),
    /// A constant of 16 bytes, by its number in the function.
    Vector(u32),
}

/// What sets the flags: `[; a, src..]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cmp {
    Int {
        wide: bool,
        src: Src,
    },
    /// Bitwise and; the source is a register or an immediate.
    Test {
        wide: bool,
        src: Src,
    },
    Float {
        double: bool,
        src: Src,
    },
    /// Whether any bit is set in both vectors: `[; a, b]`.
    Vector,
}

/// A condition over the flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Is(Cc),
    /// Floats are equal: `e` and not `p`.
    FloatEq,
    FloatNe,
}

impl When {
    pub fn negate(self) -> When {
        match self {
            When::Is(cc) => When::Is(cc.negate()),
            When::FloatEq => When::FloatNe,
            When::FloatNe => When::FloatEq,
        }
    }
}

/// Who is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callee {
    /// A function of the module, by its index among the defined ones.
    Defined(u32),
    /// An imported function, with module type index.
    Import(u32, u32),
    /// The `Func` in r10, with module type index.
    Func(u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MOp {
    /// `[parameters in their registers;]`.
    Params,
    /// No code: values that a loop wants in registers (see `hold`). `[; values, each anywhere]`
    Hold,
    /// `[; results in their registers]`.
    Return(Constants),
    /// `[d;]`
    Imm(u64),
    /// A float constant. `[d;]`
    FloatImm(u64, bool),
    /// `[d = a; a, src..]`
    Alu(Alu, bool, Src),
    /// `[d; mem..]`
    Lea(bool, Addr),
    /// `[d = a; a, src..]`
    Mul(bool, Src),
    /// `[d; a]`
    MulImm(bool, i32),
    /// By BMI2, with any registers. `[d; a, count]`
    ShiftX(Shift, bool),
    /// By BMI1: `blsr` (1) and `blsi` (3). `[d; a]`
    LowestBit(u8, bool),
    /// By BMI1. `[d; a, b]`: `!a & b`
    AndNot(bool),
    /// By rcx. `[d = a; a, count]`
    ShiftCl(Shift, bool),
    /// `[d = a; a]`
    ShiftImm(Shift, bool, u8),
    /// By `rdx:rax`. `[quotient, remainder; a, b]`
    Div(Division),
    /// `[high, low; a, b]`
    MulHi {
        signed: bool,
        wide: bool,
    },
    /// `not` (2) and `neg` (3). `[d = a; a]`
    Not(u8, bool),
    /// `[d = a; a]`
    Bswap(bool),
    /// `lzcnt`, `tzcnt`, `popcnt` by opcode. `[d; src..]`
    CountBits(u8, bool, Src),
    /// Zeros at the top, or else at the bottom, without the instructions above. `[d; src..]`
    Zeros {
        top: bool,
        wide: bool,
        src: Src,
    },
    /// Loads, extensions and moves. `[d; src..]`
    Ext(Ext, Src),
    /// `[; v, mem..]`
    Store(u64, Addr),
    /// `[; mem..]`
    StoreImm(u64, i32, Addr),
    /// Arithmetic on memory. `[; v, mem..]`
    Update(Alu, bool, Addr),
    /// `[; mem..]`
    UpdateImm(Alu, bool, i32, Addr),
    /// `[; v, mem..]`
    FloatStore(u64, Addr),
    /// Overwrites all of `d`. `[d; src..]`
    SseMove(Sse, Src),
    /// Leaves the upper lanes of `d`, so they are cleared first. `[d; src..]`
    SseConvert(Sse, Src),
    /// `[d; src..]`
    Round {
        double: bool,
        mode: u8,
    },
    /// `[d; a]`
    IntToFloat {
        double: bool,
        wide: bool,
    },
    /// From an unsigned 64-bit integer. `[d, t; a]`
    Uint64ToFloat {
        double: bool,
    },
    /// Traps when the float cannot be represented. `[d, t general, t vector; a]`
    Trunc(Truncation),
    /// `f32.min`, `f64.max` and so on. `[d = a; a, b]`
    MinMax {
        double: bool,
        max: bool,
    },
    /// `[d; a]`
    ToVector(bool),
    FromVector(bool),
    /// `[d; cmp..]`
    Set(Cmp, When),
    /// Adds to, or subtracts from, an immediate and the carry of a comparison. `[d = a; a, cmp..]`
    WithCarry(Alu, bool, i32, Cmp),
    V(MVec),
    /// `a` if the condition holds. `[d = b; b, a, cmp..]`
    Select(Cmp, When, bool),
    /// As `Select` in vector registers.
    FloatSelect(Cmp, When),
    /// `[; cmp..]`
    TrapIf(Cmp, When, TrapKind, u32),
    /// `[; address, limit]`: `end`, `reduced`, wasm offset.
    Check(u64, u64, u32),
    /// With an end that no limit was reduced by. `[t; address, length]`
    CheckFar(u64, u32),
    /// Any memory: `end`, whether the sum may overflow, wasm offset. `[t; address, length]`
    CheckWide(u64, bool, u32),
    /// Asks whether the guest is to stop; wasm offset.
    Poll(u32),
    /// Pays so many units of fuel; wasm offset. `[t;]`
    Fuel(i32, u32),
    /// Pays as many as the operand says. `[t, u; cost]`
    FuelBy(u32),
    /// `[results; arguments, r10]` with fixed registers; arguments that are constants; wasm offset.
    Call(Callee, Constants, u32),
    /// A call that may end in one of the block's handlers; ends the block. As `Call`.
    Invoke(Callee, Constants, u32),
    /// Throws; whether the block has handlers; wasm offset. `[; exception in rax]`
    Throw(bool, u32),
    /// Calls in the place of this function. The numbers: words of arguments on the stack and of results there, if the
    /// arguments do not fit where this function has its own; they are in the outgoing area then. `[; arguments, r10]`
    TailCall(Callee, Constants, Option<(u32, u32)>),
    /// What unwinding has left in the context at an offset. `[d;]`
    Unwound(u32, bool),
    /// `[result; arguments]` with fixed registers; the immediate goes in the register after the arguments. Wasm offset.
    CallHelper(Helper, u64, u8, u32),
    /// One of the function's `asides`: `[results; arguments]` as of its call, not with fixed registers.
    Aside(u32),
    /// A trap of the kind that a routine gave back, unless that is 0; wasm offset. `[; kind in a fixed register]`
    TrapKind(u32),
    /// Takes room for an object from the heap: its header, its size, wasm offset. `[d, t, t, t;]`
    New(u64, u32, u32),
    /// The flag: what null gives. `[d, t, t; reference, at the end]`
    TypeTest(Test, bool),
    /// `lock xadd`. `[d = a; a, mem..]`
    Xadd(u64, Addr),
    /// `[d = a; a, mem..]`
    Xchg(u64, Addr),
    /// By `rax`. `[old; expected, new, mem..]`
    Cmpxchg(u64, Addr),
    /// An operation for which there is no instruction, tried until nobody interferes. `[old in rax, t; a, mem..]`, all uses at
    /// the end.
    AtomicLoop(Alu, u64, Addr),
    Fence,
    /// Sum of 128 bits, or the difference. `[low = a, high = b; a, b, c, d at the end]`
    Carry(bool),

    // The ends of blocks.
    Jump(Block),
    /// `[; cmp..]`
    Branch(Cmp, When, Block, Block),
    /// The targets are the block's `table`. `[t, t; index]`
    Table,
    Trap(TrapKind, u32),
}

/// Instructions on vectors. Where there is no VEX, `d = a` holds in those that say `[d (= a); a, ..]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MVec {
    /// With an immediate. `[d; src..]`
    One(Vi, u8, Src),
    /// `[d (= a); a, src..]`
    Two(Vi, u8, Src),
    /// `[d (= a); a]`
    Shift(VShiftImm, u8),
    /// To a general register. `[d; v]`
    Extract(Vi, u8),
    /// `[; v, mem..]`
    StoreLane(Vi, u8, Addr),
    /// Bytes of `b` where `mask` says so, of `a` elsewhere; only with VEX. `[d; a, b, mask]`
    Blend,
    /// `[d;]`
    Zero,
    Ones,
    /// Multiplies and adds; only with FMA. `[d = c; c, a, src..]`
    Fused(Vi, Src),
    /// `pshufb` where there is none. `[d; a, picks]` with fixed registers; r11 is lost.
    Shuffle,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Division {
    pub signed: bool,
    pub wide: bool,
    pub remainder: bool,
    /// Whether the divisor may be 0, or -1.
    pub maybe_zero: bool,
    pub maybe_minus_one: bool,
    pub offset: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Truncation {
    /// Of the float.
    pub double: bool,
    /// Of the integer.
    pub wide: bool,
    pub signed: bool,
    /// Saturates, where the other kind traps.
    pub saturate: bool,
    pub offset: u32,
}

/// The operands of an instruction that is being made, in place: all but calls and the ends of functions have few.
#[derive(Clone, Copy)]
pub struct Operands {
    list: [Operand; Operands::MOST],
    len: usize,
}

impl Operands {
    const MOST: usize = 8;

    pub fn none() -> Operands {
        Operands { list: [Operand::from_bits(0); Operands::MOST], len: 0 }
    }

    pub fn push(&mut self, operand: Operand) {
        self.list[self.len] = operand;
        self.len += 1;
    }

    pub fn extend(&mut self, more: &[Operand]) {
        self.list[self.len..self.len + more.len()].copy_from_slice(more);
        self.len += more.len();
    }
}

impl<const N: usize> From<[Operand; N]> for Operands {
    fn from(list: [Operand; N]) -> Operands {
        let mut operands = Operands::none();
        operands.extend(&list);
        operands
    }
}

impl core::ops::Deref for Operands {
    type Target = [Operand];

    fn deref(&self) -> &[Operand] {
        &self.list[..self.len]
    }
}

impl core::ops::DerefMut for Operands {
    fn deref_mut(&mut self) -> &mut [Operand] {
        &mut self.list[..self.len]
    }
}

/// Constants that an instruction puts in registers itself, right before it does what it is for: a run of [`MFunc::constants`]. The
/// registers are none of its operands', and hold nothing that is wanted behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Constants {
    pub first: u32,
    pub end: u32,
}

#[derive(Clone, Copy, Debug)]
pub struct MInst {
    pub op: MOp,
    /// What a fault of its memory operand means: a trap at a wasm offset, by the access itself or by one that stands for it.
    pub trap: Option<(u32, bool)>,
    /// Its operands in the pool of the function.
    pub operands: (u32, u32),
}

/// A block of machine instructions, by range; edges name the values they pass.
#[derive(Clone, Debug, Default)]
pub struct MBlock {
    pub first: u32,
    pub end: u32,
    /// In the function's `passed`.
    params: Run,
    /// What the only successor is passed, of a block that ends in a jump; in `passed`.
    args: Run,
    /// In the function's `edges`.
    preds: Run,
    succs: Run,
    /// The entries of a jump table, each the number of a successor.
    pub table: Vec<u32>,
    /// The regions of handlers, which are the last successors.
    pub regions: Vec<u32>,
    /// The header of a loop.
    pub is_loop: bool,
    /// Its code lies behind that of those which are not.
    pub is_rare: bool,
}

/// A part of a list that several share.
#[derive(Clone, Copy, Debug, Default)]
struct Run {
    start: u32,
    end: u32,
}

impl Run {
    /// What has been added to a list since it was so long.
    fn since<T>(list: &[T], start: usize) -> Run {
        Run { start: start as u32, end: list.len() as u32 }
    }

    fn of<T>(self, list: &[T]) -> &[T] {
        &list[self.start as usize..self.end as usize]
    }
}

/// A function of machine instructions. Blocks are numbered in the order of layout.
#[derive(Default)]
pub struct MFunc {
    pub insts: Vec<MInst>,
    pub operands: Vec<Operand>,
    pub blocks: Vec<MBlock>,
    /// Successors and predecessors of blocks.
    edges: Vec<BlockRef>,
    /// Parameters of blocks, and what is passed for them.
    passed: Vec<VReg>,
    /// Registers and what they are given: [`Constants`].
    pub constants: Vec<(u8, u64)>,
    /// Class by virtual register.
    pub vregs: Vec<Class>,
    /// Slots of the largest outgoing argument area.
    pub outgoing: u32,
    pub has_calls: bool,
    pub has_polls: bool,
    /// What calls overwrite, of the registers that the function uses.
    pub clobbered: PRegSet,
    /// Constants of 16 bytes.
    pub vectors: Vec<u128>,
    /// What instructions there are. With AVX2, those on vectors are written in their VEX forms.
    pub cpu: Cpu,
    /// Calls that keep registers, and the ones that their operands are wanted in.
    pub asides: Vec<Aside>,
    pub places: Vec<PReg>,
    /// As `Func::regions`.
    pub regions: Vec<Vec<Option<u32>>>,
    /// As `Func::inlined`.
    pub inlined: Vec<Inlined>,
}

impl MFunc {
    /// The lists of another function, used anew.
    pub fn cleared(mut self) -> MFunc {
        (self.insts.clear(), self.operands.clear(), self.blocks.clear(), self.vregs.clear());
        (self.edges.clear(), self.passed.clear(), self.constants.clear(), self.vectors.clear());
        let MFunc { insts, operands, blocks, edges, passed, constants, vregs, vectors, .. } = self;
        MFunc { insts, operands, blocks, edges, passed, constants, vregs, vectors, ..MFunc::default() }
    }

    /// Has a block that is being made lead to another one; all of them one after the other.
    pub fn lead(&mut self, block: &mut MBlock, to: BlockRef) {
        if block.succs.start == block.succs.end {
            block.succs = Run::since(&self.edges, self.edges.len());
        }
        self.edges.push(to);
        block.succs.end += 1;
    }

    /// What a block passes to the only one it leads to.
    pub fn pass(&mut self, block: &mut MBlock, args: impl Iterator<Item = VReg>) {
        let start = self.passed.len();
        self.passed.extend(args);
        block.args = Run::since(&self.passed, start);
    }

    pub fn take_params(&mut self, block: &mut MBlock, params: impl Iterator<Item = VReg>) {
        let start = self.passed.len();
        self.passed.extend(params);
        block.params = Run::since(&self.passed, start);
    }

    /// Finds where each block is come from, when it is known where each one leads.
    pub fn find_preds(&mut self) {
        for n in 0..self.blocks.len() {
            for s in self.blocks[n].succs.start..self.blocks[n].succs.end {
                let to = self.edges[s as usize].index();
                self.blocks[to].preds.end += 1;
            }
        }
        let mut at = self.edges.len() as u32;
        for block in &mut self.blocks {
            let count = block.preds.end;
            block.preds = Run { start: at, end: at };
            at += count;
        }
        self.edges.resize(at as usize, BlockRef::invalid());
        for n in 0..self.blocks.len() {
            for s in self.blocks[n].succs.start..self.blocks[n].succs.end {
                let preds = &mut self.blocks[self.edges[s as usize].index()].preds;
                self.edges[preds.end as usize] = BlockRef::new(n);
                preds.end += 1;
            }
        }
    }

    pub fn succs(&self, block: usize) -> &[BlockRef] {
        self.blocks[block].succs.of(&self.edges)
    }

    pub fn preds(&self, block: usize) -> &[BlockRef] {
        self.blocks[block].preds.of(&self.edges)
    }

    pub fn params(&self, block: usize) -> &[VReg] {
        self.blocks[block].params.of(&self.passed)
    }

    pub fn args(&self, block: usize) -> &[VReg] {
        self.blocks[block].args.of(&self.passed)
    }

    pub fn new_vreg(&mut self, class: Class) -> VReg {
        self.vregs.push(class);
        VReg::new(self.vregs.len() - 1, class)
    }

    /// Whether no other loop is inside of the one that begins with a block.
    pub fn is_innermost(&self, header: usize) -> bool {
        let end = self.preds(header).iter().map(|p| p.index()).max().unwrap_or(header);
        !self.blocks.iter().take(end + 1).skip(header + 1).any(|b| b.is_loop)
    }

    pub fn operands(&self, i: &MInst) -> &[Operand] {
        &self.operands[i.operands.0 as usize..i.operands.1 as usize]
    }
}
