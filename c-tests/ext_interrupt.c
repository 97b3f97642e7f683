/* Guests stopped by another thread and by deadlines, and stores used afterwards. */
#include <pthread.h>
#include <time.h>

#include "check.h"

enum { MEMORY, SPIN, WAIT, TEN };

static void *later(void *interrupter) {
    nanosleep(&(struct timespec){0, 3000000}, NULL);
    CHECK(wasmx_interrupter_interrupt(interrupter));
    return NULL;
}

static void stop(const wasm_func_t *func, wasmx_interrupter_t *interrupter) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, later, interrupter) == 0);
    wasm_trap_t *trap = CALL_TRAP_0(func, 0);
    CHECK_INT(wasmx_trap_kind(trap), WASMX_TRAP_INTERRUPTED);
    wasm_trap_delete(trap);
    pthread_join(thread, NULL);
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_instance_t *instance = INSTANCE_ALONE(store, ext_interrupt_wasm);
    wasm_func_t *spin = export_func(instance, SPIN), *wait = export_func(instance, WAIT);
    wasm_func_t *ten = export_func(instance, TEN);
    wasmx_interrupter_t *interrupter = wasmx_store_interrupter(store), *copy = wasmx_interrupter_copy(interrupter);

    for (int i = 0; i < 3; i++) {
        stop(spin, interrupter);
        stop(wait, copy);
        CHECK_INT(GET_I32(ten), 10);
    }
    CHECK(!wasmx_store_clear_interrupt(store));
    CHECK(wasmx_store_interrupt(store));
    CHECK(wasmx_store_clear_interrupt(store));
    CHECK_INT(GET_I32(ten), 10);
    CHECK(wasmx_store_interrupt(store));
    CHECK_TRAP(CALL_TRAP_0(ten, 1), "interrupted");

    CHECK(wasmx_store_set_deadline(store, 5000000));
    CHECK_TRAP(CALL_TRAP_0(spin, 0), "deadline exceeded");
    CHECK(wasmx_store_set_deadline(store, 5000000));
    CHECK_TRAP(CALL_TRAP_0(wait, 0), "deadline exceeded");
    CHECK(wasmx_store_set_deadline(store, 0));
    wasm_trap_t *trap = CALL_TRAP_0(ten, 1);
    CHECK_INT(wasmx_trap_kind(trap), WASMX_TRAP_DEADLINE);
    wasm_trap_delete(trap);
    CHECK(wasmx_store_set_deadline(store, 0));
    wasmx_store_clear_deadline(store);
    CHECK_INT(GET_I32(ten), 10);
    CHECK(wasmx_store_set_deadline(store, UINT64_MAX));
    CHECK_INT(GET_I32(ten), 10);

    CHECK(wasmx_store_interrupter(NULL) == NULL && wasmx_interrupter_copy(NULL) == NULL);
    CHECK(!wasmx_interrupter_interrupt(NULL) && !wasmx_store_interrupt(NULL) && !wasmx_store_clear_interrupt(NULL));
    CHECK(!wasmx_store_set_deadline(NULL, 1));
    wasmx_store_clear_deadline(NULL);
    wasmx_interrupter_delete(NULL);

    wasm_func_delete(spin);
    wasm_func_delete(wait);
    wasm_func_delete(ten);
    wasm_instance_delete(instance);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    CHECK(!wasmx_interrupter_interrupt(interrupter)); /* the store is gone */
    wasmx_interrupter_delete(interrupter);
    wasmx_interrupter_delete(copy);
    /* The thread of the deadlines ends by itself; a checker of leaks should not see it. */
    nanosleep(&(struct timespec){0, 300000000}, NULL);
    return done();
}
