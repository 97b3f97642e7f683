//! Blocks, branches, calls and returns.
//!
//! A label receives its values in the homes they have at the label's stack height. A branch from the same height just
//! settles its operands; from a greater height it moves them down, lowest first, which never overwrites one still
//! to be moved.

use super::emit::{Acc, abcd, abi, ji};
use super::{Fixup, NONE, Operand, Place, Translator, Ty};
use crate::code::op::Op;
use crate::code::{BOUNDARY_SLOTS, HEADER_SLOTS};
use crate::module::ValType;
use crate::module::ops::{BlockType, BrTable};
use std::collections::HashMap;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Function,
    Block,
    Loop,
    If,
    Else,
    TryTable,
    /// A legacy `try`, in its body.
    Try,
    /// A legacy `try`, in one of its clauses.
    Clause,
}

/// An open block.
pub(super) struct Block {
    pub kind: Kind,
    ty: BlockType,
    /// Where branches to it lead.
    pub label: usize,
    /// Where a false `if` goes.
    else_label: usize,
    /// The operands of an `if`, for its other arm.
    params: Vec<Operand>,
    /// Stack height under its parameters, and the first slot of its label's operands.
    pub height: usize,
    pub base: u32,
    /// What a try block needs to remember.
    pub attempt: Option<Box<super::exception::Attempt>>,
}

/// The callee of a call, beside its arguments.
#[derive(Clone, Copy)]
pub(super) enum Callee {
    /// By function index.
    Direct(u32),
    /// The table; the index operand has been popped.
    Table(u32, Operand, u32),
    /// The reference operand.
    Ref(Operand),
}

impl<'a> Translator<'a> {
    pub(super) fn open_function(&mut self) {
        let label = self.new_label();
        let (base, ty) = (self.top, BlockType::Empty);
        let params = Vec::new();
        self.blocks.push(Block {
            kind: Kind::Function,
            ty,
            label,
            else_label: label,
            params,
            height: 0,
            base,
            attempt: None,
        });
    }

    /// Parameter and result types of a block type.
    pub(super) fn block_types(&self, ty: BlockType) -> (&'a [ValType], Vec<Ty>) {
        match ty {
            BlockType::Empty => (&[], Vec::new()),
            BlockType::Type(t) => (&[], vec![Ty::of(self.module.val_type(t))]),
            BlockType::FuncType(i) => {
                let f = self.module.type_func(i);
                (&f.params, f.results.iter().map(|t| Ty::of(*t)).collect())
            }
        }
    }

    /// The types a branch to a block carries.
    fn label_types(&self, block: &Block) -> Vec<Ty> {
        match block.kind {
            Kind::Function => self.results.iter().map(|t| Ty::of(*t)).collect(),
            Kind::Loop => self.block_types(block.ty).0.iter().map(|t| Ty::of(*t)).collect(),
            _ => self.block_types(block.ty).1,
        }
    }

    pub(super) fn block(&self, depth: u32) -> &Block {
        &self.blocks[self.blocks.len() - 1 - depth as usize]
    }

    pub(super) fn open(&mut self, kind: Kind, ty: BlockType, else_label: usize) {
        let (params, _) = self.block_types(ty);
        let height = self.stack.len() - params.len();
        let base = self.stack.get(height).map_or(self.top, |o| o.home);
        let params = if kind == Kind::If { self.stack[height..].to_vec() } else { Vec::new() };
        let label = self.new_label();
        self.blocks.push(Block { kind, ty, label, else_label, params, height, base, attempt: None });
    }

    pub(super) fn block_start(&mut self, ty: BlockType) {
        self.settle_locals();
        self.open(Kind::Block, ty, 0);
    }

    pub(super) fn loop_start(&mut self, ty: BlockType) {
        self.settle_locals();
        let (params, _) = self.block_types(ty);
        self.settle(self.stack.len() - params.len());
        self.open(Kind::Loop, ty, 0);
        let label = self.block(0).label;
        self.bind(label);
        self.loops += 1;
        let header = self.code.len() as u32;
        if self.headers.last() != Some(&header) {
            self.headers.push(header);
            #[cfg(jit)]
            self.note_loop(header);
        }
    }

