//! What an engine counts of its code: every module of it adds what it has, and takes it back when it dies.
#![forbid(unsafe_code)]

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Shared by the modules of an engine. Those that are alive, but for the totals.
#[derive(Debug, Default)]
pub struct Counters {
    pub modules: AtomicU64,
    /// Bytes of their binaries, which are kept for lazy translation.
    pub module_bytes: AtomicU64,
    pub translated: Count,
    pub compiled: Count,
    /// Functions that were given to the compiler and stay interpreted.
    pub uncompiled: AtomicU64,
    /// Translations and compilations ever made, and the time of the latter.
    pub translations: AtomicU64,
    pub compilations: AtomicU64,
    pub compile_nanoseconds: AtomicU64,
}

/// Functions, and bytes of their code.
#[derive(Debug, Default)]
pub struct Count {
    pub functions: AtomicU64,
    pub bytes: AtomicU64,
}

impl Count {
    pub fn add(&self, functions: u64, bytes: u64) {
        self.functions.fetch_add(functions, Relaxed);
        self.bytes.fetch_add(bytes, Relaxed);
    }

    pub fn take(&self, functions: u64, bytes: u64) {
        self.functions.fetch_sub(functions, Relaxed);
        self.bytes.fetch_sub(bytes, Relaxed);
    }

    pub fn get(&self) -> (u64, u64) {
        (self.functions.load(Relaxed), self.bytes.load(Relaxed))
    }
}

/// A module's own share of its engine's counters.
#[derive(Debug, Default)]
pub(super) struct Share {
    pub compiled: Count,
    pub uncompiled: AtomicU64,
}
