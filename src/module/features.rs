//! Which proposals of WebAssembly an engine accepts.
//!
//! Everything the engine runs is on by default. A module that uses a proposal that is switched off is refused, and the
//! message names the proposal (see `load`).

use std::fmt;
use wasmparser::WasmFeatures;

macro_rules! features {
    ($($(#[$doc:meta])* $name:ident $text:literal => $($flag:ident)|+;)*) => {
        /// A proposal that can be switched off.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Feature {
            $($(#[$doc])* $name,)*
        }

        impl Feature {
            /// All of them, oldest first.
            pub const ALL: &[Feature] = &[$(Feature::$name),*];

            /// The name of the proposal.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Feature::$name => $text,)*
                }
            }

            pub(super) const fn flags(self) -> WasmFeatures {
                match self {
                    $(Feature::$name => WasmFeatures::empty()$(.union(WasmFeatures::$flag))+,)*
                }
            }
        }
    };
}

features! {
    MutableGlobals "mutable-globals" => MUTABLE_GLOBAL;
    SaturatingFloatToInt "saturating-float-to-int" => SATURATING_FLOAT_TO_INT;
    SignExtension "sign-extension" => SIGN_EXTENSION;
    MultiValue "multi-value" => MULTI_VALUE;
    BulkMemory "bulk-memory" => BULK_MEMORY;
    ReferenceTypes "reference-types" => REFERENCE_TYPES;
    Simd "simd" => SIMD;
    RelaxedSimd "relaxed-simd" => RELAXED_SIMD;
    TailCall "tail-call" => TAIL_CALL;
    ExtendedConst "extended-const" => EXTENDED_CONST;
    FunctionReferences "function-references" => FUNCTION_REFERENCES;
    Gc "gc" => GC;
    MultiMemory "multi-memory" => MULTI_MEMORY;
    Memory64 "memory64" => MEMORY64;
    Exceptions "exceptions" => EXCEPTIONS;
    /// The encoding with `try`, `catch`, `delegate` and `rethrow` that preceded the standard one.
    LegacyExceptions "legacy-exceptions" => LEGACY_EXCEPTIONS;
    Threads "threads" => THREADS;
    WideArithmetic "wide-arithmetic" => WIDE_ARITHMETIC;
    CustomPageSizes "custom-page-sizes" => CUSTOM_PAGE_SIZES;
    CompactImports "compact-imports" => COMPACT_IMPORTS;
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of proposals.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Features(u32);

impl Features {
    /// Everything the engine runs.
    pub const ALL: Features = Features((1 << Feature::ALL.len()) - 1);

    /// The minimum viable product of 2017.
    pub const NONE: Features = Features(0);

    /// WebAssembly 1.0 (2019): mutable globals and nothing else.
    pub const WASM1: Features = Features(1 << Feature::MutableGlobals as u32);

    /// WebAssembly 2.0 (2022).
    pub const WASM2: Features = Features((1 << (Feature::Simd as u32 + 1)) - 1);

    /// WebAssembly 3.0 (2025).
    pub const WASM3: Features = Features((1 << (Feature::Exceptions as u32 + 1)) - 1);

    #[inline]
    pub const fn contains(self, feature: Feature) -> bool {
        self.0 >> feature as u32 & 1 != 0
    }

    #[must_use]
    pub const fn with(self, feature: Feature) -> Features {
        Features(self.0 | 1 << feature as u32)
    }

    #[must_use]
    pub const fn without(self, feature: Feature) -> Features {
        Features(self.0 & !(1 << feature as u32))
    }

    pub fn set(&mut self, feature: Feature, on: bool) {
        *self = if on { self.with(feature) } else { self.without(feature) };
    }

    pub fn iter(self) -> impl Iterator<Item = Feature> {
        Feature::ALL.iter().copied().filter(move |f| self.contains(*f))
    }

    /// Without the proposals by which types can mention types, or whose presence makes the parser assume so.
    pub(super) const fn plain(self) -> Features {
        self.without(Feature::FunctionReferences)
            .without(Feature::Gc)
            .without(Feature::Exceptions)
            .without(Feature::LegacyExceptions)
            .without(Feature::CompactImports)
    }

    /// The same set in the parser's terms. Floats and garbage-collected types are not proposals and always on.
    pub(super) fn to_wasmparser(self) -> WasmFeatures {
        const fn flags(set: Features) -> WasmFeatures {
            let mut flags = WasmFeatures::MVP;
            let mut i = 0;
            while i < Feature::ALL.len() {
                if set.contains(Feature::ALL[i]) {
                    flags = flags.union(Feature::ALL[i].flags());
                }
                i += 1;
            }
            flags
        }
        // The two sets that nearly every load asks for.
        const ALL: WasmFeatures = flags(Features::ALL);
        const PLAIN: WasmFeatures = flags(Features::ALL.plain());
        match self {
            Features::ALL => ALL,
            _ if self == Features::ALL.plain() => PLAIN,
            _ => flags(self),
        }
    }
}

impl Default for Features {
    fn default() -> Features {
        Features::ALL
    }
}

impl fmt::Debug for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Feature::name)).finish()
    }
}
