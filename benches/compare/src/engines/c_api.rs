//! Any engine that exports the standard `wasm.h`, loaded at run time: libwasmtime, and for a check of the road itself
//! also `libwasm.so`.

use super::{Guest, Loaded, append};
use std::ffi::{c_char, c_void};
use std::path::Path;
use std::ptr;

type Ptr = *mut c_void;
type Setting = (unsafe extern "C" fn(Ptr, u32), u32);

/// Every `wasm_*_vec_t`.
#[repr(C)]
struct Vector {
    size: usize,
    data: *mut c_void,
}

impl Vector {
    const EMPTY: Vector = Vector { size: 0, data: ptr::null_mut() };
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Value {
    kind: u8,
    of: u64,
}

const I32: u8 = 0;
const I64: u8 = 1;
const EXTERN_FUNC: u8 = 0;
const EXTERN_MEMORY: u8 = 3;

macro_rules! functions {
    ($($name:ident($($arg:ty),*) $(-> $result:ty)?;)*) => {
        /// The functions of `wasm.h` that running a guest takes.
        #[derive(Clone, Copy)]
        pub struct Library {
            $($name: unsafe extern "C" fn($($arg),*) $(-> $result)?,)*
            /// What a configuration must be told before use, by a function of the library's own.
            setting: Option<Setting>,
        }

        impl Library {
            /// Opens a library; `setting` names a function that changes a configuration, and its argument.
            pub fn open(path: &Path, setting: Option<(&str, u32)>) -> Result<Library, String> {
                // SAFETY: these are the standard's signatures, and those of the settings that `Engine::open` knows;
                // the library stays loaded until the process ends.
                unsafe {
                    let library = Box::leak(Box::new(libloading::Library::new(path).map_err(|e| e.to_string())?));
                    let setting = match setting {
                        Some((name, value)) => {
                            Some((*library.get(name.as_bytes()).map_err(|e| e.to_string())?, value))
                        }
                        None => None,
                    };
                    Ok(Library {
                        $($name: *library.get(stringify!($name).as_bytes()).map_err(|e| e.to_string())?,)*
                        setting,
                    })
                }
            }
        }
    };
}

functions! {
    wasm_engine_new_with_config(Ptr) -> Ptr;
    wasm_config_new() -> Ptr;
    wasm_store_new(Ptr) -> Ptr;
    wasm_module_new(Ptr, *const Vector) -> Ptr;
    wasm_valtype_new(u8) -> Ptr;
    wasm_valtype_vec_new(*mut Vector, usize, *const Ptr);
    wasm_functype_new(*mut Vector, *mut Vector) -> Ptr;
    wasm_func_new_with_env(Ptr, Ptr, unsafe extern "C" fn(Ptr, *const Vector, *mut Vector) -> Ptr, Ptr, Option<unsafe extern "C" fn(Ptr)>) -> Ptr;
    wasm_func_as_extern(Ptr) -> Ptr;
    wasm_instance_new(Ptr, Ptr, *const Vector, *mut Ptr) -> Ptr;
    wasm_instance_exports(Ptr, *mut Vector);
    wasm_extern_kind(Ptr) -> u8;
    wasm_extern_as_func(Ptr) -> Ptr;
    wasm_extern_as_memory(Ptr) -> Ptr;
    wasm_func_param_arity(Ptr) -> usize;
    wasm_func_call(Ptr, *const Vector, *mut Vector) -> Ptr;
    wasm_memory_data(Ptr) -> *mut u8;
    wasm_trap_message(Ptr, *mut Vector);
}

struct Running {
    library: Library,
    run: Ptr,
}

/// What the callback must know: the memory, once there is an instance.
struct Context {
    library: Library,
    memory: Ptr,
}

unsafe extern "C" fn write(env: Ptr, args: *const Vector, _results: *mut Vector) -> Ptr {
    // SAFETY: the engine calls with the environment given to `wasm_func_new_with_env` and two i32 arguments.
    unsafe {
        let context = &*env.cast::<Context>();
        let args = std::slice::from_raw_parts((*args).data.cast::<Value>(), 2);
        let base = (context.library.wasm_memory_data)(context.memory);
        append(std::slice::from_raw_parts(base.add(args[0].of as u32 as usize), args[1].of as u32 as usize));
    }
    ptr::null_mut()
}

impl Library {
    fn message(&self, trap: Ptr) -> String {
        let mut text = Vector::EMPTY;
        // SAFETY: a trap that the engine returned; the text is its own vector of bytes.
        unsafe {
            (self.wasm_trap_message)(trap, &mut text);
            let bytes = std::slice::from_raw_parts(text.data.cast::<c_char>().cast::<u8>(), text.size);
            String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned()
        }
    }

