/* Tables: elements set and read by host and guest, calls through them, growth to the limit, refusal beyond it. */
#include "check.h"

static wasm_trap_t *negate(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    results->data[0] = i32_val(-args->data[0].of.i32);
    return NULL;
}

static wasm_table_t *make(wasm_store_t *store, wasm_valtype_t *element, uint32_t min, uint32_t max, wasm_ref_t *init) {
    wasm_limits_t limits = {min, max};
    wasm_tabletype_t *type = wasm_tabletype_new(element, &limits);
    wasm_table_t *table = wasm_table_new(store, type, init);
    wasm_tabletype_delete(type);
    return table;
}

static bool holds(const wasm_table_t *table, uint32_t index, const wasm_func_t *func) {
    wasm_ref_t *ref = wasm_table_get(table, index);
    if (!ref) return func == NULL;
    bool same = func != NULL && wasm_func_same(wasm_ref_as_func(ref), func) &&
                wasm_ref_same(ref, wasm_func_as_ref_const(func));
    wasm_ref_delete(ref);
    return same;
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_instance_t *instance = INSTANCE_ALONE(store, table_wasm);
    wasm_table_t *table = export_table(instance, 0);
    wasm_func_t *f = export_func(instance, 1), *g = export_func(instance, 2), *through = export_func(instance, 3);
    wasm_func_t *set_null = export_func(instance, 4), *is_null = export_func(instance, 5);
    wasm_func_t *grow = export_func(instance, 6), *size = export_func(instance, 7);
    wasm_func_t *h = host_func(store, wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32()), negate);

    /* As instantiated. */
    CHECK_INT(wasm_table_size(table), 2);
    CHECK(holds(table, 0, NULL));
    CHECK(holds(table, 1, f));
    CHECK_TRAP(CALL_TRAP(through, 1, i32_val(0), i32_val(0)), "uninitialized element");
    CHECK_INT(CALL_I32(through, i32_val(7), i32_val(1)), 21);
    CHECK_TRAP(CALL_TRAP(through, 1, i32_val(0), i32_val(2)), "undefined element");

    /* Set by the host: a guest's function and the host's own. */
    CHECK(wasm_table_set(table, 0, wasm_func_as_ref(g)));
    CHECK(wasm_table_set(table, 1, wasm_func_as_ref(h)));
    CHECK(holds(table, 0, g));
    CHECK(holds(table, 1, h));
    CHECK_INT(CALL_I32(through, i32_val(666), i32_val(0)), -666);
    CHECK_INT(CALL_I32(through, i32_val(-5), i32_val(1)), 5);
    CHECK(!wasm_table_set(table, 2, wasm_func_as_ref(f)));
    CHECK(!wasm_table_set(table, UINT32_MAX, wasm_func_as_ref(f)));
    CHECK(wasm_table_get(table, 2) == NULL);
    CHECK(wasm_table_get(table, UINT32_MAX) == NULL);

    /* Only functions go into a table of functions. */
    wasm_foreign_t *foreign = wasm_foreign_new(store);
    CHECK(!wasm_table_set(table, 0, wasm_foreign_as_ref(foreign)));
    CHECK(!wasm_table_grow(table, 1, wasm_foreign_as_ref(foreign)));
    CHECK(!wasm_table_set(table, 0, wasm_instance_as_ref(instance)));
    CHECK(make(store, wasm_valtype_new_funcref(), 1, 1, wasm_foreign_as_ref(foreign)) == NULL);
    CHECK(holds(table, 0, g));
    CHECK_INT(wasm_table_size(table), 2);

    /* Null, from both sides. */
    CALL_VOID(set_null, i32_val(0));
    CHECK(holds(table, 0, NULL));
    CHECK(wasm_table_set(table, 1, NULL));
    CHECK_INT(CALL_I32(is_null, i32_val(1)), 1);
    CHECK_TRAP(CALL_TRAP(through, 1, i32_val(0), i32_val(1)), "uninitialized element");

    /* Growth, from both sides, to the limit. */
    CHECK(wasm_table_grow(table, 3, NULL));
    CHECK_INT(wasm_table_size(table), 5);
    CHECK_INT(GET_I32(size), 5);
    CHECK(holds(table, 4, NULL));
    CHECK(wasm_table_grow(table, 2, wasm_func_as_ref(f)));
    CHECK(holds(table, 5, f));
    CHECK(holds(table, 6, f));
    CHECK_INT(CALL_I32(through, i32_val(2), i32_val(6)), 6);
    CHECK_INT(CALL_I32(grow, i32_val(1)), 7);
    CHECK(holds(table, 7, g));
    CHECK_INT(CALL_I32(grow, i32_val(3)), -1);
    CHECK(!wasm_table_grow(table, 3, NULL));
    CHECK(!wasm_table_grow(table, UINT32_MAX, NULL));
    CHECK_INT(wasm_table_size(table), 8);
    CHECK(wasm_table_grow(table, 2, NULL));
    CHECK(!wasm_table_grow(table, 1, NULL));
    CHECK(wasm_table_grow(table, 0, NULL));
    CHECK_INT(wasm_table_size(table), 10);

    wasm_tabletype_t *type = wasm_table_type(table);
    CHECK_INT(wasm_valtype_kind(wasm_tabletype_element(type)), WASM_FUNCREF);
    CHECK_INT(wasm_tabletype_limits(type)->max, 10);
    wasm_tabletype_delete(type);

    /* Made by the host. */
    wasm_table_t *own = make(store, wasm_valtype_new_funcref(), 5, 5, wasm_func_as_ref(f));
    CHECK(own != NULL);
    CHECK(!wasm_table_same(own, table));
    for (int i = 0; i < 5; i++) CHECK(holds(own, i, f));
    CHECK(!wasm_table_grow(own, 1, NULL));
    wasm_table_t *externs = make(store, wasm_valtype_new_externref(), 1, wasm_limits_max_default, wasm_foreign_as_ref(foreign));
    CHECK(externs != NULL);
    wasm_ref_t *ref = wasm_table_get(externs, 0);
    CHECK(wasm_ref_same(ref, wasm_foreign_as_ref(foreign)));
    wasm_ref_delete(ref);
    CHECK(wasm_table_set(externs, 0, wasm_func_as_ref(f))); /* any reference can be an externref */
    ref = wasm_table_get(externs, 0);
    CHECK(wasm_func_same(wasm_ref_as_func(ref), f));
    wasm_ref_delete(ref);
    CHECK(wasm_table_grow(externs, 1000, wasm_foreign_as_ref(foreign)));
    ref = wasm_table_get(externs, 1000);
    CHECK(wasm_ref_as_foreign(ref) != NULL);
    CHECK(wasm_ref_as_func(ref) == NULL);
    wasm_ref_delete(ref);
    CHECK(make(store, wasm_valtype_new_funcref(), 2, 1, NULL) == NULL);
    CHECK(make(store, wasm_valtype_new_i32(), 1, 2, NULL) == NULL);

    /* The table keeps its functions alive; the copy is the same table. */
    wasm_table_t *copy = wasm_table_copy(own);
    CHECK(wasm_table_same(copy, own));
    wasm_func_delete(f);
    wasm_func_delete(g);
    wasm_func_delete(h);
    wasm_func_delete(through);
    wasm_func_delete(set_null);
    wasm_func_delete(is_null);
    wasm_func_delete(grow);
    wasm_func_delete(size);
    wasm_instance_delete(instance);
    wasm_table_delete(own);
    ref = wasm_table_get(copy, 4);
    CHECK_INT(CALL_I32(wasm_ref_as_func(ref), i32_val(5)), 15);
    wasm_ref_delete(ref);
    wasm_table_delete(copy);
    wasm_table_delete(table);
    wasm_table_delete(externs);
    wasm_foreign_delete(foreign);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return done();
}
