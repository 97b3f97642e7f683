//! Why guest code stopped. The messages are the ones of the spec's reference interpreter, which hosts and the official
//! suite compare by prefix.

#![forbid(unsafe_code)]

/// The cause of a trap (spec, "Execution / Runtime Structure / Results").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum TrapKind {
    Unreachable = 1,
    MemoryOutOfBounds,
    TableOutOfBounds,
    UndefinedElement,
    UninitializedElement,
    IndirectCallTypeMismatch,
    IntegerDivideByZero,
    IntegerOverflow,
    BadConversionToInteger,
    StackOverflow,
    UnalignedAtomic,
    ExpectedSharedMemory,
    NullReference,
    NullFunctionReference,
    NullI31Reference,
    NullStructReference,
    NullArrayReference,
    NullExceptionReference,
    CastFailure,
    ArrayOutOfBounds,
    AllocationTooLarge,
    OutOfMemory,
    OutOfFuel,
    Interrupted,
    DeadlineExceeded,
    /// A limit of the store forbids what an instantiation wants.
    LimitExceeded,
    UncaughtException,
    /// A trap object made by the host; its message travels with it.
    Host,
    /// A bug in the library, caught at a boundary.
    Internal,
}

impl TrapKind {
    /// The trap of an arithmetic failure, given as the number of a [`crate::sem::ArithTrap`].
    pub const fn from_arith(e: u8) -> TrapKind {
        const BY_ZERO: u8 = crate::sem::ArithTrap::DivideByZero as u8;
        const OVERFLOW: u8 = crate::sem::ArithTrap::Overflow as u8;
        match e {
            BY_ZERO => TrapKind::IntegerDivideByZero,
            OVERFLOW => TrapKind::IntegerOverflow,
            _ => TrapKind::BadConversionToInteger,
        }
    }

    /// Every kind, by number minus one.
    const ALL: [TrapKind; TrapKind::Internal as usize] = {
        use TrapKind::*;
        [
            Unreachable,
            MemoryOutOfBounds,
            TableOutOfBounds,
            UndefinedElement,
            UninitializedElement,
            IndirectCallTypeMismatch,
            IntegerDivideByZero,
            IntegerOverflow,
            BadConversionToInteger,
            StackOverflow,
            UnalignedAtomic,
            ExpectedSharedMemory,
            NullReference,
            NullFunctionReference,
            NullI31Reference,
            NullStructReference,
            NullArrayReference,
            NullExceptionReference,
            CastFailure,
            ArrayOutOfBounds,
            AllocationTooLarge,
            OutOfMemory,
            OutOfFuel,
            Interrupted,
            DeadlineExceeded,
            LimitExceeded,
            UncaughtException,
            Host,
            Internal,
        ]
    };

    /// The kind with a number that was stored as a byte; `Internal` for any other number.
    pub const fn from_u8(n: u8) -> TrapKind {
        if n == 0 || n as usize > Self::ALL.len() { TrapKind::Internal } else { Self::ALL[n as usize - 1] }
    }

    /// The standard wording.
    pub const fn message(self) -> &'static str {
        match self {
            TrapKind::Unreachable => "unreachable",
            TrapKind::MemoryOutOfBounds => "out of bounds memory access",
            TrapKind::TableOutOfBounds => "out of bounds table access",
            TrapKind::UndefinedElement => "undefined element",
            TrapKind::UninitializedElement => "uninitialized element",
            TrapKind::IndirectCallTypeMismatch => "indirect call type mismatch",
            TrapKind::IntegerDivideByZero => "integer divide by zero",
            TrapKind::IntegerOverflow => "integer overflow",
            TrapKind::BadConversionToInteger => "invalid conversion to integer",
            TrapKind::StackOverflow => "call stack exhausted",
            TrapKind::UnalignedAtomic => "unaligned atomic",
            TrapKind::ExpectedSharedMemory => "expected shared memory",
            TrapKind::NullReference => "null reference",
            TrapKind::NullFunctionReference => "null function reference",
            TrapKind::NullI31Reference => "null i31 reference",
            TrapKind::NullStructReference => "null structure reference",
            TrapKind::NullArrayReference => "null array reference",
            TrapKind::NullExceptionReference => "null exception reference",
            TrapKind::CastFailure => "cast failure",
            TrapKind::ArrayOutOfBounds => "out of bounds array access",
            TrapKind::AllocationTooLarge => "allocation size too large",
            TrapKind::OutOfMemory => "out of memory",
            TrapKind::OutOfFuel => "all fuel consumed",
            TrapKind::Interrupted => "interrupted",
            TrapKind::DeadlineExceeded => "deadline exceeded",
            TrapKind::LimitExceeded => "limit exceeded",
            TrapKind::UncaughtException => "uncaught exception",
            TrapKind::Host => "host trap",
            TrapKind::Internal => "internal error in the runtime",
        }
    }
}

// Translation names one kind by number.
const _: () = assert!(TrapKind::Unreachable as u64 == crate::code::TRAP_UNREACHABLE);

/// One function activation of a guest backtrace, innermost first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuestFrame {
    pub instance: *mut super::layout::Instance,
    /// In the module's function index space.
    pub func_index: u32,
    /// Byte offset of the instruction from the start of the function's body, or [`GuestFrame::UNPLACED`].
    pub func_offset: u32,
    /// Byte offset of the instruction in the module; as long as that has not been found, its word in the register code.
    pub module_offset: u32,
}

impl GuestFrame {
    /// No function is so large.
    pub const UNPLACED: u32 = u32::MAX;
}
