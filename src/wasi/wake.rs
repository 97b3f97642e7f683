//! Ending blocking calls from outside: the host wants the guest stopped, or another of its threads has ended the program.
//!
//! Both ask the store to stop ([`Interrupter`]), which wakes what blocks for it. A call that would block polls, besides
//! the descriptors it waits for, a pipe of this file's; waking fills the pipe. Whether to end is then up to the store:
//! the demand stands until a trap has taken it. The pipe is made by the first call that blocks.
//!
//! None is lost: a demand is made before the pipe is filled. A call empties the pipe first and asks second, so a demand
//! that comes later finds the pipe made, and fills it.
#![forbid(unsafe_code)]

use super::Stop;
use super::p1::types::Errno;
use crate::runtime::{Blocking, Interrupter};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::BorrowedFd;
use std::io::{PipeReader, PipeWriter, Read, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::time::{Duration, Instant};

/// What the blocking calls of one store wait on besides.
pub struct Wake {
    store: Interrupter,
    /// Set from waking until the next call looks.
    woken: AtomicBool,
    pipe: OnceLock<Option<(PipeReader, PipeWriter)>>,
}

impl Blocking for Wake {
    fn wake(&self) {
        if !self.woken.swap(true, Ordering::SeqCst) {
            fence(Ordering::SeqCst);
            if let Some(Some((_, writer))) = self.pipe.get() {
                let _ = (&*writer).write(&[0]);
            }
        }
    }
}

impl Wake {
    pub fn new(store: Interrupter) -> Wake {
        Wake { store, woken: AtomicBool::new(false), pipe: OnceLock::new() }
    }

    /// Whether the call under way is to end. Cheap when it is not.
    pub fn is_raised(&self) -> bool {
        self.woken.load(Ordering::Relaxed) && self.store.is_pending()
    }

    /// Empties the pipe.
    fn clear(&self) {
        if !self.woken.load(Ordering::SeqCst) {
            return;
        }
        if let Some(Some((reader, _))) = self.pipe.get() {
            let mut ready = [PollFd::new(reader, PollFlags::IN)];
            while poll(&mut ready, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })) == Ok(1) {
                if (&*reader).read(&mut [0; 16]).is_err() {
                    break;
                }
            }
        }
        self.woken.store(false, Ordering::SeqCst);
    }

    /// Waits until one of the descriptors has what its flags ask for, or the time is over: what each has, which may be an
    /// error or a hang-up, too. Ends with [`Stop::Interrupted`] when the guest is to stop.
    pub fn poll(&self, fds: &[(BorrowedFd<'_>, PollFlags)], timeout: Option<Duration>) -> Result<Vec<PollFlags>, Stop> {
        let pipe = self.pipe.get_or_init(|| std::io::pipe().ok()).as_ref();
        // An end so far away that the clock cannot tell it is never reached.
        let end = timeout.and_then(|t| Instant::now().checked_add(t));
        let mut all: Vec<PollFd<'_>> = fds.iter().map(|(fd, flags)| PollFd::from_borrowed_fd(*fd, *flags)).collect();
        all.extend(pipe.map(|(reader, _)| PollFd::new(reader, PollFlags::IN)));
        loop {
            self.clear();
            if self.store.is_pending() {
                return Err(Stop::Interrupted);
            }
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            // Without a pipe, for want of descriptors, the demand is looked for now and then.
            let slice = match pipe {
                Some(_) => left,
                None => Some(left.unwrap_or(Duration::MAX).min(Duration::from_millis(10))),
            };
            let time =
                slice.map(|t| Timespec { tv_sec: t.as_secs().min(1 << 40) as _, tv_nsec: t.subsec_nanos() as _ });
            let found = poll(&mut all, time.as_ref());
            match found {
                Ok(0) if left.is_some_and(|l| l <= slice.unwrap_or_default()) => break,
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                // Woken for a reason that has gone, or for one that the next round finds.
                Ok(1) if all[fds.len()..].iter().any(|p| !p.revents().is_empty()) => {}
                Ok(_) => break,
                Err(e) => return Err(Errno::from(e).into()),
            }
        }
        Ok(all[..fds.len()].iter().map(PollFd::revents).collect())
    }

    /// Waits until a descriptor can be read or written.
    pub fn wait(&self, fd: BorrowedFd<'_>, flags: PollFlags) -> Result<(), Stop> {
        self.poll(&[(fd, flags)], None).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::{Engine, Store};
    use rustix::fd::AsFd;
    use std::sync::Arc;

    #[test]
    fn a_stop_ends_waits_until_it_is_taken_back() {
        let store = Store::new(&Engine::default()).unwrap();
        let wake = Arc::new(Wake::new(store.interrupter()));
        let blocking: Arc<dyn Blocking> = wake.clone();
        store.interrupter().also_wake(Arc::downgrade(&blocking));
        let (reader, writer) = std::io::pipe().unwrap();
        let waiting = {
            let (wake, reader) = (wake.clone(), reader.try_clone().unwrap());
            std::thread::spawn(move || matches!(wake.wait(reader.as_fd(), PollFlags::IN), Err(Stop::Interrupted)))
        };
        std::thread::sleep(Duration::from_millis(20));
        store.interrupter().interrupt();
        assert!(waiting.join().unwrap());
        assert!(matches!(wake.poll(&[], Some(Duration::from_secs(9))), Err(Stop::Interrupted)));
        assert!(store.clear_interrupt());
        let start = Instant::now();
        assert!(matches!(wake.poll(&[], Some(Duration::from_millis(5))), Ok(r) if r.is_empty()));
        assert!(start.elapsed() >= Duration::from_millis(5));
        (&writer).write_all(b"x").unwrap();
        assert!(matches!(wake.poll(&[(reader.as_fd(), PollFlags::IN)], None), Ok(r) if r == [PollFlags::IN]));
    }
}
