//! Threads that wait for an address (threads proposal, "Wait and Notify"): a parking lot, shared by all stores of the process.
//!
//! Waiting threads are queued by address in one of a fixed number of buckets, each a list under a lock. The check
//! whether to wait at all is made under that lock, and a thread that notifies takes it too: whoever changes memory and
//! then notifies either comes before the check, which then sees the change, or finds the waiting thread in the list. Why
//! a thread was woken is written under the lock before its condition variable is signalled, so spurious wake-ups go back
//! to sleep, and the woken are exactly those that `notify` counted.
//!
//! [`interrupt`] has a thread look, by who it waits for instead of where, whether its wait is still wanted. It can be lost in no way:
//! an interrupter first raises a flag that is looked at before the wait too, and then takes every lock in turn. Nor can it come too
//! late: when the guest has noticed the stop elsewhere and waits again, the flag is down, and the thread never left its queue.

#![forbid(unsafe_code)]

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Notified,
    TimedOut,
    /// By [`interrupt`].
    Interrupted,
    /// The check said not to wait, or a stop was wanted before.
    Declined,
}

/// `Waiter::woken` of a thread that has been notified, and is in no queue any more.
const NOTIFIED: u8 = 1;
/// The same of a thread that is to look whether a stop is wanted, and may stay.
const LOOK: u8 = 2;

struct Waiter {
    address: usize,
    owner: usize,
    /// The outcome, 0 while there is none; [`LOOK`]. Written under the bucket's lock.
    woken: AtomicU8,
    signal: Condvar,
}

type Bucket = Mutex<VecDeque<Arc<Waiter>>>;

const BUCKETS: usize = 64;
static LOT: [Bucket; BUCKETS] = [const { Mutex::new(VecDeque::new()) }; BUCKETS];

fn lock(address: usize) -> MutexGuard<'static, VecDeque<Arc<Waiter>>> {
    // Neighbouring words, whatever their size, go to different buckets.
    let hash = (address >> 2).wrapping_mul(0x9e37_79b9_7f4a_7c15_u64 as usize) >> (usize::BITS - BUCKETS.ilog2());
    LOT[hash].lock().unwrap_or_else(|e| e.into_inner())
}

/// Waits until `address` is notified, on behalf of `owner`, for at most `timeout`, or until `is_stopped` when [`interrupt`] has it
/// looked at. `check` runs once, before, and says whether to wait. Neither may use the lot.
pub fn wait(
    address: usize,
    owner: usize,
    timeout: Option<Duration>,
    is_stopped: impl Fn() -> bool,
    check: impl FnOnce() -> bool,
) -> Outcome {
    let mut bucket = lock(address);
    if is_stopped() || !check() {
        return Outcome::Declined;
    }
    // An end so far away that the clock cannot tell it is never reached.
    let end = timeout.and_then(|t| Instant::now().checked_add(t));
    let waiter = Arc::new(Waiter { address, owner, woken: AtomicU8::new(0), signal: Condvar::new() });
    bucket.push_back(waiter.clone());
    loop {
        match waiter.woken.swap(0, Ordering::Relaxed) {
            NOTIFIED => return Outcome::Notified,
            LOOK if is_stopped() => {
                bucket.retain(|w| !Arc::ptr_eq(w, &waiter));
                return Outcome::Interrupted;
            }
            _ => {}
        }
        bucket = match end.map(|end| end.saturating_duration_since(Instant::now())) {
            None => waiter.signal.wait(bucket).unwrap_or_else(|e| e.into_inner()),
            Some(Duration::ZERO) => {
                bucket.retain(|w| !Arc::ptr_eq(w, &waiter));
                return Outcome::TimedOut;
            }
            Some(left) => waiter.signal.wait_timeout(bucket, left).unwrap_or_else(|e| e.into_inner()).0,
        };
    }
}

/// Wakes up to `count` threads that wait for `address`, those first that waited first; returns how many.
pub fn notify(address: usize, count: u32) -> u32 {
    let mut woken = 0;
    lock(address).retain(|w| {
        let chosen = woken < count && w.address == address;
        if chosen {
            w.woken.store(NOTIFIED, Ordering::Relaxed);
            w.signal.notify_one();
            woken += 1;
        }
        !chosen
    });
    woken
}

