//! Where the fields of garbage-collected objects lie: translation writes the offsets into instructions, the collector
//! traces by them.
//!
//! Every object begins with a header of [`HEADER`] bytes: the canonical type id, then the length of an array or the
//! size of anything else, 32 bits each. Fields follow in as many bytes as they need: packed fields 1 or 2; numbers
//! their size; references 4, being offsets in the heap or tagged numbers, but for `funcref`s, which are addresses and
//! take 8. Fields are aligned to their width up to 8, which is what objects are aligned to.
//!
//! Invariant: where a field lies depends on the fields before it only, and a subtype repeats the fields of its
//! supertype in the same widths, so that an access through the supertype finds them.

#![forbid(unsafe_code)]

use crate::module::{CompositeType, HeapType, Module, StorageType, TypeRegistry, ValType};

/// Bytes of an object's header.
pub const HEADER: u32 = 8;

/// How a field is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Bytes, as a power of two: 0 to 4.
    pub width_log2: u8,
    pub holds: Holds,
}

/// What the collector finds in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Nothing to follow.
    Bits,
    /// A reference of the `any`, `extern` or `exn` hierarchy, in 4 bytes.
    Ref,
    /// The address of a function, or 0, in 8.
    Func,
}

impl Cell {
    pub fn of(storage: StorageType, types: &TypeRegistry) -> Cell {
        let (width_log2, holds) = match storage {
            StorageType::I8 => (0, Holds::Bits),
            StorageType::I16 => (1, Holds::Bits),
            StorageType::Val(ValType::I32 | ValType::F32) => (2, Holds::Bits),
            StorageType::Val(ValType::I64 | ValType::F64) => (3, Holds::Bits),
            StorageType::Val(ValType::V128) => (4, Holds::Bits),
            StorageType::Val(ValType::Ref(r)) => match r.heap {
                HeapType::Func | HeapType::NoFunc => (3, Holds::Func),
                HeapType::Concrete(_) if types.top(r.heap) == HeapType::Func => (3, Holds::Func),
                _ => (2, Holds::Ref),
            },
        };
        Cell { width_log2, holds }
    }
}

/// A field of a structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// From the start of the object.
    pub offset: u32,
    pub cell: Cell,
}

/// A test whether a reference points to what an abstract heap type admits; null is a question of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum AbstractTest {
    /// The bottom of a hierarchy.
    Never,
    /// The top of one.
    Always,
    I31,
    Eq,
    Struct,
    Array,
}

impl AbstractTest {
    /// The test for a heap type; none for a concrete one.
    pub fn of(heap: HeapType) -> Option<AbstractTest> {
        Some(match heap {
            HeapType::NoFunc | HeapType::NoExtern | HeapType::None | HeapType::NoExn => AbstractTest::Never,
            HeapType::Func | HeapType::Extern | HeapType::Any | HeapType::Exn => AbstractTest::Always,
            HeapType::I31 => AbstractTest::I31,
            HeapType::Eq => AbstractTest::Eq,
            HeapType::Struct => AbstractTest::Struct,
            HeapType::Array => AbstractTest::Array,
            HeapType::Concrete(_) => return None,
        })
    }
}

/// The shape of a type's objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A structure: its size in bytes, a multiple of 8, and its fields.
    Struct { size: u32, fields: Box<[Field]> },
    /// An array, whose elements follow the header without gaps.
    Array(Cell),
}

impl Shape {
    /// The shape of a type's objects; none for functions.
    pub fn of(ty: &CompositeType, types: &TypeRegistry) -> Option<Shape> {
        match ty {
            CompositeType::Func(_) => None,
            CompositeType::Array(a) => Some(Shape::Array(Cell::of(a.field.storage, types))),
            CompositeType::Struct(s) => {
                let mut room = Room::default();
                let fields = s.fields.iter().map(|f| {
                    let cell = Cell::of(f.storage, types);
                    Field { offset: room.place(cell.width_log2), cell }
                });
                let fields = fields.collect();
                Some(Shape::Struct { size: room.end.next_multiple_of(8), fields })
            }
        }
    }

    /// Of a module's type, which must be a structure or an array.
    pub fn of_module(module: &Module, type_index: u32) -> Shape {
        let ty = &module.sub_types[type_index as usize].composite;
        Shape::of(ty, &module.registry).expect("a structure or array type, as validated")
    }
}

/// Space of a structure that is being laid out: small fields go into the gaps that alignment left.
struct Room {
    end: u32,
    /// Where a gap of 1, 2 and 4 bytes is. There is never more than one of each: a field goes behind the end only
    /// when no gap takes it, so aligning the end cannot make a second one.
    gaps: [Option<u32>; 3],
}

impl Default for Room {
    fn default() -> Room {
        Room { end: HEADER, gaps: [None; 3] }
    }
}

impl Room {
    fn place(&mut self, width_log2: u8) -> u32 {
        let wanted = width_log2 as usize;
        for have in wanted..3 {
            if let Some(at) = self.gaps[have].take() {
                // What the field leaves of the gap: one half, one quarter ...
                for rest in wanted..have {
                    self.gaps[rest] = Some(at + (1 << rest));
                }
                return at;
            }
        }
        let align = width_log2.min(3);
        for gap in 0..align {
            if self.end & (1 << gap) != 0 {
                self.gaps[gap as usize] = Some(self.end);
                self.end += 1 << gap;
            }
        }
        let at = self.end;
        self.end += 1 << width_log2;
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offsets(widths: &[u8]) -> (Vec<u32>, u32) {
        let mut room = Room::default();
        (widths.iter().map(|w| room.place(*w)).collect(), room.end)
    }

    #[test]
    fn small_fields_fill_the_gaps() {
        assert_eq!(offsets(&[0, 3, 0, 1, 2]), (vec![8, 16, 9, 10, 12], 24));
        assert_eq!(offsets(&[0, 3, 0, 0, 0, 0]), (vec![8, 16, 9, 10, 11, 12], 24));
        assert_eq!(offsets(&[2, 4, 1, 0, 3]), (vec![8, 16, 12, 14, 32], 40));
        assert_eq!(offsets(&[2, 2, 2]), (vec![8, 12, 16], 20));
        assert_eq!(offsets(&[]), (vec![], 8));
    }

    /// Random sequences: fields are aligned, do not overlap, and depend on their prefix only.
    #[test]
    fn fields_never_overlap() {
        let mut seed = 0x2545_f491_4f6c_dd1du64;
        for _ in 0..2000 {
            let mut widths = Vec::new();
            for _ in 0..1 + seed % 40 {
                seed ^= seed << 13;
                seed ^= seed >> 7;
                seed ^= seed << 17;
                widths.push((seed >> 33) as u8 % 5);
            }
            let (at, end) = offsets(&widths);
            let mut used = vec![false; end as usize];
            for (&at, &w) in at.iter().zip(&widths) {
                assert_eq!(at % (1 << w.min(3)), 0);
                for byte in &mut used[at as usize..at as usize + (1 << w)] {
                    assert!(!std::mem::replace(byte, true), "{widths:?}");
                }
            }
            let half = widths.len() / 2;
            assert_eq!(offsets(&widths[..half]).0, at[..half]);
        }
    }
}
