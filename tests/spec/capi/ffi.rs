//! The part of `wasm.h` that the runner uses, resolved by name in a shared library.
//!
//! The declarations are written from the C header and not shared with the library's own, so that a mistake there
//! shows here.

use std::ffi::{OsStr, c_char, c_void};

/// Every `wasm_*_t` that C sees only through pointers.
#[repr(C)]
pub struct Opaque {
    _private: [u8; 0],
}

pub type Ptr = *mut Opaque;

pub const I32: u8 = 0;
pub const I64: u8 = 1;
pub const F32: u8 = 2;
pub const F64: u8 = 3;
pub const EXTERNREF: u8 = 128;
pub const FUNCREF: u8 = 129;

#[repr(C)]
#[derive(Clone, Copy)]
pub union Payload {
    pub i32: u32,
    pub i64: u64,
    pub reference: Ptr,
}

/// `wasm_val_t`; floats are read and written as bits.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Val {
    pub kind: u8,
    pub of: Payload,
}

#[repr(C)]
pub struct Limits {
    pub min: u32,
    pub max: u32,
}

/// `wasm_*_vec_t`.
#[repr(C)]
pub struct Vector<T> {
    pub size: usize,
    pub data: *mut T,
}

impl<T> Vector<T> {
    pub const EMPTY: Vector<T> = Vector { size: 0, data: std::ptr::null_mut() };

    /// A vector that borrows; never passed as `own`.
    pub fn of(items: &mut [T]) -> Vector<T> {
        Vector { size: items.len(), data: items.as_mut_ptr() }
    }

    /// # Safety
    /// The vector was filled by the library and is not deleted while the slice is in use.
    pub unsafe fn as_slice(&self) -> &[T] {
        if self.size == 0 {
            return &[];
        }
        // SAFETY: the caller vouches for `size` elements.
        unsafe { std::slice::from_raw_parts(self.data, self.size) }
    }
}

pub type Callback = unsafe extern "C" fn(*const Vector<Val>, *mut Vector<Val>) -> Ptr;

macro_rules! api {
    ($($name:ident: fn($($arg:ty),*) $(-> $ret:ty)?;)*) => {
        /// The functions of a loaded library.
        #[allow(non_snake_case)]
        pub struct Api {
            $(pub $name: unsafe extern "C" fn($($arg),*) $(-> $ret)?,)*
            /// Of `wasmx.h`: why the last call on this thread failed.
            pub wasmx_last_error: Option<unsafe extern "C" fn() -> *const c_char>,
            /// Of `wasmx.h`: switches a proposal on or off.
            pub wasmx_config_set_feature: Option<unsafe extern "C" fn(Ptr, *const c_char, bool) -> bool>,
            /// How guests run, and when they get hot.
            pub wasmx_config_set_tier: Option<unsafe extern "C" fn(Ptr, u8) -> bool>,
            pub wasmx_config_set_tier_thresholds: Option<unsafe extern "C" fn(Ptr, u32, u32)>,
            pub wasmx_config_set_compile_threads: Option<unsafe extern "C" fn(Ptr, u32)>,
        }

        impl Api {
            /// Loads a library for the rest of the process's life.
            ///
            /// # Safety
            /// The file implements `wasm.h`.
            pub unsafe fn load(path: &OsStr) -> Result<Api, libloading::Error> {
                // SAFETY: the caller vouches for the library.
                let library = std::mem::ManuallyDrop::new(unsafe { libloading::Library::new(path)? });
                Ok(Api {
                    // SAFETY: the signatures are those of the header.
                    $($name: unsafe { *library.get(concat!("wasm_", stringify!($name), "\0").as_bytes())? },)*
                    // SAFETY: as above.
                    wasmx_last_error: unsafe { library.get(b"wasmx_last_error\0").ok().map(|symbol| *symbol) },
                    // SAFETY: as above.
                    wasmx_config_set_feature: unsafe {
                        library.get(b"wasmx_config_set_feature\0").ok().map(|symbol| *symbol)
                    },
                    // SAFETY: as above.
                    wasmx_config_set_tier: unsafe { library.get(b"wasmx_config_set_tier\0").ok().map(|s| *s) },
                    // SAFETY: as above.
                    wasmx_config_set_tier_thresholds: unsafe {
                        library.get(b"wasmx_config_set_tier_thresholds\0").ok().map(|symbol| *symbol)
                    },
                    // SAFETY: as above.
                    wasmx_config_set_compile_threads: unsafe {
                        library.get(b"wasmx_config_set_compile_threads\0").ok().map(|symbol| *symbol)
                    },
                })
            }
        }
    };
}

