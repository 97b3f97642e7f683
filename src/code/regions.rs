//! Which try blocks cover an instruction.
//!
//! Unwinding asks this of every frame on its way, so looking through all regions of a function would make throwing cost the
//! product of a function's try blocks and the frames above it. Regions lie side by side or inside each other, so the innermost
//! one changes at their ends only: these places are kept in order, and from the innermost region each leads to the next.
#![forbid(unsafe_code)]

use super::Region;
use crate::util::sort_by_key;

/// The regions of a function.
#[derive(Default)]
pub struct Regions {
    list: Box<[Region]>,
    /// By region: the next one around it, or [`NONE`].
    outer: Box<[u32]>,
    /// From this word on, up to the next entry's, the innermost region is this one, or [`NONE`].
    innermost: Box<[(u32, u32)]>,
}

const NONE: u32 = u32::MAX;

impl Regions {
    /// Of regions in an order that has inner ones before outer ones.
    pub fn new(list: Vec<Region>) -> Regions {
        if list.is_empty() {
            return Regions::default();
        }
        // Outer ones first, where they start together.
        let mut order: Vec<u32> = (0..list.len() as u32).rev().collect();
        sort_by_key(&mut order, |&i| {
            let r = &list[i as usize];
            u64::from(r.start) << 32 | u64::from(!r.end)
        });
        let mut outer = vec![NONE; list.len()];
        let mut innermost = Vec::with_capacity(2 * list.len());
        let mut open: Vec<u32> = Vec::new();
        let close = |open: &mut Vec<u32>, innermost: &mut Vec<(u32, u32)>, until: u32| {
            while let Some(&last) = open.last()
                && list[last as usize].end <= until
            {
                open.pop();
                innermost.push((list[last as usize].end, open.last().copied().unwrap_or(NONE)));
            }
        };
        for i in order {
            let start = list[i as usize].start;
            close(&mut open, &mut innermost, start);
            outer[i as usize] = open.last().copied().unwrap_or(NONE);
            open.push(i);
            innermost.push((start, i));
        }
        close(&mut open, &mut innermost, NONE);
        Regions { list: list.into(), outer: outer.into(), innermost: innermost.into() }
    }

    /// The regions that cover a word, from the innermost outwards.
    pub fn around(&self, word: u32) -> impl Iterator<Item = &Region> {
        // Of several entries for a word the last counts.
        let after = self.innermost.partition_point(|(from, _)| *from <= word);
        let mut next = after.checked_sub(1).map_or(NONE, |i| self.innermost[i].1);
        std::iter::from_fn(move || {
            let region = self.list.get(next as usize)?;
            next = self.outer[next as usize];
            Some(region)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_as_looking_through_all() {
        // Inner before outer: as they are entered when blocks end.
        let ranges = [(5, 9), (9, 12), (5, 12), (5, 12), (3, 14), (20, 21), (21, 30), (18, 30), (40, 41)];
        let region = |&(start, end): &(u32, u32)| Region { start, end, depth: 0, catches: Box::default() };
        let regions = Regions::new(ranges.iter().map(region).collect());
        for word in 0..50 {
            let covering: Vec<usize> =
                (0..ranges.len()).filter(|&i| ranges[i].0 <= word && word < ranges[i].1).collect();
            let found: Vec<usize> = regions
                .around(word)
                .map(|r| regions.list.iter().position(|x| std::ptr::eq(x, r)).expect("one of the list"))
                .collect();
            assert_eq!(found, covering, "word {word}");
        }
        assert_eq!(Regions::new(Vec::new()).around(0).count(), 0);
    }
}
