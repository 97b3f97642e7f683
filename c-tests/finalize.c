/* Host data and finalizers: each runs exactly once, for every kind of object, however many handles there were, and not
 * before the last of them is gone. */
#include "check.h"

enum { STORES = 10, OBJECTS = 100 };
static int live, ran;

static void finalize(void *data) {
    int *value = data;
    CHECK(*value > 0);
    *value = -*value;
    live--;
    ran++;
    free(data);
}

static void *tag(int value) {
    int *data = malloc(sizeof *data);
    *data = value;
    live++;
    return data;
}

/* Data that is replaced is finalized then and there. */
static int replaced_count;
static void replaced(void *data) {
    (void)data;
    replaced_count++;
}

static void many_stores(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *stores[STORES];
    for (int s = 0; s < STORES; s++) {
        stores[s] = wasm_store_new(engine);
        wasm_module_t *module = MODULE(stores[s], finalize_wasm);
        wasm_module_set_host_info_with_finalizer(module, tag(1), finalize);
        for (int i = 0; i < OBJECTS; i++) {
            wasm_instance_t *instance = link_module(stores[s], module, 0, NULL);
            wasm_instance_set_host_info_with_finalizer(instance, tag(2 + i), finalize);
            wasm_extern_vec_t exports;
            wasm_instance_exports(instance, &exports);
            for (size_t e = 0; e < exports.size; e++)
                wasm_extern_set_host_info_with_finalizer(exports.data[e], tag(1000 + i), finalize);
            /* The data belongs to the object, so every view of it sees the same. */
            wasm_func_t *func = wasm_extern_as_func(exports.data[0]);
            CHECK_INT(*(int *)wasm_func_get_host_info(func), 1000 + i);
            CHECK(wasm_ref_get_host_info(wasm_func_as_ref(func)) == wasm_extern_get_host_info(exports.data[0]));
            wasm_extern_vec_delete(&exports);
            wasm_instance_delete(instance);
        }
        wasm_module_delete(module);
    }
    for (int s = 0; s < STORES; s++) wasm_store_delete(stores[s]);
    wasm_engine_delete(engine);
    CHECK_INT(live, 0);
    CHECK_INT(ran, STORES * (1 + OBJECTS * 5));
}

/* One object of each kind of reference, its data set through the kind's own functions. */
#define KIND(name, make)                                                                                               \
    do {                                                                                                               \
        ran = 0;                                                                                                       \
        wasm_##name##_t *object = make;                                                                                \
        CHECK(object != NULL);                                                                                         \
        CHECK(wasm_##name##_get_host_info(object) == NULL);                                                            \
        int mark = 7;                                                                                                  \
        wasm_##name##_set_host_info(object, &mark);                                                                    \
        CHECK(wasm_##name##_get_host_info(object) == &mark);                                                           \
        wasm_##name##_t *copy = wasm_##name##_copy(object);                                                            \
        CHECK(wasm_##name##_same(copy, object));                                                                       \
        CHECK(wasm_##name##_get_host_info(copy) == &mark);                                                             \
        wasm_##name##_set_host_info_with_finalizer(copy, &mark, replaced);                                             \
        CHECK_INT(replaced_count, total);                                                                              \
        int *data = tag(5);                                                                                            \
        wasm_##name##_set_host_info_with_finalizer(copy, data, finalize);                                              \
        CHECK_INT(replaced_count, total + 1);                                                                          \
        CHECK(wasm_##name##_get_host_info(object) == data);                                                            \
        wasm_##name##_delete(object);                                                                                  \
        CHECK_INT(ran, 0);                                                                                             \
        CHECK_INT(*(int *)wasm_##name##_get_host_info(copy), 5);                                                       \
        wasm_##name##_delete(copy);                                                                                    \
        CHECK(ran <= 1);                                                                                               \
        total++;                                                                                                       \
    } while (0)

static wasm_trap_t *nop(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)args, (void)results;
    return NULL;
}

static void every_kind(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    int total = 0;

    wasm_limits_t limits = {1, 2};
    wasm_memorytype_t *memory_type = wasm_memorytype_new(&limits);
    wasm_tabletype_t *table_type = wasm_tabletype_new(wasm_valtype_new_externref(), &limits);
    wasm_globaltype_t *global_type = wasm_globaltype_new(wasm_valtype_new_i32(), WASM_VAR);
    wasm_val_t zero = WASM_I32_VAL(0);
    wasm_module_t *module = MODULE(store, finalize_wasm);
    wasm_instance_t *instance = link_module(store, module, 0, NULL);
    wasm_module_delete(module);

    KIND(func, host_func(store, wasm_functype_new_0_0(), nop));
    KIND(global, wasm_global_new(store, global_type, &zero));
    KIND(table, wasm_table_new(store, table_type, NULL));
    KIND(memory, wasm_memory_new(store, memory_type));
    KIND(foreign, wasm_foreign_new(store));
    KIND(trap, host_trap(store, "x"));
    KIND(module, MODULE(store, finalize_wasm));
    KIND(instance, INSTANCE_ALONE(store, finalize_wasm));
    KIND(extern, export_at(instance, 3));
    KIND(ref, wasm_foreign_as_ref(wasm_foreign_new(store)));
    CHECK_INT(total, 10);

    wasm_instance_delete(instance);
    wasm_memorytype_delete(memory_type);
    wasm_tabletype_delete(table_type);
    wasm_globaltype_delete(global_type);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    CHECK_INT(live, 0);
}

/* Objects that only the guest's table and global hold on to keep their data, too. */
static void held_by_guest(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    ran = 0;
    wasm_limits_t limits = {1, 1};
    wasm_tabletype_t *type = wasm_tabletype_new(wasm_valtype_new_externref(), &limits);
    wasm_foreign_t *foreign = wasm_foreign_new(store);
    wasm_foreign_set_host_info_with_finalizer(foreign, tag(9), finalize);
    wasm_table_t *table = wasm_table_new(store, type, wasm_foreign_as_ref(foreign));
    wasm_tabletype_delete(type);
    wasm_foreign_delete(foreign);
    CHECK_INT(ran, 0);
    wasm_ref_t *ref = wasm_table_get(table, 0);
    CHECK_INT(*(int *)wasm_ref_get_host_info(ref), 9);
    wasm_ref_delete(ref);
    CHECK_INT(ran, 0);
    wasm_table_delete(table);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    CHECK_INT(ran, 1);
    CHECK_INT(live, 0);
}

/* The environment of a host function has its own finalizer, beside that of the function's host data. */
static wasm_trap_t *count_up(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)args, (void)results;
    ++*(int *)env;
    return NULL;
}

static void environments(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    ran = 0;
    wasm_func_t *func = host_closure(store, wasm_functype_new_0_0(), count_up, tag(1), finalize);
    wasm_func_set_host_info_with_finalizer(func, tag(2), finalize);
    wasm_instance_t *instance = INSTANCE(store, hello_wasm, wasm_func_as_extern(func));
    wasm_func_delete(func);
    wasm_func_t *run = export_func(instance, 0);
    wasm_instance_delete(instance);
    CHECK_INT(ran, 0);
    for (int i = 0; i < 10; i++) CALL_0(run);
    wasm_store_delete(store);
    CALL_0(run);
    CHECK_INT(ran, 0);
    wasm_func_delete(run);
    wasm_engine_delete(engine);
    CHECK_INT(ran, 2);
    CHECK_INT(live, 0);
}

int main(void) {
    many_stores();
    every_kind();
    held_by_guest();
    environments();
    return done();
}
