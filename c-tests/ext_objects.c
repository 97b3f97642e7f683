/* Structures, arrays and i31s that the host makes and reads; handles that keep them alive through collections; what a
 * store has, in numbers. */
#include "check.h"

enum { SUM, NODE, KEEP, KEPT, TO_EXTERN, LAST_BYTE, LANE, LITTER };
enum { NODE_TYPE, LEAF_TYPE, BYTES_TYPE, VECTORS_TYPE, SUM_TYPE };

static wasmx_type_t *types[5];
static wasm_func_t *funcs[8];

static wasm_val_t any_val(wasm_ref_t *ref) { return (wasm_val_t){.kind = WASMX_ANYREF, .of = {.ref = ref}}; }

static wasm_ref_t *new_node(wasm_store_t *store, int32_t value, wasm_ref_t *next) {
    wasmx_raw_t fields[2] = {{.i32 = value}};
    CHECK(wasmx_ref_to_raw(next, WASMX_ANYREF, &fields[1]));
    wasm_ref_t *node = wasmx_struct_new(store, types[NODE_TYPE], 2, fields);
    CHECK(node != NULL);
    return node;
}

static void structures(wasm_store_t *store) {
    /* A list that the host builds, and the guest reads. */
    wasm_ref_t *list = NULL;
    for (int i = 1; i <= 10; i++) {
        wasm_ref_t *node = new_node(store, i, list);
        wasm_ref_delete(list);
        list = node;
    }
    CHECK_INT(CALL_I32(funcs[SUM], any_val(list)), 55);
    CHECK_INT(CALL_I32(funcs[SUM], any_val(NULL)), 0);
    /* One that the guest builds, and the host reads; the same with raw values. */
    wasm_val_t made = call_one(funcs[NODE], 2, (wasm_val_t[]){i32_val(100), any_val(list)}, WASMX_ANYREF);
    CHECK_INT(wasmx_ref_kind(made.of.ref), WASMX_REF_STRUCT);
    CHECK_INT(wasmx_struct_field_count(made.of.ref), 2);
    wasmx_raw_t raw;
    CHECK(wasmx_struct_get(made.of.ref, 0, &raw));
    CHECK_INT(raw.i32, 100);
    CHECK(wasmx_struct_get(made.of.ref, 1, &raw));
    wasm_ref_t *next = wasmx_ref_from_raw(store, WASMX_ANYREF, &raw);
    CHECK(wasm_ref_same(next, list));
    wasm_ref_delete(next);
    wasm_ref_delete(list); /* held by `made` alone from here on */
    CHECK(wasmx_func_call_raw(funcs[LITTER], &(wasmx_raw_t){.i32 = 20000}, 1) == NULL);
    wasmx_store_collect(store);
    CHECK_INT(CALL_I32(funcs[SUM], made), 155);
    raw.i32 = 1;
    CHECK(wasmx_struct_set(made.of.ref, 0, &raw));
    CHECK(wasmx_ref_to_raw(NULL, WASMX_ANYREF, &raw));
    CHECK(wasmx_struct_set(made.of.ref, 1, &raw));
    CHECK_INT(CALL_I32(funcs[SUM], made), 1);
    /* A reference straight from one raw call to the next. */
    wasmx_raw_t chain[2] = {{.i32 = 5}, {.ref = 0}};
    CHECK(wasmx_func_call_raw(funcs[NODE], chain, 2) == NULL);
    CHECK(wasmx_func_call_raw(funcs[SUM], chain, 1) == NULL);
    CHECK_INT(chain[0].i32, 5);

    /* Subtypes. */
    wasmx_raw_t fields[3] = {{.i32 = 7}, {.ref = 0}, {.f64 = 2.5}};
    wasm_ref_t *leaf = wasmx_struct_new(store, types[LEAF_TYPE], 3, fields);
    CHECK_INT(CALL_I32(funcs[SUM], any_val(leaf)), 7);
    wasm_valtype_t *to_node = wasmx_valtype_new_ref(WASMX_HEAP_DEFINED, false, types[NODE_TYPE]);
    wasm_valtype_t *to_leaf = wasmx_valtype_new_ref(WASMX_HEAP_DEFINED, true, types[LEAF_TYPE]);
    wasm_valtype_t *any = wasmx_valtype_new_ref(WASMX_HEAP_ANY, true, NULL), *i32 = wasm_valtype_new_i32();
    wasm_valtype_t *exn = wasmx_valtype_new_ref(WASMX_HEAP_EXN, true, NULL);
    CHECK(wasmx_ref_is(leaf, to_node) && wasmx_ref_is(leaf, to_leaf) && wasmx_ref_is(leaf, any));
    CHECK(wasmx_ref_is(made.of.ref, to_node) && !wasmx_ref_is(made.of.ref, to_leaf));
    CHECK(!wasmx_ref_is(NULL, to_node) && wasmx_ref_is(NULL, to_leaf));
    CHECK(!wasmx_ref_is(leaf, i32) && !wasmx_ref_is(leaf, NULL) && !wasmx_ref_is(leaf, exn));
    CHECK(!wasmx_ref_is(wasm_func_as_ref(funcs[SUM]), to_node));
    wasmx_type_t *type = wasmx_ref_type(leaf);
    CHECK(wasmx_type_same(type, types[LEAF_TYPE]));
    wasmx_type_delete(type);
    type = wasmx_ref_type(wasm_func_as_ref(funcs[SUM]));
    CHECK(wasmx_type_same(type, types[SUM_TYPE]));
    wasmx_type_delete(type);
    CHECK(wasmx_ref_type(NULL) == NULL);
    wasm_valtype_delete(to_node);
    wasm_valtype_delete(to_leaf);
    wasm_valtype_delete(any);
    wasm_valtype_delete(i32);
    wasm_valtype_delete(exn);

    CHECK(!wasmx_struct_set(leaf, 2, &fields[2])); /* immutable */
    CHECK(!wasmx_struct_set(leaf, 3, &fields[2]) && !wasmx_struct_get(leaf, 3, &raw));
    CHECK(!wasmx_struct_get(leaf, 0, NULL) && !wasmx_struct_set(leaf, 0, NULL));
    CHECK(!wasmx_struct_get(NULL, 0, &raw) && !wasmx_struct_set(NULL, 0, &raw));
    CHECK_INT(wasmx_struct_field_count(NULL), 0);
    CHECK_INT(wasmx_array_length(leaf), 0);
    CHECK(!wasmx_array_get(leaf, 0, &raw) && !wasmx_array_set(leaf, 0, &raw));
    CHECK(wasmx_struct_new(store, types[NODE_TYPE], 1, fields) == NULL);
    CHECK(wasmx_struct_new(store, types[NODE_TYPE], 2, NULL) == NULL);
    CHECK(wasmx_struct_new(store, types[BYTES_TYPE], 1, fields) == NULL);
    CHECK(wasmx_struct_new(NULL, types[NODE_TYPE], 2, fields) == NULL);
    CHECK(wasmx_struct_new(store, NULL, 2, fields) == NULL);
    /* A field of the wrong type. */
    wasm_ref_t *number = wasmx_i31_new(store, 1);
    CHECK(wasmx_ref_to_raw(number, WASMX_ANYREF, &fields[1]));
    CHECK(wasmx_struct_new(store, types[NODE_TYPE], 2, fields) == NULL);
    CHECK(!wasmx_struct_set(leaf, 1, &fields[1]));
    CHECK_TRAP(CALL_TRAP(funcs[SUM], 1, any_val(number)), "wrong type");
    CHECK_TRAP(wasmx_func_call_raw(funcs[SUM], &fields[1], 1), "wrong type");
    wasm_ref_delete(number);
    wasm_ref_delete(leaf);
    wasm_val_delete(&made);
}

