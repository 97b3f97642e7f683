/* Shared memories: one memory, several stores, several threads. */
#include <pthread.h>

#include "check.h"

enum { THREADS = 4, ROUNDS = 5000 };
enum { COUNT, READ, GROW };

static wasm_engine_t *engine;
static wasmx_shared_memory_t *shared;

static wasm_instance_t *enter(wasm_store_t *store) {
    wasm_memory_t *memory = wasmx_shared_memory_as_memory(shared, store);
    CHECK(memory != NULL);
    wasm_instance_t *instance = INSTANCE(store, ext_shared_wasm, wasm_memory_as_extern(memory));
    wasm_memory_delete(memory);
    return instance;
}

static void *work(void *arg) {
    (void)arg;
    wasm_store_t *store = wasm_store_new(engine);
    wasm_instance_t *instance = enter(store);
    wasm_func_t *count = export_func(instance, COUNT);
    CALL_VOID(count, i32_val(ROUNDS));
    wasm_func_delete(count);
    wasm_instance_delete(instance);
    wasm_store_delete(store);
    return NULL;
}

int main(void) {
    engine = wasm_engine_new();
    wasm_memorytype_t *type = wasmx_memorytype_new(1, 4, true, false, true, 16);
    CHECK(wasmx_memorytype_is_shared(type));
    shared = wasmx_shared_memory_new(engine, type);
    CHECK(shared != NULL);
    CHECK(wasmx_shared_memory_new(NULL, type) == NULL);
    wasm_memorytype_delete(type);
    CHECK(wasmx_shared_memory_new(engine, NULL) == NULL);
    type = wasmx_memorytype_new(1, 4, true, false, false, 16);
    CHECK(wasmx_shared_memory_new(engine, type) == NULL);
    wasm_memorytype_delete(type);
    CHECK_INT(wasmx_shared_memory_size(shared), 1);
    CHECK_INT(wasmx_shared_memory_data_size(shared), MEMORY_PAGE_SIZE);

    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) CHECK(pthread_create(&threads[i], NULL, work, NULL) == 0);
    for (int i = 0; i < THREADS; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    int32_t total;
    memcpy(&total, wasmx_shared_memory_data(shared), sizeof total);
    CHECK_INT(total, THREADS * ROUNDS);

    /* Growing in one store, or without any, grows it for all. */
    wasm_store_t *stores[2] = {wasm_store_new(engine), wasm_store_new(engine)};
    wasm_instance_t *instances[2] = {enter(stores[0]), enter(stores[1])};
    wasm_func_t *read[2], *grow = export_func(instances[0], GROW);
    for (int i = 0; i < 2; i++) read[i] = export_func(instances[i], READ);
    char *base = wasmx_shared_memory_data(shared);
    CHECK_TRAP(CALL_TRAP(read[1], 1, i32_val(MEMORY_PAGE_SIZE)), "out of bounds");
    CHECK_INT(GET_I32(grow), 1);
    CHECK_INT(CALL_I32(read[1], i32_val(MEMORY_PAGE_SIZE)), 0);
    CHECK_INT(wasmx_shared_memory_size(shared), 2);
    CHECK(wasmx_shared_memory_grow(shared, 1));
    CHECK_INT(wasmx_shared_memory_size(shared), 3);
    base[2 * MEMORY_PAGE_SIZE] = 42;
    CHECK_INT(CALL_I32(read[0], i32_val(2 * MEMORY_PAGE_SIZE)), 42);
    CHECK_INT(CALL_I32(read[1], i32_val(2 * MEMORY_PAGE_SIZE)), 42);
    CHECK(wasmx_shared_memory_data(shared) == base);
    CHECK(!wasmx_shared_memory_grow(shared, 2));
    type = wasmx_shared_memory_type(shared);
    uint64_t maximum = 0;
    CHECK_INT(wasmx_memorytype_minimum(type), 3);
    CHECK(wasmx_memorytype_maximum(type, &maximum) && maximum == 4);
    CHECK(wasmx_memorytype_is_shared(type));
    wasm_memorytype_delete(type);

    /* Out of a store again; and a store can be the first to have it. */
    wasm_memory_t *memory = wasmx_shared_memory_as_memory(shared, stores[0]);
    wasmx_shared_memory_t *again = wasmx_memory_shared(memory), *copy = wasmx_shared_memory_copy(again);
    CHECK(wasmx_shared_memory_same(again, shared) && wasmx_shared_memory_same(copy, shared));
    CHECK(wasm_memory_data(memory) == base);
    wasm_memory_delete(memory);
    type = wasmx_memorytype_new(1, 1, true, false, true, 16);
    memory = wasm_memory_new(stores[0], type);
    wasmx_shared_memory_t *other = wasmx_memory_shared(memory);
    CHECK(other != NULL && !wasmx_shared_memory_same(other, shared));
    wasm_memorytype_delete(type);
    wasm_memory_delete(memory);
    wasmx_shared_memory_delete(other);
    wasmx_shared_memory_delete(again);

    CHECK(wasmx_shared_memory_as_memory(NULL, stores[0]) == NULL);
    CHECK(wasmx_shared_memory_as_memory(shared, NULL) == NULL);
    CHECK(wasmx_shared_memory_copy(NULL) == NULL);
    CHECK(!wasmx_shared_memory_same(NULL, shared));
    CHECK(wasmx_shared_memory_type(NULL) == NULL);
    CHECK(wasmx_shared_memory_data(NULL) == NULL);
    CHECK_INT(wasmx_shared_memory_data_size(NULL), 0);
    CHECK_INT(wasmx_shared_memory_size(NULL), 0);
    CHECK(!wasmx_shared_memory_grow(NULL, 1));
    CHECK(wasmx_memory_shared(NULL) == NULL);
    wasmx_shared_memory_delete(NULL);

    for (int i = 0; i < 2; i++) {
        wasm_func_delete(read[i]);
        wasm_instance_delete(instances[i]);
    }
    wasm_func_delete(grow);
    for (int i = 0; i < 2; i++) wasm_store_delete(stores[i]);
    wasmx_shared_memory_delete(shared);
    wasm_engine_delete(engine);
    CHECK_INT(wasmx_shared_memory_data(copy)[2 * MEMORY_PAGE_SIZE], 42);
    wasmx_shared_memory_delete(copy);
    return done();
}
