/* Imports: all that can be wrong with them is noticed, and the message names the import; and what one instance exports
 * another can import, sharing it. */
#include "check.h"

static wasm_trap_t *nop(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)args;
    if (results->size) results->data[0] = i64_val(0);
    return NULL;
}

static wasm_func_t *make_func(wasm_store_t *store, wasm_valtype_t *param, wasm_valtype_t *result) {
    return host_func(store, wasm_functype_new_1_1(param, result), nop);
}

static wasm_global_t *make_global(wasm_store_t *store, wasm_valkind_t kind, wasm_mutability_t mutability) {
    wasm_globaltype_t *type = wasm_globaltype_new(wasm_valtype_new(kind), mutability);
    wasm_val_t zero = {.kind = kind, .of = {.i64 = 0}};
    wasm_global_t *global = wasm_global_new(store, type, &zero);
    wasm_globaltype_delete(type);
    CHECK(global != NULL);
    return global;
}

static wasm_table_t *make_table(wasm_store_t *store, wasm_valkind_t kind, uint32_t min, uint32_t max) {
    wasm_limits_t limits = {min, max};
    wasm_tabletype_t *type = wasm_tabletype_new(wasm_valtype_new(kind), &limits);
    wasm_table_t *table = wasm_table_new(store, type, NULL);
    wasm_tabletype_delete(type);
    CHECK(table != NULL);
    return table;
}

static wasm_memory_t *make_memory(wasm_store_t *store, uint32_t min, uint32_t max) {
    wasm_limits_t limits = {min, max};
    wasm_memorytype_t *type = wasm_memorytype_new(&limits);
    wasm_memory_t *memory = wasm_memory_new(store, type);
    wasm_memorytype_delete(type);
    CHECK(memory != NULL);
    return memory;
}

static wasm_store_t *store;
static wasm_module_t *module;

/* Instantiation fails, and says which import it was. */
static void refused(size_t count, wasm_extern_t *list[], const char *name) {
    wasm_extern_vec_t imports = {count, list};
    for (int with_trap = 1; with_trap >= 0; with_trap--) {
        wasm_trap_t *trap = NULL;
        wasm_instance_t *instance = wasm_instance_new(store, module, &imports, with_trap ? &trap : NULL);
        CHECK(instance == NULL);
        const char *why = wasmx_last_error();
        CHECK(why != NULL);
        if (name) {
            if (!strstr(why, name)) fprintf(stderr, "  last error: %s\n", why);
            CHECK(strstr(why, name) != NULL);
            CHECK(strstr(why, "env") != NULL);
        }
        if (trap) {
            CHECK(trap_says(trap, name ? name : ""));
            wasm_trap_delete(trap);
        }
    }
}

