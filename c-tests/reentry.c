/* Host calls guest calls host calls guest ...: to a set depth, to the limit of the stack and back, with traps through
 * all of it, with memory that moves on the way, and with every handle deleted from inside. */
#include "check.h"

#ifdef UNDER_VALGRIND
enum { EXHAUSTIONS = 1 };
#else
enum { EXHAUSTIONS = 3 };
#endif

static struct {
    wasm_store_t *store;
    wasm_func_t *up;
    wasm_memory_t *memory;
    int deepest;
    enum { DESCEND, TRAP_AT_BOTTOM, GROW, DELETE_ALL } mode;
    wasm_instance_t *instance;
} world;

static wasm_trap_t *down(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    int n = args->data[0].of.i32;
    results->data[0] = i32_val(0);
    switch (world.mode) {
    case GROW:
        CHECK(wasm_memory_grow(world.memory, 1));
        wasm_memory_data(world.memory)[wasm_memory_data_size(world.memory) - 4] = 99;
        return NULL;
    case DELETE_ALL:
        wasm_func_delete(world.up);
        wasm_memory_delete(world.memory);
        wasm_instance_delete(world.instance);
        wasm_store_delete(world.store);
        return NULL;
    default: break;
    }
    if (n == 0) return world.mode == TRAP_AT_BOTTOM ? host_trap(world.store, "from the bottom") : NULL;
    world.deepest = n;
    wasm_val_t arg = WASM_I32_VAL(n - 1);
    wasm_val_t result = WASM_INIT_VAL;
    wasm_trap_t *trap = call(world.up, 1, &arg, 1, &result);
    if (!trap) results->data[0] = result;
    return trap;
}

static int32_t guest_depth(const wasm_instance_t *instance) {
    wasm_global_t *depth = export_global(instance, 1);
    wasm_val_t value;
    wasm_global_get(depth, &value);
    wasm_global_delete(depth);
    return value.of.i32;
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = world.store = wasm_store_new(engine);
    wasm_func_t *callback = host_func(store, wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32()), down);
    wasm_instance_t *instance = world.instance = INSTANCE(store, reentry_wasm, wasm_func_as_extern(callback));
    world.memory = export_memory(instance, 0);
    world.up = export_func(instance, 2);
    wasm_func_t *peek = export_func(instance, 3);

    /* To a depth that fits. */
    world.mode = DESCEND;
    for (int depth = 0; depth <= 64; depth++) CHECK_INT(CALL_I32(world.up, i32_val(depth)), depth + 1);

    /* A trap from the bottom crosses every layer. */
    world.mode = TRAP_AT_BOTTOM;
    CHECK_TRAP(CALL_TRAP(world.up, 1, i32_val(0)), "from the bottom");
    wasm_trap_t *trap = CALL_TRAP(world.up, 1, i32_val(40));
    CHECK(trap != NULL);
    wasm_frame_t *origin = wasm_trap_origin(trap);
    CHECK(origin != NULL);
    CHECK_INT(wasm_frame_func_index(origin), 1);
    CHECK(wasm_instance_same(wasm_frame_instance(origin), instance));
    wasm_frame_delete(origin);
    CHECK_TRAP(trap, "from the bottom");

    /* To the limit: a trap, and everything works again afterwards. */
    world.mode = DESCEND;
    for (int round = 0; round < EXHAUSTIONS; round++) {
        int before = guest_depth(instance);
        world.deepest = INT32_MAX;
        trap = CALL_TRAP(world.up, 1, i32_val(INT32_MAX));
        CHECK(trap != NULL);
        CHECK(guest_depth(instance) - before > 64);
        CHECK(world.deepest < INT32_MAX);
        CHECK_TRAP(trap, "call stack exhausted");
        CHECK_INT(CALL_I32(world.up, i32_val(50)), 51);
    }

    /* The memory grows, and may move, under a running guest. */
    world.mode = GROW;
    for (int pages = 2; pages <= 4; pages++) CHECK_INT(CALL_I32(peek, i32_val(pages * 65536 - 4)), 99);

    /* Whatever runs stays alive until it has run. */
    world.mode = DELETE_ALL;
    wasm_func_t *up = wasm_func_copy(world.up);
    wasm_func_delete(peek);
    wasm_func_delete(callback);
    wasm_engine_delete(engine);
    CHECK_INT(CALL_I32(up, i32_val(5)), 1);
    wasm_func_delete(up);
    return done();
}
