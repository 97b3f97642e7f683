//! The memory of a store's garbage-collected heap: a mark-region space after Immix (Blackburn and McKinley, 2008).
//!
//! One range of address space is reserved and committed from its start as the heap grows, so that objects never move
//! and an offset of 32 bits names one. It is divided into lines of 256 bytes and blocks of 128 lines. Objects are bumped
//! into *runs*: free lines in a row, at most a block of them. A collection marks objects, and with them the lines they
//! lie on; lines without a mark are free afterwards, whatever dead objects lie there. So a collection costs what marking
//! costs, plus a look at each line. An object larger than [`LARGE`] takes whole blocks in a row: to the lines it is
//! nothing special, it only is looked for differently.
//!
//! Beside the objects lie three maps: where objects start (one bit for each 8 bytes; set as they are made), which of them
//! are marked (the same), and which lines are (one byte each). Marked objects are the ones that exist after a collection,
//! so the first two maps change places at its end.
//!
//! Invariants:
//! - A set start bit is an object with a valid header; all between `bump` and `limit` is free of them.
//! - `blocks[b]` is the number of free lines of a block that the search has yet to come to; behind the cursor it means
//!   nothing. Free lines behind the cursor are found again after the next collection.
//! - The first line is never free, so that no object has the offset 0.

use crate::sys::{Region, SysError, page_size};
use crate::vm::gc::HeapCtx;
use core::ptr;

pub(super) const LINE: usize = 256;
const LINES: usize = 128;
pub(super) const BLOCK: usize = LINE * LINES;
/// Objects larger than this take whole blocks.
const LARGE: usize = BLOCK / 4;
/// The heap is committed in steps of this, with the parts of the maps that belong to it.
const STEP: usize = 1 << 20;
/// A hole given up for another one is worth coming back to when it is at least this large.
const WORTH_KEEPING: usize = 2 * LINE;
/// As much as 32-bit offsets reach.
pub(super) const MOST: usize = if usize::BITS > 32 { (1u64 << 32) as usize } else { 1 << 30 };
/// A reservation smaller than this is not worth having.
const LEAST: usize = STEP;

pub(super) struct Heap {
    region: Region,
    /// Bytes the heap has room for, may grow to at present, and has grown to. Multiples of `STEP`.
    capacity: usize,
    most: usize,
    committed: usize,
    /// Whether all of it was taken at once, because nothing can be reserved.
    whole: bool,
    starts: *mut u64,
    marks: *mut u64,
    lines: *mut u8,
    /// Free lines by block, of blocks in front of the cursor.
    blocks: Vec<u8>,
    /// The line that the search for runs goes on from.
    cursor: usize,
    /// No block before this one is free, of those in front of the cursor.
    free_from: usize,
    /// Runs given up for larger ones.
    stash: Vec<(usize, usize)>,
    /// Whether there are marks of a collection that was given up.
    marked: bool,
}

// SAFETY: the pointers lead into the heap's own region; one thread at a time uses a store.
unsafe impl Send for Heap {}

impl Heap {
    /// A heap that may grow to `most` bytes, or as far as address space can be had.
    pub fn new(most: usize) -> Result<Heap, SysError> {
        let mut capacity = most.clamp(LEAST, MOST).next_multiple_of(STEP).min(MOST);
        let (region, whole) = loop {
            match Region::reserve(Heap::reservation(capacity)) {
                Ok(region) => break (region, false),
                // Where nothing can be reserved, a heap of moderate size is taken at once.
                Err(_) if capacity / 2 < LEAST => {
                    capacity = most.clamp(LEAST, 64 << 20).next_multiple_of(STEP);
                    break (Region::zeroed(Heap::reservation(capacity))?, true);
                }
                Err(_) => capacity = (capacity / 2).next_multiple_of(STEP),
            }
        };
        let maps = region.base().wrapping_add(capacity);
        let bits = Heap::bitmap(capacity);
        let mut heap = Heap {
            starts: maps.cast(),
            marks: maps.wrapping_add(bits).cast(),
            lines: maps.wrapping_add(2 * bits),
            region,
            capacity,
            most: capacity,
            committed: 0,
            whole,
            blocks: Vec::with_capacity(capacity / BLOCK),
            cursor: 0,
            free_from: 0,
            stash: Vec::new(),
            marked: false,
        };
        if whole {
            heap.extend(capacity);
        } else if !heap.grow(STEP) {
            return Err(SysError { what: "commit", bytes: STEP, code: 0 });
        }
        heap.cursor = 1;
        Ok(heap)
    }

