//! The same source compiled for this machine, as a shared object: what no engine is asked to reach.

use super::{Guest, Loaded, append_raw};
use std::path::Path;
use std::process::Command;

type Write = unsafe extern "C" fn(*const u8, u32);
type Run = unsafe extern "C" fn(i32) -> i64;

struct Running {
    run: Run,
}

/// Compiles a guest's source unless the object is newer.
pub fn build(source: &Path, object: &Path) -> Result<(), String> {
    let age = |path: &Path| path.metadata().and_then(|m| m.modified()).ok();
    if age(object).is_some_and(|made| age(source).is_some_and(|written| made > written)) {
        return Ok(());
    }
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let out = Command::new(compiler)
        .args(["-O2", "-fno-strict-aliasing", "-ffp-contract=off", "-fno-math-errno", "-w", "-shared", "-fPIC"])
        .args([source.as_os_str(), "-o".as_ref(), object.as_os_str(), "-lm".as_ref()])
        .output()
        .map_err(|e| e.to_string())?;
    if out.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&out.stderr).into_owned()) }
}

pub fn load(path: &[u8]) -> Loaded {
    let path = std::str::from_utf8(path).map_err(|e| e.to_string())?;
    // SAFETY: the guest's support header defines both symbols with these types.
    unsafe {
        let library = Box::leak(Box::new(libloading::Library::new(path).map_err(|e| e.to_string())?));
        let write = library.get::<*mut Option<Write>>(b"guest_write").map_err(|e| e.to_string())?;
        **write = Some(append_raw);
        Ok(Box::new(Running { run: *library.get::<Run>(b"run").map_err(|e| e.to_string())? }))
    }
}

impl Guest for Running {
    fn run(&mut self, scale: i32) -> Result<u64, String> {
        // SAFETY: a native guest may be called with any scale.
        Ok(unsafe { (self.run)(scale) } as u64)
    }
}
