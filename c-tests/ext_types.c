/* Value types beyond the standard's six kinds, defined types, and 64-bit limits in types. */
#include "check.h"

static void value_types(void) {
    wasm_valtype_t *v128 = wasmx_valtype_new_v128();
    CHECK_INT(wasm_valtype_kind(v128), WASMX_V128);
    CHECK_INT(wasmx_valtype_heap(v128), WASMX_HEAP_NOT_A_REFERENCE);
    CHECK(!wasmx_valtype_is_nullable(v128));
    CHECK(!wasm_valtype_is_ref(v128));
    CHECK(wasmx_valtype_type(v128) == NULL);

    static const struct {
        wasmx_heapkind_t heap;
        wasm_valkind_t kind;
    } heaps[] = {
        {WASMX_HEAP_FUNC, WASM_FUNCREF},       {WASMX_HEAP_NOFUNC, WASM_FUNCREF}, {WASMX_HEAP_EXTERN, WASM_EXTERNREF},
        {WASMX_HEAP_NOEXTERN, WASM_EXTERNREF}, {WASMX_HEAP_ANY, WASMX_ANYREF},    {WASMX_HEAP_NONE, WASMX_ANYREF},
        {WASMX_HEAP_EQ, WASMX_ANYREF},         {WASMX_HEAP_I31, WASMX_ANYREF},    {WASMX_HEAP_STRUCT, WASMX_ANYREF},
        {WASMX_HEAP_ARRAY, WASMX_ANYREF},      {WASMX_HEAP_EXN, WASMX_EXNREF},    {WASMX_HEAP_NOEXN, WASMX_EXNREF},
    };
    for (size_t i = 0; i < sizeof heaps / sizeof *heaps; i++) {
        for (int nullable = 0; nullable < 2; nullable++) {
            wasm_valtype_t *type = wasmx_valtype_new_ref(heaps[i].heap, nullable, NULL);
            CHECK_INT(wasmx_valtype_heap(type), heaps[i].heap);
            CHECK_INT(wasmx_valtype_is_nullable(type), nullable);
            CHECK_INT(wasm_valtype_kind(type), heaps[i].kind);
            CHECK(wasm_valtype_is_ref(type));
            wasm_valtype_t *copy = wasm_valtype_copy(type);
            CHECK(wasmx_valtype_matches(type, copy) && wasmx_valtype_matches(copy, type));
            CHECK(!wasmx_valtype_matches(type, v128));
            wasm_valtype_delete(copy);
            wasm_valtype_delete(type);
        }
    }
    CHECK(wasmx_valtype_new_ref(WASMX_HEAP_NOT_A_REFERENCE, true, NULL) == NULL);
    CHECK(wasmx_valtype_new_ref(99, true, NULL) == NULL);
    CHECK(wasmx_valtype_new_ref(WASMX_HEAP_DEFINED, true, NULL) == NULL);
    CHECK_INT(wasmx_valtype_heap(NULL), WASMX_HEAP_NOT_A_REFERENCE);
    CHECK(!wasmx_valtype_is_nullable(NULL));
    CHECK(wasmx_valtype_type(NULL) == NULL);
    CHECK(!wasmx_valtype_matches(NULL, v128) && !wasmx_valtype_matches(v128, NULL));

    wasm_valtype_t *i31 = wasmx_valtype_new_ref(WASMX_HEAP_I31, false, NULL);
    wasm_valtype_t *any = wasmx_valtype_new_ref(WASMX_HEAP_ANY, true, NULL);
    CHECK(wasmx_valtype_matches(i31, any) && !wasmx_valtype_matches(any, i31));
    wasm_valtype_delete(i31);
    wasm_valtype_delete(any);
    wasm_valtype_delete(v128);
}