    /// Bytes of a bitmap, and of everything, for a heap of that capacity. Each map starts on a page.
    fn bitmap(capacity: usize) -> usize {
        (capacity / 64).next_multiple_of(page_size())
    }

    fn reservation(capacity: usize) -> usize {
        capacity + 2 * Heap::bitmap(capacity) + (capacity / LINE).next_multiple_of(page_size())
    }

    /// What guest code has to know.
    pub fn publish(&self, ctx: &mut HeapCtx) {
        ctx.base = self.region.base();
        ctx.starts = self.starts;
    }

    pub fn base(&self) -> *mut u8 {
        self.region.base()
    }

    /// How large the heap may become.
    pub fn most(&self) -> usize {
        self.most
    }

    /// Sets how large the heap may become; what it has already stays.
    pub fn set_most(&mut self, bytes: usize) {
        self.most = (bytes.min(MOST) / STEP * STEP).clamp(self.committed, self.capacity);
    }

    pub fn committed(&self) -> usize {
        self.committed
    }

    // Growing.

    /// Commits at least `bytes` more, if the heap may grow so much.
    fn grow(&mut self, bytes: usize) -> bool {
        // An eighth more at a time, so that a large heap does not commit in small steps.
        let wanted = bytes.max(self.committed / 8).next_multiple_of(STEP).min(self.most - self.committed);
        if wanted < bytes {
            return false;
        }
        let (from, to) = (self.committed, self.committed + wanted);
        let page = page_size();
        let commit = |at: *mut u8, per: usize| {
            let start = at as usize - self.region.base() as usize;
            let (from, to) = ((start + from / per) / page * page, (start + to / per).next_multiple_of(page));
            self.region.commit(from, to - from).is_ok()
        };
        let done = commit(self.region.base(), 1)
            && commit(self.starts.cast(), 64)
            && commit(self.marks.cast(), 64)
            && commit(self.lines, LINE);
        if done {
            self.extend(to);
        }
        done
    }

    /// Takes note of blocks that have become usable.
    fn extend(&mut self, to: usize) {
        self.committed = to;
        self.blocks.resize(to / BLOCK, LINES as u8);
    }

    // Finding room.

    /// Makes the current run one of at least `size` bytes. What is left of the one before is kept if it is worth it.
    /// The heap grows if it has to. False if there is no such run.
    pub fn refill(&mut self, ctx: &mut HeapCtx, size: usize) -> bool {
        let Some((start, end)) = self.find(size) else { return false };
        if ctx.limit - ctx.bump >= WORTH_KEEPING {
            self.stash.push((ctx.bump, ctx.limit));
        }
        (ctx.bump, ctx.limit) = (start, end);
        true
    }

    fn find(&mut self, size: usize) -> Option<(usize, usize)> {
        if let Some(&(start, end)) = self.stash.last()
            && end - start >= size
        {
            self.stash.pop();
            return Some((start, end));
        }
        let mut found = self.search(size);
        if found.is_none() {
            // Blocks at the end that are free already count towards a large object.
            let tail = self.blocks.iter().rev().take_while(|free| **free == LINES as u8).count() * BLOCK;
            let tail = tail.min(self.committed - (self.cursor.next_multiple_of(LINES) * LINE).min(self.committed));
            let more = size.next_multiple_of(BLOCK).saturating_sub(tail).max(BLOCK);
            if self.grow(more) {
                found = self.search(size);
            }
        }
        found
    }

