//! Bodies: operands, statements, blocks.

use super::ops::{self, Op};
use super::{ARRAY, STRUCT, Shape, WINDOW, memarg};
use crate::plan;
use std::borrow::Cow;
use wasm_encoder::ValType::{self, F32, F64, I32, I64, V128};
use wasm_encoder::{AbstractHeapType, BlockType, Catch, HeapType, Instruction, MemArg, RefType};

/// An instruction; counters get their numbers when all are known.
pub(super) enum Code {
    Plain(Instruction<'static>),
    GetCounter(u32),
    SetCounter(u32),
    TeeCounter(u32),
}

pub(super) struct Frame {
    pub(super) height: usize,
    /// The types a branch to it carries.
    pub(super) label: Vec<ValType>,
    /// Whether anything may branch to it: not loops, whose back edges count down.
    pub(super) open: bool,
    pub(super) counter: Option<u32>,
}

pub(super) struct Body<'a> {
    pub(super) s: &'a mut Shape,
    pub(super) func: usize,
    pub(super) code: Vec<Code>,
    /// Types of parameters and named locals.
    pub(super) locals: Vec<ValType>,
    pub(super) params: u32,
    pub(super) filler: u32,
    pub(super) counters: u32,
    pub(super) stack: Vec<ValType>,
    pub(super) frames: Vec<Frame>,
    pub(super) budget: i32,
    pub(super) loops: u32,
    /// Whether it is to be small, and of no loops.
    pub(super) leaf: bool,
}

