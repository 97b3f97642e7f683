"""A host in Python, with nothing but the standard library and libwasm.so.

    LIBWASM=/usr/local/lib/libwasm.so python3 examples-ffi/python/host.py
"""

import ctypes
import pathlib
from ctypes import byref

from libwasm import I32, Error, ExternVec, Host, load

GUEST = pathlib.Path(__file__).parent.parent / "guest.wat"


def transform(number):
    """The host function of the guest's: squares, but not everything."""
    if number > 1000:
        raise ValueError(f"{number} is too much for Python")
    return number * number


def export(host, instance, name):
    """An export, owned by the caller."""
    return host.check(host.lib.wasmx_instance_export(instance, name))


def main():
    lib = load()
    with Host(lib) as host:
        module = host.module(GUEST.read_bytes())

        # WASI for the imports that are WASI's, and the function for the one that is left.
        env = host.check(lib.wasi_env_new(host.store, lib.wasi_config_new()))
        imports = ExternVec()
        host.check(lib.wasi_get_imports(host.store, env, module, byref(imports)))
        func = host.function([I32], [I32], transform)
        for i in range(imports.size):
            if not imports.data[i]:
                imports.data[i] = lib.wasm_extern_copy(lib.wasm_func_as_extern(func))  # the vector owns its elements
        instance = host.check(lib.wasm_instance_new(host.store, module, byref(imports), None))
        lib.wasm_extern_vec_delete(byref(imports))
        lib.wasm_func_delete(func)

        print("a callback")
        sum_export = export(host, instance, b"sum")
        sum_func = lib.wasm_extern_as_func(sum_export)
        print("  1 + 4 + ... + 100 =", *host.call(sum_func, 10, results=[I32]))
        try:
            host.call(sum_func, 2000, results=[I32])
        except Error as e:
            print("  trap:", e)
        lib.wasm_extern_delete(sum_export)

        print("WASI")
        start = host.check(lib.wasi_get_start_function(instance))
        status = ctypes.c_int(0)
        try:
            host.call(start)
        except Error:
            if not lib.wasi_env_exit_code(env, byref(status)):
                raise  # a trap, and not the guest's exit
        lib.wasm_func_delete(start)
        buffer = ctypes.create_string_buffer(1024)
        size = lib.wasi_env_read_stdout(env, buffer, len(buffer))
        print(" ", buffer.raw[:size].decode(), end="")
        print("  exit status", status.value)

        print("an error")
        try:
            host.module(b"(module (func (result i32)))")
        except Error as e:
            print(" ", e)

        lib.wasm_instance_delete(instance)
        lib.wasi_env_delete(env)
        lib.wasm_module_delete(module)


if __name__ == "__main__":
    main()