    fn search(&mut self, size: usize) -> Option<(usize, usize)> {
        if size <= LINE {
            return self.find_run(size);
        }
        // Among runs of a few lines, the search for one that is long enough would waste many.
        self.find_blocks(size).or_else(|| if size > LARGE { None } else { self.find_run(size) })
    }

    /// The next run of free lines of at least `size` bytes, within a block.
    fn find_run(&mut self, size: usize) -> Option<(usize, usize)> {
        let wanted = size.div_ceil(LINE);
        let all = self.committed / LINE;
        while self.cursor < all {
            let block = self.cursor / LINES;
            let end = (block + 1) * LINES;
            if self.cursor.is_multiple_of(LINES) {
                let free = self.blocks[block] as usize;
                if free < wanted || free == LINES {
                    self.cursor = end;
                    if free == LINES {
                        return Some(((end - LINES) * LINE, end * LINE));
                    }
                    continue;
                }
            }
            // SAFETY: the map covers all committed lines.
            let lines = unsafe { core::slice::from_raw_parts(self.lines.add(self.cursor), end - self.cursor) };
            let Some(skip) = lines.iter().position(|mark| *mark == 0) else {
                self.cursor = end;
                continue;
            };
            let len = lines[skip..].iter().position(|mark| *mark != 0).unwrap_or(lines.len() - skip);
            let start = self.cursor + skip;
            self.cursor = start + len;
            if len >= wanted {
                return Some((start * LINE, (start + len) * LINE));
            }
        }
        None
    }

    /// Free blocks in a row, as many as `size` bytes need, in front of the cursor.
    fn find_blocks(&mut self, size: usize) -> Option<(usize, usize)> {
        let wanted = size.div_ceil(BLOCK);
        self.free_from = self.free_from.max(self.cursor.div_ceil(LINES));
        let (mut run, mut seen) = (0, false);
        for b in self.free_from..self.blocks.len() {
            if self.blocks[b] as usize != LINES {
                run = 0;
                continue;
            }
            if !seen {
                (self.free_from, seen) = (b, true);
            }
            run += 1;
            if run == wanted {
                let from = b + 1 - wanted;
                // The search for runs passes them over.
                self.blocks[from..=b].fill(0);
                return Some((from * BLOCK, (b + 1) * BLOCK));
            }
        }
        if !seen {
            self.free_from = self.blocks.len();
        }
        None
    }

    // Marking.

    /// Forgets the free runs and the marks of lines.
    pub fn start_marking(&mut self, ctx: &mut HeapCtx) {
        (ctx.bump, ctx.limit) = (0, 0);
        self.stash.clear();
        // SAFETY: the maps cover the committed heap.
        unsafe {
            ptr::write_bytes(self.lines, 0, self.committed / LINE);
            if core::mem::replace(&mut self.marked, false) {
                self.clear_marks();
            }
        }
    }

    /// Zeroes the map of marks, but for what is zero: most of it, where objects are large, has no memory yet.
    ///
    /// # Safety
    /// Nobody else uses the map.
    unsafe fn clear_marks(&mut self) {
        // SAFETY: the map covers the committed heap.
        let words = unsafe { core::slice::from_raw_parts_mut(self.marks, self.committed >> 9) };
        for part in words.chunks_mut(64) {
            if part.iter().fold(0, |all, word| all | *word) != 0 {
                part.fill(0);
            }
        }
    }

    /// Gives a collection up: all objects stay, and no line is free until the next one.
    pub fn give_up_marking(&mut self) {
        self.marked = true;
        // SAFETY: the map covers all committed lines.
        unsafe { ptr::write_bytes(self.lines, 1, self.committed / LINE) };
        self.blocks.fill(0);
        self.cursor = self.committed / LINE;
        self.free_from = self.blocks.len();
    }

