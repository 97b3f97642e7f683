//! Small functions around one instruction.

use super::{Case, Operands, Ty};
use wasm_encoder::{
    BlockType, CodeSection, ExportKind, ExportSection, Function, FunctionSection, Ieee32, Ieee64, Instruction, Module,
    TypeSection, ValType,
};

/// Where an operand comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Source {
    Local,
    Const,
    /// Computed just before.
    Acc,
}

/// What becomes of the result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sink {
    Return,
    /// To a local and back.
    Local,
    /// An operand at once.
    Acc,
    /// Decides an `if`, or a `br_if`, as it is or negated. The function then gives its truth.
    If,
    Unless,
    BrIf,
    BrUnless,
}

impl Sink {
    pub fn all(result: Ty) -> &'static [Sink] {
        use Sink::*;
        if result == Ty::I32 { &[Return, Local, Acc, If, Unless, BrIf, BrUnless] } else { &[Return, Local, Acc] }
    }

    pub fn gives_truth(self) -> bool {
        !matches!(self, Sink::Return | Sink::Local | Sink::Acc)
    }
}

/// One way to put an instruction into a function.
#[derive(Clone, Debug)]
pub struct Form {
    pub sources: Vec<Source>,
    pub sink: Sink,
    /// Vector locals before everything else, to push all slots out of reach of 16-bit fields.
    pub padding: u32,
    /// What the constants are.
    pub values: Operands,
}

pub fn val_type(ty: Ty) -> ValType {
    match ty {
        Ty::I32 => ValType::I32,
        Ty::I64 => ValType::I64,
        Ty::F32 => ValType::F32,
        Ty::F64 => ValType::F64,
        Ty::V128 => ValType::V128,
    }
}

pub fn constant(ty: Ty, bits: u128) -> Instruction<'static> {
    match ty {
        Ty::I32 => Instruction::I32Const(bits as i32),
        Ty::I64 => Instruction::I64Const(bits as i64),
        Ty::F32 => Instruction::F32Const(Ieee32::new(bits as u32)),
        Ty::F64 => Instruction::F64Const(Ieee64::new(bits as u64)),
        Ty::V128 => Instruction::V128Const(bits as i128),
    }
}

/// Changes nothing, but computes.
fn identity(f: &mut Function, ty: Ty) {
    match ty {
        Ty::I32 => {
            for _ in 0..2 {
                f.instruction(&Instruction::I32Const(0x5a5a)).instruction(&Instruction::I32Xor);
            }
        }
        Ty::I64 => {
            for _ in 0..2 {
                f.instruction(&Instruction::I64Const(0x5a5a)).instruction(&Instruction::I64Xor);
            }
        }
        Ty::F32 => {
            f.instruction(&Instruction::F32Neg).instruction(&Instruction::F32Neg);
        }
        Ty::F64 => {
            f.instruction(&Instruction::F64Neg).instruction(&Instruction::F64Neg);
        }
        Ty::V128 => {
            f.instruction(&Instruction::V128Not).instruction(&Instruction::V128Not);
        }
    }
}

/// The operands of a function as locals: the parameters, or copies of them behind the padding.
fn operand_locals(f: &mut Function, form: &Form, count: usize) -> u32 {
    if form.padding == 0 {
        return 0;
    }
    let first = count as u32 + form.padding;
    for i in 0..count as u32 {
        f.instruction(&Instruction::LocalGet(i)).instruction(&Instruction::LocalSet(first + i));
    }
    first
}

/// Pushes the operands.
pub fn operands(f: &mut Function, form: &Form, params: &[Ty]) {
    let first = operand_locals(f, form, params.len());
    for (i, (&ty, source)) in params.iter().zip(&form.sources).enumerate() {
        match source {
            Source::Const => {
                f.instruction(&constant(ty, form.values[i]));
            }
            Source::Local => {
                f.instruction(&Instruction::LocalGet(first + i as u32));
            }
            Source::Acc => {
                f.instruction(&Instruction::LocalGet(first + i as u32));
                identity(f, ty);
            }
        }
    }
}

/// The local types of a function in this form: padding, room for copies of the operands, room for results.
pub fn locals(form: &Form, params: &[Ty], results: &[Ty]) -> Vec<(u32, ValType)> {
    let mut locals = vec![(form.padding, ValType::V128)];
    if form.padding > 0 {
        locals.extend(params.iter().map(|&ty| (1, val_type(ty))));
    }
    locals.extend(results.iter().map(|&ty| (1, val_type(ty))));
    locals
}

/// The index of the first local for results.
pub fn result_local(form: &Form, params: &[Ty]) -> u32 {
    let params = params.len() as u32;
    if form.padding > 0 { 2 * params + form.padding } else { params }
}

fn function(case: &Case, form: &Form) -> Function {
    let mut f = Function::new(locals(form, &case.params, &[case.result]));
    let truth = |f: &mut Function| {
        f.instruction(&Instruction::If(BlockType::Result(ValType::I32)));
        f.instruction(&Instruction::I32Const(1)).instruction(&Instruction::Else);
        f.instruction(&Instruction::I32Const(0)).instruction(&Instruction::End);
    };
    if matches!(form.sink, Sink::BrIf | Sink::BrUnless) {
        f.instruction(&Instruction::Block(BlockType::Empty));
    }
    operands(&mut f, form, &case.params);
    f.instruction(&case.instruction);
    match form.sink {
        Sink::Return => {}
        Sink::Local => {
            let local = result_local(form, &case.params);
            f.instruction(&Instruction::LocalSet(local)).instruction(&Instruction::LocalGet(local));
        }
        Sink::Acc => identity(&mut f, case.result),
        Sink::If => truth(&mut f),
        Sink::Unless => {
            f.instruction(&Instruction::I32Eqz);
            truth(&mut f);
            f.instruction(&Instruction::I32Eqz);
        }
        Sink::BrIf | Sink::BrUnless => {
            let negated = form.sink == Sink::BrUnless;
            if negated {
                f.instruction(&Instruction::I32Eqz);
            }
            f.instruction(&Instruction::BrIf(0));
            f.instruction(&Instruction::I32Const(negated as i32)).instruction(&Instruction::Return);
            f.instruction(&Instruction::End).instruction(&Instruction::I32Const(!negated as i32));
        }
    }
    f.instruction(&Instruction::End);
    f
}

/// A module of one function for each form, exported in order.
pub fn module(case: &Case, forms: &[Form]) -> Vec<u8> {
    functions(&case.params, &[case.result], forms.iter().map(|form| function(case, form)))
}

/// A module of functions of one type, exported in order.
pub fn functions(params: &[Ty], results: &[Ty], bodies: impl Iterator<Item = Function>) -> Vec<u8> {
    let (mut types, mut funcs) = (TypeSection::new(), FunctionSection::new());
    let (mut exports, mut code) = (ExportSection::new(), CodeSection::new());
    types.ty().function(params.iter().map(|&ty| val_type(ty)), results.iter().map(|&ty| val_type(ty)));
    for (i, body) in bodies.enumerate() {
        funcs.function(0);
        exports.export(&i.to_string(), ExportKind::Func, i as u32);
        code.function(&body);
    }
    let mut module = Module::new();
    module.section(&types).section(&funcs).section(&exports).section(&code);
    module.finish()
}