static void module_types(wasm_engine_t *engine) {
    wasm_store_t *store = wasm_store_new(engine);
    wasm_module_t *module = MODULE(store, ext_objects_wasm);
    CHECK(wasmx_module_type_count(module) >= 5);
    wasmx_type_t *node = wasmx_module_type(module, 0), *leaf = wasmx_module_type(module, 1);
    wasmx_type_t *bytes = wasmx_module_type(module, 2), *sum = wasmx_module_type(module, 4);
    CHECK(wasmx_module_type(module, 1000) == NULL);
    CHECK(wasmx_module_type(NULL, 0) == NULL);
    CHECK_INT(wasmx_module_type_count(NULL), 0);
    wasm_module_delete(module);
    wasm_store_delete(store);

    CHECK_INT(wasmx_type_kind(node), WASMX_TYPE_STRUCT);
    CHECK_INT(wasmx_type_kind(bytes), WASMX_TYPE_ARRAY);
    CHECK_INT(wasmx_type_kind(sum), WASMX_TYPE_FUNC);
    CHECK(wasmx_type_is_subtype(leaf, node) && !wasmx_type_is_subtype(node, leaf));
    CHECK(wasmx_type_is_subtype(leaf, leaf));
    wasmx_type_t *parent = wasmx_type_supertype(leaf);
    CHECK(wasmx_type_same(parent, node) && !wasmx_type_same(parent, leaf));
    CHECK(wasmx_type_supertype(node) == NULL);
    wasmx_type_delete(parent);

    CHECK_INT(wasmx_type_field_count(leaf), 3);
    CHECK_INT(wasmx_type_field_count(bytes), 1);
    CHECK_INT(wasmx_type_field_count(sum), 0);
    wasmx_fieldtype_t field;
    CHECK(wasmx_type_field(node, 1, &field));
    CHECK_INT(field.mutability, WASM_VAR);
    CHECK_INT(field.packed, 0);
    CHECK_INT(wasmx_valtype_heap(field.type), WASMX_HEAP_DEFINED);
    CHECK(wasmx_valtype_is_nullable(field.type));
    wasmx_type_t *next = wasmx_valtype_type(field.type);
    CHECK(wasmx_type_same(next, node));
    wasmx_type_delete(next);
    /* Value types made of defined types match as the types do. */
    wasm_valtype_t *to_leaf = wasmx_valtype_new_ref(WASMX_HEAP_DEFINED, true, leaf);
    CHECK(wasmx_valtype_matches(to_leaf, field.type) && !wasmx_valtype_matches(field.type, to_leaf));
    CHECK_INT(wasm_valtype_kind(to_leaf), WASMX_ANYREF);
    CHECK(wasmx_valtype_new_ref(WASMX_HEAP_ANY, true, leaf) == NULL);
    wasm_valtype_delete(to_leaf);
    wasm_valtype_delete(field.type);
    CHECK(wasmx_type_field(bytes, 0, &field));
    CHECK_INT(field.packed, 8);
    CHECK_INT(wasm_valtype_kind(field.type), WASM_I32);
    wasm_valtype_delete(field.type);
    CHECK(!wasmx_type_field(bytes, 1, &field));
    CHECK(!wasmx_type_field(bytes, 0, NULL));

    /* Function types go both ways, and mean the same. */
    wasm_functype_t *functype = wasmx_type_functype(sum);
    CHECK_INT(wasm_functype_params(functype)->size, 1);
    CHECK_INT(wasm_valtype_kind(wasm_functype_results(functype)->data[0]), WASM_I32);
    wasmx_type_t *again = wasmx_type_new_func(engine, functype);
    CHECK(wasmx_type_same(again, sum));
    wasmx_type_delete(again);
    wasm_functype_delete(functype);
    CHECK(wasmx_type_functype(node) == NULL);

    /* Types that the host composes are those of modules that say the same. */
    wasm_valtype_t *i32 = wasm_valtype_new_i32(), *f64 = wasm_valtype_new_f64();
    wasmx_fieldtype_t byte = {i32, 8, WASM_VAR};
    wasmx_type_t *own_bytes = wasmx_type_new_array(engine, &byte);
    CHECK(wasmx_type_same(own_bytes, bytes));
    wasmx_fieldtype_t fields[2] = {{i32, 16, WASM_VAR}, {f64, 0, WASM_CONST}};
    wasmx_type_t *pair = wasmx_type_new_struct(engine, 2, fields), *none = wasmx_type_new_struct(engine, 0, NULL);
    CHECK_INT(wasmx_type_field_count(pair), 2);
    CHECK_INT(wasmx_type_field_count(none), 0);
    CHECK(wasmx_type_field(pair, 0, &field));
    CHECK_INT(field.packed, 16);
    wasm_valtype_delete(field.type);
    wasmx_type_t *pair_copy = wasmx_type_copy(pair);
    CHECK(wasmx_type_same(pair, pair_copy));
    fields[1].packed = 8; /* not an i32 */
    CHECK(wasmx_type_new_struct(engine, 2, fields) == NULL);
    fields[1].packed = 0, fields[1].type = NULL;
    CHECK(wasmx_type_new_struct(engine, 2, fields) == NULL);
    CHECK(wasmx_type_new_struct(engine, 2, NULL) == NULL);
    CHECK(wasmx_type_new_struct(NULL, 0, NULL) == NULL);
    byte.packed = 7;
    CHECK(wasmx_type_new_array(engine, &byte) == NULL);
    byte.packed = 8, byte.mutability = 2;
    CHECK(wasmx_type_new_array(engine, &byte) == NULL);
    CHECK(wasmx_type_new_array(engine, NULL) == NULL);

    /* A type of another engine is another type. */
    wasm_engine_t *other = wasm_engine_new();
    byte.mutability = WASM_VAR;
    wasmx_type_t *foreign = wasmx_type_new_array(other, &byte);
    CHECK(!wasmx_type_same(foreign, bytes));
    CHECK(!wasmx_type_is_subtype(foreign, bytes));
    wasm_engine_delete(other);
    wasmx_type_delete(foreign);

    CHECK(wasmx_type_copy(NULL) == NULL);
    CHECK(!wasmx_type_same(NULL, bytes) && !wasmx_type_is_subtype(bytes, NULL));
    CHECK_INT(wasmx_type_kind(NULL), WASMX_TYPE_FUNC);
    CHECK(wasmx_type_supertype(NULL) == NULL);
    CHECK(wasmx_type_functype(NULL) == NULL);
    CHECK(wasmx_type_new_func(NULL, NULL) == NULL);
    CHECK_INT(wasmx_type_field_count(NULL), 0);
    wasmx_type_delete(NULL);
    wasm_valtype_delete(i32);
    wasm_valtype_delete(f64);
    wasmx_type_t *all[] = {node, leaf, bytes, sum, own_bytes, pair, pair_copy, none};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) wasmx_type_delete(all[i]);
}

