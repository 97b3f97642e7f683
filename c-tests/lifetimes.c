/* Handles deleted in every order. Six handles of one world die in each of their 720 orders, and after each death all
 * that are left still work; then the rarer owners: configurations, shared modules, frames, traps, references inside
 * values, and cycles between the host's objects and the guest's. */
#include "check.h"

enum { ENGINE, STORE, MODULE_, CALLBACK, INSTANCE_, RUN, HANDLES };

static int greeted, finalized;
static wasm_trap_t *hello(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)env, (void)args, (void)results;
    greeted++;
    return NULL;
}
static void finalize(void *env) {
    (void)env;
    finalized++;
}

static void one_order(const int order[HANDLES]) {
    finalized = 0;
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_module_t *module = MODULE(store, hello_wasm);
    wasm_func_t *callback = host_closure(store, wasm_functype_new_0_0(), hello, &greeted, finalize);
    wasm_extern_t *imports[] = {wasm_func_as_extern(callback)};
    wasm_instance_t *instance = link_module(store, module, 1, imports);
    wasm_func_t *run = export_func(instance, 0);

    for (int i = 0; i < HANDLES; i++) {
        switch (order[i]) {
        case ENGINE: wasm_engine_delete(engine), engine = NULL; break;
        case STORE: wasm_store_delete(store), store = NULL; break;
        case MODULE_: wasm_module_delete(module), module = NULL; break;
        case CALLBACK: wasm_func_delete(callback), callback = NULL; break;
        case INSTANCE_: wasm_instance_delete(instance), instance = NULL; break;
        default: wasm_func_delete(run), run = NULL;
        }
        int before = greeted;
        if (run) CALL_0(run);
        if (callback) CALL_0(callback);
        CHECK_INT(greeted - before, (run != NULL) + (callback != NULL));
        if (instance) {
            wasm_extern_vec_t exports;
            wasm_instance_exports(instance, &exports);
            CHECK_INT(exports.size, 1);
            wasm_extern_vec_delete(&exports);
        }
        if (module) {
            wasm_importtype_vec_t asked;
            wasm_module_imports(module, &asked);
            CHECK_INT(asked.size, 1);
            wasm_importtype_vec_delete(&asked);
        }
        if (store && module && callback) wasm_instance_delete(link_module(store, module, 1, imports));
        if (engine) wasm_store_delete(wasm_store_new(engine));
    }
    CHECK_INT(finalized, 1);
}

static void every_order(void) {
    int order[HANDLES], taken[HANDLES];
#ifdef UNDER_VALGRIND
    const int step = 37;
#else
    const int step = 1;
#endif
    for (int n = 0; n < 720; n += step) {
        memset(taken, 0, sizeof taken);
        int rest = n, radix = 720;
        for (int i = 0; i < HANDLES; i++) {
            radix /= HANDLES - i;
            int skip = rest / radix;
            rest %= radix;
            int pick = 0;
            while (taken[pick] || skip-- > 0) pick++;
            taken[pick] = 1;
            order[i] = pick;
        }
        one_order(order);
    }
}

static void configurations(void) {
    wasm_config_delete(wasm_config_new());
    wasm_engine_t *engine = wasm_engine_new_with_config(wasm_config_new());
    CHECK(engine != NULL);
    wasm_store_t *store = wasm_store_new(engine);
    wasm_engine_delete(engine);
    wasm_instance_t *instance = INSTANCE_ALONE(store, empty_wasm);
    wasm_store_delete(store);
    wasm_instance_delete(instance);
    engine = wasm_engine_new_with_config(NULL); /* the defaults, or nothing; never a crash */
    wasm_engine_delete(engine);
}