static void arrays(wasm_store_t *store) {
    wasmx_raw_t raw = {.i32 = 0x1fe}, lanes[3];
    wasm_ref_t *bytes = wasmx_array_new(store, types[BYTES_TYPE], 5, &raw);
    CHECK_INT(wasmx_ref_kind(bytes), WASMX_REF_ARRAY);
    CHECK_INT(wasmx_array_length(bytes), 5);
    CHECK(wasmx_array_get(bytes, 4, &raw));
    CHECK_INT(raw.i32, 0xfe);
    CHECK_INT(CALL_I32(funcs[LAST_BYTE], any_val(bytes)), -2);
    raw.i32 = 3;
    CHECK(wasmx_array_set(bytes, 4, &raw));
    CHECK_INT(CALL_I32(funcs[LAST_BYTE], any_val(bytes)), 3);
    CHECK(!wasmx_array_set(bytes, 5, &raw) && !wasmx_array_get(bytes, 5, &raw));
    CHECK(!wasmx_struct_get(bytes, 0, &raw));
    CHECK_INT(wasmx_struct_field_count(bytes), 0);

    for (int i = 0; i < 3; i++) memcpy(lanes[i].v128, (int32_t[]){i, 10 * i, 100 * i, 0}, 16);
    wasm_ref_t *vectors = wasmx_array_new_from(store, types[VECTORS_TYPE], 3, lanes);
    CHECK_INT(CALL_I32(funcs[LANE], any_val(vectors), i32_val(2)), 20);
    CHECK(wasmx_array_get(vectors, 1, &raw));
    CHECK(memcmp(raw.v128, lanes[1].v128, 16) == 0);
    CHECK(!wasmx_array_set(vectors, 1, &raw)); /* immutable */
    wasm_ref_t *none = wasmx_array_new_from(store, types[BYTES_TYPE], 0, NULL);
    CHECK(none != NULL);
    CHECK_INT(wasmx_array_length(none), 0);

    CHECK(wasmx_array_new(NULL, types[BYTES_TYPE], 1, &raw) == NULL);
    CHECK(wasmx_array_new(store, NULL, 1, &raw) == NULL);
    CHECK(wasmx_array_new(store, types[BYTES_TYPE], 1, NULL) == NULL);
    CHECK(wasmx_array_new(store, types[NODE_TYPE], 1, &raw) == NULL);
    CHECK(wasmx_array_new_from(store, types[BYTES_TYPE], 1, NULL) == NULL);
    CHECK(wasmx_array_new_from(store, types[NODE_TYPE], 0, NULL) == NULL);
    CHECK_INT(wasmx_array_length(NULL), 0);
    wasm_ref_delete(bytes);
    wasm_ref_delete(vectors);
    wasm_ref_delete(none);
}

