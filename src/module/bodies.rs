//! Validation of function bodies, on several threads when there is enough of it.
//!
//! Bodies are independent of one another, so threads take runs of them from a common counter. Runs are handed out in
//! order and a thread stops at its first error, so everything before the lowest error found has been validated: the
//! error reported does not depend on the threads.

use super::error::LoadError;
use super::limits::Limits;
use super::ops::opens;
use crate::sys::{self, heap};
use std::cell::Cell;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use wasmparser::types::CoreTypeId;
use wasmparser::*;

/// Code below this size is validated faster than threads start.
pub(super) const PARALLEL_BYTES: usize = 1 << 20;
/// Bytes of code in a run.
const RUN_BYTES: u32 = 64 << 10;
pub(super) const MAX_THREADS: usize = 16;

/// A set of function indices.
#[derive(Default)]
pub(super) struct FuncSet {
    /// The first 64, so that small modules need no allocation.
    low: u64,
    high: Vec<u64>,
}

impl FuncSet {
    /// `total` is the size of the index space.
    pub fn insert(&mut self, func: u32, total: u32) {
        match (func as usize / 64).checked_sub(1) {
            None => self.low |= 1 << func,
            Some(word) => {
                if self.high.is_empty() {
                    self.high = vec![0; total as usize / 64];
                }
                self.high[word] |= 1 << (func % 64);
            }
        }
    }

    fn contains(&self, func: u32) -> bool {
        let word = match (func as usize / 64).checked_sub(1) {
            None => self.low,
            Some(word) => self.high.get(word).copied().unwrap_or(0),
        };
        word >> (func % 64) & 1 != 0
    }
}

/// What the parser's validator knows of the module, and the exports.
struct Resources<'a> {
    inner: &'a ValidatorResources,
    exported: &'a FuncSet,
}

impl WasmModuleResources for Resources<'_> {
    fn is_function_referenced(&self, idx: u32) -> bool {
        self.exported.contains(idx) || self.inner.is_function_referenced(idx)
    }

    fn table_at(&self, at: u32) -> Option<TableType> {
        self.inner.table_at(at)
    }

    fn memory_at(&self, at: u32) -> Option<MemoryType> {
        self.inner.memory_at(at)
    }

    fn tag_at(&self, at: u32) -> Option<&FuncType> {
        self.inner.tag_at(at)
    }

    fn global_at(&self, at: u32) -> Option<GlobalType> {
        self.inner.global_at(at)
    }

    fn sub_type_at(&self, at: u32) -> Option<&SubType> {
        self.inner.sub_type_at(at)
    }

    fn sub_type_at_id(&self, id: CoreTypeId) -> &SubType {
        self.inner.sub_type_at_id(id)
    }

    fn type_id_of_function(&self, at: u32) -> Option<CoreTypeId> {
        self.inner.type_id_of_function(at)
    }

    fn type_index_of_function(&self, at: u32) -> Option<u32> {
        self.inner.type_index_of_function(at)
    }

    fn element_type_at(&self, at: u32) -> Option<RefType> {
        self.inner.element_type_at(at)
    }

    fn is_subtype(&self, a: ValType, b: ValType) -> bool {
        self.inner.is_subtype(a, b)
    }

    fn is_shared(&self, ty: RefType) -> bool {
        self.inner.is_shared(ty)
    }

    fn check_heap_type(&self, ty: &mut HeapType, offset: u64) -> Result<()> {
        self.inner.check_heap_type(ty, offset)
    }

    fn top_type(&self, ty: &HeapType) -> HeapType {
        self.inner.top_type(ty)
    }

    fn element_count(&self) -> u32 {
        self.inner.element_count()
    }

    fn data_count(&self) -> Option<u32> {
        self.inner.data_count()
    }

    fn has_function_exact_type(&self, idx: u32) -> bool {
        self.inner.has_function_exact_type(idx)
    }
}

/// Validates all bodies of a module; `first` is the first defined function.
pub(super) fn validate(
    bytes: &[u8],
    bodies: &[Range<u32>],
    first: &FuncToValidate<ValidatorResources>,
    exported: &FuncSet,
    features: WasmFeatures,
    limits: &Limits,
) -> std::result::Result<(), LoadError> {
    let job = Job {
        bytes,
        bodies,
        first: first.index,
        resources: Resources { inner: &first.resources, exported },
        features,
        max_nesting: (limits.function_nesting < u32::MAX).then_some(limits.function_nesting),
        max_locals: (limits.function_locals < Limits::DEFAULT.function_locals).then_some(limits.function_locals),
    };
    let size = bodies.last().map_or(0, |b| b.end) - bodies.first().map_or(0, |b| b.start);
    if size as usize >= PARALLEL_BYTES { job.parallel(size as usize) } else { job.sequential() }
}

thread_local! {
    /// What the validator allocated for the last small module, for the next one.
    static SCRATCH: Cell<FuncValidatorAllocations> = Cell::default();
}

