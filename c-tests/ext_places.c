/* Globals and tables of types that a wasm_val_t cannot hold, 64-bit sizes and indices, pages of one byte. */
#include "check.h"

enum { VECTOR, ANY, PAIR, FIXED, LONG_TABLE, SHORT_TABLE, LONG_MEMORY, BYTES_MEMORY, LANE, SECOND, FUNCTION };

static void globals(wasm_store_t *store, const wasm_instance_t *instance) {
    wasm_global_t *vector = export_global(instance, VECTOR), *any = export_global(instance, ANY);
    wasm_global_t *fixed = export_global(instance, FIXED);
    wasm_func_t *lane = export_func(instance, LANE);
    wasmx_raw_t raw;
    CHECK(wasmx_global_get_raw(vector, &raw));
    CHECK(memcmp(raw.v128, (int32_t[]){1, 2, 3, 4}, 16) == 0);
    memcpy(raw.v128, (int32_t[]){5, 6, 77, 8}, 16);
    CHECK(wasmx_global_set_raw(vector, &raw));
    CHECK_INT(GET_I32(lane), 77);
    /* The standard's functions refuse, and leave sane values behind. */
    wasm_val_t val = WASM_INIT_VAL;
    wasm_global_get(vector, &val);
    CHECK_INT(val.kind, WASM_I32);
    wasm_global_set(vector, &val);
    CHECK_INT(GET_I32(lane), 77);

    /* An i31 in an anyref, either way. */
    wasm_global_get(any, &val);
    CHECK_INT(val.kind, WASMX_ANYREF);
    int32_t number = 0;
    CHECK(wasmx_i31_get(val.of.ref, &number));
    CHECK_INT(number, -5);
    CHECK(wasmx_global_get_raw(any, &raw));
    wasm_ref_t *same = wasmx_ref_from_raw(store, WASMX_ANYREF, &raw);
    CHECK(wasm_ref_same(same, val.of.ref));
    wasm_ref_delete(same);
    wasm_val_delete(&val);
    val = (wasm_val_t){.kind = WASMX_ANYREF, .of = {.ref = wasmx_i31_new(store, 12)}};
    wasm_global_set(any, &val);
    wasm_val_delete(&val);
    wasm_global_get(any, &val);
    CHECK(wasmx_i31_get(val.of.ref, &number));
    CHECK_INT(number, 12);
    wasm_val_delete(&val);

    raw.i32 = 4;
    CHECK(!wasmx_global_set_raw(fixed, &raw));
    CHECK(wasmx_global_get_raw(fixed, &raw));
    CHECK_INT(raw.i32, 3);
    CHECK(!wasmx_global_get_raw(NULL, &raw) && !wasmx_global_get_raw(fixed, NULL));
    CHECK(!wasmx_global_set_raw(NULL, &raw) && !wasmx_global_set_raw(vector, NULL));

    /* Of the host's own. */
    wasm_globaltype_t *type = wasm_globaltype_new(wasmx_valtype_new_v128(), WASM_VAR);
    memset(raw.v128, 9, 16);
    wasm_global_t *own = wasmx_global_new_raw(store, type, &raw);
    memset(raw.v128, 0, 16);
    CHECK(wasmx_global_get_raw(own, &raw));
    CHECK_INT(raw.v128[11], 9);
    wasm_global_delete(own);
    CHECK(wasmx_global_new_raw(NULL, type, &raw) == NULL);
    CHECK(wasmx_global_new_raw(store, NULL, &raw) == NULL);
    CHECK(wasmx_global_new_raw(store, type, NULL) == NULL);
    wasm_globaltype_delete(type);
    type = wasm_globaltype_new(wasmx_valtype_new_ref(WASMX_HEAP_ANY, false, NULL), WASM_CONST);
    raw.ref = 0;
    CHECK(wasmx_global_new_raw(store, type, &raw) == NULL); /* null is no value of it */
    wasm_globaltype_delete(type);
    wasm_global_delete(vector);
    wasm_global_delete(any);
    wasm_global_delete(fixed);
    wasm_func_delete(lane);
}

/* A structure of the type that a global names, put there by the host. */
static void defined_type(wasm_store_t *store, const wasm_instance_t *instance) {
    wasm_global_t *pair = export_global(instance, PAIR);
    wasm_func_t *second = export_func(instance, SECOND);
    wasm_globaltype_t *type = wasm_global_type(pair);
    wasmx_type_t *defined = wasmx_valtype_type(wasm_globaltype_content(type));
    CHECK(defined != NULL);
    wasm_globaltype_delete(type);
    wasmx_raw_t fields[2] = {{.i32 = 1}, {.i32 = 22}};
    wasm_ref_t *object = wasmx_struct_new(store, defined, 2, fields);
    wasm_val_t val = {.kind = WASMX_ANYREF, .of = {.ref = object}};
    wasm_global_set(pair, &val);
    CHECK_INT(GET_I32(second), 22);
    fields[1].i32 = 23;
    CHECK(wasmx_struct_set(object, 1, &fields[1]));
    CHECK_INT(GET_I32(second), 23);
    /* Anything else is refused. */
    wasm_ref_t *number = wasmx_i31_new(store, 1);
    wasmx_raw_t raw;
    CHECK(wasmx_ref_to_raw(number, WASMX_ANYREF, &raw));
    CHECK(!wasmx_global_set_raw(pair, &raw));
    CHECK(wasmx_ref_to_raw(object, WASMX_ANYREF, &raw));
    CHECK(wasmx_global_set_raw(pair, &raw));
    wasm_ref_delete(number);
    wasm_ref_delete(object);
    wasmx_type_delete(defined);
    wasm_global_delete(pair);
    wasm_func_delete(second);
}

