/* Limits of stores and modules, growth that the host is asked about, and what traps know. */
#include "check.h"

enum { MEMORY, TABLE, GROW, GROW_TABLE, LOAD, OUTER, DEEP, DIVIDE, FILL };

typedef struct {
    int asked, finalized;
    uint8_t kind;
    uint64_t from, to, maximum;
    bool allow;
} growth_t;

static bool on_growth(void *env, const wasmx_growth_t *growth) {
    growth_t *g = env;
    g->asked++;
    g->kind = growth->kind, g->from = growth->from, g->to = growth->to;
    g->maximum = growth->has_maximum ? growth->maximum : 0;
    return g->allow;
}

static void finalize(void *env) { ((growth_t *)env)->finalized++; }

static void limits_of_stores(wasm_engine_t *engine) {
    wasm_store_t *store = wasm_store_new(engine);
    wasm_module_t *module = MODULE(store, ext_limits_wasm);
    wasm_instance_t *instance = link_module(store, module, 0, NULL);
    wasm_func_t *grow = export_func(instance, GROW), *grow_table = export_func(instance, GROW_TABLE);

    CHECK_INT(wasmx_store_limit(store, WASMX_LIMIT_INSTANCES), 2);
    CHECK(wasmx_store_limit(store, WASMX_LIMIT_MEMORY_BYTES) == UINT64_MAX);
    CHECK(wasmx_store_set_limit(store, WASMX_LIMIT_MEMORY_BYTES, 3 * 65536));
    CHECK_INT(CALL_I32(grow, i32_val(1)), 1);
    CHECK_INT(CALL_I32(grow, i32_val(2)), -1);
    CHECK_INT(CALL_I32(grow, i32_val(1)), 2);
    CHECK(wasmx_store_set_limit(store, WASMX_LIMIT_TABLE_ELEMENTS, 5));
    CHECK_INT(CALL_I32(grow_table, i32_val(4)), -1);
    CHECK_INT(CALL_I32(grow_table, i32_val(3)), 2);

    growth_t g = {.allow = false};
    CHECK(wasmx_store_set_limit(store, WASMX_LIMIT_MEMORY_BYTES, UINT64_MAX));
    CHECK(wasmx_store_set_limit(store, WASMX_LIMIT_TABLE_ELEMENTS, UINT64_MAX));
    CHECK(wasmx_store_set_growth_callback(store, on_growth, &g, finalize));
    CHECK_INT(CALL_I32(grow, i32_val(1)), -1);
    CHECK_INT(g.kind, WASMX_GROWTH_MEMORY);
    CHECK(g.from == 3 * 65536 && g.to == 4 * 65536 && g.maximum == 10 * 65536);
    g.allow = true;
    CHECK_INT(CALL_I32(grow, i32_val(1)), 3);
    CHECK_INT(CALL_I32(grow_table, i32_val(2)), 5);
    CHECK(g.asked == 3 && g.kind == WASMX_GROWTH_TABLE && g.from == 5 && g.to == 7 && g.maximum == 100);
    CHECK(wasmx_store_set_growth_callback(store, NULL, NULL, NULL));
    CHECK_INT(g.finalized, 1);
    CHECK_INT(CALL_I32(grow, i32_val(1)), 4);

    /* Too many instances: a trap of its own kind. */
    wasm_instance_t *second = link_module(store, module, 0, NULL);
    wasm_trap_t *trap = NULL;
    CHECK(wasm_instance_new(store, module, &(wasm_extern_vec_t)WASM_EMPTY_VEC, &trap) == NULL);
    CHECK_INT(wasmx_trap_kind(trap), WASMX_TRAP_LIMIT_EXCEEDED);
    CHECK_TRAP(trap, "number of instances");
    wasm_instance_delete(second);
    CHECK(wasmx_store_set_limit(store, WASMX_LIMIT_TOTAL_MEMORY_BYTES, 5 * 65536));
    wasmx_store_collect(store);
    CHECK(wasm_instance_new(store, module, &(wasm_extern_vec_t)WASM_EMPTY_VEC, &trap) == NULL);
    CHECK_INT(wasmx_trap_kind(trap), WASMX_TRAP_LIMIT_EXCEEDED);
    CHECK_TRAP(trap, "memory size");

    CHECK(!wasmx_store_set_limit(store, WASMX_LIMIT_STACK_BYTES, 1) && !wasmx_store_set_limit(store, 200, 1));
    CHECK(!wasmx_store_set_limit(NULL, WASMX_LIMIT_TABLES, 1));
    CHECK_INT(wasmx_store_limit(store, 200) + wasmx_store_limit(NULL, WASMX_LIMIT_TABLES), 0);
    CHECK(!wasmx_store_set_growth_callback(NULL, on_growth, &g, finalize));
    wasm_func_delete(grow);
    wasm_func_delete(grow_table);
    wasm_instance_delete(instance);
    wasm_module_delete(module);
    wasm_store_delete(store);
}

