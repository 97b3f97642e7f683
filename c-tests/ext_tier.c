/* Tiers: the same results, traps and backtraces from interpreted and compiled code, whenever it is compiled. */
#include "check.h"

enum { SUM, FIB, DIVIDE, HOSTS };

static wasm_trap_t *host(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    wasm_func_t **fib = env;
    results->data[0] = i32_val(*fib ? CALL_I32(*fib, i32_val(args->data[0].of.i32 % 10)) : 1);
    return NULL;
}

static wasmx_stats_t stats_of(const wasm_store_t *store) {
    wasmx_stats_t stats = {.size = sizeof stats};
    CHECK(wasmx_stats(store, &stats));
    return stats;
}

static wasm_config_t *config(wasmx_tier_t tier, uint32_t calls, uint32_t loops, uint32_t threads) {
    wasm_config_t *config = wasm_config_new();
    CHECK(wasmx_config_set_tier(config, tier));
    wasmx_config_set_tier_thresholds(config, calls, loops);
    wasmx_config_set_compile_threads(config, threads);
    return config;
}

/* Whether anything was compiled. */
static bool run(wasm_config_t *config) {
    wasm_engine_t *engine = wasm_engine_new_with_config(config);
    wasm_store_t *store = wasm_store_new(engine);
    wasm_func_t *fib = NULL;
    wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
    wasm_func_t *callback = host_closure(store, type, host, &fib, NULL);
    wasm_instance_t *instance = INSTANCE(store, ext_tier_wasm, wasm_func_as_extern(callback));
    wasm_func_t *sum = export_func(instance, SUM), *divide = export_func(instance, DIVIDE);
    wasm_func_t *hosts = export_func(instance, HOSTS);
    fib = export_func(instance, FIB);
    for (int round = 0; round < 4; round++) {
        CHECK_INT(CALL_I32(sum, i32_val(100)), 338350);
        CHECK_INT(CALL_I32(fib, i32_val(15)), 610);
        /* fib(0) to fib(9), ten times. */
        CHECK_INT(CALL_I32(hosts, i32_val(100)), 880);
        wasm_trap_t *trap = CALL_TRAP(divide, 1, i32_val(50));
        CHECK_TRAP(wasm_trap_copy(trap), "integer divide by zero");
        wasm_frame_t *frame = wasm_trap_origin(trap);
        CHECK_INT(wasm_frame_func_index(frame), 4);
        static size_t offset;
        CHECK(offset == 0 || offset == wasm_frame_module_offset(frame));
        offset = wasm_frame_module_offset(frame);
        wasm_frame_delete(frame);
        wasm_trap_delete(trap);
    }
    wasmx_stats_t stats = stats_of(store);
    CHECK((stats.engine_compiled_functions > 0) <= (stats.engine_machine_code_bytes > 0));
    CHECK_INT(stats.engine_uncompiled_functions, 0);
    wasm_func_delete(hosts), wasm_func_delete(divide), wasm_func_delete(fib), wasm_func_delete(sum);
    wasm_instance_delete(instance);
    wasm_func_delete(callback);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return stats.engine_machine_code_bytes > 0;
}

int main(void) {
    wasm_config_t *probe = wasm_config_new();
    bool compiler = wasmx_config_set_tier(probe, WASMX_TIER_EAGER);
    CHECK(!wasmx_config_set_tier(probe, 3));
    CHECK(strstr(wasmx_last_error(), "tier 3"));
    wasm_config_delete(probe);
    CHECK(!wasmx_config_set_tier(NULL, WASMX_TIER_TIERING));
    wasmx_config_set_tier_thresholds(NULL, 1, 1);
    wasmx_config_set_compile_threads(NULL, 1);

    run(config(WASMX_TIER_TIERING, 2, 1, 1));
    CHECK(!run(config(WASMX_TIER_INTERPRETER, 0, 0, 0)));
    CHECK(run(config(WASMX_TIER_TIERING, 0, 0, 0)) == compiler);
    CHECK(run(config(WASMX_TIER_TIERING, UINT32_MAX, 0, 0)) == compiler);
    CHECK(run(config(WASMX_TIER_TIERING, 1, UINT32_MAX, 0)) == compiler);
    CHECK(!run(config(WASMX_TIER_TIERING, UINT32_MAX, UINT32_MAX, 1)));
    if (compiler) CHECK(run(config(WASMX_TIER_EAGER, 0, 0, 0)));
    return done();
}
