//! What of the processor machine code may use: asked for once per engine, and then a part of how code is made.
//!
//! The least is what every x86-64 processor has, SSE2. Each of the others is used on its own where it is there, since hypervisors
//! leave out what they like. No machine code is ever kept beyond the process, so it always runs where this was asked.
#![forbid(unsafe_code)]

/// No more than this is used, whatever the processor has. The names are those of the x86-64 ABI's levels, which are supersets of each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// SSE2 and nothing else.
    V1,
    /// Also SSE up to 4.2, and `popcnt`.
    V2,
    /// Also AVX2, FMA, BMI and `lzcnt`: all that is ever used.
    #[default]
    V3,
}

/// What is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cpu {
    /// SSSE3, SSE4.1 and SSE4.2.
    pub sse42: bool,
    /// AVX and AVX2, and the above.
    pub avx2: bool,
    /// With `avx2` only.
    pub fma: bool,
    pub popcnt: bool,
    pub lzcnt: bool,
    /// `tzcnt`.
    pub bmi1: bool,
    /// Shifts by any register.
    pub bmi2: bool,
}

#[cfg(jit)]
impl Cpu {
    /// What this processor has of a level.
    pub fn of(level: Level) -> Cpu {
        use std::arch::is_x86_feature_detected as has;
        let (v2, v3) = (level != Level::V1, level == Level::V3);
        let sse42 = v2 && has!("ssse3") && has!("sse4.1") && has!("sse4.2");
        let avx2 = v3 && sse42 && has!("avx2");
        Cpu {
            sse42,
            avx2,
            fma: avx2 && has!("fma"),
            popcnt: v2 && has!("popcnt"),
            lzcnt: v3 && has!("lzcnt"),
            bmi1: v3 && has!("bmi1"),
            bmi2: v3 && has!("bmi2"),
        }
    }
}