impl Body<'_> {
    pub(super) fn emit(&mut self, i: Instruction<'static>) {
        self.code.push(Code::Plain(i));
    }

    pub(super) fn height(&self) -> usize {
        self.frames.last().map_or(0, |f| f.height)
    }

    /// Operands of the innermost block.
    pub(super) fn own(&self) -> &[ValType] {
        &self.stack[self.height()..]
    }

    pub(super) fn chance(&mut self, percent: u64) -> bool {
        self.s.rng.chance(percent)
    }

    pub(super) fn below(&mut self, n: usize) -> usize {
        self.s.rng.below(n)
    }

    pub(super) fn prologue(&mut self) {
        for i in [
            Instruction::GlobalGet(0),
            Instruction::I32Eqz,
            Instruction::If(BlockType::Empty),
            Instruction::Unreachable,
            Instruction::End,
            Instruction::GlobalGet(0),
            Instruction::I32Const(1),
            Instruction::I32Sub,
            Instruction::GlobalSet(0),
        ] {
            self.emit(i);
        }
        for n in 0..self.locals.len() {
            let ty = self.locals[n];
            if ty == ARRAY || ty == STRUCT {
                self.constant(ty);
                let l = self.local_index(n);
                self.emit(Instruction::LocalSet(l));
                self.pop(1);
            }
        }
        if self.s.options.pressure && !self.leaf {
            self.mix();
        }
    }

    /// Changes every local by itself and another one, so that all of them are alive before and after.
    pub(super) fn mix(&mut self) {
        for n in 0..self.locals.len() {
            let (ty, own) = (self.locals[n], self.local_index(n));
            let Some(other) = self.local_of(ty) else { continue };
            let (constant, merge) = match ty {
                I32 => (Instruction::I32Const(n as i32 * 77 + 1), Instruction::I32Add),
                I64 => (Instruction::I64Const(n as i64 * 7777 + 1), Instruction::I64Xor),
                F32 => (Instruction::F32Const((n as f32 + 0.5).into()), Instruction::F32Add),
                F64 => (Instruction::F64Const((n as f64 + 0.25).into()), Instruction::F64Sub),
                V128 => (Instruction::V128Const(n as i128 * 0x1_0000_0003_0000_0005), Instruction::I32x4Add),
                ValType::Ref(_) => continue,
            };
            self.emit(Instruction::LocalGet(own));
            let by = if self.chance(60) { Instruction::LocalGet(other) } else { constant };
            self.emit(by);
            self.emit(merge);
            self.emit(Instruction::LocalSet(own));
        }
    }

    // Locals.

    pub(super) fn local_index(&self, n: usize) -> u32 {
        if (n as u32) < self.params { n as u32 } else { n as u32 + self.filler }
    }

    pub(super) fn local_of(&mut self, ty: ValType) -> Option<u32> {
        let fit: Vec<usize> = (0..self.locals.len()).filter(|&i| self.locals[i] == ty).collect();
        if fit.is_empty() {
            return None;
        }
        let n = self.s.rng.pick(&fit);
        Some(self.local_index(n))
    }

    // Operands.

    pub(super) fn constant(&mut self, ty: ValType) {
        if ty == ARRAY || ty == STRUCT {
            return self.new_object(ty);
        }
        let i = match ty {
            I32 => Instruction::I32Const(self.small_or(32) as i32),
            I64 => Instruction::I64Const(self.small_or(64)),
            F32 => Instruction::F32Const((plan::float(&mut self.s.rng) as f32).into()),
            F64 => Instruction::F64Const(plan::float(&mut self.s.rng).into()),
            V128 => Instruction::V128Const(self.s.rng.next() as i128 & 0x3f3f_3f3f_3f3f),
            ValType::Ref(_) if self.chance(30) => Instruction::RefNull(HeapType::FUNC),
            ValType::Ref(_) => {
                let n = self.s.funcs.len();
                Instruction::RefFunc(self.below(n) as u32)
            }
        };
        self.emit(i);
        self.stack.push(ty);
    }

    /// A constant around the borders of immediates.
    pub(super) fn small_or(&mut self, bits: u32) -> i64 {
        const BORDERS: [i64; 14] = [
            0,
            1,
            -1,
            2,
            32767,
            32768,
            -32768,
            -32769,
            65535,
            i32::MAX as i64,
            i32::MIN as i64,
            0x8000_0000,
            -0x8000_0001,
            0x1_0000_0000,
        ];
        let v = match self.below(3) {
            0 => self.s.rng.pick(&BORDERS),
            1 => self.below(20) as i64 - 5,
            _ => plan::integer(&mut self.s.rng) as i64,
        };
        if bits == 32 { v as i32 as i64 } else { v }
    }

    pub(super) fn push(&mut self, ty: ValType) {
        let way = self.below(10);
        if way < 6 {
            if let Some(l) = self.local_of(ty) {
                self.emit(Instruction::LocalGet(l));
                self.stack.push(ty);
                return;
            }
        }
        let global = (1..self.s.globals.len()).find(|&g| self.s.globals[g] == ty);
        match global {
            Some(g) if way == 6 => {
                self.emit(Instruction::GlobalGet(g as u32));
                self.stack.push(ty);
            }
            _ if way == 7 && self.budget > 0 => {
                self.budget -= 1;
                self.computed(ty);
            }
            _ => self.constant(ty),
        }
    }

    /// An operand that an operator computes.
    pub(super) fn computed(&mut self, ty: ValType) {
        let fit: Vec<usize> = (0..self.s.ops.len()).filter(|&i| self.s.ops[i].results == [ty]).collect();
        if fit.is_empty() {
            return self.constant(ty);
        }
        let op = self.s.ops[self.s.rng.pick(&fit)].clone();
        self.guarded(|b| b.operator(&op));
    }

    /// Does something that leaves the operands there are alone.
    pub(super) fn guarded(&mut self, what: impl FnOnce(&mut Self)) {
        let height = self.stack.len();
        self.frames.push(Frame { height, label: vec![], open: false, counter: None });
        what(self);
        self.frames.pop();
    }

    /// Has the operands on top of the stack, using what lies there.
    pub(super) fn need(&mut self, params: &[ValType]) {
        let own = self.own();
        let most = params.len().min(own.len());
        let fits = (0..=most).rev().find(|&k| own[own.len() - k..] == params[..k]).unwrap_or(0);
        let k = if self.chance(80) { fits } else { 0 };
        for &ty in &params[k..] {
            self.push(ty);
        }
    }

    pub(super) fn pop(&mut self, n: usize) {
        self.stack.truncate(self.stack.len() - n);
    }

    pub(super) fn operator(&mut self, op: &Op) {
        self.need(&op.params);
        if op.divides && self.chance(90) {
            // Mostly not by zero.
            let (one, or) = match op.params[1] {
                I32 => (Instruction::I32Const(1), Instruction::I32Or),
                _ => (Instruction::I64Const(1), Instruction::I64Or),
            };
            self.emit(one);
            self.emit(or);
        }
        self.emit(op.code.clone());
        self.pop(op.params.len());
        self.stack.extend(&op.results);
    }

    pub(super) fn any_operator(&mut self) {
        let n = self.s.ops.len();
        let at = self.below(n);
        let op = self.s.ops[at].clone();
        self.operator(&op);
    }

    // Statements.

    pub(super) fn steps(&mut self, n: i32) {
        for _ in 0..n {
            if self.budget <= 0 {
                return;
            }
            self.budget -= 1;
            self.step();
        }
    }

    pub(super) fn step(&mut self) {
        match self.below(100) {
            0..15 => {
                let ty = self.s.val_type();
                self.push(ty);
            }
            15..33 => self.assign(),
            33..58 => self.any_operator(),
            58..62 => self.compare_chain(),
            62..66 if self.s.options.refs && self.chance(50) => self.object(),
            62..66 => self.select(),
            66..73 => self.load(),
            73..80 => self.store(),
            80..82 => {
                if !self.own().is_empty() {
                    self.emit(Instruction::Drop);
                    self.pop(1);
                }
            }
            82..90 if self.s.options.loops && !self.leaf && self.loops < 3 && self.chance(60) => self.counted(),
            82..90 => self.structure(),
            90..94 => self.branch(),
            94..98 => self.call(),
            98 => self.rarely(),
            _ => self.leave(),
        }
        if self.own().len() > 24 {
            self.assign();
        }
    }

    pub(super) fn assign(&mut self) {
        let Some(&ty) = self.own().last() else {
            let ty = self.s.val_type();
            self.push(ty);
            return;
        };
        if self.chance(10) {
            let fit = (1..self.s.globals.len()).find(|&g| self.s.globals[g] == ty);
            if let Some(g) = fit {
                self.emit(Instruction::GlobalSet(g as u32));
                self.pop(1);
                return;
            }
        }
        match self.local_of(ty) {
            Some(l) if self.chance(50) => self.emit(Instruction::LocalTee(l)),
            Some(l) => {
                self.emit(Instruction::LocalSet(l));
                self.pop(1);
            }
            None => {
                self.emit(Instruction::Drop);
                self.pop(1);
            }
        }
    }

    /// A truth: a comparison, perhaps negated a few times.
    pub(super) fn condition(&mut self) {
        if self.chance(15) {
            return self.need(&[I32]);
        }
        let fit: Vec<usize> = (0..self.s.ops.len()).filter(|&i| self.s.ops[i].truth).collect();
        let op = self.s.ops[self.s.rng.pick(&fit)].clone();
        self.operator(&op);
        while self.chance(25) {
            self.emit(Instruction::I32Eqz);
        }
        if self.chance(10) {
            if let Some(l) = self.local_of(I32) {
                self.emit(Instruction::LocalTee(l));
            }
        }
    }

    /// A truth above the operands there are, which it leaves alone; counted as taken already.
    pub(super) fn fresh_condition(&mut self) {
        self.guarded(Self::condition);
        self.pop(1);
    }

    pub(super) fn compare_chain(&mut self) {
        self.condition();
        if self.chance(30) {
            self.emit(Instruction::I32Eqz);
        }
    }

    pub(super) fn select(&mut self) {
        let ty = self.own().last().copied().unwrap_or(I32);
        self.need(&[ty, ty]);
        self.fresh_condition();
        self.emit(match ty {
            ValType::Ref(_) => Instruction::TypedSelect(ty),
            _ => Instruction::Select,
        });
        self.pop(1);
    }

    pub(super) fn address(&mut self) -> (MemArg, bool) {
        let memory_index = self.below(self.s.memories.len()) as u32;
        let wide = self.s.memories[memory_index as usize];
        let ty = if wide { I64 } else { I32 };
        self.need(&[ty]);
        if self.chance(95) {
            self.mask(ty, WINDOW);
        }
        // Sums are folded into accesses.
        match self.below(8) {
            0 | 1 => {
                let c = self.below(300) as i64 - if self.chance(10) { 100 } else { 0 };
                self.emit(if wide { Instruction::I64Const(c) } else { Instruction::I32Const(c as i32) });
                self.emit(if wide { Instruction::I64Add } else { Instruction::I32Add });
            }
            2 | 3 if !wide => {
                // Of two locals, one of them known to be small.
                if let (Some(small), Some(other)) = (self.local_of(I32), self.local_of(I32)) {
                    self.emit(Instruction::LocalSet(small));
                    self.emit(Instruction::LocalGet(other));
                    self.mask(I32, WINDOW);
                    self.emit(Instruction::LocalSet(other));
                    self.emit(Instruction::LocalGet(other));
                    if self.chance(50) {
                        self.emit(Instruction::LocalGet(small));
                    } else {
                        self.emit(Instruction::I32Const(30_000));
                    }
                    self.emit(Instruction::I32Add);
                }
            }
            _ => {}
        }
        let offset = match self.below(60) {
            0 => 65535 - WINDOW as u64,
            1 if wide => 0x1_0000_0000,
            1 => 0xffff_ffff,
            2..30 => 0,
            n => n as u64 * 5,
        };
        (memarg(offset, memory_index), wide)
    }

    /// Bounds the operand on top.
    pub(super) fn mask(&mut self, ty: ValType, to: i32) {
        let (mask, and) = match ty {
            I64 => (Instruction::I64Const(to as i64), Instruction::I64And),
            _ => (Instruction::I32Const(to), Instruction::I32And),
        };
        self.emit(mask);
        self.emit(and);
    }

    pub(super) fn load(&mut self) {
        let (memarg, _) = self.address();
        let (i, ty) = ops::load(&mut self.s.rng, &self.s.options, memarg);
        self.emit(i);
        self.pop(1);
        self.stack.push(ty);
    }

    pub(super) fn store(&mut self) {
        let (memarg, _) = self.address();
        let (i, ty) = ops::store(&mut self.s.rng, &self.s.options, memarg);
        match self.below(3) {
            0 => self.constant(ty),
            1 => self.computed(ty),
            _ => self.push(ty),
        }
        self.emit(i);
        self.pop(2);
    }

    // Blocks.

    pub(super) fn structure(&mut self) {
        if self.frames.len() > 8 {
            return;
        }
        let take = self.below(self.own().len().min(4) + 1);
        let params = self.stack[self.stack.len() - take..].to_vec();
        let results = if self.chance(40) { params.clone() } else { self.s.val_types(3) };
        let n = 3 + self.below(14) as i32;
        match self.below(if self.s.options.exceptions { 5 } else { 4 }) {
            0 => self.block(params, results, n),
            1 if self.loops < 3 => self.repeat(params, results, n),
            4 => self.attempt(n),
            _ => self.either(params, results, n),
        }
    }

    pub(super) fn enter(&mut self, params: &[ValType], label: Vec<ValType>, open: bool, counter: Option<u32>) {
        let height = self.stack.len() - params.len();
        self.frames.push(Frame { height, label, open, counter });
    }

    /// Ends the innermost block with its results in place.
    pub(super) fn exit(&mut self, results: &[ValType]) {
        self.settle(results);
        self.frames.pop();
        self.emit(Instruction::End);
    }

    /// Makes the operands of the innermost block be exactly these.
    pub(super) fn settle(&mut self, results: &[ValType]) {
        loop {
            let own = self.own();
            if own.len() <= results.len() && own == &results[..own.len()] {
                break;
            }
            let before = self.stack.len();
            if self.chance(40) {
                self.assign();
            }
            if self.stack.len() >= before {
                self.emit(Instruction::Drop);
                self.pop(1);
            }
        }
        for &ty in &results[self.own().len()..] {
            self.push(ty);
        }
    }

    pub(super) fn block(&mut self, params: Vec<ValType>, results: Vec<ValType>, n: i32) {
        let ty = self.s.block_type(&params, &results);
        self.emit(Instruction::Block(ty));
        self.enter(&params, results.clone(), true, None);
        self.steps(n);
        self.exit(&results);
    }

    pub(super) fn repeat(&mut self, params: Vec<ValType>, results: Vec<ValType>, n: i32) {
        let counter = self.counters;
        self.counters += 1;
        self.loops += 1;
        let trips = 1 + self.below(4) as i32;
        self.emit(Instruction::I32Const(trips));
        self.code.push(Code::SetCounter(counter));
        let ty = self.s.block_type(&params, &results);
        self.emit(Instruction::Loop(ty));
        self.enter(&params, params.clone(), false, Some(counter));
        let mixes = self.s.options.pressure && self.chance(60);
        if mixes {
            self.mix();
        }
        self.steps(n);
        if mixes && self.chance(50) {
            self.guarded(Self::call);
        }
        self.back(0);
        self.exit(&results);
        self.loops -= 1;
    }

    /// A back edge to the loop at this depth, while its counter lasts.
    pub(super) fn back(&mut self, depth: u32) {
        let frame = &self.frames[self.frames.len() - 1 - depth as usize];
        let (label, Some(counter)) = (frame.label.clone(), frame.counter) else { return };
        self.need(&label);
        if self.chance(50) {
            self.code.push(Code::GetCounter(counter));
            self.emit(Instruction::I32Const(1));
            self.emit(Instruction::I32Sub);
        } else {
            self.emit(Instruction::I32Const(-1));
            self.code.push(Code::GetCounter(counter));
            self.emit(Instruction::I32Add);
        }
        self.code.push(Code::TeeCounter(counter));
        match self.below(3) {
            0 => {
                self.emit(Instruction::I32Const(0));
                self.emit(Instruction::I32GtS);
            }
            1 => {
                self.emit(Instruction::I32Const(1));
                self.emit(Instruction::I32LtS);
                self.emit(Instruction::I32Eqz);
            }
            _ => {
                self.emit(Instruction::I32Const(0));
                self.code.push(Code::GetCounter(counter));
                self.emit(Instruction::I32LtS);
                // The first operand below is the tee's.
                self.emit(Instruction::I32And);
                self.code.push(Code::GetCounter(counter));
                self.emit(Instruction::I32Const(0));
                self.emit(Instruction::I32GtS);
                self.emit(Instruction::I32Or);
                self.code.push(Code::GetCounter(counter));
                self.emit(Instruction::I32Const(0));
                self.emit(Instruction::I32GtS);
                self.emit(Instruction::I32And);
            }
        }
        self.emit(Instruction::BrIf(depth));
    }

    pub(super) fn either(&mut self, params: Vec<ValType>, results: Vec<ValType>, n: i32) {
        self.fresh_condition();
        let ty = self.s.block_type(&params, &results);
        self.emit(Instruction::If(ty));
        let bare = params == results && self.chance(30);
        self.enter(&params, results.clone(), true, None);
        self.steps(n);
        self.settle(&results);
        if !bare {
            self.emit(Instruction::Else);
            let height = self.height();
            self.stack.truncate(height);
            self.stack.extend(&params);
            self.steps(n);
            self.settle(&results);
        }
        self.frames.pop();
        self.emit(Instruction::End);
    }

    /// A `try_table` inside the block that its clauses lead to.
    pub(super) fn attempt(&mut self, n: i32) {
        let tag = self.below(self.s.tags.len());
        let all = self.chance(30);
        let payload = if all { vec![] } else { self.s.tags[tag].clone() };
        let with_ref = self.chance(30);
        let mut label = payload.clone();
        if with_ref {
            label.push(ValType::Ref(RefType::EXNREF));
        }
        let ty = self.s.block_type(&[], &label);
        self.emit(Instruction::Block(ty));
        self.enter(&[], label.clone(), false, None);
        let tag = tag as u32;
        let catch = match (all, with_ref) {
            (false, false) => Catch::One { tag, label: 0 },
            (false, true) => Catch::OneRef { tag, label: 0 },
            (true, false) => Catch::All { label: 0 },
            (true, true) => Catch::AllRef { label: 0 },
        };
        let results = self.s.val_types(2);
        let ty = self.s.block_type(&[], &results);
        self.emit(Instruction::TryTable(ty, Cow::Owned(vec![catch])));
        self.enter(&[], results.clone(), true, None);
        self.steps(n);
        if self.chance(60) {
            self.throw();
        }
        self.steps(2);
        self.exit(&results);
        self.steps(2);
        self.settle(&payload);
        if with_ref {
            self.emit(Instruction::RefNull(HeapType::Abstract { shared: false, ty: AbstractHeapType::Exn }));
            self.stack.push(ValType::Ref(RefType::EXNREF));
        }
        self.frames.pop();
        self.emit(Instruction::End);
        if with_ref {
            self.emit(Instruction::Drop);
            self.pop(1);
        }
    }

    /// Throws, under a condition.
    pub(super) fn throw(&mut self) {
        let tag = self.below(self.s.tags.len());
        let payload = self.s.tags[tag].clone();
        self.fresh_condition();
        self.emit(Instruction::If(BlockType::Empty));
        self.enter(&[], vec![], true, None);
        self.need(&payload);
        self.emit(Instruction::Throw(tag as u32));
        let height = self.height();
        self.stack.truncate(height);
        self.exit(&[]);
    }

    /// Leaves the locals in memory, where they can be seen, and the results on the stack.
    pub(super) fn finish(&mut self, results: &[ValType]) {
        if !self.leaf && self.chance(60) && !self.s.memories[0] {
            for n in 0..self.locals.len() {
                let ty = self.locals[n];
                let memarg = memarg(1024 + 16 * n as u64 + 256 * self.func as u64, 0);
                let store = match ty {
                    I32 => Instruction::I32Store(memarg),
                    I64 => Instruction::I64Store(memarg),
                    F32 => Instruction::F32Store(memarg),
                    F64 => Instruction::F64Store(memarg),
                    V128 => Instruction::V128Store(memarg),
                    ValType::Ref(_) => continue,
                };
                self.emit(Instruction::I32Const(0));
                let l = self.local_index(n);
                self.emit(Instruction::LocalGet(l));
                self.emit(store);
            }
        }
        self.settle(results);
        self.emit(Instruction::End);
    }
}
