"""The part of libwasm's C API that host.py needs, through ctypes.

Every function that is called has its types declared: without them ctypes would cut pointers to 32 bits. A wasm_val_t is
passed by pointer only, so its layout here is that of the C structure. Callbacks must be kept alive by Python for as long as
the guest may call them.
"""

import ctypes
import os
from ctypes import CFUNCTYPE, POINTER, Structure, Union, byref, c_bool, c_char, c_char_p, c_double, c_float
from ctypes import c_int, c_int32, c_int64, c_size_t, c_uint8, c_void_p

I32, I64, F32, F64, EXTERNREF = 0, 1, 2, 3, 128


class Of(Union):
    _fields_ = [("i32", c_int32), ("i64", c_int64), ("f32", c_float), ("f64", c_double), ("ref", c_void_p)]


class Val(Structure):
    _fields_ = [("kind", c_uint8), ("of", Of)]


class ByteVec(Structure):
    _fields_ = [("size", c_size_t), ("data", POINTER(c_char))]


class ValVec(Structure):
    _fields_ = [("size", c_size_t), ("data", POINTER(Val))]


class ExternVec(Structure):
    _fields_ = [("size", c_size_t), ("data", POINTER(c_void_p))]


class TypeVec(Structure):
    _fields_ = [("size", c_size_t), ("data", POINTER(c_void_p))]


CALLBACK = CFUNCTYPE(c_void_p, c_void_p, POINTER(ValVec), POINTER(ValVec))
FINALIZER = CFUNCTYPE(None, c_void_p)


def load(path=None):
    """The library, with the types of its functions."""
    lib = ctypes.CDLL(path or os.environ.get("LIBWASM", "libwasm.so"))
    pointer = c_void_p
    for name, result, *arguments in [
        ("wasm_engine_new", pointer),
        ("wasm_engine_delete", None, pointer),
        ("wasm_store_new", pointer, pointer),
        ("wasm_store_delete", None, pointer),
        ("wasm_byte_vec_delete", None, POINTER(ByteVec)),
        ("wasm_extern_vec_delete", None, POINTER(ExternVec)),
        ("wasm_valtype_new", pointer, c_uint8),
        ("wasm_valtype_vec_new", None, POINTER(TypeVec), c_size_t, POINTER(pointer)),
        ("wasm_functype_new", pointer, POINTER(TypeVec), POINTER(TypeVec)),
        ("wasm_functype_delete", None, pointer),
        ("wasm_module_new", pointer, pointer, POINTER(ByteVec)),
        ("wasm_module_delete", None, pointer),
        ("wasm_func_new_with_env", pointer, pointer, pointer, CALLBACK, pointer, FINALIZER),
        ("wasm_func_delete", None, pointer),
        ("wasm_func_as_extern", pointer, pointer),
        ("wasm_func_call", pointer, pointer, POINTER(ValVec), POINTER(ValVec)),
        ("wasm_extern_copy", pointer, pointer),
        ("wasm_extern_delete", None, pointer),
        ("wasm_extern_as_func", pointer, pointer),
        ("wasm_instance_new", pointer, pointer, pointer, POINTER(ExternVec), POINTER(pointer)),
        ("wasm_instance_delete", None, pointer),
        ("wasm_trap_new", pointer, pointer, POINTER(ByteVec)),
        ("wasm_trap_message", None, pointer, POINTER(ByteVec)),
        ("wasm_trap_delete", None, pointer),
        ("wasmx_last_error", c_char_p),
        ("wasmx_wat2wasm", c_bool, POINTER(ByteVec), POINTER(ByteVec)),
        ("wasmx_instance_export", pointer, pointer, c_char_p),
        ("wasi_config_new", pointer),
        ("wasi_env_new", pointer, pointer, pointer),
        ("wasi_env_delete", None, pointer),
        ("wasi_get_imports", c_bool, pointer, pointer, pointer, POINTER(ExternVec)),
        ("wasi_get_start_function", pointer, pointer),
        ("wasi_env_exit_code", c_bool, pointer, POINTER(c_int)),
        ("wasi_env_read_stdout", c_size_t, pointer, pointer, c_size_t),
    ]:
        function = getattr(lib, name)
        function.restype = result
        function.argtypes = arguments
    return lib


def lend(data):
    """Bytes as a vector that the library only reads; valid as long as `data`."""
    return ByteVec(len(data), ctypes.cast(c_char_p(data), POINTER(c_char)))


class Error(Exception):
    """A call that failed, or a guest that trapped."""


class Host:
    """An engine and a store, and what is done in them. Use with `with`."""

    def __init__(self, lib):
        self.lib = lib
        self.engine = lib.wasm_engine_new()
        self.store = lib.wasm_store_new(self.engine)
        self.alive = []  # callbacks that the guest may call

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.lib.wasm_store_delete(self.store)
        self.lib.wasm_engine_delete(self.engine)

    def check(self, result):
        """The result, unless it says that the call failed."""
        if not result:
            raise Error((self.lib.wasmx_last_error() or b"no reason known").decode())
        return result

    def module(self, source):
        """A module from text or binary."""
        binary = ByteVec()
        self.check(self.lib.wasmx_wat2wasm(byref(lend(source)), byref(binary)))
        module = self.lib.wasm_module_new(self.store, byref(binary))
        self.lib.wasm_byte_vec_delete(byref(binary))
        return self.check(module)

    def functype(self, params, results):
        vectors = []
        for kinds in (params, results):
            types = (c_void_p * len(kinds))(*[self.lib.wasm_valtype_new(kind) for kind in kinds])
            vectors.append(TypeVec())
            self.lib.wasm_valtype_vec_new(byref(vectors[-1]), len(kinds), types)  # takes over the types
        return self.lib.wasm_functype_new(byref(vectors[0]), byref(vectors[1]))  # and this the vectors

    def function(self, params, results, body):
        """A host function of numbers. What `body` raises becomes a trap."""
        names = {I32: "i32", I64: "i64", F32: "f32", F64: "f64"}

        def called(_env, args, out):
            try:
                values = [getattr(a.of, names[a.kind]) for a in args.contents.data[: args.contents.size]]
                returned = body(*values)
                for i, kind in enumerate(results):
                    out.contents.data[i].kind = kind
                    setattr(out.contents.data[i].of, names[kind], returned if len(results) == 1 else returned[i])
                return None
            except Exception as e:  # nothing may pass through the guest
                return self.lib.wasm_trap_new(self.store, byref(lend(str(e).encode() + b"\0")))

        callback = CALLBACK(called)
        self.alive.append(callback)
        functype = self.functype(params, results)
        func = self.lib.wasm_func_new_with_env(self.store, functype, callback, None, FINALIZER())
        self.lib.wasm_functype_delete(functype)
        return self.check(func)

    def call(self, func, *numbers, results=()):
        """Calls a function with i32 arguments. Traps raise Error."""
        arguments = (Val * max(1, len(numbers)))()
        for argument, number in zip(arguments, numbers):
            argument.kind, argument.of.i32 = I32, number
        out = (Val * max(1, len(results)))()
        trap = self.lib.wasm_func_call(
            func, byref(ValVec(len(numbers), arguments)), byref(ValVec(len(results), out))
        )
        if trap:
            message = ByteVec()
            self.lib.wasm_trap_message(trap, byref(message))
            text = ctypes.string_at(message.data).decode()
            self.lib.wasm_byte_vec_delete(byref(message))
            self.lib.wasm_trap_delete(trap)
            raise Error(text)
        return [out[i].of.i32 for i in range(len(results))]
