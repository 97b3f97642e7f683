/* Threads: engines and shared modules serve several at once, each with stores of its own; a store can move between
 * threads; what a thread is told about its last error is its own affair. */
#include <pthread.h>

#include "check.h"

#ifdef UNDER_VALGRIND
enum { THREADS = 4, STORES = 2, ROUNDS = 200 };
#else
enum { THREADS = 8, STORES = 5, ROUNDS = 20000 };
#endif

typedef struct {
    wasm_engine_t *engine;
    wasm_shared_module_t *module;
    int id;
} job;

static wasm_trap_t *give_id(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    CHECK_INT(args->size, 1);
    results->data[0] = i32_val(((job *)env)->id);
    return NULL;
}

static void *work(void *env) {
    job *j = env;
    CHECK(wasmx_last_error() == NULL);
    for (int s = 0; s < STORES; s++) {
        wasm_store_t *store = wasm_store_new(j->engine);
        wasm_module_t *module = wasm_module_obtain(store, j->module);
        CHECK(module != NULL);
        wasm_func_t *func = host_closure(store, wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32()),
                                         give_id, j, NULL);
        wasm_globaltype_t *type = wasm_globaltype_new(wasm_valtype_new_i32(), WASM_CONST);
        wasm_val_t base = WASM_I32_VAL(s);
        wasm_global_t *global = wasm_global_new(store, type, &base);
        wasm_globaltype_delete(type);
        wasm_extern_t *imports[] = {wasm_func_as_extern(func), wasm_global_as_extern(global)};
        wasm_instance_t *instance = link_module(store, module, 2, imports);
        wasm_func_t *run = export_func(instance, 0);
        CHECK_INT(CALL_I32(run, i32_val(ROUNDS)), s + ROUNDS * j->id);

        wasm_byte_vec_t garbage = WASM_EMPTY_VEC;
        CHECK(wasm_module_new(store, &garbage) == NULL);
        CHECK(wasmx_last_error() != NULL);

        wasm_func_delete(run);
        wasm_func_delete(func);
        wasm_global_delete(global);
        wasm_instance_delete(instance);
        wasm_module_delete(module);
        wasm_store_delete(store);
    }
    return (void *)(uintptr_t)checks_passed;
}

static void *move_in(void *env) {
    wasm_func_t *run = env;
    CALL_0(run);
    wasm_func_delete(run);
    return (void *)(uintptr_t)checks_passed;
}

static int greeted;
static wasm_trap_t *hello(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)args, (void)results;
    greeted++;
    return NULL;
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_module_t *module = MODULE(store, threads_wasm);
    wasm_shared_module_t *shared = wasm_module_share(module);
    CHECK(shared != NULL);
    wasm_module_delete(module);
    wasm_store_delete(store);

    pthread_t threads[THREADS];
    job jobs[THREADS];
    for (int i = 0; i < THREADS; i++) {
        jobs[i] = (job){engine, shared, i + 1};
        CHECK(pthread_create(&threads[i], NULL, work, &jobs[i]) == 0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *passed;
        pthread_join(threads[i], &passed);
        checks_passed += (long)(uintptr_t)passed;
    }

    /* A store made here, used and finished there. */
    store = wasm_store_new(engine);
    wasm_func_t *callback = host_func(store, wasm_functype_new_0_0(), hello);
    wasm_instance_t *instance = INSTANCE(store, hello_wasm, wasm_func_as_extern(callback));
    wasm_func_t *run = export_func(instance, 0);
    CALL_0(run);
    wasm_func_delete(callback);
    wasm_instance_delete(instance);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    pthread_t last;
    CHECK(pthread_create(&last, NULL, move_in, run) == 0);
    pthread_join(last, NULL);
    CHECK_INT(greeted, 2);

    wasm_shared_module_delete(shared);
    return done();
}
