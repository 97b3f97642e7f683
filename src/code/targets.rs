//! Whom indirect calls go to.
//!
//! The last word of a `call_indirect` and of a `call_ref` has the code record of one function of the instance's own module, and how
//! much oftener it was called than others: the call votes for it or against it, and whoever is ahead stays (Boyer and Moore's
//! majority vote). Votes are few, so that a call which always goes to the same function soon writes nothing any more.
//! Threads may lose each other's votes.
#![forbid(unsafe_code)]

use super::{FuncCode, ModuleCode, translate};

/// The word: a code record's address in the low 48 bits, votes above.
#[derive(Clone, Copy)]
pub struct Noted(pub u64);

const ADDRESS: u64 = (1 << 48) - 1;
const VOTE: u64 = 1 << 48;
const MOST: u64 = 255;

/// Votes that make a target a likely one.
const LIKELY: u64 = 30;

impl Noted {
    /// After a call of the function with that code record.
    #[inline(always)]
    pub fn vote(self, code: u64) -> Noted {
        let votes = self.0 >> 48;
        if self.0 & ADDRESS == code {
            Noted(if votes < MOST { self.0 + VOTE } else { self.0 })
        } else if votes == 0 {
            Noted(code)
        } else {
            Noted(self.0 - VOTE)
        }
    }

    fn likely(self) -> Option<u64> {
        (self.0 >> 48 >= LIKELY).then_some(self.0 & ADDRESS)
    }
}

impl ModuleCode {
    /// The indirect calls of a function that mostly go to one of the module's own: the offset of each in the module, in order, and
    /// the index of its target among the defined functions.
    pub fn likely_targets(&self, defined: u32) -> Vec<(u32, u32)> {
        let Some(body) = self.funcs[defined as usize].body.get() else { return Vec::new() };
        let calls = translate::noted_calls(self, defined, self.handlers);
        let first = self.funcs.as_ptr() as u64;
        let target = |(offset, word): (u32, usize)| {
            let code = Noted(body.code[word].load(std::sync::atomic::Ordering::Relaxed)).likely()?;
            let index = code.checked_sub(first)? / size_of::<FuncCode>() as u64;
            (index < self.funcs.len() as u64).then_some((offset, index as u32))
        };
        calls.into_iter().filter_map(target).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_majority_is_likely() {
        let after =
            |calls: &mut dyn Iterator<Item = u64>| calls.fold(Noted(0), |noted, code| noted.vote(code)).likely();
        assert_eq!(after(&mut (0..29).map(|_| 64)), None);
        assert_eq!(after(&mut (0..31).map(|_| 64)), Some(64));
        assert_eq!(after(&mut (0..100_000).map(|_| 64)), Some(64));
        assert_eq!(after(&mut (0..1000).map(|n| 64 + n % 2)), None);
        assert_eq!(after(&mut (0..1000).map(|n| if n % 4 == 0 { 8 } else { 64 })), Some(64));
        assert_eq!(after(&mut (0..1000).map(|n| if n < 100 { 8 } else { 64 })), Some(64));
    }
}
