//! The guest's memory, as WASI functions see it: addresses and lengths of 32 bits, every one of them checked.
//!
//! All access is by copying, in and out, so nothing here refers into memory that other threads of the guest write, or
//! that moves when a callback lets the guest grow it. Sums are made in 64 bits. A range that is not inside the memory is
//! `EFAULT`, before anything has been copied; what cannot be meant (too many vectors, a total beyond 32 bits) is `EINVAL`.

use super::p1::types::Errno;
use crate::runtime::Memory;

/// The most vectors of one call, as of POSIX systems (`IOV_MAX`).
pub const MAX_IOVECS: u32 = 1024;

/// A piece of guest memory: `ciovec` or `iovec`, checked to be inside when it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Iovec {
    pub at: u32,
    pub len: u32,
}

/// The memory that the calling instance exports.
pub struct Guest {
    memory: Memory,
}

impl Guest {
    pub fn new(memory: Memory) -> Guest {
        Guest { memory }
    }

    /// Bytes at present.
    pub fn size(&self) -> u64 {
        self.memory.data_len() as u64
    }

    /// Whether a range is inside. An empty one may begin where the memory ends.
    pub fn check(&self, at: u32, len: u64) -> Result<(), Errno> {
        let end = (at as u64).checked_add(len).ok_or(Errno::Fault)?;
        if end <= self.size() { Ok(()) } else { Err(Errno::Fault) }
    }

    /// Copies bytes out of the guest.
    pub fn read(&self, at: u32, to: &mut [u8]) -> Result<(), Errno> {
        if self.memory.read(at as usize, to) { Ok(()) } else { Err(Errno::Fault) }
    }

    /// Copies bytes to the guest.
    pub fn write(&self, at: u32, bytes: &[u8]) -> Result<(), Errno> {
        if self.memory.write(at as usize, bytes) { Ok(()) } else { Err(Errno::Fault) }
    }

    /// A copy of so many bytes, whose number has been bounded by the caller or is bounded by the memory's size.
    pub fn bytes(&self, at: u32, len: u32) -> Result<Vec<u8>, Errno> {
        self.check(at, len as u64)?;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(len as usize).map_err(|_| Errno::Nomem)?;
        bytes.resize(len as usize, 0);
        self.read(at, &mut bytes)?;
        Ok(bytes)
    }

    pub fn array<const N: usize>(&self, at: u32) -> Result<[u8; N], Errno> {
        let mut bytes = [0; N];
        self.read(at, &mut bytes)?;
        Ok(bytes)
    }

    pub fn read_u32(&self, at: u32) -> Result<u32, Errno> {
        self.array(at).map(u32::from_le_bytes)
    }

    pub fn write_u8(&self, at: u32, value: u8) -> Result<(), Errno> {
        self.write(at, &[value])
    }

    pub fn write_u16(&self, at: u32, value: u16) -> Result<(), Errno> {
        self.write(at, &value.to_le_bytes())
    }

    pub fn write_u32(&self, at: u32, value: u32) -> Result<(), Errno> {
        self.write(at, &value.to_le_bytes())
    }

    pub fn write_u64(&self, at: u32, value: u64) -> Result<(), Errno> {
        self.write(at, &value.to_le_bytes())
    }

    /// The vectors of a call that reads or writes, all of them inside, with their total. Vectors may overlap.
    pub fn iovecs(&self, at: u32, count: u32) -> Result<(Vec<Iovec>, u32), Errno> {
        if count > MAX_IOVECS {
            return Err(Errno::Inval);
        }
        let list = self.bytes(at, count * 8)?;
        let mut total = 0u64;
        let mut vectors = Vec::with_capacity(count as usize);
        for (pair, _) in list.as_chunks::<8>().0.iter().zip(0..count) {
            let [a, b, c, d, e, f, g, h] = *pair;
            let v = Iovec { at: u32::from_le_bytes([a, b, c, d]), len: u32::from_le_bytes([e, f, g, h]) };
            self.check(v.at, v.len as u64)?;
            total += v.len as u64;
            vectors.push(v);
        }
        Ok((vectors, u32::try_from(total).map_err(|_| Errno::Inval)?))
    }

    /// Copies out of the vectors what lies from byte `skip` of all they hold on, as far as `to` has room; how many bytes
    /// that were.
    pub fn gather(&self, vectors: &[Iovec], skip: u64, to: &mut [u8]) -> Result<usize, Errno> {
        self.pieces(vectors, skip, to.len(), |at, range| self.read(at, &mut to[range]))
    }

    /// Copies bytes to the vectors, from byte `skip` of all they hold on; how many bytes there was room for.
    pub fn scatter(&self, vectors: &[Iovec], skip: u64, bytes: &[u8]) -> Result<usize, Errno> {
        self.pieces(vectors, skip, bytes.len(), |at, range| self.write(at, &bytes[range]))
    }

