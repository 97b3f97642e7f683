//! Threads in a process that belongs to somebody else: those that the library starts, and the host's that call it.
//!
//! The library's own threads take no signals, keep the library loaded for good (a host may `dlclose` it at any time, and code
//! must not vanish under a thread), and are not in the middle of anything when the process forks: a child has none of them, but
//! a copy of every lock as it was.
//!
//! Of the host's threads it is asked how much stack they have, so that guest and host that call each other in turn are stopped
//! before the end of it.

#[cfg(unix)]
use core::ffi::{c_char, c_int, c_void};
#[cfg(unix)]
use core::sync::atomic::{AtomicUsize, Ordering};

/// Room for a `sigset_t` of any Unix.
#[cfg(unix)]
pub(super) type SignalSet = [u64; 32];

/// Room for a `pthread_attr_t`.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[repr(C, align(16))]
struct Attributes([u8; 256]);

/// What `dladdr` says of an address.
#[cfg(unix)]
#[repr(C)]
struct SharedObject {
    file: *const c_char,
    base: *mut c_void,
    symbol: *const c_char,
    symbol_at: *mut c_void,
}

// SAFETY: as the system's headers declare them, with sets and attributes that are large enough anywhere.
#[cfg(unix)]
unsafe extern "C" {
    fn sigfillset(set: *mut SignalSet) -> c_int;
    pub(super) fn pthread_sigmask(how: c_int, set: *const SignalSet, old: *mut SignalSet) -> c_int;
    fn dladdr(at: *const c_void, out: *mut SharedObject) -> c_int;
    fn dlopen(file: *const c_char, flags: c_int) -> *mut c_void;
    fn pthread_atfork(
        prepare: Option<unsafe extern "C" fn()>,
        parent: Option<unsafe extern "C" fn()>,
        child: Option<unsafe extern "C" fn()>,
    ) -> c_int;
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod constants {
    use core::ffi::c_int;
    pub const SIG_SETMASK: c_int = 2;
    pub const RTLD_NOLOAD: c_int = 4;
    pub const RTLD_NODELETE: c_int = 0x1000;
}
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
mod constants {
    use core::ffi::c_int;
    pub const SIG_SETMASK: c_int = 3;
    pub const RTLD_NOLOAD: c_int = 0x10;
    pub const RTLD_NODELETE: c_int = 0x80;
}
#[cfg(unix)]
const RTLD_LAZY: c_int = 1;

/// Runs `f`, which starts a thread of the library's: with all signals blocked, so that the thread takes none (they are for the
/// host's own), and with the library loaded for good.
pub fn without_signals<T>(f: impl FnOnce() -> T) -> T {
    #[cfg(unix)]
    {
        stay_loaded();
        let (mut all, mut old) = ([0; 32], [0; 32]);
        // SAFETY: both sets have room for more than the system writes, and the old mask comes back below.
        let blocked =
            unsafe { sigfillset(&mut all) == 0 && pthread_sigmask(constants::SIG_SETMASK, &all, &mut old) == 0 };
        let result = f();
        if blocked {
            // SAFETY: the mask that was in force before.
            unsafe { pthread_sigmask(constants::SIG_SETMASK, &old, core::ptr::null_mut()) };
        }
        result
    }
    #[cfg(not(unix))]
    f()
}

/// Sees to it that the shared library with this code is never unloaded, if it is in one.
#[cfg(unix)]
pub fn stay_loaded() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let null: *mut c_void = core::ptr::null_mut();
        let mut object = SharedObject { file: null.cast(), base: null, symbol: null.cast(), symbol_at: null };
        let flags = RTLD_LAZY | constants::RTLD_NOLOAD | constants::RTLD_NODELETE;
        // SAFETY: `object` has room for the answer; its file name is the loader's, which loads nothing here: it only
        // notes that the object stays. A program that is not a shared object needs no such note.
        unsafe {
            if dladdr(stay_loaded as *const c_void, &mut object) != 0 && !object.file.is_null() {
                dlopen(object.file, flags);
            }
            pthread_atfork(Some(before_fork), Some(after_fork), Some(after_fork_in_child));
        }
    });
}

/// Threads of the library that use what others use too, and forks that wait for them.
#[cfg(unix)]
static AT_WORK: AtomicUsize = AtomicUsize::new(0);
#[cfg(unix)]
static FORKS: AtomicUsize = AtomicUsize::new(0);

/// As long as it lives, the process does not fork.
pub struct AtWork(());

