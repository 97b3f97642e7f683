/* WASI threads: started by the guest, ended with it, by a trap, an exit or the host. */
#include "check.h"

enum { MEMORY, THREAD_START, SPAWN, WAIT, SLEEP, LOOP };

static wasm_engine_t *engine;
static wasm_store_t *store;
static wasi_env_t *env;
static wasm_instance_t *instance;

static void begin(uint32_t threads) {
    store = wasm_store_new(engine);
    wasi_config_t *config = wasi_config_new();
    wasmx_wasi_config_allow_threads(config, threads);
    env = wasi_env_new(store, config);
    wasm_module_t *module = MODULE(store, wasi_threads_wasm);
    wasm_extern_vec_t imports;
    CHECK(wasi_get_imports(store, env, module, &imports));
    CHECK_INT(imports.size, 4);
    CHECK((imports.data[0] != NULL) == (threads > 0));
    if (threads == 0) {
        /* The host's own memory will do. */
        wasm_importtype_vec_t types;
        wasm_module_imports(module, &types);
        const wasm_externtype_t *type = wasm_importtype_type(types.data[0]);
        wasm_memory_t *memory = wasm_memory_new(store, wasm_externtype_as_memorytype_const(type));
        CHECK(memory != NULL);
        imports.data[0] = wasm_memory_as_extern(memory);
        wasm_importtype_vec_delete(&types);
    }
    instance = link_module(store, module, imports.size, imports.data);
    wasm_extern_vec_delete(&imports);
    wasm_module_delete(module);
    CHECK(wasi_env_initialize_instance(env, store, instance));
}

static void end(void) {
    wasm_instance_delete(instance);
    wasi_env_delete(env);
    wasm_store_delete(store);
}

static int spawn(int what) {
    wasm_func_t *func = export_func(instance, SPAWN);
    int tid = CALL_I32(func, i32_val(what));
    wasm_func_delete(func);
    return tid;
}

static wasm_trap_t *run(size_t index) {
    wasm_func_t *func = export_func(instance, index);
    wasm_val_t result = WASM_INIT_VAL;
    wasm_trap_t *trap = call(func, 0, NULL, index == SLEEP, &result);
    wasm_func_delete(func);
    return trap;
}

/* Stops in the middle of a call, or before it has come that far. */
static void stops(size_t index, const char *message) {
    wasm_trap_t *trap = run(index);
    CHECK(trap != NULL);
    wasm_message_t text;
    wasm_trap_message(trap, &text);
    CHECK(strstr(text.data, message) != NULL || strstr(text.data, "interrupted") != NULL);
    wasm_byte_vec_delete(&text);
    wasm_trap_delete(trap);
}

int main(void) {
    engine = wasm_engine_new();
    wasm_message_t message = WASM_EMPTY_VEC;
    int code = 0;

    /* Four threads count; the first waits for them. EAGAIN is 6. */
    begin(4);
    for (int i = 0; i < 4; i++) CHECK(spawn(0) > 0);
    wasm_func_t *wait = export_func(instance, WAIT);
    CALL_VOID(wait, i32_val(4));
    wasm_func_delete(wait);
    CHECK(!wasmx_wasi_env_thread_trap(env, &message));
    CHECK(!wasmx_wasi_env_thread_trap(NULL, &message));
    CHECK(!wasmx_wasi_env_thread_trap(env, NULL));
    CHECK(!wasi_env_exit_code(env, &code));
    end();

    /* Not allowed, and too many; those that run for ever end with the environment. */
    begin(0);
    CHECK_INT(spawn(0), -6);
    end();
    begin(2);
    CHECK(spawn(3) > 0);
    CHECK(spawn(3) > 0);
    CHECK_INT(spawn(3), -6);
    end();

    /* A trap in a thread ends a wait in WASI, and tells why; an exit ends a loop. */
    begin(2);
    CHECK(spawn(3) > 0);
    CHECK(spawn(1) > 0);
    stops(SLEEP, "another thread of the program trapped: unreachable");
    CHECK(!wasi_env_exit_code(env, &code));
    CHECK(wasmx_wasi_env_thread_trap(env, &message));
    CHECK(strcmp(message.data, "unreachable") == 0);
    wasm_byte_vec_delete(&message);
    CHECK_INT(spawn(0), -6);
    end();
    begin(2);
    CHECK(spawn(3) > 0);
    CHECK(spawn(2) > 0);
    CHECK_TRAP(run(LOOP), "interrupted");
    CHECK(wasi_env_exit_code(env, &code));
    CHECK_INT(code, 9);
    end();
    begin(1);
    CHECK(spawn(2) > 0);
    stops(SLEEP, "exited with status 9");
    end();

    wasm_engine_delete(engine);
    return done();
}
