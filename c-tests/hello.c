/* The host calls a guest that calls the host back: once, many times, and from two instances of one module. */
#include "check.h"

static int greeted;

static wasm_trap_t *hello(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    CHECK_INT(args->size, 0);
    CHECK_INT(results->size, 0);
    greeted++;
    return NULL;
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    CHECK(engine != NULL);
    wasm_store_t *store = wasm_store_new(engine);
    CHECK(store != NULL);

    wasm_byte_vec_t binary = BYTES(hello_wasm);
    CHECK(wasm_module_validate(store, &binary));
    wasm_module_t *module = wasm_module_new(store, &binary);
    CHECK(module != NULL);

    wasm_func_t *callback = host_func(store, wasm_functype_new_0_0(), hello);
    wasm_extern_t *imports[] = {wasm_func_as_extern(callback)};
    wasm_instance_t *instance = link_module(store, module, 1, imports);
    wasm_instance_t *other = link_module(store, module, 1, imports);
    CHECK(!wasm_instance_same(instance, other));
    wasm_func_delete(callback);
    wasm_module_delete(module);

    wasm_func_t *run = export_func(instance, 0), *run_other = export_func(other, 0);
    CHECK_INT(wasm_func_param_arity(run), 0);
    CHECK_INT(wasm_func_result_arity(run), 0);
    CHECK(!wasm_func_same(run, run_other));
    wasm_instance_delete(instance);
    wasm_instance_delete(other);

    CALL_0(run);
    CHECK_INT(greeted, 1);
    CALL_0(run_other);
    CHECK_INT(greeted, 2);
    for (int i = 0; i < 1000; i++) CALL_0(run);
    CHECK_INT(greeted, 1002);

    /* The host can call its own function through the same door. */
    wasm_func_t *direct = host_func(store, wasm_functype_new_0_0(), hello);
    CALL_0(direct);
    CHECK_INT(greeted, 1003);
    wasm_func_delete(direct);

    /* A module with nothing in it. */
    wasm_instance_t *nothing = INSTANCE_ALONE(store, empty_wasm);
    wasm_extern_vec_t exports;
    wasm_instance_exports(nothing, &exports);
    CHECK_INT(exports.size, 0);
    wasm_extern_vec_delete(&exports);
    wasm_instance_delete(nothing);

    wasm_func_delete(run);
    wasm_func_delete(run_other);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return done();
}