static void mismatches(wasm_engine_t *engine) {
    wasm_func_t *func = make_func(store, wasm_valtype_new_i32(), wasm_valtype_new_i64());
    wasm_global_t *global = make_global(store, WASM_I32, WASM_VAR);
    wasm_table_t *table = make_table(store, WASM_FUNCREF, 5, 10);
    wasm_memory_t *memory = make_memory(store, 2, 4);
    wasm_extern_t *good[] = {wasm_func_as_extern(func), wasm_global_as_extern(global), wasm_table_as_extern(table),
                             wasm_memory_as_extern(memory)};
    static const char *const names[] = {"function", "global", "table", "memory"};
    wasm_extern_t *list[5];

#define WITH(index, wrong)                                                                                             \
    do {                                                                                                               \
        memcpy(list, good, sizeof good);                                                                               \
        list[index] = (wrong);                                                                                         \
        refused(4, list, names[index]);                                                                                \
    } while (0)

    wasm_instance_delete(link_module(store, module, 4, good));

    /* Too few, none, too many. */
    for (size_t count = 0; count < 4; count++) refused(count, good, NULL);
    memcpy(list, good, sizeof good);
    list[4] = good[0];
    refused(5, list, NULL);
    wasm_trap_t *trap = NULL;
    CHECK(wasm_instance_new(store, module, NULL, &trap) == NULL);
    wasm_trap_delete(trap);

    /* Each place: nothing, or another kind of thing. */
    for (int i = 0; i < 4; i++) {
        WITH(i, NULL);
        for (int k = 0; k < 4; k++)
            if (k != i) WITH(i, good[k]);
    }

    /* The right kind of thing with the wrong type. */
    wasm_func_t *funcs[] = {make_func(store, wasm_valtype_new_i64(), wasm_valtype_new_i64()),
                            make_func(store, wasm_valtype_new_i32(), wasm_valtype_new_i32()),
                            host_func(store, wasm_functype_new_0_0(), nop),
                            host_func(store, wasm_functype_new_1_0(wasm_valtype_new_i32()), nop)};
    for (int i = 0; i < 4; i++) {
        WITH(0, wasm_func_as_extern(funcs[i]));
        wasm_func_delete(funcs[i]);
    }
    wasm_global_t *globals[] = {make_global(store, WASM_I32, WASM_CONST), make_global(store, WASM_I64, WASM_VAR),
                                make_global(store, WASM_EXTERNREF, WASM_VAR)};
    for (int i = 0; i < 3; i++) {
        WITH(1, wasm_global_as_extern(globals[i]));
        wasm_global_delete(globals[i]);
    }
    wasm_table_t *tables[] = {make_table(store, WASM_FUNCREF, 4, 10), make_table(store, WASM_FUNCREF, 5, 11),
                              make_table(store, WASM_FUNCREF, 5, wasm_limits_max_default),
                              make_table(store, WASM_EXTERNREF, 5, 10)};
    for (int i = 0; i < 4; i++) {
        WITH(2, wasm_table_as_extern(tables[i]));
        wasm_table_delete(tables[i]);
    }
    wasm_memory_t *memories[] = {make_memory(store, 1, 4), make_memory(store, 2, 5),
                                 make_memory(store, 2, wasm_limits_max_default)};
    for (int i = 0; i < 3; i++) {
        WITH(3, wasm_memory_as_extern(memories[i]));
        wasm_memory_delete(memories[i]);
    }

    /* Everything right, but of another store. */
    wasm_store_t *stranger = wasm_store_new(engine);
    wasm_func_t *strange = make_func(stranger, wasm_valtype_new_i32(), wasm_valtype_new_i64());
    WITH(0, wasm_func_as_extern(strange));
    wasm_func_delete(strange);
    wasm_store_delete(stranger);

    /* What fits without being equal: a table and a memory that have grown into the type. */
    wasm_table_t *grown_table = make_table(store, WASM_FUNCREF, 1, 9);
    CHECK(wasm_table_grow(grown_table, 4, NULL));
    wasm_memory_t *grown_memory = make_memory(store, 1, 3);
    CHECK(wasm_memory_grow(grown_memory, 1));
    memcpy(list, good, sizeof good);
    list[2] = wasm_table_as_extern(grown_table);
    list[3] = wasm_memory_as_extern(grown_memory);
    wasm_instance_delete(link_module(store, module, 4, list));

    wasm_table_delete(grown_table);
    wasm_memory_delete(grown_memory);
    wasm_func_delete(func);
    wasm_global_delete(global);
    wasm_table_delete(table);
    wasm_memory_delete(memory);
}

static void sharing(void) {
    wasm_instance_t *owner = INSTANCE_ALONE(store, link_wasm);
    wasm_extern_vec_t exports;
    wasm_instance_exports(owner, &exports);
    CHECK_INT(exports.size, 4);
    wasm_module_t *user_module = MODULE(store, link_user_wasm);
    wasm_instance_t *user = link_module(store, user_module, 4, exports.data);
    wasm_module_delete(user_module);

    wasm_func_t *twice = export_func(user, 0), *counter = export_func(user, 1), *through = export_func(user, 2);
    wasm_func_t *bump = export_func(owner, 3);
    CHECK_INT(GET_I32(twice), 2);
    CHECK_INT(GET_I32(bump), 3);
    CHECK_INT(GET_I32(counter), 3);
    CHECK(memcmp(wasm_memory_data(wasm_extern_as_memory(exports.data[0])) + 100, "linked", 6) == 0);
    CHECK_INT(CALL_I32(through, i32_val(2)), 77);
    CHECK_TRAP(CALL_TRAP(through, 1, i32_val(0)), "uninitialized element");

    /* The owner's table holds on to the user's function when the user is gone. */
    wasm_table_t *table = wasm_table_copy(wasm_extern_as_table(exports.data[2]));
    wasm_func_delete(twice);
    wasm_func_delete(counter);
    wasm_func_delete(through);
    wasm_instance_delete(user);
    wasm_extern_vec_delete(&exports);
    wasm_instance_delete(owner);
    wasm_ref_t *mine = wasm_table_get(table, 2);
    CHECK(mine != NULL);
    CHECK_INT(GET_I32(wasm_ref_as_func(mine)), 77);
    wasm_ref_delete(mine);
    wasm_table_delete(table);
    wasm_func_delete(bump);
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    store = wasm_store_new(engine);
    module = MODULE(store, imports_wasm);
    mismatches(engine);
    wasm_module_delete(module);
    sharing();
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return done();
}
