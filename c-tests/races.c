/* Everything that threads may do at the same time: stores on threads of their own, which share an engine, a module whose functions are
 * compiled meanwhile, and a memory, while another thread interrupts them and reads what they count. `fuzz/tsan.sh` runs this under
 * ThreadSanitizer. */
#include <pthread.h>
#include <stdatomic.h>

#include "check.h"

#ifdef UNDER_VALGRIND
enum { THREADS = 3, ROUNDS = 12, LOOPS = 40 };
#else
enum { THREADS = 4, ROUNDS = 60, LOOPS = 300 };
#endif
enum { CALLS, COUNT, LOCKED, GROW, SPIN, SLEEP, DIVIDE, OBJECTS };

static wasm_engine_t *engine;
static wasm_shared_module_t *module;
static wasmx_shared_memory_t *memory;
static atomic_int counted, locked;

/* The interrupters of stores that wait for being stopped, one slot a thread. */
static _Atomic(wasmx_interrupter_t *) stoppable[THREADS];
static atomic_bool over;

static wasm_trap_t *add(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)env;
    results->data[0] = i32_val(args->data[0].of.i32 + 1000);
    return NULL;
}

static void call_many(const wasm_func_t *func) {
    wasm_trap_t *trap = CALL_TRAP(func, 0, i32_val(LOOPS));
    if (trap) trap_says(trap, "no trap");
    CHECK(trap == NULL);
}

typedef struct {
    wasm_store_t *store;
    wasm_instance_t *instance;
    wasm_func_t *funcs[OBJECTS + 1];
} guest;

static wasm_module_t *obtain(wasm_store_t *store, unsigned round) {
    wasm_module_t *own = wasm_module_obtain(store, module);
    CHECK(own != NULL);
    if (round % 4 == 1) {
        /* A module of the same types that nobody else has. */
        wasm_module_delete(own);
        return MODULE(store, races_wasm);
    }
    if (round % 4 == 2) {
        wasm_byte_vec_t bytes;
        wasm_module_serialize(own, &bytes);
        wasm_module_delete(own);
        own = wasm_module_deserialize(store, &bytes);
        CHECK(own != NULL);
        wasm_byte_vec_delete(&bytes);
    }
    if (round % 4 == 3) {
        wasm_shared_module_t *again = wasm_module_share(own);
        wasm_module_delete(own);
        own = wasm_module_obtain(store, again);
        wasm_shared_module_delete(again);
        CHECK(own != NULL);
    }
    return own;
}

static guest enter(unsigned round) {
    guest g = {.store = wasm_store_new(engine)};
    wasm_module_t *own = obtain(g.store, round);
    wasm_memory_t *view = wasmx_shared_memory_as_memory(memory, g.store);
    wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
    wasm_func_t *call = host_closure(g.store, type, add, NULL, NULL);
    g.instance = link_module(g.store, own, 2, (wasm_extern_t *[]){wasm_memory_as_extern(view), wasm_func_as_extern(call)});
    for (int i = 0; i <= OBJECTS; i++) g.funcs[i] = export_func(g.instance, i);
    wasm_func_delete(call);
    wasm_memory_delete(view);
    wasm_module_delete(own);
    return g;
}

static void leave(guest *g) {
    for (int i = 0; i <= OBJECTS; i++) wasm_func_delete(g->funcs[i]);
    wasm_instance_delete(g->instance);
    wasm_store_delete(g->store);
}

static void stopped(guest *g, int id, int which) {
    atomic_store(&stoppable[id], wasmx_store_interrupter(g->store));
    wasm_trap_t *trap = CALL_TRAP_0(g->funcs[which], 0);
    CHECK_INT(wasmx_trap_kind(trap), WASMX_TRAP_INTERRUPTED);
    wasm_trap_delete(trap);
    wasmx_store_clear_interrupt(g->store);
}

