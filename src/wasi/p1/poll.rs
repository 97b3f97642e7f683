//! `poll_oneoff`: waiting for clocks and descriptors.
#![forbid(unsafe_code)]

use super::types::Errno;
use super::{Call, Outcome};

pub fn poll_oneoff(_call: &mut Call<'_>, _subs: u32, _events: u32, _count: u32, _out: u32) -> Outcome {
    Err(Errno::Nosys.into())
}
