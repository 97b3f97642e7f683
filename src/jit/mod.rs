//! The optimizing compiler: WebAssembly functions become machine code for x86-64.
//!
//! ```text
//! body -> ssa::build -> opt (the table of passes below) -> x64::lower -> alloc (regalloc2) -> x64::emit -> code (link, W^X)
//! ```
//!
//! A function that is too much to compile ([`ssa::build`] has the bounds) stays interpreted and is counted; both kinds call each
//! other (`vm::machine`). In debug builds and the command, `WASMX_DUMP=PASS:FUNCTION` prints a function (its index) after a pass
//! of the table, `build` and `code` included: its machine code, disassembled in debug builds of the command.
//!
//! This folder does not know the interpreter: code carries the address of the handler that enters machine code.

pub mod alloc;
mod arena;
pub mod code;
pub mod guard;
pub mod helpers;
pub mod opt;
#[cfg(profile)]
pub mod profile;
pub mod ssa;
pub mod tier;
mod unwind;
pub mod x64;

use crate::code::ModuleCode;
use crate::code::tier::Wanted;
use crate::module::FuncType;
use crate::sys::heap;
use alloc::Allocator;
use code::MachineCode;
pub use code::Stats;
use foldhash::HashMap;
use ssa::build::Uncovered;
use ssa::dom::Dominators;
use ssa::ir::{Block, Func, Term};
use x64::emit::Emitted;

/// Functions with more parameter or result slots than this stay interpreted: their arguments would not fit below the limit
/// of the value stack.
const MAX_SLOTS: u32 = 2000;

/// Whether functions of a type can be compiled, and called from compiled ones.
pub fn is_covered(ty: &FuncType) -> bool {
    ty.param_slots.max(ty.result_slots) <= MAX_SLOTS
}

/// Compiles all functions of a module that can be, and installs their code. Nothing happens where the system does not
/// allow it.
pub fn compile_module(code: &ModuleCode) {
    let all: Vec<Wanted> = (0..code.module.bodies.len() as u32).map(|defined| Wanted { defined, at: None }).collect();
    for part in all.chunks(EAGER_BATCH) {
        tier::compile(code, part);
    }
}

/// Functions that are installed together when all are compiled: their code is in memory twice until it is.
const EAGER_BATCH: usize = 4096;

/// Room for the machine code of a module, made if there is none yet.
fn prepare(code: &ModuleCode) -> Option<&MachineCode> {
    code.machine.get_or_init(|| MachineCode::new(code).map(|m| Box::new(m) as Box<_>));
    machine_code(code)
}

/// The machine code of a module, if it has any.
pub fn machine_code(code: &ModuleCode) -> Option<&MachineCode> {
    code.machine.get()?.as_ref()?.downcast_ref()
}

/// How much memory there must be before anything is compiled: what other threads take meanwhile included.
const LEAST_ROOM: usize = 4 << 20;

/// Compiles a defined function, or what is left of it from a loop on.
pub fn compile(code: &ModuleCode, wanted: Wanted, work: &mut Workspace) -> Result<Emitted, Uncovered> {
    let (module, defined) = (&*code.module, wanted.defined);
    let ty = module.func_type(module.num_imported_funcs + defined);
    if !is_covered(ty) {
        return Err(Uncovered("type".into()));
    }
    // Lists in proportion to the body, also in the register allocator, whose growth cannot be refused; a function for which there
    // is no memory stays interpreted.
    let body = &module.bodies[defined as usize];
    let room = ((body.end - body.start) as usize * 1024 + ssa::build::MOST_INLINED * 1024).max(LEAST_ROOM);
    if !work.room.is_seen(room) {
        return Err(Uncovered("no memory".into()));
    }
    let state = match wanted.at {
        Some(at) => Some(code.loop_state(defined, at).ok_or_else(|| Uncovered("a loop that is not there".into()))?),
        None => None,
    };
    let build =
        |inlines, spare: &mut Func| ssa::build::build(module, defined, state.as_ref(), code.options(), inlines, spare);
    work.func = build(Some(code), &mut work.func)?;
    let inlined = !work.func.inlined.is_empty();
    match finish(work, code) {
        // What is too much by what was inlined may do without.
        Err(_) if inlined => {
            work.func = build(None, &mut work.func)?;
            finish(work, code)
        }
        done => done,
    }
}

/// What is kept from function to function, as making it anew takes its time.
#[derive(Default)]
pub struct Workspace {
    func: Func,
    machine: x64::mach::MFunc,
    allocator: Allocator,
    room: Room,
}

