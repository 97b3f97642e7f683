//! An arena of machine code: where linking puts functions.
//!
//! It begins with the ways into and out of machine code: the common stubs and the thunks of each function type. Batches of
//! functions follow on pages of their own, each with jumps to those callees that are not compiled when it is linked; such a
//! jump goes where the callee's code record says, which changes when the callee is compiled. Everything in an arena refers to
//! the rest of it by distance.

use super::code::{Compiled, target};
use super::x64::emit::Emitted;
use super::x64::enc::Asm;
use super::x64::stubs;
use crate::code::ModuleCode;
use crate::module::Module;
use crate::sys::{Region, page_size};
use foldhash::HashMap;

/// The first arena of a module: this many times the bytes of its bodies, within bounds.
const FACTOR: usize = 24;
const LEAST: usize = 256 << 10;
/// Distances are 32 bits, and signed.
const MOST: usize = 1 << 30;

/// Where things lie in an arena, as distances from its start.
pub struct Arena {
    base: usize,
    len: usize,
    /// Where the next batch goes; a multiple of the page size.
    used: usize,
    /// The common stubs, as `target` counts them.
    fixed: Vec<u32>,
    /// By module type index.
    thunks: Vec<Thunks>,
    /// Functions whose code is here.
    functions: HashMap<u32, u32>,
    /// Jumps to functions that were not compiled when somebody called them.
    jumps: HashMap<u32, u32>,
}

/// The thunks of a type. The stub for traps where it is no function type, or one that is not compiled.
struct Thunks {
    into: u32,
    out: u32,
    loops: u32,
    /// For types of numbers.
    direct: Option<u32>,
}

/// A batch of functions in place.
pub struct Linked {
    pub at: usize,
    pub len: usize,
    pub starts: Vec<u32>,
}

/// Bytes that a function may take beside its code: alignment, and jumps to what it calls.
pub fn room_for(code: &Emitted) -> usize {
    32 + code.relocs.len() * stubs::RECORD_JUMP
}

impl Arena {
    /// Reserves an arena with room for `bytes` of code, of `least` bytes at least, and writes what it begins with.
    pub fn new(module: &Module, bytes: usize, least: usize) -> Option<(Arena, Region)> {
        let mut asm = Asm::default();
        let mut fixed = Vec::new();
        for write in stubs::FIXED {
            fixed.push(asm.here());
            write(&mut asm);
        }
        let trap = *fixed.first()?;
        let shim = *fixed.get(target::as_fixed(target::SHIM)?)?;
        let mut thunks = Vec::with_capacity(module.sub_types.len());
        for ty in &module.sub_types {
            let Some(ty) = ty.as_func().filter(|t| super::is_covered(t)) else {
                thunks.push(Thunks { into: trap, out: trap, loops: trap, direct: None });
                continue;
            };
            asm.align(16);
            let into = asm.here();
            stubs::thunk_in(&mut asm, ty);
            asm.align(16);
            let out = asm.here();
            stubs::thunk_out(&mut asm, ty, shim);
            asm.align(16);
            let loops = asm.here();
            stubs::thunk_loop(&mut asm, ty);
            let direct = ty.is_of_numbers().then(|| {
                asm.align(16);
                asm.here()
            });
            if direct.is_some() {
                stubs::thunk_direct(&mut asm, ty);
            }
            thunks.push(Thunks { into, out, loops, direct });
        }
        asm.finish();
        let start = asm.buf;
        let bodies: usize = module.bodies.iter().map(|b| b.len()).sum();
        let wanted = bodies.saturating_mul(FACTOR).min(MOST / 4).max(LEAST).max(least);
        // A batch takes whole pages.
        let needed = start.len().checked_add(bytes)?.checked_add(2 * page_size())?;
        let len = wanted.checked_add(needed)?.min(MOST);
        if len < needed {
            return None;
        }
        let region = Region::reserve(len).ok()?;
        let mut arena = Arena {
            base: region.base() as usize,
            len: region.len(),
            used: 0,
            fixed,
            thunks,
            functions: HashMap::default(),
            jumps: HashMap::default(),
        };
        arena.write(&start, &region)?;
        Some((arena, region))
    }