static void limits_of_modules(void) {
    static const struct {
        uint8_t limit;
        uint64_t most;
        const char *says;
    } cases[] = {
        {WASMX_LIMIT_MODULE_BYTES, 50, "module size"},
        {WASMX_LIMIT_MODULE_TYPES, 1, "types"},
        {WASMX_LIMIT_MODULE_FUNCTIONS, 3, "functions"},
        {WASMX_LIMIT_MODULE_TABLES, 0, "tables"},
        {WASMX_LIMIT_MODULE_MEMORIES, 0, "memories"},
        {WASMX_LIMIT_MODULE_EXPORTS, 2, "exports"},
        {WASMX_LIMIT_FUNCTION_BYTES, 3, "size"},
        {WASMX_LIMIT_FUNCTION_LOCALS, 0, "locals"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        wasm_config_t *config = wasm_config_new();
        CHECK(wasmx_config_set_limit(config, cases[i].limit, cases[i].most));
        CHECK(wasmx_config_limit(config, cases[i].limit) == cases[i].most);
        wasm_engine_t *engine = wasm_engine_new_with_config(config);
        wasm_store_t *store = wasm_store_new(engine);
        CHECK(wasm_module_new(store, &BYTES(ext_limits_wasm)) == NULL);
        CHECK(strstr(wasmx_last_error(), cases[i].says) != NULL);
        wasm_store_delete(store);
        wasm_engine_delete(engine);
    }
    wasm_config_t *config = wasm_config_new();
    static const uint8_t all[] = {
        WASMX_LIMIT_MEMORY_BYTES,  WASMX_LIMIT_TOTAL_MEMORY_BYTES, WASMX_LIMIT_HEAP_BYTES,
        WASMX_LIMIT_TABLE_ELEMENTS, WASMX_LIMIT_INSTANCES,         WASMX_LIMIT_MEMORIES,
        WASMX_LIMIT_TABLES,        WASMX_LIMIT_STACK_BYTES,        WASMX_LIMIT_HOST_NESTING,
        WASMX_LIMIT_MODULE_IMPORTS, WASMX_LIMIT_MODULE_GLOBALS,    WASMX_LIMIT_MODULE_TAGS,
        WASMX_LIMIT_MODULE_ELEMENT_SEGMENTS, WASMX_LIMIT_MODULE_DATA_SEGMENTS, WASMX_LIMIT_FUNCTION_NESTING,
        WASMX_LIMIT_TOTAL_TABLE_ELEMENTS,
    };
    for (size_t i = 0; i < sizeof all; i++) {
        CHECK(wasmx_config_set_limit(config, all[i], 1000 + i));
        CHECK_INT(wasmx_config_limit(config, all[i]), 1000 + i);
    }
    CHECK(!wasmx_config_set_limit(config, 99, 1) && !wasmx_config_set_limit(NULL, 0, 1));
    CHECK(!wasmx_config_set_limit(config, WASMX_LIMIT_STACK_BYTES, UINT64_MAX));
    CHECK_INT(wasmx_config_limit(config, 99) + wasmx_config_limit(NULL, 0), 0);
    wasm_config_delete(config);
}

static void traps(wasm_engine_t *engine) {
    wasm_store_t *store = wasm_store_new(engine);
    wasm_instance_t *instance = INSTANCE_ALONE(store, ext_limits_wasm);
    wasm_func_t *outer = export_func(instance, OUTER), *deep = export_func(instance, DEEP);
    wasm_func_t *divide = export_func(instance, DIVIDE), *fill = export_func(instance, FILL);

    uint64_t address = 0;
    wasm_trap_t *trap = CALL_TRAP(outer, 1, i32_val(-2));
    CHECK_INT(wasmx_trap_kind(trap), WASMX_TRAP_MEMORY_OUT_OF_BOUNDS);
    CHECK(wasmx_trap_fault_address(trap, &address));
    CHECK_INT(address, 0xfffffffe + 4ll);
    CHECK(!wasmx_trap_fault_address(trap, NULL));
    wasm_frame_vec_t frames;
    wasm_trap_trace(trap, &frames);
    CHECK_INT(frames.size, 2);
    wasm_name_t name;
    CHECK(wasmx_frame_func_name(frames.data[0], &name));
    CHECK(name_is(&name, "inner", 5));
    wasm_byte_vec_delete(&name);
    CHECK(wasmx_frame_func_name(frames.data[1], &name));
    CHECK(name_is(&name, "outer", 5));
    wasm_byte_vec_delete(&name);
    CHECK(wasmx_frame_module_name(frames.data[1], &name));
    CHECK(name_is(&name, "guest", 5));
    wasm_byte_vec_delete(&name);
    CHECK(!wasmx_frame_func_name(NULL, &name) && name.size == 0);
    CHECK(!wasmx_frame_module_name(NULL, &name) && name.size == 0);
    CHECK(!wasmx_frame_func_name(frames.data[0], NULL));
    wasm_byte_vec_t text;
    wasmx_trap_backtrace(trap, &text);
    char expected[200];
    int size = snprintf(expected, sizeof expected, "   0: 0x%08zx guest!inner\n   1: 0x%08zx guest!outer\n",
                        wasm_frame_module_offset(frames.data[0]), wasm_frame_module_offset(frames.data[1]));
    CHECK(name_is(&text, expected, (size_t)size));
    wasm_byte_vec_delete(&text);
    wasm_frame_vec_delete(&frames);
    wasm_trap_delete(trap);

    trap = CALL_TRAP_0(divide, 1);
    CHECK_INT(wasmx_trap_kind(trap), WASMX_TRAP_INTEGER_DIVIDE_BY_ZERO);
    CHECK(!wasmx_trap_fault_address(trap, &address));
    wasmx_trap_backtrace(trap, &text);
    CHECK(text.size > 12 && memcmp(text.data + text.size - 13, "<function 5>\n", 13) == 0);
    wasm_byte_vec_delete(&text);
    wasm_trap_delete(trap);
    trap = CALL_TRAP_0(fill, 0);
    CHECK_INT(wasmx_trap_kind(trap), WASMX_TRAP_MEMORY_OUT_OF_BOUNDS);
    CHECK(!wasmx_trap_fault_address(trap, &address));
    wasm_trap_delete(trap);
    trap = CALL_TRAP_0(deep, 0);
    CHECK_INT(wasmx_trap_kind(trap), WASMX_TRAP_STACK_OVERFLOW);
    wasm_trap_delete(trap);
    trap = host_trap(store, "mine");
    CHECK_INT(wasmx_trap_kind(trap), WASMX_TRAP_HOST);
    wasmx_trap_backtrace(trap, &text);
    CHECK_INT(text.size, 0);
    wasm_trap_delete(trap);
    CHECK_INT(wasmx_trap_kind(NULL), WASMX_TRAP_NONE);
    CHECK(!wasmx_trap_fault_address(NULL, &address));
    wasmx_trap_backtrace(NULL, &text);
    CHECK_INT(text.size, 0);

    wasm_func_delete(outer);
    wasm_func_delete(deep);
    wasm_func_delete(divide);
    wasm_func_delete(fill);
    wasm_instance_delete(instance);
    wasm_store_delete(store);
}

int main(void) {
    wasm_config_t *config = wasm_config_new();
    CHECK(wasmx_config_set_limit(config, WASMX_LIMIT_INSTANCES, 2));
    wasm_engine_t *engine = wasm_engine_new_with_config(config);
    limits_of_stores(engine);
    limits_of_modules();
    traps(engine);
    wasm_engine_delete(engine);
    return done();
}
