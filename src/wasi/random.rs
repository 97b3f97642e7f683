//! Random bytes: the system's, or a sequence that a seed determines.
//!
//! The seeded generator is xoshiro256** (Blackman and Vigna), its state filled by SplitMix64. It is for runs that must
//! repeat, not for secrets.
#![forbid(unsafe_code)]

use super::p1::types::Errno;
use super::stdio::lock;
use std::sync::Mutex;

pub enum Random {
    System,
    Seeded(Mutex<[u64; 4]>),
}

impl Random {
    pub fn seeded(seed: u64) -> Random {
        let mut x = seed;
        Random::Seeded(Mutex::new(std::array::from_fn(|_| {
            x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ z >> 31
        })))
    }

    pub fn fill(&self, to: &mut [u8]) -> Result<(), Errno> {
        match self {
            Random::System => getrandom::fill(to).map_err(|_| Errno::Io),
            Random::Seeded(state) => {
                let mut s = lock(state);
                for chunk in to.chunks_mut(8) {
                    let word = next(&mut s).to_le_bytes();
                    chunk.copy_from_slice(&word[..chunk.len()]);
                }
                Ok(())
            }
        }
    }
}

fn next(s: &mut [u64; 4]) -> u64 {
    let result = s[1].wrapping_mul(5).rotate_left(7).wrapping_mul(9);
    let t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = s[3].rotate_left(45);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_determines_the_sequence() {
        let draw = |seed| {
            let mut bytes = [0; 20];
            Random::seeded(seed).fill(&mut bytes).unwrap();
            bytes
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        let mut bytes = [0; 64];
        Random::System.fill(&mut bytes).unwrap();
        assert_ne!(bytes, [0; 64]);
        // SplitMix64's first numbers for seed 0, as published with it.
        let Random::Seeded(state) = Random::seeded(0) else { unreachable!() };
        assert_eq!(lock(&state)[0], 0xe220_a839_7b1d_cdaf);
    }
}