api! {
    config_new: fn() -> Ptr;
    engine_new_with_config: fn(Ptr) -> Ptr;
    engine_delete: fn(Ptr);
    store_new: fn(Ptr) -> Ptr;
    store_delete: fn(Ptr);

    byte_vec_new: fn(*mut Vector<u8>, usize, *const u8);
    byte_vec_delete: fn(*mut Vector<u8>);
    extern_vec_delete: fn(*mut Vector<Ptr>);
    importtype_vec_delete: fn(*mut Vector<Ptr>);
    exporttype_vec_delete: fn(*mut Vector<Ptr>);
    valtype_vec_new: fn(*mut Vector<Ptr>, usize, *const Ptr);

    valtype_new: fn(u8) -> Ptr;
    functype_new: fn(*mut Vector<Ptr>, *mut Vector<Ptr>) -> Ptr;
    functype_delete: fn(Ptr);
    globaltype_new: fn(Ptr, u8) -> Ptr;
    globaltype_delete: fn(Ptr);
    tabletype_new: fn(Ptr, *const Limits) -> Ptr;
    tabletype_delete: fn(Ptr);
    memorytype_new: fn(*const Limits) -> Ptr;
    memorytype_delete: fn(Ptr);
    importtype_module: fn(Ptr) -> *const Vector<u8>;
    importtype_name: fn(Ptr) -> *const Vector<u8>;
    exporttype_name: fn(Ptr) -> *const Vector<u8>;

    module_new: fn(Ptr, *const Vector<u8>) -> Ptr;
    module_validate: fn(Ptr, *const Vector<u8>) -> bool;
    module_delete: fn(Ptr);
    module_imports: fn(Ptr, *mut Vector<Ptr>);
    module_exports: fn(Ptr, *mut Vector<Ptr>);
    instance_new: fn(Ptr, Ptr, *const Vector<Ptr>, *mut Ptr) -> Ptr;
    instance_delete: fn(Ptr);
    instance_exports: fn(Ptr, *mut Vector<Ptr>);

    extern_as_func: fn(Ptr) -> Ptr;
    extern_as_global: fn(Ptr) -> Ptr;
    extern_copy: fn(Ptr) -> Ptr;
    extern_delete: fn(Ptr);
    func_as_extern: fn(Ptr) -> Ptr;
    func_new: fn(Ptr, Ptr, Callback) -> Ptr;
    func_result_arity: fn(Ptr) -> usize;
    func_param_arity: fn(Ptr) -> usize;
    func_call: fn(Ptr, *const Vector<Val>, *mut Vector<Val>) -> Ptr;
    func_delete: fn(Ptr);
    global_new: fn(Ptr, Ptr, *const Val) -> Ptr;
    global_as_extern: fn(Ptr) -> Ptr;
    global_get: fn(Ptr, *mut Val);
    global_delete: fn(Ptr);
    table_new: fn(Ptr, Ptr, Ptr) -> Ptr;
    table_as_extern: fn(Ptr) -> Ptr;
    table_delete: fn(Ptr);
    memory_new: fn(Ptr, Ptr) -> Ptr;
    memory_as_extern: fn(Ptr) -> Ptr;
    memory_delete: fn(Ptr);

    val_delete: fn(*mut Val);
    ref_copy: fn(Ptr) -> Ptr;
    ref_get_host_info: fn(Ptr) -> *mut c_void;
    foreign_new: fn(Ptr) -> Ptr;
    foreign_as_ref: fn(Ptr) -> Ptr;
    foreign_set_host_info: fn(Ptr, *mut c_void);
    foreign_delete: fn(Ptr);

    trap_message: fn(Ptr, *mut Vector<u8>);
    trap_delete: fn(Ptr);
}
