/* References and externals: every kind seen as a general reference and back, by both the plain and the const functions;
 * equality, copies; and no kind passing for another. */
#include "check.h"

static wasm_trap_t *nop(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)args, (void)results;
    return NULL;
}

/* Bits of what a reference can be seen as. */
enum { FUNC = 1, GLOBAL = 2, TABLE = 4, MEMORY = 8, EXTERN = 16, FOREIGN = 32, TRAP = 64, MODULE_ = 128, INSTANCE_ = 256 };

static void check_views(wasm_ref_t *ref, int views) {
    const wasm_ref_t *constant = ref;
#define VIEW(name, bit)                                                                                                \
    do {                                                                                                               \
        wasm_##name##_t *view = wasm_ref_as_##name(ref);                                                               \
        const wasm_##name##_t *const_view = wasm_ref_as_##name##_const(constant);                                      \
        CHECK_INT(view != NULL, (views & bit) != 0);                                                                   \
        CHECK_INT(const_view != NULL, (views & bit) != 0);                                                             \
        if (view) {                                                                                                    \
            CHECK(wasm_##name##_as_ref(view) == ref);                                                                  \
            CHECK(wasm_##name##_as_ref_const(const_view) == constant);                                                 \
            CHECK(wasm_##name##_same(view, const_view));                                                               \
            wasm_##name##_t *copy = wasm_##name##_copy(view);                                                          \
            CHECK(wasm_##name##_same(copy, view));                                                                     \
            CHECK(wasm_ref_same(wasm_##name##_as_ref(copy), ref));                                                     \
            wasm_##name##_delete(copy);                                                                                \
        }                                                                                                              \
    } while (0)
    VIEW(func, FUNC);
    VIEW(global, GLOBAL);
    VIEW(table, TABLE);
    VIEW(memory, MEMORY);
    VIEW(extern, EXTERN);
    VIEW(foreign, FOREIGN);
    VIEW(trap, TRAP);
    VIEW(module, MODULE_);
    VIEW(instance, INSTANCE_);
    wasm_ref_t *copy = wasm_ref_copy(ref);
    CHECK(wasm_ref_same(copy, ref));
    CHECK(wasm_ref_same(ref, copy));
    wasm_ref_delete(copy);
}

static void check_extern(wasm_extern_t *external, wasm_externkind_t kind) {
    const wasm_extern_t *constant = external;
    CHECK_INT(wasm_extern_kind(external), kind);
    wasm_externtype_t *type = wasm_extern_type(external);
    CHECK_INT(wasm_externtype_kind(type), kind);
    wasm_externtype_delete(type);
#define AS(name, its_kind)                                                                                             \
    do {                                                                                                               \
        wasm_##name##_t *view = wasm_extern_as_##name(external);                                                       \
        const wasm_##name##_t *const_view = wasm_extern_as_##name##_const(constant);                                   \
        CHECK_INT(view != NULL, kind == its_kind);                                                                     \
        CHECK_INT(const_view != NULL, kind == its_kind);                                                               \
        if (view) {                                                                                                    \
            CHECK(wasm_##name##_as_extern(view) == external);                                                          \
            CHECK(wasm_##name##_as_extern_const(const_view) == constant);                                              \
            CHECK(wasm_##name##_same(view, const_view));                                                               \
        }                                                                                                              \
    } while (0)
    AS(func, WASM_EXTERN_FUNC);
    AS(global, WASM_EXTERN_GLOBAL);
    AS(table, WASM_EXTERN_TABLE);
    AS(memory, WASM_EXTERN_MEMORY);
    wasm_extern_t *copy = wasm_extern_copy(external);
    CHECK(wasm_extern_same(copy, external));
    wasm_extern_delete(copy);
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_module_t *module = MODULE(store, finalize_wasm);
    wasm_instance_t *instance = link_module(store, module, 0, NULL);
    wasm_func_t *func = export_func(instance, 0), *host = host_func(store, wasm_functype_new_0_0(), nop);
    wasm_global_t *global = export_global(instance, 1);
    wasm_table_t *table = export_table(instance, 2);
    wasm_memory_t *memory = export_memory(instance, 3);
    wasm_foreign_t *foreign = wasm_foreign_new(store);
    wasm_trap_t *trap = host_trap(store, "a reference, too");

    wasm_ref_t *refs[] = {wasm_func_as_ref(func),       wasm_func_as_ref(host),   wasm_global_as_ref(global),
                          wasm_table_as_ref(table),     wasm_memory_as_ref(memory), wasm_foreign_as_ref(foreign),
                          wasm_trap_as_ref(trap),       wasm_module_as_ref(module), wasm_instance_as_ref(instance)};
    static const int views[] = {FUNC | EXTERN, FUNC | EXTERN, GLOBAL | EXTERN, TABLE | EXTERN, MEMORY | EXTERN,
                                FOREIGN,       TRAP,          MODULE_,         INSTANCE_};
    enum { COUNT = sizeof refs / sizeof *refs };
    for (int i = 0; i < COUNT; i++) {
        check_views(refs[i], views[i]);
        for (int j = 0; j < COUNT; j++) CHECK_INT(wasm_ref_same(refs[i], refs[j]), i == j);
    }

    check_extern(wasm_func_as_extern(func), WASM_EXTERN_FUNC);
    check_extern(wasm_func_as_extern(host), WASM_EXTERN_FUNC);
    check_extern(wasm_global_as_extern(global), WASM_EXTERN_GLOBAL);
    check_extern(wasm_table_as_extern(table), WASM_EXTERN_TABLE);
    check_extern(wasm_memory_as_extern(memory), WASM_EXTERN_MEMORY);
    wasm_extern_t *external = export_at(instance, 0);
    check_views(wasm_extern_as_ref(external), FUNC | EXTERN);
    CHECK(wasm_extern_same(external, wasm_func_as_extern(func)));
    CHECK(!wasm_extern_same(external, wasm_func_as_extern(host)));
    const wasm_extern_t *constant = external;
    CHECK(wasm_ref_same(wasm_extern_as_ref_const(constant), wasm_func_as_ref_const(func)));

    /* One export fetched twice is one object. */
    wasm_extern_t *again = export_at(instance, 0);
    CHECK(wasm_extern_same(external, again));
    wasm_extern_delete(again);
    wasm_extern_delete(external);

    /* What a function says of itself. */
    wasm_functype_t *type = wasm_func_type(host);
    CHECK_INT(wasm_functype_params(type)->size, 0);
    CHECK_INT(wasm_functype_results(type)->size, 0);
    wasm_functype_delete(type);

    /* Two instances, two modules, two traps are two. */
    wasm_instance_t *instance2 = link_module(store, module, 0, NULL);
    wasm_module_t *module2 = MODULE(store, finalize_wasm);
    wasm_trap_t *trap2 = host_trap(store, "a reference, too");
    CHECK(!wasm_instance_same(instance, instance2));
    CHECK(!wasm_module_same(module, module2));
    CHECK(!wasm_trap_same(trap, trap2));
    wasm_instance_delete(instance2);
    wasm_module_delete(module2);
    wasm_trap_delete(trap2);

    /* Shared, a module crosses stores. */
    wasm_shared_module_t *shared = wasm_module_share(module);
    wasm_store_t *other = wasm_store_new(engine);
    wasm_module_t *obtained = wasm_module_obtain(other, shared);
    CHECK(obtained != NULL);
    wasm_shared_module_delete(shared);
    wasm_instance_t *elsewhere = link_module(other, obtained, 0, NULL);
    wasm_instance_delete(elsewhere);
    wasm_module_delete(obtained);
    wasm_store_delete(other);

    wasm_func_delete(func);
    wasm_func_delete(host);
    wasm_global_delete(global);
    wasm_table_delete(table);
    wasm_memory_delete(memory);
    wasm_foreign_delete(foreign);
    wasm_trap_delete(trap);
    wasm_instance_delete(instance);
    wasm_module_delete(module);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return done();
}