    /// A new store, and a module in it.
    fn module(&self, code: &[u8]) -> Result<(Ptr, Ptr), String> {
        // SAFETY: the standard's protocol; everything made here lives until the process ends.
        unsafe {
            let config = (self.wasm_config_new)();
            if let Some((set, value)) = self.setting {
                set(config, value);
            }
            let store = (self.wasm_store_new)((self.wasm_engine_new_with_config)(config));
            let bytes = Vector { size: code.len(), data: code.as_ptr() as Ptr };
            let module = (self.wasm_module_new)(store, &bytes);
            if module.is_null() { Err("the module is refused".into()) } else { Ok((store, module)) }
        }
    }

    /// Makes a module and nothing else: what loading costs.
    pub fn compile(&self, code: &[u8]) -> Result<(), String> {
        self.module(code).map(|_| ())
    }

    pub fn load(&self, code: &[u8]) -> Loaded {
        let (store, module) = self.module(code)?;
        // SAFETY: as above.
        unsafe {
            let context = Box::leak(Box::new(Context { library: *self, memory: ptr::null_mut() }));
            let (mut params, mut results) = (Vector::EMPTY, Vector::EMPTY);
            let types = [(self.wasm_valtype_new)(I32), (self.wasm_valtype_new)(I32)];
            (self.wasm_valtype_vec_new)(&mut params, 2, types.as_ptr());
            (self.wasm_valtype_vec_new)(&mut results, 0, ptr::null());
            let ty = (self.wasm_functype_new)(&mut params, &mut results);
            let env: Ptr = ptr::from_mut(context).cast();
            let import = (self.wasm_func_as_extern)((self.wasm_func_new_with_env)(store, ty, write, env, None));
            let mut imports = [import];
            let imports = Vector { size: 1, data: imports.as_mut_ptr().cast() };
            let mut trap = ptr::null_mut();
            let instance = (self.wasm_instance_new)(store, module, &imports, &mut trap);
            if instance.is_null() {
                return Err(if trap.is_null() { "does not instantiate".into() } else { self.message(trap) });
            }
            let mut exports = Vector::EMPTY;
            (self.wasm_instance_exports)(instance, &mut exports);
            let mut run = ptr::null_mut();
            for &export in std::slice::from_raw_parts(exports.data.cast::<Ptr>(), exports.size) {
                match (self.wasm_extern_kind)(export) {
                    EXTERN_MEMORY => context.memory = (self.wasm_extern_as_memory)(export),
                    EXTERN_FUNC => {
                        let f = (self.wasm_extern_as_func)(export);
                        if (self.wasm_func_param_arity)(f) == 1 {
                            run = f;
                        }
                    }
                    _ => {}
                }
            }
            if run.is_null() || context.memory.is_null() {
                return Err("no function `run` or no memory".into());
            }
            Ok(Box::new(Running { library: *self, run }))
        }
    }
}

impl Guest for Running {
    fn run(&mut self, scale: i32) -> Result<u64, String> {
        let mut arg = Value { kind: I32, of: scale as u32 as u64 };
        let mut result = Value { kind: I64, of: 0 };
        let args = Vector { size: 1, data: ptr::from_mut(&mut arg).cast() };
        let mut results = Vector { size: 1, data: ptr::from_mut(&mut result).cast() };
        // SAFETY: a function of type i32 -> i64, one argument and room for one result.
        let trap = unsafe { (self.library.wasm_func_call)(self.run, &args, &mut results) };
        if trap.is_null() { Ok(result.of) } else { Err(self.library.message(trap)) }
    }
}
