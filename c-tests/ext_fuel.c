/* Fuel: costs counted by hand, running out, refilling, ending, and what fails without it. */
#include "check.h"

enum { SPIN, FIB, LEFT, NAN_OF };

static long long fib_cost(int n) { return n < 2 ? 5 : 13 + fib_cost(n - 1) + fib_cost(n - 2); }

typedef struct {
    wasm_store_t *store;
    int asked, allowed, finalized;
    uint64_t gift;
} refill_t;

static uint64_t refill(void *env, uint64_t missing) {
    refill_t *r = env;
    CHECK(missing > 0);
    CHECK_INT(wasmx_store_fuel(r->store) < 4, 1);
    return r->asked++ < r->allowed ? r->gift : 0;
}

static void finalize(void *env) { ((refill_t *)env)->finalized++; }

static wasm_trap_t *left(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)args;
    results->data[0] = i64_val((int64_t)wasmx_store_fuel(env));
    return NULL;
}

int main(void) {
    wasmx_config_set_fuel(NULL, true);
    wasmx_config_set_deterministic(NULL, true);
    wasm_config_t *config = wasm_config_new();
    wasmx_config_set_fuel(config, true);
    wasmx_config_set_deterministic(config, true);
    wasm_engine_t *engine = wasm_engine_new_with_config(config);
    wasm_store_t *store = wasm_store_new(engine);
    wasm_func_t *host = host_closure(store, wasm_functype_new_0_1(wasm_valtype_new_i64()), left, store, NULL);
    wasm_instance_t *instance = INSTANCE(store, ext_fuel_wasm, wasm_func_as_extern(host));
    wasm_func_t *spin = export_func(instance, SPIN), *fib = export_func(instance, FIB);
    wasm_func_t *ask = export_func(instance, LEFT);

    CHECK_INT(wasmx_store_fuel(store), 0);
    CHECK_TRAP(CALL_TRAP(fib, 1, i32_val(3)), "all fuel consumed");
    CHECK(wasmx_store_set_fuel(store, 100000));
    CHECK_INT(CALL_I32(fib, i32_val(10)), 55);
    CHECK_INT(wasmx_store_fuel_consumed(store), fib_cost(10));
    CHECK_INT(wasmx_store_fuel(store), 100000 - fib_cost(10));
    CHECK(wasmx_store_set_fuel(store, 50));
    CHECK_INT(GET_I64(ask), 49);
    CHECK_INT(wasmx_store_fuel(store), 47);
    CHECK_TRAP(CALL_TRAP_0(spin, 0), "all fuel consumed");
    CHECK_INT(wasmx_store_fuel(store), 0);
    CHECK(wasmx_store_add_fuel(store, 10) && wasmx_store_add_fuel(store, 5));
    CHECK_INT(wasmx_store_fuel(store), 15);
    CHECK(wasmx_store_add_fuel(store, UINT64_MAX));
    CHECK(wasmx_store_fuel(store) == UINT64_MAX);
    CHECK_INT(wasmx_store_fuel_consumed(store), fib_cost(10) + 3 + 47);

    /* The engine is deterministic, too. */
    CHECK(wasmx_store_set_fuel(store, 10));
    wasm_func_t *nan_of = export_func(instance, NAN_OF);
    CHECK_INT(CALL_I64(nan_of, f64_val(0)), 0x7ff8000000000000);
    wasm_func_delete(nan_of);
    CHECK_INT(wasmx_store_fuel(store), 6);

    refill_t r = {store, 0, 3, 0, 1000}, other = {store, 0, 0, 0, 0};
    CHECK(wasmx_store_set_fuel(store, 0));
    CHECK(wasmx_store_set_fuel_callback(store, refill, &r, finalize));
    CHECK_TRAP(CALL_TRAP_0(spin, 0), "all fuel consumed");
    CHECK_INT(r.asked, 4);
    r.asked = 0, r.allowed = 1 << 30, r.gift = 1;
    CHECK_INT(CALL_I32(fib, i32_val(5)), 5);
    CHECK_INT(r.asked, fib_cost(5));
    CHECK(wasmx_store_set_fuel_callback(store, NULL, &other, finalize));
    CHECK_INT(r.finalized, 1);
    CHECK_TRAP(CALL_TRAP_0(spin, 0), "all fuel consumed");

    wasm_engine_t *plain = wasm_engine_new();
    wasm_store_t *free_store = wasm_store_new(plain);
    CHECK(!wasmx_store_set_fuel(free_store, 1) && !wasmx_store_add_fuel(free_store, 1));
    CHECK(!wasmx_store_set_fuel_callback(free_store, refill, &r, finalize));
    CHECK_INT(wasmx_store_fuel(free_store), 0);
    CHECK(!wasmx_store_set_fuel(NULL, 1) && !wasmx_store_add_fuel(NULL, 1));
    CHECK(!wasmx_store_set_fuel_callback(NULL, refill, &r, finalize));
    CHECK_INT(wasmx_store_fuel(NULL) + wasmx_store_fuel_consumed(NULL), 0);
    CHECK_INT(r.finalized, 1);
    wasm_store_delete(free_store);
    wasm_engine_delete(plain);

    wasm_func_delete(spin);
    wasm_func_delete(fib);
    wasm_func_delete(ask);
    wasm_func_delete(host);
    wasm_instance_delete(instance);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    CHECK_INT(other.finalized, 1);
    return done();
}