struct Job<'a> {
    bytes: &'a [u8],
    bodies: &'a [Range<u32>],
    first: u32,
    resources: Resources<'a>,
    features: WasmFeatures,
    /// A limit below the parser's own.
    max_locals: Option<u32>,
    max_nesting: Option<u32>,
}

type Fallible = std::result::Result<(), LoadError>;

impl Job<'_> {
    fn sequential(&self) -> Fallible {
        let mut allocations = SCRATCH.take();
        let result = (0..self.bodies.len()).try_for_each(|i| self.one(i, &mut allocations));
        if self.bodies.len() < 100 && self.bodies.iter().all(|b| b.end - b.start < 1 << 10) {
            SCRATCH.set(allocations);
        }
        result
    }

    fn parallel(&self, size: usize) -> Fallible {
        let cores = thread::available_parallelism().map_or(1, |n| n.get());
        let helpers = cores.min(MAX_THREADS).min(size / PARALLEL_BYTES + 1) - 1;
        if helpers == 0 {
            return self.sequential();
        }
        let runs = self.runs();
        let next = AtomicUsize::new(0);
        // The lowest body that failed, and why.
        let failed = Mutex::new(None::<(usize, LoadError)>);
        let failed_run = AtomicUsize::new(usize::MAX);
        let work = || {
            let mut allocations = FuncValidatorAllocations::default();
            loop {
                let run = next.fetch_add(1, Relaxed);
                if run >= runs.len() || run > failed_run.load(Relaxed) {
                    return;
                }
                for i in runs[run].clone() {
                    if let Err(e) = self.one(i, &mut allocations) {
                        failed_run.fetch_min(run, Relaxed);
                        let mut failed = failed.lock().expect("no panic while the lock is held");
                        if failed.as_ref().is_none_or(|f| i < f.0) {
                            *failed = Some((i, e));
                        }
                        return;
                    }
                }
            }
        };
        // Room for stacks of blocks and operands as `Walk::body` has asked for, but in the thread that needs it: the system's
        // allocator may have memory for one thread and none for another.
        let largest = largest(self.bodies);
        let help = || {
            if heap::has_room(largest.saturating_mul(128)) {
                work();
            }
        };
        thread::scope(|scope| {
            for _ in 0..helpers {
                // Where no thread can be had this one does all the work.
                if sys::without_signals(|| thread::Builder::new().spawn_scoped(scope, help)).is_err() {
                    break;
                }
            }
            work();
        });
        match failed.into_inner().expect("no panic while the lock is held") {
            Some((_, e)) => Err(e),
            None => Ok(()),
        }
    }

    /// The bodies in runs of about `RUN_BYTES`.
    fn runs(&self) -> Vec<Range<usize>> {
        let mut runs = Vec::new();
        let mut start = 0;
        for i in 0..self.bodies.len() {
            if self.bodies[i].end - self.bodies[start].start >= RUN_BYTES {
                runs.push(start..i + 1);
                start = i + 1;
            }
        }
        runs.push(start..self.bodies.len());
        runs
    }

    fn one(&self, i: usize, allocations: &mut FuncValidatorAllocations) -> Fallible {
        let range = &self.bodies[i];
        let bytes = &self.bytes[range.start as usize..range.end as usize];
        let body = FunctionBody::new(BinaryReader::new_features(bytes, range.start as u64, self.features));
        let index = self.first + i as u32;
        let ty = self.resources.type_index_of_function(index).expect("as many functions as bodies");
        if let Some(max) = self.max_locals {
            self.check_locals(&body, ty, max)?;
        }
        if let Some(max) = self.max_nesting {
            check_nesting(&body, max)?;
        }
        let func = FuncToValidate { resources: &self.resources, index, ty, features: self.features };
        let mut validator = func.into_validator(std::mem::take(allocations));
        validator.validate(&body)?;
        *allocations = validator.into_allocations();
        Ok(())
    }

    fn check_locals(&self, body: &FunctionBody<'_>, ty: u32, max: u32) -> Fallible {
        let params = self.resources.sub_type_at(ty).map_or(0, |t| t.unwrap_func().params().len());
        let mut total = params as u64;
        for run in body.get_locals_reader()? {
            total += run?.0 as u64;
        }
        if total > max as u64 {
            return Err(LoadError::limit("locals count", max as usize, body.range().start));
        }
        Ok(())
    }
}

/// Bytes of the largest body.
pub(super) fn largest(bodies: &[Range<u32>]) -> usize {
    bodies.iter().map(|body| (body.end - body.start) as usize).max().unwrap_or(0)
}

fn check_nesting(body: &FunctionBody<'_>, max: u32) -> Fallible {
    let mut depth = 0u32;
    for op in body.get_operators_reader()? {
        match op? {
            ref op if opens(op) => depth += 1,
            Operator::End | Operator::Delegate { .. } => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > max {
            return Err(LoadError::limit("nesting of blocks", max as usize, body.range().start));
        }
    }
    Ok(())
}
