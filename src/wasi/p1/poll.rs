//! `poll_oneoff`: waiting for clocks and descriptors.
//!
//! What is wrong with one subscription is reported in its event; the call itself fails only if the list makes no sense.
//! Everything that has happened by the end is reported, clocks and descriptors alike, in the order of subscription.
#![forbid(unsafe_code)]

use super::types::{Awaited, ClockId, Errno, Event, EventFlags, EventType, Rights, SubclockFlags, Subscription};
use super::{Call, Outcome};
use crate::sys::heap;
use crate::wasi::fs::{Descriptor, Kind};
use crate::wasi::stdio::Readiness;
use rustix::event::PollFlags;
use rustix::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The most subscriptions of one call: far more than descriptors, and few enough to be kept in mind.
const MAX_SUBSCRIPTIONS: u32 = 1 << 16;

/// One subscription, as far as it is understood.
enum Item {
    /// Has happened, or cannot.
    Done(Errno),
    Clock(Duration),
    /// Ready at any time.
    Ready(Arc<Descriptor>),
    Wait(Arc<Descriptor>),
}

struct Entry {
    userdata: u64,
    kind: EventType,
    item: Item,
}

pub fn poll_oneoff(call: &mut Call<'_>, subs: u32, events: u32, count: u32, out: u32) -> Outcome {
    if count == 0 || count > MAX_SUBSCRIPTIONS {
        return Err(Errno::Inval.into());
    }
    let mem = call.mem()?;
    mem.check(events, count as u64 * Event::SIZE as u64)?;
    mem.check(out, 4)?;
    let entries = subscriptions(call, subs, count)?;
    let happened = wait(call, &entries)?;
    for (i, event) in happened.iter().enumerate() {
        mem.write(events + (i * Event::SIZE) as u32, &event.to_bytes())?;
    }
    Ok(mem.write_u32(out, happened.len() as u32)?)
}

fn subscriptions(call: &Call<'_>, at: u32, count: u32) -> Result<Vec<Entry>, Errno> {
    let mem = call.mem()?;
    let size = if call.is_old() { Subscription::OLD_SIZE } else { Subscription::SIZE };
    mem.check(at, count as u64 * size as u64)?;
    // The entries, and what is made of them.
    if !heap::has_room(count as usize * 256) {
        return Err(Errno::Nomem);
    }
    let mut entries = Vec::with_capacity(count as usize);
    for i in 0..count {
        let at = at + i * size as u32;
        let sub = match call.is_old() {
            false => Subscription::from_bytes(&mem.array(at)?),
            true => Subscription::from_old_bytes(&mem.array(at)?),
        };
        let Subscription { userdata, what } = sub.ok_or(Errno::Inval)?;
        let (kind, item) = match what {
            Awaited::Clock { id, timeout, flags } => (EventType::Clock, clock(call, id, timeout, flags)),
            Awaited::Read(fd) => (EventType::FdRead, descriptor(call, fd, Rights::FD_READ)),
            Awaited::Write(fd) => (EventType::FdWrite, descriptor(call, fd, Rights::FD_WRITE)),
        };
        entries.push(Entry { userdata, kind, item: item.unwrap_or_else(Item::Done) });
    }
    Ok(entries)
}

fn clock(call: &Call<'_>, id: u32, timeout: u64, flags: u16) -> Result<Item, Errno> {
    let flags = SubclockFlags::from_bits(flags as u64).ok_or(Errno::Inval)?;
    let id = ClockId::from_number(id as u64).ok_or(Errno::Inval)?;
    if matches!(id, ClockId::ProcessCputime | ClockId::ThreadCputime) {
        // They stand still while one waits for them.
        return Err(Errno::Notsup);
    }
    let nanos = match flags.contains(SubclockFlags::ABSTIME) {
        true => timeout.saturating_sub(call.ctx.clocks.now(id)?),
        false => timeout,
    };
    Ok(Item::Clock(Duration::from_nanos(nanos)))
}

fn descriptor(call: &Call<'_>, fd: u32, right: Rights) -> Result<Item, Errno> {
    let descriptor = call.ctx.table.get(fd)?;
    let needed = match descriptor.kind {
        // Ready to be read means that a connection can be accepted.
        Kind::Listener(_) if right == Rights::FD_READ => Rights::SOCK_ACCEPT,
        Kind::Listener(_) => return Err(Errno::Notconn),
        _ => right,
    };
    descriptor.require(needed)?;
    descriptor.require(Rights::POLL_FD_READWRITE)?;
    Ok(match &descriptor.kind {
        Kind::File(_) => Item::Ready(descriptor),
        Kind::Dir(_) => return Err(Errno::Badf),
        Kind::Stream(stream) => match stream.readiness() {
            Readiness::Always => Item::Ready(descriptor),
            Readiness::Fd(_) => Item::Wait(descriptor),
        },
        Kind::Listener(_) | Kind::Connection(_) => Item::Wait(descriptor),
    })
}

