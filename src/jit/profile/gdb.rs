//! GDB's interface for compilers at run time: a list of ELF files in memory, and a function in which the debugger has a breakpoint.
//! LLDB reads it too.
//!
//! Each batch of functions is such a file, with symbols and exact frame descriptions, as long as its code is there. The list and the
//! function have names that the debugger looks for, so another compiler in the same process that is linked with the host statically
//! and defines them too is in conflict with ours: a build without the feature `profile` has neither.

use super::Placed;
use crate::jit::unwind::Frames;
use core::ptr::{addr_of_mut, null_mut};
use std::sync::{Mutex, PoisonError};

#[repr(C)]
struct Entry {
    next: *mut Entry,
    prev: *mut Entry,
    file: *const u8,
    len: u64,
}

/// What the debugger reads.
#[repr(C)]
pub struct Descriptor {
    version: u32,
    action: u32,
    relevant: *mut Entry,
    first: *mut Entry,
}

const NOTHING: u32 = 0;
const REGISTERED: u32 = 1;
const UNREGISTERED: u32 = 2;

#[used]
#[unsafe(no_mangle)]
pub static mut __jit_debug_descriptor: Descriptor =
    Descriptor { version: 1, action: NOTHING, relevant: null_mut(), first: null_mut() };

/// Where the debugger notices that the list has changed.
#[inline(never)]
#[unsafe(no_mangle)]
pub extern "C" fn __jit_debug_register_code() {
    // SAFETY: no instructions, but the optimizer has to take it for a reader of the list.
    unsafe { core::arch::asm!("", options(nostack, preserves_flags)) }
}

/// Held while the list changes.
static LIST: Mutex<()> = Mutex::new(());

/// A file in the list, as long as it lives.
pub struct Registered {
    entry: *mut Entry,
    _file: Box<[u8]>,
}

// SAFETY: what it points at is only used with the lock held.
unsafe impl Send for Registered {}

