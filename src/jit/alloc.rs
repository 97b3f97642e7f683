//! Register allocation: regalloc2's backtracking allocator behind the few names the rest of the compiler uses.
//!
//! An instruction lists operands (virtual registers with constraints) and clobbers; the allocator answers with a register or
//! spill slot for each operand, and with moves between instructions. In debug builds its independent checker goes over every
//! result.
#![forbid(unsafe_code)]

pub use regalloc2::{Allocation, Edit, Output, PReg, PRegSet, VReg};
pub use regalloc2::{Block as BlockRef, MachineEnv, Operand, RegClass as Class};

use crate::jit::ssa::build::Uncovered;
use regalloc2::{Inst, ProgPoint};

/// What the allocator must know of a function; block and instruction numbers are dense.
pub trait Allocatable {
    fn num_insts(&self) -> usize;
    fn num_blocks(&self) -> usize;
    fn block_range(&self, block: usize) -> (u32, u32);
    fn successors(&self, block: usize) -> &[regalloc2::Block];
    fn predecessors(&self, block: usize) -> &[regalloc2::Block];
    fn params(&self, block: usize) -> &[VReg];
    fn branch_args(&self, block: usize, successor: usize) -> &[VReg];
    fn operands(&self, inst: usize) -> &[Operand];
    fn clobbers(&self, inst: usize) -> PRegSet;
    fn is_return(&self, inst: usize) -> bool;
    fn is_branch(&self, inst: usize) -> bool;
    fn num_vregs(&self) -> usize;
}

struct Adapter<'a, T>(&'a T);

impl<T: Allocatable> regalloc2::Function for Adapter<'_, T> {
    fn num_insts(&self) -> usize {
        self.0.num_insts()
    }

    fn num_blocks(&self) -> usize {
        self.0.num_blocks()
    }

    fn entry_block(&self) -> regalloc2::Block {
        regalloc2::Block::new(0)
    }

    fn block_insns(&self, block: regalloc2::Block) -> regalloc2::InstRange {
        let (first, end) = self.0.block_range(block.index());
        regalloc2::InstRange::new(regalloc2::Inst::new(first as usize), regalloc2::Inst::new(end as usize))
    }

    fn block_succs(&self, block: regalloc2::Block) -> &[regalloc2::Block] {
        self.0.successors(block.index())
    }

    fn block_preds(&self, block: regalloc2::Block) -> &[regalloc2::Block] {
        self.0.predecessors(block.index())
    }

    fn block_params(&self, block: regalloc2::Block) -> &[VReg] {
        self.0.params(block.index())
    }

    fn is_ret(&self, inst: regalloc2::Inst) -> bool {
        self.0.is_return(inst.index())
    }

    fn is_branch(&self, inst: regalloc2::Inst) -> bool {
        self.0.is_branch(inst.index())
    }

    fn branch_blockparams(&self, block: regalloc2::Block, _: regalloc2::Inst, successor: usize) -> &[VReg] {
        self.0.branch_args(block.index(), successor)
    }

    fn inst_operands(&self, inst: regalloc2::Inst) -> &[Operand] {
        self.0.operands(inst.index())
    }

    fn inst_clobbers(&self, inst: regalloc2::Inst) -> PRegSet {
        self.0.clobbers(inst.index())
    }

    fn num_vregs(&self) -> usize {
        self.0.num_vregs()
    }

    fn spillslot_size(&self, class: Class) -> usize {
        if class == Class::Int { 1 } else { 2 }
    }
}

/// The answer: operands of instructions, and the moves, in order.
pub struct Assigned<'a> {
    out: &'a Output,
}

impl Assigned<'_> {
    /// Words of spill slots.
    pub fn spill_slots(&self) -> usize {
        self.out.num_spillslots
    }

    /// Every place that an operand has or that is moved to or from, in no order.
    pub fn places(&self) -> impl Iterator<Item = Allocation> {
        let moved = self.out.edits.iter().flat_map(|(_, Edit::Move { from, to })| [*from, *to]);
        self.out.allocs.iter().copied().chain(moved)
    }

    /// A walk over blocks.
    pub fn walk(&self) -> Walk<'_> {
        Walk { out: self.out, moves: &self.out.edits }
    }
}

/// Goes over instructions and moves block by block.
pub struct Walk<'a> {
    out: &'a Output,
    /// Those behind what has been visited.
    moves: &'a [(ProgPoint, Edit)],
}

impl<'a> Walk<'a> {
    /// Goes to a block.
    fn enter(&mut self, first: u32) {
        let start = ProgPoint::before(Inst::new(first as usize));
        self.moves = &self.out.edits[self.out.edits.partition_point(|(at, _)| *at < start)..];
    }

    /// Whether a block has moves.
    pub fn has_moves<T: Allocatable>(&mut self, func: &T, block: usize) -> bool {
        let (first, end) = func.block_range(block);
        self.enter(first);
        // None comes after the last instruction.
        self.moves.first().is_some_and(|(at, _)| *at < ProgPoint::before(Inst::new(end as usize)))
    }

    /// Calls `f` with the instructions and moves of a block in order.
    pub fn each<T: Allocatable>(&mut self, func: &T, block: usize, mut f: impl FnMut(Step<'a>)) {
        let (first, end) = func.block_range(block);
        self.enter(first);
        for i in first..end {
            let i = Inst::new(i as usize);
            while let Some(((at, Edit::Move { from, to }), rest)) = self.moves.split_first()
                && *at <= ProgPoint::before(i)
            {
                f(Step::Move(*from, *to));
                self.moves = rest;
            }
            f(Step::Inst(i.index(), self.out.inst_allocs(i)));
        }
    }
}

/// An instruction with the places of its operands, or a move.
pub enum Step<'a> {
    Inst(usize, &'a [Allocation]),
    Move(Allocation, Allocation),
}

/// The allocator. What it needs for one function it keeps for the next: making its lists anew is a tenth of all compiling.
#[derive(Default)]
pub struct Allocator(regalloc2::Ctx);

impl Allocator {
    /// Assigns registers.
    pub fn allocate<T: Allocatable>(&mut self, func: &T, env: &MachineEnv) -> Result<Assigned<'_>, Uncovered> {
        let options = regalloc2::RegallocOptions {
            verbose_log: false,
            validate_ssa: cfg!(debug_assertions),
            algorithm: regalloc2::Algorithm::Ion,
        };
        let adapter = Adapter(func);
        let out = regalloc2::run_with_ctx(&adapter, env, &options, &mut self.0)
            .map_err(|e| Uncovered(format!("registers: {e:?}")))?;
        #[cfg(debug_assertions)]
        {
            let mut checker = regalloc2::checker::Checker::new(&adapter, env);
            checker.prepare(out);
            if let Err(e) = checker.run() {
                panic!("the register allocator's result is wrong: {e:?}");
            }
        }
        Ok(Assigned { out })
    }
}
