/* NULL for every pointer of every function, and what else a careless host may pass: the answer is NULL, false, zero, an
 * empty vector or a trap, with a reason to read, and never a crash. */
#include "check.h"

static wasm_engine_t *engine;
static wasm_store_t *store;

static wasm_trap_t *nop(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)args, (void)results;
    return NULL;
}

static int finalized;
static void finalize(void *data) {
    (void)data;
    finalized++;
}

/* ---------------------------------------------------------------- vectors and types */

#define NULL_VECTOR(name)                                                                                              \
    do {                                                                                                               \
        wasm_##name##_vec_t v;                                                                                         \
        wasm_##name##_vec_new_empty(NULL);                                                                             \
        wasm_##name##_vec_new_uninitialized(NULL, 3);                                                                  \
        wasm_##name##_vec_new(NULL, 0, NULL);                                                                          \
        wasm_##name##_vec_copy(NULL, NULL);                                                                            \
        wasm_##name##_vec_delete(NULL);                                                                                \
        wasm_##name##_vec_new(&v, 3, NULL);                                                                            \
        CHECK_INT(v.size, 0);                                                                                          \
        wasm_##name##_vec_delete(&v);                                                                                  \
        wasm_##name##_vec_copy(&v, NULL);                                                                              \
        CHECK_INT(v.size, 0);                                                                                          \
        wasm_##name##_vec_copy(NULL, &v);                                                                              \
        wasm_##name##_vec_delete(&v);                                                                                  \
        wasm_##name##_vec_delete(&v); /* an emptied vector may be deleted again */                                     \
        CHECK_INT(v.size, 0);                                                                                          \
    } while (0)

