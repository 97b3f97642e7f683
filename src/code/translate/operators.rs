//! One line per operator.

use super::control::Callee;
use super::emit::{Acc, abi, ji};
use super::forms::of::{self, STORES};
use super::{Place, Translator, Ty};
use crate::code::op::Op;
use crate::module::ops::{Operator, opens};
use Ty::{F32, F64, I32, I64};

impl Translator<'_> {
    pub(super) fn operator(&mut self, op: Operator<'_>) {
        if let Some(depth) = self.dead {
            return self.dead_operator(op, depth);
        }
        match op {
            // Control
            Operator::Unreachable => {
                self.emit(Op::trap, &[crate::code::TRAP_UNREACHABLE]);
                self.unreachable();
            }
            Operator::Nop => {}
            Operator::Block { blockty } => self.block_start(blockty),
            Operator::Loop { blockty } => self.loop_start(blockty),
            Operator::If { blockty } => self.if_start(blockty),
            Operator::Else => self.else_start(),
            Operator::End => self.end(),
            Operator::Br { relative_depth } => self.br(relative_depth),
            Operator::BrIf { relative_depth } => self.br_if(relative_depth),
            Operator::BrTable { targets } => self.br_table(&targets),
            Operator::Return => {
                self.return_();
                self.unreachable();
            }
            Operator::Call { function_index } => self.call(Callee::Direct(function_index), 0),
            Operator::CallIndirect { type_index, table_index } => {
                let index = self.pop();
                self.call(Callee::Table(table_index, index, type_index), type_index);
            }
            Operator::CallRef { type_index } => {
                let func = self.pop();
                self.call(Callee::Ref(func), type_index);
            }
            Operator::ReturnCall { function_index } => self.return_call(Callee::Direct(function_index), 0),
            Operator::ReturnCallIndirect { type_index, table_index } => {
                let index = self.pop();
                self.return_call(Callee::Table(table_index, index, type_index), type_index);
            }
            Operator::ReturnCallRef { type_index } => {
                let func = self.pop();
                self.return_call(Callee::Ref(func), type_index);
            }
            Operator::Throw { tag_index } => self.throw(tag_index),
            Operator::ThrowRef => self.throw_ref(),
            Operator::TryTable { try_table } => self.try_table_start(try_table.ty, try_table.catches),
            Operator::Try { blockty } => self.try_start(blockty),
            Operator::Catch { tag_index } => self.catch(Some(tag_index)),
            Operator::CatchAll => self.catch(None),
            Operator::Delegate { relative_depth } => self.delegate(relative_depth),
            Operator::Rethrow { relative_depth } => self.rethrow(relative_depth),
            Operator::Drop => {
                self.pop();
            }
            Operator::Select | Operator::TypedSelect { .. } => self.select(),

            // Variables
            Operator::LocalGet { local_index } => self.local_get(local_index),
            Operator::LocalSet { local_index } => self.local_set(local_index),
            Operator::LocalTee { local_index } => self.local_tee(local_index),
            Operator::GlobalGet { global_index } => self.global_get(global_index),
            Operator::GlobalSet { global_index } => self.global_set(global_index),

            // References
            Operator::RefNull { .. } => {
                self.push(Place::Const(0), Ty::Ref);
            }
            Operator::RefIsNull => self.ref_is_null(),
            Operator::RefFunc { function_index } => {
                self.emit_result(Ty::Ref, Acc::Int, Op::ref_func, &[abi(0, 0, function_index)]);
            }
            Operator::RefEq => self.int_cmp(&of::I64Eq),
            Operator::RefAsNonNull => self.ref_as_non_null(),
            Operator::BrOnNull { relative_depth } => self.br_on_null(relative_depth),
            Operator::BrOnNonNull { relative_depth } => self.br_on_non_null(relative_depth),

            // Tables
            Operator::TableGet { table } => {
                self.operands_to_result(Ty::Ref, Acc::Int, Op::table_get, 1, &[abi(0, 0, table)]);
            }
            Operator::TableSet { table } => self.operands(Op::table_set, 2, &[abi(0, 0, table)]),
            Operator::TableSize { table } => {
                let ty = self.table_index(table);
                self.emit_result(ty, Acc::Int, Op::table_size, &[abi(0, 0, table)]);
            }
            Operator::TableGrow { table } => {
                let ty = self.table_index(table);
                self.operands_to_result(ty, Acc::Int, Op::table_grow, 2, &[0, table as u64]);
            }
            Operator::TableFill { table } => self.operands(Op::table_fill, 3, &[0, table as u64]),
            Operator::TableCopy { dst_table, src_table } => {
                self.operands(Op::table_copy, 3, &[0, ji(dst_table, src_table)]);
            }
            Operator::TableInit { elem_index, table } => self.operands(Op::table_init, 3, &[0, ji(table, elem_index)]),
            Operator::ElemDrop { elem_index } => self.emit(Op::elem_drop, &[abi(0, 0, elem_index)]),

            // Memories
            Operator::I32Load { memarg } => self.load(I32, &of::I32Load, &memarg),
            Operator::I32Load8S { memarg } => self.load(I32, &of::I32Load8S, &memarg),
            Operator::I32Load8U { memarg } => self.load(I32, &of::I32Load8U, &memarg),
            Operator::I32Load16S { memarg } => self.load(I32, &of::I32Load16S, &memarg),
            Operator::I32Load16U { memarg } => self.load(I32, &of::I32Load16U, &memarg),
            Operator::I64Load { memarg } => self.load(I64, &of::I64Load, &memarg),
            Operator::I64Load8S { memarg } => self.load(I64, &of::I64Load8S, &memarg),
            Operator::I64Load8U { memarg } => self.load(I64, &of::I64Load8U, &memarg),
            Operator::I64Load16S { memarg } => self.load(I64, &of::I64Load16S, &memarg),
            Operator::I64Load16U { memarg } => self.load(I64, &of::I64Load16U, &memarg),
            Operator::I64Load32S { memarg } => self.load(I64, &of::I64Load32S, &memarg),
            Operator::I64Load32U { memarg } => self.load(I64, &of::I64Load32U, &memarg),
            Operator::F32Load { memarg } => self.load(F32, &of::F32Load, &memarg),
            Operator::F64Load { memarg } => self.load(F64, &of::F64Load, &memarg),
            Operator::I32Store8 { memarg } | Operator::I64Store8 { memarg } => self.store(&STORES[0], &memarg),
            Operator::I32Store16 { memarg } | Operator::I64Store16 { memarg } => self.store(&STORES[1], &memarg),
            Operator::I32Store { memarg } | Operator::I64Store32 { memarg } | Operator::F32Store { memarg } => {
                self.store(&STORES[2], &memarg);
            }
            Operator::I64Store { memarg } | Operator::F64Store { memarg } => self.store(&STORES[3], &memarg),
            Operator::MemorySize { mem } => {
                let ty = self.memory_index(mem);
                self.emit_result(ty, Acc::Int, Op::memory_size, &[abi(0, 0, mem)]);
            }
            Operator::MemoryGrow { mem } => {
                let ty = self.memory_index(mem);
                self.operands_to_result(ty, Acc::Int, Op::memory_grow, 1, &[abi(0, 0, mem)]);
            }
            Operator::MemoryFill { mem } => self.operands(Op::memory_fill, 3, &[0, mem as u64]),
            Operator::MemoryCopy { dst_mem, src_mem } => self.operands(Op::memory_copy, 3, &[0, ji(dst_mem, src_mem)]),
            Operator::MemoryInit { data_index, mem } => self.operands(Op::memory_init, 3, &[0, ji(mem, data_index)]),
            Operator::DataDrop { data_index } => self.emit(Op::data_drop, &[abi(0, 0, data_index)]),

            // Constants: integers sign-extended, floats by their bits, so that many fit an immediate.
            Operator::I32Const { value } => self.push_const(I32, value as i64 as u64),
            Operator::I64Const { value } => self.push_const(I64, value as u64),
            Operator::F32Const { value } => self.push_const(F32, value.bits() as i32 as i64 as u64),
            Operator::F64Const { value } => self.push_const(F64, value.bits()),

            // Integers
            Operator::I32Add => self.int_binary(I32, &of::I32Add),
            Operator::I32Mul => self.int_binary(I32, &of::I32Mul),
            Operator::I32And => self.int_binary(I32, &of::I32And),
            Operator::I32Or => self.int_binary(I32, &of::I32Or),
            Operator::I32Xor => self.int_binary(I32, &of::I32Xor),
            Operator::I32Shl => self.int_binary(I32, &of::I32Shl),
            Operator::I32ShrS => self.int_binary(I32, &of::I32ShrS),
            Operator::I32ShrU => self.int_binary(I32, &of::I32ShrU),
            Operator::I32Rotl => self.int_binary(I32, &of::I32Rotl),
            Operator::I32Rotr => self.int_binary(I32, &of::I32Rotr),
            Operator::I64Add => self.int_binary(I64, &of::I64Add),
            Operator::I64Mul => self.int_binary(I64, &of::I64Mul),
            Operator::I64And => self.int_binary(I64, &of::I64And),
            Operator::I64Or => self.int_binary(I64, &of::I64Or),
            Operator::I64Xor => self.int_binary(I64, &of::I64Xor),
            Operator::I64Shl => self.int_binary(I64, &of::I64Shl),
            Operator::I64ShrS => self.int_binary(I64, &of::I64ShrS),
            Operator::I64ShrU => self.int_binary(I64, &of::I64ShrU),
            Operator::I64Rotl => self.int_binary(I64, &of::I64Rotl),
            Operator::I64Rotr => self.int_binary(I64, &of::I64Rotr),
            Operator::I32Sub => self.int_sub(I32, &of::I32Sub),
            Operator::I64Sub => self.int_sub(I64, &of::I64Sub),
            Operator::I32DivS => self.int_div(I32, &of::I32DivS),
            Operator::I32DivU => self.int_div(I32, &of::I32DivU),
            Operator::I32RemS => self.int_div(I32, &of::I32RemS),
            Operator::I32RemU => self.int_div(I32, &of::I32RemU),
            Operator::I64DivS => self.int_div(I64, &of::I64DivS),
            Operator::I64DivU => self.int_div(I64, &of::I64DivU),
            Operator::I64RemS => self.int_div(I64, &of::I64RemS),
            Operator::I64RemU => self.int_div(I64, &of::I64RemU),
            Operator::I32Eqz => self.eqz(I32),
            Operator::I64Eqz => self.eqz(I64),
            Operator::I32Eq => self.int_cmp(&of::I32Eq),
            Operator::I32Ne => self.int_cmp(&of::I32Ne),
            Operator::I32LtS => self.int_cmp(&of::I32LtS),
            Operator::I32LtU => self.int_cmp(&of::I32LtU),
            Operator::I32GtS => self.int_cmp(&of::I32GtS),
            Operator::I32GtU => self.int_cmp(&of::I32GtU),
            Operator::I32LeS => self.int_cmp(&of::I32LeS),
            Operator::I32LeU => self.int_cmp(&of::I32LeU),
            Operator::I32GeS => self.int_cmp(&of::I32GeS),
            Operator::I32GeU => self.int_cmp(&of::I32GeU),
            Operator::I64Eq => self.int_cmp(&of::I64Eq),
            Operator::I64Ne => self.int_cmp(&of::I64Ne),
            Operator::I64LtS => self.int_cmp(&of::I64LtS),
            Operator::I64LtU => self.int_cmp(&of::I64LtU),
            Operator::I64GtS => self.int_cmp(&of::I64GtS),
            Operator::I64GtU => self.int_cmp(&of::I64GtU),
            Operator::I64LeS => self.int_cmp(&of::I64LeS),
            Operator::I64LeU => self.int_cmp(&of::I64LeU),
            Operator::I64GeS => self.int_cmp(&of::I64GeS),
            Operator::I64GeU => self.int_cmp(&of::I64GeU),

            // Floats
            Operator::F32Add => self.float_binary(F32, &of::F32Add),
            Operator::F32Sub => self.float_binary(F32, &of::F32Sub),
            Operator::F32Mul => self.float_binary(F32, &of::F32Mul),
            Operator::F32Div => self.float_binary(F32, &of::F32Div),
            Operator::F32Min => self.float_binary(F32, &of::F32Min),
            Operator::F32Max => self.float_binary(F32, &of::F32Max),
            Operator::F32Copysign => self.float_binary(F32, &of::F32Copysign),
            Operator::F64Add => self.float_binary(F64, &of::F64Add),
            Operator::F64Sub => self.float_binary(F64, &of::F64Sub),
            Operator::F64Mul => self.float_binary(F64, &of::F64Mul),
            Operator::F64Div => self.float_binary(F64, &of::F64Div),
            Operator::F64Min => self.float_binary(F64, &of::F64Min),
            Operator::F64Max => self.float_binary(F64, &of::F64Max),
            Operator::F64Copysign => self.float_binary(F64, &of::F64Copysign),
            Operator::F32Eq => self.float_cmp(&of::F32Eq),
            Operator::F32Ne => self.float_cmp(&of::F32Ne),
            Operator::F32Lt => self.float_cmp(&of::F32Lt),
            Operator::F32Gt => self.float_cmp(&of::F32Gt),
            Operator::F32Le => self.float_cmp(&of::F32Le),
            Operator::F32Ge => self.float_cmp(&of::F32Ge),
            Operator::F64Eq => self.float_cmp(&of::F64Eq),
            Operator::F64Ne => self.float_cmp(&of::F64Ne),
            Operator::F64Lt => self.float_cmp(&of::F64Lt),
            Operator::F64Gt => self.float_cmp(&of::F64Gt),
            Operator::F64Le => self.float_cmp(&of::F64Le),
            Operator::F64Ge => self.float_cmp(&of::F64Ge),

            // 128 bits
            Operator::I64Add128 => self.int_wide(Op::i64_add128, 4),
            Operator::I64Sub128 => self.int_wide(Op::i64_sub128, 4),
            Operator::I64MulWideS => self.int_wide(Op::i64_mul_wide_s, 2),
            Operator::I64MulWideU => self.int_wide(Op::i64_mul_wide_u, 2),

            // One operand
            Operator::I32Clz => self.unary(I32, &of::I32Clz),
            Operator::I32Ctz => self.unary(I32, &of::I32Ctz),
            Operator::I32Popcnt => self.unary(I32, &of::I32Popcnt),
            Operator::I32Extend8S => self.unary(I32, &of::I32Extend8S),
            Operator::I32Extend16S => self.unary(I32, &of::I32Extend16S),
            Operator::I64Clz => self.unary(I64, &of::I64Clz),
            Operator::I64Ctz => self.unary(I64, &of::I64Ctz),
            Operator::I64Popcnt => self.unary(I64, &of::I64Popcnt),
            Operator::I64Extend8S => self.unary(I64, &of::I64Extend8S),
            Operator::I64Extend16S => self.unary(I64, &of::I64Extend16S),
            Operator::I64Extend32S => self.unary(I64, &of::I64Extend32S),
            Operator::I64ExtendI32S => self.unary(I64, &of::I64ExtendI32S),
            Operator::I64ExtendI32U => self.unary(I64, &of::I64ExtendI32U),
            Operator::F32Abs => self.unary(F32, &of::F32Abs),
            Operator::F32Neg => self.unary(F32, &of::F32Neg),
            Operator::F32Ceil => self.unary(F32, &of::F32Ceil),
            Operator::F32Floor => self.unary(F32, &of::F32Floor),
            Operator::F32Trunc => self.unary(F32, &of::F32Trunc),
            Operator::F32Nearest => self.unary(F32, &of::F32Nearest),
            Operator::F32Sqrt => self.unary(F32, &of::F32Sqrt),
            Operator::F64Abs => self.unary(F64, &of::F64Abs),
            Operator::F64Neg => self.unary(F64, &of::F64Neg),
            Operator::F64Ceil => self.unary(F64, &of::F64Ceil),
            Operator::F64Floor => self.unary(F64, &of::F64Floor),
            Operator::F64Trunc => self.unary(F64, &of::F64Trunc),
            Operator::F64Nearest => self.unary(F64, &of::F64Nearest),
            Operator::F64Sqrt => self.unary(F64, &of::F64Sqrt),
            Operator::F32DemoteF64 => self.unary(F32, &of::F32DemoteF64),
            Operator::F64PromoteF32 => self.unary(F64, &of::F64PromoteF32),
            Operator::F32ConvertI32S => self.unary(F32, &of::F32ConvertI32S),
            Operator::F32ConvertI32U => self.unary(F32, &of::F32ConvertI32U),
            Operator::F32ConvertI64S => self.unary(F32, &of::F32ConvertI64S),
            Operator::F32ConvertI64U => self.unary(F32, &of::F32ConvertI64U),
            Operator::F64ConvertI32S => self.unary(F64, &of::F64ConvertI32S),
            Operator::F64ConvertI32U => self.unary(F64, &of::F64ConvertI32U),
            Operator::F64ConvertI64S => self.unary(F64, &of::F64ConvertI64S),
            Operator::F64ConvertI64U => self.unary(F64, &of::F64ConvertI64U),
            Operator::I32TruncSatF32S => self.unary(I32, &of::I32TruncSatF32S),
            Operator::I32TruncSatF32U => self.unary(I32, &of::I32TruncSatF32U),
            Operator::I32TruncSatF64S => self.unary(I32, &of::I32TruncSatF64S),
            Operator::I32TruncSatF64U => self.unary(I32, &of::I32TruncSatF64U),
            Operator::I64TruncSatF32S => self.unary(I64, &of::I64TruncSatF32S),
            Operator::I64TruncSatF32U => self.unary(I64, &of::I64TruncSatF32U),
            Operator::I64TruncSatF64S => self.unary(I64, &of::I64TruncSatF64S),
            Operator::I64TruncSatF64U => self.unary(I64, &of::I64TruncSatF64U),
            Operator::I32TruncF32S => self.trunc(I32, of::I32TruncF32S),
            Operator::I32TruncF32U => self.trunc(I32, of::I32TruncF32U),
            Operator::I32TruncF64S => self.trunc(I32, of::I32TruncF64S),
            Operator::I32TruncF64U => self.trunc(I32, of::I32TruncF64U),
            Operator::I64TruncF32S => self.trunc(I64, of::I64TruncF32S),
            Operator::I64TruncF32U => self.trunc(I64, of::I64TruncF32U),
            Operator::I64TruncF64S => self.trunc(I64, of::I64TruncF64S),
            Operator::I64TruncF64U => self.trunc(I64, of::I64TruncF64U),

            // The same bits, seen otherwise
            Operator::I32WrapI64 => self.retype(I32),
            Operator::I32ReinterpretF32 => self.retype(I32),
            Operator::I64ReinterpretF64 => self.retype(I64),
            Operator::F32ReinterpretI32 => self.retype(F32),
            Operator::F64ReinterpretI64 => self.retype(F64),

            _ if self.simd_operator(&op) || self.gc_operator(&op) || self.atomic_operator(&op) => {}
            _ => {
                self.emit(Op::trap, &[crate::code::TRAP_UNREACHABLE]);
                self.unreachable();
            }
        }
    }

    fn push_const(&mut self, ty: Ty, bits: u64) {
        self.push(Place::Const(bits), ty);
    }

    /// Code that cannot be reached only matters for how its blocks nest.
    fn dead_operator(&mut self, op: Operator<'_>, depth: u32) {
        match op {
            _ if opens(&op) => self.dead = Some(depth + 1),
            Operator::Else if depth == 0 => self.else_start(),
            Operator::Catch { tag_index } if depth == 0 => self.catch(Some(tag_index)),
            Operator::CatchAll if depth == 0 => self.catch(None),
            Operator::Delegate { relative_depth } if depth == 0 => self.delegate(relative_depth),
            Operator::End if depth == 0 => self.end(),
            Operator::End | Operator::Delegate { .. } => self.dead = Some(depth - 1),
            _ => {}
        }
    }
}
