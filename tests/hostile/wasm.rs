//! Writes modules of any size, section by section.
#![forbid(unsafe_code)]

/// A module in the making.
pub struct Wasm(pub Vec<u8>);

pub const I32: u8 = 0x7f;
pub const I64: u8 = 0x7e;
pub const V128: u8 = 0x7b;
pub const END: u8 = 0x0b;

pub fn leb(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

/// A signed number, which type indices and constants are.
pub fn sleb(out: &mut Vec<u8>, mut n: i64) {
    while !(-64..64).contains(&n) {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8 & 0x7f);
}

pub fn name(out: &mut Vec<u8>, text: &str) {
    leb(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

impl Wasm {
    pub fn new() -> Wasm {
        Wasm(b"\0asm\x01\0\0\0".to_vec())
    }

    /// A section with these contents.
    pub fn raw(&mut self, id: u8, contents: &[u8]) -> &mut Wasm {
        self.0.push(id);
        leb(&mut self.0, contents.len() as u64);
        self.0.extend_from_slice(contents);
        self
    }

    /// A section that is a vector.
    pub fn section(&mut self, id: u8, count: u64, write: impl FnOnce(&mut Vec<u8>)) -> &mut Wasm {
        let mut contents = Vec::new();
        leb(&mut contents, count);
        write(&mut contents);
        self.raw(id, &contents)
    }

    pub fn custom(&mut self, named: &str, contents: &[u8]) -> &mut Wasm {
        let mut all = Vec::new();
        name(&mut all, named);
        all.extend_from_slice(contents);
        self.raw(0, &all)
    }

    /// The type section: one final type of each description.
    pub fn types(&mut self, types: &[(&[u8], &[u8])]) -> &mut Wasm {
        self.section(1, types.len() as u64, |out| types.iter().for_each(|(p, r)| func_type(out, p, r)))
    }

    /// The function section: `count` functions of a type.
    pub fn funcs(&mut self, types: &[u64]) -> &mut Wasm {
        self.section(3, types.len() as u64, |out| types.iter().for_each(|t| leb(out, *t)))
    }

    /// The export section: one function, `f`.
    pub fn export_f(&mut self, func: u64) -> &mut Wasm {
        self.section(7, 1, |out| {
            name(out, "f");
            out.push(0);
            leb(out, func);
        })
    }

    /// The code section: bodies with their locals, without their last `end`.
    pub fn code(&mut self, bodies: &[Vec<u8>]) -> &mut Wasm {
        self.section(10, bodies.len() as u64, |out| {
            for b in bodies {
                leb(out, b.len() as u64 + 1);
                out.extend_from_slice(b);
                out.push(END);
            }
        })
    }

    /// Functions of types given by index, with their bodies; the first of them is exported as `f`.
    pub fn with_code(&mut self, bodies: &[(u64, Vec<u8>)]) -> &mut Wasm {
        let types: Vec<u64> = bodies.iter().map(|b| b.0).collect();
        let bodies: Vec<Vec<u8>> = bodies.iter().map(|b| b.1.clone()).collect();
        self.funcs(&types).export_f(0).code(&bodies)
    }
}

pub fn func_type(out: &mut Vec<u8>, params: &[u8], results: &[u8]) {
    out.push(0x60);
    for types in [params, results] {
        leb(out, types.len() as u64);
        out.extend_from_slice(types);
    }
}

/// A body without locals that repeats some bytes, with others before and after.
pub fn body(before: &[u8], repeated: &[u8], times: usize, after: &[u8]) -> Vec<u8> {
    let mut out = vec![0];
    out.extend_from_slice(before);
    out.extend(repeated.iter().copied().cycle().take(repeated.len() * times));
    out.extend_from_slice(after);
    out
}

/// As many times as fit the largest function that there may be.
pub fn most(bytes_each: usize) -> usize {
    7_600_000 / bytes_each
}
