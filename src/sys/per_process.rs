//! What a process has once, and its child after a `fork` anew: the state of a thread that the library starts, with locks that may
//! be held for ever in the child's copy.
#![forbid(unsafe_code)]

use std::sync::{Mutex, PoisonError};

/// A value for the process that asks, and before it those of the processes it was forked from. None is freed: a thread may be using
/// it.
pub struct PerProcess<T: 'static>(Mutex<Option<(u32, &'static T)>>);

impl<T: Default> PerProcess<T> {
    #[allow(clippy::new_without_default)]
    pub const fn new() -> PerProcess<T> {
        PerProcess(Mutex::new(None))
    }

    /// The value of this process, made when it is asked for first.
    pub fn get(&self) -> &'static T {
        let process = std::process::id();
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match *latest {
            Some((of, value)) if of == process => value,
            _ => latest.insert((process, Box::leak(Box::default()))).1,
        }
    }

    /// The value of this process, if it has been asked for.
    pub fn made(&self) -> Option<&'static T> {
        let latest = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        latest.and_then(|(of, value)| (of == std::process::id()).then_some(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_once_it_is_asked_for() {
        static VALUE: PerProcess<Mutex<u32>> = PerProcess::new();
        assert!(VALUE.made().is_none());
        *VALUE.get().lock().unwrap() = 7;
        assert_eq!(*VALUE.made().unwrap().lock().unwrap(), 7);
        assert!(std::ptr::eq(VALUE.get(), VALUE.get()));
    }
}