    /// Says where everything is at a loop header, if that is what this translation is for.
    #[cfg(jit)]
    fn note_loop(&mut self, header: u32) {
        use super::{Held, LoopState};
        if self.wanted_loop != Some(header) {
            return;
        }
        let operands = self.stack.iter().map(|o| match o.place {
            Place::Local(slot) => Held::Slot(slot),
            Place::Temp => Held::Slot(o.home),
            Place::Const(bits) => Held::Const(bits),
        });
        let offset = self.map.iter().flatten().last().map_or(0, |(_, offset)| *offset);
        let locals = self.locals.iter().map(|(slot, _)| *slot).collect();
        self.found_loop = Some(LoopState { offset, locals, operands: operands.collect() });
    }

    pub(super) fn if_start(&mut self, ty: BlockType) {
        let o = self.pop();
        let cond = self.condition(&o);
        self.settle_locals();
        let else_label = self.new_label();
        let at = self.emit_branch(cond, false);
        self.refer(Fixup::Field(at), else_label);
        self.open(Kind::If, ty, else_label);
    }

    pub(super) fn else_start(&mut self) {
        if self.dead.is_none() {
            self.leave_arm();
        }
        self.dead = None;
        let block = self.blocks.last_mut().expect("an if, as validated");
        block.kind = Kind::Else;
        let (else_label, params) = (block.else_label, std::mem::take(&mut block.params));
        self.reopen(else_label, params);
    }

    /// Ends the first arm of an `if`, jumping over the other.
    fn leave_arm(&mut self) {
        let block = self.block(0);
        let (height, label) = (block.height, block.label);
        self.settle(height);
        self.jump(label);
    }

    /// Starts the other arm of an `if` with its operands as they were.
    fn reopen(&mut self, label: usize, params: Vec<Operand>) {
        let height = self.block(0).height;
        self.bind(label);
        self.truncate(height);
        self.top = self.block(0).base;
        for o in params {
            self.push(o.place, o.ty);
        }
    }

    pub(super) fn jump(&mut self, label: usize) {
        let at = self.code.len();
        self.emit(Op::br, &[0]);
        self.refer(Fixup::Field(at), label);
    }

    /// `end`. True when it was the function's.
    pub(super) fn end(&mut self) {
        let kind = self.block(0).kind;
        if kind == Kind::Function {
            if self.dead.is_none() {
                self.return_();
            }
            self.blocks.pop();
            return;
        }
        let mut reachable = self.dead.is_none();
        if matches!(kind, Kind::TryTable | Kind::Try | Kind::Clause) {
            return self.end_try(kind);
        }
        if kind == Kind::If {
            // The missing arm passes the operands on.
            let block = self.blocks.last_mut().expect("an open block");
            let (else_label, params) = (block.else_label, std::mem::take(&mut block.params));
            if params.is_empty() {
                let height = self.block(0).height;
                if reachable {
                    self.settle(height);
                }
                self.bind(else_label);
            } else {
                if reachable {
                    self.leave_arm();
                }
                self.reopen(else_label, params);
                let height = self.block(0).height;
                self.settle(height);
            }
            reachable = true;
        } else if reachable {
            let height = self.block(0).height;
            self.settle(height);
        }
        let block = self.blocks.pop().expect("an open block");
        if kind == Kind::Loop {
            self.loops -= 1;
        }
        self.close(block, reachable);
    }

    /// Goes on after a block, which has been popped; `reachable` tells whether its end is.
    pub(super) fn close(&mut self, block: Block, mut reachable: bool) {
        let kind = block.kind;
        if kind != Kind::Loop {
            reachable |= self.is_used(block.label);
        }
        if !reachable {
            self.dead = Some(0);
            return;
        }
        self.dead = None;
        let (_, results) = self.block_types(block.ty);
        if kind == Kind::Loop {
            // Its label is at its start; control only falls through, with the results in their homes.
        } else {
            self.bind(block.label);
        }
        self.truncate(block.height);
        self.top = block.base;
        for ty in results {
            self.push_temp(ty);
        }
    }

    /// Code from here to the end of the block cannot be reached.
    pub(super) fn unreachable(&mut self) {
        self.dead = Some(0);
        self.last = None;
    }

    /// The target homes of a branch's operands, and whether they are where the operands' own homes are.
    fn in_place(&self, depth: u32) -> (usize, bool) {
        let block = self.block(depth);
        let n = self.label_types(block).len();
        if block.kind == Kind::Function {
            return (n, n == 0);
        }
        let from = self.stack.len() - n;
        (n, n == 0 || self.stack[from].home == block.base)
    }

