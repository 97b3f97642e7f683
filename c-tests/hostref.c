/* References of the host's: whatever way they take through a guest, they come back as the same object. */
#include "check.h"

static wasm_trap_t *identity(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    CHECK_INT(args->data[0].kind, WASM_EXTERNREF);
    wasm_val_copy(&results->data[0], &args->data[0]);
    return NULL;
}

static int called;
static wasm_trap_t *count(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)args, (void)results;
    called++;
    return NULL;
}

static wasm_func_t *global_set, *global_get, *table_set, *table_get, *func_call, *is_null, *choose, *echo_func,
    *call_func;

static wasm_ref_t *pass(const wasm_func_t *func, wasm_ref_t *ref) { return CALL_ONE(func, WASM_EXTERNREF, externref_val(ref)).of.ref; }

static void check_same(wasm_ref_t *found, wasm_ref_t *expected, void *info) {
    if (!expected) {
        CHECK(found == NULL);
        return;
    }
    CHECK(found != NULL);
    CHECK(wasm_ref_same(found, expected));
    CHECK(wasm_ref_get_host_info(found) == info);
    wasm_ref_delete(found);
}

static void round_trips(wasm_ref_t *ref, wasm_global_t *global, wasm_table_t *table) {
    void *info = ref ? wasm_ref_get_host_info(ref) : NULL;
    check_same(pass(func_call, ref), ref, info);
    CHECK_INT(CALL_I32(is_null, externref_val(ref)), ref == NULL);

    CALL_VOID(global_set, externref_val(ref));
    check_same(call_one(global_get, 0, NULL, WASM_EXTERNREF).of.ref, ref, info);
    wasm_val_t value;
    wasm_global_get(global, &value);
    CHECK_INT(value.kind, WASM_EXTERNREF);
    check_same(value.of.ref, ref, info);
    wasm_val_t null = WASM_INIT_VAL;
    wasm_global_set(global, &null);
    CHECK(call_one(global_get, 0, NULL, WASM_EXTERNREF).of.ref == NULL);
    value = externref_val(ref);
    wasm_global_set(global, &value);
    check_same(call_one(global_get, 0, NULL, WASM_EXTERNREF).of.ref, ref, info);

    CALL_VOID(table_set, i32_val(3), externref_val(ref));
    check_same(CALL_ONE(table_get, WASM_EXTERNREF, i32_val(3)).of.ref, ref, info);
    check_same(wasm_table_get(table, 3), ref, info);
    CHECK(wasm_table_set(table, 4, ref));
    check_same(CALL_ONE(table_get, WASM_EXTERNREF, i32_val(4)).of.ref, ref, info);
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_func_t *callback =
        host_func(store, wasm_functype_new_1_1(wasm_valtype_new_externref(), wasm_valtype_new_externref()), identity);
    wasm_instance_t *instance = INSTANCE(store, hostref_wasm, wasm_func_as_extern(callback));
    wasm_global_t *global = export_global(instance, 0);
    wasm_table_t *table = export_table(instance, 1);
    wasm_func_t **funcs[] = {&global_set, &global_get, &table_set, &table_get, &func_call,
                             &is_null,    &choose,     &echo_func, &call_func};
    for (size_t i = 0; i < 9; i++) *funcs[i] = export_func(instance, 2 + i);

    int info1 = 1, info2 = 2;
    wasm_foreign_t *one = wasm_foreign_new(store), *two = wasm_foreign_new(store);
    wasm_foreign_set_host_info(one, &info1);
    wasm_foreign_set_host_info(two, &info2);
    wasm_ref_t *ref1 = wasm_foreign_as_ref(one), *ref2 = wasm_foreign_as_ref(two);
    CHECK(!wasm_ref_same(ref1, ref2));
    CHECK(!wasm_foreign_same(one, two));

    round_trips(NULL, global, table);
    round_trips(ref1, global, table);
    round_trips(ref2, global, table);
    round_trips(ref1, global, table);
    /* Any object can be an externref. */
    round_trips(wasm_instance_as_ref(instance), global, table);
    round_trips(wasm_func_as_ref(callback), global, table);
    round_trips(wasm_memory_as_ref(NULL), global, table);
    round_trips(wasm_table_as_ref(table), global, table);
    round_trips(wasm_global_as_ref(global), global, table);
    wasm_trap_t *trap = host_trap(store, "carried, not thrown");
    round_trips(wasm_trap_as_ref(trap), global, table);
    wasm_trap_delete(trap);

    wasm_val_t chosen = CALL_ONE(choose, WASM_EXTERNREF, externref_val(ref1), externref_val(ref2), i32_val(1));
    check_same(chosen.of.ref, ref1, &info1);
    chosen = CALL_ONE(choose, WASM_EXTERNREF, externref_val(ref1), externref_val(ref2), i32_val(0));
    check_same(chosen.of.ref, ref2, &info2);
    CHECK_TRAP(CALL_TRAP(table_get, 1, i32_val(10)), "out of bounds table access");
    CHECK_TRAP(CALL_TRAP(table_set, 0, i32_val(-1), externref_val(ref1)), "out of bounds table access");

    /* Functions as values. */
    wasm_func_t *counter = host_func(store, wasm_functype_new_0_0(), count);
    wasm_val_t echoed = CALL_ONE(echo_func, WASM_FUNCREF, funcref_val(wasm_func_as_ref(counter)));
    CHECK(wasm_func_same(wasm_ref_as_func(echoed.of.ref), counter));
    CALL_0(wasm_ref_as_func(echoed.of.ref));
    CALL_VOID(call_func, echoed);
    CHECK_INT(called, 2);
    wasm_val_delete(&echoed);
    CHECK(CALL_ONE(echo_func, WASM_FUNCREF, funcref_val(NULL)).of.ref == NULL);
    CHECK_TRAP(CALL_TRAP(call_func, 0, funcref_val(NULL)), "uninitialized element");
    CHECK_TRAP(CALL_TRAP(call_func, 0, funcref_val(wasm_func_as_ref(is_null))), "indirect call type mismatch");
    /* What is no function cannot pass for one. */
    trap = CALL_TRAP(echo_func, 1, funcref_val(ref1));
    CHECK(trap != NULL);
    wasm_trap_delete(trap);

    /* Handles go, the guest's hold stays; many come and go. */
    CALL_VOID(global_set, externref_val(ref1));
    wasm_foreign_delete(one);
    wasm_ref_t *back = call_one(global_get, 0, NULL, WASM_EXTERNREF).of.ref;
    CHECK(wasm_ref_get_host_info(back) == &info1);
    CHECK(wasm_ref_as_foreign(back) != NULL);
    wasm_ref_delete(back);
    for (int i = 0; i < 20000; i++) {
        wasm_foreign_t *passing = wasm_foreign_new(store);
        CALL_VOID(global_set, externref_val(wasm_foreign_as_ref(passing)));
        wasm_foreign_delete(passing);
    }
    back = call_one(global_get, 0, NULL, WASM_EXTERNREF).of.ref;
    CHECK(wasm_ref_as_foreign_const(back) != NULL);
    wasm_ref_delete(back);

    for (size_t i = 0; i < 9; i++) wasm_func_delete(*funcs[i]);
    wasm_func_delete(counter);
    wasm_func_delete(callback);
    wasm_foreign_delete(two);
    wasm_global_delete(global);
    wasm_table_delete(table);
    wasm_instance_delete(instance);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return done();
}
