//! What a store may use. Every growth of a memory or table, and every new instance, memory and table asks here first.

#![forbid(unsafe_code)]

/// Upper bounds for one store. The defaults are those of the format itself, or generous.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of each memory.
    pub memory_bytes: u64,
    /// Bytes of all memories of the store together (shared memories count in every store that uses them).
    pub total_memory_bytes: u64,
    /// Bytes of the garbage-collected heap, in whole megabytes; at most 4 GiB, as far as its references reach. What it is
    /// when the first object is made cannot be exceeded later.
    pub heap_bytes: u64,
    /// Elements of each table.
    pub table_elements: u64,
    /// Elements of all tables of the store together.
    pub total_table_elements: u64,
    pub instances: usize,
    pub memories: usize,
    pub tables: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            memory_bytes: u64::MAX,
            total_memory_bytes: u64::MAX,
            heap_bytes: u64::MAX,
            table_elements: 10_000_000,
            total_table_elements: u64::MAX,
            instances: usize::MAX,
            memories: usize::MAX,
            tables: usize::MAX,
        }
    }
}

/// A growth that the store is asked to allow; sizes in bytes for memories, elements for tables. `from` is 0 for new
/// ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Growth {
    Memory { from: u64, to: u64, max: Option<u64> },
    Table { from: u64, to: u64, max: Option<u64> },
}

/// The host's own word on growth: false refuses.
pub type GrowthHook = Box<dyn FnMut(Growth) -> bool + Send>;
