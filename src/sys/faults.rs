//! Faults of code that the library makes: one handler for SIGSEGV and SIGBUS in a process that is somebody else's.
//!
//! Machine code leaves bounds checks out where pages behind a memory cannot be touched. The handler is there as long as such code
//! exists ([`watch`]). It looks at the faulting instruction's address first: only what lies in code that is watched is
//! shown to the claim of that code, everything else goes to whoever was there before, just as the system would have called him: with
//! his mask, his flags and his idea of an action that works once. When the last code is gone the handlers are as they were,
//! unless somebody has come after us. He may have been told of us and pass on to us what is not his, so our handler stays
//! able to do the same, and when one is needed again, it is another one, with a memory of its own: no circle comes of it.
//!
//! Everything the handler does is atomic reads; it takes no lock and allocates nothing.

use super::threads::{self, SignalSet};
use core::cell::UnsafeCell;
use core::ffi::{c_int, c_void};
use core::mem::MaybeUninit;
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A fault in watched code.
pub struct Fault {
    pub pc: usize,
    /// What could not be touched.
    pub address: usize,
    /// By the numbers of the instruction set.
    pub registers: [usize; 16],
}

/// How a claimed fault goes on: at another place, with a word pushed on the stack.
pub struct Resume {
    pub pc: usize,
    pub push: usize,
}

/// Decides about a fault in watched code. Runs in a signal handler.
pub type Claim = unsafe fn(&Fault) -> Option<Resume>;

const SIGNALS: [c_int; 2] = [11, 7];
const SIG_DFL: usize = 0;
const SIG_IGN: usize = 1;
const SA_SIGINFO: c_int = 4;
const SA_ONSTACK: c_int = 0x0800_0000;
const SA_RESTART: c_int = 0x1000_0000;
const SA_NODEFER: c_int = 0x4000_0000;
const SA_RESETHAND: c_int = c_int::MIN;
const SIG_BLOCK: c_int = 0;
const SIG_UNBLOCK: c_int = 1;

type Mask = [u64; 16];

/// `struct sigaction` of the C libraries for Linux on x86-64.
#[repr(C)]
#[derive(Clone, Copy)]
struct Action {
    handler: usize,
    mask: Mask,
    flags: c_int,
    restorer: usize,
}

/// The head of `siginfo_t`.
#[repr(C)]
struct Info {
    signal: c_int,
    errno: c_int,
    code: c_int,
    _pad: c_int,
    address: usize,
}

/// The head of `ucontext_t`.
#[repr(C)]
struct Context {
    flags: usize,
    link: usize,
    stack: [usize; 3],
    /// r8 to r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip.
    registers: [usize; 17],
}

const RSP: usize = 15;
const RIP: usize = 16;
/// Places of rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8 and so on.
const BY_NUMBER: [usize; 16] = [13, 14, 12, 11, 15, 10, 9, 8, 0, 1, 2, 3, 4, 5, 6, 7];

// SAFETY: as the system's headers declare them.
unsafe extern "C" {
    fn sigaction(signal: c_int, new: *const Action, old: *mut Action) -> c_int;
    fn raise(signal: c_int) -> c_int;
}

// ---------------------------------------------------------------------------------------------------------------------
// What is watched

/// A range of code: free when `start` is 0.
struct Slot {
    start: AtomicUsize,
    end: AtomicUsize,
    claim: AtomicUsize,
}

/// Slots, never freed, and where there are more.
struct Slots {
    slots: [Slot; 64],
    next: AtomicPtr<Slots>,
}

static WATCHED: Slots = Slots::new();

impl Slots {
    const fn new() -> Slots {
        const FREE: Slot = Slot { start: AtomicUsize::new(0), end: AtomicUsize::new(0), claim: AtomicUsize::new(0) };
        Slots { slots: [const { FREE }; 64], next: AtomicPtr::new(ptr::null_mut()) }
    }

