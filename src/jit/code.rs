//! Machine code of a module: linked, made executable, and found again by address.
//!
//! One mapping per module holds, in this order, the stubs, the thunks of each function type, calls of functions that are not
//! compiled, and the functions. It is written while nobody runs it and then made executable and read-only, never both
//! writable and executable. Everything in it refers to the rest by distance.
//!
//! Invariant: the code lives as long as the `ModuleCode` it belongs to, which the instances that run it keep alive.

use super::ssa::build::Uncovered;
use super::x64::emit::Emitted;
use super::x64::enc::{Asm, Label};
use super::x64::stubs;
use crate::code::ModuleCode;
use crate::module::Module;
use crate::sys::Region;
use crate::vm::machine::MachineCtx;
use crate::vm::trap::TrapKind;
use core::sync::atomic::Ordering;

/// What a 32-bit distance in a function's code leads to.
pub mod target {
    pub const TRAP: u32 = u32::MAX;
    pub const NATIVE: u32 = u32::MAX - 1;
    pub const POLL: u32 = u32::MAX - 2;
    const THUNK: u32 = 1 << 31;

    /// A function the module defines.
    pub fn function(defined: u32) -> u32 {
        defined
    }

    /// The thunk for calls out of machine code with a type, by module type index.
    pub fn thunk(type_index: u32) -> u32 {
        THUNK | type_index
    }

    pub fn as_thunk(target: u32) -> Option<u32> {
        (target & THUNK != 0).then_some(target & !THUNK)
    }
}

/// What a return address means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteKind {
    Call,
    Trap(TrapKind),
    /// Asks whether the guest is to stop; if so it is a trap, of a kind that the context has.
    Poll,
}

/// A return address.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    /// Distance from the start of the function's code; of the module's, once linked.
    pub at: u32,
    pub kind: SiteKind,
    /// In the module; `u32::MAX` stands for the start of the function.
    pub offset: u32,
}

/// What became of a module's functions.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    pub compiled: u32,
    /// Functions that stay interpreted: index among the defined ones, and why.
    pub uncovered: Vec<(u32, String)>,
    pub code_bytes: usize,
}

/// The words of an `enter_machine` instruction: handler, function, thunk, argument and result slots.
pub const ENTER_WORDS: usize = 4;

/// The machine code of a module.
pub struct MachineCode {
    region: Region,
    /// Start of each function's code and its index among the defined ones, in order.
    starts: Vec<(u32, u32)>,
    sites: Vec<Site>,
    /// `ENTER_WORDS` for each compiled function; records point into it.
    enters: Box<[u64]>,
    pub stats: Stats,
}