static void small_integers(wasm_store_t *store) {
    static const int32_t numbers[] = {0, 1, -1, 0x3fffffff, -0x40000000};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        wasm_ref_t *ref = wasmx_i31_new(store, numbers[i]);
        int32_t back = 99;
        CHECK_INT(wasmx_ref_kind(ref), WASMX_REF_I31);
        CHECK(wasmx_i31_get(ref, &back));
        CHECK_INT(back, numbers[i]);
        wasm_ref_t *again = wasmx_i31_new(store, numbers[i]);
        CHECK(wasm_ref_same(ref, again));
        wasm_ref_delete(again);
        CHECK(!wasmx_i31_get(ref, NULL));
        CHECK(wasmx_ref_type(ref) == NULL);
        wasm_ref_delete(ref);
    }
    int32_t back;
    CHECK(wasmx_i31_new(NULL, 1) == NULL);
    CHECK(!wasmx_i31_get(NULL, &back));
    CHECK(!wasmx_i31_get(wasm_func_as_ref(funcs[SUM]), &back));
    CHECK_INT(wasmx_ref_kind(NULL), WASMX_REF_NULL);
    CHECK_INT(wasmx_ref_kind(wasm_func_as_ref(funcs[SUM])), WASMX_REF_FUNC);
}

static void identity(wasm_store_t *store) {
    /* Through a global of the guest's and back: the same pointer. Host data stays with the handles. */
    static int finalized;
    wasm_ref_t *node = new_node(store, 1, NULL);
    wasm_ref_set_host_info(node, &finalized);
    CALL_VOID(funcs[KEEP], any_val(node));
    wasm_val_t kept = call_one(funcs[KEPT], 0, NULL, WASMX_ANYREF);
    CHECK(kept.of.ref == node && wasm_ref_same(kept.of.ref, node));
    CHECK(wasm_ref_get_host_info(kept.of.ref) == &finalized);
    wasm_val_delete(&kept);
    /* As an externref it is still what it is. */
    wasm_val_t outside = CALL_ONE(funcs[TO_EXTERN], WASM_EXTERNREF, any_val(node));
    CHECK(outside.of.ref == node);
    CHECK_INT(wasmx_ref_kind(outside.of.ref), WASMX_REF_STRUCT);
    wasm_val_delete(&outside);
    CHECK(wasm_ref_as_foreign(node) == NULL);
    wasm_ref_delete(node);
    /* The guest alone keeps it now. */
    CHECK(wasmx_func_call_raw(funcs[LITTER], &(wasmx_raw_t){.i32 = 10000}, 1) == NULL);
    wasmx_store_collect(store);
    kept = call_one(funcs[KEPT], 0, NULL, WASMX_ANYREF);
    wasmx_raw_t raw;
    CHECK(wasmx_struct_get(kept.of.ref, 0, &raw));
    CHECK_INT(raw.i32, 1);
    /* Other objects of the host's go through anyref as well: kinds are told apart. */
    wasm_foreign_t *thing = wasm_foreign_new(store);
    wasm_trap_t *trap = host_trap(store, "x");
    CHECK_INT(wasmx_ref_kind(wasm_foreign_as_ref(thing)), WASMX_REF_FOREIGN);
    CHECK_INT(wasmx_ref_kind(wasm_trap_as_ref(trap)), WASMX_REF_TRAP);
    CHECK(wasmx_ref_type(wasm_foreign_as_ref(thing)) == NULL);
    wasm_trap_delete(trap);
    wasm_foreign_delete(thing);
    /* Another store does not take it. */
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *elsewhere = wasm_store_new(engine);
    wasm_globaltype_t *type = wasm_globaltype_new(wasmx_valtype_new_ref(WASMX_HEAP_ANY, true, NULL), WASM_VAR);
    CHECK(wasm_global_new(elsewhere, type, &kept) == NULL);
    wasm_globaltype_delete(type);
    wasmx_raw_t fields[2] = {{.i32 = 1}, {.ref = 0}};
    CHECK(wasmx_struct_new(elsewhere, types[NODE_TYPE], 2, fields) == NULL); /* a type of another engine */
    wasm_store_delete(elsewhere);
    wasm_engine_delete(engine);
    wasm_val_delete(&kept);
}

