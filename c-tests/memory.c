/* Memories: bytes and sizes seen from both sides, growth to the limit, limits that cannot be. */
#include "check.h"

static wasm_memory_t *make(wasm_store_t *store, uint32_t min, uint32_t max) {
    wasm_limits_t limits = {min, max};
    wasm_memorytype_t *type = wasm_memorytype_new(&limits);
    if (!type) return NULL;
    wasm_memory_t *memory = wasm_memory_new(store, type);
    wasm_memorytype_delete(type);
    return memory;
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_instance_t *instance = INSTANCE_ALONE(store, memory_wasm);
    wasm_memory_t *memory = export_memory(instance, 0);
    wasm_func_t *size = export_func(instance, 1), *load = export_func(instance, 2), *write = export_func(instance, 3);
    wasm_func_t *grow = export_func(instance, 4), *fill = export_func(instance, 5);

    wasm_memory_t *copy = wasm_memory_copy(memory);
    CHECK(wasm_memory_same(memory, copy));
    CHECK(wasm_memory_data(memory) == wasm_memory_data(copy));
    wasm_memory_delete(copy);

    /* As instantiated. */
    CHECK_INT(MEMORY_PAGE_SIZE, 65536);
    CHECK_INT(wasm_memory_size(memory), 2);
    CHECK_INT(wasm_memory_data_size(memory), 0x20000);
    CHECK_INT(wasm_memory_data(memory)[0], 0);
    CHECK(memcmp(wasm_memory_data(memory) + 0x1000, "\1\2\3\4\0", 5) == 0);
    CHECK_INT(GET_I32(size), 2);
    CHECK_INT(CALL_I32(load, i32_val(0)), 0);
    CHECK_INT(CALL_I32(load, i32_val(0x1003)), 4);
    CHECK_INT(CALL_I32(load, i32_val(0x1ffff)), 0);
    CHECK_TRAP(CALL_TRAP(load, 1, i32_val(0x20000)), "out of bounds memory access");

    /* Written by the host, seen by the guest, and back. */
    wasm_memory_data(memory)[0x1003] = 5;
    wasm_memory_data(memory)[0x1ffff] = -1;
    CALL_VOID(write, i32_val(0x1002), i32_val(6));
    CHECK_TRAP(CALL_TRAP(write, 0, i32_val(0x20000), i32_val(0)), "out of bounds memory access");
    CHECK_INT(wasm_memory_data(memory)[0x1002], 6);
    CHECK_INT(CALL_I32(load, i32_val(0x1003)), 5);
    CHECK_INT(CALL_I32(load, i32_val(0x1ffff)), -1);
    CALL_VOID(fill, i32_val(0x100), i32_val(0x1ab), i32_val(0x100));
    for (int i = 0; i < 0x100; i++) CHECK_INT((unsigned char)wasm_memory_data(memory)[0x100 + i], 0xab);
    CHECK_INT(wasm_memory_data(memory)[0xff], 0);
    CHECK_INT(wasm_memory_data(memory)[0x200], 0);
    CALL_VOID(fill, i32_val(0x20000), i32_val(1), i32_val(0));
    CHECK_TRAP(CALL_TRAP(fill, 0, i32_val(0x1ffff), i32_val(1), i32_val(2)), "out of bounds memory access");
    CHECK_INT(wasm_memory_data(memory)[0x1ffff], -1);

    /* Growth, from both sides, to the limit of 3 pages. */
    CHECK(wasm_memory_grow(memory, 1));
    CHECK_INT(wasm_memory_size(memory), 3);
    CHECK_INT(wasm_memory_data_size(memory), 0x30000);
    CHECK_INT(wasm_memory_data(memory)[0x1002], 6);
    CHECK_INT(wasm_memory_data(memory)[0x2ffff], 0);
    CHECK_INT(GET_I32(size), 3);
    CALL_VOID(write, i32_val(0x20000), i32_val(7));
    CHECK_INT(wasm_memory_data(memory)[0x20000], 7);
    CHECK_TRAP(CALL_TRAP(load, 1, i32_val(0x30000)), "out of bounds memory access");
    CHECK(!wasm_memory_grow(memory, 1));
    CHECK(!wasm_memory_grow(memory, UINT32_MAX));
    CHECK(wasm_memory_grow(memory, 0));
    CHECK_INT(CALL_I32(grow, i32_val(1)), -1);
    CHECK_INT(CALL_I32(grow, i32_val(0)), 3);
    CHECK_INT(CALL_I32(grow, i32_val(-1)), -1);

    wasm_memorytype_t *type = wasm_memory_type(memory);
    CHECK_INT(wasm_memorytype_limits(type)->max, 3);
    wasm_memorytype_delete(type);

    /* Made by the host. */
    wasm_memory_t *fixed = make(store, 5, 5);
    CHECK(fixed != NULL);
    CHECK(!wasm_memory_same(fixed, memory));
    CHECK_INT(wasm_memory_size(fixed), 5);
    CHECK(!wasm_memory_grow(fixed, 1));
    CHECK(wasm_memory_grow(fixed, 0));
    wasm_memory_t *open = make(store, 0, wasm_limits_max_default);
    CHECK(open != NULL);
    CHECK_INT(wasm_memory_size(open), 0);
    CHECK_INT(wasm_memory_data_size(open), 0);
    CHECK(wasm_memory_grow(open, 16));
    memset(wasm_memory_data(open), 0x5a, wasm_memory_data_size(open));
    CHECK(wasm_memory_grow(open, 48));
    CHECK_INT(wasm_memory_data(open)[16 * MEMORY_PAGE_SIZE - 1], 0x5a);
    CHECK_INT(wasm_memory_data(open)[64 * MEMORY_PAGE_SIZE - 1], 0);
    CHECK(!wasm_memory_grow(open, 65536));
    CHECK_INT(wasm_memory_size(open), 64);
    CHECK(make(store, 2, 1) == NULL);
    CHECK(make(store, 65537, wasm_limits_max_default) == NULL);

    /* The bytes live as long as a handle does. */
    wasm_func_delete(size);
    wasm_func_delete(load);
    wasm_func_delete(write);
    wasm_func_delete(grow);
    wasm_func_delete(fill);
    wasm_instance_delete(instance);
    wasm_store_delete(store);
    CHECK_INT(wasm_memory_data(memory)[0x1002], 6);
    CHECK_INT(wasm_memory_data(open)[0], 0x5a);
    wasm_memory_delete(memory);
    wasm_memory_delete(fixed);
    wasm_memory_delete(open);
    wasm_engine_delete(engine);
    return done();
}