    /// Moves the top `n` operands down to the homes of a label.
    pub(super) fn move_down(&mut self, depth: u32, n: usize) {
        let mut slot = self.block(depth).base;
        for i in self.stack.len() - n..self.stack.len() {
            let o = self.stack[i];
            self.move_to(slot, &o);
            slot += o.ty.slots();
        }
    }

    pub(super) fn br(&mut self, depth: u32) {
        self.branch_always(depth);
        self.unreachable();
    }

    /// Leaves for a label without popping.
    pub(super) fn branch_always(&mut self, depth: u32) {
        if self.block(depth).kind == Kind::Function {
            return self.return_();
        }
        let (n, in_place) = self.in_place(depth);
        if in_place {
            self.settle(self.stack.len() - n);
        } else {
            self.move_down(depth, n);
        }
        let label = self.block(depth).label;
        self.jump(label);
    }

    /// Leaves for a label carrying `n` operands, on a path of its own: what is known of the operands stays.
    fn branch_aside(&mut self, depth: u32, n: usize) {
        let from = self.stack.len() - n;
        let operands = self.stack[from..].to_vec();
        self.branch_always(depth);
        self.stack.truncate(from);
        self.stack.extend(operands);
    }

    pub(super) fn br_if(&mut self, depth: u32) {
        let o = self.pop();
        let cond = self.condition(&o);
        self.br_cond(depth, cond, true);
    }

    /// Branches when the condition is `sense`; its operand has been popped.
    pub(super) fn br_cond(&mut self, depth: u32, cond: super::numeric::Comparison, sense: bool) {
        let (n, in_place) = self.in_place(depth);
        if in_place && self.block(depth).kind != Kind::Function {
            self.settle(self.stack.len() - n);
            let at = self.emit_branch(cond, sense);
            let label = self.block(depth).label;
            self.refer(Fixup::Field(at), label);
        } else {
            let skip = self.new_label();
            let at = self.emit_branch(cond, !sense);
            self.refer(Fixup::Field(at), skip);
            self.branch_aside(depth, n);
            self.bind(skip);
        }
    }

    pub(super) fn br_table(&mut self, table: &BrTable<'_>) {
        let o = self.pop();
        // Moves of the operands below leave the accumulator alone.
        let (op, index) = if self.in_ia(&o) { (Op::br_table_a, 0) } else { (Op::br_table, self.near(&o)) };
        let depths: Vec<u32> = table.targets().map(|t| t.expect("a target, as validated")).collect();
        let depths: Vec<u32> = depths.into_iter().chain([table.default()]).collect();
        if self.label_types(self.block(table.default())).len() > 0 {
            let n = self.in_place(table.default()).0;
            self.settle(self.stack.len() - n);
        }
        let start = self.code.len();
        self.emit(op, &[abi(index, 0, depths.len() as u32 - 1)]);
        let words = self.code.len();
        self.code.resize(words + depths.len(), 0);
        // Targets that need operands moved, or a return, get a stub.
        let mut stubs: HashMap<u32, usize> = HashMap::new();
        let mut order = Vec::new();
        for (i, &depth) in depths.iter().enumerate() {
            let direct = self.in_place(depth).1 && self.block(depth).kind != Kind::Function;
            let label = if direct {
                self.block(depth).label
            } else {
                *stubs.entry(depth).or_insert_with(|| {
                    self.labels.push(super::Label::default());
                    order.push((depth, self.labels.len() - 1));
                    self.labels.len() - 1
                })
            };
            self.refer(Fixup::Word(start, words + i), label);
        }
        for (depth, label) in order {
            self.bind(label);
            let n = self.in_place(depth).0;
            self.branch_aside(depth, n);
        }
        self.unreachable();
    }

    /// Returns the operands on the stack, without popping them.
    pub(super) fn return_(&mut self) {
        let (n, slots, header) = (self.results.len(), self.result_slots, self.header);
        match slots {
            0 => self.emit(Op::return0, &[abi(0, 0, header)]),
            1 => {
                let o = self.stack[self.stack.len() - 1];
                let slot = self.near(&o);
                self.emit(Op::return1, &[abi(slot, 0, header)]);
            }
            _ => {
                let from = self.stack.len() - n;
                self.settle(from);
                let base = self.stack[from].home;
                self.emit(Op::return_n, &[ji(base, header), slots as u64]);
            }
        }
    }

    // Selection.

