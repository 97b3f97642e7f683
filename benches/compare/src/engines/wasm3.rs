//! wasm3, from a shared library that `fetch-peers.sh` builds with our shim.

use super::{Guest, Loaded, append_raw};
use std::ffi::{CStr, c_char, c_void};
use std::path::Path;

type Write = unsafe extern "C" fn(*const u8, u32);
type Load = unsafe extern "C" fn(*const u8, u32, Write, *mut State) -> *const c_char;
type Run = unsafe extern "C" fn(*mut State, i32, *mut u64) -> *const c_char;

/// `w3_guest`.
#[repr(C)]
struct State([*mut c_void; 3]);

pub struct Library {
    load: Load,
    run: Run,
}

struct Running {
    state: State,
    run: Run,
    /// wasm3 reads the module's bytes as long as it lives.
    _code: Vec<u8>,
}

fn check(error: *const c_char) -> Result<(), String> {
    if error.is_null() {
        return Ok(());
    }
    // SAFETY: wasm3's messages are static strings.
    Err(unsafe { CStr::from_ptr(error) }.to_string_lossy().into_owned())
}

impl Library {
    pub fn open(path: &Path) -> Result<Library, String> {
        // SAFETY: the shim's functions have these types; the library stays loaded until the process ends.
        unsafe {
            let library = Box::leak(Box::new(libloading::Library::new(path).map_err(|e| e.to_string())?));
            Ok(Library {
                load: *library.get::<Load>(b"w3_load").map_err(|e| e.to_string())?,
                run: *library.get::<Run>(b"w3_run").map_err(|e| e.to_string())?,
            })
        }
    }

    pub fn load(&self, code: &[u8]) -> Loaded {
        let (code, mut state) = (code.to_vec(), State([std::ptr::null_mut(); 3]));
        // SAFETY: the bytes live in the guest; the state is as large as the shim's.
        check(unsafe { (self.load)(code.as_ptr(), code.len() as u32, append_raw, &mut state) })?;
        Ok(Box::new(Running { state, run: self.run, _code: code }))
    }
}

impl Guest for Running {
    fn run(&mut self, scale: i32) -> Result<u64, String> {
        let mut sum = 0;
        // SAFETY: a state that the shim filled.
        check(unsafe { (self.run)(&mut self.state, scale, &mut sum) })?;
        Ok(sum)
    }
}
