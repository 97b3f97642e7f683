//! Dead code: instructions without effect whose results nobody uses, and block parameters nobody uses.
//!
//! Liveness starts at effects, conditions and results of the function and goes backwards; an argument for a parameter is
//! live when the parameter is, so cycles of parameters that only feed each other die.
#![forbid(unsafe_code)]

use crate::jit::opt::params;
use crate::jit::ssa::dom::Dominators;
use crate::jit::ssa::ir::*;
use crate::module::Module;

pub fn run(f: &mut Func, _: &Module) {
    let dom = Dominators::take(f);
    let order = &dom.order;
    let incoming = f.incoming(order);
    let mut live = vec![false; f.values.len()];
    let mut kept = vec![false; f.insts.len()];
    let mut work: Vec<Value> = Vec::new();
    for &b in order {
        for &i in &f.block(b).insts {
            if matches!(f.inst(i).op.effect(), Effect::Trap | Effect::Write) {
                kept[i.index()] = true;
                work.extend(f.args(i));
            }
        }
        match &f.block(b).term {
            Term::Branch(v, ..) | Term::Table(v, _) | Term::Throw(v, ..) => work.push(*v),
            Term::Return(values) => work.extend(values),
            Term::TailCall(call) => work.extend(&call.args),
            Term::Jump(_) | Term::None | Term::Trap(..) | Term::Invoke(..) => {}
        }
    }
    while let Some(v) = work.pop() {
        if std::mem::replace(&mut live[v.index()], true) {
            continue;
        }
        match f.values[v.index()].def {
            Def::Inst(i, _) => {
                if !std::mem::replace(&mut kept[i.index()], true) {
                    work.extend(f.args(i).iter().filter(|v| !live[v.index()]));
                }
            }
            Def::Param(b, n) => {
                let passed = incoming.of(b).iter().map(|args| args[n as usize]);
                work.extend(passed.filter(|v| !live[v.index()]));
            }
            Def::Alias(_) => {}
        }
    }
    for &b in order {
        f.blocks[b.index()].insts.retain(|i| kept[i.index()]);
    }
    params::remove(f, order, &|_, p| !live[p.index()]);
    dom.give_back(f);
}
