//! What stands for values or blocks in a copy of a part of a function.
//!
//! One type for both, by number: each type of hash tables is 2 to 3 KB of machine code.
#![forbid(unsafe_code)]

use super::ir::{Block, Value};
use foldhash::HashMap;

/// By number of the original, the number of what stands for it.
#[derive(Default)]
pub struct Copies(HashMap<u32, u32>);

pub trait Numbered: Copy {
    fn number(self) -> u32;
    fn numbered(number: u32) -> Self;
}

macro_rules! numbered {
    ($($entity:ident)*) => { $(
        impl Numbered for $entity {
            fn number(self) -> u32 {
                self.0
            }
            fn numbered(number: u32) -> $entity {
                $entity(number)
            }
        }
    )* };
}
numbered!(Value Block);

impl Copies {
    pub fn insert<T: Numbered>(&mut self, original: T, copy: T) {
        self.0.insert(original.number(), copy.number());
    }

    /// What stands for it: itself, if nothing does.
    pub fn of<T: Numbered>(&self, original: T) -> T {
        T::numbered(*self.0.get(&original.number()).unwrap_or(&original.number()))
    }
}
