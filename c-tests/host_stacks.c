/* Guests on threads with small stacks: the depth of a guest does not depend on the thread's, and where host and guest call
 * each other in turn, the guest traps before the thread's stack is at its end. */
#define _GNU_SOURCE
#include <limits.h>
#include <pthread.h>

#include "check.h"

enum { MEMORY, LOAD, DIVIDE, UNREACHABLE, DEEP, SPIN, PASSES, UP };

/* Sanitizers need room of their own. */
#if defined(__SANITIZE_ADDRESS__)
enum { KB = 12 << 10, LEAST = 1 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
enum { KB = 12 << 10, LEAST = 1 };
#else
enum { KB = 1 << 10, LEAST = 1 };
#endif
#else
enum { KB = 1 << 10, LEAST = 1 };
#endif

static wasm_func_t *up;
static int deepest;

static wasm_trap_t *down(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    int n = args->data[0].of.i32;
    results->data[0] = i32_val(0);
    if (n == 0) return NULL;
    deepest++;
    wasm_val_t arg = WASM_I32_VAL(n - 1), result = WASM_INIT_VAL;
    wasm_trap_t *trap = call(up, 1, &arg, 1, &result);
    if (!trap) results->data[0] = result;
    return trap;
}

typedef struct {
    wasm_func_t *load, *divide, *deep;
    bool nests;
    int deepest;
} work;

static void *run(void *env) {
    work *w = env;
    CHECK_INT(CALL_I32(w->deep, i32_val(1000)), 1000);
    CHECK_TRAP(CALL_TRAP(w->deep, 1, i32_val(-1)), "call stack exhausted");
    CHECK_TRAP(CALL_TRAP(w->load, 1, i32_val(-1)), "out of bounds memory access");
    CHECK_TRAP(CALL_TRAP(w->divide, 1, i32_val(1), i32_val(0)), "integer divide by zero");
    deepest = 0;
    if (w->nests) CHECK_INT(CALL_I32(up, i32_val(1)), 2);
    CHECK_TRAP(CALL_TRAP(up, 1, i32_val(INT_MAX)), "call stack exhausted");
    w->deepest = deepest;
    CHECK_INT(CALL_I32(w->deep, i32_val(10)), 10);
    return (void *)(uintptr_t)checks_passed;
}

/* All of a guest's life on the thread itself. */
static void *live(void *env) {
    wasm_store_t *store = wasm_store_new(env);
    CHECK(store != NULL);
    wasm_func_t *callback = host_func(store, wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32()), down);
    wasm_instance_t *instance = INSTANCE(store, guest_wasm, wasm_func_as_extern(callback));
    wasm_func_t *before = up;
    up = export_func(instance, UP);
    work w = {export_func(instance, LOAD), export_func(instance, DIVIDE), export_func(instance, DEEP), true, 0};
    void *passed = run(&w);
    wasm_func_delete(w.load);
    wasm_func_delete(w.divide);
    wasm_func_delete(w.deep);
    wasm_func_delete(up);
    up = before;
    wasm_func_delete(callback);
    wasm_instance_delete(instance);
    wasm_store_delete(store);
    return passed;
}

static void on_stack(size_t bytes, void *(*f)(void *), void *env) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    if (bytes < (size_t)PTHREAD_STACK_MIN) bytes = (size_t)PTHREAD_STACK_MIN;
    CHECK(pthread_attr_setstacksize(&attributes, bytes) == 0);
    pthread_t thread;
    CHECK(pthread_create(&thread, &attributes, f, env) == 0);
    pthread_attr_destroy(&attributes);
    void *passed;
    pthread_join(thread, &passed);
    checks_passed += (long)(uintptr_t)passed;
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_func_t *callback = host_func(store, wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32()), down);
    wasm_instance_t *instance = INSTANCE(store, guest_wasm, wasm_func_as_extern(callback));
    up = export_func(instance, UP);
    work w = {export_func(instance, LOAD), export_func(instance, DIVIDE), export_func(instance, DEEP), false, 0};

    /* Here there is room for all that the library allows. */
    w.nests = true;
    run(&w);
    CHECK(w.deepest >= 300);
    int most = w.deepest, before = 0;

    for (int round = 0; round < 3; round++) {
        for (size_t kb = 16; kb <= 128; kb *= 2) {
            w.nests = kb >= 32;
            on_stack(kb * KB, run, &w);
            if (getenv("VERBOSE")) printf("%zu KB: %d deep\n", kb, w.deepest);
            CHECK(w.deepest >= before && w.deepest <= most);
            before = kb < 128 ? w.deepest : 0;
        }
        /* What was learnt of one thread's stack is not believed of another's. */
        run(&w);
        CHECK_INT(w.deepest, most);
    }
    on_stack(128 * KB, live, engine);
    on_stack(256 * KB, live, engine);

    wasm_func_delete(w.load);
    wasm_func_delete(w.divide);
    wasm_func_delete(w.deep);
    wasm_func_delete(up);
    wasm_func_delete(callback);
    wasm_instance_delete(instance);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return done();
}