/// Memory that there has been a moment ago. To ask takes the system longer than a small function takes to compile.
#[derive(Default)]
struct Room {
    bytes: usize,
    /// For so many functions more it need not be asked again.
    left: u32,
}

impl Room {
    /// Functions of a batch that one answer serves.
    const SERVED: u32 = 16;

    fn is_seen(&mut self, bytes: usize) -> bool {
        if self.left > 0 && bytes <= self.bytes && !heap::is_short() {
            self.left -= 1;
            return true;
        }
        let seen = heap::has_room(bytes);
        *self = Room { bytes, left: if seen { Room::SERVED } else { 0 } };
        seen
    }
}

/// From the intermediate form to code.
fn finish(work: &mut Workspace, code: &ModuleCode) -> Result<Emitted, Uncovered> {
    let (module, f) = (&*code.module, &mut work.func);
    let dump = Dump::of(f.index);
    dump.after("build", f);
    for pass in opt::PASSES {
        pass.run(f, module);
        dump.after(pass.name, f);
    }
    let dom = Dominators::take(f);
    split_edges(f, &dom);
    let dom = Dominators::new(f);
    let layout = opt::layout::layout(f, &dom);
    dump.after("split", f);
    let spare = std::mem::take(&mut work.machine);
    work.machine = x64::lower::lower(f, module, &code.options, layout, &dom.order, spare)?;
    let assigned = work.allocator.allocate(&work.machine, &x64::emit::registers())?;
    let emitted = x64::emit::emit(&work.machine, &assigned);
    dump.code(&emitted);
    Ok(emitted)
}

/// Gives every edge from a block with several successors to one with parameters or several predecessors a block of its own, where
/// the moves for the parameters go.
fn split_edges(f: &mut Func, dom: &Dominators) {
    let preds = &dom.preds;
    for &b in &dom.order {
        let mut term = std::mem::replace(&mut f.blocks[b.index()].term, Term::None);
        if matches!(term, Term::Branch(..) | Term::Table(..) | Term::Invoke(..) | Term::Throw(..)) {
            // Entries of a table that go to the same place with the same values share one.
            let is_table = matches!(term, Term::Table(..));
            let mut made: HashMap<ssa::ir::Target, Block> = HashMap::default();
            term.each_target_mut(|t| {
                if !t.args.is_empty() || preds[t.block].len() > 1 {
                    if let Some(&edge) = made.get(t) {
                        *t = ssa::ir::Target { block: edge, args: Vec::new() };
                        return;
                    }
                    let edge = f.new_block();
                    if is_table {
                        made.insert(t.clone(), edge);
                    }
                    let to = std::mem::replace(t, ssa::ir::Target { block: edge, args: Vec::new() });
                    f.blocks[edge.index()].term = Term::Jump(to);
                }
            });
        }
        f.blocks[b.index()].term = term;
    }
}

/// What `WASMX_DUMP` asks for, of debug builds and of the command.
struct Dump {
    wanted: Option<String>,
    func: u32,
}

impl Dump {
    fn of(func: u32) -> Dump {
        // In a host's process other threads may change the environment while this one reads it.
        let asked = cfg!(any(debug_assertions, feature = "cli"));
        let text = asked.then(|| std::env::var("WASMX_DUMP").ok()).flatten();
        let wanted = text.and_then(|t| {
            let (pass, index) = t.split_once(':')?;
            (index.parse() == Ok(func)).then(|| pass.to_owned())
        });
        Dump { wanted, func }
    }

    #[cfg(not(any(debug_assertions, feature = "cli")))]
    fn after(&self, _: &str, _: &Func) {}

    #[cfg(any(debug_assertions, feature = "cli"))]
    fn after(&self, pass: &str, f: &Func) {
        #[cfg(debug_assertions)]
        if let Err(e) = ssa::verify::verify(f) {
            panic!("after {pass}, function {}: {e}\n{}", self.func, ssa::print::print(f));
        }
        if self.wanted.as_deref().is_some_and(|w| w == pass || w == "all") {
            eprintln!("; function {} after {pass}\n{}", self.func, ssa::print::print(f));
        }
    }

    fn code(&self, code: &Emitted) {
        if self.wanted.as_deref().is_some_and(|w| w == "code" || w == "all") {
            #[cfg(all(feature = "disassembly", debug_assertions))]
            let text = x64::disassembly::text(code);
            #[cfg(not(all(feature = "disassembly", debug_assertions)))]
            let text = code.bytes.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(" ");
            eprintln!("; function {} as machine code\n{text}", self.func);
        }
    }
}
