//! Ending blocking calls from outside: another thread of the guest has ended the program, or the host wants it stopped.
//!
//! A call that would block polls the descriptors it waits for and a pipe of this file's. [`Wake::raise`], from any
//! thread, sets a flag and fills the pipe; it stays full, so every later call that would block ends as well, until
//! [`Wake::clear`]. The pipe is made by the first call that blocks; a raise that comes before leaves the flag, which that
//! call reads after it has made the pipe, so none is lost.
#![forbid(unsafe_code)]

use super::Stop;
use super::p1::types::Errno;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::BorrowedFd;
use std::io::{PipeReader, PipeWriter, Read, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::time::{Duration, Instant};

#[derive(Default)]
pub struct Wake {
    raised: AtomicBool,
    pipe: OnceLock<Option<(PipeReader, PipeWriter)>>,
}

impl Wake {
    /// Ends every call that blocks, and those to come.
    pub fn raise(&self) {
        if !self.raised.swap(true, Ordering::SeqCst) {
            fence(Ordering::SeqCst);
            if let Some(Some((_, writer))) = self.pipe.get() {
                let _ = (&*writer).write(&[0]);
            }
        }
    }

    /// Takes a raise back, before the guest is called again.
    pub fn clear(&self) {
        if self.raised.load(Ordering::SeqCst)
            && let Some(Some((reader, _))) = self.pipe.get()
        {
            let mut ready = [PollFd::new(reader, PollFlags::IN)];
            if poll(&mut ready, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })) == Ok(1) {
                let _ = (&*reader).read(&mut [0]);
            }
        }
        self.raised.store(false, Ordering::SeqCst);
    }

    pub fn is_raised(&self) -> bool {
        self.raised.load(Ordering::SeqCst)
    }

    /// Waits until one of the descriptors has what its flags ask for, or the time is over: what each has, which may be an
    /// error or a hang-up, too. Ends with [`Stop::Interrupted`] when raised.
    pub fn poll(&self, fds: &[(BorrowedFd<'_>, PollFlags)], timeout: Option<Duration>) -> Result<Vec<PollFlags>, Stop> {
        let pipe = self.pipe.get_or_init(|| std::io::pipe().ok()).as_ref();
        fence(Ordering::SeqCst);
        // An end so far away that the clock cannot tell it is never reached.
        let end = timeout.and_then(|t| Instant::now().checked_add(t));
        let mut all: Vec<PollFd<'_>> = fds.iter().map(|(fd, flags)| PollFd::from_borrowed_fd(*fd, *flags)).collect();
        all.extend(pipe.map(|(reader, _)| PollFd::new(reader, PollFlags::IN)));
        loop {
            if self.is_raised() {
                return Err(Stop::Interrupted);
            }
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            // Without a pipe, for want of descriptors, the flag is looked at now and then.
            let slice = match pipe {
                Some(_) => left,
                None => Some(left.unwrap_or(Duration::MAX).min(Duration::from_millis(10))),
            };
            let time =
                slice.map(|t| Timespec { tv_sec: t.as_secs().min(1 << 40) as i64, tv_nsec: t.subsec_nanos().into() });
            match poll(&mut all, time.as_ref()) {
                Ok(0) if left.is_some_and(|l| l.is_zero()) => break,
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) if self.is_raised() => {}
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
    use rustix::fd::AsFd;
    use std::sync::Arc;

    #[test]
    fn raising_ends_waits_until_it_is_taken_back() {
        let wake = Arc::new(Wake::default());
        let (reader, writer) = std::io::pipe().unwrap();
        let waiting = {
            let (wake, reader) = (wake.clone(), reader.try_clone().unwrap());
            std::thread::spawn(move || matches!(wake.wait(reader.as_fd(), PollFlags::IN), Err(Stop::Interrupted)))
        };
        std::thread::sleep(Duration::from_millis(20));
        wake.raise();
        assert!(waiting.join().unwrap());
        assert!(matches!(wake.poll(&[], Some(Duration::from_secs(9))), Err(Stop::Interrupted)));
        wake.clear();
        let start = Instant::now();
        assert!(matches!(wake.poll(&[], Some(Duration::from_millis(5))), Ok(r) if r.is_empty()));
        assert!(start.elapsed() >= Duration::from_millis(5));
        (&writer).write_all(b"x").unwrap();
        assert!(matches!(wake.poll(&[(reader.as_fd(), PollFlags::IN)], None), Ok(r) if r == [PollFlags::IN]));
        drop(writer);
    }
}