    fn each(&'static self) -> impl Iterator<Item = &'static Slot> {
        let mut slots = Some(self);
        core::iter::from_fn(move || {
            let now = slots?;
            // SAFETY: slots are never freed.
            slots = unsafe { now.next.load(Ordering::Acquire).as_ref() };
            Some(now)
        })
        .flat_map(|s| s.slots.iter())
    }
}

/// The claim of the code at `pc`.
fn claim_of(pc: usize) -> Option<Claim> {
    let slot = WATCHED.each().find(|s| {
        let start = s.start.load(Ordering::Acquire);
        start != 0 && start <= pc && pc < s.end.load(Ordering::Acquire)
    })?;
    let claim = slot.claim.load(Ordering::Acquire);
    // SAFETY: slots that are in use have the address of a `Claim`; a claim outlives all code.
    (claim != 0).then(|| unsafe { core::mem::transmute::<usize, Claim>(claim) })
}

/// Code that is watched, until this is dropped.
pub struct Watch(&'static Slot);

/// Watches a range of code, of which a fault goes to `claim` first. `None` where there is no way to have a handler.
pub fn watch(start: usize, len: usize, claim: Claim) -> Option<Watch> {
    if !is_available() {
        return None;
    }
    let mut state = lock();
    if state.users == 0 && !state.install() {
        return None;
    }
    state.users += 1;
    let slot = WATCHED.each().find(|s| s.start.load(Ordering::Relaxed) == 0);
    let slot = slot.unwrap_or_else(|| {
        let more: &'static Slots = Box::leak(Box::new(Slots::new()));
        let mut last = &WATCHED;
        // SAFETY: slots are never freed.
        while let Some(next) = unsafe { last.next.load(Ordering::Acquire).as_ref() } {
            last = next;
        }
        last.next.store(ptr::from_ref(more).cast_mut(), Ordering::Release);
        &more.slots[0]
    });
    slot.end.store(start + len, Ordering::Release);
    slot.claim.store(claim as usize, Ordering::Release);
    slot.start.store(start, Ordering::Release);
    Some(Watch(slot))
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.start.store(0, Ordering::Release);
        let mut state = lock();
        state.users -= 1;
        if state.users == 0 {
            state.uninstall();
        }
    }
}

/// Whether faults can be handled here: not under valgrind, which counts each as a mistake.
fn is_available() -> bool {
    static UNDER_VALGRIND: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    !*UNDER_VALGRIND.get_or_init(threads::is_under_valgrind)
}

/// Whether anybody has said that code is to be watched.
static EXPECTED: AtomicBool = AtomicBool::new(false);

/// There is going to be code that is watched, if there is a way to have a handler: see there.
pub fn expect() -> bool {
    let available = is_available();
    if available {
        EXPECTED.store(true, Ordering::Relaxed);
    }
    available
}

/// Sees to it that the calling thread takes faults, if there may be watched code: the system ends a process whose thread has a
/// fault that it blocks.
pub fn unblock() {
    if EXPECTED.load(Ordering::Relaxed) {
        let mut set: SignalSet = [0; 32];
        SIGNALS.iter().for_each(|s| set[0] |= 1 << (s - 1));
        // SAFETY: a set of two signals.
        unsafe { threads::pthread_sigmask(SIG_UNBLOCK, &set, ptr::null_mut()) };
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Handlers

/// Handlers of ours that may be buried under others' at a time.
const GENERATIONS: usize = 4;

const HANDLERS: [unsafe extern "C" fn(c_int, *mut Info, *mut Context); GENERATIONS] =
    [handler::<0>, handler::<1>, handler::<2>, handler::<3>];

/// Who was there before a handler of ours.
struct Before(UnsafeCell<MaybeUninit<Action>>, AtomicUsize);

// SAFETY: written under the lock before the handler that reads it is installed; then only the second field changes.
unsafe impl Sync for Before {}

static BEFORE: [[Before; GENERATIONS]; 2] =
    [const { [const { Before(UnsafeCell::new(MaybeUninit::uninit()), AtomicUsize::new(SIG_DFL)) }; GENERATIONS] }; 2];

struct State {
    /// Ranges that are watched.
    users: usize,
    /// By signal: handlers of ours that are installed, perhaps under others'.
    installed: [usize; 2],
}

static STATE: Mutex<State> = Mutex::new(State { users: 0, installed: [0; 2] });

fn lock() -> MutexGuard<'static, State> {
    // Whole after every statement.
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is installed for a signal.
fn current(signal: c_int) -> Option<Action> {
    let mut now = MaybeUninit::<Action>::uninit();
    // SAFETY: the system writes the action if the call succeeds.
    unsafe { (sigaction(signal, ptr::null(), now.as_mut_ptr()) == 0).then(|| now.assume_init()) }
}

fn is_ours(action: &Action) -> bool {
    HANDLERS.iter().any(|h| action.handler == *h as *const () as usize)
}

impl State {
    fn install(&mut self) -> bool {
        threads::stay_loaded();
        for (n, &signal) in SIGNALS.iter().enumerate() {
            let Some(now) = current(signal) else { return false };
            if is_ours(&now) {
                continue;
            }
            let Some(&handler) = HANDLERS.get(self.installed[n]) else { return false };
            let before = &BEFORE[n][self.installed[n]];
            // SAFETY: the handler of this number is not installed, so nobody reads.
            unsafe { (*before.0.get()).write(now) };
            before.1.store(now.handler, Ordering::Release);
            // Without a mask: the one of whoever takes the fault is put into force for him.
            let flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | (now.flags & SA_RESTART);
            let ours = Action { handler: handler as *const () as usize, mask: [0; 16], flags, restorer: 0 };
            // SAFETY: a handler for this signal, which stays loaded.
            if unsafe { sigaction(signal, &ours, ptr::null_mut()) } != 0 {
                return false;
            }
            self.installed[n] += 1;
        }
        true
    }

    /// Puts back what was there, where nobody has come after.
    fn uninstall(&mut self) {
        for (n, &signal) in SIGNALS.iter().enumerate() {
            let Some(top) = self.installed[n].checked_sub(1) else { continue };
            let Some(now) = current(signal) else { continue };
            if now.handler != HANDLERS[top] as *const () as usize {
                continue;
            }
            // SAFETY: written when the handler was installed.
            let mut before = unsafe { (*BEFORE[n][top].0.get()).assume_init() };
            before.handler = BEFORE[n][top].1.load(Ordering::Acquire);
            // SAFETY: what the system had before.
            if unsafe { sigaction(signal, &before, ptr::null_mut()) } == 0 {
                self.installed[n] = top;
            }
        }
    }
}

unsafe extern "C" fn handler<const N: usize>(signal: c_int, info: *mut Info, context: *mut Context) {
    // SAFETY: the system passes what it says to handlers with information.
    unsafe {
        if (*info).code > 0 && goes_on(&*info, &mut *context) {
            return;
        }
        let before = &BEFORE[(signal == SIGNALS[1]) as usize][N];
        let action = (*before.0.get()).assume_init_ref();
        let was = match action.flags & SA_RESETHAND {
            0 => before.1.load(Ordering::Acquire),
            _ => before.1.swap(SIG_DFL, Ordering::AcqRel),
        };
        match was {
            SIG_IGN if (*info).code <= 0 => {}
            SIG_DFL | SIG_IGN => {
                // Ends the process, with the fault that it is: the instruction runs again.
                let default = Action { handler: SIG_DFL, mask: [0; 16], flags: 0, restorer: 0 };
                sigaction(signal, &default, ptr::null_mut());
                if (*info).code <= 0 {
                    raise(signal);
                }
            }
            _ => {
                let mut mask: SignalSet = [0; 32];
                mask[..action.mask.len()].copy_from_slice(&action.mask);
                if action.flags & SA_NODEFER == 0 {
                    mask[0] |= 1 << (signal - 1);
                }
                // The system restores the mask when the handler returns.
                threads::pthread_sigmask(SIG_BLOCK, &mask, ptr::null_mut());
                if action.flags & SA_SIGINFO != 0 {
                    let f = core::mem::transmute::<usize, unsafe extern "C" fn(c_int, *mut Info, *mut Context)>(was);
                    f(signal, info, context);
                } else {
                    let f = core::mem::transmute::<usize, unsafe extern "C" fn(c_int)>(was);
                    f(signal);
                }
            }
        }
    }
}

/// Offers a fault to the code that has it.
unsafe fn goes_on(info: &Info, context: &mut Context) -> bool {
    let pc = context.registers[RIP];
    let Some(claim) = claim_of(pc) else { return false };
    let fault = Fault { pc, address: info.address, registers: BY_NUMBER.map(|n| context.registers[n]) };
    // SAFETY: the fault is in the claim's code, whose stack has room for a word.
    unsafe {
        let Some(resume) = claim(&fault) else { return false };
        let sp = context.registers[RSP] - size_of::<usize>();
        (sp as *mut usize).write(resume.push);
        context.registers[RSP] = sp;
        context.registers[RIP] = resume.pc;
    }
    true
}

/// Gives a fault that a handler of the host's has got to the code that has it: whether it has been claimed, and the handler is to
/// return.
///
/// # Safety
/// The arguments are those of a handler with `SA_SIGINFO`.
pub unsafe fn offer(info: *mut c_void, context: *mut c_void) -> bool {
    // SAFETY: by the contract.
    unsafe {
        match (info.cast::<Info>().as_ref(), context.cast::<Context>().as_mut()) {
            (Some(info), Some(context)) => info.code > 0 && goes_on(info, context),
            _ => false,
        }
    }
}