static void numbers(wasm_store_t *store) {
    wasmx_stats_t before = {.size = sizeof before}, after = {.size = sizeof after};
    CHECK(wasmx_stats(store, &before));
    CHECK_INT(before.instances, 1);
    CHECK_INT(before.memories, 0);
    CHECK_INT(before.tables, 0);
    CHECK_INT(before.memory_bytes, 0);
    CHECK(before.objects > 0 && before.handles > 0 && before.heap_bytes > 0);
    /* 200 MB of litter: collected many times over, in a heap that stays small. */
    CHECK(wasmx_func_call_raw(funcs[LITTER], &(wasmx_raw_t){.i32 = 200000}, 1) == NULL);
    CHECK(wasmx_stats(store, &after));
    CHECK(after.heap_collections > before.heap_collections + 5);
    CHECK(after.heap_bytes < 64u << 20);
    CHECK(after.heap_live_bytes <= after.heap_bytes);
    /* An older host knows fewer members. */
    wasmx_stats_t small = {.size = sizeof(size_t) + sizeof(uint64_t), .handles = 77};
    CHECK(wasmx_stats(store, &small));
    CHECK_INT(small.objects, after.objects);
    CHECK_INT(small.handles, 77);
    small.size = 0;
    CHECK(!wasmx_stats(store, &small));
    CHECK(!wasmx_stats(NULL, &after) && !wasmx_stats(store, NULL));
    CHECK_INT(wasmx_store_collect(NULL), 0);
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_module_t *module = MODULE(store, ext_objects_wasm);
    for (size_t i = 0; i < 5; i++) CHECK((types[i] = wasmx_module_type(module, i)) != NULL);
    wasm_module_delete(module);
    wasm_instance_t *instance = INSTANCE_ALONE(store, ext_objects_wasm);
    for (size_t i = 0; i < 8; i++) funcs[i] = export_func(instance, i);
    structures(store);
    arrays(store);
    small_integers(store);
    identity(store);
    numbers(store);
    wasm_ref_t *survivor = new_node(store, 3, NULL);
    for (size_t i = 0; i < 8; i++) wasm_func_delete(funcs[i]);
    wasm_instance_delete(instance);
    wasmx_store_collect(store);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    /* The types and the object outlive their world's other owners. */
    wasmx_raw_t raw;
    CHECK(wasmx_struct_get(survivor, 0, &raw));
    CHECK_INT(raw.i32, 3);
    wasmx_type_t *type = wasmx_ref_type(survivor);
    CHECK(wasmx_type_same(type, types[NODE_TYPE]));
    wasmx_type_delete(type);
    wasm_ref_delete(survivor);
    for (size_t i = 0; i < 5; i++) wasmx_type_delete(types[i]);
    return done();
}