#define NULL_TYPE(name)                                                                                                \
    do {                                                                                                               \
        wasm_##name##_delete(NULL);                                                                                    \
        CHECK(wasm_##name##_copy(NULL) == NULL);                                                                       \
        NULL_VECTOR(name);                                                                                             \
    } while (0)

#define NULL_EXTERNTYPE(name)                                                                                          \
    do {                                                                                                               \
        NULL_TYPE(name);                                                                                               \
        CHECK(wasm_##name##_as_externtype(NULL) == NULL);                                                              \
        CHECK(wasm_##name##_as_externtype_const(NULL) == NULL);                                                        \
        CHECK(wasm_externtype_as_##name(NULL) == NULL);                                                                \
        CHECK(wasm_externtype_as_##name##_const(NULL) == NULL);                                                        \
    } while (0)

static void types(void) {
    NULL_VECTOR(byte);
    NULL_VECTOR(val);
    NULL_VECTOR(extern);
    NULL_VECTOR(frame);
    NULL_TYPE(valtype);
    NULL_TYPE(importtype);
    NULL_TYPE(exporttype);
    NULL_TYPE(externtype);
    NULL_EXTERNTYPE(functype);
    NULL_EXTERNTYPE(globaltype);
    NULL_EXTERNTYPE(tabletype);
    NULL_EXTERNTYPE(memorytype);
    NULL_EXTERNTYPE(tagtype);

    wasm_valtype_kind(NULL);
    wasm_externtype_kind(NULL);
    wasm_globaltype_mutability(NULL);
    CHECK(wasm_functype_params(NULL) == NULL);
    CHECK(wasm_functype_results(NULL) == NULL);
    CHECK(wasm_globaltype_content(NULL) == NULL);
    CHECK(wasm_tabletype_element(NULL) == NULL);
    CHECK(wasm_tabletype_limits(NULL) == NULL);
    CHECK(wasm_memorytype_limits(NULL) == NULL);
    CHECK(wasm_tagtype_functype(NULL) == NULL);
    CHECK(wasm_importtype_module(NULL) == NULL);
    CHECK(wasm_importtype_name(NULL) == NULL);
    CHECK(wasm_importtype_type(NULL) == NULL);
    CHECK(wasm_exporttype_name(NULL) == NULL);
    CHECK(wasm_exporttype_type(NULL) == NULL);

    wasm_limits_t limits = {1, 2};
    CHECK(wasm_globaltype_new(NULL, WASM_CONST) == NULL);
    CHECK(wasm_tabletype_new(NULL, &limits) == NULL);
    CHECK(wasm_tabletype_new(wasm_valtype_new_funcref(), NULL) == NULL);
    CHECK(wasm_memorytype_new(NULL) == NULL);
    CHECK(wasm_tagtype_new(NULL) == NULL);
    wasm_globaltype_t *odd = wasm_globaltype_new(wasm_valtype_new_i32(), 77);
    wasm_globaltype_delete(odd);

    /* What was given away is gone even if nothing comes back. */
    wasm_name_t module, name;
    wasm_name_new_from_string(&module, "a module whose name takes some room on the heap");
    wasm_name_new_from_string(&name, "a name");
    CHECK(wasm_importtype_new(&module, &name, NULL) == NULL);
    wasm_name_new_from_string(&name, "a name");
    CHECK(wasm_exporttype_new(&name, NULL) == NULL);
    wasm_importtype_t *import = wasm_importtype_new(NULL, NULL, wasm_functype_as_externtype(wasm_functype_new_0_0()));
    wasm_importtype_delete(import);
    wasm_exporttype_t *export = wasm_exporttype_new(NULL, wasm_functype_as_externtype(wasm_functype_new_0_0()));
    wasm_exporttype_delete(export);
    wasm_valtype_vec_t params, results;
    wasm_valtype_vec_new_uninitialized(&params, 2);
    params.data[0] = wasm_valtype_new_i32(); /* and a hole */
    wasm_valtype_vec_new_empty(&results);
    wasm_functype_t *func = wasm_functype_new(&params, &results);
    CHECK(func == NULL);
    wasm_valtype_t *one[] = {wasm_valtype_new_i64()};
    wasm_valtype_vec_new(&params, 1, one);
    func = wasm_functype_new(&params, NULL);
    wasm_functype_delete(func);
    func = wasm_functype_new(NULL, NULL);
    wasm_functype_delete(func);
}

/* ---------------------------------------------------------------- references */

#define NULL_REFERENCE(name, object)                                                                                   \
    do {                                                                                                               \
        int data;                                                                                                      \
        wasm_##name##_delete(NULL);                                                                                    \
        CHECK(wasm_##name##_copy(NULL) == NULL);                                                                       \
        CHECK(!wasm_##name##_same(NULL, object));                                                                      \
        CHECK(!wasm_##name##_same(object, NULL));                                                                      \
        (void)wasm_##name##_same(NULL, NULL);                                                                          \
        CHECK(wasm_##name##_get_host_info(NULL) == NULL);                                                              \
        wasm_##name##_set_host_info(NULL, &data);                                                                      \
        wasm_##name##_set_host_info_with_finalizer(NULL, NULL, finalize);                                              \
        wasm_##name##_set_host_info_with_finalizer(object, NULL, NULL);                                                \
        CHECK(wasm_##name##_get_host_info(object) == NULL);                                                            \
    } while (0)

#define NULL_REF(name, object)                                                                                         \
    do {                                                                                                               \
        NULL_REFERENCE(name, object);                                                                                  \
        CHECK(wasm_##name##_as_ref(NULL) == NULL);                                                                     \
        CHECK(wasm_##name##_as_ref_const(NULL) == NULL);                                                               \
        CHECK(wasm_ref_as_##name(NULL) == NULL);                                                                       \
        CHECK(wasm_ref_as_##name##_const(NULL) == NULL);                                                               \
    } while (0)

#define NULL_EXTERN(name, object)                                                                                      \
    do {                                                                                                               \
        NULL_REF(name, object);                                                                                        \
        CHECK(wasm_##name##_as_extern(NULL) == NULL);                                                                  \
        CHECK(wasm_##name##_as_extern_const(NULL) == NULL);                                                            \
        CHECK(wasm_extern_as_##name(NULL) == NULL);                                                                    \
        CHECK(wasm_extern_as_##name##_const(NULL) == NULL);                                                            \
        CHECK(wasm_##name##_type(NULL) == NULL);                                                                       \
    } while (0)

static void references(void) {
    wasm_module_t *module = MODULE(store, finalize_wasm);
    wasm_instance_t *instance = link_module(store, module, 0, NULL);
    wasm_func_t *func = export_func(instance, 0);
    wasm_global_t *global = export_global(instance, 1);
    wasm_table_t *table = export_table(instance, 2);
    wasm_memory_t *memory = export_memory(instance, 3);
    wasm_foreign_t *foreign = wasm_foreign_new(store);
    wasm_trap_t *trap = host_trap(store, "");

    NULL_EXTERN(func, func);
    NULL_EXTERN(global, global);
    NULL_EXTERN(table, table);
    NULL_EXTERN(memory, memory);
    NULL_REF(extern, wasm_func_as_extern(func));
    NULL_REF(foreign, foreign);
    NULL_REF(trap, trap);
    NULL_REF(module, module);
    NULL_REF(instance, instance);
    NULL_REFERENCE(ref, wasm_foreign_as_ref(foreign));
    wasm_extern_kind(NULL);
    CHECK(wasm_extern_type(NULL) == NULL);

    wasm_func_delete(func);
    wasm_global_delete(global);
    wasm_table_delete(table);
    wasm_memory_delete(memory);
    wasm_foreign_delete(foreign);
    wasm_trap_delete(trap);
    wasm_instance_delete(instance);
    wasm_module_delete(module);
}

/* ---------------------------------------------------------------- everything else */

static void environment(void) {
    wasm_config_delete(NULL);
    wasm_engine_delete(NULL);
    wasm_store_delete(NULL);
    wasm_shared_module_delete(NULL);
    wasm_frame_delete(NULL);
    wasm_val_delete(NULL);
    CHECK(wasm_store_new(NULL) == NULL);
    CHECK(wasmx_last_error() != NULL);
    wasm_val_t value = WASM_I32_VAL(5);
    wasm_val_copy(NULL, &value);
    wasm_val_copy(&value, NULL);
    wasm_val_t odd = {.kind = 99, .of = {.i64 = 0x5a5a}};
    wasm_val_copy(&value, &odd);
    wasm_val_delete(&value);
}

static void modules(void) {
    wasm_byte_vec_t good = BYTES(hello_wasm), bad = BYTES(invalid_wasm), empty = WASM_EMPTY_VEC, hollow = {8, NULL};
    CHECK(wasm_module_new(NULL, &good) == NULL);
    CHECK(wasm_module_new(store, NULL) == NULL);
    CHECK(wasm_module_new(store, &empty) == NULL);
    CHECK(wasm_module_new(store, &hollow) == NULL);
    CHECK(wasm_module_new(store, &bad) == NULL);
    CHECK(strstr(wasmx_last_error(), "type mismatch") != NULL);
    CHECK(!wasm_module_validate(NULL, &good));
    CHECK(!wasm_module_validate(store, NULL));
    CHECK(!wasm_module_validate(store, &empty));
    CHECK(!wasm_module_validate(store, &bad));
    CHECK(wasm_module_validate(store, &good));

    /* Cut at every length, and with every byte changed: refused or sound. */
    for (size_t size = 0; size < sizeof reflect_wasm; size++) {
        wasm_byte_vec_t cut;
        wasm_byte_vec_new(&cut, size, (const wasm_byte_t *)reflect_wasm);
        bool valid = wasm_module_validate(store, &cut);
        wasm_module_t *module = wasm_module_new(store, &cut);
        CHECK(valid == (module != NULL));
        wasm_module_delete(module);
        wasm_byte_vec_delete(&cut);
        wasm_byte_vec_new(&cut, sizeof reflect_wasm, (const wasm_byte_t *)reflect_wasm);
        cut.data[size] ^= 0x41;
        module = wasm_module_new(store, &cut);
        if (module) {
            wasm_exporttype_vec_t exports;
            wasm_module_exports(module, &exports);
            wasm_exporttype_vec_delete(&exports);
        }
        wasm_module_delete(module);
        wasm_byte_vec_delete(&cut);
    }

    wasm_importtype_vec_t imports;
    wasm_exporttype_vec_t exports;
    wasm_byte_vec_t image;
    wasm_module_t *module = wasm_module_new(store, &good);
    wasm_module_imports(NULL, &imports);
    CHECK_INT(imports.size, 0);
    wasm_module_exports(NULL, &exports);
    CHECK_INT(exports.size, 0);
    wasm_module_serialize(NULL, &image);
    CHECK_INT(image.size, 0);
    wasm_module_imports(module, NULL);
    wasm_module_exports(module, NULL);
    wasm_module_serialize(module, NULL);
    CHECK(wasm_module_deserialize(store, NULL) == NULL);
    CHECK(wasm_module_deserialize(NULL, &good) == NULL);
    CHECK(wasm_module_deserialize(store, &good) == NULL);
    CHECK(wasm_module_deserialize(store, &hollow) == NULL);
    CHECK(wasm_module_share(NULL) == NULL);
    CHECK(wasm_module_obtain(store, NULL) == NULL);
    wasm_shared_module_t *shared = wasm_module_share(module);
    CHECK(wasm_module_obtain(NULL, shared) == NULL);
    wasm_shared_module_delete(shared);

    wasm_extern_vec_t none = WASM_EMPTY_VEC, hollow_imports = {1, NULL}, externs;
    wasm_trap_t *trap = NULL;
    CHECK(wasm_instance_new(NULL, module, &none, &trap) == NULL);
    wasm_trap_delete(trap);
    trap = NULL;
    CHECK(wasm_instance_new(store, NULL, &none, &trap) == NULL);
    wasm_trap_delete(trap);
    trap = NULL;
    CHECK(wasm_instance_new(store, module, &hollow_imports, &trap) == NULL);
    wasm_trap_delete(trap);
    CHECK(wasm_instance_new(store, module, NULL, NULL) == NULL);
    CHECK(wasm_instance_new(NULL, NULL, NULL, NULL) == NULL);
    wasm_instance_exports(NULL, &externs);
    CHECK_INT(externs.size, 0);
    wasm_instance_t *instance = INSTANCE_ALONE(store, empty_wasm);
    wasm_instance_exports(instance, NULL);
    wasm_instance_delete(instance);
    wasm_module_delete(module);
}

static void objects(void) {
    wasm_functype_t *func_type = wasm_functype_new_0_0();
    wasm_limits_t limits = {1, 2};
    wasm_globaltype_t *global_type = wasm_globaltype_new(wasm_valtype_new_i32(), WASM_VAR);
    wasm_tabletype_t *table_type = wasm_tabletype_new(wasm_valtype_new_funcref(), &limits);
    wasm_memorytype_t *memory_type = wasm_memorytype_new(&limits);
    wasm_val_t value = WASM_I32_VAL(1);
    wasm_message_t message = WASM_EMPTY_VEC;

    CHECK(wasm_foreign_new(NULL) == NULL);
    CHECK(wasm_trap_new(NULL, &message) == NULL);
    wasm_trap_t *trap = wasm_trap_new(store, NULL);
    wasm_trap_delete(trap);
    CHECK_TRAP(wasm_trap_new(store, &message), "");
    wasm_message_t hollow = {4, NULL};
    trap = wasm_trap_new(store, &hollow);
    wasm_trap_delete(trap);
    wasm_trap_message(NULL, &message);
    CHECK_INT(message.size, 0);
    CHECK(wasm_trap_origin(NULL) == NULL);
    wasm_frame_vec_t trace;
    wasm_trap_trace(NULL, &trace);
    CHECK_INT(trace.size, 0);
    trap = host_trap(store, "x");
    wasm_trap_message(trap, NULL);
    wasm_trap_trace(trap, NULL);
    wasm_trap_delete(trap);
    CHECK(wasm_frame_copy(NULL) == NULL);
    CHECK(wasm_frame_instance(NULL) == NULL);
    wasm_frame_func_index(NULL);
    wasm_frame_func_offset(NULL);
    wasm_frame_module_offset(NULL);

    CHECK(wasm_func_new(NULL, func_type, nop) == NULL);
    CHECK(wasm_func_new(store, NULL, nop) == NULL);
    CHECK(wasm_func_new(store, func_type, NULL) == NULL);
    CHECK(wasm_func_new_with_env(NULL, func_type, NULL, NULL, NULL) == NULL);
    CHECK(wasm_func_new_with_env(store, NULL, NULL, NULL, NULL) == NULL);
    CHECK(wasm_func_new_with_env(store, func_type, NULL, NULL, NULL) == NULL);
    CHECK_INT(wasm_func_param_arity(NULL), 0);
    CHECK_INT(wasm_func_result_arity(NULL), 0);

    CHECK(wasm_global_new(NULL, global_type, &value) == NULL);
    CHECK(wasm_global_new(store, NULL, &value) == NULL);
    CHECK(wasm_global_new(store, global_type, NULL) == NULL);
    wasm_global_t *global = wasm_global_new(store, global_type, &value);
    wasm_val_t odd = {.kind = 99, .of = {.i64 = -1}};
    wasm_global_set(NULL, &value);
    wasm_global_set(global, NULL);
    wasm_global_set(global, &odd);
    wasm_global_get(global, NULL);
    wasm_global_get(NULL, &value);
    wasm_global_get(global, &value);
    CHECK_INT(value.of.i32, 1);
    wasm_global_delete(global);

    CHECK(wasm_table_new(NULL, table_type, NULL) == NULL);
    CHECK(wasm_table_new(store, NULL, NULL) == NULL);
    CHECK(wasm_table_get(NULL, 0) == NULL);
    CHECK(!wasm_table_set(NULL, 0, NULL));
    CHECK(!wasm_table_grow(NULL, 0, NULL));
    CHECK_INT(wasm_table_size(NULL), 0);
    wasm_limits_t huge = {UINT32_MAX, UINT32_MAX};
    wasm_tabletype_t *huge_type = wasm_tabletype_new(wasm_valtype_new_funcref(), &huge);
    wasm_table_delete(wasm_table_new(store, huge_type, NULL)); /* may be too large, must not bring the host down */
    wasm_tabletype_delete(huge_type);

    CHECK(wasm_memory_new(NULL, memory_type) == NULL);
    CHECK(wasm_memory_new(store, NULL) == NULL);
    CHECK(wasm_memory_data(NULL) == NULL);
    CHECK_INT(wasm_memory_data_size(NULL), 0);
    CHECK_INT(wasm_memory_size(NULL), 0);
    CHECK(!wasm_memory_grow(NULL, 0));

    /* A reference of another store. */
    wasm_store_t *stranger = wasm_store_new(engine);
    wasm_func_t *strange = wasm_func_new(stranger, func_type, nop);
    wasm_table_t *table = wasm_table_new(store, table_type, NULL);
    CHECK(!wasm_table_set(table, 0, wasm_func_as_ref(strange)));
    CHECK(!wasm_table_grow(table, 1, wasm_func_as_ref(strange)));
    CHECK(wasm_table_new(store, table_type, wasm_func_as_ref(strange)) == NULL);
    CHECK(wasm_table_get(table, 0) == NULL);
    wasm_table_delete(table);
    wasm_func_delete(strange);
    wasm_store_delete(stranger);

    wasm_functype_delete(func_type);
    wasm_globaltype_delete(global_type);
    wasm_tabletype_delete(table_type);
    wasm_memorytype_delete(memory_type);
}

int main(void) {
    engine = wasm_engine_new();
    store = wasm_store_new(engine);
    types();
    references();
    environment();
    modules();
    objects();
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return done();
}
