//! Bodies: branches, calls, and what comes seldom.

use super::FUNCREF;
use super::body::Body;
use std::borrow::Cow;
use wasm_encoder::ValType::{I32, I64};
use wasm_encoder::{Instruction, ValType};

impl Body<'_> {
    // Branches.

    /// A frame that may be left for, by depth.
    pub(super) fn target(&mut self) -> Option<u32> {
        let n = self.frames.len();
        let open: Vec<u32> = (0..n).filter(|&d| self.frames[n - 1 - d].open).map(|d| d as u32).collect();
        if open.is_empty() { None } else { Some(self.s.rng.pick(&open)) }
    }

    pub(super) fn label(&self, depth: u32) -> Vec<ValType> {
        self.frames[self.frames.len() - 1 - depth as usize].label.clone()
    }

    pub(super) fn branch(&mut self) {
        if self.chance(15)
            && let Some(d) = (0..self.frames.len()).find(|&d| self.frames[self.frames.len() - 1 - d].counter.is_some())
        {
            return self.back(d as u32);
        }
        let Some(depth) = self.target() else { return };
        let label = self.label(depth);
        self.need(&label);
        self.fresh_condition();
        self.emit(Instruction::BrIf(depth));
    }

    /// Leaves for good; what follows is dead.
    pub(super) fn leave(&mut self) {
        if self.frames.len() < 2 {
            return;
        }
        let Some(depth) = self.target() else { return };
        let label = self.label(depth);
        self.need(&label);
        match self.below(4) {
            0 => self.emit(Instruction::Br(depth)),
            1 => {
                let n = self.frames.len();
                let same = |d: &u32| {
                    let f = &self.frames[n - 1 - *d as usize];
                    f.open && f.label == label
                };
                let fit: Vec<u32> = (0..n as u32).filter(same).collect();
                let count = self.below(5);
                let list: Vec<u32> = (0..count).map(|_| self.s.rng.pick(&fit)).collect();
                self.push(I32);
                if self.chance(50) {
                    self.emit(Instruction::I32Const(3));
                    self.emit(Instruction::I32And);
                }
                self.pop(1);
                self.emit(Instruction::BrTable(Cow::Owned(list), depth));
            }
            2 if depth as usize == self.frames.len() - 1 => self.emit(Instruction::Return),
            _ => {
                // Conditionally, so that not everything ends here.
                self.push(I32);
                self.emit(Instruction::BrIf(depth));
                self.pop(1);
                return;
            }
        }
        let height = self.height();
        self.stack.truncate(height);
    }

    // Calls.

    pub(super) fn call(&mut self) {
        let n = self.s.funcs.len();
        match self.below(10) {
            0..6 => {
                // Only those before it, so that recursion is left to the table.
                let f = self.below(self.func.min(n));
                let (params, results) = self.s.funcs[f].clone();
                self.need(&params);
                self.emit(Instruction::Call(f as u32));
                self.pop(params.len());
                self.stack.extend(results);
            }
            6 | 7 => {
                let f = self.below(n);
                let (params, results) = self.s.funcs[f].clone();
                let type_index = self.s.type_index(&params, &results);
                self.need(&params);
                match self.chance(80) {
                    true => self.emit(Instruction::I32Const(f as i32 + 1)),
                    false => {
                        self.push(I32);
                        self.pop(1);
                    }
                }
                self.emit(Instruction::CallIndirect { type_index, table_index: 0 });
                self.pop(params.len());
                self.stack.extend(results);
            }
            8 if self.s.options.refs => {
                let f = self.below(n);
                let (params, results) = self.s.funcs[f].clone();
                let type_index = self.s.type_index(&params, &results);
                self.need(&params);
                self.emit(Instruction::RefFunc(f as u32));
                self.emit(Instruction::CallRef(type_index));
                self.pop(params.len());
                self.stack.extend(results);
            }
            _ if self.s.options.tail_calls && self.frames.len() > 1 => {
                let own = self.s.funcs[self.func].1.clone();
                let fit: Vec<usize> = (0..n).filter(|&f| self.s.funcs[f].1 == own).collect();
                let f = self.s.rng.pick(&fit);
                let (params, results) = self.s.funcs[f].clone();
                let type_index = self.s.type_index(&params, &results);
                self.need(&params);
                if self.chance(50) {
                    self.emit(Instruction::ReturnCall(f as u32));
                } else {
                    self.emit(Instruction::I32Const(f as i32 + 1));
                    self.emit(Instruction::ReturnCallIndirect { type_index, table_index: 0 });
                }
                let height = self.height();
                self.stack.truncate(height);
            }
            _ => {}
        }
    }

    pub(super) fn rarely(&mut self) {
        let mem = self.below(self.s.memories.len()) as u32;
        let wide = self.s.memories[mem as usize];
        let ty = if wide { I64 } else { I32 };
        match self.below(6) {
            0 => {
                self.emit(Instruction::MemorySize(mem));
                self.stack.push(ty);
            }
            1 => {
                self.emit(if wide { Instruction::I64Const(1) } else { Instruction::I32Const(1) });
                self.emit(Instruction::MemoryGrow(mem));
                self.stack.push(ty);
            }
            2 => {
                let at = self.below(5000) as i64;
                let len = self.below(64) as i64;
                self.emit(if wide { Instruction::I64Const(at) } else { Instruction::I32Const(at as i32) });
                self.push(I32);
                self.emit(if wide { Instruction::I64Const(len) } else { Instruction::I32Const(len as i32) });
                self.emit(Instruction::MemoryFill(mem));
                self.pop(1);
            }
            3 => {
                for n in [3000, 0, 500] {
                    let n = n + self.below(100) as i64;
                    self.emit(if wide { Instruction::I64Const(n) } else { Instruction::I32Const(n as i32) });
                }
                self.emit(Instruction::MemoryCopy { src_mem: mem, dst_mem: mem });
            }
            4 if self.s.options.refs => {
                self.need(&[FUNCREF]);
                self.emit(Instruction::RefIsNull);
                self.pop(1);
                self.stack.push(I32);
            }
            5 if self.s.options.exceptions => self.throw(),
            _ => {
                self.emit(Instruction::TableSize(0));
                self.stack.push(I32);
            }
        }
    }
}
