//! The line between C and Rust: no panic crosses it, and every failure leaves its reason behind.
//!
//! Why: the standard header has no channel for "why did this return NULL?", and unwinding into C is undefined. So each
//! exported function runs its body in [`guard`] or [`attempt`]; a failure or a panic becomes the neutral value of the
//! return type ([`Neutral`]) and a text for `wasmx_last_error`.
//!
//! Invariants: the text belongs to the thread; it is replaced by the next failure and never cleared by success, so
//! that success costs nothing.

use crate::sys::heap;
use std::any::Any;
use std::borrow::Cow;
use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why a call failed, in words for the host's programmer. One word large, as hundreds of functions pass it on.
#[derive(Debug)]
pub(crate) struct Failure(Box<Cow<'static, str>>);

impl From<&'static str> for Failure {
    #[cold]
    #[inline(never)]
    fn from(reason: &'static str) -> Failure {
        Failure(Box::new(reason.into()))
    }
}
impl From<String> for Failure {
    #[cold]
    #[inline(never)]
    fn from(reason: String) -> Failure {
        Failure(Box::new(reason.into()))
    }
}
impl std::ops::Deref for Failure {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}
impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self)
    }
}

/// What a function returns when it cannot do its work: NULL, false, 0 or nothing.
pub(crate) trait Neutral {
    /// Whether a function with such a result makes something, and is refused while the library is short of memory.
    const MAKES: bool = false;
    fn neutral() -> Self;
}

impl Neutral for () {
    fn neutral() {}
}
impl Neutral for bool {
    fn neutral() -> bool {
        false
    }
}
impl Neutral for u8 {
    fn neutral() -> u8 {
        0
    }
}
impl Neutral for u32 {
    fn neutral() -> u32 {
        0
    }
}
impl Neutral for i32 {
    fn neutral() -> i32 {
        0
    }
}
impl Neutral for u64 {
    fn neutral() -> u64 {
        0
    }
}
impl Neutral for usize {
    fn neutral() -> usize {
        0
    }
}
impl<T> Neutral for *mut T {
    const MAKES: bool = true;
    fn neutral() -> *mut T {
        std::ptr::null_mut()
    }
}
impl<T> Neutral for *const T {
    fn neutral() -> *const T {
        std::ptr::null()
    }
}

thread_local! {
    static LAST_ERROR: RefCell<Option<CString>> = const { RefCell::new(None) };
}

/// Records why the current call fails. Interior NULs are cut out so that the text survives as a C string.
pub(crate) fn set_last_error(reason: &str) {
    let bytes: Vec<u8> = reason.bytes().filter(|&b| b != 0).collect();
    let text = CString::new(bytes).unwrap_or_default();
    // A thread that is being torn down has no storage left, and nobody left to ask.
    let _ = LAST_ERROR.try_with(|slot| *slot.borrow_mut() = Some(text));
}

/// The text of the last failure on this thread, or null.
pub(crate) fn last_error() -> *const c_char {
    LAST_ERROR
        .try_with(|slot| slot.borrow().as_deref().map_or(std::ptr::null(), CStr::as_ptr))
        .unwrap_or(std::ptr::null())
}

/// Runs the body of an exported function; a panic, which is a bug of ours, becomes the neutral value.
#[inline]
pub(crate) fn guard<T: Neutral>(body: impl FnOnce() -> T) -> T {
    let body = || {
        #[cfg(test)]
        super::panics::maybe();
        body()
    };
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(value) => value,
        Err(payload) => {
            report_panic(payload);
            T::neutral()
        }
    }
}

/// As [`guard`], for bodies that can fail.
#[inline]
pub(crate) fn attempt<T: Neutral>(body: impl FnOnce() -> Result<T, Failure>) -> T {
    if T::MAKES { make(body) } else { tell(body) }
}

/// As [`attempt`], for functions that make something, whatever their result.
#[inline]
pub(crate) fn make<T: Neutral>(body: impl FnOnce() -> Result<T, Failure>) -> T {
    tell(|| {
        has_room(0)?;
        body()
    })
}

/// As [`attempt`], for functions that make nothing, whatever their result.
#[inline]
pub(crate) fn tell<T: Neutral>(body: impl FnOnce() -> Result<T, Failure>) -> T {
    guard(|| match body() {
        Ok(value) => value,
        Err(reason) => {
            refuse(reason);
            T::neutral()
        }
    })
}

/// A failure unless the library can allocate so many bytes more, and is not short of memory.
#[inline]
pub(crate) fn has_room(bytes: usize) -> Result<(), Failure> {
    if heap::has_room(bytes) { Ok(()) } else { Err(OUT_OF_MEMORY.into()) }
}

/// What functions say that are refused for lack of memory.
pub(crate) const OUT_OF_MEMORY: &str = "out of memory";

// The two ends of every exported function. They take over what they are told, and are of an ABI that does not unwind, so that the
// functions have nothing to drop behind them, and no landing pads for that.
/// Records why the current call fails.
#[cold]
#[inline(never)]
#[allow(improper_ctypes_definitions, reason = "called from here alone")]
pub(crate) extern "C" fn refuse(reason: Failure) {
    set_last_error(&reason);
}

#[cold]
#[inline(never)]
#[allow(improper_ctypes_definitions, reason = "called from here alone")]
extern "C" fn report_panic(payload: Box<dyn Any + Send>) {
    set_last_error(&panic_text(&*payload));
}

/// What a panic said.
pub(crate) fn panic_text(payload: &(dyn Any + Send)) -> String {
    let said = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    format!("internal error: {said}")
}

/// The object behind a C pointer, or a failure that names the argument.
///
/// # Safety
/// `pointer` is null or points to a live `T` that nobody changes meanwhile.
#[inline]
pub(crate) unsafe fn given<'a, T>(pointer: *const T, what: &'static str) -> Result<&'a T, Failure> {
    // SAFETY: the caller's promise.
    unsafe { pointer.as_ref() }.ok_or_else(|| missing(what))
}

#[cold]
#[inline(never)]
fn missing(what: &'static str) -> Failure {
    format!("{what} is NULL").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text() -> String {
        let text = last_error();
        assert!(!text.is_null());
        // SAFETY: non-null results are C strings that live until this thread fails again.
        unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
    }

    #[test]
    fn panics_and_failures_become_neutral_values_with_a_reason() {
        assert!(!guard(|| -> bool { panic!("oh {}", 1) }));
        assert_eq!(text(), "internal error: oh 1");
        assert_eq!(attempt(|| -> Result<u32, Failure> { Err("no\0pe".into()) }), 0);
        assert_eq!(text(), "nope");
        assert_eq!(attempt(|| Ok(7u32)), 7);
        assert_eq!(text(), "nope");
    }

    #[test]
    fn the_reason_is_per_thread() {
        set_last_error("here");
        assert!(std::thread::spawn(|| last_error().is_null()).join().unwrap());
        assert_eq!(text(), "here");
    }
}