impl MachineCode {
    /// Links the functions that were compiled and lets calls reach them. `enter` is the handler of the interpreter that
    /// enters machine code.
    pub fn install(
        code: &ModuleCode,
        functions: Vec<(u32, Result<Emitted, Uncovered>)>,
        enter: *const (),
    ) -> Option<MachineCode> {
        let module = &*code.module;
        let mut linker = Linker::new(module);
        let mut stats = Stats::default();
        let mut compiled = Vec::new();
        for (defined, outcome) in functions {
            match outcome {
                Ok(f) => compiled.push((defined, f)),
                Err(Uncovered(why)) => {
                    stats.uncovered.push((defined, why));
                    linker.uncompiled(code, defined);
                }
            }
        }
        if compiled.is_empty() {
            return None;
        }
        let mut starts = Vec::with_capacity(compiled.len());
        let mut sites = Vec::new();
        linker.asm.finish();
        let mut bytes = std::mem::take(&mut linker.asm.buf);
        for (defined, f) in &compiled {
            bytes.resize(bytes.len().next_multiple_of(32), 0xcc);
            let start = bytes.len() as u32;
            linker.functions[*defined as usize] = start;
            starts.push((start, *defined));
            sites.extend(f.sites.iter().map(|s| Site { at: start + s.at, ..*s }));
            bytes.extend_from_slice(&f.bytes);
            // Distances are 32 bits, and signed.
            if bytes.len() > 1 << 30 {
                return None;
            }
        }
        for ((start, _), (_, f)) in starts.iter().zip(&compiled) {
            for &(at, to) in &f.relocs {
                let at = (start + at) as usize;
                let distance = linker.address(to).wrapping_sub(at as u32 + 4);
                bytes[at..at + 4].copy_from_slice(&distance.to_le_bytes());
            }
        }
        let region = Region::zeroed(bytes.len()).ok()?;
        // SAFETY: the region has room for the bytes, and nobody else knows it.
        unsafe { region.base().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
        region.make_executable(0, region.len()).ok()?;
        stats.compiled = compiled.len() as u32;
        stats.code_bytes = bytes.len();
        let base = region.base() as u64;
        let mut enters = Vec::with_capacity(compiled.len() * ENTER_WORDS);
        for (start, defined) in &starts {
            let func = module.num_imported_funcs + defined;
            let ty = module.func_type(func);
            let thunk = linker.thunks[module.func_types[func as usize] as usize].0;
            let slots = ty.param_slots.max(ty.result_slots) as u64;
            enters.extend([enter as usize as u64, base + *start as u64, base + thunk as u64, slots]);
        }
        let this = MachineCode { region, starts, sites, enters: enters.into_boxed_slice(), stats };
        // Calls through references find every function of the module: itself, or a way out to it.
        for (defined, record) in code.funcs.iter().enumerate() {
            let func = module.num_imported_funcs as usize + defined;
            let thunk = linker.thunks[module.func_types[func] as usize].1;
            record.machine.store((base + thunk as u64) as usize, Ordering::Release);
        }
        for (n, (start, defined)) in this.starts.iter().enumerate() {
            let record = &code.funcs[*defined as usize];
            record.machine.store((base + *start as u64) as usize, Ordering::Release);
            let enter = this.enters[n * ENTER_WORDS..].as_ptr();
            record.entry.store(enter as *mut u64, Ordering::Release);
        }
        Some(this)
    }

    /// The return address at `pc`: the function's index among the defined ones, and what the site is.
    pub fn find(&self, pc: usize) -> Option<(u32, Site)> {
        let at = u32::try_from(pc.checked_sub(self.region.base() as usize)?).ok()?;
        let site = self.sites[self.sites.binary_search_by_key(&at, |s| s.at).ok()?];
        let n = self.starts.partition_point(|(start, _)| *start < at);
        Some((self.starts.get(n.checked_sub(1)?)?.1, site))
    }

    /// The function whose `enter_machine` instruction is at `pc`.
    pub fn find_enter(&self, pc: *const u64) -> Option<u32> {
        let at = (pc as usize).checked_sub(self.enters.as_ptr() as usize)? / (ENTER_WORDS * 8);
        self.starts.get(at).map(|(_, defined)| *defined)
    }

    /// The code of a function, for people.
    pub fn bytes(&self, defined: u32) -> Option<&[u8]> {
        let n = self.starts.iter().position(|(_, d)| *d == defined)?;
        let (start, end) =
            (self.starts[n].0 as usize, self.starts.get(n + 1).map_or(self.stats.code_bytes, |s| s.0 as usize));
        // SAFETY: the mapping is readable, never changes, and lives as long as `self`.
        Some(unsafe { core::slice::from_raw_parts(self.region.base().add(start), end - start) })
    }
}

/// Addresses inside the mapping, as distances from its start.
struct Linker {
    asm: Asm,
    trap: Label,
    native: Label,
    poll: Label,
    /// By module type index: in and out; 0 where the type is no function type, or one that is not compiled.
    thunks: Vec<(u32, u32)>,
    thunk_labels: Vec<Option<Label>>,
    /// By defined function.
    functions: Vec<u32>,
}

impl Linker {
    fn new(module: &Module) -> Linker {
        let mut asm = Asm::default();
        let (trap, native, poll) = (asm.new_label(), asm.new_label(), asm.new_label());
        asm.bind(trap);
        stubs::far_jump(&mut asm, stubs::trap as *const () as usize);
        asm.bind(native);
        stubs::far_jump(&mut asm, stubs::native as *const () as usize);
        asm.bind(poll);
        stubs::poll_jump(&mut asm);
        let mut thunks = Vec::with_capacity(module.sub_types.len());
        let mut thunk_labels = Vec::with_capacity(module.sub_types.len());
        for ty in &module.sub_types {
            let Some(ty) = ty.as_func().filter(|t| super::is_covered(t)) else {
                thunks.push((0, 0));
                thunk_labels.push(None);
                continue;
            };
            asm.align(16);
            let into = asm.here();
            stubs::thunk_in(&mut asm, ty);
            asm.align(16);
            let (out, label) = (asm.here(), asm.new_label());
            asm.bind(label);
            stubs::thunk_out(&mut asm, ty);
            thunks.push((into, out));
            thunk_labels.push(Some(label));
        }
        Linker { asm, trap, native, poll, thunks, thunk_labels, functions: vec![0; module.bodies.len()] }
    }