/// What a thread of the library's says before it uses (locks, above all) what the host's threads use as well. Not for long: a
/// fork waits for it. Not to be nested.
pub fn at_work() -> AtWork {
    #[cfg(unix)]
    loop {
        while FORKS.load(Ordering::SeqCst) != 0 {
            std::thread::yield_now();
        }
        AT_WORK.fetch_add(1, Ordering::SeqCst);
        if FORKS.load(Ordering::SeqCst) == 0 {
            break;
        }
        AT_WORK.fetch_sub(1, Ordering::SeqCst);
    }
    AtWork(())
}

impl Drop for AtWork {
    fn drop(&mut self) {
        #[cfg(unix)]
        AT_WORK.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(unix)]
unsafe extern "C" fn before_fork() {
    FORKS.fetch_add(1, Ordering::SeqCst);
    let mut tries = 0;
    while AT_WORK.load(Ordering::SeqCst) != 0 {
        tries += 1;
        match tries {
            0..100 => std::thread::yield_now(),
            _ => std::thread::sleep(std::time::Duration::from_micros(100)),
        }
    }
}

#[cfg(unix)]
unsafe extern "C" fn after_fork() {
    FORKS.fetch_sub(1, Ordering::SeqCst);
}

#[cfg(unix)]
unsafe extern "C" fn after_fork_in_child() {
    // Another thread that was about to fork is not here.
    FORKS.store(0, Ordering::SeqCst);
}

/// A number that the calling thread shares with no other one that is alive.
#[inline(always)]
pub fn thread_mark() -> usize {
    #[cfg(all(target_arch = "x86_64", any(target_os = "linux", target_os = "android")))]
    {
        let mark;
        // SAFETY: the first word of a thread's control block is its own address, by the ABI.
        unsafe { core::arch::asm!("mov {}, fs:0", out(reg) mark, options(nostack, preserves_flags, readonly, pure)) };
        mark
    }
    #[cfg(not(all(target_arch = "x86_64", any(target_os = "linux", target_os = "android"))))]
    {
        thread_local!(static MARK: u8 = const { 0 });
        MARK.with(|m| core::ptr::from_ref(m) as usize)
    }
}

/// The stack pointer, or an address near it.
#[cfg(jit)]
#[inline(always)]
pub fn stack_pointer() -> usize {
    let sp;
    // SAFETY: a register is read.
    unsafe { core::arch::asm!("mov {}, rsp", out(reg) sp, options(nostack, preserves_flags, nomem)) };
    sp
}

/// The lowest address of the calling thread's stack and the one behind the highest, if the system tells. Code may still run on
/// another stack: a coroutine's, say, or one for signals.
pub fn thread_stack() -> Option<(usize, usize)> {
    thread_local!(static KNOWN: core::cell::Cell<Option<(usize, usize)>> = const { core::cell::Cell::new(None) });
    if let Some(known) = KNOWN.get() {
        return Some(known);
    }
    #[cfg(all(target_os = "linux", target_env = "gnu", target_pointer_width = "64"))]
    let found = first_stack().or_else(find_thread_stack);
    #[cfg(not(all(target_os = "linux", target_env = "gnu", target_pointer_width = "64")))]
    let found = find_thread_stack();
    KNOWN.set(found);
    found
}

/// The part of the stack of the process's first thread that is sure to be there, if that is what this runs on. For this thread
/// [`find_thread_stack`] has the C library read the list of the process's mappings, which takes longer than a short guest.
#[cfg(all(target_os = "linux", target_env = "gnu", target_pointer_width = "64"))]
fn first_stack() -> Option<(usize, usize)> {
    // SAFETY: as the loader and the C library declare them; the variable is set before anything else runs.
    unsafe extern "C" {
        static __libc_stack_end: usize;
        fn getrlimit(resource: c_int, out: *mut [u64; 2]) -> c_int;
    }
    const RLIMIT_STACK: c_int = 3;
    /// When a program starts, the kernel keeps a gap of twice as much below the stack, whatever its limit is. The limit may have
    /// been raised since, when something else may lie further below.
    const SURE: u64 = 64 << 20;
    let mut limits = [0; 2];
    // SAFETY: by the above; there is room for the answer.
    let (end, known) = unsafe { (__libc_stack_end, getrlimit(RLIMIT_STACK, &mut limits) == 0) };
    let low = end.checked_sub(limits[0].min(SURE) as usize).filter(|_| known)?;
    let here = 0u8;
    (low..end).contains(&(&raw const here as usize)).then_some((low, end))
}

fn find_thread_stack() -> Option<(usize, usize)> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        // SAFETY: as the system's headers declare them.
        unsafe extern "C" {
            fn pthread_self() -> usize;
            fn pthread_getattr_np(thread: usize, attributes: *mut Attributes) -> c_int;
            fn pthread_attr_getstack(attributes: *const Attributes, at: *mut usize, size: *mut usize) -> c_int;
            fn pthread_attr_getguardsize(attributes: *const Attributes, size: *mut usize) -> c_int;
            fn pthread_attr_destroy(attributes: *mut Attributes) -> c_int;
        }
        let mut attributes = Attributes([0; 256]);
        let (mut low, mut size, mut guard) = (0, 0, 0);
        // SAFETY: the attributes are large enough, used only if the system has filled them, and destroyed once.
        let known = unsafe {
            if pthread_getattr_np(pthread_self(), &mut attributes) != 0 {
                return None;
            }
            let known = pthread_attr_getstack(&attributes, &mut low, &mut size) == 0;
            pthread_attr_getguardsize(&attributes, &mut guard);
            pthread_attr_destroy(&mut attributes);
            known
        };
        // Some libraries count the guard in.
        let low = low.saturating_add(if cfg!(target_env = "gnu") { 0 } else { guard });
        known.then_some((low, low.saturating_add(size)))
    }
    #[cfg(target_vendor = "apple")]
    {
        // SAFETY: as the system's headers declare them.
        unsafe extern "C" {
            fn pthread_self() -> usize;
            fn pthread_get_stackaddr_np(thread: usize) -> usize;
            fn pthread_get_stacksize_np(thread: usize) -> usize;
        }
        // SAFETY: questions about the calling thread.
        let (high, size) =
            unsafe { (pthread_get_stackaddr_np(pthread_self()), pthread_get_stacksize_np(pthread_self())) };
        Some((high.checked_sub(size)?, high))
    }
    #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
    None
}

