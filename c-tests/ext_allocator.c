/* Linear memories in buffers of the host's: growth in place, by moving, refused; shared and 64-bit ones; and who is told
 * when. */
#include "check.h"

typedef struct {
    int allocated, grown, released, finalized;
    wasmx_memory_request_t request;
    bool refuse, refuse_growth, moves, lies, crooked;
    uint64_t bytes; /* at present */
} arena_t;

static uint8_t *zeroed(size_t bytes) {
    size_t whole = (bytes + 31) & ~(size_t)15; /* one byte at least, and a multiple of the alignment */
    return memset(aligned_alloc(16, whole), 0, whole);
}

static bool allocate(void *env, const wasmx_memory_request_t *request, wasmx_memory_block_t *block) {
    arena_t *a = env;
    a->request = *request;
    if (a->refuse) return false;
    a->allocated++;
    /* What may not move gets all it can ever have. */
    uint64_t bytes = request->fixed ? request->most : request->bytes;
    block->bytes = a->lies ? request->bytes - 1 : bytes;
    block->base = zeroed(bytes + 8);
    if (a->crooked) block->base += 8;
    block->user = malloc(1);
    a->bytes += block->bytes;
    return true;
}

static bool grow(void *env, wasmx_memory_block_t *block, uint64_t bytes, bool fixed) {
    arena_t *a = env;
    if (a->refuse_growth || fixed) return false;
    a->grown++;
    uint8_t *base = zeroed(bytes);
    memcpy(base, block->base, block->bytes);
    memset(block->base, 0xdb, block->bytes);
    free(block->base);
    if (a->lies) bytes -= 65536;
    a->bytes += bytes - block->bytes;
    block->base = base, block->bytes = bytes;
    return true;
}

static void release(void *env, const wasmx_memory_block_t *block) {
    arena_t *a = env;
    a->released++;
    a->bytes -= block->bytes;
    free(block->base - (a->crooked ? 8 : 0));
    free(block->user);
}

static void finalize(void *env) { ((arena_t *)env)->finalized++; }

static wasm_engine_t *engine_of(arena_t *arena) {
    wasm_config_t *config = wasm_config_new();
    wasmx_memory_allocator_t allocator = {arena, allocate, grow, release, finalize};
    CHECK(wasmx_config_set_memory_allocator(config, &allocator));
    return wasm_engine_new_with_config(config);
}

static void memories_of_modules(void) {
    arena_t a = {0};
    wasm_engine_t *engine = engine_of(&a);
    wasm_store_t *store = wasm_store_new(engine);
    wasm_module_t *module = MODULE(store, ext_allocator_wasm);
    wasm_instance_t *instance = link_module(store, module, 0, NULL);
    CHECK_INT(a.allocated, 3);
    CHECK_INT(a.bytes, 2 * 65536);
    CHECK(a.request.bytes == 0 && a.request.most == 2 * 65536 && !a.request.fixed);
    wasm_memory_t *memory = export_memory(instance, 0);
    uint8_t *base = (uint8_t *)wasm_memory_data(memory);
    CHECK(((uintptr_t)base & 15) == 0 && base[65532] == 1 && base[65535] == 4);
    wasm_func_t *grower = export_func(instance, 3), *peek = export_func(instance, 4);
    wasm_func_t *grow_wide = export_func(instance, 5), *grow_none = export_func(instance, 6);
    base[9] = 99;
    CHECK_INT(CALL_I32(grower, i32_val(1)), 1);
    CHECK_INT(CALL_I32(grower, i32_val(3)), 2);
    CHECK_INT(a.grown, 2);
    CHECK((uint8_t *)wasm_memory_data(memory) != NULL && wasm_memory_data_size(memory) == 5 * 65536);
    CHECK_INT(CALL_I32(peek, i32_val(9)), 99);
    CHECK_INT(CALL_I32(peek, i32_val(2 * 65536 + 17)), 0);
    a.refuse_growth = true;
    CHECK_INT(CALL_I32(grower, i32_val(1)), -1);
    CHECK(!wasm_memory_grow(memory, 1));
    CHECK_INT(CALL_I64(grow_wide, i64_val(1)), -1);
    a.refuse_growth = false;
    /* The type's maximum comes first. */
    CHECK_INT(CALL_I32(grower, i32_val(4)), -1);
    CHECK_INT(a.grown, 2);
    CHECK(wasm_memory_grow(memory, 1));
    CHECK_INT(CALL_I64(grow_wide, i64_val(2)), 1);
    CHECK_INT(CALL_I32(grow_none, i32_val(1)), 0);
    /* Less than it says: refused, and the content is where the host has put it. */
    a.lies = true;
    CHECK_INT(CALL_I32(grower, i32_val(1)), -1);
    a.lies = false;
    CHECK_INT(CALL_I32(peek, i32_val(9)), 99);
    wasmx_stats_t stats = {.size = sizeof stats};
    CHECK(wasmx_stats(store, &stats));
    CHECK_INT(stats.memory_bytes, (6 + 3 + 1) * 65536);

    a.refuse = true;
    wasm_trap_t *trap = NULL;
    CHECK(wasm_instance_new(store, module, &(wasm_extern_vec_t)WASM_EMPTY_VEC, &trap) == NULL);
    if (trap) wasm_trap_delete(trap);
    CHECK(strstr(wasmx_last_error(), "from the host") != NULL);
    a.refuse = false;

    wasm_func_delete(grower);
    wasm_func_delete(peek);
    wasm_func_delete(grow_wide);
    wasm_func_delete(grow_none);
    wasm_memory_delete(memory);
    wasm_instance_delete(instance);
    wasm_module_delete(module);
    wasm_engine_delete(engine);
    CHECK_INT(a.finalized, 0);
    wasm_store_delete(store);
    CHECK(a.released == a.allocated && a.finalized == 1);
    CHECK_INT(a.bytes, 0);
}

