//! Bodies: counted loops, which compilers turn inside out. They go over memory by their counter, read what they write and what they
//! do not, leave by traps in the middle, and call through the table what is mostly one function.

use super::body::{Body, Code};
use super::{memarg, ops};
use wasm_encoder::ValType::{self, I32, I64};
use wasm_encoder::{BlockType, Instruction, MemArg, RefType};

/// Trips of an outermost loop: enough for what is called to be known.
const TRIPS: usize = 120;

/// How a loop counts.
struct Count {
    /// The locals with the counter and the bound.
    counter: u32,
    bound: u32,
    step: i32,
    down: bool,
}

impl Body<'_> {
    /// A loop over a counter of its own, in one of the forms that compilers write.
    pub(super) fn counted(&mut self) {
        let count = Count {
            counter: self.counters,
            bound: self.counters + 1,
            step: [1, 1, 1, 2, 3, 8][self.below(6)],
            down: self.chance(20),
        };
        self.counters += 2;
        let trips = match (self.loops, self.chance(60)) {
            (0, true) => TRIPS,
            (0, false) => 1 + self.below(TRIPS),
            _ => 1 + self.below(4),
        } as i32;
        let first = self.below(12) as i32 - if self.chance(20) { 8 } else { 0 };
        let last = first + trips * count.step;
        let (from, to) = if count.down { (last, first) } else { (first, last) };
        self.emit(Instruction::I32Const(from));
        self.code.push(Code::SetCounter(count.counter));
        if self.chance(75) {
            self.emit(Instruction::I32Const(to));
            self.code.push(Code::SetCounter(count.bound));
        } else {
            let limit = to.max(from);
            self.guarded(|b| b.push(I32));
            self.pop(1);
            self.emit(Instruction::I32Const(TRIPS as i32 / 8 - 1));
            self.emit(Instruction::I32And);
            if count.down {
                self.emit(Instruction::I32Const(limit - TRIPS as i32 / 8));
                self.emit(Instruction::I32Add);
            }
            self.code.push(Code::SetCounter(count.bound));
        }
        self.loops += 1;
        if self.chance(50) {
            self.loop_while(&count)
        } else {
            self.loop_until(&count)
        }
        self.loops -= 1;
    }

    /// Asks at the head.
    fn loop_while(&mut self, count: &Count) {
        self.emit(Instruction::Block(BlockType::Empty));
        self.enter(&[], vec![], true, None);
        self.emit(Instruction::Loop(BlockType::Empty));
        self.enter(&[], vec![], false, None);
        self.compare(count, false);
        self.emit(Instruction::BrIf(1));
        self.trip(count);
        self.advance(count);
        self.settle(&[]);
        self.emit(Instruction::Br(0));
        self.exit(&[]);
        self.exit(&[]);
    }

    /// Asks at the end.
    fn loop_until(&mut self, count: &Count) {
        self.emit(Instruction::Loop(BlockType::Empty));
        self.enter(&[], vec![], false, None);
        self.trip(count);
        self.advance(count);
        self.settle(&[]);
        self.compare(count, true);
        self.emit(Instruction::BrIf(0));
        self.exit(&[]);
    }

    /// Whether the loop goes on, or whether it does not.
    fn compare(&mut self, count: &Count, on: bool) {
        self.code.push(Code::GetCounter(count.counter));
        self.code.push(Code::GetCounter(count.bound));
        match (count.down, on, self.chance(50)) {
            (false, true, _) => self.emit(Instruction::I32LtS),
            (false, false, true) => self.emit(Instruction::I32GeS),
            (true, true, _) => self.emit(Instruction::I32GtS),
            (true, false, true) => self.emit(Instruction::I32LeS),
            (down, false, false) => {
                self.emit(if down { Instruction::I32GtS } else { Instruction::I32LtS });
                self.emit(Instruction::I32Eqz);
            }
        }
    }

    fn advance(&mut self, count: &Count) {
        self.code.push(Code::GetCounter(count.counter));
        self.emit(Instruction::I32Const(count.step));
        self.emit(if count.down { Instruction::I32Sub } else { Instruction::I32Add });
        self.code.push(Code::SetCounter(count.counter));
    }

    /// What is done each time.
    fn trip(&mut self, count: &Count) {
        for _ in 0..2 + self.below(4) {
            match self.below(12) {
                0 | 1 => self.read_at(count),
                2 | 3 => self.write_at(count),
                4..8 => self.dispatch(count),
                8 => self.global_twice(),
                9 => self.read_fixed(),
                10 if self.loops < 3 => self.counted(),
                _ => self.steps(3),
            }
        }
    }

    fn widen(&mut self) {
        let signed = self.chance(50);
        self.emit(if signed { Instruction::I64ExtendI32S } else { Instruction::I64ExtendI32U });
    }

    /// An address that moves with the counter: left on the stack, but not counted as being there.
    fn moving(&mut self, count: &Count) -> MemArg {
        let memory_index = self.below(self.s.memories.len()) as u32;
        let wide = self.s.memories[memory_index as usize];
        self.code.push(Code::GetCounter(count.counter));
        if self.chance(25) {
            // That of a trip to come.
            let ahead = 1 + self.below(3) as i32;
            self.emit(Instruction::I32Const(ahead));
            self.emit(Instruction::I32Add);
        }
        if wide && self.chance(50) {
            self.widen();
            let shift = self.below(4) as i64;
            self.emit(Instruction::I64Const(shift));
            self.emit(Instruction::I64Shl);
        } else {
            match self.below(4) {
                0 => {
                    let stride = 1 + self.below(40) as i32;
                    self.emit(Instruction::I32Const(stride));
                    self.emit(Instruction::I32Mul);
                }
                1 => {}
                _ => {
                    let shift = 1 + self.below(4) as i32;
                    self.emit(Instruction::I32Const(shift));
                    self.emit(Instruction::I32Shl);
                }
            }
            if self.chance(30)
                && let Some(base) = self.local_of(I32)
            {
                self.emit(Instruction::LocalGet(base));
                self.mask(I32, 0x3f8);
                self.emit(Instruction::I32Add);
            }
            if wide {
                self.widen();
            }
        }
        // Seldom so that the loop runs into the end of the memory.
        let offset = match self.below(20) {
            0 => 65_536 - self.below(900) as u64,
            1..10 => 0,
            _ => self.below(600) as u64,
        };
        memarg(offset, memory_index)
    }

    fn read_at(&mut self, count: &Count) {
        let at = self.moving(count);
        let (i, ty) = ops::load(&mut self.s.rng, &self.s.options, at);
        self.emit(i);
        self.stack.push(ty);
        // Sums are what such loops make.
        if let (I32 | I64, true) = (ty, self.chance(50))
            && let Some(sum) = self.local_of(ty)
        {
            self.emit(Instruction::LocalGet(sum));
            self.emit(if ty == I32 { Instruction::I32Add } else { Instruction::I64Add });
            self.emit(Instruction::LocalSet(sum));
            self.pop(1);
        } else {
            self.assign();
        }
    }

    fn write_at(&mut self, count: &Count) {
        let at = self.moving(count);
        let (i, ty) = ops::store(&mut self.s.rng, &self.s.options, at);
        self.guarded(|b| b.push(ty));
        self.pop(1);
        self.emit(i);
    }

    /// Reads from a place that stays the same, unless a store of the loop hits it.
    fn read_fixed(&mut self) {
        let memory = self.below(self.s.memories.len()) as u32;
        let at = self.below(200) as i64 * 4;
        self.emit(match self.s.memories[memory as usize] {
            true => Instruction::I64Const(at),
            false => Instruction::I32Const(at as i32),
        });
        let (i, ty) = ops::load(&mut self.s.rng, &self.s.options, memarg(0, memory));
        self.emit(i);
        self.stack.push(ty);
        self.assign();
    }

    /// Writes a global, and again at once or a little later.
    fn global_twice(&mut self) {
        let n = 1 + self.below(self.s.globals.len() - 1);
        let ty = self.s.globals[n];
        for between in [1, 0] {
            self.guarded(|b| b.push(ty));
            self.pop(1);
            self.emit(Instruction::GlobalSet(n as u32));
            self.steps(between);
        }
    }

    /// A call that goes to one function most of the time, by the counter.
    fn dispatch(&mut self, count: &Count) {
        let n = self.s.funcs.len();
        let first = if self.chance(10) { 0 } else { 1 + self.below(n - 1) };
        let (params, results) = self.s.funcs[first].clone();
        let same: Vec<usize> = (0..n).filter(|&f| self.s.funcs[f] == self.s.funcs[first]).collect();
        let second = self.s.rng.pick(&same);
        let type_index = self.s.type_index(&params, &results);
        self.guarded(|b| b.need(&params));
        self.pop(params.len());
        let mask = [63, 63, 31, 15, 3, 1][self.below(6)];
        let seldom = |b: &mut Self| {
            b.code.push(Code::GetCounter(count.counter));
            b.emit(Instruction::I32Const(mask));
            b.emit(Instruction::I32And);
        };
        if self.s.options.refs && self.chance(40) {
            self.emit(Instruction::RefFunc(second as u32));
            self.emit(Instruction::RefFunc(first as u32));
            seldom(self);
            self.emit(Instruction::I32Eqz);
            self.emit(Instruction::TypedSelect(ValType::Ref(RefType {
                nullable: true,
                heap_type: wasm_encoder::HeapType::Concrete(type_index),
            })));
            self.emit(Instruction::CallRef(type_index));
        } else {
            // What is called else: one of the same type, null, of another type, or nothing.
            let other = match self.below(20) {
                0 => 0,
                1 => n as i32 + 1,
                2 => n as i32 + 2,
                3 => 1 + self.below(n) as i32,
                _ => second as i32 + 1,
            };
            self.emit(Instruction::I32Const(other));
            self.emit(Instruction::I32Const(first as i32 + 1));
            seldom(self);
            self.emit(Instruction::I32Eqz);
            self.emit(Instruction::Select);
            self.emit(Instruction::CallIndirect { type_index, table_index: 0 });
        }
        self.stack.extend(results);
        while self.own().len() > 2 {
            self.assign();
        }
    }
}