/// Tells valgrind, under which the process may run, that a range of addresses is a stack; gives a number for
/// [`stack_is_gone`]. It would take a change to a stack nearby for growth of the one before, and all between for garbage.
#[cfg(jit)]
pub fn stack_is_here(low: usize, high: usize) -> usize {
    valgrind_request([0x1501, low, high])
}

/// A stack is none any more.
#[cfg(jit)]
pub fn stack_is_gone(number: usize) {
    valgrind_request([0x1502, number, 0]);
}

/// Whether valgrind runs the process.
#[cfg(jit)]
pub fn is_under_valgrind() -> bool {
    valgrind_request([0x1001, 0, 0]) != 0
}

/// A request to valgrind: the rotations add up to nothing on a processor.
#[cfg(jit)]
fn valgrind_request(request: [usize; 3]) -> usize {
    let words = [request[0], request[1], request[2], 0, 0, 0];
    let mut answer = 0usize;
    // SAFETY: nothing happens but by valgrind, which reads the words and sets rdx.
    unsafe {
        core::arch::asm!(
            "rol rdi, 3", "rol rdi, 13", "rol rdi, 61", "rol rdi, 51", "xchg rbx, rbx",
            in("rax") &words, inout("rdx") answer, inout("rdi") 0usize => _,
        );
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    #[test]
    fn a_thread_knows_its_stack() {
        let here = || {
            let local = 0u8;
            let (at, (low, high)) = (&raw const local as usize, thread_stack().unwrap());
            assert!(low < at && at < high, "{low:x} {at:x} {high:x}");
            (high - low, thread_mark())
        };
        let own = here();
        let other = std::thread::Builder::new().stack_size(200 << 10).spawn(here).unwrap().join().unwrap();
        assert!((200 << 10..=600 << 10).contains(&other.0), "{other:?}");
        assert_ne!(own.1, other.1);
        assert_eq!(own, here());
    }

    #[test]
    fn work_and_forks_take_turns() {
        drop(at_work());
        #[cfg(unix)]
        {
            stay_loaded();
            // SAFETY: as the system calls them, though nothing forks.
            unsafe { before_fork() };
            let worker = std::thread::spawn(|| drop(at_work()));
            std::thread::sleep(std::time::Duration::from_millis(5));
            assert!(!worker.is_finished());
            // SAFETY: as above.
            unsafe { after_fork() };
            worker.join().unwrap();
        }
    }
}
