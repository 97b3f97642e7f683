//! Memories in general: any number of them, 64-bit addresses, shared ones, other page sizes. Memory 0, if it is 32-bit and not
//! shared, has a faster way of its own (`super::Builder::address`).
#![forbid(unsafe_code)]

use super::{Builder, Result};
use crate::jit::ssa::ir::*;
use crate::module::ops::{MemArg, Operator};
use crate::vm::layout;
use crate::vm::trap::TrapKind;
use core::mem::offset_of;

impl Builder<'_> {
    fn memory_object(&mut self, memory: u32) -> Value {
        self.field(offset_of!(layout::Instance, memories), Some(memory))
    }

    /// Bytes of a memory. Those of a shared one may have become more at any time, but that only matters where the guest
    /// can know: after a call or an atomic access.
    fn memory_len(&mut self, memory: u32, object: Value) -> Value {
        if self.module.memories[memory as usize].shared {
            let len = self.head(object, offset_of!(layout::Memory, shared_len));
            return self.head(len, 0);
        }
        self.head(object, offset_of!(layout::Memory, len))
    }

    /// Base and checked address of an access of `size` bytes to any memory.
    pub(super) fn any_address(&mut self, memory: u32, addr: Value, offset: u64, size: u64) -> (Value, Value) {
        let object = self.memory_object(memory);
        let base = self.head(object, offset_of!(layout::Memory, base));
        let len = self.memory_len(memory, object);
        // No memory reaches that far.
        let end = offset.checked_add(size).unwrap_or(u64::MAX);
        (base, self.value(Op::CheckWide, Type::I64, &[addr, len], end))
    }

    /// A 64-bit number as an `i64`, or its low half.
    pub(super) fn narrow(&mut self, v: Value, is64: bool) -> Value {
        if is64 { v } else { self.value(Op::Wrap, Type::I32, &[v], 0) }
    }

    fn memory_type(&self, memory: u32) -> Type {
        if self.module.memories[memory as usize].is64 { Type::I64 } else { Type::I32 }
    }

    // Atomic accesses.

    /// As `any_address`, for an atomic access: it must be aligned, which is asked first.
    fn aligned(&mut self, addr: Value, arg: &MemArg, size: u64) -> Result<(Value, Value)> {
        let memory = Self::memory_index(arg)?;
        if size > 1 {
            let ty = self.f.ty(addr);
            let low = arg.offset & (size - 1);
            let sum = if low == 0 {
                addr
            } else {
                let low = self.constant(ty, low);
                self.value(Op::Add, ty, &[addr, low], 0)
            };
            let mask = self.constant(ty, size - 1);
            let rest = self.value(Op::And, ty, &[sum, mask], 0);
            let zero = self.constant(ty, 0);
            let odd = self.value(Op::Cmp(Cond::Ne), Type::I32, &[rest, zero], 0);
            self.inst(Op::TrapIf, Type::I32, &[odd], TrapKind::UnalignedAtomic as u64, &[]);
        }
        Ok(self.any_address(memory, addr, arg.offset, size))
    }

    /// An atomic access with `operands` operands after the address.
    fn atomic(&mut self, op: Atomic, width: Width, ty: Type, arg: &MemArg, operands: usize) -> Result<()> {
        let values = self.operands(operands);
        let addr = self.pop();
        let (base, checked) = self.aligned(addr, arg, width.bytes())?;
        let mut args = vec![base, checked];
        args.extend(values);
        if op == Atomic::Store {
            self.inst(Op::Atomic(op, width), ty, &args, arg.offset, &[]);
        } else {
            let v = self.value(Op::Atomic(op, width), ty, &args, arg.offset);
            self.stack.push(v);
        }
        Ok(())
    }

    /// The address of a place to wait for or to notify.
    fn place(&mut self, addr: Value, arg: &MemArg, size: u64) -> Result<Value> {
        let (base, checked) = self.aligned(addr, arg, size)?;
        let at = self.value(Op::Add, Type::I64, &[base, checked], 0);
        let offset = self.constant(Type::I64, arg.offset);
        Ok(self.value(Op::Add, Type::I64, &[at, offset], 0))
    }

    fn wait(&mut self, helper: Helper, arg: &MemArg, size: u64) -> Result<()> {
        let (timeout, expected, addr) = (self.pop(), self.pop(), self.pop());
        let at = self.place(addr, arg, size)?;
        let memory = Self::memory_index(arg)?;
        self.helper(helper, &[at, expected, timeout], memory as u64, Some(Type::I32));
        Ok(())
    }

    /// An operator of this kind; false if it is another.
    #[allow(clippy::too_many_lines)]
    pub(super) fn memory_operator(&mut self, op: &Operator<'_>) -> Result<bool> {
        macro_rules! atomics {
            ($($op:ident: $name:ident $width:ident $ty:ident $operands:literal,)*) => {
                match op {
                    $(Operator::$name { memarg } => {
                        self.atomic(Atomic::$op, Width::$width, Type::$ty, memarg, $operands)?;
                    })*
                    _ => return Ok(false),
                }
            };
        }
        match *op {
            Operator::MemorySize { mem } => {
                let object = self.memory_object(mem);
                let len = self.memory_len(mem, object);
                let log2 = self.constant(Type::I64, self.module.memories[mem as usize].page_log2 as u64);
                let pages = self.value(Op::ShrU, Type::I64, &[len, log2], 0);
                let pages = self.narrow(pages, self.module.memories[mem as usize].is64);
                self.stack.push(pages);
            }
            Operator::MemoryGrow { mem } => {
                let (args, ty) = (self.operands(1), self.memory_type(mem));
                self.helper(Helper::MemoryGrow, &args, mem as u64, Some(ty));
                self.forget_memory();
            }
            Operator::MemoryFill { mem } => {
                let args = self.operands(3);
                self.helper(Helper::MemoryFill, &args, mem as u64, None);
            }
            Operator::MemoryCopy { dst_mem, src_mem } => {
                let args = self.operands(3);
                self.helper(Helper::MemoryCopy, &args, (dst_mem as u64) << 32 | src_mem as u64, None);
            }
            Operator::MemoryInit { data_index, mem } => {
                let args = self.operands(3);
                self.helper(Helper::MemoryInit, &args, (mem as u64) << 32 | data_index as u64, None);
            }
            Operator::DataDrop { data_index } => self.helper(Helper::DataDrop, &[], data_index as u64, None),
            Operator::AtomicFence { .. } => {
                self.inst(Op::Fence, Type::I64, &[], 0, &[]);
            }
            Operator::MemoryAtomicWait32 { ref memarg } => self.wait(Helper::AtomicWait32, memarg, 4)?,
            Operator::MemoryAtomicWait64 { ref memarg } => self.wait(Helper::AtomicWait64, memarg, 8)?,
            Operator::MemoryAtomicNotify { ref memarg } => {
                let (count, addr) = (self.pop(), self.pop());
                let at = self.place(addr, memarg, 4)?;
                self.helper(Helper::AtomicNotify, &[at, count], 0, Some(Type::I32));
            }
            _ => atomics! {
                Load: I32AtomicLoad U32 I32 0,
                Load: I32AtomicLoad8U U8 I32 0,
                Load: I32AtomicLoad16U U16 I32 0,
                Load: I64AtomicLoad W64 I64 0,
                Load: I64AtomicLoad8U U8 I64 0,
                Load: I64AtomicLoad16U U16 I64 0,
                Load: I64AtomicLoad32U U32 I64 0,
                Store: I32AtomicStore U32 I32 1,
                Store: I32AtomicStore8 U8 I32 1,
                Store: I32AtomicStore16 U16 I32 1,
                Store: I64AtomicStore W64 I64 1,
                Store: I64AtomicStore8 U8 I64 1,
                Store: I64AtomicStore16 U16 I64 1,
                Store: I64AtomicStore32 U32 I64 1,
                Add: I32AtomicRmwAdd U32 I32 1,
                Add: I32AtomicRmw8AddU U8 I32 1,
                Add: I32AtomicRmw16AddU U16 I32 1,
                Add: I64AtomicRmwAdd W64 I64 1,
                Add: I64AtomicRmw8AddU U8 I64 1,
                Add: I64AtomicRmw16AddU U16 I64 1,
                Add: I64AtomicRmw32AddU U32 I64 1,
                Sub: I32AtomicRmwSub U32 I32 1,
                Sub: I32AtomicRmw8SubU U8 I32 1,
                Sub: I32AtomicRmw16SubU U16 I32 1,
                Sub: I64AtomicRmwSub W64 I64 1,
                Sub: I64AtomicRmw8SubU U8 I64 1,
                Sub: I64AtomicRmw16SubU U16 I64 1,
                Sub: I64AtomicRmw32SubU U32 I64 1,
                And: I32AtomicRmwAnd U32 I32 1,
                And: I32AtomicRmw8AndU U8 I32 1,
                And: I32AtomicRmw16AndU U16 I32 1,
                And: I64AtomicRmwAnd W64 I64 1,
                And: I64AtomicRmw8AndU U8 I64 1,
                And: I64AtomicRmw16AndU U16 I64 1,
                And: I64AtomicRmw32AndU U32 I64 1,
                Or: I32AtomicRmwOr U32 I32 1,
                Or: I32AtomicRmw8OrU U8 I32 1,
                Or: I32AtomicRmw16OrU U16 I32 1,
                Or: I64AtomicRmwOr W64 I64 1,
                Or: I64AtomicRmw8OrU U8 I64 1,
                Or: I64AtomicRmw16OrU U16 I64 1,
                Or: I64AtomicRmw32OrU U32 I64 1,
                Xor: I32AtomicRmwXor U32 I32 1,
                Xor: I32AtomicRmw8XorU U8 I32 1,
                Xor: I32AtomicRmw16XorU U16 I32 1,
                Xor: I64AtomicRmwXor W64 I64 1,
                Xor: I64AtomicRmw8XorU U8 I64 1,
                Xor: I64AtomicRmw16XorU U16 I64 1,
                Xor: I64AtomicRmw32XorU U32 I64 1,
                Xchg: I32AtomicRmwXchg U32 I32 1,
                Xchg: I32AtomicRmw8XchgU U8 I32 1,
                Xchg: I32AtomicRmw16XchgU U16 I32 1,
                Xchg: I64AtomicRmwXchg W64 I64 1,
                Xchg: I64AtomicRmw8XchgU U8 I64 1,
                Xchg: I64AtomicRmw16XchgU U16 I64 1,
                Xchg: I64AtomicRmw32XchgU U32 I64 1,
                Cmpxchg: I32AtomicRmwCmpxchg U32 I32 2,
                Cmpxchg: I32AtomicRmw8CmpxchgU U8 I32 2,
                Cmpxchg: I32AtomicRmw16CmpxchgU U16 I32 2,
                Cmpxchg: I64AtomicRmwCmpxchg W64 I64 2,
                Cmpxchg: I64AtomicRmw8CmpxchgU U8 I64 2,
                Cmpxchg: I64AtomicRmw16CmpxchgU U16 I64 2,
                Cmpxchg: I64AtomicRmw32CmpxchgU U32 I64 2,
            },
        }
        Ok(true)
    }
}