    fn pieces(
        &self,
        vectors: &[Iovec],
        mut skip: u64,
        len: usize,
        mut copy: impl FnMut(u32, core::ops::Range<usize>) -> Result<(), Errno>,
    ) -> Result<usize, Errno> {
        let mut done = 0;
        for v in vectors {
            if skip >= v.len as u64 {
                skip -= v.len as u64;
                continue;
            }
            // Less than the vector's length, which is 32 bits.
            let from = core::mem::take(&mut skip) as u32;
            let n = (len - done).min((v.len - from) as usize);
            if n == 0 {
                break;
            }
            copy(v.at.checked_add(from).ok_or(Errno::Fault)?, done..done + n)?;
            done += n;
        }
        Ok(done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::module::MemoryType;
    use crate::runtime::{Engine, Store};

    fn guest(pages: u64) -> Guest {
        let store = Store::new(&Engine::default()).unwrap();
        let ty = MemoryType { minimum: pages, maximum: Some(pages), page_log2: 16, is64: false, shared: false };
        Guest::new(Memory::new(&store, ty).unwrap())
    }

    fn vectors(guest: &Guest, at: u32, list: &[(u32, u32)]) {
        for (i, (from, len)) in list.iter().enumerate() {
            guest.write_u32(at + i as u32 * 8, *from).unwrap();
            guest.write_u32(at + i as u32 * 8 + 4, *len).unwrap();
        }
    }

    #[test]
    fn ranges_end_where_the_memory_ends() {
        let g = guest(1);
        assert_eq!(g.check(65536, 0), Ok(()));
        assert_eq!(g.check(65537, 0), Err(Errno::Fault));
        assert_eq!(g.check(65535, 1), Ok(()));
        assert_eq!(g.check(65535, 2), Err(Errno::Fault));
        assert_eq!(g.check(u32::MAX, u64::MAX), Err(Errno::Fault));
        assert_eq!(g.write_u32(65533, 1), Err(Errno::Fault));
        assert_eq!(g.read_u32(u32::MAX), Err(Errno::Fault));
        assert_eq!(g.bytes(1, u32::MAX), Err(Errno::Fault));
        assert_eq!(g.write_u64(65528, 0x0102_0304_0506_0708), Ok(()));
        assert_eq!(g.bytes(65528, 8), Ok(vec![8, 7, 6, 5, 4, 3, 2, 1]));
    }

    #[test]
    fn vectors_are_checked_and_may_overlap() {
        let g = guest(1);
        g.write(100, b"abcdef").unwrap();
        vectors(&g, 0, &[(100, 3), (0, 0), (101, 4), (65536, 0)]);
        let (list, total) = g.iovecs(0, 4).unwrap();
        assert_eq!((list.len(), total), (4, 7));
        let mut out = [0; 16];
        assert_eq!(g.gather(&list, 0, &mut out), Ok(7));
        assert_eq!(&out[..7], b"abcbcde");
        assert_eq!(g.gather(&list, 4, &mut out[..2]), Ok(2));
        assert_eq!(&out[..2], b"cd");
        assert_eq!(g.gather(&list, 7, &mut out), Ok(0));
        assert_eq!(g.scatter(&list, 2, b"XYZW!!"), Ok(5));
        assert_eq!(g.bytes(100, 6), Ok(b"aYZW!f".to_vec()));

        vectors(&g, 0, &[(65530, 7)]);
        assert_eq!(g.iovecs(0, 1), Err(Errno::Fault));
        assert_eq!(g.iovecs(65532, 1), Err(Errno::Fault));
        assert_eq!(g.iovecs(0, MAX_IOVECS + 1), Err(Errno::Inval));
        assert_eq!(g.iovecs(0, u32::MAX), Err(Errno::Inval));
        assert_eq!(g.iovecs(65536, 0), Ok((vec![], 0)));
    }

    #[test]
    fn totals_beyond_32_bits_are_refused() {
        let store = Store::new(&Engine::default()).unwrap();
        let ty = MemoryType { minimum: 65536, maximum: Some(65536), page_log2: 16, is64: false, shared: false };
        // Where so much address space cannot be had, there is nothing to test.
        let Ok(memory) = Memory::new(&store, ty) else { return };
        let g = Guest::new(memory);
        vectors(&g, 0, &[(0, u32::MAX), (0, 1)]);
        assert_eq!(g.iovecs(0, 2), Err(Errno::Inval));
        vectors(&g, 0, &[(0, u32::MAX - 1), (0, 1), (u32::MAX, 0)]);
        assert_eq!(g.iovecs(0, 3).map(|(_, total)| total), Ok(u32::MAX));
        vectors(&g, 0, &[(1, u32::MAX)]);
        assert_eq!(g.iovecs(0, 1).map(|(_, total)| total), Ok(u32::MAX));
        vectors(&g, 0, &[(2, u32::MAX)]);
        assert_eq!(g.iovecs(0, 1), Err(Errno::Fault));
    }
}
