//! Functions as text, for people and for the golden tests.
#![forbid(unsafe_code)]

use super::ir::*;
use super::vector::VOp;
use std::fmt::Write;

/// A function: a line for each block with its parameters, for each instruction, and for each terminator.
pub fn print(f: &Func) -> String {
    let mut s = String::new();
    for b in f.reverse_postorder() {
        let block = f.block(b);
        let params: Vec<String> = block.params.iter().map(|p| typed(f, *p)).collect();
        let _ = writeln!(s, "b{}({}):{}", b.0, params.join(", "), if block.is_loop { " loop" } else { "" });
        for &i in &block.insts {
            let _ = writeln!(s, "    {}", inst(f, i));
        }
        let _ = writeln!(s, "    {}", term(&block.term));
    }
    s
}

fn typed(f: &Func, v: Value) -> String {
    format!("v{}:{}", v.0, format!("{:?}", f.ty(v)).to_lowercase())
}

fn values(list: &[Value]) -> String {
    list.iter().map(|v| format!("v{}", v.0)).collect::<Vec<_>>().join(", ")
}

fn inst(f: &Func, i: Inst) -> String {
    let data = f.inst(i);
    let results: Vec<String> = (0..data.results).map(|n| typed(f, Value(data.first.0 + n))).collect();
    let mut s = String::new();
    if !results.is_empty() {
        let _ = write!(s, "{} = ", results.join(", "));
    }
    let _ = write!(s, "{:?} {}", data.op, values(f.args(i)));
    match data.op {
        Op::Const => {
            let _ = write!(s, "{:#x}", data.imm);
        }
        Op::V(VOp::Const | VOp::Shuffle) => {
            let _ = write!(s, " {:#034x}", f.vectors[data.imm as usize]);
        }
        Op::Check => {
            let (end, reduced) = check_parts(data.imm);
            let _ = write!(s, " end={end} reduced={reduced}");
        }
        _ if data.imm != 0 => {
            let _ = write!(s, " #{:#x}", data.imm);
        }
        _ => {}
    }
    s
}

fn target(t: &Target) -> String {
    format!("b{}({})", t.block.0, values(&t.args))
}

fn handlers(list: &[Handler]) -> String {
    list.iter().map(|h| format!(" catch {} {}", h.region, target(&h.target))).collect()
}

fn term(t: &Term) -> String {
    match t {
        Term::None => "unfinished".into(),
        Term::Jump(t) => format!("jump {}", target(t)),
        Term::Branch(v, a, b) => format!("branch v{} {} {}", v.0, target(a), target(b)),
        Term::Table(v, list) => {
            format!("table v{} {}", v.0, list.iter().map(target).collect::<Vec<_>>().join(" "))
        }
        Term::Return(list) => format!("return {}", values(list)),
        Term::Trap(kind, _) => format!("trap {kind:?}"),
        Term::Invoke(next, list) => format!("invoke {}{}", target(next), handlers(list)),
        Term::Throw(v, list, _) => format!("throw v{}{}", v.0, handlers(list)),
        Term::TailCall(call) => match call.func {
            Some(func) => format!("tail call f{func} {}", values(&call.args)),
            None => format!("tail call {}", values(&call.args)),
        },
    }
}
