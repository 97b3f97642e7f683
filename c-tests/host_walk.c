/* A host that looks at its own stack from a callback: the walk goes through guests, compiled or not, to `main`. */
#define _GNU_SOURCE
#include "check.h"

#include <execinfo.h>
#include <pthread.h>
#include <unwind.h>

enum { SUM, FIB, DIVIDE, HOSTS };
enum { MOST = 2000 };

struct walk {
    void *outermost; /* The function that the walk has to reach. */
    int frames;
    bool reached;
};

static _Unwind_Reason_Code step(struct _Unwind_Context *context, void *env) {
    struct walk *walk = env;
    void *pc = (void *)_Unwind_GetIP(context);
    walk->frames++;
    if (_Unwind_FindEnclosingFunction(pc) == walk->outermost) walk->reached = true;
    return walk->frames < MOST ? _URC_NO_REASON : _URC_END_OF_STACK;
}

static struct {
    wasm_func_t *again; /* What the host calls in turn. */
    void *outermost;
    bool expected;
    int walks, depth, deepest, frames;
} now;

/* Walks from here to the bottom of the stack. */
static __attribute__((noinline)) void look(void) {
    struct walk walk = {.outermost = now.outermost};
    _Unwind_Backtrace(step, &walk);
    CHECK(walk.frames < MOST);
    CHECK(walk.reached || !now.expected);
    void *addresses[MOST];
    int found = backtrace(addresses, MOST);
    CHECK(found > 2 && found <= walk.frames + 1);
    if (now.frames < walk.frames) now.frames = walk.frames;
    now.walks++;
}

static wasm_trap_t *host(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    look();
    results->data[0] = i32_val(1);
    if (now.depth < now.deepest) {
        now.depth++;
        results->data[0] = i32_val(CALL_I32(now.again, i32_val(2)));
        now.depth--;
    }
    (void)args;
    return NULL;
}

static uint64_t more_fuel(void *env, uint64_t missing) {
    (void)env;
    look();
    return missing + 50;
}

/* Guests call the host, which calls guests, to a depth; with fuel, the library asks in the middle of loops as well. */
static __attribute__((noinline)) void run(wasmx_tier_t tier, uint32_t thresholds, bool fuel, bool tables, int deepest) {
    wasm_config_t *config = wasm_config_new();
    CHECK(wasmx_config_set_tier(config, tier));
    wasmx_config_set_tier_thresholds(config, thresholds, thresholds);
    wasmx_config_set_compile_threads(config, 0);
    wasmx_config_set_fuel(config, fuel);
    wasmx_config_set_unwind_tables(config, tables);
    wasm_engine_t *engine = wasm_engine_new_with_config(config);
    wasm_store_t *store = wasm_store_new(engine);
    if (fuel) CHECK(wasmx_store_set_fuel_callback(store, more_fuel, NULL, NULL));
    wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
    wasm_func_t *callback = host_func(store, type, host);
    wasm_instance_t *instance = INSTANCE(store, ext_tier_wasm, wasm_func_as_extern(callback));
    wasm_func_t *hosts = export_func(instance, HOSTS), *sum = export_func(instance, SUM);
    now.again = hosts, now.walks = now.frames = now.depth = 0, now.deepest = deepest, now.expected = tables;
    for (int i = 0; i < 3; i++) {
        CHECK(CALL_I32(hosts, i32_val(3)) > 0);
        CHECK_INT(CALL_I32(sum, i32_val(100)), 338350);
    }
    CHECK(now.walks >= 9);
    if (tables) CHECK(now.frames > 3 * deepest);
    wasm_func_delete(sum), wasm_func_delete(hosts);
    wasm_instance_delete(instance);
    wasm_func_delete(callback);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
}

static __attribute__((noinline)) void all(void *outermost) {
    now.outermost = outermost;
    bool compiler = getenv("MACHINE_CODE") != NULL;
    for (int fuel = 0; fuel <= 1; fuel++) {
        for (int deepest = 0; deepest <= 4; deepest += 2) {
            run(WASMX_TIER_INTERPRETER, 0, fuel, true, deepest);
            run(WASMX_TIER_TIERING, 0, fuel, true, deepest);
            run(WASMX_TIER_TIERING, 3, fuel, true, deepest);
            if (compiler) run(WASMX_TIER_EAGER, 0, fuel, true, deepest);
            if (compiler) run(WASMX_TIER_EAGER, 0, fuel, false, deepest);
        }
    }
}

static void *in_thread(void *unused) {
    (void)unused;
    all(in_thread);
    return (void *)checks_passed;
}

int main(void) {
    all(main);
    /* A thread's stack may be on either side of those that guests run on. */
    pthread_t thread;
    CHECK_INT(pthread_create(&thread, NULL, in_thread, NULL), 0);
    void *checks;
    CHECK_INT(pthread_join(thread, &checks), 0);
    CHECK((long)checks > 0);
    return done();
}