    pub(super) fn select(&mut self) {
        let (cond, b, a) = (self.pop(), self.pop(), self.pop());
        let ty = a.ty;
        let in_acc = self.in_ia(&cond) && ty != Ty::V128;
        let (a, b) = (self.near(&a), self.near(&b));
        let (op, word) = if in_acc {
            (Op::select_a, abcd(0, 0, a, b))
        } else {
            let cond = self.near(&cond);
            (if ty == Ty::V128 { Op::select128 } else { Op::select }, abcd(0, cond, a, b))
        };
        let acc = if ty == Ty::V128 { Acc::Keep } else { Acc::as_bits(ty) };
        self.emit_result(ty, acc, op, &[word]);
    }

    // Calls.

    /// Brings the arguments into place; returns the callee's frame and pops the arguments.
    pub(super) fn arguments(&mut self, params: &[ValType], result_slots: u32, param_slots: u32) -> (u32, u32) {
        let from = self.stack.len() - params.len();
        self.settle(from);
        let base = self.stack.get(from).map_or(self.top, |o| o.home);
        self.truncate(from);
        self.top = base;
        let slots = param_slots.max(result_slots);
        self.max_top = self.max_top.max(base + slots + HEADER_SLOTS + BOUNDARY_SLOTS);
        (base, slots)
    }

    /// The type of a callee: parameters, results, their slots.
    fn callee_type(&self, callee: Callee, type_index: u32) -> &'a crate::module::FuncType {
        match callee {
            Callee::Direct(func) => self.module.func_type(func),
            _ => self.module.type_func(type_index),
        }
    }

    /// Popped operands of a callee that the arguments' moves could overwrite are put above them.
    fn keep_callee(&mut self, callee: Callee) -> Callee {
        let keep = |t: &mut Self, o: Operand| {
            // The home of a popped operand lies above the remaining stack.
            t.move_to(o.home, &o);
            Operand { place: Place::Temp, ..o }
        };
        match callee {
            Callee::Table(table, o, ty) if matches!(o.place, Place::Const(_)) => {
                Callee::Table(table, keep(self, o), ty)
            }
            Callee::Ref(o) if matches!(o.place, Place::Const(_)) => Callee::Ref(keep(self, o)),
            other => other,
        }
    }

    pub(super) fn call(&mut self, callee: Callee, type_index: u32) {
        let ty = self.callee_type(callee, type_index);
        let callee = self.keep_callee(callee);
        let (base, slots) = self.arguments(&ty.params, ty.result_slots, ty.param_slots);
        self.emit_call(callee, ji(base, slots));
        self.forget();
        for &result in &ty.results {
            self.push_temp(Ty::of(result));
        }
    }

    fn emit_call(&mut self, callee: Callee, place: u64) {
        match callee {
            Callee::Direct(func) => match self.module.defined_func(func) {
                Some(defined) => self.emit(Op::call, &[place, self.record(defined)]),
                None => self.emit(Op::call_import, &[place, func as u64]),
            },
            Callee::Table(table, index, ty) => {
                let slot = index.slot().unwrap_or(NONE);
                self.emit(Op::call_indirect, &[place, ji(table, slot), self.canonical(ty), 0]);
            }
            Callee::Ref(func) => self.emit(Op::call_ref, &[place, func.slot().unwrap_or(NONE) as u64, 0]),
        }
    }

    pub(super) fn return_call(&mut self, callee: Callee, type_index: u32) {
        let ty = self.callee_type(callee, type_index);
        let callee = self.keep_callee(callee);
        let (base, slots) = self.arguments(&ty.params, ty.result_slots, ty.param_slots);
        let place = ji(base, self.header);
        match callee {
            Callee::Direct(func) => match self.module.defined_func(func) {
                Some(defined) => {
                    let sizes = ji(ty.param_slots, slots);
                    self.emit(Op::return_call, &[place, self.record(defined), sizes]);
                }
                None => self.emit(Op::return_call_import, &[place, func as u64]),
            },
            Callee::Table(table, index, ty) => {
                let slot = index.slot().unwrap_or(NONE);
                self.emit(Op::return_call_indirect, &[place, ji(table, slot), self.canonical(ty)]);
            }
            Callee::Ref(func) => self.emit(Op::return_call_ref, &[place, func.slot().unwrap_or(NONE) as u64]),
        }
        self.unreachable();
    }

    /// The address of a defined function's code record.
    fn record(&self, defined: u32) -> u64 {
        &self.owner.funcs[defined as usize] as *const crate::code::FuncCode as usize as u64
    }

    /// The canonical id of a module's type.
    fn canonical(&self, type_index: u32) -> u64 {
        self.module.types[type_index as usize].0 as u64
    }
}
