/* Threads: a host that runs guests on several.
 *
 * The engine is shared, and so is the module: it is validated once, and each function is compiled once for all. A store
 * belongs to one thread at a time, so each thread makes its own, with an instance in it. Here four workers count primes in
 * ranges that they take from a queue. */
#include <pthread.h>
#include <stdatomic.h>

#include "example.h"

enum { WORKERS = 4, RANGES = 16, RANGE = 1000 };

typedef struct {
    wasm_engine_t *engine;
    const wasm_shared_module_t *shared;
    atomic_int next; /* range to be counted */
    int32_t counts[RANGES];
} job;

static void *work(void *argument) {
    job *j = argument;
    wasm_store_t *store = wasm_store_new(j->engine);
    wasm_module_t *module = wasm_module_obtain(store, j->shared);
    if (!module) die("taking over the module");
    wasm_instance_t *instance = instantiate(store, module, 0, NULL);
    for (int range; (range = atomic_fetch_add(&j->next, 1)) < RANGES;) {
        wasmx_raw_t values[2] = {{.i32 = range * RANGE}, {.i32 = (range + 1) * RANGE}};
        call(instance, "count_primes", values, 2);
        j->counts[range] = values[0].i32;
    }
    wasm_instance_delete(instance);
    wasm_module_delete(module);
    wasm_store_delete(store);
    return NULL;
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    /* A store just to make the module in; it can go when the module is shared. */
    wasm_store_t *store = wasm_store_new(engine);
    wasm_module_t *module = load_guest(store, "primes.wat");
    wasm_shared_module_t *shared = wasm_module_share(module);
    wasm_module_delete(module);
    wasm_store_delete(store);

    job j = {.engine = engine, .shared = shared};
    pthread_t threads[WORKERS];
    for (int i = 0; i < WORKERS; i++)
        if (pthread_create(&threads[i], NULL, work, &j) != 0) die("starting a thread");
    for (int i = 0; i < WORKERS; i++) pthread_join(threads[i], NULL);

    int32_t total = 0;
    for (int i = 0; i < RANGES; i++) {
        printf("%5d to %5d: %3" PRId32 " primes\n", i * RANGE, (i + 1) * RANGE - 1, j.counts[i]);
        total += j.counts[i];
    }
    printf("%" PRId32 " primes below %d\n", total, RANGES * RANGE);

    wasm_shared_module_delete(shared);
    wasm_engine_delete(engine);
    return 0;
}
