/* Limits: how a host keeps a guest that it does not trust within bounds.
 *
 * - Memory: so many bytes, for each memory or for all of a store; a callback can decide case by case.
 * - Fuel: so many operators of code, the same on every machine. Costs a little speed, so it is switched on per engine.
 * - Time: a deadline, or an interrupt from another thread. Costs nothing.
 * - Stack: so deeply may functions call each other. */
#define _POSIX_C_SOURCE 200809L /* for nanosleep */
#include <pthread.h>
#include <time.h>

#include "example.h"

static void print_kind(wasm_trap_t *trap, wasmx_trapkind_t expected) {
    if (!trap) {
        printf("  not stopped\n");
        return;
    }
    if (wasmx_trap_kind(trap) != expected) printf("  an unexpected kind: %d\n", wasmx_trap_kind(trap));
    print_trap("  ", trap);
}

static void memory(wasm_store_t *store, wasm_instance_t *instance) {
    printf("memory: at most 1 MiB\n");
    wasmx_store_set_limit(store, WASMX_LIMIT_MEMORY_BYTES, 1 << 20);
    wasmx_raw_t values[1];
    call(instance, "grow_all", values, 1); /* by a page, until memory.grow says no */
    printf("  the guest has got %" PRId32 " pages\n", values[0].i32);
    wasmx_store_set_limit(store, WASMX_LIMIT_MEMORY_BYTES, 2 << 20);
    call(instance, "grow_all", values, 1);
    printf("  with twice as much allowed: %" PRId32 "\n", values[0].i32);
}

static bool allow(void *env, const wasmx_growth_t *growth) {
    uint64_t *budget = env;
    uint64_t more = growth->to - growth->from;
    if (growth->kind != WASMX_GROWTH_MEMORY || more > *budget) return false;
    *budget -= more;
    return true;
}

static void memory_asked(wasm_store_t *store, wasm_instance_t *instance) {
    printf("memory: the host is asked\n");
    uint64_t budget = 5 * 65536;
    wasmx_store_set_limit(store, WASMX_LIMIT_MEMORY_BYTES, UINT64_MAX);
    wasmx_store_set_growth_callback(store, allow, &budget, NULL);
    wasmx_raw_t values[1];
    call(instance, "grow_all", values, 1);
    printf("  5 pages more: %" PRId32 "\n", values[0].i32);
    wasmx_store_set_growth_callback(store, NULL, NULL, NULL);
}

static uint64_t refuel(void *env, uint64_t missing) {
    (void)missing;
    int *left = env;
    if (*left == 0) return 0;
    --*left;
    return 10000;
}

static void fuel(wasm_store_t *store, wasm_instance_t *instance) {
    printf("fuel\n");
    wasmx_store_set_fuel(store, 10000);
    wasmx_raw_t values[1] = {{.i32 = 100}};
    call(instance, "sum", values, 1);
    printf("  the sum to 100 takes %" PRIu64 " units\n", 10000 - wasmx_store_fuel(store));
    print_kind(try_call(instance, "spin", NULL, 0), WASMX_TRAP_OUT_OF_FUEL);
    int left = 3;
    wasmx_store_set_fuel_callback(store, refuel, &left, NULL); /* the host could also do other work here */
    print_kind(try_call(instance, "spin", NULL, 0), WASMX_TRAP_OUT_OF_FUEL);
    printf("  after the tank was filled %d times\n", 3 - left);
    wasmx_store_set_fuel_callback(store, NULL, NULL, NULL);
    wasmx_store_set_fuel(store, UINT64_MAX);
}

static void deadline(wasm_store_t *store, wasm_instance_t *instance) {
    printf("time: 20 milliseconds\n");
    wasmx_store_set_deadline(store, 20 * 1000000);
    print_kind(try_call(instance, "spin", NULL, 0), WASMX_TRAP_DEADLINE);
    wasmx_store_clear_deadline(store); /* for a guest that has come back in time */
}

/* The user has closed the window: stops the guest from another thread. */
static void *cancel(void *interrupter) {
    nanosleep(&(struct timespec){.tv_nsec = 20 * 1000000}, NULL);
    wasmx_interrupter_interrupt(interrupter);
    return NULL;
}

static void interrupt(wasm_store_t *store, wasm_instance_t *instance) {
    printf("time: until another thread says so\n");
    wasmx_interrupter_t *interrupter = wasmx_store_interrupter(store);
    pthread_t thread;
    if (pthread_create(&thread, NULL, cancel, interrupter) != 0) die("starting a thread");
    print_kind(try_call(instance, "spin", NULL, 0), WASMX_TRAP_INTERRUPTED);
    pthread_join(thread, NULL);
    wasmx_interrupter_delete(interrupter);
}

static void stack(wasm_instance_t *instance) {
    printf("stack: 64 KiB\n");
    wasmx_raw_t values[1] = {{.i32 = 100}};
    call(instance, "depth", values, 1);
    printf("  %" PRId32 " calls deep\n", values[0].i32);
    values[0].i32 = 100000;
    print_kind(try_call(instance, "depth", values, 1), WASMX_TRAP_STACK_OVERFLOW);
}

int main(void) {
    wasm_config_t *config = wasm_config_new();
    wasmx_config_set_fuel(config, true);
    wasmx_config_set_limit(config, WASMX_LIMIT_STACK_BYTES, 64 << 10);
    wasm_engine_t *engine = wasm_engine_new_with_config(config); /* takes over the configuration */
    wasm_store_t *store = wasm_store_new(engine);
    wasmx_store_set_fuel(store, UINT64_MAX);
    wasm_module_t *module = load_guest(store, "limits.wat");
    wasm_instance_t *instance = instantiate(store, module, 0, NULL);

    memory(store, instance);
    memory_asked(store, instance);
    fuel(store, instance);
    deadline(store, instance);
    interrupt(store, instance);
    stack(instance);

    wasm_instance_delete(instance);
    wasm_module_delete(module);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return 0;
}