/// Ends every wait on behalf of `owner` that is to stop.
pub fn interrupt(owner: usize) {
    for bucket in &LOT {
        let bucket = bucket.lock().unwrap_or_else(|e| e.into_inner());
        for w in bucket.iter().filter(|w| w.owner == owner) {
            w.woken.store(LOOK, Ordering::Relaxed);
            w.signal.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, AtomicUsize};
    use std::thread;

    /// Runs `f` until it is true.
    fn until(f: impl Fn() -> bool) {
        while !f() {
            thread::yield_now();
        }
    }

    fn waiting(address: usize) -> usize {
        lock(address).iter().filter(|w| w.address == address).count()
    }

    #[test]
    fn declines_times_out_and_forgets() {
        assert_eq!(wait(0x1000, 0, None, || false, || false), Outcome::Declined);
        assert_eq!(wait(0x1000, 0, Some(Duration::ZERO), || false, || true), Outcome::TimedOut);
        let start = Instant::now();
        assert_eq!(wait(0x1000, 0, Some(Duration::from_millis(5)), || false, || true), Outcome::TimedOut);
        assert!(start.elapsed() >= Duration::from_millis(5));
        assert_eq!(notify(0x1000, u32::MAX), 0);
        assert_eq!(waiting(0x1000), 0);
    }

    #[test]
    fn notifies_as_many_as_asked_for_at_one_address() {
        thread::scope(|s| {
            let threads: Vec<_> = (0..3).map(|_| s.spawn(|| wait(0x2000, 0, None, || false, || true))).collect();
            let other = s.spawn(|| wait(0x2004, 0, Some(Duration::MAX), || false, || true));
            until(|| waiting(0x2000) == 3 && waiting(0x2004) == 1);
            assert_eq!(notify(0x2000, 0), 0);
            assert_eq!(notify(0x2000, 2), 2);
            assert_eq!(waiting(0x2000), 1);
            assert_eq!(notify(0x2000, 2), 1);
            assert_eq!(notify(0x2004, 1), 1);
            for t in threads {
                assert_eq!(t.join().unwrap(), Outcome::Notified);
            }
            assert_eq!(other.join().unwrap(), Outcome::Notified);
        });
    }

    #[test]
    fn interrupts_by_owner() {
        let stop = AtomicBool::new(false);
        thread::scope(|s| {
            let mine = s.spawn(|| wait(0x3000, 7, None, || stop.load(Ordering::SeqCst), || true));
            let theirs = s.spawn(|| wait(0x3000, 8, None, || false, || true));
            until(|| waiting(0x3000) == 2);
            stop.store(true, Ordering::SeqCst);
            interrupt(7);
            assert_eq!(mine.join().unwrap(), Outcome::Interrupted);
            assert_eq!(wait(0x3000, 7, None, || stop.load(Ordering::SeqCst), || true), Outcome::Declined);
            assert_eq!(notify(0x3000, 1), 1);
            assert_eq!(theirs.join().unwrap(), Outcome::Notified);
        });
    }

    /// A stop that was noticed before the wait leaves it alone, and in its place.
    #[test]
    fn late_interrupts_end_nothing() {
        thread::scope(|s| {
            let first = s.spawn(|| wait(0x5000, 9, None, || false, || true));
            until(|| waiting(0x5000) == 1);
            let second = s.spawn(|| wait(0x5000, 10, None, || false, || true));
            until(|| waiting(0x5000) == 2);
            for _ in 0..100 {
                interrupt(9);
                thread::yield_now();
            }
            assert_eq!(waiting(0x5000), 2);
            assert_eq!(notify(0x5000, 1), 1);
            assert_eq!(first.join().unwrap(), Outcome::Notified);
            assert_eq!(notify(0x5000, 1), 1);
            assert_eq!(second.join().unwrap(), Outcome::Notified);
        });
    }

    /// Two threads hand a token to and fro; a lost wake-up would hang them.
    #[test]
    fn no_wake_up_is_lost() {
        let turn = AtomicUsize::new(0);
        let play = |me: usize| {
            for _ in 0..2000 {
                while turn.load(Ordering::SeqCst) != me {
                    wait(0x4000, me, None, || false, || turn.load(Ordering::SeqCst) != me);
                }
                turn.store(1 - me, Ordering::SeqCst);
                notify(0x4000, 1);
            }
        };
        thread::scope(|s| {
            s.spawn(|| play(0));
            s.spawn(|| play(1));
        });
    }
}
