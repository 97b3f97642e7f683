//! One `wasm_store_t`, its instances, and the `spectest` module, through C calls alone.

use super::adapter::{self, Part, Shape, Task};
use super::ffi::{self, Api, Limits, Payload, Ptr, Val, Vector};
use crate::session::{Failure, InstanceId, Mode, Names, Session, Shared, TIER_CALLS, TIER_LOOPS};
use crate::value::{Top, Value};
use std::collections::HashMap;
use std::ffi::{CStr, CString, c_void};
use std::ptr::null_mut;
use wasm_encoder::ValType;

/// A module instance and the externs it exports. All handles are owned.
struct Instance {
    handle: Ptr,
    exports: Vec<(String, Ptr)>,
    shape: Option<Shape>,
    adapters: HashMap<Key, Ptr>,
}

/// Which adapter function: the export, its null arguments, the task.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    name: String,
    nulls: Vec<bool>,
    task: Option<Task>,
}

pub struct CSession<'a> {
    api: &'a Api,
    host_refs: bool,
    engine: Ptr,
    store: Ptr,
    instances: Vec<Instance>,
}

impl<'a> CSession<'a> {
    pub fn new(api: &'a Api, without: &[&str], host_refs: bool, mode: Mode) -> CSession<'a> {
        // SAFETY: plain constructors; the engine takes the configuration over.
        let (engine, store) = unsafe {
            let config = (api.config_new)();
            if let Some(set) = api.wasmx_config_set_feature {
                for name in without {
                    let name = CString::new(*name).expect("a name without zero bytes");
                    assert!(set(config, name.as_ptr(), false), "no such proposal: {name:?}");
                }
            }
            if let Some(set) = api.wasmx_config_set_tier {
                assert!(set(config, mode as u8), "no such tier: {mode:?}");
                let calls = if mode == Mode::Tiering { TIER_CALLS } else { 0 };
                (api.wasmx_config_set_tier_thresholds.expect("both or none"))(config, calls, TIER_LOOPS);
                (api.wasmx_config_set_compile_threads.expect("both or none"))(config, 0);
            }
            let engine = (api.engine_new_with_config)(config);
            (engine, (api.store_new)(engine))
        };
        assert!(!engine.is_null() && !store.is_null(), "no engine or no store");
        let mut session = CSession { api, host_refs, engine, store, instances: Vec::new() };
        let spectest = session.spectest();
        session.instances.push(spectest);
        session
    }

    /// The host module of the suite.
    fn spectest(&mut self) -> Instance {
        let api = self.api;
        let mut exports: Vec<(String, Ptr)> = Vec::new();
        let functions: [(&str, &[u8]); 7] = [
            ("print", &[]),
            ("print_i32", &[ffi::I32]),
            ("print_i64", &[ffi::I64]),
            ("print_f32", &[ffi::F32]),
            ("print_f64", &[ffi::F64]),
            ("print_i32_f32", &[ffi::I32, ffi::F32]),
            ("print_f64_f64", &[ffi::F64, ffi::F64]),
        ];
        let globals = [
            ("global_i32", ffi::I32, 666),
            ("global_i64", ffi::I64, 666),
            ("global_f32", ffi::F32, u64::from(666.6f32.to_bits())),
            ("global_f64", ffi::F64, 666.6f64.to_bits()),
        ];
        // SAFETY: every handle is passed to the function that the header says takes it; the `own` vectors are made by
        // the library, and an extern borrowed from an object is copied before the object is released.
        unsafe {
            for (name, kinds) in functions {
                let kinds: Vec<Ptr> = kinds.iter().map(|&kind| (api.valtype_new)(kind)).collect();
                let (mut params, mut results) = (Vector::EMPTY, Vector::EMPTY);
                (api.valtype_vec_new)(&mut params, kinds.len(), kinds.as_ptr());
                (api.valtype_vec_new)(&mut results, 0, null_mut());
                let ty = (api.functype_new)(&mut params, &mut results);
                let func = (api.func_new)(self.store, ty, ignore);
                (api.functype_delete)(ty);
                exports.push((name.to_string(), (api.extern_copy)((api.func_as_extern)(func))));
                (api.func_delete)(func);
            }
            for (name, kind, bits) in globals {
                let ty = (api.globaltype_new)((api.valtype_new)(kind), 0);
                let global = (api.global_new)(self.store, ty, &Val { kind, of: Payload { i64: bits } });
                (api.globaltype_delete)(ty);
                exports.push((name.to_string(), (api.extern_copy)((api.global_as_extern)(global))));
                (api.global_delete)(global);
            }
            let ty = (api.tabletype_new)((api.valtype_new)(ffi::FUNCREF), &Limits { min: 10, max: 20 });
            let table = (api.table_new)(self.store, ty, null_mut());
            (api.tabletype_delete)(ty);
            exports.push(("table".to_string(), (api.extern_copy)((api.table_as_extern)(table))));
            (api.table_delete)(table);
            let ty = (api.memorytype_new)(&Limits { min: 1, max: 2 });
            let memory = (api.memory_new)(self.store, ty);
            (api.memorytype_delete)(ty);
            exports.push(("memory".to_string(), (api.extern_copy)((api.memory_as_extern)(memory))));
            (api.memory_delete)(memory);
        }
        // What `wasm.h` has no constructor for is defined by modules.
        let mut spectest = Instance { handle: null_mut(), exports, shape: None, adapters: HashMap::new() };
        for (name, text) in [
            ("table64", r#"(module (table (export "table64") i64 10 20 funcref))"#),
            ("shared_memory", r#"(module (memory (export "shared_memory") 1 2 shared))"#),
        ] {
            let buffer = wast::parser::ParseBuffer::new(text).expect("a lexable module");
            let wasm = wast::parser::parse::<wast::Wat<'_>>(&buffer).and_then(|mut wat| Ok(wat.encode()?));
            if let Ok(mut instance) = self.add(&wasm.expect("a module"), &[]) {
                spectest.exports.push((name.to_string(), instance.exports.pop().expect("the export").1));
                self.release(instance);
            }
        }
        spectest
    }

    /// Makes an instance from imports in order.
    fn add(&self, wasm: &[u8], imports: &[Ptr]) -> Result<Instance, Failure> {
        let module = self.compile(wasm)?;
        let made = self.add_compiled(module, imports);
        // SAFETY: the module is ours and no longer used; the instance keeps what it needs.
        unsafe { (self.api.module_delete)(module) };
        let (handle, exports) = made?;
        Ok(Instance { handle, exports, shape: None, adapters: HashMap::new() })
    }

    fn compile(&self, wasm: &[u8]) -> Result<Ptr, Failure> {
        let mut bytes = Vector::EMPTY;
        // SAFETY: the byte vector is made and released by the library.
        let module = unsafe {
            (self.api.byte_vec_new)(&mut bytes, wasm.len(), wasm.as_ptr());
            let module = (self.api.module_new)(self.store, &bytes);
            (self.api.byte_vec_delete)(&mut bytes);
            module
        };
        if module.is_null() { Err(Failure::Refused(self.last_error())) } else { Ok(module) }
    }

    fn add_compiled(&self, module: Ptr, imports: &[Ptr]) -> Result<(Ptr, Vec<(String, Ptr)>), Failure> {
        let api = self.api;
        let mut imports = imports.to_vec();
        let mut trap = null_mut();
        // SAFETY: the imports are borrowed by the call; `trap` receives an owned handle.
        let handle = unsafe { (api.instance_new)(self.store, module, &Vector::of(&mut imports), &mut trap) };
        if handle.is_null() {
            if trap.is_null() {
                return Err(Failure::Unlinkable(self.last_error()));
            }
            // An import that does not fit is reported as a trap too.
            let message = self.take_trap(trap);
            let unlinkable = message.starts_with("incompatible import type");
            return Err(if unlinkable { Failure::Unlinkable(message) } else { Failure::Trap(message) });
        }
        let (mut types, mut externs) = (Vector::EMPTY, Vector::EMPTY);
        // SAFETY: both vectors are filled by the library and released after use; externs are copied out.
        let exports = unsafe {
            (api.module_exports)(module, &mut types);
            (api.instance_exports)(handle, &mut externs);
            let names = types.as_slice().iter().map(|&ty| name_of((api.exporttype_name)(ty)));
            let copies = externs.as_slice().iter().map(|&e| (api.extern_copy)(e));
            assert_eq!(types.size, externs.size, "as many exports as export types");
            let exports = names.zip(copies).collect();
            (api.exporttype_vec_delete)(&mut types);
            (api.extern_vec_delete)(&mut externs);
            exports
        };
        Ok((handle, exports))
    }

    /// The externs that a module imports, borrowed from the named instances.
    fn resolve(&self, module: Ptr, names: &Names) -> Result<Vec<Ptr>, Failure> {
        let api = self.api;
        let mut types = Vector::EMPTY;
        // SAFETY: the vector is filled by the library and released after its names have been copied.
        let wanted: Vec<(String, String)> = unsafe {
            (api.module_imports)(module, &mut types);
            let wanted = types
                .as_slice()
                .iter()
                .map(|&ty| (name_of((api.importtype_module)(ty)), name_of((api.importtype_name)(ty))))
                .collect();
            (api.importtype_vec_delete)(&mut types);
            wanted
        };
        wanted
            .into_iter()
            .map(|(module, name)| {
                names
                    .get(&module)
                    .and_then(|id| self.export(*id, &name))
                    .ok_or_else(|| Failure::Unlinkable(format!("unknown import: {module:?} {name:?}")))
            })
            .collect()
    }

    fn export(&self, id: InstanceId, name: &str) -> Option<Ptr> {
        self.instances[id.0].exports.iter().find(|(n, _)| n == name).map(|&(_, handle)| handle)
    }

    fn shape(&self, id: InstanceId) -> Result<&Shape, Failure> {
        self.instances[id.0].shape.as_ref().ok_or_else(|| Failure::Unable("an export of the host".to_string()))
    }

    /// The function exported by the adapter for an export, made at first use.
    fn adapter(&mut self, id: InstanceId, key: Key) -> Result<Ptr, Failure> {
        if let Some(&func) = self.instances[id.0].adapters.get(&key) {
            return Ok(func);
        }
        let shape = self.shape(id)?;
        let wasm = match key.task {
            Some(task) => adapter::for_function(shape, &key.name, &key.nulls, task),
            None => adapter::for_global(shape, &key.name),
        };
        let wasm = wasm.ok_or_else(|| Failure::Unable(format!("no adapter for {:?}", key.name)))?;
        let import = self.export(id, &key.name).ok_or_else(|| Failure::Unable("no such export".to_string()))?;
        let mut instance = self
            .add(&wasm, &[import])
            .map_err(|f| Failure::Unable(format!("the adapter for {:?}: {f:?}", key.name)))?;
        let (_, func) = instance.exports.pop().expect("the export of the adapter");
        self.release(instance);
        self.instances[id.0].adapters.insert(key, func);
        Ok(func)
    }

    /// Calls a function with plain values. `args` are owned and released.
    fn call(&self, function: Ptr, mut args: Vec<Val>) -> Result<Vec<Val>, Failure> {
        let api = self.api;
        // SAFETY: `function` is an extern of ours; vectors are borrowed; results are owned by us afterwards.
        unsafe {
            let func = (api.extern_as_func)(function);
            if func.is_null() {
                return Err(Failure::Unable("not a function".to_string()));
            }
            if (api.func_param_arity)(func) != args.len() {
                return Err(Failure::Unable("wrong number of arguments".to_string()));
            }
            let mut results = vec![Val { kind: 0, of: Payload { i64: 0 } }; (api.func_result_arity)(func)];
            let trap = (api.func_call)(func, &Vector::of(&mut args), &mut Vector::of(&mut results));
            for arg in &mut args {
                (api.val_delete)(arg);
            }
            if trap.is_null() { Ok(results) } else { Err(Failure::Trap(self.take_trap(trap))) }
        }
    }

    /// A `wasm_val_t` of a kind that `wasm.h` has; a host object becomes a foreign with its number as host info.
    fn to_val(&self, value: &Value) -> Result<Val, Failure> {
        let (kind, of) = match *value {
            Value::I32(v) => (ffi::I32, Payload { i32: v }),
            Value::I64(v) => (ffi::I64, Payload { i64: v }),
            Value::F32(v) => (ffi::F32, Payload { i32: v }),
            Value::F64(v) => (ffi::F64, Payload { i64: v }),
            Value::Null(Top::Func) => (ffi::FUNCREF, Payload { reference: null_mut() }),
            Value::Null(_) => (ffi::EXTERNREF, Payload { reference: null_mut() }),
            Value::Extern(Some(n)) | Value::Host(Some(n)) if self.host_refs => {
                (ffi::EXTERNREF, Payload { reference: self.foreign(n) })
            }
            other => return Err(Failure::Unable(format!("no wasm_val_t for {other:?}"))),
        };
        Ok(Val { kind, of })
    }

    /// An owned reference to a new host object.
    fn foreign(&self, number: u32) -> Ptr {
        let api = self.api;
        // SAFETY: the reference is copied before its object is released. The info is a number, never dereferenced,
        // and one too large so that it differs from no info.
        unsafe {
            let foreign = (api.foreign_new)(self.store);
            (api.foreign_set_host_info)(foreign, (number as usize + 1) as *mut c_void);
            let reference = (api.ref_copy)((api.foreign_as_ref)(foreign));
            (api.foreign_delete)(foreign);
            reference
        }
    }

    /// The number of a host object.
    fn number(&self, reference: Ptr) -> Option<u32> {
        if reference.is_null() {
            return None;
        }
        // SAFETY: a live reference.
        let info = unsafe { (self.api.ref_get_host_info)(reference) } as usize;
        info.checked_sub(1).map(|n| n as u32)
    }

    /// Reads and releases a value of a plain type.
    fn take_plain(&self, ty: &ValType, mut val: Val) -> Result<Value, Failure> {
        // SAFETY: the payload read is the one the kind names, and the value is ours to release.
        unsafe {
            let value = match (*ty, val.kind) {
                (ValType::I32, ffi::I32) => Value::I32(val.of.i32),
                (ValType::I64, ffi::I64) => Value::I64(val.of.i64),
                (ValType::F32, ffi::F32) => Value::F32(val.of.i32),
                (ValType::F64, ffi::F64) => Value::F64(val.of.i64),
                (_, ffi::FUNCREF) if val.of.reference.is_null() => Value::Null(Top::Func),
                (_, ffi::FUNCREF) => Value::Func,
                (_, ffi::EXTERNREF) if val.of.reference.is_null() => Value::Null(Top::Extern),
                (_, ffi::EXTERNREF) => Value::Extern(self.number(val.of.reference)),
                (ty, kind) => return Err(Failure::Unable(format!("a value of kind {kind} for a {ty:?}"))),
            };
            (self.api.val_delete)(&mut val);
            Ok(value)
        }
    }

    fn take_part(&self, mut val: Val) -> Result<Part, Failure> {
        // SAFETY: as in `take_plain`.
        unsafe {
            let part = match val.kind {
                ffi::I32 => Part::I32(val.of.i32),
                ffi::I64 => Part::I64(val.of.i64),
                ffi::EXTERNREF if val.of.reference.is_null() => Part::Null,
                ffi::EXTERNREF => Part::Ref(self.number(val.of.reference)),
                kind => return Err(Failure::Unable(format!("a value of kind {kind} from an adapter"))),
            };
            (self.api.val_delete)(&mut val);
            Ok(part)
        }
    }

    /// The arguments of an adapter, and which of the script's are null references.
    fn adapter_arguments(&self, args: &[Value]) -> Result<(Vec<Val>, Vec<bool>), Failure> {
        let mut vals = Vec::new();
        for arg in args {
            match arg {
                Value::Null(_) => {}
                Value::V128(v) => vals.extend(
                    [*v as u64, (*v >> 64) as u64].map(|half| Val { kind: ffi::I64, of: Payload { i64: half } }),
                ),
                other => vals.push(self.to_val(other)?),
            }
        }
        Ok((vals, args.iter().map(|arg| matches!(arg, Value::Null(_))).collect()))
    }

    fn call_adapter(&mut self, id: InstanceId, name: &str, args: &[Value], task: Task) -> Result<Vec<Part>, Failure> {
        let (vals, nulls) = self.adapter_arguments(args)?;
        let func = self.adapter(id, Key { name: name.to_string(), nulls, task: Some(task) })?;
        self.call(func, vals)?.into_iter().map(|val| self.take_part(val)).collect()
    }

    fn plain(&self, ty: &ValType) -> bool {
        adapter::is_plain(ty, self.host_refs)
    }

    fn take_trap(&self, trap: Ptr) -> String {
        let mut message = Vector::EMPTY;
        // SAFETY: the trap is owned; the message is filled by the library.
        let text = unsafe {
            (self.api.trap_message)(trap, &mut message);
            let text = String::from_utf8_lossy(message.as_slice()).into_owned();
            (self.api.byte_vec_delete)(&mut message);
            (self.api.trap_delete)(trap);
            text
        };
        assert!(text.ends_with('\0'), "a message ends with a zero byte");
        text.trim_end_matches('\0').to_string()
    }

    fn last_error(&self) -> String {
        let Some(last_error) = self.api.wasmx_last_error else { return String::new() };
        // SAFETY: the function gives null or a string that lives until the next call on this thread.
        unsafe {
            let text = last_error();
            if text.is_null() { String::new() } else { CStr::from_ptr(text).to_string_lossy().into_owned() }
        }
    }

    fn release(&self, instance: Instance) {
        // SAFETY: the handles are owned and used no more.
        unsafe {
            for (_, handle) in instance.exports {
                (self.api.extern_delete)(handle);
            }
            for handle in instance.adapters.into_values() {
                (self.api.extern_delete)(handle);
            }
            if !instance.handle.is_null() {
                (self.api.instance_delete)(instance.handle);
            }
        }
    }
}

impl Session for CSession<'_> {
    fn validate(&mut self, wasm: &[u8]) -> Result<(), Failure> {
        let mut bytes = Vector::EMPTY;
        // SAFETY: the byte vector is made and released by the library.
        let valid = unsafe {
            (self.api.byte_vec_new)(&mut bytes, wasm.len(), wasm.as_ptr());
            let valid = (self.api.module_validate)(self.store, &bytes);
            (self.api.byte_vec_delete)(&mut bytes);
            valid
        };
        // The two functions must agree.
        match (valid, self.compile(wasm)) {
            (true, Ok(module)) => {
                // SAFETY: the module is ours.
                unsafe { (self.api.module_delete)(module) };
                Ok(())
            }
            (false, Err(failure)) => Err(failure),
            (true, Err(failure)) => {
                Err(Failure::Unable(format!("wasm_module_validate accepts what fails: {failure:?}")))
            }
            (false, Ok(module)) => {
                // SAFETY: the module is ours.
                unsafe { (self.api.module_delete)(module) };
                Err(Failure::Unable("wasm_module_validate refuses what wasm_module_new accepts".to_string()))
            }
        }
    }

    fn instantiate(&mut self, wasm: &[u8], names: &Names) -> Result<InstanceId, Failure> {
        let module = self.compile(wasm)?;
        let made = self.resolve(module, names).and_then(|imports| self.add_compiled(module, &imports));
        // SAFETY: the module is ours and no longer used.
        unsafe { (self.api.module_delete)(module) };
        let (handle, exports) = made?;
        let shape = Shape::of(wasm, self.host_refs).map_err(|e| Failure::Unable(e.to_string()))?;
        assert!(
            shape.exports.iter().map(|(name, ..)| name).eq(exports.iter().map(|(name, _)| name)),
            "names of exports"
        );
        self.instances.push(Instance { handle, exports, shape: Some(shape), adapters: HashMap::new() });
        Ok(InstanceId(self.instances.len() - 1))
    }

    fn invoke(&mut self, id: InstanceId, name: &str, args: &[Value]) -> Result<Vec<Value>, Failure> {
        let unknown = || Failure::Unable(format!("no function {name:?}"));
        let (_, params, results) = self.shape(id)?.function(name).ok_or_else(unknown)?;
        let results = results.to_vec();
        if params.iter().chain(&results).all(|ty| self.plain(ty)) {
            let func = self.export(id, name).ok_or_else(unknown)?;
            let args = args.iter().map(|arg| self.to_val(arg)).collect::<Result<Vec<_>, _>>()?;
            let vals = self.call(func, args)?;
            return results.iter().zip(vals).map(|(ty, val)| self.take_plain(ty, val)).collect();
        }
        let parts = self.call_adapter(id, name, args, Task::Call)?;
        adapter::assemble(self.shape(id)?, &results, &parts)
            .ok_or_else(|| Failure::Unable(format!("{parts:?} are no parts of {results:?}")))
    }

    fn global(&mut self, id: InstanceId, name: &str) -> Result<Value, Failure> {
        let unknown = || Failure::Unable(format!("no global {name:?}"));
        let (_, ty) = self.shape(id)?.global(name).ok_or_else(unknown)?;
        if self.plain(&ty) {
            let mut val = Val { kind: 0, of: Payload { i64: 0 } };
            // SAFETY: the extern is live, and `val` receives an owned value.
            unsafe {
                let global = (self.api.extern_as_global)(self.export(id, name).ok_or_else(unknown)?);
                if global.is_null() {
                    return Err(unknown());
                }
                (self.api.global_get)(global, &mut val);
            }
            return self.take_plain(&ty, val);
        }
        let func = self.adapter(id, Key { name: name.to_string(), nulls: Vec::new(), task: None })?;
        let parts = self.call(func, Vec::new())?.into_iter().map(|val| self.take_part(val));
        let parts = parts.collect::<Result<Vec<_>, _>>()?;
        let values = adapter::assemble(self.shape(id)?, &[ty], &parts);
        values
            .and_then(|v| v.first().copied())
            .ok_or_else(|| Failure::Unable(format!("{parts:?} are no parts of {ty:?}")))
    }

    fn obtain(&mut self, _shared: Shared) -> InstanceId {
        unreachable!("`wasm.h` shares no memories, so nobody has any")
    }

    fn throws(&mut self, id: InstanceId, name: &str, args: &[Value]) -> Result<bool, Failure> {
        match self.call_adapter(id, name, args, Task::Catch)?[..] {
            [Part::I32(caught)] => Ok(caught == 1),
            ref other => Err(Failure::Unable(format!("{other:?} from an adapter"))),
        }
    }
}

impl Drop for CSession<'_> {
    fn drop(&mut self) {
        for instance in std::mem::take(&mut self.instances) {
            self.release(instance);
        }
        // SAFETY: the last owned handles.
        unsafe {
            (self.api.store_delete)(self.store);
            (self.api.engine_delete)(self.engine);
        }
    }
}

/// # Safety
/// The vector was filled by the library and is live.
unsafe fn name_of(name: *const Vector<u8>) -> String {
    // SAFETY: the caller vouches for the vector.
    String::from_utf8_lossy(unsafe { (*name).as_slice() }).into_owned()
}

/// What the printing functions of `spectest` do.
unsafe extern "C" fn ignore(_args: *const Vector<Val>, _results: *mut Vector<Val>) -> Ptr {
    null_mut()
}
