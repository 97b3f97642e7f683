//! What a guest's world is made of: a configuration, and the context that comes of it.
#![forbid(unsafe_code)]

use super::clock::Clocks;
use super::fs::{Descriptor, Table};
use super::random::Random;
use super::stdio::{Captured, Null, Stream};
use super::thread::Threads;
use super::wake::Wake;
use crate::runtime::{Blocking, Interrupter, Store};
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many unread bytes of captured output are kept unless said otherwise.
const CAPTURE_LIMIT: usize = 1 << 20;

/// How many descriptors a guest may have open unless said otherwise.
const MAX_FDS: u32 = 4096;

/// What the guest may see and touch. At first: no arguments, no environment, empty input, captured output, no files, no
/// sockets, the system's clocks and random numbers, no threads.
pub struct Config {
    pub args: Vec<Vec<u8>>,
    /// Names and values.
    pub env: Vec<(Vec<u8>, Vec<u8>)>,
    pub stdin: Arc<dyn Stream>,
    /// None: captured, for [`World::captured`].
    pub stdout: Option<Arc<dyn Stream>>,
    pub stderr: Option<Arc<dyn Stream>>,
    pub capture_limit: usize,
    /// What descriptors 3 and up are: directories and listening sockets.
    pub preopens: Vec<Descriptor>,
    pub clocks: Clocks,
    pub random: Random,
    /// How many descriptors may be open at a time.
    pub max_fds: u32,
    /// How many threads the guest may have besides its first.
    pub max_threads: u32,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            args: Vec::new(),
            env: Vec::new(),
            stdin: Arc::new(Null),
            stdout: None,
            stderr: None,
            capture_limit: CAPTURE_LIMIT,
            preopens: Vec::new(),
            clocks: Clocks::System,
            random: Random::System,
            max_fds: MAX_FDS,
            max_threads: 0,
        }
    }
}

/// What `proc_exit` leaves in the trap object that ends the guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit(pub u32);

/// A guest's world, shared by its threads.
pub struct World {
    pub args: Vec<Vec<u8>>,
    /// `NAME=value` each.
    pub env: Vec<Vec<u8>>,
    pub table: Table,
    pub clocks: Clocks,
    pub random: Random,
    pub(super) threads: Threads,
    captured: [Option<Arc<Captured>>; 2],
    /// The status that the guest has exited with, above it a bit that says so.
    exit: AtomicU64,
}

const EXITED: u64 = 1 << 32;

impl World {
    fn new(config: Config) -> World {
        let mut captured = [None, None];
        let mut output = |i: usize, given: Option<Arc<dyn Stream>>| {
            given.unwrap_or_else(|| captured[i].insert(Arc::new(Captured::new(config.capture_limit))).clone())
        };
        let (stdout, stderr) = (output(0, config.stdout), output(1, config.stderr));
        let mut first = vec![Descriptor::input(config.stdin), Descriptor::output(stdout), Descriptor::output(stderr)];
        first.extend(config.preopens);
        let env = config.env.into_iter().map(|(name, value)| [name, value].join(&b'=')).collect();
        World {
            args: config.args,
            env,
            table: Table::new(first, config.max_fds),
            clocks: config.clocks,
            random: config.random,
            threads: Threads::new(config.max_threads),
            captured,
            exit: AtomicU64::new(0),
        }
    }

    /// What the guest has written to its standard output (0) or error (1), if that is captured.
    pub fn captured(&self, output: usize) -> Option<&Captured> {
        self.captured.get(output)?.as_deref()
    }

    /// The status of the last `proc_exit`.
    pub fn exit_code(&self) -> Option<u32> {
        let exit = self.exit.load(Ordering::Acquire);
        (exit & EXITED != 0).then_some(exit as u32)
    }

    /// Records the status of `proc_exit`.
    pub(super) fn set_exit_code(&self, code: u32) {
        self.exit.store(EXITED | code as u64, Ordering::Release);
    }

    /// Ends the threads that the guest has started, and waits until they have ended. Not to be called by one of them.
    pub fn end_threads(&self) {
        self.threads.end();
    }

    /// Why a thread of the guest has ended the program, if one has trapped.
    pub fn thread_trap(&self) -> Option<String> {
        self.threads.trap()
    }
}

/// A guest's world as one of its threads sees it, which has a store of its own.
pub struct Ctx {
    world: Arc<World>,
    /// Ends what blocks for this store.
    pub wake: Arc<Wake>,
    pub(super) interrupter: Interrupter,
}

impl Ctx {
    /// A new world, for the guest in a store. If its engine is to be deterministic, what the configuration leaves to the system
    /// is virtual instead: clocks that move on by a microsecond with each reading, and random numbers of seed 0.
    pub fn new(store: &Store, mut config: Config) -> Arc<Ctx> {
        if store.engine().config().deterministic {
            if !config.clocks.is_virtual() {
                config.clocks = Clocks::virtual_from(0, 1000);
            }
            if matches!(config.random, Random::System) {
                config.random = Random::seeded(0);
            }
        }
        let ctx = Ctx::of(store, Arc::new(World::new(config)));
        ctx.threads.set_main(ctx.interrupter.clone());
        ctx
    }

    /// The same world in another store, for another thread.
    pub fn in_store(&self, store: &Store) -> Arc<Ctx> {
        Ctx::of(store, self.world.clone())
    }

    fn of(store: &Store, world: Arc<World>) -> Arc<Ctx> {
        let interrupter = store.interrupter();
        let wake = Arc::new(Wake::new(interrupter.clone()));
        let blocking: Arc<dyn Blocking> = wake.clone();
        interrupter.also_wake(Arc::downgrade(&blocking));
        Arc::new(Ctx { world, wake, interrupter })
    }
}

impl Deref for Ctx {
    type Target = World;
    fn deref(&self) -> &World {
        &self.world
    }
}
