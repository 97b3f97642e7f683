/* What a store and its engine have and have done, in numbers; and the limit on all tables together. */
#include "check.h"

static wasmx_stats_t stats_of(const wasm_store_t *store) {
    wasmx_stats_t stats = {.size = sizeof stats};
    CHECK(wasmx_stats(store, &stats));
    return stats;
}

static wasm_trap_t *echo(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    results->data[0] = args->data[0];
    return NULL;
}

static wasm_trap_t *zero(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)env, (void)args;
    results->data[0] = i32_val(0);
    return NULL;
}

static wasm_trap_t *all(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    results->data[0] = args->data[1];
    return NULL;
}

static wasm_functype_t *type_of_all(void) {
    wasm_valtype_t *params[] = {wasm_valtype_new_i32(), wasm_valtype_new_i64(), wasm_valtype_new_f32(),
                                wasm_valtype_new_f64()};
    wasm_valtype_t *results[] = {wasm_valtype_new_i64()};
    wasm_valtype_vec_t p, r;
    wasm_valtype_vec_new(&p, 4, params);
    wasm_valtype_vec_new(&r, 1, results);
    return wasm_functype_new(&p, &r);
}

static void memories_and_tables(wasm_engine_t *engine) {
    wasm_store_t *store = wasm_store_new(engine);
    wasmx_stats_t s = stats_of(store);
    CHECK(s.modules == 0 && s.memory_reserved_bytes == 0 && s.table_elements == 0 && s.table_bytes == 0);
    CHECK(s.stack_bytes >= 1 << 20 && s.collections == 0);
    wasm_module_t *module = MODULE(store, ext_limits_wasm);
    wasm_instance_t *instance = link_module(store, module, 0, NULL);
    s = stats_of(store);
    CHECK_INT(s.modules, 1);
    CHECK_INT(s.memory_bytes, 65536);
    CHECK(s.memory_reserved_bytes >= s.memory_bytes);
    CHECK_INT(s.table_elements, 2);
    CHECK_INT(s.table_bytes, 16);

    wasm_func_t *grow = export_func(instance, 2), *grow_table = export_func(instance, 3);
    CHECK(wasmx_store_set_limit(store, WASMX_LIMIT_TOTAL_TABLE_ELEMENTS, 6));
    CHECK_INT(wasmx_store_limit(store, WASMX_LIMIT_TOTAL_TABLE_ELEMENTS), 6);
    CHECK_INT(CALL_I32(grow, i32_val(2)), 1);
    CHECK_INT(CALL_I32(grow_table, i32_val(3)), 2);
    s = stats_of(store);
    CHECK(s.memory_bytes == 3 * 65536 && s.memory_reserved_bytes >= s.memory_bytes);
    CHECK(s.table_elements == 5 && s.table_bytes >= 40);
    /* One element is left for all tables. */
    wasm_trap_t *trap = NULL;
    CHECK(wasm_instance_new(store, module, &(wasm_extern_vec_t)WASM_EMPTY_VEC, &trap) == NULL);
    CHECK_INT(wasmx_trap_kind(trap), WASMX_TRAP_LIMIT_EXCEEDED);
    CHECK_TRAP(trap, "table size");
    CHECK_INT(CALL_I32(grow_table, i32_val(2)), -1);
    CHECK_INT(CALL_I32(grow_table, i32_val(1)), 5);
    CHECK_INT(CALL_I32(grow_table, i32_val(1)), -1);
    CHECK_INT(CALL_I32(grow_table, i32_val(0)), 6);

    wasm_func_delete(grow);
    wasm_func_delete(grow_table);
    wasm_instance_delete(instance);
    /* What nobody reaches any more counts against no limit. */
    instance = link_module(store, module, 0, NULL);
    s = stats_of(store);
    CHECK(s.table_elements == 2 && s.table_bytes == 16 && s.collections > 0);
    wasm_instance_delete(instance);
    wasm_module_delete(module);
    wasmx_store_collect(store);
    s = stats_of(store);
    CHECK(s.table_elements == 0 && s.table_bytes == 0 && s.memory_reserved_bytes == 0 && s.modules == 0);
    CHECK(s.memories == 0 && s.tables == 0 && s.instances == 0 && s.memory_bytes == 0);
    wasm_store_delete(store);
}