static void limits(void) {
    uint64_t maximum = 7;
    wasm_memorytype_t *memory = wasmx_memorytype_new(1, 1ull << 40, true, true, false, 16);
    CHECK_INT(wasmx_memorytype_minimum(memory), 1);
    CHECK(wasmx_memorytype_maximum(memory, &maximum));
    CHECK(maximum == 1ull << 40);
    CHECK(wasmx_memorytype_is64(memory));
    CHECK(!wasmx_memorytype_is_shared(memory));
    CHECK_INT(wasmx_memorytype_page_size_log2(memory), 16);
    /* What the standard's limits cannot say is as good as unlimited. */
    CHECK_INT(wasm_memorytype_limits(memory)->min, 1);
    CHECK(wasm_memorytype_limits(memory)->max == wasm_limits_max_default);
    wasm_memorytype_t *copy = wasm_memorytype_copy(memory);
    CHECK(wasmx_memorytype_is64(copy));
    wasm_memorytype_delete(copy);
    wasm_memorytype_delete(memory);

    memory = wasmx_memorytype_new(0, 0, false, false, false, 0);
    maximum = 7;
    CHECK(!wasmx_memorytype_maximum(memory, &maximum));
    CHECK_INT(maximum, 7);
    CHECK(!wasmx_memorytype_maximum(memory, NULL));
    CHECK_INT(wasmx_memorytype_page_size_log2(memory), 0);
    wasm_memorytype_delete(memory);
    CHECK(wasmx_memorytype_new(2, 1, true, false, false, 16) == NULL);
    CHECK(wasmx_memorytype_new(0x10001, 0, false, false, false, 16) == NULL);
    CHECK(wasmx_memorytype_new(1, 0, false, false, true, 16) == NULL);
    CHECK(wasmx_memorytype_new(1, 0, false, false, false, 12) == NULL);
    CHECK_INT(wasmx_memorytype_minimum(NULL), 0);
    CHECK(!wasmx_memorytype_maximum(NULL, &maximum));
    CHECK(!wasmx_memorytype_is64(NULL) && !wasmx_memorytype_is_shared(NULL));
    CHECK_INT(wasmx_memorytype_page_size_log2(NULL), 0);

    wasm_tabletype_t *table = wasmx_tabletype_new(wasm_valtype_new_funcref(), 3, 1ull << 33, true, true);
    CHECK_INT(wasmx_tabletype_minimum(table), 3);
    CHECK(wasmx_tabletype_maximum(table, &maximum));
    CHECK(maximum == 1ull << 33);
    CHECK(wasmx_tabletype_is64(table));
    CHECK(wasm_tabletype_limits(table)->max == wasm_limits_max_default);
    wasm_tabletype_delete(table);
    table = wasmx_tabletype_new(wasmx_valtype_new_ref(WASMX_HEAP_EQ, true, NULL), 0, 0, false, false);
    CHECK(!wasmx_tabletype_maximum(table, &maximum));
    CHECK(!wasmx_tabletype_is64(table));
    CHECK_INT(wasmx_valtype_heap(wasm_tabletype_element(table)), WASMX_HEAP_EQ);
    wasm_tabletype_delete(table);
    CHECK(wasmx_tabletype_new(NULL, 0, 0, false, false) == NULL);
    CHECK(wasmx_tabletype_new(wasm_valtype_new_i32(), 0, 0, false, false) == NULL);
    CHECK(wasmx_tabletype_new(wasmx_valtype_new_v128(), 0, 0, false, false) == NULL);
    CHECK(wasmx_tabletype_new(wasm_valtype_new_funcref(), 2, 1, true, false) == NULL);
    CHECK(wasmx_tabletype_new(wasm_valtype_new_funcref(), 1ull << 33, 0, false, false) == NULL);
    CHECK_INT(wasmx_tabletype_minimum(NULL), 0);
    CHECK(!wasmx_tabletype_maximum(NULL, &maximum) && !wasmx_tabletype_is64(NULL));
}

/* Proposals can be switched off, and say so. */
static void features(void) {
    wasm_config_t *config = wasm_config_new();
    CHECK(wasmx_config_set_feature(config, "gc", false));
    CHECK(!wasmx_config_set_feature(config, "no such proposal", false));
    CHECK(strstr(wasmx_last_error(), "no such proposal") != NULL);
    CHECK(!wasmx_config_set_feature(NULL, "gc", false));
    CHECK(!wasmx_config_set_feature(config, NULL, false));
    wasm_engine_t *engine = wasm_engine_new_with_config(config);
    wasm_store_t *store = wasm_store_new(engine);
    wasm_byte_vec_t binary = BYTES(ext_objects_wasm);
    CHECK(!wasm_module_validate(store, &binary));
    CHECK(strstr(wasmx_last_error(), "gc") != NULL);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    value_types();
    module_types(engine);
    limits();
    features();
    wasm_engine_delete(engine);
    return done();
}