static void memories_of_the_host(void) {
    arena_t a = {0};
    wasm_engine_t *engine = engine_of(&a);
    wasm_store_t *store = wasm_store_new(engine);
    CHECK(wasmx_store_set_limit(store, WASMX_LIMIT_MEMORY_BYTES, 5 * 65536));
    wasm_memorytype_t *type = wasm_memorytype_new(&(wasm_limits_t){2, 0xffffffff});
    wasm_memory_t *memory = wasm_memory_new(store, type);
    CHECK(memory && a.request.bytes == 2 * 65536 && a.request.most == 5 * 65536);
    wasm_memory_data(memory)[65536] = 42;
    CHECK(wasm_memory_grow(memory, 3) && !wasm_memory_grow(memory, 1));
    CHECK_INT(wasm_memory_data(memory)[65536], 42);
    wasm_memory_delete(memory);
    CHECK_INT(a.released, 1);
    /* Nothing, too little, or not aligned: refused, and given back. */
    a.refuse = true;
    CHECK(wasm_memory_new(store, type) == NULL);
    CHECK(strstr(wasmx_last_error(), "from the host") != NULL);
    a.refuse = false, a.lies = true;
    CHECK(wasm_memory_new(store, type) == NULL);
    CHECK(strstr(wasmx_last_error(), "as the host gives them") != NULL);
    a.lies = false, a.crooked = true;
    CHECK(wasm_memory_new(store, type) == NULL);
    a.crooked = false;
    CHECK_INT(a.released, a.allocated);
    wasm_memorytype_delete(type);

    /* A shared one gets what it can ever have, stays there, and outlives its store and engine. */
    type = wasmx_memorytype_new(1, 4, true, false, true, 16);
    CHECK(type != NULL);
    wasmx_shared_memory_t *shared = wasmx_shared_memory_new(engine, type);
    CHECK(shared && a.request.fixed && a.request.bytes == 65536 && a.request.most == 4 * 65536);
    byte_t *base = wasmx_shared_memory_data(shared);
    memory = wasmx_shared_memory_as_memory(shared, store);
    CHECK(wasm_memory_grow(memory, 1) && wasmx_shared_memory_grow(shared, 2));
    CHECK(wasmx_shared_memory_data(shared) == base && wasm_memory_data(memory) == base);
    CHECK_INT(wasm_memory_data_size(memory), 4 * 65536);
    CHECK(!wasm_memory_grow(memory, 1) && a.grown == 1);
    wasm_memory_delete(memory);
    wasm_memorytype_delete(type);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    CHECK_INT(a.finalized, 0);
    base[4 * 65536 - 1] = 1;
    wasmx_shared_memory_delete(shared);
    CHECK(a.finalized == 1 && a.bytes == 0 && a.released == a.allocated);
}

static void configurations(void) {
    arena_t a = {0};
    wasmx_memory_allocator_t allocator = {&a, allocate, grow, release, finalize}, bad = allocator;
    CHECK(!wasmx_config_set_memory_allocator(NULL, &allocator) && a.finalized == 0);
    wasm_config_t *config = wasm_config_new();
    bad.allocate = NULL;
    CHECK(!wasmx_config_set_memory_allocator(config, &bad));
    bad = allocator, bad.grow = NULL;
    CHECK(!wasmx_config_set_memory_allocator(config, &bad));
    bad = allocator, bad.release = NULL;
    CHECK(!wasmx_config_set_memory_allocator(config, &bad) && a.finalized == 0);
    CHECK(wasmx_config_set_memory_allocator(config, &allocator));
    CHECK(wasmx_config_set_memory_allocator(config, NULL) && a.finalized == 1);
    CHECK(wasmx_config_set_memory_allocator(config, &allocator));
    wasm_config_delete(config);
    CHECK_INT(a.finalized, 2);
}

int main(void) {
    memories_of_modules();
    memories_of_the_host();
    configurations();
    return done();
}