    pub fn base(&self) -> usize {
        self.base
    }

    /// Where functions return that a tail call has given more room.
    pub fn shim(&self) -> usize {
        let n = target::as_fixed(target::SHIM).and_then(|n| self.fixed.get(n));
        self.base + n.copied().unwrap_or(0) as usize
    }

    pub fn len(&self) -> usize {
        self.len
    }

    /// How many bytes from the base on are in use.
    #[cfg(profile)]
    pub fn used(&self) -> usize {
        self.used
    }

    /// Whether there is room for so many bytes.
    pub fn fits(&self, bytes: usize) -> bool {
        bytes <= self.len - self.used
    }

    pub fn thunk_in(&self, type_index: u32) -> u32 {
        self.thunks[type_index as usize].into
    }

    pub fn thunk_out(&self, type_index: u32) -> u32 {
        self.thunks[type_index as usize].out
    }

    pub fn thunk_loop(&self, type_index: u32) -> u32 {
        self.thunks[type_index as usize].loops
    }

    pub fn thunk_direct(&self, type_index: u32) -> Option<u32> {
        self.thunks[type_index as usize].direct
    }

    /// Puts code on fresh pages and makes them executable.
    fn write(&mut self, code: &[u8], region: &Region) -> Option<()> {
        let len = code.len().next_multiple_of(page_size());
        if len > self.len - self.used {
            return None;
        }
        region.commit(self.used, len).ok()?;
        // SAFETY: the pages are inside the region, writable now, and nobody has been told of them.
        unsafe { region.base().add(self.used).copy_from_nonoverlapping(code.as_ptr(), code.len()) };
        if region.make_executable(self.used, len).is_err() {
            // Not to be used; they need not stay in memory either.
            let _ = region.decommit(self.used, len);
            return None;
        }
        self.used += len;
        Some(())
    }

    /// Puts functions in place, with their calls leading where they go.
    pub fn link(&mut self, code: &ModuleCode, functions: &[Compiled], region: &Region) -> Option<Linked> {
        let at = self.used;
        let mut bytes = Vec::new();
        let mut starts = Vec::with_capacity(functions.len());
        let mut new = HashMap::default();
        for f in functions {
            bytes.resize(usize::next_multiple_of(bytes.len(), 32), 0xcc);
            let start = (at + bytes.len()) as u32;
            starts.push(start);
            if f.wanted.at.is_none() {
                new.insert(f.wanted.defined, start);
            }
            bytes.extend_from_slice(&f.code.bytes);
        }
        let mut jumps = HashMap::default();
        for (f, start) in functions.iter().zip(&starts) {
            for &(place, to) in &f.code.relocs {
                let known = |d: u32| new.get(&d).or_else(|| self.functions.get(&d)).or_else(|| self.jumps.get(&d));
                let to = match target::as_fixed(to) {
                    Some(n) => self.fixed[n],
                    None => match (target::as_thunk(to), known(to)) {
                        (Some(ty), _) => self.thunk_out(ty),
                        (None, Some(&to)) => to,
                        (None, None) => *jumps.entry(to).or_insert_with(|| {
                            let here = (at + bytes.len()) as u32;
                            let mut asm = Asm::default();
                            stubs::record_jump(&mut asm, &code.funcs[to as usize]);
                            asm.finish();
                            bytes.extend_from_slice(&asm.buf);
                            here
                        }),
                    },
                };
                let place = start + place;
                let distance = to.wrapping_sub(place + 4);
                let place = place as usize - at;
                bytes[place..place + 4].copy_from_slice(&distance.to_le_bytes());
            }
        }
        self.write(&bytes, region)?;
        self.functions.extend(new);
        self.jumps.extend(jumps);
        Some(Linked { at, len: bytes.len(), starts })
    }
}
