//! The descriptor table: numbers to descriptors, the lowest free number first.
//!
//! The lock is held for a look-up or a change, never while a descriptor is used or dropped: closing a file may take its
//! time, and another thread that reads from it keeps it alive until it is done.
#![forbid(unsafe_code)]

use super::descriptor::Descriptor;
use crate::wasi::p1::types::Errno;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub struct Table {
    slots: Mutex<Slots>,
    /// The most descriptors at a time.
    limit: usize,
}

#[derive(Default)]
struct Slots {
    list: Vec<Option<Arc<Descriptor>>>,
    /// Numbers below the length of the list that are free.
    free: BinaryHeap<Reverse<u32>>,
}

impl Slots {
    fn get(&self, fd: u32) -> Option<&Arc<Descriptor>> {
        self.list.get(fd as usize)?.as_ref()
    }

    fn take(&mut self, fd: u32) -> Option<Arc<Descriptor>> {
        let taken = self.list.get_mut(fd as usize)?.take()?;
        self.free.push(Reverse(fd));
        Some(taken)
    }
}

impl Table {
    /// A table with these descriptors, from number 0 on, that can hold `limit`.
    pub fn new(first: Vec<Descriptor>, limit: u32) -> Table {
        let list = first.into_iter().map(|d| Some(Arc::new(d))).collect();
        Table { slots: Mutex::new(Slots { list, free: BinaryHeap::new() }), limit: limit as usize }
    }

    fn lock(&self) -> MutexGuard<'_, Slots> {
        // Every change is whole when it is made.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline(never)]
    pub fn get(&self, fd: u32) -> Result<Arc<Descriptor>, Errno> {
        self.lock().get(fd).cloned().ok_or(Errno::Badf)
    }

    /// Puts a descriptor at the lowest free number.
    pub fn insert(&self, descriptor: Descriptor) -> Result<u32, Errno> {
        let descriptor = Arc::new(descriptor);
        let mut slots = self.lock();
        if slots.list.len() - slots.free.len() >= self.limit {
            return Err(Errno::Mfile);
        }
        if let Some(Reverse(fd)) = slots.free.pop() {
            slots.list[fd as usize] = Some(descriptor);
            return Ok(fd);
        }
        slots.list.push(Some(descriptor));
        // The limit is of 32 bits.
        Ok(slots.list.len() as u32 - 1)
    }

    /// Whether another descriptor would be refused, to be asked before something is created for it.
    pub fn check_room(&self) -> Result<(), Errno> {
        let slots = self.lock();
        if slots.list.len() - slots.free.len() < self.limit { Ok(()) } else { Err(Errno::Mfile) }
    }

    /// Closes; the last user of the descriptor drops it.
    pub fn close(&self, fd: u32) -> Result<(), Errno> {
        let taken = self.lock().take(fd);
        taken.map(drop).ok_or(Errno::Badf)
    }

    /// Moves `from` to `to`, which closes what was there, in one step for all threads. Both must be open: there is no way
    /// to choose a free number, which could be another thread's next.
    pub fn renumber(&self, from: u32, to: u32) -> Result<(), Errno> {
        let mut slots = self.lock();
        if slots.get(from).is_none() || slots.get(to).is_none() {
            return Err(Errno::Badf);
        }
        if from == to {
            return Ok(());
        }
        let moved = slots.take(from);
        let closed = std::mem::replace(&mut slots.list[to as usize], moved);
        drop(slots);
        drop(closed);
        Ok(())
    }

    /// How many are open.
    pub fn len(&self) -> usize {
        let slots = self.lock();
        slots.list.len() - slots.free.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Closes everything.
    pub fn clear(&self) {
        let all = std::mem::take(&mut *self.lock());
        drop(all);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wasi::stdio::Null;

    fn null() -> Descriptor {
        Descriptor::input(Arc::new(Null))
    }

    #[test]
    fn lowest_free_number_first() {
        let t = Table::new(Vec::new(), 10);
        for i in 0..6 {
            assert_eq!(t.insert(null()), Ok(i));
        }
        for fd in [4, 1, 3] {
            assert_eq!(t.close(fd), Ok(()));
            assert_eq!(t.close(fd), Err(Errno::Badf));
        }
        assert_eq!(t.len(), 3);
        assert_eq!(
            [t.insert(null()), t.insert(null()), t.insert(null()), t.insert(null())],
            [Ok(1), Ok(3), Ok(4), Ok(6)]
        );
        assert_eq!(t.close(u32::MAX), Err(Errno::Badf));
        assert!(t.get(7).is_err());
        t.clear();
        assert!(t.is_empty());
        assert_eq!(t.insert(null()), Ok(0));
    }

    #[test]
    fn full_is_full() {
        let t = Table::new(Vec::new(), 3);
        assert!((0..3).all(|_| t.insert(null()).is_ok()));
        assert_eq!((t.insert(null()), t.check_room()), (Err(Errno::Mfile), Err(Errno::Mfile)));
        t.close(1).unwrap();
        assert_eq!(t.check_room(), Ok(()));
        assert_eq!(t.insert(null()), Ok(1));
        assert_eq!(t.insert(null()), Err(Errno::Mfile));
    }

    #[test]
    fn renumbering_moves() {
        let t = Table::new(Vec::new(), 10);
        assert!((0..4).all(|_| t.insert(null()).is_ok()));
        let (one, three) = (t.get(1).unwrap(), t.get(3).unwrap());
        assert_eq!(t.renumber(1, 9), Err(Errno::Badf));
        assert_eq!(t.renumber(9, 1), Err(Errno::Badf));
        assert_eq!(t.renumber(1, 1), Ok(()));
        assert_eq!(t.renumber(1, 3), Ok(()));
        assert!(Arc::ptr_eq(&t.get(3).unwrap(), &one));
        assert!(t.get(1).is_err());
        // Whoever used it still can; it is closed with the last of them.
        assert_eq!(Arc::strong_count(&three), 1);
        assert_eq!(t.insert(null()), Ok(1));
    }

    #[test]
    fn threads_never_share_a_number() {
        let t = Table::new(Vec::new(), 64);
        std::thread::scope(|s| {
            for _ in 0..4 {
                s.spawn(|| {
                    for _ in 0..2000 {
                        let fd = t.insert(null()).unwrap();
                        let d = t.get(fd).unwrap();
                        t.close(fd).unwrap();
                        assert_eq!(Arc::strong_count(&d), 1);
                    }
                });
            }
        });
        assert!(t.is_empty());
    }
}