    /// Whether an object starts at `offset`, which may be any number.
    #[inline]
    pub fn is_object(&self, offset: u64) -> bool {
        if offset & 7 != 0 || offset >= self.committed as u64 {
            return false;
        }
        let at = offset as usize;
        // SAFETY: the map covers the committed heap.
        unsafe { *self.starts.add(at >> 9) & 1 << (at >> 3 & 63) != 0 }
    }

    /// Marks the object at `offset`; true if it was not marked before.
    ///
    /// # Safety
    /// An object starts there.
    #[inline]
    pub unsafe fn mark(&mut self, offset: u32) -> bool {
        let at = offset as usize;
        let bit = 1 << (at >> 3 & 63);
        // SAFETY: objects lie in the committed heap, which the map covers.
        unsafe {
            let word = self.marks.add(at >> 9);
            let new = *word & bit == 0;
            *word |= bit;
            new
        }
    }

    /// Marks the lines of an object.
    ///
    /// # Safety
    /// The object, of `size` bytes, lies in the heap.
    #[inline]
    pub unsafe fn mark_lines(&mut self, offset: u32, size: usize) {
        let (first, last) = (offset as usize / LINE, (offset as usize + size - 1) / LINE);
        // SAFETY: the map covers all committed lines.
        unsafe {
            if last - first < 2 {
                *self.lines.add(first) = 1;
                *self.lines.add(last) = 1;
            } else {
                ptr::write_bytes(self.lines.add(first), 1, last - first + 1);
            }
        }
    }

    /// The first marked object at `offset` or behind it.
    pub fn next_marked(&self, offset: usize) -> Option<usize> {
        let mut keep = u64::MAX << (offset >> 3 & 63);
        for word in offset >> 9..self.committed >> 9 {
            // SAFETY: the map covers the committed heap.
            let bits = unsafe { *self.marks.add(word) } & keep;
            if bits != 0 {
                return Some(word << 9 | (bits.trailing_zeros() as usize) << 3);
            }
            keep = u64::MAX;
        }
        None
    }

    /// How many objects there are.
    #[cfg(test)]
    pub fn objects(&self) -> usize {
        // SAFETY: the map covers the committed heap.
        (0..self.committed >> 9).map(|word| unsafe { *self.starts.add(word) }.count_ones() as usize).sum()
    }

    /// Ends a collection: what has no mark is gone. Gives the bytes in lines that are in use.
    pub fn finish_marking(&mut self, ctx: &mut HeapCtx) -> usize {
        core::mem::swap(&mut self.starts, &mut self.marks);
        ctx.starts = self.starts;
        // SAFETY: the maps cover the committed heap; the first line is never free.
        unsafe {
            self.clear_marks();
            *self.lines = 1;
        }
        let mut free = 0;
        for (b, count) in self.blocks.iter_mut().enumerate() {
            // SAFETY: as above; marks are 0 or 1, so eight of them add up in a word.
            let used: u64 = unsafe {
                let words = self.lines.add(b * LINES).cast::<u64>();
                let sum = (0..LINES / 8).fold(0u64, |sum, i| sum + words.add(i).read_unaligned());
                sum.to_ne_bytes().iter().map(|n| *n as u64).sum()
            };
            *count = (LINES as u64 - used) as u8;
            free += *count as usize * LINE;
        }
        self.cursor = 0;
        self.free_from = 0;
        self.committed - free
    }

    /// Gives free blocks at the end of the heap back to the system, but for `keep` bytes of them, and no more than `most` bytes,
    /// which take the system a while. Only right after a collection, when the maps of such blocks are zero.
    pub fn trim(&mut self, keep: usize, most: usize) {
        let free = self.blocks.iter().rev().take_while(|free| **free as usize == LINES).count();
        let used = (self.blocks.len() - free) * BLOCK;
        let to = (used + keep).next_multiple_of(STEP).max(self.committed.saturating_sub(most));
        if !self.whole && to < self.committed && self.region.reset(to, self.committed - to).is_ok() {
            self.committed = to;
            self.blocks.truncate(to / BLOCK);
        }
    }
}
