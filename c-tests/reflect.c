/* A module tells its imports and exports, with names that are no C strings, and each instance export has the type that
 * the module announced. */
#include "check.h"

static void check_valtypes(const wasm_valtype_vec_t *types, size_t count, const wasm_valkind_t kinds[]) {
    CHECK_INT(types->size, count);
    for (size_t i = 0; i < count; i++) CHECK_INT(wasm_valtype_kind(types->data[i]), kinds[i]);
}

static void check_func(const wasm_externtype_t *type, size_t np, const wasm_valkind_t ps[], size_t nr,
                       const wasm_valkind_t rs[]) {
    CHECK_INT(wasm_externtype_kind(type), WASM_EXTERN_FUNC);
    const wasm_functype_t *func = wasm_externtype_as_functype_const(type);
    CHECK(func != NULL);
    CHECK(wasm_functype_as_externtype_const(func) == type);
    check_valtypes(wasm_functype_params(func), np, ps);
    check_valtypes(wasm_functype_results(func), nr, rs);
    CHECK(wasm_externtype_as_globaltype_const(type) == NULL);
    CHECK(wasm_externtype_as_tabletype_const(type) == NULL);
    CHECK(wasm_externtype_as_memorytype_const(type) == NULL);
    CHECK(wasm_externtype_as_tagtype_const(type) == NULL);
}

static void check_global(const wasm_externtype_t *type, wasm_valkind_t kind, wasm_mutability_t mutability) {
    CHECK_INT(wasm_externtype_kind(type), WASM_EXTERN_GLOBAL);
    const wasm_globaltype_t *global = wasm_externtype_as_globaltype_const(type);
    CHECK(wasm_globaltype_as_externtype_const(global) == type);
    CHECK_INT(wasm_valtype_kind(wasm_globaltype_content(global)), kind);
    CHECK_INT(wasm_globaltype_mutability(global), mutability);
    CHECK(wasm_externtype_as_functype_const(type) == NULL);
}

static void check_table(const wasm_externtype_t *type, wasm_valkind_t kind, uint32_t min, uint32_t max) {
    CHECK_INT(wasm_externtype_kind(type), WASM_EXTERN_TABLE);
    const wasm_tabletype_t *table = wasm_externtype_as_tabletype_const(type);
    CHECK(wasm_tabletype_as_externtype_const(table) == type);
    CHECK_INT(wasm_valtype_kind(wasm_tabletype_element(table)), kind);
    CHECK_INT(wasm_tabletype_limits(table)->min, min);
    CHECK_INT(wasm_tabletype_limits(table)->max, max);
    CHECK(wasm_externtype_as_memorytype_const(type) == NULL);
}

static void check_memory(const wasm_externtype_t *type, uint32_t min, uint32_t max) {
    CHECK_INT(wasm_externtype_kind(type), WASM_EXTERN_MEMORY);
    const wasm_memorytype_t *memory = wasm_externtype_as_memorytype_const(type);
    CHECK(wasm_memorytype_as_externtype_const(memory) == type);
    CHECK_INT(wasm_memorytype_limits(memory)->min, min);
    CHECK_INT(wasm_memorytype_limits(memory)->max, max);
    CHECK(wasm_externtype_as_tabletype_const(type) == NULL);
}

static void check_exports(const wasm_exporttype_vec_t *exports) {
    static const struct {
        const char *bytes;
        size_t size;
    } names[] = {{"func", 4}, {"", 0}, {"a\0b", 3}, {"gi", 2}, {"gf", 2}, {"tab", 3}, {"tab2", 4}, {"mem", 3}};
    CHECK_INT(exports->size, sizeof names / sizeof *names);
    const wasm_externtype_t *t[8];
    for (size_t i = 0; i < exports->size; i++) {
        CHECK(name_is(wasm_exporttype_name(exports->data[i]), names[i].bytes, names[i].size));
        t[i] = wasm_exporttype_type(exports->data[i]);
    }
    check_func(t[0], 3, (wasm_valkind_t[]){WASM_I32, WASM_F64, WASM_F32}, 2, (wasm_valkind_t[]){WASM_I32, WASM_I64});
    check_func(t[1], 0, NULL, 0, NULL);
    check_func(t[2], 0, NULL, 0, NULL);
    check_global(t[3], WASM_I32, WASM_CONST);
    check_global(t[4], WASM_F32, WASM_VAR);
    check_table(t[5], WASM_FUNCREF, 1, 5);
    check_table(t[6], WASM_EXTERNREF, 3, 30);
    check_memory(t[7], 2, wasm_limits_max_default);
}