static void *work(void *arg) {
    int id = (int)(intptr_t)arg;
    for (unsigned round = 0; round < ROUNDS; round++) {
        guest g = enter(round + id);
        for (unsigned step = 0; step < 6; step++) {
            switch ((round * 5 + id * 3 + step * 7) % 9) {
            case 0:
            case 1: CHECK_INT(CALL_I32(g.funcs[CALLS], i32_val(LOOPS)), 1034); break;
            case 2:
                call_many(g.funcs[COUNT]);
                atomic_fetch_add(&counted, LOOPS);
                break;
            case 3:
                call_many(g.funcs[LOCKED]);
                atomic_fetch_add(&locked, LOOPS);
                break;
            case 4: CHECK_INT(GET_I32(g.funcs[GROW]), 0); break;
            case 5: stopped(&g, id, round % 2 ? SPIN : SLEEP); break;
            case 6: {
                wasm_trap_t *trap = CALL_TRAP(g.funcs[DIVIDE], 1, i32_val(20));
                wasm_frame_vec_t frames;
                wasm_trap_trace(trap, &frames);
                CHECK_INT(frames.size, 21);
                wasm_frame_vec_delete(&frames);
                CHECK_TRAP(trap, "integer divide by zero");
                break;
            }
            case 7:
                CHECK_INT(CALL_I32(g.funcs[OBJECTS], i32_val(LOOPS)), LOOPS / 2 * (LOOPS / 2 + 1));
                wasmx_store_collect(g.store);
                break;
            case 8:
                CHECK(wasmx_store_set_deadline(g.store, 2000000));
                CHECK_TRAP(CALL_TRAP_0(g.funcs[round % 2 ? SPIN : SLEEP], 0), "deadline exceeded");
                wasmx_store_clear_deadline(g.store);
                break;
            }
        }
        wasmx_stats_t stats = {.size = sizeof stats};
        CHECK(wasmx_stats(g.store, &stats));
        CHECK_INT(stats.engine_uncompiled_functions, 0);
        leave(&g);
    }
    return NULL;
}

static void *disturb(void *arg) {
    (void)arg;
    while (!atomic_load(&over))
        for (int i = 0; i < THREADS; i++) {
            wasmx_interrupter_t *interrupter = atomic_exchange(&stoppable[i], NULL);
            if (!interrupter) continue;
            wasmx_interrupter_interrupt(interrupter);
            wasmx_interrupter_delete(interrupter);
        }
    return NULL;
}

static void run(wasmx_tier_t tier) {
    wasm_config_t *config = wasm_config_new();
    bool there = wasmx_config_set_tier(config, tier);
    wasmx_config_set_tier_thresholds(config, 20, 200);
    engine = wasm_engine_new_with_config(config);
    if (!there) { /* a build without the compiler */
        wasm_engine_delete(engine);
        return;
    }
    wasm_memorytype_t *type = wasmx_memorytype_new(1, 64, true, false, true, 16);
    memory = wasmx_shared_memory_new(engine, type);
    CHECK(memory != NULL);
    wasm_memorytype_delete(type);
    wasm_store_t *store = wasm_store_new(engine);
    wasm_module_t *first = MODULE(store, races_wasm);
    module = wasm_module_share(first);
    wasm_module_delete(first);
    wasm_store_delete(store);
    atomic_store(&counted, 0), atomic_store(&locked, 0), atomic_store(&over, false);

    pthread_t threads[THREADS], other;
    CHECK(pthread_create(&other, NULL, disturb, NULL) == 0);
    for (int i = 0; i < THREADS; i++) CHECK(pthread_create(&threads[i], NULL, work, (void *)(intptr_t)i) == 0);
    for (int i = 0; i < THREADS; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    atomic_store(&over, true);
    CHECK(pthread_join(other, NULL) == 0);

    int32_t words[4];
    memcpy(words, wasmx_shared_memory_data(memory), sizeof words);
    CHECK_INT(words[0], atomic_load(&counted));
    CHECK_INT(words[1], 0);
    CHECK_INT(words[2], atomic_load(&locked));
    CHECK_INT(words[3], atomic_load(&locked));
    CHECK(words[0] > 0 && words[2] > 0);
    wasm_shared_module_delete(module);
    wasmx_shared_memory_delete(memory);
    wasm_engine_delete(engine);
}

int main(void) {
    run(WASMX_TIER_INTERPRETER);
    run(WASMX_TIER_TIERING);
    run(WASMX_TIER_EAGER);
    return done();
}