static void calls_and_code(wasm_engine_t *engine) {
    wasm_store_t *store = wasm_store_new(engine), *other = wasm_store_new(engine);
    wasmx_stats_t s = stats_of(store);
    CHECK(s.engine_stores == 2 && s.engine_modules == 0 && s.engine_module_bytes == 0);
    CHECK(s.engine_register_code_bytes == 0 && s.engine_machine_code_bytes == 0);
    uint64_t translations = s.engine_translations;
    CHECK(translations > 0);

    wasm_module_t *module = MODULE(store, callback_wasm);
    wasm_func_t *print =
        host_func(store, wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32()), echo);
    wasm_func_t *closure = host_closure(store, wasm_functype_new_0_1(wasm_valtype_new_i32()), zero, NULL, NULL);
    wasm_func_t *wide = host_func(store, type_of_all(), all);
    wasm_extern_t *imports[] = {wasm_func_as_extern(print), wasm_func_as_extern(closure), wasm_func_as_extern(wide)};
    wasm_instance_t *instance = link_module(store, module, 3, imports);
    wasm_func_t *run = export_func(instance, 0), *loop = export_func(instance, 2);
    CHECK_INT(CALL_I32(run, i32_val(3), i32_val(4)), 7);
    CHECK_INT(CALL_I32(loop, i32_val(10)), 55);
    s = stats_of(store);
    CHECK_INT(s.calls_in, 2);
    CHECK_INT(s.calls_out, 12);
    CHECK_INT(s.engine_modules, 1);
    CHECK_INT(s.engine_module_bytes, sizeof callback_wasm);
    CHECK(s.machine_entries <= s.calls_in + s.calls_out);
    CHECK(s.engine_translated_functions + s.engine_compiled_functions >= 2);
    CHECK((s.engine_translated_functions != 0) == (s.engine_register_code_bytes != 0));
    CHECK((s.engine_compiled_functions != 0) == (s.engine_machine_code_bytes != 0));
    CHECK(s.engine_translations - translations == s.engine_translated_functions);
    CHECK(s.engine_compilations >= s.engine_compiled_functions);
    CHECK((s.engine_compilations != 0) == (s.engine_compile_nanoseconds != 0));
    /* The other store has called nothing, but shares the engine. */
    wasmx_stats_t o = stats_of(other);
    CHECK(o.calls_in == 0 && o.calls_out == 0 && o.modules == 0 && o.engine_modules == 1);

    /* A shared module lives on without a store. */
    wasm_shared_module_t *shared = wasm_module_share(module);
    wasm_func_delete(run);
    wasm_func_delete(loop);
    wasm_func_delete(print);
    wasm_func_delete(closure);
    wasm_func_delete(wide);
    wasm_instance_delete(instance);
    wasm_module_delete(module);
    wasm_store_delete(store);
    o = stats_of(other);
    CHECK(o.engine_stores == 1 && o.engine_modules == 1);
    CHECK_INT(o.engine_translated_functions, s.engine_translated_functions);
    wasm_shared_module_delete(shared);
    o = stats_of(other);
    CHECK(o.engine_modules == 0 && o.engine_module_bytes == 0 && o.engine_register_code_bytes == 0);
    CHECK(o.engine_translated_functions == 0 && o.engine_compiled_functions == 0);
    CHECK(o.engine_machine_code_bytes == 0 && o.engine_uncompiled_functions == 0);
    CHECK_INT(o.engine_translations, s.engine_translations);
    wasm_store_delete(other);
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    memories_and_tables(engine);
    calls_and_code(engine);
    wasm_engine_delete(engine);
    return done();
}