/// The system's descriptor that stands for one of the guest's, if waiting means anything for it.
fn system_fd(d: &Descriptor) -> Option<BorrowedFd<'_>> {
    match &d.kind {
        Kind::Listener(fd) | Kind::Connection(fd) => Some(fd.as_fd()),
        Kind::Stream(stream) => match stream.readiness() {
            Readiness::Fd(fd) => Some(fd),
            Readiness::Always => None,
        },
        Kind::File(_) | Kind::Dir(_) => None,
    }
}

/// Waits until something has happened; then everything that has.
fn wait(call: &Call<'_>, entries: &[Entry]) -> Result<Vec<Event>, crate::wasi::Stop> {
    // Each descriptor once, whatever the guest asks: the system limits how many there may be.
    let mut fds: Vec<(BorrowedFd<'_>, PollFlags)> = Vec::new();
    let mut places = HashMap::new();
    let mut at_once = false;
    let mut first_clock: Option<Duration> = None;
    for e in entries {
        match &e.item {
            Item::Done(_) | Item::Ready(_) => at_once = true,
            Item::Clock(t) => first_clock = Some(first_clock.map_or(*t, |f| f.min(*t))),
            Item::Wait(d) => {
                let Some(fd) = system_fd(d) else { continue };
                let flags = if e.kind == EventType::FdRead { PollFlags::IN } else { PollFlags::OUT };
                let place = *places.entry(fd.as_raw_fd()).or_insert_with(|| {
                    fds.push((fd, PollFlags::empty()));
                    fds.len() - 1
                });
                fds[place].1 |= flags;
            }
        }
    }
    let start = Instant::now();
    let timeout = if at_once { Some(Duration::ZERO) } else { first_clock };
    let (found, passed) = match virtual_wait(call, &fds, timeout)? {
        Some(done) => done,
        None => (call.ctx.wake.poll(&fds, timeout)?, None),
    };
    let passed = passed.unwrap_or_else(|| start.elapsed());
    let events = entries.iter().filter_map(|e| {
        let ready = match &e.item {
            Item::Wait(d) => {
                system_fd(d).and_then(|fd| Some(found[*places.get(&fd.as_raw_fd())?])).unwrap_or(PollFlags::NVAL)
            }
            _ => PollFlags::empty(),
        };
        event(e, ready, passed)
    });
    Ok(events.collect())
}

/// What was found of the descriptors, and how much time has passed if that is not the system's.
type Found = (Vec<PollFlags>, Option<Duration>);

/// With a virtual clock, a timeout is over as soon as nothing is ready.
fn virtual_wait(
    call: &Call<'_>,
    fds: &[(BorrowedFd<'_>, PollFlags)],
    timeout: Option<Duration>,
) -> Result<Option<Found>, crate::wasi::Stop> {
    if !call.ctx.clocks.is_virtual() {
        return Ok(None);
    }
    let Some(timeout) = timeout else { return Ok(None) };
    let found = call.ctx.wake.poll(fds, Some(Duration::ZERO))?;
    let ready = found.iter().any(|f| !f.is_empty());
    let passed = if ready { Duration::ZERO } else { timeout };
    call.ctx.clocks.skip(passed);
    Ok(Some((found, Some(passed))))
}

/// The event of a subscription, if it has one by now.
fn event(e: &Entry, ready: PollFlags, passed: Duration) -> Option<Event> {
    let mut event =
        Event { userdata: e.userdata, error: Errno::Success, kind: e.kind, nbytes: 0, flags: EventFlags::NONE };
    match &e.item {
        Item::Done(error) => event.error = *error,
        Item::Clock(timeout) if passed < *timeout => return None,
        Item::Clock(_) => {}
        Item::Ready(d) => event.nbytes = amount(d, e.kind),
        Item::Wait(d) => {
            let broken = PollFlags::HUP | PollFlags::ERR;
            let wanted = if e.kind == EventType::FdRead { PollFlags::IN } else { PollFlags::OUT };
            if ready.intersects(PollFlags::NVAL) {
                event.error = Errno::Badf;
            } else if ready.intersects(wanted | broken) {
                event.nbytes = if ready.intersects(wanted) { amount(d, e.kind) } else { 0 };
                if ready.intersects(broken) {
                    event.flags = EventFlags::HANGUP;
                }
            } else {
                return None;
            }
        }
    }
    Some(event)
}

/// How many bytes can be read or written at once, as far as that is known: at least 1.
fn amount(d: &Descriptor, kind: EventType) -> u64 {
    if kind == EventType::FdWrite {
        return 1;
    }
    let waiting = |fd: &OwnedFd| rustix::io::ioctl_fionread(fd).unwrap_or(1).max(1);
    match &d.kind {
        Kind::File(file) => match (file.stat(), file.tell()) {
            (Ok(stat), Ok(at)) => stat.size.saturating_sub(at),
            _ => 1,
        },
        Kind::Stream(stream) => stream.available(),
        Kind::Connection(fd) => waiting(fd),
        Kind::Listener(_) | Kind::Dir(_) => 1,
    }
}
