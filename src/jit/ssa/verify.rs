//! The checker of the intermediate form: run between passes in debug builds, so that a pass that breaks a rule is named.
#![forbid(unsafe_code)]

use super::dom::Dominators;
use super::ir::*;
use super::vector::VOp;

/// The first rule that a function breaks.
pub fn verify(f: &Func) -> Result<(), String> {
    let dom = Dominators::new(f);
    places(f, &dom.order)?;
    // Where each value is defined: block, and place in it (0 for parameters).
    let mut defined = vec![None; f.values.len()];
    for &b in &dom.order {
        for (n, p) in f.block(b).params.iter().enumerate() {
            if f.values[p.index()].def != Def::Param(b, n as u32) {
                return Err(format!("v{} is not parameter {n} of b{}", p.0, b.0));
            }
            defined[p.index()] = Some((b, 0));
        }
        for (n, &i) in f.block(b).insts.iter().enumerate() {
            let data = f.inst(i);
            for r in 0..data.results {
                let v = Value(data.first.0 + r);
                if defined[v.index()].is_some() {
                    return Err(format!("v{} is defined twice", v.0));
                }
                if f.values[v.index()].def == Def::Inst(i, r) {
                    defined[v.index()] = Some((b, n + 1));
                }
            }
        }
    }
    let check = |v: Value, b: Block, at: usize| match defined[v.index()] {
        None => Err(format!("v{} is used in b{} and has no definition", v.0, b.0)),
        Some((d, place)) if d == b && place > at => Err(format!("v{} is used before its definition", v.0)),
        Some((d, _)) if !dom.dominates(d, b) => Err(format!("v{} does not dominate its use in b{}", v.0, b.0)),
        Some(_) => Ok(()),
    };
    for &b in &dom.order {
        for (n, &i) in f.block(b).insts.iter().enumerate() {
            for &v in f.args(i) {
                check(v, b, n)?;
            }
            types(f, i).map_err(|e| format!("{e}: {:?} in b{}", f.inst(i).op, b.0))?;
        }
        let term = &f.block(b).term;
        let mut result = Ok(());
        term.each_value(|v| {
            if result.is_ok() {
                result = check(v, b, usize::MAX);
            }
        });
        term.each_target(|t| {
            let params = &f.block(t.block).params;
            let same = params.len() == t.args.len() && params.iter().zip(&t.args).all(|(p, a)| f.ty(*p) == f.ty(*a));
            if result.is_ok() && !same {
                result = Err(format!("arguments from b{} do not fit b{}", b.0, t.block.0));
            }
        });
        result?;
        match term {
            Term::None => return Err(format!("b{} has no end", b.0)),
            Term::Return(values) if !values.iter().map(|v| f.ty(*v)).eq(f.results.iter().copied()) => {
                return Err(format!("b{} returns other types than the function", b.0));
            }
            Term::Branch(v, ..) | Term::Table(v, _) if f.ty(*v) != Type::I32 => {
                return Err(format!("b{} branches on something else than an i32", b.0));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether inlined places are known, and lie in calls that come before them.
fn places(f: &Func, order: &[Block]) -> Result<(), String> {
    let known = |offset: u32, below: usize| as_inlined(offset).is_none_or(|n| n < below);
    for (n, place) in f.inlined.iter().enumerate() {
        if !known(place.call, n) || place.offset >= INLINED {
            return Err(format!("place {n} is inlined nowhere"));
        }
    }
    for &b in order {
        let of_term = match &f.block(b).term {
            Term::Trap(_, offset) | Term::Throw(.., offset) => *offset,
            Term::TailCall(call) => call.offset,
            _ => 0,
        };
        let mut all = f.block(b).insts.iter().map(|i| f.inst(*i).offset).chain([of_term]);
        if !all.all(|offset| known(offset, f.inlined.len())) {
            return Err(format!("b{} has a place that is not known", b.0));
        }
    }
    Ok(())
}

/// Whether an instruction's arguments and result are of the types its operation wants.
fn types(f: &Func, i: Inst) -> Result<(), String> {
    use Op::*;
    let data = f.inst(i);
    let args: Vec<Type> = f.args(i).iter().map(|v| f.ty(*v)).collect();
    let ty = data.ty;
    let int = |t: Type| matches!(t, Type::I32 | Type::I64);
    let fits = match data.op {
        Const => args.is_empty(),
        Add | Sub | Mul | And | Or | Xor | Shl | ShrS | ShrU | Rotl | Rotr | DivS | DivU | RemS | RemU | MulHiS
        | MulHiU => int(ty) && args == [ty, ty],
        Clz | Ctz | Popcnt | Extend8 | Extend16 | Bswap => int(ty) && args == [ty],
        Extend32 => ty == Type::I64 && args == [ty],
        Sext => ty == Type::I64 && args == [Type::I32],
        Zext => matches!(ty, Type::I64 | Type::Ref) && args == [Type::I32],
        Wrap => ty == Type::I32 && matches!(args[..], [Type::I64 | Type::Ref]),
        Cmp(_) => ty == Type::I32 && args.len() == 2 && args[0] == args[1] && !args[0].is_vector_class(),
        FAdd | FSub | FMul | FDiv | FMin | FMax | FCopysign => ty.is_float() && args == [ty, ty],
        FAbs | FNeg | FCeil | FFloor | FTrunc | FNearest | FSqrt => ty.is_float() && args == [ty],
        FCmp(_) => ty == Type::I32 && args.len() == 2 && args[0] == args[1] && args[0].is_float(),
        Demote => ty == Type::F32 && args == [Type::F64],
        Promote => ty == Type::F64 && args == [Type::F32],
        ConvertS | ConvertU => ty.is_float() && args.len() == 1 && int(args[0]),
        TruncS | TruncU | TruncSatS | TruncSatU => int(ty) && args.len() == 1 && args[0].is_float(),
        V(op) => vector_types(op, ty, &args),
        Bitcast => args.len() == 1 && args[0].is_wide() == ty.is_wide(),
        Select => args == [ty, ty, Type::I32],
        MemBase | MemLimit => ty == Type::I64 && args.is_empty(),
        Check => ty == Type::I64 && args == [Type::I32, Type::I64],
        Load(_) => args == [Type::I64, Type::I64],
        Store(_) => args == [Type::I64, Type::I64, ty],
        MemSize => args.is_empty(),
        GlobalGet => args.is_empty(),
        GlobalSet => args == [ty],
        Poll => args.is_empty(),
        Fuel => args.is_empty() || args == [Type::I64],
        Call | CallIndirect | CallRef | Helper(_) => true,
        CheckWide => ty == Type::I64 && args.len() == 2 && int(args[0]) && args[1] == Type::I64,
        Atomic(..) => int(ty) && args.starts_with(&[Type::I64, Type::I64]),
        Fence | Field | New(_) | Caught | Clause => args.is_empty(),
        Head => ty == Type::I64 && args == [Type::I64],
        Peek(_) => matches!(args[..], [Type::I64 | Type::Ref] | [Type::I64, Type::I64 | Type::Ref]),
        Poke(_) => matches!(args[..], [Type::I64, v] | [Type::I64, Type::I64 | Type::Ref, v] if v == ty),
        Derive => ty == Type::I64 && args == [Type::I64, Type::Ref],
        CheckNull => ty == Type::Ref && args == [Type::Ref],
        CheckIndex => ty == Type::I64 && args.len() == 2 && int(args[0]) && args[1] == Type::I64,
        TrapIf => args == [Type::I32],
        TypeTest(..) => ty == Type::I32 && args == [Type::Ref],
        Add128 | Sub128 => args == [Type::I64; 4],
        MulWideS | MulWideU => args == [Type::I64; 2],
    };
    if fits { Ok(()) } else { Err(format!("types {args:?} -> {ty:?}")) }
}

fn vector_types(op: VOp, ty: Type, args: &[Type]) -> bool {
    const V: Type = Type::V128;
    let scalar = |ty: Type| matches!(ty, Type::I32 | Type::I64 | Type::F32 | Type::F64);
    match op {
        VOp::Const => ty == V && args.is_empty(),
        VOp::Unary(_) => ty == V && args == [V],
        VOp::Binary(_) | VOp::Swizzle | VOp::Shuffle => ty == V && args == [V, V],
        VOp::Ternary(_) => ty == V && args == [V, V, V],
        VOp::Shift(_) => ty == V && args == [V, Type::I32],
        VOp::Test(_) => ty == Type::I32 && args == [V],
        VOp::Splat(_) => ty == V && args.len() == 1 && scalar(args[0]),
        VOp::Extract(_) => scalar(ty) && args == [V],
        VOp::Replace(_) => ty == V && args.len() == 2 && args[0] == V && scalar(args[1]),
    }
}
