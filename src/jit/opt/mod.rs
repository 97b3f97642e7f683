//! The optimizer: a table of passes, each a file. In debug builds the verifier runs after each.
#![forbid(unsafe_code)]

pub mod alias;
pub mod dce;
pub mod fold;
pub mod gvn;
pub mod idiom;
pub mod induction;
pub mod invert;
pub mod layout;
pub mod licm;
pub mod params;
pub mod range;
pub mod reads;
pub mod stores;

use super::ssa::dom::Dominators;
use super::ssa::ir::Func;
use crate::module::Module;

pub struct Pass {
    pub name: &'static str,
    run: fn(&mut Func, &Module),
}

impl Pass {
    pub fn run(&self, f: &mut Func, module: &Module) {
        let blocks = f.blocks.len();
        (self.run)(f, module);
        // Passes keep what is known of dominators if they know that it stays true, but new blocks are in none of it.
        if f.blocks.len() != blocks {
            Dominators::forget(f);
        }
    }
}

/// In order.
pub const PASSES: &[Pass] = &[
    // Takes away block parameters that only ever receive one value.
    Pass { name: "params", run: params::run },
    // Takes away what nobody uses: of what building passes along, locals that are not read again.
    Pass { name: "dce", run: dce::run },
    // Simplifies and folds constants.
    Pass { name: "fold", run: fold::run },
    // Replaces what has been computed, or checked, before.
    Pass { name: "gvn", run: gvn::run },
    // Turns loops that ask first into loops that ask last, behind a guard.
    Pass { name: "invert", run: invert::run },
    // Moves what does not change out of loops.
    Pass { name: "licm", run: licm::run },
    // Has loops add up what they would multiply.
    Pass { name: "induction", run: induction::run },
    // Replaces loads whose results are known, across blocks and trips of loops.
    Pass { name: "reads", run: reads::run },
    // Again, for what has come together.
    Pass { name: "params2", run: params::run },
    Pass { name: "fold2", run: fold::run },
    Pass { name: "gvn2", run: gvn::run },
    // Takes away stores that are overwritten unseen.
    Pass { name: "stores", run: stores::run },
    // Takes away what nobody uses any more.
    Pass { name: "dce2", run: dce::run },
];