static void late_owners(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_module_t *module = MODULE(store, table_wasm);
    wasm_shared_module_t *shared = wasm_module_share(module);
    wasm_instance_t *instance = link_module(store, module, 0, NULL);
    wasm_module_delete(module);
    wasm_func_t *through = export_func(instance, 3);
    wasm_trap_t *trap = CALL_TRAP(through, 1, i32_val(0), i32_val(0));
    CHECK(trap != NULL);
    wasm_func_delete(through);
    wasm_instance_delete(instance);
    wasm_store_delete(store);
    wasm_engine_delete(engine);

    /* Only the trap is left of the store; then only a frame of it, which shows its instance. */
    wasm_trap_t *copy = wasm_trap_copy(trap);
    wasm_trap_delete(trap);
    CHECK(trap_says(copy, "uninitialized element"));
    wasm_frame_t *frame = wasm_trap_origin(copy);
    wasm_trap_delete(copy);
    CHECK(frame != NULL);
    wasm_instance_t *shown = wasm_instance_copy(wasm_frame_instance(frame));
    wasm_frame_delete(frame);
    wasm_table_t *table = export_table(shown, 0);
    wasm_instance_delete(shown);
    wasm_ref_t *element = wasm_table_get(table, 1);
    wasm_table_delete(table);
    CHECK_INT(CALL_I32(wasm_ref_as_func(element), i32_val(3)), 9);
    wasm_ref_delete(element);

    /* The shared module outlived its engine; another engine may or may not take it, a store of it must not crash. */
    engine = wasm_engine_new();
    store = wasm_store_new(engine);
    module = wasm_module_obtain(store, shared);
    wasm_shared_module_delete(shared);
    wasm_module_delete(module);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
}

/* A table holds a host function whose environment holds the table. */
typedef struct {
    wasm_table_t *table;
} cycle;

static wasm_trap_t *see_table(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)args;
    results->data[0] = i32_val((int32_t)wasm_table_size(((cycle *)env)->table));
    return NULL;
}

static void cycles(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_limits_t limits = {3, 3};
    wasm_tabletype_t *type = wasm_tabletype_new(wasm_valtype_new_externref(), &limits);
    finalized = 0;
    for (int i = 0; i < 10; i++) {
        cycle c = {wasm_table_new(store, type, NULL)};
        wasm_func_t *func = host_closure(store, wasm_functype_new_0_1(wasm_valtype_new_i32()), see_table, &c, finalize);
        CHECK(wasm_table_set(c.table, 0, wasm_func_as_ref(func)));
        CHECK(wasm_table_set(c.table, 1, wasm_table_as_ref(c.table))); /* the table holds itself */
        CHECK_INT(GET_I32(func), 3);
        wasm_func_delete(func);
        wasm_table_delete(c.table);
    }
    wasm_tabletype_delete(type);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    CHECK_INT(finalized, 10);
}

/* Memory in use: address space and resident pages. Zero where nobody says, or where a checker keeps freed memory. */
static void usage(long *space, long *resident) {
    *space = *resident = 0;
#if !defined(UNDER_VALGRIND) && !defined(__SANITIZE_ADDRESS__)
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file) return;
    if (fscanf(file, "%ld %ld", space, resident) != 2) *space = *resident = 0;
    fclose(file);
#endif
}

/* A store that works for long does not keep what nobody holds. */
static void many(void) {
#ifdef UNDER_VALGRIND
    const int rounds = 100;
#else
    const int rounds = 5000;
#endif
    long space_before = 0, resident_before = 0, space, resident;
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_module_t *module = MODULE(store, memory_wasm);
    for (int i = 0; i < rounds; i++) {
        if (i == rounds / 2) usage(&space_before, &resident_before);
        wasm_instance_t *instance = link_module(store, module, 0, NULL);
        wasm_func_t *load = export_func(instance, 2);
        CHECK_INT(CALL_I32(load, i32_val(0x1000)), 1);
        wasm_func_delete(load);
        wasm_instance_delete(instance);
    }
    usage(&space, &resident);
    CHECK(space - space_before < 4096); /* pages, for thousands of instances with two pages of guest memory each */
    CHECK(resident - resident_before < 1024);
    wasm_module_delete(module);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
}

int main(void) {
    every_order();
    configurations();
    late_owners();
    cycles();
    many();
    return done();
}
