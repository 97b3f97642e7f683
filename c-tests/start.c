/* Start functions: they run once, before the host sees the instance; one that traps gives no instance and a trap whose
 * frames show where. */
#include "check.h"

static int noted;
static wasm_trap_t *note(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)args, (void)results;
    noted++;
    return NULL;
}

static wasm_trap_t *refuse(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)args, (void)results;
    return host_trap(env, "not today");
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_func_t *callback = host_func(store, wasm_functype_new_0_0(), note);
    wasm_extern_t *list[] = {wasm_func_as_extern(callback)};
    wasm_extern_vec_t imports = WASM_ARRAY_VEC(list);

    wasm_instance_t *instance = INSTANCE(store, start_ok_wasm, wasm_func_as_extern(callback));
    CHECK_INT(noted, 1);
    wasm_global_t *global = export_global(instance, 0);
    wasm_val_t value;
    wasm_global_get(global, &value);
    CHECK_INT(value.of.i32, 42);
    wasm_global_delete(global);
    wasm_instance_delete(instance);

    wasm_module_t *module = MODULE(store, start_wasm);
    wasm_trap_t *trap = NULL;
    CHECK(wasm_instance_new(store, module, &imports, &trap) == NULL);
    CHECK_INT(noted, 2);
    CHECK(trap != NULL);
    CHECK(trap_says(trap, "unreachable"));
    wasm_frame_vec_t trace;
    wasm_trap_trace(trap, &trace);
    CHECK_INT(trace.size, 2);
    CHECK_INT(wasm_frame_func_index(trace.data[0]), 2);
    CHECK_INT(wasm_frame_func_index(trace.data[1]), 1);
    wasm_frame_vec_delete(&trace);
    wasm_trap_delete(trap);

    /* Without a place for the trap. */
    CHECK(wasm_instance_new(store, module, &imports, NULL) == NULL);
    CHECK_INT(noted, 3);
    CHECK(wasmx_last_error() != NULL && strstr(wasmx_last_error(), "unreachable") != NULL);

    /* The host itself stops the start function. */
    wasm_func_t *refusal = host_closure(store, wasm_functype_new_0_0(), refuse, store, NULL);
    list[0] = wasm_func_as_extern(refusal);
    trap = NULL;
    CHECK(wasm_instance_new(store, module, &imports, &trap) == NULL);
    CHECK_TRAP(trap, "not today");

    wasm_func_delete(refusal);
    wasm_func_delete(callback);
    wasm_module_delete(module);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return done();
}