static void tables(wasm_store_t *store, const wasm_instance_t *instance) {
    wasm_table_t *table = export_table(instance, LONG_TABLE), *functions = export_table(instance, SHORT_TABLE);
    CHECK_INT(wasmx_table_size64(table), 2);
    wasm_tabletype_t *type = wasm_table_type(table);
    CHECK(wasmx_tabletype_is64(type));
    wasm_tabletype_delete(type);
    wasm_ref_t *number = wasmx_i31_new(store, 5), *found;
    CHECK(wasmx_table_get64(table, 0) == NULL);
    CHECK(wasmx_table_set64(table, 1, number));
    found = wasmx_table_get64(table, 1);
    CHECK(wasm_ref_same(found, number));
    wasm_ref_delete(found);
    CHECK(wasmx_table_grow64(table, 3, number));
    CHECK_INT(wasmx_table_size64(table), 5);
    found = wasm_table_get(table, 4); /* the standard's function sees the same */
    CHECK(wasm_ref_same(found, number));
    wasm_ref_delete(found);
    CHECK(!wasmx_table_grow64(table, 1ull << 40, NULL));
    CHECK(!wasmx_table_grow64(table, 6, NULL));
    CHECK(!wasmx_table_set64(table, 5, number));
    CHECK(!wasmx_table_set64(table, 1ull << 32, number));
    CHECK(wasmx_table_get64(table, 1ull << 32) == NULL);

    wasmx_raw_t raw = {.i64 = 0};
    CHECK(wasmx_table_get_raw(table, 4, &raw));
    CHECK(raw.ref != 0);
    CHECK(wasmx_table_set_raw(table, 0, &raw));
    found = wasmx_table_get64(table, 0);
    CHECK(wasm_ref_same(found, number));
    wasm_ref_delete(found);
    CHECK(!wasmx_table_get_raw(table, 5, &raw) && !wasmx_table_set_raw(table, 5, &raw));
    CHECK(!wasmx_table_get_raw(NULL, 0, &raw) && !wasmx_table_get_raw(table, 0, NULL));
    CHECK(!wasmx_table_set_raw(NULL, 0, &raw) && !wasmx_table_set_raw(table, 0, NULL));

    wasm_func_t *function = export_func(instance, FUNCTION);
    CHECK(!wasmx_table_set64(functions, 0, number));
    CHECK(wasmx_table_set64(functions, 0, wasm_func_as_ref(function)));
    CHECK(wasmx_table_get_raw(functions, 0, &raw));
    found = wasmx_ref_from_raw(store, WASM_FUNCREF, &raw);
    CHECK(wasm_ref_same(found, wasm_func_as_ref(function)));
    wasm_ref_delete(found);
    wasm_func_delete(function);

    CHECK_INT(wasmx_table_size64(NULL), 0);
    CHECK(wasmx_table_get64(NULL, 0) == NULL);
    CHECK(!wasmx_table_set64(NULL, 0, NULL) && !wasmx_table_grow64(NULL, 1, NULL));
    wasm_ref_delete(number);
    wasm_table_delete(table);
    wasm_table_delete(functions);

    type = wasmx_tabletype_new(wasmx_valtype_new_ref(WASMX_HEAP_ANY, true, NULL), 2, 0, false, true);
    table = wasm_table_new(store, type, NULL);
    CHECK_INT(wasmx_table_size64(table), 2);
    wasm_tabletype_delete(type);
    wasm_table_delete(table);
}

static void memories(wasm_store_t *store, const wasm_instance_t *instance) {
    wasm_memory_t *memory = export_memory(instance, LONG_MEMORY), *bytes = export_memory(instance, BYTES_MEMORY);
    CHECK_INT(wasmx_memory_size64(memory), 1);
    CHECK(wasmx_memory_grow64(memory, 2));
    CHECK_INT(wasmx_memory_size64(memory), 3);
    CHECK_INT(wasm_memory_data_size(memory), 3 * MEMORY_PAGE_SIZE);
    CHECK(!wasmx_memory_grow64(memory, 1ull << 40));
    wasm_memorytype_t *type = wasm_memory_type(memory);
    CHECK(wasmx_memorytype_is64(type));
    CHECK_INT(wasmx_memorytype_minimum(type), 3);
    wasm_memorytype_delete(type);
    CHECK_INT(wasmx_memory_size64(bytes), 100);
    CHECK_INT(wasm_memory_data_size(bytes), 100);
    CHECK(wasmx_memory_grow64(bytes, 1));
    CHECK_INT(wasm_memory_data_size(bytes), 101);
    CHECK(wasmx_memory_shared(memory) == NULL);
    CHECK_INT(wasmx_memory_size64(NULL), 0);
    CHECK(!wasmx_memory_grow64(NULL, 1));
    wasm_memory_delete(memory);
    wasm_memory_delete(bytes);

    type = wasmx_memorytype_new(7, 0, false, false, false, 0);
    memory = wasm_memory_new(store, type);
    CHECK_INT(wasm_memory_data_size(memory), 7);
    wasm_memorytype_delete(type);
    wasm_memory_delete(memory);
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_instance_t *instance = INSTANCE_ALONE(store, ext_places_wasm);
    globals(store, instance);
    defined_type(store, instance);
    tables(store, instance);
    memories(store, instance);
    wasm_instance_delete(instance);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return done();
}
