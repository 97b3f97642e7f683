/* Somebody else's C program: adds two numbers in a guest. */
#include <stdio.h>

#include <wasm.h>
#include <wasmx.h>

/* (module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)) */
static char add_wasm[] = {0, 'a', 's', 'm', 1, 0, 0, 0, 1, 7, 1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f, 3, 2, 1, 0,
                          7, 7, 1, 3, 'a', 'd', 'd', 0, 0, 10, 9, 1, 7, 0, 0x20, 0, 0x20, 1, 0x6a, 0x0b};

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_byte_vec_t binary = WASM_ARRAY_VEC(add_wasm);
    wasm_module_t *module = wasm_module_new(store, &binary);
    if (!module) return fprintf(stderr, "%s\n", wasmx_last_error()), 1;
    wasm_extern_vec_t none = WASM_EMPTY_VEC, exports;
    wasm_instance_t *instance = wasm_instance_new(store, module, &none, NULL);
    wasm_instance_exports(instance, &exports);
    wasm_val_t args[2] = {WASM_I32_VAL(40), WASM_I32_VAL(2)}, results[1] = {WASM_INIT_VAL};
    wasm_val_vec_t in = WASM_ARRAY_VEC(args), out = WASM_ARRAY_VEC(results);
    wasm_trap_t *trap = wasm_func_call(wasm_extern_as_func(exports.data[0]), &in, &out);
    if (trap) return 1;
    printf("40 + 2 = %d\n", (int)results[0].of.i32);
    wasm_extern_vec_delete(&exports);
    wasm_instance_delete(instance);
    wasm_module_delete(module);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return 0;
}
