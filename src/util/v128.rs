//! The 128-bit SIMD value. Lanes are little-endian whatever the host is, as the spec's `i8x16` view prescribes.

/// A `v128` value: 16 bytes, lane 0 first.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash)]
#[repr(C)]
pub struct V128(pub [u8; 16]);

impl V128 {
    pub const ZERO: V128 = V128([0; 16]);

    #[inline(always)]
    pub const fn from_u128(v: u128) -> V128 {
        V128(v.to_le_bytes())
    }

    #[inline(always)]
    pub const fn to_u128(self) -> u128 {
        u128::from_le_bytes(self.0)
    }

    /// The value as the two 8-byte slots of a frame, low half first.
    #[inline(always)]
    pub const fn to_slots(self) -> [u64; 2] {
        let v = self.to_u128();
        [v as u64, (v >> 64) as u64]
    }

    #[inline(always)]
    pub const fn from_slots(s: [u64; 2]) -> V128 {
        V128::from_u128(s[0] as u128 | (s[1] as u128) << 64)
    }
}

impl core::fmt::Debug for V128 {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:#034x}", self.to_u128())
    }
}