impl Registered {
    pub fn new(placed: &[Placed<'_>]) -> Option<Registered> {
        let file = file(placed)?.into_boxed_slice();
        let _lock = LIST.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: the lock is held, and entries in the list are alive.
        unsafe {
            let list = addr_of_mut!(__jit_debug_descriptor);
            let first = (*list).first;
            let entry = Entry { next: first, prev: null_mut(), file: file.as_ptr(), len: file.len() as u64 };
            let entry = Box::into_raw(Box::new(entry));
            if !first.is_null() {
                (*first).prev = entry;
            }
            (*list).first = entry;
            tell(entry, REGISTERED);
            Some(Registered { entry, _file: file })
        }
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        let _lock = LIST.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: as above; the entry is in the list, and leaves it before it is freed.
        unsafe {
            let Entry { next, prev, .. } = *self.entry;
            match prev.as_mut() {
                Some(prev) => prev.next = next,
                None => (*addr_of_mut!(__jit_debug_descriptor)).first = next,
            }
            if let Some(next) = next.as_mut() {
                next.prev = prev;
            }
            tell(self.entry, UNREGISTERED);
            drop(Box::from_raw(self.entry));
        }
    }
}

/// # Safety
/// The lock is held.
unsafe fn tell(entry: *mut Entry, action: u32) {
    // SAFETY: by the contract.
    unsafe {
        let list = addr_of_mut!(__jit_debug_descriptor);
        (&raw mut (*list).relevant).write_volatile(entry);
        (&raw mut (*list).action).write_volatile(action);
        __jit_debug_register_code();
        (&raw mut (*list).action).write_volatile(NOTHING);
        (&raw mut (*list).relevant).write_volatile(null_mut());
    }
}

// ELF.

const HEADER: usize = 64;
const SECTION: usize = 64;
const SYMBOL: usize = 24;

/// A section: name, type, flags, address, offset, size, link, info, alignment, size of an entry.
struct Section(&'static str, u32, u64, u64, u64, u64, u32, u32, u64, u64);

/// An object file with symbols for code that is in memory already. `None` if there is none.
fn file(placed: &[Placed<'_>]) -> Option<Vec<u8>> {
    let start = placed.iter().map(|p| p.start).min()?;
    let end = placed.iter().map(|p| p.start + p.code.len()).max()?;
    let mut frames = Frames::exact();
    let mut stubs = Frames::settled();
    let (mut names, mut symbols) = (vec![0], vec![0; SYMBOL]);
    for p in placed {
        match p.is_stubs {
            true => drop(stubs.whole(p.start, p.code.len())),
            false => frames.function(p.start, p.code.len()),
        }
        symbols.extend((names.len() as u32).to_le_bytes());
        // Global, a function, of the first section.
        symbols.extend([0x12, 0, 1, 0]);
        symbols.extend(((p.start - start) as u64).to_le_bytes());
        symbols.extend((p.code.len() as u64).to_le_bytes());
        names.extend(p.name.bytes().filter(|b| *b != 0));
        names.push(0);
    }
    let frames = match placed.iter().any(|p| p.is_stubs) {
        true => stubs.end(),
        false => frames.end(),
    };

    let mut out = vec![0; HEADER];
    let mut append = |bytes: &[u8]| {
        out.resize(out.len().next_multiple_of(8), 0);
        out.extend(bytes);
        ((out.len() - bytes.len()) as u64, bytes.len() as u64)
    };
    let (frames, symbols, strings) = (append(&frames), append(&symbols), append(&names));
    let (alloc, exec) = (2, 4);
    let sections = [
        Section("", 0, 0, 0, 0, 0, 0, 0, 0, 0),
        Section(".text", 8, alloc | exec, start as u64, HEADER as u64, (end - start) as u64, 0, 0, 16, 0),
        Section(".eh_frame", 1, alloc, 0, frames.0, frames.1, 0, 0, 8, 0),
        Section(".symtab", 2, 0, 0, symbols.0, symbols.1, 4, 1, 8, SYMBOL as u64),
        Section(".strtab", 3, 0, 0, strings.0, strings.1, 0, 0, 1, 0),
    ];
    let mut titles = Vec::new();
    let mut table = Vec::new();
    for Section(name, kind, flags, address, offset, size, link, info, align, entry) in sections {
        table.extend((titles.len() as u32).to_le_bytes());
        table.extend(kind.to_le_bytes());
        [flags, address, offset, size].iter().for_each(|n| table.extend(n.to_le_bytes()));
        [link, info].iter().for_each(|n| table.extend(n.to_le_bytes()));
        [align, entry].iter().for_each(|n| table.extend(n.to_le_bytes()));
        titles.extend(name.bytes());
        titles.push(0);
    }
    let name = titles.len() as u32;
    titles.extend(b".shstrtab\0");
    let titles = append(&titles);
    table.extend([name, 3].iter().flat_map(|n| n.to_le_bytes()));
    table.extend([0, 0, titles.0, titles.1, 0, 1, 0].iter().flat_map(|n: &u64| n.to_le_bytes()));
    let sections = append(&table);

    let mut header = vec![0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let (relocatable, x86_64) = (1u16, 62u16);
    [relocatable, x86_64].iter().for_each(|n| header.extend(n.to_le_bytes()));
    header.extend(1u32.to_le_bytes());
    [0, 0, sections.0].iter().for_each(|n: &u64| header.extend(n.to_le_bytes()));
    header.extend(0u32.to_le_bytes());
    let count = table.len() / SECTION;
    let sizes = [HEADER, 0, 0, SECTION, count, count - 1];
    sizes.iter().for_each(|n| header.extend((*n as u16).to_le_bytes()));
    out[..HEADER].copy_from_slice(&header);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_has_the_functions() {
        let code = [0x90; 0x30];
        let placed = |start, name: &str| Placed { start, code: &code, name: name.into(), is_stubs: false };
        assert!(file(&[]).is_none());
        let file = file(&[placed(0x7000, "wasm!a"), placed(0x7040, "wasm!b")]).unwrap();
        let word = |at: usize| u64::from_le_bytes(file[at..at + 8].try_into().unwrap()) as usize;
        let half = |at: usize| u16::from_le_bytes(file[at..at + 2].try_into().unwrap()) as usize;
        let sections = word(40);
        assert_eq!((half(60), half(62), sections + 6 * SECTION), (6, 5, file.len()));
        let text = sections + SECTION;
        assert_eq!((word(text + 16), word(text + 32)), (0x7000, 0x70));
        let symbols = sections + 3 * SECTION;
        assert_eq!(word(symbols + 32), 3 * SYMBOL);
        let second = word(symbols + 24) + 2 * SYMBOL;
        assert_eq!((word(second + 8), word(second + 16)), (0x40, 0x30));
        let name = word(sections + 4 * SECTION + 24) + half(second);
        assert_eq!(&file[name..name + 7], b"wasm!b\0");
    }
}
