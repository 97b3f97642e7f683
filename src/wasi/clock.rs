//! Clocks: the system's, or virtual ones for runs that must repeat.
//!
//! A virtual clock starts where it is told, moves on by a fixed step with every reading, and jumps over every sleep at
//! once; so a guest sees the same times on every run. All four clocks of WASI show the same virtual time, from 0 on but
//! for the real-time one.
#![forbid(unsafe_code)]

use super::p1::types::{ClockId, Errno};
use rustix::time::{ClockId as Sys, Timespec, clock_getres, clock_gettime};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub enum Clocks {
    System,
    Virtual { start: u64, step: u64, passed: AtomicU64 },
}

impl Clocks {
    /// A virtual clock whose real time starts at `start` nanoseconds since 1970 and moves on by `step` with each reading.
    pub fn virtual_from(start: u64, step: u64) -> Clocks {
        Clocks::Virtual { start, step, passed: AtomicU64::new(0) }
    }

    /// Nanoseconds.
    pub fn now(&self, id: ClockId) -> Result<u64, Errno> {
        match self {
            Clocks::System => nanoseconds(clock_gettime(system(id))),
            Clocks::Virtual { start, step, passed } => {
                let passed = passed.fetch_add(*step, Ordering::Relaxed);
                Ok(if id == ClockId::Realtime { start.wrapping_add(passed) } else { passed })
            }
        }
    }

    /// The smallest difference that the clock can tell, in nanoseconds.
    pub fn resolution(&self, id: ClockId) -> Result<u64, Errno> {
        match self {
            Clocks::System => Ok(nanoseconds(clock_getres(system(id)))?.max(1)),
            Clocks::Virtual { step, .. } => Ok((*step).max(1)),
        }
    }

    pub fn is_virtual(&self) -> bool {
        matches!(self, Clocks::Virtual { .. })
    }

    /// Lets virtual time pass; the system's passes by itself.
    pub fn skip(&self, time: Duration) {
        if let Clocks::Virtual { passed, .. } = self {
            let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
            passed.fetch_add(nanos, Ordering::Relaxed);
        }
    }
}

fn system(id: ClockId) -> Sys {
    match id {
        ClockId::Realtime => Sys::Realtime,
        ClockId::Monotonic => Sys::Monotonic,
        ClockId::ProcessCputime => Sys::ProcessCPUTime,
        ClockId::ThreadCputime => Sys::ThreadCPUTime,
    }
}

fn nanoseconds(t: Timespec) -> Result<u64, Errno> {
    let (Ok(seconds), Ok(nanos)) = (u64::try_from(t.tv_sec), u64::try_from(t.tv_nsec)) else {
        return Err(Errno::Overflow);
    };
    seconds.checked_mul(1_000_000_000).and_then(|s| s.checked_add(nanos)).ok_or(Errno::Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_clocks_run() {
        for id in ClockId::ALL {
            let (a, b) = (Clocks::System.now(*id).unwrap(), Clocks::System.now(*id).unwrap());
            assert!(a <= b, "{id:?}");
            assert!(Clocks::System.resolution(*id).unwrap() >= 1);
        }
        assert!(Clocks::System.now(ClockId::Realtime).unwrap() > 1_600_000_000_000_000_000);
    }

    #[test]
    fn virtual_clocks_repeat_themselves() {
        let c = Clocks::virtual_from(1000, 5);
        assert_eq!(c.now(ClockId::Realtime), Ok(1000));
        assert_eq!(c.now(ClockId::Monotonic), Ok(5));
        assert_eq!(c.now(ClockId::ThreadCputime), Ok(10));
        c.skip(Duration::from_nanos(85));
        assert_eq!(c.now(ClockId::Realtime), Ok(1100));
        assert_eq!(c.resolution(ClockId::Monotonic), Ok(5));
    }
}
