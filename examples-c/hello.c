/* Hello: the shortest whole program. A guest in the text format calls a function of the host's.
 *
 * The steps are always these: engine, store, module, imports, instance, exports, call; and every owned object is deleted
 * once, in any order. Build all examples with `sh examples-c/run.sh`, or this one alone against an installed library:
 *
 *     cc examples-c/hello.c $(pkg-config --cflags --libs libwasm) -o hello && ./hello */
#include <stdio.h>
#include <string.h>

#include "wasm.h"
#include "wasmx.h"

static const char guest[] =
    "(module\n"
    "  (import \"host\" \"greet\" (func $greet (param i32)))\n"
    "  (func (export \"run\") (param $times i32)\n"
    "    (loop $again\n"
    "      (call $greet (local.get $times))\n"
    "      (local.set $times (i32.sub (local.get $times) (i32.const 1)))\n"
    "      (br_if $again (local.get $times)))))\n";

static wasm_trap_t *greet(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)results; /* the guest's type for it has none */
    printf("hello from the guest, %d to go\n", (int)args->data[0].of.i32);
    return NULL; /* no trap */
}

static int fail(const char *what) {
    fprintf(stderr, "%s: %s\n", what, wasmx_last_error());
    return 1;
}

int main(void) {
    /* An engine holds the configuration and what is compiled; a store holds everything that one guest makes. */
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);

    /* Text to binary, binary to module. A .wasm file goes into wasm_module_new as it is. */
    wasm_byte_vec_t text = {strlen(guest), (char *)guest}, binary; /* lent, so never deleted */
    if (!wasmx_wat2wasm(&text, &binary)) return fail("text");
    wasm_module_t *module = wasm_module_new(store, &binary);
    wasm_byte_vec_delete(&binary);
    if (!module) return fail("module");

    /* What the module imports, in its order. The type objects go over into the function type. */
    wasm_functype_t *type = wasm_functype_new_1_0(wasm_valtype_new_i32());
    wasm_func_t *greeter = wasm_func_new(store, type, greet);
    wasm_functype_delete(type);
    wasm_extern_t *provided[] = {wasm_func_as_extern(greeter)};
    wasm_extern_vec_t imports = WASM_ARRAY_VEC(provided);
    wasm_instance_t *instance = wasm_instance_new(store, module, &imports, NULL);
    if (!instance) return fail("instance");

    /* What it exports, in its order: here one function. */
    wasm_extern_vec_t exports;
    wasm_instance_exports(instance, &exports);
    wasm_val_t argument[] = {WASM_I32_VAL(3)};
    wasm_val_vec_t arguments = WASM_ARRAY_VEC(argument), results = WASM_EMPTY_VEC;
    wasm_trap_t *trap = wasm_func_call(wasm_extern_as_func(exports.data[0]), &arguments, &results);
    if (trap) return 1;

    wasm_extern_vec_delete(&exports);
    wasm_instance_delete(instance);
    wasm_func_delete(greeter);
    wasm_module_delete(module);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return 0;
}
