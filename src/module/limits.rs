//! How large a module may be.
//!
//! The defaults are the parser's own limits, which browsers share (WebAssembly JavaScript Interface, "Implementation
//! limits"); an engine can only lower them. They bound the memory and the time a hostile module can cost.

/// Implementation limits (spec, appendix "Implementation Limitations").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the module. At most `u32::MAX`, since offsets are kept in 32 bits.
    pub module_size: usize,
    pub types: usize,
    pub imports: usize,
    pub exports: usize,
    /// Of each index space, imported ones included.
    pub functions: usize,
    pub tables: usize,
    pub memories: usize,
    pub globals: usize,
    pub tags: usize,
    pub elem_segments: usize,
    pub data_segments: usize,
    /// Bytes of one function body.
    pub function_size: usize,
    /// Locals of one function, parameters included.
    pub function_locals: u32,
    /// Blocks inside each other in one function.
    pub function_nesting: u32,
}

impl Limits {
    pub const DEFAULT: Limits = Limits {
        module_size: 1 << 30,
        types: 1_000_000,
        imports: 1_000_000,
        exports: 1_000_000,
        functions: 1_000_000,
        tables: 100_000,
        memories: 100,
        globals: 1_000_000,
        tags: 1_000_000,
        elem_segments: 100_000,
        data_segments: 100_000,
        function_size: 7_654_321,
        function_locals: 50_000,
        function_nesting: u32::MAX,
    };
}

impl Default for Limits {
    fn default() -> Limits {
        Limits::DEFAULT
    }
}