    /// A way out to a function that stays interpreted.
    fn uncompiled(&mut self, code: &ModuleCode, defined: u32) {
        let ty = code.module.func_types[(code.module.num_imported_funcs + defined) as usize];
        let Some(thunk) = self.thunk_labels[ty as usize] else { return };
        self.functions[defined as usize] = self.asm.here();
        let record = core::ptr::from_ref(&code.funcs[defined as usize]) as usize;
        stubs::record_call(&mut self.asm, record, thunk);
    }

    fn address(&self, to: u32) -> u32 {
        let label = |l: Label| self.asm.label_at(l).expect("bound when it was made");
        match to {
            target::TRAP => label(self.trap),
            target::NATIVE => label(self.native),
            target::POLL => label(self.poll),
            _ => match target::as_thunk(to) {
                Some(ty) => self.thunks[ty as usize].1,
                None => self.functions[to as usize],
            },
        }
    }
}

/// Gives a store its machine stack, if it has none yet: as large as its value stack. False when there is no memory for it.
///
/// # Safety
/// The store is alive and belongs to this thread.
pub unsafe fn ensure_stack(store: *mut crate::vm::layout::StoreCtx) -> bool {
    // SAFETY: by the contract.
    unsafe {
        let m = &mut (*store).machine;
        if m.limit != 0 {
            return true;
        }
        let bytes = (*store).stack_end as usize - (*store).stack_base as usize + STACK_RESERVE;
        let Ok(region) = Region::zeroed(bytes + STACK_RESERVE) else { return false };
        give_stack(m, region);
        true
    }
}

fn give_stack(m: &mut MachineCtx, region: Region) {
    let base = region.base() as usize;
    m.limit = base + STACK_RESERVE;
    m.sp = base + region.len();
    m.region = Some(region);
}

/// Below the limit: what functions use without a check, and stubs.
const STACK_RESERVE: usize = 16 << 10;

/// A machine frame of a backtrace.
pub struct MachineFrame {
    pub defined: u32,
    /// In the module.
    pub offset: u32,
}

/// Appends the frames of machine code from a return address and its frame pointer outwards, to where the interpreter entered.
///
/// # Safety
/// The frames are intact, and belong to functions of `code`.
pub unsafe fn walk(
    code: &MachineCode,
    module: &Module,
    mut pc: usize,
    mut fp: usize,
    frames: &mut Vec<MachineFrame>,
    most: usize,
) {
    while frames.len() < most {
        let Some((defined, site)) = code.find(pc) else { return };
        let offset = if site.offset == u32::MAX { module.bodies[defined as usize].start } else { site.offset };
        frames.push(MachineFrame { defined, offset });
        // SAFETY: a frame pointer points at the caller's, above which is the return address; the outermost is 0.
        unsafe {
            let frame = fp as *const usize;
            (fp, pc) = (*frame, *frame.add(1));
        }
        if fp == 0 {
            return;
        }
    }
}