static void check_imports(const wasm_importtype_vec_t *imports) {
    CHECK_INT(imports->size, 5);
    for (int i = 0; i < 4; i++) {
        CHECK(name_is(wasm_importtype_module(imports->data[i]), "m", 1));
        CHECK(name_is(wasm_importtype_name(imports->data[i]), &"fgtm"[i], 1));
    }
    CHECK(name_is(wasm_importtype_module(imports->data[4]), "", 0));
    CHECK(name_is(wasm_importtype_name(imports->data[4]), "\0z\xc3\xa9", 4));
    check_func(wasm_importtype_type(imports->data[0]), 6,
               (wasm_valkind_t[]){WASM_I32, WASM_I64, WASM_F32, WASM_F64, WASM_FUNCREF, WASM_EXTERNREF}, 2,
               (wasm_valkind_t[]){WASM_EXTERNREF, WASM_FUNCREF});
    check_global(wasm_importtype_type(imports->data[1]), WASM_I64, WASM_VAR);
    check_table(wasm_importtype_type(imports->data[2]), WASM_EXTERNREF, 3, 30);
    check_memory(wasm_importtype_type(imports->data[3]), 2, wasm_limits_max_default);
    check_global(wasm_importtype_type(imports->data[4]), WASM_F64, WASM_CONST);
}

static wasm_trap_t *nop(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)args, (void)results;
    return NULL;
}

/* Makes for an import just what its type asks for. */
static wasm_extern_t *provide(wasm_store_t *store, const wasm_importtype_t *import) {
    const wasm_externtype_t *type = wasm_importtype_type(import);
    switch (wasm_externtype_kind(type)) {
    case WASM_EXTERN_FUNC:
        return wasm_func_as_extern(wasm_func_new(store, wasm_externtype_as_functype_const(type), nop));
    case WASM_EXTERN_GLOBAL: {
        const wasm_globaltype_t *global = wasm_externtype_as_globaltype_const(type);
        wasm_val_t zero = {.kind = wasm_valtype_kind(wasm_globaltype_content(global)), .of = {.i64 = 0}};
        return wasm_global_as_extern(wasm_global_new(store, global, &zero));
    }
    case WASM_EXTERN_TABLE:
        return wasm_table_as_extern(wasm_table_new(store, wasm_externtype_as_tabletype_const(type), NULL));
    case WASM_EXTERN_MEMORY:
        return wasm_memory_as_extern(wasm_memory_new(store, wasm_externtype_as_memorytype_const(type)));
    default: return NULL;
    }
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_module_t *module = MODULE(store, reflect_wasm);

    wasm_exporttype_vec_t exports, exports_copy;
    wasm_importtype_vec_t imports, imports_copy;
    wasm_module_exports(module, &exports);
    wasm_module_imports(module, &imports);
    wasm_exporttype_vec_copy(&exports_copy, &exports);
    wasm_importtype_vec_copy(&imports_copy, &imports);
    check_exports(&exports);
    check_imports(&imports);

    wasm_extern_t *provided[5];
    for (size_t i = 0; i < imports.size; i++) {
        provided[i] = provide(store, imports.data[i]);
        CHECK(provided[i] != NULL);
    }
    wasm_instance_t *instance = link_module(store, module, 5, provided);

    wasm_extern_vec_t externs;
    wasm_instance_exports(instance, &externs);
    CHECK_INT(externs.size, exports.size);
    for (size_t i = 0; i < externs.size; i++) {
        const wasm_externtype_t *announced = wasm_exporttype_type(exports.data[i]);
        wasm_externtype_t *found = wasm_extern_type(externs.data[i]);
        CHECK_INT(wasm_extern_kind(externs.data[i]), wasm_externtype_kind(announced));
        CHECK_INT(wasm_externtype_kind(found), wasm_externtype_kind(announced));
        wasm_externtype_delete(found);
    }
    /* Two names, one object; and the imported ones come out as they went in. */
    CHECK(wasm_extern_same(externs.data[1], externs.data[2]));
    CHECK(!wasm_extern_same(externs.data[5], externs.data[6]));
    CHECK(wasm_extern_same(externs.data[6], provided[2]));
    CHECK(wasm_extern_same(externs.data[7], provided[3]));
    CHECK(!wasm_extern_same(externs.data[0], externs.data[1]));

    wasm_externtype_t *t = wasm_extern_type(externs.data[0]);
    check_func(t, 3, (wasm_valkind_t[]){WASM_I32, WASM_F64, WASM_F32}, 2, (wasm_valkind_t[]){WASM_I32, WASM_I64});
    wasm_externtype_delete(t);
    t = wasm_extern_type(externs.data[4]);
    check_global(t, WASM_F32, WASM_VAR);
    wasm_externtype_delete(t);
    t = wasm_extern_type(externs.data[6]);
    check_table(t, WASM_EXTERNREF, 3, 30);
    wasm_externtype_delete(t);
    t = wasm_extern_type(externs.data[7]);
    check_memory(t, 2, wasm_limits_max_default);
    wasm_externtype_delete(t);

    wasm_extern_vec_delete(&externs);
    for (int i = 0; i < 5; i++) wasm_extern_delete(provided[i]);
    wasm_instance_delete(instance);
    wasm_module_delete(module);
    wasm_exporttype_vec_delete(&exports);
    wasm_importtype_vec_delete(&imports);
    wasm_store_delete(store);
    wasm_engine_delete(engine);

    /* Types belong to nobody but their owner. */
    check_exports(&exports_copy);
    check_imports(&imports_copy);
    wasm_exporttype_vec_delete(&exports_copy);
    wasm_importtype_vec_delete(&imports_copy);
    return done();
}
